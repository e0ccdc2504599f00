package avdaily.seed;

import avdaily.sql.Sql;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What tells the rows of a table apart: a primary or unique key, or a unique index.
 *
 * @param columns those that it is made of
 * @param expressions what is unique in place of the columns themselves; empty if they are
 * @param predicate the rows among which it is unique; null for all
 */
record TableKey(List<String> columns, List<String> expressions, String predicate) {
    /** Of columns that no index makes unique. */
    static TableKey of(List<String> columns) {
        return new TableKey(columns, List.of(), null);
    }

    boolean isOf(List<String> names) {
        return Set.copyOf(columns).equals(Set.copyOf(names));
    }

    boolean isPlain() {
        return expressions.isEmpty() && predicate == null;
    }

    /**
     * Whether a row {@code t} of the table and an incoming row {@code i} have the same key.
     *
     * @param table the table as SQL names it
     * @param nullable columns in which nothing is the same as nothing
     */
    String matches(String table, Set<String> nullable) {
        String same = expressions.isEmpty()
                ? columns.stream().map(column -> same(column, nullable)).collect(Collectors.joining(" AND "))
                : expressions.stream().map(this::same).collect(Collectors.joining(" AND "));
        return predicate == null
                ? same
                : same + " AND (t.tableoid, t.ctid) IN (SELECT tableoid, ctid FROM " + table + " WHERE " + predicate
                        + ")";
    }

    private static String same(String column, Set<String> nullable) {
        String name = Sql.quoted(column);
        String equal = "t." + name + " = i." + name;
        return nullable.contains(column)
                ? "(" + equal + " OR t." + name + " IS NULL AND i." + name + " IS NULL)"
                : equal;
    }

    private String same(String expression) {
        return of("t.", expression) + " = " + of("i.", expression);
    }

    /** The expression's columns have no table's name before them: they are those of the inner query. */
    private String of(String row, String expression) {
        String names = columns.stream().map(column -> row + Sql.quoted(column)).collect(Collectors.joining(", "));
        return "(SELECT " + expression + " FROM (SELECT " + names + ") e)";
    }
}
