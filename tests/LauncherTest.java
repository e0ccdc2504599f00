import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import avdaily.db.DatabaseUrl;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** End to end: the launcher, and the catalog from the clone, from elsewhere and over http. */
class LauncherTest extends ScriptTest {
    private static final String ECHO_CATALOG =
            """
            {"aliases": {
                "avdaily-echo": {
                  "script-ref": "Echo.java"
                }
            }}
            """;

    private static Command launcher(String... arguments) {
        return new Command(Stream.concat(Stream.of(PROJECT.resolve("jbang").toString()), Stream.of(arguments))
                .toList());
    }

    @Test
    void itPassesArgumentsOutputAndExitCodesThrough() {
        Path folder = TestServer.temporary("script");
        write(
                folder.resolve("Echo.java"),
                """
                //JAVA 17+
                class Echo {
                    public static void main(String... args) throws Exception {
                        for (String arg : args) System.out.println("[" + arg + "]");
                        System.out.println(new String(System.in.readAllBytes()).length() + " bytes");
                        System.exit(42);
                    }
                }
                """);
        launcher("--version").run().expect(0);
        Run run = launcher("Echo.java", "a b", "it's", "\"q\"", "$HOME", "*")
                .in(folder)
                .run()
                .expect(42);
        assertEquals("[a b]\n[it's]\n[\"q\"]\n[$HOME]\n[*]\n0 bytes\n", run.out());
    }

    @Test
    void withoutHomeTheUsersOwnFolderCounts() {
        new Command(List.of(
                        "/usr/bin/env",
                        "-i",
                        "PATH=" + System.getenv("PATH"),
                        "AVDAILY_HOME=" + HOME,
                        "JAVA_HOME=" + System.getProperty("java.home"),
                        PROJECT.resolve("jbang").toString(),
                        "--version"))
                .run()
                .expect(0);
    }

    @Test
    void withoutJavaItSaysWhatToInstall() {
        Path empty = TestServer.temporary("path");
        new Command(List.of("/bin/sh", "-c", "PATH=" + empty + " /bin/sh " + PROJECT.resolve("jbang") + " --version"))
                .with("JAVA_HOME", "")
                .with("HOME", empty.toString())
                .run()
                .expect(127, "Java is not installed", "JDK 17");
    }

    @Test
    void withoutANetworkItSaysWhatMavenSays() {
        Path home = TestServer.temporary("home");
        write(home.resolve(".m2/settings.xml"), "<settings><offline>true</offline></settings>\n");
        Run run = new Command(List.of("/bin/sh", "-c", "PATH=/usr/bin:/bin " + PROJECT.resolve("jbang") + " --version"))
                .with("HOME", home.toString())
                .with("AVDAILY_HOME", home.resolve("avdaily").toString())
                .run()
                .expect(1, "Maven could not fetch JBang", "offline", "maven-dependency-plugin");
        assertEquals(
                1, run.err().lines().filter(line -> line.startsWith("[ERROR]")).count(), run.err());
    }

    /** JBang is there, and a library is not. */
    @Test
    void withoutANetworkItSaysWhichLibraryIsMissing() throws IOException {
        launcher("--version").run().expect(0);
        Path home = TestServer.temporary("home");
        Path clone = TestServer.temporary("clone");
        write(
                home.resolve(".m2/settings.xml"),
                "<settings><mirrors><mirror><id>none</id><mirrorOf>*</mirrorOf><url>http://127.0.0.1:9/</url></mirror>"
                        + "</mirrors></settings>\n");
        write(clone.resolve("jbang-catalog.json"), ECHO_CATALOG);
        write(clone.resolve("Echo.java"), "//DEPS info.picocli:picocli:4.7.7\nclass Echo {}\n");
        Files.copy(PROJECT.resolve("jbang"), clone.resolve("jbang"), StandardCopyOption.COPY_ATTRIBUTES);
        Files.createDirectories(home.resolve("jbang"));
        Files.createSymbolicLink(
                home.resolve("jbang").resolve(jbangVersion()),
                HOME.resolve("jbang").resolve(jbangVersion()));
        new Command(List.of("/bin/sh", "-c", "PATH=/usr/bin:/bin ./jbang avdaily-echo"))
                .with("HOME", home.toString())
                .with("AVDAILY_HOME", home.toString())
                .in(clone)
                .run()
                .expect(1, "info.picocli:picocli", "JBang could not prepare avdaily-echo", "check the network");
    }

    @Test
    void aFolderMayBeCalledAnythingInAPlainLocaleToo() throws IOException {
        Path clone = TestServer.temporary("clone").resolve("Größe 中 'a' $b");
        write(clone.resolve("jbang-catalog.json"), ECHO_CATALOG);
        write(
                clone.resolve("Echo.java"),
                """
                //JAVA 17+
                class Echo {
                    public static void main(String... args) {
                        System.out.println(System.getenv("AVDAILY_CLONE").length() + " " + args[0]);
                        System.out.println(System.getenv("AVDAILY_COMMAND"));
                    }
                }
                """);
        Files.copy(PROJECT.resolve("jbang"), clone.resolve("jbang"), StandardCopyOption.COPY_ATTRIBUTES);
        for (String locale : List.of("POSIX", "C", "")) {
            Run run = new Command(List.of("/bin/sh", "./jbang", "avdaily-echo", "ü"))
                    .with("LC_ALL", locale)
                    .with("LANG", "")
                    .in(clone)
                    .run()
                    .expect(0);
            assertEquals(clone.toString().length() + " ü\n./jbang avdaily-*\n", run.out(), locale);
        }
    }

    @Test
    void jbangIsAskedAgainAfterEachChangeAndNotWithoutOne() throws IOException {
        launcher("--version").run().expect(0);
        Path home = TestServer.temporary("home");
        Path clone = TestServer.temporary("clone");
        Path source = clone.resolve("scripts/Echo.java");
        write(clone.resolve("jbang-catalog.json"), ECHO_CATALOG.replace("Echo", "scripts/Echo"));
        write(source, echo("one"));
        Files.copy(PROJECT.resolve("jbang"), clone.resolve("jbang"), StandardCopyOption.COPY_ATTRIBUTES);
        Path fetched = HOME.resolve("jbang").resolve(jbangVersion());
        Files.createDirectories(home.resolve("jbang"));
        Files.createSymbolicLink(home.resolve("jbang").resolve(jbangVersion()), fetched);
        Supplier<Command> echo = () -> new Command(List.of("./jbang", "avdaily-echo", "a b", "*"))
                .with("HOME", home.toString())
                .with("AVDAILY_HOME", home.toString())
                .in(clone);
        assertAsked(home, 1, "one", echo.get());
        assertAsked(home, 1, "one", echo.get());
        halve(home.resolve("jbang/answers"), ".jsa.new."); // as a kill leaves it; Java 17 crashes with it
        assertAsked(home, 1, "one", echo.get());
        assertAsked(home, 1, "one", echo.get());

        FileTime time = Files.getLastModifiedTime(source);
        write(source, echo("two"));
        Files.setLastModifiedTime(source, time);
        assertAsked(home, 2, "two", echo.get());
        Files.writeString(clone.resolve("jbang"), "# changed\n", StandardOpenOption.APPEND);
        assertAsked(home, 3, "two", echo.get());
        Files.writeString(clone.resolve("jbang-catalog.json"), "\n", StandardOpenOption.APPEND);
        assertAsked(home, 4, "two", echo.get());
        assertAsked(home, 5, "two", echo.get().with("JBANG_NO_VERSION_CHECK", "true"));
        try (Stream<Path> built = Files.walk(home.resolve(".jbang"))) {
            for (Path jar : built.filter(file -> file.endsWith("Echo.jar")).toList()) Files.delete(jar);
        }
        assertAsked(home, 5, "two", echo.get());
    }

    @Test
    void helpIsKeptForTheSameWordsAndScreen() throws IOException {
        launcher("--version").run().expect(0);
        Path home = TestServer.temporary("home");
        Path clone = cloneWithEcho(
                home,
                """
                //JAVA 17+
                import java.nio.file.*;
                class Echo {
                    public static void main(String... args) throws Exception {
                        String kept = System.getProperty("avdaily.help");
                        if (kept != null && args.length < 3) Files.writeString(Path.of(kept), "kept\\n");
                        System.out.println("said " + args.length);
                    }
                }
                """);
        assertSays("said 1", clone, home, "80", "--help");
        assertSays("kept", clone, home, "80", "--help");
        assertSays("said 1", clone, home, "90", "--help");
        assertSays("said 2", clone, home, "80", "up", "--help");
        assertSays("said 1", clone, home, "80", "up --help");
        assertSays("kept", clone, home, "80", "up", "--help");
        assertSays("said 3", clone, home, "80", "up", "-h", "wrong");
        assertSays("said 3", clone, home, "80", "up", "-h", "wrong");
        Files.writeString(clone.resolve("Echo.java"), "// changed\n", StandardOpenOption.APPEND);
        assertSays("said 1", clone, home, "80", "--help");
    }

    /** What Java 25 keeps of a command: which run makes it, that it serves, and that a wrong one does no harm. */
    @Test
    void fromJava25OnCommandsStartFromWhatTheirThirdRunKept() throws IOException {
        Optional<Path> jdk = newerJdk();
        assumeTrue(jdk.isPresent(), "there is no JDK 25 or newer beside this one");
        launcher("--version").run().expect(0);
        Path home = TestServer.temporary("home");
        Path clone = cloneWithEcho(home, echo("one"));
        Path log = clone.resolve("classes.txt");
        Supplier<Command> run = () -> new Command(List.of("./jbang", "avdaily-echo", "a b", "*"))
                .with("HOME", home.toString())
                .with("AVDAILY_HOME", home.toString())
                .with("JAVA_HOME", jdk.get().toString())
                .with("JDK_JAVA_OPTIONS", "-Xlog:class+load:file=" + log)
                .in(clone);
        for (int again = 0; again < 3; again++) assertAsked(home, 1, "one", run.get());
        Path cache = one(home.resolve("jbang/answers"), ".aot");
        assertTrue(Files.size(cache) > 1 << 20, "made by the third run");
        assertAsked(home, 1, "one", run.get());
        assertTrue(isFromCache(log), "the fourth starts from it");

        byte[] whole = Files.readAllBytes(cache);
        for (byte[] broken : List.of(new byte[0], Arrays.copyOf(whole, whole.length / 2), new byte[5000])) {
            Files.write(cache, broken);
            assertAsked(home, 1, "one", run.get());
        }
        Files.write(cache, whole);
        Path kept = cache.resolveSibling(cache.getFileName().toString().replaceFirst("-.*", ""));
        Path jar = Path.of(Files.readAllLines(kept).get(1).split(":")[0]);
        Files.setLastModifiedTime(jar, FileTime.fromMillis(0)); // another one, that is older; Java 25 does not look
        assertAsked(home, 1, "one", run.get());
        assertTrue(!Files.exists(cache) && !isFromCache(log), "it was made of another jar");
        write(clone.resolve("Echo.java"), echo("two"));
        assertAsked(home, 2, "two", run.get());
    }

    /** From 25 on there is no such file: Java makes the archive before the command starts. */
    private static void halve(Path folder, String part) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(one -> one.toString().contains(part)).toList()) {
                byte[] whole = Files.readAllBytes(file);
                Files.delete(file);
                Files.write(file, Arrays.copyOf(whole, whole.length / 2));
            }
        }
    }

    private static Optional<Path> newerJdk() throws IOException {
        Path own = Path.of(System.getProperty("java.home"));
        try (Stream<Path> beside = Files.list(own.toRealPath().getParent())) {
            return Stream.concat(Stream.of(own), beside)
                    .filter(LauncherTest::isNewer)
                    .findFirst();
        }
    }

    private static boolean isNewer(Path jdk) {
        try {
            Matcher release =
                    Pattern.compile("JAVA_VERSION=\"(\\d+)").matcher(Files.readString(jdk.resolve("release")));
            return Files.exists(jdk.resolve("bin/javac")) && release.find() && Integer.parseInt(release.group(1)) >= 25;
        } catch (IOException e) {
            return false;
        }
    }

    private static Path one(Path folder, String ending) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(ending))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static boolean isFromCache(Path log) throws IOException {
        return Files.readAllLines(log).stream()
                .anyMatch(line -> line.contains(" Echo ") && line.contains("shared objects file"));
    }

    /** A clone whose only command is this script, and a home in which JBang is there. */
    private static Path cloneWithEcho(Path home, String script) throws IOException {
        Path clone = TestServer.temporary("clone");
        write(clone.resolve("jbang-catalog.json"), ECHO_CATALOG);
        write(clone.resolve("Echo.java"), script);
        Files.copy(PROJECT.resolve("jbang"), clone.resolve("jbang"), StandardCopyOption.COPY_ATTRIBUTES);
        Files.createDirectories(home.resolve("jbang"));
        Files.createSymbolicLink(
                home.resolve("jbang").resolve(jbangVersion()),
                HOME.resolve("jbang").resolve(jbangVersion()));
        return clone;
    }

    private static void assertSays(String text, Path clone, Path home, String columns, String... words) {
        Run run = new Command(Stream.concat(Stream.of("./jbang", "avdaily-echo"), Stream.of(words))
                        .toList())
                .with("HOME", home.toString())
                .with("AVDAILY_HOME", home.toString())
                .with("COLUMNS", columns)
                .in(clone)
                .run()
                .expect(0);
        assertEquals(text + "\n", run.out());
    }

    private static void assertAsked(Path home, int answers, String word, Command echo) throws IOException {
        assertEquals(word + "[a b][*]\n", echo.run().expect(0).out());
        try (Stream<Path> kept = Files.list(home.resolve("jbang/answers"))) {
            assertEquals(
                    answers, kept.filter(file -> !file.toString().contains(".")).count());
        }
    }

    private static String jbangVersion() throws IOException {
        Matcher version = Pattern.compile("(?m)^version=(\\S+)").matcher(Files.readString(PROJECT.resolve("jbang")));
        assertTrue(version.find());
        return version.group(1);
    }

    private static String echo(String word) {
        return """
                //JAVA 17+
                //CDS
                class Echo {
                    public static void main(String... args) {
                        System.out.println("%s[" + String.join("][", args) + "]");
                    }
                }
                """
                .formatted(word);
    }

    @Test
    void anAliasWorksFromAnotherFolder() {
        DatabaseUrl db = TestServer.newDatabase();
        Run run = launcher(
                        PROJECT.resolve("jbang-catalog.json")
                                .toString()
                                .replaceAll("(.*)/jbang-catalog.json", "avdaily-migrate@$1"),
                        "status",
                        "--json")
                .with("DATABASE_URL", db.withPassword())
                .run()
                .expect(0);
        assertEquals(9, run.json().get("pending").asInt());
        launcher("avdaily-migrate", "status")
                .in(TestServer.temporary("elsewhere"))
                .with("DATABASE_URL", db.withPassword())
                .run()
                .expect(0);
    }

    @Test
    void aNameThatIsNoneGetsTheOneThatWasMeant() {
        String typed = PROJECT.resolve("jbang").toString(); // as it was called, so that it can be pasted there
        launcher().run().expect(2, typed + " avdaily-monitor", "no command is named");
        launcher("help").run().expect(0).says(typed + " avdaily-monitor");
        launcher("avdaily-migrat", "status").run().expect(2, "did you mean " + typed + " avdaily-migrate?");
        launcher("avdaily-bakcup").run().expect(2, "did you mean " + typed + " avdaily-backup?");
        launcher("migrate", "status").run().expect(2, "did you mean " + typed + " avdaily-migrate?");
        launcher("avdaily-xyz").run().expect(2, "there are " + typed + " avdaily-db, " + typed + " avdaily-migrate");
    }

    @Test
    void theCatalogWorksOverHttp() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            Path file = PROJECT.resolve(exchange.getRequestURI().getPath().substring(1))
                    .normalize();
            boolean there = file.startsWith(PROJECT) && Files.isRegularFile(file);
            byte[] body = there ? Files.readAllBytes(file) : new byte[0];
            exchange.sendResponseHeaders(there ? 200 : 404, there ? body.length : -1);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        try {
            Path jbang = TestServer.temporary("jbang");
            Path elsewhere = TestServer.temporary("elsewhere");
            DatabaseUrl db = TestServer.newDatabase();
            launcher(
                            "catalog",
                            "add",
                            "--name",
                            "org",
                            "http://127.0.0.1:" + server.getAddress().getPort() + "/jbang-catalog.json")
                    .with("JBANG_DIR", jbang.toString())
                    .in(elsewhere)
                    .run()
                    .expect(0);
            launcher("avdaily-deploy@org", "development", "--seed", "--yes")
                    .with("JBANG_DIR", jbang.toString())
                    .in(elsewhere)
                    .with("DATABASE_URL", db.withPassword())
                    .run()
                    .expect(0)
                    .says("9 migrations applied");
            assertTrue(Files.list(elsewhere).findAny().isEmpty(), "it leaves nothing behind");
        } finally {
            server.stop(0);
        }
    }

    /** It has no version and no sum of its own. */
    @Test
    void theLauncherOfWindowsFindsWhatItReadsInTheOther() throws IOException {
        String shell = Files.readString(PROJECT.resolve("jbang"));
        String windows = Files.readString(PROJECT.resolve("jbang.ps1"));
        List<String> patterns = Pattern.compile("Known '([^']+)'")
                .matcher(windows)
                .results()
                .map(found -> found.group(1))
                .toList();
        assertEquals(3, patterns.size());
        for (String pattern : patterns)
            assertEquals(
                    1,
                    Pattern.compile(pattern, Pattern.MULTILINE)
                            .matcher(shell)
                            .results()
                            .count(),
                    pattern);
        Matcher sums = Pattern.compile("-Pattern '(\\^# [^']+)'").matcher(windows);
        assertTrue(sums.find());
        assertEquals(
                shell.substring(shell.indexOf("# JBang's jars")).lines().count() - 1,
                Pattern.compile(sums.group(1), Pattern.MULTILINE)
                        .matcher(shell)
                        .results()
                        .count());
        assertTrue(Files.readString(PROJECT.resolve("jbang.cmd")).contains("%~dp0jbang.ps1"));
    }
}
