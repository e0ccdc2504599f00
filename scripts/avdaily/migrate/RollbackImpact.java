package avdaily.migrate;

import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.base.Json;
import avdaily.db.Database;
import avdaily.sql.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * What undo scripts would lose, found out by running them, not by reading them.
 *
 * @param all tables and columns that they drop, with the rows and values that go with them
 * @param touched tables that stay, and whose rows they delete or change
 */
public record RollbackImpact(List<Loss> all, List<AffectedRows> touched) {
    /** Runs the undo script of one migration. */
    interface Script {
        void run(Connection c, Migration migration) throws SQLException;
    }

    /**
     * A table with its rows, or a column with its values that are not null.
     *
     * @param version the migration whose undoing drops it
     * @param table as SQL names it
     * @param column as SQL names it, null for the whole table
     * @param rows the table's rows, or the column's values
     */
    public record Loss(String version, String table, String column, long rows) {
        private boolean isSame(Loss other) {
            return table.equals(other.table) && Objects.equals(column, other.column);
        }

        public String title() {
            return column == null
                    ? "table " + table + " with " + Format.count(rows, "row")
                    : "column " + table + "." + column + " with " + Format.count(rows, "value");
        }

        public Map<String, Object> json() {
            return Json.object("version", version, "table", table, "column", column, "rows", rows);
        }
    }

    /**
     * A table that stays, with the number of rows that the scripts delete and change; of these rows there is no copy.
     */
    public record AffectedRows(String table, long deleted, long changed) {
        public String title() {
            return table + ": " + (deleted == 0 ? "" : Format.count(deleted, "row") + " deleted")
                    + (deleted == 0 || changed == 0 ? "" : ", ")
                    + (changed == 0 ? "" : Format.count(changed, "row") + " changed");
        }

        public Map<String, Object> json() {
            return Json.object("table", table, "removed", deleted, "updated", changed);
        }
    }

    public static final RollbackImpact NONE = new RollbackImpact(List.of(), List.of());
    /** Rather fails than leaves out rows that policies hide. */
    private static final String ALL_OR_NONE = "SET LOCAL row_security = off";

    private static final String TABLES = Sql.userSchemas("n") + " AND c.relname <> '" + HistoryTable.RELATION + "'";

    /** Runs the scripts of {@code plan} in a transaction that is rolled back, and counts what would be gone. */
    static RollbackImpact of(Connection c, List<Migration> plan, Script script) throws SQLException {
        c.setAutoCommit(false);
        Map<Long, String> filled = filled(c);
        List<Loss> dropped = run(c, plan, script);
        List<AffectedRows> touched = new ArrayList<>(touched(c));
        Map<Long, String> after = filled(c);
        List<Long> there = Database.list(c, "SELECT oid FROM pg_class WHERE relkind = 'r'", row -> row.getLong(1));
        List<String> truncated = there.stream()
                .filter(table -> filled.containsKey(table) && !after.containsKey(table))
                .map(filled::get)
                .toList();
        c.rollback();
        Database.run(c, ALL_OR_NONE);
        for (String table : truncated) touched.add(new AffectedRows(table, count(c, "*", table), 0));
        List<Loss> counted = new ArrayList<>();
        for (Loss loss : dropped) {
            long rows = count(c, loss.column == null ? "*" : loss.column, loss.table);
            counted.add(new Loss(loss.version, loss.table, loss.column, rows));
        }
        c.rollback();
        return new RollbackImpact(
                counted,
                touched.stream()
                        .filter(table -> table.deleted + table.changed > 0)
                        .toList());
    }

    private static long count(Connection c, String what, String table) throws SQLException {
        withoutForce(c, table);
        return Database.one(c, "SELECT count(" + what + ") FROM ONLY " + table, Long.class);
    }

    /** Has a table's owner see its rows whatever its policies are; whether it took away FORCE ROW LEVEL SECURITY. */
    private static boolean withoutForce(Connection c, String table) throws SQLException {
        boolean isForced = Database.one(
                c,
                "SELECT relforcerowsecurity AND row_security_active(oid) FROM pg_class WHERE oid = ?::regclass",
                Boolean.class,
                table);
        if (isForced) Database.run(c, "ALTER TABLE ONLY " + table + " NO FORCE ROW LEVEL SECURITY");
        return isForced;
    }

    /** What this transaction did to rows, by the server's own count; it does not count TRUNCATE. */
    private static List<AffectedRows> touched(Connection c) throws SQLException {
        return Database.list(
                c,
                """
                SELECT format('%I.%I', n.nspname, c.relname), s.n_tup_del, s.n_tup_upd
                FROM pg_stat_xact_user_tables s
                  JOIN pg_class c ON c.oid = s.relid JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE s.n_tup_del + s.n_tup_upd > 0 AND c.relpersistence <> 't' AND\s"""
                        + TABLES + " ORDER BY 1",
                row -> new AffectedRows(row.getString(1), row.getLong(2), row.getLong(3)));
    }

    /** The tables whose file is not empty. */
    private static Map<Long, String> filled(Connection c) throws SQLException {
        Map<Long, String> filled = new LinkedHashMap<>();
        Database.list(
                c,
                """
                SELECT c.oid, format('%I.%I', n.nspname, c.relname)
                FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND pg_relation_size(c.oid) > 0 AND\s"""
                        + TABLES + " ORDER BY 2",
                row -> filled.put(row.getLong(1), row.getString(2)));
        return filled;
    }

    /** Runs the scripts; returns the tables and columns that were there before and are gone, their rows not counted. */
    private static List<Loss> run(Connection c, List<Migration> plan, Script script) throws SQLException {
        Map<String, Loss> lost = new LinkedHashMap<>();
        Map<String, Loss> before = places(c);
        Map<String, Loss> first = before;
        for (Migration m : plan) {
            script.run(c, m);
            Map<String, Loss> after = places(c);
            for (String place : before.keySet())
                if (!after.containsKey(place) && first.containsKey(place))
                    lost.put(
                            place,
                            new Loss(m.version().toString(), first.get(place).table, first.get(place).column, 0));
            before = after;
        }
        return lost.entrySet().stream()
                .filter(e -> e.getValue().column == null
                        || !lost.containsKey(e.getKey().replaceFirst(" .*", " 0")))
                .map(Map.Entry::getValue)
                .sorted(Comparator.comparing(Loss::table).thenComparing(loss -> String.valueOf(loss.column)))
                .toList();
    }

    /** Every table that holds rows and every column that holds values of its own, by number: a rename loses nothing. */
    private static Map<String, Loss> places(Connection c) throws SQLException {
        Map<String, Loss> places = new LinkedHashMap<>();
        Database.list(
                c,
                """
                SELECT c.oid || ' ' || coalesce(a.attnum, 0), format('%I.%I', n.nspname, c.relname),
                       quote_ident(a.attname)
                FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                  CROSS JOIN LATERAL (SELECT NULL::int AS attnum, NULL::name AS attname
                    UNION ALL SELECT attnum, attname FROM pg_attribute
                    WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '') a
                WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND\s"""
                        + TABLES + " ORDER BY n.nspname, c.relname, a.attnum NULLS FIRST",
                row -> places.put(row.getString(1), new Loss(null, row.getString(2), row.getString(3), 0)));
        return places;
    }

    /**
     * Runs the scripts for good in the transaction of {@code c}.
     *
     * @return the run under which {@code avdaily_ops.undone} has the copy, null if nothing was copied
     * @throws Failure (21) if the scripts drop something else than was found before
     */
    UUID undo(Connection c, List<Migration> plan, Script script, Rollback.Lost lost) throws SQLException {
        UUID run = lost == Rollback.Lost.ARCHIVED && !all.isEmpty() ? archive(c) : null;
        List<Loss> dropped = run(c, plan, script);
        for (Loss loss : dropped)
            if (all.stream().noneMatch(loss::isSame))
                throw Failure.refused(
                        "undoing would also drop " + loss.title().replaceFirst(" with .*", "")
                                + ", which was not there a moment ago",
                        "run rollback again; nothing was changed.");
        return run;
    }

    /** The server copies row by row, so that a big table needs no memory here. */
    private UUID archive(Connection c) throws SQLException {
        UUID run = UUID.randomUUID();
        int copied = 0;
        Database.run(
                c,
                """
                CREATE TABLE IF NOT EXISTS avdaily_ops.undone (
                  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                  run uuid NOT NULL,
                  version text NOT NULL,
                  relation text NOT NULL,
                  row jsonb NOT NULL,
                  undone_at timestamptz NOT NULL DEFAULT now())""");
        Database.run(c, ALL_OR_NONE);
        for (List<Loss> some : all.stream()
                .collect(Collectors.groupingBy(
                        loss -> loss.version + " " + loss.table, LinkedHashMap::new, Collectors.toList()))
                .values()) {
            Loss one = some.get(0);
            Database.run(c, "LOCK TABLE ONLY " + one.table); // what comes in after the copy would be lost without one
            boolean wasForced = withoutForce(c, one.table);
            List<String> columns = some.stream().map(Loss::column).toList();
            String rows = one.column == null
                    ? "ONLY " + one.table
                    : "(SELECT " + withKey(c, one.table, columns) + " FROM ONLY " + one.table + " WHERE num_nonnulls("
                            + String.join(", ", columns) + ") > 0)";
            copied += Database.update(
                    c,
                    "INSERT INTO avdaily_ops.undone (run, version, relation, row) SELECT ?, ?, ?, to_jsonb(t) FROM "
                            + rows + " t",
                    run,
                    one.version,
                    one.table);
            if (wasForced) Database.run(c, "ALTER TABLE ONLY " + one.table + " FORCE ROW LEVEL SECURITY");
        }
        return copied == 0 ? null : run;
    }

    /** The columns to copy: with the primary key, or the whole row if there is no key. */
    private static String withKey(Connection c, String table, List<String> columns) throws SQLException {
        List<String> key = Database.list(
                c,
                """
                SELECT quote_ident(a.attname) FROM pg_index i
                  JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
                WHERE i.indisprimary AND i.indrelid = ?::regclass""",
                row -> row.getString(1),
                table);
        if (key.isEmpty()) return "*";
        List<String> all = new ArrayList<>(key);
        columns.stream().filter(column -> !key.contains(column)).forEach(all::add);
        return String.join(", ", all);
    }

    public long rows() {
        return all.stream().mapToLong(Loss::rows).sum();
    }
}
