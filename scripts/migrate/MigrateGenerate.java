import avdaily.base.Format;
import avdaily.base.Json;
import avdaily.base.ResourceFolder;
import avdaily.console.Exit;
import avdaily.db.Database;
import avdaily.migrate.Drift;
import avdaily.migrate.Generator;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "generate",
        description =
                "Write the migration and the undo that lead from the migrations to the desired schema in schema/, "
                        + "proven on scratch databases.")
class MigrateGenerate extends Script {
    private static final String PROVEN = "Proven on a scratch database: up makes the desired schema, "
            + "undo the one before, up again the same. Review both before they run.";

    @ArgGroup(multiplicity = "1")
    Task task;

    static class Task {
        @Parameters(paramLabel = "NAME", description = "What the migration does, as in add_loans.")
        String name;

        @Option(
                names = "--check",
                description = "Write nothing; end with 22 where migrations and desired schema differ, for CI.")
        boolean check;
    }

    @Option(
            names = "--migrations",
            paramLabel = "DIR",
            description = "The folder (default: AVDAILY_MIGRATIONS, else the project's, else ./migrations).")
    Path migrations;

    @Override
    int run() throws Exception {
        Path folder = MigrateNew.folder(settings(), migrations);
        String word = task.check ? null : MigrateNew.word(task.name);
        try (Database db = openProjectDatabase()) {
            Generator generator = new Generator(db, ResourceFolder.ofMigrations(settings(), folder));
            return task.check ? check(generator) : write(generator.generate(task.name.strip(), word));
        }
    }

    private int check(Generator generator) throws Exception {
        Drift drift = generator.difference();
        String answer = drift.isEmpty()
                ? "The migrations lead to the desired schema."
                : "The migrations lead to another schema than the desired one:";
        out().print(answer);
        drift.report().forEach(line -> out().print("  " + line));
        out().json(Json.object(
                "equal",
                drift.isEmpty(),
                "differences",
                drift.changes().stream().map(Drift.Change::json).toList()));
        if (drift.isEmpty()) return Exit.DONE;
        return findings(
                Format.count(drift.changes().size(), "difference") + " between the migrations and the desired schema",
                "write the migration: 'avdaily-migrate generate NAME'.");
    }

    private int write(Optional<Generator.Written> written) {
        if (written.isEmpty()) {
            out().print("Nothing to do: the migrations lead to the desired schema.");
            out().json(Json.object(
                    "version", null, "files", List.of(), "warnings", List.of(), "differences", List.of()));
            return Exit.DONE;
        }
        Generator.Written made = written.get();
        for (Drift.Change change : made.changes().changes())
            out().print("  " + verb(change.how()) + " " + change.kind() + " " + change.identity());
        made.warnings().forEach(warning -> out().print("Look: " + warning + "."));
        made.files().forEach(file -> out().print("Wrote " + file));
        out().print(PROVEN);
        out().json(Json.object(
                "version",
                made.version().toString(),
                "files",
                made.files().stream().map(Path::toString).toList(),
                "warnings",
                made.warnings(),
                "differences",
                made.changes().changes().stream().map(Drift.Change::json).toList()));
        return Exit.DONE;
    }

    private static String verb(Drift.How how) {
        return switch (how) {
            case EXTRA -> "adds";
            case MISSING -> "drops";
            case CHANGED -> "changes";
        };
    }
}
