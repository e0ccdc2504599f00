import avdaily.base.Invocation;
import avdaily.base.Out;
import avdaily.base.Settings;
import avdaily.db.Database;
import avdaily.db.DatabaseUrl;
import avdaily.db.Environment;
import avdaily.db.LocalServer;
import avdaily.sql.Sql;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.postgresql.PostgreSQLContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * The real server that the tests run on, the first of these that there is:
 *
 * <ol>
 *   <li>the one of TEST_DATABASE_URL, as a superuser,
 *   <li>a container, if Docker answers, of the image TESTCONTAINERS_IMAGE,
 *   <li>the embedded server of the version TEST_PG.
 * </ol>
 */
final class TestServer {
    /** The role that tests work as: no superuser, and a password that needs encoding in a URL. */
    static final String ROLE = "tester";

    static final String PASSWORD = "p@ss/w:rd%1";

    /** Those of a run without variables. */
    static final Settings SETTINGS = new Settings(Map.of(), Path.of(""));

    /** A run without variables; nobody reads its output. */
    static final Invocation INVOCATION = new Invocation(
            "avdaily-test",
            List.of(),
            true,
            Out.to(OutputStream.nullOutputStream(), OutputStream.nullOutputStream(), List.of()),
            SETTINGS);

    private static final AtomicInteger DATABASES = new AtomicInteger();
    private static DatabaseUrl admin;
    private static String kind;
    private static Optional<LocalServer> embedded = Optional.empty();

    /** Starts the server unless it runs, and says what it is. */
    static synchronized String describe() {
        try (Connection c = connect(admin())) {
            return kind + ", PostgreSQL " + Database.one(c, "SHOW server_version", String.class);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The superuser's address of the server. */
    static synchronized DatabaseUrl admin() {
        if (admin == null) {
            admin = start();
            try (Connection c = connect(admin);
                    Statement s = c.createStatement()) {
                if (c.getMetaData().getDatabaseMajorVersion() >= 16) s.execute("SET scram_iterations = 1"); // quicker
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
            return DatabaseUrl.parse(given, SETTINGS);
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
                    SETTINGS);
        }
        kind = "embedded";
        String version = Optional.ofNullable(System.getenv("TEST_PG"))
                .filter(named -> !named.isEmpty())
                .orElse(LocalServer.VERSION);
        embedded = Optional.of(new LocalServer(temporary("server"), version, INVOCATION));
        DatabaseUrl url = embedded.get().start(Environment.TESTING).withDatabase("postgres");
        try (Connection c = connect(url);
                Statement s = c.createStatement()) {
            s.execute("ALTER SYSTEM SET fsync = off"); // it lives no longer than the tests
            s.execute("ALTER SYSTEM SET autovacuum_naptime = '1d'"); // hundreds of databases keep it busy for ever
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

    /** Whether the server is a process of this machine that only the tests use. */
    static boolean isEmbedded() {
        admin();
        return embedded.isPresent();
    }

    static void stop() {
        embedded.ifPresent(LocalServer::stop);
    }

    /** A new, empty database of the tests' role. Its name gives no environment away. */
    static DatabaseUrl newDatabase() {
        return newDatabase("template0");
    }

    /** A new database of the tests' role, a copy of {@code template}, to which nobody may be connected. */
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
                        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)));
    }

    static void drop(DatabaseUrl url) {
        administer("DROP DATABASE " + url.database());
    }

    /** A new database of the tests' role under this very name. */
    static void createNamed(String name) {
        dropNamed(name);
        administer("CREATE DATABASE " + Sql.quoted(name) + " OWNER " + ROLE);
    }

    static void dropNamed(String name) {
        administer("DROP DATABASE IF EXISTS " + Sql.quoted(name));
    }

    private static void administer(String statement) {
        try (Connection c = connect(admin());
                Statement s = c.createStatement()) {
            s.execute(statement);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    static Connection connect(DatabaseUrl url) throws SQLException {
        return DriverManager.getConnection(url.jdbcUrl(), url.properties());
    }

    /** A new folder that is deleted when the tests end. */
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
        try (Stream<Path> walk = Files.walk(tree)) {
            walk.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
        } catch (IOException | UncheckedIOException e) {
            // a temporary folder that stays does no harm
        }
    }

    private TestServer() {}
}
