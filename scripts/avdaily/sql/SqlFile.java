package avdaily.sql;

import avdaily.base.Failure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads a plain SQL file the way psql reads it: statements, COPY blocks with their data, psql's own commands. Nothing
 * but the statement at hand and a buffer is in memory. The bytes are scanned undecoded: in every encoding that is let
 * in, the ASCII characters stand for themselves only.
 */
public final class SqlFile extends ByteScanner {
    /** What a file consists of. */
    public sealed interface Part permits Statement, Copy, Command {
        long line();
    }

    /** An SQL statement without its semicolon. */
    public record Statement(long line, String text) implements Part {
        public List<Word> words(int most) {
            return Word.of(text, most);
        }
    }

    /** A {@code COPY ... FROM stdin}; its rows have to be read before the next part. */
    public record Copy(long line, String text, Rows rows) implements Part {
        /** The table with its schema, as {@link DottedName} writes it, or alone where the file says no schema. */
        public String table() {
            return Word.name(Word.of(text, 4), 1);
        }

        public List<String> columns() {
            return CopyHeader.columns(text);
        }

        /** Whether it says nothing of how its rows are written. */
        public boolean isPlain() {
            return CopyHeader.of(text).options().isBlank();
        }

        /** The same with options, as in {@code FREEZE}; as it is where it has some already. */
        public Copy with(String options) {
            return isPlain() ? new Copy(line, text + " WITH (" + options + ")", rows) : this;
        }
    }

    /** A backslash command of psql, one that pg_dump writes. */
    public record Command(long line, String name, String argument) implements Part {}

    private static final int MOST_OF_COMMENT = 1000;
    private static final Set<String> COMMANDS = Set.of("connect", "restrict", "unrestrict");
    private static final Pattern ENCODING =
            Pattern.compile("(?is)SET\\s+client_encoding\\s*(?:=|TO)\\s*'?([^'\\s]+)'?");

    private final StandardStrings strings = new StandardStrings();
    private TextEncoding encoding = TextEncoding.UTF8;
    private String restrictedBy;
    private Rows open;
    private Consumer<String> comments = comment -> {};

    public SqlFile(InputStream in) throws IOException {
        super(in);
        fill();
        if (end >= 3 && (buffer[0] & 0xff) == 0xEF && (buffer[1] & 0xff) == 0xBB && (buffer[2] & 0xff) == 0xBF)
            at = 3; // a byte order mark
    }

    /** Lets {@code listener} have the text of every {@code --} comment between statements. */
    public SqlFile comments(Consumer<String> listener) {
        comments = listener;
        return this;
    }

    /** Counts the lines from this one on, where what is read is a piece of a longer file. */
    public SqlFile from(long first) {
        line = first;
        return this;
    }

    /** The line that is read next. */
    public long line() {
        return line;
    }

    /** How many bytes of SQL were read so far. */
    public long bytes() {
        return read - (end - at);
    }

    /**
     * The next part, or null at the end of the file.
     *
     * @throws Failure (24) where the file ends too early or holds what psql would understand and this cannot
     */
    public Part next() throws IOException {
        if (open != null) open.skip();
        size = 0;
        int c = skipToStart();
        if (c < 0) return null;
        if (c == '\\') return command();
        long start = line;
        body(c, start);
        String text = decode(held, size, start);
        Matcher m = ENCODING.matcher(text);
        if (m.matches()) encode(m.group(1), start);
        strings.follow(text, start);
        CopyHeader header = CopyHeader.of(text);
        return header != null ? copy(header, start) : new Statement(start, text);
    }

    /**
     * Makes sure that what was read so far was read as the server reads it.
     *
     * @param standard what the server now says of {@code standard_conforming_strings}
     * @throws Failure (24) if the file changed that in a way that does not show
     */
    public void verifyStrings(boolean standard) {
        strings.verify(standard, line);
    }

    /** Passes over blanks and comments; returns the first byte of what follows, or -1. */
    private int skipToStart() throws IOException {
        while (true) {
            int c = get();
            if (c == '-' && peek() == '-') comments.accept(lineComment());
            else if (c == '/' && peek() == '*') blockComment();
            else if (c == ';') continue; // an empty statement
            else if (c < 0 || c > ' ') return c;
        }
    }

    /** Its end is that of its line, as the server's parser sees lines; of a long one the beginning is returned. */
    private String lineComment() throws IOException {
        int from = size;
        for (int c = peek(); c >= 0 && c != '\n' && c != '\r'; c = peek()) {
            get();
            if (size - from < MOST_OF_COMMENT) hold(c);
        }
        String text = new String(held, from, size - from, StandardCharsets.UTF_8)
                .replaceFirst("^-\\s*", "")
                .stripTrailing();
        size = from;
        return text;
    }

    /** Stands on the slash that begins it; comments nest. */
    private void blockComment() throws IOException {
        long start = line;
        get();
        for (int depth = 1; depth > 0; ) {
            int c = must(start, "a comment");
            if (c == '*' && peek() == '/') {
                get();
                depth--;
            } else if (c == '/' && peek() == '*') {
                get();
                depth++;
            }
        }
    }

    /** Collects a statement up to the semicolon that ends it. */
    private void body(int first, long start) throws IOException {
        Nesting nesting = new Nesting();
        for (int c = first; ; c = must(start, "a statement")) {
            if (c == ';' && nesting.isEmpty()) return;
            if (isWordStart(c)) {
                int from = size;
                hold(c);
                while (isWordPart(peek())) hold(get());
                String word = size - from > 16
                        ? ""
                        : new String(held, from, size - from, StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT);
                if (STRINGS.contains(word) && peek() == '\'') {
                    hold(get());
                    string(word, start);
                } else nesting.word(word);
                continue;
            }
            if (c == '\\') throw damaged(line, "a backslash stands within a statement", null);
            if (c == '-' && peek() == '-') {
                lineComment();
                continue;
            }
            if (c == '/' && peek() == '*') {
                blockComment();
                hold(' '); // it parts words
                continue;
            }
            hold(c);
            switch (c) {
                case '(', ')' -> nesting.sign(c);
                case '\'' -> string("", start);
                case '"' -> quotedName(start);
                case '$' -> dollar(start);
                case 0 -> throw damaged(line, "a zero byte stands within a statement", null);
                default -> {
                    while (c >= '0' && c <= '9' && isWordPart(peek())) hold(get()); // 1e5 is no word
                }
            }
        }
    }

    /** @param prefix the letter before its quote, a small one */
    private void string(String prefix, long start) throws IOException {
        boolean backslashes = strings.haveBackslashes(prefix);
        while (true) {
            int c = must(start, "a string");
            hold(c);
            if (c == '\\' && backslashes) hold(must(start, "a string"));
            else if (c == '\'') {
                if (peek() != '\'') return;
                hold(get());
            }
        }
    }

    private void quotedName(long start) throws IOException {
        for (int c = must(start, "a quoted name"); ; c = must(start, "a quoted name")) {
            hold(c);
            if (c == '"') return; // a doubled quote closes and opens again
        }
    }

    /** After a dollar sign: a dollar-quoted string, or just a dollar sign. */
    private void dollar(long start) throws IOException {
        int from = size - 1;
        if (isDigit(peek())) return;
        while (isWordPart(peek()) && peek() != '$') hold(get());
        if (peek() != '$') return;
        hold(get());
        byte[] tag = Arrays.copyOfRange(held, from, size);
        int body = size;
        while (true) {
            int c = must(start, "a dollar-quoted string");
            hold(c);
            if (c == '$'
                    && size - tag.length >= body
                    && Arrays.equals(held, size - tag.length, size, tag, 0, tag.length)) return;
        }
    }

    private Command command() throws IOException {
        long start = line;
        while (peek() >= 0 && peek() != '\n') hold(get());
        String[] parts = decode(held, size, start).strip().split("\\s+", 2);
        String argument = parts.length > 1 ? parts[1] : "";
        if (!COMMANDS.contains(parts[0]))
            throw damaged(
                    start,
                    "it holds psql's command \\" + parts[0] + ", which a dump does not need and which is not run here",
                    null);
        if (restrictedBy != null && !(parts[0].equals("unrestrict") && argument.equals(restrictedBy)))
            throw damaged(start, "it holds \\" + parts[0] + " where \\restrict forbids it", null);
        restrictedBy = parts[0].equals("restrict") ? argument : null;
        return new Command(start, parts[0], argument);
    }

    private Copy copy(CopyHeader header, long start) throws IOException {
        if (!header.isTextFormat()) throw damaged(start, "its COPY is not in text format", null);
        if (!header.isOfOneTable())
            throw damaged(start, "its COPY is not the one of a dump: COPY table (columns) FROM stdin", null);
        for (int c = get(); c != '\n'; c = get()) {
            if (c < 0) throw truncated(start, "a COPY block");
            if (c > ' ') throw damaged(line, "something stands behind COPY on its line", null);
        }
        String text = encoding.equals(TextEncoding.UTF8) || !header.options().isBlank()
                ? header.text()
                : header.text() + " WITH (ENCODING '" + encoding.name() + "')";
        open = new Rows(start);
        return new Copy(start, text, open);
    }

    /** The rows of one COPY block. */
    public final class Rows {
        private final long start;
        private long count;
        private boolean atLineStart = true;
        private boolean done;

        private Rows(long start) {
            this.start = start;
        }

        public long count() {
            return count;
        }

        /** Whether all that was read so far is whole rows. */
        public boolean atLineStart() {
            return atLineStart;
        }

        /**
         * Reads whole rows to a place in {@code target}, as many as are at hand and fit there, or a part of one that
         * does not fit. Returns -1 behind the last row.
         */
        public int read(byte[] target, int place) throws IOException {
            while (!done) {
                if (end - at < 4) fill();
                if (at == end) throw truncated(start, "a COPY block");
                if (atLineStart && ends()) return -1;
                int stop = Math.min(end, at + target.length - place);
                int after = rowsUntil(stop);
                if (after == at && stop == end && fill()) continue;
                int n = (after == at ? stop : after) - at;
                System.arraycopy(buffer, at, target, place, n);
                at += n;
                atLineStart = buffer[at - 1] == '\n';
                return n;
            }
            return -1;
        }

        /**
         * Reads what is at hand, and fits, without looking for rows in it, where nothing but {@code tail}, from the end
         * mark on, follows them to the end of the file. Returns -1 before the tail.
         */
        public int readUnchecked(byte[] target, int place, byte[] tail) throws IOException {
            if (end - at <= tail.length) fill();
            int n = Math.min(target.length - place, end - at - tail.length);
            if (n > 0) {
                System.arraycopy(buffer, at, target, place, n);
                at += n;
                return n;
            }
            if (!Arrays.equals(buffer, at, end, tail, 0, tail.length)) throw truncated(start, "a COPY block");
            return -1;
        }

        /**
         * Counts the rows that end before {@code stop}, up to what may be the end mark; returns the place behind them.
         */
        private int rowsUntil(int stop) {
            int after = at;
            for (int i = at; i < stop; ) {
                if (buffer[i++] != '\n') continue;
                after = i;
                count++;
                line++;
                if (i + 1 >= end || buffer[i] == '\\' && buffer[i + 1] == '.') break;
            }
            return after;
        }

        /** At the start of a line: whether it is the end mark, which is then consumed. */
        private boolean ends() throws IOException {
            if (buffer[at] != '\\' || end - at < 2 || buffer[at + 1] != '.') return false;
            int after = at + 2;
            if (after < end && buffer[after] == '\r') after++;
            if (after < end && buffer[after] != '\n') return false;
            if (after == end) throw truncated(start, "a COPY block");
            at = after + 1;
            line++;
            done = true;
            open = null;
            return true;
        }

        private void skip() throws IOException {
            byte[] nowhere = new byte[BUFFER];
            while (read(nowhere, 0) >= 0) {
                // until the end mark
            }
        }
    }

    private void encode(String name, long start) {
        if (!TextEncoding.isScannable(name))
            throw damaged(
                    start,
                    "its encoding is " + TextEncoding.named(name) + ", which is not read here",
                    "dump it with --encoding=UTF8.");
        encoding = TextEncoding.of(name)
                .orElseThrow(() -> damaged(
                        start,
                        "its encoding is " + name + ", which is not known here",
                        "dump it with --encoding=UTF8."));
    }

    private String decode(byte[] bytes, int length, long start) {
        try {
            return encoding.decode(bytes, length).stripTrailing();
        } catch (CharacterCodingException e) {
            throw damaged(start, "a statement is not " + encoding.name() + " text", null);
        }
    }
}
