package avdaily.migrate;

import avdaily.db.Database;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a session sees of the catalogs, of its own locks and of its own scans at one moment; two of them show what a statement between them did. */
final class CatalogSnapshot {
    /** @param file the number of its file on disk, which is another one after a rewrite */
    record Table(long oid, String name, String kind, long file, long scans) {}

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

    record Constraint(
            long oid,
            long table,
            String name,
            String type,
            boolean valid,
            String definition,
            long index,
            List<String> columns) {}

    /** @param key its columns, of a partial one none; where it has an expression, an empty text */
    record Index(long oid, long table, String name, long file, String definition, List<String> key) {}

    final Map<Long, Table> tables = new LinkedHashMap<>();
    /** By table and place, as in 16400.3. */
    final Map<String, Column> columns = new LinkedHashMap<>();

    final Map<Long, Constraint> constraints = new LinkedHashMap<>();
    final Map<Long, Index> indexes = new LinkedHashMap<>();
    /** By the oid of pg_enum. */
    final Map<Long, String> labels = new LinkedHashMap<>();
    /** The strongest lock that this session holds on each table. */
    final Map<Long, String> locks = new HashMap<>();

    String lockTimeout;

    /** From the weakest to the strongest. */
    static final List<String> LOCKS = List.of(
            "AccessShareLock",
            "RowShareLock",
            "RowExclusiveLock",
            "ShareUpdateExclusiveLock",
            "ShareLock",
            "ShareRowExclusiveLock",
            "ExclusiveLock",
            "AccessExclusiveLock");

    private static final String USERS = "NOT LIKE 'pg\\_%' AND n.nspname NOT IN ('information_schema', 'avdaily_ops')";

    static CatalogSnapshot of(Connection c) throws SQLException {
        CatalogSnapshot e = new CatalogSnapshot();
        Database.list(
                c,
                "SELECT c.oid::bigint, format('%I.%I', n.nspname, c.relname), c.relkind, coalesce(pg_relation_filenode(c.oid), 0)::bigint, coalesce(pg_stat_get_xact_numscans(c.oid), 0) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                        + " WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND c.relname <> 'flyway_schema_history' AND n.nspname "
                        + USERS,
                row -> e.tables.put(
                        row.getLong(1),
                        new Table(
                                row.getLong(1),
                                row.getString(2).replaceFirst("^public\\.", ""),
                                row.getString(3),
                                row.getLong(4),
                                row.getLong(5))));
        Database.list(
                c,
                """
                SELECT a.attrelid::bigint, a.attnum, quote_ident(a.attname), format_type(a.atttypid, a.atttypmod), a.attnotnull, coalesce(pg_get_expr(d.adbin, d.adrelid), ''), a.attidentity, a.attgenerated
                FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attrelid >= 16384""",
                row -> !e.tables.containsKey(row.getLong(1))
                        ? null
                        : e.columns.put(
                                row.getLong(1) + "." + row.getInt(2),
                                new Column(
                                        e.tables.get(row.getLong(1)).name,
                                        row.getString(3),
                                        row.getString(4),
                                        row.getBoolean(5),
                                        row.getString(6),
                                        row.getString(7),
                                        row.getString(8))));
        Database.list(
                c,
                """
                SELECT oid::bigint, conrelid::bigint, quote_ident(conname), contype, convalidated, pg_get_constraintdef(oid), conindid::bigint,
                       ARRAY(SELECT quote_ident(attname) FROM unnest(conkey) WITH ORDINALITY k (num, n) JOIN pg_attribute ON attrelid = conrelid AND attnum = k.num ORDER BY k.n)
                FROM pg_constraint WHERE conrelid <> 0 AND conparentid = 0 AND contype IN ('c', 'f', 'p', 'u', 'x')""",
                row -> e.constraints.put(
                        row.getLong(1),
                        new Constraint(
                                row.getLong(1),
                                row.getLong(2),
                                row.getString(3),
                                row.getString(4),
                                row.getBoolean(5),
                                row.getString(6),
                                row.getLong(7),
                                names(row, 8))));
        Database.list(
                c,
                "SELECT x.indexrelid::bigint, x.indrelid::bigint, format('%I.%I', n.nspname, i.relname), coalesce(pg_relation_filenode(i.oid), 0)::bigint, pg_get_indexdef(i.oid),"
                        + " ARRAY(SELECT coalesce(quote_ident(attname), '') FROM unnest(x.indkey::int2[]) WITH ORDINALITY k (num, n) LEFT JOIN pg_attribute ON attrelid = x.indrelid AND attnum = k.num WHERE x.indpred IS NULL AND k.n <= x.indnkeyatts ORDER BY k.n)"
                        + " FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_namespace n ON n.oid = i.relnamespace WHERE x.indexrelid >= 16384",
                row -> e.indexes.put(
                        row.getLong(1),
                        new Index(
                                row.getLong(1),
                                row.getLong(2),
                                row.getString(3).replaceFirst("^public\\.", ""),
                                row.getLong(4),
                                row.getString(5),
                                names(row, 6))));
        Database.list(
                c,
                "SELECT e.oid::bigint, format('%L of %I.%I', enumlabel, nspname, typname) FROM pg_enum e JOIN pg_type t ON t.oid = enumtypid JOIN pg_namespace n ON n.oid = typnamespace",
                row -> e.labels.put(row.getLong(1), row.getString(2)));
        Database.list(
                c,
                "SELECT relation::bigint, mode FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'relation' AND granted",
                row -> e.locks.merge(row.getLong(1), row.getString(2), CatalogSnapshot::stronger));
        e.lockTimeout = Database.one(c, "SHOW lock_timeout", String.class);
        return e;
    }

    private static List<String> names(ResultSet row, int column) throws SQLException {
        return List.of((String[]) row.getArray(column).getArray());
    }

    static String stronger(String one, String other) {
        return LOCKS.indexOf(one) > LOCKS.indexOf(other) ? one : other;
    }

    /** Whether others cannot write to the table, or not even read it, while it is held. */
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

    boolean rewrote(long table, CatalogSnapshot before) {
        return before.tables.containsKey(table)
                && tables.containsKey(table)
                && before.tables.get(table).file != tables.get(table).file;
    }

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
