package avdaily.base;

import java.util.List;

/**
 * One run of a command, as far as engines may know it.
 *
 * @param program the script's name, as in "avdaily-migrate"
 * @param arguments the words after it, as they were typed
 * @param assumeYes whether {@code --yes} answers the questions
 */
public record Invocation(String program, List<String> arguments, boolean assumeYes, Out out, Settings settings) {
    /** The collection's version, which backups and reports name. */
    public static final String VERSION = "0.1.0";
}
