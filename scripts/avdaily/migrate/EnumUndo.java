package avdaily.migrate;

import avdaily.db.Database;
import avdaily.schema.Schema;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Takes values away from enums: PostgreSQL cannot, so the type is made anew and the columns move over. What else hangs on it is
 * dropped, and it is for the comparison to make that again. A row that has the value makes it fail.
 */
final class EnumUndo {
    /** The types, their arrays, and the columns that have one of them. */
    private static final String ENUMS =
            """
            WITH RECURSIVE enums AS (SELECT e.oid AS enum, k.oid FROM pg_type e CROSS JOIN unnest(ARRAY[e.oid, e.typarray]) k (oid) WHERE e.oid = ANY (?::text[]::regtype[])),
            columns AS (SELECT a.attrelid, a.attnum, a.attname, a.atttypid, a.attinhcount, a.attgenerated, r.relkind, r.relispartition
                        FROM pg_attribute a JOIN pg_class r ON r.oid = a.attrelid AND r.relkind IN ('r', 'p', 'f', 'c')
                        WHERE a.atttypid IN (SELECT oid FROM enums) AND a.attnum > 0 AND NOT a.attisdropped)""";

    /**
     * What the server would not let a column change its type for, or would compare with the old type's values: views, rules, policies,
     * triggers, functions and foreign keys, checks and indexes with such values; then what hangs on those, which is to be dropped first.
     */
    private static final String DROPS = ENUMS
            + """
            , dependent AS (SELECT d.refclassid, d.refobjid, d.refobjsubid, d.objsubid, CASE WHEN v.oid IS NULL THEN d.classid ELSE 'pg_class'::regclass END AS classid, coalesce(v.oid, d.objid) AS objid
                            FROM pg_depend d LEFT JOIN (pg_rewrite w JOIN pg_class v ON v.oid = w.ev_class AND v.relkind IN ('v', 'm')) ON d.classid = 'pg_rewrite'::regclass AND w.oid = d.objid
                            WHERE d.deptype = 'n'),
            hanging AS (
              SELECT classid, objid, 1 AS depth FROM dependent
              WHERE refclassid = 'pg_type'::regclass AND refobjid IN (SELECT oid FROM enums) AND objsubid = 0
                 OR refclassid = 'pg_class'::regclass AND (refobjid, refobjsubid) IN (SELECT attrelid, attnum FROM columns)
                   AND (classid <> 'pg_constraint'::regclass OR objid IN (SELECT oid FROM pg_constraint WHERE contype = 'f'))
              UNION SELECT d.classid, d.objid, depth + 1
              FROM hanging h JOIN dependent d ON d.refclassid = h.classid AND d.refobjid = h.objid
                   OR d.refclassid = 'pg_type'::regclass AND h.classid = 'pg_class'::regclass AND d.refobjid = (SELECT reltype FROM pg_class WHERE oid = h.objid)
              WHERE (d.classid, d.objid) <> (h.classid, h.objid) AND depth < 30)
            SELECT coalesce(
              (SELECT CASE WHEN relkind = 'v' THEN format('DROP VIEW %s;', oid::regclass) WHEN relkind = 'm' THEN format('DROP MATERIALIZED VIEW %s;', oid::regclass)
                           WHEN relispartition OR relkind NOT IN ('i', 'I') THEN NULL
                           ELSE coalesce((SELECT format('ALTER TABLE %s DROP CONSTRAINT %I;', conrelid::regclass, conname) FROM pg_constraint k WHERE k.conindid = c.oid AND k.contype IN ('p', 'u', 'x')),
                                         format('DROP INDEX %s;', oid::regclass)) END
               FROM pg_class c WHERE h.classid = 'pg_class'::regclass AND c.oid = h.objid),
              (SELECT format('DROP %s %s;', CASE prokind WHEN 'p' THEN 'PROCEDURE' WHEN 'a' THEN 'AGGREGATE' ELSE 'FUNCTION' END, oid::regprocedure) FROM pg_proc p WHERE h.classid = 'pg_proc'::regclass AND p.oid = h.objid),
              (SELECT format('ALTER TABLE %s DROP CONSTRAINT %I;', conrelid::regclass, conname) FROM pg_constraint k WHERE h.classid = 'pg_constraint'::regclass AND k.oid = h.objid AND conrelid <> 0 AND coninhcount = 0),
              (SELECT format('DROP POLICY %I ON %s;', polname, polrelid::regclass) FROM pg_policy p WHERE h.classid = 'pg_policy'::regclass AND p.oid = h.objid),
              (SELECT format('DROP TRIGGER %I ON %s;', tgname, tgrelid::regclass) FROM pg_trigger t WHERE h.classid = 'pg_trigger'::regclass AND t.oid = h.objid AND tgparentid = 0),
              (SELECT format('DROP RULE %I ON %s;', rulename, ev_class::regclass) FROM pg_rewrite w WHERE h.classid = 'pg_rewrite'::regclass AND w.oid = h.objid),
              (SELECT format('ALTER TABLE ONLY %s ALTER COLUMN %I DROP DEFAULT;', a.attrelid::regclass, a.attname) FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
               WHERE h.classid = 'pg_attrdef'::regclass AND d.oid = h.objid AND a.attgenerated = '')) AS statement
            FROM (SELECT classid, objid, max(depth) AS depth FROM hanging GROUP BY classid, objid) h ORDER BY depth DESC, statement""";

    private static final String MOVES = ENUMS
            + """
            SELECT CASE c.relkind WHEN 'c' THEN format('ALTER TYPE %s ALTER ATTRIBUTE %I TYPE %s;', attrelid::regclass, attname, format_type(atttypid, NULL))
                   ELSE format('ALTER TABLE %s ALTER COLUMN %2$I TYPE %3$s USING %2$I::text%4$s::%3$s;', attrelid::regclass, attname, format_type(atttypid, NULL), CASE WHEN atttypid <> enum THEN '[]' END) END
            FROM columns c JOIN enums ON oid = atttypid WHERE attinhcount = 0 AND NOT relispartition ORDER BY c.relkind = 'c' DESC, attrelid::regclass::text, attnum""";

    private static final String DEFAULTS = ENUMS
            + """
            SELECT format('ALTER TABLE ONLY %s ALTER COLUMN %I SET DEFAULT %s;', attrelid::regclass, attname, pg_get_expr(adbin, adrelid))
            FROM columns JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum WHERE attgenerated = '' ORDER BY attrelid::regclass::text, attnum""";

    /** The statements for the enums in {@code changes}, which are in {@code c} as they were changed. */
    static List<String> statements(Connection c, Drift changes, List<Schema.Item> before) throws SQLException {
        Map<String, Schema.Item> old = Drift.byName(before);
        List<String> types = changes.changes().stream()
                .filter(change ->
                        change.how() == Drift.How.CHANGED && change.kind().equals("TYPE"))
                .map(Drift.Change::identity)
                .filter(type -> old.get("TYPE " + type).ddl().contains(" AS ENUM ("))
                .toList();
        if (types.isEmpty()) return List.of();
        Database.run(c, "SET search_path = ''"); // so that everything comes with its whole name
        List<String> all = new ArrayList<>(read(c, DROPS, types));
        List<String> defaults = read(c, DEFAULTS, types);
        defaults.stream()
                .map(set -> set.replaceFirst("(?s) SET DEFAULT .*", " DROP DEFAULT;"))
                .filter(drop -> !all.contains(drop))
                .forEach(all::add);
        List<String> last = new ArrayList<>();
        for (String type : types) {
            String name = Database.one(
                    c,
                    "SELECT quote_ident(left(typname, 56) || '_before') FROM pg_type WHERE oid = ?::regtype",
                    String.class,
                    type);
            String schema = Database.one(
                    c,
                    "SELECT typnamespace::regnamespace::text FROM pg_type WHERE oid = ?::regtype",
                    String.class,
                    type);
            all.add("ALTER TYPE " + type + " RENAME TO " + name + ";");
            all.add(old.get("TYPE " + type)
                    .ddl()
                    .lines()
                    .filter(line -> !line.startsWith("ALTER TYPE "))
                    .reduce((a, b) -> a + "\n" + b)
                    .orElseThrow());
            last.add("DROP TYPE " + schema + "." + name + ";");
        }
        all.addAll(read(c, MOVES, types));
        all.addAll(defaults);
        all.addAll(last);
        return all;
    }

    private static List<String> read(Connection c, String query, List<String> types) throws SQLException {
        return Database.list(c, query, row -> row.getString(1), (Object) types.toArray(String[]::new)).stream()
                .filter(Objects::nonNull)
                .distinct()
                .toList();
    }

    private EnumUndo() {}
}
