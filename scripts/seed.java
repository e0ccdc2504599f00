///usr/bin/env jbang "$0" "$@" ; exit $?
//DESCRIPTION Fill a database with the data of an environment: development, testing, staging, demo
//DESCRIPTION Commands: export, generate, recipe
//DOCS ../docs/seed.md
//DOCS generate=../docs/generate.md
//JAVA 17+
//JAVA_OPTIONS -XX:+UseSerialGC -Xlog:disable
//CDS
//MAIN Seed
//SOURCES common.java
//SOURCES avdaily/generate/dataset/package-info.java
//SOURCES seed/SeedExport.java
//SOURCES seed/SeedGenerate.java
//SOURCES seed/SeedRecipe.java

import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.base.Json;
import avdaily.console.Exit;
import avdaily.console.Gate;
import avdaily.db.Database;
import avdaily.db.Environment;
import avdaily.integrity.Checker;
import avdaily.integrity.Rule;
import avdaily.seed.SeedChange;
import avdaily.seed.SeedFiles;
import avdaily.seed.Seeder;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Fills a database with the data of an environment, from plain files; running it twice changes nothing. */
@Command(
        name = "avdaily-seed",
        description =
                "Fill the database with the data of an environment. Running it again changes nothing; it never works "
                        + "on production.")
class Seed extends Script {
    @Parameters(
            arity = "0..1",
            paramLabel = "ENV",
            description = "development, testing, staging or demo (default: as --env).")
    Environment target;

    @Option(
            names = "--seeds",
            paramLabel = "DIR",
            description =
                    "Folder with base/ and one folder an environment (default: AVDAILY_SEEDS, else the project's).")
    Path seeds;

    @Option(
            names = "--clean",
            description =
                    "First delete all rows of the seeded tables and of those that refer to them. Not in production.")
    boolean clean;

    @Option(names = "--minimal", description = "Only what the manifest calls minimal.")
    boolean minimal;

    @Option(
            names = "--validate",
            description = "Afterwards check that every row is there, and the data against every integrity rule (22 on "
                    + "findings).")
    boolean validate;

    @Option(names = "--dry-run", description = "Do it all, say row by row what it would change, and take it back.")
    boolean dryRun;

    @Option(names = "--force", description = "Look at every row, also of tables whose files and rows are as they were.")
    boolean force;

    @Option(
            names = "--as-of",
            paramLabel = "DATE",
            description =
                    "The day that relative dates count from (default: as when the data came in, else today). It is "
                            + "remembered.")
    LocalDate asOf;

    private boolean isIn;

    @Override
    List<Class<? extends Script>> commands() {
        return List.of(SeedGenerate.class, SeedRecipe.class, SeedExport.class);
    }

    public static void main(String... args) {
        Script.main(new Seed(), args);
    }

    @Override
    Environment named() {
        return Environment.oneOf(env, target);
    }

    @Override
    int run() throws Exception {
        if (named() != null) named().refuseSeeding();
        try (Database db = openProjectDatabase()) {
            Environment environment = named() != null ? named() : db.environment();
            db.environment().refuseSeeding();
            if (environment != db.environment()) out().note("Note: " + db + " gets the data of " + environment + ".");
            Seeder seeder = new Seeder(db, environment, SeedFiles.read(settings(), seeds, environment), minimal);
            if (clean) {
                String deletion = "delete all rows of "
                        + Format.count(seeder.tablesToClean().size(), "table") + " on " + db + " ("
                        + Format.count(seeder.rowsToClean(), "row") + "): " + String.join(", ", seeder.tablesToClean());
                if (dryRun) out().note("First, it would " + deletion + ".");
                else
                    Gate.before(db, deletion)
                            .neverInProduction("seed a database that is not production.")
                            .destructive();
            }
            Seeder.Result result = seeder.seed(new Seeder.Options(clean, dryRun, force, asOf));
            isIn = !dryRun;
            List<String> findings = new ArrayList<>(validate && !dryRun ? seeder.validate() : List.of());
            if (validate && !dryRun)
                findings.addAll(Checker.complaints(db, Checker.Options.forData(), Rule.Severity.WARNING));
            show(db, environment, result, findings);
            return findings.isEmpty()
                    ? Exit.DONE
                    : findings(
                            Format.count(findings.size(), "finding") + " in the seeded data of " + db,
                            "look at the rows that are named ('avdaily-integrity check' shows more of them); --clean "
                                    + "starts afresh.");
        } catch (OutOfMemoryError e) {
            throw Failure.usage(
                    "the rows of the seed files do not fit into "
                            + Format.bytes(Runtime.getRuntime().maxMemory()) + " of memory; "
                            + (isIn ? "the data are in, and not validated" : "nothing was written"),
                    "give Java more (JAVA_TOOL_OPTIONS=-Xmx2g), or put the rows into a CSV of more than 16 MB, which "
                            + "passes through.");
        }
    }

    private void show(Database db, Environment environment, Seeder.Result result, List<String> findings) {
        if (dryRun) showChanges(result);
        if (result.changed())
            out().table(
                            List.of("Table", "Inserted", "Updated", "Removed", "Unchanged", ""),
                            result.tables().stream().map(Seeder.Count::cells).toList());
        out().print((dryRun ? "Dry run, nothing stays: " : "") + result.summary(environment) + " on " + db + ", in "
                + Format.duration(result.took()) + ".");
        if (validate && !dryRun)
            out().print(
                            findings.isEmpty()
                                    ? "Validated: every row is there, and the data breaks no integrity rule."
                                    : "Findings:");
        findings.forEach(finding -> out().print("  " + finding));
        out().json(Json.object(
                "database",
                db.name(),
                "environment",
                environment.toString(),
                "asOf",
                result.asOf().toString(),
                "dryRun",
                dryRun,
                "changed",
                result.changed(),
                "tables",
                result.tables().stream().map(Seeder.Count::json).toList(),
                "changes",
                dryRun ? result.changes().stream().map(SeedChange::json).toList() : null,
                "findings",
                findings));
    }

    /** Row by row, and a count of what is too much to show. */
    private void showChanges(Seeder.Result result) {
        result.changes().forEach(change -> out().print(change.line()));
        long changed = result.tables().stream()
                .mapToLong(count -> count.inserted() + count.updated() + count.removed())
                .sum();
        if (changed > result.changes().size())
            out().print("... and " + Format.count(changed - result.changes().size(), "more row")
                    + ", counted in the table.");
        if (changed > 0) out().print("");
    }
}
