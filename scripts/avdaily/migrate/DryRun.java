package avdaily.migrate;

import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.base.Json;
import avdaily.db.Database;
import avdaily.db.Failures;
import avdaily.db.TransactionMark;
import avdaily.migrate.batch.BatchStore;
import avdaily.migrate.batch.DataMigration;
import avdaily.schema.Schema;
import avdaily.sql.Sql;
import avdaily.sql.SqlState;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Runs pending migrations for real in one transaction, looks at the schema after each, and takes all of it back. */
public final class DryRun {
    /** How a statement fails that needs what an untried file makes. */
    private static final Set<String> MISSES_SOMETHING = Set.of(
            SqlState.UNDEFINED_TABLE,
            SqlState.UNDEFINED_COLUMN,
            SqlState.UNDEFINED_OBJECT,
            SqlState.UNDEFINED_FUNCTION,
            SqlState.INVALID_SCHEMA_NAME,
            SqlState.UNSAFE_NEW_ENUM_VALUE_USAGE);

    /** One query of all sequences; a view of the server's says nothing of those that were not used yet. */
    private static final String SEQUENCES =
            """
            SELECT string_agg(
              format('SELECT %L::text, last_value, is_called FROM %1$s', format('%I.%I', n.nspname, c.relname)),
              ' UNION ALL ')
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE CASE c.relkind WHEN 'S' THEN has_sequence_privilege(c.oid, 'SELECT') END AND\s"""
                    + Sql.userSchemas("n");

    /**
     * What one migration did, or why it was not tried.
     *
     * @param took null if it was not tried
     * @param changes each object that came, went or changed
     * @param untried each statement that was not tried, with its line
     * @param batch the one batch that was tried of a data migration
     */
    public record Trial(
            Migration migration,
            Duration took,
            List<String> changes,
            List<String> untried,
            Optional<DataMigration.Trial> batch) {
        Trial(Migration migration, Duration took, List<String> changes, List<String> untried) {
            this(migration, took, changes, untried, Optional.empty());
        }

        public Map<String, Object> json() {
            return Json.object(
                    "version",
                    migration.version() == null ? null : migration.version().toString(),
                    "description",
                    migration.description(),
                    "durationMillis",
                    took == null ? null : took.toMillis(),
                    "changes",
                    changes,
                    "notTried",
                    untried,
                    "batch",
                    batch.map(DryRun::json).orElse(null));
        }
    }

    /**
     * @param fingerprint the schema's, the same before and after
     * @param sequences those that moved on, which no rollback takes back
     * @param outside statements that did something outside of the database, which stays
     * @param callbacks names of files that run around the migrations, and that were not tried
     */
    public record Result(
            List<Trial> trials,
            String fingerprint,
            List<String> sequences,
            List<String> outside,
            List<String> callbacks) {}

    private final Database db;
    private final MigrationFiles files;
    private final LockRetry lockRetry;
    private final List<MigrationScript> tried = new ArrayList<>();

    DryRun(Database db, MigrationFiles files, LockRetry lockRetry) {
        this.lockRetry = lockRetry;
        this.db = db;
        this.files = files;
    }

    /**
     * Tries {@code plan} in the transaction of {@code c}, and rolls it back.
     *
     * @throws Failure as up would end, and (22) if the database afterwards is not what it was before
     */
    Result of(List<Migration> plan, Connection c) throws SQLException {
        Map<String, String> sequences = sequences(c);
        Schema atFirst = Schema.read(c, Schema.Options.DEFINITIONS);
        String before = atFirst.fingerprint() + HistoryTable.rows(db, c);
        List<Trial> trials;
        try {
            TransactionMark transaction = TransactionMark.of(c);
            trials = trials(plan, c, definitions(atFirst));
            transaction.mustStill(c);
        } finally {
            c.rollback();
        }
        if (!before.equals(Schema.read(c, Schema.Options.DEFINITIONS).fingerprint() + HistoryTable.rows(db, c)))
            throw Failure.findings(
                    "the schema or the history of " + db + " is not what it was before the dry run, "
                            + "which took back all it did: somebody else changed it meanwhile",
                    "look at it with 'avdaily-migrate validate', then run the dry run again.");
        Map<String, String> now = sequences(c);
        List<String> moved = now.keySet().stream()
                .filter(name -> !Objects.equals(now.get(name), sequences.get(name)))
                .sorted()
                .toList();
        List<String> callbacks = plan.isEmpty() ? List.of() : files.callbacks();
        return new Result(trials, atFirst.fingerprint(), moved, outside(trials), callbacks);
    }

    /** @param schema the definitions before; afterwards those that the last migration left */
    private List<Trial> trials(List<Migration> plan, Connection c, Map<String, String> schema) throws SQLException {
        List<Trial> trials = new ArrayList<>();
        boolean whole = true; // whether all the files before were tried, as a whole
        boolean afterBatch = false;
        for (MigrationRun run : MigrationRun.split(plan, files)) {
            for (Migration m : run.migrations()) {
                Trial trial = whole || !afterBatch ? trial(m, c, schema, whole) : untried(m, "comes after batches");
                whole &= trial.untried.isEmpty();
                afterBatch |= trial.batch.isPresent() && !trial.batch.get().isAll();
                whole &= !afterBatch;
                trials.add(trial);
            }
            if (whole) end(run, c);
        }
        return trials;
    }

    private Trial run(Migration m, Connection c, Map<String, String> schema, boolean whole) throws SQLException {
        Savepoint start = c.setSavepoint();
        Instant begin = Instant.now();
        try {
            runOrSettle(m, c, start);
        } catch (Failure e) {
            String state = e.getCause() instanceof SQLException sql ? SqlState.of(sql) : "";
            boolean needsCommit = state.equals(SqlState.UNSAFE_NEW_ENUM_VALUE_USAGE);
            if (!needsCommit && (whole || !MISSES_SOMETHING.contains(state))) throw e;
            c.rollback(start);
            String why = needsCommit ? "needs a commit before it" : "needs what was not tried before";
            return new Trial(
                    m, null, List.of(), List.of(why + ": " + e.getMessage().replaceFirst("; nothing was.*", "")));
        }
        Duration took = Duration.between(begin, Instant.now());
        lockRetry.renew(c, LockRetry.LOCK_TIMEOUT);
        Map<String, String> now = definitions(Schema.read(c, Schema.Options.DEFINITIONS));
        List<String> changes = changes(schema, now);
        schema.clear();
        schema.putAll(now);
        return new Trial(m, took, changes, List.of());
    }

    /** As up does: what is deferred is checked before a file for which it is in the way. */
    private void runOrSettle(Migration m, Connection c, Savepoint start) throws SQLException {
        try {
            run(m, c);
        } catch (Failure e) {
            if (!DeferredChecks.areInTheWay(e)) throw e;
            c.rollback(start);
            DeferredChecks.settle(c);
            run(m, c);
        }
    }

    private void run(Migration m, Connection c) throws SQLException {
        lockRetry.renew(c, LockRetry.LOCK_TIMEOUT);
        tried.add(files.of(m));
        files.of(m).run(c, db.out()::note, nothing(), "try again.");
    }

    /**
     * Checks what the end of the transaction would check, and ends what lasts no longer. Afterwards all is deferred
     * again that was: the next file may be another transaction.
     */
    private void end(MigrationRun run, Connection c) throws SQLException {
        Savepoint before = c.setSavepoint();
        try {
            Database.run(c, "SET CONSTRAINTS ALL IMMEDIATE");
            c.rollback(before);
        } catch (SQLException e) {
            throw MigrationScript.uncommitted(
                    run.migrations().stream().map(files::of).toList(), e, nothing());
        }
        Database.run(c, "DISCARD TEMP"); // the next run is another session's
    }

    private String nothing() {
        return "nothing was changed, this was a dry run" + MigrationScript.outside(tried);
    }

    private Trial trial(Migration m, Connection c, Map<String, String> schema, boolean whole) throws SQLException {
        if (files.of(m).batches().isPresent()) return batch(m, c);
        return m.transactional() ? run(m, c, schema, whole) : untried(m, "cannot run in a transaction");
    }

    private Trial untried(Migration m, String why) {
        return new Trial(
                m,
                null,
                List.of(),
                files.of(m).statements().stream()
                        .map(s -> "line " + s.line() + " " + why + ": " + s.brief())
                        .toList());
    }

    /** Runs one batch, the next one. */
    private Trial batch(Migration m, Connection c) throws SQLException {
        lockRetry.renew(c, LockRetry.LOCK_TIMEOUT);
        BatchTrial trial = new BatchTrial(files.of(m), db.out()::note);
        String recorded = db.recorded(String.valueOf(m.version()));
        DataMigration.Trial batch = trial.run(c, BatchStore.of(db.connection(), recorded));
        lockRetry.renew(c, LockRetry.LOCK_TIMEOUT);
        return new Trial(m, batch.took(), List.of(), List.of(), Optional.of(batch));
    }

    /** As in "one batch of 5,000 rows ran and was taken back; about 5,000,000 rows take about 14 minutes". */
    public static String words(DataMigration.Trial batch) {
        String tried = "one batch of " + Format.count(batch.rows(), "row") + " ran and was taken back";
        return batch.total() == 0
                ? tried
                : tried + "; about " + Format.count(batch.total(), "row") + " take about "
                        + Format.age(batch.estimate());
    }

    private static Map<String, Object> json(DataMigration.Trial batch) {
        return Json.object(
                "rows",
                batch.rows(),
                "rowsTotal",
                batch.total() == 0 ? null : batch.total(),
                "estimatedMillis",
                batch.total() == 0 ? null : batch.estimate().toMillis());
    }

    private static Map<String, String> definitions(Schema schema) {
        return schema.items().stream()
                .collect(Collectors.toMap(
                        item -> item.kind() + " " + item.identity(),
                        Schema.Item::ddl,
                        (a, b) -> a + b,
                        LinkedHashMap::new));
    }

    /** Each object that came, went or changed; of a changed one the lines that did. */
    static List<String> changes(Map<String, String> before, Map<String, String> after) {
        List<String> changes = new ArrayList<>();
        after.forEach((name, ddl) -> {
            if (!before.containsKey(name)) changes.add("added " + name);
            else if (!before.get(name).equals(ddl))
                changes.add("changed " + name + ": " + difference(lines(before.get(name)), lines(ddl)));
        });
        before.keySet().stream()
                .filter(name -> !after.containsKey(name))
                .forEach(name -> changes.add("removed " + name));
        return changes;
    }

    private static List<String> lines(String ddl) {
        return ddl.lines().map(line -> line.strip().replaceAll(",$", "")).toList();
    }

    private static String difference(List<String> before, List<String> after) {
        List<String> lines = new ArrayList<>();
        before.stream().filter(line -> !after.contains(line)).forEach(line -> lines.add("- " + line));
        after.stream().filter(line -> !before.contains(line)).forEach(line -> lines.add("+ " + line));
        return lines.isEmpty() ? "the order of its parts" : String.join("  ", lines);
    }

    private static Map<String, String> sequences(Connection c) throws SQLException {
        Map<String, String> all = new LinkedHashMap<>();
        String query = Database.one(c, SEQUENCES, String.class);
        if (query != null)
            Database.list(c, query, row -> all.put(row.getString(1), row.getString(2) + row.getString(3)));
        return all;
    }

    private List<String> outside(List<Trial> trials) {
        return trials.stream()
                .filter(trial -> trial.took != null)
                .flatMap(trial -> files.of(trial.migration).statements().stream())
                .filter(MigrationStatement::reachesOutside)
                .map(statement -> statement.at() + ": " + statement.brief())
                .toList();
    }
}
