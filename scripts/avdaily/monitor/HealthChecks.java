package avdaily.monitor;

import avdaily.backup.Backups;
import avdaily.db.Database;
import avdaily.db.Failures;
import avdaily.db.Samples;
import avdaily.deploy.Configuration;
import avdaily.deploy.Thresholds;
import avdaily.integrity.RuleResult;
import avdaily.migrate.Drift;
import avdaily.migrate.MigrationFiles;
import avdaily.monitor.HealthCheck.Metric;
import avdaily.monitor.HealthCheck.Name;
import avdaily.sql.SqlState;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One look at a database from all sides, which only reads:
 *
 * <ol>
 *   <li>Every session begins read-only and waits briefly for locks: a locked table is a finding.
 *   <li>Each check runs by itself; one that fails does not keep the others from running.
 *   <li>A check is skipped, and says why, if the role may not see what it needs or the server does not keep it.
 *   <li>A check that cannot be done is unknown. Neither counts as good.
 * </ol>
 */
public final class HealthChecks {
    private static final String SESSION_START =
            "SET lock_timeout = '3s'; SET statement_timeout = '60s'; SET default_transaction_read_only = on";

    private interface Check {
        List<HealthCheck> run() throws Exception;
    }

    private final HealthContext context;
    private final SchemaChecks schema;
    private final Map<Name, Check> checks = new EnumMap<>(Name.class);

    /**
     * What a look saw.
     *
     * @param drift where the schema differs from what the last migration left
     * @param broken the rules of the quick integrity check that something breaks
     * @param trend what the looks before it saw
     */
    public record Look(
            List<HealthCheck> results, List<Drift.Change> drift, List<RuleResult> broken, Trend trend) {}

    private HealthChecks(HealthContext context, MigrationFiles files, Backups.Proof proof, Trend trend) {
        this.context = context;
        this.schema = new SchemaChecks(context, files);
        SessionChecks sessions = new SessionChecks(context);
        StorageChecks storage = new StorageChecks(context);
        ServerChecks server = new ServerChecks(context, trend);
        checks.put(Name.CONNECTION, this::connection);
        checks.put(Name.BACKUP, () -> List.of(new BackupCheck(context, proof).run()));
        checks.put(Name.MIGRATIONS, schema::migrations);
        checks.put(Name.DRIFT, schema::drift);
        checks.put(Name.INTEGRITY, schema::integrity);
        checks.put(Name.CONNECTIONS, sessions::connections);
        checks.put(Name.BLOCKED, sessions::blocked);
        checks.put(Name.TRANSACTIONS, sessions::transactions);
        checks.put(Name.REPLICATION, sessions::replication);
        checks.put(Name.CONFLICTS, server::conflicts);
        checks.put(Name.ARCHIVER, server::archiver);
        checks.put(Name.CACHE, storage::cache);
        checks.put(Name.DEAD_ROWS, storage::deadRows);
        checks.put(Name.BLOAT, storage::bloat);
        checks.put(Name.STATEMENTS, storage::statements);
        checks.put(Name.WRAPAROUND, storage::wraparound);
        checks.put(Name.CHECKSUMS, server::checksums);
        checks.put(Name.SETTINGS, server::settings);
        checks.put(Name.EXTENSIONS, server::extensions);
        checks.put(Name.FRESHNESS, () -> new TableChecks(context).freshness());
        checks.put(Name.VOLUME, () -> new TableChecks(context).volume());
        checks.put(Name.SIZE, server::size);
        checks.put(Name.DISK, storage::disk);
    }

    /**
     * Runs all checks, and leaves a sample for later looks if the database keeps such.
     *
     * @param files the migrations that the database is compared with
     * @param proof how far the newest backup is read
     * @throws SQLException if the database cannot be reached
     */
    public static Look run(Database db, Configuration configuration, MigrationFiles files, Backups.Proof proof)
            throws SQLException {
        db.beginSessionsWith(SESSION_START);
        db.close();
        Instant now = Instant.now();
        try (Connection c = db.connect()) {
            boolean seesOthers = Database.one(c, "SELECT pg_has_role('pg_read_all_stats', 'USAGE')", Boolean.class);
            HealthContext context = new HealthContext(
                    db,
                    c,
                    configuration.policy(db.environment()),
                    configuration.thresholds(),
                    seesOthers,
                    new LinkedHashMap<>());
            Trend trend = new Trend(Samples.of(db, c, Samples.Source.MONITOR), now);
            HealthChecks checks = new HealthChecks(context, files, proof, trend);
            List<HealthCheck> results = checks.run();
            Samples.leaveIfPossible(db, Samples.Source.MONITOR, numbers(results, context));
            return new Look(results, checks.schema.drifted(), checks.schema.broken(), trend);
        }
    }

    private static Map<String, Double> numbers(List<HealthCheck> results, HealthContext context) {
        Map<String, Double> numbers = new LinkedHashMap<>(context.left());
        for (HealthCheck result : results) {
            numbers.merge(Trend.level(result.check()), (double) result.level().ordinal(), Math::max);
            result.metrics().forEach(metric -> numbers.put(metric.key(), metric.value()));
        }
        return numbers;
    }

    private List<HealthCheck> run() {
        List<HealthCheck> results = new ArrayList<>();
        checks.forEach((name, check) -> results.addAll(run(name, check)));
        return results;
    }

    private List<HealthCheck> run(Name name, Check check) {
        if (context.thresholds().isOff(name.key()))
            return List.of(HealthCheck.skipped(name, "avdaily.yaml says '" + name.key() + ": off'"));
        try {
            return check.run();
        } catch (Exception e) {
            String why = Failures.explain(e).getMessage();
            return List.of(
                    sqlState(e).equals(SqlState.INSUFFICIENT_PRIVILEGE)
                            ? HealthCheck.skipped(name, "the role " + context.role() + " may not look: " + why)
                            : HealthCheck.unknown(name, why));
        }
    }

    private static String sqlState(Throwable e) {
        for (Throwable t = e; t != null; t = t.getCause())
            if (t instanceof SQLException sql && sql.getSQLState() != null) return sql.getSQLState();
        return "";
    }

    private List<HealthCheck> connection() throws SQLException {
        long start = System.nanoTime();
        String version = Database.one(context.c(), "SHOW server_version", String.class);
        return List.of(HealthCheck.of(
                Name.CONNECTION,
                Thresholds.Level.OK,
                "PostgreSQL " + version + " answers",
                Metric.of("up", 1),
                Metric.of("answer_seconds", (System.nanoTime() - start) / 1e9)));
    }
}
