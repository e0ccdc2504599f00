import avdaily.base.AtomicFile;
import avdaily.base.Failure;
import avdaily.base.Invocation;
import avdaily.base.Out;
import avdaily.base.Settings;
import avdaily.console.Exit;
import avdaily.db.Environment;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.format.DateTimeParseException;
import java.util.function.Function;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/** How the words of a command line are read, and what every command's help says. */
final class CommandParser {
    private CommandParser() {}

    static CommandLine of(CommandLine line, Out out, Settings settings) {
        line.setOut(new PrintWriter(out.standardOutput(), true))
                .setErr(new PrintWriter(out.standardError(), true))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExpandAtFiles(false) // an argument is not a file to be read
                .setUsageHelpAutoWidth(out.isInteractive())
                .registerConverter(Environment.class, CommandParser::environment)
                .registerConverter(LocalDate.class, word -> moment(word, LocalDate::parse, "2026-01-31"))
                .registerConverter(LocalTime.class, word -> moment(word, LocalTime::parse, "02:00"))
                .registerConverter(Path.class, word -> settings.path(path(word)))
                .registerConverter(String.class, CommandParser::text)
                .registerConverter(int.class, word -> number(word, Integer::valueOf))
                .registerConverter(Integer.class, word -> number(word, Integer::valueOf))
                .registerConverter(long.class, word -> number(word, Long::valueOf))
                .registerConverter(Long.class, word -> number(word, Long::valueOf))
                .setExecutionStrategy(CommandParser::execute)
                .setParameterExceptionHandler((e, a) -> Script.report(usage(e), e.getCommandLine(), out, settings))
                .setExecutionExceptionHandler((e, command, parsed) -> Script.report(e, command, out, settings));
        complete(line, out, settings);
        return line;
    }

    private static Environment environment(String word) {
        try {
            return Environment.parse(word);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(e.getMessage());
        }
    }

    /** A variable of the shell that is not set is an empty word, and means nothing that a user would want. */
    private static String text(String word) {
        if (word.isBlank()) throw new TypeConversionException("it is empty, as a variable is that is not set");
        return word;
    }

    /** Leaves help that is about to be printed where the launcher looks for it, if it has said where. */
    private static void keepHelp(CommandLine line) {
        String file = System.getProperty("avdaily.help");
        if (file == null) return;
        StringWriter text = new StringWriter();
        line.usage(new PrintWriter(text), line.getColorScheme());
        try {
            AtomicFile.write(Path.of(file), text.toString());
        } catch (IOException e) {
            // it is printed all the same, and made anew the next time
        }
    }

    /** A list of commas alone names nothing, and would count as the option left out: picocli drops what is empty. */
    private static int execute(CommandLine.ParseResult parsed) {
        parsed.asCommandLineList().stream()
                .filter(CommandLine::isUsageHelpRequested)
                .findFirst()
                .ifPresent(CommandParser::keepHelp);
        for (CommandLine line : parsed.asCommandLineList())
            for (OptionSpec option : line.getParseResult().matchedOptions())
                if (!option.splitRegex().isEmpty()
                        && option.originalStringValues().stream().anyMatch(word -> word.matches("[,\\s]*")))
                    throw new ParameterException(
                            line, "Invalid value for option '" + option.longestName() + "': it names nothing");
        return new CommandLine.RunLast().execute(parsed);
    }

    private static Path path(String word) {
        try {
            return Path.of(text(word));
        } catch (InvalidPathException e) {
            throw new TypeConversionException("'" + word + "' is no path: " + e.getReason());
        }
    }

    private static <T> T number(String word, Function<String, T> parse) {
        try {
            return parse.apply(word);
        } catch (NumberFormatException e) {
            throw new TypeConversionException("'" + word + "' is no whole number, or too great");
        }
    }

    private static <T> T moment(String word, Function<String, T> parse, String example) {
        try {
            return parse.apply(word);
        } catch (DateTimeParseException e) {
            throw new TypeConversionException("'" + word + "' is not written as " + example + " is");
        }
    }

    /**
     * Gives the command and those below it what all have: the run's output and variables, help with the exit codes, and
     * a version.
     */
    private static void complete(CommandLine line, Out out, Settings settings) {
        CommandSpec command = line.getCommandSpec();
        if (line.getCommand() instanceof Script script) script.attach(out, settings);
        command.usageMessage().exitCodeListHeading("%nExit codes:%n").exitCodeList(Exit.MEANINGS);
        if (!line.getSubcommands().isEmpty()) command.usageMessage().customSynopsis(synopsis(command));
        String version = Invocation.VERSION + " on Java " + System.getProperty("java.version");
        command.versionProvider(() -> new String[] {command.root().name() + " " + version});
        command.addOption(OptionSpec.builder("-h", "--help")
                .usageHelp(true)
                .description("Show this help.")
                .build());
        if (!command.optionsMap().containsKey("--version"))
            command.addOption(OptionSpec.builder("-V", "--version")
                    .versionHelp(true)
                    .description("Show the version.")
                    .build());
        line.getSubcommands().values().forEach(subcommand -> complete(subcommand, out, settings));
    }

    /** A script's options stand behind its own name, a command's behind the command's: the usage draws two lines. */
    private static String[] synopsis(CommandSpec script) {
        String ofCommands = script.name() + " COMMAND [OPTIONS]";
        if (script.userObject() instanceof CommandList) return new String[] {ofCommands};
        String arguments = script.positionalParameters().stream()
                .map(argument -> " [" + argument.paramLabel() + "]")
                .collect(Collectors.joining());
        return new String[] {script.name() + " [OPTIONS]" + arguments, "       " + ofCommands};
    }

    private static Failure usage(ParameterException e) {
        String command = e.getCommandLine().getCommandSpec().qualifiedName();
        boolean guess =
                e instanceof UnmatchedArgumentException u && !u.getSuggestions().isEmpty();
        String hint = guess
                ? "did you mean " + String.join(" or ", ((UnmatchedArgumentException) e).getSuggestions()) + "? "
                : "";
        String what = e.getMessage().replaceFirst("^Error: ", "");
        return Failure.usage(what, hint + "'" + command + " --help' lists what there is.");
    }
}
