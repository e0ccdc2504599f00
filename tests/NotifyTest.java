import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.db.DatabaseUrl;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whom avdaily.yaml names is told how a job went; what is told holds no secret, and nothing fails for it. */
class NotifyTest extends ScriptTest {
    private final Path folder = TestServer.temporary("notify");
    private final List<String> received = new CopyOnWriteArrayList<>();
    private HttpServer receiver;

    @BeforeEach
    void listen() throws IOException {
        receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        receiver.createContext("/", exchange -> {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            received.add((exchange.getRequestMethod() + " " + exchange.getRequestURI() + " " + body).strip());
            exchange.sendResponseHeaders(exchange.getRequestURI().getPath().startsWith("/gone") ? 410 : 204, -1);
            exchange.close();
        });
        receiver.start();
    }

    @AfterEach
    void stop() {
        receiver.stop(0);
    }

    private String address(String path) {
        return "http://127.0.0.1:" + receiver.getAddress().getPort() + path;
    }

    /** A job in a project whose file says whom to tell; the process names the file. */
    private Command job(DatabaseUrl db, String notify, String script, String... words) {
        write(folder.resolve("avdaily.yaml"), "name: avdaily\nnotify:\n" + notify.replace("HERE", address("")));
        return command(db, script, words)
                .in(folder)
                .with("AVDAILY_CONFIG", "avdaily.yaml")
                .with("AVDAILY_TRUSTED_ROLES", TestServer.ROLE)
                .with("BACKUP_DIR", folder.resolve("backups").toString());
    }

    private static JsonNode document(String request) throws IOException {
        return new ObjectMapper().readTree(request.substring(request.indexOf('{')));
    }

    @Test
    void aBackupTellsTheSwitchThatItBeganAndEnded() throws IOException {
        DatabaseUrl db = migrated();
        String notify =
                """
                - {ping: 'HERE/ping/1?key=2', for: [backup]}
                - {webhook: $EVERYTHING, when: always}
                - {slack: HERE/slack}
                """;
        job(db, notify, "backup").with("EVERYTHING", address("/hook")).run().expect(0);
        assertEquals("GET /ping/1/start?key=2", received.get(0));
        assertEquals("GET /ping/1?key=2", received.get(1));
        assertEquals(3, received.size(), received.toString());
        JsonNode done = document(received.get(2));
        assertTrue(received.get(2).startsWith("POST /hook {"), received.get(2));
        assertEquals("backup", done.get("job").asText());
        assertEquals("done", done.get("outcome").asText());
        assertEquals(db.database(), done.get("database").asText());
        assertEquals(0, done.get("exitCode").asInt());
        assertTrue(done.get("summary").asText().startsWith("Backed up " + db.database()), done.toString());
        received.clear();
        job(db, notify, "backup", "verify")
                .with("EVERYTHING", address("/hook"))
                .run()
                .expect(0);
        assertEquals("verify", document(received.get(0)).get("job").asText(), received.toString());
        assertEquals(1, received.size(), received.toString());
    }

    @Test
    void aFailureIsToldWithoutSecrets() throws IOException {
        DatabaseUrl db = TestServer.newDatabase();
        DatabaseUrl wrong = new DatabaseUrl(db.hosts(), db.database(), db.user(), "s3cret-Passw0rd!", db.parameters());
        String notify =
                """
                - ping: HERE/ping
                - slack: HERE/slack
                - webhook: HERE/hook
                """;
        execute(db, "CREATE TABLE people (name text)", "INSERT INTO people VALUES ('Ada Row'), ('Ada Row')");
        job(wrong, notify, "backup", "--dir", "/dev/null/no").run();
        assertEquals("GET /ping/start", received.get(0));
        assertEquals("GET /ping/fail", received.get(1));
        String text = document(received.get(2)).get("text").asText();
        assertTrue(text.startsWith("AV-Daily: backup of " + db.database() + " on "), text);
        assertTrue(text.contains(" failed (") && text.contains("Go on: "), text);
        JsonNode failed = document(received.get(3));
        assertEquals("failed", failed.get("outcome").asText());
        assertEquals(4, received.size(), received.toString());
        received.clear();
        write(
                folder.resolve("rules.yaml"),
                """
                rules:
                - {id: OWN-1, category: business, severity: critical, means: No name is there., query: SELECT name FROM
                   people, key: name, cure: none}
                """);
        job(db, notify, "integrity", "check", "--rules", "rules.yaml").run().expect(22);
        assertTrue(received.get(2).contains("broken: OWN-1"), received.toString());
        MigrationFolder bad = MigrationFolder.of(
                "V1__u.sql", "CREATE TABLE u (name text UNIQUE); INSERT INTO u VALUES ('Ada Row'), ('Ada Row');");
        received.clear();
        job(TestServer.newDatabase(), notify, "deploy", "development", "--yes", "--migrations", bad.toString())
                .run()
                .expect(25);
        assertTrue(received.toString().contains("Key (name)=(...)"), received.toString());
        bad = MigrationFolder.of(
                "V1__n.sql",
                "CREATE TABLE n AS SELECT repeat('9', 11) AS t; ALTER TABLE n ALTER t TYPE int USING t::int;");
        job(TestServer.newDatabase(), notify, "deploy", "development", "--yes", "--migrations", bad.toString())
                .run()
                .expect(25);
        assertTrue(received.toString().contains("value (...) is out of range"), received.toString());
        assertFalse(received.toString().contains("999"), received.toString());
        assertFalse(received.toString().contains("Ada"), received.toString());
        assertFalse(received.toString().contains("s3cret"), received.toString());
    }

    @Test
    void nothingFailsBecauseNobodyCanBeTold() throws IOException {
        DatabaseUrl db = migrated();
        int closed;
        try (ServerSocket free = new ServerSocket(0)) {
            closed = free.getLocalPort();
        }
        String notify =
                """
                - {webhook: HERE/gone, when: always}
                - {webhook: 'http://127.0.0.1:%d/t0ken', when: always}
                - {webhook: $UNSET_HOOK, when: always}
                - {slack: $NO_ADDRESS, when: always}
                - {command: [./none], when: always}
                - {command: [sh, -c, exit 3], when: always}
                """
                        .formatted(closed);
        Run run = job(db, notify, "backup")
                .with("NO_ADDRESS", "file:/etc/passwd")
                .run()
                .expect(0);
        run.notes(
                "Not notified: webhook http://127.0.0.1:"
                        + receiver.getAddress().getPort() + "/...: the answer was",
                "cannot be reached",
                "webhook $UNSET_HOOK: UNSET_HOOK is not set",
                "slack $NO_ADDRESS: the address is none of http:// or https://",
                "command ./none: it cannot be started",
                "command sh: it ended with 3");
        assertFalse(run.err().contains("t0ken"), run.err());
        Run trial = job(db, notify, "monitor", "--test-notify").run().expect(22, "6 of 6 could not be told");
        trial.says("UNSET_HOOK is not set");
    }

    @Test
    void aCommandReadsTheNoticeAndGetsNothingElse() throws IOException {
        DatabaseUrl db = migrated();
        String notify =
                """
                - {command: [sh, -c, 'cat > told; env > variables', '$(touch shell)'], when: always, variables: [PAGER]}
                """;
        job(db, notify, "backup")
                .with("PAGER", "p4ger")
                .with("OTHER", "0ther")
                .run()
                .expect(0);
        JsonNode told = new ObjectMapper().readTree(Files.readString(folder.resolve("told")));
        assertEquals(db.database(), told.get("database").asText());
        String variables = Files.readString(folder.resolve("variables"));
        assertTrue(variables.contains("PAGER=p4ger") && variables.contains("AVDAILY_OUTCOME=done"), variables);
        assertFalse(variables.contains("0ther") || variables.contains("postgresql://"), variables);
        assertFalse(Files.exists(folder.resolve("shell")));
        for (String name : List.of("DATABASE_URL", "PGPASSWORD", "DB_DEPLOY_APPROVAL_KEY", "*", "D*"))
            job(db, "- {command: [x], variables: ['" + name + "']}\n", "backup")
                    .run()
                    .expect(2, "line 3", name);
    }

    /** A stranger's file runs nothing and calls nobody; whom the process names itself is told. */
    @Test
    void aFileThatWasFoundChoosesNobody() throws IOException {
        DatabaseUrl db = migrated();
        String notify =
                """
                - {webhook: HERE/literal, when: always}
                - {webhook: $FROM_FILE, when: always}
                - {command: [touch, ran], when: always}
                - {webhook: '${FROM_PROCESS}', when: always}
                """;
        write(folder.resolve(".env"), "FROM_FILE_FILE=file\nDB_NOTIFY_ALLOW=1\n");
        write(folder.resolve("file"), address("/file") + "\n");
        write(folder.resolve("secret"), address("/process") + "\n");
        Command found =
                job(db, notify, "backup").with("FROM_PROCESS_FILE", "secret").without("AVDAILY_CONFIG");
        found.run().expect(0).notes("found in the folder", "DB_NOTIFY_ALLOW=1");
        assertEquals(1, received.size(), received.toString());
        assertTrue(received.get(0).startsWith("POST /process"), received.toString());
        assertFalse(Files.exists(folder.resolve("ran")));
        found.with("DB_NOTIFY_ALLOW", "1").run().expect(0);
        assertEquals(4, received.size(), received.toString());
        assertTrue(Files.exists(folder.resolve("ran")));
    }

    @Test
    void mistakesAreNamedByLine() {
        DatabaseUrl db = TestServer.newDatabase();
        for (List<String> mistake : List.of(
                List.of("- {slack: HERE, ping: HERE}\n", "two are named here: ping and slack"),
                List.of("- {for: [backup]}\n", "nobody is named here"),
                List.of("- {ping: 'ftp://x/y'}\n", "the value of 'ping' is no address"),
                List.of("- {ping: HERE, for: [lunch]}\n", "'lunch' is no value of 'for'"),
                List.of("- {ping: HERE, every: day}\n", "there is no key 'every' here"),
                List.of("- {command: []}\n", "command is empty")))
            job(db, mistake.get(0), "backup").run().expect(2, "avdaily.yaml line 3", mistake.get(1));
        job(db, "", "monitor", "--test-notify").run().expect(2, "nobody is to be told");
    }

    /** Many looks tell that it began to fail and that it is well again, and ping each time. */
    @Test
    void watchingTellsChangesOnly() throws Exception {
        DatabaseUrl db = migrated();
        String notify =
                """
                - {ping: HERE/ping, for: [monitor]}
                - {slack: HERE/slack}
                monitor: {backup-age: off, disk: off, integrity: off}
                """;
        Command watch = job(db, notify, "monitor", "--watch", "1");
        Thread watching = new Thread(watch::run);
        watching.start();
        try {
            awaits("GET /ping");
            execute(db, "DROP INDEX wallets_user_idx");
            awaits("GET /ping/fail");
            execute(db, "CREATE INDEX wallets_user_idx ON wallets (user_id)");
            Await.until(
                    () -> received.stream().filter(it -> it.startsWith("POST")).count() == 2, "a recovery");
        } finally {
            watching.interrupt();
            watching.join();
        }
        List<String> told = new ArrayList<>(received);
        told.removeIf(request -> request.startsWith("GET"));
        assertEquals(2, told.size(), told.toString());
        assertTrue(told.get(0).contains("failed (22)") && told.get(0).contains("wallets_user_idx"), told.get(0));
        assertTrue(told.get(1).contains(" done\\n"), told.get(1));
    }

    private void awaits(String request) {
        Await.until(() -> received.stream().filter(request::equals).count() >= 2, "two of " + request);
    }
}
