package avdaily.deploy;

import avdaily.base.StrictYaml;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * When the monitor warns, and when it calls something critical: lengths of time in seconds, shares in percent, sizes in
 * bytes.
 */
public final class Thresholds {
    /** @param falling whether less is worse */
    public record Limit(double warning, double critical, boolean falling) {
        public Level of(double value) {
            if (falling ? value < critical : value >= critical) return Level.CRITICAL;
            return (falling ? value < warning : value >= warning) ? Level.WARNING : Level.OK;
        }
    }

    /** How a check ended, from good to bad; SKIPPED says nothing and is below all. */
    public enum Level {
        SKIPPED,
        OK,
        WARNING,
        UNKNOWN,
        CRITICAL;

        /** The word in reports. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final String OFF = "off";

    private final Map<String, Limit> limits = new LinkedHashMap<>();
    private final Map<String, Limit> freshness = new LinkedHashMap<>();
    private final Map<String, Integer> volume = new LinkedHashMap<>();
    private final Set<String> off = new LinkedHashSet<>();

    /**
     * Reads the {@code monitor} part of a configuration; the defaults here stand for what it leaves out.
     *
     * @throws Failure (2) naming file and line of a mistake
     */
    static Thresholds read(StrictYaml map) {
        Thresholds all = new Thresholds();
        all.time(map, "backup-age", Duration.ofHours(26), Duration.ofHours(50));
        all.share(map, "connections", 80, 95, false);
        all.time(map, "blocked", Duration.ofSeconds(30), Duration.ofMinutes(5));
        all.time(map, "transaction-age", Duration.ofMinutes(15), Duration.ofHours(2));
        all.time(map, "replication-lag", Duration.ofMinutes(1), Duration.ofMinutes(10));
        all.share(map, "cache-hits", 95, 80, true);
        all.share(map, "dead-rows", 20, 50, false);
        all.share(map, "bloat", 50, 80, false);
        all.time(map, "slow-statement", Duration.ofSeconds(1), Duration.ofSeconds(10));
        all.share(map, "wraparound", 30, 60, false);
        all.share(map, "disk", 85, 95, false);
        all.size(map, "wal-retained", 5e9, 50e9);
        all.number(map, "archive-backlog", 16, 256);
        all.freshness(map);
        all.volume(map);
        for (String name : List.of("size", "conflicts", "checksums", "settings", "extensions")) all.noLimit(map, name);
        all.noLimit(map, "migrations");
        all.noLimit(map, "drift");
        all.noLimit(map, "integrity");
        map.done();
        return all;
    }

    private void noLimit(StrictYaml map, String name) {
        map.text(name).ifPresent(word -> {
            if (!word.equals(OFF))
                throw map.mistake(name, "'" + word + "' is no value of '" + name + "'", "write off, or leave it out.");
            off.add(name);
        });
    }

    /** A limit as it stands below a name. */
    private interface Reading {
        Optional<Double> of(StrictYaml given, String word);
    }

    private void time(StrictYaml map, String name, Duration warning, Duration critical) {
        read(map, name, new Limit(warning.toSeconds(), critical.toSeconds(), false), (given, word) -> given.duration(
                        word)
                .map(time -> (double) time.toSeconds()));
    }

    private void share(StrictYaml map, String name, double warning, double critical, boolean falling) {
        read(map, name, new Limit(warning, critical, falling), StrictYaml::percent);
    }

    private void size(StrictYaml map, String name, double warning, double critical) {
        read(map, name, new Limit(warning, critical, false), StrictYaml::bytes);
    }

    private void number(StrictYaml map, String name, int warning, int critical) {
        read(map, name, new Limit(warning, critical, false), (given, word) -> given.number(word)
                .map(Integer::doubleValue));
    }

    /** @param usual what stands for limits that are left out */
    private void read(StrictYaml map, String name, Limit usual, Reading reading) {
        StrictYaml given = limits(map, name);
        add(
                map,
                given,
                name,
                new Limit(
                        reading.of(given, "warning").orElse(usual.warning),
                        reading.of(given, "critical").orElse(usual.critical),
                        usual.falling));
    }

    /** How old the newest value of a column may be; a single length of time is critical. */
    private void freshness(StrictYaml map) {
        StrictYaml columns = limits(map, "freshness");
        for (String column : columns.keys()) {
            Limit limit = columns.isMap(column) ? ages(columns, column) : age(columns, column);
            if (!column.matches("[^.]+\\.[^.]+(\\.[^.]+)?"))
                throw columns.mistake(
                        column, "'" + column + "' is no column", "write table.column or schema.table.column.");
            freshness.put(column, limit);
        }
        columns.done();
    }

    private static Limit age(StrictYaml columns, String column) {
        double seconds = columns.duration(column).orElse(Duration.ZERO).toSeconds();
        return new Limit(seconds, seconds, false);
    }

    private static Limit ages(StrictYaml columns, String column) {
        StrictYaml given = columns.map(column);
        Duration critical = given.duration("critical").orElse(Duration.ofDays(365_000));
        Limit limit = new Limit(given.duration("warning").orElse(critical).toSeconds(), critical.toSeconds(), false);
        given.done();
        if (limit.warning > limit.critical)
            throw columns.mistake(
                    column, column + " is critical before it warns", "name both limits, the milder one as 'warning'.");
        return limit;
    }

    /** How many rows a table has at least. */
    private void volume(StrictYaml map) {
        StrictYaml tables = limits(map, "volume");
        for (String table : tables.keys())
            volume.put(table, tables.number(table).orElse(0));
        tables.done();
    }

    private StrictYaml limits(StrictYaml map, String name) {
        if (!map.is(name, OFF)) return map.map(name);
        off.add(name);
        return StrictYaml.EMPTY;
    }

    private void add(StrictYaml map, StrictYaml given, String name, Limit limit) {
        given.done();
        if (limit.falling ? limit.warning < limit.critical : limit.warning > limit.critical)
            throw map.mistake(
                    name, name + " is critical before it warns", "name both limits, the milder one as 'warning'.");
        limits.put(name, limit);
    }

    /** How old the newest value of columns may be, by table.column or schema.table.column. */
    public Map<String, Limit> freshness() {
        return freshness;
    }

    /** How many rows tables have at least, by table or schema.table. */
    public Map<String, Integer> volume() {
        return volume;
    }

    /** @param name as in avdaily.yaml */
    public boolean isOff(String name) {
        return off.contains(name);
    }

    /** @param name as in avdaily.yaml */
    public Limit limit(String name) {
        return Optional.ofNullable(limits.get(name)).orElseThrow();
    }
}
