package avdaily.integrity;

import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.base.Json;
import avdaily.db.Database;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The result of a check.
 *
 * @param outcomes of every rule that was asked for, in the rules' order
 * @param stale accepted findings that are no longer there, or whose time is over
 */
public record CheckReport(boolean quick, Instant at, Duration took, List<RuleResult> outcomes, List<String> stale) {
    private static final int MOST_RULES_OF_A_SAMPLE = 200;

    public List<RuleResult> of(RuleResult.Kind kind) {
        return outcomes.stream().filter(outcome -> outcome.is(kind)).toList();
    }

    /** The part that is about this database. */
    CheckReport here() {
        return new CheckReport(
                quick, at, took, outcomes.stream().filter(RuleResult::isHere).toList(), stale);
    }

    /** How many rules of the project were asked for, if none of them was checked; else 0. */
    public int uncheckedOfTheProject() {
        List<RuleResult> all = outcomes.stream()
                .filter(outcome -> outcome.rule().isOfTheProject())
                .toList();
        return all.stream().allMatch(outcome -> outcome.is(RuleResult.Kind.SKIPPED)) ? all.size() : 0;
    }

    /** The findings of this severity or a graver one. */
    public List<RuleResult> findings(Rule.Severity least) {
        return of(RuleResult.Kind.FINDINGS).stream()
                .filter(outcome -> outcome.rule().severity().compareTo(least) <= 0)
                .toList();
    }

    public long count(Rule.Severity severity) {
        return of(RuleResult.Kind.FINDINGS).stream()
                .filter(outcome -> outcome.rule().severity() == severity)
                .mapToLong(RuleResult::count)
                .sum();
    }

    /**
     * How the command ends: with FINDINGS if something of this severity or a graver one was found; else with SQL or
     * ERROR if a rule could not be checked, which is never a pass.
     */
    public Optional<Failure.Kind> end(Rule.Severity failOn) {
        if (!findings(failOn).isEmpty()) return Optional.of(Failure.Kind.FINDINGS);
        return of(RuleResult.Kind.ERROR).isEmpty() ? Optional.empty() : Optional.of(kindOfErrors());
    }

    private Failure.Kind kindOfErrors() {
        return failedSql().isPresent() ? Failure.Kind.SQL : Failure.Kind.ERROR;
    }

    /** The first of the project's rules whose own SQL failed. */
    private Optional<RuleResult> failedSql() {
        return of(RuleResult.Kind.ERROR).stream().filter(RuleResult::isOfItsSql).findFirst();
    }

    /**
     * The failure that rules could not be checked; there is one.
     *
     * @param where the end of its message
     */
    public Failure unchecked(String where, String next) {
        int count = of(RuleResult.Kind.ERROR).size();
        String what = Format.count(count, "rule") + " could not be checked" + where;
        Failure failure = new Failure(kindOfErrors(), what, next, null);
        return failedSql().map(result -> failure.at(result.rule().from())).orElse(failure);
    }

    /** Which rules are broken this gravely, as the end of a sentence. */
    public String broken(Rule.Severity least) {
        String ids =
                findings(least).stream().map(outcome -> outcome.rule().id()).collect(Collectors.joining(", "));
        return ids.isEmpty() ? "" : "; broken: " + ids;
    }

    /** A line for each rule that is broken this gravely, or could not be checked. */
    public List<String> complaints(Rule.Severity least) {
        return Stream.concat(
                        findings(least).stream()
                                .map(outcome -> outcome.rule().id() + ": "
                                        + outcome.rule().means() + " " + Format.count(outcome.count(), "finding") + ": "
                                        + String.join(
                                                "; ",
                                                outcome.keys().stream().limit(3).toList())),
                        of(RuleResult.Kind.ERROR).stream()
                                .map(outcome -> outcome.rule().id() + " could not be checked: " + outcome.reason()))
                .toList();
    }

    /** "3 rules broken (4 critical findings, 1 warning), 80 passed, 12 enforced by constraints, 5 skipped, 1 error" */
    public String summary() {
        List<String> parts = Stream.of(Rule.Severity.values())
                .filter(severity -> count(severity) > 0)
                .map(severity -> String.format("%,d %s", count(severity), severity))
                .toList();
        int broken = of(RuleResult.Kind.FINDINGS).size();
        return (broken == 0
                        ? "no findings"
                        : Format.count(broken, "rule") + " broken (" + String.join(", ", parts) + ")")
                + ", " + of(RuleResult.Kind.PASS).size() + " passed"
                + part(RuleResult.Kind.ENFORCED, " enforced by constraints") + part(RuleResult.Kind.SKIPPED, " skipped")
                + part(RuleResult.Kind.ERROR, " could not be checked");
    }

    private String part(RuleResult.Kind kind, String words) {
        return of(kind).isEmpty() ? "" : ", " + of(kind).size() + words;
    }

    /** What the operation log keeps of it, for the trend. */
    public Map<String, Object> logged() {
        Map<String, Long> counts = new TreeMap<>(of(RuleResult.Kind.FINDINGS).stream()
                .collect(Collectors.toMap(outcome -> outcome.rule().id(), RuleResult::count)));
        return Json.object(
                "scope",
                quick ? "quick" : "full",
                "rules",
                outcomes.size(),
                "critical",
                count(Rule.Severity.CRITICAL),
                "warning",
                count(Rule.Severity.WARNING),
                "info",
                count(Rule.Severity.INFO),
                "skipped",
                of(RuleResult.Kind.SKIPPED).size(),
                "errors",
                of(RuleResult.Kind.ERROR).size(),
                "findings",
                counts);
    }

    /** What a later check wants to know: how much each rule found, of as many as a sample holds. */
    public Map<String, Double> numbers() {
        Map<String, Double> numbers = new TreeMap<>();
        of(RuleResult.Kind.FINDINGS).stream()
                .limit(MOST_RULES_OF_A_SAMPLE)
                .forEach(outcome -> numbers.put(sampled(outcome.rule().id()), (double) outcome.count()));
        return numbers;
    }

    /** Under which name a sample has what a rule found. */
    public static String sampled(String rule) {
        return "rule " + rule;
    }

    public Map<String, Object> json(Database db) {
        return Json.object(
                "database",
                db.name(),
                "environment",
                db.environment().toString(),
                "scope",
                quick ? "quick" : "full",
                "at",
                at.toString(),
                "durationMillis",
                took.toMillis(),
                "summary",
                Json.object(
                        "rules",
                        outcomes.size(),
                        "passed",
                        of(RuleResult.Kind.PASS).size(),
                        "enforced",
                        of(RuleResult.Kind.ENFORCED).size(),
                        "broken",
                        of(RuleResult.Kind.FINDINGS).size(),
                        "skipped",
                        of(RuleResult.Kind.SKIPPED).size(),
                        "errors",
                        of(RuleResult.Kind.ERROR).size(),
                        "critical",
                        count(Rule.Severity.CRITICAL),
                        "warning",
                        count(Rule.Severity.WARNING),
                        "info",
                        count(Rule.Severity.INFO)),
                "stale",
                stale,
                "rules",
                outcomes.stream().map(RuleResult::json).toList());
    }
}
