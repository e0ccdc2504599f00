import avdaily.base.Format;
import avdaily.base.Json;
import avdaily.console.Exit;
import avdaily.console.Gate;
import avdaily.db.Database;
import avdaily.db.Environment;
import avdaily.deploy.Approvers;
import avdaily.deploy.Configuration;
import avdaily.deploy.DeployPlan;
import avdaily.deploy.DeploymentRollback;
import avdaily.deploy.EnvironmentPolicy;
import avdaily.migrate.Migration;
import avdaily.migrate.RollbackImpact;
import avdaily.notify.Job;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "rollback",
        description = "Take the last deployment back: with undo scripts, or by restoring the backup that it made. "
                + "Shows first what would be done.")
class DeployRollback extends Script {
    private static final String ALLOW_PRODUCTION = "DB_DEPLOY_ALLOW_PRODUCTION";
    private static final Duration VALID = Duration.ofDays(3);

    @Parameters(arity = "0..1", paramLabel = "ENV", description = "The environment (default: as --env).")
    Environment target;

    @Option(
            names = "--restore",
            description = "Restore the backup that the deployment made, in place of running undo scripts. "
                    + "What was written since is then only in the database that is kept.")
    boolean restore;

    @Option(
            names = {"-o", "--out"},
            paramLabel = "FILE",
            description = "Write a plan of it for approval, valid for three days; change nothing in the database.")
    Path out;

    @Option(
            names = "--sign-with",
            paramLabel = "KEY",
            description = "Sign that plan as its author with this OpenSSH key, the private one or, with an agent, the "
                    + "public one.")
    Path key;

    @Option(
            names = "--plan",
            paramLabel = "FILE",
            description = "Run this plan, if it still matches and is approved as the environment demands.")
    Path plan;

    @Option(names = "--dry-run", description = "Show what would be done, change nothing.")
    boolean dryRun;

    @Option(
            names = "--migrations",
            paramLabel = "DIR",
            description = "Folder of migrations (default: AVDAILY_MIGRATIONS, else the project's).")
    Path migrations;

    @Override
    Environment named() {
        return Environment.oneOf(env, target);
    }

    @Override
    Optional<Job> job() {
        return dryRun || out != null ? Optional.empty() : Optional.of(Job.DEPLOY);
    }

    @Override
    int run() throws Exception {
        Optional<DeployPlan> file = Optional.ofNullable(plan).map(DeployPlan::read);
        DeploymentRollback.Way way = restore ? DeploymentRollback.Way.RESTORE : DeploymentRollback.Way.UNDO;
        try (Database db = openProjectDatabase();
                DeploymentRollback rollback = DeploymentRollback.prepare(db, migrations, way)) {
            RollbackImpact losses = rollback.look(out()::print);
            EnvironmentPolicy policy = Configuration.read(settings()).policy(db.environment());
            if (out != null) return plan(db, rollback, policy);
            if (file.isPresent()) file.get().mustMatch(rollback.bound(policy));
            if (dryRun) {
                out().print("Dry run: nothing was changed.");
                return end(db, rollback, Optional.empty());
            }
            gate(db, rollback, policy, file).destructive();
            DeploymentRollback.Result result = rollback.run(losses);
            String what = restore ? "restored" : Format.count(rollback.undone().size(), "migration") + " back";
            summarize("Taken back: " + db + " is " + what + "; " + result.comparison() + ".");
            result.kept().ifPresent(name -> out().print("The database as it was is kept as " + name + "."));
            return end(db, rollback, result.kept());
        }
    }

    private int plan(Database db, DeploymentRollback rollback, EnvironmentPolicy policy) throws Exception {
        DeployPlan made = DeployPlan.of(rollback.bound(policy), VALID, settings());
        Approvers approvers = new Approvers(settings(), policy);
        if (key != null) made = approvers.sign(made, key);
        made.write(out);
        out().print("Wrote " + out + ", valid until " + made.expiresAt() + ", by " + approvers.authorOf(made)
                + ". Hash " + made.hash());
        return end(db, rollback, Optional.empty());
    }

    private Gate gate(Database db, DeploymentRollback rollback, EnvironmentPolicy policy, Optional<DeployPlan> file) {
        boolean unattended = db.environment() == Environment.PRODUCTION && !out().isInteractive();
        int demanded = unattended && !settings().isOn(ALLOW_PRODUCTION) ? 1 : 0;
        int needed = policy.approvals().orElse(demanded);
        if (file.isPresent()) new Approvers(settings(), policy).mustHaveApproved(file.get(), needed, plan);
        String again = "'" + spec.root().name() + " rollback " + db.environment() + (restore ? " --restore" : "");
        Gate gate = Gate.before(
                        db,
                        "take back the deployment of "
                                + Migration.time(rollback.deployment().at()) + " on " + db)
                .changesSchema("make a plan of it with " + again + " -o plan.json', have it approved ('"
                        + spec.root().name() + " approve plan.json'), then " + again + " --plan plan.json'.");
        if (restore) gate.needs("DB_RESTORE_CONFIRM").needsInProduction("DB_RESTORE_ALLOW_PRODUCTION");
        boolean isApproved = file.isPresent() && needed > 0;
        return isApproved ? gate.approved() : gate.needsInUnattendedProduction(ALLOW_PRODUCTION);
    }

    private int end(Database db, DeploymentRollback rollback, Optional<String> kept) {
        out().json(Json.object(
                "database",
                db.name(),
                "deployment",
                rollback.deployment().id(),
                "dryRun",
                dryRun || out != null,
                "undone",
                Migration.json(rollback.migrations()),
                "restored",
                restore && !dryRun && out == null,
                "keptDatabase",
                kept.orElse(null)));
        return Exit.DONE;
    }
}
