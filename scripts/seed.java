///usr/bin/env jbang "$0" "$@" ; exit $?
//DESCRIPTION Fill a database with the data of an environment: development, testing, staging, demo
//DESCRIPTION Commands: export, generate
//DOCS ../docs/seed.md
//DOCS generate=../docs/generate.md
//JAVA 17+
//JAVA_OPTIONS -XX:+UseSerialGC -Xlog:disable
//CDS
//DEPS com.fasterxml.jackson.dataformat:jackson-dataformat-yaml:2.22.4
//DEPS com.fasterxml.jackson.dataformat:jackson-dataformat-csv:2.22.4
//DEPS com.fasterxml.uuid:java-uuid-generator:5.2.0
//MAIN Seed
//SOURCES common.java
//SOURCES integrity.java
//SOURCES seed/AjoGroup.java
//SOURCES seed/AppRows.java
//SOURCES seed/BaseRoles.java
//SOURCES seed/BulkLoad.java
//SOURCES seed/Checksum.java
//SOURCES seed/CopyRows.java
//SOURCES seed/CsvRows.java
//SOURCES seed/Dates.java
//SOURCES seed/Days.java
//SOURCES seed/Exporter.java
//SOURCES seed/Founding.java
//SOURCES seed/GroupRows.java
//SOURCES seed/History.java
//SOURCES seed/HistoryRows.java
//SOURCES seed/LargeFile.java
//SOURCES seed/Life.java
//SOURCES seed/Masks.java
//SOURCES seed/Mix.java
//SOURCES seed/MoneyRows.java
//SOURCES seed/Movement.java
//SOURCES seed/Names.java
//SOURCES seed/Neighbourhood.java
//SOURCES seed/PeopleRows.java
//SOURCES seed/Person.java
//SOURCES seed/Progress.java
//SOURCES seed/Recipe.java
//SOURCES seed/RowSource.java
//SOURCES seed/SavingsPlan.java
//SOURCES seed/SeedChange.java
//SOURCES seed/SeedFile.java
//SOURCES seed/SeedFiles.java
//SOURCES seed/SeedGenerate.java
//SOURCES seed/SeedHistory.java
//SOURCES seed/SeedPlans.java
//SOURCES seed/SeedValues.java
//SOURCES seed/Seeder.java
//SOURCES seed/Tables.java
//SOURCES seed/Upsert.java
//SOURCES seed/Wording.java

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Fills a database with the data of an environment, from plain files; running it twice changes nothing. */
@Command(name = "avdaily-seed",
        description = "Fill the database with the data of an environment. Running it again changes nothing; it never works on production.",
        subcommands = {SeedGenerate.class, SeedExport.class})
class Seed extends Script {
    @Parameters(arity = "0..1", paramLabel = "ENV", description = "development, testing, staging or demo (default: as --env).")
    Environment target;

    @Option(names = "--seeds", paramLabel = "DIR",
            description = "Folder with base/ and one folder an environment (default: AVDAILY_SEEDS, else AV-Daily's own).")
    Path seeds;

    @Option(names = "--clean", description = "First delete all rows of the seeded tables and of those that refer to them. Not in production.")
    boolean clean;

    @Option(names = "--minimal", description = "Only what the manifest calls minimal: roles, permissions and the first user.")
    boolean minimal;

    @Option(names = "--validate", description = "Afterwards check that every row is there, and the data against every integrity rule (22 on findings).")
    boolean validate;

    @Option(names = "--dry-run", description = "Do it all, say row by row what it would change, and take it back.")
    boolean dryRun;

    @Option(names = "--force", description = "Look at every row, also of tables whose files and rows are as they were.")
    boolean force;

    @Option(names = "--as-of", paramLabel = "DATE",
            description = "The day that relative dates count from (default: as when the data came in, else today). It is remembered.")
    LocalDate asOf;

    private boolean isIn;

    public static void main(String... args) {
        Script.main(new Seed(), args);
    }

    @Override
    Environment named() {
        return eitherOf(target);
    }

    @Override
    int run() throws Exception {
        refuseProduction(named());
        try (Database db = Database.open(this)) {
            Environment environment = named() != null ? named() : db.environment();
            refuseProduction(db.environment());
            if (environment != db.environment()) Out.note("Note: " + db + " gets the data of " + environment + ".");
            Seeder seeder = new Seeder(db, environment, SeedFiles.read(seeds, environment), minimal);
            if (clean) {
                String deletion = "delete all rows of " + Out.count(seeder.tablesToClean().size(), "table") + " on " + db + " ("
                        + Out.count(seeder.rowsToClean(), "row") + "): " + String.join(", ", seeder.tablesToClean());
                if (dryRun) Out.note("First, it would " + deletion + ".");
                else Gate.before(this, db, deletion).neverInProduction("seed a database that is not production.").destructive();
            }
            Seeder.Result result = seeder.seed(new Seeder.Way(clean, dryRun, force, asOf));
            isIn = !dryRun;
            List<String> findings = new ArrayList<>(validate && !dryRun ? seeder.validate() : List.of());
            if (validate && !dryRun) findings.addAll(Checker.complaints(db, Checker.Options.forData(), Rule.Severity.WARNING));
            show(db, environment, result, findings);
            return findings.isEmpty() ? Exit.DONE : Out.findings(this, Out.count(findings.size(), "finding") + " in the seeded data of " + db,
                    "look at the rows that are named ('avdaily-integrity check' shows more of them); --clean starts afresh.");
        } catch (OutOfMemoryError e) {
            throw Failure.usage("the rows of the seed files do not fit into " + Out.bytes(Runtime.getRuntime().maxMemory()) + " of memory; "
                    + (isIn ? "the data are in, and not validated" : "nothing was written"), "give Java more (JAVA_TOOL_OPTIONS=-Xmx2g), or put the rows into a CSV of more than 16 MB, which passes through.");
        }
    }

    static void refuseProduction(Environment environment) {
        if (environment == Environment.PRODUCTION)
            throw Failure.refused("production is never seeded",
                    "seed development, testing, staging or demo; correct DATABASE_URL or --env if this is one of them.");
    }

    private void show(Database db, Environment environment, Seeder.Result result, List<String> findings) {
        if (dryRun) showChanges(result);
        if (result.changed())
            Out.table(List.of("Table", "Inserted", "Updated", "Removed", "Unchanged", ""), result.tables().stream().map(Seeder.Count::cells).toList());
        Out.print((dryRun ? "Dry run, nothing stays: " : "") + result.summary(environment) + " on " + db + ", in " + Out.duration(result.took()) + ".");
        if (validate && !dryRun) Out.print(findings.isEmpty() ? "Validated: every row is there, and the data breaks no integrity rule." : "Findings:");
        findings.forEach(finding -> Out.print("  " + finding));
        Out.json(Out.object("database", db.name(), "environment", environment.toString(), "asOf", result.asOf().toString(), "dryRun", dryRun,
                "changed", result.changed(), "tables", result.tables().stream().map(Seeder.Count::json).toList(),
                "changes", dryRun ? result.changes().stream().map(SeedChange::json).toList() : null, "findings", findings));
    }

    /** Row by row, and a count of what is too much to show. */
    private static void showChanges(Seeder.Result result) {
        result.changes().forEach(change -> Out.print(change.line()));
        long changed = result.tables().stream().mapToLong(count -> count.inserted() + count.updated() + count.removed()).sum();
        if (changed > result.changes().size())
            Out.print("... and " + Out.count(changed - result.changes().size(), "more row") + ", counted in the table.");
        if (changed > 0) Out.print("");
    }
}

@Command(name = "export", description = "Write the rows of tables as seed files, personal data masked. Secrets are never written.")
class SeedExport extends Script {
    @Option(names = "--tables", paramLabel = "TABLE", split = ",", description = "These tables (default: all whose rows have a natural key).")
    List<String> names;

    @Option(names = "--out", paramLabel = "DIR", defaultValue = "seeds-export",
            description = "A folder that is not there yet (default: ${DEFAULT-VALUE}).")
    Path out;

    @Option(names = "--format", paramLabel = "yaml|csv", defaultValue = "yaml", description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    Exporter.Format format;

    @Option(names = "--unmasked", description = "Write personal data as they are. Not from production.")
    boolean unmasked;

    @Option(names = "--seeds", paramLabel = "DIR",
            description = "Folder whose seeds.yaml names keys, references and personal columns (default: AVDAILY_SEEDS, else AV-Daily's own).")
    Path seeds;

    @Override
    int run() throws Exception {
        Path folder = out.toAbsolutePath().normalize();
        if (Files.exists(folder)) throw Failure.usage(folder + " is there already", "name another folder with --out, or move it away.");
        try (Database db = Database.open(this)) {
            if (unmasked && db.environment() == Environment.PRODUCTION)
                throw Failure.refused("personal data of production are not written as they are",
                        "leave --unmasked out; for a whole copy there is avdaily-backup.");
            List<Exporter.Written> written = db.inTransaction(c -> {
                c.setReadOnly(true);
                c.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
                return write(c, folder);
            });
            Out.table(List.of("Table", "Rows"), written.stream().map(table -> List.of(table.table(), String.valueOf(table.rows()))).toList());
            Out.print("Written to " + folder + (unmasked ? ", with personal data." : ", personal data masked.")
                    + " Seed them: avdaily-seed development --seeds " + folder);
            Out.json(Out.object("database", db.name(), "folder", folder.toString(), "masked", !unmasked,
                    "tables", written.stream().map(table -> Out.object("table", table.table(), "rows", table.rows())).toList()));
            return Exit.DONE;
        }
    }

    /** Writes beside the folder and renames at the end, so that the folder is whole or not there. */
    private List<Exporter.Written> write(Connection c, Path folder) throws Exception {
        String identity = Database.one(c, "SELECT system_identifier || current_database() FROM pg_control_system()", String.class);
        Exporter exporter = new Exporter(c, SeedFiles.manifestOf(seeds), format, unmasked ? null : new Masks(identity));
        List<String> chosen = names != null ? names : exporter.all();
        for (String name : chosen)
            exporter.obstacle(name).ifPresent(why -> { throw Failure.usage("cannot export: " + why, "name other tables with --tables."); });
        if (names == null && !exporter.others().isEmpty())
            Out.note("Left out: " + String.join(", ", exporter.others()) + " (no natural key, or a secret in it).");
        Files.createDirectories(folder.getParent());
        Path part = Files.createTempDirectory(folder.getParent(), "." + folder.getFileName() + ".");
        try {
            List<Exporter.Written> written = exporter.write(chosen, part);
            Files.move(part, folder);
            return written;
        } catch (Exception e) {
            delete(part);
            throw e;
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> walk = Files.walk(folder)) {
            for (Path path : walk.sorted(Comparator.reverseOrder()).toList()) Files.delete(path);
        }
    }
}
