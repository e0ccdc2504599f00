package avdaily.migrate;

import avdaily.base.Failure;
import avdaily.base.Json;
import avdaily.base.Out;
import avdaily.db.Database;
import avdaily.db.Failures;
import avdaily.db.OperationLog;
import avdaily.db.StatementExecutor;
import avdaily.sql.SqlState;
import avdaily.sql.Word;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Runs what cannot run in a transaction. A statement stands once it is done, so the statement is tried again, not the
 * file. The half-built index of a failed attempt is removed first, and no other one. The operation log says which
 * statements were reached: after a kill the next run goes on from there, if {@link #canGoOn} says so of the file.
 */
final class NonTransactionalRunner {
    private static final Set<String> SETTINGS = Set.of("set", "reset");
    private static final Set<String> COMMITS = Set.of("commit", "end");
    private static final Set<String> ROLLS_BACK = Set.of("rollback", "abort");
    private static final Set<String> IDEMPOTENT =
            Set.of("set", "reset", "analyze", "vacuum", "reindex", "refresh", "checkpoint");

    /** What stands between ON and the table of a statement that names its schema; an index may be called anything. */
    private static final String SCHEMA_OF_TABLE =
            "(?is)^((?:\"(?:[^\"]|\"\")*+\"|[^\"])*?\\sON\\s+(?:ONLY\\s+)?)"
                    + "(?:\"(?:[^\"]|\"\")*+\"|[^\\s\".(]+)\\s*\\.\\s*";

    private final LockRetry lockRetry;
    private final Database db;
    private final Out out;
    private final Consumer<String> notices;
    private final Set<String> resumed = new HashSet<>();
    private final Set<String> reached = new LinkedHashSet<>();
    private boolean hasDone;
    private boolean hasLeftover;

    NonTransactionalRunner(LockRetry lockRetry, Database db, Consumer<String> notices) {
        this.notices = notices;
        this.lockRetry = lockRetry;
        this.db = db;
        this.out = db.out();
    }

    /**
     * Whether the file can run from its first line again, wherever a run of it was killed: each of its statements does
     * nothing twice, or makes or drops an index, of which it can be seen whether that was done.
     */
    static boolean canGoOn(List<MigrationStatement> file) {
        return file.stream().allMatch(statement -> {
            ConcurrentIndex what = ConcurrentIndex.of(statement.sql());
            return what == null ? isIdempotent(statement.part().words(6)) : what.canBeFound();
        });
    }

    private static boolean isIdempotent(List<Word> words) {
        if (words.isEmpty() || IDEMPOTENT.contains(words.get(0).text())) return true;
        boolean isConditional = words.stream().anyMatch(word -> word.is("if"));
        return isConditional && (words.get(0).is("create") || words.get(0).is("drop"))
                || words.size() > 1 && words.get(0).is("alter") && words.get(1).is("system");
    }

    /** Whether it commits in the middle, and a part of it may stay that nobody sees in the indexes. */
    private static boolean mayLeavePart(List<Word> words) {
        if (words.isEmpty()) return false;
        return switch (words.get(0).text()) {
            case "call", "do" -> true;
            case "alter" -> words.stream().anyMatch(word -> word.is("concurrently"));
            default -> false;
        };
    }

    /** Whether it ends a transaction; AND CHAIN begins the next one at once. */
    static boolean endsTransaction(MigrationStatement statement) {
        List<Word> words = statement.part().words(3);
        String first = words.get(0).text();
        return COMMITS.contains(first)
                || ROLLS_BACK.contains(first) && words.stream().noneMatch(word -> word.is("to"));
    }

    private static boolean stays(Connection c, MigrationStatement done) throws SQLException {
        List<Word> words = done.part().words(2);
        String first = words.get(0).text();
        if (COMMITS.contains(first)) return true; // also AND CHAIN
        if (StatementExecutor.isInTransaction(c)) return false;
        boolean isPrepared = words.size() > 1 && words.get(1).is("prepared");
        return !SETTINGS.contains(first) && (!ROLLS_BACK.contains(first) || isPrepared);
    }

    /** Whether anything stays: a statement that was done, a part of one, or an index that could not be removed. */
    boolean leavesSomething() {
        return hasDone || hasLeftover;
    }

    /**
     * Writes down how far the file is, for {@code repair} after a kill. The newest row that is not finished is this
     * run's: there is but one run at a time.
     *
     * @param statement what comes before it is done
     */
    void logBegun(Migration m, MigrationStatement statement) throws SQLException {
        log(
                "jsonb_set(details, '{halfway}', ?::jsonb)",
                Json.text(Json.object(
                        "title",
                        m.title(),
                        "statements",
                        List.of(
                                "done     what comes before line " + statement.line(),
                                "unknown  line " + statement.line() + ": " + statement.brief(),
                                "not run  what comes after it"))));
    }

    /** The statements that this run came to, of those that {@link #wasReached} asks for. */
    Set<String> reached() {
        return reached;
    }

    /** The indexes of statements at which an earlier run was killed: schema and name, without quotes. */
    Set<String> resumed() {
        return resumed;
    }

    /** Runs the next statement of the file; tries again until it gets its locks. */
    void execute(Connection c, MigrationStatement statement) throws SQLException {
        String sql = statement.sql();
        ConcurrentIndex what = ConcurrentIndex.of(sql);
        String name = db.recorded(statement.name() + ": " + sql.strip());
        boolean killedHere = what != null && wasReached(name);
        if (what != null) logReached(name);
        try {
            if (killedHere) resumed.add(named(c, what));
            if (killedHere && isDone(c, what, sql)) {
                out.note("Done already by a run that was killed: "
                        + sql.strip().lines().findFirst().orElse("") + ".");
                hasDone = true;
                return;
            }
            if (what != null)
                lockRetry.awaitTransactions(c, OLDER, what.relation(), what.relation(), what.verb().equals("create"));
            if (killedHere && what.index() != null) removeLeftoverOfKilledRun(c, what);
            lockRetry.run(() -> {
                Set<Long> before = invalidIndexes(c);
                try {
                    statement.execute(c, notices);
                    return null;
                } catch (SQLException e) {
                    if (StatementExecutor.isInTransaction(c)) throw e; // which takes all back
                    hasLeftover |= mayLeavePart(statement.part().words(40));
                    if (!SqlState.isConnectionLost(e)) removeLeftovers(c, what, before, e);
                    throw e;
                }
            });
            hasDone |= stays(c, statement);
        } catch (Failure e) {
            throw new SQLException(e.getMessage(), SqlState.LOCK_NOT_AVAILABLE, e); // so that file and line are added
        }
    }

    /**
     * The transactions for which the server waits in the middle of CONCURRENTLY; giving up then leaves a half-built
     * index. They are those with a snapshot, and those that use the table (DROP) or write to it (CREATE). The
     * parameters are the table or index twice, and whether it is CREATE.
     */
    private static final String OLDER =
            """
            SELECT v.pid, v.virtualxid FROM pg_locks v JOIN pg_stat_activity a ON a.pid = v.pid
            WHERE v.locktype = 'virtualxid' AND v.granted AND a.datname = current_database()
              AND a.pid <> pg_backend_pid() AND a.backend_type = 'client backend'
              AND (a.backend_xmin IS NOT NULL OR EXISTS (
                SELECT FROM pg_locks l
                WHERE l.pid = v.pid AND l.granted
                  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
                  AND l.relation
                    = coalesce((SELECT indrelid FROM pg_index WHERE indexrelid = to_regclass(?)), to_regclass(?))
                  AND (NOT ? OR l.mode NOT IN ('AccessShareLock', 'RowShareLock', 'ShareLock'))))""";

    /** The name of an index, by its number and its table, unless somebody is building on the table. */
    private static final String ABANDONED =
            """
            SELECT x.indexrelid::regclass::text FROM pg_index x
            WHERE x.indexrelid = ? AND x.indrelid = to_regclass(?)
              AND NOT EXISTS (SELECT FROM pg_locks l
                WHERE l.relation = x.indrelid AND l.mode = 'ShareUpdateExclusiveLock' AND l.granted)""";

    private static Set<Long> invalidIndexes(Connection c) throws SQLException {
        return new HashSet<>(Database.list(
                c, "SELECT indexrelid::bigint FROM pg_index WHERE NOT indisvalid", row -> row.getLong(1)));
    }

    /**
     * Drops the invalid index that the statement made: it is new, on its table, and nobody is building it. Other
     * statements leave theirs: half of one that was to go, or of one that was to be built anew.
     */
    private void removeLeftovers(Connection c, ConcurrentIndex what, Set<Long> before, SQLException why) {
        try {
            for (Long index : invalidIndexes(c)) {
                if (before.contains(index)) continue;
                boolean isMade = what != null && what.verb().equals("create");
                String name = isMade ? Database.one(c, ABANDONED, String.class, index, what.relation()) : null;
                hasLeftover |= isMade == (name != null);
                if (name == null) continue;
                Database.update(c, "DROP INDEX CONCURRENTLY " + name);
                hasLeftover = false;
                out.detail("Removed the half-built index " + name + ".");
            }
        } catch (SQLException e) {
            hasLeftover = true;
            why.addSuppressed(e); // the statement's own error says more
        }
    }

    /**
     * A run that was killed could not remove its index: it is invalid, and named just as the statement wants to name
     * its own.
     */
    private void removeLeftoverOfKilledRun(Connection c, ConcurrentIndex what) throws SQLException {
        String name = Database.one(
                c,
                """
                SELECT x.indexrelid::regclass::text FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
                WHERE NOT x.indisvalid AND x.indrelid = to_regclass(?) AND i.relname = ?""",
                String.class,
                what.relation(),
                what.index());
        if (name == null) return;
        out.note("Removing the half-built index " + name + ", which a run left that was killed.");
        Database.update(c, "DROP INDEX CONCURRENTLY " + name);
    }

    private void logReached(String statement) throws SQLException {
        reached.add(statement);
        log("jsonb_set(details, '{reached}', coalesce(details -> 'reached', '[]') || to_jsonb(?::text))", statement);
    }

    private void log(String details, String parameter) throws SQLException {
        if (OperationLog.isLogged(db.connection()))
            Database.update(
                    db.connection(),
                    "UPDATE avdaily_ops.operation SET details = " + details + " WHERE id = (SELECT max(id) "
                            + "FROM avdaily_ops.operation WHERE command = 'migrate up' AND outcome = 'started')",
                    parameter);
    }

    /** Whether a run that was killed, or lost its connection, had come to this statement. */
    private boolean wasReached(String statement) throws SQLException {
        return OperationLog.isLogged(db.connection())
                && Database.one(
                        db.connection(),
                        """
                SELECT EXISTS (SELECT FROM avdaily_ops.operation
                WHERE command = 'migrate up' AND outcome IN ('started', 'failed')
                  AND details -> 'reached' @> to_jsonb(?::text)
                  AND id < (SELECT max(id) FROM avdaily_ops.operation
                    WHERE command = 'migrate up' AND outcome = 'started'))""",
                        Boolean.class,
                        statement);
    }

    /** Whether what a killed run began is there, whole: the server may have gone on to the end of it. */
    private boolean isDone(Connection c, ConcurrentIndex what, String sql) throws SQLException {
        if (what.verb().equals("drop"))
            return Database.one(c, "SELECT to_regclass(?) IS NULL", Boolean.class, what.relation());
        String there = what.index() == null
                ? null
                : Database.one(
                        c,
                        """
                SELECT pg_get_indexdef(x.indexrelid) FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
                WHERE x.indisvalid AND x.indrelid = to_regclass(?) AND i.relname = ?""",
                        String.class,
                        what.relation(),
                        what.index());
        return there != null && bare(there).equals(bare(wouldBe(c, what, sql)));
    }

    /**
     * The index that the statement makes, found out on an empty table of the same columns and name, which hides the
     * other one.
     */
    private String wouldBe(Connection c, ConcurrentIndex what, String sql) throws SQLException {
        Database.run(c, "CREATE TEMPORARY TABLE " + what.table() + " (LIKE " + what.relation() + ")");
        try {
            boolean isBare = what.relation().equals(what.table());
            Database.run(c, isBare ? sql : sql.replaceFirst(SCHEMA_OF_TABLE, "$1"));
            return Database.one(
                    c,
                    """
                    SELECT pg_get_indexdef(x.indexrelid) FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
                    WHERE x.indrelid = to_regclass(?) AND i.relname = ?""",
                    String.class,
                    "pg_temp." + what.table(),
                    what.index());
        } catch (SQLException e) {
            out.detail("What the statement makes cannot be found out: "
                    + Failures.message(e)); // then the statement itself says what is in its way
            return "";
        } finally {
            Database.run(c, "DROP TABLE pg_temp." + what.table());
        }
    }

    /** As the schema's definitions name the index, without quotes; one that is gone was found in the first schema. */
    private static String named(Connection c, ConcurrentIndex what) throws SQLException {
        String schema = what.relation().equals(what.table())
                ? Database.one(
                        c,
                        """
                        SELECT coalesce((SELECT nspname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
                          WHERE c.oid = to_regclass(?)), current_schema())""",
                        String.class,
                        what.relation())
                : what.relation()
                        .substring(0, what.relation().length() - what.table().length() - 1);
        return (schema + "." + (what.index() == null ? what.table() : what.index())).replace("\"", "");
    }

    /** Without the table, which is another one for the trial. */
    private static String bare(String definition) {
        return definition == null ? "" : definition.replaceFirst(" ON .*? USING ", " USING ");
    }
}
