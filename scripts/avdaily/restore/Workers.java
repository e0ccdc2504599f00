package avdaily.restore;

import avdaily.base.Out;
import avdaily.db.Database;
import avdaily.db.Failures;
import avdaily.sql.SqlFile;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongConsumer;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/** Connections to the new database that load and build beside each other. The first error stops all of them. */
final class Workers implements AutoCloseable {
    private static final byte[] END = {};
    private static final String DEADLOCK =
            "40P01"; // statements on partitions of one table can get there, and may just run again
    private static final int ATTEMPTS = 5;
    /** What the index builds of all connections may take of the server's memory together, where its own setting is smaller. */
    private static final int INDEX_MEGABYTES = 512;

    private static final int PIECE = 1 << 18;
    private static final int RUN = 8 << 20; // what one connection takes of a table before the next one gets its turn

    private final Out out;
    private final List<Connection> connections = new ArrayList<>();
    private final BlockingQueue<Connection> idle;
    private final ExecutorService threads;
    private final AtomicReference<Exception> failure = new AtomicReference<>();

    Workers(Database target, int jobs) throws SQLException {
        this.out = target.out();
        idle = new ArrayBlockingQueue<>(jobs);
        threads = Executors.newFixedThreadPool(jobs, task -> {
            Thread thread = new Thread(task, "restore");
            thread.setDaemon(true);
            return thread;
        });
        try {
            for (int i = 0; i < jobs; i++) {
                Connection c = DumpLoader.prepared(target.connect(), false);
                connections.add(c);
                Database.run(
                        c,
                        "SELECT set_config('maintenance_work_mem', greatest(setting::bigint, "
                                + INDEX_MEGABYTES * 1024 / jobs + ") || 'kB', false)"
                                + " FROM pg_settings WHERE name = 'maintenance_work_mem'");
            }
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
            } catch (Exception e) {
                if (!failure.compareAndSet(null, e)) failure.get().addSuppressed(e);
            } finally {
                idle.add(c);
            }
        });
    }

    private Connection take() throws Exception {
        while (true) {
            check();
            Connection c = idle.poll(200, TimeUnit.MILLISECONDS);
            if (c != null) return c;
        }
    }

    private void check() throws Exception {
        if (failure.get() != null) throw failure.get();
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
        for (Connection c : connections) execute(c, statement);
    }

    /** Hands a block's rows out, a run of whole rows to each connection in turn; returns when the last one is handed out. */
    void copy(SqlFile.Copy block, Map<String, Long> loaded) throws Exception {
        byte[] piece = new byte[PIECE];
        int n = block.rows().read(piece);
        if (n < 0) loaded.merge(block.table(), 0L, Long::sum);
        while (n >= 0) {
            BlockingQueue<byte[]> pieces = new ArrayBlockingQueue<>(RUN / PIECE + 2);
            submit(c -> loaded.merge(block.table(), load(c, block, pieces), Long::sum));
            long sent = 0;
            boolean whole;
            do {
                put(pieces, Arrays.copyOf(piece, n));
                sent += n;
                whole = block.rows().atLineStart();
                n = block.rows().read(piece);
            } while (n >= 0 && !(whole && sent >= RUN));
            put(pieces, END);
        }
    }

    /** Has every connection load pieces of the file, which it reads itself; returns when all is loaded. */
    void copy(DumpReader dump, List<DumpReader.Piece> pieces, Map<String, Long> loaded, LongConsumer progress)
            throws Exception {
        PartScheduler shares = new PartScheduler(pieces);
        for (int i = 0; i < connections.size(); i++) {
            submit(c -> {
                for (Optional<DumpReader.Piece> piece = shares.next();
                        piece.isPresent() && failure.get() == null;
                        piece = shares.next()) {
                    copy(c, dump, piece.get(), loaded, progress);
                    shares.done(piece.get());
                }
            });
        }
        await();
    }

    private void copy(
            Connection c, DumpReader dump, DumpReader.Piece piece, Map<String, Long> loaded, LongConsumer progress)
            throws Exception {
        try (SqlFile sql = dump.open(piece)) {
            SqlFile.Copy block = dump.block(piece.part(), sql);
            SqlFile.Rows rows = block.rows();
            long count = load(
                    c,
                    block,
                    buffer -> piece.isKnown() ? rows.readUnchecked(buffer, DumpReader.END_OF_BLOCK) : rows.read(buffer),
                    progress);
            dump.checkCount(piece.part(), count);
            loaded.merge(block.table(), count, Long::sum);
        }
    }

    private interface Source {
        int read(byte[] buffer) throws IOException;
    }

    private static long load(Connection c, SqlFile.Copy block, Source rows, LongConsumer progress) throws Exception {
        try {
            CopyIn in = c.unwrap(PGConnection.class).getCopyAPI().copyIn(block.text());
            byte[] buffer = new byte[PIECE];
            for (int n; (n = rows.read(buffer)) >= 0; progress.accept(n)) in.writeToCopy(buffer, 0, n);
            return in.endCopy();
        } catch (SQLException e) {
            throw DumpLoader.refused(block.line(), block.text(), e);
        }
    }

    private void put(BlockingQueue<byte[]> pieces, byte[] piece) throws Exception {
        while (!pieces.offer(piece, 200, TimeUnit.MILLISECONDS)) check();
    }

    private long load(Connection c, SqlFile.Copy block, BlockingQueue<byte[]> pieces) throws Exception {
        try {
            CopyIn in = c.unwrap(PGConnection.class).getCopyAPI().copyIn(block.text());
            for (byte[] piece = pieces.take(); piece != END; piece = pieces.take())
                in.writeToCopy(piece, 0, piece.length);
            return in.endCopy();
        } catch (SQLException e) {
            throw DumpLoader.refused(block.line(), block.text(), e);
        }
    }

    /** Runs statements beside each other, those on the largest tables first, never two on the same table where they would wait. */
    void run(List<DumpStatement> steps, Map<String, Long> rows) throws Exception {
        List<DumpStatement> waiting = new ArrayList<>(steps);
        waiting.sort(Comparator.comparing((DumpStatement step) -> -rows.getOrDefault(step.name(), 0L))
                .thenComparing(step -> step.kind() == DumpStatement.Kind.KEY ? 0 : 1));
        Set<DumpStatement> running = new HashSet<>();
        while (!waiting.isEmpty()) {
            DumpStatement next;
            synchronized (running) {
                next = waiting.stream()
                        .filter(step -> running.stream().noneMatch(other -> conflict(step, other)))
                        .findFirst()
                        .orElse(null);
                if (next == null) {
                    running.wait(200);
                    check();
                    continue;
                }
                running.add(next);
            }
            waiting.remove(next);
            DumpStatement step = next;
            submit(c -> {
                try {
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

    /** Indexes on one table can be built at the same time; whatever else works on it needs it alone. */
    private static boolean conflict(DumpStatement one, DumpStatement other) {
        if (one.kind() == DumpStatement.Kind.INDEX && other.kind() == DumpStatement.Kind.INDEX) return false;
        return one.tables().stream().anyMatch(other.tables()::contains);
    }

    private static void execute(Connection c, SqlFile.Statement statement) throws SQLException {
        for (int attempt = 1; ; attempt++) {
            try {
                Database.run(c, statement.text());
                return;
            } catch (SQLException e) {
                if (!DEADLOCK.equals(e.getSQLState()) || attempt == ATTEMPTS) throw DumpLoader.refused(statement, e);
            }
        }
    }

    /** The tables that have rows, the largest first. */
    static List<String> filled(Connection c) throws SQLException {
        return Database.list(
                c,
                """
                SELECT format('%I.%I', nspname, relname) FROM pg_class t JOIN pg_namespace n ON n.oid = relnamespace
                WHERE (relkind IN ('r', 'm') AND relpersistence <> 't' AND pg_relation_size(t.oid) > 0 OR relkind = 'p')
                  AND nspname !~ '^pg_' AND nspname <> 'information_schema' AND pg_has_role(relowner, 'USAGE')
                ORDER BY pg_relation_size(t.oid) DESC, 1""",
                row -> row.getString(1));
    }

    /** Gathers what the planner has to know about each: without that the first queries would be slow. */
    void analyze(List<String> tables) throws Exception {
        for (String table : tables) submit(c -> analyze(c, table, out));
        await();
    }

    /** A table where that fails does without; the server does it by itself later. */
    static void analyze(Connection c, String table, Out out) throws SQLException {
        Savepoint before = c.getAutoCommit() ? null : c.setSavepoint();
        try {
            Database.run(c, "ANALYZE " + table);
        } catch (SQLException e) {
            out.detail("No statistics of " + table + ": " + Failures.message(e));
            if (before != null) c.rollback(before);
        }
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
