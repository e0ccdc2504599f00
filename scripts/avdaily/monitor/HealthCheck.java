package avdaily.monitor;

import avdaily.base.Json;
import avdaily.deploy.Thresholds;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * How one check went.
 *
 * @param text in a line
 * @param metrics the numbers behind it
 */
public record HealthCheck(Name check, Thresholds.Level level, String text, List<Metric> metrics) {
    /** The checks, in the order in which they run. */
    public enum Name {
        CONNECTION("connection"),
        BACKUP("backup", "backup-age"),
        MIGRATIONS("migrations"),
        DRIFT("drift"),
        INTEGRITY("integrity"),
        CONNECTIONS("connections"),
        BLOCKED("blocked"),
        TRANSACTIONS("transactions", "transaction-age"),
        REPLICATION("replication", "replication-lag"),
        CONFLICTS("conflicts"),
        ARCHIVER("archiver", "archive-backlog"),
        CACHE("cache", "cache-hits"),
        DEAD_ROWS("dead-rows"),
        BLOAT("bloat"),
        STATEMENTS("statements", "slow-statement"),
        WRAPAROUND("wraparound"),
        CHECKSUMS("checksums"),
        SETTINGS("settings"),
        EXTENSIONS("extensions"),
        FRESHNESS("freshness"),
        VOLUME("volume"),
        SIZE("size"),
        DISK("disk"),
        SERVER_DISK("server disk"),
        EVERYTHING_ELSE("everything else");

        private final String word;
        private final String key;

        Name(String word) {
            this(word, word);
        }

        Name(String word, String key) {
            this.word = word;
            this.key = key;
        }

        /** Its key in avdaily.yaml. */
        String key() {
            return key;
        }

        /** Whether every look has it. */
        boolean isAlwaysThere() {
            return this != SERVER_DISK && this != EVERYTHING_ELSE;
        }

        /** The name in reports and metrics. */
        @Override
        public String toString() {
            return word;
        }
    }

    /** One number. Its labels come on top of database and environment, which all numbers have. */
    public record Metric(String name, Map<String, String> labels, double value) {
        static Metric of(String name, double value) {
            return new Metric(name, Map.of(), value);
        }

        /** Under which name it is kept; other labels, other numbers. */
        public String key() {
            return labels.isEmpty() ? name : name + new TreeMap<>(labels);
        }
    }

    static HealthCheck of(Name check, Thresholds.Level level, String text, Metric... metrics) {
        return new HealthCheck(check, level, text, List.of(metrics));
    }

    /** The role may not look, or there is nothing to look at. */
    static HealthCheck skipped(Name check, String why) {
        return of(check, Thresholds.Level.SKIPPED, why);
    }

    /** The check could not be done, which does not count as good. */
    static HealthCheck unknown(Name check, String why) {
        return of(check, Thresholds.Level.UNKNOWN, why);
    }

    /** What is known of a database that does not answer. */
    public static List<HealthCheck> unreachable(String why) {
        return List.of(
                of(Name.CONNECTION, Thresholds.Level.CRITICAL, why, Metric.of("up", 0)),
                unknown(Name.EVERYTHING_ELSE, "the database cannot be reached"));
    }

    Object json(Trend trend) {
        Map<String, Object> json = Json.object(
                "name",
                check.toString(),
                "level",
                level.toString(),
                "text",
                text,
                "metrics",
                metrics.stream().map(m -> json(m, trend.before(m.key()))).toList());
        since(trend).ifPresent(since -> json.put("since", since.toString()));
        return json;
    }

    private static Object json(Metric metric, Optional<Trend.Before> before) {
        Map<String, Object> json = Json.object("name", metric.name, "labels", metric.labels, "value", metric.value);
        before.ifPresent(known -> json.put(
                "before",
                Json.object("value", known.value(), "agoMillis", known.age().toMillis())));
        return json;
    }

    /** Since when it has been as bad as it is, if it is bad and an earlier look left word of it. */
    public Optional<Instant> since(Trend trend) {
        return level.compareTo(Thresholds.Level.OK) > 0 ? trend.since(check, level) : Optional.empty();
    }
}
