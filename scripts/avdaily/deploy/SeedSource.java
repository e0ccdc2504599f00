package avdaily.deploy;

import avdaily.base.Settings;
import avdaily.base.Sha256;
import avdaily.db.Database;
import avdaily.db.Environment;
import avdaily.seed.SeedFile;
import avdaily.seed.SeedFiles;
import avdaily.seed.Seeder;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The data that a deployment seeds: an environment's layer of a folder of seed files. */
record SeedSource(Environment environment, SeedFiles files) {
    /** @param folder the folder that the command line names, or null */
    static SeedSource read(Settings settings, Path folder, Environment environment) {
        return new SeedSource(environment, SeedFiles.read(settings, folder, environment));
    }

    Seeder seeder(Database db) throws SQLException {
        return new Seeder(db, environment, files, false);
    }

    /** The hashes of what was read, by the files' names, those of a layer under its name. */
    Map<String, String> hashes() {
        Map<String, String> all = new TreeMap<>();
        all.put("seeds.yaml", Sha256.of(files.manifest().toString()));
        List<String> names = List.of("base", environment.toString());
        for (int i = 0; i < names.size(); i++)
            for (SeedFile file : files.layers().get(i).values())
                all.put(names.get(i) + "/" + file.path().getFileName(), file.hash());
        return all;
    }
}
