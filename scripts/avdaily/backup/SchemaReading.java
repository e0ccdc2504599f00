package avdaily.backup;

import avdaily.base.Failure;
import avdaily.base.SqlResource;
import avdaily.db.Database;
import avdaily.db.Snapshot;
import avdaily.schema.Schema;
import avdaily.schema.SchemaChanged;
import avdaily.sql.SqlState;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** The snapshot of a backup and the schema that it shows, with all tables locked. */
record SchemaReading(Snapshot snapshot, Schema schema) implements AutoCloseable {
    private static final int ATTEMPTS = 10;

    /**
     * Takes a new snapshot whenever somebody drops what the last one shows: only tables can be locked against that.
     *
     * @throws avdaily.base.Failure (23) if a table is locked against everybody, or objects come and go too fast; (24)
     *     if a definition is no text
     */
    static SchemaReading of(Database db, Schema.Options options) throws SQLException {
        try {
            return read(db, options);
        } catch (SQLException e) {
            if (!SqlState.of(e).equals(SqlState.CHARACTER_NOT_IN_REPERTOIRE)) throw e;
            throw new Failure(
                    Failure.Kind.DAMAGED,
                    "definitions in " + db + " are no text in UTF-8, which this database's encoding, SQL_ASCII, lets "
                            + "pass: " + String.join(", ", undecodable(db)),
                    "rename or correct them; the rows may hold any bytes. Nothing of this backup stays.",
                    e);
        }
    }

    /** What has bytes in its definition that are not UTF-8. */
    private static List<String> undecodable(Database db) throws SQLException {
        List<String> names = new ArrayList<>();
        Database.list(db.connection(), SqlResource.of(SchemaReading.class, "definitions-as-bytes.sql"), row -> {
            try {
                StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(row.getBytes(2)));
                return false;
            } catch (CharacterCodingException e) {
                return names.add(row.getString(1));
            }
        });
        return names;
    }

    private static SchemaReading read(Database db, Schema.Options options) throws SQLException {
        for (int attempt = 1; ; attempt++) {
            Snapshot snapshot = TableLocks.snapshot(db);
            try {
                return new SchemaReading(snapshot, Schema.read(snapshot.leader(), options));
            } catch (SchemaChanged e) {
                snapshot.close();
                if (attempt == ATTEMPTS) throw e;
            } catch (SQLException | RuntimeException e) {
                snapshot.close();
                throw e;
            }
        }
    }

    @Override
    public void close() throws SQLException {
        snapshot.close();
    }
}
