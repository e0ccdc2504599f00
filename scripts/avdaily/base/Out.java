package avdaily.base;

import java.io.ByteArrayOutputStream;
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
import java.util.concurrent.atomic.AtomicBoolean;
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

    /** What the run has printed with {@code --json}. */
    private enum Answers {
        NONE,
        DOCUMENT,
        LINES
    }

    private final OutputStream unredacted;
    private final PrintStream out;
    private final PrintStream err;
    private final boolean json;
    private final boolean verbose;
    private final boolean quiet;
    private final boolean colored;
    /** What Ctrl-C does while a progress bar has the terminal; null if the run has none. */
    private final Runnable interrupt;
    /** How a command is called where this run was started; a star stands for its name. */
    private String call = "avdaily-*";

    private Answers answers = Answers.NONE;
    /** Gets the documents if this is one of several outputs of a run; else null. */
    private PartOutput part;

    private final StatusLine status;
    private final Set<String> saidOnce = ConcurrentHashMap.newKeySet();

    /** The words of a command line that say how much is said, and in which form. */
    private record Manner(boolean json, boolean verbose, boolean quiet) {
        static Manner of(List<String> words) {
            return new Manner(words.contains("--json"), words.contains("--verbose"), words.contains("--quiet"));
        }
    }

    private Out(OutputStream out, OutputStream err, Manner manner, boolean colored, Runnable interrupt) {
        this.unredacted = out;
        this.out = Secrets.redacting(out);
        this.err = Secrets.redacting(err);
        this.status = new StatusLine(this.err);
        this.json = manner.json;
        this.verbose = manner.verbose;
        this.quiet = manner.quiet;
        this.colored = colored;
        this.interrupt = interrupt;
    }

    /**
     * Output that nobody watches, so that nothing is asked.
     *
     * @param words of the command line: {@code --json} makes the result one document in place of text, with
     *     {@code --verbose} {@link #detail} and {@link #trace} say something, with {@code --quiet} {@link #status} says
     *     nothing
     */
    public static Out to(OutputStream out, OutputStream err, List<String> words) {
        return new Out(out, err, Manner.of(words), false, null);
    }

    /**
     * The process's own streams.
     *
     * @param words as in {@link #to}; they are known before the command line is read, so that its errors obey too
     * @param colored whether what stands out is painted
     * @param interrupt what Ctrl-C does while a progress bar has the terminal
     */
    public static Out ofProcess(List<String> words, boolean colored, Runnable interrupt) {
        OutputStream out = new FileOutputStream(FileDescriptor.out);
        OutputStream err = new FileOutputStream(FileDescriptor.err);
        return new Out(out, err, Manner.of(words), colored, interrupt);
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

    /** The output of one of several works of this run, which go on at the same time. */
    public PartOutput part(String name) {
        ByteArrayOutputStream kept = new ByteArrayOutputStream();
        Out output = new Out(kept, PartOutput.lines(name, this::aside), new Manner(false, verbose, quiet), false, null);
        output.call = call;
        output.part = new PartOutput(output, kept);
        return output.part;
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

    /** A line of the result, with nothing in it that is more than text; nothing with {@code --json}. */
    public void print(String line) {
        if (!json) result(Visible.line(pasteable(line)));
    }

    private void result(String text) {
        status.wipe();
        out.println(text);
    }

    private void aside(String text) {
        status.wipe();
        err.println(text);
    }

    /** Several lines of the result, or a document in a form of its own; nothing with {@code --json}. */
    public void page(String text) {
        if (!json) result(Visible.lines(pasteable(text)));
    }

    /** A line that is a command to the system that runs the job, such as an annotation. */
    public void command(String line) {
        if (!json) result(Visible.controls(line));
    }

    /** The same beside the result, so that it is there with {@code --json} too. */
    public void commandAside(String line) {
        aside(Visible.controls(pasteable(line)));
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
        answers = Answers.DOCUMENT;
        if (part != null) part.take(document);
        if (json) result(Visible.lines(Json.page(document)));
    }

    /** One of many results, as a document on a line of its own; nothing without {@code --json}. */
    public void jsonLine(Object document) {
        answers = Answers.LINES;
        if (json) result(Visible.line(Json.text(document)));
    }

    /** The failure as the one document, unless the result was one; behind lines, as a line. */
    public void jsonOf(Failure failure, int exitCode) {
        switch (answers) {
            case NONE -> json(document(failure, exitCode));
            case LINES -> jsonLine(document(failure, exitCode));
            case DOCUMENT -> {}
        }
    }

    /** A remark on what is done, or a warning. */
    public void note(String text) {
        aside(Visible.line(pasteable(text)));
    }

    /** A word on what is going on, for the person who waits; nothing with {@code --quiet}. */
    public void status(String text) {
        if (!quiet) note(text);
    }

    /** The same on a terminal, on a line that is written anew each time. */
    public void renew(String text) {
        if (!quiet) status.show(Visible.line(pasteable(Secrets.redact(text))));
    }

    /** Wipes the line that is written anew. */
    public void endRenewed() {
        status.wipe();
    }

    public boolean isQuiet() {
        return quiet;
    }

    /** A warning that a run says once, however often there is a reason for it. */
    public void noteOnce(String text) {
        if (saidOnce.add(text)) note(text);
    }

    /** A word for the person who looks for a fault. */
    public void detail(String text) {
        if (verbose) aside(painted(FAINT, Visible.lines(pasteable(text))));
    }

    /** With {@code --verbose}, where it happened. */
    public void trace(Throwable e) {
        if (!verbose) return;
        StringWriter text = new StringWriter();
        e.printStackTrace(new PrintWriter(text));
        aside(Visible.lines(text.toString().stripTrailing()));
    }

    /** What happened, and how to go on. */
    public void advise(String program, String what, String next) {
        out.flush();
        aside(painted(BOLD_RED, program + ":") + " " + Visible.line(pasteable(what)));
        aside(painted(BOLD, "Go on:") + " " + Visible.line(pasteable(next)));
    }

    /** A text that the user asked to see as it is, even if there is a password in it: past the redaction. */
    public void reveal(String text) {
        new PrintStream(unredacted, true, StandardCharsets.UTF_8).println(text);
    }

    /** Columns as wide as their widest cell, on a terminal no wider than it is; a null cell is a dash. */
    public void table(List<String> header, List<List<String>> rows) {
        if (json) return;
        List<List<String>> all = new ArrayList<>(List.of(header));
        rows.forEach(row -> all.add(row.stream()
                .map(cell -> cell == null ? "-" : Visible.line(cell))
                .toList()));
        TextTable table = new TextTable(all);
        if (isInteractive() && !table.within(Screen.columns()).fits(Screen.columns())) {
            for (List<String> lines : table.records(Screen.columns())) {
                lines.forEach(this::result);
                result("");
            }
            return;
        }
        List<List<String>> lines = table.lines();
        lines.get(0).forEach(line -> result(painted(BOLD, line)));
        lines.stream().skip(1).flatMap(List::stream).forEach(this::result);
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
                .setUpdateIntervalMillis(200)
                .clearDisplayOnFinish();
        if (quiet || !isInteractive()) {
            bar.setConsumer(new Silent());
            return bar.build();
        }
        ProgressBar built = bar.build();
        // the library's terminal has Ctrl-C kill the process on the spot; what clears up at the end has to run
        Signals.register("INT", interrupt);
        return built;
    }

    /** What ends what {@link #onInterrupt} began. */
    public interface Ending extends AutoCloseable {
        @Override
        void close();
    }

    /** Until it is closed, Ctrl-C does this in place of ending the process; a second one ends it. */
    public Ending onInterrupt(Runnable once) {
        if (part != null) return part.onInterrupt(once);
        if (interrupt == null) return () -> {};
        AtomicBoolean isSecond = new AtomicBoolean();
        Object before = Signals.register("INT", () -> {
            if (isSecond.getAndSet(true)) interrupt.run();
            else once.run();
        });
        return () -> Signals.unregister("INT", before);
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
