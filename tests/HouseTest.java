import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Keeps the house in order: what is listed is there, and what is there is listed. */
class HouseTest extends ScriptTest {
    private static final Path SCRIPTS = PROJECT.resolve("scripts");

    @Test
    void everyAliasHasItsFileAndEveryScriptItsAlias() throws IOException {
        JsonNode aliases = new ObjectMapper().readTree(PROJECT.resolve("jbang-catalog.json").toFile()).get("aliases");
        Set<String> files = new TreeSet<>();
        aliases.properties().forEach(alias -> {
            String file = alias.getValue().get("script-ref").asText();
            assertTrue(Files.exists(PROJECT.resolve(file)), file + " of " + alias.getKey() + " is not there");
            assertTrue(alias.getValue().hasNonNull("description"), alias.getKey() + " has no description");
            files.add(file);
        });
        Set<String> expected = scripts().stream().map(script -> "scripts/" + script.getFileName()).collect(Collectors.toCollection(TreeSet::new));
        expected.add("tests/all.java");
        assertEquals(expected, files);
    }

    @Test
    void everyMigrationAndSeedTravelsWithItsScript() throws IOException {
        assertEquals(tree("migrations", 1), listed("migrate/MigrationFiles.java", "migrations/"));
        assertEquals(tree("seeds", 9), listed("seed/SeedFiles.java", "seeds/"));
    }

    private static Set<String> tree(String folder, int depth) throws IOException {
        try (Stream<Path> walk = Files.walk(PROJECT.resolve(folder), depth)) {
            return walk.filter(Files::isRegularFile).map(file -> PROJECT.relativize(file).toString()).collect(Collectors.toCollection(TreeSet::new));
        }
    }

    private static Set<String> listed(String source, String folder) throws IOException {
        Set<String> names = new TreeSet<>();
        for (String entry : directives(SCRIPTS.resolve(source), "FILES")) {
            String[] sides = entry.split("=");
            assertEquals("../../" + sides[0], sides[1], "a file must travel under its own name");
            assertTrue(sides[0].startsWith(folder), entry);
            names.add(sides[0]);
        }
        return names;
    }

    @Test
    void everySourceIsListedWhereItBelongs() throws IOException {
        for (Path script : Stream.concat(scripts().stream(), Stream.of(SCRIPTS.resolve("common.java"))).toList()) {
            String name = script.getFileName().toString().replace(".java", "");
            Set<String> there = new TreeSet<>();
            if (Files.isDirectory(SCRIPTS.resolve(name)))
                try (Stream<Path> files = Files.list(SCRIPTS.resolve(name))) {
                    files.filter(file -> file.toString().endsWith(".java")).forEach(file -> there.add(name + "/" + file.getFileName()));
                }
            assertEquals(there, directives(script, "SOURCES").stream().filter(source -> source.startsWith(name + "/")).collect(Collectors.toCollection(TreeSet::new)));
        }
    }

    @Test
    void everyScriptHasTheSameHeader() throws IOException {
        Set<String> java = new TreeSet<>(directives(PROJECT.resolve("tests/all.java"), "JAVA"));
        Set<String> options = new TreeSet<>();
        for (Path script : scripts()) {
            java.addAll(directives(script, "JAVA"));
            // what moves many bytes needs the second compiler
            options.addAll(directives(script, "JAVA_OPTIONS").stream().map(line -> line.replace("-XX:TieredStopAtLevel=1 ", "")).toList());
            List<String> lines = Files.readAllLines(script);
            assertTrue(lines.get(0).startsWith("///usr/bin/env jbang"), script + " cannot be started by itself");
            assertTrue(lines.contains("//CDS"), script + " starts slowly without //CDS");
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
                versions.computeIfAbsent(parts.group(1), name -> new TreeSet<>()).add(parts.group(2));
            }
        versions.forEach((artifact, all) -> assertEquals(1, all.size(), artifact + " " + all));
    }

    @Test
    void onlyOutPrints() throws IOException {
        for (Path source : sources())
            if (source.startsWith(SCRIPTS) && !source.endsWith("common/Out.java"))
                for (String line : Files.readAllLines(source))
                    assertTrue(!line.matches(".*System\\.(out|err)\\.print.*"), source + ": " + line);
    }

    @Test
    void everyHelpListsTheExitCodes() {
        CommandHelp.all().forEach((command, help) -> {
            for (String code : List.of("0", "1", "2", "20", "21", "22", "23", "24", "130"))
                assertTrue(help.lines().anyMatch(line -> line.strip().startsWith(code + " ")), command + " does not explain exit code " + code + ":\n" + help);
        });
    }

    @Test
    void theReadmeNamesEveryAliasVariableAndExitCode() throws IOException {
        String readme = Files.readString(PROJECT.resolve("README.md"));
        new ObjectMapper().readTree(PROJECT.resolve("jbang-catalog.json").toFile()).get("aliases").fieldNames()
                .forEachRemaining(alias -> assertTrue(readme.contains(alias), alias));
        Pattern variable = Pattern.compile("(?:get|getenv|isOn|number|setting|of|needs\\w*)\\([^\"\\n]*\"((?:AVDAILY|DB|NODE|DATABASE|PG|TEST|TESTCONTAINERS)_?[A-Z_]+)\"");
        for (Path source : sources()) {
            if (source.startsWith(PROJECT.resolve("tests")) && !source.endsWith("TestServer.java") && !source.endsWith("Testdata.java")) continue;
            Matcher names = variable.matcher(Files.readString(source));
            while (names.find()) assertTrue(readme.contains("`" + names.group(1) + "`"), "the README does not explain " + names.group(1));
        }
        Exit.MEANINGS.keySet().forEach(code -> assertTrue(readme.contains("| " + code.strip() + " |"), "exit code " + code));
    }

    /** A test that is not listed twice is never run, and so never fails. */
    @Test
    void everyTestIsRun() throws IOException {
        Path tests = PROJECT.resolve("tests");
        Set<String> files = new TreeSet<>();
        for (Path source : sources())
            if (source.startsWith(tests) && source.toString().endsWith("Test.java") && !Files.readString(source).matches("(?s).*\n(public )?abstract class .*"))
                files.add(tests.relativize(source).toString());
        Path all = tests.resolve("all.java");
        assertEquals(files, directives(all, "SOURCES").stream().filter(files::contains).collect(Collectors.toCollection(TreeSet::new)), "//SOURCES of all.java");
        List<String> run = Pattern.compile("(\\w+Test)\\.class").matcher(Files.readString(all)).results().map(name -> name.group(1)).sorted().toList();
        assertEquals(files.stream().map(file -> Path.of(file).getFileName().toString().replace(".java", "")).sorted().toList(), run, "TESTS of all.java");
    }

    @Test
    void aTestThatIsNotThereIsRefused() {
        List<String> words = List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp", System.getProperty("java.class.path"), "All");
        new Command(Stream.concat(words.stream(), Stream.of("CommonTest", "ComonTest")).toList()).run().expect(2, "ComonTest", "CommonTest");
    }

    private static List<Path> scripts() throws IOException {
        try (Stream<Path> files = Files.list(SCRIPTS)) {
            return files.filter(file -> file.toString().endsWith(".java") && !file.endsWith("common.java")).sorted().toList();
        }
    }

    private static List<Path> sources() throws IOException {
        try (Stream<Path> scripts = Files.walk(SCRIPTS); Stream<Path> tests = Files.walk(PROJECT.resolve("tests"))) {
            return Stream.concat(scripts, tests).filter(file -> file.toString().endsWith(".java")).sorted().toList();
        }
    }

    private static List<String> directives(Path source, String name) throws IOException {
        return Files.readAllLines(source).stream().filter(line -> line.startsWith("//" + name + " ")).map(line -> line.substring(name.length() + 3).strip()).toList();
    }
}
