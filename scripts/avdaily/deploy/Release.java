package avdaily.deploy;

import avdaily.base.ResourceFolder;
import avdaily.base.Settings;
import avdaily.base.Sha256;
import avdaily.db.Environment;
import avdaily.migrate.Migration;
import avdaily.migrate.MigrationFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What is deployed, and how: everything that is read from files.
 *
 * @param folder the folder of the migrations
 * @param seeds what is seeded; none unless the command line asks for it
 */
public record Release(
        EnvironmentPolicy policy,
        Path folder,
        MigrationFiles migrations,
        Optional<SeedSource> seeds,
        SmokeQueries smoke) {
    private static final Pattern DELETES =
            Pattern.compile("(?i)\\b(DELETE\\s+FROM|TRUNCATE|DROP\\s+(TABLE|COLUMN|SCHEMA|TYPE|MATERIALIZED))\\b");

    /**
     * Reads the files.
     *
     * @param migrations the folder that the command line names, or null
     * @param seeds the folder that the command line names, or null
     * @param seeded the environment whose data is to be seeded
     * @throws Failure (2) naming what is missing or not understood
     */
    public static Release read(
            Settings settings, EnvironmentPolicy policy, Path migrations, Path seeds, Optional<Environment> seeded) {
        return new Release(
                policy,
                ResourceFolder.of(settings, migrations, "AVDAILY_MIGRATIONS", "migrations"),
                MigrationFiles.in(settings, migrations),
                seeded.map(environment -> SeedSource.read(settings, seeds, environment)),
                SmokeQueries.read(policy.smoke().filter(file -> policy.validates(EnvironmentPolicy.Validation.SMOKE))));
    }

    /** Whether a migration deletes what undo scripts cannot bring back. */
    boolean deletesRows(List<Migration> some) {
        return some.stream()
                .map(Migration::version)
                .filter(Objects::nonNull)
                .flatMap(version -> migrations.forward(version).stream())
                .map(file -> migrations.script(file).text().replaceAll("--[^\\r\\n]*", ""))
                .anyMatch(text -> DELETES.matcher(text).find());
    }

    /** The titles of those that no undo script takes back. */
    List<String> withoutUndo(List<Migration> some) {
        return some.stream()
                .filter(migration -> migration.version() == null
                        || migrations.undo(migration.version()).isEmpty())
                .map(Migration::title)
                .toList();
    }

    Map<String, String> migrationHashes() {
        return hashes(folder, ".sql");
    }

    /** The hashes of a folder's files by name; none if there is no such folder. */
    static Map<String, String> hashes(Path folder, String suffix) {
        Map<String, String> hashes = new TreeMap<>();
        for (Path file : ResourceFolder.files(folder))
            if (file.toString().endsWith(suffix)) hashes.put(file.getFileName().toString(), Sha256.of(file));
        return hashes;
    }
}
