import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Keeps the house in order: what is listed is there, and what is there is listed. */
class HouseTest extends ScriptTest {
    private static final Path SCRIPTS = PROJECT.resolve("scripts");
    private static final Path ROOMS = SCRIPTS.resolve("avdaily");
    private static final int COLUMNS = 120;
    private static final int LINES_OF_A_FILE = 400;
    private static final int LINES_OF_A_METHOD = 50;

    /** Which rooms a room may know; commands, in no package, may know all. Arrows point down only. */
    private static final Map<String, Set<String>> MAY_KNOW = Map.ofEntries(
            Map.entry("base", Set.of()),
            Map.entry("sql", Set.of("base")),
            Map.entry("db", Set.of("base", "sql")),
            Map.entry("doctor", Set.of("base", "sql", "db")),
            Map.entry("fleet", Set.of("base", "sql", "db")),
            Map.entry("notify", Set.of("base")),
            Map.entry("console", Set.of("base", "db")),
            Map.entry("schema", Set.of("base", "sql", "db")),
            Map.entry("s3", Set.of("base")),
            Map.entry("copy", Set.of("base", "db")),
            Map.entry("backup", Set.of("base", "sql", "db", "schema", "copy", "s3")),
            Map.entry("integrity", Set.of("base", "sql", "db", "schema", "backup")),
            Map.entry("restore", Set.of("base", "sql", "db", "schema", "copy", "backup", "integrity")),
            Map.entry("migrate", Set.of("base", "sql", "db", "schema", "backup", "migrate.batch")),
            Map.entry("migrate.batch", Set.of("base", "sql", "db")),
            Map.entry("migrate.lint", Set.of("base", "sql", "db", "schema", "migrate")),
            Map.entry("seed", Set.of("base", "sql", "db", "backup", "integrity")),
            Map.entry("generate", Set.of("base", "sql", "db", "schema", "integrity", "seed")),
            Map.entry("generate.dataset", Set.of("base", "sql", "db", "seed", "generate")),
            Map.entry(
                    "deploy",
                    Set.of(
                            "base",
                            "sql",
                            "db",
                            "schema",
                            "backup",
                            "integrity",
                            "restore",
                            "migrate",
                            "migrate.batch",
                            "migrate.lint",
                            "seed")),
            Map.entry("monitor", Set.of("base", "sql", "db", "backup", "integrity", "migrate", "deploy")),
            Map.entry(
                    "studio",
                    Set.of(
                            "base",
                            "sql",
                            "db",
                            "backup",
                            "integrity",
                            "migrate",
                            "migrate.lint",
                            "seed",
                            "deploy",
                            "monitor")));

    @Test
    void everyAliasHasItsFileAndEveryScriptItsAlias() throws IOException {
        JsonNode aliases = new ObjectMapper()
                .readTree(PROJECT.resolve("jbang-catalog.json").toFile())
                .get("aliases");
        Set<String> files = new TreeSet<>();
        aliases.properties().forEach(alias -> {
            String file = alias.getValue().get("script-ref").asText();
            assertTrue(Files.exists(PROJECT.resolve(file)), file + " of " + alias.getKey() + " is not there");
            assertTrue(alias.getValue().hasNonNull("description"), alias.getKey() + " has no description");
            files.add(file);
        });
        Set<String> expected = scripts().stream()
                .map(script -> "scripts/" + script.getFileName())
                .collect(Collectors.toCollection(TreeSet::new));
        expected.add("tests/all.java");
        assertEquals(expected, files);
    }

    @Test
    void everyMigrationAndSeedTravelsWithItsRoom() throws IOException {
        Path copy = TestServer.temporary("clone");
        for (String folder : List.of("migrations", "seeds", "scripts/avdaily/migrate", "scripts/avdaily/seed")) {
            Files.createDirectories(copy.resolve(folder).getParent());
            copy(PROJECT.resolve(folder), copy.resolve(folder));
        }
        assertEquals(
                List.of(),
                new TravelLists(copy).fix(),
                "the lists of what travels are not as the folders are; ./jbang avdaily-test --fix-lists writes them");
        write(copy.resolve("migrations/V99__new.sql"), "SELECT 1;\n");
        Files.delete(copy.resolve("seeds/base/roles.yaml"));
        assertEquals(2, new TravelLists(copy).fix().size());
        assertEquals(List.of(), new TravelLists(copy).fix());
        String migrate = Files.readString(copy.resolve("scripts/avdaily/migrate/package-info.java"));
        assertTrue(migrate.contains("//FILES migrations/V99__new.sql=../../../migrations/V99__new.sql\n"), migrate);
        String seed = Files.readString(copy.resolve("scripts/avdaily/seed/package-info.java"));
        assertFalse(seed.contains("seeds/base/roles.yaml"), seed);
    }

    /** JBang finds no source by itself, and resolves no pattern when a script runs from an address. */
    @Test
    void everySourceIsListedOnceAndWhereItBelongs() throws IOException {
        Map<Path, List<Path>> lists = new TreeMap<>();
        for (Path source : sources())
            for (String listed : directives(source, "SOURCES"))
                if (!source.startsWith(PROJECT.resolve("tests")))
                    lists.computeIfAbsent(source.resolveSibling(listed).normalize(), file -> new ArrayList<>())
                            .add(source);
        for (Path source : sources()) {
            if (source.startsWith(PROJECT.resolve("tests"))
                    || scripts().contains(source)
                    || source.endsWith("common.java")) continue;
            List<Path> by = lists.getOrDefault(source, List.of());
            if (source.endsWith("package-info.java")) {
                assertTrue(!by.isEmpty(), "nobody includes " + source);
                continue;
            }
            assertEquals(1, by.size(), source + " is listed in " + by);
            Path home = source.resolveSibling("package-info.java");
            assertEquals(
                    Files.exists(home)
                            ? home
                            : source.getParent()
                                    .resolveSibling(source.getParent().getFileName() + ".java"),
                    by.get(0));
        }
        for (Path listed : lists.keySet()) assertTrue(Files.exists(listed), listed + " is listed and not there");
    }

    /** JBang gives javac a source once for each way to it, and the system bounds the length of a command. */
    @Test
    void aRoomThatAnotherBringsIsNotListedBesideIt() throws IOException {
        for (Path source : sources()) {
            List<Path> rooms = inclusions(source);
            for (Path room : rooms)
                for (Path other : rooms)
                    assertFalse(!room.equals(other) && brings(other, room), source + ": " + other + " brings " + room);
        }
    }

    private static boolean brings(Path list, Path room) throws IOException {
        for (Path included : inclusions(list)) if (included.equals(room) || brings(included, room)) return true;
        return false;
    }

    private static List<Path> inclusions(Path source) throws IOException {
        return directives(source, "SOURCES").stream()
                .filter(listed -> listed.endsWith("package-info.java") || listed.equals("common.java"))
                .map(listed -> source.resolveSibling(listed).normalize())
                .toList();
    }

    @Test
    void everyScriptHasTheSameHeader() throws IOException {
        Set<String> java = new TreeSet<>(directives(PROJECT.resolve("tests/all.java"), "JAVA"));
        Set<String> options = new TreeSet<>();
        for (Path script : scripts()) {
            java.addAll(directives(script, "JAVA"));
            // what moves many bytes needs the second compiler for that alone, and large pages where Linux has them;
            // what ends soon needs no second thread
            options.add(String.join(" ", directives(script, "JAVA_OPTIONS"))
                    .replaceAll("-XX:.?(?:Tier|CICompilerCount|IgnoreUnrecognized|UseTransparent)\\S+ ", ""));
            List<String> lines = Files.readAllLines(script);
            assertTrue(lines.get(0).startsWith("///usr/bin/env jbang"), script + " cannot be started by itself");
            assertTrue(Files.isExecutable(script), script + " is not executable");
            assertTrue(lines.contains("//CDS"), script + " starts slowly without //CDS");
            assertEquals(1, directives(script, "MAIN").size(), script + " has no //MAIN, or several");
        }
        assertEquals(Set.of("17+"), java);
        assertEquals(1, options.size(), options.toString());
    }

    @Test
    void everyArtifactHasOneVersion() throws IOException {
        Map<String, Set<String>> versions = new TreeMap<>();
        for (Path source : sources())
            for (String artifact : directives(source, "DEPS")) {
                Matcher parts = Pattern.compile("(.+):([^:]+)").matcher(artifact);
                assertTrue(parts.matches(), artifact);
                versions.computeIfAbsent(parts.group(1), name -> new TreeSet<>())
                        .add(parts.group(2));
            }
        versions.forEach((artifact, all) -> assertEquals(1, all.size(), artifact + " " + all));
    }

    @Test
    void arrowsPointDown() throws IOException {
        Pattern named = Pattern.compile("(?m)^import (?:static )?avdaily\\.([a-z.]+)\\.[A-Z]");
        for (Path source : engines()) {
            String room = room(source);
            assertTrue(MAY_KNOW.containsKey(room), "the room " + room + " is not in the matrix");
            Matcher imports = named.matcher(Files.readString(source));
            while (imports.find())
                assertTrue(
                        room.equals(imports.group(1)) || MAY_KNOW.get(room).contains(imports.group(1)),
                        source + " must not know " + imports.group(1));
        }
    }

    private static String room(Path source) {
        return ROOMS.relativize(source.getParent())
                .toString()
                .replace(source.getFileSystem().getSeparator(), ".");
    }

    @Test
    void noCommandIncludesAnother() throws IOException {
        for (Path script : scripts()) {
            String own = script.getFileName().toString().replace(".java", "/");
            for (String listed : directives(script, "SOURCES"))
                assertTrue(
                        listed.equals("common.java") || listed.startsWith(own) || listed.endsWith("/package-info.java"),
                        script + " includes " + listed);
        }
    }

    /** What belongs to one room stays there. */
    @Test
    void librariesAndHabitsHaveTheirRoom() throws IOException {
        for (Path source : engines()) {
            String text = Files.readString(source);
            String room = room(source);
            refuse(source, text, "info\\.picocli|picocli\\.|System\\.exit", room.equals("console"));
            refuse(source, text, "import org\\.flywaydb", room.startsWith("migrate"));
            refuse(source, text, "System\\.(out|err)\\.|printStackTrace\\(\\)", source.endsWith("Out.java"));
            refuse(
                    source,
                    text,
                    "replace\\(\"\\\\\"\", \"\\\\\"\\\\\"\"\\)|replace\\(\"'\", \"''\"\\)",
                    room.equals("sql"));
            refuse(
                    source,
                    text,
                    "getMessage\\(\\)\\s*\\.(contains|startsWith|endsWith|matches)\\(",
                    source.endsWith("FlywayErrors.java"));
        }
    }

    /** Every session is handed out by one class, and leaves the empty search path in few places that say why. */
    @Test
    void sessionsBeginInOnePlace() throws IOException {
        for (Path source : engines()) {
            String text = Files.readString(source);
            String name = source.getFileName().toString();
            refuse(source, text, "DriverManager\\.getConnection|new PGSimpleDataSource", name.equals("Login.java"));
            refuse(source, text, "Login\\.open", name.equals("Database.java"));
            refuse(
                    source,
                    text,
                    "getCopyAPI",
                    Set.of("OpenCopy.java", "StatementExecutor.java", "LargeFile.java")
                            .contains(name));
            refuse(
                    source,
                    text,
                    "search_path (TO|= (?!''|pg_catalog))|set_config\\('search_path', (?!'')",
                    Set.of("SessionStart.java", "ForeignCode.java", "DryRun.java")
                            .contains(name));
            refuse(
                    source,
                    text,
                    "SessionStart\\.(enterProjectPath|allowViews)",
                    Set.of("Checker.java", "SnapshotConnection.java", "LoadingSession.java")
                            .contains(name));
        }
    }

    /** What Java says of a file is its path alone, or the name of a class: {@code Reason} has the words. */
    @Test
    void whatJavaSaysOfAFileIsPutIntoWords() throws IOException {
        for (Path source : sources())
            refuse(
                    source,
                    Files.readString(source),
                    "catch \\([^)]*IOException[^)]*\\) \\{[^}]*\\be\\.(getMessage|getClass|toString)\\(\\)",
                    false);
    }

    /** In the Turkish language, GZIP in small letters is another word. */
    @Test
    void lettersChangeTheirCaseInEveryLanguageAlike() throws IOException {
        for (Path source : sources()) refuse(source, Files.readString(source), "to(Lower|Upper)Case" + "\\(\\)", false);
    }

    private static void refuse(Path source, String text, String pattern, boolean isAllowed) {
        Matcher found = Pattern.compile(pattern).matcher(text);
        if (!isAllowed && found.find()) fail(source + " has '" + found.group() + "', which belongs elsewhere");
    }

    @Test
    void everyRoomSaysWhatItIs() throws IOException {
        for (String room : MAY_KNOW.keySet()) {
            String info = Files.readString(ROOMS.resolve(room.replace('.', '/')).resolve("package-info.java"));
            assertTrue(info.contains("/**") && info.endsWith("package avdaily." + room + ";\n"), room);
        }
        for (Path source : engines())
            for (String entry : directives(source, "FILES")) {
                Path file = source.resolveSibling(entry.replaceFirst(".*=", "")).normalize();
                assertTrue(Files.exists(file), source + " lists " + file);
            }
        try (Stream<Path> files = Files.walk(ROOMS)) {
            for (Path file : files.filter(file -> file.toString().matches(".*\\.(sql|yaml|sha256)"))
                    .toList())
                assertTrue(
                        directives(file.resolveSibling("package-info.java"), "FILES").stream()
                                .anyMatch(entry -> entry.endsWith("=" + file.getFileName())),
                        file + " does not travel with its room");
        }
    }

    /** Tables and addresses in Markdown cannot be wrapped; nor can the lines that JBang reads. */
    @Test
    void nothingIsWiderOrLongerThanAPage() throws IOException {
        List<String> wrong = new ArrayList<>();
        for (Path file : texts()) {
            List<String> lines = Files.readAllLines(file);
            boolean isJava = file.toString().endsWith(".java");
            for (int i = 0; i < lines.size(); i++) {
                String line = lines.get(i);
                boolean isExempt = isJava
                        ? line.matches("//[A-Z]+ .*")
                        : line.strip().startsWith("|") || line.matches(".*https?://.*");
                if (line.length() > COLUMNS && !isExempt) wrong.add(file + ":" + (i + 1) + " is wide");
            }
            if (!isJava || !file.startsWith(SCRIPTS)) continue;
            if (lines.size() > LINES_OF_A_FILE) wrong.add(file + " has " + lines.size() + " lines");
            wrong.addAll(longMethods(file, lines));
        }
        assertEquals(List.of(), wrong);
    }

    /** A method begins where a line opens a block that no keyword opens, and ends at the next brace of its column. */
    private static List<String> longMethods(Path file, List<String> lines) {
        Pattern head = Pattern.compile(
                "( {4,8})(?!(?:if|for|while|switch|catch|else|try|return|throw|new)\\b)\\w.*\\(.*\\)[^;=>]*\\{");
        List<String> found = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            Matcher m = head.matcher(lines.get(i));
            if (!m.matches() || lines.get(i).matches(".*\\b(class|record|interface|enum)\\b.*")) continue;
            String end = m.group(1) + "}";
            int last = i + 1;
            while (last < lines.size() && !lines.get(last).equals(end)) last++;
            if (last - i > LINES_OF_A_METHOD)
                found.add(file + ":" + (i + 1) + " is a method of " + (last - i) + " lines");
        }
        return found;
    }

    @Test
    void everyHelpListsTheExitCodes() {
        CommandHelp.all().forEach((command, help) -> {
            for (String code : List.of("0", "1", "2", "20", "21", "22", "23", "24", "130"))
                assertTrue(
                        help.lines().anyMatch(line -> line.strip().startsWith(code + " ")),
                        command + " does not explain exit code " + code + ":\n" + help);
        });
    }

    /** A test that is not listed twice is never run, and so never fails. */
    @Test
    void everyTestIsRun() throws IOException {
        Path tests = PROJECT.resolve("tests");
        Set<String> files = new TreeSet<>();
        for (Path source : sources())
            if (source.startsWith(tests)
                    && source.toString().endsWith("Test.java")
                    && !Files.readString(source).matches("(?s).*\n(public )?abstract class .*"))
                files.add(tests.relativize(source).toString());
        Path all = tests.resolve("all.java");
        assertEquals(
                files,
                directives(all, "SOURCES").stream()
                        .filter(files::contains)
                        .collect(Collectors.toCollection(TreeSet::new)),
                "//SOURCES of all.java");
        List<String> run = Pattern.compile("(\\w+Test)\\.class")
                .matcher(Files.readString(all))
                .results()
                .map(name -> name.group(1))
                .sorted()
                .toList();
        assertEquals(
                files.stream()
                        .map(file -> Path.of(file).getFileName().toString().replace(".java", ""))
                        .sorted()
                        .toList(),
                run,
                "TESTS of all.java");
    }

    @Test
    void aTestThatIsNotThereIsRefused() {
        all("CommonTest", "ComonTest").run().expect(2, "ComonTest", "CommonTest");
        all("CommonTest").run().expect(2, "in no clone");
        all("--fix-lists").run().expect(2, "in no clone");
        all("--help").run().expect(0).says("--fix-lists", "CommonTest");
    }

    private static Command all(String... words) {
        List<String> java = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "All");
        return new Command(Stream.concat(java.stream(), Stream.of(words)).toList());
    }

    private static List<Path> scripts() throws IOException {
        try (Stream<Path> files = Files.list(SCRIPTS)) {
            return files.filter(file -> file.toString().endsWith(".java") && !file.endsWith("common.java"))
                    .sorted()
                    .toList();
        }
    }

    /** Everything below the rooms: no command, no test. */
    private static List<Path> engines() throws IOException {
        return sources().stream().filter(source -> source.startsWith(ROOMS)).toList();
    }

    /** What people wrote: Java and Markdown. */
    private static List<Path> texts() throws IOException {
        List<Path> all = new ArrayList<>(sources());
        try (Stream<Path> top = Files.list(PROJECT);
                Stream<Path> docs = Files.walk(PROJECT.resolve("docs"));
                Stream<Path> scripts = Files.walk(SCRIPTS)) {
            Stream.of(top.filter(isA(".md")), docs.filter(isA(".md")), scripts.filter(isA(".sql")))
                    .flatMap(files -> files)
                    .forEach(all::add);
        }
        return all;
    }

    private static Predicate<Path> isA(String kind) {
        return file -> file.toString().endsWith(kind);
    }

    private static List<Path> sources() throws IOException {
        try (Stream<Path> scripts = Files.walk(SCRIPTS);
                Stream<Path> tests = Files.walk(PROJECT.resolve("tests"))) {
            return Stream.concat(scripts, tests)
                    .filter(isA(".java"))
                    .sorted()
                    .toList();
        }
    }

    private static List<String> directives(Path source, String name) throws IOException {
        return Files.readAllLines(source).stream()
                .filter(line -> line.startsWith("//" + name + " "))
                .map(line -> line.substring(name.length() + 3).strip())
                .toList();
    }
}
