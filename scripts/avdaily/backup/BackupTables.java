package avdaily.backup;

import avdaily.base.Failure;
import avdaily.db.Database;
import avdaily.schema.Schema;
import avdaily.sql.DottedName;
import avdaily.sql.TablePattern;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The tables of a backup, the biggest first.
 *
 * @param copied the tables whose rows are copied
 * @param excluded the names of those whose rows are left out
 * @param targets the tables that take rows at the restore, and the place of each in the metadata
 * @param subset which of their rows
 * @param masks what stands in the place of values, by table
 */
record BackupTables(
        List<Schema.Data> copied,
        List<String> excluded,
        Map<DottedName, Integer> targets,
        Subset subset,
        Map<DottedName, Masking.OfTable> masks) {
    /** The places of single rows in one query. */
    private static final int PLACES = 5000;

    /**
     * @param patterns of tables whose rows are left out
     * @throws Failure (2) if a pattern is one of no table
     */
    static BackupTables of(Database db, Schema schema, List<String> patterns) {
        return of(db, schema, patterns, Subset.whole(), Masking.NONE);
    }

    /**
     * @param subset which rows there are
     * @param rowMasks what stands in the place of their values
     */
    static BackupTables of(Database db, Schema schema, List<String> patterns, Subset subset, Masking rowMasks) {
        Map<DottedName, Masking.OfTable> masks = new HashMap<>();
        List<Schema.Data> copied = new ArrayList<>();
        List<String> excluded = new ArrayList<>();
        Map<DottedName, Integer> targets = new LinkedHashMap<>();
        Set<String> used = new HashSet<>();
        for (Schema.Data data : schema.data()) {
            List<String> matching =
                    patterns.stream().filter(pattern -> matches(pattern, data)).toList();
            used.addAll(matching);
            if (matching.isEmpty()) {
                Masking.OfTable mask =
                        rowMasks.of(data.table().schema(), data.table().name(), data.columns());
                masks.put(data.table(), mask);
                Schema.Data loaded = mask.mayMove() && data.root() != null ? throughRoot(data) : data;
                copied.add(loaded);
                targets.putIfAbsent(target(loaded), targets.size());
            } else {
                excluded.add(data.table().toString());
            }
        }
        for (DottedName table : schema.rowless()) {
            patterns.stream().filter(pattern -> matches(pattern, table)).forEach(used::add);
            excluded.add(table.toString());
        }
        for (String pattern : patterns)
            if (!used.contains(pattern))
                throw Failure.usage(
                        "--exclude-table-data " + pattern + " is no table of " + db,
                        "name a table as schema.table; * and ? stand for letters.");
        return new BackupTables(copied, excluded, targets, subset, masks);
    }

    private static Schema.Data throughRoot(Schema.Data data) {
        return new Schema.Data(
                data.table(),
                data.root(),
                data.name(),
                data.root().quoted(),
                data.columns(),
                data.turn(),
                data.condition(),
                data.storage());
    }

    private static boolean matches(String pattern, Schema.Data data) {
        return matches(pattern, data.table()) || data.root() != null && matches(pattern, data.root());
    }

    private static boolean matches(String pattern, DottedName table) {
        return new TablePattern(pattern).matches(table);
    }

    /** The table itself or, if partitions are chosen anew at the restore, its root. */
    static DottedName target(Schema.Data data) {
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

    /**
     * Rows of one table.
     *
     * @param condition which tells them, from WHERE on; empty for all
     * @param bytes about how many they take on the server's disk
     */
    record Range(Schema.Data table, String condition, long bytes) {}

    /** All rows, in ranges for connections that copy at the same time; one list a turn, in the order of the turns. */
    List<List<Range>> ranges(int connections) {
        Map<Integer, List<Schema.Data>> turns =
                copied.stream().collect(Collectors.groupingBy(Schema.Data::turn, TreeMap::new, Collectors.toList()));
        return turns.values().stream()
                .map(tables -> ranges(tables, connections))
                .toList();
    }

    private List<Range> ranges(List<Schema.Data> tables, int connections) {
        List<Range> ranges = new ArrayList<>();
        List<Schema.Data> whole = new ArrayList<>();
        for (Schema.Data table : tables) {
            Optional<List<String>> places = subset.places(table.table());
            if (table.condition() != null)
                ranges.add(new Range(
                        table, table.condition(), Math.max(1, table.storage().bytes())));
            else if (places.isPresent()) ranges.addAll(rangesOf(table, places.get()));
            else whole.add(table);
        }
        ranges.addAll(RangePlan.of(whole, connections));
        ranges.sort(RangePlan.BIGGEST_FIRST);
        return ranges;
    }

    private static List<Range> rangesOf(Schema.Data table, List<String> places) {
        List<Range> ranges = new ArrayList<>();
        for (int i = 0; i < places.size(); i += PLACES) {
            List<String> some = places.subList(i, Math.min(places.size(), i + PLACES));
            String list = String.join("\",\"", some);
            ranges.add(new Range(table, "WHERE ctid = ANY ('{\"" + list + "\"}'::tid[])", some.size()));
        }
        return ranges;
    }
}
