package avdaily.integrity;

import avdaily.db.Database;
import avdaily.sql.Sql;
import java.sql.Array;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The tables of a database, as far as rules must know them: what is there, how big it is, and what its constraints prove. */
final class DerivedRules {
    /** Whatever is the server's or the collection's own is not the user's data. */
    static final String OURS = "nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'avdaily_ops')";

    /**
     * A table, or partitioned table.
     *
     * @param key the columns of its primary key
     * @param sorted the columns whose values an index holds in their order
     */
    record Table(String sql, long bytes, long rows, Set<String> columns, List<String> key, Set<String> sorted) {}

    private record ForeignKey(
            String name,
            String table,
            List<String> columns,
            String target,
            List<String> targetColumns,
            boolean full,
            boolean period) {}

    private record Sequence(String name, String table, String column, long increment) {}

    private final List<Sequence> sequences = new ArrayList<>();
    private final Map<String, Table> tables = new HashMap<>();
    private final List<ForeignKey> foreignKeys = new ArrayList<>();
    /**
     * "foreign key wallets(user_id)", "unique ...", "not null ...", "check wallets(name)", and the constraints' own names,
     * where they are valid and enabled.
     */
    private final Set<String> proven = new HashSet<>();

    static DerivedRules read(Connection c) throws SQLException {
        DerivedRules catalog = new DerivedRules();
        catalog.readTables(c);
        catalog.readConstraints(c);
        catalog.readSequences(c);
        return catalog;
    }

    private void readTables(Connection c) throws SQLException {
        Database.list(
                c,
                """
                SELECT nspname, relname, pg_table_is_visible(c.oid), pg_table_size(c.oid), greatest(reltuples, 0)::bigint,
                       ARRAY(SELECT attname::text FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped),
                       ARRAY(SELECT a.attname::text FROM pg_index i, unnest(indkey::int2[]) WITH ORDINALITY k(n, place)
                         JOIN pg_attribute a ON attrelid = c.oid AND attnum = n
                             WHERE indrelid = c.oid AND indisprimary ORDER BY place),
                       ARRAY(SELECT DISTINCT attname::text FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0] AND attcollation = indcollation[0]
                         JOIN pg_opclass o ON o.oid = indclass[0] AND opcdefault JOIN pg_am m ON m.oid = opcmethod AND amname = 'btree'
                             WHERE indrelid = c.oid AND indisvalid AND indpred IS NULL)
                FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
                WHERE relkind IN ('r', 'p') AND\s"""
                        + OURS,
                row -> {
                    String schema = row.getString(1);
                    String name = row.getString(2);
                    Table table = new Table(
                            Sql.quoted(schema) + "." + Sql.quoted(name),
                            row.getLong(4),
                            row.getLong(5),
                            Set.copyOf(texts(row.getArray(6))),
                            texts(row.getArray(7)),
                            Set.copyOf(texts(row.getArray(8))));
                    tables.put(schema + "." + name, table);
                    if (row.getBoolean(3)) tables.put(name, table);
                    return null;
                });
    }

    private void readConstraints(Connection c) throws SQLException {
        Database.list(
                c,
                """
                SELECT contype, conname, n.nspname, c.relname, columns, fn.nspname AS target_schema, f.relname AS target, target_columns,
                  confmatchtype = 'f' AS is_full, coalesce(to_jsonb(k) ->> 'conperiod', 'false') = 'true' AS is_period,
                       convalidated AND NOT EXISTS (SELECT FROM pg_trigger WHERE tgconstraint = k.oid AND tgenabled <> 'O') AS holds,
                         conparentid = 0 AS is_root
                FROM (SELECT *, ARRAY(SELECT attname::text FROM unnest(conkey) WITH ORDINALITY u(n, place) JOIN pg_attribute ON attrelid = conrelid
                  AND attnum = n ORDER BY place) AS columns,
                                ARRAY(SELECT attname::text FROM unnest(confkey) WITH ORDINALITY u(n, place)
                                  JOIN pg_attribute ON attrelid = confrelid AND attnum = n ORDER BY place) AS target_columns
                      FROM pg_constraint) k
                JOIN pg_class c ON c.oid = conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
                LEFT JOIN pg_class f ON f.oid = confrelid LEFT JOIN pg_namespace fn ON fn.oid = f.relnamespace
                WHERE\s"""
                        + OURS.replace("nspname", "n.nspname") + " ORDER BY conname, n.nspname, c.relname",
                row -> {
                    String table = row.getString("nspname").equals("public")
                            ? row.getString("relname")
                            : row.getString("nspname") + "." + row.getString("relname");
                    List<String> columns = texts(row.getArray("columns"));
                    String kind = row.getString("contype");
                    if (row.getBoolean("holds")) {
                        proven.add(row.getString("conname"));
                        if (kind.equals("f"))
                            proven.add("foreign key " + table + "(" + String.join(",", columns) + ")");
                        if (kind.equals("c")) proven.add("check " + table + "(" + row.getString("conname") + ")");
                    }
                    if (kind.equals("f") && row.getBoolean("is_root"))
                        foreignKeys.add(new ForeignKey(
                                row.getString("conname"),
                                row.getString("nspname") + "." + row.getString("relname"),
                                columns,
                                Sql.quoted(row.getString("target_schema")) + "." + Sql.quoted(row.getString("target")),
                                texts(row.getArray("target_columns")),
                                row.getBoolean("is_full"),
                                row.getBoolean("is_period")));
                    return null;
                });
        proven.addAll(Database.list(
                c,
                """
                SELECT 'unique ' || CASE nspname WHEN 'public' THEN '' ELSE nspname || '.' END || relname || '('
                       || (SELECT string_agg(attname, ',' ORDER BY place) FROM unnest(indkey::int2[]) WITH ORDINALITY k(n, place)
                         JOIN pg_attribute ON attrelid = c.oid AND attnum = n WHERE place <= indnkeyatts) || ')'
                FROM pg_index JOIN pg_class c ON c.oid = indrelid JOIN pg_namespace n ON n.oid = relnamespace
                WHERE indisunique AND indisvalid AND indisready AND indpred IS NULL AND indexprs IS NULL AND"""
                        + " " + OURS
                        + """
                 UNION ALL
                SELECT 'not null ' || CASE nspname WHEN 'public' THEN '' ELSE nspname || '.' END || relname || '(' || attname || ')'
                FROM pg_attribute JOIN pg_class c ON c.oid = attrelid JOIN pg_namespace n ON n.oid = relnamespace
                WHERE attnotnull AND attnum > 0 AND NOT attisdropped AND relkind IN ('r', 'p')
                  AND NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = c.oid AND contype = 'n' AND conkey[1] = attnum AND NOT convalidated) AND"""
                        + " " + OURS,
                row -> row.getString(1)));
    }

    private void readSequences(Connection c) throws SQLException {
        sequences.addAll(Database.list(
                c,
                """
                SELECT format('%I.%I', sn.nspname, s.relname), n.nspname || '.' || t.relname, attname, seqincrement
                FROM pg_sequence q JOIN pg_class s ON s.oid = seqrelid JOIN pg_namespace sn ON sn.oid = s.relnamespace
                JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = seqrelid AND d.refclassid = 'pg_class'::regclass
                  AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
                JOIN pg_class t ON t.oid = refobjid JOIN pg_namespace n ON n.oid = t.relnamespace JOIN pg_attribute ON attrelid = t.oid
                  AND attnum = refobjsubid
                WHERE seqincrement > 0 AND NOT seqcycle AND atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype) AND\s"""
                        + OURS.replace("nspname", "n.nspname") + " ORDER BY 1",
                row -> new Sequence(row.getString(1), row.getString(2), row.getString(3), row.getLong(4))));
    }

    /** The table that a rule calls so. */
    Optional<Table> table(String name) {
        return Optional.ofNullable(tables.getOrDefault(name, tables.get(name.replace("\"", ""))));
    }

    /** Of "wallets" or "transactions.plan_id": what is not there. */
    List<String> missing(List<String> wanted) {
        return wanted.stream()
                .filter(name -> !isThere(name) && !isThere(name.replace("\"", "")))
                .toList();
    }

    private boolean isThere(String name) {
        if (tables.containsKey(name)) return true;
        int dot = name.lastIndexOf('.');
        return dot > 0
                && tables.containsKey(name.substring(0, dot))
                && tables.get(name.substring(0, dot)).columns().contains(name.substring(dot + 1));
    }

    /** Whether constraints that are valid and enabled prove all of it. */
    boolean proves(List<String> claims) {
        return !claims.isEmpty() && claims.stream().map(DerivedRules::plain).allMatch(proven::contains);
    }

    private static String plain(String claim) {
        return claim.replace("\"", "").strip().replaceAll("\\s+", " ").replaceAll(" ?([(),]) ?", "$1");
    }

    /** The rules that the database itself gives. */
    List<Rule> rules(List<Rule> others) {
        Set<String> ids = others.stream().map(Rule::id).collect(Collectors.toCollection(HashSet::new));
        List<Rule> rules = foreignKeyRules(others, ids);
        sequences.forEach(sequence -> rules.add(rule(sequence, ids)));
        return rules;
    }

    /** An id out of a name that may hold anything, and that others may have too. */
    private static String id(String name, Set<String> taken) {
        String id = name.replaceAll("[^\\w.-]", "_");
        for (int n = 2; !taken.add(id); n++) id = name.replaceAll("[^\\w.-]", "_") + "-" + n;
        return id;
    }

    private Rule rule(Sequence sequence, Set<String> ids) {
        String table = tables.get(sequence.table).sql();
        String name = Checker.literal(sequence.name);
        // taken back only where it still is as the fix left it: moved on, it is in use
        String query = "SELECT " + name + " AS sequence, format('SELECT setval(%L, %s)', " + name
                + ", most) AS fix,\n  format('SELECT setval(%L, %s, %L) FROM "
                + sequence.name.replace("'", "''").replace("%", "%%") + " WHERE last_value = %s AND is_called', " + name
                + ", last_value, is_called, most) AS undo\nFROM "
                + sequence.name + ", (SELECT max(" + Sql.quoted(sequence.column) + ") AS most FROM " + table
                + ") m WHERE last_value + CASE WHEN is_called THEN "
                + sequence.increment + " ELSE 0 END <= most";
        String column = sequence.table.replaceFirst("^public\\.", "") + "." + sequence.column;
        return new Rule(
                id("SEQ-" + column, ids),
                Rule.Category.CONSISTENCY,
                Rule.Severity.CRITICAL,
                true,
                "The sequence of " + column + " is past every value that is there.",
                List.of(),
                List.of(sequence.table),
                List.of(),
                null,
                null,
                Map.of(),
                query,
                null,
                List.of("sequence"),
                null,
                null,
                "Move it on with setval; until then, inserts fail on the primary key.",
                new Rule.Fix(Rule.Fix.Kind.DDL, null, null, Map.of(), null, "fix", "undo", false),
                null,
                "the database");
    }

    /** A rule for each foreign key that no other rule covers: a constraint can look valid and be violated, after a restore or with triggers off. */
    private List<Rule> foreignKeyRules(List<Rule> others, Set<String> ids) {
        Set<String> covered = others.stream()
                .filter(rule -> rule.off() == null)
                .flatMap(rule -> rule.enforcedBy().stream())
                .map(DerivedRules::plain)
                .collect(Collectors.toSet());
        List<Rule> rules = new ArrayList<>();
        for (ForeignKey key : foreignKeys) {
            String claim = "foreign key " + key.table.replaceFirst("^public\\.", "") + "("
                    + String.join(",", key.columns) + ")";
            if (covered.contains(key.name) || covered.contains(claim)) continue;
            rules.add(rule(id("FK-" + key.name, ids), key, claim));
        }
        return rules;
    }

    private Rule rule(String id, ForeignKey key, String claim) {
        String columns =
                key.columns.stream().map(column -> "t." + Sql.quoted(column)).collect(Collectors.joining(", "));
        List<String> match = new ArrayList<>();
        for (int i = 0; i < key.columns.size(); i++)
            match.add("p." + Sql.quoted(key.targetColumns.get(i)) + " = t." + Sql.quoted(key.columns.get(i)));
        int last = key.columns.size() - 1;
        String found = key.period // the last column is a range, which several rows may cover together
                ? "t." + Sql.quoted(key.columns.get(last)) + " <@ (SELECT coalesce(range_agg(p."
                        + Sql.quoted(key.targetColumns.get(last)) + "), '{}') FROM " + key.target + " p WHERE "
                        + String.join(" AND ", match.subList(0, last)) + ")"
                : "EXISTS (SELECT FROM " + key.target + " p WHERE " + String.join(" AND ", match) + ")";
        String orphan = "num_nulls(" + columns + ") = 0 AND NOT " + found;
        if (key.columns.size() == 1)
            orphan = orphan.replace("num_nulls(" + columns + ") = 0", columns + " IS NOT NULL");
        if (key.full && key.columns.size() > 1)
            orphan = "(" + orphan + ") OR num_nulls(" + columns + ") BETWEEN 1 AND " + (key.columns.size() - 1);
        Table table = tables.get(key.table);
        List<String> named = table.key().isEmpty() ? List.of("ctid") : table.key();
        String query = "SELECT "
                + named.stream().map(column -> "t." + Sql.quoted(column)).collect(Collectors.joining(", ")) + " FROM "
                + table.sql() + " t WHERE " + orphan;
        String parent = key.target.replaceFirst("^\"public\"\\.", "").replace("\"", "");
        return new Rule(
                id,
                Rule.Category.ORPHANS,
                Rule.Severity.CRITICAL,
                true,
                "Every " + String.join(", ", key.columns) + " of " + key.table.replaceFirst("^public\\.", "")
                        + " leads to a row of " + parent + ".",
                List.of(),
                List.of(key.table),
                List.of(claim),
                null,
                null,
                Map.of(),
                query,
                null,
                named,
                null,
                null,
                "Find out where the row of " + parent
                        + " went (a restore, or triggers that were off), and bring it back or remove what refers to it.",
                null,
                null,
                "the database");
    }

    static String sqlName(String table) {
        return Arrays.stream(table.replace("\"", "").split("\\."))
                .map(Sql::quoted)
                .collect(Collectors.joining("."));
    }

    private static List<String> texts(Array array) throws SQLException {
        return List.of((String[]) array.getArray());
    }
}
