import avdaily.backup.BackupFile;
import avdaily.backup.BackupWriter;
import avdaily.base.Format;
import avdaily.base.Json;
import avdaily.console.Exit;
import avdaily.console.Gate;
import avdaily.db.Database;
import avdaily.db.Environment;
import avdaily.migrate.Drift;
import avdaily.migrate.Migration;
import avdaily.migrate.Migrator;
import avdaily.migrate.Rollback;
import avdaily.migrate.RollbackImpact;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "rollback", description = "Undo the newest migrations with their U scripts, in one transaction.")
class MigrateRollback extends MigrateChange {
    @ArgGroup
    Target target;

    static class Target {
        @Option(names = "--steps", paramLabel = "N", description = "How many migrations to undo (default: 1).")
        Integer steps;

        @Option(
                names = "--to",
                paramLabel = "V",
                description = "Undo everything after this version, which stays; 0 undoes all.")
        String to;
    }

    @Option(
            names = "--no-archive",
            description = "Keep no copy of the rows and values that are lost (into avdaily_ops.undone otherwise).")
    boolean noArchive;

    @Option(
            names = "--partitions",
            description = "Refuse also if partitions came or went since the last run, as a partition manager has it.")
    boolean partitions;

    private Drift.Partitions partitions() {
        return partitions ? Drift.Partitions.COUNTED : Drift.Partitions.FOLDED;
    }

    @Override
    int run(Migrator migrator, Database db) throws Exception {
        Rollback rollback = new Rollback(migrator);
        List<Migration> plan = plan(rollback);
        RollbackImpact losses = RollbackImpact.NONE;
        Optional<BackupFile> backup = Optional.empty();
        if (plan.isEmpty()) {
            out().print("Nothing to undo: " + db + " is at version " + Migration.shown(migrator.version()) + ".");
        } else {
            rollback.mustBeAsRecorded(partitions());
            losses = rollback.losses(plan);
            show(db, plan, losses);
            if (db.environment() == Environment.PRODUCTION) backup = BackupWriter.beforeChange(db);
        }
        Migrator.Result result = rollback.run(plan, losses, noArchive ? Rollback.Lost.DELETED : Rollback.Lost.ARCHIVED);
        if (!plan.isEmpty())
            out().print("Undone: " + Migration.titles(plan) + " in " + Format.duration(result.took()) + "; " + db
                    + " is at version " + Migration.shown(result.version()) + ".");
        out().json(Json.object(
                "database",
                db.name(),
                "undone",
                Migration.json(plan.stream().map(Migration::undone).toList()),
                "lost",
                losses.all().stream().map(RollbackImpact.Loss::json).toList(),
                "tables",
                losses.touched().stream().map(RollbackImpact.AffectedRows::json).toList(),
                "archived",
                !noArchive && losses.rows() > 0,
                "backup",
                backup.map(file -> file.place()).orElse(null),
                "version",
                result.version(),
                "durationMillis",
                result.took().toMillis()));
        return Exit.DONE;
    }

    private List<Migration> plan(Rollback rollback) throws SQLException {
        if (target == null) return rollback.undoable(1);
        return target.to != null ? rollback.undoableTo(target.to) : rollback.undoable(target.steps);
    }

    private void show(Database db, List<Migration> plan, RollbackImpact losses) {
        out().print("To be undone on " + db + ", newest first:");
        plan.forEach(m -> out().print("  " + m.title()));
        out().print(losses.all().isEmpty() ? "No table and no column goes with them." : "With them go:");
        losses.all().forEach(loss -> out().print("  " + loss.title()));
        if (!losses.touched().isEmpty())
            out().print("The undo scripts change rows of tables that stay, of which no copy is kept:");
        losses.touched().forEach(table -> out().print("  " + table.title()));
        String end = noArchive ? "is lost" : "goes to avdaily_ops.undone";
        String copy = losses.rows() == 0 ? "" : "; what is in the tables and columns shown " + end;
        Gate gate = Gate.before(db, "undo " + Format.count(plan.size(), "migration") + " on " + db + copy);
        if (noArchive) gate.neverInUnattendedProduction("leave --no-archive out.");
        gate.changesSchema().destructive();
    }
}
