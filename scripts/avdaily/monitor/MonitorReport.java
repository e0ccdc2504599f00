package avdaily.monitor;

import avdaily.base.Format;
import avdaily.base.Json;
import avdaily.deploy.Thresholds;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What one look found, in the formats that people and programs read.
 *
 * @param at when it began
 * @param trend what earlier looks left
 */
public record MonitorReport(
        String database, String environment, Instant at, Duration took, List<HealthCheck> results, Trend trend) {
    /** What each number means; one that is not here is not written. One that is not known is NaN. */
    private static final Map<String, String> HELP = help();

    /** The labels of numbers that come more than once. Each series is always there, so that an alert can rely on it. */
    private static final Map<String, List<Map<String, String>>> SERIES = Map.of(
            "integrity_findings", List.of(Map.of("severity", "critical"), Map.of("severity", "warning")),
            "disk_used_ratio", List.of(Map.of("place", "backups"), Map.of("place", "server")));

    /** A page that was written in the seconds between two looks would be gigabytes a day. */
    private static final Duration WORTH_A_RATE = Duration.ofHours(1);

    private static Map<String, String> help() {
        Map<String, String> help = new LinkedHashMap<>();
        help.put("up", "Whether the database answers.");
        help.put("answer_seconds", "How long the simplest query took.");
        help.put("backup_age_seconds", "Age of the newest whole backup.");
        help.put("backup_bytes", "Size of the newest whole backup.");
        help.put("pending_migrations", "Migrations that are not applied.");
        help.put("drifted_objects", "Objects that are not as the last migration left them.");
        help.put("integrity_findings", "What breaks the rules of the quick integrity check.");
        help.put("connections_ratio", "Share of the connections in use, of the fullest pool.");
        help.put("blocked_sessions", "Sessions that wait for a lock.");
        help.put("blocked_seconds", "How long the longest of them has waited.");
        help.put("transaction_age_seconds", "Age of the oldest open transaction.");
        help.put("replication_lag_seconds", "How far the slowest standby is behind.");
        help.put("wal_retained_bytes", "WAL that the server keeps for the slot that is behind most.");
        help.put("recovery_conflicts", "Queries that a standby ended for what the primary removed.");
        help.put("archive_failures", "How often archiving failed.");
        help.put("archive_backlog", "Files of WAL that wait to be archived.");
        help.put("cache_hit_ratio", "Share of the blocks that came from memory.");
        help.put("dead_rows_ratio", "Share of dead rows in the worst table.");
        help.put("bloat_ratio", "Share of empty space in the worst large table or index.");
        help.put("bloat_bytes", "Empty space in all large tables and indexes.");
        help.put("slow_statement_seconds", "Mean time of the slowest statement.");
        help.put("wraparound_ratio", "Share of the transaction numbers that are used.");
        help.put("checksum_failures", "Damaged pages that were read.");
        help.put("settings_waiting", "Settings that wait for a restart.");
        help.put("extensions_behind", "Extensions that are older than the server's.");
        help.put("freshness_seconds", "Age of the newest value of a column that avdaily.yaml names.");
        help.put("database_bytes", "Size of the database.");
        help.put("disk_used_ratio", "Share of the disk in use.");
        return help;
    }

    /** The worst of all; a skipped check counts for nothing. */
    public Thresholds.Level level() {
        return results.stream()
                .map(HealthCheck::level)
                .max(Comparator.naturalOrder())
                .orElse(Thresholds.Level.UNKNOWN);
    }

    /** Whether the database answered. */
    public boolean isReached() {
        return outage().isEmpty();
    }

    /** Why the database did not answer; nothing if it did. */
    public Optional<String> outage() {
        return results.stream()
                .filter(result ->
                        result.check() == HealthCheck.Name.CONNECTION && result.level() == Thresholds.Level.CRITICAL)
                .map(HealthCheck::text)
                .findFirst();
    }

    public String summary() {
        Map<Thresholds.Level, Long> counts = results.stream()
                .collect(Collectors.groupingBy(HealthCheck::level, TreeMap::new, Collectors.counting()));
        return database + " (" + environment + "): "
                + counts.entrySet().stream()
                        .sorted(Map.Entry.<Thresholds.Level, Long>comparingByKey()
                                .reversed())
                        .map(entry -> entry.getValue() + " " + entry.getKey())
                        .collect(Collectors.joining(", "));
    }

    /** The lines for people, with the clock in front for a log of many looks. */
    public List<String> logged() {
        List<String> lines = new ArrayList<>(text());
        String time = DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(
                at.truncatedTo(ChronoUnit.SECONDS).atZone(ZoneId.systemDefault()));
        lines.set(0, time + "  " + lines.get(0));
        return lines;
    }

    public List<String> text() {
        List<String> lines = new ArrayList<>();
        lines.add(summary() + ", in " + Format.duration(took) + ".");
        results.forEach(result -> lines.add(
                String.format("  %-8s  %-12s  %s%s", result.level(), result.check(), result.text(), since(result))));
        return lines;
    }

    private String since(HealthCheck result) {
        return result.since(trend)
                .map(since -> " (since " + Format.age(Duration.between(since, at)) + ")")
                .orElse("");
    }

    public Map<String, Object> json() {
        return Json.object(
                "database",
                database,
                "environment",
                environment,
                "at",
                at.toString(),
                "durationMillis",
                took.toMillis(),
                "level",
                level().toString(),
                "checks",
                results.stream().map(result -> result.json(trend)).toList());
    }

    /** The summary, and what is not as it should be. */
    public String troubles() {
        String bad = bad();
        return bad.isEmpty() ? summary() : summary() + ": " + bad;
    }

    private String bad() {
        return results.stream()
                .filter(result -> result.level().compareTo(Thresholds.Level.OK) > 0)
                .map(result -> result.check() + ": " + result.text())
                .collect(Collectors.joining("; "));
    }

    /** One line with performance data behind the bar, as plugins of Nagios, Icinga and the like write it. */
    public String nagios() {
        String bad = bad();
        String numbers = results.stream()
                .flatMap(result -> result.metrics().stream())
                .map(metric -> metric.name()
                        + metric.labels().values().stream()
                                .map(value -> "_" + value.replaceAll("[\\s='|]", "_")) // each ends a name there
                                .collect(Collectors.joining()) + "=" + number(metric.value()))
                .collect(Collectors.joining(" "));
        Thresholds.Level level = level() == Thresholds.Level.SKIPPED ? Thresholds.Level.UNKNOWN : level();
        return "AVDAILY " + level.name() + " - " + (bad.isEmpty() ? summary() : bad).replace('|', '/') + " | "
                + numbers;
    }

    /** 0 ok, 1 warning, 2 critical, 3 unknown. */
    public int nagiosCode() {
        return switch (level()) {
            case OK -> 0;
            case WARNING -> 1;
            case CRITICAL -> 2;
            case UNKNOWN, SKIPPED -> 3;
        };
    }

    /** The text exposition format, version 0.0.4: for the textfile collector of the node exporter. */
    public String prometheus() {
        StringBuilder text = new StringBuilder();
        HELP.forEach((name, help) -> {
            List<HealthCheck.Metric> metrics = results.stream()
                    .flatMap(result -> result.metrics().stream())
                    .filter(metric -> metric.name().equals(name))
                    .toList();
            family(text, name, help);
            metrics.forEach(metric -> sample(text, name, metric.labels(), metric.value()));
            List<Map<String, String>> seen =
                    metrics.stream().map(HealthCheck.Metric::labels).toList();
            SERIES.getOrDefault(name, List.of(Map.of())).stream()
                    .filter(labels -> !seen.contains(labels))
                    .forEach(labels -> sample(text, name, labels, Double.NaN));
        });
        family(text, "check_level", "How a check ended: 0 ok, 1 warning, 2 critical, 3 unknown, -1 skipped.");
        levels().forEach((check, level) -> sample(text, "check_level", Map.of("check", check), level));
        family(text, "check_since_timestamp_seconds", "Since when a check has been as bad as it is.");
        since().forEach((check, since) -> sample(text, "check_since_timestamp_seconds", Map.of("check", check), since));
        family(text, "database_growth_bytes_per_day", "How the database grew since about a day ago.");
        sample(text, "database_growth_bytes_per_day", Map.of(), growth());
        family(text, "pass_timestamp_seconds", "When the monitor looked.");
        sample(text, "pass_timestamp_seconds", Map.of(), at.getEpochSecond());
        return text.toString();
    }

    /** The level of every check; unknown if the look did not come to it. */
    private Map<String, Integer> levels() {
        Map<String, Integer> levels = new TreeMap<>();
        results.stream()
                .filter(result -> result.check() != HealthCheck.Name.EVERYTHING_ELSE)
                .forEach(result -> levels.merge(result.check().toString(), code(result.level()), Math::max));
        Stream.of(HealthCheck.Name.values())
                .filter(HealthCheck.Name::isAlwaysThere)
                .forEach(check -> levels.putIfAbsent(check.toString(), code(Thresholds.Level.UNKNOWN)));
        return levels;
    }

    /** Since when each check is bad; unknown for one that is not, or whose beginning nobody saw. */
    private Map<String, Double> since() {
        Map<String, Double> all = new TreeMap<>();
        Stream.of(HealthCheck.Name.values())
                .filter(HealthCheck.Name::isAlwaysThere)
                .forEach(check -> all.put(check.toString(), Double.NaN));
        for (HealthCheck result : results)
            result.since(trend).ifPresent(since -> all.put(result.check().toString(), (double) since.getEpochSecond()));
        return all;
    }

    private double growth() {
        Optional<Trend.Before> before = trend.before("database_bytes");
        return results.stream()
                .filter(result -> result.check() == HealthCheck.Name.SIZE)
                .flatMap(result -> result.metrics().stream())
                .mapToDouble(now -> before.filter(known -> known.age().compareTo(WORTH_A_RATE) >= 0)
                        .map(known -> (now.value() - known.value())
                                * Duration.ofDays(1).toSeconds()
                                / known.age().toSeconds())
                        .orElse(Double.NaN))
                .findFirst()
                .orElse(Double.NaN);
    }

    private static int code(Thresholds.Level level) {
        return switch (level) {
            case SKIPPED -> -1;
            case OK -> 0;
            case WARNING -> 1;
            case CRITICAL -> 2;
            case UNKNOWN -> 3;
        };
    }

    private static void family(StringBuilder text, String name, String help) {
        text.append("# HELP avdaily_")
                .append(name)
                .append(' ')
                .append(help)
                .append("\n# TYPE avdaily_")
                .append(name)
                .append(" gauge\n");
    }

    private void sample(StringBuilder text, String name, Map<String, String> labels, double value) {
        Map<String, String> all = new TreeMap<>(labels);
        all.put("database", database);
        all.put("environment", environment);
        text.append("avdaily_")
                .append(name)
                .append(all.entrySet().stream()
                        .map(label -> label.getKey() + "=\""
                                + label.getValue()
                                        .replace("\\", "\\\\")
                                        .replace("\"", "\\\"")
                                        .replace("\n", "\\n") + '"')
                        .collect(Collectors.joining(",", "{", "}")))
                .append(' ')
                .append(number(value))
                .append('\n');
    }

    private static String number(double value) {
        if (Double.isNaN(value)) return "NaN";
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? String.valueOf((long) value)
                : BigDecimal.valueOf(Math.round(value * 1e6) / 1e6).toPlainString();
    }
}
