package avdaily.deploy;

import avdaily.backup.BackupFile;
import avdaily.backup.BackupWriter;
import avdaily.backup.Backups;
import avdaily.backup.Retention;
import avdaily.base.Failure;
import avdaily.base.Json;
import avdaily.base.ResourceFolder;
import avdaily.base.Sha256;
import avdaily.db.Database;
import avdaily.db.Environment;
import avdaily.db.Failures;
import avdaily.db.Lock;
import avdaily.db.OperationLog;
import avdaily.migrate.Linter;
import avdaily.migrate.Migration;
import avdaily.migrate.MigrationFiles;
import avdaily.migrate.Migrator;
import avdaily.migrate.StatementTracer;
import avdaily.seed.SeedFiles;
import avdaily.seed.Seeder;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * One deployment to one database, under the lock of deployments: looks, runs step by step, and takes everything back
 * where a step fails. What the next one needs to know if this one is killed is in its row of the operation log before
 * each step begins.
 */
public final class Deployment implements AutoCloseable {
    /** In the order in which they run. */
    enum Step {
        START,
        HOOKS,
        BACKUP,
        MIGRATE,
        SEED,
        VALIDATE,
        FINISH;

        static Step of(String word) {
            for (Step step : values()) if (step.toString().equals(word)) return step;
            return START;
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final Pattern DELETES =
            Pattern.compile("(?i)\\b(DELETE\\s+FROM|TRUNCATE|DROP\\s+(TABLE|COLUMN|SCHEMA|TYPE|MATERIALIZED))\\b");
    private static final String LOCK = "deploy";
    /** As for 'avdaily-migrate lint': what locks a smaller table is over before anybody notices. */
    private static final long SMALL_TABLE = 100_000;

    private final Database db;
    private final EnvironmentPolicy strategy;
    private final Path migrations;
    private final MigrationFiles files;
    private final Migrator migrator;
    private final Environment seeds;
    private final Path seedFolder;
    private final SeedFiles seedFiles;
    private final SmokeQueries smoke;
    private final Hooks hooks;
    private Lock lock;

    // what it found before anything ran
    private final SchemaState state;
    private final Optional<InterruptedDeployment> interrupted;
    private final List<Migration> pending;
    private final List<String> titles;
    private final List<PreflightCheck> checks;
    private final DeployFindings found;

    /**
     * Takes the lock and looks at everything that matters; writes nothing.
     *
     * @param seeds the environment whose data is to be seeded; null for none
     * @param onlyLook it will not be run; else what a killed one left running on the server is ended first: it may hold
     *     locks for hours
     * @throws Failure (23) naming who deploys just now
     */
    public Deployment(
            Database db,
            EnvironmentPolicy strategy,
            Path migrations,
            Path seedFolder,
            Environment seeds,
            boolean onlyLook)
            throws Exception {
        this.db = db;
        this.strategy = strategy;
        this.migrations = ResourceFolder.of(db.settings(), migrations, "AVDAILY_MIGRATIONS", "migrations");
        this.files = MigrationFiles.in(db.settings(), migrations);
        this.migrator = new Migrator(db, files);
        this.seeds = seeds;
        this.seedFolder = seeds == null ? null : ResourceFolder.of(db.settings(), seedFolder, "AVDAILY_SEEDS", "seeds");
        this.seedFiles = seeds == null ? null : SeedFiles.read(db.settings(), seedFolder, seeds);
        this.smoke =
                SmokeQueries.read(strategy.validates(EnvironmentPolicy.Validation.SMOKE) ? strategy.smoke() : null);
        this.hooks = new Hooks(db, strategy);
        this.lock = Lock.take(db, LOCK, 1);
        db.beginSessionsWith(
                "SET lock_timeout = '15s'"); // to look at a table that somebody locks would take as long as he does
        try {
            this.interrupted = InterruptedDeployment.find(db);
            if (interrupted.isPresent() && !onlyLook) InterruptedDeployment.endSessions(db);
            this.checks = Preflight.of(db, strategy);
            this.state = SchemaState.of(db, migrator);
            this.pending = pending();
            this.titles = new ArrayList<>(pending.stream().map(Migration::title).toList());
            // what the killed one applied is pending again once it is taken back, or stays
            interrupted.ifPresent(run -> titles.addAll(
                    0,
                    run.pending().stream()
                            .filter(title -> !titles.contains(title))
                            .toList()));
            this.checks.addAll(lint());
            this.found = DeployFindings.of(db, migrator, strategy);
        } catch (Exception e) {
            lock.close();
            if (Failures.explain(e).kind == Failure.Kind.LOCKED) throw BackupWriter.locked(db);
            throw e;
        } finally {
            db.beginSessionsWith(null);
        }
    }

    /** Half-applied migrations hinder a deployment only where nobody is going to take them back. */
    private List<Migration> pending() throws SQLException {
        try {
            return migrator.pending(null);
        } catch (Failure e) {
            if (interrupted.isEmpty() || interrupted.get().step() != Step.MIGRATE) throw e;
            return List.of();
        }
    }

    /**
     * What the pending migrations do to tables that others use, tried on a scratch database; a new database has none.
     */
    private List<PreflightCheck> lint() throws SQLException {
        if (strategy.lint() == EnvironmentPolicy.Lint.OFF || pending.isEmpty() || state.empty()) return List.of();
        try {
            StatementTracer lint = new StatementTracer(StatementTracer.rows(db.connection(), SMALL_TABLE), SMALL_TABLE);
            new Linter(migrator, lint).pending(null);
            List<String> dangerous = lint.findings().stream()
                    .filter(StatementTracer.Finding::isDangerous)
                    .map(f -> f.rule() + " (" + Path.of(f.file()).getFileName() + " line " + f.line() + ", "
                            + f.subject() + ")")
                    .toList();
            if (dangerous.isEmpty()) return List.of(PreflightCheck.ok("lint", "no dangerous statement"));
            String text = String.join("; ", dangerous);
            return List.of(
                    strategy.lint() == EnvironmentPolicy.Lint.WARN
                            ? PreflightCheck.warning("lint", text)
                            : PreflightCheck.refused(
                                    "lint",
                                    "dangerous for tables that others use: " + text,
                                    "write it as 'avdaily-migrate lint' shows, or accept it there with its reason."));
        } catch (Failure e) {
            return List.of(PreflightCheck.unknown("lint", e.getMessage()));
        }
    }

    // -- the plan

    public boolean hasWork() {
        return !titles.isEmpty() || seeds != null || interrupted.isPresent();
    }

    public List<PreflightCheck> checks() {
        return checks;
    }

    /** The parts of a plan that must not have changed when it is run; after an interruption, as they were before it. */
    public ObjectNode bound() throws SQLException {
        SchemaState origin = interrupted.map(InterruptedDeployment::before).orElse(state);
        return Json.mapper()
                .valueToTree(Json.object(
                        "environment",
                        db.environment().toString(),
                        "target",
                        target(),
                        "schema",
                        Json.object("version", origin.version(), "fingerprint", origin.fingerprint()),
                        "migrations",
                        hashes(migrations, ".sql"),
                        "pending",
                        titles,
                        "seed",
                        seeds == null ? null : seedHashes(),
                        "strategy",
                        strategy.lines()));
    }

    /**
     * Which database this is: a copy of the files has the same identifier, another cluster at the same address has not.
     */
    private Map<String, Object> target() throws SQLException {
        Connection c = db.connection();
        return Json.object(
                "host",
                db.host().name(),
                "port",
                db.host().port(),
                "database",
                db.name(),
                "systemIdentifier",
                Database.one(c, "SELECT system_identifier::text FROM pg_control_system()", String.class),
                "databaseOid",
                Database.one(c, "SELECT oid::text FROM pg_database WHERE datname = current_database()", String.class));
    }

    private Map<String, String> seedHashes() {
        Map<String, String> all = new TreeMap<>(hashes(seedFolder, ""));
        for (String layer : List.of("base", seeds.toString()))
            hashes(seedFolder.resolve(layer), "").forEach((name, hash) -> all.put(layer + "/" + name, hash));
        return all;
    }

    private static Map<String, String> hashes(Path folder, String suffix) {
        Map<String, String> hashes = new TreeMap<>();
        for (Path file : ResourceFolder.files(folder))
            if (file.toString().endsWith(suffix)) hashes.put(file.getFileName().toString(), Sha256.of(file));
        return hashes;
    }

    /** The plan as people read it: a word of ten letters, and what stands behind it. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        checks.forEach(check -> lines.add("check     " + check));
        found.texts().forEach(finding -> lines.add("check     WARNING found already: " + finding));
        interrupted.ifPresent(run -> lines.add(
                "first     " + run.title() + ": goes on where all its migrations are applied, else it is taken back"));
        strategy.hooks().get(EnvironmentPolicy.Hook.BEFORE).forEach(command -> lines.add("hook      " + command));
        lines.add("backup    "
                + (hasWork()
                        ? "to " + Backups.folder(db.settings()).toAbsolutePath().normalize()
                                + ", unless there is no table yet"
                        : "no"));
        lines.add("migrate   " + (titles.isEmpty() ? "nothing pending" : String.join(", ", titles)));
        lines.add("seed      " + (seeds == null ? "no" : seeds.toString()));
        lines.add("validate  " + validations());
        strategy.hooks().get(EnvironmentPolicy.Hook.AFTER).forEach(command -> lines.add("hook      " + command));
        if (strategy.retention() != null) lines.add("prune     backups that no rule keeps");
        if (hasWork()) lines.add("failure   " + wayBack());
        return lines;
    }

    private String validations() {
        List<String> all = new ArrayList<>();
        if (strategy.validates(EnvironmentPolicy.Validation.SCHEMA)) all.add("checksums, schema");
        if (strategy.validates(EnvironmentPolicy.Validation.INTEGRITY)) all.add("integrity (quick)");
        if (smoke.size() > 0) all.add(smoke.size() == 1 ? "1 smoke query" : smoke.size() + " smoke queries");
        if (seeds != null) all.add("seeded rows and references");
        return all.isEmpty() ? "nothing" : String.join(", ", all);
    }

    /** How a failure would be taken back. */
    private String wayBack() {
        if (state.empty()) return "the database is emptied again";
        if (seeds != null) return "the backup is restored";
        if (deletesRows(pending))
            return "the backup is restored (a migration deletes what undo scripts cannot bring back)";
        List<String> missing = pending.stream()
                .filter(m -> m.version() == null || files.undo(m.version()).isEmpty())
                .map(Migration::title)
                .toList();
        return missing.isEmpty()
                ? "undo scripts, else the backup is restored"
                : "the backup is restored (no undo script for " + String.join(", ", missing) + ")";
    }

    private boolean deletesRows(List<Migration> some) {
        return some.stream()
                .map(Migration::version)
                .filter(Objects::nonNull)
                .flatMap(version -> files.forward(version).stream())
                .anyMatch(file -> DELETES.matcher(files.script(file).text().replaceAll("--[^\\n]*", ""))
                        .find());
    }

    // -- running

    /** Where this deployment begins: now or, where it goes on with a killed one, where that began. */
    private record Origin(SchemaState state, DeployFindings found, Path backup, boolean rowsChanged, boolean goesOn) {}

    /** How far the deployment is, in memory and in its row. */
    private final class Log {
        final OperationLog operation;
        final Map<String, Object> details = new LinkedHashMap<>();
        Step step = Step.START;

        Log(DeployReport report, Origin origin, List<Migration> pending) throws SQLException {
            operation = OperationLog.begin(db, "deploy");
            details.put("plan", report.planHash);
            details.put("before", origin.state.json());
            details.put("found", origin.found);
            details.put("pending", pending.stream().map(Migration::title).toList());
            details.put("seed", seeds == null ? null : seeds.toString());
            details.put("backup", origin.backup == null ? null : origin.backup.toString());
            details.put("rowsChanged", origin.rowsChanged);
        }

        void begin(Step next) throws SQLException {
            lock.verify();
            step = next;
            details.put("step", step.toString());
            operation.progress(db, details);
        }

        boolean rowsChanged() {
            return (Boolean) details.get("rowsChanged");
        }
    }

    /** Does all of it. A deployment that fails is no exception: the report tells what became of it. */
    public DeployReport run(String planHash) throws Exception {
        DeployReport report = new DeployReport(db);
        report.plan.addAll(lines());
        report.checks = checks;
        report.planHash = planHash;
        report.seeds = seeds;
        Origin origin = interrupted.isPresent()
                ? recovered(interrupted.get(), report)
                : new Origin(state, found, null, false, false);
        List<Migration> now = interrupted.isPresent() ? migrator.pending(null) : pending;
        Seeder.Result wouldSeed = seeds != null && now.isEmpty()
                ? new Seeder(db, seeds, seedFiles, false).seed(Seeder.Options.preview())
                : null;
        if (now.isEmpty() && !origin.goesOn && (seeds == null || !wouldSeed.changed()))
            return unchanged(report, wouldSeed);
        Log log = new Log(report, origin, now);
        try {
            steps(report, log, origin, now);
        } catch (Exception e) {
            return failed(report, log, origin, e);
        }
        prune(report);
        report.outcome = DeployReport.Outcome.DEPLOYED;
        log.details.put("findings", report.findings);
        log.operation.doneIfPossible(db, log.details);
        return report;
    }

    private DeployReport unchanged(DeployReport report, Seeder.Result seeded) throws Exception {
        report.outcome = DeployReport.Outcome.UNCHANGED;
        report.seeded = seeded;
        List<String> findings = new ArrayList<>(found.texts());
        findings.addAll(smoke.findings(db));
        if (seeds != null) findings.addAll(new Seeder(db, seeds, seedFiles, false).validate());
        report.findings = findings;
        return report;
    }

    private void steps(DeployReport report, Log log, Origin origin, List<Migration> now) throws Exception {
        log.begin(Step.HOOKS);
        hooks.run(EnvironmentPolicy.Hook.BEFORE);
        log.begin(Step.BACKUP);
        if (log.details.get("backup") == null)
            BackupWriter.beforeChange(db)
                    .ifPresent(file -> log.details.put(
                            "backup", file.path().toAbsolutePath().normalize().toString()));
        report.backup = log.details.get("backup") == null
                ? null
                : Path.of(log.details.get("backup").toString());
        if (deletesRows(now)) log.details.put("rowsChanged", true);
        log.begin(Step.MIGRATE);
        report.applied = migrator.up(null, now).applied();
        log.details.put("applied", report.applied.stream().map(Migration::title).toList());
        Seeder seeder = seeds == null ? null : new Seeder(db, seeds, seedFiles, false);
        if (seeder != null) {
            log.details.put("rowsChanged", true);
            log.begin(Step.SEED);
            report.seeded = seeder.seed(Seeder.Options.standard());
            log.details.put("seeded", report.seeded.summary(seeds));
        }
        log.begin(Step.VALIDATE);
        validate(report, origin.found, seeder);
        log.begin(Step.FINISH);
        hooks.run(EnvironmentPolicy.Hook.AFTER);
    }

    /** @throws Failure (22) with what was not there before */
    private void validate(DeployReport report, DeployFindings before, Seeder seeder) throws Exception {
        DeployFindings after = DeployFindings.of(db, migrator, strategy);
        List<String> brought = new ArrayList<>(after.since(before));
        brought.addAll(smoke.findings(db));
        if (seeder != null) brought.addAll(seeder.validate());
        if (!brought.isEmpty())
            throw Failure.findings(
                    "the validation found what was not there before: " + String.join("; ", brought),
                    "correct what the migrations or the seed files do, then deploy again.");
        report.findings = after.texts();
        report.unknown = after.unknown();
    }

    private void prune(DeployReport report) {
        if (strategy.retention() == null) return;
        try {
            for (Retention.Decision verdict :
                    strategy.retention().evaluate(BackupFile.in(Backups.folder(db.settings())))) {
                boolean ours = verdict.isExpired()
                        && verdict.metadata().database().equals(db.name())
                        && !verdict.file().path().toAbsolutePath().normalize().equals(report.backup);
                if (!ours) continue;
                verdict.file().delete();
                report.removedBackups.add(verdict.file().toString());
            }
        } catch (IOException | Failure e) {
            db.out()
                    .note("Old backups could not be deleted: "
                            + Failures.explain(e).getMessage());
        }
    }

    // -- going back

    /** Takes back what was done, says so in the report and in the row. */
    private DeployReport failed(DeployReport report, Log log, Origin origin, Exception why) {
        Failure failure = Failures.explain(why);
        db.out().trace(why);
        report.outcome = DeployReport.Outcome.FAILED;
        report.applied = List.of();
        report.seeded = null;
        try {
            keepLock();
            if (log.step.compareTo(Step.MIGRATE) < 0 && !origin.goesOn)
                report.takenBack = "by the failed step itself: nothing was changed";
            else {
                DeploymentRecovery.Result result = new DeploymentRecovery(
                                db, migrator, origin.state, report.backup, log.rowsChanged(), true)
                        .run();
                report.takenBack = result.way();
                report.kept = result.kept().orElse(null);
            }
            String outcome = "; the deployment was taken back " + report.takenBack + ": " + db + " is old and whole, "
                    + origin.state.title();
            report.failure = new Failure(failure.kind, failure.getMessage() + outcome, failure.next, why);
        } catch (Exception stuck) {
            Failure how = Failures.explain(stuck);
            report.failure = new Failure(
                    failure.kind,
                    failure.getMessage() + "; the deployment could not be taken back: " + how.getMessage(),
                    how.kind == Failure.Kind.UNREACHABLE
                            ? "run it again once the server is up: it takes this one back first."
                            : how.next + " Then: " + failure.next,
                    why);
        }
        if (report.backup != null) report.further = restore(report.backup);
        if (log.step.compareTo(Step.HOOKS) >= 0) hooks.runAll(EnvironmentPolicy.Hook.FAILED);
        log.details.put("takenBack", report.takenBack);
        if (report.kept != null) log.details.put("kept", report.kept);
        if (report.takenBack != null)
            log.operation.failed(db, report.failure, log.details); // else it stays open, and the next one tries again
        return report;
    }

    /**
     * Where the lock's session died, another deployment may have begun, and it is that one's turn to take this one
     * back.
     */
    private void keepLock() throws SQLException {
        try {
            lock.verify();
        } catch (SQLException dead) {
            lock.close();
            lock = Lock.take(db, LOCK, 1);
        }
    }

    private String restore(Path backup) {
        return "DB_RESTORE_CONFIRM=1 "
                + (db.environment() == Environment.PRODUCTION ? "DB_RESTORE_ALLOW_PRODUCTION=1 " : "")
                + "avdaily-restore " + backup + " --yes";
    }

    /**
     * Finishes with a deployment that was killed: goes on from it where all its migrations are in, else takes it back.
     */
    private Origin recovered(InterruptedDeployment run, DeployReport report) throws Exception {
        SchemaState before = run.before();
        boolean touched = run.step().compareTo(Step.MIGRATE) >= 0;
        boolean nothing = before == null || !touched || !run.rowsChanged() && state.isSame(before);
        boolean complete = !nothing && isComplete(run);
        if (nothing) {
            report.resumed = run.title() + ", had changed nothing: " + db + " is old and whole, " + state.title();
        } else if (complete) {
            report.resumed = run.title() + ", had applied all its migrations: " + db + " is new, " + state.title()
                    + (run.isFresh() ? "; this one goes on from there" : "");
        } else {
            DeploymentRecovery.Result result =
                    new DeploymentRecovery(db, migrator, before, run.backup(), run.rowsChanged(), run.isFresh()).run();
            report.kept = result.kept().orElse(null);
            report.resumed = run.title() + ", was taken back " + result.way() + ": " + db + " is old and whole, "
                    + before.title();
        }
        db.out().print(Character.toUpperCase(report.resumed.charAt(0)) + report.resumed.substring(1) + ".");
        boolean goesOn = complete && run.isFresh();
        if (run.hooked() && !goesOn) hooks.runAll(EnvironmentPolicy.Hook.FAILED);
        run.close(db, report.resumed);
        keepLock(); // a restore by swap ends the session that holds it
        return goesOn
                ? new Origin(before, run.found(), run.backup(), run.rowsChanged(), true)
                : new Origin(
                        SchemaState.of(db, migrator), DeployFindings.of(db, migrator, strategy), null, false, false);
    }

    /** Whether nothing of what it was to apply is left to do. */
    private boolean isComplete(InterruptedDeployment run) throws SQLException {
        try {
            return migrator.pending(null).stream().noneMatch(m -> run.pending().contains(m.title()));
        } catch (Failure halfApplied) {
            return false;
        }
    }

    @Override
    public void close() throws SQLException {
        lock.close();
    }
}
