package avdaily.monitor;

import avdaily.backup.Backups;
import avdaily.base.Format;
import avdaily.db.Database;
import avdaily.deploy.Thresholds;
import avdaily.deploy.Thresholds.Measure;
import avdaily.monitor.HealthCheck.Metric;
import avdaily.monitor.HealthCheck.Name;
import avdaily.monitor.HealthContext.Worst;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Whether memory, tables, transaction numbers and disks suffice. */
final class StorageChecks {
    /** Below this many blocks or rows, a share says nothing. */
    private static final long ENOUGH_BLOCKS = 10_000;

    private static final long ENOUGH_ROWS = 10_000;
    /** In smaller tables and indexes, empty space costs little. */
    private static final long ENOUGH_PAGES = 100_000_000 / 8192;

    private static final double MOST_TRANSACTIONS = 2_147_483_648.0;

    private record Blocks(double hit, double asked) {}

    private final HealthContext context;
    private final Database db;
    private final Connection c;

    StorageChecks(HealthContext context) {
        this.context = context;
        this.db = context.db();
        this.c = context.c();
    }

    List<HealthCheck> cache() throws SQLException {
        Blocks blocks = Database.list(
                        c,
                        """
                        SELECT blks_hit, blks_hit + blks_read FROM pg_stat_database
                        WHERE datname = current_database()""",
                        row -> new Blocks(row.getDouble(1), row.getDouble(2)))
                .get(0);
        if (blocks.asked < ENOUGH_BLOCKS)
            return List.of(HealthCheck.skipped(Name.CACHE, "too little was read since the statistics began"));
        double share = 100 * blocks.hit / blocks.asked;
        return List.of(HealthCheck.of(
                Name.CACHE,
                context.level(Measure.CACHE_HITS, share),
                HealthContext.percent(share) + " of the blocks came from memory",
                Metric.of("cache_hit_ratio", share / 100)));
    }

    List<HealthCheck> deadRows() throws SQLException {
        Worst worst = context.worst(
                """
                SELECT coalesce(max(share), 0), count(*), (array_agg(name ORDER BY share DESC))[1] FROM (
                  SELECT 100.0 * n_dead_tup / nullif(n_live_tup + n_dead_tup, 0) AS share,
                         regexp_replace(relid::regclass::text, '^public\\.', '') AS name
                  FROM pg_stat_user_tables WHERE n_live_tup + n_dead_tup >= %d) t"""
                        .formatted(ENOUGH_ROWS));
        String text = worst.count() == 0
                ? "no table is big enough to matter"
                : worst.text() + " has " + HealthContext.percent(worst.value());
        return List.of(HealthCheck.of(
                Name.DEAD_ROWS,
                context.level(Measure.DEAD_ROWS, worst.value()),
                text,
                Metric.of("dead_rows_ratio", worst.value() / 100)));
    }

    List<HealthCheck> bloat() throws SQLException {
        List<Bloat> large = Bloat.all(c, ENOUGH_PAGES);
        Optional<Bloat> worst = large.stream().max(Comparator.comparing(each -> each.share().orElse(0.0)));
        double share = 100 * worst.flatMap(Bloat::share).orElse(0.0);
        long hidden = large.stream().filter(each -> each.share().isEmpty()).count();
        if (hidden > 0 && hidden == large.size())
            return List.of(HealthCheck.skipped(
                    Name.BLOAT,
                    context.role() + " sees no statistics of the large tables, or they were never analyzed"));
        String text = worst.map(each -> each.called() + " is " + HealthContext.percent(share) + " empty, "
                        + Format.bytes(each.emptyBytes()) + " of " + Format.bytes(each.bytes())
                        + (hidden == 0 ? "" : "; " + hidden + " more cannot be seen"))
                .orElse("no table or index is big enough to matter");
        return List.of(HealthCheck.of(
                Name.BLOAT,
                context.level(Measure.BLOAT, share),
                text,
                Metric.of("bloat_ratio", share / 100),
                Metric.of("bloat_bytes", large.stream().mapToLong(Bloat::emptyBytes).sum())));
    }

    /** Leaves out the statements' texts, which may hold private data. */
    List<HealthCheck> statements() throws SQLException {
        String statements = Database.one(
                c,
                """
                SELECT format('%I.pg_stat_statements(false)', n.nspname)
                FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
                WHERE extname = 'pg_stat_statements'""",
                String.class);
        if (statements == null)
            return List.of(
                    HealthCheck.skipped(Name.STATEMENTS, "the extension pg_stat_statements is not in this database"));
        Optional<HealthCheck> hidden = context.hidden(Name.STATEMENTS);
        if (hidden.isPresent()) return List.of(hidden.get());
        Worst slowest = context.worst(
                """
                SELECT coalesce(max(mean_exec_time) / 1000, 0), count(*),
                       (array_agg(format('query %%s, called %%s times', queryid, calls)
                                  ORDER BY mean_exec_time DESC))[1]
                FROM %s
                WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND calls >= 10"""
                        .formatted(statements));
        String text = slowest.count() == 0
                ? "none was called often enough"
                : "the slowest takes " + Math.round(slowest.value() * 1000) + " ms on average: " + slowest.text();
        return List.of(HealthCheck.of(
                Name.STATEMENTS,
                context.level(Measure.SLOW_STATEMENT, slowest.value()),
                text,
                Metric.of("slow_statement_seconds", slowest.value())));
    }

    List<HealthCheck> wraparound() throws SQLException {
        Worst oldest = context.worst(
                """
                SELECT max(age(datfrozenxid)), count(*), (array_agg(datname ORDER BY age(datfrozenxid) DESC))[1]
                FROM pg_database""");
        double share = 100 * oldest.value() / MOST_TRANSACTIONS;
        return List.of(HealthCheck.of(
                Name.WRAPAROUND,
                context.level(Measure.WRAPAROUND, share),
                HealthContext.percent(share) + " of the transaction numbers are used, most by " + oldest.text(),
                Metric.of("wraparound_ratio", share / 100)));
    }

    /** The disk of the backups and, if the server is this machine and the role may know, that of its data. */
    List<HealthCheck> disk() throws SQLException, IOException {
        Map<String, Path> places = new LinkedHashMap<>();
        Backups.store(db.settings()).disk().filter(Files::isDirectory).ifPresent(disk -> places.put("backups", disk));
        if (db.url().isLocal() && Database.one(c, "SELECT pg_has_role('pg_read_all_settings', 'USAGE')", Boolean.class))
            places.put("server", Path.of(Database.one(c, "SHOW data_directory", String.class)));
        List<HealthCheck> results = new ArrayList<>();
        results.add(disk(places));
        String why = db.url().isLocal()
                ? context.role() + " may not know where it is; GRANT pg_monitor allows it"
                : "the server is another machine";
        if (!places.containsKey("server")) results.add(HealthCheck.skipped(Name.SERVER_DISK, why));
        return results;
    }

    private HealthCheck disk(Map<String, Path> places) throws IOException {
        List<String> texts = new ArrayList<>();
        List<Metric> metrics = new ArrayList<>();
        Thresholds.Level worst = Thresholds.Level.OK;
        for (Map.Entry<String, Path> place : places.entrySet()) {
            Path folder = place.getValue();
            if (!Files.isReadable(folder.getParent())) continue;
            FileStore store = Files.getFileStore(Files.exists(folder) ? folder : folder.getParent());
            double share = 100.0 * (store.getTotalSpace() - store.getUsableSpace()) / store.getTotalSpace();
            Thresholds.Level level = context.level(Measure.DISK, share);
            if (level.compareTo(worst) > 0) worst = level;
            texts.add(place.getKey() + ": " + HealthContext.percent(share) + " used, "
                    + Format.bytes(store.getUsableSpace()) + " free");
            metrics.add(new Metric("disk_used_ratio", Map.of("place", place.getKey()), share / 100));
        }
        return texts.isEmpty()
                ? HealthCheck.skipped(Name.DISK, "no disk can be seen from here")
                : new HealthCheck(Name.DISK, worst, String.join("; ", texts), metrics);
    }
}
