package avdaily.copy;

import java.io.IOException;
import java.io.StreamCorruptedException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.List;

/** Puts rows of {@code COPY}'s binary form into its text, byte for byte as the server writes it at UTC. */
public final class TextRows {
    /** Takes lines, twice: each by itself, and the text of many at once. */
    public interface Sink {
        /** Takes a line with its line feed, or a piece of a long one, which {@code isEnded} with its last piece. */
        void line(byte[] bytes, int start, int length, boolean isEnded) throws IOException;

        /** Takes the text of what {@link #line} took since the last time. */
        void text(byte[] bytes, int length) throws IOException;
    }

    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

    private final BinaryType[] columns;
    private final Line line = new Line();
    private final TextTimes times = new TextTimes(line);
    private boolean isBegun;
    private boolean isEnded;
    /** A row that was taken and not written. */
    private byte[] row;

    private int place;

    /** @param columns of the rows, at least one */
    public TextRows(List<BinaryType> columns) {
        this.columns = columns.toArray(BinaryType[]::new);
    }

    /**
     * Takes what the server sent at once: a row, the head of the rows before it, or their end.
     *
     * @return whether it held a row, which waits for {@link #write}
     * @throws StreamCorruptedException if it is not of the form
     */
    public boolean take(byte[] message) throws StreamCorruptedException {
        try {
            int at = isBegun ? 0 : head(message);
            isBegun = true;
            if (at == message.length) return false;
            short fields = (short) SHORT.get(message, at);
            place = at + Short.BYTES;
            if (isEnded) throw new StreamCorruptedException("there is more behind the end of the rows");
            isEnded = fields == BinaryForm.END;
            if (!isEnded && fields != columns.length)
                throw new StreamCorruptedException("a row has " + fields + " values of " + columns.length);
            if (isEnded && place != message.length) throw new StreamCorruptedException("there is more than the end");
            row = isEnded ? null : message;
            return !isEnded;
        } catch (IndexOutOfBoundsException e) {
            throw cut(e);
        }
    }

    /**
     * Writes the row that was taken, and forgets it. Its text may wait for {@link #flush}.
     *
     * @throws LineTooLong if no server could read it
     * @throws StreamCorruptedException if it is not of the form
     */
    public void write(Sink sink) throws IOException {
        byte[] message = row;
        row = null; // the next one may be long, too
        line.begin(sink);
        try {
            if (values(message, place) != message.length)
                throw new StreamCorruptedException("a row is longer than its values");
        } catch (IndexOutOfBoundsException e) {
            throw cut(e);
        }
        line.end();
    }

    /** Gives the sink the text that waits. */
    public void flush(Sink sink) throws IOException {
        line.flush(sink);
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

    private static int head(byte[] message) throws StreamCorruptedException {
        int flags = BinaryForm.HEADER.length;
        for (int i = 0; i < flags; i++)
            if (message[i] != BinaryForm.HEADER[i]) throw new StreamCorruptedException("the rows have another form");
        if ((int) INT.get(message, flags) != 0) throw new StreamCorruptedException("the rows have unknown flags");
        int extension = flags + Integer.BYTES;
        return extension + Integer.BYTES + (int) INT.get(message, extension);
    }

    private int values(byte[] message, int from) throws IOException {
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
        return at;
    }
}
