import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * The completion for fish, which picocli does not make: a line for each command, option and argument, and the condition
 * under which it counts.
 */
final class FishCompletion {
    private static final String FILES = " -F";

    private final String name;
    private final List<String> lines = new ArrayList<>();

    private FishCompletion(String name) {
        this.name = name;
    }

    static String of(CommandLine script) {
        CommandSpec spec = script.getCommandSpec();
        FishCompletion fish = new FishCompletion(spec.name());
        fish.add("", "-f"); // a file only where one is meant
        String commands = String.join(" ", spec.subcommands().keySet());
        String ofScript = commands.isEmpty() ? "" : "not __fish_seen_subcommand_from " + commands;
        spec.subcommands().forEach((command, line) -> {
            String what = sentence(line.getCommandSpec().usageMessage().description());
            fish.add(ofScript, "-a " + command + " -d " + quoted(what));
        });
        fish.addAll(ofScript, spec);
        spec.subcommands()
                .forEach((command, line) ->
                        fish.addAll("__fish_seen_subcommand_from " + command, line.getCommandSpec()));
        return String.join("\n", fish.lines);
    }

    private void addAll(String condition, CommandSpec command) {
        for (OptionSpec option : command.options())
            add(condition, names(option) + values(option) + description(option));
        for (PositionalParamSpec argument : command.positionalParameters()) {
            String values = proposals(argument);
            if (!values.isEmpty()) add(condition, values + description(argument));
        }
    }

    private void add(String condition, String what) {
        String when = condition.isEmpty() ? "" : " -n " + quoted(condition);
        lines.add("complete -c " + name + when + " " + what.strip());
    }

    private static String names(OptionSpec option) {
        return Arrays.stream(option.names())
                .map(name -> name.startsWith("--") ? "-l " + name.substring(2) : "-s " + name.substring(1))
                .collect(Collectors.joining(" "));
    }

    private static String values(OptionSpec option) {
        if (option.arity().max() == 0) return "";
        String proposals = proposals(option);
        return (proposals.equals(FILES) ? " -r" : " -x") + proposals;
    }

    /** Nothing if any word may stand there. */
    private static String proposals(ArgSpec argument) {
        if (argument.completionCandidates() != null)
            return " -a "
                    + quoted(StreamSupport.stream(argument.completionCandidates().spliterator(), false)
                            .map(value -> value.toLowerCase(Locale.ROOT))
                            .collect(Collectors.joining(" ")));
        boolean isPath = Stream.of(argument.auxiliaryTypes()).anyMatch(Path.class::equals);
        return isPath || argument.paramLabel().equals("FILE") ? FILES : "";
    }

    private static String description(ArgSpec argument) {
        return " -d " + quoted(sentence(argument.description()));
    }

    /** The first sentence, which is what fits into a list. */
    private static String sentence(String... description) {
        return String.join(" ", description).replaceFirst("(?s)(\\.(?= )| \\(default).*", "").replaceFirst("\\.$", "");
    }

    private static String quoted(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }
}
