package avdaily.db;

import avdaily.base.Failure;
import avdaily.sql.SqlState;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A PostgreSQL advisory lock, held by a session of its own until closed. It is polled without an open transaction: that
 * neither makes CREATE INDEX CONCURRENTLY wait nor outlives a killed process.
 */
public final class Lock implements AutoCloseable {
    private static final int ANSWER_MS = 2000;

    /** The sessions of this process that hold one. */
    private static final Set<Integer> OWN = ConcurrentHashMap.newKeySet();

    private final Connection session;
    private final int pid;

    private Lock(Connection session, int pid) {
        this.session = session;
        this.pid = pid;
    }

    /**
     * Takes the lock of the collection that is called {@code name}, waiting with growing pauses (AVDAILY_LOCK_ATTEMPTS,
     * default 12).
     */
    public static Lock take(Database db, String name) throws SQLException {
        return take(db, name, db.settings().number("AVDAILY_LOCK_ATTEMPTS", 12));
    }

    /**
     * Takes the lock, trying so many times with pauses that grow from 0.1 to 20 seconds. Runs on two schemas of a
     * database go on beside each other, and none beside one on the whole database.
     *
     * @throws Failure (23) naming the session that holds it
     */
    public static Lock take(Database db, String name, int attempts) throws SQLException {
        Connection session = db.connect();
        try {
            refusePooler(session, db.connection());
            int pid = backend(session);
            String own = db.recorded(name);
            if (!own.equals(name)) await(db, name, attempts, () -> tryShare(session, key(name)), session);
            await(db, own, attempts, () -> tryLock(session, key(own)), session);
            Lock lock = new Lock(session, pid);
            lock.verify();
            if (tryLock(db.connection(), key(own))) throw lying();
            OWN.add(pid);
            return lock;
        } catch (SQLException | RuntimeException e) {
            session.close();
            throw e;
        }
    }

    /** An attempt at a lock. */
    private interface Attempt {
        boolean make() throws SQLException;
    }

    private static void await(Database db, String name, int attempts, Attempt attempt, Connection session)
            throws SQLException {
        for (int number = 1; !attempt.make(); number++) {
            if (number >= attempts)
                throw Failure.locked(
                        "another run holds the lock '" + name + "' on " + db.name() + ": "
                                + holder(session, key(name)),
                        "wait until it is done and run this again; nothing was changed.");
            if (number == 1) db.out().status("Waiting for another run on " + db.name() + " to finish...");
            pause(number);
        }
    }

    /**
     * Makes sure that the session is still the one that took the lock: a pooler in transaction mode would lend it to
     * others.
     */
    public void verify() throws SQLException {
        if (backend(session) != pid)
            throw Failure.refused(
                    "the connection goes through a pooler in transaction mode, where a lock protects nothing",
                    "connect straight to the server (its own port, not the pooler's).");
    }

    /** What only looks like PostgreSQL may know the function and lock nothing, as CockroachDB does. */
    private static Failure lying() {
        return Failure.refused(
                "this server gives one advisory lock to two sessions, so that it protects nothing",
                "use a PostgreSQL server; 'avdaily-db doctor' says what works on this one.");
    }

    /**
     * The lock is free then: a server that only loses the session may take its time. Nobody waits for an answer where a
     * network forgot the session, which was idle while the work was done.
     */
    @Override
    public void close() {
        OWN.remove(pid);
        try (session) {
            session.setNetworkTimeout(Runnable::run, ANSWER_MS);
            Database.run(session, "SELECT pg_catalog.pg_advisory_unlock_all()");
        } catch (SQLException e) {
            // with the session goes the lock
        }
    }

    /**
     * Whether a session of another process holds the lock that may write into the table, as whoever needs the lock may:
     * every login can take it.
     */
    public static boolean isHeldElsewhere(Database db, String name, String table) throws SQLException {
        String query =
                """
                SELECT l.pid FROM pg_locks l JOIN pg_stat_activity a USING (pid), pg_class c
                WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND l.mode = 'ExclusiveLock'
                  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
                  AND (l.classid::bigint << 32 | l.objid::bigint) = ? AND c.oid = ?::regclass
                  AND (has_table_privilege(a.usesysid, c.oid, 'INSERT')
                       OR pg_has_role(a.usesysid, c.relowner, 'MEMBER'))""";
        List<Integer> holders =
                Database.list(db.connection(), query, row -> row.getInt(1), key(db.recorded(name)), table);
        return !OWN.containsAll(holders);
    }

    /**
     * Makes sure that two connections are two sessions of the server's. A pooler lends one session to either, statement
     * by statement, and then what a session has (a lock, a snapshot, a setting) is nobody's. Neither connection may be
     * in a transaction.
     *
     * @throws Failure (21) if both are one session
     */
    static void refusePooler(Connection one, Connection other) throws SQLException {
        String pid = "SELECT pg_backend_pid()";
        if (one != other && Database.one(one, pid, Integer.class).equals(Database.one(other, pid, Integer.class)))
            throw Failure.refused(
                    "the connection goes through a pooler in transaction mode, "
                            + "where locks, snapshots and settings do not last",
                    "connect straight to the server (its own port, not the pooler's).");
    }

    private static long key(String name) {
        return 0x61764461696c7900L ^ name.hashCode(); // "avDaily", so that other programs' locks are not ours
    }

    private static boolean tryLock(Connection session, long key) throws SQLException {
        return Database.one(session, "SELECT pg_try_advisory_lock(?)", Boolean.class, key);
    }

    private static boolean tryShare(Connection session, long key) throws SQLException {
        return Database.one(session, "SELECT pg_try_advisory_lock_shared(?)", Boolean.class, key);
    }

    private static int backend(Connection session) throws SQLException {
        return Database.one(session, "SELECT pg_backend_pid()", Integer.class);
    }

    private static String holder(Connection session, long key) throws SQLException {
        String query =
                """
                SELECT string_agg(format('pid %s, %s, user %s, since %s', a.pid,
                                         coalesce(nullif(a.application_name, ''), 'unknown program'),
                                         a.usename, to_char(a.backend_start, 'YYYY-MM-DD HH24:MI:SS')), '; ')
                FROM pg_locks l JOIN pg_stat_activity a USING (pid)
                WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
                  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
                  AND (l.classid::bigint << 32 | l.objid::bigint) = ?""";
        String who = Database.one(session, query, String.class, key);
        return who == null ? "it was freed just now" : who;
    }

    /**
     * Ends the sessions that hold the lock although their roles may create nothing in the database: whoever needs this
     * lock may, and every login can take it.
     *
     * @return whether there were any that we may end
     */
    public static boolean endStrangers(Database db, String name) throws SQLException {
        String query =
                """
                SELECT a.pid, a.usename FROM pg_locks l JOIN pg_stat_activity a USING (pid)
                WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
                  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
                  AND (l.classid::bigint << 32 | l.objid::bigint) = ?
                  AND NOT has_database_privilege(a.usesysid, current_database(), 'CREATE')""";
        Map<Integer, String> strangers = new LinkedHashMap<>();
        Database.list(db.connection(), query, row -> strangers.put(row.getInt(1), row.getString(2)), key(name));
        boolean ended = false;
        for (Map.Entry<Integer, String> session : strangers.entrySet()) {
            try {
                ended |= Database.one(
                        db.connection(), "SELECT pg_terminate_backend(?)", Boolean.class, session.getKey());
                db.out()
                        .note("Ended the session of " + session.getValue() + " (pid " + session.getKey()
                                + "), who held the lock '" + name + "' and may create nothing here.");
            } catch (SQLException e) {
                if (!SqlState.of(e).equals(SqlState.INSUFFICIENT_PRIVILEGE)) throw e;
            }
        }
        return ended;
    }

    /** Pauses before another attempt, the longer the more there were, and not as long as others who wait. */
    public static void pause(int attempt) {
        long most = Math.min(20_000, 100L << Math.min(attempt, 12));
        sleep(ThreadLocalRandom.current().nextLong(most / 2, most));
    }

    public static void sleep(long milliseconds) {
        try {
            Thread.sleep(milliseconds);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure(Failure.Kind.INTERRUPTED, "interrupted while waiting for a lock", "run it again.", e);
        }
    }
}
