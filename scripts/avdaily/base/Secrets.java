package avdaily.base;

import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What must show nowhere. The whole process knows it: a secret stays one after the run that brought it. */
public final class Secrets {
    private static final Pattern URL_PASSWORD = Pattern.compile("(://[^\\s:/@'\"]*:)(?!password@)\\S*(?=@)");
    private static final Pattern NAMED_PASSWORD = Pattern.compile("(?i)(password\\s*=\\s*)[^\\s&'\"]+");
    /** As in SQL, and in the words by which libpq connects. */
    private static final Pattern QUOTED_PASSWORD =
            Pattern.compile("(?i)(password\\s*(?:=\\s*)?)'(?:[^']|'')*+'");
    /** A password as it stands in an address, to its end: it may hold quotes. */
    private static final Pattern IN_ADDRESS =
            Pattern.compile("(?i)(?:[?&][a-z_]*password=([^\\s&]+)|://[^\\s:/@]*:(\\S+)@)");

    /** As variables of secrets are called. */
    private static final Pattern NAME =
            Pattern.compile("(?i).*(PASS|PWD|SECRET|TOKEN|KEY|CREDENTIAL|AUTH|JWT|COOKIE|SESSION).*");

    private static final Set<String> KNOWN = ConcurrentHashMap.newKeySet();

    /**
     * From now on this text never shows. A plain word such as "postgres" is left to the patterns: it stands in names
     * and in JSON that must stay readable.
     */
    public static void add(String text) {
        if (text == null || text.length() < 3 || text.matches("[a-z]+|[0-9]+")) return;
        KNOWN.add(text);
        KNOWN.add(URLEncoder.encode(text, StandardCharsets.UTF_8));
        KNOWN.add(text.replace("'", "'\\''")); // quoted for a shell
        KNOWN.add(text.replaceAll("'", "$0$0")); // for SQL
        KNOWN.add(text.replace("\\", "\\\\").replace("\"", "\\\"")); // for JSON
    }

    /** From now on no password of this address shows, in whatever form the address is repeated. */
    public static void addFrom(String address) {
        Matcher password = IN_ADDRESS.matcher(address);
        while (password.find()) add(password.group(1) != null ? password.group(1) : password.group(2));
    }

    /** Whether a variable of that name holds a secret, as far as names tell. */
    public static boolean isName(String variable) {
        return NAME.matcher(variable).matches();
    }

    /** The text with three asterisks for each secret. */
    public static String redact(String text) {
        String clean = text; // what is known goes first: a pattern may end within it
        for (String secret : longestFirst()) {
            if (!clean.contains(secret)) continue;
            String alone = "(?<![\\p{L}\\p{N}_])" + Pattern.quote(secret) + "(?![\\p{L}\\p{N}_])";
            clean = clean.replaceAll(alone, Matcher.quoteReplacement("***"));
        }
        clean = URL_PASSWORD.matcher(clean).replaceAll("$1***");
        clean = QUOTED_PASSWORD.matcher(clean).replaceAll("$1'***'");
        return NAMED_PASSWORD.matcher(clean).replaceAll("$1***");
    }

    private static List<String> longestFirst() {
        return KNOWN.stream()
                .sorted(Comparator.comparing(String::length).reversed())
                .toList();
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
