package avdaily.migrate;

import avdaily.sql.Sql;
import avdaily.sql.Word;
import java.util.List;

/** Which role acts in a file, told by its statements: a transaction that failed answers no question. */
final class ActingRole {
    /**
     * The role after a statement, as SQL names it.
     *
     * @param before the one before it; null for the one that logged in
     * @param words with which the statement begins
     */
    static String after(String before, List<Word> words) {
        boolean resets = isAt(words, 0, "reset");
        if (!resets && !isAt(words, 0, "set")) return before;
        int at = 1;
        if (isAt(words, 1, "local") || isAt(words, 1, "session") && !isAt(words, 2, "authorization")) at = 2;
        if (isAt(words, at, "role")) at++;
        else if (isAt(words, at, "session") && isAt(words, at + 1, "authorization")) at += 2;
        else return before;
        if (isAt(words, at, "to") || isAt(words, at, "=")) at++;
        boolean names = !resets && at < words.size() && !isAt(words, at, "none") && !isAt(words, at, "default");
        return names ? Sql.quoted(words.get(at).text()) : null;
    }

    /** Whether a statement takes a role, which is a right of the one that logged in. */
    static boolean isTakenBy(List<Word> words) {
        return isAt(words, 0, "set");
    }

    private static boolean isAt(List<Word> words, int at, String keyword) {
        return at < words.size() && words.get(at).is(keyword);
    }

    private ActingRole() {}
}
