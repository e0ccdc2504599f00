import avdaily.base.AtomicFile;
import avdaily.base.Failure;
import avdaily.base.Json;
import avdaily.base.StrictYaml;
import avdaily.console.Exit;
import avdaily.db.Database;
import avdaily.db.Environment;
import avdaily.deploy.Approvers;
import avdaily.deploy.DeployMarkdown;
import avdaily.deploy.DeployPlan;
import avdaily.deploy.DeployReport;
import avdaily.deploy.Deployment;
import avdaily.deploy.Prepared;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "plan",
        description =
                "Write down what a deployment would do, bound by hash to database, schema and files, for approval. "
                        + "Changes nothing in the database.")
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
            description = "How long the plan may be run, as in 12h, at most 30d (default: ${DEFAULT-VALUE}).")
    String valid;

    @Option(
            names = "--sign-with",
            paramLabel = "KEY",
            description = "Sign the plan as its author with this OpenSSH key, the private one or, with an agent, the "
                    + "public one.")
    Path key;

    @Override
    Environment target() {
        return target;
    }

    @Override
    int run() throws Exception {
        Duration time = StrictYaml.lengthOfTime(valid)
                .orElseThrow(() ->
                        Failure.usage("--valid is '" + valid + "'", "write a number and s, m, h, d or w, as in 12h."));
        AtomicFile.tryOut(out);
        if (markdown != null) AtomicFile.tryOut(markdown);
        try (Database db = open();
                Prepared prepared = Deployment.prepare(db, release(policy(db)), Deployment.Purpose.LOOK)) {
            List<String> lines = show(db, prepared, ", planned");
            DeployPlan plan = DeployPlan.of(prepared.bound(), time, settings());
            Approvers approvers = new Approvers(settings(), prepared.policy());
            if (key != null) plan = approvers.sign(plan, key);
            plan.write(out);
            if (markdown != null)
                DeployMarkdown.write(DeployReport.planned(prepared, Optional.of(plan.hash())), markdown);
            out().print("Wrote " + out + ", valid until " + plan.expiresAt() + ", by " + approvers.authorOf(plan)
                    + ". Hash " + plan.hash());
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
                    lines,
                    "bound",
                    prepared.bound()));
        }
        return Exit.DONE;
    }
}
