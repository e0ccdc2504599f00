package avdaily.migrate.lint;

import avdaily.db.Database;
import avdaily.db.Scratch;
import avdaily.db.TransactionMark;
import avdaily.migrate.Migration;
import avdaily.migrate.MigrationScript;
import avdaily.migrate.Migrator;
import avdaily.migrate.TrialPlan;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * Judges migrations by what they do.
 *
 * <ol>
 *   <li>A scratch database is brought to the state before the first of them; {@code onTarget} takes the target itself.
 *   <li>{@link StatementTracer} runs each statement and compares catalogs, locks and scans before and after it.
 *   <li>{@link StatementChecks} names the rules that the statement breaks.
 *   <li>The rows of the target decide whether a finding is dangerous or only informs.
 * </ol>
 */
public final class Linter {
    private final Database target;
    private final Migrator migrator;
    private final StatementTracer tracer;

    /** @param smallTable tables with fewer rows on the target are small: what locks them only informs */
    public Linter(Database target, Migrator migrator, long smallTable) throws SQLException {
        this.target = target;
        this.migrator = migrator;
        this.tracer = new StatementTracer(TableSizes.of(target.connection(), smallTable));
    }

    /**
     * Tries pending migrations on the target, in a transaction that is rolled back. What cannot run in one is not
     * tried.
     */
    public LintReport onTarget(List<Migration> plan) throws SQLException {
        List<MigrationScript> traced = plan.stream()
                .filter(Migration::transactional)
                .map(migrator::script)
                .toList();
        migrator.rolledBack(c -> {
            TransactionMark transaction = TransactionMark.of(c);
            tracer.begin();
            tracer.transaction(c, traced, migrator::renew);
            transaction.mustStill(c);
            return null;
        });
        plan.stream().filter(m -> !m.transactional()).map(migrator::script).forEach(tracer::untraced);
        return report(traced);
    }

    /** Tries the pending migrations up to {@code to}, or all if it is null, as {@code up} runs them, and refuses. */
    public LintReport pending(String to) throws SQLException {
        return onScratch(asUp(TrialPlan.pending(migrator, to)));
    }

    /** Tries what {@code up} would apply now. */
    public LintReport due() throws SQLException {
        return onScratch(asUp(TrialPlan.due(migrator)));
    }

    /** Tries the migrations of a range, applied or not, each by itself; see {@link TrialPlan#range}. */
    public LintReport range(String from, String to) throws SQLException {
        return onScratch(TrialPlan.range(migrator, from, to));
    }

    /** Tries files, each by itself; see {@link TrialPlan#files}. */
    public LintReport files(List<Path> given) throws SQLException {
        return onScratch(asUp(TrialPlan.files(migrator, given)));
    }

    private static TrialPlan asUp(TrialPlan plan) {
        plan.transactions().stream().flatMap(List::stream).forEach(MigrationScript::mustLeaveTransactionsToUs);
        return plan;
    }

    private LintReport onScratch(TrialPlan plan) throws SQLException {
        List<MigrationScript> judged =
                plan.transactions().stream().flatMap(List::stream).toList();
        if (judged.isEmpty()) return report(judged);
        try (Scratch scratch = Scratch.beside(target, plan.scripts());
                Database trial = scratch.database();
                Connection c = trial.connectForProject()) {
            for (MigrationScript file : plan.before()) prepare(trial, c, file);
            for (List<MigrationScript> transaction : plan.transactions()) trace(trial, c, transaction);
        }
        return report(judged);
    }

    private void trace(Database trial, Connection c, List<MigrationScript> transaction) throws SQLException {
        MigrationScript first = transaction.get(0);
        if (first.isTransactional()) {
            tracer.transaction(c, transaction, trial::renewForProject);
            try {
                c.commit();
            } catch (SQLException e) {
                throw MigrationScript.uncommitted(transaction, e, StatementTracer.TRIED);
            }
        } else if (!tracer.mixesTransactionModes(first)) {
            tracer.byItself(c, first, trial::renewForProject);
        }
    }

    private static void prepare(Database trial, Connection c, MigrationScript file) throws SQLException {
        c.setAutoCommit(!file.isTransactional());
        trial.renewForProject(c);
        file.run(c, notice -> {}, "the scratch database could not be brought to the state before", "try again.");
        if (!c.getAutoCommit()) c.commit();
    }

    private LintReport report(List<MigrationScript> judged) {
        return new LintReport(target.name(), judged, tracer.traces());
    }
}
