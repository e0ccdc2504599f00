import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.db.DatabaseUrl;
import avdaily.db.LocalServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The local server; each test has a folder for it. */
class DbTest extends ScriptTest {
    private final Path home = TestServer.temporary("a home").resolve("avdaily"); // a path may have a blank

    @AfterEach
    void stop() {
        local("db", "stop").run().expect(0);
    }

    private Command local(String script, String... arguments) {
        return command(script, arguments).with("AVDAILY_HOME", home.toString());
    }

    private int port() {
        return local("db", "status", "--json")
                .run()
                .expect(0)
                .json()
                .get("port")
                .asInt();
    }

    @Test
    void itStartsOnDemandSurvivesAndIsFoundAgain() throws IOException {
        local("db", "status").run().expect(0).says("does not run");
        local("deploy", "development", "--seed", "--yes").run().expect(0);
        assertTrue(
                local("db", "status", "--json")
                        .run()
                        .expect(0)
                        .json()
                        .get("running")
                        .asBoolean(),
                "it outlives the script");
        int port = port();
        local("db", "start").run().expect(0).says("runs already", String.valueOf(port));
        String address = local("db", "url").run().expect(0).out().strip();
        assertFalse(address.contains(
                Files.readString(home.resolve("server/pgpass")).strip().replaceFirst(".*:", "")));
        command("migrate", "status", "--check")
                .with("DATABASE_URL", address)
                .run()
                .expect(0);
        String open = local("db", "url", "--show-password", "--env", "demo")
                .run()
                .expect(0)
                .out()
                .strip();
        assertTrue(
                open.endsWith("avdaily_demo?passfile=" + home.toString().replace(" ", "%20") + "/server/pgpass"), open);
        assertEquals(
                PosixFilePermissions.fromString("rw-------"),
                Files.getPosixFilePermissions(home.resolve("server/pgpass")));
        local("db", "stop").run().expect(0).says("stopped");
        local("db", "stop").run().expect(0).says("does not run");
        drillElsewhere(port);
        local("db", "stop").run().expect(0).says("does not run");
        local("seed", "development").run().expect(0).says("unchanged");
        assertEquals(port, port(), "its address stays the same");
        Path shop = TestServer.temporary("shop");
        write(shop.resolve("avdaily.yaml"), "name: shop\n");
        local("restore", "--latest", "--into", "copied", "--dir", shop.toString(), "--dry-run")
                .in(shop)
                .run()
                .expect(2, "there is no backup of shop_development");
    }

    /** A role that may not create databases has its backups tried on the local server. */
    private void drillElsewhere(int port) {
        DatabaseUrl db = TestServer.newDatabase();
        String role = db.database() + "_clerk";
        execute(
                TestServer.admin(),
                "CREATE ROLE " + role + " LOGIN PASSWORD 'clerks'",
                "GRANT CREATE ON DATABASE " + db.database() + " TO " + role);
        DatabaseUrl clerk = new DatabaseUrl(db.hosts(), db.database(), role, "clerks", db.parameters());
        execute(db, "CREATE TABLE thing AS SELECT 1 AS id");
        String backups = TestServer.temporary("backups").toString();
        run(db, "backup", "create", "--dir", backups).expect(0);
        local("backup", "verify", "--restore", "--dir", backups)
                .with("DATABASE_URL", clerk.withPassword())
                .run()
                .expect(0)
                .notes("permission denied to create database", "on the local server", "--url")
                .says("Restored into 127.0.0.1:" + port);
    }

    @Test
    void ofTwoStartsAtTheSameTimeOneStarts() {
        List<Run> runs = IntStream.range(0, 3)
                .mapToObj(i -> CompletableFuture.supplyAsync(
                        () -> local("migrate", "status", "--json").asProcess().run()))
                .toList()
                .stream()
                .map(CompletableFuture::join)
                .toList();
        runs.forEach(run -> run.expect(0));
        assertEquals(
                1,
                runs.stream()
                        .filter(run -> run.err().contains("Starting the local PostgreSQL"))
                        .count());
    }

    @Test
    @SuppressWarnings("try") // it is held, no more
    void aUsedPortAStalePidAndAHalfMadeFolderAreHandled() throws Exception {
        local("db", "start").run().expect(0);
        int port = port();
        local("db", "stop").run().expect(0);
        try (ServerSocket taken = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            local("db", "start").run().expect(0);
            assertTrue(port() != port);
        }
        // the server dies, and another program gets the number of its process
        Path pid = home.resolve("server/data-18/postmaster.pid");
        List<String> lines = Files.readAllLines(pid);
        ProcessHandle server = ProcessHandle.of(Long.parseLong(lines.get(0))).orElseThrow();
        server.destroyForcibly();
        Await.until(() -> !server.isAlive(), "the end of the server's process");
        Process other = new ProcessBuilder("sleep", "100").start();
        try {
            lines.set(0, String.valueOf(other.pid()));
            Files.write(pid, lines);
            local("db", "status").run().expect(0).says("does not run");
            local("migrate", "status").run().expect(0);
            assertTrue(other.isAlive());
        } finally {
            other.destroy();
        }
        local("db", "stop").run().expect(0);
        // an initdb that was killed leaves this
        Files.delete(home.resolve("server/data-18/global/pg_control"));
        Run run = local("deploy", "testing", "--seed", "--yes").run().expect(0);
        assertTrue(run.err().contains("data-18.broken-"), run.err());
    }

    @Test
    void everyEnvironmentHasADatabaseOfItsOwn() {
        local("deploy", "testing", "--seed", "--yes").run().expect(0);
        local("deploy", "demo", "--seed", "--yes").run().expect(0);
        local("db", "status").run().expect(0).says("avdaily_testing", "avdaily_demo");
        local("db", "start", "--env", "production").run().expect(21, "production");
        local("db", "reset", "--env", "demo", "--yes")
                .with("DB_RESET_CONFIRM", "1")
                .run()
                .expect(0);
        local("migrate", "status", "--check", "--env", "testing").run().expect(0);
        local("migrate", "status", "--check", "--env", "demo").run().expect(22);
        LocalServer server = new LocalServer(home, LocalServer.VERSION, TestServer.INVOCATION);
        IntStream.range(0, 100)
                .parallel() // as runs on many databases ask for it
                .forEach(i -> assertTrue(server.running().isPresent()));
    }
}
