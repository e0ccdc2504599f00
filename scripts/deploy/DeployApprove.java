import avdaily.base.Json;
import avdaily.console.Exit;
import avdaily.deploy.DeployPlan;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

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
