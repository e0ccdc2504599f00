import avdaily.backup.BackupFile;
import avdaily.backup.BackupWriter;
import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.base.Json;
import avdaily.console.Exit;
import avdaily.console.Gate;
import avdaily.db.Database;
import avdaily.migrate.DryRun;
import avdaily.migrate.Migration;
import avdaily.migrate.MigrationRun;
import avdaily.migrate.Migrator;
import avdaily.migrate.batch.BatchState;
import java.sql.SQLException;
import java.time.LocalTime;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "up", description = "Apply the pending migrations, all in one transaction where PostgreSQL allows it.")
class MigrateUp extends MigrateChange {
    @Option(names = "--to", paramLabel = "V", description = "Stop after this version.")
    String to;

    @Option(
            names = "--no-backup",
            description = "Do not back the database up first (into BACKUP_DIR, else the project's, else backups). "
                    + "One without tables is not backed up anyway.")
    boolean noBackup;

    @Option(
            names = "--dry-run",
            description = "Apply them for real in a transaction that is taken back, and say what each changes. "
                    + "It takes the same locks, and longer: it reads the schema after each.")
    boolean dryRun;

    @Option(
            names = "--out-of-order",
            description =
                    "Also apply what is older than the database's version and was never applied; the history says so.")
    boolean outOfOrder;

    @Option(
            names = "--deadline",
            paramLabel = "TIME",
            description =
                    "No batch of a data migration begins after this time of day, as in 02:00; the next up goes on.")
    LocalTime deadline;

    @Option(
            names = "--contract",
            paramLabel = "V",
            split = ",",
            description = "Also apply this version although it drops what older programs use ('-- phase: contract').")
    List<String> contracts = List.of();

    @Mixin
    FleetOptions fleet;

    @Override
    Optional<FleetOptions> many() {
        return Optional.of(fleet);
    }

    @Override
    FleetEffect effect() {
        return dryRun ? FleetEffect.ADDS : FleetEffect.CHANGES;
    }

    static String waitingText(List<Migration> waiting) {
        return "Not applied: " + Migration.titles(waiting) + ": "
                + waiting.get(0).title()
                + " drops what older programs use, and waits until 'up --contract "
                + waiting.get(0).version() + "' names it or what it comes after is applied.";
    }

    @Override
    int run(Migrator migrator, Database db) throws Exception {
        if (outOfOrder) migrator.allowOutOfOrder();
        if (deadline != null) migrator.stopAt(Format.next(deadline));
        migrator.allowContracts(contracts);
        List<Migration> plan = migrator.due(to);
        List<Migration> waiting = migrator.waiting(to);
        if (!waiting.isEmpty()) out().note(waitingText(waiting));
        if (dryRun) return dryRun(plan, migrator, db);
        if (!plan.isEmpty()) ask(plan, migrator, db);
        Optional<BackupFile> backup = plan.isEmpty() || noBackup ? Optional.empty() : backup(db);
        Migrator.Result result = up(migrator, db, plan, backup);
        String there = place(db, result.version());
        result.stopped().ifPresent(state -> out().print("The deadline is over; the batches of V" + state.version()
                + " go on with the next 'avdaily-migrate up': " + state.words() + "."));
        if (result.applied().isEmpty() && result.stopped().isEmpty()) out().print("Nothing to do: " + there);
        else if (!result.applied().isEmpty())
            out().print("Applied " + Migration.titles(result.applied()) + " in " + Format.duration(result.took()) + "; "
                    + there);
        conclude(summary(result, waiting), null);
        out().json(Json.object(
                "database",
                db.name(),
                "dryRun",
                false,
                "applied",
                Migration.json(result.applied()),
                "version",
                result.version(),
                "stopped",
                result.stopped().map(BatchState::json).orElse(null),
                "waiting",
                waiting.stream().map(Migration::title).toList(),
                "backup",
                backup.map(file -> file.place()).orElse(null),
                "durationMillis",
                result.took().toMillis()));
        return Exit.DONE;
    }

    private Migrator.Result up(Migrator migrator, Database db, List<Migration> plan, Optional<BackupFile> backup)
            throws Exception {
        try {
            return migrator.up(to, plan);
        } catch (Failure | SQLException e) {
            boolean isForThisAlone = db.schema().isEmpty();
            if (backup.isPresent() && isForThisAlone && migrator.leftNothing())
                BackupWriter.removeUnneeded(db, backup.get());
            throw e;
        }
    }

    /** Of many schemas the first that changes has the whole database backed up for all. */
    private Optional<BackupFile> backup(Database db) throws Exception {
        return db.schema().isEmpty()
                ? BackupWriter.beforeChange(db)
                : shared.once("backup of " + db.url(), () -> BackupWriter.beforeChange(db));
    }

    private static String place(Database db, String version) {
        return db + (version == null ? " has no migration yet." : " is at version " + version + ".");
    }

    private static String summary(Migrator.Result result, List<Migration> waiting) {
        return (result.applied().isEmpty()
                        ? "nothing to do"
                        : Format.count(result.applied().size(), "migration") + " applied")
                + ", version " + Migration.shown(result.version())
                + (result.stopped().isEmpty() ? "" : ", batches go on")
                + (waiting.isEmpty() ? "" : ", " + waiting.size() + " waiting");
    }

    private void ask(List<Migration> plan, Migrator migrator, Database db) {
        out().print("Pending on " + db + ":");
        for (MigrationRun part : migrator.parts(plan)) {
            String remark = part.reason().toString();
            for (Migration m : part.migrations()) {
                out().print("  " + m.title() + (remark.isEmpty() ? "" : "  (" + remark + ")"));
                remark = "";
            }
        }
        String what = "apply " + Format.count(plan.size(), "migration") + " to " + db;
        Gate.before(db, what + (noBackup ? " without a backup" : ""))
                .changesSchema()
                .destructive();
    }

    private int dryRun(List<Migration> plan, Migrator migrator, Database db) throws Exception {
        DryRun.Result result = migrator.dryRun(plan);
        result.trials().forEach(this::show);
        result.callbacks().forEach(name -> out().print(name + ": not tried, it runs around migrations"));
        if (plan.isEmpty()) out().print("Nothing to do: " + place(db, migrator.version()));
        else
            out().print("Nothing stayed: schema and history of " + db + " are what they were ("
                    + result.fingerprint().substring(0, 12) + ").");
        if (!result.sequences().isEmpty())
            out().print("Sequences moved on, which nothing takes back: " + String.join(", ", result.sequences()) + ".");
        if (!result.outside().isEmpty())
            out().print("What these did outside of the database stays: " + String.join("; ", result.outside()) + ".");
        out().json(Json.object(
                "database",
                db.name(),
                "dryRun",
                true,
                "migrations",
                result.trials().stream().map(DryRun.Trial::json).toList(),
                "callbacksNotTried",
                result.callbacks(),
                "fingerprint",
                result.fingerprint(),
                "sequencesMoved",
                result.sequences(),
                "didOutside",
                result.outside()));
        return Exit.DONE;
    }

    private void show(DryRun.Trial trial) {
        String title = trial.migration().title();
        if (trial.took() == null) out().print(title + ": not tried");
        else
            out().print(title + ": " + Format.duration(trial.took())
                    + (trial.changes().isEmpty() && trial.batch().isEmpty() ? ", nothing in the schema changes" : ""));
        trial.untried().forEach(line -> out().print("  " + line));
        trial.changes().forEach(line -> out().print("  " + line));
        trial.batch().ifPresent(batch -> out().print("  " + DryRun.words(batch)));
    }
}
