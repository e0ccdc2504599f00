package avdaily.base;

import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What must show nowhere. The whole process knows it: a secret stays one after the run that brought it. */
public final class Secrets {
    private static final Pattern URL_PASSWORD = Pattern.compile("(://[^\\s:/@'\"]*:)(?!password@)\\S*(?=@)");
    private static final Pattern NAMED_PASSWORD = Pattern.compile("(?i)(password\\s*=\\s*)[^\\s&'\"]+");
    private static final Set<String> KNOWN = ConcurrentHashMap.newKeySet();

    /**
     * From now on this text never shows. A plain word such as "postgres" is left to the patterns: it stands in names
     * and in JSON that must stay readable.
     */
    public static void add(String text) {
        if (text != null && text.length() > 2 && !text.matches("[a-z]+|[0-9]+")) KNOWN.add(text);
    }

    /** The text with three asterisks for each secret. */
    public static String redact(String text) {
        String clean = NAMED_PASSWORD
                .matcher(URL_PASSWORD.matcher(text).replaceAll("$1***"))
                .replaceAll("$1***");
        for (String secret : KNOWN) {
            String alone = "(?<![\\p{L}\\p{N}_])" + Pattern.quote(secret) + "(?![\\p{L}\\p{N}_])";
            clean = clean.replaceAll(alone, Matcher.quoteReplacement("***"));
        }
        return clean;
    }

    /** A stream that lets text out without secrets: whatever prints, prints through it. */
    static PrintStream redacting(OutputStream out) {
        return new PrintStream(new Redacting(out), true, StandardCharsets.UTF_8);
    }

    /** Holds text back until its line ends or somebody flushes: a secret may come in two pieces. */
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

    private Secrets() {}
}
