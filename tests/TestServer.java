import avdaily.base.Invocation;
import avdaily.base.Out;
import avdaily.base.Settings;
import avdaily.db.Database;
import avdaily.db.DatabaseUrl;
import avdaily.db.Environment;
import avdaily.db.LocalServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.postgresql.PostgreSQLContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * The real server that the tests run on: TEST_DATABASE_URL (a superuser's), else a container where Docker answers
 * (image TESTCONTAINERS_IMAGE), else the embedded server (version TEST_PG).
 */
final class TestServer {
    /** The role that tests work as: no superuser, and a password that needs encoding in a URL. */
    static final String ROLE = "tester";

    static final String PASSWORD = "p@ss/w:rd%1";

    /** A run with no variables at all, whose output nobody reads. */
    static final Settings SETTINGS = new Settings(Map.of(), Path.of(""));

    static final Invocation INVOCATION = new Invocation(
            "avdaily-test",
            List.of(),
            true,
            Out.to(OutputStream.nullOutputStream(), OutputStream.nullOutputStream(), false, false),
            SETTINGS);

    private static final AtomicInteger DATABASES = new AtomicInteger();
    private static DatabaseUrl admin;
    private static String kind;
    private static Optional<LocalServer> embedded = Optional.empty();

    /** Says what the tests run on, and makes it ready. */
    static synchronized String describe() {
        try (Connection c = connect(admin())) {
            return kind + ", PostgreSQL " + Database.one(c, "SHOW server_version", String.class);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    static synchronized DatabaseUrl admin() {
        if (admin == null) {
            admin = start();
            try (Connection c = connect(admin);
                    Statement s = c.createStatement()) {
                if (Database.one(c, "SELECT count(*) FROM pg_roles WHERE rolname = ?", Long.class, ROLE) == 0)
                    s.execute("CREATE ROLE " + ROLE);
                s.execute("ALTER ROLE " + ROLE + " LOGIN CREATEDB PASSWORD '" + PASSWORD + "'");
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }
        return admin;
    }

    private static DatabaseUrl start() {
        String given = System.getenv("TEST_DATABASE_URL");
        if (given != null) {
            kind = "TEST_DATABASE_URL";
            return DatabaseUrl.parse(given, TestServer.SETTINGS);
        }
        if (dockerAnswers()) {
            kind = "Testcontainers";
            String image =
                    Optional.ofNullable(System.getenv("TESTCONTAINERS_IMAGE")).orElse("postgres:18");
            PostgreSQLContainer container =
                    new PostgreSQLContainer(DockerImageName.parse(image).asCompatibleSubstituteFor("postgres"));
            container.start();
            return DatabaseUrl.parse(
                    "postgresql://" + container.getUsername() + ":" + container.getPassword() + "@"
                            + container.getHost() + ":" + container.getFirstMappedPort() + "/postgres",
                    TestServer.SETTINGS);
        }
        kind = "embedded";
        String version = Optional.ofNullable(System.getenv("TEST_PG")).orElse(LocalServer.VERSION);
        embedded = Optional.of(new LocalServer(temporary("server"), version, INVOCATION));
        DatabaseUrl url = embedded.get().start(Environment.TESTING).withDatabase("postgres");
        try (Connection c = connect(url);
                Statement s = c.createStatement()) {
            s.execute("ALTER SYSTEM SET fsync = off"); // it lives no longer than the tests
            s.execute("SELECT pg_reload_conf()");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return url;
    }

    private static boolean dockerAnswers() {
        try {
            return DockerClientFactory.instance().isDockerAvailable();
        } catch (RuntimeException e) {
            return false;
        }
    }

    static void stop() {
        embedded.ifPresent(LocalServer::stop);
    }

    /** A new, empty database of the tests' role; the name must give no environment away. */
    static DatabaseUrl newDatabase() {
        return newDatabase("template0");
    }

    /**
     * A new database of the tests' role that starts as what {@code template} is; nobody may be connected to that one.
     */
    static DatabaseUrl newDatabase(String template) {
        String name = "db" + ProcessHandle.current().pid() + "_" + DATABASES.incrementAndGet();
        try (Connection c = connect(admin());
                Statement s = c.createStatement()) {
            s.execute("DROP DATABASE IF EXISTS " + name);
            s.execute("CREATE DATABASE " + name + " OWNER " + ROLE + " TEMPLATE " + template);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return new DatabaseUrl(
                admin().hosts(),
                name,
                ROLE,
                PASSWORD,
                admin().parameters().entrySet().stream()
                        .filter(e -> !e.getKey().equals("passfile"))
                        .collect(java.util.stream.Collectors.toMap(
                                java.util.Map.Entry::getKey, java.util.Map.Entry::getValue)));
    }

    static void drop(DatabaseUrl url) {
        try (Connection c = connect(admin());
                Statement s = c.createStatement()) {
            s.execute("DROP DATABASE " + url.database());
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    static Connection connect(DatabaseUrl url) throws SQLException {
        return DriverManager.getConnection(url.jdbcUrl(), url.properties());
    }

    static Path temporary(String what) {
        try {
            Path folder = Files.createTempDirectory("avdaily-" + what + "-");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(folder)));
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path tree) {
        try (var walk = Files.walk(tree)) {
            walk.sorted(java.util.Comparator.reverseOrder())
                    .forEach(path -> path.toFile().delete());
        } catch (IOException | UncheckedIOException e) {
            // what a temporary folder keeps does no harm
        }
    }

    private TestServer() {}
}
