package avdaily.seed;

import avdaily.base.Failure;
import avdaily.base.SqlResource;
import avdaily.db.Database;
import avdaily.db.ForeignCode;
import avdaily.sql.Sql;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the database says about its tables, as far as seeding needs it. A table that the search path does not show is
 * called by its schema too.
 */
public final class TableCatalog {
    /**
     * A column.
     *
     * @param base the type beneath, where {@code type} is a domain
     * @param target the table that its foreign key leads to, or null
     * @param isFilled the database has a value for it if nobody gives one
     * @param isAlwaysIdentity a value of one's own has to override the system's
     * @param isComparable its type knows when two values are the same
     * @param sequence the one that fills it, as SQL names it, or null
     */
    public record Column(
            String name,
            String type,
            String base,
            boolean generated,
            String target,
            boolean isNullable,
            boolean isFilled,
            boolean isAlwaysIdentity,
            boolean isComparable,
            String sequence) {
        boolean isJson() {
            return base.equals("json") || base.equals("jsonb");
        }
    }

    /** Any foreign key, also one of several columns or one that leads to another key than the primary. */
    record ForeignKey(Set<String> columns, String target, boolean isDeferrable) {}

    /** Where a table lies. */
    private record Place(String schema, String relation, boolean isVisible, boolean hasTriggers) {
        String name() {
            return isVisible ? relation : schema + "." + relation;
        }
    }

    /**
     * A table.
     *
     * @param name as files and messages call it
     * @param id its primary key where that is one column, or null
     * @param uniques the keys by which its rows may be recognised
     * @param keys all of its keys
     * @param hasTriggers whether what is written may become something else
     */
    public record Table(
            String schema,
            String relation,
            String name,
            Map<String, Column> columns,
            Column id,
            List<List<String>> uniques,
            List<TableKey> keys,
            boolean hasTriggers) {
        public String sql() {
            return Sql.quoted(schema) + "." + Sql.quoted(relation);
        }

        /** The columns of each of its keys. */
        public List<List<String>> keyColumns() {
            return keys.stream().map(TableKey::columns).distinct().toList();
        }

        boolean isVisible() {
            return name.equals(relation);
        }

        /** The key of these columns; a plain one before one of some rows, and that before one of expressions. */
        TableKey key(List<String> names) {
            return keys.stream()
                    .filter(key -> key.isOf(names))
                    .min(Comparator.comparing((TableKey key) -> !key.isPlain())
                            .thenComparing(key -> !key.expressions().isEmpty()))
                    .orElse(TableKey.of(names));
        }
    }

    private final Map<Long, Place> places = new HashMap<>();
    private final Map<String, Table> tables = new HashMap<>();
    /** By schema and name: a name may have a dot in it. */
    private final Map<List<String>, Table> exact = new HashMap<>();

    private final Map<String, List<ForeignKey>> foreignKeys = new HashMap<>();
    private final Map<String, List<String>> referrers = new HashMap<>();

    /** What the database says now about its tables. */
    public static TableCatalog of(Connection c) throws SQLException {
        TableCatalog catalog = new TableCatalog();
        catalog.readTables(c);
        catalog.readForeignKeys(c);
        catalog.readReferrers(c);
        return catalog;
    }

    private void readTables(Connection c) throws SQLException {
        Map<Long, Map<String, Column>> columns = readColumns(c);
        Map<Long, List<TableKey>> primary = new HashMap<>();
        Map<Long, List<TableKey>> constraints = new HashMap<>();
        Map<Long, List<TableKey>> indexes = new HashMap<>();
        Database.list(c, query("table-keys.sql"), row -> {
            TableKey key = new TableKey(
                    List.of((String[]) row.getArray(3).getArray()),
                    List.of((String[]) row.getArray(4).getArray()),
                    row.getString(5));
            String kind = row.getString(2);
            Map<Long, List<TableKey>> of = kind == null ? indexes : kind.equals("p") ? primary : constraints;
            return of.computeIfAbsent(row.getLong(1), t -> new ArrayList<>()).add(key);
        });
        columns.forEach((oid, all) -> {
            Place place = places.get(oid);
            List<TableKey> key = primary.getOrDefault(oid, List.of());
            Column id = key.isEmpty() || key.get(0).columns().size() > 1
                    ? null
                    : all.get(key.get(0).columns().get(0));
            List<TableKey> unique = constraints.getOrDefault(oid, List.of());
            List<TableKey> others = indexes.getOrDefault(oid, List.of());
            List<TableKey> keys =
                    Stream.of(key, unique, others).flatMap(List::stream).toList();
            Table table = new Table(
                    place.schema,
                    place.relation,
                    place.name(),
                    all,
                    id,
                    recognising(id, key, unique, others),
                    keys,
                    place.hasTriggers);
            tables.put(place.name(), table);
            exact.put(List.of(place.schema, place.relation), table);
        });
    }

    /**
     * The keys by which rows may be recognised: unique constraints; else a primary key that says something; else unique
     * indexes, those of all rows before the others. A key of the id and more, as foreign keys of several columns need
     * it, tells no more than the id.
     */
    private static List<List<String>> recognising(
            Column id, List<TableKey> primary, List<TableKey> constraints, List<TableKey> indexes) {
        boolean isMade = id != null && (id.isFilled || id.base.equals("uuid"));
        List<TableKey> plain = indexes.stream().filter(TableKey::isPlain).toList();
        List<TableKey> telling = constraints.stream()
                .filter(key -> id == null
                        || key.columns().size() == 1
                        || !key.columns().contains(id.name()))
                .toList();
        List<TableKey> chosen = !telling.isEmpty()
                ? telling
                : !isMade && !primary.isEmpty() || indexes.isEmpty() ? primary : plain.isEmpty() ? indexes : plain;
        return chosen.stream().map(TableKey::columns).distinct().toList();
    }

    private Map<Long, Map<String, Column>> readColumns(Connection c) throws SQLException {
        Map<Long, Map<String, Column>> columns = new LinkedHashMap<>();
        Map<Column, Long> targets = new IdentityHashMap<>();
        Database.list(c, query("table-columns.sql"), row -> {
            Column column = new Column(
                    row.getString(4),
                    row.getString(5),
                    row.getString(6),
                    row.getBoolean(7),
                    null,
                    !row.getBoolean(9),
                    row.getBoolean(10),
                    row.getBoolean(11),
                    row.getBoolean(12),
                    row.getString(13));
            long oid = row.getLong(15);
            places.computeIfAbsent(oid, o -> place(row));
            columns.computeIfAbsent(oid, o -> new LinkedHashMap<>()).put(column.name, column);
            if (row.getObject(8) != null) targets.put(column, row.getLong(8));
            return null;
        });
        columns.values()
                .forEach(all -> all.replaceAll((name, column) -> targets.containsKey(column)
                                && places.containsKey(targets.get(column))
                        ? leading(column, places.get(targets.get(column)).name())
                        : column));
        return columns;
    }

    private static Place place(ResultSet row) {
        try {
            return new Place(row.getString(1), row.getString(2), row.getBoolean(3), row.getBoolean(14));
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Column leading(Column c, String target) {
        return new Column(
                c.name,
                c.type,
                c.base,
                c.generated,
                target,
                c.isNullable,
                c.isFilled,
                c.isAlwaysIdentity,
                c.isComparable,
                c.sequence);
    }

    private void readForeignKeys(Connection c) throws SQLException {
        Database.list(c, query("foreign-keys.sql"), row -> {
            Place from = places.get(row.getLong(1));
            Place to = places.get(row.getLong(2));
            if (from != null && to != null)
                foreignKeys
                        .computeIfAbsent(from.name(), t -> new ArrayList<>())
                        .add(new ForeignKey(
                                Set.of((String[]) row.getArray(3).getArray()), to.name(), row.getBoolean(4)));
            return null;
        });
    }

    private void readReferrers(Connection c) throws SQLException {
        Database.list(c, query("referrers.sql"), row -> {
            Place to = places.get(row.getLong(1));
            if (to != null)
                referrers.computeIfAbsent(to.name(), t -> new ArrayList<>()).add(row.getString(2));
            return null;
        });
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

    /**
     * The table of this name: as the search path shows it, with its schema, or the only one of that name in any schema.
     *
     * @throws Failure (2) if several schemas have one, and the search path shows none
     */
    public Optional<Table> find(String name) {
        if (tables.containsKey(name)) return Optional.of(tables.get(name));
        List<Table> others = tables.values().stream()
                .filter(table -> name.equals(table.schema + "." + table.relation)
                        || !table.isVisible() && name.equals(table.relation))
                .sorted(Comparator.comparing(Table::name))
                .toList();
        if (others.size() > 1)
            throw Failure.usage(
                    "there are several tables " + name + ": "
                            + others.stream().map(Table::name).collect(Collectors.joining(", ")),
                    "name it with its schema, as in " + others.get(0).name() + ".");
        return others.stream().findFirst();
    }

    /** The table of this name in this schema. */
    Optional<Table> find(String schema, String relation) {
        return Optional.ofNullable(exact.get(List.of(schema, relation)));
    }

    /**
     * Sees that no stranger's code would run if these tables are written to; those on the search path are seen to.
     *
     * @throws Failure (21) naming one that is a stranger's
     */
    void mustBeTrusted(Connection c, Collection<String> names) throws SQLException {
        for (String name : names) {
            Optional<Table> table = find(name);
            if (table.isPresent() && !table.get().isVisible())
                ForeignCode.isTable(c, table.get().schema(), table.get().relation());
        }
    }

    /** The foreign keys of a table's rows that have these columns. */
    List<ForeignKey> foreignKeys(String table, Set<String> columns) {
        return foreignKeys.getOrDefault(table, List.of()).stream()
                .filter(key -> columns.containsAll(key.columns))
                .toList();
    }

    /** The tables, and all that refer to them, directly or not. */
    public Set<String> withReferrers(Set<String> names) {
        Map<String, Set<String>> tablesBelow = new HashMap<>();
        foreignKeys.forEach((table, keys) -> keys.forEach(key ->
                tablesBelow.computeIfAbsent(key.target, t -> new TreeSet<>()).add(table)));
        Set<String> all = new LinkedHashSet<>();
        List<String> next = new ArrayList<>();
        names.forEach(name -> find(name).ifPresent(table -> next.add(table.name())));
        while (!next.isEmpty()) {
            String name = next.remove(0);
            if (tables.containsKey(name) && all.add(name)) next.addAll(tablesBelow.getOrDefault(name, Set.of()));
        }
        return all;
    }
}
