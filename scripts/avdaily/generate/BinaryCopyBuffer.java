package avdaily.generate;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.StringJoiner;

/**
 * Rows for COPY, a piece that many others follow: in the binary format, which no setting of client or server changes,
 * or line by line as text.
 */
public final class BinaryCopyBuffer {
    private static final byte[] SIGNATURE = "PGCOPY\n\377\r\n\0".getBytes(StandardCharsets.ISO_8859_1);
    private static final long EPOCH_SECONDS = 946_684_800; // 2000-01-01, from which the server counts
    private static final int EPOCH_DAYS = 10_957;

    private byte[] bytes = new byte[1 << 16];
    private int size;
    private long rows;

    /** What comes before the first row: no flags, no extension. */
    static byte[] header(RowSource.Format format) {
        if (format == RowSource.Format.TEXT) return new byte[0];
        return Arrays.copyOf(SIGNATURE, SIGNATURE.length + 8);
    }

    /** What comes after the last row. */
    static byte[] trailer(RowSource.Format format) {
        if (format == RowSource.Format.TEXT) return new byte[0];
        return new byte[] {-1, -1};
    }

    byte[] bytes() {
        return bytes;
    }

    int size() {
        return size;
    }

    long rows() {
        return rows;
    }

    public BinaryCopyBuffer row(int columns) {
        room(2);
        put2(columns);
        rows++;
        return this;
    }

    /** A row in the text format: each value as the server reads it, null for null. */
    BinaryCopyBuffer line(List<String> values) {
        StringJoiner line = new StringJoiner("\t", "", "\n");
        values.forEach(value -> line.add(value == null ? "\\N" : escaped(value)));
        byte[] utf8 = line.toString().getBytes(StandardCharsets.UTF_8);
        room(utf8.length);
        System.arraycopy(utf8, 0, bytes, size, utf8.length);
        size += utf8.length;
        rows++;
        return this;
    }

    private static String escaped(String value) {
        return value.replace("\\", "\\\\")
                .replace("\t", "\\t")
                .replace("\n", "\\n")
                .replace("\r", "\\r");
    }

    public BinaryCopyBuffer none() {
        room(4);
        put4(-1);
        return this;
    }

    public BinaryCopyBuffer uuid(long high, long low) {
        room(20);
        put4(16);
        put8(high);
        put8(low);
        return this;
    }

    public BinaryCopyBuffer text(String value) {
        int length = value.length();
        room(4 + length);
        int start = size;
        size += 4;
        for (int i = 0; i < length; i++) {
            char c = value.charAt(i);
            if (c >= 128) {
                size = start;
                return text(value.getBytes(StandardCharsets.UTF_8));
            }
            bytes[size++] = (byte) c;
        }
        size = start;
        put4(length);
        size += length;
        return this;
    }

    public BinaryCopyBuffer text(byte[] utf8) {
        room(4 + utf8.length);
        put4(utf8.length);
        System.arraycopy(utf8, 0, bytes, size, utf8.length);
        size += utf8.length;
        return this;
    }

    public BinaryCopyBuffer jsonb(String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        room(5 + utf8.length);
        put4(1 + utf8.length);
        bytes[size++] = 1; // the format's version
        System.arraycopy(utf8, 0, bytes, size, utf8.length);
        size += utf8.length;
        return this;
    }

    public BinaryCopyBuffer bool(boolean value) {
        room(5);
        put4(1);
        bytes[size++] = (byte) (value ? 1 : 0);
        return this;
    }

    BinaryCopyBuffer int2(int value) {
        room(6);
        put4(2);
        put2(value);
        return this;
    }

    public BinaryCopyBuffer int4(int value) {
        room(8);
        put4(4);
        put4(value);
        return this;
    }

    BinaryCopyBuffer int8(long value) {
        room(12);
        put4(8);
        put8(value);
        return this;
    }

    BinaryCopyBuffer float8(double value) {
        return int8(Double.doubleToRawLongBits(value));
    }

    BinaryCopyBuffer float4(float value) {
        return int4(Float.floatToRawIntBits(value));
    }

    public BinaryCopyBuffer date(long epochDay) {
        return int4((int) (epochDay - EPOCH_DAYS));
    }

    /** A point in time, or a wall clock's time as if it were UTC. */
    public BinaryCopyBuffer timestamp(long epochSecond) {
        return int8((epochSecond - EPOCH_SECONDS) * 1_000_000);
    }

    public BinaryCopyBuffer time(int secondOfDay) {
        return int8(secondOfDay * 1_000_000L);
    }

    /** {@code unscaled} x 10^-{@code scale}, in the server's digits to the base of 10000. */
    public BinaryCopyBuffer numeric(long unscaled, int scale) {
        long rest = Math.abs(unscaled);
        int fraction = (scale + 3) / 4;
        for (int i = scale; i < fraction * 4; i++) rest = Math.multiplyExact(rest, 10);
        int weight = -fraction;
        while (rest != 0 && rest % 10_000 == 0) { // digits that are zero are not sent
            rest /= 10_000;
            weight++;
        }
        int digits = 0;
        for (long left = rest; left != 0; left /= 10_000) digits++;
        room(12 + 2 * digits);
        put4(8 + 2 * digits);
        put2(digits);
        put2(digits == 0 ? 0 : weight + digits - 1);
        put2(unscaled < 0 ? 0x4000 : 0);
        put2(scale);
        size += 2 * digits;
        for (int i = 1; i <= digits; i++, rest /= 10_000) {
            int digit = (int) (rest % 10_000);
            bytes[size - 2 * i] = (byte) (digit >>> 8);
            bytes[size - 2 * i + 1] = (byte) digit;
        }
        return this;
    }

    private void room(int more) {
        if (size + more > bytes.length) bytes = Arrays.copyOf(bytes, Math.max(size + more, bytes.length * 2));
    }

    private void put2(int value) {
        bytes[size++] = (byte) (value >>> 8);
        bytes[size++] = (byte) value;
    }

    private void put4(int value) {
        put2(value >>> 16);
        put2(value);
    }

    private void put8(long value) {
        put4((int) (value >>> 32));
        put4((int) value);
    }
}
