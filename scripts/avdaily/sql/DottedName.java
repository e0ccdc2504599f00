package avdaily.sql;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A name with its schema, both unquoted. Its text is {@code schema.name}, in which a part that holds a dot itself is
 * quoted, so that no two tables have one text.
 *
 * @param schema empty if it is not known
 */
public record DottedName(String schema, String name) {
    private static final Pattern TEXT = Pattern.compile("(?s)(\"(?:[^\"]|\"\")*+\"|[^\".][^.]*)\\.(.*)");

    /** @param text such a one, or the name as SQL has it */
    public static DottedName of(String text) {
        Matcher parts = TEXT.matcher(text);
        return parts.matches()
                ? new DottedName(unquoted(parts.group(1)), unquoted(parts.group(2)))
                : new DottedName("", unquoted(text));
    }

    /** What stands between quotes, if the text is quoted, or the text. */
    public static String unquoted(String text) {
        return isQuoted(text) ? text.substring(1, text.length() - 1).replace("\"\"", "\"") : text;
    }

    static boolean isQuoted(String text) {
        return text.matches("(?s)\"(?:[^\"]|\"\")++\"");
    }

    private static String text(String part) {
        return part.contains(".") || part.startsWith("\"") ? Sql.quoted(part) : part;
    }

    /** As SQL wants it. */
    public String quoted() {
        return schema.isEmpty() ? Sql.quoted(name) : Sql.quoted(schema) + "." + Sql.quoted(name);
    }

    @Override
    public String toString() {
        return schema.isEmpty() ? text(name) : text(schema) + "." + text(name);
    }
}
