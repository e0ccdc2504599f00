import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Takes values away from enums: PostgreSQL cannot, so the type is made anew and the columns move over. A row that has the value makes it fail. */
final class EnumUndo {
    /** The statements for each enum in {@code changes} that is longer in {@code c} than it was before. */
    static List<String> statements(Connection c, Drift changes, List<Schema.Item> before) throws SQLException {
        Map<String, Schema.Item> old = Drift.byName(before);
        List<String> all = new ArrayList<>();
        Database.run(c, "SET search_path = ''"); // so that defaults come with whole names
        for (Drift.Change change : changes.changes()) {
            if (change.how() != Drift.How.CHANGED || !change.kind().equals("TYPE") || !old.get("TYPE " + change.identity()).ddl().contains(" AS ENUM (")) continue;
            String type = change.identity();
            String name = Database.one(c, "SELECT quote_ident(typname || '_before') FROM pg_type WHERE oid = ?::regtype", String.class, type);
            String schema = Database.one(c, "SELECT quote_ident(nspname) FROM pg_type t JOIN pg_namespace n ON n.oid = typnamespace WHERE t.oid = ?::regtype", String.class, type);
            all.addAll(Database.list(c, """
                    WITH RECURSIVE views AS (
                      SELECT r.ev_class AS oid, 1 AS depth FROM pg_depend d JOIN pg_rewrite r ON d.classid = r.tableoid AND d.objid = r.oid
                      WHERE d.refclassid = 'pg_class'::regclass AND r.ev_class <> d.refobjid AND (d.refobjid, d.refobjsubid) IN (
                        SELECT attrelid, attnum FROM pg_attribute WHERE atttypid IN (?::regtype, (SELECT typarray FROM pg_type WHERE oid = ?::regtype)))
                      UNION SELECT r.ev_class, depth + 1 FROM views v JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = v.oid
                        JOIN pg_rewrite r ON d.classid = r.tableoid AND d.objid = r.oid WHERE r.ev_class <> v.oid)
                    SELECT format('DROP %s %I.%I;', CASE c.relkind WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'VIEW' END, n.nspname, c.relname)
                    FROM views v JOIN pg_class c ON c.oid = v.oid AND c.relkind IN ('v', 'm') JOIN pg_namespace n ON n.oid = c.relnamespace
                    GROUP BY c.relkind, n.nspname, c.relname ORDER BY max(depth) DESC, 1""", row -> row.getString(1), type, type)); // they are made again later on
            all.add("ALTER TYPE " + type + " RENAME TO " + name + ";");
            all.add(old.get("TYPE " + type).ddl().lines().filter(line -> !line.startsWith("ALTER TYPE ")).reduce((a, b) -> a + "\n" + b).orElseThrow());
            Database.list(c, """
                    SELECT format('%I.%I', n.nspname, r.relname), quote_ident(a.attname), pg_get_expr(d.adbin, d.adrelid), a.atttypid <> ?::regtype
                    FROM pg_attribute a JOIN pg_class r ON r.oid = a.attrelid AND r.relkind IN ('r', 'p') AND NOT r.relispartition JOIN pg_namespace n ON n.oid = r.relnamespace
                      LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
                    WHERE a.atttypid IN (?::regtype, (SELECT typarray FROM pg_type WHERE oid = ?::regtype)) AND a.attinhcount = 0 AND NOT a.attisdropped ORDER BY 1, a.attnum""",
                    row -> all.addAll(move(row.getString(1), row.getString(2), row.getString(3), type + (row.getBoolean(4) ? "[]" : ""), row.getBoolean(4) ? "text[]" : "text")), type, type, type);
            all.add("DROP TYPE " + schema + "." + name + ";");
        }
        return all;
    }

    private static List<String> move(String table, String column, String value, String type, String through) {
        String alter = "ALTER TABLE " + table + " ALTER COLUMN " + column;
        String move = alter + " TYPE " + type + " USING " + column + "::" + through + "::" + type + ";";
        return value == null ? List.of(move) : List.of(alter + " DROP DEFAULT;", move, alter + " SET DEFAULT " + value + ";");
    }

    private EnumUndo() {}
}
