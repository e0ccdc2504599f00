package avdaily.deploy;

import avdaily.base.StrictYaml;
import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;

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

    private enum Unit {
        SECONDS((given, word) -> given.duration(word).map(time -> (double) time.toSeconds())),
        PERCENT(StrictYaml::percent),
        BYTES(StrictYaml::bytes),
        PIECES((given, word) -> given.number(word).map(Integer::doubleValue));

        private final BiFunction<StrictYaml, String, Optional<Double>> reading;

        Unit(BiFunction<StrictYaml, String, Optional<Double>> reading) {
            this.reading = reading;
        }
    }

    /** What has a limit, by its name in avdaily.yaml, with the limit that holds if that says nothing. */
    public enum Measure {
        BACKUP_AGE(Duration.ofHours(26), Duration.ofHours(50)),
        CONNECTIONS(Unit.PERCENT, 80, 95),
        BLOCKED(Duration.ofSeconds(30), Duration.ofMinutes(5)),
        TRANSACTION_AGE(Duration.ofMinutes(15), Duration.ofHours(2)),
        REPLICATION_LAG(Duration.ofMinutes(1), Duration.ofMinutes(10)),
        CACHE_HITS(Unit.PERCENT, 95, 80),
        DEAD_ROWS(Unit.PERCENT, 20, 50),
        BLOAT(Unit.PERCENT, 50, 80),
        SLOW_STATEMENT(Duration.ofSeconds(1), Duration.ofSeconds(10)),
        WRAPAROUND(Unit.PERCENT, 30, 60),
        DISK(Unit.PERCENT, 85, 95),
        WAL_RETAINED(Unit.BYTES, 5e9, 50e9),
        ARCHIVE_BACKLOG(Unit.PIECES, 16, 256);

        private final Unit unit;
        private final Limit usual;

        Measure(Duration warning, Duration critical) {
            this(Unit.SECONDS, warning.toSeconds(), critical.toSeconds());
        }

        Measure(Unit unit, double warning, double critical) {
            this.unit = unit;
            this.usual = new Limit(warning, critical, critical < warning);
        }
    }

    private static final String OFF = "off";

    private final Map<Measure, Limit> limits = new EnumMap<>(Measure.class);
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
        for (Measure measure : Measure.values()) all.limit(map, measure);
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

    private void limit(StrictYaml map, Measure measure) {
        String name = StrictYaml.word(measure);
        StrictYaml given = limits(map, name);
        Limit limit = new Limit(
                measure.unit.reading.apply(given, "warning").orElse(measure.usual.warning),
                measure.unit.reading.apply(given, "critical").orElse(measure.usual.critical),
                measure.usual.falling);
        given.done();
        if (limit.falling ? limit.warning < limit.critical : limit.warning > limit.critical)
            throw map.mistake(
                    name, name + " is critical before it warns", "name both limits, the milder one as 'warning'.");
        limits.put(measure, limit);
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

    public Limit limit(Measure measure) {
        return limits.get(measure);
    }
}
