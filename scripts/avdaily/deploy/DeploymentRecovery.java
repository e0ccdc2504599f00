package avdaily.deploy;

import avdaily.backup.BackupFile;
import avdaily.base.Failure;
import avdaily.db.Database;
import avdaily.db.DatabaseReset;
import avdaily.db.Failures;
import avdaily.migrate.Migration;
import avdaily.migrate.Migrator;
import avdaily.migrate.Repair;
import avdaily.migrate.Rollback;
import avdaily.restore.DumpReader;
import avdaily.restore.RestoreOptions;
import avdaily.restore.Restorer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Brings a database back to where a deployment began, by the surest way that applies: nothing is to be done where the
 * failed step's transaction did it; an empty database is emptied; undo scripts run where what they leave is proven to
 * be the old schema; else the backup is restored.
 */
public final class DeploymentRecovery {
    /**
     * How the database came back.
     *
     * @param way in words that follow "taken back"
     * @param kept the name of the database as it was when the deployment failed, where a restore kept it
     */
    record Result(String way, Optional<String> kept) {}

    private final Database db;
    private final Migrator migrator;
    private final SchemaState before;
    private final Path backup;
    private final boolean rowsChanged;
    private final boolean mayRestore;

    /**
     * @param backup null where none was made
     * @param rowsChanged whether rows may have been changed in a way that undo scripts do not know: seeded, or deleted
     *     by a migration
     * @param mayRestore whether the backup may be restored without a person's word
     */
    DeploymentRecovery(
            Database db, Migrator migrator, SchemaState before, Path backup, boolean rowsChanged, boolean mayRestore) {
        this.db = db;
        this.migrator = migrator;
        this.before = before;
        this.backup = backup;
        this.rowsChanged = rowsChanged;
        this.mayRestore = mayRestore;
    }

    /** @throws Failure where no way is left; its text says where the database stands */
    Result run() throws Exception {
        if (before.empty()) return emptied();
        if (!rowsChanged || backup == null) { // without a backup there were no tables, so all rows go with the tables
            Optional<Result> undone = undone();
            if (undone.isPresent()) return undone.get();
        }
        return restored();
    }

    private Result emptied() throws Exception {
        if (DatabaseReset.isEmpty(db.connection()))
            return new Result("by the failed step itself: nothing of it stays", Optional.empty());
        if (!mayRestore)
            throw Failure.refused(
                    "it was empty before, and what is there now is older than an hour: somebody may work with it",
                    "decide: 'avdaily-db reset' empties it, 'avdaily-migrate status' shows where it stands.");
        db.inTransaction(c -> {
            Database.run(c, "SET LOCAL lock_timeout = '30s'");
            DatabaseReset.empty(c);
            return null;
        });
        return new Result("by emptying the database, which was empty before", Optional.empty());
    }

    /**
     * Undo scripts, then the indexes that a migration outside a transaction left; counts only if the old schema is
     * back.
     */
    private Optional<Result> undone() throws Exception {
        List<String> did = new ArrayList<>();
        try {
            migrator.forgetFailed();
            List<String> dropped = drop(SchemaState.invalidIndexes(
                    db)); // before the undo scripts, after which the schema is recorded as it is
            if (!Objects.equals(migrator.version(), before.version())) {
                Rollback rollback = new Rollback(migrator);
                List<Migration> plan = rollback.undoableTo(before.version() == null ? "0" : before.version());
                rollback.run(plan, rollback.losses(plan), true);
                did.add("with undo scripts (" + Migrator.titles(plan) + ")");
            }
            List<String> late = drop(SchemaState.of(db, migrator).indexes());
            if (!late.isEmpty() && !did.isEmpty())
                new Repair(migrator).run(List.of("dropped " + String.join(", ", late)), true);
            dropped.addAll(late);
            if (!dropped.isEmpty()) did.add("by dropping " + String.join(", ", dropped));
        } catch (SQLException | Failure e) {
            db.out()
                    .note("Undo scripts do not lead back: "
                            + Failures.explain(e).getMessage());
            return Optional.empty();
        }
        if (!SchemaState.of(db, migrator).isSame(before)) {
            db.out().note("Undo scripts do not lead back to exactly the old schema.");
            return Optional.empty();
        }
        return Optional.of(new Result(
                did.isEmpty() ? "by the failed step itself: nothing of it stays" : String.join(" and ", did),
                Optional.empty()));
    }

    /** Drops those of the indexes that were not there before, and returns their names. */
    private List<String> drop(List<String> indexes) throws SQLException {
        List<String> added = new ArrayList<>(indexes);
        added.removeAll(before.indexes());
        try (Connection c = db.connect()) {
            Database.run(c, "SET lock_timeout = '30s'");
            for (String index : added) Database.run(c, "DROP INDEX CONCURRENTLY IF EXISTS " + index);
        }
        return added;
    }

    private Result restored() throws Exception {
        if (backup == null || !Files.exists(backup)) {
            SchemaState now = SchemaState.of(db, migrator);
            throw new Failure(
                    Failure.Kind.ERROR,
                    "it is now " + now.title() + (now.isSame(before) ? ", as before, but rows may have changed" : "")
                            + ", and there is no backup to restore",
                    "look at it with 'avdaily-migrate status' and 'avdaily-migrate validate'.",
                    null);
        }
        if (!mayRestore)
            throw Failure.refused(
                    "only its backup would lead back, and it is older than an hour: what was written since would be lost from view",
                    "decide: restore it (DB_RESTORE_CONFIRM=1 avdaily-restore " + backup
                            + "), or repair the schema by hand ('avdaily-migrate status' and 'validate' show it).");
        return new Result("by restoring " + backup.getFileName(), restore(db, backup));
    }

    /** Restores a backup of ours; returns the name under which a swap keeps the database as it was. */
    public static Optional<String> restore(Database db, Path backup) throws Exception {
        db.out().note("Restoring " + backup.getFileName() + "...");
        DumpReader dump = DumpReader.check(BackupFile.existing(backup), null, db.out());
        try (Restorer restorer = new Restorer(db, dump, RestoreOptions.standard())) {
            return restorer.restore().kept();
        } finally {
            db.close(); // a swap put another database in its place
        }
    }
}
