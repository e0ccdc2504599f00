package avdaily.sql;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The statement before a block of rows: {@code COPY table (columns) FROM stdin}. */
record CopyHeader(String text, String options) {
    private static final int LONGEST = 1 << 20;
    private static final Pattern FROM_STDIN = Pattern.compile("(?is)COPY\\s.*\\sFROM\\s+STDIN\\b(?<options>.*)");

    /** The header that the text is, or null. */
    static CopyHeader of(String text) {
        if (text.length() > LONGEST || !text.regionMatches(true, 0, "COPY", 0, 4)) return null;
        Matcher m = FROM_STDIN.matcher(text);
        return m.matches() ? new CopyHeader(text, m.group("options")) : null;
    }

    /** The columns that it names, without quotes; none if it names none. */
    static List<String> columns(String text) {
        List<Word> words = Word.of(text, Integer.MAX_VALUE);
        int at = words.size() > 2 && words.get(2).is(".") ? 4 : 2;
        List<String> columns = new ArrayList<>();
        if (at < words.size() && words.get(at).is("("))
            do columns.add(words.get(at + 1).text());
            while (words.get(at += 2).is(","));
        return columns;
    }

    boolean isTextFormat() {
        return !options.matches("(?is).*\\b(csv|binary)\\b.*");
    }

    /** Whether it takes rows into one table, and is no query, file or program that looks like it. */
    boolean isOfOneTable() {
        List<Word> words = Word.of(text, Integer.MAX_VALUE);
        int at = words.size() > 2 && words.get(2).is(".") ? 4 : 2;
        if (at < words.size() && words.get(at).is("(")) {
            do at += 2;
            while (at < words.size()
                    && words.get(at - 1).isName()
                    && words.get(at).is(","));
            if (at >= words.size() || !words.get(at).is(")")) return false;
            at++;
        }
        return at + 1 < words.size()
                && words.get(1).isName()
                && words.get(at).is("from")
                && words.get(at + 1).is("stdin");
    }
}
