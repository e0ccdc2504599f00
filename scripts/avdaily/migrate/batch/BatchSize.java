package avdaily.migrate.batch;

import java.time.Duration;

/** How many rows a batch has: as many as one gets done in about a second, and in less where others wait for it. */
final class BatchSize {
    private static final Duration WANTED = Duration.ofSeconds(1);
    /** Longer than this nobody is to wait for us. */
    private static final Duration PATIENCE = Duration.ofMillis(500);
    /** So that the next batch ends before somebody's patience does. */
    private static final Duration WANTED_BY_OTHERS = Duration.ofMillis(400);
    /** Slowly back: each time it is too much, others wait. */
    private static final double GROWTH = 1.02;

    private static final long MOST = 1_000_000;
    private static final double STEP = 2;

    private long rows;
    private double wantedMillis = WANTED.toMillis();

    BatchSize(long rows) {
        this.rows = Math.max(1, Math.min(MOST, rows));
    }

    /** Whether somebody waited longer for us than is right. */
    static boolean isLong(Duration othersWaited) {
        return othersWaited.compareTo(PATIENCE) > 0;
    }

    long rows() {
        return rows;
    }

    boolean isSmallest() {
        return rows == 1;
    }

    /** A batch did not come to its end in time, or was in somebody's way. */
    void halve() {
        rows = Math.max(1, rows / 2);
    }

    /**
     * A whole batch came to its end.
     *
     * @param took how long it took
     * @param othersWaited how long another session waited for it
     */
    void learn(Duration took, Duration othersWaited) {
        wantedMillis = isLong(othersWaited)
                ? WANTED_BY_OTHERS.toMillis()
                : Math.min(WANTED.toMillis(), wantedMillis * GROWTH);
        double factor = wantedMillis / Math.max(1, took.toMillis());
        rows = (long) Math.max(1, Math.min(MOST, rows * Math.max(1 / STEP, Math.min(STEP, factor))));
    }
}
