package avdaily.sql;

import avdaily.base.Failure;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/** The bytes of a file one by one, with the line that each stands on; those that belong to a statement are held. */
abstract class ByteScanner implements Closeable {
    static final int BUFFER = 1 << 18;

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

    void hold(int c) {
        if (size == held.length)
            held = Arrays.copyOf(held, held.length < 1 << 30 ? held.length * 2 : Integer.MAX_VALUE - 8);
        held[size++] = (byte) c;
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
