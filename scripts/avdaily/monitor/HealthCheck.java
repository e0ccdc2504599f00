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
public record HealthCheck(String check, Thresholds.Level level, String text, List<Metric> metrics) {
    /** One number; the labels besides those that all have. */
    public record Metric(String name, Map<String, String> labels, double value) {}

    static HealthCheck skipped(String check, String why) {
        return new HealthCheck(check, Thresholds.Level.SKIPPED, why, List.of());
    }

    public static HealthCheck unknown(String check, String why) {
        return new HealthCheck(check, Thresholds.Level.UNKNOWN, why, List.of());
    }

    Object json() {
        return Json.object(
                "check",
                check,
                "level",
                level.name().toLowerCase(),
                "text",
                text,
                "metrics",
                metrics.stream()
                        .map(m -> Json.object("name", m.name, "labels", m.labels, "value", m.value))
                        .toList());
    }
}
