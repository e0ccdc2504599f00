package avdaily.backup;

import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.base.Out;
import avdaily.base.WorkQueue;
import avdaily.copy.TextRows;
import avdaily.db.Snapshot;
import avdaily.schema.Schema;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import me.tongfei.progressbar.ProgressBar;

/**
 * Copies the rows of all tables into the backup, over several connections that see one snapshot. Each worker takes a
 * range of a table as {@link RangePlan} has them, locks the table, and copies the range as parts. A table that a worker
 * cannot lock is left to the leader, which has its lock already. The first error stops all workers.
 */
final class CopyWorkers {
    /**
     * A part is ended at the next row once it is so long, uncompressed or compressed: each worker holds one in memory.
     */
    private static final long PART_BYTES = 32 << 20;

    private static final int PART_HELD = 4 << 20;
    /**
     * The server's table of locks is small; the leader's locks, of which there is one a table, are the ones that count.
     */
    private static final int MOST_LOCKS = 100;

    private final Snapshot snapshot;
    private final BackupSink sink;
    private final BackupTables tables;
    private final TableRows.Form form;
    private final Queue<BackupTables.Range> contended = new ConcurrentLinkedQueue<>();
    private final AtomicLong[] rows;
    private final AtomicLong[] bytes;
    private final RowSum[] sums;
    private final AtomicLong allRows = new AtomicLong();
    private final AtomicLong allBytes = new AtomicLong();
    private final ProgressBar bar;

    private CopyWorkers(Snapshot snapshot, BackupSink sink, BackupTables tables, ProgressBar bar) throws SQLException {
        this.snapshot = snapshot;
        this.sink = sink;
        this.tables = tables;
        this.bar = bar;
        this.form = TableRows.Form.of(snapshot.leader());
        this.rows = counters(tables);
        this.bytes = counters(tables);
        this.sums =
                tables.targets().keySet().stream().map(target -> new RowSum()).toArray(RowSum[]::new);
    }

    private static AtomicLong[] counters(BackupTables tables) {
        return tables.targets().keySet().stream()
                .map(target -> new AtomicLong())
                .toArray(AtomicLong[]::new);
    }

    /**
     * Copies all rows, and returns what came of each table, in the order of {@link BackupTables#targets}.
     *
     * @param jobs connections at the same time, beside the leader's
     */
    static List<BackupMetadata.Table> copy(Snapshot snapshot, BackupSink sink, BackupTables tables, int jobs, Out out)
            throws Exception {
        List<List<BackupTables.Range>> turns = tables.ranges(jobs);
        long all = turns.stream()
                .flatMap(List::stream)
                .mapToLong(BackupTables.Range::bytes)
                .sum();
        try (ProgressBar bar = out.progress("Backup", all, " MB", 1 << 20)) {
            CopyWorkers workers = new CopyWorkers(snapshot, sink, tables, bar);
            for (int turn = 0; turn < turns.size(); turn++) {
                if (turn > 0) workers.separate();
                workers.run(turns.get(turn), jobs);
            }
            return workers.counts();
        }
    }

    /** A part without rows: a restore loads what is behind it when what is before it is in. */
    private void separate() throws IOException {
        try (BackupSink.Part part = sink.part(BackupMetadata.Section.DATA, null)) {
            part.write("-- The keys of the tables that follow point to tables above.\n\n");
            part.end(0);
        }
    }

    private void run(List<BackupTables.Range> ranges, int jobs) throws Exception {
        WorkQueue<BackupTables.Range> work = new WorkQueue<>(ranges);
        work.run(jobs, () -> work(work));
        for (BackupTables.Range range; (range = contended.poll()) != null; ) copy(snapshot.leader(), range, work);
    }

    private List<BackupMetadata.Table> counts() {
        List<BackupMetadata.Table> counts = new ArrayList<>();
        tables.targets()
                .forEach((target, place) -> counts.add(new BackupMetadata.Table(
                        target.schema(), target.name(), rows[place].get(), bytes[place].get(), sums[place].text())));
        return counts;
    }

    private void work(WorkQueue<BackupTables.Range> work) throws SQLException, IOException {
        Set<Schema.Data> locked = new HashSet<>();
        try (Connection c = snapshot.join()) {
            for (BackupTables.Range range; (range = work.next()) != null; ) {
                if (locked.size() == MOST_LOCKS) rejoin(c, locked);
                if (isLocked(c, range.table(), locked)) copy(c, range, work);
                else contended.add(range);
            }
        }
    }

    private boolean isLocked(Connection c, Schema.Data table, Set<Schema.Data> locked) throws SQLException {
        if (locked.contains(table)) return true;
        if (TableLocks.tryLock(c, table.name())) return locked.add(table);
        rejoin(c, locked);
        return false;
    }

    /** Starts a new transaction in the snapshot, which has no locks. */
    private void rejoin(Connection c, Set<Schema.Data> locked) throws SQLException {
        snapshot.rejoin(c);
        locked.clear();
    }

    private void copy(Connection c, BackupTables.Range range, WorkQueue<BackupTables.Range> work)
            throws SQLException, IOException {
        try (TableRows open = form.read(c, range, tables.masks().get(range.table().table()))) {
            copy(open, range, work);
        } catch (OutOfMemoryError e) {
            throw tooBig(e);
        }
    }

    private void copy(TableRows open, BackupTables.Range range, WorkQueue<BackupTables.Range> work)
            throws SQLException, IOException {
        int place = tables.place(range.table());
        long counted = 0;
        long left = range.bytes();
        while (open.next()) {
            Amount part = copyPart(open, range.table(), place);
            counted += part.rows;
            long step = Math.min(left, part.bytes);
            bar.stepBy(step);
            left -= step;
            if (work.isStopped()) return;
        }
        rows[place].addAndGet(counted);
        bar.stepBy(left);
    }

    private record Amount(long rows, long bytes) {}

    /** Writes a part that begins with the row that was read last. */
    private Amount copyPart(TableRows open, Schema.Data table, int place) throws SQLException, IOException {
        try (BackupSink.Part part = sink.part(BackupMetadata.Section.DATA, place)) {
            part.write("COPY " + table.loadThrough() + table.columnList() + " FROM stdin" + form.encoding() + ";\n");
            PartRows rows = new PartRows(part, new RowSum());
            long before = part.bytes();
            long counted = 0;
            do {
                open.write(rows);
                counted++;
            } while (!isFull(part) && open.next());
            open.flush(rows);
            long size = part.bytes() - before;
            part.write("\\.\n\n");
            part.end(counted);
            bytes[place].addAndGet(size);
            sums[place].add(rows.sum);
            say(allRows.addAndGet(counted), allBytes.addAndGet(size));
            return new Amount(counted, size);
        }
    }

    /** Takes rows into a part and into their sum. */
    private record PartRows(BackupSink.Part part, RowSum sum) implements TextRows.Sink {
        @Override
        public void line(byte[] bytes, int start, int length, boolean isEnded) {
            sum.line(bytes, start, length, isEnded);
        }

        @Override
        public void text(byte[] bytes, int length) throws IOException {
            part.write(bytes, length);
        }
    }

    private static boolean isFull(BackupSink.Part part) {
        return part.bytes() >= PART_BYTES || part.held() >= PART_HELD;
    }

    private static Failure tooBig(OutOfMemoryError e) {
        return new Failure(
                Failure.Kind.ERROR,
                "a row does not fit into memory ("
                        + Format.bytes(Runtime.getRuntime().maxMemory()) + ")",
                "give Java more: JAVA_TOOL_OPTIONS=-Xmx4g; fewer --jobs need less. Nothing of this backup stays.",
                e);
    }

    private void say(long rows, long bytes) {
        bar.setExtraMessage(" " + Format.count(rows, "row") + ", " + Format.bytes(bytes));
    }
}
