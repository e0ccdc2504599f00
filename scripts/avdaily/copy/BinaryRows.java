package avdaily.copy;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.sql.SQLException;
import java.util.List;

/** Puts rows of {@code COPY}'s text into its binary form, as far as they have one. */
public final class BinaryRows {
    /** Takes bytes of the binary form. */
    public interface Sink {
        void write(byte[] bytes, int from, int length) throws SQLException;
    }

    /** In place of a place: the text ends before it. */
    private static final int NOT_WHOLE = -1;
    /** In place of a place: the text is left to the server. */
    private static final int REFUSED = -2;
    /** Of the binary form the server holds up to 1,000 rows, however long they are; of text 64 kB. */
    private static final int LONGEST = 1 << 15;

    private static final VarHandle EIGHT = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final BinaryType[] columns;
    private final Sink sink;
    private final int mostMore;
    private ByteBuffer binary;
    private byte[] plain = new byte[1024];
    private int plainSize;
    private boolean isRefused;

    /**
     * @param columns of the rows, at least one
     * @param room for rows until they are sent, twice as much as is taken at once; what was in it is lost
     */
    public BinaryRows(List<BinaryType> columns, ByteBuffer room, Sink sink) {
        this.columns = columns.toArray(BinaryType[]::new);
        this.sink = sink;
        this.mostMore = Short.BYTES + this.columns.length * BinaryType.MOST_MORE;
        this.binary = room.clear();
        binary.put(BinaryForm.HEADER).putInt(0).putInt(0);
    }

    /**
     * Takes the rows that are whole, up to one that has to stay text.
     *
     * @return the place behind the last row that was taken
     */
    public int take(byte[] text, int from, int to) throws SQLException {
        int at = from;
        while (at < to && !isRefused) {
            makeRoom(to - at + mostMore);
            int start = binary.position();
            int next = row(text, at, to);
            isRefused = next == REFUSED || next - at > LONGEST;
            if (next < 0 || isRefused) {
                binary.position(start);
                break;
            }
            at = next;
        }
        return at;
    }

    /** Whether the next row, and so all that follow, have to stay text. */
    public boolean isRefused() {
        return isRefused;
    }

    /** Sends what is left, and the mark of the end. */
    public void end() throws SQLException {
        makeRoom(Short.BYTES);
        binary.putShort(BinaryForm.END);
        flush();
    }

    private void makeRoom(int bytes) throws SQLException {
        if (binary.remaining() >= bytes) return;
        flush();
        if (binary.capacity() < bytes) binary = ByteBuffer.allocate(bytes);
    }

    private void flush() throws SQLException {
        sink.write(binary.array(), 0, binary.position());
        binary.clear();
    }

    /** Appends a row; returns the place behind it. */
    private int row(byte[] text, int from, int to) {
        binary.putShort((short) columns.length);
        int at = from;
        for (int i = 0; i < columns.length; i++) {
            int end = value(columns[i], text, at, to);
            if (end < 0) return end;
            if (text[end] != (i < columns.length - 1 ? '\t' : '\n')) return REFUSED;
            at = end + 1;
        }
        return at;
    }

    /** Appends a value; returns the place behind it. */
    private int value(BinaryType type, byte[] text, int from, int to) {
        int end = plainEnd(text, from, to);
        if (end == to) return NOT_WHOLE;
        if (text[end] != '\\') return type.append(text, from, end, binary) ? end : REFUSED;
        int after = end == from ? nullEnd(text, from, to) : from;
        if (after != from) return after;
        after = unescape(text, from, to);
        if (after < 0) return after;
        return type.append(plain, 0, plainSize, binary) ? after : REFUSED;
    }

    /** Appends a null if there is one at the place; returns the place behind it. */
    private int nullEnd(byte[] text, int from, int to) {
        int after = from + 2;
        if (after >= to) return NOT_WHOLE;
        if (text[from + 1] != 'N' || text[after] != '\t' && text[after] != '\n') return from;
        binary.putInt(BinaryForm.NULL);
        return after;
    }

    /** Brings a value with backslashes into {@link #plain}; returns the place behind it. */
    private int unescape(byte[] text, int from, int to) {
        if (plain.length < to - from) plain = new byte[to - from];
        plainSize = 0;
        int at = from;
        while (true) {
            int end = plainEnd(text, at, to);
            System.arraycopy(text, at, plain, plainSize, end - at);
            plainSize += end - at;
            if (end == to) return NOT_WHOLE;
            if (text[end] != '\\') return end;
            if (end + 1 == to) return NOT_WHOLE;
            byte meant = Signs.meant(text[end + 1]);
            if (meant == 0) return REFUSED;
            plain[plainSize++] = meant;
            at = end + 2;
        }
    }

    /** The place of the next tab, line feed, carriage return or backslash, or the end. Looks at eight bytes at once. */
    private static int plainEnd(byte[] text, int from, int to) {
        int at = from;
        while (at + Long.BYTES <= to) {
            long found = Signs.found((long) EIGHT.get(text, at));
            if (found == 0) {
                at += Long.BYTES;
                continue;
            }
            at += Signs.before(found);
            if (isEnd(text[at])) return at;
            at++;
        }
        while (at < to && !isEnd(text[at])) at++;
        return at;
    }

    private static boolean isEnd(byte sign) {
        return sign == '\t' || sign == '\n' || sign == '\r' || sign == '\\';
    }
}
