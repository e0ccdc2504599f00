package avdaily.monitor;

import avdaily.base.Format;
import avdaily.base.SqlResource;
import avdaily.db.Database;
import avdaily.deploy.Thresholds;
import avdaily.deploy.Thresholds.Measure;
import avdaily.monitor.HealthCheck.Metric;
import avdaily.monitor.HealthCheck.Name;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.CRC32;

/** What the server keeps count of as a whole: its size, its archive, damage, settings and extensions. */
final class ServerChecks {
    private static final String SETTING = "setting ";
    private static final String SEES_ALL = "sees all settings";

    private record Archiver(
            boolean isOn, boolean isFailing, long failed, String failing, Instant failedAt, boolean mayList) {}

    private final HealthContext context;
    private final Connection c;
    private final Trend trend;

    ServerChecks(HealthContext context, Trend trend) {
        this.context = context;
        this.c = context.c();
        this.trend = trend;
    }

    List<HealthCheck> size() throws SQLException {
        long bytes = Database.one(c, "SELECT pg_database_size(current_database())", Long.class);
        String text = "the database has " + Format.bytes(bytes)
                + trend.before("database_bytes")
                        .map(before -> growth(before, bytes))
                        .orElse("");
        Database.list(
                c,
                SqlResource.of(ServerChecks.class, "largest-tables.sql"),
                row -> context.left().put(Trend.sizeOf(row.getString("name")), (double) row.getLong("bytes")));
        return List.of(HealthCheck.of(Name.SIZE, Thresholds.Level.OK, text, Metric.of("database_bytes", bytes)));
    }

    private static String growth(Trend.Before before, long bytes) {
        long more = bytes - (long) before.value();
        String when = " than " + HealthContext.time(before.age().toSeconds()) + " ago";
        if (more == 0) return ", as much as " + HealthContext.time(before.age().toSeconds()) + " ago";
        return ", " + Format.bytes(Math.abs(more)) + (more > 0 ? " more" : " less") + when;
    }

    List<HealthCheck> archiver() throws SQLException {
        Archiver archiver = Database.list(
                        c,
                        SqlResource.of(ServerChecks.class, "archiver.sql"),
                        row -> new Archiver(
                                row.getBoolean("is_on"),
                                row.getBoolean("is_failing"),
                                row.getLong("failed_count"),
                                row.getString("last_failed_wal"),
                                row.getTimestamp("last_failed_time") == null
                                        ? null
                                        : row.getTimestamp("last_failed_time").toInstant(),
                                row.getBoolean("may_list")))
                .get(0);
        if (!archiver.isOn) return List.of(HealthCheck.skipped(Name.ARCHIVER, "the server archives no WAL"));
        List<Metric> metrics = new ArrayList<>(List.of(Metric.of("archive_failures", archiver.failed)));
        Thresholds.Level level = archiver.isFailing ? Thresholds.Level.CRITICAL : Thresholds.Level.OK;
        String text = archiver.isFailing
                ? "archiving fails, last at " + archiver.failedAt + " with " + archiver.failing
                : "archiving works";
        if (archiver.mayList) {
            long waiting = Database.one(
                    c, "SELECT count(*) FROM pg_ls_archive_statusdir() WHERE name LIKE '%.ready'", Long.class);
            metrics.add(Metric.of("archive_backlog", waiting));
            text += "; " + Format.count(waiting, "file") + " of WAL waiting";
            Thresholds.Level ofBacklog = context.level(Measure.ARCHIVE_BACKLOG, waiting);
            if (ofBacklog.compareTo(level) > 0) level = ofBacklog;
        }
        return List.of(new HealthCheck(Name.ARCHIVER, level, text, metrics));
    }

    /** Queries that a standby ended, because the primary had removed what they read. */
    List<HealthCheck> conflicts() throws SQLException {
        if (!Database.one(c, "SELECT pg_is_in_recovery()", Boolean.class))
            return List.of(HealthCheck.skipped(Name.CONFLICTS, "the server is no standby"));
        long count = Database.one(
                c, "SELECT conflicts FROM pg_stat_database WHERE datname = current_database()", Long.class);
        return List.of(HealthCheck.of(
                Name.CONFLICTS,
                Thresholds.Level.OK,
                Format.count(count, "query").replace("querys", "queries")
                        + " ended for what the primary removed, since counting began",
                Metric.of("recovery_conflicts", count)));
    }

    List<HealthCheck> checksums() throws SQLException {
        Long failures = Database.one(
                c, "SELECT checksum_failures FROM pg_stat_database WHERE datname = current_database()", Long.class);
        if (failures == null) return List.of(HealthCheck.skipped(Name.CHECKSUMS, "the server's data has no checksums"));
        return List.of(HealthCheck.of(
                Name.CHECKSUMS,
                failures == 0 ? Thresholds.Level.OK : Thresholds.Level.CRITICAL,
                failures == 0 ? "no damaged page was read" : Format.count(failures, "damaged page") + " read",
                Metric.of("checksum_failures", failures)));
    }

    /** What waits for a restart, and what changed since the look before; values are compared by their sums. */
    List<HealthCheck> settings() throws SQLException {
        List<String> waiting = Database.list(
                c, "SELECT name FROM pg_settings WHERE pending_restart ORDER BY name", row -> row.getString(1));
        Map<String, Double> now = new TreeMap<>();
        Database.list(
                c,
                """
                SELECT name, reset_val FROM pg_settings
                WHERE source IN ('configuration file', 'command line', 'environment variable', 'database', 'global')""",
                row -> now.put(SETTING + row.getString(1), sum(row.getString(2))));
        now.put(
                SEES_ALL,
                Database.one(c, "SELECT pg_has_role('pg_read_all_settings', 'USAGE')", Boolean.class) ? 1.0 : 0.0);
        List<String> changed = trend.last()
                .filter(last -> last.number(SEES_ALL).equals(Optional.of(now.get(SEES_ALL))))
                .map(last -> changed(last.numbers(), now))
                .orElse(List.of());
        context.left().putAll(now);
        List<String> texts = new ArrayList<>();
        if (!waiting.isEmpty()) texts.add("waits for a restart: " + String.join(", ", waiting));
        if (!changed.isEmpty())
            texts.add("changed since " + trend.last().orElseThrow().at() + ": " + String.join(", ", changed));
        return List.of(HealthCheck.of(
                Name.SETTINGS,
                texts.isEmpty() ? Thresholds.Level.OK : Thresholds.Level.WARNING,
                texts.isEmpty() ? "none waits for a restart" : String.join("; ", texts),
                Metric.of("settings_waiting", waiting.size())));
    }

    private static double sum(String value) {
        CRC32 sum = new CRC32();
        sum.update(String.valueOf(value).getBytes(StandardCharsets.UTF_8));
        return sum.getValue();
    }

    private static List<String> changed(Map<String, Double> before, Map<String, Double> now) {
        Map<String, Double> either = new TreeMap<>(before);
        either.putAll(now);
        return either.keySet().stream()
                .filter(name -> name.startsWith(SETTING)
                        && !Optional.ofNullable(before.get(name)).equals(Optional.ofNullable(now.get(name))))
                .map(name -> name.substring(SETTING.length()))
                .toList();
    }

    List<HealthCheck> extensions() throws SQLException {
        List<String> behind = Database.list(
                c,
                """
                SELECT e.extname || ' ' || e.extversion || ' (' || a.default_version || ' is there)'
                FROM pg_extension e JOIN pg_available_extensions a ON a.name = e.extname
                WHERE a.default_version <> e.extversion ORDER BY 1""",
                row -> row.getString(1));
        return List.of(HealthCheck.of(
                Name.EXTENSIONS,
                behind.isEmpty() ? Thresholds.Level.OK : Thresholds.Level.WARNING,
                behind.isEmpty() ? "all are as new as the server" : "behind: " + String.join(", ", behind),
                Metric.of("extensions_behind", behind.size())));
    }
}
