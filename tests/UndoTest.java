import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.db.DatabaseUrl;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class UndoTest extends ScriptTest {
    private static DatabaseUrl withRows() {
        DatabaseUrl db = migrated();
        execute(
                db,
                "INSERT INTO \"user\" (name, email, email_verified) VALUES ('A', 'a@example.test', true)",
                """
                INSERT INTO transactions (user_id, amount, type, reference, currency, payment_source)
                SELECT id, 5, 'deposit', 'r' || n, 'NGN', 'bank' FROM "user", generate_series(1, 100) n""",
                """
                INSERT INTO bank_accounts (user_id, bank_code, bank_name, account_number, account_name)
                SELECT id, '1', 'b', '2', 'c' FROM "user\"""");
        return db;
    }

    @Test
    void whatIsLostIsShownAndKept() {
        DatabaseUrl db = withRows();
        String before = schema(db) + rows(db);
        Run refused = run(db, "migrate", "rollback", "--to", "7").expect(21, "--yes", "avdaily_ops.undone");
        refused.says(
                "table public.bank_accounts with 1 row\n",
                "column public.transactions.payment_source with 100 values",
                "column public.transactions.failed_at with 0 values");
        assertEquals(before, schema(db) + rows(db), "looking changes nothing");
        assertTrue(run(db, "migrate", "rollback", "--to", "7", "--yes", "--json")
                .expect(0)
                .json()
                .get("archived")
                .asBoolean());
        assertEquals(
                "100",
                value(
                        db,
                        """
                        SELECT count(*) FROM avdaily_ops.undone u JOIN transactions t ON t.id = (u.row ->> 'id')::uuid
                        WHERE version = '8' AND row ->> 'payment_source' = 'bank'"""));
        assertEquals(
                "b c",
                value(
                        db,
                        """
                        SELECT concat_ws(' ', row ->> 'bank_name', row ->> 'account_name') FROM avdaily_ops.undone
                        WHERE version = '9' AND relation = 'public.bank_accounts'"""));
        assertEquals(
                "1",
                value(
                        db,
                        """
                        SELECT count(*) FROM avdaily_ops.operation
                        WHERE details ->> 'archivedAs' = (SELECT min(run::text) FROM avdaily_ops.undone)"""));
        assertEquals(
                "0",
                value(
                        db,
                        """
                        SELECT count(*) FROM avdaily_ops.undone
                        WHERE relation NOT IN ('public.bank_accounts', 'public.transactions')"""));
    }

    @Test
    void whoWantsNoCopyGetsNone() {
        DatabaseUrl db = withRows();
        run(db, "migrate", "rollback", "--to", "7", "--no-archive", "--yes").expect(0);
        assertEquals("null", value(db, "SELECT to_regclass('avdaily_ops.undone')"));
    }

    @Test
    void aRenameLosesNothingAndAPartitionIsLostWithItsRows() {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = MigrationFolder.of(
                "V1__a.sql",
                "CREATE TABLE a (x int, y text); INSERT INTO a VALUES (1, 'one'), (2, NULL);",
                "V2__b.sql",
                """
                ALTER TABLE a RENAME TO b;
                ALTER TABLE b RENAME y TO z;
                ALTER TABLE b ADD double int GENERATED ALWAYS AS (x * 2) STORED;""",
                "U2__b.sql",
                "ALTER TABLE b DROP double; ALTER TABLE b RENAME z TO y; ALTER TABLE b RENAME TO a;",
                "V3__p.sql",
                """
                CREATE TABLE p (k int) PARTITION BY LIST (k);
                CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
                INSERT INTO p VALUES (1);""",
                "U3__p.sql",
                "DROP TABLE p;",
                "V4__c.sql",
                "ALTER TABLE b ADD \"Odd \"\"c\" int DEFAULT 4;",
                "U4__c.sql",
                "ALTER TABLE b DROP \"Odd \"\"c\";");
        folder.run(db, "up", "--yes").expect(0);
        Run run = folder.run(db, "rollback", "--steps", "3", "--yes").expect(0);
        run.says("table public.p1 with 1 row\n", "column public.b.\"Odd \"\"c\" with 2 values");
        assertEquals(
                2,
                run.out()
                        .lines()
                        .filter(line -> line.matches("  (table|column) .*"))
                        .count(),
                run.out());
        assertEquals(
                "one 2 4",
                value(
                        db,
                        """
                        SELECT concat_ws(' ', row ->> 'z', row ->> 'double', row ->> 'Odd "c') FROM avdaily_ops.undone
                        WHERE relation = 'public.b' AND row ->> 'x' = '1'"""),
                "without a key the whole row");
        assertEquals("1,one", value(db, "SELECT x || ',' || y FROM a WHERE y IS NOT NULL"));
    }

    @Test
    void aSchemaThatSomebodyChangedIsNotUndone() {
        DatabaseUrl db = withRows();
        execute(db, "ALTER TABLE bank_accounts ADD by_hand int");
        run(db, "migrate", "rollback", "--yes").expect(22, "changed TABLE public.bank_accounts", "--accept-drift");
        assertEquals("9", value(db, "SELECT max(version::int) FROM flyway_schema_history"));
        run(db, "migrate", "repair", "--accept-drift", "--yes").expect(0);
        run(db, "migrate", "rollback", "--yes").expect(0);
        assertEquals("8", value(db, "SELECT max(version::int) FROM flyway_schema_history"));
    }

    /** Policies hide rows from the owner of a table, too, under FORCE ROW LEVEL SECURITY. */
    @Test
    void whereRowsAreHiddenNothingIsLostInSilence() {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = MigrationFolder.of(
                "V1__b.sql",
                """
                CREATE TABLE b (id int PRIMARY KEY);
                INSERT INTO b VALUES (1);
                ALTER TABLE b ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;""",
                "V2__a.sql",
                """
                ALTER TABLE b NO FORCE ROW LEVEL SECURITY, ADD y int;
                UPDATE b SET y = 7;
                CREATE TABLE a (x int);
                INSERT INTO a VALUES (1);
                ALTER TABLE a ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
                ALTER TABLE b FORCE ROW LEVEL SECURITY;""",
                "U2__a.sql",
                "DROP TABLE a; ALTER TABLE b DROP y;");
        folder.run(db, "up", "--yes", "--no-backup").expect(0);
        folder.run(db, "rollback", "--yes").expect(0).says("table public.a with 1 row").says("public.b.y with 1 value");
        String kept = "SELECT string_agg(row::text, ' ' ORDER BY relation) FROM avdaily_ops.undone";
        assertEquals("{\"x\": 1} {\"y\": 7, \"id\": 1}", value(db, kept));
        assertEquals("true", value(db, "SELECT relforcerowsecurity::text FROM pg_class WHERE oid = 'b'::regclass"));
    }

    @Test
    void aBackupOfHiddenRowsNamesTheWayOn() {
        DatabaseUrl db = TestServer.newDatabase();
        String role = "hiding_" + db.database();
        execute(
                TestServer.admin().withDatabase(db.database()),
                "CREATE ROLE " + role + " LOGIN PASSWORD 'weak'",
                "ALTER DATABASE " + db.database() + " OWNER TO " + role);
        DatabaseUrl owned = new DatabaseUrl(db.hosts(), db.database(), role, "weak", db.parameters());
        MigrationFolder folder = MigrationFolder.of(
                "V1__a.sql",
                """
                CREATE SCHEMA app;
                CREATE TABLE app.a (x int);
                INSERT INTO app.a VALUES (1);
                ALTER TABLE app.a ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;""",
                "V2__b.sql",
                "CREATE TABLE app.b (x int);");
        try {
            execute(TestServer.admin().withDatabase(db.database()), "GRANT CREATE ON SCHEMA public TO " + role);
            folder.run(owned, "up", "--yes", "--to", "1").expect(0);
            folder.run(owned, "up", "--yes")
                    .expect(1, "row-level security", "ALTER ROLE \"" + role + "\" BYPASSRLS", "NO FORCE");
            execute(TestServer.admin(), "ALTER ROLE " + role + " BYPASSRLS");
            folder.run(owned, "up", "--yes").expect(0);
        } finally {
            TestServer.drop(db);
            execute(TestServer.admin(), "DROP ROLE " + role);
        }
    }

    @Test
    void everyShippedUndoIsExact() {
        DatabaseUrl db = TestServer.newDatabase();
        assertEquals(
                9,
                run(db, "migrate", "verify-undo", "--json")
                        .expect(0)
                        .json()
                        .get("migrations")
                        .size());
        assertEquals(
                "0",
                value(db, "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"),
                "it works on a database of its own");
    }

    @Test
    void anUndoThatLeavesSomethingIsNamed() {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = MigrationFolder.of(
                "V1__a.sql",
                "CREATE TABLE a (x int);",
                "U1__a.sql",
                "DROP TABLE a;",
                "V2__i.sql",
                "CREATE INDEX CONCURRENTLY i ON a (x);",
                "U2__i.sql",
                "DROP INDEX i;",
                "V3__b.sql",
                "ALTER TABLE a ADD y int; COMMENT ON TABLE a IS 'a';",
                "U3__b.sql",
                "ALTER TABLE a DROP y;",
                "V4__c.sql",
                "CREATE TABLE c (x int);");
        Run run = folder.run(db, "verify-undo").expect(22, "V3 b", "V4 c");
        run.says("exact    V2 i", "differs  V3 b", "undone: extra COMMENT TABLE public.a", "no undo  V4 c");
        assertFalse(run.out().contains("public.a.y"));
    }

    @Test
    void aKilledRollbackLeavesNothingAndTheNextOneWorks() throws Exception {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = MigrationFolder.of(
                "V1__a.sql",
                "CREATE TABLE a (x int); INSERT INTO a SELECT generate_series(1, 1000);",
                "U1__a.sql",
                "DROP TABLE a; SELECT pg_sleep(10 * current_setting('geqo_seed')::float);");
        folder.run(db, "up", "--yes").expect(0);
        execute(db, "ALTER DATABASE " + db.database() + " SET geqo_seed = 0.5");
        Path log = Files.createTempFile("log", "");
        Process process = folder.command(db, "rollback", "--yes").start(log, log);
        String asleep =
                """
                SELECT count(*) FROM pg_stat_activity, avdaily_ops.operation
                WHERE wait_event = 'PgSleep' AND datname = current_database()
                  AND command = 'migrate rollback' AND outcome = 'started'""";
        Await.until(() -> !process.isAlive() || !value(db, asleep).equals("0"), "the undo script's pg_sleep");
        assertTrue(process.isAlive(), () -> "it ended too early");
        process.destroyForcibly().waitFor();
        execute(
                db,
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid()""",
                "ALTER DATABASE " + db.database() + " RESET geqo_seed");
        assertEquals("1000", value(db, "SELECT count(*) FROM a"));
        assertEquals("null", value(db, "SELECT to_regclass('avdaily_ops.undone')"));
        folder.run(db, "rollback", "--yes").expect(0);
        assertEquals("1000", value(db, "SELECT count(*) FROM avdaily_ops.undone"));
    }

    @Test
    void rowsThatAnUndoChangesInTablesThatStayAreCounted() {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = MigrationFolder.of(
                "V1__a.sql",
                """
                CREATE TABLE a (id int);
                INSERT INTO a SELECT generate_series(1, 10);
                CREATE TABLE t (id int);
                INSERT INTO t VALUES (1), (2);""",
                "V2__more.sql",
                "INSERT INTO a VALUES (11), (12), (13);",
                "U2__more.sql",
                "DELETE FROM a WHERE id > 10; UPDATE a SET id = -id WHERE id < 3; TRUNCATE t;");
        folder.run(db, "up", "--yes").expect(0);
        folder.run(db, "rollback")
                .expect(21, "--yes")
                .says(
                        "of which no copy is kept",
                        "public.a: 3 rows deleted, 2 rows changed\n",
                        "public.t: 2 rows deleted\n");
        assertEquals("13 2", value(db, "SELECT (SELECT count(*) FROM a) || ' ' || (SELECT count(*) FROM t)"));
        assertEquals(
                3,
                folder.run(db, "rollback", "--yes", "--json")
                        .expect(0)
                        .json()
                        .get("tables")
                        .get(0)
                        .get("removed")
                        .asInt());
        assertEquals("10 0", value(db, "SELECT (SELECT count(*) FROM a) || ' ' || (SELECT count(*) FROM t)"));
    }
}
