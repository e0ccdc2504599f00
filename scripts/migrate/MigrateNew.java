import avdaily.base.Failure;
import avdaily.base.Json;
import avdaily.base.ResourceFolder;
import avdaily.base.Settings;
import avdaily.console.Exit;
import avdaily.db.Database;
import avdaily.migrate.Generator;
import avdaily.migrate.MigrationFiles;
import avdaily.migrate.TypeChange;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "new",
        description = "Write the next V<n>__<name>.sql and its U<n>__<name>.sql, to be filled in; or those that give a "
                + "column of a big table in use another type.")
class MigrateNew extends Script {
    @Parameters(
            arity = "0..2",
            paramLabel = "NAME",
            description = "What the migration does, as in add_loans. With --change-type the column's new type, and "
                    + "behind it a name if you like.")
    List<String> words = List.of();

    @Option(
            names = "--change-type",
            paramLabel = "TABLE.COLUMN",
            description = "Write the migrations that give this column another type while programs use it, each with "
                    + "its undo, as in --change-type orders.id bigint. They are proven on a scratch database.")
    String column;

    @Option(
            names = "--using",
            paramLabel = "SQL",
            description = "How a value of the new type is made of the old one, which has the column's name (default: "
                    + "a cast).")
    String using;

    @Option(names = "--back", paramLabel = "SQL", description = "The same the other way round (default: a cast).")
    String back;

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
    int run() throws Exception {
        if (column != null) return changeType();
        if (using != null || back != null)
            throw Failure.usage(
                    "--using and --back say how values change their type",
                    "name the column: 'avdaily-migrate new --change-type orders.total bigint'.");
        if (words.size() != 1)
            throw Failure.usage(
                    words.isEmpty() ? "it is not said what the migration does" : "the migration has two names",
                    "name it: 'avdaily-migrate new add_loans'.");
        String name = words.get(0);
        Path folder = folder(settings(), migrations);
        String word = word(name);
        Files.createDirectories(folder);
        BigInteger version = MigrationFiles.in(settings(), folder).next();
        Optional<Path> orphan = ResourceFolder.files(folder).stream()
                .filter(file -> file.getFileName().toString().startsWith("U" + version + "__"))
                .findFirst();
        if (orphan.isPresent())
            throw Failure.usage(
                    "there is " + orphan.get() + " already, without its migration",
                    "move it away, or write its V" + version + ".");
        Path undo = write( // first, so that a kill leaves no migration without it
                folder.resolve("U" + version + "__" + word + ".sql"),
                "-- Takes V" + version + " back exactly; say here what is lost.\n");
        Path forward = write(
                folder.resolve("V" + version + "__" + word + ".sql"),
                "-- " + name.strip() + ": what this migration does, and why.\n");
        return show(version, List.of(forward, undo));
    }

    private int changeType() throws Exception {
        if (words.isEmpty())
            throw Failure.usage(
                    "it is not said which type " + column + " gets",
                    "name it behind the column: 'avdaily-migrate new --change-type orders.total bigint'.");
        TypeChange.Request request = new TypeChange.Request(column, words.get(0), using, back);
        String word = words.size() == 1 ? request.word() : word(words.get(1));
        Path folder = folder(settings(), migrations);
        try (Database db = openProjectDatabase()) {
            Generator.Written made =
                    new TypeChange(db, ResourceFolder.ofMigrations(settings(), folder)).write(request, word);
            made.warnings().forEach(warning -> out().print("Look: " + warning));
            return show(made.version(), made.files());
        }
    }

    private int show(BigInteger version, List<Path> made) {
        made.forEach(file -> out().print("Wrote " + file));
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
