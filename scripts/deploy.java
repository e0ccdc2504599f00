///usr/bin/env jbang "$0" "$@" ; exit $?
//DESCRIPTION Check, back up, migrate, seed on request and validate a database; take back what fails
//DESCRIPTION Commands: plan, approve, rollback, history
//DOCS ../docs/deploy.md
//JAVA 17+
//JAVA_OPTIONS -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xlog:disable
//CDS
//MAIN Deploy
//SOURCES common.java
//SOURCES avdaily/deploy/package-info.java

import avdaily.backup.BackupFile;
import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.base.Json;
import avdaily.base.StrictYaml;
import avdaily.console.Exit;
import avdaily.console.Gate;
import avdaily.db.Database;
import avdaily.db.Environment;
import avdaily.db.Lock;
import avdaily.db.OperationLog;
import avdaily.deploy.Configuration;
import avdaily.deploy.DeployPlan;
import avdaily.deploy.DeployReport;
import avdaily.deploy.Deployment;
import avdaily.deploy.DeploymentRecovery;
import avdaily.deploy.EnvironmentPolicy;
import avdaily.deploy.OperationHistory;
import avdaily.deploy.Preflight;
import avdaily.deploy.SchemaState;
import avdaily.migrate.Migration;
import avdaily.migrate.MigrationFiles;
import avdaily.migrate.Migrator;
import avdaily.migrate.Rollback;
import avdaily.migrate.RollbackImpact;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Brings a database to the state that the files describe: checks, backs up, migrates, seeds, validates; what fails is taken back as a whole. */
@Command(
        name = "avdaily-deploy",
        description =
                "Check, back up, migrate, seed on request, and validate a database; a deployment that fails is taken back as a whole.",
        subcommands = {DeployPlanCommand.class, DeployApprove.class, DeployRollback.class, DeployHistory.class})
class Deploy extends DeployScript {
    @Parameters(arity = "0..1", paramLabel = "ENV", description = "development, testing, staging, demo or production.")
    Environment target;

    @Option(
            names = "--plan",
            paramLabel = "FILE",
            description = "Run this plan, if it still matches and is approved as the environment demands.")
    Path plan;

    @Option(names = "--dry-run", description = "Check and show the whole plan, change nothing.")
    boolean dryRun;

    public static void main(String... args) {
        Script.main(new Deploy(), args);
    }

    @Override
    Environment target() {
        return target;
    }

    @Override
    int run() throws Exception {
        DeployPlan file = plan == null ? null : DeployPlan.read(plan);
        if (file != null && file.seeds()) seed = true;
        try (Database db = open()) {
            EnvironmentPolicy strategy = strategy(db);
            try (Deployment deployment = deployment(db, strategy, dryRun)) {
                DeployReport report = show(db, deployment, dryRun ? ", dry run" : "");
                report.planHash = file == null ? null : file.hash();
                Preflight.refuse(deployment.checks());
                if (file != null) file.mustMatch(deployment.bound());
                if (dryRun) return end(report);
                if (deployment.hasWork()) gate(db, strategy, file).destructive();
                return end(deployment.run(report.planHash));
            }
        }
    }

    /** Where approvals are demanded, nothing else will do; in production with nobody to ask, an approved plan or the variable. */
    private Gate gate(Database db, EnvironmentPolicy strategy, DeployPlan file) {
        boolean unattended = db.environment() == Environment.PRODUCTION && !out().isInteractive();
        int needed = strategy.approvals() != null
                ? strategy.approvals()
                : unattended && !settings().isOn("DB_DEPLOY_ALLOW_PRODUCTION") ? 1 : 0;
        if (file != null) file.mustBeApproved(needed, plan, settings());
        else if (strategy.approvals() != null && needed > 0)
            throw Failure.refused(
                    db.environment() + " is deployed to by a plan with " + Format.count(needed, "approval"),
                    "make one with 'avdaily-deploy plan " + target
                            + " -o plan.json', have it approved ('avdaily-deploy approve plan.json'), then 'avdaily-deploy "
                            + target + " --plan plan.json'.");
        Gate gate = Gate.before(db, "deploy to " + db);
        if (strategy.confirm() == EnvironmentPolicy.Confirm.NAME) gate.byName();
        return file != null && needed > 0 ? gate : gate.needsInUnattendedProduction("DB_DEPLOY_ALLOW_PRODUCTION");
    }

    private int end(DeployReport report) throws Exception {
        report.print();
        out().json(report.json(Exit::code));
        if (markdown != null) report.writeMarkdown(markdown);
        if (report.failure != null) return failed(report.failure);
        boolean counts = report.outcome == DeployReport.Outcome.UNCHANGED || !report.unknown.isEmpty();
        return report.findings.isEmpty() || report.outcome == DeployReport.Outcome.PLANNED || !counts
                ? Exit.DONE
                : findings(
                        Format.count(report.findings.size(), "finding") + " on " + report.db,
                        "see 'avdaily-migrate validate' and 'avdaily-seed --validate'.");
    }
}

/** What all that plans a deployment has in common. */
abstract class DeployScript extends Script {
    @Option(names = "--seed", description = "Also seed the environment's data; never in production.")
    boolean seed;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description =
                    "How environments are deployed to (default: AVDAILY_CONFIG, else avdaily.yaml beside the folder of migrations).")
    Path config;

    @Option(
            names = "--migrations",
            paramLabel = "DIR",
            description = "Folder of migrations (default: AVDAILY_MIGRATIONS, else AV-Daily's own).")
    Path migrations;

    @Option(
            names = "--seeds",
            paramLabel = "DIR",
            description = "Folder of seed files (default: AVDAILY_SEEDS, else AV-Daily's own).")
    Path seeds;

    @Option(
            names = "--markdown",
            paramLabel = "FILE",
            description = "Also write plan and report as Markdown, for a pull request.")
    Path markdown;

    abstract Environment target();

    @Override
    Environment named() {
        return eitherOf(target());
    }

    Database open() throws Exception {
        if (named() == null)
            throw Failure.usage(
                    "no environment is named",
                    "name one, as in '" + spec.root().name() + " development'; '"
                            + spec.root().name() + " --help' lists what there is.");
        if (seed) named().refuseSeeding();
        Database db = openDatabase();
        if (seed && db.environment() == Environment.PRODUCTION) {
            db.close();
            db.environment().refuseSeeding();
        }
        return db;
    }

    EnvironmentPolicy strategy(Database db) {
        return Configuration.read(settings(), config, migrations).strategy(db.environment());
    }

    Deployment deployment(Database db, EnvironmentPolicy strategy, boolean onlyLook) throws Exception {
        return new Deployment(db, strategy, migrations, seeds, seed ? named() : null, onlyLook);
    }

    final DeployReport show(Database db, Deployment deployment, String remark) {
        DeployReport report = new DeployReport(db);
        report.checks = deployment.checks();
        report.plan.addAll(deployment.lines());
        out().print("Deployment to " + db + remark);
        report.plan.forEach(line -> out().print("  " + line));
        return report;
    }
}

@Command(
        name = "plan",
        description =
                "Write down what a deployment would do, bound by hash to database, schema and files, for approval. Changes nothing in the database.")
class DeployPlanCommand extends DeployScript {
    @Parameters(paramLabel = "ENV", description = "development, testing, staging, demo or production.")
    Environment target;

    @Option(
            names = {"-o", "--out"},
            paramLabel = "FILE",
            required = true,
            description = "The plan's file.")
    Path out;

    @Option(
            names = "--valid",
            paramLabel = "TIME",
            defaultValue = "3d",
            description = "How long the plan may be run, as in 12h or 3d (default: ${DEFAULT-VALUE}).")
    String valid;

    @Override
    Environment target() {
        return target;
    }

    @Override
    int run() throws Exception {
        Duration time = StrictYaml.lengthOfTime(valid)
                .orElseThrow(() ->
                        Failure.usage("--valid is '" + valid + "'", "write a number and m, h, d or w, as in 12h."));
        try (Database db = open();
                Deployment deployment = deployment(db, strategy(db), true)) {
            DeployReport report = show(db, deployment, ", planned");
            DeployPlan plan = DeployPlan.of(deployment.bound(), report.plan, time, settings());
            plan.write(out);
            report.planHash = plan.hash();
            if (markdown != null) report.writeMarkdown(markdown);
            out().print("Wrote " + out + ", valid until " + plan.expiresAt() + ", by " + plan.author() + ". Hash "
                    + plan.hash());
            out().json(Json.object(
                    "file",
                    out.toString(),
                    "hash",
                    plan.hash(),
                    "author",
                    plan.author(),
                    "expiresAt",
                    plan.expiresAt().toString(),
                    "plan",
                    report.plan,
                    "bound",
                    deployment.bound()));
        }
        return Exit.DONE;
    }
}

@Command(
        name = "approve",
        description = "Show a plan and put your name to it. The author may not, unless DB_DEPLOY_AUTHOR_MAY_APPROVE=1.")
class DeployApprove extends Script {
    @Parameters(paramLabel = "FILE", description = "The plan.")
    Path file;

    @Override
    int run() throws Exception {
        DeployPlan plan = DeployPlan.read(file);
        out().print("Plan of " + plan.author() + " for " + plan.environment() + ", valid until " + plan.expiresAt());
        plan.text().forEach(line -> out().print("  " + line));
        DeployPlan approved = plan.approve(settings());
        approved.write(file);
        out().print("Approved by " + DeployPlan.who(settings()) + ". Hash " + approved.hash());
        out().json(Json.object(
                "file", file.toString(), "hash", approved.hash(), "approvers", approved.approvers(settings())));
        return Exit.DONE;
    }
}

@Command(
        name = "rollback",
        description =
                "Take the last deployment back: with undo scripts, or by restoring the backup that it made. Shows first what would be done.")
class DeployRollback extends Script {
    @Parameters(arity = "0..1", paramLabel = "ENV", description = "The environment (default: as --env).")
    Environment target;

    @Option(
            names = "--restore",
            description =
                    "Restore the backup that the deployment made, in place of running undo scripts. What was written since is then only in the database that is kept.")
    boolean restore;

    @Option(names = "--dry-run", description = "Show what would be done, change nothing.")
    boolean dryRun;

    @Option(
            names = "--migrations",
            paramLabel = "DIR",
            description = "Folder of migrations (default: AVDAILY_MIGRATIONS, else AV-Daily's own).")
    Path migrations;

    @Override
    Environment named() {
        return eitherOf(target);
    }

    @Override
    int run() throws Exception {
        try (Database db = openDatabase();
                Lock lock = Lock.take(db, "deploy", 1)) {
            OperationHistory.Entry last =
                    OperationHistory.of(db, Integer.MAX_VALUE).lastDeployment();
            if (last == null)
                throw Failure.usage(
                        "there is no deployment on " + db + " to take back",
                        "'avdaily-deploy history' shows what was done.");
            SchemaState before = SchemaState.read(last.details().path("before"));
            Path backup = last.details().path("backup").isTextual()
                    ? Path.of(last.details().get("backup").asText())
                    : null;
            Migrator migrator = new Migrator(db, MigrationFiles.in(settings(), migrations));
            List<Migration> undo = restore ? List.of() : undoable(migrator, before, backup);
            out().print("To be taken back on " + db + ": the deployment of " + Migration.time(last.at()) + " by "
                    + last.who());
            if (restore)
                out().print("  restore   " + backup(backup) + "; what was written since " + Migration.time(last.at())
                        + " is gone from the database");
            undo.forEach(m -> out().print("  undo      " + m.title()));
            Rollback rollback = new Rollback(migrator);
            if (!undo.isEmpty()) rollback.mustBeAsRecorded();
            RollbackImpact losses = rollback.losses(undo);
            losses.all().forEach(loss -> out().print("  goes      " + loss.title() + ", kept in avdaily_ops.undone"));
            if (!restore && last.details().path("seeded").isTextual())
                out().print("  stays     what it seeded ("
                        + last.details().get("seeded").asText()
                        + ") in tables that stay; --restore takes that back too");
            if (dryRun) return report(db, last, undo, "dry run", Optional.empty());
            Gate gate = Gate.before(db, "take back the deployment of " + Migration.time(last.at()) + " on " + db)
                    .needsInUnattendedProduction("DB_DEPLOY_ALLOW_PRODUCTION");
            (restore ? gate.needs("DB_RESTORE_CONFIRM").needsInProduction("DB_RESTORE_ALLOW_PRODUCTION") : gate)
                    .destructive();
            Optional<String> kept = OperationLog.record(db, "deploy rollback", details -> {
                details.put("deployment", last.id());
                if (!restore) rollback.run(undo, losses, true);
                details.put(
                        restore ? "file" : "undone",
                        restore
                                ? backup.toString()
                                : undo.stream().map(Migration::title).toList());
                return restore ? DeploymentRecovery.restore(db, backup) : Optional.empty();
            });
            boolean same = SchemaState.of(db, migrator).isSame(before);
            return report(
                    db,
                    last,
                    undo,
                    same
                            ? "the schema is exactly the one before it"
                            : "its schema differs from the one before it: see 'avdaily-migrate validate'",
                    kept);
        }
    }

    private static List<Migration> undoable(Migrator migrator, SchemaState before, Path backup) throws Exception {
        try {
            List<Migration> undo = Objects.equals(migrator.version(), before.version())
                    ? List.of()
                    : new Rollback(migrator).undoableTo(before.version() == null ? "0" : before.version());
            if (undo.isEmpty())
                throw Failure.refused(
                        "it applied no migration that undo scripts could take back", "restore the backup it made.");
            return undo;
        } catch (Failure e) {
            throw backup == null
                    ? e
                    : new Failure(
                            e.kind,
                            e.getMessage(),
                            "restore its backup: DB_RESTORE_CONFIRM=1 avdaily-deploy rollback --restore; or: " + e.next,
                            e);
        }
    }

    private static Path backup(Path backup) {
        if (backup == null)
            throw Failure.refused(
                    "the deployment made no backup", "take it back with undo scripts: leave --restore out.");
        return BackupFile.existing(backup).path();
    }

    private int report(
            Database db, OperationHistory.Entry last, List<Migration> undo, String how, Optional<String> kept) {
        out().print(
                        (dryRun
                                ? "Dry run: nothing was changed."
                                : "Taken back: " + db + " is "
                                        + (undo.isEmpty()
                                                ? "restored"
                                                : Format.count(undo.size(), "migration") + " back")
                                        + "; " + how + "."));
        kept.ifPresent(name -> out().print("The database as it was is kept as " + name + "."));
        out().json(Json.object(
                "database",
                db.name(),
                "deployment",
                last.id(),
                "dryRun",
                dryRun,
                "undone",
                undo.stream().map(Migration::title).toList(),
                "restored",
                restore && !dryRun,
                "kept",
                kept.orElse(null)));
        return Exit.DONE;
    }
}

@Command(
        name = "history",
        description = "Show everything that wrote to this database: who, when, what, by which plan, and how it ended.")
class DeployHistory extends Script {
    @Option(
            names = "--last",
            paramLabel = "N",
            defaultValue = "50",
            description = "The newest N (default: ${DEFAULT-VALUE}).")
    int last;

    @Override
    int run() throws Exception {
        if (last < 1) throw Failure.usage("--last is " + last, "name a number from 1 on.");
        try (Database db = openDatabase()) {
            List<OperationHistory.Entry> entries = OperationHistory.of(db, last).entries();
            out().print(
                            entries.isEmpty()
                                    ? "Nothing was ever recorded on " + db + "."
                                    : "What was done to " + db + ":");
            if (!entries.isEmpty())
                out().table(
                                List.of(
                                        "Id",
                                        "When",
                                        "What",
                                        "Environment",
                                        "Who",
                                        "Outcome",
                                        "Took",
                                        "Plan",
                                        "Details"),
                                entries.stream()
                                        .map(OperationHistory.Entry::cells)
                                        .toList());
            out().json(Json.object(
                    "database",
                    db.name(),
                    "operations",
                    new ArrayList<>(
                            entries.stream().map(OperationHistory.Entry::json).toList())));
        }
        return Exit.DONE;
    }
}
