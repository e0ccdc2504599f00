import avdaily.base.Format;
import avdaily.base.Out;
import avdaily.base.Reason;
import avdaily.base.Secrets;
import avdaily.base.Settings;
import avdaily.console.Exit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;

/** How a command ended, for the page that GitHub shows of a job: a step's commands add to one file. */
final class StepSummary {
    static final String VARIABLE = "GITHUB_STEP_SUMMARY";

    private StepSummary() {}

    /** Adds it for 'up', and for the commands of whose end others are told too. */
    static void add(CommandLine line, int code, Out out, Settings settings) {
        Optional<String> file = settings.real(VARIABLE).filter(name -> !name.isBlank());
        ParseResult parsed = line.getParseResult();
        while (parsed != null && parsed.hasSubcommand()) parsed = parsed.subcommand();
        if (file.isEmpty() || parsed == null || !(parsed.commandSpec().userObject() instanceof Script script)) return;
        if (script.end().isEmpty() || script.job().isEmpty() && !script.spec.name().equals("up")) return;
        JobNotices.End end = script.end().get();
        String text = "**" + Format.markdown(script.spec.qualifiedName()) + "** "
                + (code == Exit.DONE ? "is done" : "ended with " + code) + ": " + plain(end.summary(), out)
                + (end.next() == null ? "" : ". Go on: " + plain(end.next(), out)) + "\n\n";
        try {
            Files.writeString(Path.of(file.get()), text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            out.note("Note: " + VARIABLE + " cannot be written: " + Reason.of(e));
        }
    }

    private static String plain(String text, Out out) {
        return Format.markdown(out.pasteable(Secrets.redact(text)));
    }
}
