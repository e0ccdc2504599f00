package avdaily.migrate;

import avdaily.sql.Sql;
import avdaily.sql.Word;
import java.util.List;

/**
 * CREATE or DROP INDEX CONCURRENTLY.
 *
 * @param relation the table or index that it is about, as SQL names it
 * @param table the same without its schema
 * @param index the name of the index that it makes, null if it gives none
 */
record ConcurrentIndex(String verb, String relation, String table, String index) {
    /** Whether it can be seen later if this was done. */
    boolean canBeFound() {
        return verb.equals("drop") || index != null;
    }

    /** Null if the statement is another one. */
    static ConcurrentIndex of(String sql) {
        List<Word> words = Word.of(sql, 20);
        int at = 0;
        while (at < words.size() && !words.get(at).is("concurrently")) at++;
        if (at == words.size()
                || !words.get(0).is("create") && !words.get(0).is("drop")) return null;
        String verb = words.get(0).text();
        int index = at + (at + 1 < words.size() && words.get(at + 1).is("if") ? 4 : 1);
        boolean named = verb.equals("create")
                && index < words.size()
                && words.get(index).isName()
                && !words.get(index).is("on");
        if (verb.equals("create"))
            while (at < words.size() && !words.get(at).is("on")) at++;
        do at++;
        while (at < words.size()
                && (words.get(at).is("only")
                        || words.get(at).is("if")
                        || words.get(at).is("exists")));
        boolean qualified = at + 2 < words.size() && words.get(at + 1).is(".");
        String relation = at >= words.size() || !words.get(at).isName()
                ? null
                : Sql.quoted(words.get(at).text())
                        + (qualified ? "." + Sql.quoted(words.get(at + 2).text()) : "");
        String table = relation == null
                ? null
                : Sql.quoted(words.get(qualified ? at + 2 : at).text());
        return new ConcurrentIndex(
                verb, relation, table, named ? words.get(index).text() : null);
    }
}
