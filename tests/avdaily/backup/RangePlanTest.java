package avdaily.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.schema.Schema;
import avdaily.sql.DottedName;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** How tables are shared out among the connections that read them. */
public class RangePlanTest {
    private static final long MB = 1 << 20;
    private static final Pattern FROM = Pattern.compile("ctid >= '\\((\\d+),0\\)'");
    private static final Pattern TO = Pattern.compile("ctid < '\\((\\d+),0\\)'");

    @Test
    void aTableIsReadWholeIfItFitsIntoAShare() {
        assertEquals(List.of("a", "b", "c", "d"), plan(2, 100, 90, 80, 70));
        assertEquals(List.of("a", "b"), plan(1, 900, 100));
        assertEquals(List.of("a", "b", "c"), plan(3, 60, 50, 10));
        assertEquals(List.of("a", "b"), plan(2, 100, 80));
    }

    @Test
    void aTableThatNearlyFitsIsReadUpToThere() {
        assertEquals(
                List.of(
                        "a WHERE (ctid < '(20480,0)') IS TRUE",
                        "b",
                        "a WHERE ctid >= '(20480,0)' AND ctid < '(23040,0)'",
                        "a WHERE ctid >= '(23040,0)'"),
                plan(2, 200, 120));
    }

    @Test
    void aTableThatIsTooBigIsReadInRanges() {
        assertEquals(
                List.of(
                        "a WHERE ctid >= '(0,0)' AND ctid < '(8534,0)'",
                        "a WHERE ctid >= '(8534,0)' AND ctid < '(17068,0)'",
                        "a WHERE ctid >= '(17068,0)'",
                        "b"),
                plan(2, 200, 20));
    }

    @Test
    void aTableThatCannotBeDividedIsReadWhole() {
        assertEquals(List.of("a", "b", "c"), plan(2, 100, 100, 100));
        for (long pages : List.of(0L, 1L)) {
            Schema.Data toasted = table("toasted", 500 * MB, pages);
            for (long other : List.of(0L, 400L)) {
                List<BackupTables.Range> ranges = RangePlan.of(List.of(toasted, table("other", other * MB, 1)), 2);
                assertEquals(List.of("", ""), ranges.stream().map(BackupTables.Range::condition).toList());
            }
        }
    }

    /** Every block of every table is read once, and no connection is left with much at the end. */
    @Test
    void everyRowIsReadOnce() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 2000; i++) {
            int connections = 1 + random.nextInt(8);
            List<Schema.Data> tables = random.ints(1 + random.nextInt(9), 0, 1 << random.nextInt(13))
                    .boxed()
                    .sorted(Comparator.reverseOrder())
                    .map(size -> table("t" + size + "_" + random.nextInt(), size * MB, random.nextInt(size * 128 + 1)))
                    .toList();
            List<BackupTables.Range> ranges = RangePlan.of(tables, connections);
            for (Schema.Data table : tables) assertIsReadOnce(table, ranges, "seed " + seed + ", " + i);
            long share = tables.stream().mapToLong(table -> table.storage().bytes()).sum() / connections;
            assertTrue(busiest(ranges, connections) <= share + 128 * MB, "seed " + seed + ", " + i + ": " + ranges);
        }
    }

    /** A connection would be alone with the biggest table at the end. */
    @Test
    void whatIsBigComesFirstAlsoBehindAnExtensionsTables() {
        Schema.Data big = table("big", 500 * MB, 500 * 128);
        Schema.Data other = table("other", 500 * MB, 500 * 128);
        Schema.Data some = table("some", 2 * MB, 256, "WHERE id > 9");
        List<BackupTables.Range> ranges = new BackupTables(
                        List.of(big, other, some), List.of(), Map.of(), Subset.whole(), Map.of())
                .ranges(2).get(0);
        assertEquals(List.of(big, other, some), ranges.stream().map(BackupTables.Range::table).toList());
    }

    /** The product of a big table's blocks and bytes is more than a long holds. */
    @Test
    void theBiggestTablesAreReadOnce() {
        for (long terabytes = 1; terabytes <= 32; terabytes *= 32) {
            long pages = Math.min((terabytes << 40) / 8192, (1L << 32) - 2);
            long bytes = pages * 8192;
            Schema.Data big = table("big", bytes, pages);
            Schema.Data toasted = table("toasted", bytes / 8 * 7, pages / 100);
            List<BackupTables.Range> ranges = RangePlan.of(List.of(big, toasted), 2);
            assertTrue(ranges.get(0).condition().endsWith("IS TRUE"), ranges.get(0).condition());
            assertIsReadOnce(big, ranges, terabytes + " TB");
            assertIsReadOnce(toasted, ranges, terabytes + " TB");
            assertIsReadOnce(big, RangePlan.of(List.of(big), 64), terabytes + " TB");
        }
    }

    private static void assertIsReadOnce(Schema.Data table, List<BackupTables.Range> ranges, String message) {
        List<long[]> read = new ArrayList<>();
        for (BackupTables.Range range : ranges)
            if (range.table() == table)
                read.add(new long[] {block(FROM, range, 0), block(TO, range, Long.MAX_VALUE)});
        read.sort(Comparator.<long[]>comparingLong(blocks -> blocks[0]).thenComparingLong(blocks -> blocks[1]));
        long next = 0;
        for (long[] blocks : read) {
            assertTrue(blocks[0] == 0 || blocks[0] < table.storage().pages(), message + ": " + blocks[0]);
            assertEquals(next, blocks[0], message);
            next = blocks[1];
        }
        assertEquals(Long.MAX_VALUE, next, message);
    }

    private static long block(Pattern pattern, BackupTables.Range range, long otherwise) {
        Matcher matcher = pattern.matcher(range.condition());
        return matcher.find() ? Long.parseLong(matcher.group(1)) : otherwise;
    }

    /** What the connection has that has most, if each takes the next range when it is done with one. */
    private static long busiest(List<BackupTables.Range> ranges, int connections) {
        long[] loads = new long[connections];
        for (BackupTables.Range range : inOrder(ranges)) {
            int least = IntStream.range(0, connections)
                    .boxed()
                    .min(Comparator.comparingLong(i -> loads[i]))
                    .orElseThrow();
            loads[least] += range.bytes();
        }
        return LongStream.of(loads).max().orElseThrow();
    }

    /** The ranges of tables a, b and so on, of so many megabytes each. */
    private static List<String> plan(int connections, int... megabytes) {
        List<Schema.Data> tables = IntStream.range(0, megabytes.length)
                .mapToObj(i -> table("" + (char) ('a' + i), megabytes[i] * MB, megabytes[i] * 128))
                .toList();
        return inOrder(RangePlan.of(tables, connections)).stream()
                .map(range -> (range.table().name() + " " + range.condition()).strip())
                .toList();
    }

    private static List<BackupTables.Range> inOrder(List<BackupTables.Range> ranges) {
        return ranges.stream().sorted(RangePlan.BIGGEST_FIRST).toList();
    }

    private static Schema.Data table(String name, long bytes, long pages) {
        return table(name, bytes, pages, null);
    }

    private static Schema.Data table(String name, long bytes, long pages, String condition) {
        return new Schema.Data(
                new DottedName("public", name),
                null,
                name,
                name,
                List.of(),
                0,
                condition,
                new Schema.Storage(bytes, pages, true));
    }
}
