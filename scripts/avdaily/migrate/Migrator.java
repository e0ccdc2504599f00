package avdaily.migrate;

import avdaily.base.Failure;
import avdaily.base.Out;
import avdaily.db.Database;
import avdaily.db.Failures;
import avdaily.db.Lock;
import avdaily.db.OperationLog;
import avdaily.db.ProjectRecord;
import avdaily.migrate.batch.BatchState;
import avdaily.migrate.batch.BatchStore;
import avdaily.schema.Schema;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Brings one database forward with the migrations of one folder. {@link #up} is the main road:
 *
 * <ol>
 *   <li>it takes the lock of this toolkit, so that no other run changes the schema;
 *   <li>it plans again and compares with what the user was shown;
 *   <li>it notes how the schema differs from the recorded one;
 *   <li>for each run, it applies the files ({@link MigrationRunner}) and records the schema that they left;
 *   <li>it writes what was done into the operation log.
 * </ol>
 *
 * The plan is needed twice, before the question to the user and under the lock. It is computed once if no row of the
 * history changed between.
 */
public final class Migrator {
    static final String LOCK = "migrate";

    private final Database db;
    private final Out out;
    private final MigrationFiles files;
    private final LockRetry lockRetry;
    private final FlywaySetup flyway;
    private final FlywayHistory history;
    private final SchemaRecord record;
    private final MigrationRunner runner;
    private final ContractPhase contracts;
    private Plan plan;

    /** What was pending when the history had these rows. */
    private record Plan(String to, String rows, List<Migration> pending) {}

    /** Work of which nothing is to stay. */
    public interface Trial<T> {
        T on(Connection c) throws SQLException;
    }

    /**
     * What an up or a rollback did.
     *
     * @param version null if none is left
     * @param stopped the data migration that goes on another time
     */
    public record Result(List<Migration> applied, String version, Duration took, Optional<BatchState> stopped) {
        /** All that was to be done is. */
        Result(List<Migration> applied, String version, Duration took) {
            this(applied, version, took, Optional.empty());
        }
    }

    public Migrator(Database db, MigrationFiles files) {
        this(db, files, null);
    }

    /** @param lockAttempts how often to try for the locks of others; AVDAILY_LOCK_ATTEMPTS (12) if it is null */
    public Migrator(Database db, MigrationFiles files, Integer lockAttempts) {
        int attempts = lockAttempts != null ? lockAttempts : db.settings().number("AVDAILY_LOCK_ATTEMPTS", 12);
        this.db = db;
        this.out = db.out();
        this.files = files.in(db.schema());
        this.lockRetry = new LockRetry(db, attempts);
        this.flyway = new FlywaySetup(db, this.files, attempts);
        this.history = new FlywayHistory(db, this.files, flyway);
        this.record = new SchemaRecord(db, lockRetry::schema);
        this.contracts = new ContractPhase(this.files, history);
        this.runner = new MigrationRunner(db, this.files, lockRetry, history, db.out()::note, RunAgain.UP);
    }

    Database db() {
        return db;
    }

    MigrationFiles files() {
        return files;
    }

    LockRetry lockRetry() {
        return lockRetry;
    }

    public FlywayHistory history() {
        return history;
    }

    SchemaRecord record() {
        return record;
    }

    // -- looking

    /** Every migration that has a file or an entry in the history. */
    public List<Migration> all() throws SQLException {
        return history.all();
    }

    /** The schema's version, the highest that was applied whole, or null. */
    public String version() throws SQLException {
        return history.table().version();
    }

    /** The same as a name for the schema, which has one before the first migration too. */
    String recordedAs() throws SQLException {
        String version = version();
        return version == null ? "0" : version;
    }

    /** The files of applied migrations that are not what was applied; waits for another run to end. */
    public List<String> invalidFiles() throws SQLException {
        if (history.isRunning()) lock().close(); // what it is at looks as if it had failed
        return history.invalid(record.files());
    }

    /** From now on a migration that is older than the database's version and was never applied is pending, too. */
    public void allowOutOfOrder() {
        flyway.allowOutOfOrder();
    }

    /** Lets these versions run although they drop what older programs use; see {@link #due}. */
    public void allowContracts(List<String> versions) {
        contracts.allow(versions);
    }

    /** What {@link #up} may apply: what is pending, without what waits until older programs are gone. */
    public List<Migration> due(String to) throws SQLException {
        return contracts.due(pending(to));
    }

    /** What is pending and waits until somebody names it, and what comes behind it. */
    public List<Migration> waiting(String to) throws SQLException {
        List<Migration> waiting = new ArrayList<>(pending(to));
        waiting.removeAll(due(to));
        return waiting;
    }

    /**
     * What is not applied.
     *
     * @param to the version after which it stops, or null
     * @throws Failure (2) if a file begins or ends transactions itself, (21) if the history forbids to go on, (22) if
     *     applied files were changed
     */
    public List<Migration> pending(String to) throws SQLException {
        String rows = history.table().rows() + flyway.isOutOfOrder();
        if (plan != null && plan.rows.equals(rows) && String.valueOf(plan.to).equals(String.valueOf(to)))
            return plan.pending;
        if (to != null) history.mustKnow(to);
        List<String> invalid = invalidFiles();
        List<Migration> pending = history.pending(to);
        if (!invalid.isEmpty())
            throw Failure.findings(
                    String.join("; ", invalid),
                    "put the file back as it was applied and write a new migration; "
                            + "if only its text changed, 'avdaily-migrate repair' takes it over.");
        pending.stream().map(files::of).forEach(MigrationScript::mustLeaveTransactionsToUs);
        plan = new Plan(to, rows, pending);
        return pending;
    }

    /** The file of a migration that is pending. */
    public MigrationScript script(Migration m) {
        return files.of(m);
    }

    /** What {@link #up} would do, done and taken back; it waits for locks as up does. */
    public DryRun.Result dryRun(List<Migration> plan) throws SQLException {
        return rolledBack(c -> new DryRun(db, files, lockRetry).of(plan, c));
    }

    /**
     * Does {@code work} in a transaction that is rolled back, anew until it gets its locks. No other run of this
     * toolkit changes the schema meanwhile.
     */
    public <T> T rolledBack(Trial<T> work) throws SQLException {
        try (Lock lock = lock()) {
            lock.verify();
            return lockRetry.onConnection(c -> {
                c.setAutoCommit(false);
                T result = work.on(c);
                c.rollback();
                return result;
            });
        }
    }

    /** Makes the session of a {@link Trial} what it was at its beginning, as each file finds it. */
    public void renew(Connection c) throws SQLException {
        lockRetry.renew(c, LockRetry.LOCK_TIMEOUT);
    }

    // -- changing

    /** No other run of this toolkit changes the schema while it is held. */
    Lock lock() throws SQLException {
        return Lock.take(db, LOCK, lockRetry.attempts());
    }

    /**
     * Applies {@code shown}, what {@link #due} returned and the user agreed to, unless another run did so meanwhile.
     *
     * @return what was applied; nothing if nothing was pending any more
     * @throws Failure (21) if something else is pending by now, (23) if others hold the locks
     */
    public Result up(String to, List<Migration> shown) throws Exception {
        Instant start = Instant.now();
        if (shown.isEmpty()) return nothingDone();
        try (Lock lock = lock()) {
            List<Migration> plan = planAgain(to, shown);
            if (plan.isEmpty()) return nothingDone();
            lock.verify();
            HistoryTable.Mark mark = history.table().mark();
            return OperationLog.record(db, "migrate up", details -> {
                if (flyway.isOutOfOrder()) details.put("outOfOrder", true);
                apply(parts(plan), details);
                ProjectRecord.remember(db);
                List<Migration> applied = history.table().since(mark, plan);
                Duration took = Duration.between(start, Instant.now());
                return log(details, new Result(applied, version(), took, stopped()));
            });
        }
    }

    /** From now on no batch of a data migration begins after this time. */
    public void stopAt(Instant time) {
        runner.stopAt(time);
    }

    /** Whether what up would apply next is a data migration that has begun. */
    public boolean isHalfway() throws SQLException {
        List<Migration> due = due(null);
        return !due.isEmpty()
                && batches().stream().anyMatch(state -> state.version()
                        .equals(String.valueOf(due.get(0).version())));
    }

    /** From now on an interruption between or in batches is no failure: they go on another time. */
    public void handOver() {
        runner.handOver();
    }

    /** How far the data migrations are that have begun and are not done. */
    public List<BatchState> batches() throws SQLException {
        return history.halfway();
    }

    /** Whether it is certain that an {@link #up} that failed left the database as it was. */
    public boolean leftNothing() {
        return runner.leftNothing();
    }

    /** What is applied stays recorded, whatever becomes of the rest. */
    @SuppressWarnings("try") // the watch is there, no more
    private void apply(List<MigrationRun> runs, Map<String, Object> details) throws SQLException {
        try (Out.Ending watched = runner.watch()) {
            Optional<SchemaRecord.Moment> schema = record.moment(recordedAs());
            runner.begin();
            try {
                for (MigrationRun run : runs) {
                    Set<String> resumed = runner.apply(run, details);
                    if (runner.stopped().isPresent()) return;
                    schema = record(run.migrations(), schema.map(moment -> moment.without(resumed)));
                }
            } catch (SQLException | RuntimeException e) {
                runner.fail();
                throw e;
            }
            if (!runner.hasEnd()) return;
            try {
                runner.end();
            } finally {
                record(List.of(), schema);
            }
        }
    }

    /** The transactions, and files without one, in which {@code plan} runs. */
    public List<MigrationRun> parts(List<Migration> plan) {
        return MigrationRun.split(plan, files);
    }

    private Result nothingDone() throws SQLException {
        return new Result(List.of(), version(), Duration.ZERO);
    }

    private List<Migration> planAgain(String to, List<Migration> shown) throws SQLException {
        List<Migration> now = due(to);
        if (!now.isEmpty() && !allTitles(now).equals(allTitles(shown)))
            throw Failure.refused(
                    "another run changed the database meanwhile: pending now " + Migration.titles(now),
                    "look at it with 'avdaily-migrate status', then run up again.");
        return now;
    }

    private Optional<BatchState> stopped() throws SQLException {
        Optional<Migration> migration = runner.stopped();
        return migration.isEmpty()
                ? Optional.empty()
                : BatchStore.of(
                        db.connection(), db.recorded(migration.get().version().toString()));
    }

    private Result log(Map<String, Object> details, Result result) {
        details.put("applied", result.applied.stream().map(Migration::title).toList());
        result.stopped.ifPresent(state -> details.put("stopped", state.json()));
        details.put("version", result.version);
        return result;
    }

    /** Records the schema as the right one for the version that the history now says. */
    void recordAnew(List<Migration> applied) throws SQLException {
        record(applied, Optional.empty());
    }

    /**
     * Records the schema that {@code applied} left. What is done stays done if its schema cannot be recorded; validate
     * then builds what it compares with.
     *
     * @param before the schema before them; what differed then stays a difference
     */
    private Optional<SchemaRecord.Moment> record(List<Migration> applied, Optional<SchemaRecord.Moment> before)
            throws SQLException {
        String version = recordedAs();
        try {
            record.storeFiles(files.sums(applied));
            return Optional.of(record.store(version, before));
        } catch (SQLException | RuntimeException e) {
            out.note("It is done, but the schema of version " + version + " could not be recorded: "
                    + Failures.explain(e).getMessage());
            return Optional.empty();
        }
    }

    // -- on a scratch database: no lock, no log, no record

    /** Applies all migrations. */
    void build() throws SQLException {
        build(parts(pending(null)));
    }

    /** Applies all migrations up to {@code version}, then the repeatable ones. */
    void build(String version) throws SQLException {
        build(parts(pending(version)));
    }

    /** Applies all migrations up to {@code version}, and none of the repeatable ones. */
    void buildVersioned(String version) throws SQLException {
        build(MigrationRun.versioned(pending(version), files));
    }

    private void build(List<MigrationRun> runs) throws SQLException {
        MigrationRunner builder = builder();
        builder.begin();
        for (MigrationRun run : runs) builder.apply(run, new HashMap<>());
        if (!runs.isEmpty()) builder.end();
    }

    /** Applies this one, which is the next, and not what comes after the last. */
    void build(Migration next) throws SQLException {
        MigrationRunner builder = builder();
        builder.begin();
        for (MigrationRun run : parts(List.of(next))) builder.apply(run, new HashMap<>());
    }

    private static List<String> allTitles(List<Migration> migrations) {
        return migrations.stream().map(Migration::title).toList();
    }

    private MigrationRunner builder() {
        return new MigrationRunner(db, files, lockRetry, history, out::detail, RunAgain.TRIAL);
    }

    /** The schema as it is compared. */
    List<Schema.Item> schema() throws SQLException {
        return Schema.of(db, Schema.Options.DEFINITIONS).comparable();
    }
}
