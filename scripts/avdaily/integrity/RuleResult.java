package avdaily.integrity;

import avdaily.base.Failure;
import avdaily.base.Json;
import avdaily.db.Failures;
import avdaily.sql.SqlState;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What became of a rule.
 *
 * @param count how much breaks it, without what is accepted
 * @param accepted how much breaks it and is accepted
 * @param key the columns whose values name a finding; empty if nothing was found
 * @param keys the names of some of the findings
 * @param reason why it was skipped, what went wrong, or what enforces it
 * @param isHere whether the rule says something of this database, in which all is that it needs
 * @param error what went wrong; null if nothing did
 */
public record RuleResult(
        Rule rule,
        Kind kind,
        long count,
        long accepted,
        List<String> key,
        List<String> keys,
        String reason,
        Exception error,
        boolean isHere,
        Duration took) {
    /** How a rule ended. Only PASS and ENFORCED say that it holds. */
    public enum Kind {
        PASS,
        ENFORCED,
        FINDINGS,
        SKIPPED,
        ERROR;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    static RuleResult skipped(Rule rule, String reason) {
        return new RuleResult(rule, Kind.SKIPPED, 0, 0, List.of(), List.of(), reason, null, true, Duration.ZERO);
    }

    /** Skipped since the database has nothing that the rule is about. */
    static RuleResult elsewhere(Rule rule, String reason) {
        return new RuleResult(rule, Kind.SKIPPED, 0, 0, List.of(), List.of(), reason, null, false, Duration.ZERO);
    }

    static RuleResult enforced(Rule rule) {
        String reason = String.join(", ", rule.enforcedBy());
        return new RuleResult(rule, Kind.ENFORCED, 0, 0, List.of(), List.of(), reason, null, true, Duration.ZERO);
    }

    static RuleResult unreached(Rule rule) {
        return error(rule, "it was not reached", null, Duration.ZERO);
    }

    static RuleResult error(Rule rule, String reason, Exception e, Duration took) {
        return new RuleResult(rule, Kind.ERROR, 0, 0, List.of(), List.of(), reason, e, true, took);
    }

    /** One of which nothing was found, but what is accepted. */
    static RuleResult passed(Rule rule, long accepted, Duration took) {
        return new RuleResult(rule, Kind.PASS, 0, accepted, List.of(), List.of(), null, null, true, took);
    }

    static RuleResult found(
            Rule rule, long count, long accepted, List<String> key, List<String> keys, Duration took) {
        return new RuleResult(rule, Kind.FINDINGS, count, accepted, key, keys, null, null, true, took);
    }

    public boolean is(Kind kind) {
        return this.kind == kind;
    }

    /** Whether the role may not read what the rule reads. */
    public boolean isDenied() {
        return hasState(SqlState.INSUFFICIENT_PRIVILEGE);
    }

    /** Whether the server refused SQL of the project's own, in time and not since somebody cancelled it. */
    boolean isOfItsSql() {
        if (!rule.isOfTheProject()) return false;
        if (error instanceof Failure failure) return failure.kind == Failure.Kind.SQL;
        return error instanceof SQLException sql
                && !hasState(SqlState.QUERY_CANCELED)
                && Failures.kindOfGiven(sql) == Failure.Kind.SQL;
    }

    private boolean hasState(String state) {
        return error instanceof SQLException sql && SqlState.of(sql).equals(state);
    }

    Map<String, Object> json() {
        return rule.json(
                "outcome",
                kind.toString(),
                "count",
                count,
                "accepted",
                accepted,
                "keys",
                keys,
                "reason",
                reason,
                "durationMillis",
                took.toMillis());
    }
}
