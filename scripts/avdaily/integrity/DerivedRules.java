package avdaily.integrity;

import avdaily.base.SqlResource;
import avdaily.db.Database;
import avdaily.db.ForeignCode;
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

/**
 * What rules must know of a database: its tables and their sizes, what its constraints prove, and the rules that its
 * foreign keys and sequences give.
 */
final class DerivedRules {
    /**
     * A table, or partitioned table.
     *
     * @param key the columns of its primary key
     * @param sorted the columns whose values an index holds in their order
     * @param isEmptyHere whether it is unlogged and the server a standby, which has no rows of it and reads none
     * @param danger why to read it could run a stranger's code as our role; null if it could not
     */
    record Table(
            String sql,
            long bytes,
            long rows,
            Set<String> columns,
            List<String> key,
            Set<String> sorted,
            boolean isEmptyHere,
            String danger) {
        private String strange() {
            return sql + " " + danger;
        }
    }

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
     * "foreign key wallets(user_id)", "unique ...", "not null ...", "check wallets(name)", and the constraints' own
     * names, if they are valid and enabled.
     */
    private final Set<String> proven = new HashSet<>();

    private boolean hasStrangers;

    static DerivedRules read(Connection c) throws SQLException {
        DerivedRules catalog = new DerivedRules();
        catalog.readTables(c);
        catalog.readConstraints(c);
        catalog.readSequences(c);
        return catalog;
    }

    private void readTables(Connection c) throws SQLException {
        hasStrangers = ForeignCode.strangersOwnCode(c);
        String query = ForeignCode.dangers(hasStrangers) + SqlResource.of(DerivedRules.class, "tables-of-rules.sql");
        Database.list(c, query, row -> {
            String schema = row.getString("schema");
            String name = row.getString("name");
            Table table = new Table(
                    Sql.quoted(schema) + "." + Sql.quoted(name),
                    row.getLong("bytes"),
                    row.getLong("rows"),
                    Set.copyOf(texts(row.getArray("columns"))),
                    texts(row.getArray("key")),
                    Set.copyOf(texts(row.getArray("sorted"))),
                    row.getBoolean("is_empty_here"),
                    row.getString("danger"));
            tables.put(schema + "." + name, table);
            if (row.getBoolean("is_visible")) tables.put(name, table);
            return null;
        });
    }

    private void readConstraints(Connection c) throws SQLException {
        Database.list(c, SqlResource.of(DerivedRules.class, "constraints-of-rules.sql"), row -> {
            String name = row.getString("name");
            String schema = row.getString("schema");
            String table = row.getString("table");
            List<String> columns = texts(row.getArray("columns"));
            String kind = row.getString("kind");
            if (row.getBoolean("holds")) {
                String shown = schema.equals("public") ? table : schema + "." + table;
                proven.add(name);
                if (kind.equals("f")) proven.add("foreign key " + shown + "(" + String.join(",", columns) + ")");
                if (kind.equals("c")) proven.add("check " + shown + "(" + name + ")");
            }
            if (kind.equals("f") && row.getBoolean("is_root"))
                foreignKeys.add(new ForeignKey(
                        name,
                        schema + "." + table,
                        columns,
                        Sql.quoted(row.getString("target_schema")) + "." + Sql.quoted(row.getString("target")),
                        texts(row.getArray("target_columns")),
                        row.getBoolean("is_full"),
                        row.getBoolean("is_period")));
            return null;
        });
        proven.addAll(Database.list(
                c, SqlResource.of(DerivedRules.class, "unique-and-not-null.sql"), row -> row.getString("claim")));
    }

    private void readSequences(Connection c) throws SQLException {
        sequences.addAll(Database.list(
                c,
                SqlResource.of(DerivedRules.class, "sequences-of-columns.sql"),
                row -> new Sequence(
                        row.getString("name"),
                        row.getString("table"),
                        row.getString("column"),
                        row.getLong("increment"))));
    }

    /** The table that a rule calls so. */
    Optional<Table> table(String name) {
        return Optional.ofNullable(tables.getOrDefault(name, tables.get(name.replace("\"", ""))));
    }

    /** The table of "wallets" or "transactions.plan_id". */
    Optional<Table> tableOf(String wanted) {
        return table(wanted).or(() -> table(wanted.replaceFirst("\\.[^.]*$", "")));
    }

    /** Of the same: the tables of which the server has no rows. */
    List<String> emptyHere(List<String> wanted) {
        return wanted.stream()
                .flatMap(name -> tableOf(name).stream())
                .filter(Table::isEmptyHere)
                .map(Table::sql)
                .distinct()
                .toList();
    }

    /** Of "wallets" or "transactions.plan_id": what is not there. */
    List<String> missing(List<String> wanted) {
        return wanted.stream()
                .filter(name -> !isThere(name) && !isThere(name.replace("\"", "")))
                .toList();
    }

    /** What a rule would read of a stranger's; of a query that names no tables, whatever there is. */
    List<String> strange(Rule rule) {
        if (rule.wanted().isEmpty()) return strange();
        return rule.wanted().stream()
                .flatMap(name -> tableOf(name).stream())
                .filter(table -> table.danger != null)
                .map(Table::strange)
                .distinct()
                .toList();
    }

    /** Whether what a rule's query reads has to be looked at besides its tables. */
    boolean hasStrangers() {
        return hasStrangers;
    }

    /** Up to three tables of strangers. */
    List<String> strange() {
        return tables.values().stream()
                .filter(table -> table.danger != null)
                .map(Table::strange)
                .distinct()
                .sorted()
                .limit(3)
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
        String name = Sql.literal(sequence.name);
        String column = sequence.table.replaceFirst("^public\\.", "") + "." + sequence.column;
        // taken back only while it is as the fix left it: a sequence that moved on is in use
        String undo = Sql.literal("SELECT setval(%L, %s, %L) FROM " + sequence.name.replace("%", "%%")
                + " WHERE last_value = %s AND is_called");
        String query =
                """
                SELECT %s AS sequence, format('SELECT setval(%%L, %%s)', %s, most) AS fix,
                  format(%s, %s, last_value, is_called, most) AS undo
                FROM %s, (SELECT max(%s) AS most FROM %s) m
                WHERE last_value + CASE WHEN is_called THEN %d ELSE 0 END <= most"""
                        .formatted(
                                name,
                                name,
                                undo,
                                name,
                                sequence.name,
                                Sql.quoted(sequence.column),
                                tables.get(sequence.table).sql(),
                                sequence.increment);
        return Rule.derived(id("SEQ-" + column, ids), Rule.Category.CONSISTENCY)
                .table(sequence.table)
                .means("The sequence of " + column + " is past every value that is there.")
                .query(query, List.of("sequence"))
                .cure("Move it on with setval; until then, inserts fail on the primary key.")
                .fix(Rule.Fix.ddl("fix", "undo"))
                .build();
    }

    /**
     * A rule for each foreign key that no other rule covers: a constraint can look valid and be violated, after a
     * restore or with triggers off.
     */
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
        Table table = tables.get(key.table);
        List<String> named = table.key().isEmpty() ? List.of("ctid") : table.key();
        String query = "SELECT " + Quarantine.columns("t", named) + " FROM " + table.sql() + " t WHERE " + orphan(key);
        String parent = key.target.replaceFirst("^\"public\"\\.", "").replace("\"", "");
        return Rule.derived(id, Rule.Category.ORPHANS)
                .table(key.table)
                .means("Every " + String.join(", ", key.columns) + " of " + key.table.replaceFirst("^public\\.", "")
                        + " leads to a row of " + parent + ".")
                .enforcedBy(claim)
                .query(query, named)
                .cure("Find out where the row of " + parent + " went (a restore, or triggers that were off), and bring "
                        + "it back or remove what refers to it.")
                .build();
    }

    /** A condition: the row {@code t} refers to a row that is not there, as the key's MATCH wants it. */
    private static String orphan(ForeignKey key) {
        String columns = Quarantine.columns("t", key.columns);
        List<String> match = new ArrayList<>();
        for (int i = 0; i < key.columns.size(); i++)
            match.add("p." + Sql.quoted(key.targetColumns.get(i)) + " = t." + Sql.quoted(key.columns.get(i)));
        int last = key.columns.size() - 1;
        String found = key.period // the last column is a range, which several rows may cover together
                ? "t." + Sql.quoted(key.columns.get(last)) + " <@ (SELECT coalesce(range_agg(p."
                        + Sql.quoted(key.targetColumns.get(last)) + "), '{}') FROM " + key.target + " p WHERE "
                        + String.join(" AND ", match.subList(0, last)) + ")"
                : "EXISTS (SELECT FROM " + key.target + " p WHERE " + String.join(" AND ", match) + ")";
        if (key.columns.size() == 1) return columns + " IS NOT NULL AND NOT " + found;
        String orphan = "num_nulls(" + columns + ") = 0 AND NOT " + found;
        return key.full
                ? "(" + orphan + ") OR num_nulls(" + columns + ") BETWEEN 1 AND " + (key.columns.size() - 1)
                : orphan;
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
