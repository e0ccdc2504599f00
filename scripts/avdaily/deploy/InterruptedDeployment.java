package avdaily.deploy;

import avdaily.base.Failure;
import avdaily.db.Database;
import avdaily.db.OperationLog;
import avdaily.migrate.Migration;
import com.fasterxml.jackson.databind.JsonNode;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A deployment that was killed, as its own row tells, which only the deploying role can write.
 *
 * @param now the server's time when the row was read
 * @param step the last one that began
 * @param before where the schema stood when it began; none if it was killed before it could say
 * @param nextTransaction the one that came next when it began: what is older was there before
 * @param found what was wrong already when it began
 * @param pending the titles of the migrations that it was to apply
 * @param backup the one that it made
 * @param rowsChanged as for {@link RestorePoint}
 */
record InterruptedDeployment(
        long id,
        String who,
        Instant startedAt,
        Instant now,
        DeployStep step,
        Optional<SchemaState> before,
        long nextTransaction,
        DeployFindings found,
        List<String> pending,
        Optional<MadeBackup> backup,
        boolean rowsChanged) {
    /** After this time a person decides: what others wrote since is worth more than an unattended restore. */
    private static final Duration FRESH = Duration.ofHours(1);

    private static final int MOST_ATTEMPTS = 100;
    private static final int PAUSE_MS = 100;

    /**
     * The newest deployment, if it never came to an end. Only the holder of the lock of deployments knows that it is
     * not at work still.
     *
     * @throws Failure (21) if its row is not one that a deployment writes
     */
    static Optional<InterruptedDeployment> find(Database db) throws SQLException {
        return DeploymentRecord.newest(db)
                .filter(newest -> newest.state().equals("running"))
                .map(row -> read(db, row));
    }

    /**
     * When a deployment began that never ended as the operation log has it, and of which nothing else is known.
     *
     * @param known the one that {@link #find} found
     */
    static Optional<String> unconfirmed(Database db, Optional<InterruptedDeployment> known) throws SQLException {
        if (!OperationLog.isLogged(db.connection())) return Optional.empty();
        return Database.list(
                        db.connection(),
                        """
                        SELECT id, started_at
                        FROM (SELECT * FROM avdaily_ops.operation WHERE command = 'deploy'
                              ORDER BY id DESC LIMIT 1) newest
                        WHERE outcome = 'started'""",
                        row -> Map.entry(
                                row.getLong(1),
                                Migration.time(row.getTimestamp(2).toInstant())))
                .stream()
                .filter(row -> known.filter(run -> run.id == row.getKey()).isEmpty())
                .map(Map.Entry::getValue)
                .findFirst();
    }

    private static InterruptedDeployment read(Database db, DeploymentRecord row) {
        JsonNode details = row.details();
        if (!isWhole(details))
            throw Failure.refused(
                    "the row of the deployment of " + Migration.time(row.at()) + " in avdaily_ops.deployment on " + db
                            + " is not one that a deployment writes",
                    "see who changed it, and what is there ('avdaily-migrate status', 'avdaily-deploy history'); then "
                            + "DELETE FROM avdaily_ops.deployment WHERE operation = " + row.id() + ".");
        List<String> pending = new ArrayList<>();
        details.path("pending").forEach(title -> pending.add(title.asText()));
        return new InterruptedDeployment(
                row.id(),
                row.who(),
                row.at(),
                row.now(),
                DeployStep.of(details.path("step").asText()),
                Optional.ofNullable(details.get("before")).map(SchemaState::read),
                details.path("nextTransaction").asLong(Long.MAX_VALUE),
                DeployFindings.read(details.path("found")),
                pending,
                MadeBackup.read(details, db.settings()),
                details.path("rowsChanged").asBoolean());
    }

    private static boolean isWhole(JsonNode details) {
        return DeployStep.isWord(details.path("step").asText())
                && SchemaState.isWhole(details.path("before"))
                && details.path("nextTransaction").isIntegralNumber()
                && details.path("pending").isArray()
                && details.path("rowsChanged").isBoolean()
                && (!details.hasNonNull("backup") || details.path("backup").isTextual());
    }

    /** Whether the backup of that time may be restored without a person's word. */
    boolean isFresh() {
        return isFresh(startedAt, now)
                && backup.flatMap(MadeBackup::time)
                        .filter(made -> !isFresh(made, Instant.now()))
                        .isEmpty();
    }

    private static boolean isFresh(Instant then, Instant now) {
        return Duration.between(then, now).compareTo(FRESH) < 0;
    }

    boolean hasRunHooks() {
        return step != DeployStep.START;
    }

    String title() {
        return "the deployment of " + Migration.time(startedAt) + " by " + who + ", interrupted in step '" + step + "'";
    }

    /**
     * Ends the sessions that killed deployments left at work on the server, which does not notice that a client is gone
     * before a statement has an answer for it. Waits up to ten seconds for their end.
     */
    static void endSessions(Database db) throws SQLException {
        for (int attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
            List<Boolean> ended = Database.list(
                    db.connection(),
                    """
                    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                    WHERE datname = current_database() AND application_name = 'avdaily-deploy'
                      AND usename = current_user AND state <> 'idle' AND pid <> pg_backend_pid()
                      AND backend_start < (SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid())""",
                    row -> row.getBoolean(1));
            if (ended.isEmpty()) return;
            try {
                Thread.sleep(PAUSE_MS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    /** Closes its row, and those of the steps that died with it. */
    void close(Database db, String how) throws SQLException {
        Database.update(
                db.connection(),
                """
                UPDATE avdaily_ops.operation SET outcome = 'failed', details = details || jsonb_build_object('error', ?)
                WHERE outcome = 'started' AND (id = ? OR id > ? AND command IN
                  ('migrate up', 'migrate rollback', 'seed', 'restore', 'backup create'))""",
                "interrupted in step '" + step + "': " + how,
                id,
                id);
        DeploymentRecord.end(db, id, "failed");
    }
}
