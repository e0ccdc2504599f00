import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.base.Failure;
import avdaily.base.Out;
import avdaily.base.Settings;
import avdaily.db.DatabaseUrl;
import avdaily.db.Environment;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * No word of a command line is dropped: wherever it stands it counts, or is refused with the place where it belongs.
 */
class PlacementTest extends ScriptTest {
    private static final String RECIPIENT = "age1em76rl8d09p7rwna0l6k2wtrr2fl065kl2znc9exvuyne8ez059sj029v9";

    private static List<String> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void aDryRunBeforeRollbackTakesNothingBack() {
        DatabaseUrl db = TestServer.newDatabase();
        run(db, "deploy", "development", "--yes").expect(0);
        String before = schema(db);
        run(db, "deploy", "--dry-run", "rollback", "--yes")
                .expect(2, "--dry-run", "put it behind rollback: avdaily-deploy rollback --dry-run --yes");
        run(db, "deploy", "testing", "rollback", "--yes").expect(2, "avdaily-deploy rollback testing --yes");
        run(db, "deploy", "testing", "history").expect(2, "avdaily-deploy history --env testing");
        run(db, "deploy", "testing", "plan", "-o", "p").expect(2, "avdaily-deploy plan testing -o p");
        run(db, "deploy", "--plan", "p.json", "rollback").expect(2, "avdaily-deploy rollback --plan p.json");
        run(db, "seed", "--dry-run", "generate", "--users", "5", "--yes").expect(2, "'generate' has no --dry-run");
        run(db, "seed", "--users", "5", "generate").expect(2, "avdaily-seed generate --users 5");
        assertEquals(before, schema(db));
    }

    @Test
    void theAddressBeforeACommandIsTheOneThatIsUsed() {
        DatabaseUrl a = TestServer.newDatabase();
        DatabaseUrl b = TestServer.newDatabase();
        for (DatabaseUrl db : List.of(a, b))
            run(db, "deploy", "development", "--yes").expect(0);
        String before = schema(a);
        run(a, "deploy", "--url", b.withPassword(), "rollback", "--yes")
                .expect(0)
                .says("Taken back: " + b.database());
        assertEquals(before, schema(a));
        assertFalse(schema(b).contains("wallets"), schema(b));
        run(a, "db", "--url=" + b.withPassword(), "url").expect(0).says(b.database());
        run(a, "migrate", "--json", "--url", b.withPassword(), "status").expect(0);
        run(a, "migrate", "--env", "production", "rollback", "--yes", "--env", "testing")
                .expect(2, "--env");
    }

    @Test
    void whatIsSaidOfBackupsCountsForTheirCommand() throws Exception {
        DatabaseUrl a = TestServer.newDatabase();
        DatabaseUrl b = TestServer.newDatabase();
        Path folder = TestServer.temporary("backups");
        Path other = TestServer.temporary("backups");
        backup(a, folder, "--encrypt-to", RECIPIENT, "create")
                .expect(2, "avdaily-backup create --encrypt-to " + RECIPIENT);
        backup(a, folder, "--url", b.withPassword(), "--dir", other.toString(), "create")
                .expect(2, "avdaily-backup create --url ", "--dir " + other);
        backup(a, folder, "--dir", other.toString(), "prune", "--keep-last", "1", "--yes")
                .expect(2, "avdaily-backup prune --dir " + other + " --keep-last 1 --yes");
        backup(a, folder, "--dir", "/nonexist", "list").expect(2, "avdaily-backup list --dir /nonexist");
        assertEquals(List.of(), files(folder));
        assertEquals(List.of(), files(other));
        backup(a, folder, "--url", b.withPassword(), "create").expect(0).says("Backed up " + b.database());
    }

    private static Run backup(DatabaseUrl db, Path folder, String... words) {
        return command(db, "backup", words)
                .with("BACKUP_DIR", folder.toString())
                .run();
    }

    @Test
    void aScriptAloneListsItsCommandsAndHelpExplainsThem() {
        Run alone = command("migrate").run().expect(2, "no command is named", "avdaily-migrate help status");
        for (String command : List.of("verify-undo", "repair"))
            assertTrue(alone.err().contains("  " + command));
        String help = command("migrate", "up", "--help").run().expect(0).out();
        assertEquals(help, command("migrate", "help", "up").run().expect(0).out());
        assertEquals(help, command("migrate", "--help", "up").run().expect(0).out());
        assertEquals(
                CommandHelp.all().get("deploy"),
                command("deploy", "help").run().expect(0).out());
        assertEquals(
                CommandHelp.all().get("monitor"),
                command("monitor", "help").run().expect(0).out());
        command("migrate", "help", "upp").run().expect(2, "no command 'upp'", "avdaily-migrate help");
    }

    /** Every option of every command, before its name and behind it, as the parser's own model lists them. */
    @Test
    void everyOptionCountsInBothPlacesOrIsRefused() {
        List<String> seen = new ArrayList<>();
        for (String script : scripts())
            for (String name : parser(script).getSubcommands().keySet())
                for (OptionSpec option : options(script, name)) {
                    seen.add(script + " " + name + " " + option.longestName());
                    countsOrIsRefused(script, name, option);
                }
        assertTrue(seen.contains("backup create --encrypt-to") && seen.contains("migrate baseline --version"));
        assertTrue(seen.size() > 200, seen.size() + " options");
    }

    /** What is wrong with a value is said in words, and not with the name of a class. */
    @Test
    void noValueIsAnsweredWithAClass() {
        List<String> refused = new ArrayList<>();
        for (String script : scripts())
            for (String name : parser(script).getSubcommands().keySet())
                for (OptionSpec option : options(script, name))
                    if (option.arity().max() > 0)
                        try {
                            parser(script).parseArgs(name, option.longestName(), "31.1.\u0000x");
                        } catch (CommandLine.ParameterException e) {
                            refused.add(name + " " + e.getMessage());
                        }
        assertTrue(refused.size() > 50, refused.toString());
        assertEquals(
                List.of(),
                refused.stream()
                        .filter(message -> message.contains("java.") || message.contains("Exception"))
                        .toList());
    }

    /** What the script itself knows, and the command does not, counts for neither. */
    @Test
    void everyOptionOfAScriptIsRefusedBeforeACommandThatLacksIt() {
        for (String script : scripts())
            for (Map.Entry<String, CommandLine> command :
                    parser(script).getSubcommands().entrySet())
                for (OptionSpec option : parser(script).getCommandSpec().options())
                    if (command.getValue().getCommandSpec().findOption(option.longestName()) == null)
                        refuses(
                                script,
                                Stream.concat(words(option), Stream.of(command.getKey()))
                                        .toList(),
                                option);
    }

    private static void countsOrIsRefused(String script, String name, OptionSpec option) {
        List<String> words = words(option).toList();
        List<String> rest = demanded(model(script, name), option).toList();
        List<String> behind =
                Stream.of(List.of(name), words, rest).flatMap(List::stream).toList();
        List<String> before =
                Stream.of(words, List.of(name), rest).flatMap(List::stream).toList();
        String value = value(script, name, option, behind);
        boolean isShared = option.userObject() == null
                || Stream.of(Script.class.getDeclaredFields()).anyMatch(option.userObject()::equals);
        if (isShared) assertEquals(value, value(script, name, option, before), before::toString);
        else assertTrue(refuses(script, before, option).next.contains(words.get(0)), before::toString);
    }

    private static Failure refuses(String script, List<String> words, OptionSpec option) {
        CommandLine parser = parser(script);
        Failure failure = assertThrows(Failure.class, () -> Script.arranged(parser, words), words::toString);
        assertEquals(Failure.Kind.USAGE, failure.kind);
        assertTrue(failure.getMessage().contains(words(option).findFirst().orElseThrow()), failure.getMessage());
        return failure;
    }

    /** What the command that runs would find in the option; and nothing is left to the script itself. */
    private static String value(String script, String name, OptionSpec option, List<String> words) {
        CommandLine parser = parser(script);
        CommandLine.ParseResult parsed = parser.parseArgs(Script.arranged(parser, words));
        assertTrue(parsed.matchedArgs().isEmpty(), words::toString);
        assertTrue(parsed.subcommand().hasMatchedOption(option.longestName()), words::toString);
        OptionSpec found = parsed.subcommand().commandSpec().findOption(option.longestName());
        return String.valueOf(found.<Object>getValue());
    }

    /** What the command demands besides, so that the parser gets as far as the option. */
    private static Stream<String> demanded(CommandSpec command, OptionSpec given) {
        Stream<ArgSpec> single = command.args().stream()
                .filter(argument -> argument.required() && argument.group() == null && !isSame(argument, given));
        Stream<ArgSpec> chosen = command.argGroups().stream()
                .filter(group -> group.args().stream().noneMatch(argument -> isSame(argument, given)))
                .map(group -> group.args().iterator().next());
        return Stream.concat(single, chosen)
                .flatMap(argument -> argument instanceof OptionSpec o ? words(o) : Stream.of(example(argument)));
    }

    private static boolean isSame(ArgSpec argument, OptionSpec given) {
        return argument instanceof OptionSpec option && option.longestName().equals(given.longestName());
    }

    private static Stream<String> words(OptionSpec option) {
        return option.arity().max() == 0
                ? Stream.of(option.longestName())
                : Stream.of(option.longestName(), example(option));
    }

    private static String example(ArgSpec argument) {
        Class<?> type = argument.typeInfo().isMultiValue() ? argument.auxiliaryTypes()[0] : argument.type();
        if (argument.typeInfo().isMap()) return "RULE=1";
        if (type == Environment.class) return "testing";
        if (type == LocalDate.class) return "2026-01-31";
        if (type == LocalTime.class) return "02:00";
        return type.isEnum()
                ? type.getEnumConstants()[0].toString()
                : type.isPrimitive() || Number.class.isAssignableFrom(type) ? "3" : "word";
    }

    private static CommandSpec model(String script, String name) {
        return parser(script).getSubcommands().get(name).getCommandSpec();
    }

    private static List<OptionSpec> options(String script, String name) {
        return model(script, name).options();
    }

    private static CommandLine parser(String script) {
        Out silent = Out.to(OutputStream.nullOutputStream(), OutputStream.nullOutputStream(), List.of());
        return Script.parser(script(script), silent, new Settings(Map.of(), Path.of("/")));
    }

    private static List<String> scripts() {
        List<String> scripts = CommandHelp.all().keySet().stream()
                .map(command -> command.replaceFirst(" .*", ""))
                .distinct()
                .collect(Collectors.toList());
        assertFalse(scripts.isEmpty());
        return scripts;
    }
}
