package avdaily.copy;

import java.io.IOException;
import java.io.StreamCorruptedException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** A numeric of the binary form of {@code COPY}, as the server writes it. */
final class TextNumbers {
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);

    private static final int POSITIVE = 0;
    private static final int NEGATIVE = 0x4000;
    private static final int NOT_A_NUMBER = 0xC000;
    private static final int INFINITY = 0xD000;
    private static final int MINUS_INFINITY = 0xF000;
    /** The number of groups, the weight of the first one, the sign, and the digits behind the point. */
    private static final int HEAD = 4 * Short.BYTES;
    /** Decimal digits in one digit of a numeric. */
    private static final int DIGITS_IN_GROUP = 4;

    private TextNumbers() {}

    /** Four decimal digits are one digit, counted from the point; the zeros at both ends are not there. */
    static void writeNumeric(byte[] binary, int at, int length, Line line) throws IOException {
        int groups = unsigned(binary, at);
        int weight = (short) SHORT.get(binary, at + 2);
        int sign = unsigned(binary, at + 4);
        int scale = unsigned(binary, at + 6);
        if (length != HEAD + groups * Short.BYTES) throw new StreamCorruptedException("a numeric has another length");
        line.makeRoom(DIGITS_IN_GROUP * Math.max(1, weight + 1) + scale + 16);
        switch (sign) {
            case NOT_A_NUMBER -> line.ascii("NaN");
            case INFINITY -> line.ascii("Infinity");
            case MINUS_INFINITY -> line.ascii("-Infinity");
            case POSITIVE, NEGATIVE -> {
                if (sign == NEGATIVE) line.put('-');
                whole(binary, at + HEAD, groups, weight, line);
                if (scale > 0) fraction(binary, at + HEAD, groups, weight, scale, line);
            }
            default -> throw new StreamCorruptedException("a numeric has an unknown sign");
        }
    }

    private static void whole(byte[] binary, int at, int groups, int weight, Line line)
            throws IOException {
        line.number(weight < 0 ? 0 : group(binary, at, groups, 0));
        for (int i = 1; i <= weight; i++) four(group(binary, at, groups, i), line);
    }

    private static void fraction(byte[] binary, int at, int groups, int weight, int scale, Line line)
            throws IOException {
        line.put('.');
        int end = line.size() + scale;
        for (int i = weight + 1; line.size() < end; i++) four(group(binary, at, groups, i), line);
        line.cutTo(end);
    }

    /** Groups that are not there are zero. */
    private static int group(byte[] binary, int at, int groups, int i) throws IOException {
        if (i < 0 || i >= groups) return 0;
        int group = unsigned(binary, at + i * Short.BYTES);
        if (group > 9999) throw new StreamCorruptedException("a numeric has a digit of " + group);
        return group;
    }

    private static void four(int group, Line line) {
        line.pair(group / 100);
        line.pair(group % 100);
    }

    private static int unsigned(byte[] binary, int at) {
        return (short) SHORT.get(binary, at) & 0xffff;
    }
}
