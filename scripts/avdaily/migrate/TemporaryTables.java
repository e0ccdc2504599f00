package avdaily.migrate;

import avdaily.db.Database;
import avdaily.sql.Sql;
import avdaily.sql.Word;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** Does to a file's temporary tables what a commit does, where a trial has no commit between its files. */
final class TemporaryTables {
    /** Those that a statement of the file makes, and not a text that it runs. */
    static void commit(Connection c, MigrationScript script) throws SQLException {
        if (!MigrationRun.ON_COMMIT.matcher(script.text()).find()) return;
        for (MigrationStatement statement : script.statements()) {
            List<Word> words = statement.part().words(Integer.MAX_VALUE);
            String name = name(words);
            if (name == null) continue;
            if (has(words, "drop")) Database.run(c, "DROP TABLE IF EXISTS pg_temp." + name + " CASCADE");
            if (has(words, "delete")
                    && Database.one(c, "SELECT to_regclass(?) IS NOT NULL", Boolean.class, "pg_temp." + name))
                Database.run(c, "TRUNCATE pg_temp." + name + " CASCADE");
        }
    }

    /** What CREATE TABLE makes, quoted, without its schema; null if the statement is another one. */
    private static String name(List<Word> words) {
        int at = 0;
        while (at < Math.min(words.size(), 4) && !words.get(at).is("table")) at++;
        if (words.isEmpty()
                || !words.get(0).is("create")
                || at >= words.size()
                || !words.get(at).is("table")) return null;
        at++;
        if (at < words.size() && words.get(at).is("if")) at += 3;
        if (at + 2 < words.size() && words.get(at + 1).is(".")) at += 2;
        return at < words.size() ? Sql.quoted(words.get(at).text()) : null;
    }

    private static boolean has(List<Word> words, String deed) {
        for (int i = 2; i < words.size(); i++)
            if (words.get(i - 2).is("on")
                    && words.get(i - 1).is("commit")
                    && words.get(i).is(deed)) return true;
        return false;
    }

    private TemporaryTables() {}
}
