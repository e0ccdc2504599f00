package avdaily.deploy;

import avdaily.backup.BackupFile;
import avdaily.backup.BackupWriter;
import avdaily.backup.Backups;
import avdaily.backup.Retention;
import avdaily.backup.TableLocks;
import avdaily.base.Failure;
import avdaily.base.Out;
import avdaily.db.Database;
import avdaily.db.Environment;
import avdaily.db.Failures;
import avdaily.migrate.Migration;
import avdaily.migrate.Migrator;
import avdaily.seed.Seeder;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One deployment to one database, under the lock of deployments:
 *
 * <ol>
 *   <li>{@link #prepare} takes the lock and looks at everything that matters; only what lint found is logged.
 *   <li>{@link #run} finishes with an earlier deployment that was killed: it goes on from there or takes that one back.
 *   <li>The steps run: hooks, backup, migrations, seeds, validation, hooks. Before each begins, the operation log says
 *       what the next deployment needs to know if this one is killed.
 *   <li>If a step fails, everything is taken back.
 *   <li>If all succeed, the backups that no rule keeps are deleted.
 * </ol>
 */
public final class Deployment {
    /** What a deployment is prepared for: to be shown, or to be run. */
    public enum Purpose {
        LOOK,
        RUN
    }

    private static final String BRIEFLY = "SET lock_timeout = '15s'";

    private final Prepared prepared;
    private final Database db;
    private final Out out;
    private final Release release;
    private final EnvironmentPolicy policy;
    private final Migrator migrator;
    private final Hooks hooks;

    public Deployment(Prepared prepared) {
        this.prepared = prepared;
        this.db = prepared.db();
        this.out = db.out();
        this.release = prepared.release();
        this.policy = prepared.policy();
        this.migrator = prepared.migrator();
        this.hooks = new Hooks(db, release);
    }

    /**
     * Takes the lock and looks at everything that matters; only what lint found is logged. What a killed deployment
     * left running on the server may hold locks for hours: its sessions are ended if this deployment is to be run.
     *
     * @throws Failure (23) naming who deploys just now, or who locks a table; (21) if the server is too old or only
     *     reads
     */
    public static Prepared prepare(Database db, Release release, Purpose purpose) throws Exception {
        Migrator migrator = new Migrator(db, release.migrations());
        migrator.allowContracts(release.contracts());
        migrator.handOver();
        DeployLock lock = DeployLock.take(db);
        db.beginSessionsWith(BRIEFLY); // to look at a table takes as long as somebody locks it
        try {
            return look(db, release, migrator, lock, purpose);
        } catch (Exception e) {
            lock.close();
            if (Failures.explain(e).kind == Failure.Kind.LOCKED) throw TableLocks.held(db);
            throw e;
        } finally {
            db.beginSessionsWith(null);
        }
    }

    private static Prepared look(Database db, Release release, Migrator migrator, DeployLock lock, Purpose purpose)
            throws Exception {
        EnvironmentPolicy policy = release.policy();
        Optional<InterruptedDeployment> interrupted = InterruptedDeployment.find(db);
        if (interrupted.isPresent() && purpose == Purpose.RUN) InterruptedDeployment.endSessions(db);
        List<PreflightCheck> checks = new ArrayList<>(Preflight.of(db, policy));
        InterruptedDeployment.unconfirmed(db, interrupted)
                .ifPresent(time -> checks.add(PreflightCheck.warning(
                        "log",
                        "the deployment of " + time + " never ended, and nothing that only a deploying role can write "
                                + "confirms it: it is left alone")));
        SchemaState state = SchemaState.of(db, migrator);
        List<Migration> pending = pending(migrator, interrupted);
        List<String> titles =
                new ArrayList<>(pending.stream().map(Migration::title).toList());
        interrupted.ifPresent(run -> titles.addAll(
                0,
                run.pending().stream().filter(title -> !titles.contains(title)).toList()));
        if (interrupted.isEmpty()) waiting(migrator).ifPresent(checks::add);
        // a new database has no table that others use
        if (policy.lint() != EnvironmentPolicy.Lint.OFF && !pending.isEmpty() && !state.empty())
            checks.add(LintCheck.of(db, migrator, policy.lint()));
        return new Prepared(
                db,
                release,
                migrator,
                lock,
                interrupted,
                state,
                pending,
                List.copyOf(titles),
                List.copyOf(checks),
                DeployFindings.of(db, migrator, release));
    }

    /** What drops what older programs use, and waits. */
    private static Optional<PreflightCheck> waiting(Migrator migrator) throws SQLException {
        List<Migration> waiting = migrator.waiting(null);
        return waiting.isEmpty()
                ? Optional.empty()
                : Optional.of(PreflightCheck.ok(
                        "contract",
                        Migration.titles(waiting) + ": not applied before --contract "
                                + waiting.get(0).version() + " names it or what it comes after is applied"));
    }

    /** Half-applied migrations do not hinder a deployment that is going to take them back. */
    private static List<Migration> pending(Migrator migrator, Optional<InterruptedDeployment> interrupted)
            throws SQLException {
        try {
            return migrator.due(null);
        } catch (Failure e) {
            if (interrupted.filter(run -> run.step() == DeployStep.MIGRATE).isEmpty()) throw e;
            return List.of();
        }
    }

    /**
     * Does all of it. A deployment that fails is no exception: the report tells what became of it.
     *
     * @param planHash of the plan that is run, if it comes from a file
     */
    public DeployReport run(Optional<String> planHash) throws Exception {
        Instant start = Instant.now();
        List<String> lines = prepared.lines();
        Optional<Resumption> resumed = prepared.interrupted().isPresent()
                ? Optional.of(Resumption.of(prepared, prepared.interrupted().get()))
                : Optional.empty();
        DeployResult result = result(planHash, resumed);
        return new DeployReport(
                db, lines, prepared.checks(), planHash, resumed, result, Duration.between(start, Instant.now()));
    }

    private DeployResult result(Optional<String> planHash, Optional<Resumption> resumed) throws Exception {
        Origin origin =
                resumed.isPresent() ? resumed.get().origin() : Origin.now(db, prepared.state(), prepared.found());
        List<Migration> pending = resumed.isPresent() ? migrator.due(null) : prepared.pending();
        if (pending.isEmpty() && !origin.goesOn()) {
            Optional<Seeded> would = wouldSeed();
            if (would.filter(Seeded::changed).isEmpty()) return unchanged(would);
        }
        DeployProgress progress = DeployProgress.begin(prepared, planHash, origin);
        try {
            steps(progress, pending);
        } catch (Throwable e) {
            return failed(progress, resumed.flatMap(Resumption::kept), e);
        }
        List<String> removed = prune(progress.backup().map(MadeBackup::file));
        progress.done();
        return progress.deployed(removed);
    }

    private Optional<Seeded> wouldSeed() throws Exception {
        if (release.seeds().isEmpty()) return Optional.empty();
        SeedSource seeds = release.seeds().get();
        return Optional.of(new Seeded(seeds.environment(), seeds.seeder(db).seed(Seeder.Options.preview())));
    }

    private DeployResult unchanged(Optional<Seeded> seeded) throws Exception {
        List<String> findings = new ArrayList<>(prepared.found().texts());
        findings.addAll(release.smoke().findings(db));
        if (release.seeds().isPresent())
            findings.addAll(release.seeds().get().seeder(db).validate());
        return new DeployResult.Unchanged(seeded, findings);
    }

    private void steps(DeployProgress progress, List<Migration> pending) throws Exception {
        progress.begin(DeployStep.HOOKS);
        hooks.run(EnvironmentPolicy.Hook.BEFORE);
        progress.begin(DeployStep.BACKUP);
        if (progress.backup().isEmpty()) BackupWriter.beforeChange(db).ifPresent(progress::backedUp);
        if (release.deletesRows(pending)) progress.rowsChange();
        progress.begin(DeployStep.MIGRATE);
        progress.applied(migrator.up(null, pending));
        Optional<Seeder> seeder = Optional.empty();
        if (release.seeds().isPresent() && !progress.isHandedOver()) {
            SeedSource seeds = release.seeds().get();
            seeder = Optional.of(seeds.seeder(db));
            progress.rowsChange();
            progress.begin(DeployStep.SEED);
            progress.seeded(new Seeded(seeds.environment(), seeder.get().seed(Seeder.Options.standard())));
        }
        progress.begin(DeployStep.VALIDATE);
        progress.validated(validate(progress.origin().found(), seeder));
        progress.begin(DeployStep.FINISH);
        hooks.run(EnvironmentPolicy.Hook.AFTER);
    }

    /** @throws Failure (22) with what was not there before */
    private DeployFindings validate(DeployFindings before, Optional<Seeder> seeder) throws Exception {
        DeployFindings after = DeployFindings.of(db, migrator, release);
        List<String> brought = new ArrayList<>(after.since(before));
        brought.addAll(release.smoke().findings(db));
        if (seeder.isPresent()) brought.addAll(seeder.get().validate());
        if (!brought.isEmpty())
            throw Failure.findings(
                    "the validation found what was not there before: " + String.join("; ", brought),
                    "correct what the migrations or the seed files do, then deploy again.");
        return after;
    }

    /** Deletes this database's backups that no rule keeps, but for the one that was just made; returns their names. */
    private List<String> prune(Optional<BackupFile> made) {
        List<String> removed = new ArrayList<>();
        if (policy.retention().isEmpty()) return removed;
        try {
            List<BackupFile> files = Backups.store(db.settings()).files();
            for (Retention.Decision decision : policy.retention().get().evaluate(files, Backups.Proof.CHECKSUM)) {
                BackupFile file = decision.file();
                if (!decision.isExpired()
                        || !decision.metadata().origin().database().equals(db.name())
                        || made.equals(Optional.of(file.absolute()))) continue;
                if (file.delete()) removed.add(file.toString());
                else out.note(file + " is retained: its bucket does not let it be deleted.");
            }
        } catch (IOException | Failure e) {
            out.note("Old backups could not be deleted: " + Failures.explain(e).getMessage());
        }
        return removed;
    }

    // -- going back

    /**
     * Takes back what was done, and says so in the result and in the operation log. If it cannot be taken back, the row
     * stays open, and the next deployment tries again.
     *
     * @param kept the database that the taking back of a killed deployment kept
     */
    private DeployResult failed(DeployProgress progress, Optional<String> kept, Throwable why) {
        Failure failure = Failures.explain(why);
        out.trace(why);
        Optional<DeploymentRecovery.Result> recovery = Optional.empty();
        Failure told;
        try {
            recovery = Optional.of(recover(progress, kept));
            told = new Failure(
                    failure.kind,
                    failure.getMessage() + "; the deployment was taken back "
                            + recovery.get().way() + ": " + db + " is old and whole, "
                            + progress.origin().point().state().title(),
                    failure.next,
                    why);
        } catch (Exception stuck) {
            told = stuck(failure, Failures.explain(stuck), why);
        }
        if (recovery.filter(DeploymentRecovery.Result::isByItself).isPresent()) removeUnneededBackup(progress);
        if (!progress.step().isBefore(DeployStep.HOOKS)) hooks.runAll(EnvironmentPolicy.Hook.FAILED);
        Optional<String> nowKept = recovery.isPresent() ? recovery.get().kept() : kept;
        Optional<String> takenBack = recovery.map(DeploymentRecovery.Result::way);
        progress.failed(told, takenBack, nowKept);
        return new DeployResult.Failed(
                told,
                takenBack,
                nowKept,
                progress.backup().map(MadeBackup::file),
                progress.backup().map(MadeBackup::file).map(this::restoreCommand),
                progress.findings());
    }

    /** Hooks may have changed the database where nobody sees it. */
    private void removeUnneededBackup(DeployProgress progress) {
        boolean isOwn = progress.origin().point().backup().isEmpty();
        if (isOwn && policy.hooks().get(EnvironmentPolicy.Hook.BEFORE).isEmpty() && migrator.leftNothing())
            progress.backup()
                    .filter(made -> BackupWriter.removeUnneeded(db, made.file()))
                    .ifPresent(made -> progress.backupRemoved());
    }

    /**
     * The lock's session may have died, and another deployment begun: then it is that one's turn to take this one back.
     */
    private DeploymentRecovery.Result recover(DeployProgress progress, Optional<String> kept) throws Exception {
        prepared.lock().renew();
        if (progress.step().isBefore(DeployStep.MIGRATE) && !progress.origin().goesOn())
            return new DeploymentRecovery.Result("by the failed step itself: nothing was changed", kept);
        return new DeploymentRecovery(
                        db,
                        migrator,
                        progress.restorePoint(),
                        progress.origin().nextTransaction(),
                        DeploymentRecovery.Consent.GIVEN)
                .run();
    }

    private static Failure stuck(Failure failure, Failure how, Throwable why) {
        return new Failure(
                failure.kind,
                failure.getMessage() + "; the deployment could not be taken back: " + how.getMessage(),
                how.kind == Failure.Kind.UNREACHABLE
                        ? "run it again once the server is up: it takes this one back first."
                        : how.next + " Then: " + failure.next,
                why);
    }

    private String restoreCommand(BackupFile backup) {
        return "DB_RESTORE_CONFIRM=1 "
                + (db.environment() == Environment.PRODUCTION ? "DB_RESTORE_ALLOW_PRODUCTION=1 " : "")
                + "avdaily-restore " + backup.place() + " --yes";
    }
}
