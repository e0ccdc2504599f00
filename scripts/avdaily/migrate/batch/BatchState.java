package avdaily.migrate.batch;

import avdaily.base.Format;
import avdaily.base.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How far a data migration is, as its last batch left it.
 *
 * @param relation the number of the table that is walked through; 0 if the statements limit themselves
 * @param key the numbers of the columns of its key
 * @param position the last key that is done; null before the first batch
 * @param pass how often the table is walked through, this time included
 * @param size how many rows the next batch may have
 * @param walked the rows that this pass came by
 * @param changed the rows that the statements changed, in all passes
 * @param total about how many rows there are; 0 if that is unknown
 * @param busy the time of all batches and of the pauses between them
 * @param waiting why no batch runs just now, or null
 * @param failure why the last batch failed, or null
 * @param finished null until it counts as applied
 */
public record BatchState(
        String version,
        long relation,
        List<Short> key,
        List<String> position,
        int pass,
        long size,
        long batches,
        long walked,
        long changed,
        long total,
        Duration busy,
        String waiting,
        String failure,
        Instant finished) {
    private static final double ALL = 100;
    /** More cannot be said before the query says that all is done. */
    private static final double ALMOST = 99.9;

    public boolean isFinished() {
        return finished != null;
    }

    /** How many rows are done. */
    private long done() {
        return total > 0 ? walked : changed;
    }

    private double percent() {
        return isFinished() ? ALL : Math.min(ALMOST, ALL * walked / Math.max(total, walked + 1));
    }

    private double rowsPerSecond() {
        return busy.isZero() ? 0 : done() * 1000.0 / busy.toMillis();
    }

    private Duration left() {
        return Duration.ofMillis((long) (Math.max(0, total - walked) * 1000 / Math.max(rowsPerSecond(), 0.001)));
    }

    /** The same without what is in its way just now. */
    public BatchState withoutReasons() {
        return new BatchState(
                version, relation, key, position, pass, size, batches, walked, changed, total, busy, null, null,
                finished);
    }

    /** As in "43%, 2,150,000 of about 5,000,000 rows, 95,000 rows a second, about 30 s left". */
    public String words() {
        StringBuilder words = new StringBuilder();
        if (total > 0)
            words.append(String.format(Locale.ROOT, "%.0f%%, %,d of about ", Math.floor(percent()), walked))
                    .append(Format.count(Math.max(total, walked), "row"));
        else words.append(Format.count(changed, "row")).append(" changed");
        if (!busy.isZero())
            words.append(", ")
                    .append(Format.count(Math.round(rowsPerSecond()), "row"))
                    .append(" a second");
        if (total > 0 && walked > 0)
            words.append(", about ").append(Format.age(left())).append(" left");
        if (pass > 1) words.append(", pass ").append(pass);
        if (waiting != null) words.append("; pauses: ").append(waiting);
        if (failure != null) words.append("; the last batch failed: ").append(failure);
        return words.toString();
    }

    public Map<String, Object> json() {
        return Json.object(
                "version",
                version,
                "percent",
                total > 0 ? Math.floor(percent() * 10) / 10 : null,
                "rowsWalked",
                walked,
                "rowsChanged",
                changed,
                "rowsTotal",
                total > 0 ? total : null,
                "rowsPerSecond",
                Math.round(rowsPerSecond()),
                "leftMillis",
                total > 0 && walked > 0 ? left().toMillis() : null,
                "batchCount",
                batches,
                "batchRows",
                size,
                "pass",
                pass,
                "position",
                position,
                "pauses",
                waiting,
                "failure",
                failure);
    }
}
