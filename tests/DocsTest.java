import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import avdaily.db.DatabaseUrl;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * The README and the pages of docs/ say what there is, nothing else, and their examples work.
 *
 * <p>A comment before a block says what becomes of it; docs/README.md lists the comments. Blocks of a page run in their
 * order, in one folder and on one database, each line as a process of its own that must end with the code that is said.
 */
class DocsTest extends ScriptTest {
    private static final int LONGEST_README = 150;
    private static final int WIDEST = 120;

    private static final Pattern OPTION = Pattern.compile("(?<![\\w-])--[a-z][a-z-]*");
    private static final Pattern CODE = Pattern.compile("`([^`]+)`");
    private static final Pattern LINK = Pattern.compile("]\\(([^)\\s]+)\\)");
    private static final Pattern ALIAS = Pattern.compile("(?<![\\w/-])avdaily-[a-z]+");
    private static final Pattern VARIABLE =
            Pattern.compile("(?:AVDAILY|DATABASE|BACKUP|DB|NODE|TEST|TESTCONTAINERS)_[A-Z_]+|PG[A-Z]+");
    private static final Pattern EXIT_CODE = Pattern.compile("\\| (\\d+) \\| (.*) \\|");
    private static final Pattern TEST_NAME = Pattern.compile("\\b[A-Z]\\w+Test\\b");
    private static final Pattern LOOKS_LIKE_SHELL =
            Pattern.compile("(?m)^\\s*([$>#%] )?(\\./|[.]\\\\|(sudo|psql|pg_\\w+|createdb|docker|git|curl|cd|export) |"
                    + "(jbang )?avdaily-)");
    private static final Pattern WORD = Pattern.compile("'[^']*'|\"[^\"]*\"|\\S+");
    /** What stands before the command in a line to run: variables, as shells take them. */
    private static final Pattern LINE = Pattern.compile("((?:[A-Z_]+=\\S+ )*)\\./jbang avdaily-(\\w+)(.*)");
    /** A command within any other text; its words end where the shell's own signs begin. */
    private static final Pattern COMMAND =
            Pattern.compile("jbang (avdaily-[a-z]+)(?:@\\S+)?((?:[ \\t]+(?:'[^']*'|\"[^\"]*\"|[^\\s'\"&|;()#]+))*)");

    private static final ManualPage README = ManualPage.read(PROJECT.resolve("README.md"));
    private static final List<ManualPage> PAGES = pages();
    private static final Map<String, String> SCRIPTS = scripts();
    private static final Map<String, CommandLine> COMMANDS = commands();

    private static List<ManualPage> pages() {
        try (Stream<Path> docs = Files.walk(PROJECT.resolve("docs"))) {
            Stream<ManualPage> pages = docs.filter(file -> file.toString().endsWith(".md"))
                    .sorted()
                    .map(ManualPage::read);
            return Stream.concat(Stream.of(README), pages).toList();
        } catch (IOException e) {
            return fail(e);
        }
    }

    private static ManualPage page(String name) {
        Path file = PROJECT.resolve("docs").resolve(name);
        return PAGES.stream().filter(page -> page.file().equals(file)).findFirst().orElseThrow();
    }

    /** The file of each alias. */
    private static Map<String, String> scripts() {
        Map<String, String> scripts = new TreeMap<>();
        try {
            JsonNode catalog = new ObjectMapper()
                    .readTree(PROJECT.resolve("jbang-catalog.json").toFile());
            catalog.get("aliases")
                    .properties()
                    .forEach(alias -> scripts.put(
                            alias.getKey(), alias.getValue().get("script-ref").asText()));
        } catch (IOException e) {
            fail(e);
        }
        return scripts;
    }

    /** The command line of each alias but that of the tests, as its script makes it. */
    private static Map<String, CommandLine> commands() {
        Map<String, CommandLine> commands = new TreeMap<>();
        SCRIPTS.forEach((alias, script) -> {
            if (alias.equals("avdaily-test")) return;
            String name = Path.of(script).getFileName().toString().replace(".java", "");
            String main = name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1);
            try {
                Constructor<?> constructor = Class.forName(main).getDeclaredConstructor();
                constructor.setAccessible(true);
                Object made = constructor.newInstance();
                CommandLine command = made instanceof Script some ? NamedCommands.all(some) : new CommandLine(made);
                commands.put(alias, command.setCaseInsensitiveEnumValuesAllowed(true));
            } catch (ReflectiveOperationException e) {
                fail(e);
            }
        });
        return commands;
    }

    /** The command and those below it, by their whole names. */
    private static Map<String, CommandLine> all(CommandLine command) {
        Map<String, CommandLine> all = new LinkedHashMap<>();
        if (!(command.getCommand() instanceof CommandList))
            all.put(command.getCommandSpec().qualifiedName(), command);
        command.getSubcommands().values().forEach(below -> all.putAll(all(below)));
        return all;
    }

    private static Map<String, CommandLine> all() {
        Map<String, CommandLine> all = new TreeMap<>();
        COMMANDS.values().forEach(command -> all.putAll(all(command)));
        return all;
    }

    private static Set<String> options(CommandLine command) {
        return command.getCommandSpec().options().stream()
                .map(OptionSpec::longestName)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** The options that every command has. */
    private static Set<String> common() {
        Set<String> common = new TreeSet<>(options(all().values().iterator().next()));
        all().values().forEach(command -> common.retainAll(options(command)));
        return common;
    }

    // -- what there is

    @Test
    void everyAliasHasItsRowInTheReadme() {
        for (String alias : SCRIPTS.keySet())
            assertTrue(README.lines().stream().anyMatch(line -> line.startsWith("| `" + alias + "` |")), alias);
        for (ManualPage page : PAGES)
            ALIAS.matcher(page.text())
                    .results()
                    .map(MatchResult::group)
                    .forEach(alias -> assertTrue(SCRIPTS.containsKey(alias), page.file() + " names " + alias));
    }

    @Test
    void everyCommandHasATableOfItsOptionsAndNoOthers() {
        Map<String, Set<String>> told = new TreeMap<>();
        for (ManualPage page : PAGES)
            for (String heading : page.prose())
                if (heading.startsWith("### avdaily-"))
                    for (String command : heading.substring(4).split(", "))
                        assertNull(told.put(command, firstCells(page.below(heading))), command + " has two tables");
        Set<String> common = common();
        Map<String, Set<String>> real = new TreeMap<>();
        all().forEach((name, command) -> {
            Set<String> own = options(command);
            own.removeAll(common);
            command.getCommandSpec().positionalParameters().stream()
                    .map(PositionalParamSpec::paramLabel)
                    .forEach(own::add);
            real.put(name, own);
        });
        assertEquals(real.keySet(), told.keySet());
        real.forEach((name, options) -> assertEquals(options, told.get(name), name));
        common.addAll(List.of("--help", "--version"));
        assertEquals(common, firstCells(page("concepts.md").below("## The options of every command")));
    }

    /** The long options and the parameters of a table of options. */
    private static Set<String> firstCells(List<String> lines) {
        Set<String> names = new TreeSet<>();
        for (String line : lines) {
            if (!line.startsWith("| `")) continue;
            String cell = line.substring(2, line.indexOf(" | "));
            List<String> options =
                    OPTION.matcher(cell).results().map(MatchResult::group).toList();
            names.addAll(options.isEmpty() ? List.of(cell.replace("`", "")) : options);
        }
        return names;
    }

    @Test
    void everyVariableIsExplainedAndNoOther() throws IOException {
        Set<String> read = new TreeSet<>();
        Pattern literal = Pattern.compile("\"(" + VARIABLE + ")\"");
        for (Path source : sources())
            literal.matcher(Files.readString(source)).results().forEach(name -> read.add(name.group(1)));
        read.remove("PG_VERSION"); // a file of the server's
        Set<String> told = new TreeSet<>();
        Pattern word = Pattern.compile("\\b(?:" + VARIABLE + ")\\b");
        for (ManualPage page : PAGES) word.matcher(page.text()).results().forEach(name -> told.add(name.group()));
        told.removeIf(name -> name.endsWith("_FILE") && read.contains(name.replaceFirst("_FILE$", "")));
        assertEquals(read, told);
        String table = String.join("\n", page("configuration.md").below("## Variables"));
        for (String name : read) assertTrue(table.contains("`" + name + "`"), "docs/configuration.md lacks " + name);
    }

    /** What reads variables: the scripts, and what starts the server and keeps the files of the tests. */
    private static List<Path> sources() throws IOException {
        try (Stream<Path> scripts = Files.walk(PROJECT.resolve("scripts"));
                Stream<Path> tests = Files.walk(PROJECT.resolve("tests"))) {
            Set<String> readers = Set.of("TestServer.java", "Testdata.java", "LongForm.java", "StudioBrowserTest.java");
            Stream<Path> server =
                    tests.filter(file -> readers.contains(file.getFileName().toString()));
            return Stream.concat(scripts, server)
                    .filter(file -> file.toString().endsWith(".java"))
                    .toList();
        }
    }

    @Test
    void theExitCodesAreThoseOfTheHelp() {
        Map<String, String> codes = new TreeMap<>();
        String help = command("deploy", "--help").run().expect(0).out();
        Pattern.compile("(?m)^ *(\\d+) +(.*(?:\\R {5,}\\D.*)*)$")
                .matcher(help.substring(help.indexOf("Exit codes:")))
                .results()
                .forEach(line -> codes.put(
                        line.group(1), line.group(2).replaceAll("\\s+", " ").strip()));
        assertEquals(10, codes.size(), help);
        assertEquals(unquoted(codes), unquoted(rows(README.below("## Exit codes"))));
        assertEquals(unquoted(codes), unquoted(rows(page("concepts.md").below("## Exit codes"))));
        for (ManualPage page : PAGES)
            if (!page.alias().isEmpty())
                for (String code :
                        rows(page.below("## Failures and exit codes")).keySet())
                    assertTrue(codes.containsKey(code), page.file() + " names the exit code " + code);
    }

    private static Map<String, String> rows(List<String> lines) {
        return lines.stream()
                .map(EXIT_CODE::matcher)
                .filter(Matcher::matches)
                .collect(Collectors.toMap(row -> row.group(1), row -> row.group(2), (a, b) -> a, TreeMap::new));
    }

    private static String unquoted(Map<String, String> codes) {
        return codes.toString().replace("`", "");
    }

    /** On a page that is about no command, a bare option may be another program's. */
    @Test
    void everyOptionInTheTextBelongsToItsCommand() {
        for (ManualPage page : PAGES)
            for (MatchResult code :
                    CODE.matcher(String.join("\n", page.prose())).results().toList()) {
                Matcher alias = ALIAS.matcher(code.group(1));
                String owner = alias.find() ? alias.group() : page.alias();
                if (!COMMANDS.containsKey(owner)) continue;
                Set<String> known = new TreeSet<>(Set.of("--help", "--version"));
                all(COMMANDS.get(owner)).values().forEach(command -> known.addAll(options(command)));
                for (MatchResult option :
                        OPTION.matcher(code.group(1)).results().toList())
                    assertTrue(
                            known.contains(option.group()),
                            page.file() + ": " + owner + " has no " + option.group());
            }
    }

    // -- the form

    @Test
    void theReadmeIsShortAndNoLineIsLong() {
        assertTrue(README.lines().size() <= LONGEST_README, README.lines().size() + " lines");
        for (ManualPage page : PAGES)
            for (int i = 0; i < page.lines().size(); i++) {
                String line = page.lines().get(i);
                boolean mayBeLong = line.startsWith("|") || line.contains("://");
                assertTrue(mayBeLong || line.length() <= WIDEST, page.at(i + 1) + " is long: " + line);
            }
    }

    @Test
    void everyLinkLeadsSomewhere() {
        List<String> broken = new ArrayList<>();
        for (ManualPage page : PAGES)
            LINK.matcher(String.join("\n", page.prose()))
                    .results()
                    .map(link -> link.group(1))
                    .filter(link -> !link.contains("://") && !leads(page, link))
                    .forEach(link -> broken.add(page.file().getFileName() + ": " + link));
        assertEquals(List.of(), broken);
    }

    private static boolean leads(ManualPage page, String link) {
        String[] parts = link.split("#", 2);
        Path file = parts[0].isEmpty()
                ? page.file()
                : page.file().resolveSibling(parts[0]).normalize();
        return Files.exists(file)
                && (parts.length == 1 || ManualPage.read(file).anchors().contains(parts[1]));
    }

    @Test
    void everyCommandInABlockExists() {
        int checked = 0;
        for (ManualPage page : PAGES)
            for (ManualPage.Block block : page.blocks()) {
                for (MatchResult command : COMMAND.matcher(block.text()).results().toList()) {
                    checked++;
                    if (!command.group(1).equals("avdaily-test"))
                        parses(page.at(block.line()), command.group(1), words(command.group(2)));
                }
            }
        assertTrue(checked > 50, "only " + checked + " commands found");
    }

    /**
     * Whatever its language, a block is run, is written into a file that is read, or has a reason; a reason that names
     * a test names one that exists. SQL and text are no shell; a synopsis is held to its command.
     */
    @Test
    void everyBlockIsRunOrSaysWhyNot() {
        Stream<ManualPage> others = Stream.of("CONTRIBUTING.md", "RELEASING.md", "SECURITY.md")
                .map(name -> ManualPage.read(PROJECT.resolve(name)));
        for (ManualPage page : Stream.concat(PAGES.stream(), others).toList()) {
            for (String line : page.prose())
                assertFalse(line.matches("\\s+```.*|\\s*~~~.*"), page.file() + " hides a block: " + line);
            page.blocks().forEach(block -> isAccountedFor(page.at(block.line()), block));
        }
    }

    private static void isAccountedFor(String where, ManualPage.Block block) {
        switch (block.language()) {
            case "sql" -> {}
            case "" -> theSynopsisIsTrue(where, block.text());
            case "text" -> assertFalse(LOOKS_LIKE_SHELL.matcher(block.text()).find(), where + " is shell");
            default -> assertTrue(block.isAccountedFor(), where + " is not run, no file, and gives no reason");
        }
        TEST_NAME
                .matcher(block.argument() == null ? "" : block.argument())
                .results()
                .map(test -> PROJECT.resolve("tests/" + test.group() + ".java"))
                .forEach(test -> assertTrue(Files.exists(test), where + ": there is no " + test));
    }

    /** Options follow their command, in its line or in lines that are set in. */
    private static void theSynopsisIsTrue(String where, String text) {
        CommandLine command = null;
        for (String line : text.lines().toList()) {
            if (!line.startsWith(" ")) {
                Iterator<String> words = List.of(line.replaceAll("[\\[\\]]", "").split(" ")).iterator();
                command = COMMANDS.get(words.next());
                assertNotNull(command, where + " is no synopsis: its language is text, or that of a shell");
                CommandLine below = words.hasNext() ? command.getSubcommands().get(words.next()) : null;
                if (below != null) command = below;
            }
            Set<String> known = options(command);
            for (MatchResult option : OPTION.matcher(line).results().toList())
                assertTrue(known.contains(option.group()), where + " has no " + option.group() + ": " + line);
        }
    }

    private static void parses(String where, String alias, List<String> words) {
        assertTrue(COMMANDS.containsKey(alias), where + ": there is no " + alias);
        if (words.equals(List.of("--version"))) return; // the script's main gives it that
        try {
            COMMANDS.get(alias)
                    .parseArgs(
                            words.stream().filter(word -> !word.startsWith("$")).toArray(String[]::new));
        } catch (CommandLine.ParameterException e) {
            fail(where + ": " + alias + " " + String.join(" ", words) + ": " + e.getMessage());
        }
    }

    private static List<String> words(String text) {
        return WORD.matcher(text)
                .results()
                .map(word -> word.group().replaceFirst("^(['\"])(.*)\\1$", "$2"))
                .toList();
    }

    // -- the examples

    /** One test a page that has something to run. */
    @TestFactory
    Stream<DynamicTest> theExamplesWork() {
        List<ManualPage> running = PAGES.stream()
                .filter(page -> page.blocks().stream().anyMatch(ManualPage.Block::runs))
                .toList();
        for (ManualPage page : PAGES)
            assertTrue(page.alias().isEmpty() || running.contains(page), page.file() + " has no example that runs");
        return running.stream()
                .map(page -> DynamicTest.dynamicTest("theExamplesWork " + page.file().getFileName(), () -> run(page)));
    }

    private static void run(ManualPage page) {
        Path folder = TestServer.temporary("docs");
        DatabaseUrl db = database(page);
        SteadyWriter writer = null;
        for (ManualPage.Block block : page.blocks()) {
            if ("file".equals(block.mark())) write(folder.resolve(block.argument()), block.text());
            if ("writer".equals(block.mark())) {
                if (writer != null) writer.end();
                writer = new SteadyWriter(db, block.text().split(";\n"));
            }
            if (!block.runs()) continue;
            String how = block.argument() == null ? "" : block.argument();
            if (how.contains("on a new database")) db = TestServer.newDatabase();
            int code = how.contains("ends with ") ? Integer.parseInt(how.replaceFirst(".*ends with ", "")) : 0;
            for (String line : block.text().lines().toList()) run(page.at(block.line()), line, db, folder, code);
        }
        if (writer != null) writer.end();
    }

    private static void run(String where, String line, DatabaseUrl db, Path folder, int code) {
        Matcher parts = LINE.matcher(line.replaceFirst("\\s+# .*", ""));
        assertTrue(parts.matches(), where + " cannot run: " + line);
        Command command = command(db, parts.group(2), words(parts.group(3)).toArray(String[]::new))
                .in(folder);
        Arrays.stream(parts.group(1).split(" "))
                .filter(set -> !set.isEmpty())
                .map(set -> set.split("=", 2))
                .forEach(set -> command.with(set[0], set[1]));
        Run run = command.run();
        assertEquals(code, run.code(), () -> where + ": " + line + "\n" + run.out() + run.err());
    }

    /** What a page's comment says that its blocks begin with. */
    private static DatabaseUrl database(ManualPage page) {
        String said = page.lines().stream()
                .map(ManualPage.MARK::matcher)
                .filter(mark -> mark.matches() && mark.group(1).equals("database"))
                .map(mark -> mark.group(2))
                .findFirst()
                .orElse("");
        return switch (said) {
            case "empty" -> TestServer.newDatabase();
            case "migrated" -> migrated();
            case "seeded" -> TestServer.newDatabase(Seeded.DATABASE);
            default -> fail(page.file() + " does not say which database its blocks begin with");
        };
    }

    /** A database with AV-Daily's schema and development data; each page gets a copy. */
    private static final class Seeded {
        static final String DATABASE;

        static {
            DatabaseUrl db = TestServer.newDatabase();
            command(db, "deploy", "development", "--seed", "--yes").run().expect(0);
            DATABASE = db.database();
        }
    }
}
