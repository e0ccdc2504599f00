package avdaily.migrate;

import avdaily.base.Failure;
import avdaily.base.Project;
import avdaily.base.ResourceFolder;
import avdaily.db.Database;
import avdaily.schema.Schema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A project of one's own: the files and folders with which it begins. Nothing that is there is written over. */
public final class NewProject {
    private static final String FIRST = "V1__first.sql";
    private static final String IGNORED = ".gitignore";
    private static final String BASELINE = "V1__baseline.sql";
    private static final List<String> PLACES = List.of("migrations", "db/migrations", "database/migrations");
    private static final Path CI = Path.of(".github", "workflows", "database.yml");

    private final Path folder;
    private final String name;
    private final List<Path> made = new ArrayList<>();

    /**
     * @param folder where the project is to be, which may not be there yet
     * @param name what it is called; null for the folder's name
     * @throws Failure (2) if there is a project, or the name is not one
     */
    public NewProject(Path folder, String name) {
        this.folder = folder;
        this.name = name != null ? name : word(folder);
        if (Files.exists(folder.resolve(Project.FILE)))
            throw Failure.usage(
                    folder.resolve(Project.FILE) + " is there already, so this is a project",
                    "change the file by hand, or name another folder.");
        if (!Project.isName(this.name))
            throw Failure.usage(
                    "'" + this.name + "' cannot be a project's name",
                    "name it with --name: up to 40 letters, digits, '-', '_' and '.'"
                            + (this.name.equals(Project.SHIPPED) ? "; this one is AV-Daily's own." : "."));
    }

    private static String word(Path folder) {
        return String.valueOf(folder.getFileName())
                .replaceAll("[^A-Za-z0-9_.-]+", "-")
                .replaceFirst("^[^A-Za-z0-9]+", "");
    }

    public String name() {
        return name;
    }

    /** The files that were written, in this order. */
    public List<Path> made() {
        return List.copyOf(made);
    }

    /** The first place that does not hold another tool's files: they stay where they are. */
    public Path migrations() {
        return folder.resolve(place());
    }

    private String place() {
        return PLACES.stream()
                .filter(place -> !hasOthers(folder.resolve(place)))
                .findFirst()
                .orElseThrow(() -> Failure.usage(
                        "there are files that are no migrations in each of the folders " + String.join(", ", PLACES),
                        "move those of one of them elsewhere."));
    }

    private static boolean hasOthers(Path place) {
        return Files.exists(place)
                && !(ResourceFolder.subfolders(place).isEmpty()
                        && ResourceFolder.files(place).stream().allMatch(MigrationFiles::isKnown));
    }

    /** Writes all of it, with a first migration that is to be filled in unless there are migrations. */
    public void write() throws IOException {
        writeFrame();
        if (hasMigrations()) return;
        make(
                migrations().resolve(FIRST),
                """
                -- The first migration of %s: write its tables here, then run 'avdaily-migrate up'.
                -- What takes it back stands in U1__first.sql; 'avdaily-migrate new NAME' writes the next pair.
                """
                        .formatted(name));
        make(migrations().resolve("U1__first.sql"), "-- Takes V1 back exactly: DROP TABLE ...\n");
    }

    /**
     * Writes all of it, with a first migration that makes the schema of {@code db}.
     *
     * @return the roles that the migration names, which a server must have
     * @throws Failure (22) if the database has what the schema reader cannot write
     */
    public List<String> writeFrom(Database db) throws IOException, SQLException {
        if (hasMigrations())
            throw Failure.usage(
                    "there are migrations in " + migrations(),
                    "leave --from-database out; 'avdaily-migrate baseline' adopts the database.");
        Schema schema = Schema.of(db, Schema.Options.WITHOUT_OWNERS);
        if (!schema.unsupportedDefinitions().isEmpty())
            throw Failure.findings(
                    db + " has what the schema reader cannot write: "
                            + String.join(", ", schema.unsupportedDefinitions()),
                    "write " + migrations().resolve(BASELINE)
                            + " with 'pg_dump --schema-only --no-owner', after 'avdaily-db init'.");
        writeFrame();
        make(migrations().resolve(BASELINE), text(db, schema));
        return schema.roles();
    }

    private static String text(Database db, Schema schema) {
        String definitions = schema.itemsOfProject().stream()
                .filter(item -> !item.ddl().startsWith("CREATE SCHEMA public;"))
                .map(item -> item.ddl() + "\n\n")
                .collect(Collectors.joining());
        return "-- The schema of " + db.name() + " as it was when the project began.\n\n"
                + "SET check_function_bodies = false;\n\n" + definitions.stripTrailing() + "\n";
    }

    private boolean hasMigrations() throws IOException {
        if (!Files.isDirectory(migrations())) return false;
        try (Stream<Path> files = Files.list(migrations())) {
            return files.anyMatch(file -> file.toString().endsWith(".sql"));
        }
    }

    private void writeFrame() throws IOException {
        Path ignored = folder.resolve(IGNORED);
        if (Files.isSymbolicLink(ignored))
            throw Failure.usage(
                    ignored + " is a link, and what it leads to would be changed", "put a file in its place.");
        make(folder.resolve(Project.FILE), file(name, place()));
        Files.createDirectories(migrations());
        make(
                folder.resolve("seeds").resolve("seeds.yaml"),
                """
                # What the database cannot say of the seed files, which lie in base/ and in a folder an environment.
                timezone: UTC
                """);
        for (String layer : List.of("base", "development"))
            make(folder.resolve("seeds").resolve(layer).resolve(".gitkeep"), "");
        make(
                folder.resolve("rules.yaml"),
                """
                # What must be true of the data, for 'avdaily-integrity check'.
                rules:
                # - id: ORDER-01
                #   category: business          # orphans, business, consistency, performance or physical
                #   severity: critical          # critical, warning or info
                #   quick: true
                #   means: The total of every order is positive.
                #   table: orders
                #   where: total <= 0           # true of a row t that breaks the rule
                """);
        ignore();
        make(folder.resolve(CI), ci(place()));
    }

    private static String file(String name, String place) {
        boolean isDefault = place.equals(PLACES.get(0));
        return """
                # The project, for the avdaily commands: they find this file from its folder and from those below.
                name: %s
                %s    # where they are, from here%s
                # seeds: seeds
                # rules: [rules.yaml]
                # backups: backups
                """
                .formatted(
                        name,
                        isDefault ? "# migrations: migrations" : "migrations: " + place,
                        isDefault ? "; these are the defaults" : "");
    }

    private static String ci(String place) {
        return """
                # Builds the database from the migrations, and checks it. Set the variable AVDAILY of the repository to
                # where the commands are from: owner/repository/tag.
                name: database
                on: [push, pull_request]
                jobs:
                  database:
                    runs-on: ubuntu-latest
                    services:
                      postgres:
                        image: postgres:18
                        env: {POSTGRES_PASSWORD: postgres}
                        ports: ['5432:5432']
                        options: --health-cmd pg_isready --health-interval 2s --health-retries 15
                    env:
                      AVDAILY_ENV: testing
                      DATABASE_URL: postgresql://postgres:postgres@localhost:5432/postgres
                    steps:
                      - uses: actions/checkout@v4
                        with: {fetch-depth: 2}
                      - uses: jbangdev/setup-jbang@main
                      - run: jbang avdaily-deploy@${{ vars.AVDAILY }} testing --yes
                      - run: jbang avdaily-migrate@${{ vars.AVDAILY }} validate --rebuild
                      # what a pull request brings is judged as for tables in use; a new database has none
                      - if: github.event_name == 'pull_request'
                        shell: bash
                        run: >-
                          git diff -z --name-only --diff-filter=d HEAD^1 -- '%s/[VR]*.sql'
                          | xargs -0 -r jbang avdaily-migrate@${{ vars.AVDAILY }} lint --small-table 0
                      - run: jbang avdaily-integrity@${{ vars.AVDAILY }} check
                """
                .formatted(place);
    }

    /** Variables are secrets, and backups are data: neither belongs to the files that are shared. */
    private void ignore() throws IOException {
        Path file = folder.resolve(IGNORED);
        if (Files.exists(file)) ResourceFolder.refuseLinkOut(file, folder);
        List<String> lines = Files.exists(file) ? Files.readAllLines(file) : List.of();
        String missing = Stream.of(".env", ".env.*", "backups/")
                .filter(line -> !lines.contains(line))
                .map(line -> line + "\n")
                .collect(Collectors.joining());
        if (missing.isEmpty()) return;
        boolean isEnded = !Files.exists(file)
                || Files.readString(file).isEmpty()
                || Files.readString(file).endsWith("\n");
        Files.writeString(file, (isEnded ? "" : "\n") + missing, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        made.add(file);
    }

    private void make(Path file, String text) throws IOException {
        if (Files.exists(file)) return;
        Files.createDirectories(file.getParent());
        Files.writeString(file, text, StandardOpenOption.CREATE_NEW);
        made.add(file);
    }
}
