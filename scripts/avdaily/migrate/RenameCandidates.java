package avdaily.migrate;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Pairs of one thing that goes and one alike that comes. A comparison cannot know that both are one thing that is
 * renamed, so people must look.
 */
final class RenameCandidates {
    private record Column(String name, String rest) {}

    /** A warning for each pair of tables and of columns. */
    static List<String> of(Drift changes) {
        List<String> warnings = new ArrayList<>();
        for (Drift.Change gone : changes.changes())
            for (Drift.Change come : changes.changes())
                if (isTable(gone, Drift.How.MISSING) && isTable(come, Drift.How.EXTRA) && isAlike(gone, come))
                    warnings.add("table " + gone.identity() + " is dropped and " + come.identity()
                            + " made, with the same columns: perhaps it was renamed");
        for (Drift.Change change : changes.changes())
            if (isTable(change, Drift.How.CHANGED)) addColumns(warnings, change);
        return warnings;
    }

    private static boolean isTable(Drift.Change change, Drift.How how) {
        return change.how() == how && change.kind().equals("TABLE");
    }

    private static boolean isAlike(Drift.Change gone, Drift.Change come) {
        return unsigned(gone)
                .map(line -> line.replace(gone.identity(), come.identity()))
                .toList()
                .equals(unsigned(come).toList());
    }

    /** The lines of the definition without the '-' or '+' before them. */
    private static Stream<String> unsigned(Drift.Change change) {
        return change.lines().stream().map(line -> line.substring(1));
    }

    private static void addColumns(List<String> warnings, Drift.Change table) {
        List<Column> before = columns(table, '-');
        List<Column> after = columns(table, '+');
        for (Column gone : before)
            for (Column come : after)
                if (gone.rest.equals(come.rest) && !has(after, gone.name) && !has(before, come.name))
                    warnings.add("column " + table.identity() + "." + gone.name + " is dropped and " + come.name
                            + " added, of the same type: perhaps it was renamed");
    }

    private static boolean has(List<Column> columns, String name) {
        return columns.stream().anyMatch(column -> column.name.equals(name));
    }

    private static List<Column> columns(Drift.Change table, char sign) {
        Pattern column = Pattern.compile("[" + sign + "] {4}(\"(?:[^\"]|\"\")+\"|\\w+) (.+?),?");
        return table.lines().stream()
                .map(column::matcher)
                .filter(Matcher::matches)
                .filter(m -> !m.group(1).equals("CONSTRAINT"))
                .map(m -> new Column(m.group(1), m.group(2)))
                .toList();
    }

    private RenameCandidates() {}
}
