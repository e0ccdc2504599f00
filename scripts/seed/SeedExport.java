import avdaily.base.AtomicFile;
import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.base.Json;
import avdaily.console.Exit;
import avdaily.db.Database;
import avdaily.db.Environment;
import avdaily.seed.Exporter;
import avdaily.seed.MaskKey;
import avdaily.seed.Masks;
import avdaily.seed.SeedFiles;
import avdaily.seed.TableCatalog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Writes the rows of tables as seed files. */
@Command(
        name = "export",
        description = "Write the rows of tables as seed files, masked by the names of columns and the form of values. "
                + "Secrets are never written.")
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
            names = "--strict",
            description =
                    "Refuse to write while a column with texts is neither masked nor 'public' in seeds.yaml (21).")
    boolean strict;

    @Option(
            names = "--seeds",
            paramLabel = "DIR",
            description =
                    "Folder whose seeds.yaml names keys, references and personal columns (default: AVDAILY_SEEDS, "
                            + "else the project's).")
    Path seeds;

    @Override
    int run() throws Exception {
        Path folder = out.toAbsolutePath().normalize();
        if (Files.exists(folder))
            throw Failure.usage(folder + " is there already", "name another folder with --out, or move it away.");
        try (Database db = openProjectDatabase()) {
            if (unmasked && db.environment() == Environment.PRODUCTION)
                throw Failure.refused(
                        "personal data of production are not written as they are",
                        "leave --unmasked out; for a whole copy there is avdaily-backup.");
            List<Exporter.Written> written = db.inProjectTransaction(c -> {
                c.setReadOnly(true);
                c.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
                return write(c, folder);
            });
            out().table(
                            List.of("Table", "Rows"),
                            written.stream()
                                    .map(table -> List.of(table.table(), String.valueOf(table.rows())))
                                    .toList());
            out().print("Written to " + folder
                    + (unmasked ? ", with personal data." : ", masked by the names of columns and the form of values.")
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
        TableCatalog tables = TableCatalog.of(c);
        SeedFiles.Manifest manifest = SeedFiles.manifestOf(settings(), seeds, tables);
        Masks masks = unmasked ? null : new Masks(MaskKey.of(invocation()), manifest.names(settings()));
        Exporter exporter = new Exporter(c, tables, manifest, format, masks);
        List<String> chosen = names != null ? names : exporter.choice().all();
        for (String name : chosen)
            exporter.choice().obstacle(name).ifPresent(why -> {
                throw Failure.usage("cannot export the table " + name + ": " + why, "name other tables with --tables.");
            });
        if (names == null)
            exporter.choice().others().forEach((name, why) -> out().note("Left out: " + name + ", for " + why + "."));
        else
            for (String name : chosen)
                for (String needed : exporter.choice().needs(name))
                    if (!chosen.contains(needed))
                        out().note("Note: " + name + " refers to " + needed + ", which is not among the tables.");
        if (!unmasked) tellOpen(exporter.open(chosen));
        Files.createDirectories(folder.getParent());
        AtomicFile.tryOut(folder);
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

    /** @throws Failure (21) if it is strict, and somebody has yet to say that the columns tell nothing */
    private void tellOpen(Map<String, Long> columns) {
        if (columns.isEmpty()) return;
        String list = columns.entrySet().stream()
                .map(column -> column.getKey() + " (" + Format.count(column.getValue(), "value") + ")")
                .collect(Collectors.joining(", "));
        if (strict)
            throw Failure.refused(
                    "nobody says whether these columns are personal: " + list,
                    "look at them, and name each in seeds.yaml: tables: {NAME: {personal: [...], public: [...]}}.");
        out().note("Not masked, but for what has the form of an address, a number or a key: " + list + ".");
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> walk = Files.walk(folder)) {
            for (Path path : walk.sorted(Comparator.reverseOrder()).toList()) Files.delete(path);
        }
    }
}
