package avdaily.monitor;

import avdaily.db.Samples.Sample;
import avdaily.deploy.Thresholds;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What earlier looks saw, as far as they left samples.
 *
 * @param samples the oldest first
 * @param now when this look began
 */
public record Trend(List<Sample> samples, Instant now) {
    /** What a number is compared with: that of about a day before. */
    private static final Duration COMPARED = Duration.ofDays(1);

    private static final String LEVEL = "level ";

    /** A number of an earlier look. */
    public record Before(double value, Duration age) {}

    /** Under which name a check's level is kept. */
    static String level(HealthCheck.Name check) {
        return LEVEL + check;
    }

    /** Under which name the size of a table with its indexes is kept, if it is one of the largest. */
    public static String sizeOf(String table) {
        return "size " + table;
    }

    Optional<Sample> last() {
        return samples.isEmpty() ? Optional.empty() : Optional.of(samples.get(samples.size() - 1));
    }

    /** The first of the last looks that all ended as this one did; nothing if the last one did not. */
    public Optional<Instant> since(HealthCheck.Name check, Thresholds.Level level) {
        Instant since = null;
        for (int i = samples.size() - 1; i >= 0; i--) {
            Optional<Double> was = samples.get(i).number(level(check));
            if (was.isEmpty() || was.get() != level.ordinal()) break;
            since = samples.get(i).at();
        }
        return Optional.ofNullable(since);
    }

    /** The first of the last looks that all had the number; nothing if the last one had it not. */
    public Optional<Instant> since(String metric) {
        Instant since = null;
        for (int i = samples.size() - 1; i >= 0; i--) {
            if (samples.get(i).number(metric).isEmpty()) break;
            since = samples.get(i).at();
        }
        return Optional.ofNullable(since);
    }

    /** The number of the newest look that is at least a day old, else of the oldest one. */
    public Optional<Before> before(String metric) {
        Optional<Sample> found = Optional.empty();
        for (Sample sample : samples) {
            boolean isOld = sample.at().isBefore(now.minus(COMPARED));
            if (sample.number(metric).isPresent() && (isOld || found.isEmpty())) found = Optional.of(sample);
        }
        return found.map(sample -> new Before(sample.number(metric).orElseThrow(), Duration.between(sample.at(), now)));
    }

    /** The numbers of all looks that had it. */
    public List<Double> history(String metric) {
        return samples.stream()
                .flatMap(sample -> sample.number(metric).stream())
                .toList();
    }
}
