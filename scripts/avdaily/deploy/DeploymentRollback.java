package avdaily.deploy;

import avdaily.backup.BackupFile;
import avdaily.backup.BackupWriter;
import avdaily.base.Failure;
import avdaily.base.Json;
import avdaily.db.Database;
import avdaily.db.Environment;
import avdaily.db.OperationLog;
import avdaily.migrate.Drift;
import avdaily.migrate.Migration;
import avdaily.migrate.MigrationFiles;
import avdaily.migrate.Migrator;
import avdaily.migrate.Rollback;
import avdaily.migrate.RollbackImpact;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Takes the last deployment back after it succeeded, under the lock of deployments:
 *
 * <ol>
 *   <li>{@link #prepare} finds the deployment in the operation log, and the undo scripts or the backup that lead back.
 *   <li>{@link #look} tells what would be done and what it would lose.
 *   <li>{@link #run} does it, and compares the schema with the one before the deployment.
 * </ol>
 */
public final class DeploymentRollback implements AutoCloseable {
    /** What leads back: undo scripts, or the backup that the deployment made. */
    public enum Way {
        UNDO,
        RESTORE
    }

    /**
     * What was done.
     *
     * @param comparison what the schema is now, in words
     * @param kept the name of the database as it was, if a restore kept it
     */
    public record Result(String comparison, Optional<String> kept) {}

    private final Database db;
    private final DeployLock lock;
    private final MigrationFiles migrations;
    private final Migrator migrator;
    private final Rollback rollback;
    private final DeploymentRecord deployment;
    private final Way way;
    private final SchemaState before;
    private final Optional<MadeBackup> backup;
    private final List<Migration> undo;

    private DeploymentRollback(
            Database db,
            DeployLock lock,
            MigrationFiles migrations,
            Migrator migrator,
            DeploymentRecord deployment,
            Way way,
            List<Migration> undo) {
        this.db = db;
        this.lock = lock;
        this.migrations = migrations;
        this.migrator = migrator;
        this.rollback = new Rollback(migrator);
        this.deployment = deployment;
        this.way = way;
        this.before = before(deployment);
        this.backup = backup(db, deployment);
        this.undo = undo;
    }

    /**
     * Takes the lock and looks for the way back.
     *
     * @param migrations the folder that the command line names, or null
     * @throws Failure (23) naming who deploys just now; (2) if there is no deployment; (21) if no undo scripts lead
     *     back
     */
    public static DeploymentRollback prepare(Database db, Path migrations, Way way) throws Exception {
        DeployLock lock = DeployLock.take(db);
        try {
            DeploymentRecord last = DeploymentRecord.newestDone(db)
                    .orElseThrow(() -> Failure.usage(
                            "there is no deployment on " + db + " to take back",
                            "'avdaily-deploy history' shows what was done."));
            MigrationFiles files = MigrationFiles.in(db.settings(), migrations);
            Migrator migrator = new Migrator(db, files);
            List<Migration> undo = way == Way.UNDO ? undoable(db, migrator, last) : List.of();
            return new DeploymentRollback(db, lock, files, migrator, last, way, undo);
        } catch (Exception e) {
            lock.close();
            throw e;
        }
    }

    private static SchemaState before(DeploymentRecord deployment) {
        return SchemaState.read(deployment.details().path("before"));
    }

    private static Optional<MadeBackup> backup(Database db, DeploymentRecord deployment) {
        return MadeBackup.read(deployment.details(), db.settings());
    }

    private static List<Migration> undoable(Database db, Migrator migrator, DeploymentRecord deployment)
            throws Exception {
        String version = before(deployment).version();
        try {
            List<Migration> undo = Objects.equals(migrator.version(), version)
                    ? List.of()
                    : new Rollback(migrator).undoableTo(version == null ? "0" : version);
            if (undo.isEmpty())
                throw Failure.refused(
                        "it applied no migration that undo scripts could take back", "restore the backup it made.");
            return undo;
        } catch (Failure e) {
            if (backup(db, deployment).isEmpty()) throw e;
            throw new Failure(
                    e.kind,
                    e.getMessage(),
                    "restore its backup: DB_RESTORE_CONFIRM=1 avdaily-deploy rollback --restore; or: " + e.next,
                    e);
        }
    }

    public DeploymentRecord deployment() {
        return deployment;
    }

    /** The migrations that undo scripts take back; none if the backup is restored. */
    public List<Migration> migrations() {
        return undo;
    }

    /** The titles of the migrations that undo scripts take back; none if the backup is restored. */
    public List<String> undone() {
        return undo.stream().map(Migration::title).toList();
    }

    /**
     * Tells line by line what would be done.
     *
     * @return what undo scripts would lose
     * @throws Failure (21) if there is no backup to restore; (22) if the schema is not the recorded one
     */
    public RollbackImpact look(Consumer<String> print) throws Exception {
        print.accept("To be taken back on " + db + ": the deployment of " + time() + " by " + deployment.who());
        if (way == Way.RESTORE)
            print.accept("  restore   " + existingBackup().place() + "; what was written since " + time()
                    + " is gone from the database");
        undone().forEach(title -> print.accept("  undo      " + title));
        if (!undo.isEmpty()) rollback.mustBeAsRecorded(Drift.Partitions.FOLDED);
        RollbackImpact losses = rollback.losses(undo);
        losses.all().forEach(loss -> print.accept("  goes      " + loss.title() + ", kept in avdaily_ops.undone"));
        JsonNode seeded = deployment.details().path("seeded");
        if (way == Way.UNDO && seeded.isTextual())
            print.accept("  stays     what it seeded (" + seeded.asText()
                    + ") in tables that stay; --restore takes that back too");
        return losses;
    }

    private String time() {
        return Migration.time(deployment.at());
    }

    private BackupFile existingBackup() {
        return backup.orElseThrow(() -> Failure.refused(
                        "the deployment made no backup", "take it back with undo scripts: leave --restore out."))
                .confirmed(db, before);
    }

    /** The parts of a plan that must not have changed when this is run by it. */
    public ObjectNode bound(EnvironmentPolicy policy) throws SQLException {
        SchemaState state = SchemaState.of(db, migrator);
        Optional<MadeBackup> restored = backup.filter(made -> way == Way.RESTORE);
        return Json.mapper()
                .valueToTree(Json.object(
                        "environment",
                        db.environment().toString(),
                        "target",
                        PlanBinding.target(db),
                        "schema",
                        Json.object("version", state.version(), "fingerprint", state.fingerprint()),
                        "migrations",
                        migrations.hashes(),
                        "pending",
                        List.of(),
                        "files",
                        migrations.texts(undone()),
                        "strategy",
                        policy.lines(),
                        "rollback",
                        Json.object(
                                "deployment",
                                deployment.id() + ", of " + time() + " by " + deployment.who(),
                                "undo",
                                undone(),
                                "backup",
                                restored.map(made -> made.file().place()).orElse(null),
                                "sha256",
                                restored.map(MadeBackup::sha256).orElse(null))));
    }

    /** @param losses what {@link #look} told, which undo scripts keep in {@code avdaily_ops.undone} */
    public Result run(RollbackImpact losses) throws Exception {
        Optional<String> kept = OperationLog.record(db, "deploy rollback", details -> {
            details.put("deployment", deployment.id());
            if (db.environment() == Environment.PRODUCTION) BackupWriter.beforeChange(db);
            Optional<String> exchanged = way == Way.RESTORE ? restore(details) : undo(details, losses);
            DeploymentRecord.end(db, deployment.id(), "rolled back");
            return exchanged;
        });
        return new Result(comparison(), kept);
    }

    private Optional<String> restore(Map<String, Object> details) throws Exception {
        BackupFile file = existingBackup();
        details.put("file", file.place());
        return DeploymentRecovery.restore(db, file);
    }

    private Optional<String> undo(Map<String, Object> details, RollbackImpact losses) throws Exception {
        rollback.run(undo, losses, Rollback.Lost.ARCHIVED);
        details.put("undone", undone());
        return Optional.empty();
    }

    private String comparison() throws SQLException {
        return SchemaState.of(db, migrator).isSame(before)
                ? "the schema is exactly the one before it"
                : "its schema differs from the one before it: see 'avdaily-migrate validate'";
    }

    @Override
    public void close() throws SQLException {
        lock.close();
    }
}
