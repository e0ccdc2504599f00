import avdaily.base.AtomicFile;
import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.base.Json;
import avdaily.base.Reason;
import avdaily.console.Exit;
import avdaily.db.Database;
import avdaily.generate.RecipeDraft;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Proposes a recipe for the tables of a database. */
@Command(
        name = "recipe",
        description =
                "Write a recipe for the tables that a database has, as a beginning: 'avdaily-seed generate' fills "
                        + "them with it. Its statistics say how often values are; nothing of people is taken over.")
class SeedRecipe extends Script {
    @Option(
            names = "--from-database",
            required = true,
            description = "From the tables of the database, and the statistics that it has of them.")
    boolean fromDatabase;

    @Option(
            names = "--rows",
            paramLabel = "N",
            defaultValue = "100",
            description = "How many rows each table gets (default: ${DEFAULT-VALUE}).")
    long rows;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            defaultValue = "recipe.yaml",
            description = "A file that is not there yet (default: ${DEFAULT-VALUE}).")
    Path out;

    @Override
    int run() throws Exception {
        Path file = settings().path(out).toAbsolutePath().normalize();
        if (Files.exists(file))
            throw Failure.usage(file + " is there already", "name another file with --out, or move it away.");
        if (rows < 1 || rows > 100_000_000)
            throw Failure.usage("--rows " + rows + " is not between 1 and 100,000,000", "name another number.");
        try (Database db = openProjectDatabase()) {
            RecipeDraft draft = RecipeDraft.of(db, rows);
            if (draft.tables().isEmpty())
                throw Failure.usage(db + " has no table that a recipe could fill", "bring the schema up first.");
            write(file, draft.text());
            out().print("Wrote " + file + " for " + Format.count(draft.tables().size(), "table") + " of " + db + ".");
            draft.leftOut().forEach((table, why) -> out().print("Left out: " + table + ", since " + why + "."));
            out().print("Next: look at it, then 'avdaily-seed generate " + db.environment() + " --recipe " + out
                    + "'.");
            out().json(Json.object(
                    "file",
                    file.toString(),
                    "tables",
                    List.copyOf(draft.tables()),
                    "leftOut",
                    draft.leftOut().entrySet().stream()
                            .map(left -> Json.object("table", left.getKey(), "why", left.getValue()))
                            .toList()));
            return Exit.DONE;
        }
    }

    private static void write(Path file, String text) {
        try {
            AtomicFile.write(file, text);
        } catch (IOException e) {
            throw Failure.usage(file + " cannot be written: " + Reason.of(e), "name another file with --out.");
        }
    }
}
