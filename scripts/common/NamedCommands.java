import java.util.List;
import java.util.function.Predicate;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Builds of a script's commands only those that the command line names, which saves a good part of the start. The
 * others stand there by their names. All are built if none is named, or if help may list them.
 */
final class NamedCommands {
    private static final List<String> HELP = List.of("help", "--help", "-h");

    private NamedCommands() {}

    /** The script with all its commands. */
    static CommandLine all(Script script) {
        return line(script, command -> true);
    }

    /** The script with what is needed to run these words. */
    static CommandLine of(Script script, List<String> words) {
        boolean mayList = words.stream().anyMatch(HELP::contains)
                || script.commands().stream().map(NamedCommands::name).noneMatch(words::contains);
        return mayList ? all(script) : line(script, command -> words.contains(name(command)));
    }

    /** Whether the words name work to do, for which something may be read beforehand: not if they ask for help. */
    static boolean areWork(String... words) {
        return words.length > 0 && List.of(words).stream().noneMatch(HELP::contains);
    }

    private static CommandLine line(Script script, Predicate<Class<? extends Script>> isNeeded) {
        CommandLine line = new CommandLine(script);
        for (Class<? extends Script> command : script.commands())
            line.addSubcommand(name(command), isNeeded.test(command) ? command : CommandSpec.create());
        return line;
    }

    private static String name(Class<?> command) {
        return command.getAnnotation(Command.class).name();
    }
}
