import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.db.DatabaseUrl;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.junit.jupiter.api.Test;

/** Rows of tables in use are changed a few at a time, each of them once. */
class DataMigrationTest extends ScriptTest {
    private static final String ORDERS =
            """
            CREATE TABLE orders (id bigint PRIMARY KEY, total numeric NOT NULL, cents bigint, times int DEFAULT 0);
            INSERT INTO orders SELECT n * 3, n, NULL, 0 FROM generate_series(1, %d) n;
            """;
    private static final String DONE =
            "-- batch: done when\nSELECT NOT EXISTS (SELECT FROM orders WHERE cents IS NULL);\n";

    private static String cents(String settings) {
        return "-- batch: table=orders key=id " + settings
                + "\nUPDATE orders SET cents = total * 100, times = times + 1\nWHERE id > ${from} AND id <= ${to};\n"
                + DONE;
    }

    private static MigrationFolder orders(int rows, String settings) {
        return MigrationFolder.of(
                "V1__orders.sql",
                ORDERS.formatted(rows),
                "V2__cents.sql",
                cents(settings),
                "U2__cents.sql",
                "-- stays");
    }

    private static String result(DatabaseUrl db) {
        return value(
                db, "SELECT count(*) || '|' || min(times) || '|' || max(times) || '|' || count(cents) FROM orders");
    }

    @Test
    void everyRowIsChangedOnceAndTheHistorySaysSo() {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = orders(5000, "size=100 pause=0%");
        folder.write("V3__not_null.sql", "ALTER TABLE orders ALTER COLUMN cents SET NOT NULL;");
        folder.run(db, "up", "--yes", "--no-backup")
                .expect(0)
                .says("V2 cents  (runs in batches, each a transaction of its own)", "Applied V1 orders, V2 cents, V3");
        assertEquals("5000|1|1|5000", result(db));
        assertEquals("1,2,3", applied(db));
        assertEquals(
                "5000|5000|true",
                value(
                        db,
                        """
                        SELECT walked || '|' || changed || '|' || (finished_at IS NOT NULL AND batches > 2)
                        FROM avdaily_ops.batch"""));
        folder.run(db, "status", "--check").expect(0);
        folder.run(db, "validate").expect(0);
        folder.run(db, "up", "--yes", "--no-backup").expect(0).says("Nothing to do");
        folder.run(db, "rollback", "--yes", "--steps", "1").expect(21, "there is no undo script U3");
    }

    @Test
    void anyKeyThatSortsWillDo() {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = MigrationFolder.of(
                "V1__tables.sql",
                """
                CREATE TABLE a (tenant int, "N'a""m,e= $1" text COLLATE "C", times int DEFAULT 0,
                  PRIMARY KEY (tenant, "N'a""m,e= $1"));
                INSERT INTO a SELECT n % 7 - 3, CASE n WHEN 14 THEN '' ELSE 'it''s \\ ' || n END
                  FROM generate_series(1, 300) n;
                CREATE TABLE b (at timestamptz NOT NULL, times int DEFAULT 0);
                CREATE INDEX ON b (at DESC);
                INSERT INTO b
                  SELECT CASE n WHEN 1 THEN '-infinity' ELSE timestamptz '2024-01-01Z' + n / 10 * '1 h'::interval END
                  FROM generate_series(1, 300) n;
                CREATE SCHEMA "S ""; --";
                CREATE TABLE "S ""; --".c (id uuid PRIMARY KEY, times int DEFAULT 0);
                INSERT INTO "S ""; --".c SELECT md5(n::text)::uuid FROM generate_series(1, 300) n;
                INSERT INTO "S ""; --".c VALUES ('00000000-0000-0000-0000-000000000000');
                CREATE TABLE d (id int PRIMARY KEY, times int DEFAULT 0) PARTITION BY RANGE (id);
                CREATE TABLE d1 PARTITION OF d FOR VALUES FROM (MINVALUE) TO (100);
                CREATE TABLE d2 PARTITION OF d DEFAULT;
                INSERT INTO d SELECT n FROM generate_series(1, 300) n;
                INSERT INTO d VALUES (-2147483648), (2147483647);
                """,
                "V2__a.sql",
                """
                -- batch: table=a key=tenant,"N'a""m,e= $1" size=40 pause=0%
                UPDATE a SET times = times + 1
                  WHERE (tenant, "N'a""m,e= $1") > (${from}) AND (tenant, "N'a""m,e= $1") <= (${to});
                -- batch: done when
                SELECT NOT EXISTS (SELECT FROM a WHERE times = 0);
                """,
                "V3__b.sql",
                """
                -- batch: table=b key=at size=40 pause=0%
                UPDATE b SET times = times + 1 WHERE at > ${from} AND at <= ${to};
                -- batch: done when
                SELECT NOT EXISTS (SELECT FROM b WHERE times = 0);
                """,
                "V4__c.sql",
                """
                -- batch: table="S ""; --".c key=id size=40 pause=0%
                WITH few AS (SELECT id FROM "S ""; --".c WHERE id > ${from} AND id <= ${to})
                UPDATE "S ""; --".c SET times = times + 1 FROM few WHERE few.id = c.id;
                INSERT INTO b SELECT now(), 1 FROM "S ""; --".c WHERE id > ${from} AND id <= ${to};
                -- batch: done when
                SELECT NOT EXISTS (SELECT FROM "S ""; --".c WHERE times = 0);
                """,
                "V5__d.sql",
                """
                -- batch: table=d key=id size=40 pause=0%
                UPDATE d SET times = times + 1 WHERE id > ${from} AND id <= ${to};
                -- batch: done when
                SELECT NOT EXISTS (SELECT FROM d WHERE times = 0);
                """);
        folder.run(db, "up", "--yes", "--no-backup").expect(0);
        assertEquals(
                "300 300 301 302 301",
                value(
                        db,
                        """
                        SELECT concat_ws(' ',
                          (SELECT sum(times) FROM a), (SELECT sum(times) FROM b WHERE at < '2025-01-01'),
                          (SELECT sum(times) FROM "S ""; --".c), (SELECT sum(times) FROM d),
                          (SELECT count(*) FROM b WHERE at > '2025-01-01'))"""));
    }

    @Test
    void whatAKeySaysIsNoSql() {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = MigrationFolder.of(
                "V1__e.sql",
                """
                CREATE TABLE e (name text COLLATE "C" PRIMARY KEY, times int DEFAULT 0);
                INSERT INTO e (name) VALUES ('$' || '{to}'), ('; DROP TABLE e; --'), ('a');
                """,
                "V2__times.sql",
                """
                \uFEFF-- batch: table=e key=name size=1 pause=0%
                UPDATE e SET times = times + 1 WHERE name > ${from} AND name <= ${to};
                -- batch: done when
                SELECT NOT EXISTS (SELECT FROM e WHERE times = 0);
                """,
                "V3__e.sql",
                "\uFEFF-- phase: contract\nDROP TABLE e;");
        folder.run(db, "up", "--yes", "--no-backup").expect(0);
        assertEquals("3 of 3", value(db, "SELECT sum(times) || ' of ' || count(*) FROM e"));
    }

    /** The database's settings make other texts of the same values, and shorter ones. */
    @Test
    void theTextOfAKeyLosesNothing() {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = MigrationFolder.of(
                "V1__table.sql",
                """
                CREATE TABLE e (x float8, long interval, seen text, times int DEFAULT 0, PRIMARY KEY (x, long));
                INSERT INTO e
                  SELECT 0.1::float8 + 0.2 + n * 1e-16, n * '-25:00'::interval FROM generate_series(1, 90) n;
                """,
                "V2__e.sql",
                """
                -- batch: table=e key=x,long size=1 pause=0%
                UPDATE e SET times = times + 1, seen = current_setting('intervalstyle') || long
                  WHERE (x, long) > (${from}) AND (x, long) <= (${to});
                -- batch: done when
                SELECT NOT EXISTS (SELECT FROM e WHERE times = 0);
                """);
        execute(
                db,
                "ALTER DATABASE " + db.database() + " SET extra_float_digits = 0",
                "ALTER DATABASE " + db.database() + " SET intervalstyle = sql_standard");
        folder.run(db, "up", "--yes", "--no-backup").expect(0);
        assertEquals("90 90", value(db, "SELECT sum(times) || ' ' || count(seen ~ '^sql_standard-25') FROM e"));
    }

    @Test
    void statementsThatLimitThemselvesAreRepeated() {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = MigrationFolder.of(
                "V1__orders.sql",
                ORDERS.formatted(1000),
                "V2__old.sql",
                """
                -- batch: repeat size=70 pause=0%
                DELETE FROM orders WHERE id IN (SELECT id FROM orders WHERE total <= 900 LIMIT ${size}) RETURNING id;
                -- batch: done when
                SELECT NOT EXISTS (SELECT FROM orders WHERE total <= 900);
                """);
        folder.run(db, "up", "--dry-run")
                .expect(0)
                .says("one batch of 70 rows ran and was taken back", "Nothing stayed");
        folder.run(db, "up", "--yes", "--no-backup").expect(0);
        assertEquals("100", value(db, "SELECT count(*) FROM orders"));
        assertEquals("900", value(db, "SELECT changed FROM avdaily_ops.batch"));
        folder.run(db, "verify-undo").expect(22);
    }

    @Test
    void whatCannotRunInBatchesIsRefusedByLine() {
        DatabaseUrl db = TestServer.newDatabase();
        String[][] wrong = {
            {"-- batch: table=orders\n", "line 1", "it lacks the table or the key"},
            {"-- batch: table=orders key=id sise=5\n", "line 1", "sise is no setting of it"},
            {"-- batch: table=orders key=id size=5k\n", "line 1", "size=5k is no such number"},
            {"-- batch: table=orders key=id lag=ten\n", "line 1", "lag=ten is no time"},
            {"-- batch: table=orders key=1\n", "line 1", "key=1 names no columns"},
            {"SELECT 1;\n" + cents(""), "line 1", "nothing before its first line"},
            {cents("").replace(DONE, ""), "line 1", "one '-- batch: done when'"},
            {cents("") + "SELECT 1;", "line 6", "one query at its end"},
            {"-- batch: table=orders key=id\n" + DONE, "line 1", "one query at its end"},
            {cents("").replace("id >", "id >="), "line 3", "${from} has to stand behind '>'"},
            {cents("").replace("id <=", "id <"), "line 3", "${to} has to stand behind '<='"},
            {cents("").replace("id <= ${to}", "true"), "line 2", "both of its ends"},
            {cents("").replace("100", "${rate}"), "line 2", "${rate} is unknown"},
            {cents("").replace("UPDATE orders SET", "ALTER TABLE orders ADD"), "line 2", "consists of UPDATE"},
            {cents("").replace("UPDATE", "WITH a AS (SELECT 1) SELECT 1 --"), "line 2", "consists of UPDATE"},
            {cents("").replace("SELECT NOT", "VALUES (1"), "line 5", "no SELECT"},
            {"-- batch: repeat\nDELETE FROM orders;\n" + DONE, "line 2", "${size}"},
        };
        for (String[] one : wrong)
            MigrationFolder.of("V1__wrong.sql", one[0])
                    .run(db, "up", "--yes", "--no-backup")
                    .expect(2, one[1], one[2]);
        MigrationFolder.of("V1__a.sql", "SELECT 1;", "U1__a.sql", cents(""))
                .run(db, "status")
                .expect(2, "U1__a.sql", "an undo script is part of one transaction");
        MigrationFolder.of("R__a.sql", cents("")).run(db, "status").expect(2, "R__a.sql", "give it a version");
        MigrationFolder.of("V1__a.sql", "-- batch: one of two\nSELECT 1;")
                .run(db, "up", "--yes", "--no-backup")
                .expect(0);
        MigrationFolder.of("V1__a.sql", "-- batch: one of two\nSELECT 1;", "V2__o.sql", ORDERS.formatted(9))
                .write("V3__a.sql", cents("").replace("key=id", "key=total"))
                .run(db, "up", "--yes", "--no-backup")
                .expect(21, "V3__a.sql: no index of orders begins with \"total\"");
    }

    @Test
    void flywayItselfRefusesTheFileAndGoesOnBehindIt() {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = orders(10, "");
        folder.write(
                "V3__repeat.sql",
                """
                -- batch: repeat
                UPDATE orders SET cents = NULL
                WHERE id IN (SELECT id FROM orders WHERE cents IS NOT NULL LIMIT ${size});
                -- batch: done when
                SELECT true;
                """);
        for (int version = 2; version <= 3; version++) {
            int next = version;
            FlywayException refused = assertThrows(
                    FlywayException.class, () -> flyway(db, folder, next).migrate());
            assertTrue(refused.getMessage().contains("placeholder"), refused.getMessage());
            assertEquals(next == 2 ? "0" : "10", value(db, "SELECT count(cents) FROM orders"));
            folder.run(db, "up", "--to", String.valueOf(version), "--yes").expect(0);
        }
        folder.write("V4__last.sql", "CREATE TABLE last ();");
        Flyway flyway = flyway(db, folder, 4);
        flyway.validate();
        assertEquals(1, flyway.migrate().migrationsExecuted);
        folder.run(db, "validate").expect(0);
    }

    @Test
    void aPlaceholderOfFlywaysMayNotHaveTheNameOfAVariable() {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = orders(10, "");
        folder.write("flyway.conf", "flyway.placeholderReplacement = true\nflyway.placeholders.from = 0\n");
        folder.write("avdaily.yaml", "name: shop\nmigrations: .\n");
        folder.run(db, "up", "--yes", "--no-backup")
                .expect(2, "flyway.conf line 2", "would have Flyway run a data migration");
        folder.write("flyway.conf", "flyway.placeholderReplacement = true\n");
        folder.run(db, "up", "--yes", "--no-backup").expect(0);
    }

    private static Flyway flyway(DatabaseUrl db, MigrationFolder folder, int target) {
        return Flyway.configure()
                .dataSource(new avdaily.db.SessionSource(() -> TestServer.connect(db)))
                .locations("filesystem:" + folder)
                .defaultSchema("public")
                .target(String.valueOf(target))
                .validateMigrationNaming(false)
                .ignoreMigrationPatterns("*:pending")
                .load();
    }

    @Test
    void aRowThatFailsIsNamedAndTheNextRunGoesOnThere() {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = orders(1000, "size=100 pause=0%");
        folder.write("V2__cents.sql", cents("size=100 pause=0%").replace("total * 100", "100 / (total - 950)"));
        folder.run(db, "up", "--yes", "--no-backup")
                .expect(
                        25,
                        "V2__cents.sql line 2: division by zero; what its batches did before stays",
                        "run up again: it goes on there");
        long done = Long.parseLong(value(db, "SELECT count(cents) FROM orders"));
        assertTrue(done > 0 && done < 950, done + "");
        folder.run(db, "status").expect(0).says("the last batch failed: division by zero");
        JsonNode batch = folder.run(db, "status", "--json")
                .expect(0)
                .json()
                .get("batches")
                .get(0);
        assertEquals(done, batch.get("rowsWalked").asLong());
        assertEquals("2", batch.get("version").asText());
        folder.run(db, "up", "--dry-run").expect(0).says("V2 cents", "one batch of ", "rows take about");
        folder.write("V2__cents.sql", cents("size=100 pause=0%"));
        String noted = value(db, "SELECT \"position\"::text FROM avdaily_ops.batch");
        for (String other : List.of("{NULL}", "{}", "{1,2}", "{9; DROP TABLE orders}", "{99999999999999999999}")) {
            execute(db, "UPDATE avdaily_ops.batch SET \"position\" = '" + other + "'");
            folder.run(db, "up", "--yes", "--no-backup").expect(21, "its key is not the one", "rollback");
            folder.run(db, "status").expect(0);
        }
        folder.run(db, "up", "--dry-run").expect(21, "its key is not the one");
        execute(db, "UPDATE avdaily_ops.batch SET \"position\" = '" + noted + "'");
        execute(db, "ALTER TABLE orders ADD no bigint", "UPDATE orders SET no = -id", "CREATE INDEX ON orders (no)");
        folder.write("V2__cents.sql", cents("size=100 pause=0%").replace("key=id", "key=no").replace("id ", "no "));
        folder.run(db, "up", "--yes", "--no-backup").expect(21, "its key is not the one", "rollback");
        folder.run(db, "up", "--dry-run").expect(21, "its key is not the one");
        folder.write("V2__cents.sql", cents("size=100 pause=0%"));
        for (String count : List.of("walked = 9223372036854775807", "size = 0", "pass = -1", "busy_ms = -1")) {
            String sql = "UPDATE avdaily_ops.batch SET " + count;
            assertThrows(AssertionError.class, () -> execute(db, sql), count);
        }
        folder.run(db, "up", "--yes", "--no-backup").expect(0);
        assertEquals("1000|1|1|1000", result(db));
    }

    @Test
    void itCountsAsAppliedOnlyIfAllIsDone() {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = orders(100, "size=10 pause=0%");
        folder.write(
                "V2__cents.sql",
                cents("size=10 pause=0%")
                        .replace("id <= ${to}", "id <= ${to} AND cents IS NULL AND total > times - 9"));
        folder.write("V1__orders.sql", ORDERS.formatted(100) + "UPDATE orders SET times = 999 WHERE id = 3;");
        folder.run(db, "up", "--yes", "--no-backup").expect(25, "does not say that all is done", "passes=2");
        assertEquals("1", applied(db));
        folder.run(db, "up", "--yes", "--no-backup").expect(25, "does not say that all is done");
        execute(db, "UPDATE orders SET times = 0 WHERE id = 3");
        folder.write("V2__cents.sql", "");
        folder.write(
                "V2__cents.sql",
                cents("size=10 pause=0% passes=2").replace("id <= ${to}", "id <= ${to} AND cents IS NULL"));
        folder.run(db, "up", "--yes", "--no-backup").expect(0);
        assertEquals("100|1|1|100", result(db));
        folder.run(db, "rollback", "--yes").expect(0).says("Undone: V2 cents");
        assertEquals("0", value(db, "SELECT count(*) FROM avdaily_ops.batch"));
    }

    @Test
    void theDeadlineStopsItAndRollbackTakesHalfOfItBack() {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = halfway(db);
        folder.run(db, "up", "--yes", "--deadline", soon())
                .expect(0)
                .says("The deadline is over; the batches of V2 go on with the next 'avdaily-migrate up'");
        assertEquals("1", applied(db));
        folder.run(db, "status", "--check").expect(22, "1 migration pending: V2 cents");
        folder.run(db, "rollback", "--yes").expect(0).says("Undone: V2 cents");
        assertEquals("0", value(db, "SELECT count(*) FROM avdaily_ops.batch"));
    }

    /** A data migration of which a part is done, and of which the rest takes longer than any deadline here. */
    private static MigrationFolder halfway(DatabaseUrl db) {
        MigrationFolder folder = orders(1000, "");
        folder.write("V2__cents.sql", cents("size=100 pause=0%").replace("total * 100", "100 / (total - 950)"));
        folder.run(db, "up", "--yes", "--no-backup").expect(25, "division by zero");
        execute(db, "UPDATE avdaily_ops.batch SET size = 1");
        return folder.write("V2__cents.sql", cents("size=1").replace("\nWHERE", "\nFROM pg_sleep(1) WHERE"));
    }

    private static String soon() {
        return LocalTime.now().plusSeconds(6).truncatedTo(ChronoUnit.SECONDS).toString();
    }

    @Test
    void aDeploymentHandsOverToTheNextOne() {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = halfway(db);
        folder.write("V3__not_null.sql", "ALTER TABLE orders ALTER COLUMN cents SET NOT NULL;");
        JsonNode first =
                deploy(db, folder, "--json", "--deadline", soon()).expect(0).json();
        assertEquals("2", first.get("stopped").get("version").asText());
        assertEquals("1", applied(db));
        folder.write("V2__cents.sql", cents("size=100"));
        deploy(db, folder).expect(0).says("Deployed in ", "2 migrations applied");
        assertEquals("1000|1|1|1000", result(db));
        assertEquals("1,2,3", applied(db));
    }

    private static Run deploy(DatabaseUrl db, MigrationFolder folder, String... words) {
        return command(db, "deploy", "development", "--yes")
                .and(words)
                .with("AVDAILY_MIGRATIONS", folder.toString())
                .run();
    }

    @Test
    void aDeploymentThatIsKilledBetweenBatchesIsFinishedByTheNext() throws Exception {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = orders(1000, "");
        folder.write("V2__cents.sql", cents("size=20 pause=100%").replace("\nWHERE", "\nFROM pg_sleep(0.1) WHERE"));
        folder.run(db, "up", "--to", "1", "--yes", "--no-backup").expect(0);
        Path log = TestServer.temporary("log");
        Process first = command(db, "deploy", "development", "--yes")
                .with("AVDAILY_MIGRATIONS", folder.toString())
                .start(log.resolve("out"), log.resolve("err"));
        Await.until(() -> batches(db) > 2 || !first.isAlive(), "batches");
        first.destroyForcibly().waitFor();
        assertEquals("1", applied(db));
        deploy(db, folder).expect(0);
        assertEquals("1000|1|1|1000", result(db));
        assertEquals("1,2", applied(db));
    }

    /** Nor do its own sessions keep dead rows from autovacuum meanwhile. */
    @Test
    void itPausesLongerIfOthersWaitForIt() {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = orders(30, "");
        String slowly = "times + CASE WHEN id > 3 THEN 1 + length(pg_sleep(0.045)::text) ELSE 1 END";
        folder.write("V2__cents.sql", cents("size=20 pause=50%").replace("times + 1", slowly));
        folder.run(db, "up", "--to", "1", "--yes", "--no-backup").expect(0);
        CompletableFuture<Run> batches =
                CompletableFuture.supplyAsync(() -> folder.run(db, "up", "--yes", "--no-backup"));
        Await.session(db, "wait_event = 'PgSleep'");
        execute(db, "UPDATE orders SET total = total WHERE id = 3");
        String paused =
                """
                SELECT bool_and(finished_at IS NULL AND waiting = 'other sessions wait for it')
                  AND NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()
                    AND pid <> pg_backend_pid() AND coalesce(backend_xid, backend_xmin) IS NOT NULL)
                FROM avdaily_ops.batch""";
        Await.until(() -> value(db, paused).equals("t"), "a pause without open transactions");
        batches.join().expect(0).notes("V2 cents pauses longer between batches: other sessions wait for it.");
        assertEquals("30|1|1|30", result(db));
    }

    @Test
    void whatOlderProgramsUseStaysUntilSomebodySaysSo() {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = orders(10, "");
        folder.write("V3__drop.sql", "/*\n why\n*/\n-- phase: contract after=2\nALTER TABLE orders DROP COLUMN total;")
                .write("V4__last.sql", "-- phase: contract\nALTER TABLE orders DROP COLUMN times;")
                .write("V5__more.sql", "CREATE TABLE more ();");
        folder.run(db, "up", "--yes", "--no-backup", "--to", "1").expect(0);
        folder.run(db, "up", "--yes", "--no-backup")
                .expect(0)
                .says("Applied V2 cents")
                .notes("Not applied: V3 drop, V4 last, V5 more: V3 drop drops what older programs use");
        folder.run(db, "status", "--check").expect(22, "3 migrations pending");
        deploy(db, folder).expect(0).says("contract: V4 last, V5 more", "1 migration applied");
        assertEquals("1,2,3", applied(db));
        folder.run(db, "up", "--yes", "--dry-run").expect(0).says("Nothing to do");
        folder.run(db, "up", "--yes", "--contract", "5").expect(2, "names no file with a line '-- phase: contract'");
        folder.run(db, "up", "--yes", "--no-backup", "--contract", "V4")
                .expect(0)
                .says("Applied V4 last, V5 more");
        folder.write("V6__wrong.sql", "-- phase: contract before=2\nSELECT 1;")
                .run(db, "status")
                .expect(2, "V6__wrong.sql", "cannot be read");
        folder.write("V6__wrong.sql", "-- phase: contract after=7\nSELECT 1;")
                .run(db, "up", "--yes", "--no-backup")
                .expect(2, "V6__wrong.sql comes after version 7, which has no file");
    }

    /** A writer works beside it, and now and then somebody kills the program or its session. */
    @Test
    void whoeverIsKilledEveryRowIsChangedOnce() throws Exception {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = orders(1500, "size=20 pause=0%");
        folder.write(
                "V2__cents.sql",
                cents("size=20 pause=0%").replace("times + 1", "times + 1 + length(pg_sleep(0.001)::text)"));
        folder.run(db, "up", "--to", "1", "--yes").expect(0);
        Path log = TestServer.temporary("log");
        try (Writer writer = new Writer(db)) {
            for (int kill = 0; kill < 2; kill++) {
                long before = batches(db);
                Process up = folder.command(db, "up", "--yes", "--no-backup", "--lock-attempts", "30")
                        .start(log.resolve("out"), log.resolve("err"));
                Await.until(() -> batches(db) > before + 2 || !up.isAlive(), "batches");
                if (kill % 2 == 0) up.destroyForcibly();
                else
                    execute(
                            db,
                            """
                            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                            WHERE datname = current_database() AND query LIKE 'UPDATE orders SET cents%'""");
                up.waitFor();
            }
            CompletableFuture<Run> other = CompletableFuture.supplyAsync(
                    () -> folder.run(db, "up", "--yes", "--no-backup", "--lock-attempts", "30"));
            folder.run(db, "up", "--yes", "--no-backup", "--lock-attempts", "30")
                    .expect(0);
            other.get().expect(0);
            assertEquals("", writer.failure);
        }
        assertEquals("1|1", value(db, "SELECT min(times) || '|' || max(times) FROM orders WHERE id < 10000000"));
        assertEquals("1,2", applied(db));
    }

    private static long batches(DatabaseUrl db) {
        String batches = value(db, "SELECT to_regclass('avdaily_ops.batch')");
        return batches.equals("null")
                ? 0
                : Long.parseLong(value(db, "SELECT coalesce(max(batches), 0) FROM avdaily_ops.batch"));
    }

    /** Somebody who changes orders and adds some. */
    private static final class Writer implements AutoCloseable {
        private final DatabaseUrl db;
        private final Thread thread = new Thread(this::write, "writer");
        private volatile boolean ends;
        private volatile String failure = "";

        Writer(DatabaseUrl db) {
            this.db = db;
            thread.start();
        }

        private void write() {
            try (Connection c = TestServer.connect(db);
                    Statement s = c.createStatement()) {
                s.execute("SET statement_timeout = '2s'");
                for (int n = 0; !ends; n++) {
                    s.execute("UPDATE orders SET total = total + 1 WHERE id = " + (n * 37 % 1000 * 3 + 3));
                    if (n % 10 == 0)
                        s.execute("INSERT INTO orders VALUES (" + (10_000_000 + n) + ", 1, 100, 1)"
                                + " ON CONFLICT DO NOTHING");
                    Thread.sleep(2);
                }
            } catch (SQLException | InterruptedException e) {
                failure = String.valueOf(e.getMessage());
            }
        }

        @Override
        public void close() {
            ends = true;
            Await.until(() -> !thread.isAlive(), "the end of the writer");
        }
    }
}
