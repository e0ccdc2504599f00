package avdaily.migrate.batch;

import avdaily.base.Failure;
import avdaily.base.Place;
import avdaily.base.Secrets;
import avdaily.db.Database;
import avdaily.db.Failures;
import avdaily.sql.ScriptStatement;
import avdaily.sql.SqlState;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A data migration on its way through a table. Each batch is one transaction, which reads how far the batches before it
 * came, changes the next rows and notes that: a row is changed once, whoever is killed, and if two runs meet.
 */
public final class DataMigration {
    /** Nobody waits longer for a batch than two seconds, its end included. */
    private static final Duration MOST = Duration.ofMillis(1600);

    private static final Duration LOCK_TIMEOUT = Duration.ofMillis(1000);
    /** Those who waited go on once the batch ends; what they do next has some room. */
    private static final int PAUSE_FOR_OTHERS = 5;

    /** How statements run, and whether somebody wants them to stop. */
    public interface Execution {
        /** @return how many rows the statement changed */
        long run(Connection c, ScriptStatement statement) throws SQLException;

        boolean isInterrupted();
    }

    /** What became of a batch. */
    public enum Outcome {
        WENT_ON,
        /** It took too long, and comes again with fewer rows. */
        TAKEN_BACK,
        /** There was nothing left for it. */
        AT_END
    }

    /** What the query said at the end. */
    public enum Verdict {
        DONE,
        ANOTHER_PASS,
        NOT_DONE
    }

    private final Database db;
    private final BatchFile file;
    private final String version;
    private final KeyWalk walk;
    private final BatchSize size;
    private final BatchLooks looks;
    private Duration took = Duration.ZERO;
    private Duration othersWaited = Duration.ZERO;

    private DataMigration(Database db, BatchFile file, String version, KeyWalk walk, long size) {
        this.db = db;
        this.file = file;
        this.version = version;
        this.walk = walk;
        this.size = new BatchSize(size);
        this.looks = new BatchLooks(walk == null ? 0 : walk.oid(), file.options().lag());
    }

    /**
     * Begins, or goes on where an earlier run came to.
     *
     * @param c the session of the batches
     * @param history what tells this history from one before a reset
     * @throws Failure (21) if the table cannot be walked through, or is not the one that was begun with
     */
    public static DataMigration begin(Database db, Connection c, BatchFile file, String version, String history)
            throws SQLException {
        String recorded = db.recorded(version);
        KeyWalk walk = file.options().repeats() ? null : KeyWalk.of(c, file);
        BatchStore.begin(db, recorded, history, walk, file.firstSize());
        BatchState state = BatchStore.of(db.connection(), recorded).orElseThrow();
        if (state.relation() != (walk == null ? 0 : walk.oid()))
            throw changed(file, version, (walk == null ? "it" : walk.table()) + " is not the table");
        if (walk != null) mustKnow(c, walk, state, file);
        long next = state.batches() == 0 ? file.firstSize() : state.size();
        DataMigration migration = new DataMigration(db, file, recorded, walk, next);
        BatchStore.plan(db.connection(), recorded, next, walk == null ? 0 : walk.estimate(c));
        return migration;
    }

    /** A key that is noted may be one of another file, or of nobody. */
    private static void mustKnow(Connection c, KeyWalk walk, BatchState state, BatchFile file) throws SQLException {
        if (!walk.knows(c, state)) throw changed(file, state.version(), "its key is not the one");
    }

    private static Failure changed(BatchFile file, String version, String what) {
        return Failure.refused(
                        file.file().getFileName() + ": " + what + " with which its batches began: it was restored or "
                                + "made anew, or the file was changed",
                        "put the file back, or take version " + version
                                + " back with 'avdaily-migrate rollback'; then up begins with the first row.")
                .at(Place.of(file.file()));
    }

    /** How far it is. */
    public BatchState state() throws SQLException {
        return BatchStore.of(db.connection(), version).orElseThrow();
    }

    /**
     * Runs the next batch.
     *
     * @throws SQLException as a statement failed, which the state says then; whatever it was, nothing of it stays
     */
    public Outcome step(Connection c, Execution execution) throws SQLException {
        Instant start = Instant.now();
        c.setAutoCommit(false);
        try {
            Database.run(c, "SET LOCAL lock_timeout = " + LOCK_TIMEOUT.toMillis());
            limit(c, MOST);
            BatchState state = BatchStore.locked(c, version);
            KeyRange range = next(c, state);
            if (range == null) {
                c.rollback();
                return Outcome.AT_END;
            }
            long changed = changed(c, bound(range), execution);
            if (walk == null && changed == 0) {
                c.rollback();
                return Outcome.AT_END;
            }
            othersWaited = BatchLooks.waitingFor(c);
            took = Duration.between(start, Instant.now());
            boolean isWhole = walk == null || range.rows() == size.rows();
            if (isWhole) size.learn(took, othersWaited);
            BatchStore.wentOn(c, version, range, changed, took, size.rows());
            c.commit();
            return Outcome.WENT_ON;
        } catch (SQLException e) {
            return afterFailure(c, e, Duration.between(start, Instant.now()), execution);
        }
    }

    /** The smallest batch has all the time it needs, for it cannot become smaller. */
    private void limit(Connection c, Duration most) throws SQLException {
        Database.run(c, "SET LOCAL statement_timeout = " + (size.isSmallest() ? 0 : Math.max(1, most.toMillis())));
    }

    /** Null if no row is left. */
    private KeyRange next(Connection c, BatchState state) throws SQLException {
        if (walk == null) return KeyRange.NONE;
        KeyRange range = walk.next(c, state.position(), size.rows());
        return range.rows() == 0 ? null : range;
    }

    private List<ScriptStatement> bound(KeyRange range) {
        return walk == null ? BoundStatements.of(file, size.rows()) : BoundStatements.of(file, range, walk.types());
    }

    private long changed(Connection c, List<ScriptStatement> statements, Execution execution) throws SQLException {
        Savepoint before = c.setSavepoint();
        long changed = 0;
        try {
            Instant start = Instant.now();
            for (ScriptStatement statement : statements) {
                if (statement != statements.get(0)) limit(c, MOST.minus(Duration.between(start, Instant.now())));
                changed += execution.run(c, statement);
            }
        } catch (SQLException e) {
            if (isOfTheRows(e)) {
                c.rollback(before);
                BatchStore.failed(c, version, Secrets.redact(Failures.message(e)));
                c.commit();
            }
            throw e;
        }
        return changed;
    }

    /** Whether another attempt at the same rows would fail likewise. */
    private static boolean isOfTheRows(SQLException e) {
        return !SqlState.isConnectionLost(e)
                && !SqlState.isOfTheServer(e)
                && !SqlState.of(e).equals(SqlState.QUERY_CANCELED)
                && !SqlState.of(e).equals(SqlState.LOCK_NOT_AVAILABLE);
    }

    private Outcome afterFailure(Connection c, SQLException e, Duration after, Execution execution)
            throws SQLException {
        if (SqlState.isConnectionLost(e)) throw e;
        c.rollback();
        boolean tookTooLong = SqlState.of(e).equals(SqlState.QUERY_CANCELED)
                && !execution.isInterrupted()
                && !size.isSmallest()
                && after.compareTo(MOST) >= 0;
        boolean isLock = SqlState.of(e).equals(SqlState.LOCK_NOT_AVAILABLE)
                || SqlState.of(e).equals(SqlState.DEADLOCK_DETECTED);
        if (tookTooLong || isLock) size.halve();
        if (tookTooLong) return Outcome.TAKEN_BACK;
        throw e;
    }

    // -- pauses

    /** How long to pause after the last batch, whatever else there is. */
    public Duration pause() {
        Duration asked = took.multipliedBy(file.options().pause()).dividedBy(100);
        return haveOthersWaited() ? asked.plus(took.dividedBy(PAUSE_FOR_OTHERS)) : asked;
    }

    /** Whether somebody waited long for the last batch, so that there is a longer pause. */
    public boolean haveOthersWaited() {
        return BatchSize.isLong(othersWaited);
    }

    /** Why the next batch has to wait; nothing if it may begin. */
    public Optional<String> reasonToWait() throws SQLException {
        return looks.reason(db.connection());
    }

    /** Notes a pause that counts for the pace, or why there is one that has to go by. */
    public void paused(Duration pause, String reason) throws SQLException {
        BatchStore.paused(db.connection(), version, pause, reason);
    }

    // -- the end

    /** What the last query says, in a transaction that is left open if all is done. */
    public Verdict verdict(Connection c) throws SQLException {
        c.setAutoCommit(false);
        BatchState state = BatchStore.locked(c, version);
        if (isDone(c)) {
            BatchStore.finished(c, version);
            return Verdict.DONE;
        }
        if (state.pass() >= file.options().passes()) {
            c.rollback();
            return Verdict.NOT_DONE;
        }
        BatchStore.passAgain(c, version);
        c.commit();
        return Verdict.ANOTHER_PASS;
    }

    private boolean isDone(Connection c) throws SQLException {
        try (Statement statement = c.createStatement()) {
            statement.setEscapeProcessing(false);
            ResultSet rows = statement.executeQuery(file.doneWhen().text());
            boolean isOne = rows.getMetaData().getColumnCount() == 1
                    && rows.getMetaData().getColumnTypeName(1).equals("bool")
                    && rows.next();
            boolean isDone = isOne && rows.getBoolean(1);
            if (!isOne || rows.next())
                throw new SQLException("it has to give one row with one boolean", SqlState.SYNTAX_ERROR);
            return isDone;
        }
    }

    // -- trials

    /**
     * One batch that was tried.
     *
     * @param rows how many rows it came by; of one that limits itself, how many it changed
     * @param total about how many rows are left; 0 if that is unknown
     */
    public record Trial(long rows, Duration took, long total) {
        public boolean isAll() {
            return total > 0 ? rows >= total : rows == 0;
        }

        /** How long all of them take at this pace. */
        public Duration estimate() {
            return rows == 0 ? Duration.ZERO : Duration.ofMillis((long) ((double) took.toMillis() * total / rows));
        }
    }

    /** Runs the next batch in the transaction of {@code c}, which somebody takes back. */
    public static Trial trial(Connection c, BatchFile file, Optional<BatchState> state, Execution execution)
            throws SQLException {
        Instant start = Instant.now();
        long rows = 0;
        if (file.options().repeats()) {
            for (ScriptStatement statement : BoundStatements.of(file, file.firstSize()))
                rows += execution.run(c, statement);
            return new Trial(rows, Duration.between(start, Instant.now()), 0);
        }
        KeyWalk walk = KeyWalk.of(c, file);
        if (state.isPresent()) mustKnow(c, walk, state.get(), file);
        List<String> behind = state.map(BatchState::position).orElse(null);
        KeyRange range = walk.next(c, behind, file.firstSize());
        boolean isLast = walk.next(c, behind, file.firstSize() + 1).rows() == range.rows();
        for (ScriptStatement statement : BoundStatements.of(file, range, walk.types())) execution.run(c, statement);
        long left = isLast
                ? range.rows()
                : Math.max(
                        range.rows() + 1,
                        walk.estimate(c) - state.map(BatchState::walked).orElse(0L));
        return new Trial(range.rows(), Duration.between(start, Instant.now()), left);
    }

    /** The statements as they run on all rows at once, in a database where nobody waits for it; then the last query. */
    public static List<ScriptStatement> atOnce(Connection c, BatchFile file) throws SQLException {
        List<ScriptStatement> all = new ArrayList<>();
        if (file.options().repeats()) {
            all.addAll(BoundStatements.of(file, Integer.MAX_VALUE));
        } else {
            KeyWalk walk = KeyWalk.of(c, file);
            all.addAll(BoundStatements.of(file, walk.whole(c), walk.types()));
        }
        all.add(file.doneWhen());
        return all;
    }
}
