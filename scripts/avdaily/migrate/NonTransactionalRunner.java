package avdaily.migrate;

import avdaily.base.Failure;
import avdaily.base.Out;
import avdaily.db.Database;
import avdaily.db.Failures;
import avdaily.db.OperationLog;
import avdaily.sql.Sql;
import avdaily.sql.Word;
import avdaily.sql.SqlState;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Runs what cannot run in a transaction. A statement stands once it is done, so the statement is tried again, not the
 * file. The half-built index of a failed attempt is removed first, and no other one. The operation log says which
 * statements were reached: after a kill the next run goes on from there.
 */
final class NonTransactionalRunner {
    private final LockRetry lockRetry;
    private final Database db;
    private final Out out;
    private final Consumer<String> notices;
    private final Set<String> resumed = new HashSet<>();
    private boolean hasDone;
    private boolean hasLeftover;

    NonTransactionalRunner(LockRetry lockRetry, Database db, Consumer<String> notices) {
        this.notices = notices;
        this.lockRetry = lockRetry;
        this.db = db;
        this.out = db.out();
    }

    /** Whether anything stays: a statement that was done, or an index that could not be removed. */
    boolean leavesSomething() {
        return hasDone || hasLeftover;
    }

    /** The indexes of statements at which an earlier run was killed: schema and name, without quotes. */
    Set<String> resumed() {
        return resumed;
    }

    /** Runs the next statement of the file; tries again until it gets its locks. */
    void execute(Connection c, MigrationStatement statement) throws SQLException {
        String sql = statement.sql();
        Concurrently what = Concurrently.of(sql);
        boolean killedHere = what != null && wasReached(sql);
        logReached(sql);
        try {
            if (killedHere)
                resumed.add(
                        what.verb.equals("drop") || what.index == null
                                ? plain(what.relation)
                                : plain(what.relation).replaceFirst("[^.]*$", "") + what.index);
            if (killedHere && isDone(c, what, sql)) {
                out.note("Done already by a run that was killed: "
                        + sql.strip().lines().findFirst().orElse("") + ".");
                hasDone = true;
                return;
            }
            if (what != null)
                lockRetry.awaitTransactions(c, OLDER, what.relation, what.relation, what.verb.equals("create"));
            if (killedHere && what.index != null) removeLeftoverOfKilledRun(c, what);
            lockRetry.run(() -> {
                Set<Long> before = invalidIndexes(c);
                try {
                    statement.execute(c, notices);
                    return null;
                } catch (SQLException e) {
                    if (what != null && LockRetry.isLock(e)) removeLeftovers(c, what, before, e);
                    throw e;
                }
            });
            hasDone = true;
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

    /** Drops the invalid index that the statement made: it is new, on its table, and nobody is building it. */
    private void removeLeftovers(Connection c, Concurrently what, Set<Long> before, SQLException why) {
        if (what.verb.equals("drop")) return;
        try {
            for (Long index : invalidIndexes(c)) {
                if (before.contains(index)) continue;
                String name = Database.one(c, ABANDONED, String.class, index, what.relation);
                if (name == null) continue;
                hasLeftover = true;
                Database.update(c, "DROP INDEX CONCURRENTLY " + name);
                hasLeftover = false;
                out.detail("Removed the half-built index " + name + ".");
            }
        } catch (SQLException e) {
            why.addSuppressed(e); // the statement's own error says more
        }
    }

    /**
     * A run that was killed could not remove its index: it is invalid, and named just as the statement wants to name
     * its own.
     */
    private void removeLeftoverOfKilledRun(Connection c, Concurrently what) throws SQLException {
        String name = Database.one(
                c,
                """
                SELECT x.indexrelid::regclass::text FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
                WHERE NOT x.indisvalid AND x.indrelid = to_regclass(?) AND i.relname = ?""",
                String.class,
                what.relation,
                what.index);
        if (name == null) return;
        out.note("Removing the half-built index " + name + ", which a run left that was killed.");
        Database.update(c, "DROP INDEX CONCURRENTLY " + name);
    }

    /** The newest row that is not finished is this run's: there is but one run at a time. */
    private void logReached(String sql) throws SQLException {
        if (OperationLog.isLogged(db.connection()))
            Database.update(
                    db.connection(),
                    """
                UPDATE avdaily_ops.operation
                SET details = jsonb_set(details, '{reached}', coalesce(details -> 'reached', '[]') || to_jsonb(?::text))
                WHERE id = (SELECT max(id) FROM avdaily_ops.operation
                            WHERE command = 'migrate up' AND outcome = 'started')""",
                    sql.strip());
    }

    /** Whether a run that was killed had come to this statement. */
    private boolean wasReached(String sql) throws SQLException {
        return OperationLog.isLogged(db.connection())
                && Database.one(
                        db.connection(),
                        """
                SELECT EXISTS (SELECT FROM (
                  SELECT details, row_number() OVER (ORDER BY id DESC) AS n FROM avdaily_ops.operation
                  WHERE command = 'migrate up' AND outcome = 'started') o
                WHERE n > 1 AND details -> 'reached' @> to_jsonb(?::text))""",
                        Boolean.class,
                        sql.strip());
    }

    /** Whether what a killed run began is there, whole: the server may have gone on to the end of it. */
    private boolean isDone(Connection c, Concurrently what, String sql) throws SQLException {
        if (what.verb.equals("drop"))
            return Database.one(c, "SELECT to_regclass(?) IS NULL", Boolean.class, what.relation);
        String there = what.index == null
                ? null
                : Database.one(
                        c,
                        """
                SELECT pg_get_indexdef(x.indexrelid) FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
                WHERE x.indisvalid AND x.indrelid = to_regclass(?) AND i.relname = ?""",
                        String.class,
                        what.relation,
                        what.index);
        return there != null && bare(there).equals(bare(wouldBe(c, what, sql)));
    }

    /**
     * The index that the statement makes, found out on an empty table of the same columns and name, which hides the
     * other one.
     */
    private String wouldBe(Connection c, Concurrently what, String sql) throws SQLException {
        Database.run(c, "CREATE TEMPORARY TABLE " + what.table + " (LIKE " + what.relation + ")");
        try {
            Database.run(c, sql.replaceFirst("(?i)(\\sON\\s+(?:ONLY\\s+)?)(?:\"[^\"]*\"|[\\w$]+)\\s*\\.\\s*", "$1"));
            return Database.one(
                    c,
                    """
                    SELECT pg_get_indexdef(x.indexrelid) FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
                    WHERE x.indrelid = to_regclass(?) AND i.relname = ?""",
                    String.class,
                    "pg_temp." + what.table,
                    what.index);
        } catch (SQLException e) {
            out.detail("What the statement makes cannot be found out: "
                    + Failures.message(e)); // then the statement itself says what is in its way
            return "";
        } finally {
            Database.run(c, "DROP TABLE pg_temp." + what.table);
        }
    }

    private static String plain(String relation) {
        return (relation.contains(".") ? relation : "public." + relation).replace("\"", "");
    }

    /** Without the table, which is another one for the trial. */
    private static String bare(String definition) {
        return definition == null ? "" : definition.replaceFirst(" ON .*? USING ", " USING ");
    }

    /**
     * CREATE or DROP INDEX CONCURRENTLY.
     *
     * @param relation the table or index that it is about, as SQL names it
     * @param table the same without its schema
     * @param index the name of the index that it makes, null if it gives none
     */
    private record Concurrently(String verb, String relation, String table, String index) {
        static Concurrently of(String sql) {
            List<Word> words = Word.of(sql, 20);
            int at = 0;
            while (at < words.size() && !words.get(at).is("concurrently")) at++;
            if (at == words.size()
                    || !words.get(0).is("create") && !words.get(0).is("drop")) return null;
            String verb = words.get(0).text();
            int index = at + (at + 1 < words.size() && words.get(at + 1).is("if") ? 4 : 1);
            boolean named = verb.equals("create")
                    && index < words.size()
                    && words.get(index).isName()
                    && !words.get(index).is("on");
            if (verb.equals("create"))
                while (at < words.size() && !words.get(at).is("on")) at++;
            do at++;
            while (at < words.size()
                    && (words.get(at).is("only")
                            || words.get(at).is("if")
                            || words.get(at).is("exists")));
            boolean qualified = at + 2 < words.size() && words.get(at + 1).is(".");
            String relation = at >= words.size() || !words.get(at).isName()
                    ? null
                    : Sql.quoted(words.get(at).text())
                            + (qualified ? "." + Sql.quoted(words.get(at + 2).text()) : "");
            String table = relation == null
                    ? null
                    : Sql.quoted(words.get(qualified ? at + 2 : at).text());
            return new Concurrently(
                    verb, relation, table, named ? words.get(index).text() : null);
        }
    }
}
