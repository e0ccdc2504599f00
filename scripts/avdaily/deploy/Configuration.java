package avdaily.deploy;

import avdaily.base.Project;
import avdaily.base.Settings;
import avdaily.base.StrictYaml;
import avdaily.db.Environment;
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
     * Reads the project's file.
     *
     * @throws Failure (2) naming file and line of what is not understood
     */
    public static Configuration read(Settings settings) {
        Optional<Path> file = settings.project().file();
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
        Project.Keys.read(map);
        map.has("notify"); // read by whoever tells
        map.has("targets"); // read by whoever works on many
        map.done();
        return new Configuration(policies, thresholds);
    }

    public EnvironmentPolicy policy(Environment environment) {
        return policies.get(environment);
    }
}
