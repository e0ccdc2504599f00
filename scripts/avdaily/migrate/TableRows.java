package avdaily.migrate;

import avdaily.base.SqlResource;
import avdaily.db.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The rows of a scratch database: the values of each table, column by column. Rows may move from one table to another
 * if both are partitions of one.
 */
final class TableRows {
    private static final String COLUMNS = SqlResource.of(TableRows.class, "table-rows.sql");

    /**
     * A table that has rows itself.
     *
     * @param root the table whose partition it is, else itself
     * @param columns their types, by name
     * @param values without nulls, by column
     */
    private record Table(
            String name, String root, long rows, Map<String, String> columns, Map<String, List<String>> values) {}

    /** What became of rows and values; nothing if all are there. */
    record Losses(Set<String> lost, Map<String, String> changed) {
        /** Without columns that are named in others. */
        Losses without(Losses others) {
            Set<String> otherLost = new TreeSet<>(lost);
            otherLost.removeAll(others.lost);
            otherLost.removeAll(others.changed.keySet());
            Map<String, String> otherChanged = new TreeMap<>(changed);
            otherChanged.keySet().removeAll(others.changed.keySet());
            return new Losses(otherLost, otherChanged);
        }
    }

    private final Map<String, Table> tables;
    private final Set<String> names;

    private TableRows(Map<String, Table> tables, Set<String> names) {
        this.tables = tables;
        this.names = names;
    }

    static TableRows of(Connection c) throws SQLException {
        Map<String, Table> found = new LinkedHashMap<>();
        Set<String> names = new TreeSet<>();
        Database.list(c, COLUMNS, row -> {
            String name = row.getString(1);
            names.add(name);
            String root = row.getString(2);
            if (root == null) return null;
            Table table = found.computeIfAbsent(name, n -> empty(n, root));
            return row.getString(3) == null ? null : table.columns.put(row.getString(3), row.getString(4));
        });
        Map<String, Table> tables = new LinkedHashMap<>();
        for (Table table : found.values()) tables.put(table.name, filled(c, table));
        return new TableRows(tables, names);
    }

    private static Table empty(String name, String root) {
        return new Table(name, root, 0, new LinkedHashMap<>(), new LinkedHashMap<>());
    }

    private static Table filled(Connection c, Table table) throws SQLException {
        StringBuilder query = new StringBuilder("SELECT count(*)");
        for (String column : table.columns.keySet())
            query.append(", array_agg(" + column + "::text) FILTER (WHERE " + column + "::text IS NOT NULL)");
        return Database.list(c, query + " FROM ONLY " + table.name, row -> {
                    Map<String, List<String>> values = new LinkedHashMap<>();
                    int at = 2;
                    for (String column : table.columns.keySet()) {
                        var array = row.getArray(at++);
                        values.put(column, array == null ? List.of() : List.of((String[]) array.getArray()));
                    }
                    return new Table(table.name, table.root, row.getLong(1), table.columns, values);
                })
                .get(0);
    }

    /** What is gone in {@code after}, of tables and columns that are still there; both are of one database. */
    Losses lostUntil(TableRows after, Connection c) throws SQLException {
        Losses losses = new Losses(new TreeSet<>(), new TreeMap<>());
        Set<String> roots = new TreeSet<>();
        tables.values().forEach(table -> roots.add(table.root));
        for (String root : roots) {
            List<Table> sources = tables.values().stream()
                    .filter(table -> table.root.equals(root) && after.names.contains(table.name))
                    .toList();
            List<Table> targets = after.tables.values().stream()
                    .filter(table -> isTarget(table, root, sources))
                    .toList();
            if (rows(sources) > rows(targets)) losses.lost.add("rows of " + root);
            for (String column : columns(sources)) compare(root, column, sources, targets, losses, c);
        }
        return losses;
    }

    private boolean isTarget(Table after, String root, List<Table> sources) {
        Table before = tables.get(after.name);
        return after.root.equals(root)
                || before != null && before.root.equals(root)
                || sources.stream().anyMatch(source -> source.name.equals(after.root));
    }

    private static long rows(List<Table> tables) {
        return tables.stream().mapToLong(Table::rows).sum();
    }

    private static Set<String> columns(List<Table> tables) {
        Set<String> columns = new TreeSet<>();
        tables.forEach(table -> columns.addAll(table.columns.keySet()));
        return columns;
    }

    private static List<String> values(List<Table> tables, String column) {
        return tables.stream()
                .flatMap(table -> table.values.getOrDefault(column, List.of()).stream())
                .toList();
    }

    private static Optional<String> type(List<Table> tables, String column) {
        return tables.stream()
                .flatMap(table -> Stream.ofNullable(table.columns.get(column)))
                .findFirst();
    }

    private static void compare(
            String root, String column, List<Table> sources, List<Table> targets, Losses losses, Connection c)
            throws SQLException {
        Optional<String> type = type(targets, column);
        if (type.isEmpty()) return;
        String was = type(sources, column).orElseThrow();
        List<String> before = values(sources, column);
        List<String> after = values(targets, column);
        List<String> gone = missing(before, after);
        if (!gone.isEmpty() && !was.equals(type.get())) gone = missing(before, cast(after, was, c));
        if (gone.isEmpty()) return;
        String name = root + "." + column;
        if (was.equals(type.get()) || after.size() < before.size()) losses.lost.add("values of " + name);
        else losses.changed.put("values of " + name, was + " to " + type.get() + ", such as " + gone.get(0));
    }

    /** What {@code before} has and {@code after} has not, each as often as it is there. */
    private static List<String> missing(List<String> before, List<String> after) {
        List<String> left = new ArrayList<>(after);
        return before.stream().filter(value -> !left.remove(value)).toList();
    }

    /** The values as those of another type; as they are if they cannot be such. */
    private static List<String> cast(List<String> values, String type, Connection c) throws SQLException {
        try {
            return Database.list(
                    c, "SELECT v::" + type + "::text FROM unnest(?::text[]) v", row -> row.getString(1), (Object)
                            values.toArray(String[]::new));
        } catch (SQLException e) {
            return values;
        }
    }
}
