package avdaily.integrity;

import avdaily.base.Format;
import avdaily.base.Out;
import avdaily.db.Database;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The report for a terminal. */
public final class TextReport {
    /** So many reasons for skipping are listed; more of them are counted. */
    private static final int FEW_REASONS = 2;

    public static void print(Database db, CheckReport checkup, boolean all) {
        lines(db, checkup, all).forEach(db.out()::print);
    }

    public static List<String> lines(Database db, CheckReport checkup, boolean all) {
        List<String> lines = new ArrayList<>();
        lines.add((checkup.quick() ? "Quick check of " : "Full check of ") + db + ", "
                + Format.count(checkup.outcomes().size(), "rule") + " in " + Format.duration(checkup.took()) + ".");
        for (RuleResult outcome : checkup.outcomes()) {
            Rule rule = outcome.rule();
            if (outcome.is(RuleResult.Kind.FINDINGS)) {
                lines.add("");
                lines.add(String.format(
                        "%-8s  %s  %s: %s",
                        rule.severity().toString().toUpperCase(Locale.ROOT),
                        rule.id(),
                        Format.count(outcome.count(), "finding"),
                        rule.means()));
                outcome.keys().forEach(key -> lines.add("          " + key));
                if (outcome.count() > outcome.keys().size())
                    lines.add(String.format(
                            "          and %,d more",
                            outcome.count() - outcome.keys().size()));
                if (rule.cure() != null) lines.add("          Cure: " + rule.cure());
                if (rule.isFixable()) lines.add("          Fix: avdaily-integrity fix --only " + rule.id());
            } else if (outcome.is(RuleResult.Kind.ERROR)) {
                lines.add("");
                lines.add("ERROR     " + rule.id() + "  could not be checked: " + outcome.reason() + " (" + rule.from()
                        + ")");
            } else if (all && !outcome.is(RuleResult.Kind.SKIPPED)) {
                lines.add(String.format("%-8s  %s  %s", outcome.kind(), rule.id(), rule.means()));
            }
        }
        Map<String, List<String>> skipped = checkup.of(RuleResult.Kind.SKIPPED).stream()
                .collect(Collectors.groupingBy(
                        RuleResult::reason,
                        LinkedHashMap::new,
                        Collectors.mapping(outcome -> outcome.rule().id(), Collectors.toList())));
        if (!skipped.isEmpty()) lines.add("");
        if (all || skipped.size() <= FEW_REASONS)
            skipped.forEach((reason, ids) -> lines.add("Skipped " + String.join(", ", ids) + ": " + reason + "."));
        else
            lines.add("Skipped "
                    + Format.count(checkup.of(RuleResult.Kind.SKIPPED).size(), "rule")
                    + ": they are off, or what they need is not there; --verbose lists them.");
        checkup.stale().forEach(entry -> lines.add("Stale in the baseline: " + entry + "."));
        lines.add("");
        lines.add("Result: " + checkup.summary() + ".");
        return lines;
    }

    /** All that is known about a rule. */
    public static void explain(Rule rule, Out out) {
        out.print(rule.id() + "  " + rule.category() + ", " + rule.severity() + (rule.quick() ? ", quick" : "") + " ("
                + rule.from() + ")");
        out.print("  " + rule.means());
        if (rule.off() != null) out.print("  It is " + rule.off() + ".");
        if (rule.cure() != null) out.print("  Cure: " + rule.cure());
        if (rule.fix() != null)
            out.print("  Fix: " + rule.fix().kind()
                    + (rule.fix().money() ? ", changes money: only when named by --only" : ""));
        rule.sql().lines().forEach(line -> out.print("    " + line));
    }

    private TextReport() {}
}
