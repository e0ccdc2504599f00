package avdaily.db;

import java.util.regex.Pattern;

/**
 * The memory in which the server sorts the entries of a B-tree. What stays in a processor's cache is sorted faster than
 * what fills {@code maintenance_work_mem}, as long as all that was sorted is merged at once.
 */
public final class SortMemory {
    private static final int LEAST_KILOBYTES = 16 << 10;
    /** A server on Windows takes no more; a file may tell any number of rows. */
    private static final long MOST_KILOBYTES = (2 << 20) - 1;
    /** With less for each process the server builds without helpers. */
    private static final int LEAST_WITH_HELPERS = 32 << 10;

    private static final int BYTES_OF_ENTRY = 64;
    /** What the server takes for each of the runs that it merges. */
    private static final int BYTES_OF_RUN = 264 << 10;

    private static final Pattern OTHER =
            Pattern.compile("(?i)\\bUSING\\s+(?!btree\\b)(?:\\w+|\"[^\"]+\")\\s*\\(|\\bFOREIGN\\s+KEY\\b");

    /** Whether an index or constraint, in the server's words, is a B-tree. Others need memory for other things. */
    public static boolean isFor(String definition) {
        return !OTHER.matcher(definition).find();
    }

    /**
     * The kilobytes of {@code maintenance_work_mem} for an index.
     *
     * @param rows about as many as it has
     * @param processes that build it together, the session's own among them
     */
    public static long kilobytes(long rows, int processes) {
        double bytes = (double) rows / processes * BYTES_OF_ENTRY;
        long mergedAtOnce = (long) Math.ceil(Math.sqrt(bytes * BYTES_OF_RUN) / 1024);
        long least = processes == 1 ? LEAST_KILOBYTES : LEAST_WITH_HELPERS;
        return Math.min(MOST_KILOBYTES, processes * Math.max(least, mergedAtOnce));
    }

    private SortMemory() {}
}
