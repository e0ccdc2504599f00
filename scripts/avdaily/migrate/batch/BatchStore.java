package avdaily.migrate.batch;

import avdaily.base.SqlResource;
import avdaily.db.Database;
import avdaily.db.OperationLog;
import avdaily.db.OpsTables;
import java.sql.Array;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * How far data migrations are, in {@code avdaily_ops.batch}. A batch notes it in its own transaction, so that the rows
 * and the note are there together or neither is. Two runs at a time take turns at the row. A version is named as the
 * database's records name it.
 */
public final class BatchStore {
    private static final String CREATE = SqlResource.of(BatchStore.class, "batch-table.sql");
    private static final String SELECT =
            """
            SELECT version, relation, key, "position", pass, size, batches, walked, changed, total, busy_ms,
              waiting, failure, finished_at FROM avdaily_ops.batch WHERE""";

    /**
     * Makes sure that the table is there, and that what stands in it about this version is of this history.
     *
     * @param history what tells this history from one before a reset
     */
    static void begin(Database db, String version, String history, KeyWalk walk, long size) throws SQLException {
        Connection c = db.connection();
        OperationLog.createSchema(c);
        Database.run(c, OpsTables.IN_TURNS + CREATE);
        Database.update(
                c,
                "DELETE FROM avdaily_ops.batch WHERE version = ? AND (history <> ? OR finished_at IS NOT NULL)",
                version,
                history);
        Database.update(
                c,
                """
                INSERT INTO avdaily_ops.batch (version, history, relation, key, size) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT DO NOTHING""",
                version,
                history,
                walk == null ? 0L : walk.oid(),
                c.createArrayOf("smallint", walk == null ? new Short[0] : walk.numbers().toArray()),
                size);
    }

    /**
     * What is begun and not finished, by version.
     *
     * @param history what tells this history from one before a reset
     */
    public static List<BatchState> unfinished(Database db, String history) throws SQLException {
        Connection c = db.connection();
        if (!OpsTables.have(c, "batch")) return List.of();
        return Database.list(
                c,
                SELECT + " finished_at IS NULL AND batches > 0 AND history = ? "
                        + "AND regexp_replace(version, '[^/]*$', '') = ? ORDER BY version",
                BatchStore::state,
                history,
                db.recorded(""));
    }

    public static Optional<BatchState> of(Connection c, String version) throws SQLException {
        if (!OpsTables.have(c, "batch")) return Optional.empty();
        return Database.list(c, SELECT + " version = ?", BatchStore::state, version).stream()
                .findFirst();
    }

    /** The same, and no other run goes on with it until the end of the transaction. */
    static BatchState locked(Connection c, String version) throws SQLException {
        List<BatchState> found = Database.list(c, SELECT + " version = ? FOR UPDATE", BatchStore::state, version);
        if (found.isEmpty()) throw new SQLException("avdaily_ops.batch has no row for version " + version);
        return found.get(0);
    }

    private static BatchState state(ResultSet row) throws SQLException {
        Array position = row.getArray(4);
        var finished = row.getTimestamp(14);
        return new BatchState(
                row.getString(1).replaceFirst("^.*/", ""),
                row.getLong(2),
                Arrays.asList((Short[]) row.getArray(3).getArray()),
                position == null ? null : Arrays.asList((String[]) position.getArray()),
                row.getInt(5),
                row.getLong(6),
                row.getLong(7),
                row.getLong(8),
                row.getLong(9),
                row.getLong(10),
                Duration.ofMillis(row.getLong(11)),
                row.getString(12),
                row.getString(13),
                finished == null ? null : finished.toInstant());
    }

    /**
     * Notes one batch.
     *
     * @param size how many rows the next one has
     */
    static void wentOn(Connection c, String version, KeyRange range, long changed, Duration took, long size)
            throws SQLException {
        Database.update(
                c,
                """
                UPDATE avdaily_ops.batch SET "position" = coalesce(?::text[], "position"), batches = batches + 1,
                  walked = walked + ?, changed = changed + ?, busy_ms = busy_ms + ?, size = ?, waiting = NULL,
                  failure = NULL, changed_at = now() WHERE version = ?""",
                range.to() == null ? null : c.createArrayOf("text", range.to().toArray()),
                range.rows(),
                changed,
                took.toMillis(),
                size,
                version);
    }

    /** Notes what the next batches go by: their size, and about how many rows there are. */
    static void plan(Connection c, String version, long size, long total) throws SQLException {
        Database.update(c, "UPDATE avdaily_ops.batch SET size = ?, total = ? WHERE version = ?", size, total, version);
    }

    /** Notes a pause. */
    static void paused(Connection c, String version, Duration pause, String reason) throws SQLException {
        Database.update(
                c,
                "UPDATE avdaily_ops.batch SET busy_ms = busy_ms + ?, waiting = ? WHERE version = ?",
                pause.toMillis(),
                reason,
                version);
    }

    static void failed(Connection c, String version, String failure) throws SQLException {
        Database.update(
                c,
                "UPDATE avdaily_ops.batch SET failure = ?, waiting = NULL, changed_at = now() WHERE version = ?",
                failure,
                version);
    }

    /** Goes back to the first row. */
    static void passAgain(Connection c, String version) throws SQLException {
        Database.update(
                c,
                "UPDATE avdaily_ops.batch SET \"position\" = NULL, walked = 0, pass = pass + 1 WHERE version = ?",
                version);
    }

    static void finished(Connection c, String version) throws SQLException {
        Database.update(
                c,
                "UPDATE avdaily_ops.batch SET finished_at = now(), waiting = NULL, failure = NULL WHERE version = ?",
                version);
    }

    /** A version that is taken back begins anew. */
    public static void forget(Connection c, String version) throws SQLException {
        if (OpsTables.have(c, "batch")) Database.update(c, "DELETE FROM avdaily_ops.batch WHERE version = ?", version);
    }

    private BatchStore() {}
}
