import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.db.DatabaseUrl;
import avdaily.migrate.Migration;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.flywaydb.core.api.MigrationVersion;
import org.junit.jupiter.api.Test;

class MigrateTest extends ScriptTest {
    private static final Path MIGRATIONS = PROJECT.resolve("migrations");

    @Test
    void upMakesEveryTableAndASecondRunNothing() {
        DatabaseUrl db = TestServer.newDatabase();
        assertEquals(
                9,
                run(db, "migrate", "status", "--json")
                        .expect(0)
                        .json()
                        .get("pending")
                        .asInt());
        run(db, "migrate", "status", "--check").expect(22, "9 migrations pending");
        run(db, "migrate", "up", "--yes").expect(0).says("V1 identity", "at version 9");
        assertEquals(
                "30",
                value(
                        db,
                        """
                        SELECT count(*) FROM pg_tables
                        WHERE schemaname = 'public' AND tablename <> 'flyway_schema_history'"""));
        assertEquals("1,2,3,4,5,6,7,8,9", applied(db));
        String before = rows(db);
        run(db, "migrate", "up", "--yes").expect(0).says("Nothing to do");
        run(db, "migrate", "up").expect(0).says("Nothing to do");
        assertEquals(before, rows(db));
        run(db, "migrate", "status", "--check").expect(0);
        run(db, "migrate", "validate").expect(0);
        assertEquals(
                "migrate up|done",
                value(db, "SELECT string_agg(command || '|' || outcome, ' ') FROM avdaily_ops.operation"));
    }

    @Test
    void theMigrationsMakeTheDesiredSchema() throws IOException {
        DatabaseUrl desired = TestServer.newDatabase();
        try (var files = Files.list(MIGRATIONS.resolve("schema"))) {
            for (Path file : files.sorted().toList()) execute(desired, Files.readString(file));
        }
        DatabaseUrl migrated = migrated();
        execute(migrated, "DROP TABLE flyway_schema_history");
        assertEquals(schema(desired), schema(migrated));
    }

    @Test
    void everyUndoTakesItsMigrationBackExactly() {
        DatabaseUrl db = TestServer.newDatabase();
        run(db, "migrate", "up", "--to", "1", "--yes").expect(0);
        for (int version = 2; version <= 9; version++) {
            String before = schema(db);
            run(db, "migrate", "up", "--to", String.valueOf(version), "--yes").expect(0);
            String after = schema(db);
            assertNotEquals(before, after);
            run(db, "migrate", "rollback", "--yes").expect(0);
            assertEquals(before, schema(db), "U" + version);
            run(db, "migrate", "up", "--to", String.valueOf(version), "--yes").expect(0);
            assertEquals(after, schema(db), "V" + version + " again");
        }
        run(db, "migrate", "rollback", "--to", "0", "--yes").expect(0);
        assertEquals(
                "0",
                value(
                        db,
                        """
                        SELECT count(*) FROM pg_tables
                        WHERE schemaname = 'public' AND tablename <> 'flyway_schema_history'"""));
    }

    @Test
    void backToSixAndUpAgainIsTheSameSchema() {
        DatabaseUrl db = migrated();
        String before = schema(db);
        run(db, "migrate", "rollback", "--to", "6", "--yes")
                .expect(0)
                .says("V9 bank accounts, V8 payment source, V7 plan safeguards");
        assertEquals("1,2,3,4,5,6", applied(db));
        assertTrue(run(db, "migrate", "status", "--json")
                .json()
                .get("migrations")
                .get(8)
                .get("state")
                .asText()
                .equals("undone"));
        run(db, "migrate", "up", "--yes").expect(0);
        assertEquals(before, schema(db));
        run(db, "migrate", "history").expect(0).says("rolled back", "bank accounts");
        JsonNode events = run(db, "migrate", "history", "--json").json().get("events");
        assertEquals(15, events.size());
        assertEquals(
                List.of("7", "8", "9", "9", "8", "7"),
                StreamSupport.stream(events.spliterator(), false)
                        .skip(6)
                        .limit(6)
                        .map(event -> event.get("version").asText())
                        .toList());
        for (String planted : List.of(
                "5",
                "[7, null, {}]",
                "{}",
                "[{\"version\": \"x\", \"appliedAt\": \"never\", \"ms\": \"?\"}]",
                "[{\"version\": \"x\", \"appliedAt\": \"+1000000000-12-31T23:59:59Z\"}]"))
            execute(
                    db,
                    "INSERT INTO avdaily_ops.operation (command, environment, who, host, outcome, duration, "
                            + "details) VALUES ('migrate rollback', '', '', '', 'done', '1000 days', '{\"undone\": "
                            + planted + "}')");
        run(db, "migrate", "history").expect(0).says("rolled back", "bank accounts");
        run(db, "migrate", "status").expect(0);
    }

    @Test
    void paymentSourceComesToATableWithRows() {
        DatabaseUrl db = TestServer.newDatabase();
        run(db, "migrate", "up", "--to", "7", "--yes").expect(0);
        execute(
                db,
                "INSERT INTO \"user\" (name, email, email_verified) VALUES ('A', 'a@example.test', true)",
                """
                INSERT INTO transactions (user_id, amount, type, reference)
                SELECT id, 5, 'deposit', 'r' || n FROM "user", generate_series(1, 100) n""");
        run(db, "migrate", "up", "--yes").expect(0);
        assertEquals(
                "100",
                value(db, "SELECT count(*) FROM transactions WHERE payment_source = 'wallet' AND currency = 'NGN'"));
        assertEquals(
                "null",
                value(
                        db,
                        """
                        SELECT column_default FROM information_schema.columns
                        WHERE table_name = 'transactions' AND column_name = 'payment_source'"""));
    }

    /** The history's times have no zone: they are of the database's, wherever the command runs. */
    @Test
    void timesAreThoseOfTheDatabasesZone() {
        DatabaseUrl db = TestServer.newDatabase();
        execute(db, "ALTER DATABASE " + db.database() + " SET timezone = 'Pacific/Kiritimati'");
        MigrationFolder folder = MigrationFolder.of("V1__a.sql", "CREATE TABLE a ();");
        Instant begin = Instant.now().minusSeconds(60);
        List<JsonNode> seen = List.of(
                folder.command(db, "up", "--yes", "--json").run().expect(0).json().findValue("appliedAt"),
                folder.command(db, "status", "--json").run().expect(0).json().findValue("appliedAt"),
                folder.command(db, "history", "--json").run().expect(0).json().findValue("at"));
        for (JsonNode at : seen) {
            Instant time = Instant.parse(at.textValue());
            assertTrue(time.isAfter(begin) && time.isBefore(begin.plusSeconds(600)), time.toString());
        }
    }

    @Test
    void upBacksUpWhatThereIs() throws IOException {
        DatabaseUrl db = TestServer.newDatabase();
        Path work = TestServer.temporary("backups");
        assertTrue(
                command(db, "migrate", "up", "--to", "7", "--yes", "--json")
                        .in(work)
                        .run()
                        .expect(0)
                        .json()
                        .get("backup")
                        .isNull(),
                "there was nothing to back up");
        execute(db, "INSERT INTO \"user\" (name, email, email_verified) VALUES ('Before', 'a@example.test', true)");
        command(db, "migrate", "up", "--to", "8", "--yes", "--no-backup")
                .in(work)
                .run()
                .expect(0);
        try (var files = Files.list(work)) {
            assertEquals(0, files.count());
        }
        String file = command(db, "migrate", "up", "--yes", "--json")
                .with("BACKUP_DIR", work.toString())
                .run()
                .expect(0)
                .json()
                .get("backup")
                .asText();
        execute(db, "DELETE FROM \"user\"");
        command(db, "restore", file, "--yes")
                .with("DB_RESTORE_CONFIRM", "1")
                .run()
                .expect(0);
        assertEquals(
                "Before 8",
                value(
                        db,
                        """
                        SELECT (SELECT name FROM "user") || ' '
                          || (SELECT max(version::int) FROM flyway_schema_history)"""));
        run(db, "migrate", "up", "--yes").expect(0);
    }

    @Test
    void whatCannotRunInATransactionRunsByItself() {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = MigrationFolder.of(
                "V1__a.sql",
                "CREATE TABLE a (id int);",
                "V2__i.sql",
                "CREATE INDEX CONCURRENTLY i ON a (id);",
                "V3__b.sql",
                "CREATE TABLE b (id int);",
                "V4__c.sql",
                "CREATE TABLE c (id int); SELECT 1/0;");
        folder.run(db, "up", "--yes")
                .expect(25, "V4__c.sql line 1", "division by zero")
                .says("V2 i  (cannot run in a transaction; runs by itself)");
        assertEquals("1,2", applied(db), "V3 shares its transaction with V4");
        assertEquals("t", value(db, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'i'::regclass"));
    }

    @Test
    void validateNamesWhatIsMissingOrChanged() throws IOException {
        DatabaseUrl db = migrated();
        MigrationFolder folder = MigrationFolder.copyOf(MIGRATIONS);
        folder.run(db, "validate").expect(0);
        execute(
                db,
                "DROP INDEX wallets_user_idx",
                "ALTER TABLE wallets DROP COLUMN is_active",
                "ALTER TABLE roles ALTER COLUMN name TYPE text",
                "ALTER TABLE rewards DROP CONSTRAINT rewards_user_id_user_id_fk",
                "DROP TABLE push_tokens");
        Files.writeString(
                folder.resolve("V3__savings.sql"), Files.readString(folder.resolve("V3__savings.sql")) + "-- more\n");
        Run run = folder.run(db, "validate").expect(22);
        run.says(
                "missing INDEX public.wallets_user_idx",
                "changed TABLE public.wallets\n",
                "-    is_active boolean",
                "changed TABLE public.roles\n",
                "+    name text",
                "missing FK CONSTRAINT rewards_user_id_user_id_fk on public.rewards",
                "missing TABLE public.push_tokens",
                "V3 savings: its file was changed");
        folder.run(db, "up", "--yes").expect(22, "V3 savings");
        folder.run(db, "repair", "--yes").expect(0).says("V3 savings");
        folder.run(db, "up", "--yes").expect(0);
        Files.delete(folder.resolve("V9__bank_accounts.sql"));
        folder.run(db, "validate").expect(22, "newer");
    }

    /** A database as drizzle left it after so many steps, with some data. */
    private static DatabaseUrl drizzle(int steps) throws IOException {
        DatabaseUrl db = TestServer.newDatabase();
        for (int version = 1; version <= 5 + steps; version++) {
            int wanted = version;
            try (var files = Files.list(MIGRATIONS)) {
                execute(
                        db,
                        Files.readString(files.filter(
                                        file -> file.getFileName().toString().startsWith("V" + wanted + "__"))
                                .findFirst()
                                .orElseThrow()));
            }
            if (version == 6)
                execute(
                        db,
                        """
                        CREATE TABLE todo (
                          id serial PRIMARY KEY,
                          text text NOT NULL,
                          completed boolean DEFAULT false NOT NULL)""",
                        "CREATE SCHEMA drizzle",
                        """
                        CREATE TABLE drizzle.__drizzle_migrations (
                          id serial PRIMARY KEY,
                          hash text NOT NULL,
                          created_at bigint)""",
                        "INSERT INTO \"user\" (name, email, email_verified) VALUES ('A', 'a@example.test', true)",
                        "INSERT INTO wallets (user_id, balance) SELECT id, 77 FROM \"user\"",
                        """
                        INSERT INTO transactions (user_id, amount, type, reference)
                        SELECT id, 5, 'deposit', 'r1' FROM "user\"""");
        }
        execute(
                db,
                """
                INSERT INTO drizzle.__drizzle_migrations (hash, created_at)
                SELECT md5(n::text), n FROM generate_series(1, %d) n"""
                        .formatted(steps));
        return db;
    }

    @Test
    void aDatabaseMadeByDrizzleIsAdopted() throws IOException {
        DatabaseUrl fresh = migrated();
        for (int steps = 1; steps <= 3; steps++) {
            DatabaseUrl db = drizzle(steps);
            run(db, "migrate", "up", "--yes").expect(21, "baseline");
            run(db, "migrate", "baseline", "--from-drizzle").expect(21, "--yes");
            run(db, "migrate", "baseline", "--from-drizzle", "--yes")
                    .expect(0)
                    .says("todo", "at version " + (5 + steps));
            run(db, "migrate", "up", "--yes").expect(0).says("at version 9");
            run(db, "migrate", "validate").expect(0);
            assertEquals("77.00", value(db, "SELECT balance FROM wallets"));
            assertEquals("wallet", value(db, "SELECT payment_source FROM transactions"));
            run(db, "migrate", "rollback", "--to", String.valueOf(5 + steps), "--yes")
                    .expect(0);
            run(db, "migrate", "rollback", "--yes").expect(2);
            run(db, "migrate", "rollback", "--to", "3", "--yes").expect(2, "baseline");
            run(db, "migrate", "up", "--yes").expect(0);
            run(db, "migrate", "baseline", "--version", "6", "--yes").expect(21, "history already");
            execute(db, "DROP TABLE todo", "DROP SCHEMA drizzle CASCADE");
            assertEquals(schema(fresh), schema(db));
        }
    }

    @Test
    void adoptingReportsWhatDiffers() throws IOException {
        DatabaseUrl db = drizzle(2);
        execute(db, "DROP INDEX wallets_user_idx", "ALTER TABLE wallets ADD COLUMN nickname text");
        run(db, "migrate", "baseline", "--from-drizzle", "--yes")
                .expect(0)
                .says("missing INDEX public.wallets_user_idx", "changed TABLE public.wallets\n", "+    nickname text");
        DatabaseUrl other = drizzle(1);
        execute(other, "DELETE FROM drizzle.__drizzle_migrations");
        run(other, "migrate", "baseline", "--from-drizzle", "--yes").expect(21, "0 rows");
        run(TestServer.newDatabase(), "migrate", "baseline", "--from-drizzle", "--yes")
                .expect(2, "drizzle");
        run(other, "migrate", "baseline", "--version", "66", "--yes").expect(2, "66");
    }

    @Test
    void aNewFileBesideTimesIsATimeToo() {
        MigrationFolder folder = MigrationFolder.of("V20240115123000__a.sql", "SELECT 1;");
        Run run = command("migrate", "new", "b", "--migrations", folder.toString())
                .run()
                .expect(0);
        assertTrue(run.out().matches("(?s).*/V20[2-9]\\d{11}__b\\.sql\n.*"), run.out());
        folder.write("V90001231235959__c.sql", "SELECT 1;");
        command("migrate", "new", "d", "--migrations", folder.toString())
                .run()
                .expect(0)
                .says("/V90001231235960__d.sql");
    }

    @Test
    void newWritesTheNextPair() {
        MigrationFolder folder =
                new MigrationFolder(TestServer.temporary("migrations").resolve("deeper"));
        command("migrate", "new", "add loans", "--migrations", folder.toString())
                .run()
                .expect(0)
                .says("V1__add_loans.sql", "U1__add_loans.sql");
        assertEquals(
                2,
                command("migrate", "new", "more", "--migrations", folder.toString(), "--json")
                        .run()
                        .expect(0)
                        .json()
                        .get("version")
                        .asInt());
        command("migrate", "new", "../evil", "--migrations", folder.toString())
                .run()
                .expect(2, "evil");
        folder.write("U3__lost.sql", "SELECT 1;");
        command("migrate", "new", "lost", "--migrations", folder.toString())
                .run()
                .expect(2, "U3__lost.sql already", "its V3");
        DatabaseUrl db = TestServer.newDatabase();
        folder.run(db, "up", "--yes").expect(0);
    }

    @Test
    void whatIsOlderRunsWhenAskedTo() {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = MigrationFolder.of("V2__b.sql", "CREATE TABLE b (id int);");
        folder.run(db, "up", "--yes").expect(0);
        folder.write("V1__late.sql", "CREATE TABLE late (id int);");
        folder.write("V3__c.sql", "CREATE TABLE c (id int);");
        folder.run(db, "up", "--yes", "--out-of-order").expect(0).says("V1 late", "at version 3");
        assertEquals("2,1,3", applied(db));
        assertEquals(
                "true",
                value(db, "SELECT details ->> 'outOfOrder' FROM avdaily_ops.operation ORDER BY id DESC LIMIT 1"));
        folder.run(db, "status", "--check").expect(0);
        folder.run(db, "validate").expect(0);
        folder.run(db, "up", "--yes").expect(0).says("Nothing to do");
    }

    @Test
    void theCheckSeesAnotherFolder() {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = MigrationFolder.of(
                "V1__a.sql", "CREATE TABLE a (id int);", "V2__b.sql", "CREATE TABLE b (id int);");
        folder.run(db, "up", "--yes").expect(0);
        MigrationFolder.of("V1__a.sql", "CREATE TABLE a (id int);").run(db, "status", "--check").expect(22, "V2 b");
        MigrationFolder.of("V2__b.sql", "CREATE TABLE b (id int);").run(db, "status", "--check").expect(22, "V1 a");
        folder.write("V1__a.sql", "CREATE TABLE a (id bigint);");
        folder.run(db, "status", "--check").expect(22, "V1 a");
        folder.run(db, "status").expect(0);
    }

    @Test
    void repeatableMigrationsRunLastAndAgainWhenChanged() {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = MigrationFolder.of(
                "V1__a.sql",
                "CREATE TABLE a (id int);",
                "V2__i.sql",
                "CREATE INDEX CONCURRENTLY i ON a (id);",
                "R__view.sql",
                "CREATE OR REPLACE VIEW v AS SELECT id FROM a;",
                "R__other.sql",
                "CREATE OR REPLACE VIEW w AS SELECT id FROM a;");
        folder.run(db, "up", "--yes").expect(0).says("R other, R view");
        folder.run(db, "up", "--yes").expect(0).says("Nothing to do");
        folder.write("R__view.sql", "CREATE OR REPLACE VIEW v AS SELECT id, 1 AS one FROM a;");
        folder.run(db, "up", "--yes").expect(0).says("Applied R view in ");
        folder.run(db, "validate").expect(0);
        folder.run(db, "validate", "--rebuild").expect(0);
    }

    @Test
    void theOrdinaryFlywayWorksOnTheSameHistory() {
        DatabaseUrl db = migrated();
        var flyway = org.flywaydb.core.Flyway.configure()
                .dataSource(db.jdbcUrl(), db.user(), db.password())
                .locations("filesystem:" + MIGRATIONS)
                .load();
        assertTrue(flyway.validateWithResult().validationSuccessful);
        assertEquals(0, flyway.migrate().migrationsExecuted);
        DatabaseUrl other = TestServer.newDatabase();
        org.flywaydb.core.Flyway.configure()
                .dataSource(other.jdbcUrl(), other.user(), other.password())
                .load()
                .migrate();
        assertEquals(historyTable(other), historyTable(db));
    }

    private static List<String> historyTable(DatabaseUrl db) {
        return values(
                db,
                """
                SELECT concat_ws(' ', attnum, attname, format_type(atttypid, atttypmod), attnotnull,
                  pg_get_expr(adbin, adrelid))
                FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
                WHERE attrelid = 'flyway_schema_history'::regclass AND attnum > 0
                UNION SELECT conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
                WHERE conrelid = 'flyway_schema_history'::regclass
                UNION SELECT pg_get_indexdef(indexrelid) FROM pg_index
                WHERE indrelid = 'flyway_schema_history'::regclass ORDER BY 1""");
    }

    @Test
    void manyAreNamedByTheFirstAndTheLast() {
        List<Migration> many = IntStream.rangeClosed(1, 11)
                .mapToObj(n -> new Migration(
                        MigrationVersion.fromVersion(n + ""), "n" + n, Migration.State.PENDING, true, null, null, null))
                .toList();
        assertEquals("V1 n1, V2 n2, V3 n3 and 7 more until V11 n11", Migration.titles(many));
        assertEquals("V1 n1, V2 n2", Migration.titles(many.subList(0, 2)));
        assertTrue(Migration.titles(many.subList(0, 10)).endsWith("V9 n9, V10 n10"));
    }
}
