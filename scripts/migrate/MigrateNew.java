import avdaily.base.Failure;
import avdaily.base.Json;
import avdaily.base.Out;
import avdaily.base.Settings;
import avdaily.console.Exit;
import avdaily.migrate.MigrationFiles;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "new", description = "Write the next V<n>__<name>.sql and its U<n>__<name>.sql, to be filled in.")
class MigrateNew extends Script {
    @Parameters(paramLabel = "NAME", description = "What the migration does, as in add_loans.")
    String name;

    @Option(
            names = "--migrations",
            paramLabel = "DIR",
            description = "The folder (default: AVDAILY_MIGRATIONS, else the project's, else ./migrations).")
    Path migrations;

    static Path folder(Settings settings, Path migrations) {
        return migrations != null
                ? migrations
                : settings.path("AVDAILY_MIGRATIONS")
                        .or(() -> settings.project().migrations())
                        .or(() -> settings.ofClone("migrations"))
                        .orElse(settings.path(Path.of("migrations")));
    }

    /** Files that no command would read without a word are not written without one. */
    static void warn(Settings settings, Path migrations, Out out) {
        if (settings.project().isShipped() && settings.ofClone("migrations").isEmpty())
            out.note("Note: without an avdaily.yaml ('avdaily-db init' writes one), AVDAILY_MIGRATIONS=migrations as "
                    + "in .env, or --migrations migrations, the commands use AV-Daily's own migrations and pass "
                    + "these over.");
    }

    /** The name as it stands in a file's name. */
    static String word(String name) {
        String word = name.strip().replaceAll("[\\s-]+", "_");
        if (!word.matches("[A-Za-z0-9_]+") || word.startsWith("_"))
            throw Failure.usage(
                    "'" + name + "' cannot be part of a file name",
                    "use letters, digits and underscores, as in add_loans.");
        return word;
    }

    @Override
    int run() throws IOException {
        Path folder = folder(settings(), migrations);
        String word = word(name);
        Files.createDirectories(folder);
        BigInteger version = MigrationFiles.in(settings(), folder).next();
        List<Path> made = List.of(
                write(
                        folder.resolve("V" + version + "__" + word + ".sql"),
                        "-- " + name.strip() + ": what this migration does, and why.\n"),
                write(
                        folder.resolve("U" + version + "__" + word + ".sql"),
                        "-- Takes V" + version + " back exactly; say here what is lost.\n"));
        made.forEach(file -> out().print("Wrote " + file));
        warn(settings(), migrations, out());
        out().json(Json.object(
                "version",
                version.toString(),
                "files",
                made.stream().map(Path::toString).toList()));
        return Exit.DONE;
    }

    private static Path write(Path file, String text) throws IOException {
        return Files.writeString(file, text, StandardOpenOption.CREATE_NEW);
    }
}
