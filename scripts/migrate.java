///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//JAVA_OPTIONS -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xlog:disable
//CDS
//DEPS org.flywaydb:flyway-database-postgresql:13.12.0
//DEPS io.github.java-diff-utils:java-diff-utils:4.16
//SOURCES common.java
//SOURCES migrate/Drift.java
//SOURCES migrate/EnumUndo.java
//SOURCES migrate/Generator.java
//SOURCES migrate/Losses.java
//SOURCES migrate/Migration.java
//SOURCES migrate/MigrationFiles.java
//SOURCES migrate/Migrator.java
//SOURCES migrate/SchemaDiff.java
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
        subcommands = {MigrateStatus.class, MigrateUp.class, MigrateRollback.class, MigrateHistory.class, MigrateValidate.class, MigrateVerifyUndo.class,
                MigrateGenerate.class, MigrateNew.class, MigrateBaseline.class, MigrateRepair.class})
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

    @Option(names = "--out-of-order", description = "Also apply what is older than the database's version and was never applied; the history says so.")
    boolean outOfOrder;

    @Override
    int run(Migrator migrator, Database db) throws Exception {
        if (outOfOrder) migrator.allowOutOfOrder();
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

    @Option(names = "--no-archive", description = "Keep no copy of the rows and values that are lost (into avdaily_ops.undone otherwise).")
    boolean noArchive;

    @Override
    int run(Migrator migrator, Database db) throws Exception {
        List<Migration> plan = target == null ? migrator.undoable(1)
                : target.to != null ? migrator.undoableTo(target.to) : migrator.undoable(target.steps);
        Losses losses = Losses.NONE;
        if (plan.isEmpty()) {
            Out.print("Nothing to undo: " + db + " is at version " + migrator.version() + ".");
        } else {
            migrator.mustBeAsRecorded();
            losses = migrator.losses(plan);
            show(db, plan, losses);
        }
        Migrator.Result result = migrator.rollback(plan, losses, !noArchive);
        if (!plan.isEmpty())
            Out.print("Undone: " + list(plan) + " in " + Out.duration(result.took()) + "; " + db + " is at version " + (result.version() == null ? "none" : result.version()) + ".");
        Out.json(Out.object("database", db.name(), "undone", json(plan), "lost", losses.all().stream().map(Losses.Loss::json).toList(), "archived", !noArchive && losses.rows() > 0,
                "version", result.version(), "ms", result.took().toMillis()));
        return Exit.DONE;
    }

    private void show(Database db, List<Migration> plan, Losses losses) {
        Out.print("To be undone on " + db + ", newest first:");
        plan.forEach(m -> Out.print("  " + m.title()));
        Out.print(losses.all().isEmpty() ? "No table and no column goes with them." : "With them go:");
        losses.all().forEach(loss -> Out.print("  " + loss.title()));
        String copy = losses.rows() == 0 ? "" : noArchive ? "; what is in the tables and columns shown is lost" : "; what is in the tables and columns shown goes to avdaily_ops.undone";
        Gate.before(this, db, "undo " + Out.count(plan.size(), "migration") + " on " + db + copy).destructive();
    }
}

@Command(name = "verify-undo", description = "Go up, down and up again over every version on a scratch database, and compare the schemas (22 if one differs).")
class MigrateVerifyUndo extends MigrateScript {
    @Override
    int run(Migrator migrator, Database db) throws Exception {
        List<Migrator.Proof> proofs = migrator.proveUndo();
        for (Migrator.Proof proof : proofs) {
            Out.print((proof.isExact() ? "exact    " : proof.hasUndo() ? "differs  " : "no undo  ") + proof.migration().title());
            proof.undone().report().forEach(line -> Out.print("    undone: " + line));
            proof.again().report().forEach(line -> Out.print("    again: " + line));
        }
        Out.json(Out.object("migrations", proofs.stream().map(proof -> Out.object("version", proof.migration().version().toString(), "hasUndo", proof.hasUndo(), "exact", proof.isExact(),
                "undone", proof.undone().changes().stream().map(Drift.Change::json).toList(), "again", proof.again().changes().stream().map(Drift.Change::json).toList())).toList()));
        List<Migration> wrong = proofs.stream().filter(proof -> !proof.isExact()).map(Migrator.Proof::migration).toList();
        if (wrong.isEmpty()) return Exit.DONE;
        return Out.findings(this, Out.count(wrong.size(), "migration") + " cannot be taken back exactly: " + list(wrong), "write or correct the U scripts as shown.");
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

@Command(name = "generate", description = "Write the migration and the undo that lead from the migrations to the desired schema in schema/, proven on scratch databases.")
class MigrateGenerate extends Script {
    @ArgGroup(multiplicity = "1")
    Task task;

    static class Task {
        @Parameters(paramLabel = "NAME", description = "What the migration does, as in add_loans.")
        String name;

        @Option(names = "--check", description = "Write nothing; end with 22 where migrations and desired schema differ, for CI.")
        boolean check;
    }

    @Option(names = "--migrations", paramLabel = "DIR", description = "The folder (default: AVDAILY_MIGRATIONS, else ./migrations).")
    Path migrations;

    @Override
    int run() throws Exception {
        Path folder = MigrateNew.folder(migrations);
        String word = task.check ? null : MigrateNew.word(task.name);
        try (Database db = Database.open(this)) {
            Generator generator = new Generator(db, Folder.of(folder, "AVDAILY_MIGRATIONS", "migrations"));
            return task.check ? check(generator) : write(generator.generate(task.name.strip(), word));
        }
    }

    private int check(Generator generator) throws Exception {
        Drift drift = generator.difference();
        Out.print(drift.isEmpty() ? "The migrations lead to the desired schema." : "The migrations lead to another schema than the desired one:");
        drift.report().forEach(line -> Out.print("  " + line));
        Out.json(Out.object("agree", drift.isEmpty(), "differences", drift.changes().stream().map(Drift.Change::json).toList()));
        if (drift.isEmpty()) return Exit.DONE;
        return Out.findings(this, Out.count(drift.changes().size(), "difference") + " between the migrations and the desired schema", "write the migration: 'avdaily-migrate generate NAME'.");
    }

    private int write(Optional<Generator.Pair> pair) {
        if (pair.isEmpty()) {
            Out.print("Nothing to do: the migrations lead to the desired schema.");
            Out.json(Out.object("version", null, "files", List.of(), "warnings", List.of()));
            return Exit.DONE;
        }
        Generator.Pair made = pair.get();
        made.changes().titles().forEach(title -> Out.print("  " + title));
        made.warnings().forEach(warning -> Out.print("Look: " + warning + "."));
        Out.print("Wrote " + made.forward() + "\nWrote " + made.undo());
        Out.print("Proven on a scratch database: up makes the desired schema, undo the one before, up again the same. Review both before they run.");
        Out.json(Out.object("version", made.version(), "files", List.of(made.forward().toString(), made.undo().toString()), "warnings", made.warnings(),
                "changes", made.changes().changes().stream().map(Drift.Change::json).toList()));
        return Exit.DONE;
    }
}

@Command(name = "new", description = "Write the next V<n>__<name>.sql and its U<n>__<name>.sql, to be filled in.")
class MigrateNew extends Script {
    @Parameters(paramLabel = "NAME", description = "What the migration does, as in add_loans.")
    String name;

    @Option(names = "--migrations", paramLabel = "DIR", description = "The folder (default: AVDAILY_MIGRATIONS, else ./migrations).")
    Path migrations;

    static Path folder(Path migrations) {
        return migrations != null ? migrations : Path.of(Settings.get("AVDAILY_MIGRATIONS").orElse("migrations"));
    }

    /** The name as it stands in a file's name. */
    static String word(String name) {
        String word = name.strip().replaceAll("[\\s-]+", "_");
        if (!word.matches("[A-Za-z0-9_]+") || word.startsWith("_"))
            throw Failure.usage("'" + name + "' cannot be part of a file name", "use letters, digits and underscores, as in add_loans.");
        return word;
    }

    @Override
    int run() throws IOException {
        Path folder = folder(migrations);
        String word = word(name);
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

    @Option(names = "--as-applied", description = "Count the migration that failed half-way as applied: you brought it to its end by hand.")
    boolean asApplied;

    @Override
    int run(Migrator migrator, Database db) throws Exception {
        List<String> halfway = migrator.halfway();
        if (!halfway.isEmpty()) Out.print("The migration that failed got so far:");
        halfway.forEach(line -> Out.print("  " + line));
        if (asApplied) return countAsApplied(migrator, db);
        List<String> plan = new ArrayList<>(migrator.repairs());
        if (acceptDrift) {
            migrator.recordedDrift().titles().forEach(change -> plan.add(change + " -> is right from now on"));
            plan.add("the schema of version " + migrator.version() + " -> recorded as it is now");
        }
        Out.print(plan.isEmpty() ? "Nothing to repair in the history of " + db + "." : "To be repaired in the history of " + db + ":");
        plan.forEach(line -> Out.print("  " + line));
        if (!halfway.isEmpty())
            Out.print("Two ways on: undo by hand what is done, then this repair, and 'up' runs the file again from its first line;\n"
                    + "or do by hand what failed and what was not run, then 'repair --as-applied'.");
        if (!plan.isEmpty()) {
            Gate.before(this, db, "change the migration history of " + db + " as shown").destructive();
            migrator.repair(plan, acceptDrift);
            Out.print("Repaired.");
        }
        Out.json(Out.object("database", db.name(), "repaired", plan));
        return Exit.DONE;
    }

    private int countAsApplied(Migrator migrator, Database db) throws Exception {
        List<Migration> failed = migrator.all().stream().filter(m -> m.state().equals("failed")).toList();
        if (failed.isEmpty()) throw Failure.usage("no migration failed half-way on " + db, "'avdaily-migrate status' shows what there is.");
        Gate.before(this, db, "count " + list(failed) + " as applied on " + db).destructive();
        migrator.countAsApplied();
        Out.print("Counted as applied: " + list(failed) + ".");
        Out.json(Out.object("database", db.name(), "countedAsApplied", json(failed)));
        return Exit.DONE;
    }
}
