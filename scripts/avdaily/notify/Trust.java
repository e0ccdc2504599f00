package avdaily.notify;

import avdaily.base.Settings;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How far the file is trusted that says whom to tell. One that was only found in the folder may be somebody else's, and
 * jobs never ask: it runs no command and calls no address but those that the process has in its variables.
 */
record Trust(Settings settings) {
    private static final String ALLOWED = "DB_NOTIFY_ALLOW";
    private static final Pattern VARIABLE = Pattern.compile("\\$(?:([A-Za-z_]\\w*)|\\{([A-Za-z_]\\w*)})");

    /** A refusal that is no reason to fail: it is said, and the job goes on. */
    static final class Undelivered extends Exception {
        private static final long serialVersionUID = 1;

        Undelivered(String why) {
            super(why);
        }
    }

    static boolean isVariable(String text) {
        return VARIABLE.matcher(text).matches();
    }

    /** The address that the file writes itself, or leaves to a variable. */
    String address(String text) throws Undelivered {
        Matcher variable = VARIABLE.matcher(text);
        if (!variable.matches()) {
            mustBelieveTheFile("the address");
            return text;
        }
        String name = variable.group(1) == null ? variable.group(2) : variable.group(1);
        Optional<Settings.Value> value =
                settings.secret(name).filter(set -> !set.text().isEmpty());
        if (value.isEmpty()) throw new Undelivered(name + " is not set");
        if (settings.isFound(value.get())) mustBelieveTheFile("the address, from a file of variables,");
        return value.get().text();
    }

    void mustBelieveTheFile(String what) throws Undelivered {
        if (settings.project().isFound() && !settings.isOn(ALLOWED))
            throw new Undelivered(what + " stands in a file that was found in the folder; name the project's file "
                    + "(--config, AVDAILY_CONFIG), or set " + ALLOWED + "=1 in the process");
    }
}
