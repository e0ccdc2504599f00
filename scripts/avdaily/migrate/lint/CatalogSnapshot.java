package avdaily.migrate.lint;

import avdaily.base.SqlResource;
import avdaily.db.Database;
import avdaily.sql.Sql;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a session sees of the catalogs, of its own locks and of its own scans at one moment. Two of them show what a
 * statement between them did. Names are quoted if SQL wants that, and those of the schema public come without it.
 */
final class CatalogSnapshot {
    /** @param file the number of its file on disk, which changes with a rewrite */
    record Table(long oid, String name, String kind, long file, long scans) {}

    record ColumnKey(long table, int number) {}

    /** @param table its name; the last three are empty texts if there is none */
    record Column(
            String table,
            String name,
            String type,
            boolean notNull,
            String defaultValue,
            String identity,
            String generated) {
        boolean hasDefault() {
            return !defaultValue.isEmpty() || !identity.isEmpty() || !generated.isEmpty();
        }
    }

    /** @param type a letter, as pg_constraint.contype has it */
    record Constraint(
            long oid,
            long table,
            String name,
            String type,
            boolean valid,
            String definition,
            long index,
            List<String> columns) {}

    /** @param key its columns, an empty text for an expression; of a partial index none */
    record Index(long oid, long table, String name, long file, String definition, List<String> key) {
        /** Whether a materialized view can be filled by it while others read. */
        boolean tellsRowsApart() {
            return definition.startsWith("CREATE UNIQUE ") && !key.isEmpty() && !key.contains("");
        }
    }

    /** @param hasDefault whether its parent has a partition for the rest */
    record Partition(long parent, boolean hasDefault) {}

    /** From the weakest to the strongest. */
    private static final List<String> LOCKS = List.of(
            "AccessShareLock",
            "RowShareLock",
            "RowExclusiveLock",
            "ShareUpdateExclusiveLock",
            "ShareLock",
            "ShareRowExclusiveLock",
            "ExclusiveLock",
            "AccessExclusiveLock");

    private static final String TABLES =
            """
            SELECT c.oid::bigint, format('%I.%I', n.nspname, c.relname), c.relkind,
                   coalesce(pg_relation_filenode(c.oid), 0)::bigint, coalesce(pg_stat_get_xact_numscans(c.oid), 0)
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND c.relname <> 'flyway_schema_history' AND\s"""
                    + Sql.userSchemas("n");
    private static final String VIEWS =
            """
            SELECT c.oid::bigint, format('%I.%I', n.nspname, c.relname),
                   CASE WHEN c.relispopulated THEN 'filled' ELSE 'empty' END,
                   pg_relation_filenode(c.oid)::bigint, 0
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind = 'm' AND\s"""
                    + Sql.userSchemas("n");
    private static final String PARTITIONS =
            """
            SELECT i.inhrelid::bigint, i.inhparent::bigint, p.partdefid <> 0
            FROM pg_inherits i JOIN pg_partitioned_table p ON p.partrelid = i.inhparent""";
    private static final String COLUMNS = SqlResource.of(CatalogSnapshot.class, "columns.sql");
    private static final String CONSTRAINTS = SqlResource.of(CatalogSnapshot.class, "constraints.sql");
    private static final String INDEXES = SqlResource.of(CatalogSnapshot.class, "indexes.sql");
    private static final String ENUM_VALUES =
            """
            SELECT e.oid::bigint, format('%L of %I.%I', e.enumlabel, n.nspname, t.typname)
            FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid JOIN pg_namespace n ON n.oid = t.typnamespace""";
    private static final String HELD_LOCKS =
            """
            SELECT relation::bigint, mode FROM pg_locks
            WHERE pid = pg_backend_pid() AND locktype = 'relation' AND granted""";

    final Map<Long, Table> tables = new LinkedHashMap<>();
    /** Materialized views; their kind is whether they are filled. */
    final Map<Long, Table> views = new LinkedHashMap<>();

    final Map<Long, Partition> partitions = new LinkedHashMap<>();
    final Map<ColumnKey, Column> columns = new LinkedHashMap<>();
    final Map<Long, Constraint> constraints = new LinkedHashMap<>();
    final Map<Long, Index> indexes = new LinkedHashMap<>();
    /** By the oid of pg_enum; each with its type. */
    final Map<Long, String> enumValues = new LinkedHashMap<>();
    /** The strongest lock that this session holds on each table. */
    final Map<Long, String> locks = new HashMap<>();

    final String lockTimeout;

    private CatalogSnapshot(Connection c) throws SQLException {
        read(c, TABLES, tables);
        read(c, VIEWS, views);
        Database.list(c, PARTITIONS, row -> partitions.put(
                row.getLong(1), new Partition(row.getLong(2), row.getBoolean(3))));
        readColumns(c);
        readConstraints(c);
        readIndexes(c);
        Database.list(c, ENUM_VALUES, row -> enumValues.put(row.getLong(1), row.getString(2)));
        Database.list(c, HELD_LOCKS, row -> locks.merge(row.getLong(1), row.getString(2), CatalogSnapshot::stronger));
        lockTimeout = Database.one(c, "SHOW lock_timeout", String.class);
    }

    static CatalogSnapshot of(Connection c) throws SQLException {
        return new CatalogSnapshot(c);
    }

    private static void read(Connection c, String query, Map<Long, Table> tables) throws SQLException {
        Database.list(c, query, row -> {
            long oid = row.getLong(1);
            String name = withoutPublic(row.getString(2));
            return tables.put(oid, new Table(oid, name, row.getString(3), row.getLong(4), row.getLong(5)));
        });
    }

    private void readColumns(Connection c) throws SQLException {
        Database.list(c, COLUMNS, row -> {
            ColumnKey key = new ColumnKey(row.getLong(1), row.getInt(2));
            if (!tables.containsKey(key.table)) return null;
            return columns.put(
                    key,
                    new Column(
                            tables.get(key.table).name,
                            row.getString(3),
                            row.getString(4),
                            row.getBoolean(5),
                            row.getString(6),
                            row.getString(7),
                            row.getString(8)));
        });
    }

    private void readConstraints(Connection c) throws SQLException {
        Database.list(c, CONSTRAINTS, row -> {
            Constraint constraint = new Constraint(
                    row.getLong(1),
                    row.getLong(2),
                    row.getString(3),
                    row.getString(4),
                    row.getBoolean(5),
                    row.getString(6),
                    row.getLong(7),
                    names(row, 8));
            return constraints.put(constraint.oid, constraint);
        });
    }

    private void readIndexes(Connection c) throws SQLException {
        Database.list(c, INDEXES, row -> {
            Index index = new Index(
                    row.getLong(1),
                    row.getLong(2),
                    withoutPublic(row.getString(3)),
                    row.getLong(4),
                    row.getString(5),
                    names(row, 6));
            return indexes.put(index.oid, index);
        });
    }

    /** A table or a materialized view. */
    Optional<Table> relation(long oid) {
        return Optional.ofNullable(tables.getOrDefault(oid, views.get(oid)));
    }

    /** A qualified name as people write it. */
    static String withoutPublic(String qualified) {
        return qualified.replaceFirst("^public\\.", "");
    }

    private static List<String> names(ResultSet row, int column) throws SQLException {
        return List.of((String[]) row.getArray(column).getArray());
    }

    private static String stronger(String one, String other) {
        return LOCKS.indexOf(one) > LOCKS.indexOf(other) ? one : other;
    }

    /** Whether others cannot write to the table, or not even read it, while {@code lock} is held; null is no lock. */
    static boolean blocksWriters(String lock) {
        return lock != null && LOCKS.indexOf(lock) >= LOCKS.indexOf("ShareLock");
    }

    /** The locks that are stronger than {@code before}, on tables that were there at the start. */
    Map<Table, String> newLocks(CatalogSnapshot before, CatalogSnapshot start) {
        Map<Table, String> taken = new LinkedHashMap<>();
        locks.forEach((oid, mode) -> {
            if (start.tables.containsKey(oid) && !mode.equals("AccessShareLock") && !mode.equals(before.locks.get(oid)))
                taken.put(start.tables.get(oid), mode);
        });
        return taken;
    }

    /** Whether the table has another file than {@code before}. */
    boolean rewrote(long table, CatalogSnapshot before) {
        return before.tables.containsKey(table)
                && tables.containsKey(table)
                && before.tables.get(table).file != tables.get(table).file;
    }

    /** Whether this transaction went through the table since {@code before}. */
    boolean scanned(long table, CatalogSnapshot before) {
        return before.tables.containsKey(table)
                && tables.containsKey(table)
                && before.tables.get(table).scans < tables.get(table).scans;
    }

    List<Index> newIndexes(CatalogSnapshot before) {
        List<Index> made = new ArrayList<>(indexes.values());
        made.removeIf(index -> before.indexes.containsKey(index.oid));
        return made;
    }
}
