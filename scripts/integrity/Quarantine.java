import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Where fixes keep what they changed: {@code avdaily_ops.quarantine}, a row for each row. Values are kept as the texts that
 * the server itself writes and reads, so that they come back byte for byte whatever their type.
 */
final class Quarantine {
    private static final String NAME = "avdaily_ops.quarantine";

    /** A table whose rows are kept: its columns with their types, without generated ones. */
    private record Shape(String table, List<String> columns, List<String> types, List<String> key) {
        /** The row {@code alias} as jsonb of texts. */
        String packed(String alias) {
            return "jsonb_object(ARRAY[" + columns.stream().map(Checker::literal).collect(Collectors.joining(", ")) + "]::text[], ARRAY["
                    + columns.stream().map(column -> alias + "." + Out.quoted(column) + "::text").collect(Collectors.joining(", ")) + "]::text[])";
        }

        /** A column's value out of such jsonb. */
        String unpacked(String json, int column) {
            return "(" + json + " ->> " + Checker.literal(columns.get(column)) + ")::" + types.get(column);
        }

        String named() {
            return columns.stream().map(Out::quoted).collect(Collectors.joining(", "));
        }
    }

    private final Connection c;
    private final long run;

    Quarantine(Connection c, long run) {
        this.c = c;
        this.run = run;
    }

    /** Makes the table, in whatever transaction there is. */
    static void create(Connection c) throws SQLException {
        Database.run(c, """
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

    private Shape shape(String table, List<String> key) throws SQLException {
        List<Map<String, String>> columns = Checker.rows(c,
                "SELECT attname, format_type(atttypid, atttypmod) AS type FROM pg_attribute WHERE attrelid = " + Checker.literal(table)
                + "::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum");
        return new Shape(table, columns.stream().map(column -> column.get("attname")).toList(), columns.stream().map(column -> column.get("type"))
                .toList(), key);
    }

    /** A condition: the row {@code t} has one of the keys, an array of objects. */
    static String keyed(String table, List<String> key, String keys) {
        return "(" + columns("t", key) + ") IN (SELECT " + columns("k", key) + " FROM jsonb_populate_recordset(NULL::" + table + ", "
                + Checker.literal(keys) + "::jsonb) k)";
    }

    static String columns(String alias, List<String> key) {
        return key.stream().map(column -> alias + "." + Out.quoted(column)).collect(Collectors.joining(", "));
    }

    static String object(String alias, List<String> key) {
        return key.stream().map(column -> Checker.literal(column) + ", " + alias + "." + Out.quoted(column))
                .collect(Collectors.joining(", ", "jsonb_build_object(", ")"));
    }

    private String next() {
        return "(SELECT coalesce(max(n), 0) FROM " + NAME + " WHERE run = " + run + ") + row_number() OVER ()";
    }

    /** Keeps the rows as they are now. */
    int keep(String rule, String action, String table, List<String> key, String keys) throws SQLException {
        boolean added = action.equals("insert");
        return Checker.change(c, "INSERT INTO " + NAME + " (run, n, rule, action, table_name, key, " + (added ? "new_row" : "old_row") + ") SELECT "
                + run + ", " + next() + ", "
                + Checker.literal(rule) + ", " + Checker.literal(action) + ", " + Checker.literal(table) + ", " + object("t", key) + ", "
                + shape(table, key).packed("t")
                + " FROM " + table + " t WHERE " + keyed(table, key, keys));
    }

    /** Keeps what an update made of the rows, so that taking it back can see whether somebody changed them since. */
    void keepNew(String rule, String table, List<String> key, String keys) throws SQLException {
        Checker.change(c, "UPDATE " + NAME + " SET new_row = x.packed FROM (SELECT " + object("t", key) + " AS key, " + shape(table, key)
                .packed("t") + " AS packed FROM " + table + " t WHERE "
                + keyed(table, key, keys) + ") x WHERE run = " + run + " AND rule = " + Checker.literal(rule) + " AND action = 'update' AND " + NAME
                + ".key = x.key");
    }

    /** Keeps a statement that changed a definition, and the one that takes it back, if there is one. */
    void keepStatement(String rule, String statement, String undo) throws SQLException {
        Database.update(c, "INSERT INTO " + NAME + " (run, n, rule, action, old_row, new_row) SELECT " + run + ", " + next()
                + ", ?, 'ddl', jsonb_build_object('statement', ?::text), jsonb_build_object('statement', ?::text)",
                rule, undo, statement);
    }

    // -- and back

    /** What a run changed together. */
    record Change(String rule, String action, String table, List<String> key, long rows) {}

    /** What the run changed and nobody has taken back, the last first. */
    List<Change> changes() throws SQLException {
        if (!Database.one(c, "SELECT to_regclass(?) IS NOT NULL", Boolean.class, NAME)) return List.of();
        return Database.list(c, "SELECT rule, action, table_name, "
                + "(SELECT string_agg(k, chr(31) ORDER BY k) FROM jsonb_object_keys(min(key::text)::jsonb) k), count(*) FROM " + NAME
                        + " WHERE run = ? AND undone_at IS NULL GROUP BY rule, action, table_name ORDER BY max(n) DESC",
                row -> new Change(row.getString(1), row.getString(2), row.getString(3), row.getString(4) == null ? List.of()
                : List.of(row.getString(4).split("\u001f")), row.getLong(5)), run);
    }

    /** The statements that take back what the run did to definitions, the last first. */
    List<String> statementsBack() throws SQLException {
        return Database.list(c, "SELECT old_row ->> 'statement' FROM " + NAME
                + " WHERE run = ? AND undone_at IS NULL AND action = 'ddl' AND old_row ->> 'statement' IS NOT NULL ORDER BY n DESC",
                row -> row.getString(1), run);
    }

    /** @throws Failure (21) where the rows are no longer what the fix left */
    void back(Change change) throws SQLException {
        Shape shape = shape(change.table, change.key);
        String kept = "(SELECT * FROM " + NAME + " WHERE run = " + run + " AND undone_at IS NULL AND rule = " + Checker.literal(change.rule)
                + " AND action = " + Checker.literal(change.action)
                + " AND table_name = " + Checker.literal(change.table) + ")";
        String joined = change.table + " t JOIN (SELECT q.old_row, q.new_row, k.* FROM " + kept + " q, jsonb_populate_record(NULL::" + change.table
                + ", q.key) k) k ON "
                + change.key.stream().map(column -> "t." + Out.quoted(column) + " = k." + Out.quoted(column)).collect(Collectors.joining(" AND "));
        if (change.action.equals("delete")) {
            StringBuilder values = new StringBuilder();
            for (int i = 0; i < shape.columns.size(); i++) values.append(i == 0 ? "" : ", ").append(shape.unpacked("q.old_row", i));
            expect(change, Checker.change(c, "INSERT INTO " + change.table + " (" + shape.named() + ") OVERRIDING SYSTEM VALUE SELECT " + values
                    + " FROM " + kept + " q ORDER BY n"));
            return;
        }
        Database.run(c, "SELECT FROM " + joined + " FOR UPDATE OF t");
        expect(change, Database.one(c, "SELECT count(*) FROM " + joined + " WHERE " + shape.packed("t") + " = k.new_row", Long.class));
        String same = " FROM (SELECT q.old_row, k.* FROM " + kept + " q, jsonb_populate_record(NULL::" + change.table + ", q.key) k) k WHERE "
                + change.key.stream().map(column -> "t." + Out.quoted(column) + " = k." + Out.quoted(column)).collect(Collectors.joining(" AND "));
        if (change.action.equals("insert")) {
            expect(change, Checker.change(c, "DELETE FROM " + change.table + " t USING" + same.substring(5)));
            return;
        }
        StringBuilder set = new StringBuilder();
        for (int i = 0; i < shape.columns.size(); i++)
            if (!change.key.contains(shape.columns.get(i))) set.append(set.length() == 0 ? "" : ", ").append(Out.quoted(shape.columns.get(i)))
            .append(" = ").append(shape.unpacked("k.old_row", i));
        expect(change, Checker.change(c, "UPDATE " + change.table + " t SET " + set + same));
    }

    private void expect(Change change, long rows) {
        if (rows != change.rows)
            throw Failure.refused("of " + Out.count(change.rows, "row") + " of " + change.table + " that " + change.rule + " changed, only " + rows
            + " are still as the fix left them",
                    "nothing was taken back; look at what was kept: SELECT * FROM " + NAME + " WHERE run = " + run + ".");
    }

    void markUndone() throws SQLException {
        Database.update(c, "UPDATE " + NAME + " SET undone_at = now() WHERE run = ? AND undone_at IS NULL", run);
    }
}
