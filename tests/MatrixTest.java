import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import avdaily.db.Database;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The tests on other versions: how a server is chosen, and what {@code tests/matrix} makes of the runs. */
class MatrixTest extends ScriptTest {
    @BeforeAll
    static void ofTheShell() {
        needs("bash", "awk");
    }

    private static Command matrix(String... words) {
        return new Command(Stream.concat(
                        Stream.of(PROJECT.resolve("tests/matrix").toString()), Stream.of(words))
                .toList());
    }

    @Test
    void whereADockerEngineAnswersTheTestsRunInAContainer() throws IOException, SQLException {
        String host = TestServer.admin().hosts().get(0).name();
        assumeTrue(List.of("127.0.0.1", "localhost").contains(host), "the server is on another machine");
        try (DockerEngine engine = new DockerEngine(TestServer.admin());
                Connection c = TestServer.connect(TestServer.admin())) {
            new Command(List.of(
                            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                            "-XX:TieredStopAtLevel=1",
                            "-Duser.home=" + TestServer.temporary("home"),
                            "-cp",
                            System.getProperty("java.class.path"),
                            "All",
                            "TextTableTest"))
                    .in(PROJECT)
                    .with("DOCKER_HOST", engine.address())
                    .with("TESTCONTAINERS_IMAGE", "registry.example/postgres:16")
                    .with("TESTCONTAINERS_RYUK_DISABLED", "true")
                    .with("TESTCONTAINERS_CHECKS_DISABLE", "true")
                    .run()
                    .expect(0)
                    .says("Server: Testcontainers, PostgreSQL " + Database.one(c, "SHOW server_version", String.class))
                    .says(" passed, 0 failed");
            assertEquals(List.of("registry.example/postgres:16"), engine.images);
        }
    }

    @Test
    void theTableAddsThePiecesOfAPairAndCountsATestOnce() {
        Path runs = TestServer.temporary("runs");
        write(
                runs.resolve("1.log"),
                """
                == PostgreSQL 9, JDK 25.0.3
                Server: embedded, PostgreSQL 9.6.1
                [jbang] a line of others
                ok      SeedTest one(), 1.5 s
                FAILED  SeedTest two(String) a, b, 0.1 s: expected 2, 3.0 s: but was 1
                skipped SeedTest three(), 0.0 s: zsh is not installed
                    2 s  SeedTest
                1 left out, as their lines say
                1 passed, 1 failed
                == 12 s
                """);
        write(
                runs.resolve("2.log"),
                """
                == PostgreSQL 9, JDK 25.0.3
                Server: embedded, PostgreSQL 9.6.1
                ok      SeedTest two(String) a, b, 0.3 s
                ok      MigrateTest one(), 0.3 s
                2 passed, 0 failed
                == 3 s
                """);
        write(
                runs.resolve("3.log"),
                """
                == PostgreSQL 19, JDK 17
                Server: TEST_DATABASE_URL, PostgreSQL 19rc1 (Debian 19~rc1-1)
                ok      SeedTest one(), 1.5 s
                1 passed, 0 failed
                == 5 s
                """);
        String whole =
                """
                | PostgreSQL | JDK | passed | failed | left out | seconds |
                |---|---|---|---|---|---|
                | 9.6.1 | 25.0.3 | 3 | 0 | 1 | 15 |
                | 19rc1 | 17 | 1 | 0 | 0 | 5 |
                """;
        assertEquals(whole, matrix("--table", runs.toString()).run().expect(0).out());
        write(runs.resolve("4.log"), "== PostgreSQL 18, JDK 17\nerror: cannot find symbol\n== 4 s\n");
        write(
                runs.resolve("5.log"),
                """
                == PostgreSQL 9, JDK 25.0.3
                Server: embedded, PostgreSQL 9.6.1
                FAILED  SeedTest one(), 1.5 s: no
                """);
        Run broken = matrix("--table", runs.toString()).run().expect(22);
        broken.says("| 9.6.1 | 25.0.3 | 2 | 2 | 1 | 15 |", "| 18 | 17 | 0 | 1 | 0 | 4 |", "| 19rc1 | 17 | 1 |");
        broken.says("- 9.6.1, JDK 25.0.3: SeedTest one()\n", "4.log did not end\n", "5.log did not end\n");
    }

    @Test
    void whatTheMatrixDoesNotKnowIsRefusedBeforeAnythingRuns() {
        Path runs = TestServer.temporary("runs");
        matrix("--table", runs.toString()).run().expect(2, "no run in");
        matrix("--pg", "13").run().expect(2, "no PostgreSQL 13", "--pg 13=URL");
        matrix("--pg", "18", "--jdk", "9").run().expect(2, "no JDK 9 here", "--jdk 9=FOLDER");
        matrix("--jdk").run().expect(2, "--jdk needs a value");
        matrix("--pgs", "18").run().expect(2, "no option --pgs");
    }
}
