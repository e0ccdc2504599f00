package avdaily.restore;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a session reads and shows dates. The driver ends a session that says that it shows them in another style than
 * ISO; the order of day, month and year, by which dates are read, may be any.
 *
 * @param value as in {@code German, DMY}
 */
record DateStyle(String value) {
    private static final Pattern SET = Pattern.compile("(?is)SET\\s+DateStyle\\s*(?:=|TO)\\s*'([^'\\\\]*)'");
    private static final Pattern OTHER_STYLE = Pattern.compile("\\b(?:sql|postgres|german)\\b");
    private static final Pattern ORDER = Pattern.compile("\\b(?:dmy|mdy|ymd|euro\\w*|us|noneuro\\w*)\\b");

    static DateStyle setBy(String statement) {
        Matcher set = SET.matcher(statement);
        return new DateStyle(set.matches() ? set.group(1) : "ISO");
    }

    /** The statement that sets the same order and the style that the driver takes. */
    String isoStatement() {
        String words = value.toLowerCase(Locale.ROOT);
        Matcher order = ORDER.matcher(words);
        String given = order.find() ? ", " + order.group() : words.contains("german") ? ", DMY" : "";
        return "SET DateStyle = 'ISO" + given + "'";
    }

    /**
     * A statement that runs in this style. The server tells the driver of a setting at the end of a round trip only,
     * and then it is the driver's again.
     */
    String around(String statement) {
        return OTHER_STYLE.matcher(value.toLowerCase(Locale.ROOT)).find()
                ? "SET DateStyle = '" + value + "'; " + statement + "; " + isoStatement()
                : statement;
    }
}
