package avdaily.migrate;

import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.base.Json;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationState;
import org.flywaydb.core.api.MigrationVersion;

/**
 * One migration, as far as files and history know it.
 *
 * @param version null for a repeatable one
 * @param transactional whether it can run in a transaction; always true once it is applied
 * @param appliedAt null, as are {@code appliedBy} and {@code tookMs}, unless the history has an entry
 */
public record Migration(
        MigrationVersion version,
        String description,
        State state,
        boolean transactional,
        Instant appliedAt,
        String appliedBy,
        Integer tookMs) {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ssx").withZone(ZoneId.systemDefault());

    private static final int MOST_TITLES = 10;
    private static final int FIRST_TITLES = 3;

    /** Where a migration stands. */
    public enum State {
        APPLIED("applied"),
        OUT_OF_ORDER("applied, out of order"),
        FILE_GONE("applied, file gone"),
        FILE_UNKNOWN("applied, file unknown"),
        PENDING("pending"),
        /** Pending again after a rollback. */
        UNDONE("undone"),
        /** What happened to a migration that is undone now, in the list of events. */
        ROLLED_BACK("rolled back"),
        BASELINE("baseline"),
        IN_BASELINE("in baseline"),
        /** Failed half-way. */
        FAILED("failed"),
        /** Another run is at it, outside a transaction. */
        RUNNING("running"),
        /** Older than the database's version but never applied. */
        PASSED_OVER("passed over"),
        /** A repeatable one that has run, and whose file changed since. */
        OUTDATED("outdated"),
        /** A run of a repeatable one that ran again later. */
        SUPERSEDED("superseded"),
        /** Its file is gone, and repair took note of that. */
        DELETED("deleted"),
        AVAILABLE("available"),
        BASELINE_IGNORED("ignored (baseline)");

        private final String word;

        State(String word) {
            this.word = word;
        }

        /** The word for it in texts and JSON. */
        @Override
        public String toString() {
            return word;
        }

        /** @param undone whether it was applied once and rolled back since */
        private static State of(MigrationState state, boolean undone) {
            return switch (state) {
                case SUCCESS -> APPLIED;
                case OUT_OF_ORDER -> OUT_OF_ORDER;
                case MISSING_SUCCESS -> FILE_GONE;
                case FUTURE_SUCCESS -> FILE_UNKNOWN;
                case PENDING -> undone ? UNDONE : PENDING;
                case ABOVE_TARGET -> PENDING;
                case UNDONE -> UNDONE;
                case BASELINE -> BASELINE;
                case BELOW_BASELINE -> IN_BASELINE;
                case FAILED, MISSING_FAILED, FUTURE_FAILED -> FAILED;
                case IGNORED -> PASSED_OVER;
                case OUTDATED -> OUTDATED;
                case SUPERSEDED -> SUPERSEDED;
                case DELETED -> DELETED;
                case AVAILABLE -> AVAILABLE;
                case BASELINE_IGNORED -> BASELINE_IGNORED;
            };
        }
    }

    /**
     * A migration as Flyway sees it.
     *
     * @param undone the versions that were rolled back some time
     * @param transactional whether it can run in a transaction, if it is pending
     * @param zone of the times in the history
     */
    static Migration of(MigrationInfo info, Set<String> undone, boolean transactional, ZoneId zone) {
        Date at = info.getInstalledOn();
        return new Migration(
                info.getVersion(),
                info.getDescription(),
                State.of(info.getState(), undone.contains(String.valueOf(info.getVersion()))),
                transactional,
                at == null ? null : instant(at, zone),
                info.getInstalledBy(),
                info.getExecutionTime());
    }

    /** The driver reads a time that has no zone as one of this machine's. */
    static Instant instant(Date time, ZoneId zone) {
        return LocalDateTime.ofInstant(time.toInstant(), ZoneId.systemDefault())
                .atZone(zone)
                .toInstant();
    }

    /** @throws Failure (2) if the text is no version */
    static MigrationVersion version(String text) {
        try {
            return MigrationVersion.fromVersion(text);
        } catch (FlywayException e) {
            throw Failure.usage("'" + text + "' is no version", "write it as in the file's name, as in 7 or 7.1.");
        }
    }

    Migration running() {
        return applied(State.RUNNING, appliedAt, appliedBy, tookMs);
    }

    /** The same with its entry in the history. */
    Migration applied(State state, Instant at, String by, int tookMs) {
        return new Migration(version, description, state, transactional, at, by, tookMs);
    }

    public String title() {
        return (version == null ? "R" : "V" + version) + " " + description;
    }

    /** The titles of them, or of the first and the last if they are many. */
    public static String titles(List<Migration> migrations) {
        int last = migrations.size() - 1;
        if (last < MOST_TITLES) return joined(migrations);
        return joined(migrations.subList(0, FIRST_TITLES)) + " and " + (last - FIRST_TITLES) + " more until "
                + migrations.get(last).title();
    }

    private static String joined(List<Migration> migrations) {
        return migrations.stream().map(Migration::title).collect(Collectors.joining(", "));
    }

    public boolean isPending() {
        return state == State.PENDING || state == State.UNDONE;
    }

    public boolean isRunning() {
        return state == State.RUNNING;
    }

    public boolean isBroken() {
        return state == State.FAILED || state == State.PASSED_OVER;
    }

    public List<String> cells() {
        return Arrays.asList(
                version == null ? "R" : version.toString(),
                description,
                state.toString(),
                time(appliedAt),
                appliedBy,
                tookMs == null ? null : Format.duration(Duration.ofMillis(tookMs)));
    }

    /** The same after a rollback. */
    public Migration undone() {
        return new Migration(version, description, State.UNDONE, transactional, appliedAt, appliedBy, tookMs);
    }

    /** The version of a database for people; before the first migration it has none. */
    public static String shown(String version) {
        return version == null ? "none" : version;
    }

    public static List<Map<String, Object>> json(List<Migration> migrations) {
        return migrations.stream().map(Migration::json).toList();
    }

    Map<String, Object> json() {
        return Json.object(
                "version",
                version == null ? null : version.toString(),
                "description",
                description,
                "state",
                state.toString(),
                "appliedAt",
                appliedAt == null ? null : appliedAt.toString(),
                "appliedBy",
                appliedBy,
                "durationMillis",
                tookMs);
    }

    public static String time(Instant instant) {
        return instant == null ? null : TIME.format(instant);
    }
}
