import avdaily.base.Failure;
import avdaily.db.Database;
import avdaily.db.Environment;
import avdaily.deploy.Configuration;
import avdaily.deploy.EnvironmentPolicy;
import avdaily.deploy.Prepared;
import avdaily.deploy.Release;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What the commands that plan a deployment have in common. */
abstract class DeployScript extends Script {
    @Option(names = "--seed", description = "Also seed the environment's data; never in production.")
    boolean seed;

    @Option(
            names = "--migrations",
            paramLabel = "DIR",
            description = "Folder of migrations (default: AVDAILY_MIGRATIONS, else the project's).")
    Path migrations;

    @Option(
            names = "--seeds",
            paramLabel = "DIR",
            description = "Folder of seed files (default: AVDAILY_SEEDS, else the project's).")
    Path seeds;

    @Option(
            names = "--markdown",
            paramLabel = "FILE",
            description = "Also write plan and report as Markdown, for a pull request.")
    Path markdown;

    @Option(
            names = "--contract",
            paramLabel = "V",
            split = ",",
            description = "Also apply this version although it drops what older programs use ('-- phase: contract').")
    List<String> contracts = List.of();

    /** The environment that the argument names, or null. */
    abstract Environment target();

    @Override
    Environment named() {
        return Environment.oneOf(env, target());
    }

    final Database open() throws SQLException {
        mustNameEnvironment();
        Database db = openProjectDatabase();
        if (seed && db.environment() == Environment.PRODUCTION) {
            db.close();
            db.environment().refuseSeeding();
        }
        return db;
    }

    final void mustNameEnvironment() {
        String command = spec.root().name();
        if (named() == null)
            throw Failure.usage(
                    "no environment is named",
                    "name one, as in '" + command + " development'; '" + command + " --help' lists what there is.");
        if (seed) named().refuseSeeding();
    }

    final EnvironmentPolicy policy(Database db) throws Exception {
        return shared.once("configuration", () -> Configuration.read(settings())).policy(db.environment());
    }

    final Release release(EnvironmentPolicy policy) throws Exception {
        Optional<Environment> seeded = seed ? Optional.of(named()) : Optional.empty();
        return shared.once("release", () -> Release.read(settings(), policy, migrations, seeds, seeded, contracts));
    }

    /** Shows the plan and returns its lines. */
    final List<String> show(Database db, Prepared prepared, String remark) throws SQLException {
        List<String> lines = prepared.lines();
        out().print("Deployment to " + db + remark);
        lines.forEach(line -> out().print("  " + line));
        return lines;
    }
}
