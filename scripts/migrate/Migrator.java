import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationState;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.core.api.output.ValidateOutput;
import org.flywaydb.core.api.output.ValidateResult;
import org.flywaydb.core.internal.info.MigrationInfoImpl;
import org.flywaydb.core.internal.jdbc.JdbcTemplate;
import org.flywaydb.core.internal.parser.ParsingContext;
import org.flywaydb.core.internal.sqlscript.FlywaySqlScriptException;
import org.flywaydb.core.internal.sqlscript.ParserSqlScript;
import org.flywaydb.core.internal.sqlscript.SqlStatement;
import org.flywaydb.core.internal.sqlscript.SqlStatementIterator;
import org.flywaydb.database.postgresql.PostgreSQLConfigurationExtension;
import org.flywaydb.database.postgresql.PostgreSQLCopyParsedStatement;
import org.flywaydb.database.postgresql.PostgreSQLParser;
import org.postgresql.util.PSQLException;

/** The migrations of one folder on one database. Going forward is Flyway's work, going back is ours. */
final class Migrator {
    private static final String HISTORY = "flyway_schema_history";
    private static final Map<Integer, String> DRIZZLE_STEPS = Map.of(1, "6", 2, "7", 3, "8");
    /** The key of Flyway's own advisory lock, of org.flywaydb.database.postgresql.PostgreSQLAdvisoryLockTemplate. */
    private static final long FLYWAY_LOCK = 77431708279161L + "\"public\".\"flyway_schema_history\"".hashCode();

    /** At the start of a statement, behind comments; ROLLBACK TO a savepoint is no end. */
    private static final Pattern TRANSACTION_CONTROL = Pattern.compile("(?is)(?:\\s|--[^\\n]*\\n|/\\*.*?\\*/)*(?:BEGIN|START\\s+TRANSACTION|COMMIT|END|ABORT|PREPARE\\s+TRANSACTION|ROLLBACK(?!\\s+(?:WORK\\s+|TRANSACTION\\s+)?TO))\\b");

    private final Database db;
    private final MigrationFiles files;
    private final Patience patience;
    private final SchemaRecord record;
    private boolean isOutOfOrder;
    /** Of a file that failed outside a transaction: what became of each of its statements. */
    private List<String> halfway = List.of();

    Migrator(Database db, MigrationFiles files) {
        this(db, files, null);
    }

    /** @param lockAttempts how often to try for the locks of others, AVDAILY_LOCK_ATTEMPTS (12) where it is null */
    Migrator(Database db, MigrationFiles files, Integer lockAttempts) {
        this.db = db;
        this.files = files;
        this.patience = new Patience(db, lockAttempts != null ? lockAttempts : Settings.number("AVDAILY_LOCK_ATTEMPTS", 12));
        this.record = new SchemaRecord(db, () -> patience.connect(Patience.BRIEFLY));
    }

    /** What an up or a rollback did. */
    record Result(List<Migration> applied, String version, Duration took) {}

    /** What is wrong with the files, and with the schema. */
    record Validation(List<String> files, Drift drift) {
        List<String> findings() {
            return Stream.concat(files.stream(), drift.titles().stream()).toList();
        }
    }

    /** Something that happened to the schema. */
    record Event(Instant at, String what, String version, String description, String by, Integer tookMs) {
        List<String> cells() {
            return Arrays.asList(Migration.time(at), what, version, description, by, tookMs == null ? null : Out.duration(Duration.ofMillis(tookMs)));
        }

        Map<String, Object> json() {
            return Out.object("at", at.toString(), "what", what, "version", version, "description", description, "by", by, "ms", tookMs);
        }
    }

    /** From here on, what is older than the database's version is pending and not passed over. */
    void allowOutOfOrder() {
        isOutOfOrder = true;
    }

    // -- looking

    List<Migration> all() throws SQLException {
        Set<String> undone = undoneVersions();
        return Stream.of(guarded(() -> flyway(null, true).info().all())).map(info -> migration(info, undone)).toList();
    }

    /** The schema's version, the highest that was applied whole, or null. */
    String version() {
        return Stream.of(guarded(() -> flyway(null, true).info().applied())).filter(info -> info.getVersion() != null && !info.getState().isFailed())
                .map(MigrationInfo::getVersion).max(Comparator.naturalOrder()).map(MigrationVersion::toString).orElse(null);
    }

    /**
     * What {@code up} would apply.
     *
     * @throws Failure (21) where the history forbids to go on, (22) where applied files were changed
     */
    List<Migration> pending(String to) throws SQLException {
        if (to != null) mustKnow(to);
        MigrationInfo[] all = guarded(() -> flyway(to, true).info().all());
        refuse(all, "failed half-way in an earlier run", "clean up what it left, then 'avdaily-migrate repair', then up again.",
                MigrationState.FAILED, MigrationState.MISSING_FAILED, MigrationState.FUTURE_FAILED);
        refuse(all, "older than the database's version but never applied", "give it a version above the newest one, so that it runs everywhere, or run it all the same: up --out-of-order.",
                MigrationState.IGNORED);
        if (!hasHistory() && hasRelations())
            throw unmanaged();
        List<String> invalid = checksums("*:pending");
        if (!invalid.isEmpty())
            throw Failure.findings(String.join("; ", invalid),
                    "put the file back as it was applied and write a new migration; if only its text changed, 'avdaily-migrate repair' takes it over.");
        List<Migration> pending = Stream.of(all).filter(info -> info.getState() == MigrationState.PENDING).map(info -> migration(info, Set.of())).toList();
        pending.stream().filter(m -> m.version() != null && m.transactional()).forEach(m -> files.forward(m.version()).ifPresent(Migrator::mustLeaveTransactionsToUs));
        return pending;
    }

    /** A file that begins or ends transactions itself would tear ours apart, and what failed could not be undone; what can be in none would fail late. */
    private static void mustLeaveTransactionsToUs(Path script) {
        for (SqlStatement statement : statements(script)) {
            if (TRANSACTION_CONTROL.matcher(statement.getSql()).lookingAt())
                throw Failure.usage(script.getFileName() + " line " + statement.getLineNumber() + " begins or ends a transaction itself, so nothing could be undone as a whole",
                        "take BEGIN, COMMIT and the like out of the file: it runs in a transaction anyway.");
            if (statement.canExecuteInTransaction() && isConcurrent(statement))
                throw Failure.usage(script.getFileName() + " line " + statement.getLineNumber() + " cannot run in a transaction, but Flyway takes it for a statement that can: " + brief(statement),
                        "write it without CONCURRENTLY, or run it by hand: to rebuild an index is no change of the schema.");
        }
    }

    /** What works concurrently and is not among the statements of which Flyway knows that they do. */
    private static boolean isConcurrent(SqlStatement statement) {
        List<SqlFile.Word> words = SqlFile.Word.of(statement.getSql(), 30);
        return words.stream().anyMatch(word -> word.is("concurrently"))
                && (words.get(0).is("reindex") || words.get(0).is("alter") && words.stream().anyMatch(word -> word.is("detach")));
    }

    private static void refuse(MigrationInfo[] all, String why, String next, MigrationState... states) {
        List<String> titles = Stream.of(all).filter(info -> List.of(states).contains(info.getState())).map(info -> migration(info, Set.of()).title()).toList();
        if (!titles.isEmpty()) throw Failure.refused(String.join(", ", titles) + ": " + why, next);
    }

    /** The newest {@code steps} migrations, newest first. */
    List<Migration> undoable(int steps) throws SQLException {
        if (steps < 1) throw Failure.usage("--steps is " + steps, "name a number from 1 on.");
        List<Migration> applied = appliedNewestFirst();
        if (steps > applied.size())
            throw Failure.usage("there are only " + Out.count(applied.size(), "migration") + " to undo on " + db, "name a smaller number, or --to 0 for all.");
        return withUndoScripts(applied.subList(0, steps));
    }

    /** All migrations after {@code to}, newest first. */
    List<Migration> undoableTo(String to) throws SQLException {
        MigrationVersion target = version(to);
        List<Migration> applied = appliedNewestFirst();
        String current = version();
        boolean known = to.equals("0") ? baseline() == null : target.equals(baseline()) || applied.stream().anyMatch(m -> m.version().equals(target));
        if (!known)
            throw Failure.usage("version " + to + " is not applied on " + db + (current == null ? "" : ", which is at version " + current),
                    baseline() == null ? "name an applied version, or 0 to undo all." : "name an applied version; nothing before the baseline, " + baseline() + ", can be undone.");
        return withUndoScripts(applied.stream().filter(m -> m.version().compareTo(target) > 0).toList());
    }

    private List<Migration> appliedNewestFirst() {
        return Stream.of(guarded(() -> flyway(null, true).info().applied()))
                .filter(info -> info.getVersion() != null && info.getState().isApplied() && !info.getState().isFailed() && !info.getType().isBaseline())
                .sorted(Comparator.comparing(MigrationInfo::getInstalledRank).reversed()).map(info -> migration(info, Set.of())).toList();
    }

    private MigrationVersion baseline() {
        return Stream.of(guarded(() -> flyway(null, true).info().applied())).filter(info -> info.getType().isBaseline())
                .map(MigrationInfo::getVersion).findFirst().orElse(null);
    }

    private List<Migration> withUndoScripts(List<Migration> plan) {
        List<String> missing = plan.stream().filter(m -> files.undo(m.version()).isEmpty()).map(m -> "U" + m.version()).toList();
        if (!missing.isEmpty())
            throw Failure.refused("there is no undo script " + String.join(", ", missing) + ", so nothing was undone", "write it, or restore a backup.");
        for (Migration m : plan) {
            mustLeaveTransactionsToUs(files.undo(m.version()).get());
            for (SqlStatement statement : statements(files.undo(m.version()).get())) {
                if (statement instanceof PostgreSQLCopyParsedStatement)
                    throw Failure.refused("U" + m.version() + " line " + statement.getLineNumber() + " reads rows with COPY FROM STDIN, which an undo script cannot", "write them as INSERT.");
                if (!statement.canExecuteInTransaction())
                    throw Failure.refused("U" + m.version() + " line " + statement.getLineNumber() + " cannot run in a transaction, so it could not be undone as a whole",
                            "write it in a form that can, as in DROP INDEX without CONCURRENTLY.");
            }
        }
        return plan;
    }

    List<Event> history() throws SQLException {
        List<Event> events = new ArrayList<>();
        for (Migration m : all())
            if (m.appliedAt() != null) events.add(new Event(m.appliedAt(), m.state(), m.version() == null ? "R" : m.version().toString(), m.description(), m.appliedBy(), m.tookMs()));
        if (hasOperations())
            events.addAll(Database.list(db.connection(), """
                    SELECT o.started_at, u ->> 'version', u ->> 'description', o.who || '@' || o.host, u ->> 'appliedAt', u ->> 'appliedBy', (u ->> 'ms')::int,
                           (extract(epoch FROM o.duration) * 1000)::int
                    FROM avdaily_ops.operation o, jsonb_array_elements(o.details -> 'undone') u
                    WHERE o.command = 'migrate rollback' AND o.outcome = 'done'""",
                    row -> List.of(new Event(Instant.parse(row.getString(5)), "applied", row.getString(2), row.getString(3), row.getString(6), row.getInt(7)),
                            new Event(row.getTimestamp(1).toInstant(), "rolled back", row.getString(2), row.getString(3), row.getString(4), row.getInt(8))))
                    .stream().flatMap(List::stream).toList());
        return events.stream().sorted(Comparator.comparing(Event::at)).toList();
    }

    // -- changing

    /**
     * Applies {@code plan}, as shown to the user, unless another run did so meanwhile.
     *
     * @return what was applied, nothing where nothing was pending
     */
    Result up(String to, List<Migration> plan) throws Exception {
        Instant start = Instant.now();
        if (plan.isEmpty()) return new Result(List.of(), version(), Duration.ZERO);
        try (Lock lock = Lock.take(db, "migrate", patience.attempts())) {
            List<Migration> now = pending(to);
            if (now.isEmpty()) return new Result(List.of(), version(), Duration.ZERO);
            if (!titles(now).equals(titles(plan)))
                throw Failure.refused("another run changed the database meanwhile: pending now " + titles(now), "look at it with 'avdaily-migrate status', then run up again.");
            lock.verify();
            Operation.record(db, "migrate up", details -> {
                Optional<SchemaRecord.Moment> before = patience.until(() -> record.moment(name(version())));
                if (isOutOfOrder) details.put("outOfOrder", true);
                for (List<Migration> run : runs(now)) {
                    Set<String> resumed;
                    try {
                        resumed = apply(run, to, run.get(run.size() - 1) == now.get(now.size() - 1));
                    } catch (Failure e) {
                        if (!halfway.isEmpty()) details.put("halfway", Map.of("title", titles(run), "statements", halfway));
                        throw e;
                    }
                    before = record(before.map(moment -> moment.without(resumed)), run);
                }
                details.put("applied", now.stream().map(Migration::title).toList());
                return details.put("version", version());
            });
            List<MigrationVersion> versions = now.stream().map(Migration::version).toList();
            List<Migration> applied = all().stream().filter(m -> versions.contains(m.version()) && m.appliedAt() != null).toList();
            return new Result(applied, version(), Duration.between(start, Instant.now()));
        }
    }

    /** What {@code up} would do, done and taken back; waits for locks as up does. */
    DryRun.Result dryRun(List<Migration> plan) throws Exception {
        try (Lock lock = Lock.take(db, "migrate", patience.attempts())) {
            lock.verify();
            return patience.until(() -> new DryRun(db, files).of(plan, patience.connect(Patience.BRIEFLY)));
        }
    }

    /** Traces the pending migrations on the database itself, in transactions that are taken back. */
    void lintOnTarget(Lint lint, List<Migration> plan) throws Exception {
        try (Lock lock = Lock.take(db, "migrate", patience.attempts())) {
            lock.verify();
            List<Path> traced = plan.stream().filter(Migration::transactional).map(files::of).toList();
            patience.until(() -> {
                try (Connection c = patience.connect(Patience.BRIEFLY)) {
                    lint.begin();
                    lint.transaction(c, traced);
                    c.rollback();
                    return null;
                }
            });
            plan.stream().filter(m -> !m.transactional()).forEach(m -> lint.untraced(files.of(m)));
        }
    }

    /** Traces on a scratch database the pending migrations as up would run them, or those of a range or given files each by itself. */
    void lintOnScratch(Lint lint, String from, String to, List<Path> given) throws SQLException {
        MigrationVersion first = from == null ? null : version(from);
        MigrationVersion last = to == null ? null : version(to);
        List<List<Path>> transactions;
        if (!given.isEmpty()) {
            transactions = given.stream().map(List::of).toList();
            first = given.stream().map(MigrationFiles::version).filter(v -> v != null && files.forward(v).isPresent()).min(Comparator.naturalOrder()).orElse(null);
        } else if (first != null) {
            MigrationVersion begin = first;
            transactions = files.forward().stream().filter(file -> MigrationFiles.version(file).compareTo(begin) >= 0 && (last == null || MigrationFiles.version(file).compareTo(last) <= 0)).map(List::of).toList();
        } else {
            List<Migration> plan = all().stream().filter(m -> m.isPending() && (last == null || m.version() != null && m.version().compareTo(last) <= 0)).toList();
            transactions = runs(plan).stream().map(run -> run.stream().map(files::of).toList()).toList();
            first = plan.stream().map(Migration::version).filter(v -> v != null).findFirst().orElse(null);
        }
        MigrationVersion before = first;
        List<Path> base = files.forward().stream().filter(file -> before == null || MigrationFiles.version(file).compareTo(before) < 0).toList();
        if (!transactions.isEmpty()) trace(lint, base, transactions);
    }

    /** The files of a list are one transaction. */
    private void trace(Lint lint, List<Path> base, List<List<Path>> transactions) throws SQLException {
        try (Scratch scratch = Scratch.beside(db); Connection c = scratch.database().connect()) {
            for (Path file : base) runAlone(c, file);
            for (List<Path> transaction : transactions) {
                if (statements(transaction.get(0)).stream().allMatch(SqlStatement::canExecuteInTransaction)) {
                    lint.transaction(c, transaction);
                    c.commit();
                } else if (!lint.mixes(transaction.get(0))) {
                    lint.byItself(c, transaction.get(0));
                }
            }
        }
    }

    private static void runAlone(Connection c, Path file) throws SQLException {
        List<SqlStatement> statements = statements(file);
        c.setAutoCommit(!statements.stream().allMatch(SqlStatement::canExecuteInTransaction));
        for (SqlStatement statement : statements) {
            try {
                execute(c, statement);
            } catch (SQLException e) {
                throw broken(file.getFileName().toString(), statement.getLineNumber(), statement.getSql(), e, "the scratch database could not be brought to the state before", "try again.");
            }
        }
        if (!c.getAutoCommit()) c.commit();
    }

    private static String name(String version) {
        return version == null ? "0" : version;
    }

    /** What is done stands, also where its schema cannot be recorded; validate then builds what it compares with. */
    private Optional<SchemaRecord.Moment> record(Optional<SchemaRecord.Moment> before, List<Migration> applied) {
        try {
            record.storeFiles(files.sums(applied));
            return Optional.of(patience.until(() -> record.store(name(version()), before)));
        } catch (Exception e) {
            Out.note("It is done, but the schema of version " + name(version()) + " could not be recorded: " + Failures.explain(e).getMessage());
            return Optional.empty();
        }
    }

    /**
     * One run; the last one also runs the repeatable migrations.
     *
     * @return the indexes with which it went on where a run was killed
     */
    private Set<String> apply(List<Migration> run, String to, boolean last) throws Exception {
        MigrationVersion newest = run.get(run.size() - 1).version();
        boolean toTheEnd = last && to == null;
        String until = newest == null ? to : newest.toString();
        FluentConfiguration configuration = configuration(toTheEnd ? null : until, last);
        if (run.get(0).transactional()) {
            configuration.dataSource(Database.dataSource(() -> patience.connect(Patience.BRIEFLY)));
            patience.until(() -> applying(run, null, () -> new Flyway(configuration).migrate()));
            return Set.of();
        }
        Stepwise stepwise = new Stepwise(patience, db);
        configuration.dataSource(Database.dataSource(stepwise::connect));
        try {
            applying(run, stepwise, () -> new Flyway(configuration).migrate());
            return stepwise.resumed();
        } catch (Failure e) {
            if (e.code == Exit.LOCKED && !stepwise.leavesSomething()) forget(run.get(0)); // nothing came of it: there is no failure to be repaired
            throw e;
        }
    }

    private void forget(Migration failed) throws SQLException {
        Database.update(db.connection(), "DELETE FROM " + HISTORY + " WHERE NOT success AND version = ?", failed.version().toString());
    }

    /** Splits into runs that are one transaction each: what cannot run in a transaction runs by itself. */
    static List<List<Migration>> runs(List<Migration> plan) {
        List<List<Migration>> runs = new ArrayList<>();
        for (Migration m : plan) {
            boolean join = !runs.isEmpty() && m.transactional() && runs.get(runs.size() - 1).get(0).transactional();
            if (!join) runs.add(new ArrayList<>());
            runs.get(runs.size() - 1).add(m);
        }
        return runs;
    }

    /** Runs the U scripts of {@code plan} and takes their rows out of Flyway's history, all in one transaction. */
    Result rollback(List<Migration> plan, Losses losses, boolean archive) throws Exception {
        Instant start = Instant.now();
        if (plan.isEmpty()) return new Result(List.of(), version(), Duration.ZERO);
        try (Lock lock = Lock.take(db, "migrate", patience.attempts())) {
            if (!appliedNewestFirst().stream().limit(plan.size()).toList().equals(plan))
                throw Failure.refused("another run changed the database meanwhile", "look at it with 'avdaily-migrate status', then run rollback again.");
            lock.verify();
            Operation.record(db, "migrate rollback", details -> {
                UUID run = patience.until(() -> undo(plan, losses, archive));
                record(Optional.empty(), List.of());
                details.put("lost", losses.all().stream().map(Losses.Loss::json).toList());
                details.put("archivedAs", run);
                details.put("undone", plan.stream().map(Migration::json).toList());
                return details.put("version", version());
            });
            return new Result(plan, version(), Duration.between(start, Instant.now()));
        }
    }

    /** Takes the entries of migrations that failed half-way out of the history, once what they left is cleared away. */
    void forgetFailed() throws SQLException {
        if (hasHistory()) Database.update(db.connection(), "DELETE FROM public." + HISTORY + " WHERE NOT success");
    }

    private UUID undo(List<Migration> plan, Losses losses, boolean archive) throws SQLException {
        try (Connection c = patience.connect(Patience.BRIEFLY)) {
            c.setAutoCommit(false);
            UUID run = undo(c, plan, losses, archive);
            c.commit();
            return run;
        }
    }

    private UUID undo(Connection c, List<Migration> plan, Losses losses, boolean archive) throws SQLException {
        if (!Database.one(c, "SELECT pg_try_advisory_xact_lock(?)", Boolean.class, FLYWAY_LOCK))
            throw Failure.locked("Flyway itself is at work on " + db, "wait until it is done; nothing was changed.");
        return losses.undo(c, plan, this::undo, archive);
    }

    private void undo(Connection c, Migration m) throws SQLException {
        Path script = files.undo(m.version()).get();
        for (SqlStatement statement : statements(script)) {
            try (var s = c.createStatement()) {
                s.execute(statement.getSql());
            } catch (SQLException e) {
                throw broken(script.getFileName().toString(), statement.getLineNumber(), statement.getSql(), e,
                        "nothing was changed: no migration of this run is undone", "run rollback again.");
            }
        }
        Database.update(c, "DELETE FROM " + HISTORY + " WHERE version = ?", m.version().toString());
    }

    /** What undoing {@code plan} would lose: it is done, looked at and taken back. */
    Losses losses(List<Migration> plan) throws Exception {
        if (plan.isEmpty()) return Losses.NONE;
        return patience.until(() -> {
            try (Connection c = patience.connect(Patience.BRIEFLY)) {
                return Losses.of(c, plan, this::undo);
            }
        });
    }

    /**
     * An undo script takes back what its migration made; on a schema that somebody changed since it may take more.
     *
     * @throws Failure (22) where the schema is not as the last run left it
     */
    void mustBeAsRecorded() throws Exception {
        Optional<SchemaRecord.Moment> moment = patience.until(() -> record.moment(name(version())));
        if (moment.isEmpty()) Out.note("No schema is recorded for this history of " + db + ", so a change by hand since then would not be seen.");
        Drift drift = recordedDrift(moment);
        if (!drift.isEmpty())
            throw Failure.findings("the schema of " + db + " is not what version " + version() + " left: " + String.join(", ", drift.titles()),
                    "take that back ('avdaily-migrate validate' shows it), or accept it with 'avdaily-migrate repair --accept-drift'; then run rollback again.");
    }

    /** What undoing one migration, or doing it again, left different. */
    record Proof(Migration migration, boolean hasUndo, Drift undone, Drift again) {
        boolean isExact() {
            return hasUndo && undone.isEmpty() && again.isEmpty();
        }
    }

    /** Goes up, down and up again over every version on a scratch database. */
    List<Proof> proveUndo() throws Exception {
        try (Scratch scratch = Scratch.beside(db); Database trial = scratch.database()) {
            Migrator other = new Migrator(trial, files);
            List<Proof> proofs = new ArrayList<>();
            for (Migration m : other.pending(null))
                if (m.version() != null) proofs.add(other.prove(m));
            return proofs;
        }
    }

    Proof prove(Migration m) throws Exception {
        List<Schema.Item> before = schema();
        apply(List.of(m), m.version().toString(), false);
        if (files.undo(m.version()).isEmpty()) return new Proof(m, false, new Drift(List.of()), new Drift(List.of()));
        List<Schema.Item> after = schema();
        List<Migration> one = withUndoScripts(List.of(m));
        db.inTransaction(c -> undo(c, one, losses(one), false));
        Drift undone = Drift.between(before, schema());
        apply(one, m.version().toString(), false);
        return new Proof(m, true, undone, Drift.between(after, schema()));
    }

    /** Applies all migrations up to {@code version}, or every one, to a scratch database: no lock, no log, no record. */
    void build(String version, boolean repeatable) throws Exception {
        List<List<Migration>> runs = runs(pending(version).stream().filter(m -> repeatable || m.version() != null).toList());
        for (List<Migration> run : runs) apply(run, version, repeatable && run == runs.get(runs.size() - 1));
    }

    /** Makes Flyway's history and nothing else. */
    void beginHistory() {
        guarded(() -> new Flyway(configuration(null, true).baselineVersion("0")).baseline());
    }

    /** Runs a file on a scratch database as it stands. */
    void run(Path script) throws SQLException {
        for (SqlStatement statement : statements(script)) {
            try (var s = db.connection().createStatement()) {
                s.execute(statement.getSql());
            } catch (SQLException e) {
                throw broken(script.getFileName().toString(), statement.getLineNumber(), statement.getSql(), e, "it was tried on a scratch database, so nothing was changed", "run it again.");
            }
        }
    }

    private List<Schema.Item> schema() throws SQLException {
        return Schema.of(db, Schema.Options.DEFINITIONS).comparable();
    }

    /** The files against their checksums, then the schema against the recorded one, or with {@code rebuild} against one that the migrations make on a scratch database. */
    Validation validate(boolean rebuild) throws Exception {
        List<String> findings = new ArrayList<>(checksums("*:pending"));
        String version = version();
        if (version == null) return new Validation(findings, new Drift(List.of()));
        if (files.latest().isEmpty() || files.latest().get().compareTo(version(version)) < 0)
            throw Failure.findings(db + " is at version " + version + ", which is newer than the newest migration file", "use the migrations that made it.");
        Optional<SchemaRecord.Recorded> recorded = rebuild ? Optional.empty() : record.of(version);
        if (recorded.isPresent()) {
            int server = SchemaRecord.server(db.connection());
            if (recorded.get().server() == server)
                return new Validation(findings, Drift.between(recorded.get().items(), Schema.of(() -> patience.connect(Patience.AT_LEISURE), Schema.Options.DEFINITIONS).comparable()));
            findings.add("the schema of version " + version + " was recorded on PostgreSQL " + recorded.get().server() + ", this is " + server
                    + ": cannot compare; 'avdaily-migrate validate --rebuild' compares with the migrations, 'avdaily-migrate repair --accept-drift' records it anew");
            return new Validation(findings, new Drift(List.of()));
        }
        if (!rebuild) Out.note("No schema is recorded for this history of " + db + " (it was restored, or another program migrated it): it is compared with what the migrations make."
                + " 'avdaily-migrate repair --accept-drift' records it.");
        boolean canRebuild = findings.isEmpty() || files.forward(version(version)).isPresent();
        return new Validation(findings, canRebuild ? difference(version) : new Drift(List.of()));
    }

    /** How the live schema differs from what the migrations up to {@code version} make; roles, where both are on one server. */
    Drift difference(String version) throws Exception {
        try (Scratch scratch = Scratch.beside(db); Database rebuilt = scratch.database()) {
            boolean hasRepeatable = Stream.of(guarded(() -> flyway(null, true).info().applied())).anyMatch(info -> info.getVersion() == null);
            new Migrator(rebuilt, files).build(version, hasRepeatable);
            Schema.Options options = new Schema.Options(Set.of(Schema.OWN), false, rebuilt.url().hosts().equals(db.url().hosts()), false);
            return Drift.between(Schema.of(rebuilt, options).comparable(), Schema.of(db, options).comparable());
        } catch (Failure e) {
            throw new Failure(e.code, "the schema could not be compared: the scratch database in which the migrations are tried could not be built: " + e.getMessage(),
                    "give the scratch server what the migrations need (roles, extensions); it is the database's own server where the role may create databases, else the local one.", e);
        }
    }

    private List<String> checksums(String... ignored) {
        ValidateResult result = guarded(() -> new Flyway(configuration(null, true).ignoreMigrationPatterns(ignored)).validateWithResult());
        List<String> findings = new ArrayList<>(result.invalidMigrations.stream().map(Migrator::finding).toList());
        if (findings.isEmpty()) findings.addAll(rewrapped());
        return findings;
    }

    /** Flyway's checksum is blind for line breaks, and so for a statement that was joined to the comment before it. */
    private List<String> rewrapped() {
        try {
            Map<String, String> noted = record.files();
            if (noted.isEmpty()) return List.of();
            return Stream.of(flyway(null, true).info().all())
                    .filter(info -> info.getState() == MigrationState.SUCCESS || info.getState() == MigrationState.OUT_OF_ORDER)
                    .filter(info -> noted.containsKey(info.getScript()) && files.sum(info.getScript()).filter(sum -> !sum.equals(noted.get(info.getScript()))).isPresent())
                    .map(info -> migration(info, Set.of()).title() + ": its file was changed after it was applied, in its line breaks").toList();
        } catch (SQLException e) {
            throw Failures.explain(e);
        }
    }

    private static String finding(ValidateOutput invalid) {
        String title = invalid.version == null || invalid.version.isEmpty() ? "R " + invalid.description : "V" + invalid.version + " " + invalid.description;
        return title + ": " + switch (String.valueOf(invalid.errorDetails.errorCode)) {
            case "CHECKSUM_MISMATCH" -> "its file was changed after it was applied";
            case "APPLIED_VERSIONED_MIGRATION_NOT_RESOLVED", "APPLIED_REPEATABLE_MIGRATION_NOT_RESOLVED" -> "it is applied, but its file is gone";
            case "DESCRIPTION_MISMATCH" -> "its file was renamed after it was applied";
            case "FAILED_VERSIONED_MIGRATION", "FAILED_REPEATABLE_MIGRATION" -> "it failed half-way";
            case "RESOLVED_VERSIONED_MIGRATION_NOT_APPLIED" -> "it is older than the database's version but was never applied";
            default -> invalid.errorDetails.errorMessage.lines().findFirst().orElse("");
        };
    }

    /** What {@code repair} would do. */
    List<String> repairs() throws SQLException {
        if (!hasHistory()) return List.of();
        return checksums("*:pending").stream().map(finding -> finding + " -> the history will agree with the files").toList();
    }

    /** What differs from the recorded schema, nothing where none is recorded; for {@link #acceptDrift}. */
    Drift recordedDrift() throws SQLException {
        return recordedDrift(record.moment(name(version())));
    }

    private static Drift recordedDrift(Optional<SchemaRecord.Moment> moment) {
        return moment.map(m -> Drift.between(m.expected(), m.live())).orElse(new Drift(List.of()));
    }

    /** What became of the statements of the migration that failed half-way, as the run that failed saw it; nothing where none did. */
    List<String> halfway() throws SQLException {
        if (!hasOperations() || all().stream().noneMatch(m -> m.state().equals("failed"))) return List.of();
        return Database.list(db.connection(), """
                SELECT s FROM (SELECT details -> 'halfway' -> 'statements' AS statements FROM avdaily_ops.operation WHERE details ?? 'halfway' ORDER BY id DESC LIMIT 1) o,
                  jsonb_array_elements_text(o.statements) s""", row -> row.getString(1));
    }

    /** The migration that failed was brought to its end by hand. */
    void countAsApplied() throws Exception {
        try (Lock lock = Lock.take(db, "migrate")) {
            lock.verify();
            Operation.record(db, "migrate repair", details -> {
                List<Migration> failed = all().stream().filter(m -> m.state().equals("failed")).toList();
                details.put("countedAsApplied", failed.stream().map(Migration::title).toList());
                Database.update(db.connection(), "UPDATE " + HISTORY + " SET success = true WHERE NOT success");
                return record(Optional.empty(), failed); // what is there now is what the end by hand left
            });
        }
    }

    void repair(List<String> plan, boolean acceptDrift) throws Exception {
        try (Lock lock = Lock.take(db, "migrate", patience.attempts())) {
            lock.verify();
            Operation.record(db, "migrate repair", details -> {
                details.put("repaired", plan);
                boolean isRecorded = record.of(name(version())).isPresent();
                guarded(() -> flyway(null, true).repair());
                record.storeFiles(files.sums());
                if (acceptDrift) record.store(name(version()), Optional.empty());
                else if (isRecorded) record.keep(name(version()));
                return null;
            });
        }
    }

    /** Where the database stands by the journal of drizzle, which made it. */
    String drizzleVersion() throws SQLException {
        if (Database.one(db.connection(), "SELECT to_regclass('drizzle.__drizzle_migrations') IS NULL", Boolean.class))
            throw Failure.usage("there is no drizzle.__drizzle_migrations on " + db, "check DATABASE_URL, or name the version: baseline --version V.");
        int steps = Database.one(db.connection(), "SELECT count(*)::int FROM drizzle.__drizzle_migrations", Integer.class);
        if (!DRIZZLE_STEPS.containsKey(steps))
            throw Failure.refused("drizzle's journal on " + db + " has " + Out.count(steps, "row") + "; 1, 2 or 3 steps are known",
                    "find out which version the schema has, and name it: baseline --version V.");
        return DRIZZLE_STEPS.get(steps);
    }

    /** @throws Failure where the database cannot be given a baseline at {@code version} */
    void checkBaseline(String version) throws SQLException {
        MigrationInfo[] all = guarded(() -> flyway(null, true).info().all());
        if (hasHistory() && Stream.of(all).anyMatch(info -> info.getInstalledRank() != null))
            throw Failure.refused(db + " has a migration history already, at version " + version(), "see 'avdaily-migrate history'; 'avdaily-migrate up' goes on from there.");
        mustKnow(version);
    }

    private void mustKnow(String version) {
        if (Stream.of(guarded(() -> flyway(null, true).info().all())).noneMatch(info -> version(version).equals(info.getVersion())))
            throw Failure.usage("there is no version " + version + " among the migrations", "'avdaily-migrate status' lists them.");
    }

    void baseline(String version) throws Exception {
        try (Lock lock = Lock.take(db, "migrate", patience.attempts())) {
            lock.verify();
            Operation.record(db, "migrate baseline", details -> {
                details.put("version", version);
                guarded(() -> new Flyway(configuration(null, true).baselineVersion(version).baselineDescription("adopted")).baseline());
                return record(Optional.empty(), List.of());
            });
        }
    }

    // -- Flyway

    private Flyway flyway(String target, boolean repeatable) {
        return new Flyway(configuration(target, repeatable));
    }

    private FluentConfiguration configuration(String target, boolean repeatable) {
        FluentConfiguration configuration = Flyway.configure().dataSource(db.dataSource()).resourceProvider(files.provider(repeatable)).locations(new String[0])
                .defaultSchema("public").table(HISTORY).group(true).outOfOrder(isOutOfOrder).placeholderReplacement(false)
                .lockRetryCount(patience.attempts());
        if (target != null) configuration.target(version(target));
        configuration.getConfigurationExtension(PostgreSQLConfigurationExtension.class).setTransactionalLock(false);
        return configuration;
    }

    private static MigrationVersion version(String text) {
        try {
            return MigrationVersion.fromVersion(text);
        } catch (FlywayException e) {
            throw Failure.usage("'" + text + "' is no version", "write it as in the file's name, as in 7 or 7.1.");
        }
    }

    private static Migration migration(MigrationInfo info, Set<String> undone) {
        String state = switch (info.getState()) {
            case SUCCESS -> "applied";
            case PENDING -> undone.contains(String.valueOf(info.getVersion())) ? "undone" : "pending";
            case ABOVE_TARGET -> "pending";
            case BASELINE -> "baseline";
            case BELOW_BASELINE -> "in baseline";
            case FAILED, MISSING_FAILED, FUTURE_FAILED -> "failed";
            case IGNORED -> "passed over";
            case MISSING_SUCCESS -> "applied, file gone";
            case FUTURE_SUCCESS -> "applied, file unknown";
            case OUT_OF_ORDER -> "applied, out of order";
            default -> info.getState().getDisplayName().toLowerCase(java.util.Locale.ROOT);
        };
        Date at = info.getInstalledOn();
        return new Migration(info.getVersion(), info.getDescription(), state, ((MigrationInfoImpl) info).getResolvedMigration() == null
                || Boolean.TRUE.equals(((MigrationInfoImpl) info).canExecuteInTransaction()), at == null ? null : at.toInstant(), info.getInstalledBy(), info.getExecutionTime());
    }

    static void execute(Connection c, SqlStatement statement) throws SQLException {
        SQLException error = statement.execute(new JdbcTemplate(c, Types.NULL), null, Flyway.configure()).getException();
        if (error != null) throw error;
    }

    /** The statement's beginning, on one line. */
    static String brief(SqlStatement statement) {
        String line = statement.getSql().replaceAll("(?s)--[^\\n]*|/\\*.*?\\*/", " ").replaceAll("\\s+", " ").strip();
        return line.length() > 100 ? line.substring(0, 100) + "..." : line;
    }

    static List<SqlStatement> statements(Path script) {
        FluentConfiguration configuration = Flyway.configure().placeholderReplacement(false);
        ParserSqlScript parsed = new ParserSqlScript(new PostgreSQLParser(configuration, new ParsingContext()), MigrationFiles.resource(script), null, true);
        List<SqlStatement> statements = new ArrayList<>();
        try (SqlStatementIterator iterator = parsed.getSqlStatements()) {
            iterator.forEachRemaining(statements::add);
        }
        return statements;
    }

    private interface FlywayCall<T> {
        T run();
    }

    private <T> T guarded(FlywayCall<T> call) {
        return applying(List.of(), null, call);
    }

    /**
     * Lets Flyway work and turns what it throws into a failure that names file and line.
     *
     * @param stepwise what runs it outside a transaction, null in one
     */
    private <T> T applying(List<Migration> run, Stepwise stepwise, FlywayCall<T> call) {
        try {
            return call.run();
        } catch (FlywayException e) {
            for (Throwable t = e; t != null; t = t.getCause()) {
                if (t instanceof Failure failure) throw failure;
                if (t instanceof FlywaySqlScriptException script && t.getCause() instanceof SQLException sql) {
                    boolean nothingStays = stepwise == null || Patience.isLock(sql) && !stepwise.leavesSomething();
                    if (!nothingStays) reportHalfway(run.get(0), script.getLineNumber());
                    throw broken(script.getResource().getFilename(), script.getLineNumber(), script.getStatement(), sql,
                            nothingStays ? "nothing of " + titles(run) + " stays" : "it ran outside a transaction, so what it did before that line stays",
                            nothingStays ? "run up again." : "see 'avdaily-migrate repair'; then up again.");
                }
            }
            if (String.valueOf(e.getMessage()).startsWith("Found non-empty schema")) throw unmanaged();
            if (String.valueOf(e.getMessage()).contains("advisory lock"))
                throw Failure.locked("Flyway itself is at work on " + db, "wait until it is done and run this again; nothing was changed.");
            throw new Failure(Exit.ERROR, String.valueOf(e.getMessage()).lines().collect(Collectors.joining(" ")), "run it again with --verbose to see where it happened.", e);
        }
    }

    private void reportHalfway(Migration m, int failedLine) {
        halfway = files.forward(m.version()).map(file -> statements(file).stream().map(statement -> (statement.getLineNumber() < failedLine ? "done     "
                : statement.getLineNumber() == failedLine ? "failed   " : "not run  ") + "line " + statement.getLineNumber() + ": " + opening(statement.getSql())).toList()).orElse(List.of());
        Out.note(m.title() + " stopped half-way:");
        halfway.forEach(line -> Out.note("  " + line));
    }

    private static String opening(String statement) {
        String line = statement.replaceFirst("^(\\s|--[^\\n]*\\n)+", "").lines().findFirst().orElse("");
        return line.length() > 80 ? line.substring(0, 77) + "..." : line;
    }

    private Failure unmanaged() {
        return Failure.refused(db + " has tables but no migration history",
                "adopt it with 'avdaily-migrate baseline --version V' (made by drizzle: --from-drizzle), or use an empty database.");
    }

    static Failure broken(String file, int line, String statement, SQLException e, String consequence, String then) {
        Failure known = e.getCause() instanceof Failure f ? f : Failures.explain(e);
        if (known.code == Exit.UNREACHABLE) return known;
        if (known.code == Exit.LOCKED) return new Failure(known.code, file + " line " + line + ": " + known.getMessage() + "; " + consequence, known.next, e);
        int position = e instanceof PSQLException p && p.getServerErrorMessage() != null ? p.getServerErrorMessage().getPosition() : 0;
        int at = line + (int) statement.substring(0, Math.max(0, Math.min(position - 1, statement.length()))).chars().filter(c -> c == '\n').count();
        return new Failure(Exit.ERROR, file + " line " + at + ": " + Failures.message(e) + "; " + consequence, "correct line " + at + " of " + file + ", then " + then, e);
    }

    // -- what the database says

    private boolean hasHistory() throws SQLException {
        return Database.one(db.connection(), "SELECT to_regclass('public." + HISTORY + "') IS NOT NULL", Boolean.class);
    }

    /** Whether the schema that Flyway works in holds anything: without a history Flyway will not touch it then. */
    private boolean hasRelations() throws SQLException {
        return Database.one(db.connection(), """
                SELECT EXISTS (SELECT FROM pg_depend n WHERE n.refclassid = 'pg_namespace'::regclass AND n.refobjid = to_regnamespace('public')::oid AND n.deptype = 'n'
                               AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = n.classid AND d.objid = n.objid AND d.deptype = 'e'))""", Boolean.class);
    }

    private boolean hasOperations() throws SQLException {
        return Database.one(db.connection(), "SELECT to_regclass('avdaily_ops.operation') IS NOT NULL", Boolean.class);
    }

    private Set<String> undoneVersions() throws SQLException {
        return hasOperations() ? new HashSet<>(Database.list(db.connection(), """
                SELECT u ->> 'version' FROM avdaily_ops.operation o, jsonb_array_elements(o.details -> 'undone') u
                WHERE o.command = 'migrate rollback' AND o.outcome = 'done'""", row -> row.getString(1))) : Collections.emptySet();
    }

    private static String titles(List<Migration> migrations) {
        return migrations.stream().map(Migration::title).collect(Collectors.joining(", "));
    }
}
