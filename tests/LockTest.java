import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.db.Database;
import avdaily.db.DatabaseUrl;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Migrations on tables that others use: they wait briefly and again, name who is in the way, and leave nothing behind.
 */
@Execution(ExecutionMode.CONCURRENT)
@SuppressWarnings("try") // locks are held, no more
class LockTest extends ScriptTest {
    private static final String WAITS = "wait_event_type = 'Lock'";

    /** The last statement of a run that waits for older transactions, without asking for a lock. */
    private static final String LOOKS_FOR_OLDER = "query LIKE '%FROM pg_locks v %'";

    /** Somebody who holds a lock until closed. */
    private static final class Holder implements AutoCloseable {
        private final Connection connection;
        final String pid;

        Holder(DatabaseUrl db, String... statements) throws SQLException {
            connection = TestServer.connect(db);
            connection.setAutoCommit(false);
            pid = Database.one(
                    connection,
                    "SELECT pg_backend_pid()::text FROM set_config('application_name', 'month end report', false)",
                    String.class);
            try (Statement s = connection.createStatement()) {
                for (String statement : statements) s.execute(statement);
            }
        }

        @Override
        public void close() throws SQLException {
            connection.close();
        }
    }

    @Test
    void aTableThatIsLockedForEverIsGivenUpAndTheSessionNamed() throws Exception {
        DatabaseUrl db = TestServer.newDatabase();
        run(db, "migrate", "up", "--to", "7", "--yes").expect(0);
        String before = schema(db) + rows(db);
        try (Holder holder = new Holder(
                db, "SELECT count(*) FROM transactions WHERE reference = 'Ada''s' AND amount > 77123 -- Ada's")) {
            Run run = command(db, "migrate", "up", "--yes", "--no-backup", "--lock-attempts", "2")
                    .run()
                    .expect(
                            23,
                            "V8__payment_source.sql line",
                            "2 attempts",
                            "pid " + holder.pid,
                            "month end report",
                            "user tester",
                            "since 20",
                            "idle in transaction",
                            "SELECT count(*) FROM transactions WHERE reference = ? AND amount > ?",
                            "pg_terminate_backend(" + holder.pid + ")");
            assertFalse(run.err().contains("Ada") || run.err().contains("77123"), run.err());
            assertEquals(before, schema(db) + rows(db));
            command(db, "migrate", "rollback", "--to", "2", "--yes", "--lock-attempts", "1")
                    .run()
                    .expect(23, "U3__savings.sql line", "1 attempt", "pid " + holder.pid);
            assertEquals(before, schema(db) + rows(db));
        }
        command(db, "migrate", "up", "--yes", "--no-backup", "--lock-attempts", "0")
                .run()
                .expect(2, "--lock-attempts");
        command(db, "migrate", "up", "--yes", "--no-backup").run().expect(0).says("at version 9");
    }

    /** As a server does that only looks like PostgreSQL. */
    @Test
    void aLockThatTwoSessionsGetIsRefused() {
        DatabaseUrl db = TestServer.newDatabase();
        execute(
                TestServer.admin().withDatabase(db.database()),
                "ALTER FUNCTION pg_catalog.pg_try_advisory_lock(bigint) RENAME TO pg_honest_advisory_lock",
                "CREATE FUNCTION pg_catalog.pg_try_advisory_lock(bigint) RETURNS boolean "
                        + "LANGUAGE sql AS 'SELECT true'");
        run(db, "migrate", "up", "--yes").expect(21, "one advisory lock to two sessions", "avdaily-db doctor");
        run(db, "deploy", "testing", "--yes").expect(21, "one advisory lock to two sessions");
        assertEquals("", schema(db));
    }

    @Test
    void whenTheLockGoesAwayItSucceeds() throws Exception {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = MigrationFolder.of(
                "V1__a.sql",
                "CREATE TABLE a (id int);",
                "V2__b.sql",
                "CREATE TABLE b (id int);",
                "V3__c.sql",
                "ALTER TABLE a ADD COLUMN n int;");
        folder.run(db, "up", "--to", "1", "--yes").expect(0);
        CompletableFuture<Run> up;
        try (Holder holder = new Holder(db, "LOCK TABLE a IN ACCESS SHARE MODE")) {
            up = CompletableFuture.supplyAsync(
                    () -> folder.run(db, "up", "--yes", "--no-backup", "--lock-attempts", "9"));
            Await.session(db, WAITS);
            Await.noSession(db, WAITS); // the first attempt is over
        }
        Run run = up.join().expect(0).says("V2 b, V3 c");
        assertTrue(run.err().contains("Attempt 1 of 9"), run.err());
    }

    @Test
    void aFileThatIsChangedMeanwhileDoesNotRunUnseen() throws Exception {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = MigrationFolder.of(
                "V1__a.sql", "CREATE TABLE a (id int);", "V2__a.sql", "ALTER TABLE a ADD COLUMN planned int;");
        folder.run(db, "up", "--to", "1", "--yes").expect(0);
        CompletableFuture<Run> up;
        try (Holder holder = new Holder(db, "LOCK TABLE a IN ACCESS SHARE MODE")) {
            up = CompletableFuture.supplyAsync(() -> folder.run(db, "up", "--yes", "--no-backup"));
            Await.session(db, WAITS);
            folder.write("V2__a.sql", "ALTER TABLE a DROP COLUMN id; COMMIT;");
            Await.noSession(db, WAITS);
        }
        up.join().expect(0);
        assertEquals(
                "id,planned",
                value(
                        db,
                        """
                        SELECT string_agg(attname, ',' ORDER BY attnum) FROM pg_attribute
                        WHERE attrelid = 'a'::regclass AND attnum > 0"""));
        folder.run(db, "validate")
                .expect(22, "migrate repair' takes it over")
                .says("V2 a: its file was changed after it was applied");
    }

    @Test
    void anUndoScriptThatIsChangedMeanwhileDoesNotRunUnseen() throws Exception {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = MigrationFolder.of(
                "V1__a.sql",
                "CREATE TABLE a (id int);",
                "V2__a.sql",
                "ALTER TABLE a ADD COLUMN n int;",
                "U2__a.sql",
                "ALTER TABLE a DROP COLUMN n;");
        folder.run(db, "up", "--yes").expect(0);
        CompletableFuture<Run> rollback;
        try (Holder holder = new Holder(db, "LOCK TABLE a IN ACCESS SHARE MODE")) {
            rollback = CompletableFuture.supplyAsync(() -> folder.run(db, "rollback", "--yes"));
            Await.session(db, WAITS);
            folder.write("U2__a.sql", "DROP TABLE a; COMMIT;");
            Await.noSession(db, WAITS);
        }
        rollback.join().expect(0);
        assertEquals(
                "id",
                value(
                        db,
                        """
                        SELECT string_agg(attname, ',' ORDER BY attnum) FROM pg_attribute
                        WHERE attrelid = to_regclass('a') AND attnum > 0 AND NOT attisdropped"""));
    }

    @Test
    void whoComesLaterWaitsOnlyBriefly() throws Exception {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = MigrationFolder.of(
                "V1__a.sql", "CREATE TABLE a (id int);", "V2__a.sql", "ALTER TABLE a ADD COLUMN n int;");
        folder.run(db, "up", "--to", "1", "--yes").expect(0);
        try (Holder holder = new Holder(db, "LOCK TABLE a IN ACCESS SHARE MODE")) {
            CompletableFuture<Run> up =
                    CompletableFuture.supplyAsync(() -> folder.run(db, "up", "--yes", "--no-backup"));
            Await.session(db, WAITS);
            execute(db, "SET statement_timeout = '8s'", "SELECT count(*) FROM a"); // behind the ALTER TABLE
            up.join().expect(23, "3 attempts");
        }
    }

    @Test
    void anIndexBuiltConcurrentlyLeavesNothingHalfBuilt() throws Exception {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = MigrationFolder.of(
                "V1__a.sql",
                "CREATE TABLE a (id int); INSERT INTO a VALUES (1);",
                "V2__i.sql",
                "CREATE INDEX CONCURRENTLY i ON a (id);");
        folder.run(db, "up", "--to", "1", "--yes").expect(0);
        String before = schema(db) + rows(db);
        try (Holder holder = new Holder(db, "UPDATE a SET id = 2")) {
            folder.run(db, "up", "--yes", "--no-backup", "--lock-attempts", "1")
                    .expect(23, "V2__i.sql line 1", "pid " + holder.pid, "nothing of V2 i stays");
            assertEquals(before, schema(db) + rows(db), "not even a failed entry");
            CompletableFuture<Run> up =
                    CompletableFuture.supplyAsync(() -> folder.run(db, "up", "--yes", "--no-backup"));
            Await.session(db, LOOKS_FOR_OLDER);
            holder.close();
            up.join().expect(0);
        }
        assertEquals("t", value(db, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'i'::regclass"));
    }

    @Test
    void theIndexThatAKilledRunLeftIsBuiltAnew() throws Exception {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = MigrationFolder.of(
                "V1__a.sql",
                """
                CREATE TABLE a (id int);
                INSERT INTO a VALUES (1), (2);
                CREATE TABLE pace (seconds int);
                INSERT INTO pace VALUES (60);
                CREATE FUNCTION slow(id int) RETURNS int IMMUTABLE LANGUAGE plpgsql
                  AS 'BEGIN PERFORM pg_sleep(seconds) FROM public.pace; RETURN id; END';
                """,
                "V2__i.sql",
                "CREATE INDEX CONCURRENTLY i ON a (slow(id));");
        folder.run(db, "up", "--to", "1", "--yes").expect(0);
        folder.killAsleep(db, "up", "--yes", "--no-backup");
        execute(db, "UPDATE pace SET seconds = 0");
        Await.noSession(db, "wait_event = 'PgSleep'");
        assertEquals(
                "f",
                value(db, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'i'::regclass"),
                "the server noticed that its client is gone");
        folder.run(db, "up", "--yes", "--no-backup").expect(0).says("at version 2");
        assertEquals("t", value(db, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'i'::regclass"));

        folder.write("V3__j.sql", "CREATE INDEX CONCURRENTLY j ON a (slow(id), id);");
        execute(db, "UPDATE pace SET seconds = 60");
        CompletableFuture<Run> lost =
                CompletableFuture.supplyAsync(() -> folder.run(db, "up", "--yes", "--no-backup"));
        Await.session(db, "wait_event = 'PgSleep'");
        execute(
                db,
                "UPDATE pace SET seconds = 0",
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND wait_event = 'PgSleep'""");
        lost.get().expect(20, "V3__j.sql line 1", "goes on from there");
        folder.run(db, "up", "--yes", "--no-backup").expect(0).says("at version 3");
        assertEquals("t", value(db, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'j'::regclass"));
    }

    @Test
    void whatBecameOfEachStatementIsSaidAlsoOfThoseOnOneLine() {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = MigrationFolder.of(
                "V1__a.sql",
                "CREATE TABLE a (id int); INSERT INTO a VALUES (1), (1);",
                "V2__i.sql",
                "CREATE INDEX CONCURRENTLY i ON a (id); "
                        + "CREATE UNIQUE INDEX CONCURRENTLY j ON a (id); "
                        + "CREATE INDEX CONCURRENTLY k ON a (id);");
        Run run = folder.run(db, "up", "--yes", "--no-backup")
                .expect(25, "V2__i.sql line 1", "it ran outside a transaction");
        for (String line : new String[] {
            "done     line 1: CREATE INDEX CONCURRENTLY i",
            "failed   line 1: CREATE UNIQUE INDEX CONCURRENTLY j",
            "not run  line 1: CREATE INDEX CONCURRENTLY k"
        }) assertTrue(run.err().contains(line), run.err());
        folder.run(db, "repair", "--yes").expect(0).says("failed   line 1: CREATE UNIQUE INDEX CONCURRENTLY j");
    }

    @Test
    void aStrangersInvalidIndexStays() {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = MigrationFolder.of(
                "V1__a.sql",
                "CREATE TABLE a (id int); INSERT INTO a VALUES (1), (1);",
                "V2__i.sql",
                "CREATE INDEX CONCURRENTLY i ON a (id);");
        folder.run(db, "up", "--to", "1", "--yes").expect(0);
        try (Connection c = TestServer.connect(db);
                Statement s = c.createStatement()) {
            s.execute("CREATE UNIQUE INDEX CONCURRENTLY i ON a (id)");
        } catch (SQLException e) {
            assertEquals("23505", e.getSQLState());
        }
        folder.run(db, "up", "--yes", "--no-backup").expect(25, "already exists");
        assertEquals("f", value(db, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'i'::regclass"));
    }

    /** The project's own SQL is another matter: it runs as in psql. */
    @Test
    void theTimeThatARoleIsGivenIsNotForOurQueries() throws Exception {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = MigrationFolder.of("V1__a.sql", "CREATE TABLE a (id int);");
        folder.run(db, "up", "--yes").expect(0);
        execute(db, "ALTER DATABASE " + db.database() + " SET statement_timeout = '1s'");
        folder.write("V2__b.sql", "SELECT pg_sleep(30);");
        CompletableFuture<Run> run;
        try (Connection c = TestServer.connect(db);
                Statement s = c.createStatement()) {
            s.execute("BEGIN; LOCK avdaily_ops.operation");
            run = CompletableFuture.supplyAsync(() -> folder.run(db, "up", "--yes", "--no-backup"));
            Await.session(db, "wait_event_type = 'Lock' AND clock_timestamp() - query_start > interval '1200 ms'");
            s.execute("COMMIT");
        }
        run.get().expect(25, "V2__b.sql line 1", "statement timeout");
    }

    /** As a kill leaves it: the log says which statement was reached, and nobody heard how it ended. */
    private static void killed(DatabaseUrl db, String statement) {
        killed(db, "", statement);
    }

    private static void killed(DatabaseUrl db, String schema, String statement) {
        execute(
                db,
                """
                INSERT INTO avdaily_ops.operation (command, environment, who, host, details)
                VALUES ('migrate up', 'development', 'x', 'x',
                        jsonb_build_object('reached', jsonb_build_array($$%sV2__i.sql: %s$$)))"""
                        .formatted(schema, statement));
    }

    @Test
    void theIndexThatTheServerBuiltToTheEndAfterAKillIsTakenAsDone() {
        DatabaseUrl db = TestServer.newDatabase();
        String first = "CREATE INDEX CONCURRENTLY i ON public.a (lower(n) DESC) WHERE id > 0";
        MigrationFolder folder = MigrationFolder.of(
                "V1__a.sql",
                "CREATE TABLE a (id int, n text); CREATE INDEX old ON a (id);",
                "V2__i.sql",
                first + ";\nDROP INDEX CONCURRENTLY old;\nCREATE INDEX CONCURRENTLY j ON a (n);");
        folder.run(db, "up", "--to", "1", "--yes").expect(0);
        killed(db, first);
        execute(db, first.replace(" CONCURRENTLY", "").replace("DESC", ""));
        folder.run(db, "up", "--yes", "--no-backup")
                .expect(25, "V2__i.sql line 1", "already exists"); // another one of that name
        folder.run(db, "repair", "--yes").expect(0);
        execute(db, "DROP INDEX i", first.replace(" CONCURRENTLY", ""), "DROP INDEX old");
        killed(db, "DROP INDEX CONCURRENTLY old");
        String index = value(db, "SELECT 'i'::regclass::oid");
        Run run = folder.run(db, "up", "--yes", "--no-backup").expect(0).says("at version 2");
        assertTrue(
                run.err().contains("Done already by a run that was killed: CREATE INDEX CONCURRENTLY i")
                        && run.err().contains("killed: DROP INDEX CONCURRENTLY old"),
                run.err());
        assertEquals(
                index + " t",
                value(db, "SELECT 'i'::regclass::oid || ' ' || (to_regclass('j') IS NOT NULL)::text")
                        .replace("true", "t"));
        assertEquals("0", value(db, "SELECT count(*) FROM pg_class WHERE relpersistence = 't' AND relname = 'a'"));
        folder.run(db, "validate").expect(0);
    }

    @Test
    void soItIsInASchemaOfItsOwnWhateverTheNames() {
        DatabaseUrl db = TestServer.newDatabase();
        execute(db, "CREATE SCHEMA grÖße");
        List<String> made = List.of(
                "CREATE INDEX CONCURRENTLY \"i ON b.c\" ON grÖße.a (n)", "CREATE INDEX CONCURRENTLY j ON a (id)");
        MigrationFolder folder = MigrationFolder.of(
                "V1__a.sql", "CREATE TABLE a (id int, n text);", "V2__i.sql", String.join(";\n", made) + ";");
        folder.run(db, "up", "--schema", "grÖße", "--to", "1", "--yes").expect(0);
        for (String statement : made) {
            killed(db, "grÖße/", statement);
            execute(db, "SET search_path = grÖße; " + statement.replace(" CONCURRENTLY", ""));
        }
        folder.run(db, "up", "--schema", "grÖße", "--yes", "--no-backup").expect(0);
        folder.run(db, "validate", "--schema", "grÖße").expect(0);
    }

    @Test
    void whatCannotRunInATransactionIsKnownByItsWords() {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = MigrationFolder.of(
                "V1__a.sql",
                """
                CREATE TABLE a (id int) PARTITION BY LIST (id); CREATE TABLE b PARTITION OF a FOR VALUES IN (1);
                CREATE INDEX i ON b (id);""",
                "V2__r.sql",
                """
                -- a remark
                REINDEX INDEX CONCURRENTLY i;
                REINDEX (VERBOSE, CONCURRENTLY) TABLE b;
                ALTER TABLE a DETACH PARTITION b CONCURRENTLY;""",
                "V3__own.sql",
                "BEGIN; CREATE TABLE c (id int); COMMIT; VACUUM c;");
        folder.run(db, "up", "--yes").expect(0).says("V2 r  (cannot run in a transaction; runs by itself)");
        assertEquals("0", value(db, "SELECT count(*) FROM pg_inherits WHERE inhparent = 'a'::regclass"));
        folder.write("V4__open.sql", "VACUUM c;\nBEGIN;\nDROP TABLE c;");
        folder.run(db, "up", "--yes")
                .expect(
                        25,
                        "V4__open.sql line 2: the transaction that begins here has no COMMIT",
                        "correct line 2 of",
                        "done     line 1: VACUUM c",
                        "undone   line 3: DROP TABLE c");
        assertEquals("c", value(db, "SELECT to_regclass('c')"));
    }
}
