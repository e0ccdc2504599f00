package avdaily.studio;

import avdaily.base.Failure;
import avdaily.db.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Short transactions that only read, on few sessions. The server itself refuses to write in them, ends what takes long,
 * and lets nobody wait behind them. A session that nobody uses is closed.
 */
final class ReadOnlySessions implements AutoCloseable {
    static final Duration LONGEST_STATEMENT = Duration.ofSeconds(8);
    /** The forms in which values are texts. */
    static final String FORMS =
            """
            SET LOCAL datestyle = ISO;
            SET LOCAL intervalstyle = postgres;
            SET LOCAL extra_float_digits = 1;
            SET LOCAL bytea_output = hex;
            SET LOCAL standard_conforming_strings = on""";

    private static final int MOST = 6;
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);
    private static final Duration KEPT = Duration.ofSeconds(30);

    private record Idle(Connection connection, long since) {
        boolean isOld() {
            return System.nanoTime() - since > KEPT.toNanos();
        }
    }

    private final Database db;
    private final Semaphore places = new Semaphore(MOST, true);
    private final Deque<Idle> idle = new ArrayDeque<>();

    ReadOnlySessions(Database db) {
        this.db = db;
    }

    /** Reads in one transaction on one snapshot, under an empty search path. */
    <T> T read(Database.Work<T> work) throws Exception {
        if (!places.tryAcquire(LONGEST_WAIT.toSeconds(), TimeUnit.SECONDS))
            throw Failure.locked("the studio reads for others just now", "try again in a moment.");
        Connection c = null;
        boolean isSound = false;
        try {
            c = taken();
            T result = work.on(begin(c));
            c.rollback();
            isSound = true;
            return result;
        } finally {
            try {
                giveBack(c, isSound);
            } finally {
                places.release();
            }
        }
    }

    private static Connection begin(Connection c) throws SQLException {
        begin(c, LONGEST_STATEMENT, "SET LOCAL jit = off; " + FORMS);
        return c;
    }

    /**
     * Begins a transaction in which the server refuses to write, and that nobody waits for long.
     *
     * @param longest for one statement
     * @param then statements that come after, in the same round trip
     */
    static void begin(Connection c, Duration longest, String then) throws SQLException {
        c.setAutoCommit(false);
        Database.run(
                c,
                """
                SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY;
                SET LOCAL statement_timeout = '%ds';
                SET LOCAL lock_timeout = '2s';
                SET LOCAL idle_in_transaction_session_timeout = '60s';
                """
                                .formatted(longest.toSeconds())
                        + then);
    }

    private Connection taken() throws SQLException {
        Idle found;
        synchronized (idle) {
            found = idle.pollFirst();
        }
        if (found == null) return db.connect();
        if (found.connection.isValid(2)) return found.connection;
        found.connection.close();
        return db.connect();
    }

    private void giveBack(Connection c, boolean isSound) throws SQLException {
        if (c == null) return;
        if (!isSound) {
            c.close(); // without a commit: rolled back
            return;
        }
        synchronized (idle) {
            idle.addFirst(new Idle(c, System.nanoTime()));
        }
    }

    /** Closes the sessions that nobody used for a while. */
    void tidy() throws SQLException {
        synchronized (idle) {
            while (!idle.isEmpty() && idle.peekLast().isOld())
                idle.pollLast().connection.close();
        }
    }

    @Override
    public void close() throws SQLException {
        synchronized (idle) {
            for (Idle session : idle) session.connection.close();
            idle.clear();
        }
    }
}
