import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.db.Database;
import avdaily.db.DatabaseUrl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Migrations that fail, are killed, wait for others or are refused: what is left, and what is said of it. */
class MigrateFailureTest extends ScriptTest {
    @Test
    void aFailureInTheThirdUndoesTheFirstTwo() {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = MigrationFolder.of(
                "V1__a.sql",
                "CREATE TABLE a (id int);",
                "V2__b.sql",
                "CREATE TABLE b (id int);",
                "V3__c.sql",
                """
                CREATE TABLE c (id int);

                INSERT INTO c
                VALUES (1),
                       ('x');
                """);
        folder.run(db, "up", "--yes")
                .expect(25, "V3__c.sql line 5", "invalid input syntax", "nothing of V1 a, V2 b, V3 c stays");
        assertEquals("null", applied(db));
        assertEquals("null", value(db, "SELECT to_regclass('a')"));
        assertEquals("failed", value(db, "SELECT outcome FROM avdaily_ops.operation"));
        folder.write("V3__c.sql", "CREATE TABLE c (id int);");
        folder.run(db, "up", "--yes").expect(0);
        assertEquals("1,2,3", applied(db));
    }

    /** Another text of the file would not have helped. */
    @Test
    void whatTheServerLacksIsNoMistakeOfTheFile() {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = MigrationFolder.of(
                "V1__a.sql", "CREATE TABLE a (id int);");
        for (List<String> stateAndWay : List.of(
                List.of("53200", "raise max_locks_per_transaction"),
                List.of("53100", "make room"),
                List.of("XX001", "it is the server's"),
                List.of("40001", "run the command again"))) {
            String state = stateAndWay.get(0);
            folder.write("V2__b.sql", "DO 'BEGIN RAISE ''no'' USING ERRCODE = ''" + state + "''; END';");
            Run run = folder.run(db, "up", "--yes").expect(1, "V2__b.sql line 1: no", "nothing of V1 a, V2 b stays");
            assertTrue(run.err().contains(stateAndWay.get(1)), run.err());
            assertTrue(!run.err().contains("correct line"), run.err());
        }
        folder.write("V2__b.sql", "SET statement_timeout = 50; SELECT pg_sleep(9);");
        folder.run(db, "up", "--yes").expect(25, "V2__b.sql line 1", "see which time limit the role has");
    }

    @Test
    void whatLeavesNothingLeavesNoBackupEither() {
        DatabaseUrl db = TestServer.newDatabase();
        Path backups = TestServer.temporary("backups");
        MigrationFolder folder = MigrationFolder.of(
                "V1__a.sql", "CREATE TABLE a (id serial);");
        folder.run(db, "up", "--yes").expect(0);
        folder.write("V2__b.sql", "INSERT INTO a DEFAULT VALUES;\nSELECT 1 / 0;");
        for (int again = 0; again < 2; again++)
            backingUp(folder, db, backups, "up", "--yes")
                    .expect(25, "V2__b.sql line 2")
                    .notes("Nothing was changed, so the backup that was made for it is removed again");
        command(db, "deploy", "development", "--yes", "--migrations", folder.toString())
                .with("BACKUP_DIR", backups.toString())
                .run()
                .expect(25, "V2__b.sql line 2")
                .notes("removed again");
        assertEquals(List.of(), backups(backups));

        folder.write("V2__b.sql", "SELECT setval('a_id_seq', 7);\nSELECT 1 / 0;");
        assertStays(backingUp(folder, db, backups, "up", "--yes"), backups, 1);
        folder.write("V2__b.sql", "SELECT 1 / 0;").write("beforeMigrate.sql", "INSERT INTO a DEFAULT VALUES;");
        assertStays(backingUp(folder, db, backups, "up", "--yes"), backups, 2);
    }

    private static Run backingUp(MigrationFolder folder, DatabaseUrl db, Path backups, String... words) {
        return folder.command(db, words).with("BACKUP_DIR", backups.toString()).run();
    }

    private static void assertStays(Run run, Path backups, int expected) {
        assertTrue(!run.expect(25).err().contains("removed again"), run.err());
        assertEquals(expected, backups(backups).size());
    }

    private static List<String> backups(Path folder) {
        String[] files = folder.toFile().list((in, name) -> name.endsWith(".gz"));
        return files == null ? List.of() : List.of(files);
    }

    @Test
    void anUndoThatFailsOrIsMissingChangesNothing() {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = MigrationFolder.of(
                "V1__a.sql",
                "CREATE TABLE a (id int);",
                "V2__b.sql",
                "CREATE TABLE b (id int);",
                "U2__b.sql",
                "DROP TABLE b;",
                "U1__a.sql",
                "DROP TABLE a;\nDROP TABLE nothing;",
                "V3__c.sql",
                "CREATE TABLE c (id int);");
        folder.run(db, "up", "--yes", "--to", "2").expect(0);
        String before = schema(db);
        folder.run(db, "rollback", "--steps", "2", "--yes").expect(25, "U1__a.sql line 2", "nothing was changed");
        assertEquals(before, schema(db));
        assertEquals("1,2", applied(db));
        folder.run(db, "up", "--yes").expect(0);
        folder.run(db, "rollback", "--steps", "2", "--yes").expect(21, "U3");
        assertEquals("1,2,3", applied(db));
        folder.run(db, "rollback", "--steps", "9", "--yes").expect(2, "3 migrations");
        folder.run(db, "rollback", "--to", "8", "--yes").expect(2, "version 8");
    }

    @Test
    void ofTwoRunsAtOnceOneWorks() {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = MigrationFolder.of(
                "V1__slow.sql", "CREATE TABLE a (id int); SELECT pg_sleep(2); INSERT INTO a VALUES (1);");
        List<Run> runs = IntStream.range(0, 2)
                .mapToObj(i -> CompletableFuture.supplyAsync(() -> folder.command(db, "up", "--yes")
                        .with("AVDAILY_LOCK_ATTEMPTS", "12")
                        .run()))
                .toList()
                .stream()
                .map(CompletableFuture::join)
                .toList();
        runs.forEach(run -> run.expect(0));
        assertEquals(
                1, runs.stream().filter(run -> run.out().contains("Applied V1")).count());
        assertEquals("1", value(db, "SELECT count(*) FROM a"));
    }

    @Test
    void aLockThatIsHeldIsTwentyThree() throws InterruptedException {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = MigrationFolder.of("V1__slow.sql", "CREATE TABLE a (id int); SELECT pg_sleep(6);");
        CompletableFuture<Run> first = CompletableFuture.supplyAsync(() -> folder.run(db, "up", "--yes"));
        Await.session(db, "wait_event = 'PgSleep'");
        folder.run(db, "up", "--yes").expect(23, "avdaily-migrate", "pid");
        first.join().expect(0);
    }

    @Test
    void aKilledRunLeavesNothing() throws Exception {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = MigrationFolder.of(
                "V1__a.sql",
                "CREATE TABLE a (id int);",
                "V2__slow.sql",
                "CREATE TABLE b (id int); SELECT pg_sleep(60);",
                "U1__a.sql",
                "SELECT pg_sleep(60); DROP TABLE a;");
        for (String[] words : List.of(new String[] {"up", "--yes"}, new String[] {"rollback", "--yes"})) {
            if (words[0].equals("rollback"))
                folder.run(db, "up", "--to", "1", "--yes").expect(0);
            String before = schema(db);
            folder.killAsleep(db, words);
            execute(
                    db,
                    """
                    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                    WHERE datname = current_database() AND pid <> pg_backend_pid()""");
            assertEquals(
                    before.replaceAll("(?m)^.*flyway_schema_history.*\\R?", ""),
                    schema(db).replaceAll("(?m)^.*flyway_schema_history.*\\R?", ""));
            if (words[0].equals("up"))
                assertEquals(
                        "started", value(db, "SELECT outcome FROM avdaily_ops.operation ORDER BY id DESC LIMIT 1"));
        }
    }

    @Test
    void filesThatWouldBePassedOverAreRefused() {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder.of("V1_one_underscore.sql", "SELECT 1;")
                .run(db, "up", "--yes")
                .expect(2, "V1_one_underscore.sql");
        MigrationFolder folder = MigrationFolder.of("V2__b.sql", "CREATE TABLE b (id int);");
        folder.run(db, "up", "--yes").expect(0);
        folder.write("V1__late.sql", "CREATE TABLE late (id int);");
        folder.run(db, "up", "--yes").expect(21, "V1 late", "never applied", "--out-of-order");
        folder.run(db, "validate").expect(22).says("V1 late", "never applied", "--out-of-order");
        folder.run(db, "repair", "--yes").expect(0).says("Nothing to repair");
        folder.run(db, "up", "--to", "77", "--yes").expect(2, "77");
    }

    @Test
    void aFileThatWouldBeReadWrongIsRefused() throws IOException {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder.of("V1__a.sql", "SELECT 1;", "V01__b.sql", "SELECT 1;")
                .run(db, "status")
                .expect(2, "V01__b.sql", "V1__a.sql", "same version");
        MigrationFolder.of("V1__a.sql", "SELECT 1;", "U1__a.sql", "SELECT 1;", "U1__b.sql", "SELECT 1;")
                .run(db, "status")
                .expect(2, "U1__a.sql", "U1__b.sql");
        MigrationFolder.of("V1__a.SQL", "SELECT 1;").run(db, "status").expect(2, "V1__a.SQL");
        MigrationFolder.of("V1__a.sql", "SELECT 1;", "more/V2__b.sql", "SELECT 1;")
                .run(db, "status")
                .expect(2, "more");
        MigrationFolder latin = MigrationFolder.of("V1__a.sql", "SELECT 1;");
        Files.write(latin.resolve("V2__b.sql"), new byte[] {'-', '-', (byte) 0xe9});
        latin.run(db, "status").expect(2, "V2__b.sql", "UTF-8");
    }

    @Test
    void transactionsAreNotTheFilesBusiness() {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = MigrationFolder.of(
                "V1__a.sql",
                "CREATE TABLE a (id int);",
                "U1__a.sql",
                "DROP TABLE a;",
                "V2__b.sql",
                "-- by an export\nBEGIN;\nCREATE TABLE b (id int);\nCOMMIT;\n");
        folder.run(db, "up", "--yes").expect(2, "V2__b.sql line 2", "transaction");
        assertEquals("null", value(db, "SELECT to_regclass('a')"));
        folder.write("V2__b.sql", "CREATE TABLE b (id int); SAVEPOINT s; ROLLBACK TO s;");
        folder.write("U2__b.sql", "DROP TABLE b; COMMIT;");
        folder.run(db, "up", "--yes").expect(0);
        folder.run(db, "rollback", "--to", "0", "--yes").expect(2, "U2__b.sql line 1");
        assertEquals("b", value(db, "SELECT to_regclass('b')"));
    }

    @Test
    void aMigrationThatFailedOutsideATransactionIsNotForgotten() throws IOException {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = MigrationFolder.of(
                "V1__a.sql",
                "CREATE TABLE a (id int); INSERT INTO a VALUES (1), (1);",
                "V2__u.sql",
                "CREATE UNIQUE INDEX CONCURRENTLY u ON a (id);");
        folder.run(db, "up", "--yes").expect(25, "V2__u.sql line 1", "nothing of V2 u stays");
        assertEquals("null", value(db, "SELECT to_regclass('u')"));
        folder.run(db, "status").expect(0).says("1 pending");
        folder.write("V2__u.sql", "BEGIN;\nCREATE TABLE b ();\nSELECT 1 / 0;\nCOMMIT;\nVACUUM a;");
        folder.run(db, "up", "--yes").expect(25, "V2__u.sql line 3", "nothing of V2 u stays");
        folder.write("V2__u.sql", "BEGIN;\nCREATE TABLE b ();\nABORT;\nBEGIN;\nDROP TABLE a;\nVACUUM b;");
        folder.run(db, "up", "--yes").expect(25, "V2__u.sql line 6", "nothing of V2 u stays");
        folder.write("V2__u.sql", "BEGIN;\nCREATE TABLE b ();\nROLLBACK AND CHAIN;\nDROP TABLE a; --VACUUM");
        folder.write("V2__u.sql.conf", "executeInTransaction=false");
        folder.run(db, "up", "--yes").expect(25, "V2__u.sql line 4: the transaction", "nothing of V2 u stays");
        Files.delete(folder.resolve("V2__u.sql.conf"));
        folder.run(db, "status").expect(0).says("1 pending");
        folder.write("V2__u.sql", "VACUUM a;\nCREATE UNIQUE INDEX CONCURRENTLY u ON a (id);");
        folder.run(db, "up", "--yes").expect(25, "V2__u.sql line 2", "repair");
        folder.run(db, "status", "--check").expect(22, "V2 u", "failed");
        assertEquals(
                "1",
                folder.run(db, "status", "--json")
                        .expect(0)
                        .json()
                        .get("version")
                        .asText());
        folder.run(db, "up", "--yes").expect(21, "V2 u", "repair");
        execute(db, "DELETE FROM a");
        folder.run(db, "repair", "--yes").expect(0).says("V2 u");
        assertEquals(
                "applied",
                folder.run(db, "up", "--yes", "--json")
                        .expect(0)
                        .json()
                        .get("applied")
                        .get(0)
                        .get("state")
                        .asText());
    }

    @Test
    void whatWasDoneBeforeAKillOrALostSessionIsNotDoneTwice() throws Exception {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = MigrationFolder.of(
                "V1__a.sql",
                "CREATE TABLE a (id int);",
                "V2__b.sql",
                """
                INSERT INTO a VALUES (1);
                CREATE INDEX CONCURRENTLY i ON a (id);
                SELECT pg_sleep(60);
                INSERT INTO a VALUES (2);""");
        Path log = Files.createTempFile("log", "");
        Process process = folder.command(db, "up", "--yes", "--no-backup").start(log, log);
        Await.session(db, "wait_event = 'PgSleep'");
        folder.run(db, "status", "--check").expect(22, "V2 b: running");
        for (String command : List.of("up", "validate", "repair"))
            folder.command(db, command).with("AVDAILY_LOCK_ATTEMPTS", "1").run().expect(23, "another run", "wait");
        process.destroyForcibly().waitFor();
        endSleeper(db);
        folder.run(db, "up", "--yes").expect(21, "V2 b", "stopped half-way", "repair");
        failsWhoeverHoldsTheLock(folder, db);
        assertEquals("1", value(db, "SELECT count(*) FROM a"));
        execute(db, "DELETE FROM a", "DROP INDEX i");
        folder.run(db, "repair", "--yes").expect(0).says("unknown  line 3: SELECT pg_sleep(60)", "V2 b");
        CompletableFuture<Run> lost =
                CompletableFuture.supplyAsync(() -> folder.run(db, "up", "--yes", "--no-backup"));
        Await.session(db, "wait_event = 'PgSleep'");
        endSleeper(db);
        Run run = lost.get().expect(20, "V2__b.sql line 3", "nobody knows whether that line was done");
        assertTrue(run.err().contains("done     line 2: CREATE INDEX CONCURRENTLY i"), run.err());
        folder.run(db, "up", "--yes").expect(21, "V2 b");
        execute(db, "INSERT INTO a VALUES (2)");
        folder.run(db, "repair", "--as-applied", "--yes").expect(0);
        folder.run(db, "up", "--yes").expect(0).says("Nothing to do");
    }

    /** Every login can take the lock; who may not write the history is no run. */
    private static void failsWhoeverHoldsTheLock(MigrationFolder folder, DatabaseUrl db) throws SQLException {
        String role = "holder_" + db.database();
        execute(TestServer.admin(), "CREATE ROLE " + role + " LOGIN PASSWORD 'weak'");
        DatabaseUrl holder = new DatabaseUrl(db.hosts(), db.database(), role, "weak", db.parameters());
        try (Connection c = TestServer.connect(holder)) {
            Database.one(
                    c, "SELECT pg_advisory_lock(?) IS NULL", Boolean.class, 0x61764461696c7900L ^ "migrate".hashCode());
            folder.run(db, "status", "--check").expect(22, "V2 b: failed");
        }
        execute(TestServer.admin(), "DROP ROLE " + role);
    }

    private static void endSleeper(DatabaseUrl db) {
        execute(
                db,
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND wait_event = 'PgSleep'""");
    }

    @Test
    void whatFailedHalfWayIsToldStatementByStatement() {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = MigrationFolder.of(
                "V1__a.sql",
                "CREATE TABLE a (id int); INSERT INTO a VALUES (1), (1);",
                "V2__u.sql",
                """
                -- two of three
                CREATE INDEX CONCURRENTLY i ON a (id);

                CREATE UNIQUE INDEX CONCURRENTLY u ON a (id);
                CREATE INDEX CONCURRENTLY j ON a (id);
                """);
        Run failed = folder.run(db, "up", "--yes").expect(25, "V2__u.sql", "repair");
        List<String> told = List.of(
                "done     line 2: CREATE INDEX CONCURRENTLY i",
                "failed   line 4: CREATE UNIQUE INDEX CONCURRENTLY u",
                "not run  line 5: CREATE INDEX CONCURRENTLY j");
        told.forEach(line -> assertTrue(failed.err().contains(line), failed.err()));
        folder.run(db, "repair")
                .expect(21, "--yes")
                .says(told.toArray(String[]::new))
                .says("its first line;\nor do by hand", "--as-applied");
        execute(
                db,
                "DELETE FROM a",
                "DROP INDEX IF EXISTS u",
                "CREATE UNIQUE INDEX u ON a (id)",
                "CREATE INDEX j ON a (id)");
        folder.run(db, "repair", "--as-applied", "--yes").expect(0).says("V2 u");
        folder.run(db, "up", "--yes").expect(0).says("Nothing to do");
        folder.run(db, "validate").expect(0);
        folder.run(db, "repair", "--as-applied", "--yes").expect(2);
        folder.write("V3__c.sql", "BEGIN;\nCREATE TABLE c ();\nCOMMIT AND CHAIN;\nSELECT 1 / 0;\nCOMMIT;\nVACUUM a;");
        folder.run(db, "up", "--yes").expect(25, "done     line 3: COMMIT AND CHAIN", "failed   line 4: SELECT 1 / 0");
    }

    @Test
    void anUnmanagedDatabaseIsNotTouched() {
        DatabaseUrl db = TestServer.newDatabase();
        execute(db, "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'");
        run(db, "migrate", "up", "--yes").expect(21, "no migration history", "baseline");
    }
}
