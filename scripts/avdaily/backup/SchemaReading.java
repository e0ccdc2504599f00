package avdaily.backup;

import avdaily.db.Database;
import avdaily.db.Snapshot;
import avdaily.schema.Schema;
import avdaily.schema.SchemaChanged;
import java.sql.SQLException;

/** The snapshot of a backup and the schema that it shows, with all tables locked. */
record SchemaReading(Snapshot snapshot, Schema schema) implements AutoCloseable {
    private static final int ATTEMPTS = 10;

    /**
     * Takes a new snapshot whenever somebody drops what the last one shows: only tables can be locked against that.
     *
     * @throws avdaily.base.Failure (23) if a table is locked against everybody, or objects come and go too fast
     */
    static SchemaReading of(Database db) throws SQLException {
        for (int attempt = 1; ; attempt++) {
            Snapshot snapshot = TableLocks.snapshot(db);
            try {
                return new SchemaReading(snapshot, Schema.read(snapshot.leader(), Schema.Options.DEFAULT));
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
