package avdaily.deploy;

import avdaily.base.Settings;
import avdaily.base.StrictYaml;
import avdaily.db.Environment;
import avdaily.db.ProjectFile;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * What {@code avdaily.yaml} says: how each environment is deployed to, and what the monitor counts as trouble. Every
 * part of it may be left out.
 */
public record Configuration(Map<Environment, EnvironmentPolicy> policies, Thresholds thresholds) {
    /**
     * Reads the file that {@link ProjectFile#find} finds.
     *
     * @param option the file that the command line names, or null
     * @param migrations the folder that the command line names, or null
     * @throws Failure (2) naming file and line of what is not understood
     */
    public static Configuration read(Settings settings, Path option, Path migrations) {
        Optional<Path> file = ProjectFile.find(settings, option, migrations);
        StrictYaml map = file.map(StrictYaml::read).orElse(StrictYaml.EMPTY);
        Path folder = file.map(path -> path.toAbsolutePath().getParent())
                .orElseGet(() -> settings.path(Path.of("")).toAbsolutePath());
        Map<Environment, EnvironmentPolicy> policies = new EnumMap<>(Environment.class);
        StrictYaml environments = map.map("environments");
        for (Environment environment : Environment.values())
            policies.put(
                    environment,
                    EnvironmentPolicy.of(environment, folder)
                            .with(map.map("defaults"))
                            .with(environments.map(environment.toString())));
        environments.done();
        Thresholds thresholds = Thresholds.read(map.map("monitor"));
        map.done();
        return new Configuration(policies, thresholds);
    }

    public EnvironmentPolicy policy(Environment environment) {
        return policies.get(environment);
    }
}
