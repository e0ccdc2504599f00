package avdaily.base;

import java.util.regex.Pattern;

/**
 * Text that holds what others wrote (names, rows, files), made fit to be looked at: nothing in it moves a cursor, turns
 * the direction of writing, begins a line of its own or commands the system that runs the job. What would do so shows
 * as its code.
 */
public final class Visible {
    /** Controls, lone halves of characters, and what turns the direction of writing. The tab does no harm. */
    private static final Pattern HIDDEN = Pattern.compile("[\\p{Cc}&&[^\\t]]|\\p{Cs}|[\\uFFFE\\uFFFF\\u2028\\u2029]"
            + "|[\\u061C\\u200E\\u200F\\u202A-\\u202E\\u2066-\\u2069]");

    /** What GitHub, Azure and TeamCity take for a command: the one at the begin of a line, the other anywhere. */
    private static final Pattern COMMAND = Pattern.compile("(?m)^(\\h*):(?=:)");

    private static final Pattern INNER_COMMAND = Pattern.compile("#(?=#\\w*\\[)");

    /** On one line. */
    public static String line(String text) {
        return withoutCommands(HIDDEN.matcher(text).replaceAll(found -> code(found.group())));
    }

    /** Lines stay lines. */
    public static String lines(String text) {
        return withoutCommands(controls(text));
    }

    /** Lines stay lines, and commands to the system that runs the job stay ones: for those that we mean. */
    static String controls(String text) {
        return HIDDEN.matcher(text).replaceAll(found -> found.group().equals("\n") ? "\n" : code(found.group()));
    }

    private static String withoutCommands(String text) {
        String first = COMMAND.matcher(text).replaceAll("$1\\\\u003a");
        return INNER_COMMAND.matcher(first).replaceAll("\\\\u0023");
    }

    private static String code(String character) {
        return switch (character) {
            case "\n" -> "\\\\n";
            case "\r" -> "\\\\r";
            default -> String.format("\\\\u%04x", (int) character.charAt(0));
        };
    }

    private Visible() {}
}
