package avdaily.sql;

import java.util.regex.Pattern;

/**
 * A pattern of names of tables, as in {@code audit_log} or {@code public.event_*}: {@code *} and {@code ?} stand for
 * letters, but not in what is quoted. Without a schema it is one for tables of any schema.
 */
public record TablePattern(String text) {
    public boolean matches(DottedName table) {
        boolean isName = !text.contains(".") || DottedName.isQuoted(text);
        if (isName) return matches(text, table.name());
        for (int dot = text.indexOf('.'); dot >= 0; dot = text.indexOf('.', dot + 1))
            if (matches(text.substring(0, dot), table.schema()) && matches(text.substring(dot + 1), table.name()))
                return true;
        return false;
    }

    private static boolean matches(String pattern, String name) {
        if (DottedName.isQuoted(pattern)) return DottedName.unquoted(pattern).equals(name);
        return name.matches("(?s)" + Pattern.quote(pattern).replace("*", "\\E.*\\Q").replace("?", "\\E.\\Q"));
    }
}
