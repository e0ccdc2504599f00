package avdaily.migrate.batch;

import avdaily.base.Format;
import avdaily.base.SqlResource;
import avdaily.db.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** What may have the next batch wait, seen from a session of its own: standbys, the archive and autovacuum. */
final class BatchLooks {
    private static final String STANDBYS = SqlResource.of(BatchLooks.class, "standbys.sql");
    private static final String WAITING = SqlResource.of(BatchLooks.class, "waiting-for-us.sql");
    private static final String FREEZING = SqlResource.of(BatchLooks.class, "freezing.sql");
    private static final String MAY_SEE_ARCHIVE =
            """
            SELECT pg_catalog.current_setting('archive_mode') <> 'off'
              AND pg_catalog.has_function_privilege('pg_catalog.pg_ls_archive_statusdir()', 'EXECUTE')""";
    private static final String ARCHIVE =
            "SELECT count(*) FROM pg_catalog.pg_ls_archive_statusdir() WHERE name LIKE '%.ready'";
    /** A gigabyte, if nobody changed the size of a segment. */
    private static final long MOST_SEGMENTS = 64;

    private static final int MOST_SAMPLES = 10_000;

    /** How far the log of changes was at a moment. */
    private record Sample(Instant at, long position) {}

    private final long relation;
    private final Duration mostLag;
    private final Deque<Sample> samples = new ArrayDeque<>();
    private Boolean seesArchive;

    /** @param relation the table that is walked through; 0 if that is not known */
    BatchLooks(long relation, Duration mostLag) {
        this.relation = relation;
        this.mostLag = mostLag;
    }

    /** How long somebody has waited for what the transaction of {@code c} holds. */
    static Duration waitingFor(Connection c) throws SQLException {
        return Duration.ofMillis(Database.one(c, WAITING, Long.class));
    }

    /** Why the next batch has to wait; nothing if it may begin. */
    Optional<String> reason(Connection c) throws SQLException {
        List<String> reasons = new ArrayList<>();
        lag(c).filter(lag -> lag.compareTo(mostLag) > 0)
                .ifPresent(lag -> reasons.add("a standby lies " + Format.duration(lag) + " behind"));
        if (seesArchive == null) seesArchive = Database.one(c, MAY_SEE_ARCHIVE, Boolean.class);
        if (seesArchive) {
            long segments = Database.one(c, ARCHIVE, Long.class);
            if (segments > MOST_SEGMENTS)
                reasons.add(Format.count(segments, "segment") + " of the log of changes wait to be archived");
        }
        if (relation != 0 && Database.one(c, FREEZING, Boolean.class, relation, relation))
            reasons.add("autovacuum freezes the table before transaction numbers run out");
        return reasons.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", reasons));
    }

    /** How old the newest change is that the last of the standbys has; one that stands still says nothing of time. */
    private Optional<Duration> lag(Connection c) throws SQLException {
        record Standby(Long position, Long lagMillis, long now) {}
        List<Standby> standbys = Database.list(
                c,
                STANDBYS,
                row -> new Standby(row.getObject(1, Long.class), row.getObject(2, Long.class), row.getLong(3)));
        Optional<Duration> worst = Optional.empty();
        Instant now = Instant.now();
        for (Standby standby : standbys) {
            if (samples.size() < MOST_SAMPLES) samples.addLast(new Sample(now, standby.now));
            if (standby.position == null) continue;
            Duration since = samples.stream()
                    .filter(sample -> sample.position > standby.position)
                    .findFirst()
                    .map(sample -> Duration.between(sample.at, now))
                    .orElse(Duration.ZERO);
            Duration said = Duration.ofMillis(standby.lagMillis == null ? 0 : standby.lagMillis);
            Duration lag = since.compareTo(said) > 0 ? since : said;
            if (worst.isEmpty() || lag.compareTo(worst.get()) > 0) worst = Optional.of(lag);
        }
        standbys.stream()
                .filter(standby -> standby.position != null)
                .mapToLong(Standby::position)
                .min()
                .ifPresent(least -> {
                    while (samples.size() > 1 && samples.peekFirst().position <= least) samples.removeFirst();
                });
        return worst;
    }
}
