package avdaily.studio;

import avdaily.backup.Backups;
import avdaily.base.Out;
import avdaily.db.Database;
import avdaily.db.Failures;
import avdaily.deploy.Configuration;
import avdaily.migrate.FlywayHistory;
import avdaily.migrate.HistoryTable;
import avdaily.migrate.Migration;
import avdaily.migrate.MigrationFiles;
import avdaily.monitor.HealthCheck;
import avdaily.monitor.HealthChecks;
import avdaily.monitor.MonitorReport;
import avdaily.monitor.Trend;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * The last look of {@code avdaily-monitor}, which takes longer than a page may: it is done beside, and only if asked.
 */
final class HealthLook {
    private final StudioPages.Opening opening;
    private final Configuration configuration;
    private final Supplier<MigrationFiles> folder;
    private final Out out;
    private final AtomicBoolean isLooking = new AtomicBoolean();
    private volatile MonitorReport last;
    private volatile MigrationFiles files;
    private volatile List<Migration> migrations = List.of();
    private volatile LastLook seen = LastLook.NONE;

    /** @param folder reads the migrations, which people change while the studio runs */
    HealthLook(StudioPages.Opening opening, Configuration configuration, Supplier<MigrationFiles> folder, Out out) {
        this.opening = opening;
        this.configuration = configuration;
        this.folder = folder;
        this.files = folder.get();
        this.out = out;
    }

    Optional<MonitorReport> last() {
        return Optional.ofNullable(last);
    }

    /** The migrations as they were at the last look; none if there is no history that is to be believed. */
    List<Migration> migrations() {
        return migrations;
    }

    /** What the last look says of single tables. */
    LastLook seen() {
        return seen;
    }

    /** The SQL of a migration, if its file is here. */
    Optional<String> forward(Migration migration) {
        if (migration.version() == null) return Optional.empty();
        return files.forward(migration.version()).map(file -> files.script(file).text());
    }

    Optional<String> undo(Migration migration) {
        if (migration.version() == null) return Optional.empty();
        return files.undo(migration.version()).map(file -> files.script(file).text());
    }

    boolean isLooking() {
        return isLooking.get();
    }

    /** Begins a look, unless one is under way. */
    void begin() {
        if (!isLooking.compareAndSet(false, true)) return;
        Thread thread = new Thread(this::look, "studio-look");
        thread.setDaemon(true);
        thread.start();
    }

    private void look() {
        Instant start = Instant.now();
        try (Database db = opening.open()) {
            files = folder.get();
            migrations = migrations(db);
            HealthChecks.Look look = HealthChecks.run(db, configuration, files, Backups.Proof.SIZE);
            Map<String, Reference.Table> tables = BrokenRules.tables(db.connection());
            seen = new LastLook(
                    new DriftState(look.drift()),
                    BrokenRules.of(look.broken(), tables),
                    lint(db, migrations, tables));
            last = report(db.name(), db.environment().toString(), look);
        } catch (Exception e) {
            out.trace(e);
            last = report(
                    "",
                    "unknown",
                    new HealthChecks.Look(
                            HealthCheck.unreachable(Failures.explain(e).getMessage()),
                            List.of(),
                            List.of(),
                            new Trend(List.of(), start)));
        } finally {
            isLooking.set(false);
        }
    }

    private List<Migration> migrations(Database db) throws SQLException {
        boolean isThere = db.believesOps() && HistoryTable.isThere(db, db.connection());
        return isThere ? new FlywayHistory(db, files, 1).all() : List.of();
    }

    /** What lint found, without a look. */
    LintState lint(Database db) throws SQLException {
        return lint(db, migrations(db), BrokenRules.tables(db.connection()));
    }

    private LintState lint(Database db, List<Migration> all, Map<String, Reference.Table> tables) throws SQLException {
        List<Migration> pending =
                all.stream().filter(Migration::isPending).toList();
        return LintState.of(db, files.sums(pending), tables, out.pasteable("avdaily-migrate lint"));
    }

    private static MonitorReport report(String name, String environment, HealthChecks.Look look) {
        Instant start = look.trend().now();
        return new MonitorReport(
                name, environment, start, Duration.between(start, Instant.now()), look.results(), look.trend());
    }
}
