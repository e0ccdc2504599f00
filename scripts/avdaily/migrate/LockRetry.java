package avdaily.migrate;

import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.db.Database;
import avdaily.db.Failures;
import avdaily.db.Lock;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Gets the locks that a migration needs without being in anybody's way: a statement waits briefly, then the attempt is given up
 * whole, and made again after a pause. Who is in the way is looked up on a second connection while we wait: afterwards nobody knows.
 */
final class LockRetry {
    /** Behind a waiting ALTER TABLE everybody else waits too. Longer than deadlock_timeout, after which an autovacuum makes way by itself. */
    static final Duration LOCK_TIMEOUT = Duration.ofSeconds(2);
    /** CONCURRENTLY lets the others work while it waits, and has much to lose. */
    static final Duration CONCURRENT_LOCK_TIMEOUT = Duration.ofSeconds(30);
    /** With the 12 attempts that are usual no new one begins three minutes after the first refusal, however long an attempt takes. */
    private static final Duration ATTEMPT_BUDGET = Duration.ofSeconds(15);

    private static final Set<String> LOCK_STATES = Set.of("55P03", "40P01"); // lock_timeout or NOWAIT; a deadlock

    /** One attempt at the whole of the work. */
    interface Attempt<T> {
        T make() throws Exception;
    }

    private final Database db;
    private final int attempts;
    private final Set<Integer> ownSessions = ConcurrentHashMap.newKeySet();

    LockRetry(Database db, int attempts) {
        this.db = db;
        this.attempts = attempts;
    }

    int attempts() {
        return attempts;
    }

    /** A connection whose statements wait no longer than that for a lock, and that is watched while it waits. */
    Connection connect(Duration most) throws SQLException {
        Connection c = db.connect();
        noticeDeath(c);
        ownSessions.add(Database.one(
                c,
                "SELECT pg_backend_pid() FROM set_config('lock_timeout', ?, false)",
                Integer.class,
                most.toMillis() + "ms"));
        return c;
    }

    /** Lets the server end what a killed run began, and not go on with it for as long as it takes. */
    private void noticeDeath(Connection c) throws SQLException {
        if (c.getMetaData().getDatabaseMajorVersion() < 14) return;
        try {
            Database.run(c, "SET client_connection_check_interval = '2s'");
        } catch (SQLException e) {
            db.out()
                    .detail("The server cannot look whether its clients live: "
                            + Failures.message(e)); // on some operating systems
        }
    }

    /**
     * Makes attempts until one gets its locks.
     *
     * @throws Failure (23) naming the sessions in the way, when the last one did not
     */
    <T> T run(Attempt<T> work) throws Exception {
        Instant refused = null;
        try (Watch watch = new Watch()) {
            for (int attempt = 1; ; attempt++) {
                try {
                    return work.make();
                } catch (Exception e) {
                    if (!isLock(e)) throw e;
                    if (refused == null) refused = Instant.now();
                    if (attempt >= attempts
                            || Instant.now().isAfter(refused.plus(ATTEMPT_BUDGET.multipliedBy(attempts))))
                        throw givenUp(
                                Failures.explain(e).getMessage() + "; given up after "
                                        + Format.count(attempt, "attempt"),
                                watch.seen,
                                e);
                    db.out()
                            .note("Attempt " + attempt + " of " + attempts + " did not get its lock"
                                    + Blocker.list(watch.seen) + "; trying again...");
                    ownSessions.clear();
                    Lock.pause(attempt);
                }
            }
        }
    }

    /**
     * Waits for the transactions that {@code query} finds now, and not for those that begin later. It asks for no lock, so nobody waits for us.
     *
     * @param query the pid and the virtual transaction of each
     * @throws Failure (23) naming those that do not end
     */
    void awaitTransactions(Connection c, String query, Object... parameters) throws SQLException {
        Instant start = Instant.now();
        Set<String> old = null;
        for (int round = 0; ; round++) {
            Map<String, Integer> now = new HashMap<>();
            Database.list(c, query, row -> now.put(row.getString(2), row.getInt(1)), parameters);
            if (old == null) old = Set.copyOf(now.keySet());
            now.keySet().retainAll(old);
            if (now.isEmpty()) return;
            if (round % 20 == 4)
                db.out()
                        .note("Waiting for older transactions to end" + Blocker.list(Blocker.read(c, now.values()))
                                + "...");
            Duration waited = Duration.between(start, Instant.now());
            if (waited.compareTo(ATTEMPT_BUDGET.multipliedBy(attempts)) > 0)
                throw givenUp(
                        "older transactions that it has to wait for do not end; given up after "
                                + Format.duration(waited),
                        Blocker.read(c, now.values()),
                        null);
            Lock.sleep(250);
        }
    }

    /** Whether another session's lock is what it failed on. */
    static boolean isLock(Throwable e) {
        for (Throwable t = e; t != null; t = t.getCause())
            if (t instanceof SQLException sql && LOCK_STATES.contains(String.valueOf(sql.getSQLState()))) return true;
        return false;
    }

    private static Failure givenUp(String what, List<Blocker> blockers, Exception e) {
        String ends = blockers.stream()
                .filter(blocker -> blocker.pid > 0)
                .map(blocker -> "SELECT pg_terminate_backend(" + blocker.pid + ");")
                .collect(Collectors.joining(" "));
        return new Failure(
                Failure.Kind.LOCKED,
                what + Blocker.list(blockers),
                "wait until they are done" + (ends.isEmpty() ? "" : " or end them (" + ends + ")")
                        + ", then run this again; --lock-attempts N tries longer.",
                e);
    }

    /** A session in the way: one that holds a lock, or asked for it before us. */
    private record Blocker(int pid, String description) {
        /** The sessions in the way of the given ones. */
        static List<Blocker> of(Connection c, Collection<Integer> waiting) throws SQLException {
            return list(
                    c,
                    """
                    SELECT DISTINCT b.pid FROM pg_stat_activity mine CROSS JOIN LATERAL unnest(pg_blocking_pids(mine.pid)) AS b (pid)
                    WHERE mine.pid = ANY (?::int[]) AND mine.wait_event_type = 'Lock' AND b.pid <> ALL (?::int[])""",
                    array(waiting),
                    array(waiting));
        }

        static List<Blocker> read(Connection c, Collection<Integer> pids) throws SQLException {
            return list(c, "SELECT DISTINCT unnest(?::int[])", array(pids));
        }

        private static List<Blocker> list(Connection c, String pids, Object... parameters) throws SQLException {
            return Database.list(
                    c,
                    """
                    SELECT b.pid, CASE WHEN b.pid = 0 THEN 'a prepared transaction (see pg_prepared_xacts)' ELSE
                      format('pid %s, %s, user %s', b.pid, coalesce(nullif(a.application_name, ''), a.backend_type, 'unknown program'), coalesce(a.usename, 'unknown'))
                        || coalesce(to_char(coalesce(a.xact_start, a.backend_start), '", since "YYYY-MM-DD HH24:MI:SS'), '') || coalesce(', ' || a.state, '')
                        || coalesce(', itself behind pid ' || nullif(array_to_string(pg_blocking_pids(b.pid), ', '), ''), '') END, a.query
                    FROM ("""
                            + pids + ") AS b (pid) LEFT JOIN pg_stat_activity a ON a.pid = b.pid ORDER BY a.xact_start",
                    row -> new Blocker(row.getInt(1), row.getString(2) + shown(row.getString(3))),
                    parameters);
        }

        private static String array(Collection<Integer> pids) {
            return pids.stream().map(String::valueOf).collect(Collectors.joining(",", "{", "}"));
        }

        /** A statement without what may be somebody's data: literals and comments. */
        private static String shown(String query) {
            if (query == null || query.isBlank() || query.startsWith("<")) return "";
            String bare = query.replaceAll("(?s)--[^\\n]*|/\\*.*?(\\*/|$)", " ")
                    .replaceAll("(?s)\\$(\\w*)\\$.*?(\\$\\1\\$|$)", "?")
                    .replaceAll("(?s)[eE]?'(?:[^'\\\\]|''|\\\\.)*+('|$)", "?")
                    .replaceAll("(?<![\\w$\"])[0-9][\\w.]*", "?")
                    .replaceAll("\\s+", " ")
                    .replaceAll("[;\\s]+$", "")
                    .strip();
            return ", last statement: " + (bare.length() > 200 ? bare.substring(0, 200) + "..." : bare);
        }

        static String list(List<Blocker> blockers) {
            return blockers.isEmpty()
                    ? ""
                    : "; in the way: "
                            + blockers.stream().map(Blocker::description).collect(Collectors.joining("; "));
        }
    }

    /** Looks now and then whom our sessions wait for. It connects only when the work takes a while. */
    private final class Watch implements AutoCloseable {
        private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "lock watch");
            thread.setDaemon(true);
            return thread;
        });
        private Connection connection;
        private volatile List<Blocker> seen = List.of();

        Watch() {
            clock.scheduleWithFixedDelay(this::look, 400, 300, TimeUnit.MILLISECONDS);
        }

        private void look() {
            try {
                if (ownSessions.isEmpty()) return;
                if (connection == null) connection = db.connect();
                List<Blocker> now = Blocker.of(connection, ownSessions);
                if (!now.isEmpty()) seen = now;
            } catch (SQLException | Failure e) {
                db.out()
                        .detail("Who is in the way cannot be looked up: "
                                + Failures.explain(e).getMessage()); // no concern of the work itself
            }
        }

        @Override
        public void close() throws SQLException, InterruptedException {
            clock.shutdown();
            clock.awaitTermination(5, TimeUnit.SECONDS);
            if (connection != null) connection.close();
        }
    }
}
