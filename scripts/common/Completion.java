import avdaily.base.Failure;
import avdaily.base.Out;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.AutoComplete;
import picocli.CommandLine;

/** {@code completion SHELL} prints what has a shell propose commands, options and their values. */
final class Completion {
    private static final List<String> SHELLS = List.of("bash", "zsh", "fish");

    /** The words of an option, as Java calls them. */
    private static final Pattern VALUES = Pattern.compile("(?<=_args=\\().*");

    private Completion() {}

    static boolean isAskedFor(List<String> words) {
        return !words.isEmpty() && words.get(0).equals("completion");
    }

    /**
     * @param script with all its commands
     * @param words of the command line
     */
    static void print(CommandLine script, List<String> words, Out out) {
        String name = script.getCommandName();
        String way = "'" + name + " completion bash'; docs/install.md says where it goes";
        if (words.size() != 2) throw Failure.usage("completion takes the name of one shell", "as in " + way + ".");
        String shell = words.get(1);
        if (!SHELLS.contains(shell))
            throw Failure.usage(
                    "there is no completion for " + shell, "there is one for " + String.join(", ", SHELLS) + ".");
        if (shell.equals("fish")) {
            out.reveal(FishCompletion.of(script));
            return;
        }
        // zsh reads bash's script, which turns that on by itself
        out.reveal(VALUES.matcher(AutoComplete.bash(name, script))
                .replaceAll(values -> Matcher.quoteReplacement(values.group().toLowerCase(Locale.ROOT))));
    }
}
