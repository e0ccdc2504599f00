import avdaily.base.Format;
import avdaily.base.Json;
import avdaily.console.Exit;
import avdaily.console.Gate;
import avdaily.db.Database;
import avdaily.db.Environment;
import avdaily.deploy.DeploymentRollback;
import avdaily.migrate.Migration;
import avdaily.migrate.RollbackImpact;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "rollback",
        description = "Take the last deployment back: with undo scripts, or by restoring the backup that it made. "
                + "Shows first what would be done.")
class DeployRollback extends Script {
    @Parameters(arity = "0..1", paramLabel = "ENV", description = "The environment (default: as --env).")
    Environment target;

    @Option(
            names = "--restore",
            description = "Restore the backup that the deployment made, in place of running undo scripts. "
                    + "What was written since is then only in the database that is kept.")
    boolean restore;

    @Option(names = "--dry-run", description = "Show what would be done, change nothing.")
    boolean dryRun;

    @Option(
            names = "--migrations",
            paramLabel = "DIR",
            description = "Folder of migrations (default: AVDAILY_MIGRATIONS, else the project's).")
    Path migrations;

    @Override
    Environment named() {
        return eitherOf(target);
    }

    @Override
    int run() throws Exception {
        DeploymentRollback.Way way = restore ? DeploymentRollback.Way.RESTORE : DeploymentRollback.Way.UNDO;
        try (Database db = openProjectDatabase();
                DeploymentRollback rollback = DeploymentRollback.prepare(db, migrations, way)) {
            RollbackImpact losses = rollback.look(out()::print);
            if (dryRun) {
                out().print("Dry run: nothing was changed.");
                return end(db, rollback, Optional.empty());
            }
            gate(db, rollback).destructive();
            DeploymentRollback.Result result = rollback.run(losses);
            String what = restore ? "restored" : Format.count(rollback.undone().size(), "migration") + " back";
            out().print("Taken back: " + db + " is " + what + "; " + result.comparison() + ".");
            result.kept().ifPresent(name -> out().print("The database as it was is kept as " + name + "."));
            return end(db, rollback, result.kept());
        }
    }

    private Gate gate(Database db, DeploymentRollback rollback) {
        String time = Migration.time(rollback.deployment().at());
        Gate gate = Gate.before(db, "take back the deployment of " + time + " on " + db)
                .changesSchema()
                .needsInUnattendedProduction("DB_DEPLOY_ALLOW_PRODUCTION");
        return restore ? gate.needs("DB_RESTORE_CONFIRM").needsInProduction("DB_RESTORE_ALLOW_PRODUCTION") : gate;
    }

    private int end(Database db, DeploymentRollback rollback, Optional<String> kept) {
        out().json(Json.object(
                "database",
                db.name(),
                "deployment",
                rollback.deployment().id(),
                "dryRun",
                dryRun,
                "undone",
                rollback.undone(),
                "restored",
                restore && !dryRun,
                "kept",
                kept.orElse(null)));
        return Exit.DONE;
    }
}
