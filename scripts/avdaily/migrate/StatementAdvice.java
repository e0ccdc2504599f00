package avdaily.migrate;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** Comments on generated statements: what each does to a table that is big and in use, and how it is written then. */
final class StatementAdvice {
    /** @param text with %s for the table */
    private record Advice(Predicate<String> applies, String text) {}

    private static final Pattern DROPPED =
            StatementText.pattern("ALTER TABLE(?: ONLY)? " + StatementText.NAME + "\\s+DROP COLUMN ("
                    + StatementText.NAME + ");");
    private static final String ADDED_KEY = ".*ADD CONSTRAINT " + StatementText.NAME + "\\s+";

    /** The first that applies is given. */
    private static final List<Advice> ALL = List.of(
            new Advice(matching("(?:ALTER|CREATE|DROP) FOREIGN TABLE .*"), ""),
            new Advice(
                    matching("(?:CREATE|ALTER) (?:OPERATOR (?:CLASS|FAMILY)|FOREIGN DATA WRAPPER|ACCESS METHOD"
                            + "|TEXT SEARCH (?:PARSER|TEMPLATE)) .*"),
                    "Needs a superuser."),
            new Advice(
                    containing("CREATE INDEX", "CREATE UNIQUE INDEX"),
                    "Nobody can write to %s while it is built. "
                            + "For a big table: CREATE INDEX CONCURRENTLY, in a migration of its own."),
            new Advice(
                    matching(".*ADD COLUMN .*NOT NULL;")
                            .and(containing(" DEFAULT ", " GENERATED ").negate()),
                    "Fails where %s has rows: give it a DEFAULT here, and drop that in a statement of its own."),
            new Advice(
                    matching(ADDED_KEY + "(?:PRIMARY KEY|UNIQUE).*")
                            .and(containing(" USING INDEX ").negate()),
                    "Nobody can use %s while the index of the key is built. For a big table: build a unique index "
                            + "CONCURRENTLY in a migration before this one, then ADD CONSTRAINT ... USING INDEX."),
            new Advice(
                    matching(ADDED_KEY + "EXCLUDE.*"), "Nobody can use %s while the index of the constraint is built."),
            new Advice(
                    containing("VALIDATE CONSTRAINT"),
                    "Reads all of %s. For a big table: in a migration of its own, "
                            + "so that the lock of the statement before ends first."),
            new Advice(
                    matching(".*ALTER COLUMN .* SET NOT NULL;"),
                    "Reads all of %s under a lock, and fails where there is a null."),
            new Advice(matching(".*ALTER COLUMN .* (?:SET DATA )?TYPE .*"), "May rewrite %s under a lock."),
            new Advice(
                    matching("(?:CREATE|ALTER) PUBLICATION .*(?:FOR ALL TABLES|(?:FOR|ADD|,) TABLES IN SCHEMA ).*"),
                    "Needs a superuser."),
            new Advice(containing("DROP PUBLICATION"), "Subscriptions that name it get an error from then on."),
            new Advice(
                    containing("CREATE PUBLICATION"),
                    "Needs the privilege CREATE on the database, and to own the tables."),
            new Advice(containing("ALTER PUBLICATION"), ""),
            new Advice(containing("DROP TABLE", "DROP COLUMN"), "What is in it is lost."));

    private static Predicate<String> containing(String... words) {
        return text -> List.of(words).stream().anyMatch(text::contains);
    }

    private static Predicate<String> matching(String pattern) {
        return Pattern.compile(pattern, Pattern.DOTALL).asMatchPredicate();
    }

    /**
     * The statements with their comments; a table that they make themselves has no rows and needs none.
     *
     * @param computed the columns whose values come from others, so that nothing is lost with them
     */
    static List<String> on(List<String> statements, Set<String> computed) {
        List<String> made = StatementText.made(statements);
        List<String> result = new ArrayList<>();
        for (String text : statements) {
            String table = StatementText.table(text).orElse("");
            boolean losesNothing = StatementText.match(DROPPED, text)
                    .filter(m -> computed.contains(table + "." + m.group(1)))
                    .isPresent();
            if (losesNothing) result.add(text);
            else if (!made.contains(table)) result.add(comment(table, text) + text);
            else if (!text.contains("VALIDATE CONSTRAINT")) result.add(StatementText.valid(text));
        }
        return result;
    }

    private static String comment(String table, String statement) {
        return ALL.stream()
                .filter(advice -> advice.applies.test(statement))
                .findFirst()
                .map(advice -> advice.text.replace("%s", table))
                .filter(text -> !text.isEmpty())
                .map(StatementText::comment)
                .orElse("");
    }

    private StatementAdvice() {}
}
