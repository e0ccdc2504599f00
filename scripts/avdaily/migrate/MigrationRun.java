package avdaily.migrate;

import avdaily.sql.Sql;
import avdaily.sql.Word;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Migrations that are one transaction, or one file that cannot run in a transaction.
 *
 * @param reason why they are no part of the run before
 */
public record MigrationRun(List<Migration> migrations, Reason reason) {
    private static final Pattern ON_COMMIT = Pattern.compile("(?i)\\bON\\s+COMMIT\\s+(?:DROP|DELETE)\\b");

    private static final Pattern NOT_VALID = Pattern.compile("(?i)\\bNOT\\s+VALID\\b");
    private static final Pattern VALIDATION = Pattern.compile("(?i)\\bVALIDATE\\s+CONSTRAINT\\b");

    /** How far a statement is read. */
    private static final int WORDS = 200;

    /** Why a run begins. */
    public enum Reason {
        FIRST(""),
        ALONE("cannot run in a transaction; runs by itself"),
        STATEMENT_BY_STATEMENT("cannot run in a transaction as a whole; runs by itself, statement by statement"),
        BATCHES("runs in batches, each a transaction of its own"),
        AFTER_ALONE("a transaction of its own"),
        NEW_ENUM_VALUE("a transaction of its own: it uses a value that an enum gets before it"),
        ON_COMMIT("a transaction of its own: the file before it waits for a commit"),
        VALIDATION("a transaction of its own: it validates what is NOT VALID before it, while others go on");

        private final String text;

        Reason(String text) {
            this.text = text;
        }

        /** As a remark in a plan; empty for the first. */
        @Override
        public String toString() {
            return text;
        }
    }

    /** The runs of a plan: as few as PostgreSQL allows. */
    static List<MigrationRun> split(List<Migration> plan, MigrationFiles files) {
        List<MigrationRun> runs = new ArrayList<>();
        List<String> values = new ArrayList<>(); // of enums, added in the run at hand
        for (Migration m : plan) {
            MigrationScript script = files.of(m);
            Reason reason = reason(runs, script, values, files, m);
            if (reason != null) {
                runs.add(new MigrationRun(new ArrayList<>(), reason));
                values.clear();
            }
            runs.get(runs.size() - 1).migrations.add(m);
            values.addAll(valuesAddedBy(script));
        }
        return runs;
    }

    /** Null if it joins the run before. */
    private static Reason reason(
            List<MigrationRun> runs, MigrationScript script, List<String> values, MigrationFiles files, Migration m) {
        if (script.batches().isPresent()) return Reason.BATCHES;
        if (!m.transactional())
            return script.statements().stream().anyMatch(MigrationStatement::isTransactional)
                    ? Reason.STATEMENT_BY_STATEMENT
                    : Reason.ALONE;
        if (runs.isEmpty()) return Reason.FIRST;
        MigrationRun before = runs.get(runs.size() - 1);
        if (!before.isTransactional()) return Reason.AFTER_ALONE;
        if (values.stream().anyMatch(value -> script.text().contains(value))) return Reason.NEW_ENUM_VALUE;
        MigrationScript last = files.of(before.migrations.get(before.migrations.size() - 1));
        if (ON_COMMIT.matcher(last.text()).find()) return Reason.ON_COMMIT;
        boolean isValidation = has(script, VALIDATION, "validate", "constraint")
                && before.migrations.stream().anyMatch(other -> has(files.of(other), NOT_VALID, "not", "valid"));
        return isValidation ? Reason.VALIDATION : null;
    }

    /** Whether a statement of the script has these two words, one behind the other; a comment may have them too. */
    private static boolean has(MigrationScript script, Pattern both, String one, String other) {
        if (!both.matcher(script.text()).find()) return false;
        for (MigrationStatement statement : script.statements()) {
            List<Word> words = statement.part().words(WORDS);
            for (int i = 1; i < words.size(); i++)
                if (words.get(i - 1).is(one) && words.get(i).is(other)) return true;
        }
        return false;
    }

    /** As literals. */
    private static List<String> valuesAddedBy(MigrationScript script) {
        List<String> values = new ArrayList<>();
        for (MigrationStatement statement : script.statements()) {
            List<Word> words = statement.part().words(20);
            if (words.size() < 2 || !words.get(0).is("alter") || !words.get(1).is("type")) continue;
            int add = 2;
            while (add < words.size() && !words.get(add).is("add")) add++;
            words.stream()
                    .skip(add)
                    .filter(word -> word.kind() == Word.STRING)
                    .findFirst()
                    .ifPresent(value -> values.add(Sql.literal(value.text()).strip()));
        }
        return values;
    }

    /** The runs of the plan without its repeatable migrations. */
    static List<MigrationRun> versioned(List<Migration> plan, MigrationFiles files) {
        return split(plan.stream().filter(m -> m.version() != null).toList(), files);
    }

    /** Those before a migration, and those from it on; its number is one of this run, and not 0. */
    List<MigrationRun> splitAt(int number) {
        return List.of(
                new MigrationRun(List.copyOf(migrations.subList(0, number)), reason),
                new MigrationRun(List.copyOf(migrations.subList(number, migrations.size())), Reason.NEW_ENUM_VALUE));
    }

    public boolean isTransactional() {
        return migrations.get(0).transactional();
    }
}
