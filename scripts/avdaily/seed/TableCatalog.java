package avdaily.seed;

import avdaily.base.SqlResource;
import avdaily.db.Database;
import avdaily.sql.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What the database says about its tables, as far as seeding needs it. */
public final class TableCatalog {
    /**
     * A column.
     *
     * @param base the type beneath, where {@code type} is a domain
     * @param target the table that its foreign key leads to, or null
     */
    public record Column(String name, String type, String base, boolean generated, String target) {
        boolean isJson() {
            return base.equals("json") || base.equals("jsonb");
        }
    }

    /** Any foreign key, also one of several columns or one that leads to another key than the primary. */
    private record ForeignKey(Set<String> columns, String target) {}

    /** A table; {@code id} is its primary key where that is one column, or null. */
    public record Table(String name, Map<String, Column> columns, Column id, List<List<String>> uniques) {
        String sql() {
            return Sql.quoted(name);
        }
    }

    private final Map<String, Table> tables = new HashMap<>();
    private final Map<String, List<ForeignKey>> foreignKeys = new HashMap<>();
    private final Map<String, List<String>> referrers = new HashMap<>();

    /** What the database says now about the tables that the search path shows. */
    public static TableCatalog of(Connection c) throws SQLException {
        TableCatalog catalog = new TableCatalog();
        catalog.readTables(c);
        catalog.readForeignKeys(c);
        catalog.readReferrers(c);
        return catalog;
    }

    private void readTables(Connection c) throws SQLException {
        Map<String, Map<String, Column>> columns = readColumns(c);
        Map<String, List<List<String>>> uniques = new HashMap<>();
        Map<String, List<String>> primary = new HashMap<>();
        Database.list(c, query("table-keys.sql"), row -> {
            List<String> names = List.of((String[]) row.getArray(3).getArray());
            if (row.getBoolean(2)) primary.put(row.getString(1), names);
            else
                uniques.computeIfAbsent(row.getString(1), t -> new ArrayList<>())
                        .add(names);
            return null;
        });
        for (Map.Entry<String, Map<String, Column>> table : columns.entrySet()) {
            String name = table.getKey();
            List<String> key = primary.getOrDefault(name, List.of());
            Column id = key.size() == 1 ? table.getValue().get(key.get(0)) : null;
            List<List<String>> keys = uniques.getOrDefault(name, key.isEmpty() ? List.of() : List.of(key));
            tables.put(name, new Table(name, table.getValue(), id, keys));
        }
    }

    private static Map<String, Map<String, Column>> readColumns(Connection c) throws SQLException {
        Map<String, Map<String, Column>> columns = new LinkedHashMap<>();
        Database.list(c, query("table-columns.sql"), row -> columns.computeIfAbsent(
                        row.getString(1), t -> new LinkedHashMap<>())
                .put(
                        row.getString(2),
                        new Column(
                                row.getString(2),
                                row.getString(3),
                                row.getString(4),
                                row.getBoolean(5),
                                row.getString(6))));
        return columns;
    }

    private void readForeignKeys(Connection c) throws SQLException {
        Database.list(c, query("foreign-keys.sql"), row -> foreignKeys
                .computeIfAbsent(row.getString(1), t -> new ArrayList<>())
                .add(new ForeignKey(Set.of((String[]) row.getArray(3).getArray()), row.getString(2))));
    }

    private void readReferrers(Connection c) throws SQLException {
        Database.list(c, query("referrers.sql"), row -> referrers
                .computeIfAbsent(row.getString(1), t -> new ArrayList<>())
                .add(row.getString(2)));
    }

    private static String query(String name) {
        return SqlResource.of(TableCatalog.class, name);
    }

    /**
     * For each foreign key that leads to the table: "referrer r WHERE r.column = " + "t.column", and {@code r} is
     * another row.
     */
    List<String> referrers(String table) {
        return referrers.getOrDefault(table, List.of());
    }

    List<String> names() {
        return tables.keySet().stream().sorted().toList();
    }

    public Optional<Table> find(String name) {
        return Optional.ofNullable(tables.get(name));
    }

    /** The tables that must be there first for rows of this one that have these columns. */
    Set<String> before(String table, Set<String> columns) {
        return foreignKeys.getOrDefault(table, List.of()).stream()
                .filter(key -> columns.containsAll(key.columns))
                .map(ForeignKey::target)
                .collect(Collectors.toSet());
    }

    /** The tables, and all that refer to them, directly or not. */
    public Set<String> withReferrers(Set<String> names) {
        Map<String, Set<String>> tablesBelow = new HashMap<>();
        foreignKeys.forEach((table, keys) -> keys.forEach(key ->
                tablesBelow.computeIfAbsent(key.target, t -> new TreeSet<>()).add(table)));
        Set<String> all = new LinkedHashSet<>();
        List<String> next = new ArrayList<>(names);
        while (!next.isEmpty()) {
            String name = next.remove(0);
            if (tables.containsKey(name) && all.add(name)) next.addAll(tablesBelow.getOrDefault(name, Set.of()));
        }
        return all;
    }
}
