package avdaily.monitor;

import avdaily.base.Format;
import avdaily.base.SqlResource;
import avdaily.db.Database;
import avdaily.deploy.Thresholds;
import avdaily.deploy.Thresholds.Measure;
import avdaily.monitor.HealthCheck.Metric;
import avdaily.monitor.HealthCheck.Name;
import avdaily.monitor.HealthContext.Worst;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** What the server's sessions do: how many there are, who waits for whom and for how long, and how far standbys are. */
final class SessionChecks {
    /** What a new connection must fit in: the server, the database, the role. */
    private record Pool(String name, long used, long most) {
        double share() {
            return 100.0 * used / most;
        }
    }

    /** @param retained how many bytes of WAL the server keeps for it */
    private record Slot(String name, boolean isRead, long retained) {}

    private final HealthContext context;
    private final Connection c;

    SessionChecks(HealthContext context) {
        this.context = context;
        this.c = context.c();
    }

    /** The fullest pool decides. */
    List<HealthCheck> connections() throws SQLException {
        Pool fullest = Database.list(
                        c,
                        SqlResource.of(SessionChecks.class, "connection-pools.sql"),
                        row -> new Pool(row.getString(1), row.getLong(2), row.getLong(3)))
                .stream()
                .max(Comparator.comparingDouble(Pool::share))
                .orElseThrow();
        double share = fullest.share();
        String text = fullest.used + " of " + fullest.most + " of " + fullest.name + " (" + HealthContext.percent(share)
                + ")";
        return List.of(HealthCheck.of(
                Name.CONNECTIONS,
                context.level(Measure.CONNECTIONS, share),
                text,
                Metric.of("connections_ratio", share / 100)));
    }

    List<HealthCheck> blocked() throws SQLException {
        Optional<HealthCheck> hidden = context.hidden(Name.BLOCKED);
        if (hidden.isPresent()) return List.of(hidden.get());
        Worst waiting = context.worst(
                """
                SELECT coalesce(max(extract(epoch FROM clock_timestamp() - coalesce(l.waitstart, a.state_change))), 0),
                       count(DISTINCT a.pid),
                       string_agg(DISTINCT format('pid %s waits for pid %s', a.pid,
                                                  array_to_string(pg_blocking_pids(a.pid), ', ')), '; ')
                FROM pg_stat_activity a JOIN pg_locks l ON l.pid = a.pid AND NOT l.granted
                WHERE a.datname = current_database()""");
        String text = waiting.count() == 0
                ? "no session waits for another"
                : waiting.text() + ", the longest for " + HealthContext.time(waiting.value());
        return List.of(HealthCheck.of(
                Name.BLOCKED,
                context.level(Measure.BLOCKED, waiting.value()),
                text,
                Metric.of("blocked_sessions", waiting.count()),
                Metric.of("blocked_seconds", waiting.value())));
    }

    List<HealthCheck> transactions() throws SQLException {
        Optional<HealthCheck> hidden = context.hidden(Name.TRANSACTIONS);
        if (hidden.isPresent()) return List.of(hidden.get());
        Worst oldest = context.worst(SqlResource.of(SessionChecks.class, "open-transactions.sql"));
        String text = oldest.count() == 0
                ? "none open"
                : "the oldest is " + HealthContext.time(oldest.value()) + " old: " + oldest.text();
        return List.of(HealthCheck.of(
                Name.TRANSACTIONS,
                context.level(Measure.TRANSACTION_AGE, oldest.value()),
                text,
                Metric.of("transaction_age_seconds", oldest.value())));
    }

    List<HealthCheck> replication() throws SQLException {
        if (Database.one(c, "SELECT pg_is_in_recovery()", Boolean.class)) return List.of(standby());
        Optional<HealthCheck> hidden = context.hidden(Name.REPLICATION);
        return List.of(hidden.isPresent() ? hidden.get() : primary());
    }

    private HealthCheck standby() throws SQLException {
        double lag = Database.one(
                c,
                """
                SELECT coalesce(
                         CASE WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
                              ELSE extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()) END,
                         0)::float8""",
                Double.class);
        return HealthCheck.of(
                Name.REPLICATION,
                context.level(Measure.REPLICATION_LAG, lag),
                "this standby is " + HealthContext.time(lag) + " behind",
                Metric.of("replication_lag_seconds", lag));
    }

    private HealthCheck primary() throws SQLException {
        Worst slowest = context.worst(
                """
                SELECT coalesce(max(extract(epoch FROM replay_lag)), 0), count(*),
                       string_agg(coalesce(nullif(application_name, ''), host(client_addr)), ', ')
                FROM pg_stat_replication""");
        List<Slot> slots = Database.list(
                c,
                """
                SELECT slot_name, active,
                  coalesce(greatest(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), 0), 0)::bigint
                FROM pg_replication_slots ORDER BY 3 DESC, 1""",
                row -> new Slot(row.getString(1), row.getBoolean(2), row.getLong(3)));
        List<String> idle =
                slots.stream().filter(slot -> !slot.isRead).map(Slot::name).toList();
        long retained = slots.isEmpty() ? 0 : slots.get(0).retained;
        if (slowest.count() == 0 && slots.isEmpty())
            return HealthCheck.skipped(Name.REPLICATION, "the server has no standby");
        Thresholds.Level level = context.level(Measure.REPLICATION_LAG, slowest.value());
        Thresholds.Level ofSlots = context.level(Measure.WAL_RETAINED, retained);
        if (ofSlots.compareTo(level) > 0) level = ofSlots;
        if (!idle.isEmpty() && level == Thresholds.Level.OK) level = Thresholds.Level.WARNING;
        String text = Format.count(slowest.count(), "standby server") + ", the slowest "
                + HealthContext.time(slowest.value()) + " behind"
                + (idle.isEmpty() ? "" : "; nobody reads the slot " + String.join(", ", idle))
                + (slots.isEmpty() ? "" : "; " + slots.get(0).name + " keeps " + Format.bytes(retained) + " of WAL");
        return HealthCheck.of(
                Name.REPLICATION,
                level,
                text,
                Metric.of("replication_lag_seconds", slowest.value()),
                Metric.of("wal_retained_bytes", retained));
    }
}
