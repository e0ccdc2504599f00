import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.backup.FolderStore;
import avdaily.backup.RowSum;
import avdaily.copy.BinaryColumns;
import avdaily.copy.BinaryType;
import avdaily.copy.TextRows;
import avdaily.db.Database;
import avdaily.db.DatabaseUrl;
import avdaily.db.OpenCopy;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StreamCorruptedException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.postgresql.copy.CopyOut;

/** The text of rows that the server sent in the binary form is the text that it writes itself. */
class TextRowsTest extends ScriptTest {
    private static final int VALUES = LongForm.IS_ASKED_FOR ? 200_000 : 3_000;

    /**
     * Values of a type.
     *
     * @param sql the type as SQL names it
     * @param chosen values, as SQL writes them
     * @param random an expression that makes others
     */
    private record Values(String sql, String chosen, String random) {}

    private static final String RANDOM_TEXT =
            "(SELECT string_agg(CASE WHEN random() < 0.5 THEN chr(1 + (random() * 126)::int)"
                    + " ELSE substr(E'\\\\\\t\\n\\r\\b\\f\\u000b\\u000e\\u007f äß€𝄞x.N',"
                    + " 1 + (random() * 16)::int, 1)"
                    + " END, '')"
                    + " FROM generate_series(1, (random() * 40)::int + i * 0))";
    private static final String RANDOM_BITS =
            "(i * 0 + (random() * 4294967295)::bigint << 32 | (random() * 4294967295)::bigint)";

    private static final List<Values> ALL = List.of(
            new Values("boolean", "true, false", "random() < 0.5"),
            new Values("smallint", "0, -1, 32767, -32768", "((random() * 65535)::int - 32768)::smallint"),
            new Values("integer", "0, -1, 2147483647, -2147483648", "(random() * 4294967295 - 2147483648)::int"),
            new Values(
                    "bigint",
                    "0, -1, 9, -10, 9223372036854775807, -9223372036854775808",
                    RANDOM_BITS + " >> (random() * 63)::int"),
            new Values(
                    "numeric",
                    "0, 0.0, 0.00000, -0.5, 1, 12, 123, 1234, 12345, 10000, 100000000, 100000000.0000, 1e131071,"
                            + " 1e-16383, -1e-16383, 0.0001, 0.00001, 0.10000, 9999.9999, 10000.0001, 'NaN',"
                            + " 'Infinity', '-Infinity', -123456789.987654321, 1.5e-10, 1e30, 0::numeric(40, 30)",
                    "round((" + RANDOM_BITS + ")::numeric * 10::numeric ^ (random() * 80 - 60)::int::numeric"
                            + " * (random() * 1e9)::bigint, (random() * 70)::int - 10)"),
            new Values("numeric(12, 2)", "0, -0.01, 1520, 9999999999.99, 10000.10", "(random() * 1e6 - 5e5)::numeric"),
            new Values(
                    "date",
                    "'2000-01-01', '1999-12-31', '0001-01-01', '0001-12-31 BC', '4714-11-24 BC', '0044-03-15 BC',"
                            + " '10000-01-01', '5874897-12-31', 'infinity', '-infinity', '1900-02-28', '2024-02-29'",
                    "date '2000-01-01' + (random() ^ 3 * 4e6 - 2e6 * random() ^ 3)::int % 2400000"),
            new Values(
                    "timestamp",
                    "'2026-11-30 23:59:59.999999', '0001-01-01', '0001-12-31 23:59:59.5 BC', '4714-11-24 BC',"
                            + " '294276-12-31 23:59:59.999999', 'infinity', '-infinity', '1999-12-31 23:59:59.999999',"
                            + " '2000-01-01', '1969-07-20 20:17:40.000001', '10000-01-01 00:00:00.1'",
                    "timestamp '2000-01-01' + (random() ^ 3 * 5e9 - 60e9 * random() ^ 9) * interval '1 second'"
                            + " + (random() * 1e6)::int * interval '1 microsecond'"),
            new Values(
                    "timestamptz",
                    "'2026-11-30 23:59:59.999999+14', '1937-06-30 12:00:00.25+00:19:32', '0044-03-15 12:00:00-07 BC',"
                            + " '294276-12-31 23:59:59+00', 'infinity', '-infinity', '1999-12-31 00:00:00-03:30'",
                    "timestamptz '2000-01-01' + (random() ^ 3 * 5e9 - 60e9 * random() ^ 9) * interval '1 second'"),
            new Values("uuid", "'00000000-0000-0000-0000-000000000000', '89abcdef-0123-4567-89ab-cdeffedcba98'",
                    "md5(random()::text)::uuid"),
            new Values(
                    "bytea",
                    "'\\x', '\\x00', '\\xdeadbeef5c0a', decode(repeat('5c', 70000), 'hex')",
                    "decode(md5(random()::text), 'hex')"),
            new Values("json", "'{}', E'[1, \"a\\\\nb\",\\t\\n\"\\\\\\\\\"]'", "to_json(" + RANDOM_TEXT + ")"),
            new Values("jsonb", "'{}', '[1, \"a\\nb\\u00e9\"]', '1.10'", "to_jsonb(" + RANDOM_TEXT + ")"),
            new Values("char(5)", "'', 'a', 'äöü'", "left(" + RANDOM_TEXT + ", 5)"),
            new Values("varchar(20)", "''", "left(" + RANDOM_TEXT + ", 20)"),
            new Values("text", "'', E'\\\\N', E'\\\\.', repeat(E'\\\\\\t', 70000), repeat('long', 70000)", RANDOM_TEXT),
            new Values("mood", "'so so', E'o\\\\k'", "NULL::mood"),
            new Values("kept", "1, -1", "8 + (random() * 1e6)::int"));

    private static List<byte[]> messages(Connection c, String copy) throws SQLException {
        List<byte[]> messages = new ArrayList<>();
        try (OpenCopy<CopyOut> out = OpenCopy.out(c, copy)) {
            for (byte[] each = out.rows().readFromCopy(); each != null; each = out.rows().readFromCopy())
                messages.add(each);
        }
        return messages;
    }

    private static List<String> text(Connection c, List<BinaryType> types, String table) throws Exception {
        TextRows rows = new TextRows(types);
        List<String> lines = new ArrayList<>();
        for (byte[] message : messages(c, "COPY " + table + " TO STDOUT (FORMAT binary)"))
            if (rows.take(message)) lines.add(written(rows));
        assertTrue(rows.isEnded());
        return lines;
    }

    /** What a sink is given, by lines and as text. */
    private static final class Written implements TextRows.Sink {
        private final ByteArrayOutputStream lines = new ByteArrayOutputStream();
        private final ByteArrayOutputStream text = new ByteArrayOutputStream();
        private int ended;

        @Override
        public void line(byte[] bytes, int start, int length, boolean isEnded) {
            lines.write(bytes, start, length);
            if (isEnded) ended++;
        }

        @Override
        public void text(byte[] bytes, int length) {
            text.write(bytes, 0, length);
        }
    }

    private static String written(TextRows rows) throws IOException {
        Written written = new Written();
        rows.write(written);
        rows.flush(written);
        assertEquals(1, written.ended);
        assertArrayEquals(written.lines.toByteArray(), written.text.toByteArray());
        return written.lines.toString(StandardCharsets.UTF_8);
    }

    private static void makeTypes(Connection c) throws SQLException {
        Database.run(c, "CREATE TYPE mood AS ENUM ('so so', E'o\\\\k')");
        Database.run(c, "CREATE DOMAIN kept AS int CHECK (VALUE <> 7)");
        Database.run(c, "CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'");
    }

    @Test
    void valuesHaveTheServersText() throws Exception {
        try (Connection c = TestServer.connect(TestServer.newDatabase())) {
            makeTypes(c);
            Database.run(c, "SET timezone = 'UTC'");
            for (Values each : ALL) {
                Database.run(c, "DROP TABLE IF EXISTS given");
                Database.run(c, "CREATE TABLE given (v " + each.sql + ", w " + each.sql + ")");
                Database.run(
                        c,
                        "INSERT INTO given SELECT v::" + each.sql + ", v::" + each.sql + " FROM unnest(ARRAY["
                                + each.chosen + "]) v");
                Database.run(
                        c,
                        "INSERT INTO given SELECT CASE WHEN i % 9 > 0 THEN " + each.random + " END, " + each.random
                                + " FROM generate_series(1, " + VALUES + ") i");
                List<BinaryType> types = BinaryColumns.of(c, "public.given", List.of("v", "w"));
                assertEquals(2, types.size(), each.sql);
                List<String> lines = text(c, types, "given");
                List<byte[]> theirs = messages(c, "COPY given TO STDOUT");
                assertTrue(theirs.size() > VALUES, each.sql);
                for (int i = 0; i < theirs.size(); i++)
                    assertEquals(new String(theirs.get(i), StandardCharsets.UTF_8), lines.get(i), each.sql);
                assertEquals(theirs.size(), lines.size(), each.sql);
            }
        }
    }

    /** Each value makes room for itself. */
    @Test
    void rowsOfManyValuesHaveTheServersText() throws Exception {
        try (Connection c = TestServer.connect(TestServer.newDatabase())) {
            makeTypes(c);
            Database.run(c, "SET timezone = 'UTC'");
            for (Values each : ALL) {
                List<String> names = IntStream.range(0, 300).mapToObj(i -> "c" + i).toList();
                List<String> one = Collections.nCopies(names.size(), "v::" + each.sql);
                Database.run(c, "DROP TABLE IF EXISTS given");
                String columns = String.join(" " + each.sql + ", ", names) + " " + each.sql;
                Database.run(c, "CREATE TABLE given (" + columns + ")");
                Database.run(
                        c,
                        "INSERT INTO given SELECT " + String.join(", ", one) + " FROM (SELECT (ARRAY["
                                + each.chosen + "])[1] v) o");
                List<BinaryType> types = BinaryColumns.of(c, "public.given", names);
                byte[] theirs = messages(c, "COPY given TO STDOUT").get(0);
                assertEquals(List.of(new String(theirs, StandardCharsets.UTF_8)), text(c, types, "given"), each.sql);
            }
        }
    }

    @Test
    void theServersOwnWordIsTakenForTheRest() throws Exception {
        try (Connection c = TestServer.connect(TestServer.newDatabase())) {
            Database.run(c, "CREATE TABLE given (id int, t text, r real, d double precision, i interval, a int[])");
            assertEquals(List.of(), BinaryColumns.of(c, "public.given", List.of("id", "i")));
            assertEquals(List.of(), BinaryColumns.of(c, "public.given", List.of("a", "t")));
            assertFalse(BinaryColumns.of(c, "public.given", List.of("r")).get(0).isWritten());
            assertFalse(BinaryColumns.of(c, "public.given", List.of("d")).get(0).isWritten());
        }
    }

    /** Rows that do not fit into memory twice: they are sent in pieces, and summed so. */
    @Test
    void longRowsGoInPieces() throws Exception {
        com.sun.management.ThreadMXBean memory =
                (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (Connection c = TestServer.connect(TestServer.newDatabase())) {
            Database.run(c, "CREATE TABLE given (a text, b jsonb, c bytea, n numeric, d text, i int)");
            for (int i = 0; i < 17; i++)
                Database.run(
                        c,
                        "INSERT INTO given SELECT repeat(E'x\\\\', 300000) || repeat('z', " + i
                                + "), to_jsonb(repeat('y', 600000)), decode(repeat('00', 300000), 'hex'), 1e131071,"
                                + " repeat('ä', 300000), 7");
            List<BinaryType> types = BinaryColumns.of(c, "public.given", List.of("a", "b", "c", "n", "d", "i"));
            List<byte[]> theirs = messages(c, "COPY given TO STDOUT");
            List<String> lines = text(c, types, "given");
            RowSum whole = new RowSum();
            RowSum pieces = new RowSum();
            TextRows rows = new TextRows(types);
            List<byte[]> sent = messages(c, "COPY given TO STDOUT (FORMAT binary)");
            long before = memory.getThreadAllocatedBytes(Thread.currentThread().getId());
            for (byte[] message : sent) if (rows.take(message)) rows.write(pieces);
            long taken = memory.getThreadAllocatedBytes(Thread.currentThread().getId()) - before;
            assertTrue(taken < 4 << 20, taken + " bytes");
            for (byte[] line : theirs) whole.line(line, 0, line.length, true);
            assertEquals(whole.text(), pieces.text());
            for (int i = 0; i < theirs.size(); i++)
                assertTrue(new String(theirs.get(i), StandardCharsets.UTF_8).equals(lines.get(i)), "row " + i);
        }
    }

    /** A message may be cut or longer, have other values, or come too late: no row is made of it. */
    @Test
    void whatIsNotOfTheFormIsRefused() throws Exception {
        List<BinaryType> types = List.of(BinaryType.INTEGER, BinaryType.TEXT, BinaryType.NUMERIC, BinaryType.JSONB);
        try (Connection c = TestServer.connect(TestServer.newDatabase())) {
            Database.run(c, "CREATE TABLE given (id int, t text, n numeric, j jsonb)");
            assertEquals(List.of(), text(c, types, "given"));
            Database.run(c, "INSERT INTO given VALUES (1, 'text', 1234.5, '{}'), (2, NULL, NULL, NULL)");
            List<byte[]> whole = messages(c, "COPY given TO STDOUT (FORMAT binary)");
            assertEquals("1\ttext\t1234.5\t{}\n2\t\\N\t\\N\t\\N\n", String.join("", text(c, types, "given")));
            byte[] first = whole.get(0);
            for (int length = 1; length < first.length; length++) {
                byte[] cut = Arrays.copyOf(first, length);
                if (length == 19) assertFalse(new TextRows(types).take(cut), "the head alone");
                else refused(types, List.of(cut), "cut behind " + length);
            }
            refused(types, List.of(Arrays.copyOf(first, first.length + 1)), "longer");
            refused(types.subList(0, 3), whole, "more values");
            refused(Stream.concat(types.stream(), types.stream()).toList(), whole, "fewer values");
            refused(Collections.nCopies(4, BinaryType.BIGINT), whole, "another type");
            refused(types, List.of("id\ttext\n".repeat(9).getBytes(StandardCharsets.UTF_8)), "text");
            for (int i = 0; i < 19; i++) {
                byte[] other = first.clone();
                other[i] ^= 1;
                refused(types, List.of(other), "another head, " + i);
            }
            List<byte[]> more = new ArrayList<>(whole);
            more.add(whole.get(1));
            refused(types, more, "a row behind the end");
        }
    }

    private static void refused(List<BinaryType> types, List<byte[]> messages, String what) {
        TextRows rows = new TextRows(types);
        assertThrows(
                StreamCorruptedException.class,
                () -> {
                    for (byte[] message : messages) if (rows.take(message)) written(rows);
                },
                what);
    }

    /** Tables that are read in the binary form, whole and in ranges, one that is not, and a session elsewhere. */
    @Test
    void backupsHaveTheServersText() throws Exception {
        DatabaseUrl db = TestServer.newDatabase();
        Path folder = TestServer.temporary("text");
        List<String> tables = List.of("\"All b.\"", "quiet", "real_too");
        try (Connection c = TestServer.connect(db)) {
            makeTypes(c);
            List<String> columns = new ArrayList<>();
            for (int i = 0; i < ALL.size(); i++) columns.add("\"c \"\"" + i + "\" " + ALL.get(i).sql);
            String random = ALL.stream().map(Values::random).collect(Collectors.joining(", "));
            for (String table : tables) {
                String options = " WITH (fillfactor = 10)"; // of fewer pages the server sends text
                Database.run(c, "CREATE TABLE " + table + " (" + String.join(", ", columns) + ")" + options);
                Database.run(
                        c, "INSERT INTO " + table + " SELECT " + random + " FROM generate_series(1, " + VALUES + ") i");
            }
            long pages = Database.one(c, "SELECT pg_relation_size('quiet') / 8192", Long.class);
            assertTrue(pages >= 128, pages + " pages are read as text");
            Database.run(c, "ALTER TABLE real_too ADD r real NOT NULL DEFAULT 0.1");
            Database.run(c, "CREATE TRIGGER t BEFORE INSERT ON quiet FOR EACH ROW EXECUTE FUNCTION nothing()");
            Database.run(c, "ALTER DATABASE \"" + db.database() + "\" SET timezone = 'America/St_Johns'");
            run(db, "backup", "create", "--dir", folder.toString(), "--compress", "none", "--jobs", "3")
                    .expect(0);
            Path file = path(new FolderStore(folder).files().get(0));
            String dump = Files.readString(file);
            Database.run(c, "SET timezone = 'UTC'");
            for (String table : tables)
                assertEquals(
                        messages(c, "COPY " + table + " TO STDOUT").stream()
                                .map(line -> new String(line, StandardCharsets.UTF_8))
                                .sorted()
                                .collect(Collectors.joining()),
                        rows(dump, table),
                        table);
            command("backup", "compare", file.toString(), db.withPassword())
                    .run()
                    .expect(0)
                    .says("The rows of 3 tables are the same.");
        }
    }

    /** The rows of a table, in order, however many parts it has. */
    private static String rows(String dump, String table) {
        return Stream.of(dump.split("\n(?=COPY )"))
                .filter(block -> block.startsWith("COPY public." + table + " ("))
                .flatMap(block -> Stream.of(
                        block.substring(block.indexOf('\n') + 1, block.indexOf("\n\\.\n")).split("\n")))
                .sorted()
                .map(line -> line + "\n")
                .collect(Collectors.joining());
    }
}
