package avdaily.migrate;

import avdaily.base.Format;
import avdaily.base.Json;
import avdaily.db.Database;
import avdaily.db.OperationLog;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** Something that happened to a schema. */
public record MigrationEvent(Instant at, String what, String version, String description, String by, Integer tookMs) {
    /** Flyway's history, and from our own what was taken back, the oldest first. */
    public static List<MigrationEvent> all(Migrator migrator) throws SQLException {
        List<MigrationEvent> events = new ArrayList<>();
        List<MigrationEvent> forth = new ArrayList<>(); // what is in Flyway's history no more
        List<MigrationEvent> back = new ArrayList<>();
        for (Migration m : migrator.all())
            if (m.appliedAt() != null)
                events.add(new MigrationEvent(
                        m.appliedAt(),
                        m.state(),
                        m.version() == null ? "R" : m.version().toString(),
                        m.description(),
                        m.appliedBy(),
                        m.tookMs()));
        if (OperationLog.isLogged(migrator.db.connection()))
            Database.list(
                    migrator.db.connection(),
                    """
                    SELECT o.started_at, u ->> 'version', u ->> 'description', o.who || '@' || o.host, u ->> 'appliedAt', u ->> 'appliedBy', (u ->> 'ms')::int,
                           (extract(epoch FROM o.duration) * 1000)::int
                    FROM avdaily_ops.operation o, jsonb_array_elements(o.details -> 'undone') WITH ORDINALITY undone (u, n)
                    WHERE o.command = 'migrate rollback' AND o.outcome = 'done' ORDER BY o.id, n""",
                    row -> {
                        forth.add(
                                0,
                                new MigrationEvent(
                                        Instant.parse(row.getString(5)),
                                        "applied",
                                        row.getString(2),
                                        row.getString(3),
                                        row.getString(6),
                                        row.getInt(7))); // the newest is undone first
                        return back.add(new MigrationEvent(
                                row.getTimestamp(1).toInstant(),
                                "rolled back",
                                row.getString(2),
                                row.getString(3),
                                row.getString(4),
                                row.getInt(8)));
                    });
        events.addAll(forth);
        events.addAll(back);
        events.sort(Comparator.comparing(MigrationEvent::at));
        return events;
    }

    public List<String> cells() {
        return Arrays.asList(
                Migration.time(at),
                what,
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
                what,
                "version",
                version,
                "description",
                description,
                "by",
                by,
                "ms",
                tookMs);
    }
}
