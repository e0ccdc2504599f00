package avdaily.migrate.lint;

import java.util.List;
import java.util.stream.Collectors;

/** The rules as a page of Markdown, which {@code docs/lint-rules.md} is. */
public final class LintRulesPage {
    private static final String INTRODUCTION =
            "`avdaily-migrate lint` runs migrations on a scratch database and reports each statement that is dangerous "
                    + "for a table in use. A finding is accepted with its reason: in a comment "
                    + "`-- lint:ignore RULE reason` before the statement, or in a line `V8 RULE reason` of "
                    + "`migrations/lint.ignore` if the migration is applied already.";
    private static final int WIDTH = 120;

    /** The page: lines of at most 120 characters, with a line end after the last. */
    public static String markdown() {
        String head = "# The rules of lint\n\n" + wrapped(INTRODUCTION) + "\n";
        return LintRule.all().stream().map(LintRulesPage::section).collect(Collectors.joining("\n", head, ""));
    }

    private static String section(LintRule rule) {
        return "## " + rule.id() + "\n\n"
                + wrapped("**" + rule.title() + "** (" + rule.severityText() + ")")
                + "\n"
                + wrapped(rule.why())
                + "\nReported:\n\n"
                + sql(rule.bad())
                + "\nBetter:\n\n"
                + sql(rule.good());
    }

    private static String wrapped(String text) {
        return text.replaceAll("(.{1," + WIDTH + "})(?: +|$)", "$1\n");
    }

    private static String sql(List<String> files) {
        return files.stream().collect(Collectors.joining("\n" + LintRule.NEXT_FILE + "\n", "```sql\n", "\n```\n"));
    }

    private LintRulesPage() {}
}
