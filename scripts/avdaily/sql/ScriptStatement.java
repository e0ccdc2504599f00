package avdaily.sql;

import java.util.List;

/**
 * A piece of an SQL file.
 *
 * @param line where its first word stands, from 1
 * @param text without the semicolon and the comments before it; of a command of psql's its line
 * @param rows the rows behind {@code COPY ... FROM stdin}; null for everything else
 */
public record ScriptStatement(Kind kind, int line, String text, String rows) {
    /** What a piece is. */
    public enum Kind {
        SQL,
        /** One that feeds rows to the server. */
        COPY,
        /** A command that psql itself carries out, and a server does not know. */
        PSQL
    }

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

    private int newlines(int before) {
        return (int) text.substring(0, before).chars().filter(c -> c == '\n').count();
    }
}
