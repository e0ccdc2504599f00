package avdaily.migrate;

import avdaily.sql.ScriptStatement;
import avdaily.sql.Sql;
import avdaily.sql.Word;
import java.util.List;

/**
 * Which role acts in a file, told by its statements: a transaction that failed answers no question.
 *
 * @param session to whom the session was given, as SQL names it; null for the one that logged in
 * @param role the one taken since; null for that of the session
 */
record ActingRole(String session, String role) {
    static final ActingRole OF_LOGIN = new ActingRole(null, null);
    private static final int MOST_WORDS = 10;

    /** Stands for a role that only the server knows. */
    private static final String UNKNOWN = "<role>";

    /** @param role null for none */
    private record Change(boolean isOfSession, String role) {
        /** Null if the statement changes nothing of it. */
        static Change of(List<Word> words) {
            if (!isAt(words, 0, "select")) return ofSetting(words);
            return ofFunction(words, isAt(words, 1, "pg_catalog") ? 3 : 1);
        }

        private static Change ofSetting(List<Word> words) {
            boolean resets = isAt(words, 0, "reset");
            if (!resets && !isAt(words, 0, "set")) return null;
            int at = 1;
            if (isAt(words, 1, "local") || isAt(words, 1, "session") && !isAt(words, 2, "authorization")) at = 2;
            boolean isOfSession = isAt(words, at, "session") && isAt(words, at + 1, "authorization");
            if (!isOfSession && !isAt(words, at, "role")) return null;
            at += isOfSession ? 2 : 1;
            if (isAt(words, at, "to") || isAt(words, at, "=")) at++;
            boolean names = !resets && at < words.size() && !isAt(words, at, "none") && !isAt(words, at, "default");
            return new Change(isOfSession, names ? named(words.get(at)) : null);
        }

        private static Change ofFunction(List<Word> words, int at) {
            if (!isAt(words, at, "set_config") || !isAt(words, at + 1, "(") || at + 4 >= words.size()) return null;
            boolean isOfSession = words.get(at + 2).text().equalsIgnoreCase("session_authorization");
            if (!isOfSession && !words.get(at + 2).text().equalsIgnoreCase("role")) return null;
            Word value = words.get(at + 4);
            if (value.kind() != Word.STRING) return new Change(isOfSession, UNKNOWN);
            return new Change(isOfSession, named(value));
        }

        private static String named(Word name) {
            return name.kind() == Word.STRING && name.text().equals("none") ? null : Sql.quoted(name.text());
        }
    }

    /** Which role acts after a statement. */
    ActingRole after(ScriptStatement statement) {
        Change change = Change.of(statement.words(MOST_WORDS));
        if (change == null) return this;
        return change.isOfSession ? new ActingRole(change.role, null) : new ActingRole(session, change.role);
    }

    /**
     * Whose rights a statement needs, null for the one that logged in: a role is taken with the rights of the session,
     * and the session is given away with those of the login.
     */
    String judgedIn(ScriptStatement statement) {
        Change change = Change.of(statement.words(MOST_WORDS));
        if (change == null) return role == null ? session : role;
        return change.isOfSession ? null : session;
    }

    private static boolean isAt(List<Word> words, int at, String keyword) {
        return at < words.size() && words.get(at).is(keyword);
    }
}
