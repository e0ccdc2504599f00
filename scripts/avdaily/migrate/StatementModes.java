package avdaily.migrate;

import avdaily.sql.Word;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** How statements stand to transactions, told by their first words: what a server would say only as it runs them. */
final class StatementModes {
    private static final Set<String> TRANSACTION_CONTROL = Set.of("begin", "commit", "end", "abort");
    private static final Set<String> OUTSIDE_OF_DATABASES = Set.of("database", "tablespace", "subscription");
    private static final Set<String> WHOLE_REINDEX = Set.of("database", "system", "schema");

    /** Functions that write elsewhere. */
    private static final Pattern OUTSIDE = Pattern.compile("dblink\\w*|lo_export|pg_file_(?:write|rename|unlink)");

    /** Whether it cannot run in a transaction. */
    static boolean runsAlone(List<Word> words) {
        if (words.isEmpty()) return false;
        String second = words.size() > 1 ? words.get(1).text() : "";
        boolean concurrently = words.stream().anyMatch(word -> word.is("concurrently"));
        return switch (words.get(0).text()) {
            case "vacuum" -> true;
            case "cluster" -> words.stream().skip(1).noneMatch(word -> word.isName() && !word.is("verbose"));
            case "repack" -> concurrently || !namesTable(words);
            case "discard" -> second.equals("all");
            case "create", "drop" ->
                OUTSIDE_OF_DATABASES.contains(second)
                        || concurrently && words.stream().anyMatch(w -> w.is("index"));
            case "reindex" -> concurrently || words.stream().anyMatch(word -> WHOLE_REINDEX.contains(word.text()));
            case "alter" -> alters(second, words, concurrently);
            default -> false;
        };
    }

    /** Whether a table stands behind REPACK and its options. */
    private static boolean namesTable(List<Word> words) {
        int at = 1;
        if (words.size() > 1 && words.get(1).text().equals("("))
            while (at < words.size() && !words.get(at++).text().equals(")")) continue;
        return at < words.size() && words.get(at).isName() && !words.get(at).is("using");
    }

    private static boolean alters(String what, List<Word> words, boolean concurrently) {
        return switch (what) {
            case "system" -> true;
            case "database" -> words.stream().anyMatch(word -> word.is("tablespace"));
            case "subscription" -> words.stream().anyMatch(word -> word.is("refresh") || word.is("publication"));
            case "table" -> concurrently && words.stream().anyMatch(word -> word.is("detach"));
            default -> false;
        };
    }

    /** Whether it begins or ends a transaction; ROLLBACK TO a savepoint does not. */
    static boolean endsTransaction(List<Word> words) {
        if (words.isEmpty()) return false;
        Word second = words.size() > 1 ? words.get(1) : words.get(0);
        return switch (words.get(0).text()) {
            case "start", "prepare" -> second.is("transaction");
            case "rollback" -> words.stream().noneMatch(word -> word.is("to"));
            default -> TRANSACTION_CONTROL.contains(words.get(0).text());
        };
    }

    /** Whether it does something outside of the database's transaction, which no rollback takes back. */
    static boolean reachesOutside(List<Word> words) {
        if (words.isEmpty()) return false;
        for (int i = 1; i < words.size(); i++) {
            Word before = words.get(i - 1);
            boolean isFile = before.is("to") && words.get(i).kind() == Word.STRING;
            boolean isProgram =
                    (before.is("to") || before.is("from")) && words.get(i).is("program");
            if (words.get(0).is("copy") && (isFile || isProgram)) return true;
            boolean isCall =
                    words.get(i).kind() == Word.SIGN && words.get(i).text().equals("(");
            if (isCall && before.isName() && OUTSIDE.matcher(before.text()).matches()) return true;
        }
        return false;
    }

    private StatementModes() {}
}
