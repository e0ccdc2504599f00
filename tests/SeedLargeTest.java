import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import avdaily.db.DatabaseUrl;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

/** CSV files that are too large to hold. */
class SeedLargeTest extends ScriptTest {
    private static Path large(Path folder, String name, String header, int rows, IntFunction<String> row) {
        Path file = folder.resolve("base/" + name);
        try {
            Files.createDirectories(file.getParent());
            try (Writer out = Files.newBufferedWriter(file)) {
                out.write(header + "\n");
                for (int i = 0; i < rows; i++) out.write(row.apply(i) + "\n");
            }
        } catch (IOException e) {
            fail(e);
        }
        return folder;
    }

    /** With less memory than the rows of these files would take. */
    private static Run seedSmall(Path folder, DatabaseUrl db, String... more) {
        List<String> words = new ArrayList<>(List.of("development"));
        words.addAll(List.of(more));
        return command(db, "seed", words.toArray(String[]::new))
                .with("AVDAILY_SEEDS", folder.toString())
                .with("JAVA_TOOL_OPTIONS", "-Xmx40m")
                .run();
    }

    @Test
    void aLargeCsvPassesThroughASmallHeap() {
        DatabaseUrl db = SeedTest.shop();
        execute(
                db,
                "CREATE TABLE big (id uuid PRIMARY KEY, number int UNIQUE, person_id uuid REFERENCES person, paid "
                        + "numeric(8,2) CHECK (paid >= 0), note text DEFAULT 'none', doc jsonb)");
        String filler = "x".repeat(1_600);
        Path folder = large(
                SeedTest.seeds("base/person.yaml", "- {email: p0@x.test}\n- {email: p1@x.test}\n"),
                "big.csv",
                "number,person,paid (create-only),note,doc",
                15_000,
                i -> i + ",p" + i % 2 + "@x.test," + i % 100 + ","
                        + (i == 7 ? "\"a\tb\\c\nd\"" : i == 8 ? "" : i == 9 ? "\"\"" : filler) + ",\"{\"\"i\"\": " + i
                        + "}\"");
        SeedTest.seed(folder, db, "--dry-run").expect(0).says("+ big 0", "15000");
        assertEquals("0", value(db, "SELECT count(*) FROM big"));
        seedSmall(folder, db, "--validate").expect(0).says("15002 inserted");
        assertEquals(
                "a\tb\\c\nd|null|",
                value(
                        db,
                        "SELECT string_agg(coalesce(note, 'null'), '|' ORDER BY number) FROM big WHERE number IN (7, "
                                + "8, 9)"));
        assertEquals(
                "7500",
                value(
                        db,
                        "SELECT count(*) FROM big JOIN person p ON p.id = person_id WHERE p.email = 'p1@x.test' AND "
                                + "number % 2 = 1 AND (doc ->> 'i')::int = number"));
        seedSmall(folder, db).expect(0).says("skipped", "unchanged, all 15,002 rows");
        execute(db, "UPDATE big SET note = 'other', paid = 77 WHERE number < 3", "DELETE FROM big WHERE number = 5");
        SeedTest.seed(folder, db, "--dry-run").expect(0).says("+ big 5", "~ big 2: note 'other' → 'xxx");
        SeedTest.seed(folder, db).expect(0).says("1 inserted, 3 updated");
        assertEquals("77.00", value(db, "SELECT paid FROM big WHERE number = 2"), "create-only");
        execute(
                db,
                "DELETE FROM big WHERE number = 11",
                "CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
                "CREATE TRIGGER swallow BEFORE INSERT ON big FOR EACH ROW EXECUTE FUNCTION swallow()");
        SeedTest.seed(folder, db, "--validate").expect(22, "finding").says("big: 1 row of the seeds missing");
        DatabaseUrl small = SeedTest.shop();
        execute(small, "CREATE TABLE big (id uuid PRIMARY KEY, number int UNIQUE, person_id uuid REFERENCES person)");
        SeedTest.seed(
                        SeedTest.seeds(
                                "base/person.yaml",
                                "- {email: p0@x.test}\n- {email: p1@x.test}\n",
                                "base/big.csv",
                                "number,person\n4,p0@x.test\n"),
                        small)
                .expect(0);
        assertEquals(
                value(small, "SELECT id FROM big"),
                value(db, "SELECT id FROM big WHERE number = 4"),
                "a large file gives the same ids as a small one");
    }

    @Test
    void aMistakeInALargeCsvIsNamedByItsLine() {
        DatabaseUrl db = SeedTest.shop();
        execute(
                db,
                "CREATE TABLE big (number int, name text, other int UNIQUE, paid numeric(8,2) CHECK (paid >= 0), "
                        + "person_id uuid REFERENCES person, PRIMARY KEY (number, name))");
        String filler = "x".repeat(2_400);
        Map<String, List<String>> mistakes = Map.of(
                "n,name,1,1,ada@x.test",
                List.of("line 6252", "column number"),
                "6250,twin,5,1,ada@x.test",
                List.of("line 6252", "big_other_key"),
                "6250,twin,,-1,ada@x.test",
                List.of("line 6252", "big_paid_check"),
                "9," + filler + ",,1,ada@x.test",
                List.of("line 6252", "line 11"),
                "9," + "X" + filler.substring(1) + ",,1,ada@x.test",
                List.of("line 6252", "upper and lower case"),
                "6250,\"twin,,1,",
                List.of("quote"));
        mistakes.forEach((bad, words) -> {
            Path folder = large(
                    SeedTest.seeds(
                            "base/person.yaml",
                            "- {email: ada@x.test}\n",
                            "seeds.yaml",
                            "tables: {big: {key: [number, name]}}\n"),
                    "big.csv",
                    "number,name,other,paid,person",
                    7_000,
                    i -> i == 6_250 ? bad : i + "," + filler + "," + i + ",1,ada@x.test");
            SeedTest.seed(folder, db).expect(2, words.toArray(String[]::new));
            assertEquals("0", value(db, "SELECT (SELECT count(*) FROM big) + (SELECT count(*) FROM person)"), bad);
        });
    }

    @Test
    @LongForm
    void keysAreTwinsPartByPart() {
        DatabaseUrl db = SeedTest.shop();
        execute(db, "CREATE TABLE big (a text, b text, name text, PRIMARY KEY (a, b))");
        String filler = "x".repeat(2_400);
        Path folder = large(
                SeedTest.seeds(),
                "big.csv",
                "a,b,name",
                7_000,
                i -> i == 1 ? "\"x, y\",z," : i == 2 ? "x,\"y, z\"," : i + ",b," + filler);
        seedSmall(folder, db).expect(0).says("7000 inserted");
    }

    @Test
    void filesThatAreHeldAndDoNotFitAreNamed() {
        DatabaseUrl db = SeedTest.shop();
        execute(db, "CREATE TABLE big (number int PRIMARY KEY, name text)");
        seedSmall(large(SeedTest.seeds(), "big.csv", "number,name", 600_000, i -> i + ",name of " + i), db)
                .expect(2, "memory", "-Xmx", "nothing was written");
        assertEquals("0", value(db, "SELECT count(*) FROM big"));
    }
}
