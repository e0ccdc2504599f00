package avdaily.base;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;

/**
 * One run of a command, as far as engines may know it.
 *
 * @param program the script's name, as in "avdaily-migrate"
 * @param arguments the words after it, as they were typed
 * @param assumeYes whether {@code --yes} answers the questions
 * @param agreed the environment of the one database of many for which a person at the terminal has agreed already
 */
public record Invocation(
        String program,
        List<String> arguments,
        boolean assumeYes,
        Out out,
        Settings settings,
        Optional<String> agreed) {
    /** The collection's version, which backups and reports name. */
    public static final String VERSION = "0.1.0";

    public Invocation(String program, List<String> arguments, boolean assumeYes, Out out, Settings settings) {
        this(program, arguments, assumeYes, out, settings, Optional.empty());
    }

    /** The machine's name, as the log and notices tell it. */
    public static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "unknown";
        }
    }

    /** Whether somebody is there who answers, or has answered. */
    public boolean isAttended() {
        return agreed.isPresent() || out.isInteractive();
    }
}
