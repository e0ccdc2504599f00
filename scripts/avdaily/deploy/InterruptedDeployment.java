package avdaily.deploy;

import avdaily.base.Json;
import avdaily.db.Database;
import avdaily.db.OperationLog;
import avdaily.migrate.Migration;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A deployment that was killed, as its row in the operation log tells.
 *
 * @param before where the schema stood when it began; null where it was killed before it could say
 * @param found what was wrong already when it began
 * @param pending the titles of the migrations that it was to apply
 * @param backup null where none was made
 */
record InterruptedDeployment(
        long id,
        String who,
        Instant startedAt,
        Instant now,
        Deployment.Step step,
        SchemaState before,
        DeployFindings found,
        List<String> pending,
        Path backup,
        boolean rowsChanged,
        boolean hooked) {
    /** What others wrote since is worth more than an unattended restore after this time. */
    private static final Duration FRESH = Duration.ofHours(1);

    /** The newest deployment, if it never came to an end. Only who holds the lock of deployments knows that it does not live. */
    static Optional<InterruptedDeployment> find(Database db) throws SQLException {
        if (!OperationLog.isLogged(db.connection())) return Optional.empty();
        return Database.list(
                        db.connection(),
                        """
                SELECT id, who || '@' || host, started_at, now(), details, outcome FROM avdaily_ops.operation WHERE command = 'deploy' ORDER BY id DESC LIMIT 1""",
                        row -> row.getString(6).equals("started")
                                ? read(
                                        row.getLong(1),
                                        row.getString(2),
                                        row.getTimestamp(3).toInstant(),
                                        row.getTimestamp(4).toInstant(),
                                        row.getString(5))
                                : null)
                .stream()
                .flatMap(found -> Optional.ofNullable(found).stream())
                .findFirst();
    }

    private static InterruptedDeployment read(long id, String who, Instant startedAt, Instant now, String details) {
        JsonNode json = Json.tree(details);
        List<String> pending = new ArrayList<>();
        json.path("pending").forEach(title -> pending.add(title.asText()));
        return new InterruptedDeployment(
                id,
                who,
                startedAt,
                now,
                Deployment.Step.of(json.path("step").asText("")),
                json.has("before") ? SchemaState.read(json.get("before")) : null,
                DeployFindings.read(json.path("found")),
                pending,
                json.hasNonNull("backup") ? Path.of(json.get("backup").asText()) : null,
                json.path("rowsChanged").asBoolean(),
                Deployment.Step.of(json.path("step").asText("")) != Deployment.Step.START);
    }

    /** Whether a backup of that time may be restored without a person's word. */
    boolean isFresh() {
        return Duration.between(startedAt, now).compareTo(FRESH) < 0;
    }

    String title() {
        return "the deployment of " + Migration.time(startedAt) + " by " + who + ", interrupted in step '" + step + "'";
    }

    /** Ends what it left running on the server: a statement goes on there until it wants to answer. */
    static void endSessions(Database db) throws SQLException {
        for (int i = 0; i < 100; i++) {
            List<Boolean> ended = Database.list(
                    db.connection(),
                    """
                    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                    WHERE datname = current_database() AND application_name = 'avdaily-deploy' AND usename = current_user AND state <> 'idle' AND pid <> pg_backend_pid()
                      AND backend_start < (SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid())""",
                    row -> row.getBoolean(1));
            if (ended.isEmpty()) return;
            try {
                Thread.sleep(100);
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
                WHERE outcome = 'started' AND (id = ? OR id > ? AND command IN ('migrate up', 'migrate rollback', 'seed', 'restore', 'backup create'))""",
                "interrupted in step '" + step + "': " + how,
                id,
                id);
    }
}
