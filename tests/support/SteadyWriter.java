import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.db.DatabaseUrl;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** Somebody who runs the same statements all the while. None of them may fail, nor take longer than two seconds. */
final class SteadyWriter {
    private final DatabaseUrl db;
    private final String[] statements;
    private final Thread thread = new Thread(this::write, "writer");
    private volatile boolean ends;
    private volatile int rounds;
    private volatile String failure = "";

    SteadyWriter(DatabaseUrl db, String... statements) {
        this.db = db;
        this.statements = statements;
        thread.setDaemon(true);
        thread.start();
        Await.until(() -> rounds > 0 || !thread.isAlive(), "the first round of the writer");
    }

    private void write() {
        try (Connection c = TestServer.connect(db);
                Statement s = c.createStatement()) {
            s.execute("SET statement_timeout = '2s'");
            for (; !ends; rounds++) {
                for (String statement : statements) s.execute(statement);
                Thread.sleep(5);
            }
        } catch (SQLException | InterruptedException e) {
            failure = String.valueOf(e.getMessage());
        }
    }

    /** Ends it, and says whether it was ever in trouble. */
    void end() {
        ends = true;
        Await.until(() -> !thread.isAlive(), "the end of the writer");
        assertEquals("", failure);
        assertTrue(rounds > 0);
    }
}
