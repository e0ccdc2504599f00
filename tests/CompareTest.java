import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.backup.BackupFile;
import avdaily.backup.FolderStore;
import avdaily.db.DatabaseUrl;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whether two backups or databases hold the same rows, and which ones they do not share. */
class CompareTest extends ScriptTest {
    @Test
    void backupsAndDatabasesAreCompared() throws IOException {
        DatabaseUrl db = TestServer.newDatabase();
        execute(
                db,
                "CREATE TABLE big AS SELECT i AS id, now() + i * interval '1 hour' AS at, 'text ' || i AS t,"
                        + " CASE WHEN i % 3 = 0 THEN NULL ELSE i / 7.0::float8 END AS f"
                        + " FROM generate_series(1, 3000) i",
                "CREATE TABLE twice AS SELECT 1 AS a FROM generate_series(1, 2)",
                "CREATE TABLE gone AS SELECT 1 AS a",
                "CREATE TABLE bare ()");
        Path folder = TestServer.temporary("compared");
        run(db, "backup", "create", "--dir", folder.toString()).expect(0);
        BackupFile file = new FolderStore(folder).files().get(0);
        Path copy = folder.resolve("copy.sql.gz");
        Files.copy(path(file), copy);
        String address = db.withPassword();
        String backup = path(file).toString();
        compared(backup, address).expect(0).says("The rows of 4 tables are the same.");
        compared(backup, copy.toString()).expect(0);
        execute(
                db,
                "CREATE TABLE fresh AS SELECT * FROM big ORDER BY t",
                "TRUNCATE big",
                "INSERT INTO big TABLE fresh");
        execute(db, "ALTER DATABASE " + db.database() + " SET timezone = 'Asia/Tokyo'", "DROP TABLE fresh");
        compared(address, copy.toString()).expect(0);
        execute(
                db,
                "UPDATE big SET f = f + 1 WHERE id = 1000",
                "UPDATE twice SET a = 2 WHERE ctid = '(0,1)'",
                "DROP TABLE gone",
                "CREATE TABLE added AS SELECT 1 AS a");
        Run run = compared(backup, address).expect(22, "4 tables of 5 differ");
        run.says("added", "extra", "big", "different", "gone", "missing", "bare", "equal");
        assertEquals(
                "[different, equal, different, extra, missing]",
                List.of("twice", "bare", "big", "added", "gone").stream()
                        .map(table ->
                                verdict(compared(backup, address, "--json").json(), table))
                        .toList()
                        .toString());
    }

    /** A child's columns that come with a change of its parent stand before its own when it is made anew. */
    @Test
    void columnsInAnotherOrderHoldTheSame() {
        DatabaseUrl db = TestServer.newDatabase();
        execute(
                db,
                "CREATE TABLE parent (a int)",
                "CREATE TABLE child (\"b, c\" text) INHERITS (parent)",
                "ALTER TABLE parent ADD d text",
                "INSERT INTO child VALUES (1, 'x', 'y'), (2, 'y', 'x')");
        Path folder = TestServer.temporary("ordered");
        run(db, "backup", "create", "--dir", folder.toString()).expect(0);
        String backup = path(new FolderStore(folder).files().get(0)).toString();
        run(db, "backup", "verify", "--restore", "--url", db.withPassword(), backup)
                .expect(0);
        DatabaseUrl other = TestServer.newDatabase();
        command(other, "restore", backup, "--mode", "in-place", "--yes")
                .with("DB_RESTORE_CONFIRM", "1")
                .run()
                .expect(0);
        compared(backup, other.withPassword()).expect(0);
        compared(other.withPassword(), backup).expect(0);
        compared(db.withPassword(), other.withPassword()).expect(0);
        execute(other, "UPDATE child SET \"b, c\" = d, d = \"b, c\"");
        compared(backup, other.withPassword()).expect(22, "differs: public.child is different", "--data-only");
    }

    /** The keys that COPY writes, and at most ten of them. */
    @Test
    void rowsOfTwoDatabasesAreToldByTheirKeys() {
        DatabaseUrl db = TestServer.newDatabase();
        execute(
                db,
                "CREATE TABLE parted (a int, \"B,\" text, at timestamptz, PRIMARY KEY (\"B,\", a))"
                        + " PARTITION BY LIST (a)",
                "CREATE TABLE part PARTITION OF parted DEFAULT",
                "CREATE TABLE many (id int PRIMARY KEY, name text)",
                "CREATE TABLE keyless (a int)",
                "INSERT INTO parted SELECT i, 'x' || i, timestamptz '2026-01-01 00:00+00' FROM generate_series(1, 4) i",
                "INSERT INTO many SELECT i, 'n' FROM generate_series(1, 30) i",
                "INSERT INTO keyless VALUES (1)");
        DatabaseUrl other = TestServer.newDatabase(db.database());
        execute(
                other,
                "ALTER DATABASE " + other.database() + " SET timezone = 'Asia/Tokyo'",
                "UPDATE parted SET at = at + interval '1 s' WHERE a = 2",
                "UPDATE parted SET a = 9, \"B,\" = E'tab\\t' WHERE a = 3",
                "DELETE FROM many WHERE id <= 12",
                "UPDATE keyless SET a = 2");
        compared(db.withPassword(), other.withPassword())
                .expect(22, "3 tables of 3 differ")
                .says(
                        "public.part: only the first has 1 row: x3, 3\n",
                        "public.part: only the second has 1 row: tab\\t, 9\n",
                        "public.part: other values in at has 1 row: x2, 2\n",
                        "public.many: only the first has 12 rows: ",
                        "; ...");
        JsonNode rows = compared(db.withPassword(), other.withPassword(), "--json")
                .expect(22)
                .json()
                .get("tables")
                .get(1)
                .get("rowDifferences");
        assertEquals(12, rows.get("missing").get("count").asInt());
        assertEquals(10, rows.get("missing").get("keys").size());
        assertEquals(0, rows.get("extra").get("count").asInt());
    }

    /** One connection reads both tables whole, two read most of the big one so, and four read it in ranges. */
    @Test
    void aTableHasTheSameRowsHoweverItIsRead() throws IOException {
        DatabaseUrl db = TestServer.newDatabase();
        execute(
                db,
                "CREATE TABLE big (id int, pad text)",
                "ALTER TABLE big ALTER pad SET STORAGE PLAIN",
                "CREATE TABLE small (LIKE big INCLUDING STORAGE)",
                "INSERT INTO big SELECT i, repeat('x', 8000) FROM generate_series(1, 17000) i",
                "INSERT INTO small SELECT * FROM big WHERE id <= 9000");
        for (String jobs : List.of("1", "2", "4")) {
            Path folder = TestServer.temporary("read");
            run(db, "backup", "create", "--dir", folder.toString(), "--jobs", jobs)
                    .expect(0);
            BackupFile file = new FolderStore(folder).files().get(0);
            assertEquals(26_000, file.metadata().orElseThrow().content().rows());
            compared(path(file).toString(), db.withPassword()).expect(0).says("The rows of 2 tables are the same.");
        }
        String plan = value(db, "EXPLAIN (FORMAT json) SELECT id FROM ONLY big WHERE (ctid < '(9000,0)') IS TRUE");
        assertTrue(plan.contains("Seq Scan"), plan);
    }

    private static Run compared(String first, String second, String... more) {
        return command("backup", "compare", first, second).and(more).run();
    }

    private static String verdict(JsonNode document, String table) {
        for (JsonNode one : document.get("tables"))
            if (one.get("table").asText().equals("public." + table))
                return one.get("verdict").asText();
        return "not there";
    }
}
