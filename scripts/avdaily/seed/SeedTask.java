package avdaily.seed;

import avdaily.db.Database;
import avdaily.db.Environment;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What a seeding works on: the files of one environment, as tables of one database in the order of filling. */
record SeedTask(Database db, Environment environment, SeedFiles files, TableCatalog tables, List<SeedPlan> plans) {
    /** The seeded tables, those of the manifest, and all that refer to them. */
    Set<String> tablesToClean() {
        Set<String> names = new LinkedHashSet<>(files.manifest().tables().keySet());
        plans.forEach(plan -> names.add(plan.name()));
        return tables.withReferrers(names);
    }

    /** The tables of these names that there are. */
    List<TableCatalog.Table> tablesOf(Set<String> names) {
        return names.stream().flatMap(name -> tables.find(name).stream()).toList();
    }
}
