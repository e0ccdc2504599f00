package avdaily.sql;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Cuts the text of an SQL file into statements just where psql cuts it. It knows nothing of the grammar: a semicolon
 * ends a statement unless it stands in a string, a name, a comment, in parentheses or in the body of a routine. The
 * rows of a COPY stand on the lines below it, also if more stands behind it on its own line.
 */
public final class ScriptReader {
    private static final String BLANKS = " \t\n\r\f\u000B";
    private static final Set<String> END_OF_ROWS = Set.of("\\.", "\\.\n", "\\.\r\n", "\\.\r");

    private final String text;
    private final List<ScriptStatement> statements = new ArrayList<>();
    private int at;
    private int line = 1;
    /** Whether the text ends within a comment. */
    private boolean isCommentOpen;

    /** The rows of a COPY between two lines: they are read already. */
    private int skipFrom = -1;

    private int skipTo;
    private final StandardStrings strings = new StandardStrings();
    /** The statement at hand, as far as it is read. */
    private StringBuilder held = new StringBuilder();

    private Nesting nesting = new Nesting();

    private ScriptReader(String text) {
        this.text = text;
    }

    public static List<ScriptStatement> read(String text) {
        ScriptReader reader = new ScriptReader(text);
        reader.readAll();
        return reader.statements;
    }

    private void readAll() {
        if (text.startsWith("\uFEFF")) at = 1; // a byte order mark
        while (at < text.length()) {
            int start = line;
            int from = at;
            if (skipBlank()) continue;
            if (skipComment()) {
                if (isCommentOpen) // the server refuses it, as it refuses what psql sends
                    statements.add(
                            new ScriptStatement(ScriptStatement.Kind.SQL, start, text.substring(from), null));
                continue;
            }
            char c = text.charAt(at);
            if (c == '\\') command();
            else if (c == ';') take();
            else statement();
        }
    }

    private char take() {
        char c = text.charAt(at++);
        held.append(c);
        if (c != '\n') return c;
        line++;
        if (at == skipFrom) {
            line += newlines(skipFrom, skipTo);
            at = skipTo;
            skipFrom = -1;
        }
        return c;
    }

    private boolean isAt(String what) {
        return text.startsWith(what, at);
    }

    private boolean skipBlank() {
        boolean isBlank = BLANKS.indexOf(text.charAt(at)) >= 0;
        if (isBlank) take();
        return isBlank;
    }

    private boolean skipComment() {
        if (isAt("--")) {
            while (at < text.length() && text.charAt(at) != '\n' && text.charAt(at) != '\r') take();
            return true;
        }
        if (!isAt("/*")) return false;
        for (int depth = 0; at < text.length(); ) {
            if (isAt("/*")) depth++;
            else if (isAt("*/")) depth--;
            else {
                take();
                continue;
            }
            take();
            take();
            if (depth == 0) return true;
        }
        isCommentOpen = true;
        return true;
    }

    /** It ends with its line. */
    private void command() {
        int start = line;
        int from = held.length();
        while (at < text.length() && text.charAt(at) != '\n') take();
        String command = held.substring(from).strip();
        held.setLength(from);
        statements.add(new ScriptStatement(ScriptStatement.Kind.PSQL, start, command, null));
    }

    private void statement() {
        int start = line;
        held = new StringBuilder();
        nesting = new Nesting();
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == ';' && nesting.isEmpty()) break;
            if (c == '\\') command();
            else if (!skipComment()) token();
        }
        String statement = held.toString().stripTrailing();
        if (at < text.length()) take();
        add(start, statement);
    }

    private void add(int start, String statement) {
        strings.obey(statement);
        boolean isCopy = isCopy(statement, "from", "stdin");
        statements.add(new ScriptStatement(
                isCopy ? ScriptStatement.Kind.COPY : ScriptStatement.Kind.SQL,
                start,
                statement,
                isCopy ? rows() : null));
    }

    /** Whether it is a COPY between a table or query and this stream of the client's: from stdin, or to stdout. */
    public static boolean isCopy(String statement, String direction, String stream) {
        if (!statement.regionMatches(true, 0, "copy", 0, 4)) return false;
        List<Word> all = Word.of(statement, Integer.MAX_VALUE);
        int depth = 0;
        for (int i = 1; i + 1 < all.size(); i++) {
            if (all.get(i).is("(")) depth++;
            else if (all.get(i).is(")")) depth--;
            else if (depth == 0 && all.get(i).is(direction)) return all.get(i + 1).is(stream);
        }
        return false;
    }

    /** The lines below up to the end mark, or to the end of the file. */
    private ScriptStatement.Rows rows() {
        int below = text.indexOf('\n', at) + 1;
        if (skipFrom < 0) {
            skipFrom = below == 0 ? text.length() : below;
            skipTo = skipFrom;
        }
        int from = skipTo;
        int first = line + newlines(at, from);
        while (skipTo < text.length()) {
            int begin = skipTo;
            int end = text.indexOf('\n', begin);
            skipTo = end < 0 ? text.length() : end + 1;
            String row = text.substring(begin, Math.min(skipTo, begin + 5));
            if (END_OF_ROWS.contains(row)) return new ScriptStatement.Rows(first, text.substring(from, begin));
        }
        return new ScriptStatement.Rows(first, text.substring(from, skipTo));
    }

    private int newlines(int from, int to) {
        return (int) text.substring(from, to).chars().filter(c -> c == '\n').count();
    }

    private void token() {
        char c = take();
        if (ByteScanner.isWordStart(c)) word();
        else if (ByteScanner.isDigit(c)) number();
        else
            switch (c) {
                case '(', ')' -> nesting.sign(c);
                case '\'' -> string("");
                case '"' -> quotedName();
                case '$' -> dollar();
                default -> {
                    // nothing that hides a semicolon
                }
            }
    }

    private void word() {
        int from = at - 1;
        while (at < text.length() && ByteScanner.isWordPart(text.charAt(at))) take();
        String word = text.substring(from, at).toLowerCase(Locale.ROOT);
        boolean isUnicode = word.equals("u") && (isAt("&'") || isAt("&\""));
        if (isUnicode) take();
        if (!isUnicode && !(isAt("'") && ByteScanner.STRINGS.contains(word))) nesting.word(word);
        else if (take() == '\'') string(word);
        else quotedName();
    }

    /** What begins right behind it with a letter belongs to it, and so does the sign of an exponent. */
    private void number() {
        while (at < text.length() && "0123456789._".indexOf(text.charAt(at)) >= 0) take();
        boolean isExponent = isAt("e-") || isAt("e+") || isAt("E-") || isAt("E+");
        if (isExponent) take();
        if (isExponent) take();
        else if (at < text.length() && ByteScanner.isWordStart(text.charAt(at)))
            while (at < text.length() && ByteScanner.isWordPart(text.charAt(at))) take();
    }

    /** @param prefix the letter before its quote, a small one */
    private void string(String prefix) {
        boolean backslashes = strings.haveBackslashes(prefix);
        while (at < text.length()) {
            char c = take();
            if (c == '\\' && backslashes && at < text.length()) take();
            else if (c == '\'') {
                if (!isAt("'")) return;
                take();
            }
        }
    }

    /** A doubled quote closes it and opens it again. */
    private void quotedName() {
        while (at < text.length() && take() != '"') {
            // to its end
        }
    }

    /** After a dollar sign: a string in dollar quotes, a parameter, or just the sign. */
    private void dollar() {
        int end = at;
        if (end < text.length() && ByteScanner.isWordStart(text.charAt(end)))
            while (end < text.length() && ByteScanner.isWordPart(text.charAt(end)) && text.charAt(end) != '$') end++;
        if (end >= text.length() || text.charAt(end) != '$') {
            if (at < text.length() && ByteScanner.isDigit(text.charAt(at))) number(); // as in $1
            return;
        }
        String tag = text.substring(at - 1, end + 1);
        while (at <= end) take();
        while (at < text.length() && !isAt(tag)) take();
        for (int i = 0; i < tag.length() && at < text.length(); i++) take();
    }
}
