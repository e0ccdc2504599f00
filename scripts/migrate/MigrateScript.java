import avdaily.db.Database;
import avdaily.migrate.MigrationFiles;
import avdaily.migrate.Migrator;
import java.nio.file.Path;
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

    /** Does the command's work on the database and the files that the options name; returns the exit code. */
    abstract int run(Migrator migrator, Database db) throws Exception;

    /** How often to try for a lock; null for AVDAILY_LOCK_ATTEMPTS. */
    Integer lockAttempts() {
        return null;
    }

    @Override
    int run() throws Exception {
        try (Database db = openProjectDatabase()) {
            MigrationFiles files = shared.once("migrations", () -> MigrationFiles.in(settings(), migrations));
            return run(new Migrator(db, files, lockAttempts()), db);
        }
    }
}
