package avdaily.migrate;

import avdaily.base.Format;
import avdaily.base.Json;
import avdaily.db.Database;
import avdaily.db.OperationLog;
import avdaily.migrate.Migration.State;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Something that happened to a schema.
 *
 * @param what the state into which the migration came
 * @param version "R" for a repeatable migration
 * @param tookMs milliseconds; null if nobody knows
 */
public record MigrationEvent(Instant at, State what, String version, String description, String by, Integer tookMs) {
    /** Rollbacks that ended well, in their order; their migrations newest first, as they were undone. */
    private static final String UNDONE =
            """
            SELECT o.started_at, u ->> 'version', u ->> 'description', o.who || '@' || o.host,
                   u ->> 'appliedAt', u ->> 'appliedBy', substring(u ->> 'ms' FROM '^[0-9]{1,9}$')::int,
                   greatest(0, least(coalesce(extract(epoch FROM o.duration), 0) * 1000, 2147483647))::int
            FROM avdaily_ops.operation o,
              jsonb_path_query(o.details, '$.undone[*] ? (exists (@.version))') WITH ORDINALITY undone (u, n)
            WHERE o.command = 'migrate rollback' AND o.outcome = 'done' AND coalesce(o.details ->> 'schema', '') = ?
            ORDER BY o.id, n""";

    /** What is later can be no time of day in some zones. */
    private static final Instant LATEST = Instant.parse("9999-12-31T00:00:00Z");

    /**
     * Flyway's history, and from the operation log what was taken back and is in Flyway's history no more; the oldest
     * first.
     */
    public static List<MigrationEvent> all(Migrator migrator) throws SQLException {
        Connection c = migrator.db().connection();
        List<MigrationEvent> events = new ArrayList<>();
        for (Migration m : migrator.all()) if (m.appliedAt() != null) events.add(of(m));
        List<MigrationEvent> forth = new ArrayList<>();
        List<MigrationEvent> back = new ArrayList<>();
        String schema = migrator.db().schema().orElse("");
        if (OperationLog.isLogged(c))
            Database.list(c, UNDONE, row -> {
                String version = row.getString(2);
                String description = row.getString(3);
                Optional<Instant> appliedAt = instant(row.getString(5));
                if (appliedAt.isPresent())
                    forth.add(
                            0, // the newest is undone first
                            new MigrationEvent(
                                    appliedAt.get(),
                                    State.APPLIED,
                                    version,
                                    description,
                                    row.getString(6),
                                    row.getInt(7)));
                return back.add(new MigrationEvent(
                        row.getTimestamp(1).toInstant(),
                        State.ROLLED_BACK,
                        version,
                        description,
                        row.getString(4),
                        row.getInt(8)));
            }, schema);
        events.addAll(forth);
        events.addAll(back);
        events.sort(Comparator.comparing(MigrationEvent::at));
        return events;
    }

    /** Others may write to the log, too. */
    private static Optional<Instant> instant(String text) {
        try {
            return Optional.ofNullable(text)
                    .map(Instant::parse)
                    .filter(at -> at.isAfter(Instant.EPOCH) && at.isBefore(LATEST));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    private static MigrationEvent of(Migration m) {
        String version = m.version() == null ? "R" : m.version().toString();
        return new MigrationEvent(m.appliedAt(), m.state(), version, m.description(), m.appliedBy(), m.tookMs());
    }

    public List<String> cells() {
        return Arrays.asList(
                Migration.time(at),
                what.toString(),
                version,
                description,
                by,
                tookMs == null ? null : Format.duration(Duration.ofMillis(tookMs)));
    }

    public Map<String, Object> json() {
        return Json.object(
                "at",
                at.toString(),
                "what",
                what.toString(),
                "version",
                version,
                "description",
                description,
                "by",
                by,
                "durationMillis",
                tookMs);
    }
}
