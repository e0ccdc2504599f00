package avdaily.integrity;

import avdaily.db.Database;
import avdaily.sql.Sql;
import avdaily.sql.SqlState;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Asks the database for what breaks rules. Rules about the rows of one table share one scan of it, and rules that start
 * with the same query one run of that. Findings are counted first; their keys are fetched only if there are some.
 */
final class RuleQueries {
    private static final int MOST_KEYS = 20;

    private final Checker.Options options;
    private final DerivedRules catalog;

    RuleQueries(Checker.Options options, DerivedRules catalog) {
        this.options = options;
        this.catalog = catalog;
    }

    /** Checks rules that share a scan or a query, or one rule. */
    List<RuleResult> check(Connection c, List<Rule> job, Instant start) throws SQLException {
        if (job.isEmpty()) return List.of();
        if (job.get(0).isRowRule()) return scan(c, job, start);
        return job.size() > 1 ? together(c, job, start) : List.of(query(c, job.get(0), start));
    }

    /**
     * One pass over the table for all of the rules; the quick check believes indexes, and leaves out what they show to
     * be right.
     */
    private List<RuleResult> scan(Connection c, List<Rule> all, Instant start) throws SQLException {
        DerivedRules.Table table = catalog.table(all.get(0).query().table()).orElseThrow();
        List<RuleResult> results = new ArrayList<>();
        List<Rule> rules = new ArrayList<>();
        for (Rule rule : all)
            if (options.quick() && indexesShowNoOther(c, table, rule.query().values()))
                results.add(RuleResult.passed(rule, 0, Duration.between(start, Instant.now())));
            else rules.add(rule);
        if (rules.isEmpty()) return results;
        String counts = rules.stream()
                .map(rule -> "count(*) FILTER (WHERE (" + rule.query().where() + "\n))")
                .collect(Collectors.joining(",\n"));
        List<Long> found = RuleSql.numbers(c, "SELECT " + counts + " FROM " + table.sql() + " t");
        Duration took = Duration.between(start, Instant.now());
        for (int i = 0; i < rules.size(); i++) {
            Rule rule = rules.get(i);
            List<String> key = key(rule, table);
            results.add(outcome(c, rule, found.get(i), rule.offending(key, catalog), key, took));
        }
        return results;
    }

    private static List<String> key(Rule rule, DerivedRules.Table table) {
        if (!rule.query().key().isEmpty()) return rule.query().key();
        return table.key().isEmpty() ? List.of("ctid") : table.key();
    }

    /** Goes from each value in an index to the next greater one, as far as they are among those that may be there. */
    private static boolean indexesShowNoOther(Connection c, DerivedRules.Table table, Map<String, List<String>> values)
            throws SQLException {
        if (values.isEmpty() || !table.sorted().containsAll(values.keySet())) return false;
        for (Map.Entry<String, List<String>> entry : values.entrySet()) {
            String column = "t." + Sql.quoted(entry.getKey());
            String among =
                    " IN (" + entry.getValue().stream().map(Sql::literal).collect(Collectors.joining(", ")) + ")";
            String other = "WITH RECURSIVE found (v) AS ((SELECT " + column + " FROM " + table.sql() + " t WHERE "
                    + column + " IS NOT NULL ORDER BY 1 LIMIT 1)"
                    + " UNION ALL SELECT (SELECT " + column + " FROM " + table.sql() + " t WHERE " + column
                    + " > v ORDER BY 1 LIMIT 1) FROM found WHERE v" + among
                    + ") SELECT count(*) FROM found WHERE NOT v" + among;
            if (RuleSql.numbers(c, other).get(0) > 0) return false;
        }
        return true;
    }

    /** One run of the query that all of the rules start with. */
    private List<RuleResult> together(Connection c, List<Rule> rules, Instant start) throws SQLException {
        String counts = rules.stream()
                .map(rule -> "(SELECT count(*) FROM (" + rule.query().shared().rest() + "\n) q)")
                .collect(Collectors.joining(",\n"));
        List<Long> found = RuleSql.numbers(c, rules.get(0).query().shared().with() + "SELECT " + counts);
        Duration took = Duration.between(start, Instant.now());
        List<RuleResult> results = new ArrayList<>();
        for (int i = 0; i < rules.size(); i++) {
            Rule rule = rules.get(i);
            List<String> key = found.get(i) == 0 ? List.of() : FindingKey.of(c, rule);
            results.add(outcome(c, rule, found.get(i), rule.query().select(), key, took));
        }
        return results;
    }

    private RuleResult query(Connection c, Rule rule, Instant start) throws SQLException {
        if (rule.query().skipIf() != null) {
            RuleSql.mustRead(c, rule.query().skipIf());
            String reason = RuleSql.text(c, rule.query().skipIf());
            if (reason != null) return RuleResult.skipped(rule, reason);
        }
        if (rule.query().probe() != null) return probe(c, rule, start);
        long count = RuleSql.numbers(c, "SELECT count(*) FROM (" + rule.query().select() + "\n) q")
                .get(0);
        List<String> key = count == 0 ? List.of() : FindingKey.of(c, rule);
        return outcome(c, rule, count, rule.query().select(), key, Duration.between(start, Instant.now()));
    }

    private RuleResult outcome(Connection c, Rule rule, long count, String offending, List<String> key, Duration took)
            throws SQLException {
        if (count == 0) return RuleResult.passed(rule, 0, took);
        String from = " FROM (" + offending + "\n) q";
        List<String> known = options.accepted().keys(rule.id());
        List<String> there = known.isEmpty()
                ? List.of()
                : RuleSql.texts(
                        c, "SELECT " + FindingKey.name(key) + from + " WHERE NOT " + FindingKey.isNone(key, known));
        options.accepted().seen(rule.id(), there);
        if (there.size() >= count) return RuleResult.passed(rule, there.size(), took);
        List<String> keys = RuleSql.texts(
                c,
                "SELECT " + FindingKey.name(key) + from + " WHERE " + FindingKey.isNone(key, known)
                        + " ORDER BY 1 LIMIT " + MOST_KEYS);
        return RuleResult.found(rule, count - there.size(), there.size(), key, keys, took);
    }

    /**
     * Runs a statement for each row of the query: if the server reports damage, the row is a finding. No other error is
     * one: an index may be dropped meanwhile.
     */
    private RuleResult probe(Connection c, Rule rule, Instant start) throws SQLException {
        List<String> damaged = new ArrayList<>();
        RuleSql.mustRead(c, rule.query().select());
        for (Map<String, String> row : RuleSql.rows(c, rule.query().select())) {
            if (options.isOver(start)) throw new SQLException("it takes too long", SqlState.QUERY_CANCELED);
            Savepoint before = c.setSavepoint();
            try {
                String probe = new RuleFiles.Values(row).into(rule.query().probe());
                RuleSql.mustRead(c, probe);
                Database.run(c, probe);
                c.releaseSavepoint(before);
            } catch (SQLException e) {
                if (!SqlState.isCorruption(e)) throw e;
                c.rollback(before);
                damaged.add(row.values().iterator().next() + ": " + RuleSql.words(e));
            }
        }
        List<String> accepted = damaged.stream()
                .filter(options.accepted().keys(rule.id())::contains)
                .toList();
        options.accepted().seen(rule.id(), accepted);
        damaged.removeAll(accepted);
        Duration took = Duration.between(start, Instant.now());
        if (damaged.isEmpty()) return RuleResult.passed(rule, accepted.size(), took);
        List<String> some = damaged.stream().limit(MOST_KEYS).toList();
        return RuleResult.found(rule, damaged.size(), accepted.size(), rule.query().key(), some, took);
    }
}
