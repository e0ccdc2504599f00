package avdaily.base;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A file of variables as shells and other tools write it: {@code NAME=value} a line, with or without {@code export},
 * quotes, comments and a byte order mark. {@code ${NAME}} and {@code ${NAME:-default}} are put in, but not between
 * single quotes. What cannot be read to its end is refused as a whole: half of it would be another configuration.
 */
final class EnvFile {
    private static final Pattern HEAD = Pattern.compile("(?:export[ \\t]+)?([A-Za-z_][\\w.-]*)[ \\t]*=[ \\t]*");
    private static final Pattern REFERENCE = Pattern.compile("\\\\\\$|\\$\\{([A-Za-z_]\\w*)(?::-([^}]*))?}");
    private static final Pattern ESCAPE = Pattern.compile("\\\\([\"\\\\n])");

    private final Path file;
    private final Map<String, Value> values = new LinkedHashMap<>();

    private record Value(String text, boolean isLiteral) {}

    private EnvFile(Path file) {
        this.file = file;
    }

    /** @throws Failure (2) naming file and line of what cannot be read, without its value: it may be a secret */
    static EnvFile read(Path file) {
        EnvFile result = new EnvFile(file);
        try {
            String text = text(file).replace("\r\n", "\n");
            for (int at = 0; at < text.length(); ) at = result.line(text, at);
            return result;
        } catch (IOException e) {
            throw Failure.usage(
                    file.toAbsolutePath().normalize() + " cannot be read as text (" + Reason.of(e) + ")",
                    "make it readable, and UTF-8.");
        }
    }

    /** A file's text without the byte order mark that some editors put before it. */
    static String text(Path file) throws IOException {
        ResourceFolder.refuseTooLarge(file);
        return Files.readString(file).replaceFirst("^\uFEFF", "");
    }

    Path file() {
        return file;
    }

    /**
     * The value, or null.
     *
     * @param known what a name stands for that the value refers to, or null
     */
    String get(String name, Function<String, String> known) {
        Value value = values.get(name);
        if (value == null || value.isLiteral) return value == null ? null : value.text;
        return REFERENCE.matcher(value.text).replaceAll(found -> {
            if (found.group(1) == null) return Matcher.quoteReplacement("$");
            String put = found.group(1).equals(name) ? null : known.apply(found.group(1));
            if (put == null) put = found.group(2);
            if (put == null)
                throw Failure.usage(
                        "${" + found.group(1) + "} is not set, and " + name + " in " + where() + " refers to it",
                        "set it, or write ${" + found.group(1) + ":-default}.");
            return Matcher.quoteReplacement(put);
        });
    }

    /**
     * Reads the line that begins at {@code start}, which a quoted value may continue; returns where the next begins.
     */
    private int line(String text, int start) {
        int end = end(text, start);
        String line = text.substring(start, end).strip();
        if (line.isEmpty() || line.startsWith("#")) return end + 1;
        Matcher head = HEAD.matcher(text).region(text.indexOf(line, start), end);
        if (!head.lookingAt()) throw bad(text, start, named(line) + " is no variable");
        String name = head.group(1);
        char quote = head.end() < end ? text.charAt(head.end()) : ' ';
        if (quote != '"' && quote != '\'') {
            String value = text.substring(head.end(), end).replaceFirst("(^|[ \\t]+)#.*", "");
            values.put(name, new Value(whole(text, start, name, value.strip()), false));
            return end + 1;
        }
        int close = close(text, head.end() + 1, quote);
        if (close < 0) throw bad(text, start, "the quote of " + name + " is not closed");
        int after = end(text, close);
        if (!text.substring(close + 1, after).matches("[ \\t]*(#.*)?"))
            throw bad(text, start, "the quote of " + name + " is closed in the midst of a line");
        String value = text.substring(head.end() + 1, close);
        boolean isLiteral = quote == '\'';
        values.put(name, new Value(isLiteral ? value : whole(text, start, name, unescaped(value)), isLiteral));
        return after + 1;
    }

    /** The value, unless a reference in it is not whole, or of a kind that is not known. */
    private String whole(String text, int start, String name, String value) {
        if (REFERENCE.matcher(value).replaceAll("").contains("${"))
            throw bad(
                    text,
                    start,
                    "a ${ in " + name + " is neither ${NAME} nor ${NAME:-default}; as text it stands in single quotes");
        return value;
    }

    /** What stands before an equals sign; a line without one may be part of a secret. */
    private static String named(String line) {
        return line.contains("=") ? "'" + line.replaceFirst("(?s)=.*", "=...") + "'" : "a line without '='";
    }

    private static int end(String text, int from) {
        int end = text.indexOf('\n', from);
        return end < 0 ? text.length() : end;
    }

    private static int close(String text, int from, char quote) {
        for (int i = from; i < text.length(); i++)
            if (quote == '"' && text.charAt(i) == '\\') i++;
            else if (text.charAt(i) == quote) return i;
        return -1;
    }

    /** A backslash before anything else is one. */
    private static String unescaped(String text) {
        return ESCAPE.matcher(text)
                .replaceAll(found -> found.group(1).equals("n") ? "\n" : Matcher.quoteReplacement(found.group(1)));
    }

    private Failure bad(String text, int at, String what) {
        long number = text.substring(0, at).lines().count() + 1;
        return Failure.usage(
                where() + " line " + number + " cannot be read: " + what,
                "write one NAME=value a line, with quotes that are closed; lines that start with # are comments.");
    }

    private String where() {
        return file.getFileName() + " in " + file.toAbsolutePath().normalize().getParent();
    }
}
