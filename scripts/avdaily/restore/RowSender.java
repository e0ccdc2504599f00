package avdaily.restore;

import avdaily.copy.BinaryColumns;
import avdaily.copy.BinaryRows;
import avdaily.copy.BinaryType;
import avdaily.db.OpenCopy;
import avdaily.sql.DottedName;
import avdaily.sql.SqlFile;
import avdaily.sql.SqlState;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.postgresql.copy.CopyIn;

/**
 * Sends blocks of rows to the server, in the binary form of COPY as far as they have one. The columns of a table are
 * looked at once: no other statement of the dump may run between two blocks.
 */
final class RowSender {
    static final int BUFFER = 1 << 18;
    /** Of fewer rows the binary form saves less than it takes to ask for their types. */
    private static final long LEAST_BINARY = 5_000;

    /** Where the text of rows comes from. */
    interface Source {
        /** Reads to a place in the buffer, which has room behind it; returns -1 behind the last row. */
        int read(byte[] buffer, int place) throws Exception;
    }

    private final Connection c;
    private final byte[] text = new byte[BUFFER];
    private ByteBuffer binary; // null until it is needed
    private final Map<String, List<BinaryType>> types = new HashMap<>();
    /** Bytes at the start of {@link #text} that were read and not sent. */
    private int held;

    RowSender(Connection c) {
        this.c = c;
    }

    /**
     * Sends all of them.
     *
     * @param rows that the dump has of the table, in all of its blocks
     * @param isFrozen whether the transaction emptied the table, so that rows are written as a vacuum would leave them
     * @return the number of rows of this block
     */
    long send(SqlFile.Copy block, long rows, boolean isFrozen, Source source) throws Exception {
        return send(block, block, rows, isFrozen, source);
    }

    /** @param written the block as it stands in the dump, maybe with another table */
    long send(SqlFile.Copy block, SqlFile.Copy written, long rows, boolean isFrozen, Source source) throws Exception {
        held = 0;
        try {
            List<BinaryType> types = rows < LEAST_BINARY ? List.of() : types(block);
            long count = types.isEmpty() ? 0 : sendBinary(block, types, isFrozen, source);
            boolean isDone = !types.isEmpty() && held == 0;
            if (count > 0) mustEndAsThoseBefore();
            return isDone ? count : count + sendText(isFrozen ? block.with("FREEZE") : block, source);
        } catch (SQLException e) {
            throw StatementFailure.of(written, e);
        }
    }

    private List<BinaryType> types(SqlFile.Copy block) throws SQLException {
        String table = block.table();
        if (!block.isPlain() || block.columns().isEmpty()) return List.of();
        if (!types.containsKey(table))
            types.put(table, BinaryColumns.withoutTriggers(c, DottedName.of(table).quoted(), block.columns()));
        return types.get(table);
    }

    /** The first row of a text tells the server how its rows end; so it could not tell that those before it differ. */
    private void mustEndAsThoseBefore() throws SQLException {
        for (int i = 0; i < held && text[i] != '\n'; i++)
            if (text[i] == '\r')
                throw new SQLException("literal carriage return found in data", SqlState.BAD_COPY_FILE_FORMAT);
    }

    /** Sends rows up to one that has to stay text, which is then held. */
    private long sendBinary(SqlFile.Copy block, List<BinaryType> types, boolean isFrozen, Source source)
            throws Exception {
        if (binary == null) binary = ByteBuffer.allocate(2 * BUFFER);
        String options = isFrozen ? "FORMAT binary, FREEZE" : "FORMAT binary";
        try (OpenCopy<CopyIn> in = DumpLoader.send(c, block.with(options))) {
            BinaryRows rows = new BinaryRows(types, binary, in.rows()::writeToCopy);
            while (!rows.isRefused() && held < text.length && read(source)) {
                int taken = rows.take(text, 0, held);
                held -= taken;
                System.arraycopy(text, taken, text, 0, held);
            }
            rows.end();
            return in.rows().endCopy();
        }
    }

    private long sendText(SqlFile.Copy block, Source source) throws Exception {
        try (OpenCopy<CopyIn> in = DumpLoader.send(c, block)) {
            do {
                in.rows().writeToCopy(text, 0, held);
                held = 0;
            } while (read(source));
            return in.rows().endCopy();
        }
    }

    private boolean read(Source source) throws Exception {
        int n = source.read(text, held);
        held += Math.max(0, n);
        return n >= 0;
    }
}
