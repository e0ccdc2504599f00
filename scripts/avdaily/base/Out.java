package avdaily.base;

import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarConsumer;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jline.utils.Signals;

/**
 * The one place for a run's output: results on standard output, everything else on standard error, secrets in neither.
 */
public final class Out {
    /** A command in a text: a script's name that words of its own follow. */
    private static final Pattern COMMAND =
            Pattern.compile("(?<![\\w./@-])avdaily-(backup|db|deploy|integrity|migrate|monitor|restore|seed|studio)"
                    + "(?= (?:--)?[\\w'/])");

    private static final String BOLD = "1";
    private static final String FAINT = "2";
    private static final String BOLD_RED = "1;31";

    private final OutputStream unredacted;
    private final PrintStream out;
    private final PrintStream err;
    private final boolean json;
    private final boolean verbose;
    private final boolean colored;
    /** What Ctrl-C does while a progress bar has the terminal; null if the run has none. */
    private final Runnable interrupt;
    /** How a command is called where this run was started; a star stands for its name. */
    private String call = "avdaily-*";

    private final Set<String> saidOnce = ConcurrentHashMap.newKeySet();

    private Out(
            OutputStream out, OutputStream err, boolean json, boolean verbose, boolean colored, Runnable interrupt) {
        this.unredacted = out;
        this.out = Secrets.redacting(out);
        this.err = Secrets.redacting(err);
        this.json = json;
        this.verbose = verbose;
        this.colored = colored;
        this.interrupt = interrupt;
    }

    /** Output that nobody watches, so that nothing is asked. */
    public static Out to(OutputStream out, OutputStream err, boolean json, boolean verbose) {
        return new Out(out, err, json, verbose, false, null);
    }

    /**
     * The process's own streams.
     *
     * @param json whether the result is one document in place of text
     * @param verbose whether {@link #detail} and {@link #trace} say anything
     * @param colored whether what stands out is painted
     * @param interrupt what Ctrl-C does while a progress bar has the terminal
     */
    public static Out ofProcess(boolean json, boolean verbose, boolean colored, Runnable interrupt) {
        OutputStream out = new FileOutputStream(FileDescriptor.out);
        OutputStream err = new FileOutputStream(FileDescriptor.err);
        return new Out(out, err, json, verbose, colored, interrupt);
    }

    /** What libraries print goes the same way. */
    public void becomeStandardStreams() {
        System.setOut(out);
        System.setErr(err);
    }

    public PrintStream standardOutput() {
        return out;
    }

    public PrintStream standardError() {
        return err;
    }

    /**
     * Has the commands in messages written as they can be pasted, as in {@code ./jbang avdaily-*} for those of a clone.
     */
    public void callCommands(String call) {
        this.call = call;
    }

    /** The text with its commands as they can be pasted. */
    public String pasteable(String text) {
        return COMMAND.matcher(text).replaceAll(name -> Matcher.quoteReplacement(call.replace("*", name.group(1))));
    }

    boolean isVerbose() {
        return verbose;
    }

    /** A line of the result, with nothing in it that is more than text; nothing with {@code --json}. */
    public void print(String line) {
        if (!json) out.println(Visible.line(pasteable(line)));
    }

    /** Several lines of the result, or a document in a form of its own; nothing with {@code --json}. */
    public void page(String text) {
        if (!json) out.println(Visible.lines(pasteable(text)));
    }

    /** A line that is a command to the system that runs the job, such as an annotation. */
    public void command(String line) {
        if (!json) out.println(Visible.controls(line));
    }

    /** The same beside the result, so that it is there with {@code --json} too. */
    public void commandAside(String line) {
        err.println(Visible.controls(pasteable(line)));
    }

    /** What {@code --json} says of a failure. */
    public Map<String, Object> document(Failure failure, int exitCode) {
        return Json.object(
                "error",
                pasteable(failure.getMessage()),
                "next",
                pasteable(failure.next),
                "exitCode",
                exitCode,
                "code",
                failure.kind.toString(),
                "file",
                failure.place().map(Place::file).orElse(null),
                "line",
                failure.place().map(Place::line).filter(line -> line > 0).orElse(null));
    }

    /** The result as one document; nothing without {@code --json}. */
    public void json(Object document) {
        if (json) out.println(Visible.lines(Json.page(document)));
    }

    /** One of many results, as a document on a line of its own; nothing without {@code --json}. */
    public void jsonLine(Object document) {
        if (json) out.println(Visible.line(Json.text(document)));
    }

    /** A word on what is going on, for the person who waits. */
    public void note(String text) {
        err.println(Visible.line(pasteable(text)));
    }

    /** A warning that a run says once, however often there is a reason for it. */
    public void noteOnce(String text) {
        if (saidOnce.add(text)) note(text);
    }

    /** A word for the person who looks for a fault. */
    public void detail(String text) {
        if (verbose) err.println(painted(FAINT, Visible.lines(pasteable(text))));
    }

    /** With {@code --verbose}, where it happened. */
    public void trace(Exception e) {
        if (!verbose) return;
        StringWriter text = new StringWriter();
        e.printStackTrace(new PrintWriter(text));
        err.print(Visible.lines(text.toString()));
    }

    /** What happened, and how to go on. */
    public void advise(String program, String what, String next) {
        out.flush();
        err.println(painted(BOLD_RED, program + ":") + " " + Visible.line(pasteable(what)));
        err.println(painted(BOLD, "Go on:") + " " + Visible.line(pasteable(next)));
    }

    /** A text that the user asked to see as it is, even if there is a password in it: past the redaction. */
    public void reveal(String text) {
        new PrintStream(unredacted, true, StandardCharsets.UTF_8).println(text);
    }

    /** Columns as wide as their widest cell; a null cell is a dash. */
    public void table(List<String> header, List<List<String>> rows) {
        List<List<String>> lines = new ArrayList<>(List.of(header));
        rows.forEach(row -> lines.add(row.stream()
                .map(cell -> cell == null ? "-" : Visible.line(cell))
                .toList()));
        int[] widths = new int[header.size()];
        for (List<String> line : lines)
            for (int i = 0; i < widths.length; i++)
                widths[i] = Math.max(widths[i], line.get(i).length());
        for (List<String> line : lines) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < widths.length; i++)
                text.append(line.get(i))
                        .append(" ".repeat(widths[i] - line.get(i).length() + 2));
            String whole = Visible.line(text.toString().stripTrailing());
            if (!json) out.println(line == lines.get(0) ? painted(BOLD, whole) : whole);
        }
    }

    private String painted(String code, String text) {
        return colored ? "\033[" + code + "m" + text + "\033[0m" : text;
    }

    /** A progress bar on a terminal, and a silent one elsewhere. */
    public ProgressBar progress(String task, long most, String unit, long unitSize) {
        ProgressBarBuilder bar = new ProgressBarBuilder()
                .setTaskName(Visible.line(task))
                .setInitialMax(most)
                .setUnit(unit, unitSize)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(200);
        if (!isInteractive()) {
            bar.setConsumer(new Silent());
            return bar.build();
        }
        ProgressBar built = bar.build();
        // the library's terminal has Ctrl-C kill the process on the spot; what clears up at the end has to run
        Signals.register("INT", interrupt);
        return built;
    }

    /** Whether a person sits at a terminal and can answer. */
    public boolean isInteractive() {
        Console console = interrupt == null ? null : System.console();
        if (console == null) return false;
        try { // from Java 22 on there is a console without a terminal too
            return (Boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (ReflectiveOperationException e) {
            return true;
        }
    }

    /** Asks a person; the end of input is an empty answer. */
    public String ask(String question) {
        out.flush();
        String answer = System.console().readLine("%s ", Visible.lines(Secrets.redact(question)));
        return answer == null ? "" : answer.strip();
    }

    private static final class Silent implements ProgressBarConsumer {
        @Override
        public int getMaxRenderedLength() {
            return 0;
        }

        @Override
        public void accept(String rendered) {}

        @Override
        public void close() {}
    }
}
