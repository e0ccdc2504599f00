package avdaily.migrate;

import java.util.ArrayList;
import java.util.List;

/**
 * A table's DDL as its columns and constraints, whatever their order. A line break within a text or a name ends none of
 * them.
 */
final class TableLines {
    private TableLines() {}

    static List<String> of(String ddl) {
        List<String> lines = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < ddl.length(); i++) {
            char c = ddl.charAt(i);
            if (c == '\'' || c == '"') i = end(ddl, i, c);
            else if (c == '\n') {
                lines.add(line(ddl, start, i));
                start = i + 1;
            }
        }
        lines.add(line(ddl, start, ddl.length()));
        return lines.stream().sorted().toList();
    }

    private static String line(String ddl, int start, int end) {
        boolean hasComma = end > start && ddl.charAt(end - 1) == ',';
        return ddl.substring(start, hasComma ? end - 1 : end);
    }

    /** Where what a quote opens is closed; a backslash takes the next letter along in a text that begins with E. */
    private static int end(String ddl, int open, char quote) {
        boolean hasEscapes = quote == '\'' && open > 0 && ddl.charAt(open - 1) == 'E';
        for (int i = open + 1; i < ddl.length(); i++) {
            if (hasEscapes && ddl.charAt(i) == '\\') i++;
            else if (ddl.charAt(i) == quote) return i; // a doubled quote opens the next part
        }
        return ddl.length();
    }
}
