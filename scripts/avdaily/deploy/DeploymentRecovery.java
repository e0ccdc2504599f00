package avdaily.deploy;

import avdaily.backup.BackupFile;
import avdaily.backup.Backups;
import avdaily.base.Failure;
import avdaily.base.Out;
import avdaily.base.SqlResource;
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
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Brings a database back to where a deployment began, by the first of these ways that applies:
 *
 * <ol>
 *   <li>The failed step's own transaction took everything back: nothing is to be done.
 *   <li>The database was empty: it is emptied.
 *   <li>Undo scripts run, if what they leave is proven to be the old schema and no rows were seeded or deleted.
 *   <li>The backup is restored.
 * </ol>
 */
final class DeploymentRecovery {
    /** A person's word that everything written since the deployment began may be taken back with it. */
    enum Consent {
        GIVEN,
        NEEDED
    }

    /**
     * How the database came back.
     *
     * @param way in words that follow "taken back"
     * @param kept the name of the database as it was when the deployment failed, if a restore kept it
     */
    record Result(String way, Optional<String> kept) {
        static Result of(String way) {
            return new Result(way, Optional.empty());
        }

        boolean isByItself() {
            return way.equals(BY_ITSELF);
        }
    }

    private static final String BY_ITSELF = "by the failed step itself: nothing of it stays";
    private static final String LOCK_TIMEOUT = "lock_timeout = '30s'";

    private final Database db;
    private final Out out;
    private final Migrator migrator;
    private final RestorePoint point;
    private final SchemaState before;
    private final long nextTransaction;
    private final Consent consent;

    /** @param nextTransaction the one that came next when the deployment began: what is older was there before */
    DeploymentRecovery(Database db, Migrator migrator, RestorePoint point, long nextTransaction, Consent consent) {
        this.db = db;
        this.out = db.out();
        this.migrator = migrator;
        this.point = point;
        this.before = point.state();
        this.nextTransaction = nextTransaction;
        this.consent = consent;
    }

    /** @throws Failure if no way is left; its text says where the database stands */
    Result run() throws Exception {
        if (before.empty()) return emptied();
        // without a backup there were no tables, so all rows go with the tables
        if (!point.rowsChanged() && !migrator.history().mayHaveLeftRows() || point.backup().isEmpty()) {
            Optional<Result> undone = undone();
            if (undone.isPresent()) return undone.get();
        }
        return restored();
    }

    private Result emptied() throws Exception {
        if (DatabaseReset.isEmpty(db.connection())) return Result.of(BY_ITSELF);
        if (consent == Consent.NEEDED)
            throw Failure.refused(
                    "it was empty before, and what is there now is older than an hour: somebody may work with it",
                    "decide: 'avdaily-db reset' empties it, 'avdaily-migrate status' shows where it stands.");
        refuseOlderTables();
        db.inTransaction(c -> {
            Database.run(c, "SET LOCAL " + LOCK_TIMEOUT);
            DatabaseReset.empty(c);
            return null;
        });
        return Result.of("by emptying the database, which was empty before");
    }

    /** That the database was empty is believed if neither its history nor its tables deny it. */
    private void refuseOlderTables() throws SQLException {
        List<String> others = migrator.all().stream()
                .filter(migration -> migration.appliedAt() != null && migration.state() != Migration.State.FAILED)
                .map(Migration::title)
                .filter(title -> !point.migrations().contains(title))
                .toList();
        if (!others.isEmpty())
            throw Failure.refused(
                    "it is said to have been empty before, but the deployment had not to apply "
                            + String.join(", ", others),
                    "look with 'avdaily-migrate status' and 'avdaily-deploy history'; nothing was dropped.");
        List<String> older = Database.list(
                db.connection(),
                SqlResource.of(DeploymentRecovery.class, "older-tables.sql"),
                row -> row.getString(1),
                nextTransaction);
        if (!older.isEmpty())
            throw Failure.refused(
                    "it is said to have been empty before, but " + String.join(", ", older)
                            + (older.size() == 1 ? " is" : " are") + " older than the deployment",
                    "look with 'avdaily-migrate status' and 'avdaily-deploy history'; nothing was dropped.");
    }

    /** Runs undo scripts and drops the indexes that a migration outside a transaction left. */
    private Optional<Result> undone() throws Exception {
        List<String> did;
        try {
            did = undo();
        } catch (SQLException | Failure e) {
            out.note("Undo scripts do not lead back: " + Failures.explain(e).getMessage());
            return Optional.empty();
        }
        if (!SchemaState.of(db, migrator).isSame(before)) {
            out.note("Undo scripts do not lead back to exactly the old schema.");
            return Optional.empty();
        }
        return Optional.of(Result.of(did.isEmpty() ? BY_ITSELF : String.join(" and ", did)));
    }

    private List<String> undo() throws Exception {
        List<String> did = new ArrayList<>();
        migrator.history().table().forgetFailed();
        // before the undo scripts, for they record the schema that they leave
        List<String> dropped = drop(SchemaState.invalidIndexes(db));
        if (!Objects.equals(migrator.version(), before.version())) {
            Rollback rollback = new Rollback(migrator);
            List<Migration> plan = rollback.undoableTo(before.version() == null ? "0" : before.version());
            rollback.run(plan, rollback.losses(plan), Rollback.Lost.ARCHIVED);
            did.add("with undo scripts (" + Migration.titles(plan) + ")");
        }
        List<String> late = drop(SchemaState.of(db, migrator).indexes());
        if (!late.isEmpty() && !did.isEmpty())
            new Repair(migrator).run(List.of("dropped " + String.join(", ", late)), Repair.FoundSchema.ACCEPTED);
        dropped.addAll(late);
        if (!dropped.isEmpty()) did.add("by dropping " + String.join(", ", dropped));
        return did;
    }

    /** Drops those of the indexes that were not there before, and returns their names. */
    private List<String> drop(List<String> indexes) throws SQLException {
        List<String> added = new ArrayList<>(indexes);
        added.removeAll(before.indexes());
        try (Connection c = db.connect()) {
            Database.run(c, "SET " + LOCK_TIMEOUT);
            for (String index : added) Database.run(c, "DROP INDEX CONCURRENTLY IF EXISTS " + index);
        }
        return added;
    }

    private Result restored() throws Exception {
        if (point.backup().filter(MadeBackup::isThere).isEmpty()) {
            SchemaState now = SchemaState.of(db, migrator);
            throw new Failure(
                    Failure.Kind.ERROR,
                    "it is now " + now.title() + (now.isSame(before) ? ", as before, but rows may have changed" : "")
                            + ", and there is no backup to restore",
                    "look at it with 'avdaily-migrate status' and 'avdaily-migrate validate'.",
                    null);
        }
        BackupFile backup = point.backup().orElseThrow().file();
        if (consent == Consent.NEEDED)
            throw Failure.refused(
                    "only its backup would lead back, and it is older than an hour: "
                            + "what was written since would be lost from view",
                    "decide: restore it (DB_RESTORE_CONFIRM=1 avdaily-restore " + backup.place()
                            + "), or repair the schema by hand ('avdaily-migrate status' and 'validate' show it).");
        Optional<String> kept = restore(db, point.backup().orElseThrow().confirmed(db, before));
        if (!SchemaState.of(db, migrator).isSame(before))
            throw new Failure(
                    Failure.Kind.ERROR,
                    backup + " is restored, and the schema is not the one from before the deployment"
                            + kept.map(name -> "; the database as it was is kept as " + name)
                                    .orElse(""),
                    "look at it with 'avdaily-migrate status' and 'avdaily-migrate validate'"
                            + kept.map(name -> "; 'avdaily-restore --back' returns to " + name)
                                    .orElse("")
                            + ".",
                    null);
        return new Result("by restoring " + backup, kept);
    }

    /** Restores a deployment's backup; returns the name under which a swap keeps the database as it was. */
    static Optional<String> restore(Database db, BackupFile backup) throws Exception {
        db.out().status("Restoring " + backup + "...");
        DumpReader dump = DumpReader.check(backup, Backups.identity(db.settings(), null), db.out());
        try (Restorer restorer = new Restorer(db, dump, RestoreOptions.standard())) {
            return restorer.restore().kept();
        } finally {
            db.close(); // a swap put another database in its place
        }
    }
}
