package avdaily.sql;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A piece of an SQL file.
 *
 * @param line where its first word stands, from 1
 * @param text without the semicolon and the comments before it; of a command of psql's its line
 * @param rows the rows behind {@code COPY ... FROM stdin}; null for everything else
 */
public record ScriptStatement(Kind kind, int line, String text, Rows rows) {
    /**
     * What a COPY reads.
     *
     * @param line where the first row stands
     */
    public record Rows(int line, String text) {}

    /** What a piece is. */
    public enum Kind {
        SQL,
        /** One that feeds rows to the server. */
        COPY,
        /** A command that psql itself carries out, and a server does not know. */
        PSQL
    }

    private static final Pattern VARIABLE = Pattern.compile(":(?:\\w+|'\\w+'|\"\\w+\"|\\{\\?\\w+})");

    /** Its first words. */
    public List<Word> words(int most) {
        return Word.of(text, most);
    }

    /** The line on which it ends, without its rows. */
    public int lastLine() {
        return line + newlines(text.length());
    }

    /** The line that holds a character of the text, counted from 1 as the server counts; 0 is its first line. */
    public int lineOf(int position) {
        int characters = Math.min(Math.max(0, position - 1), text.codePointCount(0, text.length()));
        return line + newlines(text.offsetByCodePoints(0, characters));
    }

    /** The variable of psql's at a place, counted as the server counts, as in {@code :name} or {@code :'name'}. */
    public Optional<String> variableAt(int position) {
        if (position < 1 || position > text.codePointCount(0, text.length())) return Optional.empty();
        Matcher variable = VARIABLE.matcher(text).region(text.offsetByCodePoints(0, position - 1), text.length());
        return variable.lookingAt() ? Optional.of(variable.group()) : Optional.empty();
    }

    private int newlines(int before) {
        return (int) text.substring(0, before).chars().filter(c -> c == '\n').count();
    }
}
