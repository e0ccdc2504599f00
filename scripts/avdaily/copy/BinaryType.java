package avdaily.copy;

import java.io.IOException;
import java.io.StreamCorruptedException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.postgresql.core.Oid;

/** The types of columns whose values can be put from one form of {@code COPY} into the other. */
public enum BinaryType {
    BOOLEAN(Oid.BOOL),
    SMALLINT(Oid.INT2),
    INTEGER(Oid.INT4),
    BIGINT(Oid.INT8),
    NUMERIC(Oid.NUMERIC),
    REAL(Oid.FLOAT4),
    DOUBLE(Oid.FLOAT8),
    DATE(Oid.DATE),
    TIMESTAMP(Oid.TIMESTAMP),
    TIMESTAMPTZ(Oid.TIMESTAMPTZ),
    UUID(Oid.UUID),
    BYTEA(Oid.BYTEA),
    JSONB(Oid.JSONB),
    /** What is its text in both forms. Enumerations are, too. */
    TEXT(Oid.TEXT, Oid.VARCHAR, Oid.BPCHAR, Oid.JSON);

    /** How many bytes more than its text a value takes at the most, its length among them. */
    static final int MOST_MORE = 16;

    private static final Map<Integer, BinaryType> OF_OID = Stream.of(values())
            .flatMap(type -> Stream.of(type.oids).map(oid -> Map.entry(oid, type)))
            .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final byte JSONB_VERSION = 1;
    private static final int MOST_DIGITS = "-9223372036854775808".length();
    /** The value of each hexadecimal digit, and -1 of each other byte. */
    private static final byte[] HEX = new byte[256];

    static {
        for (int sign = 0; sign < HEX.length; sign++) HEX[sign] = (byte) Character.digit(sign, 16);
    }

    private final Integer[] oids;

    BinaryType(Integer... oids) {
        this.oids = oids;
    }

    /** The type that has this OID, one of PostgreSQL's own; nothing if its values are left to the server. */
    public static Optional<BinaryType> of(int oid) {
        return Optional.ofNullable(OF_OID.get(oid));
    }

    /** Appends a value with its length, or returns false where it is for the server to say what the text means. */
    boolean append(byte[] text, int from, int to, ByteBuffer binary) {
        return switch (this) {
            case TEXT -> appendText(text, from, to, binary.putInt(to - from));
            case JSONB -> appendText(text, from, to, binary.putInt(1 + to - from).put(JSONB_VERSION));
            case BOOLEAN -> appendBoolean(text, from, to, binary);
            case SMALLINT -> BinaryNumbers.appendInteger(text, from, to, Short.BYTES, binary);
            case INTEGER -> BinaryNumbers.appendInteger(text, from, to, Integer.BYTES, binary);
            case BIGINT -> BinaryNumbers.appendInteger(text, from, to, Long.BYTES, binary);
            case NUMERIC -> BinaryNumbers.appendNumeric(text, from, to, binary);
            case REAL -> BinaryNumbers.appendReal(text, from, to, binary);
            case DOUBLE -> BinaryNumbers.appendDouble(text, from, to, binary);
            case DATE -> BinaryTimes.appendDate(text, from, to, binary);
            case TIMESTAMP -> BinaryTimes.appendTimestamp(text, from, to, binary);
            case TIMESTAMPTZ -> BinaryTimes.appendTimestampWithZone(text, from, to, binary);
            case UUID -> appendUuid(text, from, to, binary);
            case BYTEA -> appendBytes(text, from, to, binary);
        };
    }

    /** Whether {@link #write} knows it: of real numbers there are several texts, and the server has its own choice. */
    public boolean isWritten() {
        return this != REAL && this != DOUBLE;
    }

    /** Writes a value of the binary form as text; all that the server sends has one. */
    void write(byte[] binary, int at, int length, Line line, TextTimes times) throws IOException {
        switch (this) {
            case TEXT -> line.text(binary, at, at + length);
            case JSONB -> writeJson(binary, at, length, line);
            case BOOLEAN -> writeBoolean(binary[only(Byte.BYTES, length, at)], line);
            case SMALLINT -> writeInteger((short) SHORT.get(binary, only(Short.BYTES, length, at)), line);
            case INTEGER -> writeInteger((int) INT.get(binary, only(Integer.BYTES, length, at)), line);
            case BIGINT -> writeInteger((long) LONG.get(binary, only(Long.BYTES, length, at)), line);
            case NUMERIC -> TextNumbers.writeNumeric(binary, at, length, line);
            case DATE -> times.writeDate((int) INT.get(binary, only(Integer.BYTES, length, at)));
            case TIMESTAMP -> times.writeTimestamp((long) LONG.get(binary, only(Long.BYTES, length, at)), false);
            case TIMESTAMPTZ -> times.writeTimestamp((long) LONG.get(binary, only(Long.BYTES, length, at)), true);
            case UUID -> writeUuid(binary, only(2 * Long.BYTES, length, at), line);
            case BYTEA -> writeBytes(binary, at, length, line);
            case REAL, DOUBLE -> throw new IllegalStateException("it is not written");
        }
    }

    /** The place of a value that has to have this length. */
    private static int only(int expected, int length, int at) throws IOException {
        if (length != expected) throw new StreamCorruptedException("a value has " + length + " bytes");
        return at;
    }

    private static void writeJson(byte[] binary, int at, int length, Line line) throws IOException {
        if (length == 0 || binary[at] != JSONB_VERSION) throw new StreamCorruptedException("jsonb has another version");
        line.text(binary, at + 1, at + length);
    }

    private static void writeBoolean(byte value, Line line) throws IOException {
        line.makeRoom(1);
        line.put(value == 0 ? 'f' : 't');
    }

    private static void writeInteger(long value, Line line) throws IOException {
        line.makeRoom(MOST_DIGITS);
        line.number(value);
    }

    private static void writeUuid(byte[] binary, int at, Line line) throws IOException {
        line.makeRoom(36);
        line.hex(binary, at, 4);
        for (int i = at + 4; i < at + 10; i += 2) {
            line.put('-');
            line.hex(binary, i, 2);
        }
        line.put('-');
        line.hex(binary, at + 10, 6);
    }

    private static void writeBytes(byte[] binary, int at, int length, Line line) throws IOException {
        line.makeRoom(3);
        line.ascii("\\\\x");
        line.longHex(binary, at, length);
    }

    private static boolean appendText(byte[] text, int from, int to, ByteBuffer binary) {
        binary.put(text, from, to - from);
        return true;
    }

    private static boolean appendBoolean(byte[] text, int from, int to, ByteBuffer binary) {
        boolean isTrue = to - from == 1 && text[from] == 't';
        if (!isTrue && !(to - from == 1 && text[from] == 'f')) return false;
        binary.putInt(1).put((byte) (isTrue ? 1 : 0));
        return true;
    }

    private static boolean appendUuid(byte[] text, int from, int to, ByteBuffer binary) {
        if (to - from != 36
                || text[from + 8] != '-'
                || text[from + 13] != '-'
                || text[from + 18] != '-'
                || text[from + 23] != '-') return false;
        long first = hex(text, from, 8);
        long second = hex(text, from + 9, 4);
        long third = hex(text, from + 14, 4);
        long fourth = hex(text, from + 19, 4);
        long fifth = hex(text, from + 24, 12);
        binary.putInt(2 * Long.BYTES);
        binary.putLong(first << 32 | second << 16 | third).putLong(fourth << 48 | fifth);
        return (first | second | third | fourth | fifth) >= 0;
    }

    /** The number of these digits, at most 15; less than zero if there is another sign among them. */
    private static long hex(byte[] text, int from, int digits) {
        long value = 0;
        for (int i = from; i < from + digits; i++) value = value << 4 | HEX[text[i] & 0xff];
        return value;
    }

    private static boolean appendBytes(byte[] text, int from, int to, ByteBuffer binary) {
        int digits = to - from - 2;
        if (digits < 0 || digits % 2 != 0 || text[from] != '\\' || text[from + 1] != 'x') return false;
        return appendHex(text, from + 2, to, binary.putInt(digits / 2));
    }

    private static boolean appendHex(byte[] text, int from, int to, ByteBuffer binary) {
        for (int i = from; i < to; i += 2) {
            int pair = HEX[text[i] & 0xff] << 4 | HEX[text[i + 1] & 0xff];
            if (pair < 0) return false;
            binary.put((byte) pair);
        }
        return true;
    }
}
