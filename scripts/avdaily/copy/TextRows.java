package avdaily.copy;

import java.io.IOException;
import java.io.StreamCorruptedException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.List;

/** Puts rows of {@code COPY}'s binary form into its text, byte for byte as the server writes it at UTC. */
public final class TextRows {
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

    /** Of a longer row it is counted first how long its text is. */
    private static final int LONG_ROW = 1 << 18;

    private final BinaryType[] columns;
    private final Line line = new Line();
    private final TextTimes times = new TextTimes(line);
    private boolean isBegun;
    private boolean isEnded;

    /** @param columns of the rows, at least one */
    public TextRows(List<BinaryType> columns) {
        this.columns = columns.toArray(BinaryType[]::new);
    }

    /**
     * Takes what the server sent at once: a row, the head of the rows before it, or their end.
     *
     * @return whether it held a row, whose text is then in {@link #line}
     * @throws LineTooLong if no server could read the row
     * @throws IOException if it is not of the form
     */
    public boolean take(byte[] message) throws IOException {
        try {
            int at = isBegun ? 0 : head(message);
            isBegun = true;
            if (at == message.length) return false;
            short fields = (short) SHORT.get(message, at);
            at += Short.BYTES;
            if (isEnded) throw new StreamCorruptedException("there is more behind the end of the rows");
            isEnded = fields == BinaryForm.END;
            if (!isEnded && fields != columns.length)
                throw new StreamCorruptedException("a row has " + fields + " values of " + columns.length);
            if (!isEnded) at = row(message, at);
            if (at != message.length) throw new StreamCorruptedException("a row is longer than its values");
            return !isEnded;
        } catch (IndexOutOfBoundsException e) {
            throw cut(e);
        }
    }

    private static StreamCorruptedException cut(IndexOutOfBoundsException e) {
        StreamCorruptedException cut = new StreamCorruptedException("a row is shorter than its values");
        cut.initCause(e);
        return cut;
    }

    /** Whether the server told that there are no more rows. */
    public boolean isEnded() {
        return isEnded;
    }

    /** The last row as text, with its line feed; valid until the next one is taken, and as long as {@link #length}. */
    public byte[] line() {
        return line.bytes();
    }

    public int length() {
        return line.size();
    }

    private static int head(byte[] message) throws IOException {
        int flags = BinaryForm.HEADER.length;
        for (int i = 0; i < flags; i++)
            if (message[i] != BinaryForm.HEADER[i]) throw new StreamCorruptedException("the rows have another form");
        if ((int) INT.get(message, flags) != 0) throw new StreamCorruptedException("the rows have unknown flags");
        int extension = flags + Integer.BYTES;
        return extension + Integer.BYTES + (int) INT.get(message, extension);
    }

    /** Forgets the last row, before the next one comes: both may be long. */
    public void clear() {
        line.clear();
    }

    /** About how long the text of a row is, so that its buffer is made once. */
    private long room(byte[] message, int from) {
        long room = columns.length;
        int at = from;
        for (BinaryType column : columns) {
            int length = (int) INT.get(message, at);
            at += Integer.BYTES;
            if (length == BinaryForm.NULL) continue;
            if (length < 0 || length > message.length - at) throw new IndexOutOfBoundsException(length);
            room += column.room(message, at, length);
            at += length;
        }
        return room;
    }

    private int row(byte[] message, int from) throws IOException {
        line.clear();
        if (message.length > LONG_ROW) line.makeRoom(room(message, from));
        int at = from;
        for (int i = 0; i < columns.length; i++) {
            if (i > 0) line.put('\t');
            int length = (int) INT.get(message, at);
            at += Integer.BYTES;
            if (length == BinaryForm.NULL) {
                line.putNull();
            } else {
                if (length < 0 || length > message.length - at) throw new IndexOutOfBoundsException(length);
                columns[i].write(message, at, length, line, times);
                at += length;
            }
        }
        line.put('\n');
        return at;
    }
}
