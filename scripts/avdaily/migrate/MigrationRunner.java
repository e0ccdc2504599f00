package avdaily.migrate;

import avdaily.base.Failure;
import avdaily.base.Out;
import avdaily.db.Database;
import avdaily.sql.SqlState;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Applies runs of migrations, and notes each in Flyway's history.
 *
 * <ul>
 *   <li>A run that is a transaction is tried as a whole, anew until it gets its locks; if it fails, nothing of it
 *       stays. Each file finds the session as it is at its beginning.
 *   <li>A file that cannot run in a transaction is a {@link NonTransactionalFile}; if a statement fails, those before
 *       it stay.
 * </ul>
 */
final class MigrationRunner {
    private static final String MARK = "avdaily_file";
    private static final String SET_MARK = "SAVEPOINT " + MARK;

    private final Database db;
    private final Out out;
    private final MigrationFiles files;
    private final LockRetry lockRetry;
    private final FlywayHistory history;
    private final Callbacks callbacks;
    private final StatementWatch watch;
    private final Consumer<String> notices;
    private final RunAgain again;
    private final List<Migration> applied = new ArrayList<>();
    private Instant deadline;
    private boolean handsOver;
    private Migration stopped;
    private boolean mayLeave;

    /** @param notices gets what the server says besides */
    MigrationRunner(
            Database db,
            MigrationFiles files,
            LockRetry lockRetry,
            FlywayHistory history,
            Consumer<String> notices,
            RunAgain again) {
        this.watch = new StatementWatch(db);
        this.db = db;
        this.out = db.out();
        this.files = files;
        this.lockRetry = lockRetry;
        this.history = history;
        this.notices = notices;
        this.again = again;
        this.callbacks = new Callbacks(files, lockRetry, watch, notices, again);
    }

    /** After this no run begins, and no batch; null for never. */
    void stopAt(Instant time) {
        deadline = time;
    }

    /** An interrupted data migration goes on another time, and is no failure. */
    void handOver() {
        handsOver = true;
    }

    /** The data migration that goes on another time; nothing if all came to its end. */
    Optional<Migration> stopped() {
        return Optional.ofNullable(stopped);
    }

    /** Whether it is certain that nothing stays: no commit was sent, and nothing ran that no rollback takes back. */
    boolean leftNothing() {
        return !mayLeave && !callbacks.hasRunAlone();
    }

    /** Says what runs until the result is closed, and lets it be interrupted. */
    Out.Ending watch() {
        return watch.start();
    }

    /** What comes before the first run. */
    void begin() throws SQLException {
        applied.clear();
        stopped = null;
        mayLeave |= history.create();
        callbacks.alone("beforeMigrate", "nothing was changed", again.whole);
    }

    /** Whether {@link #end} does anything. */
    boolean hasEnd() {
        return callbacks.hasAfterAll();
    }

    /** What comes after the last run. */
    void end() throws SQLException {
        callbacks.afterAll(
                "what was applied before it stays: " + Migration.titles(applied),
                "run it by hand: up runs it only after another migration.");
    }

    /** What comes after a run that failed. */
    void fail() {
        watch.settle();
        Callbacks.AFTER_FAILURE.forEach(callbacks::afterFailure);
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
        Migration first = run.migrations().get(0);
        if (first.version() == null && applied.stream().noneMatch(m -> m.version() == null))
            callbacks.alone("beforeRepeatables", stays(List.of()), again.whole);
        if (run.reason() == MigrationRun.Reason.BATCHES) return applyInBatches(first);
        return run.isTransactional() ? applyTransactions(run) : applyOutside(run, details);
    }

    /** A new value of an enum that a later file uses, where nobody could see it before, parts the run in two. */
    private Set<String> applyTransactions(MigrationRun run) throws SQLException {
        int[] reached = {0};
        mayLeave |= run.migrations().stream().map(files::of).anyMatch(MigrationScript::mayOutliveRollback);
        try {
            lockRetry.onConnection(c -> transaction(c, run, reached));
            applied.addAll(run.migrations());
        } catch (Failure e) {
            if (reached[0] == 0 || !isForNewValue(e)) throw e;
            for (MigrationRun part : run.splitAt(reached[0])) applyTransactions(part);
        }
        return Set.of();
    }

    private static boolean isForNewValue(Failure e) {
        return e.getCause() instanceof SQLException sql
                && SqlState.of(sql).equals(SqlState.UNSAFE_NEW_ENUM_VALUE_USAGE);
    }

    private Void transaction(Connection c, MigrationRun run, int[] reached) throws SQLException {
        String consequence = stays(run.migrations());
        c.setAutoCommit(false);
        FlywayLock.take(c, FlywayLock.Span.TRANSACTION, lockRetry.attempts(), db);
        reached[0] = 0;
        lockRetry.renew(c, LockRetry.LOCK_TIMEOUT, SET_MARK);
        for (Migration m : run.migrations()) {
            Instant start = Instant.now();
            file(c, files.of(m), consequence);
            history.add(c, m, Duration.between(start, Instant.now()), FlywayHistory.Ending.DONE, SET_MARK);
            reached[0]++;
        }
        mayLeave = true;
        try {
            c.commit();
        } catch (SQLException e) {
            throw MigrationScript.uncommitted(
                    run.migrations().stream().map(files::of).toList(), e, consequence);
        }
        return null;
    }

    /**
     * Runs a file behind its mark in a session that is new, and leaves it new: else the file's role would make the
     * entry.
     */
    private void file(Connection c, MigrationScript script, String consequence) throws SQLException {
        try {
            around(c, script, consequence);
        } catch (Failure e) {
            if (!DeferredChecks.areInTheWay(e)) throw e;
            Database.run(c, "ROLLBACK TO SAVEPOINT " + MARK); // the session's settings go back, too
            settle(c, script, consequence);
            around(c, script, consequence);
        }
        lockRetry.renew(c, LockRetry.LOCK_TIMEOUT, "RELEASE SAVEPOINT " + MARK);
    }

    private void around(Connection c, MigrationScript script, String consequence) {
        callbacks.within(c, "beforeEachMigrate", consequence, again.whole);
        for (MigrationStatement statement : script.statements()) {
            callbacks.within(c, "beforeEachMigrateStatement", consequence, again.whole);
            watch.run(c, statement, notices, consequence, again.whole);
            callbacks.within(c, "afterEachMigrateStatement", consequence, again.whole);
        }
        callbacks.within(c, "afterEachMigrate", consequence, again.whole);
    }

    /** Has the server check now what is deferred, as the commit before a file would, for it is in the file's way. */
    private void settle(Connection c, MigrationScript before, String consequence) {
        try {
            DeferredChecks.settle(c);
        } catch (SQLException e) {
            throw MigrationScript.uncommitted(List.of(before), e, consequence);
        }
    }

    // -- in batches

    private Set<String> applyInBatches(Migration m) throws SQLException {
        mayLeave = true;
        BatchRunner batches = new BatchRunner(
                db, lockRetry, watch, notices, again, new BatchRunner.End(deadline, handsOver));
        try (Connection c = lockRetry.connectForProject(LockRetry.LOCK_TIMEOUT)) {
            FlywayLock.take(c, FlywayLock.Span.SESSION, lockRetry.attempts(), db);
            lockRetry.renew(c, LockRetry.LOCK_TIMEOUT);
            callbacks.within(c, "beforeEachMigrate", stays(List.of()), again.whole);
            boolean isWhole = batches.run(c, m, files.of(m), history.table().beginning(), (end, state) -> {
                callbacks.within(end, "afterEachMigrate", "what its batches did stays", again.whole);
                lockRetry.renew(end, LockRetry.LOCK_TIMEOUT);
                history.add(end, m, state.busy(), FlywayHistory.Ending.DONE);
            });
            if (isWhole) applied.add(m);
            else stopped = m;
        }
        return Set.of();
    }

    // -- without a transaction

    private Set<String> applyOutside(MigrationRun run, Map<String, Object> details) throws SQLException {
        mayLeave = true;
        Migration m = run.migrations().get(0);
        NonTransactionalFile file = new NonTransactionalFile(m, files.of(m), lockRetry, history, notices, again);
        try (Connection c = lockRetry.connectForProject(LockRetry.CONCURRENT_LOCK_TIMEOUT)) {
            FlywayLock.take(c, FlywayLock.Span.SESSION, lockRetry.attempts(), db);
            lockRetry.renew(c, LockRetry.CONCURRENT_LOCK_TIMEOUT);
            callbacks.within(c, "beforeEachMigrate", stays(List.of(m)), again.whole);
            file.run(c, watch, stays(List.of(m)), details);
            try {
                callbacks.within(c, "afterEachMigrate", again.left, again.halfway);
            } catch (Failure e) {
                file.noteFailed();
                throw e;
            }
            file.noteDone(c);
            applied.add(m);
        }
        return file.resumed();
    }

    /** What is left of it all if {@code failed} fails. */
    private String stays(List<Migration> failed) {
        String what = failed.isEmpty() ? "it" : Migration.titles(failed);
        String nothing = "nothing of " + what + " stays"
                + MigrationScript.outside(failed.stream().map(files::of).toList());
        return applied.isEmpty()
                ? nothing
                : nothing + ", and what was applied before it stays: " + Migration.titles(applied);
    }
}
