package avdaily.restore;

import avdaily.base.Failure;
import avdaily.base.Reason;
import avdaily.base.ResourceFolder;
import avdaily.sql.DottedName;
import avdaily.sql.TablePattern;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A file of lines such as {@code include table orders}, in the form of pg_dump's {@code --filter}. */
public record FilterFile(
        List<TablePattern> tables, List<String> schemas, List<TablePattern> without, List<TablePattern> withoutRows) {
    public static final FilterFile NONE = new FilterFile(List.of(), List.of(), List.of(), List.of());

    private static final Pattern LINE = Pattern.compile("(include|exclude)\\s+(\\w+)\\s+(\\S.*)");

    /** @throws Failure (2) if it cannot be read, or a line is none of these */
    public static FilterFile read(Path file) {
        FilterFile filter = new FilterFile(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        try {
            ResourceFolder.refuseTooLarge(file);
            List<String> lines = Files.readAllLines(file);
            for (int i = 0; i < lines.size(); i++) {
                String line = lines.get(i).strip();
                if (!line.isEmpty() && !line.startsWith("#")) filter.add(line, file + ", line " + (i + 1));
            }
        } catch (IOException e) {
            throw Failure.usage("the filter " + file + " cannot be read: " + Reason.of(e), "name a file of text.");
        }
        return filter;
    }

    private void add(String line, String place) {
        Matcher m = LINE.matcher(line);
        String what = m.matches() ? m.group(1) + " " + m.group(2) : "";
        String pattern = m.matches() ? m.group(3).strip() : "";
        switch (what) {
            case "include table", "include table_and_children" -> tables.add(new TablePattern(pattern));
            case "include schema" -> schemas.add(DottedName.unquoted(pattern));
            case "exclude table", "exclude table_and_children" -> without.add(new TablePattern(pattern));
            case "exclude schema" -> without.add(new TablePattern(pattern + ".*"));
            case "exclude table_data", "exclude table_data_and_children" -> withoutRows.add(new TablePattern(pattern));
            default ->
                throw Failure.usage(
                        place + ": it is not understood: " + line,
                        "lines are 'include table|schema PATTERN' or 'exclude table|table_data|schema PATTERN'.");
        }
    }
}
