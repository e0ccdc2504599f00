package avdaily.deploy;

import avdaily.backup.BackupFile;
import avdaily.base.Failure;
import avdaily.db.Database;
import avdaily.db.OperationLog;
import avdaily.migrate.Migration;
import avdaily.migrate.Migrator;
import avdaily.migrate.batch.BatchState;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How far a deployment is: in memory, in its row of the operation log for people, and in its own row, where the next
 * one reads it.
 */
final class DeployProgress {
    private final Database db;
    private final DeployLock lock;
    private final Origin origin;
    private final OperationLog operation;
    /** Of the migrations that are applied when it is done and were not when it began. */
    private final List<String> titles;

    private final Map<String, Object> details = new LinkedHashMap<>();
    private DeployStep step = DeployStep.START;
    private Optional<MadeBackup> backup;
    private boolean rowsChanged;
    private Optional<BatchState> stopped = Optional.empty();
    private List<Migration> applied = List.of();
    private Optional<Seeded> seeded = Optional.empty();
    private Optional<DeployFindings> validation = Optional.empty();

    private DeployProgress(Prepared prepared, Origin origin, OperationLog operation) {
        this.db = prepared.db();
        this.lock = prepared.lock();
        this.origin = origin;
        this.operation = operation;
        this.titles = prepared.titles();
        this.backup = origin.point().backup();
        this.rowsChanged = origin.point().rowsChanged();
    }

    /** Begins the row. */
    static DeployProgress begin(Prepared prepared, Optional<String> planHash, Origin origin) throws SQLException {
        DeployProgress progress = new DeployProgress(prepared, origin, OperationLog.begin(prepared.db(), "deploy"));
        Optional<String> seeds =
                prepared.release().seeds().map(source -> source.environment().toString());
        progress.details.put("plan", planHash.orElse(null));
        progress.details.put("before", origin.point().state().json());
        progress.details.put("found", origin.found());
        progress.details.put("pending", progress.titles);
        progress.details.put("seed", seeds.orElse(null));
        progress.details.put("backup", null);
        progress.backup.ifPresent(made -> made.write(progress.details));
        progress.details.put("rowsChanged", progress.rowsChanged);
        progress.details.put("nextTransaction", origin.nextTransaction());
        progress.details.put("step", progress.step.toString());
        DeploymentRecord.begin(prepared.db(), progress.operation.id(), planHash, progress.details);
        return progress;
    }

    Origin origin() {
        return origin;
    }

    DeployStep step() {
        return step;
    }

    Optional<MadeBackup> backup() {
        return backup;
    }

    /** What the deployment is taken back to if it fails now. */
    RestorePoint restorePoint() {
        return new RestorePoint(origin.point().state(), backup, rowsChanged, titles);
    }

    /** @throws SQLException if the lock is lost: another deployment may have begun */
    void begin(DeployStep next) throws SQLException {
        lock.verify();
        step = next;
        details.put("step", step.toString());
        operation.progress(db, details);
        DeploymentRecord.progress(db, operation.id(), details);
    }

    void backedUp(BackupFile file) {
        backup = Optional.of(MadeBackup.of(file));
        backup.get().write(details);
    }

    void backupRemoved() {
        backup = Optional.empty();
        details.put("backup", null);
        details.remove("backupSha256");
    }

    /** From the next step on, undo scripts alone do not lead back. */
    void rowsChange() {
        rowsChanged = true;
        details.put("rowsChanged", true);
    }

    void applied(Migrator.Result result) {
        applied = result.applied();
        details.put("applied", applied.stream().map(Migration::title).toList());
        stopped = result.stopped();
        stopped.ifPresent(state -> details.put("stopped", state.json()));
    }

    /** Whether the next deployment goes on with the batches of a data migration. */
    boolean isHandedOver() {
        return stopped.isPresent();
    }

    void seeded(Seeded what) {
        seeded = Optional.of(what);
        details.put("seeded", what.summary());
    }

    void validated(DeployFindings after) {
        validation = Optional.of(after);
    }

    /** What is wrong with the database and was so before; empty until it is validated. */
    List<String> findings() {
        return validation.map(DeployFindings::texts).orElse(List.of());
    }

    void done() {
        details.put("findings", findings());
        operation.doneIfPossible(db, details);
        DeploymentRecord.endIfPossible(db, operation.id(), "done");
    }

    DeployResult deployed(List<String> removedBackups) {
        return new DeployResult.Deployed(
                applied, stopped, seeded, backup.map(MadeBackup::file), validation.orElseThrow(), removedBackups);
    }

    /** Closes the row of a deployment that was taken back; else it stays open for the next one. */
    void failed(Failure failure, Optional<String> takenBack, Optional<String> kept) {
        if (takenBack.isEmpty()) return;
        details.put("takenBack", takenBack.get());
        kept.ifPresent(name -> details.put("kept", name));
        operation.failed(db, failure, details);
        DeploymentRecord.endIfPossible(db, operation.id(), "failed");
    }
}
