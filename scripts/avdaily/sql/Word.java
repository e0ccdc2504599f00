package avdaily.sql;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A word, quoted name, string or sign of a statement. */
public record Word(String text, char kind) {
    public static final char NAME = 'n';
    public static final char QUOTED = 'q';
    public static final char STRING = 's';
    public static final char SIGN = '.';
    private static final Pattern NEXT = Pattern.compile(
            "\\s+|--[^\\r\\n]*|(?<c>/\\*)"
                    + "|(?<q>\"(?:[^\"]|\"\")*+\")"
                    + "|(?<s>[eE]'(?:[^'\\\\]|''|\\\\.)*+'|'(?:[^']|'')*+')"
                    + "|(?<d>\\$(?<tag>(?:[A-Za-z_[^\\x00-\\x7f]][\\w[^\\x00-\\x7f]]*)?)\\$.*?\\$\\k<tag>\\$)"
                    + "|(?<n>[A-Za-z_[^\\x00-\\x7f]][\\w$[^\\x00-\\x7f]]*+)|(?<x>.)",
            Pattern.DOTALL);

    public static List<Word> of(String sql, int most) {
        List<Word> words = new ArrayList<>();
        Matcher m = NEXT.matcher(sql);
        while (words.size() < most && m.find()) {
            if (m.group("c") != null) m.region(behindComment(sql, m.end()), sql.length());
            else if (m.group("n") != null) words.add(new Word(folded(m.group()), NAME));
            else if (m.group("q") != null)
                words.add(
                        new Word(m.group().substring(1, m.group().length() - 1).replace("\"\"", "\""), QUOTED));
            else if (m.group("s") != null)
                words.add(new Word(
                        m.group()
                                .substring(
                                        m.group().indexOf('\'') + 1, m.group().length() - 1)
                                .replace("''", "'"),
                        STRING));
            else if (m.group("d") != null) words.add(new Word("", STRING));
            else if (m.group("x") != null) words.add(new Word(m.group(), SIGN));
        }
        return words;
    }

    /** A name without quotes as the server takes it: of the letters in capitals, A to Z become small, and no others. */
    public static String folded(String name) {
        char[] letters = name.toCharArray();
        for (int i = 0; i < letters.length; i++)
            if (letters[i] >= 'A' && letters[i] <= 'Z') letters[i] += 'a' - 'A';
        return new String(letters);
    }

    /** A statement on one line, without its comments. */
    public static String line(String sql) {
        StringBuilder line = new StringBuilder();
        Matcher m = NEXT.matcher(sql);
        while (m.find()) {
            boolean isComment = m.group("c") != null || m.group().startsWith("--");
            line.append(isComment ? " " : m.group());
            if (m.group("c") != null) m.region(behindComment(sql, m.end()), sql.length());
        }
        return line.toString().strip().replaceAll("\\s+", " ");
    }

    /** Comments nest. */
    private static int behindComment(String sql, int from) {
        int at = from;
        for (int depth = 1; depth > 0 && at < sql.length(); at++) {
            if (sql.startsWith("*/", at)) depth--;
            else if (sql.startsWith("/*", at)) depth++;
            else continue;
            at++;
        }
        return Math.min(at, sql.length());
    }

    /** Whether it is this keyword or sign, and not a quoted name that looks like it. */
    public boolean is(String keyword) {
        return (kind == NAME || kind == SIGN) && text.equals(keyword);
    }

    public boolean isName() {
        return kind == NAME || kind == QUOTED;
    }

    /** The name that begins at this place, with its schema where it has one, as {@link DottedName} writes it. */
    public static String name(List<Word> words, int at) {
        if (at >= words.size()) return "";
        boolean qualified = at + 2 < words.size() && words.get(at + 1).is(".");
        String first = words.get(at).text;
        return qualified ? new DottedName(first, words.get(at + 2).text).toString() : first;
    }
}
