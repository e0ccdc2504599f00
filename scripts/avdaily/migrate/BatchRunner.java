package avdaily.migrate;

import avdaily.base.Failure;
import avdaily.base.Out;
import avdaily.db.Database;
import avdaily.db.Lock;
import avdaily.migrate.batch.BatchFile;
import avdaily.migrate.batch.BatchState;
import avdaily.migrate.batch.DataMigration;
import avdaily.sql.ScriptStatement;
import avdaily.sql.SqlState;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Brings a data migration to its end, or as far as it may go now. What its batches did stays, and the next run goes on
 * there.
 */
final class BatchRunner {
    private static final String OTHERS = "other sessions wait for it";
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);
    private static final int SECONDS_IN_A_LOG = 30;

    private final Database db;
    private final Out out;
    private final LockRetry lockRetry;
    private final StatementWatch watch;
    private final Consumer<String> notices;
    private final RunAgain again;
    private final End end;
    private final Duration interval;
    private Instant said = Instant.now();

    /**
     * What ends it before its time.
     *
     * @param deadline after which no batch begins; null for none
     * @param atInterruption whether an interruption does, and is no failure
     */
    record End(Instant deadline, boolean atInterruption) {
        boolean isReached(StatementWatch watch) {
            return deadline != null && !Instant.now().isBefore(deadline) || atInterruption && watch.isInterrupted();
        }
    }

    BatchRunner(
            Database db,
            LockRetry lockRetry,
            StatementWatch watch,
            Consumer<String> notices,
            RunAgain again,
            End end) {
        this.db = db;
        this.out = db.out();
        this.lockRetry = lockRetry;
        this.watch = watch;
        this.notices = notices;
        this.again = again;
        this.end = end;
        this.interval = out.isInteractive()
                ? Duration.ofSeconds(1)
                : Duration.ofSeconds(Math.max(1, db.settings().number("AVDAILY_PROGRESS_SECONDS", SECONDS_IN_A_LOG)));
    }

    /** What is done at the end. */
    interface Completion {
        void note(Connection c, BatchState state) throws SQLException;
    }

    /**
     * Runs batches.
     *
     * @param history what tells this history from one before a reset
     * @param completion notes that all is done, in the transaction that found it so
     * @return whether all is done; if not, something ended it before its time
     * @throws Failure as a statement failed; (23) if others hold the locks
     */
    boolean run(Connection c, Migration m, MigrationScript script, String history, Completion completion)
            throws SQLException {
        BatchFile file = script.batches().orElseThrow();
        DataMigration data = DataMigration.begin(db, c, file, m.version().toString(), history);
        Attempt attempt = new Attempt(m, script, data);
        while (!end.isReached(watch)) {
            attempt.mustNotBeInterrupted();
            switch (attempt.step(c)) {
                case TAKEN_BACK -> {}
                case WENT_ON -> {
                    say(m, data);
                    attempt.pause();
                }
                case AT_END -> {
                    if (attempt.isAtEnd(c, completion)) return true;
                }
            }
        }
        return false;
    }

    private void say(Migration m, DataMigration data) throws SQLException {
        if (out.isQuiet() || said.plus(interval).isAfter(Instant.now())) return;
        said = Instant.now();
        String text = m.title() + ": " + data.state().words();
        if (out.isInteractive()) out.renew(text);
        else out.status(text);
    }

    /** One run of one data migration. */
    private final class Attempt implements DataMigration.Execution {
        private final Migration migration;
        private final MigrationScript script;
        private final DataMigration data;
        private MigrationStatement running;

        Attempt(Migration migration, MigrationScript script, DataMigration data) {
            this.migration = migration;
            this.script = script;
            this.data = data;
        }

        @Override
        public long run(Connection c, ScriptStatement part) throws SQLException {
            MigrationStatement statement = new MigrationStatement(script.file(), part);
            AtomicLong rows = new AtomicLong();
            running = statement;
            watch.run(c, statement, () -> rows.set(statement.execute(c, notices)));
            return rows.get();
        }

        @Override
        public boolean isInterrupted() {
            return watch.isInterrupted();
        }

        DataMigration.Outcome step(Connection c) throws SQLException {
            running = null;
            try {
                return lockRetry.run(() -> data.step(c, this));
            } catch (SQLException e) {
                if (end.isReached(watch) && SqlState.of(e).equals(SqlState.QUERY_CANCELED))
                    return DataMigration.Outcome.TAKEN_BACK;
                if (running == null) throw e;
                throw watch.explain(MigrationScript.broken(c, running, e, stays(), again.batches), again.batches);
            }
        }

        /** Whether all is done; if not, the table is walked through once more. */
        boolean isAtEnd(Connection c, Completion completion) throws SQLException {
            MigrationStatement last = new MigrationStatement(
                    script.file(), script.batches().orElseThrow().doneWhen());
            DataMigration.Verdict[] verdict = {null};
            try {
                watch.run(c, last, () -> verdict[0] = lockRetry.run(() -> data.verdict(c)));
            } catch (SQLException e) {
                c.rollback();
                throw watch.explain(MigrationScript.broken(c, last, e, stays(), again.batches), again.batches);
            }
            if (verdict[0] == DataMigration.Verdict.ANOTHER_PASS) return false;
            if (verdict[0] == DataMigration.Verdict.NOT_DONE) throw notDone(last);
            completion.note(c, data.state());
            c.commit();
            return true;
        }

        private Failure notDone(MigrationStatement last) throws SQLException {
            return new Failure(
                            Failure.Kind.SQL,
                            last.at() + ": all batches have run, and the query does not say that all is done; "
                                    + stays(),
                            "see which rows it means: they came behind the batches, or the statements pass over them; "
                                    + "have the programs write them rightly, and write passes="
                                    + (data.state().pass() + 1) + " behind '-- batch:' if they are to be walked "
                                    + "through once more; then run up again.",
                            null)
                    .at(last.place());
        }

        private String stays() {
            try {
                BatchState state = data.state();
                return state.batches() == 0
                        ? "nothing of " + migration.title() + " stays"
                        : "what its batches did before stays ("
                                + state.withoutReasons().words() + ")";
            } catch (SQLException | Failure e) {
                return "what its batches did before stays";
            }
        }

        /** The pause that the file asks for, and then for as long as there is a reason. */
        void pause() throws SQLException {
            Duration pause = data.pause();
            if (!pause.isZero()) {
                if (data.haveOthersWaited()) {
                    out.noteOnce(migration.title() + " pauses longer between batches: " + OTHERS + ".");
                    data.paused(Duration.ZERO, OTHERS);
                }
                Lock.sleep(pause.toMillis());
                data.paused(pause, null);
            }
            boolean isSaid = false;
            for (Optional<String> now = data.reasonToWait(); now.isPresent(); now = data.reasonToWait()) {
                data.paused(Duration.ZERO, now.get());
                if (!isSaid) out.note(migration.title() + " pauses: " + now.get() + ".");
                else say(migration, data);
                isSaid = true;
                if (end.isReached(watch) || watch.isInterrupted()) data.paused(Duration.ZERO, null);
                if (end.isReached(watch)) return;
                mustNotBeInterrupted();
                Lock.sleep(BETWEEN_LOOKS.toMillis());
            }
        }

        void mustNotBeInterrupted() {
            if (watch.isInterrupted())
                throw new Failure(
                        Failure.Kind.INTERRUPTED,
                        "interrupted: " + migration.title() + ": " + stays(),
                        again.batches,
                        null);
        }
    }
}
