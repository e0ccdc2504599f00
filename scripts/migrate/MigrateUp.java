import avdaily.backup.BackupFile;
import avdaily.backup.BackupWriter;
import avdaily.base.Format;
import avdaily.base.Json;
import avdaily.console.Exit;
import avdaily.console.Gate;
import avdaily.db.Database;
import avdaily.migrate.DryRun;
import avdaily.migrate.Migration;
import avdaily.migrate.Migrator;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "up", description = "Apply the pending migrations, all in one transaction where PostgreSQL allows it.")
class MigrateUp extends MigrateChange {
    @Option(names = "--to", paramLabel = "V", description = "Stop after this version.")
    String to;

    @Option(
            names = "--no-backup",
            description =
                    "Do not back the database up first (into BACKUP_DIR, else ./backups). One without tables is not backed up anyway.")
    boolean noBackup;

    @Option(
            names = "--dry-run",
            description =
                    "Apply them for real in a transaction that is taken back, and say what each changes. It takes the same locks, for as long.")
    boolean dryRun;

    @Option(
            names = "--out-of-order",
            description =
                    "Also apply what is older than the database's version and was never applied; the history says so.")
    boolean outOfOrder;

    @Override
    int run(Migrator migrator, Database db) throws Exception {
        if (outOfOrder) migrator.allowOutOfOrder();
        List<Migration> plan = migrator.pending(to);
        if (dryRun) return dryRun(plan, migrator, db);
        if (!plan.isEmpty()) {
            out().print("Pending on " + db + ":");
            plan.forEach(m -> out().print("  " + m.title()
                    + (m.transactional() ? "" : "  (cannot run in a transaction; runs by itself)")));
            Gate.before(
                            db,
                            "apply " + Format.count(plan.size(), "migration") + " to " + db
                                    + (noBackup ? " without a backup" : ""))
                    .destructive();
        }
        Optional<BackupFile> backup = plan.isEmpty() || noBackup ? Optional.empty() : BackupWriter.beforeChange(db);
        Migrator.Result result = migrator.up(to, plan);
        out().print(
                        result.applied().isEmpty()
                                ? "Nothing to do: " + db + " is at version " + result.version() + "."
                                : "Applied " + Migrator.titles(result.applied()) + " in "
                                        + Format.duration(result.took()) + "; " + db + " is at version "
                                        + result.version() + ".");
        out().json(Json.object(
                "database",
                db.name(),
                "applied",
                Migration.json(result.applied()),
                "version",
                result.version(),
                "backup",
                backup.map(file -> file.path().toString()).orElse(null),
                "ms",
                result.took().toMillis()));
        return Exit.DONE;
    }

    private int dryRun(List<Migration> plan, Migrator migrator, Database db) throws Exception {
        DryRun.Result result = migrator.dryRun(plan);
        for (DryRun.Trial trial : result.trials()) {
            out().print(trial.migration().title()
                    + (trial.took() == null
                            ? ": not tried"
                            : ": " + Format.duration(trial.took())
                                    + (trial.changes().isEmpty() ? ", nothing in the schema changes" : "")));
            trial.untried().forEach(line -> out().print("  " + line));
            trial.changes().forEach(line -> out().print("  " + line));
        }
        result.callbacks().forEach(name -> out().print(name + ": not tried, Flyway runs it around migrations"));
        out().print(
                        plan.isEmpty()
                                ? "Nothing to do: " + db + " is at version " + migrator.version() + "."
                                : "Nothing stayed: schema and history of " + db + " are what they were ("
                                        + result.fingerprint().substring(0, 12) + ").");
        if (!result.sequences().isEmpty())
            out().print("Sequences moved on, which nothing takes back: " + String.join(", ", result.sequences()) + ".");
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
                result.sequences()));
        return Exit.DONE;
    }
}
