package avdaily.generate;

import avdaily.base.Failure;
import avdaily.db.Database;
import avdaily.db.OpenCopy;
import avdaily.db.SortMemory;
import avdaily.schema.Schema;
import avdaily.seed.TableCatalog;
import avdaily.sql.Sql;
import avdaily.sql.SqlState;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.postgresql.copy.CopyIn;

/**
 * Fills empty tables at the speed of COPY, in one transaction: indexes and foreign keys are taken off, the rows come
 * in, indexes and keys are built and validated again, and the schema must read as it read before. One transaction is
 * one connection. That costs little, since the server takes in rows on one core while others make them, and it is what
 * lets a killed run leave nothing behind: neither rows nor a missing index.
 */
public final class BulkLoad {
    /** What checks of foreign keys and other indexes than B-trees may take of the server's memory. */
    private static final int KILOBYTES_OF_OTHERS = 512 << 10;

    /** What else belongs into the transaction, before or after the rows. */
    public interface Step {
        void on(Connection c) throws Exception;
    }

    /**
     * What a load did.
     *
     * @param rows of each table, by its name
     * @param copied how long the rows took
     * @param built how long indexes and keys took
     */
    public record Result(Map<String, Long> rows, Duration copied, Duration built) {
        public long total() {
            return rows.values().stream().mapToLong(Long::longValue).sum();
        }
    }

    private final Database db;
    private final RowSource source;
    private final int jobs;
    private final TableCatalog tables;

    /** @throws Failure (2) where the database lacks a table or a column of the source */
    public BulkLoad(Database db, RowSource source, int jobs) throws SQLException {
        this.db = db;
        this.source = source;
        this.jobs = jobs;
        this.tables = TableCatalog.of(db.projectConnection());
        for (RowSource.Target target : source.targets()) {
            TableCatalog.Table table = tables.find(target.table())
                    .orElseThrow(() -> Failure.usage(
                            "the database " + db.name() + " has no table " + target.table(),
                            "bring the schema up first: avdaily-migrate up --env " + db.environment() + "."));
            for (String column : target.columns())
                if (!table.columns().containsKey(column))
                    throw Failure.usage(
                            "the table " + target.table() + " has no column " + column,
                            "bring the schema up first: avdaily-migrate up --env " + db.environment() + ".");
        }
    }

    /** The tables that must be empty: those to fill, and all that refer to them. */
    public Set<String> touched() {
        return tables.withReferrers(source.targets().stream()
                .map(RowSource.Target::table)
                .collect(Collectors.toCollection(LinkedHashSet::new)));
    }

    /** @throws Failure (21) where one of the tables has rows */
    public void refuseRows(Connection c) throws SQLException {
        List<String> filled = new ArrayList<>();
        for (String table : touched())
            if (Database.one(c, "SELECT EXISTS (SELECT FROM " + sql(table) + ")", Boolean.class)) filled.add(table);
        if (!filled.isEmpty())
            throw Failure.refused(
                    "a volume goes into empty tables only, and there are rows in " + String.join(", ", filled) + " of "
                            + db,
                    "take another database, or empty this one: avdaily-db reset, then avdaily-migrate up.");
    }

    public Result run(Step before, Step after) throws Exception {
        try (Connection c = db.connectForProject()) {
            c.setAutoCommit(false);
            Result result = load(c, before, after); // closing without a commit rolls back
            c.commit();
            c.setAutoCommit(true);
            Database.run(
                    c,
                    "ANALYZE "
                            + list(
                                    result.rows
                                            .keySet())); // after the commit, with which the server counts what changed
            return result;
        }
    }

    private Result load(Connection c, Step before, Step after) throws Exception {
        endWithTheClient(c);
        Database.run(c, "SET LOCAL lock_timeout = '30s'");
        Database.run(c, "LOCK TABLE " + list(touched()) + " IN ACCESS EXCLUSIVE MODE");
        refuseRows(c);
        before.on(c);
        Schema whole = Schema.read(c, Schema.Options.DEFINITIONS);
        Database.run(
                c, "TRUNCATE " + list(touched())); // new files, to which COPY may write rows that need no second visit
        // (FREEZE)
        takeOff(c);
        Schema bare = Schema.read(c, Schema.Options.DEFINITIONS);
        Instant start = Instant.now();
        Map<String, Long> rows = copy(c);
        Instant copied = Instant.now();
        putBack(c, whole, bare);
        if (!Schema.read(c, Schema.Options.DEFINITIONS).text().equals(whole.text()))
            throw new IllegalStateException("the tables would not be as they were before; nothing was changed");
        continueSequences(c);
        after.on(c);
        return new Result(rows, Duration.between(start, copied), Duration.between(copied, Instant.now()));
    }

    /**
     * The server's side of a killed run ends within seconds, not when its index is built; servers that cannot tell
     * still end then.
     */
    private static void endWithTheClient(Connection c) throws SQLException {
        Savepoint before = c.setSavepoint();
        try {
            Database.run(c, "SET LOCAL client_connection_check_interval = '2s'");
        } catch (SQLException e) {
            c.rollback(before);
        }
        c.releaseSavepoint(before);
    }

    private String list(Collection<String> tables) {
        return tables.stream().map(this::sql).collect(Collectors.joining(", "));
    }

    /** The table as SQL names it, which may be in a schema off the search path. */
    private String sql(String table) {
        return tables.find(table).orElseThrow().sql();
    }

    // -- off and on again

    /** Drops foreign keys, then keys, then indexes; what something else depends on stays, and is only slower. */
    private void takeOff(Connection c) throws SQLException {
        String[] names =
                source.targets().stream().map(target -> sql(target.table())).toArray(String[]::new);
        List<String> drops = Database.list(
                c,
                """
                WITH target AS (SELECT unnest(?::text[])::regclass::oid AS oid)
                SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname)
                FROM pg_constraint WHERE contype IN ('f', 'p', 'u', 'x') AND conparentid = 0
                  AND (conrelid IN (TABLE target) OR contype = 'f' AND confrelid IN (TABLE target))
                ORDER BY contype <> 'f', conname""",
                row -> row.getString(1),
                (Object) names);
        drops.addAll(Database.list(
                c,
                """
                SELECT format('DROP INDEX %s', indexrelid::regclass) FROM pg_index i
                WHERE indrelid = ANY (?::text[]::regclass[])
                  AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype
                      IN ('p', 'u', 'x'))
                ORDER BY 1""",
                row -> row.getString(1),
                (Object) names));
        for (String drop : drops) {
            Savepoint before = c.setSavepoint();
            try {
                Database.run(c, drop);
            } catch (SQLException e) {
                if (!SqlState.of(e).equals(SqlState.DEPENDENT_OBJECTS_STILL_EXIST)) throw e;
                c.rollback(before);
            }
            c.releaseSavepoint(before); // FREEZE wants to be where the tables were emptied: in no inner transaction
        }
    }

    /** Builds what the schema had and has no more, from its own words, in its own order. */
    private void putBack(Connection c, Schema whole, Schema bare) throws SQLException {
        int helpers = Database.one(
                c,
                """
                SELECT least(current_setting('max_parallel_maintenance_workers')::int,
                  current_setting('max_parallel_workers')::int)""",
                Integer.class);
        long sorting = SortMemory.kilobytes(0, helpers + 1);
        Set<Schema.Item> there = Set.copyOf(bare.items());
        List<Schema.Item> missing =
                whole.items().stream().filter(item -> !there.contains(item)).toList();
        try (Progress progress = new Progress(db.out(), "Indexes and keys", missing.size(), "built")) {
            for (Schema.Item item : missing) {
                progress.to(missing.indexOf(item), missing.indexOf(item));
                long kilobytes = SortMemory.isFor(item.ddl()) ? sorting : KILOBYTES_OF_OTHERS;
                Database.run(c, "SET LOCAL maintenance_work_mem = " + kilobytes);
                Database.run(c, item.ddl());
            }
        }
    }

    /**
     * The next value that a sequence gives a column comes after those that are there; RESTART, unlike setval, is taken
     * back with the transaction.
     */
    private void continueSequences(Connection c) throws SQLException {
        for (RowSource.Target target : source.targets())
            for (String column : target.columns()) {
                String sequence = Database.one(
                        c, "SELECT pg_get_serial_sequence(?, ?)", String.class, sql(target.table()), column);
                Long last = sequence == null
                        ? null
                        : Database.one(
                                c,
                                "SELECT max(" + Sql.quoted(column) + ")::bigint FROM " + sql(target.table()),
                                Long.class);
                if (last != null) Database.run(c, "ALTER SEQUENCE " + sequence + " RESTART WITH " + (last + 1));
            }
    }

    // -- rows

    private Map<String, Long> copy(Connection c) throws Exception {
        Map<String, Long> rows = new LinkedHashMap<>();
        ExecutorService makers = Executors.newFixedThreadPool(jobs);
        try {
            for (RowSource.Target target : source.targets()) rows.put(target.table(), copy(c, target, makers));
        } finally {
            makers.shutdownNow();
        }
        return rows;
    }

    /** Blocks are made on all threads and sent in their order; never more of them wait than memory is meant for. */
    private long copy(Connection c, RowSource.Target target, ExecutorService makers) throws Exception {
        long blocks = source.blocks(target);
        long sent = 0;
        String statement = "COPY " + sql(target.table()) + " ("
                + target.columns().stream().map(Sql::quoted).collect(Collectors.joining(", "))
                + ") FROM STDIN (FORMAT " + target.format() + ", FREEZE " + mayFreeze(c, target.table()) + ")";
        byte[] header = BinaryCopyBuffer.header(target.format());
        byte[] trailer = BinaryCopyBuffer.trailer(target.format());
        try (Progress progress = new Progress(db.out(), target.table(), blocks, "rows");
                OpenCopy<CopyIn> open = OpenCopy.in(c, statement)) {
            CopyIn in = open.rows();
            in.writeToCopy(header, 0, header.length);
            Deque<Future<BinaryCopyBuffer>> waiting = new ArrayDeque<>();
            for (long next = 0, done = 0; done < blocks; done++) {
                for (; next < blocks && waiting.size() < 2 * jobs; next++)
                    waiting.add(makers.submit(made(target, next)));
                BinaryCopyBuffer block = waiting.remove().get();
                in.writeToCopy(block.bytes(), 0, block.size());
                sent += block.rows();
                progress.to(done + 1, sent);
            }
            in.writeToCopy(trailer, 0, trailer.length);
            in.endCopy();
            return sent;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) throw cause;
            throw e;
        }
    }

    private boolean mayFreeze(Connection c, String table) throws SQLException {
        return Database.one(
                c,
                "SELECT relkind = 'r' FROM pg_class WHERE oid = ?::regclass",
                Boolean.class,
                sql(table)); // no partitions
    }

    private Callable<BinaryCopyBuffer> made(RowSource.Target target, long block) {
        return () -> {
            BinaryCopyBuffer rows = new BinaryCopyBuffer();
            source.write(target, block, rows);
            return rows;
        };
    }
}
