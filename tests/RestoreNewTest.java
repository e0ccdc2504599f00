import static org.junit.jupiter.api.Assertions.assertEquals;

import avdaily.db.DatabaseUrl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Restores into a database that is not there: its making begins while the file's checksum is still compared. */
class RestoreNewTest extends ScriptTest {
    private static DatabaseUrl source() {
        DatabaseUrl db = TestServer.newDatabase();
        execute(
                db,
                "CREATE TABLE large AS SELECT n, md5(n::text) || md5((n + 1)::text) AS text"
                        + " FROM generate_series(1, 60000) n",
                "CREATE TABLE small (id int PRIMARY KEY, large int)",
                "INSERT INTO small SELECT n, n FROM generate_series(1, 1000) n",
                "CREATE TABLE parted (id int, day int, PRIMARY KEY (id, day)) PARTITION BY RANGE (day)",
                "CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (10)",
                "CREATE TABLE parted_2 PARTITION OF parted FOR VALUES FROM (10) TO (20)",
                "INSERT INTO parted SELECT n, n % 20 FROM generate_series(1, 5000) n",
                "CREATE INDEX ON parted (day)",
                "ALTER TABLE large ADD PRIMARY KEY (n)",
                "CREATE INDEX ON large (text)",
                "CREATE INDEX large_part ON large (text) WHERE n > 100",
                "ALTER TABLE large CLUSTER ON large_pkey",
                "COMMENT ON INDEX large_part IS 'a part'",
                "ALTER TABLE small ADD FOREIGN KEY (large) REFERENCES large");
        return db;
    }

    private Path backup(DatabaseUrl db, String... options) throws IOException {
        Path into = TestServer.temporary("new-backups");
        command(db, "backup", Stream.concat(Stream.of("create", "--dir", into.toString()), Stream.of(options))
                        .toArray(String[]::new))
                .run()
                .expect(0);
        try (Stream<Path> files = Files.list(into)) {
            return files.filter(file -> file.toString().endsWith(".gz")).findFirst().orElseThrow();
        }
    }

    private static Run restored(DatabaseUrl db, Path file) {
        return command(db, "restore", file.toString(), "--yes", "--jobs", "3")
                .with("DB_RESTORE_CONFIRM", "1")
                .run();
    }

    private static Set<String> unfinished() {
        String query = "SELECT coalesce(string_agg(datname, ' '), '') FROM pg_database"
                + " WHERE datname ~ '^avdaily_restore_'";
        Set<String> names = new HashSet<>(List.of(value(TestServer.admin(), query).split(" ")));
        names.remove("");
        return names;
    }

    /** Other tests restore at the same time; what they make ends, too. */
    private static void assertNothingStays(DatabaseUrl copy, Set<String> before) throws Exception {
        assertEquals("0", there(copy));
        Set<String> made = unfinished();
        made.removeAll(before);
        Await.until(() -> Collections.disjoint(unfinished(), made), "the end of what restores made");
    }

    private static String there(DatabaseUrl db) {
        return value(TestServer.admin(), "SELECT count(*) FROM pg_database WHERE datname = '" + db.database() + "'");
    }

    private static String definitions(DatabaseUrl db) {
        return value(
                db,
                "SELECT string_agg(pg_get_indexdef(indexrelid) || indisprimary || indisclustered"
                        + " || coalesce(obj_description(indexrelid), ''), chr(10) ORDER BY indexrelid::regclass::text)"
                        + " || (SELECT string_agg(conname || pg_get_constraintdef(oid), chr(10)"
                        + " ORDER BY conrelid::regclass::text, conname)"
                        + " FROM pg_constraint WHERE connamespace = 'public'::regnamespace)"
                        + " FROM pg_index WHERE indrelid::regclass::text !~ '[.]'");
    }

    @Test
    void whatIsMadeBesideTheChecksumIsTheSame() throws Exception {
        DatabaseUrl source = source();
        DatabaseUrl copy = source.withDatabase(source.database() + "_new");
        restored(copy, backup(source)).expect(0).says("is whole", "5 tables", "the row counts are right");
        assertEquals(definitions(source), definitions(copy));
        assertEquals("60000 1000 5000", value(
                copy,
                "SELECT (SELECT count(*) FROM large) || ' ' || (SELECT count(*) FROM small) || ' '"
                        + " || (SELECT count(*) FROM parted)"));
    }

    /** Damage is what is told, wherever it lies, and nothing of the new database stays. */
    @Test
    void aDamagedFileLeavesNothing() throws Exception {
        DatabaseUrl source = source();
        DatabaseUrl copy = source.withDatabase(source.database() + "_new");
        Path file = backup(source);
        byte[] whole = Files.readAllBytes(file);
        Set<String> before = unfinished();
        for (int at : List.of(30, whole.length / 2, whole.length - 30)) {
            byte[] damaged = whole.clone();
            damaged[at] ^= 0x10;
            Files.write(file, damaged);
            restored(copy, file).expect(24, "altered");
            assertNothingStays(copy, before);
        }
    }

    /** What the server does not accept stops the rows of other tables, too. */
    @Test
    void anIndexThatCannotBeMadeLeavesNothing() throws Exception {
        DatabaseUrl source = TestServer.newDatabase();
        execute(
                source,
                "CREATE FUNCTION f(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS"
                        + " $$ BEGIN RETURN 1 / (500 - $1); END $$",
                "CREATE TABLE small AS SELECT n FROM generate_series(1, 499) n",
                "CREATE INDEX small_f ON small (f(n))",
                "CREATE TABLE large AS SELECT n, md5(n::text) AS text FROM generate_series(1, 60000) n",
                "CREATE OR REPLACE FUNCTION f(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS"
                        + " $$ BEGIN RETURN 1 / (400 - $1); END $$");
        DatabaseUrl copy = source.withDatabase(source.database() + "_new");
        Set<String> before = unfinished();
        restored(copy, backup(source)).expect(25, "small_f", "division by zero");
        assertNothingStays(copy, before);
    }
}
