package avdaily.sql;

import java.util.regex.Pattern;

/**
 * A pattern of names of tables, as in {@code audit_log} or {@code public.event_*}: {@code *} and {@code ?} stand for
 * letters. Without a schema it is one for tables of any schema.
 */
public record TablePattern(String text) {
    /** @param table with its schema, without quotes */
    public boolean matches(String table) {
        String regex = Pattern.quote(text).replace("*", "\\E.*\\Q").replace("?", "\\E.\\Q");
        return table.matches("(?s)" + (text.contains(".") ? regex : "[^.]*\\." + regex));
    }
}
