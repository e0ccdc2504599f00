package avdaily.copy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Numbers as the server writes them, in the binary form of {@code COPY}. */
final class BinaryNumbers {
    private static final int SURE_DIGITS_OF_LONG = 18;
    /** No longer text of a numeric is put into the binary form. */
    private static final int MOST_OF_NUMERIC = 1000;
    /** Decimal digits in one digit of a numeric. */
    private static final int DIGITS_IN_GROUP = 4;

    private static final short NEGATIVE = 0x4000;

    private BinaryNumbers() {}

    /** @param bytes 2, 4 or 8 */
    static boolean appendInteger(byte[] text, int from, int to, int bytes, ByteBuffer binary) {
        boolean isNegative = from < to && text[from] == '-';
        int at = isNegative ? from + 1 : from;
        int digits = to - at;
        if (digits < 1 || digits > SURE_DIGITS_OF_LONG + 1) return false;
        long value = 0;
        for (; at < to; at++) {
            int digit = text[at] - '0';
            if (digit < 0 || digit > 9 || value >= Long.MAX_VALUE / 10) return false;
            value = value * 10 + digit;
        }
        if (isNegative) value = -value;
        binary.putInt(bytes);
        switch (bytes) {
            case Short.BYTES -> binary.putShort((short) value);
            case Integer.BYTES -> binary.putInt((int) value);
            default -> binary.putLong(value);
        }
        return bytes == Long.BYTES || value == (bytes == Integer.BYTES ? (int) value : (short) value);
    }

    /** Four decimal digits make one digit, counted from the point; the server drops zeros at both ends. */
    static boolean appendNumeric(byte[] text, int from, int to, ByteBuffer binary) {
        boolean isNegative = from < to && text[from] == '-';
        int first = isNegative ? from + 1 : from;
        int point = first;
        while (point < to && text[point] != '.') point++;
        int whole = point - first;
        int scale = Math.max(0, to - point - 1);
        if (whole < 1 || whole + scale > MOST_OF_NUMERIC || point == to - 1) return false;
        int groups = groups(whole);
        binary.putInt(2 * (4 + groups + groups(scale)));
        binary.putShort((short) (groups + groups(scale))).putShort((short) (groups - 1));
        binary.putShort(isNegative ? NEGATIVE : 0).putShort((short) scale);
        return appendGroups(text, first, point, (DIGITS_IN_GROUP - whole % DIGITS_IN_GROUP) % DIGITS_IN_GROUP, binary)
                && appendGroups(text, point + 1, to, 0, binary);
    }

    private static int groups(int digits) {
        return (digits + DIGITS_IN_GROUP - 1) / DIGITS_IN_GROUP;
    }

    /** @param have digits of the first group that are zero and not written */
    private static boolean appendGroups(byte[] text, int from, int to, int have, ByteBuffer binary) {
        int group = 0;
        int size = have;
        for (int at = from; at < to; at++) {
            int digit = text[at] - '0';
            if (digit < 0 || digit > 9) return false;
            group = group * 10 + digit;
            if (++size < DIGITS_IN_GROUP) continue;
            binary.putShort((short) group);
            group = 0;
            size = 0;
        }
        if (size == 0) return true;
        for (; size < DIGITS_IN_GROUP; size++) group *= 10;
        binary.putShort((short) group);
        return true;
    }

    static boolean appendReal(byte[] text, int from, int to, ByteBuffer binary) {
        if (!isDecimal(text, from, to)) return false;
        float value;
        try {
            value = Float.parseFloat(new String(text, from, to - from, StandardCharsets.US_ASCII));
        } catch (NumberFormatException e) {
            return false;
        }
        binary.putInt(Float.BYTES).putFloat(value);
        return Float.isFinite(value) && (Math.abs(value) >= Float.MIN_NORMAL || isZero(text, from, to));
    }

    static boolean appendDouble(byte[] text, int from, int to, ByteBuffer binary) {
        if (!isDecimal(text, from, to)) return false;
        double value;
        try {
            value = Double.parseDouble(new String(text, from, to - from, StandardCharsets.US_ASCII));
        } catch (NumberFormatException e) {
            return false;
        }
        binary.putInt(Double.BYTES).putDouble(value);
        return Double.isFinite(value) && (Math.abs(value) >= Double.MIN_NORMAL || isZero(text, from, to));
    }

    /** Java reads more than the server does: hexadecimal digits, a letter for the type, blanks. */
    private static boolean isDecimal(byte[] text, int from, int to) {
        for (int at = from; at < to; at++) {
            int sign = text[at];
            if ((sign < '0' || sign > '9') && sign != '-' && sign != '+' && sign != '.' && sign != 'e') return false;
        }
        return true;
    }

    /** And not a number too small for its type, which the server refuses. */
    private static boolean isZero(byte[] text, int from, int to) {
        for (int at = from; at < to; at++) if (text[at] != '0' && text[at] != '-') return false;
        return true;
    }
}
