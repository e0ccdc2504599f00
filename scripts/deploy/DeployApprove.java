import avdaily.base.Failure;
import avdaily.base.Json;
import avdaily.console.Exit;
import avdaily.db.Environment;
import avdaily.deploy.ApprovalText;
import avdaily.deploy.Approvers;
import avdaily.deploy.Configuration;
import avdaily.deploy.DeployPlan;
import avdaily.deploy.EnvironmentPolicy;
import avdaily.deploy.Release;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "approve",
        description = "Show what a plan binds, compared with your working copy, and put your name to it. "
                + "The author may not, unless DB_DEPLOY_AUTHOR_MAY_APPROVE=1.")
class DeployApprove extends Script {
    @Parameters(paramLabel = "FILE", description = "The plan.")
    Path file;

    @Option(
            names = "--sign-with",
            paramLabel = "KEY",
            description = "Sign with this OpenSSH key, the private one or, with an agent, the public one.")
    Path key;

    @Option(
            names = "--migrations",
            paramLabel = "DIR",
            description = "Folder of your migrations (default: AVDAILY_MIGRATIONS, else the project's).")
    Path migrations;

    @Override
    int run() throws Exception {
        DeployPlan plan = DeployPlan.read(file);
        Environment environment = Environment.parse(plan.environment());
        EnvironmentPolicy policy = Configuration.read(settings()).policy(environment);
        Approvers approvers = new Approvers(settings(), policy);
        Optional<Environment> seeded = plan.seeds() ? Optional.of(environment) : Optional.empty();
        Release yours = Release.read(settings(), policy, migrations, null, seeded, List.of());
        List<String> bound = ApprovalText.of(plan, yours);
        out().print("Plan of " + approvers.authorOf(plan) + " for " + plan.environment() + ", valid until "
                + plan.expiresAt());
        bound.forEach(line -> out().print("  " + line));
        ask(approvers.proof(key));
        DeployPlan approved = approvers.approve(plan, key);
        approved.write(file);
        List<String> names = approvers.of(approved);
        out().print("Approved by " + String.join(", ", names) + ". Hash " + approved.hash());
        out().json(Json.object(
                "file", file.toString(), "hash", approved.hash(), "approvers", names, "bound", bound));
        return Exit.DONE;
    }

    private void ask(String proof) {
        if (!out().isInteractive() || yes) return;
        String answer = out().ask("Approve this " + proof + "? [y/N]");
        if (!answer.matches("(?i)y|yes"))
            throw Failure.refused("not approved", "nothing was changed; run it again when you have read it.");
    }
}
