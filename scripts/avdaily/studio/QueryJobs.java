package avdaily.studio;

import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.db.Database;
import avdaily.db.Environment;
import avdaily.db.Failures;
import avdaily.db.OperationLog;
import avdaily.db.SingleStatement;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The queries that visitors run. Each has a session of its own, which finds names as psql would, in a transaction that
 * the server keeps from writing, and that is closed afterwards.
 */
final class QueryJobs {
    static final int MOST_ROWS = 300;
    static final Duration LONGEST = Duration.ofSeconds(30);
    private static final int MOST_AT_ONCE = 3;
    private static final int MOST_KEPT = 30;
    private static final int LONGEST_VALUE = 2000;
    private static final int ROWS_AT_ONCE = 50;

    /** What is done with a statement. */
    enum Mode {
        RUN(""),
        EXPLAIN("EXPLAIN (FORMAT JSON) "),
        ANALYZE("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ");

        private final String before;

        Mode(String before) {
            this.before = before;
        }
    }

    /** @param isCut whether there were more rows */
    record Result(List<String> heads, List<List<String>> rows, boolean isCut, Duration took) {}

    /** One query. */
    static final class Job {
        final long id;
        final String owner;
        final String sql;
        final Mode mode;
        final long since = System.nanoTime();
        private final CountDownLatch end = new CountDownLatch(1);
        private volatile Statement statement;
        private volatile Result result;
        private volatile Failure failure;

        private Job(long id, String owner, String sql, Mode mode) {
            this.id = id;
            this.owner = owner;
            this.sql = sql;
            this.mode = mode;
        }

        boolean isRunning() {
            return end.getCount() > 0;
        }

        Optional<Result> result() {
            return Optional.ofNullable(result);
        }

        Optional<Failure> failure() {
            return Optional.ofNullable(failure);
        }

        void await(Duration most) throws InterruptedException {
            end.await(most.toMillis(), TimeUnit.MILLISECONDS);
        }

        void cancel() throws SQLException {
            Statement running = statement;
            if (running != null) running.cancel();
        }
    }

    private final StudioPages.Opening opening;
    private final Semaphore places = new Semaphore(MOST_AT_ONCE);
    private final AtomicLong number = new AtomicLong();
    private final ConcurrentLinkedDeque<Job> jobs = new ConcurrentLinkedDeque<>();

    QueryJobs(StudioPages.Opening opening) {
        this.opening = opening;
    }

    /** The visitor's queries, the newest first. */
    List<Job> of(Visitor visitor) {
        return jobs.stream().filter(job -> job.owner.equals(visitor.cookie())).toList();
    }

    Job find(Visitor visitor, String id) {
        return of(visitor).stream()
                .filter(job -> String.valueOf(job.id).equals(id))
                .findFirst()
                .orElseThrow(() -> Failure.usage("there is no such query any more", "run it again."));
    }

    /** @throws Failure (23) if others run as many as there may be */
    Job begin(Visitor visitor, String sql, Mode mode) {
        if (!places.tryAcquire())
            throw Failure.locked(MOST_AT_ONCE + " queries are running", "wait for one, or cancel it.");
        Job job = new Job(number.incrementAndGet(), visitor.cookie(), sql, mode);
        jobs.addFirst(job);
        while (jobs.size() > MOST_KEPT) jobs.removeLast();
        Thread thread = new Thread(() -> run(job), "studio-query-" + job.id);
        thread.setDaemon(true);
        thread.start();
        return job;
    }

    private void run(Job job) {
        try (Database db = opening.open()) {
            mustBeLogged(db, job);
            try (Connection c = db.connectForProject()) {
                // after a first query nothing makes the transaction one that writes
                ReadOnlySessions.begin(c, LONGEST, "SELECT 1");
                job.result = read(c, job);
                c.rollback();
            }
        } catch (Exception e) {
            job.failure = Failures.explain(e);
        } catch (OutOfMemoryError e) {
            job.failure = new Failure(
                    Failure.Kind.ERROR,
                    "its rows do not fit into memory",
                    "ask for less, as with left(column, 1000).",
                    e);
        } finally {
            job.statement = null;
            places.release();
            job.end.countDown();
        }
    }

    /** Results are not masked. */
    private static void mustBeLogged(Database db, Job job) throws Exception {
        if (db.environment() != Environment.PRODUCTION) return;
        if (!OperationLog.isPossible(db))
            throw Failure.refused(
                    "what is read of production is logged, and this role may write to no log",
                    "use a role that may INSERT and UPDATE avdaily_ops.operation, or psql.");
        OperationLog.recordIfPossible(db, "studio query", details -> details.put("mode", job.mode.toString()));
    }

    private static Result read(Connection c, Job job) throws SQLException {
        if (!SingleStatement.isQuery(c, job.sql))
            throw Failure.usage(
                    "it is not one query",
                    "write one statement that begins with SELECT, WITH, VALUES or TABLE; use psql for others.");
        long start = System.nanoTime();
        try (Statement statement = c.createStatement()) {
            job.statement = statement;
            statement.setEscapeProcessing(false);
            statement.setMaxRows(MOST_ROWS + 1);
            statement.setFetchSize(ROWS_AT_ONCE);
            try (ResultSet rows = statement.executeQuery(job.mode.before + job.sql)) {
                return result(rows, start);
            }
        }
    }

    /** The server counts the time of each fetch anew; a query has what those before left of it. */
    private static boolean goesOn(ResultSet rows, int read, long start) throws SQLException {
        if (read > 0 && read % ROWS_AT_ONCE == 0) {
            long left = LONGEST.toMillis() - (System.nanoTime() - start) / 1_000_000;
            Database.run(rows.getStatement().getConnection(), "SET LOCAL statement_timeout = " + Math.max(1, left));
        }
        return rows.next();
    }

    private static Result result(ResultSet rows, long start) throws SQLException {
        List<String> heads = new ArrayList<>();
        for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++)
            heads.add(rows.getMetaData().getColumnLabel(i));
        boolean isPlan = heads.equals(List.of("QUERY PLAN"));
        List<List<String>> all = new ArrayList<>();
        while (goesOn(rows, all.size(), start)) {
            List<String> row = new ArrayList<>();
            for (int i = 1; i <= heads.size(); i++) {
                String value = rows.getString(i);
                row.add(isPlan || value == null ? value : Format.within(value, LONGEST_VALUE, "…"));
            }
            all.add(row);
        }
        boolean isCut = all.size() > MOST_ROWS;
        return new Result(
                heads, isCut ? all.subList(0, MOST_ROWS) : all, isCut, Duration.ofNanos(System.nanoTime() - start));
    }
}
