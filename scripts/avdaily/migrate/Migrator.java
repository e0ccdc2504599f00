package avdaily.migrate;

import avdaily.base.Failure;
import avdaily.db.Database;
import avdaily.db.Failures;
import avdaily.db.Lock;
import avdaily.db.OperationLog;
import avdaily.schema.Schema;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.core.api.output.MigrateResult;
import org.flywaydb.core.internal.exception.FlywaySqlException;
import org.flywaydb.core.internal.sqlscript.SqlStatement;

/**
 * Brings one database forward with the migrations of one folder, which is Flyway's work; what the other engines of
 * migrate share.
 */
public final class Migrator {
    final Database db;
    final MigrationFiles files;
    final LockRetry patience;
    public final FlywayHistory history;
    final SchemaRecord record;
    private Plan plan;
    /** Of a file that failed outside a transaction: what became of each of its statements. */
    private List<String> halfway = List.of();

    /** What was pending when the history had these rows. */
    private record Plan(String to, String rows, List<Migration> pending) {}

    public Migrator(Database db, MigrationFiles files) {
        this(db, files, null);
    }

    /** @param lockAttempts how often to try for the locks of others, AVDAILY_LOCK_ATTEMPTS (12) where it is null */
    public Migrator(Database db, MigrationFiles files, Integer lockAttempts) {
        this.db = db;
        this.files = files;
        this.patience = new LockRetry(
                db, lockAttempts != null ? lockAttempts : db.settings().number("AVDAILY_LOCK_ATTEMPTS", 12));
        this.history = new FlywayHistory(db, files, patience.attempts());
        this.record = new SchemaRecord(db, () -> patience.connect(LockRetry.LOCK_TIMEOUT));
    }

    /** What an up or a rollback did. */
    public record Result(List<Migration> applied, String version, Duration took) {}

    public List<Migration> all() throws SQLException {
        return history.all();
    }

    /** The schema's version, the highest that was applied whole, or null. */
    public String version() throws SQLException {
        return history.version();
    }

    /** The same as a name for the schema, which has one also before the first migration. */
    String recordedAs() throws SQLException {
        String version = version();
        return version == null ? "0" : version;
    }

    /** The files of applied migrations that are not what was applied. */
    List<String> invalidFiles() throws SQLException {
        return history.invalid(record.files());
    }

    /**
     * What {@code up} would apply.
     *
     * @throws Failure (21) where the history forbids to go on, (22) where applied files were changed
     */
    public List<Migration> pending(String to) throws SQLException {
        String rows = FlywayHistory.rows(db.connection()) + history.isOutOfOrder();
        if (plan != null && plan.rows.equals(rows) && String.valueOf(plan.to).equals(String.valueOf(to)))
            return plan.pending;
        if (to != null) history.mustKnow(to);
        List<Migration> pending = history.pending(to);
        List<String> invalid = invalidFiles();
        if (!invalid.isEmpty())
            throw Failure.findings(
                    String.join("; ", invalid),
                    "put the file back as it was applied and write a new migration; if only its text changed, 'avdaily-migrate repair' takes it over.");
        pending.stream()
                .filter(Migration::transactional)
                .map(files::of)
                .forEach(MigrationScript::mustLeaveTransactionsToUs);
        plan = new Plan(to, rows, pending);
        return pending;
    }

    /**
     * Applies {@code plan}, as shown to the user, unless another run did so meanwhile.
     *
     * @return what was applied, nothing where nothing was pending
     */
    public Result up(String to, List<Migration> plan) throws Exception {
        Instant start = Instant.now();
        if (plan.isEmpty()) return new Result(List.of(), version(), Duration.ZERO);
        try (Lock lock = lock()) {
            List<Migration> now = pending(to);
            if (now.isEmpty()) return new Result(List.of(), version(), Duration.ZERO);
            if (!titles(now).equals(titles(plan)))
                throw Failure.refused(
                        "another run changed the database meanwhile: pending now " + titles(now),
                        "look at it with 'avdaily-migrate status', then run up again.");
            lock.verify();
            FlywayHistory.Mark old = history.mark();
            return OperationLog.record(db, "migrate up", details -> {
                Optional<SchemaRecord.Moment> before = patience.run(() -> record.moment(recordedAs()));
                if (history.isOutOfOrder()) details.put("outOfOrder", true);
                for (List<Migration> run : runs(now)) {
                    Set<String> resumed;
                    try {
                        resumed = apply(run, to, run.get(run.size() - 1) == now.get(now.size() - 1));
                    } catch (Failure e) {
                        if (!halfway.isEmpty())
                            details.put("halfway", Map.of("title", titles(run), "statements", halfway));
                        throw e;
                    }
                    before = record(before.map(moment -> moment.without(resumed)), run);
                }
                Result result = new Result(history.since(old, now), version(), Duration.between(start, Instant.now()));
                details.put("applied", now.stream().map(Migration::title).toList());
                details.put("version", result.version);
                return result;
            });
        }
    }

    /** No other run of ours changes the schema while it is held. */
    Lock lock() throws SQLException {
        return Lock.take(db, "migrate", patience.attempts());
    }

    /** What {@code up} would do, done and taken back; waits for locks as up does. */
    public DryRun.Result dryRun(List<Migration> plan) throws Exception {
        try (Lock lock = lock()) {
            lock.verify();
            return patience.run(() -> new DryRun(db, files).of(plan, patience.connect(LockRetry.LOCK_TIMEOUT)));
        }
    }

    /**
     * Does {@code work} in a transaction that is rolled back, anew until it gets its locks. No other run of ours
     * changes the schema meanwhile.
     */
    public <T> T rolledBack(Database.Work<T> work) throws Exception {
        try (Lock lock = lock()) {
            lock.verify();
            return patience.run(() -> {
                try (Connection c = patience.connect(LockRetry.LOCK_TIMEOUT)) {
                    c.setAutoCommit(false);
                    T result = work.on(c);
                    c.rollback();
                    return result;
                }
            });
        }
    }

    /** The file of a migration that is pending. */
    public MigrationScript script(Migration m) {
        return files.of(m);
    }

    /** Splits into runs that are one transaction each: what cannot run in a transaction runs by itself. */
    static List<List<Migration>> runs(List<Migration> plan) {
        List<List<Migration>> runs = new ArrayList<>();
        for (Migration m : plan) {
            boolean join = !runs.isEmpty()
                    && m.transactional()
                    && runs.get(runs.size() - 1).get(0).transactional();
            if (!join) runs.add(new ArrayList<>());
            runs.get(runs.size() - 1).add(m);
        }
        return runs;
    }

    /**
     * Applies all migrations up to {@code version}, or every one, to a scratch database: no lock, no log, no record.
     */
    void build(String version, boolean repeatable) throws Exception {
        List<List<Migration>> runs = runs(pending(version).stream()
                .filter(m -> repeatable || m.version() != null)
                .toList());
        for (List<Migration> run : runs) apply(run, version, repeatable && run == runs.get(runs.size() - 1));
    }

    /** The schema as it is compared. */
    List<Schema.Item> schema() throws SQLException {
        return Schema.of(db, Schema.Options.DEFINITIONS).comparable();
    }

    /** What is done stays, also where its schema cannot be recorded; validate then builds what it compares with. */
    Optional<SchemaRecord.Moment> record(Optional<SchemaRecord.Moment> before, List<Migration> applied)
            throws SQLException {
        String version = recordedAs();
        try {
            record.storeFiles(files.sums(applied));
            return Optional.of(patience.run(() -> record.store(version, before)));
        } catch (Exception e) {
            db.out()
                    .note("It is done, but the schema of version " + version + " could not be recorded: "
                            + Failures.explain(e).getMessage());
            return Optional.empty();
        }
    }

    /**
     * One run; the last one also runs the repeatable migrations.
     *
     * @return the indexes with which it went on where a run was killed
     */
    Set<String> apply(List<Migration> run, String to, boolean last) throws Exception {
        MigrationVersion newest = run.get(run.size() - 1).version();
        boolean toTheEnd = last && to == null;
        String until = newest == null ? to : newest.toString();
        FluentConfiguration configuration =
                history.configuration(toTheEnd ? null : until, last).validateOnMigrate(false); // that is done
        if (run.get(0).transactional()) {
            configuration.dataSource(Database.dataSource(() -> patience.connect(LockRetry.LOCK_TIMEOUT)));
            patience.run(() -> apply(run, configuration, null));
            return Set.of();
        }
        NonTransactionalRunner stepwise = new NonTransactionalRunner(patience, db);
        configuration.dataSource(Database.dataSource(stepwise::connect));
        try {
            apply(run, configuration, stepwise);
            return stepwise.resumed();
        } catch (Failure e) {
            if (e.kind == Failure.Kind.LOCKED && !stepwise.leavesSomething())
                history.forgetFailed(); // nothing came of it: there is no failure to be repaired
            throw e;
        }
    }

    /** @param stepwise what runs it outside a transaction, null in one */
    private MigrateResult apply(
            List<Migration> run, FluentConfiguration configuration, NonTransactionalRunner stepwise) {
        return history.guarded(
                () -> {
                    try {
                        return new Flyway(configuration).migrate();
                    } catch (FlywaySqlException e) {
                        if (stepwise != null
                                || !e.getMessage().startsWith("Unable to commit")
                                || !(e.getCause() instanceof SQLException sql)) throw e;
                        throw MigrationScript.uncommitted(
                                run.stream().map(files::of).toList(), sql, "nothing of " + titles(run) + " stays");
                    }
                },
                (script, cause) -> {
                    if (stepwise == null || LockRetry.isLock(cause) && !stepwise.leavesSomething())
                        return FlywayHistory.broken(
                                script, cause, "nothing of " + titles(run) + " stays", "run up again.");
                    reportHalfway(run.get(0), script.getLineNumber(), script.getStatement());
                    return FlywayHistory.broken(
                            script,
                            cause,
                            "it ran outside a transaction, so what it did before that line stays",
                            "see 'avdaily-migrate repair'; then up again.");
                });
    }

    private void reportHalfway(Migration m, int line, String sql) {
        List<SqlStatement> all = files.of(m).statements();
        int failed = 0;
        while (failed < all.size()
                && !(all.get(failed).getLineNumber() == line
                        && all.get(failed).getSql().equals(sql))) failed++;
        halfway = new ArrayList<>();
        for (int i = 0; i < all.size(); i++)
            halfway.add((i < failed ? "done     " : i == failed ? "failed   " : "not run  ") + "line "
                    + all.get(i).getLineNumber() + ": " + MigrationScript.brief(all.get(i)));
        db.out().note(m.title() + " stopped half-way:");
        halfway.forEach(statement -> db.out().note("  " + statement));
    }

    public static String titles(List<Migration> migrations) {
        return migrations.stream().map(Migration::title).collect(Collectors.joining(", "));
    }
}
