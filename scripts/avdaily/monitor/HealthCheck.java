package avdaily.monitor;

import avdaily.base.Json;
import avdaily.deploy.Thresholds;
import java.util.List;
import java.util.Map;

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
        CACHE("cache", "cache-hits"),
        DEAD_ROWS("dead-rows"),
        STATEMENTS("statements", "slow-statement"),
        WRAPAROUND("wraparound"),
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

    Object json() {
        return Json.object(
                "name",
                check.toString(),
                "level",
                level.toString(),
                "text",
                text,
                "metrics",
                metrics.stream()
                        .map(m -> Json.object("name", m.name, "labels", m.labels, "value", m.value))
                        .toList());
    }
}
