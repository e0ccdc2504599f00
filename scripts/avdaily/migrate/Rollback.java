package avdaily.migrate;

import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.base.Out;
import avdaily.db.Database;
import avdaily.db.Lock;
import avdaily.db.OperationLog;
import avdaily.db.Scratch;
import avdaily.migrate.batch.BatchStore;
import avdaily.schema.Schema;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.flywaydb.core.api.MigrationVersion;

/** Takes migrations back with their U scripts, newest first, in one transaction. */
public final class Rollback {
    /** What becomes of the rows and values that are lost. */
    public enum Lost {
        /** Copied into {@code avdaily_ops.undone} first. */
        ARCHIVED,
        DELETED
    }

    private static final String NOTHING_UNDONE = "nothing was changed: no migration of this run is undone";

    private final Migrator migrator;
    private final RunAgain again;
    private final Database db;
    private final Out out;
    private final MigrationFiles files;
    private final StatementWatch watch;
    private final LockRetry lockRetry;
    private final FlywayHistory history;
    private final SchemaRecord record;

    public Rollback(Migrator migrator) {
        this(migrator, RunAgain.ROLLBACK);
    }

    Rollback(Migrator migrator, RunAgain again) {
        this.migrator = migrator;
        this.again = again;
        this.db = migrator.db();
        this.out = db.out();
        this.files = migrator.files();
        this.watch = new StatementWatch(db);
        this.lockRetry = migrator.lockRetry();
        this.history = migrator.history();
        this.record = migrator.record();
    }

    /**
     * The newest {@code steps} migrations, newest first.
     *
     * @throws Failure (2) if there are not so many, (21) if an undo script is missing or cannot run in a transaction
     */
    public List<Migration> undoable(int steps) throws SQLException {
        if (steps < 1) throw Failure.usage("--steps is " + steps, "name a number from 1 on.");
        List<Migration> applied = history.undoableNewestFirst();
        if (steps > applied.size())
            throw Failure.usage(
                    "there are only " + Format.count(applied.size(), "migration") + " to undo on " + db,
                    "name a smaller number, or --to 0 for all.");
        return withScripts(applied.subList(0, steps));
    }

    /**
     * All migrations after version {@code to}, newest first; "0" is before the first one.
     *
     * @throws Failure (2) if that version is not applied, (21) if an undo script is missing or cannot run in a
     *     transaction
     */
    public List<Migration> undoableTo(String to) throws SQLException {
        MigrationVersion target = Migration.version(to);
        List<Migration> applied = history.undoableNewestFirst();
        MigrationVersion baseline = history.baseline();
        boolean known = to.equals("0")
                ? baseline == null
                : target.equals(baseline)
                        || applied.stream().anyMatch(m -> m.version().equals(target));
        if (!known) {
            String current = migrator.version();
            throw Failure.usage(
                    "version " + to + " is not applied on " + db
                            + (current == null ? "" : ", which is at version " + current),
                    baseline == null
                            ? "name an applied version, or 0 to undo all."
                            : "name an applied version; nothing before the baseline, " + baseline + ", can be undone.");
        }
        return withScripts(
                applied.stream().filter(m -> m.version().compareTo(target) > 0).toList());
    }

    private List<Migration> withScripts(List<Migration> plan) {
        List<String> missing = plan.stream()
                .filter(m -> files.undo(m.version()).isEmpty())
                .map(m -> "U" + m.version())
                .toList();
        if (!missing.isEmpty())
            throw Failure.refused(
                    "there is no undo script " + String.join(", ", missing) + ", so nothing was undone",
                    "write it, or restore a backup.");
        plan.forEach(m -> script(m).mustBeUndo());
        return plan;
    }

    private MigrationScript script(Migration m) {
        return files.script(files.undo(m.version()).orElseThrow());
    }

    /**
     * An undo script takes back what its migration made; on a schema that somebody changed since it may take more.
     *
     * @throws Failure (22) if the schema is not as the last run left it
     */
    public void mustBeAsRecorded(Drift.Partitions partitions) throws Exception {
        Optional<SchemaRecord.Moment> moment = record.moment(migrator.recordedAs());
        if (moment.isEmpty())
            out.note("No schema is recorded for this history of " + db
                    + ", so a change by hand since then would not be seen.");
        Drift drift = moment.map(then -> Drift.between(then.expected(), then.live(), partitions, out::note)
                        .ofObjects())
                .orElse(Drift.NONE);
        if (!drift.isEmpty())
            throw Failure.findings(
                    "the schema of " + db + " is not what version " + migrator.version() + " left: "
                            + String.join(", ", drift.titles()),
                    "take that back ('avdaily-migrate validate' shows it), or accept it with "
                            + "'avdaily-migrate repair --accept-drift'; then run rollback again.");
    }

    /** What undoing {@code plan} would lose: it is done, looked at and rolled back. */
    public RollbackImpact losses(List<Migration> plan) throws Exception {
        if (plan.isEmpty()) return RollbackImpact.NONE;
        return lockRetry.onConnection(c -> RollbackImpact.of(c, plan, this::undo));
    }

    /**
     * Runs the U scripts of {@code plan} and takes their entries out of Flyway's history, all in one transaction.
     *
     * @param losses what the user was shown
     * @throws Failure (21) if another run changed the database meanwhile, (23) if others hold the locks
     */
    @SuppressWarnings("try") // the watch is there, no more
    public Migrator.Result run(List<Migration> plan, RollbackImpact losses, Lost lost) throws Exception {
        Instant start = Instant.now();
        if (plan.isEmpty()) return new Migrator.Result(List.of(), migrator.version(), Duration.ZERO);
        try (Lock lock = migrator.lock();
                Out.Ending watching = watch.start()) {
            if (!history.undoableNewestFirst().stream()
                    .limit(plan.size())
                    .toList()
                    .equals(plan))
                throw Failure.refused(
                        "another run changed the database meanwhile",
                        "look at it with 'avdaily-migrate status', then run rollback again.");
            lock.verify();
            OperationLog.record(db, "migrate rollback", details -> {
                UUID run = lockRetry.onConnection(c -> undoAndCommit(c, plan, losses, lost));
                migrator.recordAnew(List.of());
                details.put(
                        "lost",
                        losses.all().stream().map(RollbackImpact.Loss::json).toList());
                details.put("archivedAs", run);
                details.put("undone", plan.stream().map(Migration::json).toList());
                return details.put("version", migrator.version());
            });
            return new Migrator.Result(plan, migrator.version(), Duration.between(start, Instant.now()));
        }
    }

    private UUID undoAndCommit(Connection c, List<Migration> plan, RollbackImpact losses, Lost lost)
            throws SQLException {
        c.setAutoCommit(false);
        UUID run = undo(c, plan, losses, lost);
        c.commit();
        return run;
    }

    private UUID undo(Connection c, List<Migration> plan, RollbackImpact losses, Lost lost) throws SQLException {
        FlywayLock.take(c, FlywayLock.Span.TRANSACTION, 1, db);
        return losses.undo(c, plan, this::undo, lost);
    }

    private void undo(Connection c, Migration m) throws SQLException {
        lockRetry.renew(c, LockRetry.LOCK_TIMEOUT);
        for (MigrationStatement statement : script(m).statements())
            watch.run(c, statement, out::note, NOTHING_UNDONE, again.whole);
        settle(c, m);
        lockRetry.renew(c, LockRetry.LOCK_TIMEOUT);
        HistoryTable.forget(db, c, m.version());
        BatchStore.forget(c, db.recorded(m.version().toString()));
    }

    /** What is deferred is checked after each script: it would be in the way of the next one. */
    private void settle(Connection c, Migration m) {
        try {
            DeferredChecks.settle(c);
        } catch (SQLException e) {
            throw MigrationScript.uncommitted(List.of(script(m)), e, NOTHING_UNDONE);
        }
    }

    // -- proof

    /**
     * What undoing one migration, and doing it again, left different.
     *
     * @param lost the columns that are there on either side of a step that dropped them and added them again
     */
    public record Proof(Migration migration, boolean hasUndo, Drift undone, Drift again, List<String> lost) {
        public boolean isExact() {
            return hasUndo && undone.isEmpty() && again.isEmpty();
        }
    }

    /** Goes up, down and up again over every version on a scratch database; reports each version. */
    public List<Proof> prove() throws Exception {
        try (Scratch scratch = Scratch.beside(db, files.forTrial());
                Database trial = scratch.database()) {
            Migrator other = new Migrator(trial, files);
            Rollback rollback = new Rollback(other, RunAgain.TRIAL);
            List<Proof> proofs = new ArrayList<>();
            for (Migration m : other.pending(null)) if (m.version() != null) proofs.add(rollback.prove(m));
            return proofs;
        }
    }

    /** Up, down and up again with the next migration of a scratch database. */
    Proof prove(Migration m) throws Exception {
        List<Schema.Item> before = migrator.schema();
        ColumnPlaces start = ColumnPlaces.of(db.connection());
        migrator.build(m);
        ColumnPlaces up = ColumnPlaces.of(db.connection());
        List<String> lost = new ArrayList<>(start.lostUntil(up));
        if (files.undo(m.version()).isEmpty()) return new Proof(m, false, Drift.NONE, Drift.NONE, lost);
        List<Schema.Item> after = migrator.schema();
        takeBack(List.of(m));
        up.lostUntil(ColumnPlaces.of(db.connection())).stream()
                .filter(column -> !lost.contains(column))
                .forEach(lost::add);
        Drift undone = Drift.between(before, migrator.schema());
        migrator.build(m);
        return new Proof(m, true, undone, Drift.between(after, migrator.schema()), lost);
    }

    /** Undoes the newest migrations of a scratch database, newest first. */
    void takeBack(List<Migration> newestFirst) throws Exception {
        List<Migration> plan = withScripts(newestFirst);
        if (!plan.isEmpty()) db.inProjectTransaction(c -> undo(c, plan, losses(plan), Lost.DELETED));
    }
}
