package avdaily.deploy;

import avdaily.base.Failure;
import avdaily.base.Invocation;
import avdaily.base.Json;
import avdaily.base.SqlResource;
import avdaily.db.Database;
import avdaily.db.OpsTables;
import avdaily.db.Failures;
import avdaily.db.OperationLog;
import com.fasterxml.jackson.databind.JsonNode;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A deployment as {@code avdaily_ops.deployment} has it. What a later one does on the word of an earlier one stands
 * there and not in the operation log: roles that only read write to the log, and only the owner writes to this table.
 *
 * @param id of its row in the operation log
 * @param now the server's time when the row was read
 */
public record DeploymentRecord(long id, String who, Instant at, Instant now, String state, JsonNode details) {
    private static final String COLUMNS = "SELECT d.operation, d.who, least(d.started_at, o.started_at), now(), "
            + "d.state, d.details FROM avdaily_ops.deployment d "
            + "LEFT JOIN avdaily_ops.operation o ON o.id = d.operation ";

    private static final String HARMLESS_STEPS = "{start,hooks,backup}";

    /** Begins the row of a deployment; its row in the operation log may be gone by now, for others write to that. */
    static void begin(Database db, long id, Optional<String> plan, Map<String, ?> details) throws SQLException {
        Connection c = db.connection();
        if (!isThere(c)) Database.run(c, SqlResource.of(DeploymentRecord.class, "deployment-table.sql"));
        Database.update(
                c,
                "INSERT INTO avdaily_ops.deployment (operation, who, plan, details) VALUES (?, ?, ?::text, ?::jsonb)",
                id,
                OperationLog.who() + "@" + Invocation.host(),
                plan.orElse(null),
                Json.text(details));
    }

    private static boolean isThere(Connection c) throws SQLException {
        return OpsTables.have(c, "deployment");
    }

    /** The transaction that is the next one: what is older was there before. */
    static long nextTransaction(Connection c) throws SQLException {
        return Database.one(c, "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint", Long.class);
    }

    static void progress(Database db, long id, Map<String, ?> details) throws SQLException {
        Database.update(
                db.connection(),
                "UPDATE avdaily_ops.deployment SET details = ?::jsonb WHERE operation = ?",
                Json.text(details),
                id);
    }

    static void end(Database db, long id, String state) throws SQLException {
        Database.update(db.connection(), "UPDATE avdaily_ops.deployment SET state = ? WHERE operation = ?", state, id);
    }

    /** The work stands, or is taken back: that it cannot be written down is no reason to call it otherwise. */
    static void endIfPossible(Database db, long id, String state) {
        try {
            end(db, id, state);
        } catch (SQLException | Failure e) {
            db.out()
                    .note("The deployment's row could not be closed: "
                            + Failures.explain(e).getMessage());
        }
    }

    /** The newest of all; nothing if none was ever begun. */
    static Optional<DeploymentRecord> newest(Database db) throws SQLException {
        return first(db, "ORDER BY d.operation DESC LIMIT 1");
    }

    /** The newest that ended well and was not rolled back since. */
    static Optional<DeploymentRecord> newestDone(Database db) throws SQLException {
        return first(db, "WHERE d.state = 'done' ORDER BY d.operation DESC LIMIT 1");
    }

    /**
     * The one that ran this plan so far that it may have changed something; as the operation log has it, if nothing
     * else knows of it.
     */
    static Optional<DeploymentRecord> ofPlan(Database db, String hash) throws SQLException {
        Optional<DeploymentRecord> known = first(
                db,
                "WHERE d.plan = ? AND (d.state <> 'failed' OR NOT d.details->>'step' = ANY (?::text[])) "
                        + "ORDER BY d.operation DESC LIMIT 1",
                hash,
                HARMLESS_STEPS);
        if (known.isPresent() || !OperationLog.isLogged(db.connection())) return known;
        return list(
                        db.connection(),
                        """
                        SELECT id, who || '@' || host, started_at, now(), outcome, details FROM avdaily_ops.operation
                        WHERE command = 'deploy' AND details->>'plan' = ?
                          AND (outcome <> 'failed' OR NOT details->>'step' = ANY (?::text[]))
                        ORDER BY id DESC LIMIT 1""",
                        hash,
                        HARMLESS_STEPS)
                .stream()
                .findFirst();
    }

    private static Optional<DeploymentRecord> first(Database db, String condition, Object... parameters)
            throws SQLException {
        Connection c = db.connection();
        return isThere(c) ? list(c, COLUMNS + condition, parameters).stream().findFirst() : Optional.empty();
    }

    private static List<DeploymentRecord> list(Connection c, String query, Object... parameters) throws SQLException {
        return Database.list(
                c,
                query,
                row -> new DeploymentRecord(
                        row.getLong(1),
                        row.getString(2),
                        row.getTimestamp(3).toInstant(),
                        row.getTimestamp(4).toInstant(),
                        row.getString(5),
                        Json.tree(row.getString(6))),
                parameters);
    }
}
