package avdaily.monitor;

import avdaily.backup.BackupFile;
import avdaily.backup.BackupMetadata;
import avdaily.backup.Backups;
import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.db.Database;
import avdaily.db.Failures;
import avdaily.deploy.Configuration;
import avdaily.deploy.EnvironmentPolicy;
import avdaily.deploy.Preflight;
import avdaily.deploy.Thresholds;
import avdaily.integrity.AcceptedFindings;
import avdaily.integrity.CheckReport;
import avdaily.integrity.Checker;
import avdaily.integrity.Rule;
import avdaily.integrity.RuleFiles;
import avdaily.integrity.RuleResult;
import avdaily.migrate.FlywayHistory;
import avdaily.migrate.Migration;
import avdaily.migrate.MigrationFiles;
import avdaily.migrate.SchemaRecord;
import avdaily.sql.Sql;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One look at a database from all sides. It only reads. What the role may not see, or the server does not keep, is
 * skipped and says why; a check that cannot be done is unknown; neither counts as good.
 */
public final class HealthChecks {
    private interface Check {
        void run() throws Exception;
    }

    private static final String MAY_NOT = "42501";
    private static final long ENOUGH_BLOCKS = 10_000;
    private static final long ENOUGH_ROWS = 10_000;
    private static final double MOST_TRANSACTIONS = 2_147_483_648.0;

    private final Database db;
    private final Connection c;
    private final EnvironmentPolicy strategy;
    private final Thresholds thresholds;
    private final FlywayHistory history;
    private final boolean verify;
    private final boolean seesOthers;
    private final List<HealthCheck> results = new ArrayList<>();

    private HealthChecks(Database db, Connection c, Configuration configuration, MigrationFiles files, boolean verify)
            throws SQLException {
        this.db = db;
        this.c = c;
        this.strategy = configuration.strategy(db.environment());
        this.thresholds = configuration.thresholds();
        this.history = new FlywayHistory(db, files, 1);
        this.verify = verify;
        this.seesOthers = Database.one(c, "SELECT pg_has_role('pg_read_all_stats', 'USAGE')", Boolean.class);
    }

    /** The checks by name, in the order in which they run. */
    private Map<String, Check> checks() {
        Map<String, Check> all = new LinkedHashMap<>();
        all.put("connection", this::connection);
        all.put("backup", this::backup);
        all.put("migrations", this::migrations);
        all.put("drift", this::drift);
        all.put("integrity", this::integrity);
        all.put("connections", this::connections);
        all.put("blocked", this::blocked);
        all.put("transactions", this::transactions);
        all.put("replication", this::replication);
        all.put("cache", this::cache);
        all.put("dead-rows", this::deadRows);
        all.put("statements", this::statements);
        all.put("wraparound", this::wraparound);
        all.put("disk", this::disk);
        return all;
    }

    public static List<HealthCheck> run(Database db, Configuration configuration, MigrationFiles files, boolean verify)
            throws SQLException {
        db.beginSessionsWith(
                "SET lock_timeout = '3s'; SET statement_timeout = '60s'; SET default_transaction_read_only = on"); // a
        // locked table is a finding, nothing to wait for
        db.close();
        try (Connection c = db.connect()) {
            HealthChecks pass = new HealthChecks(db, c, configuration, files, verify);
            pass.checks().forEach(pass::run);
            return pass.results;
        }
    }

    private void run(String name, Check check) {
        try {
            check.run();
        } catch (Exception e) {
            boolean mayNot = sqlState(e).equals(MAY_NOT);
            String why = Failures.explain(e).getMessage();
            results.add(
                    mayNot
                            ? HealthCheck.skipped(name, "the role " + db.url().user() + " may not look: " + why)
                            : HealthCheck.unknown(name, why));
        }
    }

    private static String sqlState(Throwable e) {
        for (Throwable t = e; t != null; t = t.getCause())
            if (t instanceof SQLException sql && sql.getSQLState() != null) return sql.getSQLState();
        return "";
    }

    private void add(String check, Thresholds.Level level, String text, HealthCheck.Metric... metrics) {
        results.add(new HealthCheck(check, level, text, List.of(metrics)));
    }

    private static HealthCheck.Metric metric(String name, double value) {
        return new HealthCheck.Metric(name, Map.of(), value);
    }

    private static String percent(double value) {
        return String.format(Locale.ROOT, "%.1f%%", value);
    }

    private static String time(double seconds) {
        return Preflight.age(Duration.ofMillis((long) (seconds * 1000)));
    }

    // -- the checks

    private void connection() throws SQLException {
        long start = System.nanoTime();
        String version = Database.one(c, "SHOW server_version", String.class);
        add(
                "connection",
                Thresholds.Level.OK,
                "PostgreSQL " + version + " answers",
                metric("up", 1),
                metric("answer_seconds", (System.nanoTime() - start) / 1e9));
    }

    /** The newest one that is whole decides; a damaged one above it is said too. */
    private void backup() {
        Path folder = Backups.folder(db.settings());
        List<String> damaged = new ArrayList<>();
        for (BackupFile file : BackupFile.in(folder)) {
            try {
                Optional<BackupMetadata> metadata = file.metadata().filter(known -> known.isOf(db));
                if (metadata.isEmpty()) continue;
                if (verify) file.verifyChecksum(n -> {});
                double age = Math.max(
                        0,
                        Duration.between(metadata.get().origin().time(), Instant.now())
                                .toSeconds());
                Thresholds.Level level = thresholds.limit("backup-age").of(age);
                if (!damaged.isEmpty()) level = Thresholds.Level.CRITICAL;
                String text = file + " is " + time(age) + " old, "
                        + Format.bytes(metadata.get().encoding().bytes()) + (verify ? ", its checksum is right" : "");
                add(
                        "backup",
                        level,
                        text + also(damaged),
                        metric("backup_age_seconds", age),
                        metric("backup_bytes", metadata.get().encoding().bytes()));
                return;
            } catch (Failure e) {
                if (e.kind != Failure.Kind.DAMAGED) throw e;
                damaged.add(file.toString());
            }
        }
        String what = (damaged.isEmpty() ? "" : "whole ") + "backup of " + db.name() + " (" + db.environment() + ")";
        add(
                "backup",
                Thresholds.Level.CRITICAL,
                "there is no " + what + " in " + folder.toAbsolutePath().normalize() + also(damaged));
    }

    private static String also(List<String> damaged) {
        return damaged.isEmpty() ? "" : "; damaged: " + String.join(", ", damaged);
    }

    private void migrations() throws SQLException {
        if (!FlywayHistory.isThere(c)) {
            results.add(HealthCheck.skipped("migrations", "the database has no migration history"));
            return;
        }
        List<Migration> all = history.all();
        List<String> broken = all.stream()
                .filter(Migration::isBroken)
                .map(m -> m.title() + " " + m.state())
                .toList();
        List<String> pending =
                all.stream().filter(Migration::isPending).map(Migration::title).toList();
        HealthCheck.Metric count = metric("pending_migrations", pending.size());
        if (!broken.isEmpty()) add("migrations", Thresholds.Level.CRITICAL, String.join(", ", broken), count);
        else if (pending.isEmpty()) add("migrations", Thresholds.Level.OK, "none pending", count);
        else add("migrations", Thresholds.Level.WARNING, "pending: " + String.join(", ", pending), count);
    }

    /** Only against the schema that was recorded: rebuilding one would write. */
    private void drift() throws SQLException {
        String version = FlywayHistory.isThere(c) ? history.version() : null;
        Optional<SchemaRecord.Moment> moment =
                version == null ? Optional.empty() : new SchemaRecord(db).moment(version);
        if (moment.isEmpty()) {
            results.add(HealthCheck.skipped(
                    "drift",
                    "no schema is recorded to compare with; 'avdaily-migrate validate' compares with the migrations"));
            return;
        }
        List<String> titles = moment.get().drift().titles();
        String text = titles.isEmpty() ? "the schema is as version " + version + " left it" : String.join(", ", titles);
        add(
                "drift",
                titles.isEmpty() ? Thresholds.Level.OK : Thresholds.Level.CRITICAL,
                text,
                metric("drifted_objects", titles.size()));
    }

    private void integrity() throws SQLException {
        CheckReport checkup = Checker.check(
                db,
                RuleFiles.read(db.settings(), null),
                Checker.Options.forQuick(Set.of(), AcceptedFindings.read(strategy.accepted())));
        List<RuleResult> errors = checkup.of(RuleResult.Kind.ERROR);
        List<String> unseen = errors.stream()
                .filter(e -> e.reason().contains("permission denied"))
                .map(e -> e.rule().id())
                .toList();
        long critical = checkup.count(Rule.Severity.CRITICAL);
        long warnings = checkup.count(Rule.Severity.WARNING);
        List<String> broken = checkup.findings(Rule.Severity.WARNING).stream()
                .map(outcome -> outcome.rule().id() + " (" + outcome.count() + ")")
                .toList();
        List<String> unchecked = errors.stream()
                .map(e -> e.rule().id())
                .filter(id -> !unseen.contains(id))
                .toList();
        Thresholds.Level level = critical > 0
                ? Thresholds.Level.CRITICAL
                : !unchecked.isEmpty()
                        ? Thresholds.Level.UNKNOWN
                        : warnings > 0 ? Thresholds.Level.WARNING : Thresholds.Level.OK;
        int holding = checkup.of(RuleResult.Kind.PASS).size()
                + checkup.of(RuleResult.Kind.ENFORCED).size();
        String text = (broken.isEmpty() ? holding + " rules hold" : "broken: " + String.join(", ", broken))
                + (unchecked.isEmpty() ? "" : "; could not be checked: " + String.join(", ", unchecked));
        add("integrity", level, text, findings("critical", critical), findings("warning", warnings));
        if (!unseen.isEmpty())
            results.add(HealthCheck.skipped(
                    "integrity", "the role " + db.url().user() + " may not look: " + String.join(", ", unseen)));
    }

    private static HealthCheck.Metric findings(String severity, long count) {
        return new HealthCheck.Metric("integrity_findings", Map.of("severity", severity), count);
    }

    private record Pool(String name, long used, long most) {}

    /** The fullest of those that a new connection must fit in: the server, the database, the role. */
    private void connections() throws SQLException {
        List<Pool> pools = Database.list(
                c,
                """
                SELECT 'the server', (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),
                       current_setting('max_connections')::bigint - current_setting('superuser_reserved_connections')::bigint
                UNION ALL
                SELECT 'the database', (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'), datconnlimit
                FROM pg_database WHERE datname = current_database() AND datconnlimit > 0
                UNION ALL
                SELECT 'the role ' || rolname, (SELECT count(*) FROM pg_stat_activity a WHERE a.usename = rolname), rolconnlimit FROM pg_roles WHERE rolconnlimit > 0
                  AND EXISTS (SELECT FROM pg_stat_activity a WHERE a.usename = rolname AND a.datname = current_database())""",
                row -> new Pool(row.getString(1), row.getLong(2), row.getLong(3)));
        Pool fullest = pools.stream()
                .max(java.util.Comparator.comparingDouble(pool -> (double) pool.used / pool.most))
                .orElseThrow();
        double share = 100.0 * fullest.used / fullest.most;
        String text = fullest.used + " of " + fullest.most + " of " + fullest.name + " (" + percent(share) + ")";
        add("connections", thresholds.limit("connections").of(share), text, metric("connections_ratio", share / 100));
    }

    /**
     * What the sessions of other roles do is hidden from a role without pg_read_all_stats, so "nothing seen" would
     * prove nothing.
     */
    private boolean hidden(String check) {
        String role = db.url().user();
        if (!seesOthers)
            results.add(HealthCheck.skipped(
                    check,
                    role + " sees only its own sessions; GRANT pg_monitor TO " + Sql.quoted(role) + " shows all"));
        return !seesOthers;
    }

    private record Longest(double seconds, long count, String text) {}

    private Longest longest(String sql) throws SQLException {
        return Database.list(c, sql, row -> new Longest(row.getDouble(1), row.getLong(2), row.getString(3)))
                .get(0);
    }

    private void blocked() throws SQLException {
        if (hidden("blocked")) return;
        Longest waiting = longest(
                """
                SELECT coalesce(max(extract(epoch FROM clock_timestamp() - coalesce(l.waitstart, a.state_change))), 0), count(DISTINCT a.pid),
                       string_agg(DISTINCT format('pid %s waits for pid %s', a.pid, array_to_string(pg_blocking_pids(a.pid), ', ')), '; ')
                FROM pg_stat_activity a JOIN pg_locks l ON l.pid = a.pid AND NOT l.granted
                WHERE a.datname = current_database()""");
        String text = waiting.count == 0
                ? "no session waits for another"
                : waiting.text + ", the longest for " + time(waiting.seconds);
        add(
                "blocked",
                thresholds.limit("blocked").of(waiting.seconds),
                text,
                metric("blocked_sessions", waiting.count),
                metric("blocked_seconds", waiting.seconds));
    }

    private void transactions() throws SQLException {
        if (hidden("transactions")) return;
        Longest oldest = longest(
                """
                SELECT coalesce(max(age), 0), count(*), (array_agg(who ORDER BY age DESC))[1] FROM (
                  SELECT extract(epoch FROM clock_timestamp() - xact_start) AS age, format('pid %s (%s, %s, %s)', pid, coalesce(nullif(application_name, ''), 'unknown program'), usename, state) AS who
                  FROM pg_stat_activity WHERE datname = current_database() AND xact_start IS NOT NULL AND backend_type = 'client backend' AND pid <> pg_backend_pid()
                  UNION ALL
                  SELECT extract(epoch FROM clock_timestamp() - prepared), format('prepared %s of %s', gid, owner) FROM pg_prepared_xacts WHERE database = current_database()) t""");
        String text =
                oldest.count == 0 ? "none open" : "the oldest is " + time(oldest.seconds) + " old: " + oldest.text;
        add(
                "transactions",
                thresholds.limit("transaction-age").of(oldest.seconds),
                text,
                metric("transaction_age_seconds", oldest.seconds));
    }

    private void replication() throws SQLException {
        if (Database.one(c, "SELECT pg_is_in_recovery()", Boolean.class)) {
            double lag = Database.one(
                    c,
                    "SELECT coalesce(CASE WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0 ELSE extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()) END, 0)::float8",
                    Double.class);
            add(
                    "replication",
                    thresholds.limit("replication-lag").of(lag),
                    "this standby is " + time(lag) + " behind",
                    metric("replication_lag_seconds", lag));
            return;
        }
        if (hidden("replication")) return;
        Longest slowest = longest(
                """
                SELECT coalesce(max(extract(epoch FROM replay_lag)), 0), count(*), string_agg(coalesce(nullif(application_name, ''), host(client_addr)), ', ') FROM pg_stat_replication""");
        List<String> idle = Database.list(
                c, "SELECT slot_name FROM pg_replication_slots WHERE NOT active", row -> row.getString(1));
        if (slowest.count == 0 && idle.isEmpty()) {
            results.add(HealthCheck.skipped("replication", "the server has no standby"));
            return;
        }
        Thresholds.Level level = thresholds.limit("replication-lag").of(slowest.seconds);
        if (!idle.isEmpty() && level == Thresholds.Level.OK) level = Thresholds.Level.WARNING;
        String text = Format.count(slowest.count, "standby server") + ", the slowest " + time(slowest.seconds)
                + " behind" + (idle.isEmpty() ? "" : "; nobody reads the slot " + String.join(", ", idle));
        add("replication", level, text, metric("replication_lag_seconds", slowest.seconds));
    }

    private void cache() throws SQLException {
        double[] blocks = Database.list(
                        c,
                        "SELECT blks_hit, blks_hit + blks_read FROM pg_stat_database WHERE datname = current_database()",
                        row -> new double[] {row.getDouble(1), row.getDouble(2)})
                .get(0);
        if (blocks[1] < ENOUGH_BLOCKS) {
            results.add(HealthCheck.skipped("cache", "too little was read since the statistics began"));
            return;
        }
        double share = 100 * blocks[0] / blocks[1];
        add(
                "cache",
                thresholds.limit("cache-hits").of(share),
                percent(share) + " of the blocks came from memory",
                metric("cache_hit_ratio", share / 100));
    }

    private void deadRows() throws SQLException {
        Longest worst = longest(
                """
                SELECT coalesce(max(share), 0), count(*), (array_agg(name ORDER BY share DESC))[1] FROM (
                  SELECT 100.0 * n_dead_tup / nullif(n_live_tup + n_dead_tup, 0) AS share, relid::regclass::text AS name
                  FROM pg_stat_user_tables WHERE n_live_tup + n_dead_tup >= %d) t"""
                        .formatted(ENOUGH_ROWS));
        String text =
                worst.count == 0 ? "no table is big enough to matter" : worst.text + " has " + percent(worst.seconds);
        add(
                "dead-rows",
                thresholds.limit("dead-rows").of(worst.seconds),
                text,
                metric("dead_rows_ratio", worst.seconds / 100));
    }

    /** Their texts are left out: they may hold what is nobody's business. */
    private void statements() throws SQLException {
        String view = Database.one(
                c,
                "SELECT format('%I.pg_stat_statements', n.nspname) FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE extname = 'pg_stat_statements'",
                String.class);
        if (view == null) {
            results.add(HealthCheck.skipped("statements", "the extension pg_stat_statements is not in this database"));
            return;
        }
        if (hidden("statements")) return;
        Longest slowest = longest(
                """
                SELECT coalesce(max(mean_exec_time) / 1000, 0), count(*), (array_agg(format('query %%s, called %%s times', queryid, calls) ORDER BY mean_exec_time DESC))[1]
                FROM %s WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND calls >= 10"""
                        .formatted(view));
        String text = slowest.count == 0
                ? "none was called often enough"
                : "the slowest takes " + Math.round(slowest.seconds * 1000) + " ms on average: " + slowest.text;
        add(
                "statements",
                thresholds.limit("slow-statement").of(slowest.seconds),
                text,
                metric("slow_statement_seconds", slowest.seconds));
    }

    private void wraparound() throws SQLException {
        Longest oldest = longest(
                "SELECT max(age(datfrozenxid)), count(*), (array_agg(datname ORDER BY age(datfrozenxid) DESC))[1] FROM pg_database");
        double share = 100 * oldest.seconds / MOST_TRANSACTIONS;
        String text = percent(share) + " of the transaction numbers are used, most by " + oldest.text;
        add("wraparound", thresholds.limit("wraparound").of(share), text, metric("wraparound_ratio", share / 100));
    }

    /** The disk of the backups and, where the server is this machine and the role may know, that of its data. */
    private void disk() throws SQLException, IOException {
        Map<String, Path> places = new LinkedHashMap<>();
        Path backups = Backups.folder(db.settings()).toAbsolutePath().normalize();
        if (Files.isDirectory(backups)) places.put("backups", backups);
        if (db.url().isLocal() && Database.one(c, "SELECT pg_has_role('pg_read_all_settings', 'USAGE')", Boolean.class))
            places.put("server", Path.of(Database.one(c, "SHOW data_directory", String.class)));
        List<String> texts = new ArrayList<>();
        List<HealthCheck.Metric> metrics = new ArrayList<>();
        Thresholds.Level level = Thresholds.Level.OK;
        for (Map.Entry<String, Path> place : places.entrySet()) {
            if (!Files.isReadable(place.getValue().getParent())) continue;
            FileStore store = Files.getFileStore(
                    Files.exists(place.getValue())
                            ? place.getValue()
                            : place.getValue().getParent());
            double share = 100.0 * (store.getTotalSpace() - store.getUsableSpace()) / store.getTotalSpace();
            Thresholds.Level its = thresholds.limit("disk").of(share);
            if (its.compareTo(level) > 0) level = its;
            texts.add(place.getKey() + ": " + percent(share) + " used, " + Format.bytes(store.getUsableSpace())
                    + " free");
            metrics.add(new HealthCheck.Metric("disk_used_ratio", Map.of("place", place.getKey()), share / 100));
        }
        if (texts.isEmpty()) results.add(HealthCheck.skipped("disk", "no disk can be seen from here"));
        else results.add(new HealthCheck("disk", level, String.join("; ", texts), metrics));
        String why = db.url().isLocal()
                ? db.url().user() + " may not know where it is; GRANT pg_monitor allows it"
                : "the server is another machine";
        if (!places.containsKey("server")) results.add(HealthCheck.skipped("server disk", why));
    }
}
