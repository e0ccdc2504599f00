///usr/bin/env jbang "$0" "$@" ; exit $?
//DESCRIPTION Bring the schema forward and back, with undo scripts that are proven
//DESCRIPTION Commands: status, up, rollback, verify-undo, history, validate, lint, generate, new, baseline, repair
//DOCS ../docs/migrate.md
//DOCS lint=../docs/lint-rules.md
//JAVA 17+
//JAVA_OPTIONS -XX:TieredStopAtLevel=1 -XX:CICompilerCount=1 -XX:+UseSerialGC -Xlog:disable
//CDS
//MAIN Migrate
//SOURCES common.java
//SOURCES avdaily/migrate/lint/package-info.java
//SOURCES migrate/MigrateBaseline.java
//SOURCES migrate/MigrateChange.java
//SOURCES migrate/MigrateGenerate.java
//SOURCES migrate/MigrateHistory.java
//SOURCES migrate/MigrateLint.java
//SOURCES migrate/MigrateNew.java
//SOURCES migrate/MigrateRepair.java
//SOURCES migrate/MigrateRollback.java
//SOURCES migrate/MigrateScript.java
//SOURCES migrate/MigrateStatus.java
//SOURCES migrate/MigrateUp.java
//SOURCES migrate/MigrateValidate.java
//SOURCES migrate/MigrateVerifyUndo.java
//SOURCES migrate/Stragglers.java

import avdaily.base.Json;
import avdaily.migrate.MigrationScript;
import avdaily.schema.Schema;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;

/** Brings a database's schema forward and back: versioned SQL files on Flyway Community, with proven undo scripts. */
@Command(
        name = "avdaily-migrate",
        description = "Bring the schema forward and back. The history is Flyway's own table.")
class Migrate extends CommandList implements Preloading {
    @Override
    List<Class<? extends Script>> commands() {
        return List.of(
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
                MigrateRepair.class);
    }

    public static void main(String... args) {
        Script.main(new Migrate(), args);
    }

    @Override
    public void preload() {
        new MigrationScript(Path.of(""), "SELECT 1;").statements();
        Json.text(new Schema.Item("", "", Schema.Section.PRE_DATA, ""));
    }
}
