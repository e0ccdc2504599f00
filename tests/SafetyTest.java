import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.db.DatabaseUrl;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What holds for every script: exit codes, two-line messages, no secrets, and nothing destructive by accident. */
class SafetyTest extends ScriptTest {
    private static final List<List<String>> WITH_DATABASE = List.of(
            List.of("migrate", "status"),
            List.of("migrate", "up", "--yes"),
            List.of("seed", "development"),
            List.of("deploy", "development", "--seed", "--yes"),
            List.of("db", "url"));

    private static Command all(List<String> words) {
        return command(words.get(0), words.subList(1, words.size()).toArray(String[]::new));
    }

    @Test
    void wrongUsageIsTwo() {
        command("migrate", "upp").run().expect(2, "upp", "--help");
        command("migrate").run().expect(2, "avdaily-migrate help");
        command("migrate", "up", "--dryrun").run().expect(2, "--dryrun", "--help");
        command("seed", "mars").run().expect(2, "mars", "development");
        command("deploy").run().expect(2);
        assertEquals(
                2,
                command("migrate", "up", "--dryrun", "--json")
                        .run()
                        .expect(2)
                        .json()
                        .get("exitCode")
                        .asInt());
        command("seed", "demo", "--env", "testing").run().expect(2, "two environments");
        command("migrate", "status")
                .with("DATABASE_URL", "mysql://u:topsecret@h/x")
                .run()
                .expect(2, "postgresql://");
        command("migrate", "status").with("AVDAILY_ENV", "mars").run().expect(2, "AVDAILY_ENV");
        command("migrate", "status", "--migrations", "/nowhere")
                .with("DATABASE_URL", TestServer.newDatabase().withPassword())
                .run()
                .expect(2, "/nowhere");
    }

    @Test
    void aServerThatIsDownIsTwenty() throws IOException {
        int free;
        try (ServerSocket socket = new ServerSocket(0)) {
            free = socket.getLocalPort();
        }
        for (List<String> words : WITH_DATABASE)
            all(words)
                    .with("DATABASE_URL", "postgresql://u:topsecret@127.0.0.1:" + free + "/x")
                    .run()
                    .expect(20, "cannot reach", "127.0.0.1:" + free);
    }

    @Test
    void aWrongPasswordAndAMissingDatabaseAreTwenty() {
        DatabaseUrl db = TestServer.newDatabase();
        DatabaseUrl wrong = new DatabaseUrl(db.hosts(), db.database(), db.user(), "topsecret", db.parameters());
        Run run = run(wrong, "migrate", "status", "--verbose").expect(20, "does not let", db.user());
        assertFalse((run.out() + run.err()).contains("topsecret"), run.err());
        run(db.withDatabase("nosuch"), "migrate", "status").expect(20, "nosuch");
        command("migrate", "status", "--url", db.withoutPassword())
                .run()
                .expect(20, "asks for the password of " + db.user() + ", and none is set", "PGPASSWORD_FILE");
    }

    @Test
    void thePasswordShowsNowhere() {
        DatabaseUrl db = TestServer.newDatabase();
        String encoded = db.withPassword().replaceAll(".*:(.*)@.*", "$1");
        for (List<String> words : List.of(
                List.of("deploy", "development", "--seed", "--yes", "--verbose"),
                List.of("deploy", "development", "--seed", "--yes", "--json"),
                List.of("migrate", "status", "--verbose", "--json"),
                List.of("migrate", "rollback", "--to", "77", "--verbose"),
                List.of("db", "url", "--json"),
                List.of("db", "status"),
                List.of("migrate", "up", "--yes", "--migrations", "/nowhere", "--verbose"),
                List.of("seed", db.withPassword()))) {
            Command command = all(words)
                    .with("DATABASE_URL", db.withPassword())
                    .with("AVDAILY_HOME", TestServer.temporary("home").toString());
            if (words.contains("--verbose")) command.asProcess(); // what does not go through Out shows only there
            Run run = command.run();
            String said = run.out() + run.err();
            assertFalse(
                    said.contains(TestServer.PASSWORD) || said.contains(encoded),
                    () -> words + " says the password:\n" + said);
        }
        String log = value(db, "SELECT string_agg(o::text, ' ') FROM avdaily_ops.operation o");
        assertTrue(log.contains("deploy"));
        assertFalse(log.contains(TestServer.PASSWORD) || log.contains(encoded));
        assertEquals(
                db.withPassword(),
                command(db, "db", "url", "--show-password")
                        .run()
                        .expect(0)
                        .out()
                        .strip());
    }

    @Test
    void neitherAMisreadAddressNorDotEnvShowsASecret() {
        Run run = command("migrate", "status")
                .with("DATABASE_URL", "postgresql://u:s3cret/x@host/db")
                .run()
                .expect(2, "percent-encoded");
        assertFalse(run.err().contains("s3cret"), run.err());
        run = command("migrate", "status", "postgresql://u:it's-5ecret@h/x")
                .run()
                .expect(2);
        assertFalse(run.err().contains("5ecret"), run.err());
        Path folder = TestServer.temporary("dotenv");
        write(folder.resolve(".env"), "export STRIPE_KEY='sk_live_123\n");
        run = command("migrate", "status").in(folder).run().expect(2, "STRIPE_KEY", "not closed");
        assertFalse(run.err().contains("sk_live_123"), run.err());
    }

    @Test
    void sessionsThatOnlyWaitAreNotCutOff() {
        DatabaseUrl db = TestServer.newDatabase();
        execute(TestServer.admin(), "ALTER DATABASE " + db.database() + " SET idle_session_timeout = '1s'");
        MigrationFolder.of("V1__slow.sql", "CREATE TABLE a (id int); SELECT pg_sleep(3);")
                .run(db, "up", "--yes")
                .expect(0);
        assertEquals("done", value(db, "SELECT outcome FROM avdaily_ops.operation"));
    }

    @Test
    void aRoleWithoutRightsIsToldWhichItNeeds() {
        DatabaseUrl db = migrated();
        String role = "reader_" + db.database();
        execute(
                TestServer.admin().withDatabase(db.database()),
                "CREATE ROLE " + role + " LOGIN PASSWORD 'weak'",
                "GRANT SELECT ON ALL TABLES IN SCHEMA public TO " + role);
        DatabaseUrl reader = new DatabaseUrl(db.hosts(), db.database(), role, "weak", db.parameters());
        run(reader, "migrate", "status").expect(21, "GRANT USAGE ON SCHEMA avdaily_ops");
        execute(
                TestServer.admin().withDatabase(db.database()),
                "GRANT USAGE ON SCHEMA avdaily_ops TO " + role,
                "GRANT SELECT ON ALL TABLES IN SCHEMA avdaily_ops TO " + role);
        run(reader, "migrate", "status", "--check").expect(0);
        execute(TestServer.admin().withDatabase(db.database()), "DROP OWNED BY " + role, "DROP ROLE " + role);
    }

    @Test
    void unattendedMeansRefuse() {
        DatabaseUrl db = TestServer.newDatabase();
        run(db, "migrate", "up").expect(21, "--yes", "avdaily-migrate up --yes");
        run(db, "deploy", "development").expect(21, "--yes");
        run(db, "db", "reset", "--yes").expect(21, "DB_RESET_CONFIRM=1");
        assertEquals("", schema(db));
    }

    @Test
    @LongForm
    void onATerminalItAsks() throws Exception {
        DatabaseUrl db = TestServer.newDatabase();
        assertTrue(onTerminal(db, "n", Map.of(), "migrate", "up").contains("not confirmed"));
        assertEquals("", schema(db));
        assertTrue(onTerminal(db, "y", Map.of(), "migrate", "up").contains("at version 9"));
        Map<String, String> production = Map.of("AVDAILY_ENV", "production");
        assertTrue(onTerminal(db, "y", production, "migrate", "rollback").contains("not confirmed"));
        assertTrue(
                onTerminal(db, db.database(), production, "migrate", "rollback").contains("at version 8"));
    }

    /** What a terminal shows, on which somebody answers the script's question. */
    private static String onTerminal(
            DatabaseUrl db, String answer, Map<String, String> environment, String script, String... arguments)
            throws Exception {
        Command command = command(db, script, arguments);
        environment.forEach(command::with);
        try (Terminal terminal = new Terminal(command)) {
            terminal.answer("\\[y/N]|to go on:", answer + "\n");
            terminal.exitCode();
            return terminal.screen();
        }
    }

    @Test
    void productionInAVariableProtectsWhateverIsNamed() {
        DatabaseUrl db = migrated();
        run(db, "seed", "development").expect(0);
        String before = rows(db);
        for (Map.Entry<String, String> variable :
                Map.of("NODE_ENV", "production", "AVDAILY_ENV", "prod").entrySet())
            command(db, "seed", "development", "--clean", "--yes")
                    .with(variable.getKey(), variable.getValue())
                    .run()
                    .expect(21, variable.getKey());
        assertEquals(before, rows(db));
    }

    @Test
    void aUrlThatLooksLikeProductionProtects() {
        DatabaseUrl db = TestServer.newDatabase();
        execute(TestServer.admin(), "ALTER DATABASE " + db.database() + " RENAME TO " + db.database() + "_prod");
        DatabaseUrl production = db.withDatabase(db.database() + "_prod");
        run(production, "seed", "development", "--clean", "--yes").expect(21, "production");
        run(production, "deploy", "development", "--yes").expect(21, "production");
        command(production, "db", "reset", "--yes")
                .with("DB_RESET_CONFIRM", "1")
                .run()
                .expect(21, "DB_RESET_ALLOW_PRODUCTION=1");
        assertEquals("", schema(production));
    }

    @Test
    void aDatabaseRecordedAsProductionStaysSo() {
        DatabaseUrl db = TestServer.newDatabase();
        command(db, "deploy", "production", "--yes")
                .with("DB_DEPLOY_ALLOW_PRODUCTION", "1")
                .run()
                .expect(0);
        assertEquals("production", value(db, "SELECT name FROM avdaily_ops.environment"));
        String before = rows(db);
        run(db, "seed").expect(21, "never seeded");
        command(db, "seed", "development", "--clean", "--yes")
                .with("AVDAILY_ENV", "development")
                .run()
                .expect(21, "avdaily_ops.environment");
        command(db, "db", "reset", "--yes", "--env", "development")
                .with("DB_RESET_CONFIRM", "1")
                .run()
                .expect(21);
        command(db, "db", "reset", "--yes").with("DB_RESET_CONFIRM", "1").run().expect(21, "DB_RESET_ALLOW_PRODUCTION");
        assertEquals(before, rows(db));
        command(db, "db", "reset", "--yes")
                .with("DB_RESET_CONFIRM", "1")
                .with("DB_RESET_ALLOW_PRODUCTION", "1")
                .run()
                .expect(0);
        assertEquals("production", value(db, "SELECT name FROM avdaily_ops.environment"));
    }

    @Test
    void dotEnvIsReadAndRealVariablesWin() throws IOException {
        DatabaseUrl db = TestServer.newDatabase();
        Path folder = TestServer.temporary("dotenv");
        write(folder.resolve(".env"), "# the app's\nDATABASE_URL=\"" + db.withPassword() + "\"\nNODE_ENV=production\n");
        assertEquals(
                "production",
                command("migrate", "status", "--json")
                        .in(folder)
                        .run()
                        .expect(0)
                        .json()
                        .get("environment")
                        .asText());
        assertEquals(
                "staging",
                command("migrate", "status", "--json")
                        .in(folder)
                        .with("NODE_ENV", "staging")
                        .run()
                        .expect(0)
                        .json()
                        .get("environment")
                        .asText());
        write(folder.resolve(".env"), "DATABASE_URL\n");
        command("migrate", "status").in(folder).run().expect(2, ".env");
    }

    @Test
    void stagingAndProductionNeedAnAddress() {
        for (String environment : List.of("staging", "production"))
            command("migrate", "status", "--env", environment).run().expect(21, "DATABASE_URL");
    }

    @Test
    void resetEmptiesAllButItsOwnRecords() {
        DatabaseUrl db = TestServer.newDatabase();
        String empty = schema(db);
        String publicSchema =
                """
                SELECT concat(nspacl, nspowner, obj_description(oid, 'pg_namespace'))
                FROM pg_namespace WHERE nspname = 'public'""";
        String before = value(db, publicSchema);
        execute(
                db,
                "CREATE SCHEMA \"Odd one\"",
                "CREATE TABLE \"Odd one\".t (id int)",
                "GRANT USAGE ON SCHEMA public TO PUBLIC");
        run(db, "deploy", "development", "--seed", "--yes").expect(0);
        command(db, "db", "reset", "--yes")
                .with("DB_RESET_CONFIRM", "1")
                .run()
                .expect(0)
                .says("32 tables dropped");
        assertEquals(empty, schema(db));
        assertEquals(before, value(db, publicSchema));
        assertEquals("development", value(db, "SELECT name FROM avdaily_ops.environment"));
        assertEquals("done", value(db, "SELECT outcome FROM avdaily_ops.operation WHERE command = 'db reset'"));
        run(db, "deploy", "development", "--seed", "--yes").expect(0);
    }

    @Test
    void resetLeavesAnExtensionsTriggersToTheExtension() {
        DatabaseUrl db = TestServer.admin()
                .withDatabase(TestServer.newDatabase().database());
        execute(
                db,
                "CREATE EXTENSION citext",
                "CREATE FUNCTION look() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'",
                "CREATE EVENT TRIGGER looks ON ddl_command_end EXECUTE FUNCTION look()",
                "ALTER EXTENSION citext ADD FUNCTION look()",
                "ALTER EXTENSION citext ADD EVENT TRIGGER looks");
        command(db, "db", "reset", "--yes").with("DB_RESET_CONFIRM", "1").run().expect(0);
        assertEquals("0", value(db, "SELECT count(*)::text FROM pg_event_trigger"));
    }
}
