import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.db.Database;
import avdaily.db.DatabaseUrl;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

class DriftTest extends ScriptTest {
    /** What somebody does by hand, how it is taken back, and what validate must name: that and nothing else. */
    private record Deed(String doing, String undoing, String... named) {}

    private static List<String> drift(DatabaseUrl db, String... options) {
        List<String> words = new ArrayList<>(List.of("validate", "--json"));
        words.addAll(List.of(options));
        Run run = run(db, "migrate", words.toArray(String[]::new));
        JsonNode document = run.json();
        List<String> named = StreamSupport.stream(document.get("drift").spliterator(), false)
                .map(c -> c.get("change").asText() + " " + c.get("kind").asText() + " "
                        + c.get("identity").asText())
                .toList();
        run.expect(named.isEmpty() && document.get("fileDifferences").isEmpty() ? 0 : 22);
        return named;
    }

    private static void prove(DatabaseUrl db, List<Deed> deeds) {
        assertEquals(List.of(), drift(db));
        for (Deed deed : deeds) {
            execute(db, deed.doing);
            assertEquals(List.of(deed.named), drift(db), deed.doing);
            execute(db, deed.undoing);
            assertEquals(List.of(), drift(db), deed.undoing);
        }
    }

    @Test
    void whatIsDoneByHandIsNamedAndNothingElse() {
        prove(
                migrated(),
                List.of(
                        new Deed(
                                "CREATE INDEX hand ON wallets (balance)", "DROP INDEX hand", "extra INDEX public.hand"),
                        new Deed(
                                "ALTER TABLE roles DROP COLUMN description",
                                "ALTER TABLE roles ADD description text",
                                "changed TABLE public.roles"),
                        new Deed(
                                "ALTER TABLE wallets ALTER currency SET DEFAULT 'USD'",
                                "ALTER TABLE wallets ALTER currency DROP DEFAULT",
                                "changed TABLE public.wallets"),
                        new Deed(
                                "GRANT SELECT ON wallets TO PUBLIC",
                                "REVOKE SELECT ON wallets FROM PUBLIC",
                                "extra ACL TABLE public.wallets"),
                        new Deed(
                                "CREATE POLICY p ON wallets USING (true)",
                                "DROP POLICY p ON wallets",
                                "extra POLICY p on public.wallets"),
                        new Deed("CREATE TYPE colour AS ENUM ('red')", "DROP TYPE colour", "extra TYPE public.colour"),
                        new Deed(
                                "COMMENT ON TABLE wallets IS 'money'",
                                "COMMENT ON TABLE wallets IS NULL",
                                "extra COMMENT TABLE public.wallets")));
    }

    /** The torture schema as a migration: what its objects are called and what they depend on is as odd as can be. */
    @Test
    void soItIsOnTheOddestSchema() throws IOException {
        Path folder = TestServer.temporary("migrations");
        write(folder.resolve("V1__torture.sql"), Files.readString(PROJECT.resolve("tests/torture.sql")));
        DatabaseUrl db =
                TestServer.admin().withDatabase(TestServer.newDatabase().database());
        command(db, "migrate", "up", "--yes", "--migrations", folder.toString())
                .run()
                .expect(0);
        prove(
                db,
                List.of(
                        new Deed(
                                "CREATE INDEX hand ON app.people (price)",
                                "DROP INDEX app.hand",
                                "extra INDEX app.hand"),
                        new Deed(
                                "ALTER TABLE \"Odd \"\"Schema\".\"Table \"\"x\" DROP COLUMN \"select\"",
                                "ALTER TABLE \"Odd \"\"Schema\".\"Table \"\"x\" ADD \"select\" text",
                                "changed TABLE \"Odd \"\"Schema\".\"Table \"\"x\""),
                        new Deed(
                                """
                                CREATE OR REPLACE FUNCTION app.add(int, int) RETURNS int LANGUAGE sql IMMUTABLE
                                AS 'SELECT $1 - $2'""",
                                """
                                CREATE OR REPLACE FUNCTION app.add(int, int) RETURNS int LANGUAGE sql IMMUTABLE
                                AS 'SELECT $1 + $2'""",
                                "changed FUNCTION app.add(integer,integer)"),
                        new Deed(
                                "GRANT UPDATE ON SEQUENCE app.numbers TO torture_clerk",
                                "REVOKE UPDATE ON SEQUENCE app.numbers FROM torture_clerk",
                                "changed ACL SEQUENCE app.numbers"),
                        new Deed(
                                "ALTER TABLE app.people ALTER price SET DEFAULT 2.50",
                                "ALTER TABLE app.people ALTER price SET DEFAULT 1.50",
                                "changed TABLE app.people"),
                        new Deed(
                                "ALTER TYPE app.nothing ADD VALUE 'something'",
                                "DROP TYPE app.nothing; CREATE TYPE app.nothing AS ENUM ()",
                                "changed TYPE app.nothing"),
                        new Deed(
                                "CREATE POLICY hand ON app.people USING (id > 0)",
                                "DROP POLICY hand ON app.people",
                                "extra POLICY hand on app.people"),
                        new Deed(
                                "CREATE FOREIGN DATA WRAPPER hand",
                                "DROP FOREIGN DATA WRAPPER hand",
                                "extra NOT READ FOREIGN-DATA WRAPPER hand")));
    }

    @Test
    void theRebuiltSchemaIsTheOtherMeasure() {
        DatabaseUrl db = migrated();
        execute(
                db,
                "CREATE INDEX hand ON wallets (balance)",
                "DROP INDEX wallets_user_idx",
                "GRANT SELECT ON wallets TO PUBLIC");
        assertEquals(
                List.of(
                        "extra ACL TABLE public.wallets",
                        "extra INDEX public.hand",
                        "missing INDEX public.wallets_user_idx"),
                drift(db, "--rebuild"));
        assertEquals(
                List.of("extra INDEX public.hand"),
                drift(db, "--rebuild", "--ignore", "public.wallets*", "--ignore", "ACL*"));
        assertEquals(List.of(), drift(db, "--ignore", "*wallets*", "--ignore", "INDEX public.han?"));
    }

    @Test
    void goingForwardMakesNoChangeByHandRight() {
        DatabaseUrl db = TestServer.newDatabase();
        run(db, "migrate", "up", "--to", "7", "--yes").expect(0);
        execute(
                db,
                "CREATE INDEX hand ON wallets (balance)",
                "DROP INDEX savings_plans_status_idx",
                "ALTER TABLE transactions ADD by_hand text");
        run(db, "migrate", "up", "--yes").expect(0);
        assertEquals(
                List.of("extra INDEX public.hand", "missing INDEX public.savings_plans_status_idx"),
                drift(db),
                "V8 changed transactions too");
        run(db, "migrate", "repair", "--accept-drift").expect(21, "--yes");
        run(db, "migrate", "repair", "--accept-drift", "--yes")
                .expect(0)
                .says("extra INDEX public.hand -> is right from now on");
        assertEquals(List.of(), drift(db));
    }

    @Test
    void aHistoryWithoutARecordIsComparedWithTheMigrations() {
        DatabaseUrl db = TestServer.newDatabase();
        org.flywaydb.core.Flyway.configure()
                .dataSource(db.jdbcUrl(), db.user(), db.password())
                .locations("filesystem:" + PROJECT.resolve("migrations"))
                .load()
                .migrate();
        assertTrue(run(db, "migrate", "validate").expect(0).err().contains("No schema is recorded"));
        execute(db, "DROP INDEX wallets_user_idx");
        assertEquals(List.of("missing INDEX public.wallets_user_idx"), drift(db));
        run(db, "migrate", "repair", "--accept-drift", "--yes").expect(0);
        assertEquals("", run(db, "migrate", "validate").expect(0).err());
        execute(db, "UPDATE avdaily_ops.schema_version SET server = 13");
        run(db, "migrate", "validate").expect(22).says("recorded on PostgreSQL 13", "cannot compare", "--rebuild");
    }

    @Test
    void aJoinedLineIsSeen() throws IOException {
        DatabaseUrl db = TestServer.newDatabase();
        Path folder = TestServer.temporary("migrations");
        Path file = folder.resolve("V1__a.sql");
        write(file, "CREATE TABLE a (id int);\n-- and more\nCREATE TABLE b (id int);\n");
        Command up = command(db, "migrate", "up", "--yes", "--migrations", folder.toString());
        Command validate = command(db, "migrate", "validate", "--migrations", folder.toString());
        up.run().expect(0);
        Files.writeString(file, Files.readString(file).replace("\n", "\r\n"));
        validate.run().expect(0);
        Files.writeString(file, "CREATE TABLE a (id int);\n-- and moreCREATE TABLE b (id int);\n");
        validate.run().expect(22).says("V1 a: its file was changed");
        write(folder.resolve("V2__c.sql"), "CREATE TABLE c (id int);");
        up.run().expect(22, "V1 a");
        command(db, "migrate", "repair", "--yes", "--migrations", folder.toString())
                .run()
                .expect(0);
        validate.run().expect(0);
    }

    /**
     * A record is of its own history only; what a killed run or another program did since is compared with the files.
     */
    @Test
    void aRecordOfAnotherRunCountsForNothing() throws SQLException {
        DatabaseUrl db = migrated();
        run(db, "migrate", "rollback", "--yes").expect(0);
        assertEquals(List.of(), drift(db));
        try (Connection c = TestServer.connect(db)) {
            Database.update(
                    c,
                    """
                    UPDATE flyway_schema_history SET installed_on = installed_on + interval '1 second'
                    WHERE version = '8'""");
        }
        assertTrue(run(db, "migrate", "validate").expect(0).err().contains("No schema is recorded"));
    }
}
