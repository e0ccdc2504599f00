import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.base.Failure;
import avdaily.base.Settings;
import avdaily.db.DatabaseUrl;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

/** A server is reached through the file of its socket, by the names that psql takes. */
class UnixSocketTest extends ScriptTest {
    private static final int PORT = 5433;

    private final Path folder = TestServer.temporary("socket").resolve("so:cket 1%");
    private final List<SocketChannel> clients = new CopyOnWriteArrayList<>();
    private ServerSocketChannel socket;

    /** A server in a container, or on Windows, has no socket here: this one leads to it, byte for byte. */
    @BeforeEach
    void listen() throws IOException {
        Files.createDirectories(folder);
        socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        socket.bind(UnixDomainSocketAddress.of(folder.resolve(".s.PGSQL." + PORT)));
        start(() -> {
            while (true) {
                SocketChannel here = socket.accept();
                clients.add(here);
                DatabaseUrl.Host server = TestServer.admin().hosts().get(0);
                SocketChannel there = SocketChannel.open(new InetSocketAddress(server.name(), server.port()));
                start(() -> pass(here, there));
                start(() -> pass(there, here));
            }
        });
    }

    @AfterEach
    void stop() throws IOException {
        socket.close();
    }

    private interface Work {
        void run() throws IOException;
    }

    private static void start(Work work) {
        Thread thread = new Thread(() -> {
            try {
                work.run();
            } catch (IOException e) {
                return; // the other side has gone
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private static void pass(SocketChannel from, SocketChannel to) throws IOException {
        try (from;
                to) {
            ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
            while (from.read(buffer) >= 0) {
                buffer.flip();
                while (buffer.hasRemaining()) to.write(buffer);
                buffer.clear();
            }
        }
    }

    private static DatabaseUrl address(String url, Map<String, String> variables) {
        return DatabaseUrl.parse(url, new Settings(variables, Path.of("")));
    }

    @Test
    void addressesAreLibpqs() {
        for (String url : new String[] {
            "postgresql://u@/shop?host=/run/a:b%25&port=5433",
            "postgresql://u@/shop?host=%2Frun%2Fa%3Ab%25&port=5433",
            "postgresql://u@%2frun%2Fa%3Ab%25:5433/shop"
        }) {
            DatabaseUrl parsed = address(url, Map.of());
            assertEquals("/run/a:b%:5433/shop", parsed.toString());
            assertEquals("postgresql://u@%2Frun%2Fa%3Ab%25:5433/shop", parsed.withoutPassword());
            assertEquals(parsed, address(parsed.withoutPassword(), Map.of()));
            assertTrue(parsed.isLocal());
        }
        assertEquals(
                "/run/pg:7/shop",
                address("postgresql://u@/shop", Map.of("PGHOST", "/run/pg", "PGPORT", "7"))
                        .toString());
        assertEquals(
                "/run/pg:5432,db:5432/shop",
                address("postgresql://u@/shop?host=/run/pg,db", Map.of()).toString());
        assertThrows(Failure.class, () -> address("postgresql:///shop?host=@abstract", Map.of()));
    }

    private Command overSocket(DatabaseUrl db, String script, String... words) {
        return command(script, words)
                .in(folder)
                .with("PGHOST", folder.toString())
                .with("PGPORT", String.valueOf(PORT))
                .with("PGUSER", db.user())
                .with("PGPASSWORD", db.password())
                .with("PGDATABASE", db.database());
    }

    @Test
    void commandsWorkOverIt() {
        DatabaseUrl db = TestServer.newDatabase();
        overSocket(db, "migrate", "up", "--yes").run().expect(0).says(folder + ":" + PORT);
        Run backup = overSocket(db, "backup", "--dir", "backups").run().expect(0);
        assertFalse(backup.err().contains("Not encrypted"), backup.err());
        overSocket(db, "monitor").run().says("connection");
        String url = "postgresql://" + db.user() + "@/" + db.database() + "?host=";
        command("migrate", "status", "--check", "--url", url + folder.toString().replace("%", "%25") + "&port=" + PORT)
                .with("PGPASSWORD", db.password())
                .run()
                .expect(0);
        command("migrate", "status", "--url", url + "/nowhere")
                .run()
                .expect(20, "/nowhere/.s.PGSQL.5432: No such file");
        DatabaseUrl wrong = new DatabaseUrl(db.hosts(), db.database(), db.user(), "wr0ng", db.parameters());
        overSocket(wrong, "migrate", "status")
                .run()
                .expect(20, "does not let " + db.user() + " in", "sudo -u USER", "pg_ident.conf", "localhost");
    }

    /** Of several hosts the first that answers is taken, also beside a socket. */
    @Test
    void aSocketIsOneOfSeveralHosts() {
        DatabaseUrl db = TestServer.newDatabase();
        DatabaseUrl.Host server = db.hosts().get(0);
        overSocket(db, "db", "url")
                .with("PGHOST", "/nowhere," + server.name())
                .with("PGPORT", "5432," + server.port())
                .run()
                .expect(0);
        overSocket(db, "migrate", "status")
                .with("PGHOST", "/nowhere," + folder)
                .run()
                .expect(0);
    }

    /** What a session does with a socket: much in both directions, an end that comes from outside, a time limit. */
    @Test
    void asASessionNeedsIt() throws Exception {
        try (Connection c = connect();
                Statement s = c.createStatement()) {
            s.execute("CREATE TABLE long (text text)");
            byte[] row = ("x".repeat(99_999) + "\n").getBytes();
            var copy = c.unwrap(PGConnection.class).getCopyAPI().copyIn("COPY long FROM STDIN");
            for (int i = 0; i < 100; i++) copy.writeToCopy(row, 0, row.length);
            assertEquals(100, copy.endCopy());
            var all = s.executeQuery("SELECT sum(length(text)) FROM long");
            assertTrue(all.next());
            assertEquals(9_999_900, all.getInt(1));
            s.setQueryTimeout(1);
            SQLException ended = assertThrows(SQLException.class, () -> s.execute("SELECT pg_sleep(60)"));
            assertEquals("57014", ended.getSQLState());
            assertEquals(0, c.unwrap(PGConnection.class).getNotifications(1).length);
            Thread.currentThread().interrupt();
            s.execute("SELECT 1");
            assertTrue(Thread.interrupted());
        }
    }

    /** What was done stays done if the server has gone before the goodbye; what waits for an answer gets an error. */
    @Test
    void nobodyNeedsToHearTheGoodbye() throws Exception {
        Connection waiting = connect();
        Connection done = connect();
        for (SocketChannel client : clients) client.close();
        SQLException lost = assertThrows(
                SQLException.class, () -> waiting.createStatement().execute("SELECT 1"));
        assertEquals("08006", lost.getSQLState());
        done.close();
        waiting.close();
    }

    private Connection connect() throws SQLException {
        DatabaseUrl db = TestServer.newDatabase();
        List<DatabaseUrl.Host> host = List.of(new DatabaseUrl.Host(folder.toString(), PORT));
        DatabaseUrl url = new DatabaseUrl(host, db.database(), db.user(), db.password(), Map.of());
        return DriverManager.getConnection(url.jdbcUrl(), url.properties());
    }
}
