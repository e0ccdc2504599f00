///usr/bin/env jbang "$0" "$@" ; exit $?
//DESCRIPTION Check, back up, migrate, seed on request and validate a database; take back what fails
//DESCRIPTION Commands: plan, approve, rollback, history
//DOCS ../docs/deploy.md
//JAVA 17+
//JAVA_OPTIONS -XX:TieredStopAtLevel=1 -XX:CICompilerCount=1 -XX:+UseSerialGC -Xlog:disable
//CDS
//MAIN Deploy
//SOURCES common.java
//SOURCES avdaily/deploy/package-info.java
//SOURCES deploy/DeployApprove.java
//SOURCES deploy/DeployHistory.java
//SOURCES deploy/DeployPlanCommand.java
//SOURCES deploy/DeployRollback.java
//SOURCES deploy/DeployScript.java

import avdaily.base.AtomicFile;
import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.console.Exit;
import avdaily.console.Gate;
import avdaily.db.Database;
import avdaily.db.Environment;
import avdaily.deploy.Approvers;
import avdaily.deploy.DeployMarkdown;
import avdaily.deploy.DeployPlan;
import avdaily.deploy.DeployReport;
import avdaily.deploy.DeployResult;
import avdaily.deploy.Deployment;
import avdaily.deploy.EnvironmentPolicy;
import avdaily.deploy.Prepared;
import avdaily.fleet.Target;
import avdaily.notify.Job;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalTime;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Brings a database to the state that the files describe: checks, backs up, migrates, seeds, validates. What fails is
 * taken back as a whole.
 */
@Command(
        name = "avdaily-deploy",
        description = "Check, back up, migrate, seed on request, and validate a database; "
                + "a deployment that fails is taken back as a whole.")
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

    @Option(
            names = "--deadline",
            paramLabel = "TIME",
            description =
                    "No batch of a data migration begins after this time of day, as in 02:00; the next deployment "
                            + "goes on.")
    LocalTime deadline;

    @Mixin
    FleetOptions fleet;

    @Override
    Optional<FleetOptions> many() {
        return Optional.of(fleet);
    }

    @Override
    FleetEffect effect() {
        return dryRun ? FleetEffect.READS : FleetEffect.CHANGES;
    }

    @Override
    void mustSuitMany(List<Target> targets) {
        mustNameEnvironment();
        if (targets.stream().anyMatch(one -> one.schema().isPresent()))
            throw Failure.usage(
                    "a deployment is of a whole database, which it restores if it has to, and "
                            + targets.get(0).name() + " is a schema",
                    "use 'avdaily-migrate up --targets', which backs up each database once and takes back what fails.");
        if (plan != null || markdown != null)
            throw Failure.usage(
                    "--plan and --markdown are for one database",
                    "leave them out, or deploy that database by itself (--url).");
    }

    @Override
    List<Class<? extends Script>> commands() {
        return List.of(DeployPlanCommand.class, DeployApprove.class, DeployRollback.class, DeployHistory.class);
    }

    public static void main(String... args) {
        Script.main(new Deploy(), args);
    }

    @Override
    Environment target() {
        return target;
    }

    @Override
    Optional<Job> job() {
        return dryRun ? Optional.empty() : Optional.of(Job.DEPLOY);
    }

    @Override
    int run() throws Exception {
        Instant end = deadline == null ? null : Format.next(deadline);
        Optional<DeployPlan> file = Optional.ofNullable(plan).map(DeployPlan::read);
        Optional<String> hash = file.map(DeployPlan::hash);
        if (file.filter(DeployPlan::seeds).isPresent()) seed = true;
        if (markdown != null) AtomicFile.tryOut(markdown);
        try (Database db = open()) {
            EnvironmentPolicy policy = policy(db);
            Deployment.Purpose purpose = dryRun ? Deployment.Purpose.LOOK : Deployment.Purpose.RUN;
            try (Prepared prepared = Deployment.prepare(db, release(policy), purpose)) {
                prepared.migrator().stopAt(end);
                show(db, prepared, dryRun ? ", dry run" : "");
                prepared.mustBeAllowed();
                if (file.isPresent()) {
                    prepared.mustNotHaveRun(file.get().hash()); // before what it has changed is called a difference
                    file.get().mustMatch(prepared.bound());
                }
                if (dryRun) return end(DeployReport.planned(prepared, hash));
                if (prepared.hasWork()) gate(prepared, policy, file).destructive();
                return end(new Deployment(prepared).run(hash));
            }
        }
    }

    /**
     * If the policy demands approvals, nothing replaces them. In production with nobody to ask, an approved plan or the
     * variable is needed.
     */
    private Gate gate(Prepared prepared, EnvironmentPolicy policy, Optional<DeployPlan> file) throws SQLException {
        Database db = prepared.db();
        Optional<String> first = prepared.takesBack();
        boolean unattended = db.environment() == Environment.PRODUCTION && !out().isInteractive();
        int demanded = unattended && !settings().isOn("DB_DEPLOY_ALLOW_PRODUCTION") ? 1 : 0;
        int needed = policy.approvals().orElse(demanded);
        if (file.isPresent()) new Approvers(settings(), policy).mustHaveApproved(file.get(), needed, plan);
        else if (policy.approvals().isPresent() && needed > 0)
            throw Failure.refused(
                    db.environment() + " is deployed to by a plan with " + Format.count(needed, "approval"),
                    "make one with 'avdaily-deploy plan " + target
                            + " -o plan.json', have it approved ('avdaily-deploy approve plan.json'), "
                            + "then 'avdaily-deploy " + target + " --plan plan.json'.");
        Gate gate = Gate.before(db, first.map(deed -> deed + ", and then ").orElse("") + "deploy to " + db);
        if (first.isPresent()) gate.needsInUnattendedProduction("DB_RECOVERY_ALLOW_PRODUCTION");
        if (policy.confirm() == EnvironmentPolicy.Confirm.NAME) gate.byName();
        boolean isApproved = file.isPresent() && needed > 0;
        return isApproved ? gate.approved() : gate.needsInUnattendedProduction("DB_DEPLOY_ALLOW_PRODUCTION");
    }

    private int end(DeployReport report) throws Exception {
        conclude(report.headline(), null);
        report.print();
        out().json(report.json(Exit::code));
        if (markdown != null) DeployMarkdown.write(report, markdown);
        DeployResult result = report.result();
        if (result instanceof DeployResult.Failed failed) return failed(failed.failure());
        if (!result.endsWithFindings()) return Exit.DONE;
        return findings(
                Format.count(result.findings().size(), "finding") + " on " + report.db(),
                "see 'avdaily-migrate validate' and 'avdaily-seed --validate'.");
    }
}
