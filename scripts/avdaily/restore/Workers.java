package avdaily.restore;

import avdaily.base.Out;
import avdaily.db.Database;
import avdaily.db.SortMemory;
import avdaily.sql.SqlFile;
import avdaily.sql.SqlState;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.postgresql.core.BaseConnection;

/** Connections to the new database that load and build at the same time. The first error stops all of them. */
final class Workers implements AutoCloseable {
    private static final byte[] END = {};
    /** How often a statement runs that ends in a deadlock: statements on partitions of one table can get there. */
    private static final int ATTEMPTS = 5;
    /**
     * What the checks of keys and the builds of other indexes than B-trees on all connections may take of the server's
     * memory together, if its own setting is smaller.
     */
    private static final int KILOBYTES = 512 << 10;

    private static final int PIECE = RowSender.BUFFER;
    /** What one connection takes of a table before the next one gets its turn, in bytes. */
    private static final int RUN = 8 << 20;

    private static final int POLL_MILLIS = 200;

    private final Out out;
    private final List<Connection> connections = new ArrayList<>();
    private final BlockingQueue<Connection> idle;
    private final ExecutorService threads;
    private final Map<Connection, String> prepared = new ConcurrentHashMap<>();
    /** The helpers that the server has for all sessions. */
    private final int helpers;
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    Workers(Database target, LoadingSession session, int jobs) throws SQLException {
        this.out = target.out();
        idle = new ArrayBlockingQueue<>(jobs);
        threads = Executors.newFixedThreadPool(jobs, task -> {
            Thread thread = new Thread(task, "restore");
            thread.setDaemon(true);
            return thread;
        });
        try {
            for (int i = 0; i < jobs; i++)
                connections.add(session.prepare(target.connect(), LoadingSession.Durability.LATER));
            helpers = Database.one(
                    connections.get(0), "SELECT current_setting('max_parallel_workers')::int", Integer.class);
        } catch (SQLException | RuntimeException e) {
            close();
            throw e;
        }
        idle.addAll(connections);
    }

    private interface Job {
        void on(Connection c) throws Exception;
    }

    /** Starts a job as soon as a connection is free. */
    private void submit(Job job) throws Exception {
        Connection c = take();
        threads.execute(() -> {
            try {
                job.on(c);
            } catch (Exception | Error e) { // whatever it is, the work was not done
                if (!failure.compareAndSet(null, e)) failure.get().addSuppressed(e);
            } finally {
                idle.add(c);
            }
        });
    }

    private Connection take() throws Exception {
        while (true) {
            check();
            Connection c = idle.poll(POLL_MILLIS, TimeUnit.MILLISECONDS);
            if (c != null) return c;
        }
    }

    private void check() throws Exception {
        if (failure.get() instanceof Error error) throw error;
        if (failure.get() instanceof Exception exception) throw exception;
    }

    /** Waits until no job runs. */
    void await() throws Exception {
        List<Connection> all = new ArrayList<>();
        while (all.size() < connections.size()) all.add(take());
        idle.addAll(all);
        check();
    }

    /** Runs a setting on every connection. */
    void everywhere(SqlFile.Statement statement) throws Exception {
        await();
        prepared.clear(); // it may have set what was prepared
        for (Connection c : connections) execute(c, statement);
    }

    /** What is put into a queue, up to an empty piece. */
    private static final class Pieces implements RowSender.Source {
        private final BlockingQueue<byte[]> queue;
        private ByteBuffer piece;

        private Pieces(BlockingQueue<byte[]> queue) {
            this.queue = queue;
        }

        @Override
        public int read(byte[] buffer, int place) throws InterruptedException {
            if (piece == null || !piece.hasRemaining() && piece.capacity() > 0) piece = ByteBuffer.wrap(queue.take());
            if (!piece.hasRemaining()) return -1;
            int n = Math.min(piece.remaining(), buffer.length - place);
            piece.get(buffer, place, n);
            return n;
        }
    }

    /**
     * Hands a block's rows out, a run of whole rows to each connection in turn; returns when the last one is handed
     * out.
     *
     * @param rows that the dump has of the table
     */
    void copy(SqlFile.Copy block, long rows, Map<String, Long> loaded) throws Exception {
        Map<Connection, RowSender> senders = new ConcurrentHashMap<>();
        byte[] piece = new byte[PIECE];
        int n = block.rows().read(piece, 0);
        if (n < 0) loaded.merge(block.table(), 0L, Long::sum);
        while (n >= 0) {
            BlockingQueue<byte[]> pieces = new ArrayBlockingQueue<>(RUN / PIECE + 2);
            Pieces source = new Pieces(pieces);
            submit(c -> {
                RowSender sender = senders.computeIfAbsent(c, RowSender::new);
                loaded.merge(block.table(), sender.send(block, rows, false, source), Long::sum);
            });
            long sent = 0;
            boolean whole;
            do {
                put(pieces, Arrays.copyOf(piece, n));
                sent += n;
                whole = block.rows().atLineStart();
                n = block.rows().read(piece, 0);
            } while (n >= 0 && !(whole && sent >= RUN));
            put(pieces, END);
        }
    }

    /** Has every connection load pieces of the file, which it reads itself; returns when all is loaded. */
    void copy(PartLoader parts) throws Exception {
        for (int i = 0; i < connections.size(); i++) submit(parts::load);
        await();
    }

    /** Runs the statements of pieces that do not depend on each other, each piece in one transaction. */
    void run(DumpReader dump, List<DumpReader.Piece> pieces) throws Exception {
        for (DumpReader.Piece piece : pieces) submit(c -> inOneTransaction(c, () -> run(c, dump, piece)));
        await();
    }

    private static void run(Connection c, DumpReader dump, DumpReader.Piece piece) throws Exception {
        try (SqlFile sql = dump.open(piece)) {
            for (SqlFile.Part part = sql.next(); part != null; part = sql.next()) {
                if (part instanceof SqlFile.Statement statement) execute(c, statement);
                sql.verifyStrings(c.unwrap(BaseConnection.class).getStandardConformingStrings());
            }
        }
    }

    interface Work {
        void run() throws Exception;
    }

    /** Does work on a connection that commits each statement otherwise. */
    static void inOneTransaction(Connection c, Work work) throws Exception {
        c.setAutoCommit(false);
        boolean isDone = false;
        try {
            work.run();
            c.commit();
            isDone = true;
        } finally {
            if (isDone) c.setAutoCommit(true);
            else c.close(); // the whole restore ends
        }
    }

    private void put(BlockingQueue<byte[]> pieces, byte[] piece) throws Exception {
        while (!pieces.offer(piece, POLL_MILLIS, TimeUnit.MILLISECONDS)) check();
    }

    /**
     * Runs statements at the same time, those on the largest tables first, and never two on one table that would wait
     * for each other.
     *
     * @param rows the number of rows of each table
     */
    void run(List<DumpStatement> steps, Map<String, Long> rows) throws Exception {
        List<DumpStatement> waiting = new ArrayList<>(steps);
        waiting.sort(Comparator.comparing((DumpStatement step) -> -rows.getOrDefault(step.name(), 0L))
                .thenComparing(step -> step.kind() == DumpStatement.Kind.KEY ? 0 : 1));
        Set<DumpStatement> running = new HashSet<>();
        while (!waiting.isEmpty()) {
            DumpStatement step = nextFree(waiting, running);
            waiting.remove(step);
            int processes = Math.min(1 + helpers, connections.size() / atOnce(waiting, running));
            submit(c -> {
                try {
                    prepare(c, step, rows.getOrDefault(step.name(), 0L), processes);
                    execute(c, step.statement());
                } finally {
                    synchronized (running) {
                        running.remove(step);
                        running.notifyAll();
                    }
                }
            });
        }
        await();
    }

    /** How many statements can run at the same time from now on, those that already do among them. */
    private int atOnce(List<DumpStatement> waiting, Set<DumpStatement> running) {
        synchronized (running) {
            List<DumpStatement> now = new ArrayList<>(running);
            for (DumpStatement step : waiting)
                if (now.size() < connections.size() && now.stream().noneMatch(other -> conflict(step, other)))
                    now.add(step);
            return Math.min(now.size(), connections.size());
        }
    }

    /** Connections that all build need no helpers of the server's, which would be in each other's way. */
    private void prepare(Connection c, DumpStatement step, long rows, int processes) throws SQLException {
        String memory = step.isTree()
                ? "SET maintenance_work_mem = " + SortMemory.kilobytes(rows, processes)
                : """
                SELECT set_config('maintenance_work_mem', greatest(reset_val::bigint, %d)::text, false)
                FROM pg_settings WHERE name = 'maintenance_work_mem'"""
                        .formatted(KILOBYTES / connections.size());
        String all = "SET max_parallel_maintenance_workers = " + (processes - 1) + "; " + memory;
        if (!all.equals(prepared.put(c, all))) Database.run(c, all);
    }

    /** Waits for a statement that no running one stands against, and adds it to the running ones. */
    private DumpStatement nextFree(List<DumpStatement> waiting, Set<DumpStatement> running) throws Exception {
        synchronized (running) {
            while (true) {
                for (DumpStatement step : waiting)
                    if (running.stream().noneMatch(other -> conflict(step, other))) {
                        running.add(step);
                        return step;
                    }
                running.wait(POLL_MILLIS);
                check();
            }
        }
    }

    /** Indexes on one table can be built at the same time; any other statement needs the table alone. */
    private static boolean conflict(DumpStatement one, DumpStatement other) {
        if (one.kind() == DumpStatement.Kind.INDEX && other.kind() == DumpStatement.Kind.INDEX) return false;
        return one.tables().stream().anyMatch(other.tables()::contains);
    }

    private static void execute(Connection c, SqlFile.Statement statement) throws SQLException {
        for (int attempt = 1; ; attempt++) {
            try {
                DumpLoader.send(c, statement);
                return;
            } catch (SQLException e) {
                if (!SqlState.of(e).equals(SqlState.DEADLOCK_DETECTED) || attempt == ATTEMPTS)
                    throw StatementFailure.of(statement, e);
            }
        }
    }

    void gatherStatistics(List<String> tables) throws Exception {
        for (String table : tables) submit(c -> Statistics.gather(c, table, out));
        await();
    }

    /** Ends the connections; what is still under way is broken off. */
    @Override
    public void close() throws SQLException {
        boolean busy = idle.size() < connections.size();
        threads.shutdownNow();
        for (Connection c : connections) {
            if (busy) c.abort(Runnable::run);
            else c.close();
        }
    }
}
