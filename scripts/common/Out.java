import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jline.utils.Signals;
import picocli.CommandLine.Help.Ansi;

/** The one place for output: results on standard output, everything else on standard error, secrets in neither. */
final class Out {
    private static final Pattern URL_PASSWORD = Pattern.compile("(://[^\\s:/@'\"]*:)(?!password@)\\S*(?=@)");
    private static final Pattern NAMED_PASSWORD = Pattern.compile("(?i)(password\\s*=\\s*)[^\\s&'\"]+");
    private static final Set<String> SECRETS = new LinkedHashSet<>();

    private static boolean json;
    private static boolean verbose;

    static void configure(boolean json, boolean verbose) {
        Out.json = json;
        Out.verbose = verbose;
    }

    static boolean verbose() {
        return verbose;
    }

    /** A line of the result; nothing with {@code --json}. */
    static void print(String text) {
        if (!json) System.out.println(text);
    }

    /** The result as one document; nothing without {@code --json}. */
    static void json(Object document) {
        if (json) System.out.println(Json.page(document));
    }

    /** A word on what is going on, for the person who waits. */
    static void note(String text) {
        System.err.println(text);
    }

    /** A word for the person who looks for a fault. */
    static void detail(String text) {
        if (verbose) System.err.println(Ansi.AUTO.string("@|faint " + text.replace("|@", "| @") + "|@"));
    }

    /** An error's two lines; with {@code --json} also a document. */
    static void failure(String program, Failure failure) {
        advise(program, failure.getMessage(), failure.next);
        json(object("error", failure.getMessage(), "next", failure.next, "exitCode", failure.code));
    }

    /** The two lines, and the exit code, of a command whose result stands already but holds findings. */
    static int findings(Script command, String what, String next) {
        advise(command.spec.root().name(), what, next);
        return Exit.FINDINGS;
    }

    /** The two lines, and the exit code, of a command that failed and has told the rest itself. */
    static int failed(Script command, Failure failure) {
        advise(command.spec.root().name(), failure.getMessage(), failure.next);
        return failure.code;
    }

    /** What happened, and how to go on. */
    private static void advise(String program, String what, String next) {
        System.out.flush();
        System.err.println(Ansi.AUTO.string("@|bold,red " + program + ":|@ ") + what);
        System.err.println(Ansi.AUTO.string("@|bold Go on:|@ ") + next);
    }

    /** A text that the user asked to see as it is, be there a password in it: past the redaction. */
    static void reveal(String text) {
        new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8).println(text);
    }

    /** An ordered JSON object from names and values in turn. */
    static Map<String, Object> object(Object... namesAndValues) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) map.put((String) namesAndValues[i], namesAndValues[i + 1]);
        return map;
    }

    /** Columns as wide as their widest cell; a null cell is a dash. */
    static void table(List<String> header, List<List<String>> rows) {
        List<List<String>> lines = new ArrayList<>(List.of(header));
        rows.forEach(row -> lines.add(row.stream().map(cell -> cell == null ? "-" : cell).toList()));
        int[] widths = new int[header.size()];
        for (List<String> line : lines)
            for (int i = 0; i < widths.length; i++) widths[i] = Math.max(widths[i], line.get(i).length());
        for (List<String> line : lines) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < widths.length; i++) text.append(line.get(i)).append(" ".repeat(widths[i] - line.get(i).length() + 2));
            print(line == lines.get(0) ? Ansi.AUTO.string("@|bold " + text.toString().stripTrailing() + "|@") : text.toString().stripTrailing());
        }
    }

    /** A progress bar on a terminal, and a silent one elsewhere. */
    static ProgressBar progress(String task, long most, String unit, long unitSize) {
        ProgressBarBuilder bar = new ProgressBarBuilder().setTaskName(task).setInitialMax(most).setUnit(unit, unitSize)
                .setStyle(ProgressBarStyle.ASCII).setUpdateIntervalMillis(200);
        if (!interactive()) {
            bar.setConsumer(new Silent());
            return bar.build();
        }
        ProgressBar built = bar.build();
        // the library's terminal has Ctrl-C kill the process on the spot; what clears up at the end has to run
        Signals.register("INT", () -> System.exit(Exit.INTERRUPTED));
        return built;
    }

    /** Whether a person sits at a terminal and can answer. */
    static boolean interactive() {
        Console console = System.console();
        if (console == null) return false;
        try { // from Java 22 on there is a console without a terminal too
            return (Boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (ReflectiveOperationException e) {
            return true;
        }
    }

    /** Asks a person; the end of input is an empty answer. */
    static String ask(String question) {
        System.out.flush();
        String answer = System.console().readLine("%s ", redact(question));
        return answer == null ? "" : answer.strip();
    }

    static String count(long n, String what) {
        return String.format(Locale.ROOT, "%,d %s%s", n, what, n == 1 ? "" : what.endsWith("x") ? "es" : "s");
    }

    /** For people: 512 bytes, 3.4 kB, 12 MB. */
    static String bytes(long n) {
        if (n < 1000) return count(n, "byte");
        double value = n;
        int unit = -1;
        for (; value >= 999.5; value /= 1000) unit++;
        return String.format(Locale.ROOT, value < 9.95 ? "%.1f %sB" : "%.0f %sB", value, "kMGTPE".charAt(unit));
    }

    /** For people: 12 ms, 3.4 s, 2 min 5 s. */
    static String duration(Duration d) {
        if (d.toMillis() < 1000) return d.toMillis() + " ms";
        if (d.toSeconds() < 60) return String.format(Locale.ROOT, "%.1f s", d.toMillis() / 1000.0);
        return d.toMinutes() + " min " + d.toSecondsPart() + " s";
    }

    /** A name as SQL wants it. */
    static String quoted(String identifier) {
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }

    /**
     * From now on this text never shows. A plain word such as "postgres" is left to the patterns: it stands in names and in
     * JSON that must stay readable.
     */
    static void secret(String text) {
        if (text != null && text.length() > 2 && !text.matches("[a-z]+|[0-9]+")) SECRETS.add(text);
    }

    static String redact(String text) {
        String clean = NAMED_PASSWORD.matcher(URL_PASSWORD.matcher(text).replaceAll("$1***")).replaceAll("$1***");
        for (String secret : SECRETS)
            clean = clean.replaceAll("(?<![\\p{L}\\p{N}_])" + Pattern.quote(secret) + "(?![\\p{L}\\p{N}_])", Matcher.quoteReplacement("***"));
        return clean;
    }

    /** Puts the redaction at the last door: whatever prints, prints through it. */
    static void redactStandardStreams() {
        System.setOut(redacting(FileDescriptor.out));
        System.setErr(redacting(FileDescriptor.err));
    }

    private static PrintStream redacting(FileDescriptor descriptor) {
        return new PrintStream(new Redacting(new FileOutputStream(descriptor)), true, StandardCharsets.UTF_8);
    }

    /** Holds text back until its line ends or somebody flushes, and lets it out without secrets. */
    private static final class Redacting extends FilterOutputStream {
        private final ByteArrayOutputStream held = new ByteArrayOutputStream();

        Redacting(OutputStream out) {
            super(out);
        }

        @Override
        public synchronized void write(int b) {
            held.write(b);
        }

        @Override
        public synchronized void write(byte[] bytes, int offset, int length) {
            held.write(bytes, offset, length);
        }

        @Override
        public synchronized void flush() throws IOException {
            if (held.size() == 0) return;
            out.write(redact(held.toString(StandardCharsets.UTF_8)).getBytes(StandardCharsets.UTF_8));
            held.reset();
            out.flush();
        }
    }

    private static final class Silent implements me.tongfei.progressbar.ProgressBarConsumer {
        @Override
        public int getMaxRenderedLength() {
            return 0;
        }

        @Override
        public void accept(String rendered) {}

        @Override
        public void close() {}
    }

    private Out() {}
}
