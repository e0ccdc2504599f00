package avdaily.integrity;

import avdaily.base.Failure;
import avdaily.base.Out;
import avdaily.db.Database;
import avdaily.db.Failures;
import avdaily.db.SessionStart;
import avdaily.db.Snapshot;
import java.sql.Connection;
import java.sql.SQLException;

/** A connection that sees the snapshot, and is replaced if it breaks. */
final class SnapshotConnection implements AutoCloseable {
    /** Enough for the hash tables of millions of keys; the server's default makes them spill. */
    private static final int WORK_MEGABYTES = 64;

    private final Snapshot snapshot;
    private final Checker.Options options;
    private final boolean isOnProjectPath;
    private final Out out;
    /** Null until it is needed, and after it broke. */
    private Connection c;

    private String begin;

    /** @param isOnProjectPath whether the rules find tables by the project's search path */
    SnapshotConnection(Snapshot snapshot, Checker.Options options, boolean isOnProjectPath, Out out) {
        this.isOnProjectPath = isOnProjectPath;
        this.snapshot = snapshot;
        this.options = options;
        this.out = out;
    }

    Connection get() throws SQLException {
        if (c != null) return c;
        try {
            c = snapshot.join();
        } catch (SQLException e) {
            SQLException broke = whatBroke(e);
            throw new Failure(
                    Failure.Kind.ERROR,
                    "the snapshot is gone, for the connection that kept it broke: " + Failures.message(broke),
                    "run it again.",
                    broke);
        }
        settle();
        return c;
    }

    /** The connection that kept the snapshot knows better than the one that did not find it. */
    private SQLException whatBroke(SQLException otherwise) {
        try {
            Database.run(snapshot.leader(), "SELECT 1");
            return otherwise;
        } catch (SQLException e) {
            return e;
        }
    }

    private void settle() throws SQLException {
        if (isOnProjectPath) SessionStart.enterProjectPath(c);
        Database.run(
                c,
                "SET LOCAL statement_timeout = "
                        + options.timeout().toMillis()
                        + "; SET LOCAL work_mem = '" + WORK_MEGABYTES + "MB'"
                        + "; SET LOCAL max_parallel_workers_per_gather = " + options.helpers());
        begin = transactionBegin();
    }

    private String transactionBegin() throws SQLException {
        return Database.one(c, "SELECT pg_catalog.transaction_timestamp()::text", String.class);
    }

    /** @throws Failure if what was run ended the snapshot's transaction */
    void verify() throws SQLException {
        if (!transactionBegin().equals(begin))
            throw new Failure(
                    Failure.Kind.SQL,
                    "its SQL ended the transaction in which it was to read",
                    "correct the rule: it is one SELECT.",
                    null);
    }

    /** After an error: the same snapshot in a new transaction, over a new connection if the old one is gone. */
    void recover() {
        if (c == null) return;
        try {
            snapshot.rejoin(c);
            settle();
        } catch (SQLException | Failure e) {
            close();
        }
    }

    @Override
    public void close() {
        try {
            if (c != null) c.close();
        } catch (SQLException e) {
            out.detail("A connection could not be closed: " + Failures.message(e));
        }
        c = null;
    }
}
