package avdaily.sql;

import avdaily.base.Failure;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a file's own statements make of {@code standard_conforming_strings}, which decides whether a backslash hides a
 * quote. A file that changes it behind the reader's back could hide a statement in a string.
 */
final class StandardStrings {
    private static final Pattern SET = Pattern.compile("(?is)SET\\s+(?:SESSION\\s+|LOCAL\\s+)?"
            + "standard_conforming_strings\\s*(?:=|TO)\\s*'?(on|off|true|false)'?");
    private static final Pattern OTHERWISE =
            Pattern.compile("(?is)(?:SET|RESET|SELECT)\\b.*standard_conforming_strings.*");

    private boolean isOn = true;

    /**
     * Whether a backslash hides a quote in a string.
     *
     * @param prefix the letter before it, a small one; empty if it has none
     */
    boolean haveBackslashes(String prefix) {
        return switch (prefix) {
            case "e" -> true;
            case "", "n" -> !isOn;
            default -> false;
        };
    }

    /** Obeys the statement if it says what they are from now on, and nothing else; returns whether it does. */
    boolean obey(String statement) {
        Matcher set = SET.matcher(statement);
        if (set.matches()) isOn = set.group(1).matches("(?i)on|true");
        return set.matches();
    }

    /** @throws Failure (24) if the statement changes it in a way that the server alone understands */
    void follow(String statement, long line) {
        if (!obey(statement) && OTHERWISE.matcher(statement).matches()) throw unclear(line);
    }

    /** @throws Failure (24) if the server says another thing */
    void verify(boolean onServer, long line) {
        if (onServer != isOn) throw unclear(line);
    }

    private static Failure unclear(long line) {
        return ByteScanner.damaged(
                line,
                "standard_conforming_strings is changed by something else than SET standard_conforming_strings = on "
                        + "or off, so that it is not clear where a string ends",
                "nothing was changed; use a dump that pg_dump wrote.");
    }
}
