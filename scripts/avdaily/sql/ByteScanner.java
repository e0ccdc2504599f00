package avdaily.sql;

import avdaily.base.Failure;
import avdaily.base.Format;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Set;

/**
 * The bytes of a file one by one, with the line that each stands on; those that belong to a statement are held. However
 * long a statement is, it takes no more memory than there is.
 */
abstract class ByteScanner implements Closeable {
    static final int BUFFER = 1 << 18;
    /** A statement in memory is there some ten times: as bytes, as text, and as what is sent. */
    private static final int LONGEST =
            (int) Math.min(1 << 30, Runtime.getRuntime().maxMemory() / 12);

    private final InputStream in;
    final byte[] buffer = new byte[BUFFER];
    int at;
    int end;
    long read;
    long line = 1;
    byte[] held = new byte[1 << 16];
    int size;

    ByteScanner(InputStream in) {
        this.in = in;
    }

    /** The letters that may stand before the quote of a string, and mean something there. */
    static final Set<String> STRINGS = Set.of("e", "n", "b", "x");

    static boolean isDigit(int c) {
        return c >= '0' && c <= '9';
    }

    static boolean isWordStart(int c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= 128;
    }

    static boolean isWordPart(int c) {
        return isWordStart(c) || isDigit(c) || c == '$';
    }

    int get() throws IOException {
        if (at == end && !fill()) return -1;
        int c = buffer[at++] & 0xff;
        if (c == '\n') line++;
        return c;
    }

    int peek() throws IOException {
        return at == end && !fill() ? -1 : buffer[at] & 0xff;
    }

    int must(long start, String what) throws IOException {
        int c = get();
        if (c < 0) throw truncated(start, what);
        return c;
    }

    /** @throws Failure (24) if what is held gets longer than the memory allows */
    void hold(int c) {
        if (size == held.length) grow();
        held[size++] = (byte) c;
    }

    private void grow() {
        if (size >= LONGEST)
            throw damaged(
                    line,
                    "a statement has more than " + Format.bytes(LONGEST) + ", which is more than the memory allows",
                    "nothing was changed; use another backup or, if this one is right, give Java more memory "
                            + "(JAVA_TOOL_OPTIONS=-Xmx8g).");
        held = Arrays.copyOf(held, Math.min(held.length * 2, Math.max(held.length, LONGEST)));
    }

    /** Reads more behind what is left in the buffer; false at the end of the file. */
    boolean fill() throws IOException {
        System.arraycopy(buffer, at, buffer, 0, end - at);
        end -= at;
        at = 0;
        boolean more = false;
        while (end < buffer.length) {
            int n = in.read(buffer, end, buffer.length - end);
            if (n < 0) break;
            end += n;
            read += n;
            more = true;
        }
        return more;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    static Failure truncated(long start, String what) {
        return damaged(start, "the file ends within " + what + " that begins there: it is cut off", null);
    }

    static Failure damaged(long line, String what, String next) {
        return new SqlSyntaxError(
                line, what, next != null ? next : "nothing was changed; use another backup ('avdaily-backup list').");
    }
}
