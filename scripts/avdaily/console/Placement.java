package avdaily.console;

import avdaily.base.Failure;
import avdaily.base.Format;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * The words before a command's name, as in {@code avdaily-deploy --url B rollback}. The parser gives them to the script
 * itself, which does not run then. So an option of every command is moved behind the name, and any other word is
 * refused with the line as it must be.
 */
public final class Placement {
    private final CommandLine script;
    private final Class<?> common;
    private final List<String> words;

    private Placement(CommandLine script, Class<?> common, List<String> words) {
        this.script = script;
        this.common = common;
        this.words = words;
    }

    /**
     * The words in the order in which each of them counts; {@code help X} is {@code X --help}.
     *
     * @param common the class that holds the options of every command
     * @throws Failure (2) if a word stands before the command that it is not for
     */
    public static List<String> arrange(CommandLine script, Class<?> common, List<String> words) {
        Placement placement = new Placement(script, common, words);
        return !words.isEmpty() && words.get(0).equals("help") ? placement.help() : placement.behindTheName();
    }

    private List<String> help() {
        List<String> rest = words.subList(1, words.size());
        if (rest.isEmpty()) return List.of("--help");
        if (!isCommand(rest.get(0)) && !rest.get(0).startsWith("-"))
            throw Failure.usage(
                    script.getCommandName() + " has no command '" + rest.get(0) + "'",
                    "'" + script.getCommandName() + " help' lists what there is.");
        return Stream.concat(rest.stream(), Stream.of("--help")).toList();
    }

    private List<String> behindTheName() {
        int name = indexOfName();
        if (name < 0) return words;
        CommandSpec command = script.getSubcommands().get(words.get(name)).getCommandSpec();
        List<String> arranged = new ArrayList<>(List.of(words.get(name)));
        String misplaced = null;
        for (int i = 0; i < name; i++) {
            String word = words.get(i);
            OptionSpec option = option(command, word);
            boolean isForeign = option == null;
            if (isForeign) option = option(script.getCommandSpec(), word);
            boolean isArgument = !word.startsWith("-");
            // what neither knows is the parser's to refuse
            if (isArgument ? script.getCommandSpec().positionalParameters().isEmpty() : option == null) return words;
            if (!isArgument && isForeign) throw foreign(word, command);
            if (misplaced == null && (isArgument || !isOfEveryCommand(option))) misplaced = word;
            if (isArgument && !takesArgument(command)) arranged.add("--env");
            arranged.add(word);
            if (!isArgument && takesNext(option, word)) arranged.add(words.get(++i));
        }
        arranged.addAll(words.subList(name + 1, words.size()));
        if (misplaced != null) throw behind(misplaced, command, arranged);
        return arranged;
    }

    private int indexOfName() {
        for (int i = 0; i < words.size(); i++) {
            OptionSpec option = option(script.getCommandSpec(), words.get(i));
            if (option != null && takesNext(option, words.get(i))) i++;
            else if (isCommand(words.get(i))) return i;
        }
        return -1;
    }

    private boolean isCommand(String word) {
        return script.getSubcommands().containsKey(word);
    }

    private static OptionSpec option(CommandSpec command, String word) {
        return command.optionsMap().get(word.replaceFirst("(?s)=.*", ""));
    }

    private static boolean takesNext(OptionSpec option, String word) {
        return option.arity().max() > 0 && !word.contains("=");
    }

    private boolean isOfEveryCommand(OptionSpec option) {
        return option.usageHelp()
                || option.versionHelp()
                || option.userObject() instanceof Field field && field.getDeclaringClass() == common;
    }

    /** Whether the command takes the script's argument too; the environment is also an option. */
    private boolean takesArgument(CommandSpec command) {
        Class<?> type = script.getCommandSpec().positionalParameters().get(0).type();
        return command.positionalParameters().stream()
                .map(PositionalParamSpec::type)
                .anyMatch(type::equals);
    }

    private Failure behind(String word, CommandSpec command, List<String> arranged) {
        return Failure.usage(
                word + " stands before the command '" + command.name() + "', where it does not count",
                "put it behind " + command.name() + ": " + script.getCommandName() + " " + Format.words(arranged));
    }

    private Failure foreign(String word, CommandSpec command) {
        return Failure.usage(
                "the command '" + command.name() + "' has no " + word.replaceFirst("(?s)=.*", ""),
                "leave it out; '" + command.qualifiedName() + " --help' lists what there is.");
    }
}
