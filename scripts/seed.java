///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//JAVA_OPTIONS -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xlog:disable
//CDS
//DEPS com.fasterxml.jackson.dataformat:jackson-dataformat-yaml:2.22.4
//DEPS com.fasterxml.jackson.dataformat:jackson-dataformat-csv:2.22.4
//DEPS com.fasterxml.uuid:java-uuid-generator:5.2.0
//MAIN Seed
//SOURCES common.java
//SOURCES integrity.java
//SOURCES seed/Dates.java
//SOURCES seed/SeedFiles.java
//SOURCES seed/Seeder.java
//SOURCES seed/Tables.java
//SOURCES seed/Upsert.java

import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Fills a database with the data of an environment, from plain files; running it twice changes nothing. */
@Command(name = "avdaily-seed", description = "Fill the database with the data of an environment. Running it again changes nothing; it never works on production.")
class Seed extends Script {
    @Parameters(arity = "0..1", paramLabel = "ENV", description = "development, testing, staging or demo (default: as --env).")
    Environment target;

    @Option(names = "--seeds", paramLabel = "DIR", description = "Folder with base/ and one folder an environment (default: AVDAILY_SEEDS, else AV-Daily's own).")
    Path seeds;

    @Option(names = "--clean", description = "First delete all rows of the seeded tables and of those that refer to them. Not in production.")
    boolean clean;

    @Option(names = "--minimal", description = "Only what the manifest calls minimal: roles, permissions and the first user.")
    boolean minimal;

    @Option(names = "--validate", description = "Afterwards check that every row is there, and the data against every integrity rule (22 on findings).")
    boolean validate;

    @Option(names = "--dry-run", description = "Do it all, say what it changed, and take it back.")
    boolean dryRun;

    public static void main(String... args) {
        Script.main(new Seed(), args);
    }

    @Override
    Environment named() {
        if (env != null && target != null && env != target)
            throw Failure.usage("two environments are named: " + target + " and --env " + env, "name one.");
        return target != null ? target : env;
    }

    @Override
    int run() throws Exception {
        refuseProduction(named());
        try (Database db = Database.open(this)) {
            Environment environment = named() != null ? named() : db.environment();
            refuseProduction(db.environment());
            if (environment != db.environment()) Out.note("Note: " + db + " gets the data of " + environment + ".");
            Seeder seeder = new Seeder(db, environment, SeedFiles.read(seeds, environment), minimal);
            if (clean && !dryRun)
                Gate.before(this, db, "delete all rows of " + Out.count(seeder.tablesToClean().size(), "table") + " on " + db + " ("
                        + Out.count(seeder.rowsToClean(), "row") + "): " + String.join(", ", seeder.tablesToClean())).neverInProduction("seed a database that is not production.").destructive();
            Seeder.Result result = seeder.seed(clean, dryRun);
            List<String> findings = new ArrayList<>(validate && !dryRun ? seeder.validate() : List.of());
            if (validate && !dryRun) findings.addAll(Checker.complaints(db, Checker.Options.forAll(), Rule.Severity.WARNING));
            show(db, environment, result, findings);
            return findings.isEmpty() ? Exit.DONE : Out.findings(this, Out.count(findings.size(), "finding") + " in the seeded data of " + db,
                    "look at the rows that are named ('avdaily-integrity check' shows more of them); --clean starts afresh.");
        }
    }

    static void refuseProduction(Environment environment) {
        if (environment == Environment.PRODUCTION)
            throw Failure.refused("production is never seeded", "seed development, testing, staging or demo; correct DATABASE_URL or --env if this is one of them.");
    }

    private void show(Database db, Environment environment, Seeder.Result result, List<String> findings) {
        if (result.changed()) Out.table(List.of("Table", "Inserted", "Updated", "Unchanged"), result.tables().stream().map(Seeder.Count::cells).toList());
        Out.print((dryRun ? "Dry run, nothing stays: " : "") + result.summary(environment) + " on " + db + ", in " + Out.duration(result.took()) + ".");
        if (validate && !dryRun) Out.print(findings.isEmpty() ? "Validated: every row is there, and the data breaks no integrity rule." : "Findings:");
        findings.forEach(finding -> Out.print("  " + finding));
        Out.json(Out.object("database", db.name(), "environment", environment.toString(), "asOf", result.asOf().toString(), "dryRun", dryRun,
                "changed", result.changed(), "tables", result.tables().stream().map(Seeder.Count::json).toList(), "findings", findings));
    }
}
