package avdaily.backup;

import avdaily.schema.Schema;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * How tables are shared out among connections that read them at the same time and are all busy to the end. A scan of a
 * whole table goes round in a few of the server's buffers; one of a range of blocks goes through all of them, which
 * takes longer, and throws out what others work with. So a table is read whole if it fits into a connection's share.
 * One that nearly fits is read up to there, by a scan that passes over the rest. Ranges fill what is left.
 */
final class RangePlan {
    static final Comparator<BackupTables.Range> BIGGEST_FIRST =
            Comparator.comparingLong(BackupTables.Range::bytes).reversed();

    /** Tables up to this size are not divided; larger ones into ranges of this size, or up to twice as large. */
    private static final long RANGE_BYTES = 64 << 20;
    /** The ranges of a table's rest: the last ones of all, behind which some connections wait for the others. */
    private static final long REST_BYTES = 16 << 20;
    /** One of so many blocks of a table may be passed over: the server reads it for nothing. */
    private static final int PASSED_OVER = 4;

    private final List<BackupTables.Range> ranges = new ArrayList<>();
    private final long share;
    private final long[] loads;

    private RangePlan(List<Schema.Data> tables, int connections) {
        long all = tables.stream().mapToLong(table -> table.storage().bytes()).sum();
        share = (all + connections - 1) / connections;
        loads = new long[connections];
    }

    /**
     * Ranges that are all rows of the tables; to be read the biggest first.
     *
     * @param tables the biggest first
     */
    static List<BackupTables.Range> of(List<Schema.Data> tables, int connections) {
        RangePlan plan = new RangePlan(tables, connections);
        tables.forEach(plan::add);
        return plan.ranges;
    }

    private void add(Schema.Data table) {
        long bytes = table.storage().bytes();
        int free = leastLoaded();
        long room = share - loads[free];
        boolean isDivisible = table.storage().isDivisible() && table.storage().pages() > 1;
        if (!isDivisible || bytes <= RANGE_BYTES || bytes - room <= REST_BYTES) {
            loads[free] += bytes;
            ranges.add(new BackupTables.Range(table, "", Math.max(1, bytes)));
        } else if (bytes - room <= bytes / PASSED_OVER) {
            loads[free] += room;
            long blocks = (long) ((double) room / bytes * table.storage().pages());
            // written so, the planner does not take it for a range
            ranges.add(new BackupTables.Range(table, "WHERE (ctid < '(" + blocks + ",0)') IS TRUE", room));
            blocks(table, blocks, REST_BYTES).forEach(ranges::add);
        } else {
            blocks(table, 0, RANGE_BYTES).forEach(ranges::add);
        }
    }

    private int leastLoaded() {
        int least = 0;
        for (int i = 1; i < loads.length; i++) if (loads[i] < loads[least]) least = i;
        return least;
    }

    /** The rows from a block on. */
    private static Stream<BackupTables.Range> blocks(Schema.Data table, long first, long size) {
        Schema.Storage storage = table.storage();
        long blocks = storage.pages() - first;
        long bytes = storage.bytes() / storage.pages() * blocks;
        long most = Math.max(1, Math.min(blocks, bytes / size));
        long step = (blocks + most - 1) / most;
        long pieces = (blocks + step - 1) / step;
        if (first == 0 && pieces == 1) return Stream.of(new BackupTables.Range(table, "", bytes));
        return LongStream.range(0, pieces).mapToObj(piece -> {
            String end = piece == pieces - 1 ? "" : " AND ctid < '(" + (first + (piece + 1) * step) + ",0)'";
            String condition = "WHERE ctid >= '(" + (first + piece * step) + ",0)'" + end;
            return new BackupTables.Range(table, condition, Math.max(1, bytes / pieces));
        });
    }
}
