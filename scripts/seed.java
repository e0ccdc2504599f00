///usr/bin/env jbang "$0" "$@" ; exit $?
//DESCRIPTION Fill a database with the data of an environment: development, testing, staging, demo
//DESCRIPTION Commands: export, generate
//DOCS ../docs/seed.md
//DOCS generate=../docs/generate.md
//JAVA 17+
//JAVA_OPTIONS -XX:+UseSerialGC -Xlog:disable
//CDS
//MAIN Seed
//SOURCES common.java
//SOURCES avdaily/generate/dataset/package-info.java
//SOURCES avdaily/seed/package-info.java
//SOURCES seed/SeedGenerate.java

import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.base.Json;
import avdaily.console.Exit;
import avdaily.console.Gate;
import avdaily.db.Database;
import avdaily.db.Environment;
import avdaily.integrity.Checker;
import avdaily.integrity.Rule;
import avdaily.seed.Exporter;
import avdaily.seed.Masks;
import avdaily.seed.SeedChange;
import avdaily.seed.SeedFiles;
import avdaily.seed.Seeder;
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
@Command(
        name = "avdaily-seed",
        description =
                "Fill the database with the data of an environment. Running it again changes nothing; it never works "
                        + "on production.",
        subcommands = {SeedGenerate.class, SeedExport.class})
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
                    "Folder with base/ and one folder an environment (default: AVDAILY_SEEDS, else AV-Daily's own).")
    Path seeds;

    @Option(
            names = "--clean",
            description =
                    "First delete all rows of the seeded tables and of those that refer to them. Not in production.")
    boolean clean;

    @Option(
            names = "--minimal",
            description = "Only what the manifest calls minimal: roles, permissions and the first user.")
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

    public static void main(String... args) {
        Script.main(new Seed(), args);
    }

    @Override
    Environment named() {
        return eitherOf(target);
    }

    @Override
    int run() throws Exception {
        if (named() != null) named().refuseSeeding();
        try (Database db = openDatabase()) {
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

@Command(
        name = "export",
        description = "Write the rows of tables as seed files, personal data masked. Secrets are never written.")
class SeedExport extends Script {
    @Option(
            names = "--tables",
            paramLabel = "TABLE",
            split = ",",
            description = "These tables (default: all whose rows have a natural key).")
    List<String> names;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            defaultValue = "seeds-export",
            description = "A folder that is not there yet (default: ${DEFAULT-VALUE}).")
    Path out;

    @Option(
            names = "--format",
            paramLabel = "yaml|csv",
            defaultValue = "yaml",
            description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    Exporter.Format format;

    @Option(names = "--unmasked", description = "Write personal data as they are. Not from production.")
    boolean unmasked;

    @Option(
            names = "--seeds",
            paramLabel = "DIR",
            description =
                    "Folder whose seeds.yaml names keys, references and personal columns (default: AVDAILY_SEEDS, "
                            + "else AV-Daily's own).")
    Path seeds;

    @Override
    int run() throws Exception {
        Path folder = out.toAbsolutePath().normalize();
        if (Files.exists(folder))
            throw Failure.usage(folder + " is there already", "name another folder with --out, or move it away.");
        try (Database db = openDatabase()) {
            if (unmasked && db.environment() == Environment.PRODUCTION)
                throw Failure.refused(
                        "personal data of production are not written as they are",
                        "leave --unmasked out; for a whole copy there is avdaily-backup.");
            List<Exporter.Written> written = db.inTransaction(c -> {
                c.setReadOnly(true);
                c.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
                return write(c, folder);
            });
            out().table(
                            List.of("Table", "Rows"),
                            written.stream()
                                    .map(table -> List.of(table.table(), String.valueOf(table.rows())))
                                    .toList());
            out().print("Written to " + folder + (unmasked ? ", with personal data." : ", personal data masked.")
                    + " Seed them: avdaily-seed development --seeds " + folder);
            out().json(Json.object(
                    "database",
                    db.name(),
                    "folder",
                    folder.toString(),
                    "masked",
                    !unmasked,
                    "tables",
                    written.stream()
                            .map(table -> Json.object("table", table.table(), "rows", table.rows()))
                            .toList()));
            return Exit.DONE;
        }
    }

    /** Writes beside the folder and renames at the end, so that the folder is whole or not there. */
    private List<Exporter.Written> write(Connection c, Path folder) throws Exception {
        String identity = Database.one(
                c, "SELECT system_identifier || current_database() FROM pg_control_system()", String.class);
        Exporter exporter =
                new Exporter(c, SeedFiles.manifestOf(settings(), seeds), format, unmasked ? null : new Masks(identity));
        List<String> chosen = names != null ? names : exporter.all();
        for (String name : chosen)
            exporter.obstacle(name).ifPresent(why -> {
                throw Failure.usage("cannot export: " + why, "name other tables with --tables.");
            });
        if (names == null && !exporter.others().isEmpty())
            out().note("Left out: " + String.join(", ", exporter.others()) + " (no natural key, or a secret in it).");
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
