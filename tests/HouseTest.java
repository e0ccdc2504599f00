import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
        assertEquals(tree("migrations", 1), travelling("migrations/"));
        assertEquals(tree("seeds", 9), travelling("seeds/"));
    }

    private static Set<String> tree(String folder, int depth) throws IOException {
        try (Stream<Path> walk = Files.walk(PROJECT.resolve(folder), depth)) {
            return walk.filter(Files::isRegularFile)
                    .map(file -> PROJECT.relativize(file).toString())
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    private static Set<String> travelling(String folder) throws IOException {
        Set<String> names = new TreeSet<>();
        for (Path source : sources())
            for (String entry : directives(source, "FILES")) {
                String[] sides = entry.split("=");
                if (!sides[0].startsWith(folder)) continue;
                assertEquals(
                        PROJECT.resolve(sides[0]),
                        source.resolveSibling(sides[1]).normalize(),
                        "a file must travel under its own name");
                names.add(sides[0]);
            }
        return names;
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

    @Test
    void everyScriptHasTheSameHeader() throws IOException {
        Set<String> java = new TreeSet<>(directives(PROJECT.resolve("tests/all.java"), "JAVA"));
        Set<String> options = new TreeSet<>();
        for (Path script : scripts()) {
            java.addAll(directives(script, "JAVA"));
            // what moves many bytes needs the second compiler
            options.addAll(directives(script, "JAVA_OPTIONS").stream()
                    .map(line -> line.replace("-XX:TieredStopAtLevel=1 ", ""))
                    .toList());
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
                versions.computeIfAbsent(parts.group(1), name -> new TreeSet<>())
                        .add(parts.group(2));
            }
        versions.forEach((artifact, all) -> assertEquals(1, all.size(), artifact + " " + all));
    }

    @Test
    void onlyOutPrints() throws IOException {
        for (Path source : sources())
            if (source.startsWith(SCRIPTS) && !source.endsWith("Out.java"))
                for (String line : Files.readAllLines(source))
                    assertTrue(!line.matches(".*System\\.(out|err)\\.print.*"), source + ": " + line);
    }

    @Test
    void everyHelpListsTheExitCodes() {
        for (List<String> words : commands()) {
            Run run = command(
                            words.get(0),
                            Stream.concat(words.stream().skip(1), Stream.of("--help"))
                                    .toArray(String[]::new))
                    .run()
                    .expect(0);
            for (String code : List.of("0", "1", "2", "20", "21", "22", "23", "24", "130"))
                assertTrue(
                        run.out().lines().anyMatch(line -> line.strip().startsWith(code + " ")),
                        words + " does not explain exit code " + code + ":\n" + run.out());
            assertEquals("", run.err());
        }
    }

    /** Every command there is, found through the help of the scripts. */
    private static List<List<String>> commands() {
        List<List<String>> all = new ArrayList<>();
        for (String script : List.of("db", "migrate", "seed", "deploy", "monitor", "backup", "integrity")) {
            all.add(List.of(script));
            String help = command(script, "--help").run().out();
            int from = help.indexOf("Commands:\n");
            if (from < 0) continue;
            help.substring(from + 10, help.indexOf("\nExit codes:"))
                    .lines()
                    .map(line -> line.replaceFirst("^ {2}(\\S*).*", "$1"))
                    .filter(word -> !word.isBlank())
                    .forEach(word -> all.add(List.of(script, word)));
        }
        return all;
    }

    private static List<Path> scripts() throws IOException {
        try (Stream<Path> files = Files.list(SCRIPTS)) {
            return files.filter(file -> file.toString().endsWith(".java") && !file.endsWith("common.java"))
                    .sorted()
                    .toList();
        }
    }

    private static List<Path> sources() throws IOException {
        try (Stream<Path> scripts = Files.walk(SCRIPTS);
                Stream<Path> tests = Files.walk(PROJECT.resolve("tests"))) {
            return Stream.concat(scripts, tests)
                    .filter(file -> file.toString().endsWith(".java"))
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
