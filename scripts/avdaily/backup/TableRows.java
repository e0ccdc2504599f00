package avdaily.backup;

import avdaily.base.Failure;
import avdaily.copy.BinaryColumns;
import avdaily.copy.BinaryType;
import avdaily.copy.LineTooLong;
import avdaily.copy.TextRows;
import avdaily.db.Database;
import avdaily.db.OpenCopy;
import avdaily.schema.Schema;
import avdaily.sql.Sql;
import java.io.IOException;
import java.io.StreamCorruptedException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.postgresql.copy.CopyOut;

/**
 * The rows of a range, one after the other, each a line of COPY's text. Of large tables the server sends the binary
 * form, which it makes with less work, as far as Java knows the text that it would write.
 */
final class TableRows implements AutoCloseable {
    /** Of fewer the binary form saves less than it takes to ask for the types. What Citus spreads has none here. */
    private static final long LEAST_PAGES = 128;

    private final Schema.Data table;
    private final Masking.OfTable mask;
    private final OpenCopy<CopyOut> copy;
    private final TextRows text; // null if the server writes it
    private byte[] line; // that the server wrote
    private long count;

    private TableRows(
            Schema.Data table, Masking.OfTable mask, OpenCopy<CopyOut> copy, List<BinaryType> types) {
        this.table = table;
        this.mask = mask;
        this.copy = copy;
        this.text = types.isEmpty() ? null : new TextRows(types);
    }

    /** How the rows of a database are read; several threads may ask. */
    static final class Form {
        private final String encoding;
        private final Map<Schema.Data, List<BinaryType>> types = new ConcurrentHashMap<>();

        private Form(String encoding) {
            this.encoding = encoding;
        }

        /** A database whose encoding is none may hold any bytes: they go as they are. */
        static Form of(Connection c) throws SQLException {
            boolean isNone = Database.one(c, "SHOW server_encoding", String.class).equals("SQL_ASCII");
            return new Form(isNone ? " WITH (ENCODING 'SQL_ASCII')" : "");
        }

        /** What stands behind COPY; empty for most databases. */
        String encoding() {
            return encoding;
        }

        private List<BinaryType> types(Connection c, Schema.Data table) throws SQLException {
            if (!encoding.isEmpty() || table.storage().pages() < LEAST_PAGES) return List.of();
            List<BinaryType> known = types.get(table);
            if (known == null) {
                List<BinaryType> all = BinaryColumns.of(c, table.name(), table.columns());
                known = all.stream().allMatch(BinaryType::isWritten) ? all : List.of();
                types.put(table, known);
            }
            return known;
        }

        /** Rows with masks are the server's text, as a mask takes a row that is whole. */
        TableRows read(Connection c, BackupTables.Range range, Masking.OfTable mask) throws SQLException {
            Database.run(c, "SET LOCAL timezone = 'UTC'"); // the same moment has the same text on each machine
            List<BinaryType> types = mask.isNone() ? types(c, range.table()) : List.of();
            String options = types.isEmpty() ? encoding : " WITH (FORMAT binary)";
            return new TableRows(range.table(), mask, OpenCopy.out(c, query(range) + options), types);
        }
    }

    private static String query(BackupTables.Range range) {
        Schema.Data table = range.table();
        if (range.condition().isEmpty()) return "COPY " + table.name() + table.columnList() + " TO STDOUT";
        return "COPY (SELECT " + table.columns().stream().map(Sql::quoted).collect(Collectors.joining(", "))
                + " FROM ONLY " + table.name() + " " + range.condition() + ") TO STDOUT";
    }

    /**
     * Reads the next row, if there is one.
     *
     * @throws Failure if the rows end before all are there
     */
    boolean next() throws SQLException {
        line = null; // two rows may not fit into memory
        byte[] message = message();
        if (text == null) {
            if (message != null && message[message.length - 1] != '\n') throw torn("a line without its end");
            line = message == null ? null : mask.masked(message);
        } else {
            try {
                while (message != null && !text.take(message)) message = message();
            } catch (StreamCorruptedException e) {
                throw torn(e.getMessage());
            }
            if (message == null && !text.isEnded()) throw torn("their end is missing");
        }
        if (message != null) count++;
        else if (copy.rows().getHandledRowCount() != count)
            throw torn("the server sent " + copy.rows().getHandledRowCount() + " rows, and " + count + " arrived");
        return message != null;
    }

    private byte[] message() throws SQLException {
        return copy.rows().isActive() ? copy.rows().readFromCopy() : null;
    }

    /** Writes the row that was read. Its text may wait for {@link #flush}. */
    void write(TextRows.Sink sink) throws IOException {
        try {
            if (text != null) {
                text.write(sink);
            } else {
                sink.line(line, 0, line.length, true);
                sink.text(line, line.length);
            }
        } catch (LineTooLong e) {
            throw tooLong(e);
        } catch (StreamCorruptedException e) {
            throw torn(e.getMessage());
        }
    }

    /** Gives the sink the text that waits. */
    void flush(TextRows.Sink sink) throws IOException {
        if (text != null) text.flush(sink);
    }

    private Failure tooLong(LineTooLong e) {
        return new Failure(
                Failure.Kind.DAMAGED,
                "of " + table.name() + ", " + e.getMessage() + ", which no server reads back",
                "shorten its values, or leave the rows out: --exclude-table-data. Nothing of this backup stays.",
                e);
    }

    private Failure torn(String how) {
        return new Failure(
                Failure.Kind.ERROR,
                "the rows of " + table.name() + " did not arrive whole: " + how,
                "run it again; if it ends so again, leave the rows out: --exclude-table-data. Nothing of this "
                        + "backup stays.",
                null);
    }

    @Override
    public void close() throws SQLException {
        copy.close();
    }
}
