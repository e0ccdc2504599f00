///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//JAVA_OPTIONS -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xlog:disable
//CDS
//DEPS org.flywaydb:flyway-database-postgresql:13.12.0
//DEPS io.github.java-diff-utils:java-diff-utils:4.16
//SOURCES common.java
//SOURCES migrate/Drift.java
//SOURCES migrate/Migration.java
//SOURCES migrate/MigrationFiles.java
//SOURCES migrate/Migrator.java
//SOURCES migrate/SchemaRecord.java

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Brings a database's schema forward and back: versioned SQL files on Flyway Community, with proven undo scripts. */
@Command(name = "avdaily-migrate",
        description = "Bring the schema forward and back. The history is Flyway's own table.",
        subcommands = {MigrateStatus.class, MigrateUp.class, MigrateRollback.class, MigrateHistory.class, MigrateValidate.class,
                MigrateNew.class, MigrateBaseline.class, MigrateRepair.class})
class Migrate {
    public static void main(String... args) {
        Script.main(new Migrate(), args);
    }
}

/** What the commands that read migration files share. */
abstract class MigrateScript extends Script {
    @Option(names = "--migrations", paramLabel = "DIR",
            description = "Folder with V<n>__<name>.sql and U<n>__<name>.sql (default: AVDAILY_MIGRATIONS, else AV-Daily's own).")
    Path migrations;

    abstract int run(Migrator migrator, Database db) throws Exception;

    @Override
    int run() throws Exception {
        try (Database db = Database.open(this)) {
            return run(new Migrator(db, MigrationFiles.in(migrations)), db);
        }
    }

    static String list(List<Migration> migrations) {
        return migrations.stream().map(Migration::title).collect(Collectors.joining(", "));
    }

    static List<Map<String, Object>> json(List<Migration> migrations) {
        return migrations.stream().map(Migration::json).toList();
    }
}

@Command(name = "status", description = "Show which migrations are applied, pending, failed or undone.")
class MigrateStatus extends MigrateScript {
    @Option(names = "--check", description = "End with 22 when a migration is pending, failed or passed over, for CI.")
    boolean check;

    @Override
    int run(Migrator migrator, Database db) throws Exception {
        List<Migration> all = migrator.all();
        List<Migration> pending = all.stream().filter(Migration::isPending).toList();
        List<Migration> broken = all.stream().filter(Migration::isBroken).toList();
        String version = migrator.version();
        Out.print("Database " + db + ", version " + (version == null ? "none" : version) + ", " + Out.count(pending.size(), "pending migration") + ".");
        if (!all.isEmpty())
            Out.table(List.of("Version", "Description", "State", "Applied", "By", "Took"), all.stream().map(Migration::cells).toList());
        Out.json(Out.object("database", db.name(), "environment", db.environment().toString(), "version", version,
                "pending", pending.size(), "migrations", json(all)));
        if (check && !broken.isEmpty()) return Out.findings(this, list(broken) + ": " + broken.get(0).state(), "see 'avdaily-migrate validate' and 'avdaily-migrate repair --help'.");
        if (!check || pending.isEmpty()) return Exit.DONE;
        return Out.findings(this, Out.count(pending.size(), "migration") + " pending: " + list(pending), "apply with 'avdaily-migrate up'.");
    }
}

@Command(name = "up", description = "Apply the pending migrations, all in one transaction where PostgreSQL allows it.")
class MigrateUp extends MigrateScript {
    @Option(names = "--to", paramLabel = "V", description = "Stop after this version.")
    String to;

    @Option(names = "--no-backup", description = "Do not back the database up first (into BACKUP_DIR, else ./backups). One without tables is not backed up anyway.")
    boolean noBackup;

    @Override
    int run(Migrator migrator, Database db) throws Exception {
        List<Migration> plan = migrator.pending(to);
        if (!plan.isEmpty()) {
            Out.print("Pending on " + db + ":");
            plan.forEach(m -> Out.print("  " + m.title() + (m.transactional() ? "" : "  (cannot run in a transaction; runs by itself)")));
            Gate.before(this, db, "apply " + Out.count(plan.size(), "migration") + " to " + db + (noBackup ? " without a backup" : "")).destructive();
        }
        Optional<BackupFile> backup = plan.isEmpty() || noBackup ? Optional.empty() : BackupWriter.beforeChange(db);
        Migrator.Result result = migrator.up(to, plan);
        Out.print(result.applied().isEmpty() ? "Nothing to do: " + db + " is at version " + result.version() + "."
                : "Applied " + list(result.applied()) + " in " + Out.duration(result.took()) + "; " + db + " is at version " + result.version() + ".");
        Out.json(Out.object("database", db.name(), "applied", json(result.applied()), "version", result.version(),
                "backup", backup.map(file -> file.path().toString()).orElse(null), "ms", result.took().toMillis()));
        return Exit.DONE;
    }
}

@Command(name = "rollback", description = "Undo the newest migrations with their U scripts, in one transaction.")
class MigrateRollback extends MigrateScript {
    @ArgGroup
    Target target;

    static class Target {
        @Option(names = "--steps", paramLabel = "N", description = "How many migrations to undo (default: 1).")
        Integer steps;

        @Option(names = "--to", paramLabel = "V", description = "Undo everything after this version, which stays; 0 undoes all.")
        String to;
    }

    @Override
    int run(Migrator migrator, Database db) throws Exception {
        List<Migration> plan = target == null ? migrator.undoable(1)
                : target.to != null ? migrator.undoableTo(target.to) : migrator.undoable(target.steps);
        if (plan.isEmpty()) {
            Out.print("Nothing to undo: " + db + " is at version " + migrator.version() + ".");
        } else {
            Out.print("To be undone on " + db + ", newest first:");
            plan.forEach(m -> Out.print("  " + m.title()));
            Gate.before(this, db, "undo " + Out.count(plan.size(), "migration") + " on " + db + "; what is in the tables and columns they made is lost").destructive();
        }
        Migrator.Result result = migrator.rollback(plan);
        if (!plan.isEmpty())
            Out.print("Undone: " + list(plan) + " in " + Out.duration(result.took()) + "; " + db + " is at version " + (result.version() == null ? "none" : result.version()) + ".");
        Out.json(Out.object("database", db.name(), "undone", json(plan), "version", result.version(), "ms", result.took().toMillis()));
        return Exit.DONE;
    }
}

@Command(name = "history", description = "Show what was done when, by whom, and how long it took; rollbacks included.")
class MigrateHistory extends MigrateScript {
    @Override
    int run(Migrator migrator, Database db) throws Exception {
        List<Migrator.Event> events = migrator.history();
        Out.print(events.isEmpty() ? "No migration was ever applied to " + db + "." : "History of " + db + ":");
        if (!events.isEmpty())
            Out.table(List.of("When", "What", "Version", "Description", "By", "Took"), events.stream().map(Migrator.Event::cells).toList());
        Out.json(Out.object("database", db.name(), "events", events.stream().map(Migrator.Event::json).toList()));
        return Exit.DONE;
    }
}

@Command(name = "validate", description = "Check the applied files, and that the schema is what the last migration left (22 if not).")
class MigrateValidate extends MigrateScript {
    @Option(names = "--rebuild", description = "Compare with a scratch database that the migrations build, not with what was recorded.")
    boolean rebuild;

    @Option(names = "--ignore", paramLabel = "PATTERN", description = "Pass over objects of this name, as in 'public.audit_*' or 'INDEX *'; may be given more than once.")
    List<String> ignore = List.of();

    @Override
    int run(Migrator migrator, Database db) throws Exception {
        Migrator.Validation validation = migrator.validate(rebuild);
        Drift drift = validation.drift().without(ignore);
        int n = validation.files().size() + drift.changes().size();
        String version = migrator.version();
        Out.print(n == 0 ? db + " is what its migrations say, at version " + version + "." : db + " differs from its migrations at version " + version + ":");
        validation.files().forEach(finding -> Out.print("  " + finding));
        drift.report().forEach(line -> Out.print("  " + line));
        Out.json(Out.object("database", db.name(), "version", version, "valid", n == 0, "files", validation.files(),
                "drift", drift.changes().stream().map(Drift.Change::json).toList()));
        if (n == 0) return Exit.DONE;
        return Out.findings(this, Out.count(n, "difference") + " between " + db + " and its migrations",
                "bring the objects back as the lines with '-' show them, or write a migration; a change that is right as it is: 'avdaily-migrate repair --help'.");
    }
}

@Command(name = "new", description = "Write the next V<n>__<name>.sql and its U<n>__<name>.sql, to be filled in.")
class MigrateNew extends Script {
    @Parameters(paramLabel = "NAME", description = "What the migration does, as in add_loans.")
    String name;

    @Option(names = "--migrations", paramLabel = "DIR", description = "The folder (default: AVDAILY_MIGRATIONS, else ./migrations).")
    Path migrations;

    @Override
    int run() throws IOException {
        Path folder = migrations != null ? migrations : Path.of(Settings.get("AVDAILY_MIGRATIONS").orElse("migrations"));
        String word = name.strip().replaceAll("[\\s-]+", "_");
        if (!word.matches("[A-Za-z0-9_]+") || word.startsWith("_"))
            throw Failure.usage("'" + name + "' cannot be part of a file name", "use letters, digits and underscores, as in add_loans.");
        Files.createDirectories(folder);
        int version = MigrationFiles.in(folder).next();
        List<Path> made = List.of(
                write(folder.resolve("V" + version + "__" + word + ".sql"), "-- " + name.strip() + ": what this migration does, and why.\n"),
                write(folder.resolve("U" + version + "__" + word + ".sql"), "-- Takes V" + version + " back exactly; say here what is lost.\n"));
        made.forEach(file -> Out.print("Wrote " + file));
        Out.json(Out.object("version", version, "files", made.stream().map(Path::toString).toList()));
        return Exit.DONE;
    }

    private static Path write(Path file, String text) throws IOException {
        return Files.writeString(file, text, java.nio.file.StandardOpenOption.CREATE_NEW);
    }
}

@Command(name = "baseline", description = "Adopt a database that has tables but no history: its schema counts as being at a version.")
class MigrateBaseline extends MigrateScript {
    @ArgGroup(multiplicity = "1")
    Source source;

    static class Source {
        @Option(names = "--version", paramLabel = "V", description = "The version whose schema the database has.")
        String version;

        @Option(names = "--from-drizzle", description = "The database was made by drizzle: its journal says the version.")
        boolean drizzle;
    }

    @Override
    int run(Migrator migrator, Database db) throws Exception {
        String version = source.drizzle ? migrator.drizzleVersion() : source.version;
        migrator.checkBaseline(version);
        Drift drift = difference(migrator, version);
        Out.print(drift.isEmpty() ? db + " has exactly the schema of version " + version + "." : db + " differs from version " + version + "; what is extra stays as it is:");
        drift.report().forEach(line -> Out.print("  " + line));
        boolean differs = drift.changes().stream().anyMatch(change -> change.how() != Drift.How.EXTRA);
        Gate.before(this, db, "record " + db + " as being at version " + version + (differs ? ", although it differs from it as shown" : "")).destructive();
        migrator.baseline(version);
        Out.print("Adopted: " + db + " is at version " + version + ". 'avdaily-migrate up' goes on from there.");
        Out.json(Out.object("database", db.name(), "version", version, "differences", drift.changes().stream().map(Drift.Change::json).toList()));
        return Exit.DONE;
    }

    /** Adopting must not depend on a scratch database; that it could not be compared is then what is said before asking. */
    private static Drift difference(Migrator migrator, String version) throws SQLException {
        try {
            return migrator.difference(version);
        } catch (Failure e) {
            return new Drift(List.of(new Drift.Change(Drift.How.CHANGED, "NOT COMPARED", e.getMessage(), List.of())));
        }
    }
}

@Command(name = "repair", description = "Make the history agree with the files: drop failed entries, take over changed checksums. Touches no table but the history.")
class MigrateRepair extends MigrateScript {
    @Option(names = "--accept-drift", description = "Also record the schema as it is now as the right one for this version.")
    boolean acceptDrift;

    @Override
    int run(Migrator migrator, Database db) throws Exception {
        List<String> plan = new ArrayList<>(migrator.repairs());
        if (acceptDrift) {
            migrator.recordedDrift().titles().forEach(change -> plan.add(change + " -> is right from now on"));
            plan.add("the schema of version " + migrator.version() + " -> recorded as it is now");
        }
        Out.print(plan.isEmpty() ? "Nothing to repair in the history of " + db + "." : "To be repaired in the history of " + db + ":");
        plan.forEach(line -> Out.print("  " + line));
        if (!plan.isEmpty()) {
            Gate.before(this, db, "change the migration history of " + db + " as shown").destructive();
            migrator.repair(plan, acceptDrift);
            Out.print("Repaired.");
        }
        Out.json(Out.object("database", db.name(), "repaired", plan));
        return Exit.DONE;
    }
}
