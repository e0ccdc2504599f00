package avdaily.copy;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** A line of {@code COPY}'s text in the making. */
final class Line {
    /** The server can neither write nor read a longer line. */
    private static final long LONGEST = (1 << 30) - 1;
    /** Of a longer value it is counted first how long its text is. */
    private static final int LONG_VALUE = 1 << 16;
    /** A longer buffer is for one line only. */
    private static final int KEPT = 1 << 20;
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

    private byte[] bytes = new byte[1024];
    private int size;

    private static short two(int first, int second) {
        return (short) (first | second << Byte.SIZE);
    }

    byte[] bytes() {
        return bytes;
    }

    int size() {
        return size;
    }

    /** Empties the line. */
    void clear() {
        size = 0;
        if (bytes.length > KEPT) bytes = new byte[LONG_VALUE];
    }

    void cutTo(int shorter) {
        size = shorter;
    }

    /** Makes room for so many bytes more; {@link #text} does so itself. */
    void makeRoom(long more) throws LineTooLong {
        long least = size + more;
        if (least > LONGEST) throw new LineTooLong();
        if (least + MARGIN > bytes.length)
            bytes = Arrays.copyOf(bytes, (int) (least + MARGIN + Math.min(least, LONG_VALUE)));
    }

    void put(int sign) {
        bytes[size++] = (byte) sign;
    }

    void putNull() throws LineTooLong {
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

    /** A value that is text, with a backslash before what would end it otherwise. Copies many bytes at once. */
    void text(byte[] from, int start, int end) throws LineTooLong {
        makeRoom(end - start <= LONG_VALUE ? 2L * (end - start) : lengthOfText(from, start, end));
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

    /** How long the text of a value is that is text. */
    static long lengthOfText(byte[] from, int start, int end) {
        long length = end - start;
        for (int i = start; i < end; i++) {
            while (end - i > Long.BYTES && Signs.arePlain((long) EIGHT.get(from, i))) i += Long.BYTES;
            if (Signs.escaped(from[i]) != 0) length++;
        }
        return length;
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
