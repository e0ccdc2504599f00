package avdaily.backup;

import avdaily.base.Failure;
import avdaily.db.Database;
import avdaily.schema.Schema;
import avdaily.sql.TablePattern;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The tables of a backup, the biggest first.
 *
 * @param copied the tables whose rows are copied
 * @param excluded the names of those whose rows are left out
 * @param targets the tables that take rows at the restore, and the place of each in the metadata
 */
record BackupTables(List<Schema.Data> copied, List<String> excluded, Map<Schema.TableName, Integer> targets) {
    /** A bigger table is read in ranges of about this size, so that all workers are busy to the end. */
    private static final long RANGE_BYTES = 64 << 20;

    /**
     * @param patterns of tables whose rows are left out
     * @throws Failure (2) if a pattern is one of no table
     */
    static BackupTables of(Database db, Schema schema, List<String> patterns) {
        List<Schema.Data> copied = new ArrayList<>();
        List<String> excluded = new ArrayList<>();
        Map<Schema.TableName, Integer> targets = new LinkedHashMap<>();
        Set<String> used = new HashSet<>();
        for (Schema.Data data : schema.data()) {
            List<String> matching =
                    patterns.stream().filter(pattern -> matches(pattern, data)).toList();
            used.addAll(matching);
            if (matching.isEmpty()) {
                copied.add(data);
                targets.putIfAbsent(target(data), targets.size());
            } else {
                excluded.add(data.table().toString());
            }
        }
        for (Schema.TableName table : schema.rowless()) {
            patterns.stream().filter(pattern -> matches(pattern, table)).forEach(used::add);
            excluded.add(table.toString());
        }
        for (String pattern : patterns)
            if (!used.contains(pattern))
                throw Failure.usage(
                        "--exclude-table-data " + pattern + " is no table of " + db,
                        "name a table as schema.table; * and ? stand for letters.");
        return new BackupTables(copied, excluded, targets);
    }

    private static boolean matches(String pattern, Schema.Data data) {
        return matches(pattern, data.table()) || data.root() != null && matches(pattern, data.root());
    }

    private static boolean matches(String pattern, Schema.TableName table) {
        return new TablePattern(pattern).matches(table.toString());
    }

    /** The table itself or, if partitions are chosen anew at the restore, its root. */
    static Schema.TableName target(Schema.Data data) {
        return data.loadThrough().equals(data.name()) ? data.table() : data.root();
    }

    /** The place in the metadata of the table that takes these rows. */
    int place(Schema.Data data) {
        return targets.get(target(data));
    }

    /** The size of all on the server's disk. */
    long bytes() {
        return copied.stream().mapToLong(data -> data.storage().bytes()).sum();
    }

    /** Rows of one table, from block {@code from} to before block {@code to}; {@code to} 0 is the end. */
    record Range(Schema.Data table, long from, long to, long bytes) {}

    /** All rows, cut into ranges that can be copied at the same time; one list a turn, in the order of the turns. */
    List<List<Range>> ranges() {
        Map<Integer, List<Schema.Data>> turns =
                copied.stream().collect(Collectors.groupingBy(Schema.Data::turn, TreeMap::new, Collectors.toList()));
        return turns.values().stream().map(BackupTables::ranges).toList();
    }

    private static List<Range> ranges(List<Schema.Data> tables) {
        List<Range> ranges = new ArrayList<>();
        for (Schema.Data table : tables) {
            Schema.Storage storage = table.storage();
            long pieces = storage.isDivisible() && table.condition() == null
                    ? Math.max(1, Math.min(storage.pages(), storage.bytes() / RANGE_BYTES))
                    : 1;
            long step = (storage.pages() + pieces - 1) / pieces;
            for (long piece = 0; piece < pieces; piece++)
                ranges.add(new Range(
                        table,
                        piece * step,
                        piece == pieces - 1 ? 0 : (piece + 1) * step,
                        Math.max(1, storage.bytes() / pieces)));
        }
        return ranges;
    }
}
