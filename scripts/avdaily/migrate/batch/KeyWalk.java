package avdaily.migrate.batch;

import avdaily.base.Failure;
import avdaily.base.Place;
import avdaily.base.SqlResource;
import avdaily.db.Database;
import avdaily.sql.Sql;
import avdaily.sql.SqlState;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The way through a table along an index.
 *
 * @param table as SQL names it, with its schema
 * @param oid the table's number
 * @param columns the key's columns as SQL names them
 * @param types their types
 * @param numbers their numbers in the table, which a new name leaves as they are
 */
record KeyWalk(String table, long oid, List<String> columns, List<String> types, List<Short> numbers) {
    private static final String COLUMNS = SqlResource.of(KeyWalk.class, "key-columns.sql");
    private static final String INDEXES = SqlResource.of(KeyWalk.class, "key-indexes.sql");
    private static final String EXACT =
            """
            SELECT current_setting('extra_float_digits'), current_setting('intervalstyle'),
              set_config('extra_float_digits', '1', true), set_config('intervalstyle', 'iso_8601', true)""";
    private static final String AS_SAID =
            "SELECT set_config('extra_float_digits', ?, true), set_config('intervalstyle', ?, true)";
    private static final long COUNTED = 100_000;

    private record Column(String name, String type, boolean isNotNull, short number) {}

    /** @throws Failure (21) if the table cannot be walked through along this key */
    static KeyWalk of(Connection c, BatchFile file) throws SQLException {
        BatchOptions options = file.options();
        String written = options.table();
        String found = Database.one(c, "SELECT pg_catalog.to_regclass(?)::pg_catalog.oid::text", String.class, written);
        if (found == null) throw refused(file, "there is no table " + written, "correct its name");
        long oid = Long.parseLong(found);
        String table = Database.one(
                c,
                """
                SELECT pg_catalog.format('%I.%I', n.nspname, c.relname)
                FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                WHERE c.oid = ? AND c.relkind IN ('r', 'p')""",
                String.class,
                oid);
        if (table == null) throw refused(file, written + " is no table", "name a table");
        List<Column> columns = new ArrayList<>();
        for (String name : options.key()) columns.add(column(c, file, oid, name));
        if (new HashSet<>(options.key()).size() < columns.size())
            throw refused(file, "a column is there twice", "name it once");
        mustHaveIndex(c, file, oid);
        KeyWalk walk = new KeyWalk(
                table,
                oid,
                columns.stream().map(Column::name).toList(),
                columns.stream().map(Column::type).toList(),
                columns.stream().map(Column::number).toList());
        for (Column column : columns) if (!column.isNotNull) walk.mustHaveNoNull(c, file, column.name);
        return walk;
    }

    private static Column column(Connection c, BatchFile file, long oid, String name) throws SQLException {
        return Database.list(
                        c,
                        COLUMNS,
                        row -> new Column(Sql.quoted(name), row.getString(1), row.getBoolean(2), row.getShort(3)),
                        oid,
                        name)
                .stream()
                .findFirst()
                .orElseThrow(
                        () -> refused(file, file.table() + " has no column " + name, "correct the key, as in key=id"));
    }

    private static void mustHaveIndex(Connection c, BatchFile file, long oid) throws SQLException {
        List<String> key = file.options().key();
        String names = key.stream().map(Sql::quoted).collect(Collectors.joining(", "));
        Set<List<String>> indexes = new HashSet<>();
        Database.list(
                c,
                INDEXES,
                row -> indexes.add(List.of((String[]) row.getArray(1).getArray())),
                oid,
                key.size() > 1);
        boolean isThere = indexes.stream()
                .anyMatch(index -> index.size() >= key.size()
                        && index.subList(0, key.size()).equals(key));
        if (!isThere)
            throw refused(
                    file,
                    "no index of " + file.table() + " begins with " + names + (key.size() > 1 ? ", all ascending" : "")
                            + ", so that each batch would read the whole table",
                    "name the columns of one that is there, as those of the primary key, or have a migration before "
                            + "this one CREATE INDEX CONCURRENTLY");
    }

    /** A row without a key is in no range. */
    private void mustHaveNoNull(Connection c, BatchFile file, String column) throws SQLException {
        if (Database.one(c, "SELECT EXISTS (SELECT FROM " + table + " WHERE " + column + " IS NULL)", Boolean.class))
            throw refused(
                    file,
                    table + " has rows whose " + column + " is null, which no batch would reach",
                    "name a key that every row has");
    }

    private static Failure refused(BatchFile file, String what, String next) {
        return Failure.refused(file.file().getFileName() + ": " + what, next + ", then run up again.")
                .at(Place.of(file.file()));
    }

    /**
     * The next rows behind a key. Its text loses nothing and means the same in every session, whatever the database
     * has set by the next run; what the statements see is what it says.
     *
     * @param behind null for the first ones
     */
    KeyRange next(Connection c, List<String> behind, long size) throws SQLException {
        List<String> said = Database.list(
                        c, EXACT, row -> List.of(row.getString(1), row.getString(2)))
                .get(0);
        KeyRange range = read(c, behind, size);
        Database.list(c, AS_SAID, row -> row.getString(1), said.toArray());
        return range;
    }

    /** The last row is found by counting in the index; the rows between are not looked at. */
    private KeyRange read(Connection c, List<String> behind, long size) throws SQLException {
        String rows = "FROM " + table + " t" + (behind == null ? "" : behind(behind));
        String query =
                """
                WITH last AS MATERIALIZED (SELECT %3$s %1$s ORDER BY %3$s OFFSET %5$d LIMIT 1)
                SELECT CASE WHEN EXISTS (SELECT FROM last) THEN %6$d ELSE (SELECT count(*) %1$s) END,
                  (SELECT %2$s %1$s ORDER BY %3$s LIMIT 1),
                  coalesce((SELECT %2$s FROM last t), (SELECT %2$s %1$s ORDER BY %4$s LIMIT 1))"""
                        .formatted(
                                rows,
                                "ARRAY[" + columns("::pg_catalog.text") + "]",
                                columns(""),
                                columns(" DESC"),
                                size - 1,
                                size);
        return Database.list(c, query, row -> row.getLong(1) == 0 ? KeyRange.NONE : range(row, behind))
                .get(0);
    }

    private String behind(List<String> key) {
        return " WHERE (" + columns("") + ") > (" + BoundStatements.literals(key, types) + ")";
    }

    private String columns(String behind) {
        return columns.stream().map(column -> "t." + column + behind).collect(Collectors.joining(", "));
    }

    private static KeyRange range(ResultSet row, List<String> behind) throws SQLException {
        List<String> first = Arrays.asList((String[]) row.getArray(2).getArray());
        List<String> last = Arrays.asList((String[]) row.getArray(3).getArray());
        return new KeyRange(behind == null ? first : behind, behind == null, last, row.getLong(1));
    }

    /** Whether the key that was noted earlier can be one of this way. */
    boolean knows(Connection c, BatchState state) throws SQLException {
        List<String> noted = state.position();
        if (noted == null) return true;
        if (!state.key().equals(numbers)) return false;
        if (noted.size() != types.size() || noted.contains(null)) return false;
        boolean isInTransaction = !c.getAutoCommit();
        Savepoint before = isInTransaction ? c.setSavepoint() : null;
        try {
            Database.one(c, "SELECT ROW(" + BoundStatements.literals(noted, types) + ") IS NULL", Boolean.class);
            return true;
        } catch (SQLException e) {
            if (!SqlState.isDataException(e)) throw e;
            if (isInTransaction) c.rollback(before);
            return false;
        }
    }

    /** All rows there are. */
    KeyRange whole(Connection c) throws SQLException {
        return next(c, null, Long.MAX_VALUE);
    }

    /** About how many rows the table has. */
    long estimate(Connection c) throws SQLException {
        long rows = Database.one(
                c,
                """
                SELECT coalesce(sum(greatest(c.reltuples, 0)), 0)::bigint FROM pg_catalog.pg_class c
                WHERE c.oid = ? OR c.oid IN (SELECT relid FROM pg_catalog.pg_partition_tree(?::bigint::regclass)
                                             WHERE isleaf)""",
                Long.class,
                oid,
                oid);
        return rows > 0
                ? rows
                : Database.one(
                        c, "SELECT count(*) FROM (SELECT FROM " + table + " LIMIT " + COUNTED + ") few", Long.class);
    }
}
