package avdaily.deploy;

import avdaily.base.ResourceFolder;
import avdaily.base.Settings;
import avdaily.db.Database;
import avdaily.db.Environment;
import avdaily.seed.SeedFiles;
import avdaily.seed.Seeder;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The data that a deployment seeds: an environment's layer of a folder of seed files. */
record SeedSource(Environment environment, Path folder, SeedFiles files) {
    /** @param folder the folder that the command line names, or null */
    static SeedSource read(Settings settings, Path folder, Environment environment) {
        return new SeedSource(
                environment,
                ResourceFolder.of(settings, folder, "AVDAILY_SEEDS", "seeds"),
                SeedFiles.read(settings, folder, environment));
    }

    Seeder seeder(Database db) throws SQLException {
        return new Seeder(db, environment, files, false);
    }

    /** The files' hashes by name, those of a layer under its name. */
    Map<String, String> hashes() {
        Map<String, String> all = new TreeMap<>(Release.hashes(folder, ""));
        for (String layer : List.of("base", environment.toString()))
            Release.hashes(folder.resolve(layer), "").forEach((name, hash) -> all.put(layer + "/" + name, hash));
        return all;
    }
}
