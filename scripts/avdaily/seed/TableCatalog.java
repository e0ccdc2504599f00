package avdaily.seed;

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
    private final Map<String, List<String>> references = new HashMap<>();

    public static TableCatalog of(Connection c) throws SQLException {
        TableCatalog all = new TableCatalog();
        Map<String, Map<String, Column>> columns = new LinkedHashMap<>();
        Database.list(
                c,
                """
                SELECT t.relname, a.attname, format_type(a.atttypid, a.atttypmod),
                       (WITH RECURSIVE d AS (SELECT a.atttypid AS type, a.atttypmod AS modifier
                                             UNION ALL SELECT y.typbasetype, y.typtypmod FROM d JOIN pg_type y
                                                 ON y.oid = d.type AND y.typtype = 'd')
                        SELECT format_type(d.type, d.modifier) FROM d JOIN pg_type y ON y.oid = d.type
                            AND y.typtype <> 'd'),
                       a.attgenerated <> '',
                       (SELECT r.relname FROM pg_constraint k JOIN pg_class r ON r.oid = k.confrelid
                        WHERE k.conrelid = t.oid AND k.contype = 'f' AND k.conkey = ARRAY[a.attnum]
                            AND pg_table_is_visible(r.oid)
                          AND EXISTS (SELECT FROM pg_index x WHERE x.indrelid = k.confrelid AND x.indisprimary
                                      AND x.indnkeyatts = 1 AND x.indkey[0] = k.confkey[1]) LIMIT 1)
                FROM pg_class t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
                WHERE t.relkind IN ('r', 'p') AND pg_table_is_visible(t.oid)
                    AND t.relnamespace <> 'pg_catalog'::regnamespace
                ORDER BY t.relname, a.attnum""",
                row -> columns.computeIfAbsent(row.getString(1), t -> new LinkedHashMap<>())
                        .put(
                                row.getString(2),
                                new Column(
                                        row.getString(2),
                                        row.getString(3),
                                        row.getString(4),
                                        row.getBoolean(5),
                                        row.getString(6))));
        Map<String, List<List<String>>> uniques = new HashMap<>();
        Map<String, List<String>> primary = new HashMap<>();
        Database.list(
                c,
                """
                SELECT t.relname, k.contype = 'p', ARRAY(SELECT a.attname::text
                    FROM unnest(k.conkey) WITH ORDINALITY u(n, i)
                                                         JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = u.n
                                                             ORDER BY u.i)
                FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid
                WHERE k.contype IN ('p', 'u') AND pg_table_is_visible(t.oid)
                    AND t.relnamespace <> 'pg_catalog'::regnamespace ORDER BY k.conname""",
                row -> {
                    List<String> names = List.of((String[]) row.getArray(3).getArray());
                    if (row.getBoolean(2)) primary.put(row.getString(1), names);
                    else
                        uniques.computeIfAbsent(row.getString(1), t -> new ArrayList<>())
                                .add(names);
                    return null;
                });
        columns.forEach((name, cols) -> {
            List<String> key = primary.getOrDefault(name, List.of());
            all.tables.put(
                    name,
                    new Table(
                            name,
                            cols,
                            key.size() == 1 ? cols.get(key.get(0)) : null,
                            uniques.getOrDefault(name, key.isEmpty() ? List.of() : List.of(key))));
        });
        Database.list(
                c,
                """
                SELECT t.relname, r.relname, ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = t.oid
                    AND a.attnum = ANY (k.conkey))
                FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid JOIN pg_class r ON r.oid = k.confrelid
                WHERE k.contype = 'f' AND pg_table_is_visible(t.oid) AND pg_table_is_visible(r.oid)""",
                row -> all.foreignKeys
                        .computeIfAbsent(row.getString(1), t -> new ArrayList<>())
                        .add(new ForeignKey(Set.of((String[]) row.getArray(3).getArray()), row.getString(2))));
        Database.list(
                c,
                """
                SELECT (SELECT r.relname FROM pg_class r WHERE r.oid = k.confrelid),
                       format('%s r WHERE %s', k.conrelid::regclass,
                           string_agg(format('r.%I = t.%I', a.attname, b.attname), ' AND '))
                         || CASE WHEN k.conrelid = k.confrelid THEN ' AND (r.tableoid, r.ctid) <> (t.tableoid, t.ctid)'
                             ELSE '' END
                FROM pg_constraint k, unnest(k.conkey, k.confkey) u(here, there), pg_attribute a, pg_attribute b
                WHERE k.contype = 'f' AND pg_table_is_visible(k.confrelid) AND a.attrelid = k.conrelid
                    AND a.attnum = u.here
                  AND b.attrelid = k.confrelid AND b.attnum = u.there
                GROUP BY k.oid, k.conrelid, k.confrelid""",
                row -> all.references
                        .computeIfAbsent(row.getString(1), t -> new ArrayList<>())
                        .add(row.getString(2)));
        return all;
    }

    /**
     * For each foreign key that leads to the table: "referrer r WHERE r.column = " + "t.column", and {@code r} is
     * another row.
     */
    List<String> references(String table) {
        return references.getOrDefault(table, List.of());
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
        Map<String, Set<String>> referrers = new HashMap<>();
        foreignKeys.forEach((table, keys) -> keys.forEach(key ->
                referrers.computeIfAbsent(key.target, t -> new TreeSet<>()).add(table)));
        Set<String> all = new LinkedHashSet<>();
        List<String> next = new ArrayList<>(names);
        while (!next.isEmpty()) {
            String name = next.remove(0);
            if (tables.containsKey(name) && all.add(name)) next.addAll(referrers.getOrDefault(name, Set.of()));
        }
        return all;
    }
}
