import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import avdaily.base.Out;
import avdaily.db.Database;
import avdaily.db.DatabaseUrl;
import avdaily.db.Environment;
import avdaily.db.Lock;
import avdaily.db.OpenCopy;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyOut;

/** A long run says what it is doing, and what it took back if it is interrupted. */
class LongRunTest extends ScriptTest {
    private static final String SLOW =
            """
            CREATE TABLE a (id int);
            INSERT INTO a SELECT generate_series(1, 30);
            CREATE FUNCTION slow(id int) RETURNS int LANGUAGE plpgsql IMMUTABLE
              AS $$ BEGIN PERFORM pg_catalog.pg_sleep(0.12); RETURN id; END $$;
            """;

    @Test
    void aLogSaysNowAndThenWhichStatementRunsAndHowFarItIs() {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = MigrationFolder.of(
                "V1__a.sql",
                SLOW + "\nCREATE INDEX first ON a (slow(id));",
                "V2__b.sql",
                "CREATE INDEX CONCURRENTLY second ON a (slow(id));",
                "afterMigrate__c.sql",
                "SELECT pg_sleep(3);");
        Run run = folder.command(db, "up", "--yes", "--json")
                .with("AVDAILY_PROGRESS_SECONDS", "1")
                .run()
                .expect(0);
        assertTrue(
                run.err().matches("(?s).*afterMigrate__c.sql line 1: [\\d.]+ s: SELECT pg_sleep\\(3\\).*"), run.err());
        assertTrue(
                run.err().matches("(?s).*V1__a.sql line 6: [\\d.]+ s, building index.*: CREATE INDEX first.*"),
                run.err());
        assertTrue(
                run.err().matches("(?s).*V2__b.sql line 1: [\\d.]+ s, building index.*: CREATE INDEX CONCURRENTLY.*"),
                run.err());
        folder.write("V3__c.sql", "SELECT pg_sleep(1.6);");
        Run quiet = folder.command(db, "up", "--yes", "--quiet")
                .with("AVDAILY_PROGRESS_SECONDS", "1")
                .run()
                .expect(0)
                .says("Applied V3 c");
        assertFalse(quiet.err().contains("V3__c.sql"), quiet.err());
        assertFalse(quiet.err().contains("Backing up"), quiet.err());
        folder.command(db, "up", "--yes")
                .with("AVDAILY_PROGRESS_SECONDS", "often")
                .run()
                .expect(0);
    }

    @Test
    void controlCSaysWhatItTookBack() throws Exception {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = MigrationFolder.of(
                "V1__a.sql",
                "CREATE TABLE a (id int);",
                "V2__b.sql",
                "CREATE INDEX CONCURRENTLY i ON a (id);",
                "V3__c.sql",
                "CREATE TABLE c ();\nSELECT pg_sleep(100);");
        try (Terminal terminal = new Terminal(folder.command(db, "up", "--yes"))) {
            terminal.answer("V3__c.sql line 2: \\d", "\003");
            assertEquals(130, terminal.exitCode(), terminal::screen);
            String screen = terminal.screen();
            assertTrue(
                    screen.contains("nothing of V3 c stays, and what was applied before it stays: V1 a, V2 b"), screen);
            assertTrue(screen.contains("Go on:"), screen);
        }
        assertEquals("null", value(db, "SELECT to_regclass('c')"));
        assertEquals("1,2", value(db, "SELECT string_agg(version, ',' ORDER BY version) FROM flyway_schema_history"));
        assertEquals(
                "failed",
                value(db, "SELECT outcome FROM avdaily_ops.operation WHERE command = 'migrate up' ORDER BY id DESC"));
        // a sequence tells the trial, which looks what would be lost, from the run
        execute(db, "CREATE SEQUENCE runs");
        folder.write("U2__b.sql", "DROP INDEX i;\nSELECT pg_sleep(CASE nextval('runs') WHEN 1 THEN 0 ELSE 100 END);");
        folder.run(db, "repair", "--accept-drift", "--yes").expect(0);
        try (Terminal terminal = new Terminal(folder.command(db, "rollback", "--yes"))) {
            terminal.answer("U2__b.sql line 2: \\d", "\003");
            assertEquals(130, terminal.exitCode(), terminal::screen);
            assertTrue(terminal.screen().contains("no migration of this run is undone"), terminal.screen());
        }
        assertEquals("i", value(db, "SELECT to_regclass('i')"));
    }

    @Test
    void aStatusLineIsWipedBeforeAnythingElseIsSaid() {
        ByteArrayOutputStream screen = new ByteArrayOutputStream();
        Out out = Out.to(screen, screen, List.of());
        out.renew("x".repeat(100));
        out.note("done");
        out.note("all");
        String wipe = "\r\033[K";
        assertEquals(
                wipe + "x".repeat(76) + "..." + wipe + "done\nall\n",
                screen.toString(StandardCharsets.UTF_8).replace("\r\n", "\n"));
    }

    /** A file costs as many round trips as it has statements, and two more. */
    @Test
    void aFileCostsFewRoundTrips() throws Exception {
        int[] trips = new int[2];
        for (int some = 0; some < trips.length; some++) {
            MigrationFolder folder = MigrationFolder.of();
            for (int n = 1; n <= 2 + some * 20; n++)
                folder.write("V" + n + "__t.sql", "CREATE TABLE t" + n + " (id int); CREATE INDEX ON t" + n + " (id);");
            try (RoundTrips network = new RoundTrips(TestServer.newDatabase())) {
                folder.run(network.url(), "up", "--yes", "--no-backup").expect(0);
                trips[some] = network.count();
            }
        }
        assertEquals(2 + 2, (trips[1] - trips[0]) / 20, trips[0] + " and " + trips[1]);
    }

    /** The driver would have the next statement wait for ever. */
    @Test
    void aCopyThatBreaksOffLetsTheSessionGoOn() throws SQLException {
        DatabaseUrl db = TestServer.newDatabase();
        try (Connection c = TestServer.connect(db);
                Statement s = c.createStatement()) {
            s.execute("CREATE TABLE a (id int)");
            for (String copy : List.of("COPY (SELECT generate_series(1, 300000)) TO STDOUT", "COPY a FROM STDIN")) {
                boolean isOut = copy.contains("STDOUT");
                assertThrows(IOException.class, () -> {
                    try (OpenCopy<?> open = isOut ? OpenCopy.out(c, copy) : OpenCopy.in(c, copy)) {
                        if (open.rows() instanceof CopyOut out) out.readFromCopy();
                        throw new IOException("the other side");
                    }
                });
                s.execute("INSERT INTO a VALUES (1)");
            }
            assertEquals("2", DatabaseAccess.value(db, "SELECT count(*) FROM a"));
            int session = c.unwrap(PGConnection.class).getBackendPID();
            assertThrows(SQLException.class, () -> {
                try (OpenCopy<CopyIn> open = OpenCopy.in(c, "COPY a FROM STDIN")) {
                    DatabaseAccess.execute(db, "SELECT pg_terminate_backend(" + session + ", 10000)");
                    for (byte[] row = "1\n".repeat(100_000).getBytes(StandardCharsets.UTF_8); ; )
                        open.rows().writeToCopy(row, 0, row.length);
                }
            });
            assertThrows(SQLException.class, () -> s.execute("SELECT 1"));
        }
    }

    /** The driver would look for the server's word on a closed connection again and again. */
    @Test
    void aCopyEndsWithTheConnectionThatIsAborted() throws SQLException {
        DatabaseUrl db = TestServer.newDatabase();
        try (Connection c = TestServer.connect(db)) {
            DatabaseAccess.execute(db, "CREATE TABLE a (id int)");
            assertTimeoutPreemptively(Duration.ofSeconds(60), () -> {
                try (OpenCopy<CopyIn> open = OpenCopy.in(c, "COPY a FROM STDIN")) {
                    c.abort(Runnable::run);
                    assertTrue(open.rows().isActive());
                }
            });
        }
    }

    /** As where a network forgot the session of the lock, which was idle for hours. */
    @Test
    void aLockIsGivenAwayAlsoIfTheServerDoesNotAnswer() throws Exception {
        assumeTrue(TestServer.isEmbedded(), "the server's processes are not this machine's");
        DatabaseUrl db = TestServer.newDatabase();
        String holder =
                """
                SELECT pid FROM pg_locks
                WHERE locktype = 'advisory'
                  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())""";
        try (Database here = Database.at(db, Environment.DEVELOPMENT, TestServer.INVOCATION)) {
            Lock.take(here, "migrate").close();
            assertEquals("null", value(db, holder));
            Lock forgotten = Lock.take(here, "migrate");
            String pid = value(db, holder);
            signal("STOP", pid);
            try {
                CompletableFuture<Void> closed = CompletableFuture.runAsync(forgotten::close);
                Await.until(closed::isDone, "an end without an answer");
            } finally {
                signal("CONT", pid);
            }
        }
    }

    private static void signal(String name, String pid) throws Exception {
        assertEquals(0, new ProcessBuilder("kill", "-" + name, pid).start().waitFor());
    }
}
