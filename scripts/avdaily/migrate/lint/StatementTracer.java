package avdaily.migrate.lint;

import avdaily.base.Failure;
import avdaily.base.ResourceFolder;
import avdaily.migrate.DeferredChecks;
import avdaily.migrate.MigrationScript;
import avdaily.migrate.MigrationStatement;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Runs migrations one statement at a time, and looks what each does to the tables that were there before the first one:
 * locks, rewrites, scans, definitions.
 */
final class StatementTracer {
    /** The end of a message about a file that fails. */
    static final String TRIED = "nothing was changed, it was only tried";

    private final TableSizes sizes;
    private final List<StatementTrace> traces = new ArrayList<>();
    /** The tables through which an ALTER of the same file went already. */
    private final Set<Long> passed = new HashSet<>();
    /** The moment before the first statement; null until it runs. */
    private CatalogSnapshot start;

    StatementTracer(TableSizes sizes) {
        this.sizes = sizes;
    }

    List<StatementTrace> traces() {
        return traces;
    }

    /** Forgets an attempt that did not get its locks. */
    void begin() {
        traces.clear();
        passed.clear();
        start = null;
    }

    /** Makes a session what it was at its beginning, as each file of a migration finds it. */
    interface Renewal {
        void of(Connection c) throws SQLException;
    }

    /** Runs files that are one transaction, in which locks add up. The transaction stays open. */
    void transaction(Connection c, List<MigrationScript> files, Renewal renewal) throws SQLException {
        c.setAutoCommit(false);
        for (MigrationScript file : files) {
            renewal.of(c);
            Savepoint before = c.setSavepoint();
            int traced = traces.size();
            try {
                run(c, file);
            } catch (Failure e) {
                if (!DeferredChecks.areInTheWay(e)) throw e;
                c.rollback(before);
                traces.subList(traced, traces.size()).clear();
                passed.clear();
                DeferredChecks.settle(c);
                run(c, file);
            }
        }
    }

    /** Runs a file whose statements are each a transaction of their own. */
    void byItself(Connection c, MigrationScript file, Renewal renewal) throws SQLException {
        c.setAutoCommit(true);
        renewal.of(c);
        run(c, file);
    }

    private void run(Connection c, MigrationScript script) throws SQLException {
        IgnoredRules ignored = new IgnoredRules(script);
        CatalogSnapshot first = CatalogSnapshot.of(c);
        if (start == null) start = first;
        String file = ResourceFolder.show(script.file());
        List<MigrationStatement> statements = script.statementsFor(c);
        CatalogSnapshot before = first;
        for (MigrationStatement statement : statements) {
            long begin = System.nanoTime();
            statement.run(c, notice -> {}, TRIED, "run the command again.");
            Duration took = Duration.ofNanos(System.nanoTime() - begin);
            CatalogSnapshot after = CatalogSnapshot.of(c);
            StatementChange change = new StatementChange(start, before, after, statement.sql());
            traces.add(trace(file, statement, took, change, ignored));
            before = after;
        }
        if (statements.isEmpty()) return;
        MigrationStatement last = statements.get(statements.size() - 1);
        List<Violations.Violation> unindexed = StatementChecks.unindexed(first, before);
        StatementChange whole = new StatementChange(start, first, before, "");
        traces.add(StatementTrace.ofFile(file, last.line(), findings(file, last, unindexed, whole, ignored)));
        ignored.withoutReason().forEach((line, rule) -> traces.add(withoutReason(file, line, rule)));
        passed.clear();
    }

    private StatementTrace trace(
            String file, MigrationStatement statement, Duration took, StatementChange change, IgnoredRules ignored) {
        List<Violations.Violation> violations = new ArrayList<>(StatementChecks.of(change));
        if (statement.sql().strip().toLowerCase(Locale.ROOT).startsWith("alter"))
            violations.addAll(furtherPasses(change));
        Map<String, String> locks = new HashMap<>();
        change.after.newLocks(change.before, start).forEach((table, mode) -> locks.put(table.name(), mode));
        List<String> rewritten = change.tablesInUse()
                .filter(table -> change.rewrote(table.oid()))
                .map(CatalogSnapshot.Table::name)
                .toList();
        List<LintFinding> findings = findings(file, statement, violations, change, ignored);
        return new StatementTrace(file, statement.line(), statement.brief(), took, locks, rewritten, findings);
    }

    private List<Violations.Violation> furtherPasses(StatementChange change) {
        return change.tablesInUse()
                .filter(table -> change.rewrote(table.oid()) || change.scanned(table.oid()))
                .filter(table -> !passed.add(table.oid()))
                .map(table -> Violations.Violation.of(
                        "several-passes",
                        table.oid(),
                        table.name(),
                        "ALTER TABLE " + table.name() + " <all the actions, separated by commas>;"))
                .toList();
    }

    /**
     * Whether a file has statements that cannot run in a transaction beside others that can. It is not run, and that
     * finding is all there is to say.
     */
    boolean mixesTransactionModes(MigrationScript script) {
        List<MigrationStatement> statements = MigrationStatement.of(script);
        List<MigrationStatement> alone =
                statements.stream().filter(s -> !s.isTransactional()).toList();
        if (alone.isEmpty() || alone.size() == statements.size()) return false;
        MigrationStatement first = alone.get(0);
        String file = ResourceFolder.show(script.file());
        Violations.Violation violation = Violations.Violation.of(
                "no-transaction-among-others", null, first.brief(), "put it into a migration of its own");
        List<LintFinding> findings = findings(file, first, List.of(violation), null, new IgnoredRules(script));
        traces.add(StatementTrace.notRun(file, first, first.brief(), findings));
        return true;
    }

    /** Says of each statement that it cannot be tried. */
    void untraced(MigrationScript script) {
        String why = script.batches().isPresent() ? "runs in batches" : "cannot run in a transaction";
        for (MigrationStatement statement : MigrationStatement.of(script))
            traces.add(StatementTrace.notRun(
                    ResourceFolder.show(script.file()),
                    statement,
                    "not traced, it " + why + ": " + statement.brief(),
                    List.of()));
    }

    /** @param change null if the statement did not run; then no violation has a table */
    private List<LintFinding> findings(
            String file,
            MigrationStatement statement,
            List<Violations.Violation> violations,
            StatementChange change,
            IgnoredRules ignored) {
        int end = statement.lastLine();
        List<LintFinding> findings = new ArrayList<>();
        for (Violations.Violation violation : violations) {
            LintRule rule = violation.rule();
            Long oid = violation.table();
            String inUse = oid == null
                    ? null
                    : start.relation(oid).map(CatalogSnapshot.Table::name).orElse(null);
            boolean small = rule.onBigTables() && inUse != null && sizes.isSmall(inUse);
            findings.add(new LintFinding(
                    file,
                    statement.line(),
                    rule,
                    small ? Severity.INFO : rule.severity(),
                    inUse != null || oid == null ? inUse : change.oldName(oid),
                    inUse == null ? null : sizes.rows(inUse),
                    violation.subject(),
                    violation.cure(),
                    ignored.reason(rule, end)));
        }
        ignored.passed(end);
        return findings;
    }

    private static StatementTrace withoutReason(String file, int line, String rule) {
        LintRule broken = LintRule.named("ignored-without-reason").orElseThrow();
        String cure = "-- lint:ignore " + rule + " <why it is right here>";
        LintFinding finding = new LintFinding(file, line, broken, broken.severity(), null, null, rule, cure, null);
        return StatementTrace.ofFile(file, line, List.of(finding));
    }
}
