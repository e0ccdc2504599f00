package avdaily.deploy;

import avdaily.base.StrictYaml;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** When the monitor warns, and when it calls something critical: lengths of time in seconds, shares in percent. */
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
        all.time(map, "slow-statement", Duration.ofSeconds(1), Duration.ofSeconds(10));
        all.share(map, "wraparound", 30, 60, false);
        all.share(map, "disk", 85, 95, false);
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

    private void time(StrictYaml map, String name, Duration warning, Duration critical) {
        StrictYaml given = limits(map, name);
        add(
                map,
                given,
                name,
                new Limit(
                        given.duration("warning").orElse(warning).toSeconds(),
                        given.duration("critical").orElse(critical).toSeconds(),
                        false));
    }

    private void share(StrictYaml map, String name, double warning, double critical, boolean falling) {
        StrictYaml given = limits(map, name);
        add(
                map,
                given,
                name,
                new Limit(
                        given.percent("warning").orElse(warning),
                        given.percent("critical").orElse(critical),
                        falling));
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

    /** @param name as in avdaily.yaml */
    public boolean isOff(String name) {
        return off.contains(name);
    }

    /** @param name as in avdaily.yaml */
    public Limit limit(String name) {
        return Optional.ofNullable(limits.get(name)).orElseThrow();
    }
}
