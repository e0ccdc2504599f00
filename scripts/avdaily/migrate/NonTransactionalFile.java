package avdaily.migrate;

import avdaily.base.Failure;
import avdaily.db.Database;
import avdaily.db.Failures;
import avdaily.db.SessionSettings;
import avdaily.db.StatementExecutor;
import avdaily.sql.SqlState;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A file that cannot run in a transaction, while it runs. Its entry in the history is there from the beginning and says
 * until the end that it failed, so that after a kill nothing of it is done twice. A file that can go on by itself has
 * its entry at the end.
 */
final class NonTransactionalFile {
    private final Migration migration;
    private final List<MigrationStatement> statements;
    private final boolean canGoOn;
    private final RunAgain again;
    private final LockRetry lockRetry;
    private final FlywayHistory history;
    private final Database db;
    private final NonTransactionalRunner runner;
    private final Instant start = Instant.now();

    /** @param notices gets what the server says besides */
    NonTransactionalFile(
            Migration migration,
            MigrationScript script,
            LockRetry lockRetry,
            FlywayHistory history,
            Consumer<String> notices,
            RunAgain again) {
        this.migration = migration;
        this.statements = script.statements();
        this.canGoOn = canGoOn(script);
        this.again = again;
        this.lockRetry = lockRetry;
        this.history = history;
        this.db = history.db();
        this.runner = new NonTransactionalRunner(lockRetry, db, notices);
    }

    /** Whether a run of it that was killed needs nobody to go on. */
    static boolean canGoOn(MigrationScript script) {
        return NonTransactionalRunner.canGoOn(script.statements());
    }

    /** The indexes with which it went on where an earlier run was killed: schema and name, without quotes. */
    Set<String> resumed() {
        return runner.resumed();
    }

    /**
     * Runs all statements.
     *
     * @param nothing what to say where nothing of the file stays
     * @param details of the operation log; gets {@code halfway} if it fails: what became of each of the statements
     */
    void run(Connection c, StatementWatch watch, String nothing, Map<String, Object> details) throws SQLException {
        if (!canGoOn) history.begin(c, migration);
        int begun = 0; // with the statement at which the open transaction of the file began, if there is one
        for (int i = 0; i < statements.size(); i++) {
            MigrationStatement statement = statements.get(i);
            if (!StatementExecutor.isInTransaction(c)
                    || i > 0 && NonTransactionalRunner.endsTransaction(statements.get(i - 1))) begun = i;
            try {
                if (!canGoOn) runner.logBegun(migration, statements.get(begun));
                watch.run(c, statement, () -> runner.execute(c, statement));
            } catch (SQLException e) {
                throw watch.explain(
                        SqlState.isConnectionLost(e)
                                ? lost(e, begun, i, details)
                                : explain(c, e, begun, i, nothing, details),
                        again.halfway);
            }
        }
        if (StatementExecutor.isInTransaction(c)) throw leftOpen(c, begun, nothing, details);
    }

    private Failure leftOpen(Connection c, int begun, String nothing, Map<String, Object> details)
            throws SQLException {
        int last = statements.size() - 1;
        boolean isNew = NonTransactionalRunner.endsTransaction(statements.get(last)); // AND CHAIN began it
        Database.run(c, "ROLLBACK");
        SQLException e = new SQLException(
                "the transaction that begins here has no COMMIT, so it was taken back",
                SqlState.ACTIVE_SQL_TRANSACTION);
        return explain(c, e, isNew ? last + 1 : begun, statements.size(), nothing, details);
    }

    private Failure explain(
            Connection c, SQLException e, int begun, int failed, String nothing, Map<String, Object> details)
            throws SQLException {
        MigrationStatement statement = statements.get(
                failed < statements.size() ? failed : Math.min(begun, failed - 1)); // or what was left open
        if (!runner.leavesSomething()) {
            if (!canGoOn) history.table().forgetFailed();
            return MigrationScript.broken(c, statement, e, nothing, again.whole);
        }
        noteFailed();
        noteHalfway(begun, failed, "failed   ", details);
        return MigrationScript.broken(c, statement, e, again.left, again.halfway);
    }

    private Failure lost(SQLException e, int begun, int at, Map<String, Object> details) {
        Failure lost = Failures.explain(e);
        MigrationStatement statement = statements.get(at);
        if (canGoOn) details.put("reached", runner.reached());
        else noteHalfway(begun, at, "unknown  ", details);
        return new Failure(
                        lost.kind,
                        statement.at() + ": " + lost.getMessage() + "; nobody knows whether that line was done, and "
                                + "what the file did before it stays",
                        canGoOn
                                ? "see that the server is up, then run up again: it goes on from there."
                                : again.halfway,
                        e)
                .at(statement.place());
    }

    private void noteHalfway(int begun, int at, String end, Map<String, Object> details) {
        List<String> halfway = new ArrayList<>();
        for (int i = 0; i < statements.size(); i++) {
            String what = i < begun ? "done     " : i < at ? "undone   " : i == at ? end : "not run  ";
            halfway.add(what + "line " + statements.get(i).line() + ": "
                    + statements.get(i).brief());
        }
        db.out().note(migration.title() + " stopped half-way:");
        halfway.forEach(line -> db.out().note("  " + line));
        details.put("halfway", Map.of("title", migration.title(), "statements", halfway));
    }

    void noteFailed() throws SQLException {
        if (canGoOn) history.add(ownSession(), migration, took(), FlywayHistory.Ending.FAILED);
    }

    /** Takes note that all is done, on another connection if this one is lost: nothing remains to be done on it. */
    void noteDone(Connection c) throws SQLException {
        try {
            lockRetry.renew(c, LockRetry.CONCURRENT_LOCK_TIMEOUT);
            history.finish(c, migration, took(), !canGoOn);
        } catch (SQLException e) {
            if (!SqlState.isConnectionLost(e)) throw e;
            history.finish(ownSession(), migration, took(), !canGoOn);
        }
    }

    private Connection ownSession() throws SQLException {
        Connection c = db.liveConnection();
        SessionSettings.enterZone(c); // the history's times are in it
        return c;
    }

    private Duration took() {
        return Duration.between(start, Instant.now());
    }
}
