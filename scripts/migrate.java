///usr/bin/env jbang "$0" "$@" ; exit $?
//DESCRIPTION Bring the schema forward and back, with undo scripts that are proven
//DESCRIPTION Commands: status, up, rollback, verify-undo, history, validate, lint, generate, new, baseline, repair
//DOCS ../docs/migrate.md
//DOCS lint=../docs/lint-rules.md
//JAVA 17+
//JAVA_OPTIONS -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xlog:disable
//CDS
//SOURCES common.java
//SOURCES avdaily/migrate/package-info.java
//SOURCES avdaily/migrate/lint/package-info.java
//SOURCES migrate/MigrateBaseline.java
//SOURCES migrate/MigrateGenerate.java
//SOURCES migrate/MigrateHistory.java
//SOURCES migrate/MigrateLint.java
//SOURCES migrate/MigrateNew.java
//SOURCES migrate/MigrateRepair.java
//SOURCES migrate/MigrateRollback.java
//SOURCES migrate/MigrateStatus.java
//SOURCES migrate/MigrateUp.java
//SOURCES migrate/MigrateValidate.java
//SOURCES migrate/MigrateVerifyUndo.java

import avdaily.base.Failure;
import avdaily.base.Json;
import avdaily.db.Database;
import avdaily.db.ProjectFile;
import avdaily.migrate.MigrationFiles;
import avdaily.migrate.MigrationScript;
import avdaily.migrate.Migrator;
import avdaily.schema.Schema;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Brings a database's schema forward and back: versioned SQL files on Flyway Community, with proven undo scripts. */
@Command(
        name = "avdaily-migrate",
        description = "Bring the schema forward and back. The history is Flyway's own table.",
        subcommands = {
            MigrateStatus.class,
            MigrateUp.class,
            MigrateRollback.class,
            MigrateHistory.class,
            MigrateValidate.class,
            MigrateLint.class,
            MigrateVerifyUndo.class,
            MigrateGenerate.class,
            MigrateNew.class,
            MigrateBaseline.class,
            MigrateRepair.class
        })
class Migrate extends CommandList {
    public static void main(String... args) {
        CompletableFuture.runAsync(Migrate::preload);
        Script.main(new Migrate(), args);
    }

    /** Loads on another core what a run will need, while this core reads the command line and waits for the server. */
    private static void preload() {
        DriverManager.drivers().count();
        new MigrationScript(Path.of(""), "SELECT 1;").statements();
        Json.text(new Schema.Item("", "", Schema.Section.PRE_DATA, ""));
    }
}

/** What the commands that read migration files share. */
abstract class MigrateScript extends Script {
    @Option(
            names = "--migrations",
            paramLabel = "DIR",
            description = "Folder with V<n>__<name>.sql and U<n>__<name>.sql "
                    + "(default: AVDAILY_MIGRATIONS, else AV-Daily's own).")
    Path migrations;

    /** Does the command's work on the database and the files that the options name; returns the exit code. */
    abstract int run(Migrator migrator, Database db) throws Exception;

    /** How often to try for a lock; null for AVDAILY_LOCK_ATTEMPTS. */
    Integer lockAttempts() {
        return null;
    }

    @Override
    Optional<Path> project() {
        return ProjectFile.find(settings(), null, migrations);
    }

    @Override
    int run() throws Exception {
        try (Database db = openDatabase()) {
            return run(new Migrator(db, MigrationFiles.in(settings(), migrations), lockAttempts()), db);
        }
    }
}

/** What the commands share that change tables which others use. */
abstract class MigrateChange extends MigrateScript {
    @Option(
            names = "--lock-attempts",
            paramLabel = "N",
            description = "How often to try for a lock that another session holds, with growing pauses "
                    + "(default: AVDAILY_LOCK_ATTEMPTS, else 12).")
    Integer lockAttempts;

    @Override
    Integer lockAttempts() {
        if (lockAttempts != null && lockAttempts < 1)
            throw Failure.usage("--lock-attempts is " + lockAttempts, "name a number from 1 on.");
        return lockAttempts;
    }
}
