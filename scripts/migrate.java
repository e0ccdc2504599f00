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

import avdaily.backup.BackupFile;
import avdaily.backup.BackupWriter;
import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.base.Json;
import avdaily.base.ResourceFolder;
import avdaily.base.Settings;
import avdaily.console.Exit;
import avdaily.console.Gate;
import avdaily.db.Database;
import avdaily.migrate.Baseline;
import avdaily.migrate.Drift;
import avdaily.migrate.DryRun;
import avdaily.migrate.Generator;
import avdaily.migrate.LintRule;
import avdaily.migrate.Linter;
import avdaily.migrate.Migration;
import avdaily.migrate.MigrationEvent;
import avdaily.migrate.MigrationFiles;
import avdaily.migrate.MigrationScript;
import avdaily.migrate.Migrator;
import avdaily.migrate.Repair;
import avdaily.migrate.Rollback;
import avdaily.migrate.RollbackImpact;
import avdaily.migrate.StatementTracer;
import avdaily.migrate.Validator;
import avdaily.schema.Schema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

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
class Migrate {
    public static void main(String... args) {
        CompletableFuture.runAsync(Migrate::preload);
        Script.main(new Migrate(), args);
    }

    /** Loads on another core what a run will need, while this one reads the command line and waits for the server. */
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
            description =
                    "Folder with V<n>__<name>.sql and U<n>__<name>.sql (default: AVDAILY_MIGRATIONS, else AV-Daily's own).")
    Path migrations;

    abstract int run(Migrator migrator, Database db) throws Exception;

    /** How often to try for a lock, or null for the usual. */
    Integer lockAttempts() {
        return null;
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
            description =
                    "How often to try for a lock that another session holds, with growing pauses (default: AVDAILY_LOCK_ATTEMPTS, else 12).")
    Integer lockAttempts;

    @Override
    Integer lockAttempts() {
        if (lockAttempts != null && lockAttempts < 1)
            throw Failure.usage("--lock-attempts is " + lockAttempts, "name a number from 1 on.");
        return lockAttempts;
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
        out().print("Database " + db + ", version " + (version == null ? "none" : version) + ", "
                + Format.count(pending.size(), "pending migration") + ".");
        if (!all.isEmpty())
            out().table(
                            List.of("Version", "Description", "State", "Applied", "By", "Took"),
                            all.stream().map(Migration::cells).toList());
        out().json(Json.object(
                "database",
                db.name(),
                "environment",
                db.environment().toString(),
                "version",
                version,
                "pending",
                pending.size(),
                "migrations",
                Migration.json(all)));
        if (check && !broken.isEmpty())
            return findings(
                    Migrator.titles(broken) + ": " + broken.get(0).state(),
                    "see 'avdaily-migrate validate' and 'avdaily-migrate repair --help'.");
        if (!check || pending.isEmpty()) return Exit.DONE;
        return findings(
                Format.count(pending.size(), "migration") + " pending: " + Migrator.titles(pending),
                "apply with 'avdaily-migrate up'.");
    }
}

@Command(name = "up", description = "Apply the pending migrations, all in one transaction where PostgreSQL allows it.")
class MigrateUp extends MigrateChange {
    @Option(names = "--to", paramLabel = "V", description = "Stop after this version.")
    String to;

    @Option(
            names = "--no-backup",
            description =
                    "Do not back the database up first (into BACKUP_DIR, else ./backups). One without tables is not backed up anyway.")
    boolean noBackup;

    @Option(
            names = "--dry-run",
            description =
                    "Apply them for real in a transaction that is taken back, and say what each changes. It takes the same locks, for as long.")
    boolean dryRun;

    @Option(
            names = "--out-of-order",
            description =
                    "Also apply what is older than the database's version and was never applied; the history says so.")
    boolean outOfOrder;

    @Override
    int run(Migrator migrator, Database db) throws Exception {
        if (outOfOrder) migrator.history.allowOutOfOrder();
        List<Migration> plan = migrator.pending(to);
        if (dryRun) return dryRun(plan, migrator, db);
        if (!plan.isEmpty()) {
            out().print("Pending on " + db + ":");
            plan.forEach(m -> out().print("  " + m.title()
                    + (m.transactional() ? "" : "  (cannot run in a transaction; runs by itself)")));
            Gate.before(
                            db,
                            "apply " + Format.count(plan.size(), "migration") + " to " + db
                                    + (noBackup ? " without a backup" : ""))
                    .destructive();
        }
        Optional<BackupFile> backup = plan.isEmpty() || noBackup ? Optional.empty() : BackupWriter.beforeChange(db);
        Migrator.Result result = migrator.up(to, plan);
        out().print(
                        result.applied().isEmpty()
                                ? "Nothing to do: " + db + " is at version " + result.version() + "."
                                : "Applied " + Migrator.titles(result.applied()) + " in "
                                        + Format.duration(result.took()) + "; " + db + " is at version "
                                        + result.version() + ".");
        out().json(Json.object(
                "database",
                db.name(),
                "applied",
                Migration.json(result.applied()),
                "version",
                result.version(),
                "backup",
                backup.map(file -> file.path().toString()).orElse(null),
                "ms",
                result.took().toMillis()));
        return Exit.DONE;
    }

    private int dryRun(List<Migration> plan, Migrator migrator, Database db) throws Exception {
        DryRun.Result result = migrator.dryRun(plan);
        for (DryRun.Trial trial : result.trials()) {
            out().print(trial.migration().title()
                    + (trial.took() == null
                            ? ": not tried"
                            : ": " + Format.duration(trial.took())
                                    + (trial.changes().isEmpty() ? ", nothing in the schema changes" : "")));
            trial.untried().forEach(line -> out().print("  " + line));
            trial.changes().forEach(line -> out().print("  " + line));
        }
        result.callbacks().forEach(name -> out().print(name + ": not tried, Flyway runs it around migrations"));
        out().print(
                        plan.isEmpty()
                                ? "Nothing to do: " + db + " is at version " + migrator.version() + "."
                                : "Nothing stayed: schema and history of " + db + " are what they were ("
                                        + result.fingerprint().substring(0, 12) + ").");
        if (!result.sequences().isEmpty())
            out().print("Sequences moved on, which nothing takes back: " + String.join(", ", result.sequences()) + ".");
        out().json(Json.object(
                "database",
                db.name(),
                "dryRun",
                true,
                "migrations",
                result.trials().stream().map(DryRun.Trial::json).toList(),
                "callbacksNotTried",
                result.callbacks(),
                "fingerprint",
                result.fingerprint(),
                "sequencesMoved",
                result.sequences()));
        return Exit.DONE;
    }
}

@Command(name = "rollback", description = "Undo the newest migrations with their U scripts, in one transaction.")
class MigrateRollback extends MigrateChange {
    @ArgGroup
    Target target;

    static class Target {
        @Option(names = "--steps", paramLabel = "N", description = "How many migrations to undo (default: 1).")
        Integer steps;

        @Option(
                names = "--to",
                paramLabel = "V",
                description = "Undo everything after this version, which stays; 0 undoes all.")
        String to;
    }

    @Option(
            names = "--no-archive",
            description = "Keep no copy of the rows and values that are lost (into avdaily_ops.undone otherwise).")
    boolean noArchive;

    @Override
    int run(Migrator migrator, Database db) throws Exception {
        Rollback rollback = new Rollback(migrator);
        List<Migration> plan = target == null
                ? rollback.undoable(1)
                : target.to != null ? rollback.undoableTo(target.to) : rollback.undoable(target.steps);
        RollbackImpact losses = RollbackImpact.NONE;
        if (plan.isEmpty()) {
            out().print("Nothing to undo: " + db + " is at version " + migrator.version() + ".");
        } else {
            rollback.mustBeAsRecorded();
            losses = rollback.losses(plan);
            show(db, plan, losses);
        }
        Migrator.Result result = rollback.run(plan, losses, !noArchive);
        if (!plan.isEmpty())
            out().print("Undone: " + Migrator.titles(plan) + " in " + Format.duration(result.took()) + "; " + db
                    + " is at version " + (result.version() == null ? "none" : result.version()) + ".");
        out().json(Json.object(
                "database",
                db.name(),
                "undone",
                Migration.json(plan),
                "lost",
                losses.all().stream().map(RollbackImpact.Loss::json).toList(),
                "changed",
                losses.touched().stream().map(RollbackImpact.AffectedRows::json).toList(),
                "archived",
                !noArchive && losses.rows() > 0,
                "version",
                result.version(),
                "ms",
                result.took().toMillis()));
        return Exit.DONE;
    }

    private void show(Database db, List<Migration> plan, RollbackImpact losses) {
        out().print("To be undone on " + db + ", newest first:");
        plan.forEach(m -> out().print("  " + m.title()));
        out().print(losses.all().isEmpty() ? "No table and no column goes with them." : "With them go:");
        losses.all().forEach(loss -> out().print("  " + loss.title()));
        if (!losses.touched().isEmpty())
            out().print("The undo scripts change rows of tables that stay, of which no copy is kept:");
        losses.touched().forEach(table -> out().print("  " + table.title()));
        String copy = losses.rows() == 0
                ? ""
                : noArchive
                        ? "; what is in the tables and columns shown is lost"
                        : "; what is in the tables and columns shown goes to avdaily_ops.undone";
        Gate.before(db, "undo " + Format.count(plan.size(), "migration") + " on " + db + copy)
                .destructive();
    }
}

@Command(
        name = "verify-undo",
        description =
                "Go up, down and up again over every version on a scratch database, and compare the schemas (22 if one differs).")
class MigrateVerifyUndo extends MigrateScript {
    @Override
    int run(Migrator migrator, Database db) throws Exception {
        List<Rollback.Proof> proofs = new Rollback(migrator).prove();
        for (Rollback.Proof proof : proofs) {
            out().print((proof.isExact() ? "exact    " : proof.hasUndo() ? "differs  " : "no undo  ")
                    + proof.migration().title());
            proof.undone().report().forEach(line -> out().print("    undone: " + line));
            proof.again().report().forEach(line -> out().print("    again: " + line));
        }
        out().json(Json.object(
                "migrations",
                proofs.stream()
                        .map(proof -> Json.object(
                                "version",
                                proof.migration().version().toString(),
                                "hasUndo",
                                proof.hasUndo(),
                                "exact",
                                proof.isExact(),
                                "undone",
                                proof.undone().changes().stream()
                                        .map(Drift.Change::json)
                                        .toList(),
                                "again",
                                proof.again().changes().stream()
                                        .map(Drift.Change::json)
                                        .toList()))
                        .toList()));
        List<Migration> wrong = proofs.stream()
                .filter(proof -> !proof.isExact())
                .map(Rollback.Proof::migration)
                .toList();
        if (wrong.isEmpty()) return Exit.DONE;
        return findings(
                Format.count(wrong.size(), "migration") + " cannot be taken back exactly: " + Migrator.titles(wrong),
                "write or correct the U scripts as shown.");
    }
}

@Command(name = "history", description = "Show what was done when, by whom, and how long it took; rollbacks included.")
class MigrateHistory extends MigrateScript {
    @Override
    int run(Migrator migrator, Database db) throws Exception {
        List<MigrationEvent> events = MigrationEvent.all(migrator);
        out().print(events.isEmpty() ? "No migration was ever applied to " + db + "." : "History of " + db + ":");
        if (!events.isEmpty())
            out().table(
                            List.of("When", "What", "Version", "Description", "By", "Took"),
                            events.stream().map(MigrationEvent::cells).toList());
        out().json(Json.object(
                "database",
                db.name(),
                "events",
                events.stream().map(MigrationEvent::json).toList()));
        return Exit.DONE;
    }
}

@Command(
        name = "validate",
        description = "Check the applied files, and that the schema is what the last migration left (22 if not).")
class MigrateValidate extends MigrateScript {
    @Option(
            names = "--rebuild",
            description = "Compare with a scratch database that the migrations build, not with what was recorded.")
    boolean rebuild;

    @Option(
            names = "--ignore",
            paramLabel = "PATTERN",
            description =
                    "Pass over objects of this name, as in 'public.audit_*' or 'INDEX *'; may be given more than once.")
    List<String> ignore = List.of();

    @Override
    int run(Migrator migrator, Database db) throws Exception {
        Validator.Validation validation = new Validator(migrator).validate(rebuild);
        Drift drift = validation.drift().without(ignore);
        int n = validation.files().size() + drift.changes().size();
        String version = migrator.version();
        out().print(
                        n == 0
                                ? db + " is what its migrations say, at version " + version + "."
                                : db + " differs from its migrations at version " + version + ":");
        validation.files().forEach(finding -> out().print("  " + finding));
        drift.report().forEach(line -> out().print("  " + line));
        out().json(Json.object(
                "database",
                db.name(),
                "version",
                version,
                "valid",
                n == 0,
                "files",
                validation.files(),
                "drift",
                drift.changes().stream().map(Drift.Change::json).toList()));
        if (n == 0) return Exit.DONE;
        return findings(
                Format.count(n, "difference") + " between " + db + " and its migrations",
                "bring the objects back as the lines with '-' show them, or write a migration; a change that is right as it is: 'avdaily-migrate repair --help'.");
    }
}

@Command(
        name = "generate",
        description =
                "Write the migration and the undo that lead from the migrations to the desired schema in schema/, proven on scratch databases.")
class MigrateGenerate extends Script {
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
            description = "The folder (default: AVDAILY_MIGRATIONS, else ./migrations).")
    Path migrations;

    @Override
    int run() throws Exception {
        Path folder = MigrateNew.folder(settings(), migrations);
        String word = task.check ? null : MigrateNew.word(task.name);
        try (Database db = openDatabase()) {
            Generator generator =
                    new Generator(db, ResourceFolder.of(settings(), folder, "AVDAILY_MIGRATIONS", "migrations"));
            return task.check ? check(generator) : write(generator.generate(task.name.strip(), word));
        }
    }

    private int check(Generator generator) throws Exception {
        Drift drift = generator.difference();
        out().print(
                        drift.isEmpty()
                                ? "The migrations lead to the desired schema."
                                : "The migrations lead to another schema than the desired one:");
        drift.report().forEach(line -> out().print("  " + line));
        out().json(Json.object(
                "agree",
                drift.isEmpty(),
                "differences",
                drift.changes().stream().map(Drift.Change::json).toList()));
        if (drift.isEmpty()) return Exit.DONE;
        return findings(
                Format.count(drift.changes().size(), "difference") + " between the migrations and the desired schema",
                "write the migration: 'avdaily-migrate generate NAME'.");
    }

    private int write(Optional<Generator.Pair> pair) {
        if (pair.isEmpty()) {
            out().print("Nothing to do: the migrations lead to the desired schema.");
            out().json(Json.object("version", null, "files", List.of(), "warnings", List.of()));
            return Exit.DONE;
        }
        Generator.Pair made = pair.get();
        for (Drift.Change change : made.changes().changes()) {
            String does =
                    change.how() == Drift.How.EXTRA ? "adds" : change.how() == Drift.How.MISSING ? "drops" : "changes";
            out().print("  " + does + " " + change.kind() + " " + change.identity());
        }
        made.warnings().forEach(warning -> out().print("Look: " + warning + "."));
        out().print("Wrote " + made.forward() + "\nWrote " + made.undo());
        out().print(
                        "Proven on a scratch database: up makes the desired schema, undo the one before, up again the same. Review both before they run.");
        out().json(Json.object(
                "version",
                made.version(),
                "files",
                List.of(made.forward().toString(), made.undo().toString()),
                "warnings",
                made.warnings(),
                "changes",
                made.changes().changes().stream().map(Drift.Change::json).toList()));
        return Exit.DONE;
    }
}

@Command(
        name = "lint",
        description =
                "Run the pending migrations on a scratch database, watch the locks and rewrites of each statement, and say what is dangerous (22) and how it is written safely.")
class MigrateLint extends MigrateChange {
    @Parameters(
            paramLabel = "FILE",
            arity = "0..*",
            description = "SQL files to judge, on top of all migrations (one of the folder's: of those before it).")
    List<Path> given = List.of();

    @Option(
            names = "--from",
            paramLabel = "V",
            description =
                    "Judge the migrations from this version on, applied or not, each as a transaction of its own.")
    String from;

    @Option(names = "--to", paramLabel = "V", description = "Judge none after this version.")
    String to;

    @Option(
            names = "--on-target",
            description =
                    "Run them on the database itself, in a transaction that is taken back. It takes the same locks as up, for as long.")
    boolean onTarget;

    @Option(
            names = "--small-table",
            paramLabel = "ROWS",
            defaultValue = "100000",
            description =
                    "Tables with fewer rows on the database are small, what locks them only informs; 0: none is (default: ${DEFAULT-VALUE}).")
    long small;

    @Option(
            names = "--github",
            description = "Print findings as annotations for GitHub (default where GITHUB_ACTIONS is true).")
    boolean github;

    @Option(names = "--rules", description = "List the rules.")
    boolean rules;

    @Option(
            names = "--explain",
            paramLabel = "RULE",
            description = "Say why a rule is one, with a bad and a good example.")
    String explain;

    @Override
    int run() throws Exception {
        if (!rules && explain == null) return super.run();
        if (explain != null && !LintRule.all().containsKey(explain))
            throw Failure.usage("there is no rule " + explain, "'avdaily-migrate lint --rules' lists them.");
        if (explain != null)
            out().print(LintRule.all().get(explain).explanation().strip());
        else
            out().table(
                            List.of("Rule", "Severity", "What"),
                            LintRule.all().values().stream()
                                    .map(r -> List.of(
                                            r.id(), r.severity() + (r.onBigTables() ? " if big" : ""), r.title()))
                                    .toList());
        out().json(LintRule.all().values().stream()
                .filter(rule -> explain == null || rule.id().equals(explain))
                .toList());
        return Exit.DONE;
    }

    @Override
    int run(Migrator migrator, Database db) throws Exception {
        if (onTarget && (from != null || !given.isEmpty()))
            throw Failure.usage("--on-target tries the pending migrations only", "leave out --from and the files.");
        StatementTracer lint = new StatementTracer(StatementTracer.rows(db.connection(), small), small);
        Linter run = new Linter(migrator, lint);
        if (onTarget) run.onTarget(migrator.pending(to));
        else if (!given.isEmpty()) run.files(given);
        else if (from != null) run.range(from, to);
        else run.pending(to);
        boolean annotate =
                github || "true".equals(settings().real("GITHUB_ACTIONS").orElse(""));
        lint.traces().forEach(trace -> print(trace, annotate));
        List<StatementTracer.Finding> findings = lint.findings();
        List<StatementTracer.Finding> dangerous =
                findings.stream().filter(StatementTracer.Finding::isDangerous).toList();
        out().print(
                        lint.traces().isEmpty()
                                ? "Nothing to judge: nothing is pending on " + db + "."
                                : Format.count(findings.size(), "finding") + ", " + dangerous.size() + " dangerous.");
        out().json(Json.object(
                "database",
                db.name(),
                "dangerous",
                dangerous.size(),
                "statements",
                lint.traces().stream()
                        .filter(trace ->
                                trace.took() != null || !trace.findings().isEmpty())
                        .map(StatementTracer.Trace::json)
                        .toList()));
        if (dangerous.isEmpty()) return Exit.DONE;
        return findings(
                Format.count(dangerous.size(), "dangerous statement") + ": "
                        + dangerous.stream()
                                .map(f -> f.rule() + " (" + Path.of(f.file()).getFileName() + " line " + f.line() + ")")
                                .collect(Collectors.joining(", ")),
                "write them as shown, or put '-- lint:ignore RULE the reason why it is right here' before one; 'lint --explain RULE' says more.");
    }

    private void print(StatementTracer.Trace trace, boolean annotate) {
        if (trace.took() == null
                ? !trace.statement().isEmpty()
                : !trace.locks().isEmpty() || !trace.findings().isEmpty())
            out().print(Path.of(trace.file()).getFileName() + " line " + trace.line() + ": " + trace.statement()
                    + (trace.took() == null
                            ? ""
                            : "\n  " + Format.duration(trace.took())
                                    + trace.locks().entrySet().stream()
                                            .sorted(Map.Entry.comparingByKey())
                                            .map(lock -> ", " + lock.getValue() + " on " + lock.getKey())
                                            .collect(Collectors.joining())
                                    + (trace.rewritten().isEmpty()
                                            ? ""
                                            : ", written anew: " + String.join(", ", trace.rewritten()))));
        for (StatementTracer.Finding f : trace.findings()) {
            String what = LintRule.all().get(f.rule()).title() + ": " + f.subject()
                    + (f.rows() == null ? "" : " (" + Format.count(f.rows(), "row") + ")");
            if (f.ignored() != null) {
                out().print("  accepted  " + f.rule() + ": " + what + "\n            because " + f.ignored());
                continue;
            }
            out().print("  " + String.format("%-9s ", f.severity()) + f.rule() + ": " + what + ". "
                    + LintRule.all().get(f.rule()).why() + "\n            instead: " + f.cure());
            if (annotate)
                out().print("::"
                        + (f.isDangerous() ? "error" : f.severity().equals(LintRule.INFO) ? "notice" : "warning")
                        + " file=" + property(f.file()) + ",line=" + f.line() + ",title=" + property(f.rule()) + "::"
                        + data(what + ". Instead: " + f.cure()));
        }
    }

    private static String data(String text) {
        return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A");
    }

    private static String property(String text) {
        return data(text).replace(":", "%3A").replace(",", "%2C");
    }
}

@Command(name = "new", description = "Write the next V<n>__<name>.sql and its U<n>__<name>.sql, to be filled in.")
class MigrateNew extends Script {
    @Parameters(paramLabel = "NAME", description = "What the migration does, as in add_loans.")
    String name;

    @Option(
            names = "--migrations",
            paramLabel = "DIR",
            description = "The folder (default: AVDAILY_MIGRATIONS, else ./migrations).")
    Path migrations;

    static Path folder(Settings settings, Path migrations) {
        return migrations != null
                ? migrations
                : settings.path("AVDAILY_MIGRATIONS").orElse(settings.path(Path.of("migrations")));
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
        int version = MigrationFiles.in(settings(), folder).next();
        List<Path> made = List.of(
                write(
                        folder.resolve("V" + version + "__" + word + ".sql"),
                        "-- " + name.strip() + ": what this migration does, and why.\n"),
                write(
                        folder.resolve("U" + version + "__" + word + ".sql"),
                        "-- Takes V" + version + " back exactly; say here what is lost.\n"));
        made.forEach(file -> out().print("Wrote " + file));
        out().json(Json.object(
                "version", version, "files", made.stream().map(Path::toString).toList()));
        return Exit.DONE;
    }

    private static Path write(Path file, String text) throws IOException {
        return Files.writeString(file, text, java.nio.file.StandardOpenOption.CREATE_NEW);
    }
}

@Command(
        name = "baseline",
        description = "Adopt a database that has tables but no history: its schema counts as being at a version.")
class MigrateBaseline extends MigrateScript {
    @ArgGroup(multiplicity = "1")
    Source source;

    static class Source {
        @Option(names = "--version", paramLabel = "V", description = "The version whose schema the database has.")
        String version;

        @Option(
                names = "--from-drizzle",
                description = "The database was made by drizzle: its journal says the version.")
        boolean drizzle;
    }

    @Override
    int run(Migrator migrator, Database db) throws Exception {
        Baseline adoption = new Baseline(migrator);
        String version = source.drizzle ? adoption.drizzleVersion() : source.version;
        adoption.check(version);
        Drift drift = difference(migrator, version);
        out().print(
                        drift.isEmpty()
                                ? db + " has exactly the schema of version " + version + "."
                                : db + " differs from version " + version + "; what is extra stays as it is:");
        drift.report().forEach(line -> out().print("  " + line));
        boolean differs = drift.changes().stream().anyMatch(change -> change.how() != Drift.How.EXTRA);
        Gate.before(
                        db,
                        "record " + db + " as being at version " + version
                                + (differs ? ", although it differs from it as shown" : ""))
                .destructive();
        adoption.run(version);
        out().print("Adopted: " + db + " is at version " + version + ". 'avdaily-migrate up' goes on from there.");
        out().json(Json.object(
                "database",
                db.name(),
                "version",
                version,
                "differences",
                drift.changes().stream().map(Drift.Change::json).toList()));
        return Exit.DONE;
    }

    /** Adopting must not depend on a scratch database; that it could not be compared is then what is said before asking. */
    private static Drift difference(Migrator migrator, String version) throws Exception {
        try {
            return new Validator(migrator).difference(version);
        } catch (Failure e) {
            return new Drift(List.of(new Drift.Change(Drift.How.CHANGED, "NOT COMPARED", e.getMessage(), List.of())));
        }
    }
}

@Command(
        name = "repair",
        description =
                "Make the history agree with the files: drop failed entries, take over changed checksums. Touches no table but the history.")
class MigrateRepair extends MigrateScript {
    @Option(
            names = "--accept-drift",
            description = "Also record the schema as it is now as the right one for this version.")
    boolean acceptDrift;

    @Option(
            names = "--as-applied",
            description = "Count the migration that failed half-way as applied: you brought it to its end by hand.")
    boolean asApplied;

    @Override
    int run(Migrator migrator, Database db) throws Exception {
        Repair repair = new Repair(migrator);
        List<String> halfway = repair.halfway();
        if (!halfway.isEmpty()) out().print("The migration that failed got so far:");
        halfway.forEach(line -> out().print("  " + line));
        if (asApplied) return countAsApplied(repair, db);
        List<String> plan = new ArrayList<>(repair.plan());
        if (acceptDrift) {
            repair.recordedDrift().titles().forEach(change -> plan.add(change + " -> is right from now on"));
            plan.add("the schema of version " + migrator.version() + " -> recorded as it is now");
        }
        out().print(
                        plan.isEmpty()
                                ? "Nothing to repair in the history of " + db + "."
                                : "To be repaired in the history of " + db + ":");
        plan.forEach(line -> out().print("  " + line));
        if (!halfway.isEmpty())
            out().print(
                            "Two ways on: undo by hand what is done, then this repair, and 'up' runs the file again from its first line;\n"
                                    + "or do by hand what failed and what was not run, then 'repair --as-applied'.");
        if (!plan.isEmpty()) {
            Gate.before(db, "change the migration history of " + db + " as shown")
                    .destructive();
            repair.run(plan, acceptDrift);
            out().print("Repaired.");
        }
        out().json(Json.object("database", db.name(), "repaired", plan));
        return Exit.DONE;
    }

    private int countAsApplied(Repair repair, Database db) throws Exception {
        List<Migration> failed = repair.failed();
        if (failed.isEmpty())
            throw Failure.usage(
                    "no migration failed half-way on " + db, "'avdaily-migrate status' shows what there is.");
        Gate.before(db, "count " + Migrator.titles(failed) + " as applied on " + db)
                .destructive();
        repair.countAsApplied();
        out().print("Counted as applied: " + Migrator.titles(failed) + ".");
        out().json(Json.object("database", db.name(), "countedAsApplied", Migration.json(failed)));
        return Exit.DONE;
    }
}
