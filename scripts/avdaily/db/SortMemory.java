package avdaily.db;

/**
 * The memory in which the server sorts the entries of a B-tree. What stays in a processor's cache is sorted faster than
 * what fills {@code maintenance_work_mem}, as long as all that was sorted is merged at once.
 */
public final class SortMemory {
    private static final int LEAST_KILOBYTES = 16 << 10;
    /** With less for each process the server builds without helpers. */
    private static final int LEAST_WITH_HELPERS = 32 << 10;

    private static final int BYTES_OF_ENTRY = 64;
    /** What the server takes for each of the runs that it merges. */
    private static final int BYTES_OF_RUN = 264 << 10;

    /**
     * The kilobytes of {@code maintenance_work_mem} for an index.
     *
     * @param rows about as many as it has
     * @param processes that build it together, the session's own among them
     */
    public static long kilobytes(long rows, int processes) {
        double bytes = (double) rows / processes * BYTES_OF_ENTRY;
        long mergedAtOnce = (long) Math.ceil(Math.sqrt(bytes * BYTES_OF_RUN) / 1024);
        return processes * Math.max(processes == 1 ? LEAST_KILOBYTES : LEAST_WITH_HELPERS, mergedAtOnce);
    }

    private SortMemory() {}
}
