package avdaily.restore;

import avdaily.backup.BackupMetadata;
import avdaily.backup.RowSum;
import avdaily.base.Failure;
import avdaily.sql.SqlFile;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Whether the tables of two backups or databases hold the same rows, whatever their order. */
public final class ContentComparison {
    private static final int BUFFER = 1 << 18;

    /** What a table holds: the number of its rows, and their sum. */
    public record Content(long rows, String sum) {
        public static Content of(RowSum sum) {
            return new Content(sum.rows(), sum.text());
        }
    }

    /** How two sides of a table compare. */
    public enum Verdict {
        EQUAL,
        /** Only the first one has it. */
        MISSING,
        /** Only the second one has it. */
        EXTRA,
        DIFFERENT;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** @param first null if only the second one has the table, as {@code second} is the other way round */
    public record Difference(String table, Content first, Content second) {
        public Verdict verdict() {
            if (first == null) return Verdict.EXTRA;
            if (second == null) return Verdict.MISSING;
            return first.equals(second) ? Verdict.EQUAL : Verdict.DIFFERENT;
        }
    }

    static SortedMap<String, Content> of(SortedMap<String, RowSum> sums) {
        SortedMap<String, Content> contents = new TreeMap<>();
        sums.forEach((table, sum) -> contents.put(table, Content.of(sum)));
        return contents;
    }

    /**
     * What a dump holds that was checked. A backup that has sums in its metadata is not read again: its checksum tells
     * that its rows are those of which the sums were taken.
     *
     * @throws Failure (21) if rows are INSERT statements
     */
    static SortedMap<String, Content> of(DumpReader dump) throws IOException {
        SortedMap<String, Content> told = toldBy(dump);
        if (told != null) return told;
        if (dump.contents().insertCount() > 0)
            throw Failure.refused(
                    dump.file() + " has its rows as INSERT statements, which cannot be compared",
                    "restore it into a database, and compare that.");
        SortedMap<String, RowSum> sums = new TreeMap<>();
        dump.contents().tables().forEach(table -> sums.put(table, new RowSum()));
        try (SqlFile sql = dump.open()) {
            for (SqlFile.Part part = sql.next(); part != null; part = sql.next())
                if (part instanceof SqlFile.Copy block)
                    add(block.rows(), sums.computeIfAbsent(block.table(), table -> new RowSum()));
        }
        return of(sums);
    }

    /** Null if the metadata do not tell the sums, or nothing proves that they are of this file. */
    static SortedMap<String, Content> toldBy(DumpReader dump) {
        if (dump.metadata().isEmpty() || !dump.file().hasChecksums()) return null;
        SortedMap<String, Content> contents = new TreeMap<>();
        for (BackupMetadata.Table table : dump.metadata().get().content().tables()) {
            if (table.xxh3() == null) return null;
            contents.put(table.toString(), new Content(table.rows(), table.xxh3()));
        }
        return contents;
    }

    private static void add(SqlFile.Rows rows, RowSum sum) throws IOException {
        byte[] buffer = new byte[BUFFER];
        byte[] row = new byte[BUFFER];
        int filled = 0;
        for (int n; (n = rows.read(buffer, 0)) >= 0; )
            for (int i = 0; i < n; i++) {
                if (filled == row.length) row = Arrays.copyOf(row, 2 * row.length);
                row[filled++] = buffer[i];
                if (buffer[i] != '\n') continue;
                sum.line(row, 0, filled, true);
                filled = 0;
            }
    }

    /** All tables of both, in the order of their names. Columns may stand in another order, unless both are dumps. */
    public static List<Difference> of(ComparedContent first, ComparedContent second) throws Exception {
        Map<String, List<String>> columns = second.hasOrder() ? second.columns() : first.columns();
        SortedMap<String, Content> firsts = first.tables(columns);
        SortedMap<String, Content> seconds = second.tables(columns);
        SortedSet<String> tables = new TreeSet<>();
        Stream.of(firsts, seconds).forEach(side -> tables.addAll(side.keySet()));
        return tables.stream()
                .map(table -> new Difference(table, firsts.get(table), seconds.get(table)))
                .toList();
    }

    private ContentComparison() {}
}
