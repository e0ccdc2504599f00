import avdaily.base.Failure;
import avdaily.db.Database;
import avdaily.db.SchemaName;
import avdaily.fleet.Target;
import avdaily.migrate.MigrationFiles;
import avdaily.migrate.Migrator;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What the commands that read migration files share. */
abstract class MigrateScript extends Script {
    @Option(
            names = "--migrations",
            paramLabel = "DIR",
            description = "Folder with V<n>__<name>.sql and U<n>__<name>.sql "
                    + "(default: AVDAILY_MIGRATIONS, else the project's).")
    Path migrations;

    @Option(
            names = "--schema",
            paramLabel = "NAME",
            description = "Work on this schema as on a database of its own, with a history of its own "
                    + "(default: the whole database, with its history in public).")
    String schema;

    @Override
    Optional<String> schema() {
        SchemaName.complaint(schema == null ? "x" : schema).ifPresent(why -> {
            throw Failure.usage("--schema " + schema + " " + why, "name a schema as 'psql -c \\dn' lists it.");
        });
        return Optional.ofNullable(schema);
    }

    @Override
    void mustSuitMany(List<Target> targets) {
        if (schema != null)
            throw Failure.usage(
                    "--schema and --targets both say what to work on",
                    "leave one of them out; 'schemas:' in avdaily.yaml names many.");
    }

    /** Does the command's work on the database and the files that the options name; returns the exit code. */
    abstract int run(Migrator migrator, Database db) throws Exception;

    /** How often to try for a lock; null for AVDAILY_LOCK_ATTEMPTS. */
    Integer lockAttempts() {
        return null;
    }

    @Override
    int run() throws Exception {
        try (Database db = openProjectDatabase()) {
            MigrationFiles files = shared.once(
                    "migrations " + (db.schema().isPresent() ? "of schemas" : ""),
                    () -> db.schema().isPresent()
                            ? MigrationFiles.ofSchemas(settings(), migrations)
                            : MigrationFiles.in(settings(), migrations));
            return run(new Migrator(db, files, lockAttempts()), db);
        }
    }
}
