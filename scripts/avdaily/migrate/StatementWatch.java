package avdaily.migrate;

import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.base.Out;
import avdaily.base.SqlResource;
import avdaily.db.Database;
import avdaily.db.Failures;
import avdaily.sql.SqlState;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.postgresql.PGConnection;

/**
 * Says which statement of which file runs, for how long, and how far it is. A second connection asks the server for
 * that, if a statement takes a while. The first Ctrl-C cancels the statement, so that the run ends as after any other
 * failure: what is taken back is taken back, and said.
 *
 * <p>Until {@link #start} statements run unwatched.
 */
final class StatementWatch {
    private static final Duration ON_A_TERMINAL = Duration.ofSeconds(1);
    private static final int SECONDS_IN_A_LOG = 30;
    private static final String QUERY = SqlResource.of(StatementWatch.class, "statement-progress.sql");

    /** What is done while a statement runs. */
    interface Work {
        void run() throws SQLException;
    }

    /** What runs. */
    private record Running(Connection connection, MigrationStatement statement, Instant since) {
        Duration time() {
            return Duration.between(since, Instant.now());
        }
    }

    private final Database db;
    private final Out out;
    private volatile Running running;
    private volatile boolean isInterrupted;

    StatementWatch(Database db) {
        this.db = db;
        this.out = db.out();
    }

    /** Watches until the result is closed. */
    Out.Ending start() {
        isInterrupted = false;
        Out.Ending interruption = out.onInterrupt(this::interrupt);
        Talk talk = new Talk();
        return () -> {
            talk.close();
            interruption.close();
        };
    }

    /** Runs one statement. */
    void run(Connection c, MigrationStatement statement, Work work) throws SQLException {
        if (isInterrupted) throw new SQLException("interrupted before it began", SqlState.QUERY_CANCELED);
        running = new Running(c, statement, Instant.now());
        try {
            work.run();
        } finally {
            running = null;
            out.endRenewed();
        }
    }

    /**
     * Runs one statement of a file.
     *
     * @param consequence of a failure, as the last part of its message
     * @param then what to do once the file is correct
     * @throws Failure naming file and line
     */
    void run(Connection c, MigrationStatement statement, Consumer<String> notices, String consequence, String then) {
        try {
            run(c, statement, () -> statement.execute(c, notices));
        } catch (SQLException e) {
            throw explain(MigrationScript.broken(c, statement, e, consequence, then), then);
        }
    }

    /**
     * What to say of a statement that failed: that it was interrupted, if it was.
     *
     * @param then what to do, as the last words of the way on
     */
    Failure explain(Failure failure, String then) {
        boolean isCanceled =
                failure.getCause() instanceof SQLException e && SqlState.of(e).equals(SqlState.QUERY_CANCELED);
        if (!isInterrupted || !isCanceled) return failure;
        return new Failure(Failure.Kind.INTERRUPTED, "interrupted: " + failure.getMessage(), then, failure.getCause());
    }

    boolean isInterrupted() {
        return isInterrupted;
    }

    /** After an interruption too, what comes after a failure is to run. */
    void settle() {
        isInterrupted = false;
    }

    private void interrupt() {
        isInterrupted = true;
        Running now = running;
        out.note("Interrupted: what runs is taken back. A second Ctrl-C ends this at once.");
        try {
            if (now != null) now.connection.unwrap(PGConnection.class).cancelQuery();
        } catch (SQLException e) {
            out.note("The statement cannot be cancelled: " + Failures.message(e));
        }
    }

    /** The words for who waits, now and then. */
    private final class Talk {
        private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "statement watch");
            thread.setDaemon(true);
            return thread;
        });
        private final Duration interval = out.isInteractive()
                ? ON_A_TERMINAL
                : Duration.ofSeconds(Math.max(1, db.settings().number("AVDAILY_PROGRESS_SECONDS", SECONDS_IN_A_LOG)));
        private Connection connection;
        private Running said;
        private Duration next = interval;

        Talk() {
            if (!out.isQuiet()) clock.scheduleWithFixedDelay(this::look, 500, 500, TimeUnit.MILLISECONDS);
        }

        private void look() {
            Running now = running;
            if (now == null) return;
            if (said != now) next = interval;
            said = now;
            if (now.time().compareTo(next) < 0) return;
            next = now.time().plus(interval);
            String text = words(now);
            if (now != running) return;
            if (out.isInteractive()) out.renew(text);
            else out.status(text);
        }

        private String words(Running now) {
            String far = howFar(now).map(words -> ", " + words).orElse("");
            String time = Format.duration(Duration.ofSeconds(now.time().toSeconds()));
            return now.statement.at() + ": " + time + far + ": " + now.statement.brief();
        }

        private Optional<String> howFar(Running now) {
            try {
                if (connection == null) connection = db.connect();
                int pid = now.connection.unwrap(PGConnection.class).getBackendPID();
                List<String> found = Database.list(connection, QUERY, row -> row.getString(1), pid, pid, pid, pid, pid);
                return found.stream().findFirst();
            } catch (SQLException | Failure e) { // no concern of the work itself
                out.detail("How far it is cannot be looked up: "
                        + Failures.explain(e).getMessage());
                return Optional.empty();
            }
        }

        void close() {
            clock.shutdownNow();
            try {
                clock.awaitTermination(5, TimeUnit.SECONDS);
                if (connection != null) connection.close();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (SQLException e) {
                out.detail("A connection could not be closed: " + Failures.message(e));
            }
            out.endRenewed();
        }
    }
}
