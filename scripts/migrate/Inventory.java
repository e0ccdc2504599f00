import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What is in a database: every table, column, constraint and index, each with its definition. */
final class Inventory {
    /** One thing: "column", "public.wallets.balance", of the table "public.wallets". */
    private record Thing(String kind, String name, String table, String definition) {
        String key() {
            return kind + " " + name;
        }
    }

    /** What is not as it should be, and what is there besides. */
    record Difference(List<String> findings, List<String> extra) {}

    private final Map<String, Thing> things = new TreeMap<>();

    static Inventory of(Connection c) throws SQLException {
        Inventory inventory = new Inventory();
        Database.list(c, """
                WITH t AS (
                  SELECT c.oid, format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                  WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND c.relname <> 'flyway_schema_history'
                    AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname NOT IN ('information_schema', 'avdaily_ops')
                    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'))
                SELECT 'table', name, name, '' FROM t
                UNION ALL
                SELECT 'column', format('%s.%I', t.name, a.attname), t.name,
                       format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
                         || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
                FROM t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
                  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
                UNION ALL -- a named NOT NULL (type n, from PostgreSQL 18 on) stands in its column
                SELECT 'constraint', format('%I on %s', k.conname, t.name), t.name, pg_get_constraintdef(k.oid)
                FROM t JOIN pg_constraint k ON k.conrelid = t.oid AND k.contype IN ('p', 'u', 'f', 'c', 'x')
                UNION ALL
                SELECT 'index', format('%I on %s', i.relname, t.name), t.name,
                       pg_get_indexdef(x.indexrelid) || CASE WHEN x.indisvalid THEN '' ELSE ' (invalid)' END
                FROM t JOIN pg_index x ON x.indrelid = t.oid JOIN pg_class i ON i.oid = x.indexrelid
                WHERE NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = x.indexrelid AND k.contype IN ('p', 'u', 'x'))""",
                row -> new Thing(row.getString(1), row.getString(2), row.getString(3), row.getString(4)))
                .forEach(thing -> inventory.things.put(thing.key(), thing));
        return inventory;
    }

    /** Compares what is there with what {@code expected} holds; of a missing or additional table its parts are not listed. */
    Difference against(Inventory expected) {
        List<String> findings = new ArrayList<>();
        for (Thing thing : expected.things.values()) {
            Thing mine = things.get(thing.key());
            if (mine == null) {
                if (thing.kind.equals("table") || has(thing.table)) findings.add("missing " + thing.key());
            } else if (!mine.definition.equals(thing.definition)) {
                findings.add("changed " + thing.key() + ": is '" + mine.definition + "', should be '" + thing.definition + "'");
            }
        }
        List<String> extra = things.values().stream().filter(thing -> !expected.things.containsKey(thing.key()))
                .filter(thing -> thing.kind.equals("table") || expected.has(thing.table)).map(Thing::key).toList();
        return new Difference(findings, extra);
    }

    private boolean has(String table) {
        return things.containsKey("table " + table);
    }
}
