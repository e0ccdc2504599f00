package avdaily.migrate;

import avdaily.base.Failure;
import avdaily.db.Database;
import avdaily.db.ForeignCode;
import avdaily.db.OperationLog;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationState;
import org.flywaydb.core.api.MigrationVersion;

/**
 * Flyway's history table on one database, beside the migration files: what Flyway makes of both, and what is changed in
 * the table.
 */
public final class FlywayHistory {
    static final String SCHEMA = "public";
    static final String NAME = "flyway_schema_history";
    private static final String TABLE = SCHEMA + "." + NAME;

    /** What Flyway found when the table had these rows. */
    private record Known(String target, boolean outOfOrder, String rows, List<MigrationInfo> all) {}

    private final Database db;
    private final MigrationFiles files;
    private final FlywaySetup flyway;
    private Known known;
    /** What is pending, by its title. */
    private final Map<String, MigrationInfo> resolved = new HashMap<>();

    FlywayHistory(Database db, MigrationFiles files, FlywaySetup flyway) {
        this.db = db;
        this.files = files;
        this.flyway = flyway;
    }

    /** @param lockAttempts how often Flyway tries for its own lock */
    public FlywayHistory(Database db, MigrationFiles files, int lockAttempts) {
        this(db, files, new FlywaySetup(db, files, lockAttempts));
    }

    // -- looking

    /** @throws Failure (21) if it is a view, or of a role that is not to be trusted */
    public static boolean isThere(Connection c) throws SQLException {
        return ForeignCode.isTable(c, SCHEMA, NAME);
    }

    boolean isThere() throws SQLException {
        return isThere(db.connection());
    }

    /** Another text for every other content of the table; empty if there is no table. */
    static String rows(Connection c) throws SQLException {
        return isThere(c)
                ? Database.one(
                        c,
                        "SELECT coalesce(md5(string_agg(h::text, '|' ORDER BY installed_rank)), 'none') FROM %s h"
                                .formatted(TABLE),
                        String.class)
                : "";
    }

    /** What Flyway says of files and table; it is asked again only if the table has changed. */
    private List<MigrationInfo> infos(String target) throws SQLException {
        String rows = rows(db.connection());
        boolean isKnown = known != null
                && Objects.equals(known.target, target)
                && known.outOfOrder == flyway.isOutOfOrder()
                && known.rows.equals(rows);
        if (!isKnown)
            known = new Known(
                    target, flyway.isOutOfOrder(), rows, List.of(calling(() -> new Flyway(flyway.configuration(target))
                            .info()
                            .all())));
        return known.all;
    }

    /** The entries of the table; those that were taken back are none. */
    private Stream<MigrationInfo> applied() throws SQLException {
        return infos(null).stream().filter(info -> info.getState().isApplied());
    }

    private Set<String> undoneVersions() throws SQLException {
        if (!OperationLog.isLogged(db.connection())) return Set.of();
        return new HashSet<>(Database.list(
                db.connection(),
                """
                SELECT u ->> 'version' FROM avdaily_ops.operation o, jsonb_array_elements(o.details -> 'undone') u
                WHERE o.command = 'migrate rollback' AND o.outcome = 'done'""",
                row -> row.getString(1)));
    }

    /** Every migration that has a file or an entry. */
    public List<Migration> all() throws SQLException {
        Set<String> undone = undoneVersions();
        return infos(null).stream()
                .map(info -> Migration.of(info, undone, isTransactional(info)))
                .toList();
    }

    /** The schema's version, the highest that was applied whole, or null. */
    public String version() throws SQLException {
        if (!isThere()) return null;
        return Database.list(
                        db.connection(),
                        """
                        SELECT version FROM %1$s h WHERE version IS NOT NULL AND success AND type <> 'DELETE'
                          AND NOT EXISTS (SELECT FROM %1$s d WHERE d.version = h.version AND d.type = 'DELETE'
                            AND d.installed_rank > h.installed_rank)"""
                                .formatted(TABLE),
                        row -> MigrationVersion.fromVersion(row.getString(1)))
                .stream()
                .max(Comparator.naturalOrder())
                .map(MigrationVersion::toString)
                .orElse(null);
    }

    /** How far the table goes, and the version that it says. */
    record Mark(int rank, MigrationVersion version) {}

    Mark mark() throws SQLException {
        if (!isThere()) return new Mark(0, null);
        String version = version();
        int rank =
                Database.one(db.connection(), "SELECT coalesce(max(installed_rank), 0) FROM " + TABLE, Integer.class);
        return new Mark(rank, version == null ? null : version(version));
    }

    /**
     * Those of {@code pending} that have an entry since {@code mark}, from the table alone: Flyway would read all
     * files.
     */
    List<Migration> since(Mark mark, List<Migration> pending) throws SQLException {
        record Entry(Instant at, String by, int tookMs) {}
        Map<String, Entry> entries = new HashMap<>();
        Database.list(
                db.connection(),
                """
                SELECT coalesce('V' || version, 'R') || ' ' || description, installed_on, installed_by, execution_time
                FROM %s WHERE success AND installed_rank > ?"""
                        .formatted(TABLE),
                row -> entries.put(
                        row.getString(1), new Entry(row.getTimestamp(2).toInstant(), row.getString(3), row.getInt(4))),
                mark.rank);
        List<Migration> applied = new ArrayList<>();
        for (Migration m : pending) {
            Entry entry = entries.get(m.title());
            if (entry == null) continue;
            boolean late =
                    mark.version != null && m.version() != null && m.version().compareTo(mark.version) < 0;
            Migration.State state = late ? Migration.State.OUT_OF_ORDER : Migration.State.APPLIED;
            applied.add(m.applied(state, entry.at, entry.by, entry.tookMs));
        }
        return applied;
    }

    List<Migration> appliedNewestFirst() throws SQLException {
        return applied()
                .filter(info -> info.getVersion() != null
                        && !info.getState().isFailed()
                        && !info.getType().isBaseline())
                .sorted(Comparator.comparing(MigrationInfo::getInstalledRank).reversed())
                .map(info -> Migration.of(info, Set.of(), true))
                .toList();
    }

    boolean hasRepeatable() throws SQLException {
        return applied().anyMatch(info -> info.getVersion() == null);
    }

    boolean hasEntries() throws SQLException {
        return isThere() && infos(null).stream().anyMatch(info -> info.getInstalledRank() != null);
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
                "failed half-way in an earlier run",
                "clean up what it left, then 'avdaily-migrate repair', then up again.",
                MigrationState.FAILED,
                MigrationState.MISSING_FAILED,
                MigrationState.FUTURE_FAILED);
        refuse(
                all,
                "older than the database's version but never applied",
                "give it a version above the newest one, so that it runs everywhere, "
                        + "or run it all the same: up --out-of-order.",
                MigrationState.IGNORED);
        if (!isThere() && hasRelations()) throw FlywayErrors.unmanaged(db.toString());
        List<Migration> pending = new ArrayList<>();
        for (MigrationInfo info : all) {
            if (info.getState() != MigrationState.PENDING) continue;
            Migration m = Migration.of(info, Set.of(), isTransactional(info));
            resolved.put(m.title(), info);
            pending.add(m);
        }
        return pending;
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
        MigrationVersion wanted = version(version);
        if (infos(null).stream().noneMatch(info -> wanted.equals(info.getVersion())))
            throw Failure.usage(
                    "there is no version " + version + " among the migrations", "'avdaily-migrate status' lists them.");
    }

    /** @throws Failure (2) if the text is no version */
    static MigrationVersion version(String text) {
        try {
            return MigrationVersion.fromVersion(text);
        } catch (FlywayException e) {
            throw Failure.usage("'" + text + "' is no version", "write it as in the file's name, as in 7 or 7.1.");
        }
    }

    // -- files against entries

    /**
     * What is wrong with the files of applied migrations, by Flyway's checksums and then by {@code sums}, ours by file
     * name.
     */
    List<String> invalid(Map<String, String> sums) throws SQLException {
        if (applied().findAny().isEmpty()) return List.of();
        List<String> findings = calling(
                        () -> new Flyway(flyway.configuration(null).ignoreMigrationPatterns("*:pending"))
                                .validateWithResult())
                .invalidMigrations
                .stream()
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
        return Migration.of(info, Set.of(), true).title();
    }

    // -- changing the table

    /**
     * Makes the table if it is not there.
     *
     * @throws Failure naming the privilege that the role lacks for it
     */
    void create() throws SQLException {
        if (isThere()) return;
        flyway.mustBeAllowedTable();
        calling(() -> new Flyway(flyway.withoutFiles()).migrate());
    }

    /**
     * Notes that a pending migration has run.
     *
     * @throws Failure (21) if somebody else noted that already
     */
    void add(Connection c, Migration m, Duration took, Ending ending) throws SQLException {
        MigrationInfo info = resolved.get(m.title());
        String version = info.getVersion() == null ? null : info.getVersion().getVersion();
        String known = "SELECT count(*) FROM %s WHERE success AND version = ?".formatted(TABLE);
        if (version != null && Database.one(c, known, Long.class, version) > 0)
            throw Failure.refused(
                    "another program applied " + m.title() + " meanwhile",
                    "look at it with 'avdaily-migrate status', then run up again.");
        Database.update(
                c,
                """
                INSERT INTO %1$s (installed_rank, version, description, type, script, checksum, installed_by,
                                  execution_time, success)
                SELECT coalesce(max(installed_rank), 0) + 1, ?, ?, ?, ?, ?, current_user, ?, ? FROM %1$s"""
                        .formatted(TABLE),
                version,
                shortened(info.getDescription(), 200),
                info.getType().name(),
                shortened(info.getScript(), 1000),
                info.getChecksum(),
                (int) took.toMillis(),
                ending == Ending.DONE);
    }

    /** How a migration ended that has an entry. */
    enum Ending {
        DONE,
        /** Half-way. */
        FAILED
    }

    /** As Flyway shortens it for its table. */
    private static String shortened(String text, int most) {
        return text.length() <= most ? text : text.substring(0, most - 3) + "...";
    }

    /** Makes the table; everything up to {@code version} counts as applied. */
    void begin(String version, String description) throws SQLException {
        if (!isThere()) flyway.mustBeAllowedTable();
        calling(() -> new Flyway(
                        flyway.configuration(null).baselineVersion(version).baselineDescription(description))
                .baseline());
    }

    void repair() {
        calling(() -> new Flyway(flyway.configuration(null)).repair());
    }

    /** Migrations that failed half-way were brought to their end by hand. */
    void countFailedAsApplied() throws SQLException {
        Database.update(db.connection(), "UPDATE " + TABLE + " SET success = true WHERE NOT success");
    }

    /** Takes out the entries of migrations that failed half-way, once what they left is cleared away. */
    void forgetFailed() throws SQLException {
        if (isThere()) Database.update(db.connection(), "DELETE FROM " + TABLE + " WHERE NOT success");
    }

    static void forget(Connection c, MigrationVersion version) throws SQLException {
        Database.update(c, "DELETE FROM " + TABLE + " WHERE version = ?", version.toString());
    }

    /** Lets Flyway work on files and table, and turns what it throws into a failure. */
    private <T> T calling(Supplier<T> work) {
        try {
            return work.get();
        } catch (FlywayException e) {
            throw FlywayErrors.translate(e, db.toString());
        }
    }

    /**
     * Whether the schema that Flyway works in holds anything: if it has no history either, Flyway will not touch it.
     */
    private boolean hasRelations() throws SQLException {
        return Database.one(
                db.connection(),
                """
                SELECT EXISTS (SELECT FROM pg_depend n WHERE n.refclassid = 'pg_namespace'::regclass
                  AND n.refobjid = to_regnamespace('public')::oid AND n.deptype = 'n'
                  AND n.classid NOT IN ('pg_extension'::regclass, 'pg_collation'::regclass)
                  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = n.classid AND d.objid = n.objid
                    AND d.deptype = 'e'))""",
                Boolean.class);
    }
}
