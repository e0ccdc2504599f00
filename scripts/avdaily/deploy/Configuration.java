package avdaily.deploy;

import avdaily.base.Settings;
import avdaily.base.StrictYaml;
import avdaily.db.Environment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** What {@code avdaily.yaml} says: how each environment is deployed to, and what the monitor thinks of as trouble. All of it may be left out. */
public record Configuration(Path file, Map<Environment, EnvironmentPolicy> strategies, Thresholds thresholds) {
    private static final String NAME = "avdaily.yaml";

    /**
     * Reads the file that the option or AVDAILY_CONFIG names, else the one beside the migrations' folder, else the one in the working directory.
     *
     * @param migrations the folder that the command line names, or null
     * @throws Failure (2) naming file and line of what is not understood
     */
    public static Configuration read(Settings settings, Path option, Path migrations) {
        Path file =
                option != null ? option : settings.path("AVDAILY_CONFIG").orElseGet(() -> beside(settings, migrations));
        StrictYaml map = file == null ? StrictYaml.EMPTY : StrictYaml.read(file);
        Path folder = file == null
                ? settings.path(Path.of("")).toAbsolutePath()
                : file.toAbsolutePath().getParent();
        Map<Environment, EnvironmentPolicy> strategies = new LinkedHashMap<>();
        StrictYaml environments = map.map("environments");
        for (Environment environment : Environment.values()) {
            EnvironmentPolicy strategy = EnvironmentPolicy.of(environment, folder);
            strategies.put(
                    environment, strategy.with(map.map("defaults")).with(environments.map(environment.toString())));
        }
        environments.done();
        Thresholds thresholds = Thresholds.read(map.map("monitor"));
        map.done();
        return new Configuration(file, strategies, thresholds);
    }

    private static Path beside(Settings settings, Path migrations) {
        Path folder = migrations != null
                ? migrations
                : settings.path("AVDAILY_MIGRATIONS").orElse(null);
        Path file = folder == null
                ? settings.path(Path.of(NAME))
                : folder.toAbsolutePath().normalize().resolveSibling(NAME);
        return Files.exists(file) ? file : null;
    }

    public EnvironmentPolicy strategy(Environment environment) {
        return strategies.get(environment);
    }
}
