package avdaily.migrate.lint;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Collects what the checks of one statement find. */
final class Violations {
    /** @param table the oid of the table in question, or null */
    record Violation(LintRule rule, Long table, String subject, String cure) {
        static Violation of(String rule, Long table, String subject, String cure) {
            return new Violation(LintRule.named(rule).orElseThrow(), table, subject, cure);
        }
    }

    private final List<Violation> all = new ArrayList<>();
    /** Tables whose scan or rewrite a violation has named already. */
    private final Set<Long> explained = new HashSet<>();

    void add(String rule, Long table, String subject, String cure) {
        all.add(Violation.of(rule, table, subject, cure));
    }

    /** From now on the table's scan or rewrite needs no violation of its own; false if that was so before. */
    boolean explain(long table) {
        return explained.add(table);
    }

    boolean isExplained(long table) {
        return explained.contains(table);
    }

    /** Whether a violation names a scan or a rewrite. */
    boolean explainWork() {
        return !all.isEmpty() && !explained.isEmpty();
    }

    List<Violation> all() {
        return all;
    }
}
