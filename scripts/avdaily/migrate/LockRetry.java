package avdaily.migrate;

import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.base.Out;
import avdaily.db.Database;
import avdaily.db.Failures;
import avdaily.db.Lock;
import avdaily.db.SessionStart;
import avdaily.schema.Schema;
import avdaily.sql.SqlState;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
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
 * Gets the locks that a migration needs without being in anybody's way: a statement waits briefly, then the attempt is
 * given up whole, and made again after a pause.
 *
 * <p>Two halves belong together. {@link #connectForProject} makes a connection whose statements wait briefly;
 * {@link #run} makes the attempts. {@link #onConnection} is both.
 */
final class LockRetry {
    /**
     * Behind a waiting ALTER TABLE everybody else waits too. It is longer than deadlock_timeout, after which an
     * autovacuum gives way.
     */
    static final Duration LOCK_TIMEOUT = Duration.ofSeconds(2);

    /** CONCURRENTLY lets the others work while it waits, and has much to lose. */
    static final Duration CONCURRENT_LOCK_TIMEOUT = Duration.ofSeconds(30);

    /**
     * For each attempt that is allowed. With the usual 12 no new attempt begins three minutes after the first refusal,
     * however long an attempt takes.
     */
    private static final Duration ATTEMPT_BUDGET = Duration.ofSeconds(15);

    /** Before a deadlock is found, which takes a second; most runs are over by then. */
    private static final int FIRST_LOOK_MILLIS = 900;

    private static final Set<String> LOCK_STATES = Set.of(SqlState.LOCK_NOT_AVAILABLE, SqlState.DEADLOCK_DETECTED);

    private static final String NOTICE_DEATH = "SET client_connection_check_interval = '2s'";

    /** One attempt at the whole of the work. */
    interface Attempt<T> {
        T make() throws SQLException;
    }

    /** One attempt on a connection of its own. */
    interface Work<T> {
        T on(Connection c) throws SQLException;
    }

    private final Database db;
    private final Out out;
    private final int attempts;
    private volatile boolean noticesDeath;
    private final Set<Integer> ownSessions = ConcurrentHashMap.newKeySet();

    LockRetry(Database db, int attempts) {
        this.db = db;
        this.out = db.out();
        this.attempts = attempts;
    }

    int attempts() {
        return attempts;
    }

    /**
     * A connection for the project's SQL whose statements wait no longer than {@code most} for a lock, and that is
     * watched while it waits; see {@link Database#connectForProject}.
     */
    Connection connectForProject(Duration most) throws SQLException {
        return SessionStart.begun(db.connectForProject(), c -> {
            noticeDeath(c);
            ownSessions.add(Database.one(
                    c,
                    "SELECT pg_backend_pid() FROM set_config('lock_timeout', ?, false)",
                    Integer.class,
                    most.toMillis() + "ms"));
        });
    }

    /** Makes the session what it is to be at the beginning of a file. */
    void renew(Connection c, Duration most) throws SQLException {
        renew(c, most, "");
    }

    /** As {@link #renew(Connection, Duration)}, and {@code then}, a statement, in the same round trip. */
    void renew(Connection c, Duration most, String then) throws SQLException {
        db.renewForProject(c, "SET lock_timeout = " + most.toMillis(), noticesDeath ? NOTICE_DEATH : "", then);
    }

    /** Lets the server end what a killed run began, and not go on with it for as long as it takes. */
    private void noticeDeath(Connection c) throws SQLException {
        if (c.getMetaData().getDatabaseMajorVersion() < 14) return;
        try {
            Database.run(c, NOTICE_DEATH);
            noticesDeath = true;
        } catch (SQLException e) { // some operating systems cannot
            out.detail("The server cannot look whether its clients live: " + Failures.message(e));
        }
    }

    /**
     * Makes attempts at {@code work}, each on a connection for the project's SQL that waits {@link #LOCK_TIMEOUT} for a
     * lock and is closed after it.
     */
    <T> T onConnection(Work<T> work) throws SQLException {
        return run(() -> {
            try (Connection c = connectForProject(LOCK_TIMEOUT)) {
                return work.on(c);
            }
        });
    }

    /** The schema's definitions, for which the reader needs locks. */
    Schema schema() throws SQLException {
        return run(() -> {
            ownSessions.add(Database.one(db.connection(), "SELECT pg_backend_pid()", Integer.class));
            return Schema.of(db, Schema.Options.DEFINITIONS, LOCK_TIMEOUT);
        });
    }

    /**
     * Makes attempts until one gets its locks.
     *
     * @throws Failure (23) naming the sessions in the way, if the last one does not
     */
    <T> T run(Attempt<T> work) throws SQLException {
        Instant refused = null;
        try (Watch watch = new Watch()) {
            for (int attempt = 1; ; attempt++) {
                try {
                    return work.make();
                } catch (SQLException | RuntimeException e) {
                    if (!isLock(e)) throw e;
                    if (refused == null) refused = Instant.now();
                    boolean late = Instant.now().isAfter(refused.plus(ATTEMPT_BUDGET.multipliedBy(attempts)));
                    if (attempt >= attempts || late) throw givenUp(attempt, watch.seen, e);
                    out.status("Attempt " + attempt + " of " + attempts + " did not get its lock"
                            + BlockingSession.inTheWay(watch.seen) + "; trying again...");
                    ownSessions.clear();
                    Lock.pause(attempt);
                }
            }
        }
    }

    /**
     * Waits for the transactions that {@code query} finds now, and not for those that begin later. It asks for no lock,
     * so nobody waits for it.
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
                out.status("Waiting for older transactions to end"
                        + BlockingSession.inTheWay(BlockingSession.read(c, now.values())) + "...");
            Duration waited = Duration.between(start, Instant.now());
            if (waited.compareTo(ATTEMPT_BUDGET.multipliedBy(attempts)) > 0)
                throw givenUp(
                        "older transactions that it has to wait for do not end; given up after "
                                + Format.duration(waited),
                        BlockingSession.read(c, now.values()),
                        null);
            Lock.sleep(250);
        }
    }

    /** Whether another session's lock is what it failed on. */
    static boolean isLock(Throwable e) {
        for (Throwable t = e; t != null; t = t.getCause())
            if (t instanceof SQLException sql && LOCK_STATES.contains(SqlState.of(sql))) return true;
        return false;
    }

    private static Failure givenUp(int attempt, List<BlockingSession> blockers, Exception e) {
        String what = Failures.explain(e).getMessage() + "; given up after " + Format.count(attempt, "attempt");
        return givenUp(what, blockers, e);
    }

    private static Failure givenUp(String what, List<BlockingSession> blockers, Exception e) {
        String ends = blockers.stream()
                .filter(blocker -> blocker.pid() > 0)
                .map(blocker -> "SELECT pg_terminate_backend(" + blocker.pid() + ");")
                .collect(Collectors.joining(" "));
        return new Failure(
                Failure.Kind.LOCKED,
                what + BlockingSession.inTheWay(blockers),
                "wait until they are done" + (ends.isEmpty() ? "" : " or end them (" + ends + ")")
                        + ", then run this again; --lock-attempts N tries longer.",
                e);
    }

    /**
     * Looks now and then for whom the own sessions wait: after an attempt nobody knows any more. It connects only if
     * the work takes a while.
     */
    private final class Watch implements AutoCloseable {
        private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "lock watch");
            thread.setDaemon(true);
            return thread;
        });
        private Connection connection;
        private volatile List<BlockingSession> seen = List.of();

        Watch() {
            clock.scheduleWithFixedDelay(this::look, FIRST_LOOK_MILLIS, 300, TimeUnit.MILLISECONDS);
        }

        private void look() {
            try {
                if (ownSessions.isEmpty()) return;
                if (connection == null) connection = db.connect();
                List<BlockingSession> now = BlockingSession.of(connection, ownSessions);
                if (!now.isEmpty()) seen = now;
            } catch (SQLException | Failure e) { // no concern of the work itself
                out.detail("Who is in the way cannot be looked up: "
                        + Failures.explain(e).getMessage());
            }
        }

        @Override
        public void close() throws SQLException {
            clock.shutdown();
            try {
                clock.awaitTermination(5, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            if (connection != null) connection.close();
        }
    }
}
