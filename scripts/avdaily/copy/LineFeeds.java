package avdaily.copy;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** The line feeds in {@code COPY}'s text: each ends a row, as those of values stand with a backslash. */
public final class LineFeeds {
    private static final VarHandle EIGHT = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long LOWS = 0x7f * ONES;
    private static final long HIGHS = 0x80 * ONES;
    private static final long LINE_FEEDS = '\n' * ONES;

    /** Counts them in a part of an array, eight bytes at a time. */
    public static int count(byte[] bytes, int from, int to) {
        int count = 0;
        int at = from;
        for (; to - at >= Long.BYTES; at += Long.BYTES) {
            long others = (long) EIGHT.get(bytes, at) ^ LINE_FEEDS;
            count += Long.BYTES - Long.bitCount(((others & LOWS) + LOWS | others) & HIGHS);
        }
        for (; at < to; at++) if (bytes[at] == '\n') count++;
        return count;
    }

    private LineFeeds() {}
}
