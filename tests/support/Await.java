import static org.junit.jupiter.api.Assertions.fail;

import avdaily.db.Database;
import avdaily.db.DatabaseUrl;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongPredicate;

/** Waits for what comes about in another process or session, and fails if it does not. */
final class Await {
    private static final int DEADLINE_SECONDS = 120;
    private static final int MILLISECONDS_BETWEEN_LOOKS = 30;

    /** Something that can be looked at again and again. */
    @FunctionalInterface
    interface Condition {
        boolean holds() throws Exception;
    }

    /** Returns as soon as the condition holds; after two minutes it fails. {@code what} completes "waited for". */
    static void until(Condition condition, String what) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
        try {
            while (!condition.holds()) {
                if (System.nanoTime() > deadline)
                    fail("waited " + DEADLINE_SECONDS + " seconds for " + what + ", in vain");
                Thread.sleep(MILLISECONDS_BETWEEN_LOOKS);
            }
        } catch (Exception e) {
            fail("while it waited for " + what, e);
        }
    }

    /** Waits for a session on the database that fulfils {@code condition}, on columns of pg_stat_activity. */
    static void session(DatabaseUrl db, String condition) {
        sessions(db, condition, count -> count > 0, "a session with " + condition);
    }

    /** Waits until no session on the database fulfils {@code condition}, on columns of pg_stat_activity. */
    static void noSession(DatabaseUrl db, String condition) {
        sessions(db, condition, count -> count == 0, "no session with " + condition);
    }

    /** Waits for a session on the database that fulfils {@code condition}, or for the end of the process. */
    static void sessionOrEnd(Process process, DatabaseUrl db, String condition) {
        sessions(
                db,
                condition,
                count -> count > 0 || !process.isAlive(),
                "a session with " + condition + ", or the end");
    }

    private static void sessions(DatabaseUrl db, String condition, LongPredicate enough, String what) {
        String query = "SELECT count(*) FROM pg_stat_activity WHERE datname = '" + db.database()
                + "' AND pid <> pg_backend_pid() AND (" + condition + ")";
        boolean isShared = db.hosts().equals(TestServer.admin().hosts());
        try (Connection c = TestServer.connect(isShared ? TestServer.admin() : db)) {
            until(() -> enough.test(Database.one(c, query, Long.class)), what);
        } catch (SQLException e) {
            fail(e);
        }
    }

    private Await() {}
}
