package avdaily.sql;

import java.util.Set;
import java.util.regex.Pattern;

/**
 * What a statement has opened and not closed yet, as psql counts it: in parentheses, and in the body of a routine that
 * begins with BEGIN ATOMIC, a semicolon ends no statement.
 */
final class Nesting {
    private static final Set<String> LEADING = Set.of("create", "or", "replace", "function", "procedure");
    private static final Pattern ROUTINE = Pattern.compile("c(or)?[fp].*");

    private int parens;
    /** BEGIN ... END and CASE ... END in the body of a routine. */
    private int blocks;

    private int words;
    /** The first letters of the leading keywords that begin a routine. */
    private final StringBuilder opening = new StringBuilder();

    boolean isEmpty() {
        return parens == 0 && blocks == 0;
    }

    void sign(int c) {
        if (c == '(') parens++;
        else if (c == ')') parens = Math.max(0, parens - 1);
    }

    /** @param word in small letters */
    void word(String word) {
        if (words++ < 4) opening.append(LEADING.contains(word) ? word.charAt(0) : '-');
        if (parens > 0 || !ROUTINE.matcher(opening).matches()) return;
        if (word.equals("begin") || word.equals("case") && blocks > 0) blocks++;
        else if (word.equals("end") && blocks > 0) blocks--;
    }
}
