package avdaily.integrity;

import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.db.Database;
import avdaily.db.ForeignCode;
import avdaily.sql.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Where fixes keep what they changed: {@code avdaily_ops.quarantine}, a row for each row. Values are kept as the texts
 * that the server itself writes and reads, so that they come back byte for byte whatever their type.
 */
public final class Quarantine {
    private static final String NAME = "avdaily_ops.quarantine";

    /** What a fix did to a row, or that it changed a definition; the table has the same words. */
    public enum Action {
        DELETE,
        UPDATE,
        INSERT,
        DDL;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** A table whose rows are kept: its columns with their types, without generated ones. */
    private record Shape(List<String> columns, List<String> types) {
        /** The row {@code alias} as jsonb of texts. */
        String packed(String alias) {
            return "jsonb_object(ARRAY["
                    + columns.stream().map(Sql::literal).collect(Collectors.joining(", ")) + "]::text[], ARRAY["
                    + columns.stream()
                            .map(column -> alias + "." + Sql.quoted(column) + "::text")
                            .collect(Collectors.joining(", "))
                    + "]::text[])";
        }

        /** The columns' values out of such jsonb. */
        String unpacked(String json) {
            return IntStream.range(0, columns.size())
                    .mapToObj(i -> "(" + json + " ->> " + Sql.literal(columns.get(i)) + ")::" + types.get(i))
                    .collect(Collectors.joining(", "));
        }

        String named() {
            return columns.stream().map(Sql::quoted).collect(Collectors.joining(", "));
        }
    }

    private final Connection c;
    private final long run;

    public Quarantine(Connection c, long run) {
        this.c = c;
        this.run = run;
    }

    /** Makes the table, in whatever transaction there is. */
    public static void create(Connection c) throws SQLException {
        Database.run(
                c,
                """
                CREATE TABLE IF NOT EXISTS avdaily_ops.quarantine (
                  run bigint NOT NULL,
                  n integer NOT NULL,
                  rule text NOT NULL,
                  action text NOT NULL CHECK (action IN ('delete', 'update', 'insert', 'ddl')),
                  table_name text,
                  key jsonb,
                  old_row jsonb,
                  new_row jsonb,
                  at timestamptz NOT NULL DEFAULT now(),
                  undone_at timestamptz,
                  PRIMARY KEY (run, n))""");
    }

    private Shape shape(String table) throws SQLException {
        return shape(table, "");
    }

    /** The columns that were there when the rows were kept; one that came later keeps its default. */
    private Shape shapeOf(Change change) throws SQLException {
        return shape(
                change.table,
                " AND attname IN (SELECT jsonb_object_keys(coalesce(old_row, new_row)) FROM " + kept(change) + " q)");
    }

    private Shape shape(String table, String condition) throws SQLException {
        List<Map<String, String>> columns = RuleSql.rows(
                c,
                "SELECT attname, format_type(atttypid, atttypmod) AS type FROM pg_attribute WHERE attrelid = "
                        + Sql.literal(table)
                        + "::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''" + condition
                        + " ORDER BY attnum");
        return new Shape(
                columns.stream().map(column -> column.get("attname")).toList(),
                columns.stream().map(column -> column.get("type")).toList());
    }

    /** A condition: no foreign key leads to the row {@code t} of the table. */
    String unreferred(String table) throws SQLException {
        String query =
                """
                SELECT format(' AND NOT EXISTS (SELECT FROM %s child WHERE %s)', conrelid::regclass,
                  (SELECT string_agg(format('child.%I = t.%I', a.attname, b.attname), ' AND ')
                   FROM unnest(conkey, confkey) u(mine, theirs)
                     JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = mine
                     JOIN pg_attribute b ON b.attrelid = confrelid AND b.attnum = theirs))
                FROM pg_constraint
                WHERE contype = 'f' AND conparentid = 0 AND confrelid =\s""";
        return String.join("", RuleSql.texts(c, query + Sql.literal(table) + "::regclass"));
    }

    /** A condition: the row {@code t} has one of the keys, an array of objects. */
    static String keyed(String table, List<String> key, String keys) {
        return "(" + columns("t", key) + ") IN (SELECT " + columns("k", key) + " FROM jsonb_populate_recordset(NULL::"
                + table + ", " + Sql.literal(keys) + "::jsonb) k)";
    }

    static String columns(String alias, List<String> key) {
        return key.stream().map(column -> alias + "." + Sql.quoted(column)).collect(Collectors.joining(", "));
    }

    static String object(String alias, List<String> key) {
        return key.stream()
                .map(column -> Sql.literal(column) + ", " + alias + "." + Sql.quoted(column))
                .collect(Collectors.joining(", ", "jsonb_build_object(", ")"));
    }

    private String next() {
        return "(SELECT coalesce(max(n), 0) FROM " + NAME + " WHERE run = " + run + ") + row_number() OVER ()";
    }

    /** Keeps the rows as they are now. */
    int keep(String rule, Action action, String table, List<String> key, String keys) throws SQLException {
        return keepRows(rule, action, table, key, keyed(table, key, keys));
    }

    /** Keeps the rows {@code t} for which the condition holds as they are now, and returns how many they are. */
    public int keepRows(String rule, Action action, String table, List<String> key, String condition)
            throws SQLException {
        boolean added = action == Action.INSERT;
        return RuleSql.change(
                c,
                "INSERT INTO " + NAME + " (run, n, rule, action, table_name, key, " + (added ? "new_row" : "old_row")
                        + ") SELECT "
                        + run + ", " + next() + ", "
                        + Sql.literal(rule) + ", " + Sql.literal(action.toString()) + ", " + Sql.literal(table) + ", "
                        + object("t", key) + ", "
                        + shape(table).packed("t")
                        + " FROM " + table + " t WHERE " + condition);
    }

    /** Keeps what an update made of the rows, so that taking it back can see whether somebody changed them since. */
    void keepNew(String rule, String table, List<String> key, String keys) throws SQLException {
        keepNewRows(rule, table, key, keyed(table, key, keys));
    }

    /** As {@link #keepNew}, of the rows {@code t} for which the condition holds. */
    public void keepNewRows(String rule, String table, List<String> key, String condition) throws SQLException {
        RuleSql.change(
                c,
                "UPDATE " + NAME + " SET new_row = x.packed FROM (SELECT " + object("t", key) + " AS key, "
                        + shape(table).packed("t") + " AS packed FROM " + table + " t WHERE "
                        + condition + ") x WHERE run = " + run + " AND rule = " + Sql.literal(rule)
                        + " AND action = 'update' AND " + NAME
                        + ".key = x.key");
    }

    /**
     * Keeps a statement that will change a definition, and the one that takes it back, if there is one; returns its
     * number.
     */
    int keepStatement(String rule, String statement, String undo) throws SQLException {
        return Database.one(
                c,
                "INSERT INTO " + NAME + " (run, n, rule, action, old_row, new_row) SELECT " + run + ", " + next()
                        + ", ?, 'ddl', jsonb_build_object('statement', ?::text), jsonb_build_object('statement', "
                        + "?::text) RETURNING n",
                Integer.class,
                rule,
                undo,
                statement);
    }

    /** Forgets a statement that failed. */
    void forget(int n) throws SQLException {
        Database.update(c, "DELETE FROM " + NAME + " WHERE run = ? AND n = ?", run, n);
    }

    // -- and back

    /** What a run changed together. */
    public record Change(String rule, Action action, String table, List<String> key, long rows) {}

    /**
     * What the run changed and nobody has taken back, the last first.
     *
     * @throws Failure (21) if a stranger may have written that down: to take it back runs statements that stand there
     */
    public List<Change> changes() throws SQLException {
        if (!Database.one(c, "SELECT to_regclass(?) IS NOT NULL", Boolean.class, NAME)) return List.of();
        ForeignCode.refuseWritersOfAll(c, NAME);
        return Database.list(
                c,
                "SELECT rule, action, table_name, "
                        + "(SELECT string_agg(k, chr(31) ORDER BY k) FROM jsonb_object_keys(min(key::text)::jsonb) "
                        + "k), count(*) FROM "
                        + NAME
                        + " WHERE run = ? AND undone_at IS NULL GROUP BY rule, action, table_name ORDER BY max(n) DESC",
                row -> new Change(
                        row.getString(1),
                        Action.valueOf(row.getString(2).toUpperCase(Locale.ROOT)),
                        row.getString(3),
                        row.getString(4) == null
                                ? List.of()
                                : List.of(row.getString(4).split("\u001f")),
                        row.getLong(5)),
                run);
    }

    /** What takes back a change of a definition. */
    record Statement(int n, String sql) {}

    /** The statements that take back what the run did to definitions, the last first. */
    List<Statement> statementsBack() throws SQLException {
        return Database.list(
                c,
                "SELECT n, old_row ->> 'statement' FROM " + NAME
                        + " WHERE run = ? AND undone_at IS NULL AND action = 'ddl' ORDER BY n DESC",
                row -> new Statement(row.getInt(1), row.getString(2)),
                run);
    }

    private String kept(Change change) {
        return "(SELECT * FROM " + NAME + " WHERE run = " + run + " AND undone_at IS NULL AND rule = "
                + Sql.literal(change.rule) + " AND action = " + Sql.literal(change.action.toString())
                + " AND table_name = " + Sql.literal(change.table) + ")";
    }

    /**
     * Takes one change back.
     *
     * @throws Failure (21) if the rows are no longer what the fix left, or do not come back as they were
     */
    void back(Change change) throws SQLException {
        Shape shape = shapeOf(change);
        String kept = "(SELECT q.old_row, q.new_row, " + columns("k", change.key) + " FROM " + kept(change)
                + " q, jsonb_populate_record(NULL::" + change.table + ", q.key) k) k";
        String same = change.key.stream()
                .map(column -> "t." + Sql.quoted(column) + " = k." + Sql.quoted(column))
                .collect(Collectors.joining(" AND "));
        String joined = change.table + " t JOIN " + kept + " ON " + same;
        if (change.action == Action.DELETE) {
            expect(
                    change,
                    RuleSql.change(
                            c,
                            "INSERT INTO " + change.table + " (" + shape.named() + ") OVERRIDING SYSTEM VALUE SELECT "
                                    + shape.unpacked("q.old_row") + " FROM " + kept(change) + " q ORDER BY n"),
                    "could be put back");
            expectOld(change, joined, shape);
            return;
        }
        Database.run(c, "SELECT FROM " + joined + " FOR UPDATE OF t");
        expect(
                change,
                RuleSql.numbers(c, "SELECT count(*) FROM " + joined + " WHERE " + shape.packed("t") + " = k.new_row")
                        .get(0),
                "are still as the fix left them");
        if (change.action == Action.INSERT) {
            expect(
                    change,
                    RuleSql.change(
                            c,
                            "DELETE FROM " + change.table + " t USING " + kept + " WHERE " + same
                                    + unreferred(change.table)),
                    "can be taken away, others refer to the rest");
            return;
        }
        Shape settable = shape(
                change.table,
                " AND attidentity <> 'a' AND attname IN (SELECT jsonb_object_keys(old_row) FROM " + kept(change)
                        + " q)");
        expect(
                change,
                RuleSql.change(
                        c,
                        "UPDATE " + change.table + " t SET (" + settable.named() + ") = ROW("
                                + settable.unpacked("k.old_row") + ") FROM " + kept + " WHERE " + same),
                "could be set back");
        expectOld(change, joined, shape);
    }

    private void expect(Change change, long rows, String what) {
        if (rows != change.rows)
            throw Failure.refused(
                    "of " + Format.count(change.rows, "row") + " of " + change.table + " that " + change.rule
                            + " changed, only " + rows + " " + what,
                    "nothing was taken back; look at what was kept: SELECT * FROM " + NAME + " WHERE run = " + run
                            + ".");
    }

    /** What came back must be what was kept. */
    private void expectOld(Change change, String joined, Shape shape) throws SQLException {
        long rows = RuleSql.numbers(
                        c, "SELECT count(*) FROM " + joined + " WHERE " + shape.packed("t") + " = k.old_row")
                .get(0);
        if (rows != change.rows)
            throw Failure.refused(
                    "of " + Format.count(change.rows, "row") + " of " + change.table + " that " + change.rule
                            + " changed, only " + rows
                            + " would be as before: a trigger or a changed column is in the way",
                    "nothing was taken back; use a superuser's role, for which triggers rest, or put the rows back by "
                            + "hand from "
                            + NAME + ".");
    }

    /** All rows, and the definitions that nothing takes back, are done with. */
    void markUndone() throws SQLException {
        Database.update(
                c,
                "UPDATE " + NAME + " SET undone_at = now() WHERE run = ? AND undone_at IS NULL"
                        + " AND (action <> 'ddl' OR old_row ->> 'statement' IS NULL)",
                run);
    }

    void markUndone(int n) throws SQLException {
        Database.update(c, "UPDATE " + NAME + " SET undone_at = now() WHERE run = ? AND n = ?", run, n);
    }
}
