package avdaily.backup;

import avdaily.base.Failure;
import avdaily.db.Database;
import avdaily.db.Snapshot;
import avdaily.sql.Sql;
import avdaily.sql.SqlState;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** The locks under which all tables keep their definitions while a backup reads them. */
public final class TableLocks {
    private static final int ATTEMPTS = 5;

    /**
     * Locks all tables against changes of their definition, then takes the snapshot: it fits the definitions.
     *
     * @throws Failure (23) if a table is locked against everybody, or tables come and go too fast
     */
    static Snapshot snapshot(Database db) throws SQLException {
        for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
            Set<String> locked = new HashSet<>();
            try {
                Snapshot snapshot = Snapshot.take(db, leader -> {
                    List<String> tables = lockable(db.connection());
                    lock(leader, tables);
                    locked.addAll(tables);
                });
                if (locked.containsAll(lockable(snapshot.leader()))) return snapshot;
                snapshot.close(); // a table was made in between
            } catch (SQLException e) {
                if (SqlState.of(e).equals(SqlState.LOCK_NOT_AVAILABLE)) throw held(db);
                if (!isGone(e)) throw e;
            }
        }
        throw Failure.locked(
                "tables come and go on " + db + " faster than they can be locked",
                "run it again when less is going on.");
    }

    private static void lock(Connection c, List<String> tables) throws SQLException {
        if (tables.isEmpty()) return;
        String all = tables.stream().map(table -> "ONLY " + table).collect(Collectors.joining(", "));
        Database.run(c, "LOCK TABLE " + all + " IN ACCESS SHARE MODE");
    }

    /** Whether a table was dropped between the list of tables and its lock. */
    private static boolean isGone(SQLException e) {
        return SqlState.of(e).equals(SqlState.UNDEFINED_TABLE) || SqlState.of(e).equals(SqlState.INVALID_SCHEMA_NAME);
    }

    private static List<String> lockable(Connection c) throws SQLException {
        return Database.list(
                c,
                """
                SELECT format('%I.%I', n.nspname, c.relname)
                FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND"""
                        + " " + Sql.userSchemas("n") + " ORDER BY c.oid",
                row -> row.getString(1));
    }

    /**
     * Locks a table in a session that joined the snapshot, without waiting. If another session waits to change the
     * table, that session waits for the leader's lock, and this one would wait behind it for ever.
     *
     * @return whether it is locked; if not, the session's transaction has failed
     */
    static boolean tryLock(Connection c, String table) throws SQLException {
        try {
            Database.run(c, "LOCK TABLE ONLY " + table + " IN ACCESS SHARE MODE NOWAIT");
            return true;
        } catch (SQLException e) {
            if (SqlState.of(e).equals(SqlState.LOCK_NOT_AVAILABLE)) return false;
            throw e;
        }
    }

    /** The failure (23) that names who locks tables against everybody. */
    public static Failure held(Database db) throws SQLException {
        String who = Database.one(
                db.connection(),
                """
                SELECT string_agg(DISTINCT format('%s by pid %s, %s, user %s', l.relation::regclass, a.pid,
                         coalesce(nullif(a.application_name, ''), 'unknown program'), a.usename), '; ')
                FROM pg_locks l JOIN pg_stat_activity a USING (pid)
                WHERE l.locktype = 'relation' AND l.granted AND l.mode = 'AccessExclusiveLock'
                  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())""",
                String.class);
        return Failure.locked(
                "a table is locked: " + (who == null ? "it was freed just now" : who),
                "wait until that is done and run it again; nothing was written.");
    }

    private TableLocks() {}
}
