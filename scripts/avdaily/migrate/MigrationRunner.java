package avdaily.migrate;

import avdaily.base.Failure;
import avdaily.base.Out;
import avdaily.db.Database;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.core.internal.sqlscript.SqlStatement;

/**
 * Has Flyway apply one run.
 *
 * <ul>
 *   <li>A run that is a transaction is tried as a whole, anew until it gets its locks; if it fails, nothing of it
 *       stays.
 *   <li>A file that cannot run in a transaction goes through {@link NonTransactionalRunner}, which tries each
 *       statement; if one fails, those before it stay.
 * </ul>
 */
final class MigrationRunner {
    private final Database db;
    private final Out out;
    private final MigrationFiles files;
    private final LockRetry lockRetry;
    private final FlywaySetup flyway;
    private final FlywayHistory history;

    MigrationRunner(Database db, MigrationFiles files, LockRetry lockRetry, FlywaySetup flyway, FlywayHistory history) {
        this.db = db;
        this.out = db.out();
        this.files = files;
        this.lockRetry = lockRetry;
        this.flyway = flyway;
        this.history = history;
    }

    /**
     * Applies {@code run}.
     *
     * @param details of the operation log; gets {@code halfway} if a file failed outside a transaction: what became of
     *     each of its statements
     * @return the indexes with which it went on where an earlier run was killed: schema and name, without quotes
     * @throws Failure as the statement failed; (23) if others hold the locks
     */
    Set<String> apply(MigrationRun run, Map<String, Object> details) throws SQLException {
        if (!run.isTransactional()) return applyOutside(run, details);
        FluentConfiguration configuration =
                flyway.configuration(run, () -> lockRetry.connectForProject(LockRetry.LOCK_TIMEOUT));
        lockRetry.run(() -> {
            try {
                return new Flyway(configuration).migrate();
            } catch (FlywayException e) {
                throw FlywayErrors.translate(e, nothingStays(run));
            }
        });
        return Set.of();
    }

    private Set<String> applyOutside(MigrationRun run, Map<String, Object> details) throws SQLException {
        NonTransactionalRunner outside = new NonTransactionalRunner(lockRetry, db);
        try {
            new Flyway(flyway.configuration(run, outside::connect)).migrate();
            return outside.resumed();
        } catch (FlywayException | Failure e) {
            Failure failure =
                    e instanceof FlywayException failed ? explain(run, failed, outside, details) : (Failure) e;
            if (failure.kind == Failure.Kind.LOCKED && !outside.leavesSomething())
                history.forgetFailed(); // nothing came of it, so there is no failure to be repaired
            throw failure;
        }
    }

    private Failure explain(
            MigrationRun run, FlywayException e, NonTransactionalRunner outside, Map<String, Object> details) {
        Optional<FlywayErrors.Refused> refused = FlywayErrors.refused(e);
        boolean waited = refused.isPresent() && LockRetry.isLock(refused.get().cause());
        if (refused.isEmpty() || waited && !outside.leavesSomething())
            return FlywayErrors.translate(e, nothingStays(run));
        List<String> halfway = halfway(run.migrations().get(0), refused.get());
        out.note(run.titles() + " stopped half-way:");
        halfway.forEach(statement -> out.note("  " + statement));
        details.put("halfway", Map.of("title", run.titles(), "statements", halfway));
        return FlywayErrors.translate(
                e,
                new FlywayErrors.Work(
                        db.toString(),
                        List.of(),
                        "it ran outside a transaction, so what it did before that line stays",
                        "see 'avdaily-migrate repair'; then up again."));
    }

    private FlywayErrors.Work nothingStays(MigrationRun run) {
        List<MigrationScript> transaction =
                run.isTransactional() ? run.migrations().stream().map(files::of).toList() : List.of();
        return new FlywayErrors.Work(
                db.toString(), transaction, "nothing of " + run.titles() + " stays", "run up again.");
    }

    /** What became of each statement of a file that failed outside a transaction. */
    private List<String> halfway(Migration m, FlywayErrors.Refused refused) {
        List<SqlStatement> all = files.of(m).statements();
        List<String> halfway = new ArrayList<>();
        String what = "done     ";
        for (SqlStatement statement : all) {
            boolean failed = what.startsWith("done")
                    && statement.getLineNumber() == refused.line()
                    && statement.getSql().equals(refused.sql());
            halfway.add((failed ? "failed   " : what) + "line " + statement.getLineNumber() + ": "
                    + MigrationScript.brief(statement));
            if (failed) what = "not run  ";
        }
        return halfway;
    }
}
