package avdaily.migrate;

import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.db.Database;
import avdaily.db.Lock;
import avdaily.db.OperationLog;
import avdaily.migrate.batch.BatchState;
import avdaily.migrate.batch.BatchStore;
import avdaily.sql.SqlState;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.CoreMigrationType;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationState;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.core.extensibility.AppliedMigration;
import org.flywaydb.core.internal.info.MigrationInfoServiceImpl;

/**
 * What Flyway makes of its history table on one database and of the migration files, and what is noted in the table.
 */
public final class FlywayHistory {
    /** What Flyway found when the table had these rows. */
    private record Known(String target, boolean outOfOrder, String rows, List<MigrationInfo> all) {}

    private final Database db;
    private final MigrationFiles files;
    private final FlywaySetup flyway;
    private final HistoryTable table;
    private Known known;
    /** What is pending, by its title. */
    private final Map<String, MigrationInfo> resolved = new HashMap<>();

    FlywayHistory(Database db, MigrationFiles files, FlywaySetup flyway) {
        this.db = db;
        this.files = files;
        this.flyway = flyway;
        this.table = new HistoryTable(db);
    }

    /** @param lockAttempts how often Flyway tries for its own lock */
    public FlywayHistory(Database db, MigrationFiles files, int lockAttempts) {
        this(db, files, new FlywaySetup(db, files, lockAttempts));
    }

    Database db() {
        return db;
    }

    // -- looking

    public HistoryTable table() {
        return table;
    }

    /** What Flyway says of files and table; it is asked again only if the table has changed. */
    private List<MigrationInfo> infos(String target) throws SQLException {
        String rows = table.rows();
        boolean isKnown = known != null
                && Objects.equals(known.target, target)
                && known.outOfOrder == flyway.isOutOfOrder()
                && known.rows.equals(rows);
        if (!isKnown)
            known = new Known(target, flyway.isOutOfOrder(), rows, List.of(look(target, "*:*").all()));
        return known.all;
    }

    private MigrationInfoServiceImpl look(String target, String ignored) throws SQLException {
        FluentConfiguration configuration = flyway.configuration(target);
        List<AppliedMigration> entries = table.entries(configuration);
        return calling(() -> flyway.info(configuration, entries, ignored));
    }

    /** The entries of the table; those that were taken back are none. */
    private Stream<MigrationInfo> applied() throws SQLException {
        return infos(null).stream().filter(info -> info.getState().isApplied());
    }

    private Set<String> undoneVersions() throws SQLException {
        if (!OperationLog.isReadable(db.connection())) return Set.of();
        return new HashSet<>(Database.list(
                db.connection(),
                """
                SELECT u ->> 'version'
                FROM avdaily_ops.operation o, jsonb_path_query(o.details, '$.undone[*] ? (exists (@.version))') u
                WHERE o.command = 'migrate rollback' AND o.outcome = 'done'
                  AND coalesce(o.details ->> 'schema', '') = ?""",
                row -> row.getString(1),
                db.schema().orElse("")));
    }

    /** Every migration that has a file or an entry. */
    public List<Migration> all() throws SQLException {
        Set<String> undone = undoneVersions();
        ZoneId zone = table.zone();
        boolean isRunning = isRunning();
        return infos(null).stream()
                .filter(info -> !isOfFlyway(info))
                .map(info -> Migration.of(info, undone, isTransactional(info), zone))
                .map(m -> isRunning && m.state() == Migration.State.FAILED ? m.running() : m)
                .toList();
    }

    /** Whether another run is at what the history calls failed, as it does until the end of such a file. */
    boolean isRunning() throws SQLException {
        return infos(null).stream().anyMatch(info -> info.getState().isFailed())
                && Lock.isHeldElsewhere(db, Migrator.LOCK, HistoryTable.name(db));
    }

    /** Its own note that it made the schema of its table. */
    private static boolean isOfFlyway(MigrationInfo info) {
        return info.getType() == CoreMigrationType.SCHEMA;
    }

    List<Migration> appliedNewestFirst() throws SQLException {
        ZoneId zone = table.zone();
        return applied()
                .filter(info -> info.getVersion() != null
                        && !info.getState().isFailed()
                        && !info.getType().isBaseline())
                .sorted(Comparator.comparing(MigrationInfo::getInstalledRank).reversed())
                .map(info -> Migration.of(info, Set.of(), true, zone))
                .toList();
    }

    /** How far the data migrations are that have begun and are not done. */
    List<BatchState> halfway() throws SQLException {
        return table.isThere() ? BatchStore.unfinished(db, table.beginning()) : List.of();
    }

    /** What an undo script may take back: what is applied, and before it data migrations that are not done. */
    List<Migration> undoableNewestFirst() throws SQLException {
        Set<String> halfway = halfway().stream().map(BatchState::version).collect(Collectors.toSet());
        List<Migration> undoable = new ArrayList<>();
        for (MigrationInfo info : infos(null))
            if (info.getState() == MigrationState.PENDING && halfway.contains(String.valueOf(info.getVersion())))
                undoable.add(0, Migration.of(info, Set.of(), false, table.zone()));
        undoable.addAll(appliedNewestFirst());
        return undoable;
    }

    boolean hasRepeatable() throws SQLException {
        return applied().anyMatch(info -> info.getVersion() == null);
    }

    boolean hasEntries() throws SQLException {
        return table.isThere() && infos(null).stream().anyMatch(info -> info.getInstalledRank() != null);
    }

    /** The version at which the database was adopted, or null. */
    MigrationVersion baseline() throws SQLException {
        return applied()
                .filter(info -> info.getType().isBaseline())
                .map(MigrationInfo::getVersion)
                .findFirst()
                .orElse(null);
    }

    /**
     * What is to be applied up to {@code target}, or all of it if that is null.
     *
     * @throws Failure (21) if an entry or a file is in the way
     */
    List<Migration> pending(String target) throws SQLException {
        List<MigrationInfo> all = infos(target);
        refuse(
                all,
                "stopped half-way in an earlier run",
                "clean up what it left ('avdaily-migrate repair' shows how far it came), then repair, then up "
                        + "again.",
                MigrationState.FAILED,
                MigrationState.MISSING_FAILED,
                MigrationState.FUTURE_FAILED);
        refuse(
                all,
                "older than the database's version but never applied",
                "give it a version above the newest one, so that it runs everywhere, "
                        + "or run it all the same: up --out-of-order.",
                MigrationState.IGNORED);
        if (!table.isThere() && table.hasNeighbours()) throw FlywayErrors.unmanaged(db.toString());
        List<Migration> pending = new ArrayList<>();
        for (MigrationInfo info : all) {
            if (info.getState() != MigrationState.PENDING) continue;
            Migration m = Migration.of(info, Set.of(), isTransactional(info), table.zone());
            resolved.put(m.title(), info);
            pending.add(m);
        }
        return pending;
    }

    /** Those that stopped half-way; there is but one, unless another tool was at work. */
    public List<Migration> failed() throws SQLException {
        return all().stream().filter(m -> m.state() == Migration.State.FAILED).toList();
    }

    /**
     * Whether one stopped half-way of which rows may stay that no comparison of schemas shows. Of a file that was
     * changed since, nobody knows what it did.
     */
    public boolean mayHaveLeftRows() throws SQLException {
        return infos(null).stream().filter(info -> info.getState().isFailed()).anyMatch(info -> {
            Migration failed = Migration.of(info, Set.of(), false, ZoneId.systemDefault());
            return !info.isChecksumMatching()
                    || !files.find(failed).map(NonTransactionalFile::canGoOn).orElse(false);
        });
    }

    private boolean isTransactional(MigrationInfo info) {
        return info.getState() != MigrationState.PENDING || files.isTransactional(info.getScript());
    }

    private static void refuse(List<MigrationInfo> all, String why, String next, MigrationState... states) {
        List<String> titles = all.stream()
                .filter(info -> List.of(states).contains(info.getState()))
                .map(FlywayHistory::title)
                .toList();
        if (!titles.isEmpty()) throw Failure.refused(String.join(", ", titles) + ": " + why, next);
    }

    void mustKnow(String version) throws SQLException {
        MigrationVersion wanted = Migration.version(version);
        if (infos(null).stream().noneMatch(info -> wanted.equals(info.getVersion())))
            throw Failure.usage(
                    "there is no version " + version + " among the migrations", "'avdaily-migrate status' lists them.");
    }

    // -- files against entries

    /**
     * What is wrong with the files of applied migrations, by Flyway's checksums and then by {@code sums}, ours by file
     * name.
     */
    List<String> invalid(Map<String, String> sums) throws SQLException {
        if (applied().findAny().isEmpty()) return List.of();
        List<String> findings = look(null, "*:pending").validate().stream()
                .map(FlywayErrors::finding)
                .toList();
        return findings.isEmpty() ? rewrapped(sums) : findings;
    }

    /** Flyway's checksum is blind for line breaks, and so for a statement that was joined to the comment before it. */
    private List<String> rewrapped(Map<String, String> sums) throws SQLException {
        List<String> findings = new ArrayList<>();
        for (MigrationInfo info : infos(null)) {
            boolean stands =
                    info.getState() == MigrationState.SUCCESS || info.getState() == MigrationState.OUT_OF_ORDER;
            String then = sums.get(info.getScript());
            if (!stands || then == null) continue;
            if (files.sum(info.getScript()).filter(now -> !now.equals(then)).isPresent())
                findings.add(title(info) + ": its file was changed after it was applied, in its line breaks");
        }
        return findings;
    }

    private static String title(MigrationInfo info) {
        return Migration.of(info, Set.of(), true, ZoneId.systemDefault()).title();
    }

    // -- changing the table

    /**
     * Makes the table if it is not there.
     *
     * @return whether it did
     * @throws Failure naming the privilege that the role lacks for it
     */
    boolean create() throws SQLException {
        if (table.isThere()) return false;
        flyway.mustBeAllowedTable();
        table.create();
        return true;
    }

    /**
     * Notes that a pending migration has run.
     *
     * @throws Failure (21) if somebody else noted that already
     */
    void add(Connection c, Migration m, Duration took, Ending ending) throws SQLException {
        add(c, m, took, ending, "");
    }

    /** The same, and {@code then}, a statement, in the same round trip. */
    void add(Connection c, Migration m, Duration took, Ending ending, String then) throws SQLException {
        MigrationInfo info = resolved.get(m.title());
        String version = info.getVersion() == null ? null : info.getVersion().getVersion();
        int added = Database.update(
                c,
                """
                INSERT INTO %1$s (installed_rank, version, description, type, script, checksum, installed_by,
                                  execution_time, success)
                SELECT (SELECT coalesce(max(installed_rank), 0) + 1 FROM %1$s), ?, ?, ?, ?, ?, current_user, ?, ?
                WHERE NOT EXISTS (SELECT FROM %1$s WHERE success AND version = ?);
                """
                                .formatted(HistoryTable.name(db))
                        + then,
                version,
                shortened(info.getDescription(), 200),
                info.getType().name(),
                script(m),
                info.getChecksum(),
                HistoryTable.millis(took),
                ending == Ending.DONE,
                version);
        if (added == 0)
            throw Failure.refused(
                    "another program applied " + m.title() + " meanwhile",
                    "look at it with 'avdaily-migrate status', then run up again.");
    }

    /** Notes that a migration has begun of which a part may stay: until {@link #finish} it counts as failed. */
    void begin(Connection c, Migration m) throws SQLException {
        try {
            add(c, m, Duration.ZERO, Ending.FAILED);
        } catch (SQLException e) {
            if (SqlState.isConnectionLost(e)) forgetIfPossible(e);
            throw e;
        }
    }

    private void forgetIfPossible(SQLException why) {
        try {
            db.liveConnection();
            table.forgetFailed();
        } catch (SQLException | Failure e) {
            why.addSuppressed(e);
        }
    }

    /**
     * Notes that a migration has run, unless that was noted already and nobody heard it.
     *
     * @param hasEntry whether {@link #begin} was called
     */
    void finish(Connection c, Migration m, Duration took, boolean hasEntry) throws SQLException {
        if (hasEntry && HistoryTable.finish(db, c, took)) return;
        Integer checksum = resolved.get(m.title()).getChecksum();
        if (!HistoryTable.endsWith(db, c, script(m), checksum)) add(c, m, took, Ending.DONE);
    }

    /** How a migration ended that has an entry. */
    enum Ending {
        DONE,
        /** Half-way, or not yet. */
        FAILED
    }

    private String script(Migration m) {
        return shortened(resolved.get(m.title()).getScript(), 1000);
    }

    /** As Flyway shortens it for its table. */
    private static String shortened(String text, int most) {
        return Format.within(text, most, "...");
    }

    /** Makes the table; everything up to {@code version} counts as applied. */
    void begin(String version, String description) throws SQLException {
        if (!table.isThere()) flyway.mustBeAllowedTable();
        calling(() -> new Flyway(
                        flyway.configuration(null).baselineVersion(version).baselineDescription(description))
                .baseline());
    }

    void repair() {
        calling(() -> new Flyway(flyway.configuration(null)).repair());
    }

    /** Lets Flyway work on files and table, and turns what it throws into a failure. */
    private <T> T calling(Supplier<T> work) {
        try {
            return work.get();
        } catch (FlywayException e) {
            throw FlywayErrors.translate(e, db.toString());
        }
    }
}
