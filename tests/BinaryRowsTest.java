import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.backup.FolderStore;
import avdaily.copy.BinaryRows;
import avdaily.copy.BinaryType;
import avdaily.db.Database;
import avdaily.db.DatabaseUrl;
import avdaily.db.OpenCopy;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyOut;

/** The binary form of rows says what the server would have read in their text, or it is not made. */
class BinaryRowsTest extends ScriptTest {
    /**
     * Values of a type.
     *
     * @param sql the type as SQL names it
     * @param left values that stay text
     */
    private record Values(BinaryType type, String sql, List<String> values, List<String> left) {}

    private static final List<Values> ALL = List.of(
            new Values(BinaryType.BOOLEAN, "boolean", List.of("t", "f"), List.of()),
            new Values(BinaryType.SMALLINT, "smallint", List.of("0", "-1", "32767", "-32768"), List.of()),
            new Values(BinaryType.INTEGER, "integer", List.of("0", "7", "2147483647", "-2147483648"), List.of()),
            new Values(
                    BinaryType.BIGINT,
                    "bigint",
                    List.of("0", "-9", "999999999999999999", "1234567890123456789", "9223372036854775799"),
                    List.of("9223372036854775807", "-9223372036854775808")),
            new Values(
                    BinaryType.NUMERIC,
                    "numeric",
                    List.of(
                            "0",
                            "0.00",
                            "-0.5",
                            "1",
                            "12",
                            "123",
                            "1234",
                            "12345",
                            "10000",
                            "100000000.0000",
                            "0.0001",
                            "0.00001",
                            "0.10000",
                            "-123456789.987654321",
                            "9".repeat(500) + "." + "9".repeat(400)),
                    List.of("NaN", "Infinity", "-Infinity", "9".repeat(1001))),
            new Values(
                    BinaryType.NUMERIC,
                    "numeric(12, 2)",
                    List.of("0.00", "-0.01", "1520.00", "9999999999.99", "10000.10"),
                    List.of("NaN")),
            new Values(
                    BinaryType.REAL,
                    "real",
                    List.of("0", "-0", "1.5", "-3.4028235e+38", "1.1754944e-38", "0.1", "16777217"),
                    List.of("NaN", "-Infinity", "1e-45")),
            new Values(
                    BinaryType.DOUBLE,
                    "double precision",
                    List.of("0", "-0", "0.1", "1e+300", "123456789.12345679", "2.2250738585072014e-308"),
                    List.of("NaN", "Infinity", "5e-324")),
            new Values(
                    BinaryType.DATE,
                    "date",
                    List.of("2000-01-01", "1999-12-31", "0001-01-01", "2024-02-29", "1900-02-28", "9999-12-31"),
                    List.of("infinity", "10000-01-01", "0044-03-15 BC")),
            new Values(
                    BinaryType.TIMESTAMP,
                    "timestamp",
                    List.of("2026-11-30 23:59:59.999999", "0001-01-01 00:00:00", "1969-07-20 20:17:40.5"),
                    List.of("-infinity", "10000-01-01 00:00:00", "0044-03-15 12:00:00 BC")),
            new Values(
                    BinaryType.TIMESTAMPTZ,
                    "timestamptz",
                    List.of(
                            "2026-11-30 23:59:59.999999+14",
                            "1937-06-30 12:00:00.25+00:19:32",
                            "1999-12-31 00:00:00-03:30"),
                    List.of("infinity", "0044-03-15 12:00:00+00 BC")),
            new Values(
                    BinaryType.UUID,
                    "uuid",
                    List.of("00000000-0000-0000-0000-000000000000", "89abcdef-0123-4567-89ab-cdeffedcba98"),
                    List.of()),
            new Values(BinaryType.BYTEA, "bytea", List.of("\\x", "\\x00", "\\xdeadbeef5c0a"), List.of()),
            new Values(BinaryType.TEXT, "json", List.of("{}", "[1, \"a\\nb\",\t\"\\\\\"]"), List.of()),
            new Values(BinaryType.JSONB, "jsonb", List.of("{}", "[1, \"a\\nb\\u00e9\"]", "1.10"), List.of()),
            new Values(BinaryType.TEXT, "char(5)", List.of("", "a", "äöü"), List.of()),
            new Values(BinaryType.TEXT, "varchar(20)", List.of("", "\uD83D\uDE00".repeat(20)), List.of()),
            new Values(
                    BinaryType.TEXT,
                    "text",
                    List.of("", "\\N", "\\.", "\t\n\r\b\f\u000b\\", "\u0001\u001b\u007fäöü", "more than eight"),
                    List.of()));

    /** COPY in its binary form. */
    private record Binary(byte[] bytes, int taken, boolean isRefused) {
        static Binary of(List<BinaryType> types, byte[] text, int piece) throws SQLException {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            BinaryRows rows = new BinaryRows(types, ByteBuffer.allocate(64), bytes::write);
            int taken = 0;
            for (int to = Math.min(piece, text.length); ; to = Math.min(to + piece, text.length)) {
                taken = rows.take(text, taken, to);
                if (to == text.length || rows.isRefused()) break;
            }
            rows.end();
            return new Binary(bytes.toByteArray(), taken, rows.isRefused());
        }
    }

    private static byte[] read(Connection c, String table) throws SQLException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        try (OpenCopy<CopyOut> out = OpenCopy.out(c, "COPY " + table + " TO STDOUT")) {
            for (byte[] row = out.rows().readFromCopy(); row != null; row = out.rows().readFromCopy())
                text.writeBytes(row);
        }
        return text.toByteArray();
    }

    private static void write(Connection c, String table, byte[] bytes, String format) throws SQLException {
        try (OpenCopy<CopyIn> in = OpenCopy.in(c, "COPY " + table + " FROM STDIN (FORMAT " + format + ")")) {
            in.rows().writeToCopy(bytes, 0, bytes.length);
            in.rows().endCopy();
        }
    }

    private static void insert(Connection c, List<String> values, String type) throws SQLException {
        for (String value : values) Database.update(c, "INSERT INTO given VALUES (?::" + type + ")", value);
    }

    private static void makeTables(Connection c, String type) throws SQLException {
        Database.run(c, "DROP TABLE IF EXISTS given, got");
        Database.run(c, "CREATE TABLE given (v " + type + ")");
        Database.run(c, "CREATE TABLE got (v " + type + ")");
    }

    @Test
    void valuesAreThoseOfTheirText() throws Exception {
        try (Connection c = TestServer.connect(TestServer.newDatabase())) {
            for (String zone : List.of("UTC", "Asia/Kolkata", "America/St_Johns", "Europe/Amsterdam"))
                for (Values each : ALL) {
                    if (!zone.equals("UTC") && each.type != BinaryType.TIMESTAMPTZ) continue;
                    makeTables(c, each.sql);
                    insert(c, each.values, each.sql);
                    Database.run(c, "INSERT INTO given VALUES (NULL)");
                    Database.run(c, "SET timezone = '" + zone + "'");
                    byte[] text = read(c, "given");
                    Database.run(c, "SET timezone = 'Africa/Lagos'");
                    Binary binary = Binary.of(List.of(each.type), text, 7);
                    assertEquals(text.length, binary.taken, each.sql + ": " + new String(text, StandardCharsets.UTF_8));
                    write(c, "got", binary.bytes, "binary");
                    assertArrayEquals(read(c, "given"), read(c, "got"), each.sql);
                }
        }
    }

    @Test
    void whatHasNoSureFormStaysText() throws Exception {
        try (Connection c = TestServer.connect(TestServer.newDatabase())) {
            for (Values each : ALL)
                for (String left : each.left) {
                    makeTables(c, each.sql);
                    insert(c, List.of(each.values.get(0), left, each.values.get(0)), each.sql);
                    byte[] text = read(c, "given");
                    Binary binary = Binary.of(List.of(each.type), text, text.length);
                    assertTrue(binary.isRefused, each.sql + " " + left);
                    assertEquals(each.values.get(0).length() + 1, binary.taken, each.sql + " " + left);
                }
        }
        List<BinaryType> types = List.of(BinaryType.BOOLEAN);
        for (String row : "t\tf|t\r|tr||\\t|\\N\\N|\\x74|\\164|\\.".split("\\|"))
            assertTrue(Binary.of(types, (row + "\n").getBytes(StandardCharsets.UTF_8), 1).isRefused, row);
        byte[] rows = ("short\n" + "long".repeat(10_000) + "\n").getBytes(StandardCharsets.UTF_8);
        assertEquals(6, Binary.of(List.of(BinaryType.TEXT), rows, rows.length).taken, "the server's memory");
        assertFalse(Binary.of(List.of(BinaryType.TEXT), "no end".getBytes(StandardCharsets.UTF_8), 3).isRefused);
    }

    /** Whatever a file has in place of a value: the server makes the same of both forms, or there is only the text. */
    @Test
    void changedTextsMeanTheSameInBothForms() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        String signs = "0123456789abcdefNnTt+-.:eE /\\\tx'{\"\u0000\u0080\u00ff";
        int changes = LongForm.IS_ASKED_FOR ? 2_000 : 60;
        int compared = 0;
        try (Connection c = TestServer.connect(TestServer.newDatabase())) {
            for (Values each : ALL) {
                makeTables(c, each.sql);
                insert(c, each.values, each.sql);
                insert(c, each.left, each.sql);
                String[] texts = new String(read(c, "given"), StandardCharsets.ISO_8859_1).split("\n");
                for (int i = 0; i < changes; i++) {
                    StringBuilder text = new StringBuilder(texts[random.nextInt(texts.length)]);
                    for (int change = random.nextInt(3); change >= 0; change--) {
                        int at = random.nextInt(text.length() + 1);
                        int sign = random.nextInt(signs.length());
                        text.replace(
                                at,
                                Math.min(text.length(), at + random.nextInt(2)),
                                signs.substring(sign, sign + random.nextInt(2)));
                    }
                    byte[] row = (text + "\n").getBytes(StandardCharsets.ISO_8859_1);
                    Binary binary = Binary.of(List.of(each.type), row, row.length);
                    if (binary.taken == 0) continue;
                    compared++;
                    String what = each.sql + " " + text + ", seed " + seed;
                    assertEquals(meaning(c, row, "text"), meaning(c, binary.bytes, "binary"), what);
                }
            }
        }
        assertTrue(compared > changes, compared + " were compared");
    }

    /** What the server makes of a row, as text; nothing if it refuses it. */
    private static String meaning(Connection c, byte[] row, String format) throws SQLException {
        Database.run(c, "TRUNCATE got");
        try {
            write(c, "got", row, format);
        } catch (SQLException e) {
            return "";
        }
        return "read " + new String(read(c, "got"), StandardCharsets.ISO_8859_1);
    }

    @Test
    void rowsMayComeInPieces() throws Exception {
        List<BinaryType> types = List.of(BinaryType.INTEGER, BinaryType.TEXT, BinaryType.UUID, BinaryType.TEXT);
        String row = "17\ta \\\\ \\n b\t89abcdef-0123-4567-89ab-cdeffedcba98\t\\N\n";
        byte[] text = String.join("", Collections.nCopies(40_000, row)).getBytes(StandardCharsets.UTF_8);
        Binary whole = Binary.of(types, text, text.length);
        assertEquals(text.length, whole.taken);
        for (int piece : List.of(1_000, 1 << 18, (1 << 18) - 1))
            assertArrayEquals(whole.bytes, Binary.of(types, text, piece).bytes, "pieces of " + piece);
    }

    /** The domain lets no row in that is sent as text. Of the second table, every part has rows that have to be. */
    @Test
    void restoresSendTheBinaryFormAsFarAsThereIsOne() throws Exception {
        DatabaseUrl db = TestServer.newDatabase();
        execute(
                db,
                "CREATE FUNCTION is_sent(int) RETURNS boolean LANGUAGE sql"
                        + " RETURN current_query() NOT LIKE 'COPY %' OR current_query() LIKE '%binary%'",
                "CREATE DOMAIN sent AS int CHECK (is_sent(VALUE))",
                "CREATE TYPE mood AS ENUM ('sad', 'so so')",
                "CREATE TABLE \"All b.\" (\"the \"\"id\" sent, m mood, t text, at timestamptz)",
                "INSERT INTO \"All b.\" SELECT i, 'so so', E'a\\t\\\\' || i, '2026-11-30'::timestamptz"
                        + " - i * interval '1 min' FROM generate_series(1, 6000) i",
                "CREATE TABLE mixed (id int, d date, t text)",
                "INSERT INTO mixed SELECT i, CASE i % 5999 WHEN 0 THEN 'infinity' ELSE date '2000-01-01' + i END,"
                        + " E'\\n' || md5(i::text) || md5('b' || i) || md5('c' || i) FROM generate_series(1, 30000) i",
                "INSERT INTO mixed VALUES (0, NULL, repeat('long', 70000))");
        String sums = "SELECT (SELECT md5(string_agg(b::text, ',' ORDER BY b)) FROM \"All b.\" b)"
                + " || (SELECT md5(string_agg(s::text, ',' ORDER BY s)) FROM mixed s)";
        String sum = value(db, sums);
        Path folder = TestServer.temporary("binary");
        for (String compression : List.of("gzip", "none"))
            run(db, "backup", "create", "--dir", folder.resolve(compression).toString(), "--compress", compression)
                    .expect(0);
        Path parts = path(new FolderStore(folder.resolve("gzip")).files().get(0));
        Path plain = path(new FolderStore(folder.resolve("none")).files().get(0));
        Path another = Files.copy(plain, folder.resolve("another.sql"));
        for (String mode : List.of("swap", "in-place"))
            for (Path file : List.of(parts, another)) {
                execute(db, "DELETE FROM mixed");
                restore(db, file, "--mode", mode);
                assertEquals(sum, value(db, sums), mode + " " + file.getFileName());
            }
        restore(db, parts, "--table", "mixed", "--table", "\"All b.\"", "--into-schema", "again");
        execute(db, "DROP TABLE mixed, \"All b.\"", "ALTER TABLE again.mixed SET SCHEMA public");
        execute(db, "ALTER TABLE again.\"All b.\" SET SCHEMA public");
        assertEquals(sum, value(db, sums), "two tables");
    }

    /** A server that is old has OIDs above those that an int of Java's holds. */
    @Test
    void typesMayHaveLargeOids() throws Exception {
        DatabaseUrl db = TestServer.newDatabase();
        execute(
                db,
                "CREATE TYPE mood AS ENUM ('so so')",
                "CREATE TABLE felt (id int PRIMARY KEY, m mood)",
                "INSERT INTO felt SELECT i, 'so so' FROM generate_series(1, 6000) i");
        Path folder = TestServer.temporary("binary");
        run(db, "backup", "create", "--dir", folder.toString()).expect(0);
        execute(
                TestServer.admin().withDatabase(db.database()),
                "SET allow_system_table_mods = on",
                "UPDATE pg_attribute SET atttypid = 3000000000 WHERE attrelid = 'felt'::regclass AND attname = 'm'",
                "UPDATE pg_enum SET enumtypid = 3000000000 WHERE enumtypid = 'mood'::regtype",
                "UPDATE pg_type SET typelem = 3000000000 WHERE typelem = 'mood'::regtype",
                "UPDATE pg_type SET oid = 3000000000 WHERE oid = 'mood'::regtype",
                "DELETE FROM felt WHERE id > 1");
        restore(db, path(new FolderStore(folder).files().get(0)), "--table", "felt", "--data-only");
        assertEquals("6000", value(db, "SELECT count(m) FROM felt"));
    }

    /** The rows before it ended otherwise, which the server knows only of those that it gets as text. */
    @Test
    void aRowThatEndsOtherwiseIsRefused() throws Exception {
        DatabaseUrl db = TestServer.newDatabase();
        Path file = TestServer.temporary("binary").resolve("mixed.sql");
        Files.writeString(
                file,
                "CREATE TABLE public.t (id int);\nCOPY public.t (id) FROM stdin;\n" + "7\n".repeat(6000)
                        + "8\r\n\\.\n-- PostgreSQL database dump complete\n--\n");
        for (String options : List.of("--mode in-place", "--table t --as u"))
            command(db, "restore", file.toString(), "--yes")
                    .and(options.split(" "))
                    .with("DB_RESTORE_CONFIRM", "1")
                    .run()
                    .expect(25, "(COPY public.t (id) FROM stdin): literal carriage return found in data");
    }

    /** Rows behind the first unusual one are a COPY of their own, which triggers would notice. */
    @Test
    void triggersRunOnceForABlock() throws Exception {
        DatabaseUrl db = TestServer.newDatabase();
        Path file = TestServer.temporary("binary").resolve("triggers.sql");
        Files.writeString(
                file,
                """
                CREATE TABLE public.seen (what text);
                CREATE TABLE public.t (d date);
                CREATE FUNCTION public.see() RETURNS trigger LANGUAGE plpgsql
                  AS $$BEGIN INSERT INTO public.seen VALUES (TG_OP); RETURN NULL; END$$;
                CREATE TRIGGER see AFTER INSERT ON public.t FOR EACH STATEMENT EXECUTE FUNCTION public.see();
                COPY public.t (d) FROM stdin;
                """
                        + "2026-11-30\n".repeat(6000)
                        + "infinity\n\\.\n-- PostgreSQL database dump complete\n--\n");
        restore(db, file, "--mode", "in-place");
        assertEquals("6001 1", value(db, "SELECT count(*) || ' ' || (SELECT count(*) FROM seen) FROM t"));
    }

    private static void restore(DatabaseUrl db, Path file, String... options) {
        command(db, "restore", file.toString(), "--yes")
                .and(options)
                .with("DB_RESTORE_CONFIRM", "1")
                .run()
                .expect(0);
    }
}
