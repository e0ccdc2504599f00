package avdaily.copy;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** A line of {@code COPY}'s text in the making, behind those that wait to be taken together. */
final class Line {
    /** The server can neither write nor read a longer line. */
    private static final long LONGEST = (1 << 30) - 1;
    /** A longer line goes on in pieces. */
    private static final int PIECE = 1 << 20;
    /** So many bytes do not wait for more; they are still in the cache. */
    private static final int ENOUGH = 1 << 16;
    /** So much of a value is written at once. */
    private static final int SLICE = 1 << 16;
    /** For what is around the values: a tab, a line feed, and seven bytes more of a copy of eight. */
    private static final int MARGIN = 16;

    private static final VarHandle EIGHT = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle TWO = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final short[] HEX = new short[256];
    private static final short[] DECIMAL = new short[100];

    static {
        for (int i = 0; i < HEX.length; i++)
            HEX[i] = two(Character.forDigit(i >> 4, 16), Character.forDigit(i & 0xf, 16));
        for (int i = 0; i < DECIMAL.length; i++) DECIMAL[i] = two('0' + i / 10, '0' + i % 10);
    }

    private byte[] bytes = new byte[2 * ENOUGH];
    private int size;
    /** Where the line begins; before it are lines that wait. */
    private int start;
    /** Of the line, what is with the sink. */
    private long gone;

    private TextRows.Sink sink;

    private static short two(int first, int second) {
        return (short) (first | second << Byte.SIZE);
    }

    byte[] bytes() {
        return bytes;
    }

    int size() {
        return size;
    }

    /** Begins another line. */
    void begin(TextRows.Sink sink) {
        this.sink = sink;
        start = size;
        gone = 0;
    }

    void end() throws IOException {
        put('\n');
        if (gone + size - start > LONGEST) throw new LineTooLong();
        sink.line(bytes, start, size - start, true);
        if (size >= ENOUGH) flush(sink);
    }

    /** Gives away what waits. */
    void flush(TextRows.Sink sink) throws IOException {
        sink.text(bytes, size);
        size = 0;
        start = 0;
    }

    void cutTo(int shorter) {
        size = shorter;
    }

    /** Makes room for so many bytes more, at most some hundred thousand. Values of any length make it themselves. */
    void makeRoom(int more) throws IOException {
        if (size + more > PIECE) sendPiece();
        int least = size + more + MARGIN;
        if (least > bytes.length) bytes = Arrays.copyOf(bytes, Math.max(least, 2 * bytes.length));
    }

    private void sendPiece() throws IOException {
        gone += size - start;
        if (gone > LONGEST) throw new LineTooLong();
        sink.line(bytes, start, size - start, false);
        flush(sink);
    }

    void put(int sign) {
        bytes[size++] = (byte) sign;
    }

    void putNull() throws IOException {
        makeRoom(2);
        put('\\');
        put('N');
    }

    void put(byte[] plain) {
        System.arraycopy(plain, 0, bytes, size, plain.length);
        size += plain.length;
    }

    void ascii(String text) {
        for (int i = 0; i < text.length(); i++) put(text.charAt(i));
    }

    /** Two decimal digits. */
    void pair(int number) {
        TWO.set(bytes, size, DECIMAL[number]);
        size += 2;
    }

    void number(long number) {
        if (number < 0) put('-');
        int at = size + 1;
        for (long rest = number / 10; rest != 0; rest /= 10) at++;
        size = at;
        long rest = number;
        do {
            bytes[--at] = (byte) ('0' + Math.abs((int) (rest % 10)));
            rest /= 10;
        } while (rest != 0);
    }

    /** Two digits for each byte. */
    void hex(byte[] from, int start, int length) {
        byte[] line = bytes;
        int to = size;
        for (int i = 0; i < length; i++) TWO.set(line, to + 2 * i, HEX[from[start + i] & 0xff]);
        size = to + 2 * length;
    }

    /** Two digits for each byte of a value. */
    void longHex(byte[] from, int start, int length) throws IOException {
        for (int at = start; at < start + length; at += SLICE) {
            int slice = Math.min(SLICE, start + length - at);
            makeRoom(2 * slice);
            hex(from, at, slice);
        }
    }

    /** A value that is text, with a backslash before what would end it otherwise. */
    void text(byte[] from, int start, int end) throws IOException {
        int at = start;
        do {
            int slice = Math.min(SLICE, end - at);
            makeRoom(2 * slice);
            slice(from, at, at + slice);
            at += slice;
        } while (at < end);
    }

    /** Copies many bytes at once. */
    private void slice(byte[] from, int start, int end) {
        byte[] line = bytes;
        int at = start;
        int to = size;
        while (end - at >= Long.BYTES) {
            long eight = (long) EIGHT.get(from, at);
            EIGHT.set(line, to, eight);
            if (end - at >= 2 * Long.BYTES) {
                long others = (long) EIGHT.get(from, at + Long.BYTES);
                if (Signs.arePlain(eight, others)) {
                    EIGHT.set(line, to + Long.BYTES, others);
                    at += 2 * Long.BYTES;
                    to += 2 * Long.BYTES;
                    continue;
                }
            }
            long found = Signs.found(eight);
            int plain = Signs.before(found);
            at += plain;
            to += plain;
            if (found != 0) to = escape(from[at++], to);
        }
        if (from.length - at >= Long.BYTES) { // behind the value there are others
            long eight = (long) EIGHT.get(from, at);
            if ((Signs.found(eight) & (1L << (end - at) * Byte.SIZE) - 1) == 0) {
                EIGHT.set(line, to, eight);
                size = to + end - at;
                return;
            }
        }
        while (at < end) to = escape(from[at++], to);
        size = to;
    }

    private int escape(byte sign, int to) {
        byte escaped = Signs.escaped(sign);
        if (escaped == 0) {
            bytes[to] = sign;
            return to + 1;
        }
        bytes[to] = '\\';
        bytes[to + 1] = escaped;
        return to + 2;
    }
}
