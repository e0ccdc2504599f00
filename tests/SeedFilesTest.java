import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.db.DatabaseUrl;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;

/**
 * Seeding beyond the plain run: what is skipped, what a dry run says, layers, files of every kind, and more than one
 * run.
 */
class SeedFilesTest extends ScriptTest {
    private static DatabaseUrl shop() {
        return SeedTest.shop();
    }

    private static Run seed(Path folder, DatabaseUrl db, String... more) {
        return SeedTest.seed(folder, db, more);
    }

    private static Path seeds(String... namesAndTexts) {
        return SeedTest.seeds(namesAndTexts);
    }

    private static long skipped(Run run) {
        return run.json()
                .get("tables")
                .valueStream()
                .filter(table -> table.get("skipped").asBoolean())
                .count();
    }

    // -- history

    @Test
    void whatIsAsBeforeIsSkippedAndNothingElse() {
        DatabaseUrl db = shop();
        Path folder = seeds(
                "base/person.yaml",
                "- {email: ada@x.test, rank: a}\n- {email: ben@x.test}\n",
                "base/orders.csv",
                "number,person,paid\nA1,ada@x.test,1\n");
        assertEquals(0, skipped(seed(folder, db, "--json").expect(0)));
        seed(folder, db).expect(0).says("unchanged", "2 tables skipped");
        assertEquals(0, skipped(seed(folder, db, "--json", "--force").expect(0)));

        execute(db, "DELETE FROM orders");
        Run again = seed(folder, db, "--json").expect(0);
        assertEquals(1, skipped(again), "somebody deleted a row of orders, and of person nothing changed");
        assertEquals("1", value(db, "SELECT count(*) FROM orders"));

        execute(db, "UPDATE person SET rank = 'z' WHERE email = 'ada@x.test'");
        assertEquals(
                1, skipped(seed(folder, db, "--json").expect(0)), "person is set right, and then orders is as it was");
        assertEquals("a", value(db, "SELECT rank FROM person WHERE email = 'ada@x.test'"));

        write(folder.resolve("base/orders.csv"), "number,person,paid\nA1,ada@x.test,2\n");
        assertEquals(1, skipped(seed(folder, db, "--json").expect(0)));
        assertEquals("2.00", value(db, "SELECT paid FROM orders"));

        write(folder.resolve("testing/person.yaml"), "- {email: cy@x.test}\n");
        assertEquals(
                0,
                skipped(command(db, "seed", "testing", "--json")
                        .with("AVDAILY_SEEDS", folder.toString())
                        .run()
                        .expect(0)),
                "another environment has a history of its own");
        assertEquals(0, skipped(seed(folder, db, "--json", "--clean", "--yes").expect(0)));
        assertEquals(
                "2",
                value(db, "SELECT count(*) FROM avdaily_ops.seed_history"),
                "--clean forgets what every environment had");
    }

    @Test
    void aRunThatFailsLeavesNoHistory() {
        DatabaseUrl db = shop();
        Path folder = seeds(
                "base/person.yaml",
                "- {email: ada@x.test}\n",
                "base/orders.csv",
                "number,person,paid\nA1,ada@x.test,-1\n");
        seed(folder, db).expect(2, "orders_paid_check");
        assertEquals("f", value(db, "SELECT to_regclass('avdaily_ops.seed_history') IS NOT NULL"));
        write(folder.resolve("base/orders.csv"), "number,person,paid\nA1,ada@x.test,1\n");
        assertEquals(0, skipped(seed(folder, db, "--json").expect(0)));
    }

    @Test
    void asOfIsRemembered() {
        DatabaseUrl db = shop();
        Path folder = seeds("base/person.yaml", "- {email: ada@x.test, born: today-1d}\n");
        seed(folder, db, "--as-of", "2026-03-01").expect(0);
        assertEquals("2026-02-28", value(db, "SELECT born::text FROM person"));
        seed(folder, db).expect(0).says("unchanged", "skipped");
        seed(folder, db, "--as-of", "2026-03-02").expect(0).says("1 updated");
        seed(folder, db).expect(0).says("unchanged");
        assertEquals("2026-03-01", value(db, "SELECT born::text FROM person"));
        seed(folder, db, "--as-of", "yesterday").expect(2, "--as-of");
        seed(folder, db, "--clean", "--yes").expect(0);
        assertFalse(
                value(db, "SELECT born::text FROM person").startsWith("2026-03"), "--clean counts from today again");
    }

    @Test
    void dataFromBeforeTheHistoryKeepTheirDay() {
        DatabaseUrl db = shop();
        Path folder = seeds("base/person.yaml", "- {email: ada@x.test, born: today-1d}\n");
        seed(folder, db, "--as-of", "2026-03-01").expect(0);
        execute(
                db,
                "DROP TABLE avdaily_ops.seed_history",
                "INSERT INTO avdaily_ops.operation (command, environment, who, host, outcome, details) VALUES ('seed', "
                        + "'', '', '', 'done', '{\"seeds\": \"development\", \"asOf\": \"tomorrow\"}')");
        seed(folder, db, "--dry-run").expect(0).says("unchanged");
        seed(folder, db).expect(0).says("unchanged");
        assertEquals(
                "2026-02-28 2026-03-01",
                value(
                        db,
                        "SELECT concat_ws(' ', (SELECT born FROM person), (SELECT as_of FROM "
                                + "avdaily_ops.seed_history))"));
    }

    // -- dry run

    @Test
    void aDryRunSaysRowByRowWhatItWouldDo() {
        DatabaseUrl db = shop();
        execute(db, "ALTER TABLE person ADD password_hash text");
        Path folder = seeds(
                "base/person.yaml",
                "- {email: ada@x.test, rank: a, password_hash: opensesame}\n- {email: ben@x.test}\n- {email: "
                        + "cy@x.test}\n");
        seed(folder, db).expect(0);
        execute(
                db,
                "DELETE FROM person WHERE email = 'cy@x.test'",
                "UPDATE person SET rank = 'old', password_hash = 'other'");
        write(folder.resolve("development/person.yaml"), "- {email: ben@x.test, _state: absent}\n");
        String before = rows(db);
        String history = value(db, "SELECT string_agg(h::text, '|') FROM avdaily_ops.seed_history h")
                + value(db, "SELECT count(*) FROM avdaily_ops.operation");
        Run run = seed(folder, db, "--dry-run")
                .expect(0)
                .says(
                        "+ person cy@x.test",
                        "~ person ada@x.test",
                        "rank 'old' → 'a'",
                        "password_hash (not shown)",
                        "- person ben@x.test");
        assertFalse((run.out() + run.err()).contains("opensesame"), run.out());
        JsonNode json = seed(folder, db, "--dry-run", "--json").expect(0).json();
        assertEquals(3, json.get("changes").size());
        assertFalse(json.toString().contains("opensesame"));
        assertEquals(before, rows(db));
        assertEquals(
                history,
                value(db, "SELECT string_agg(h::text, '|') FROM avdaily_ops.seed_history h")
                        + value(db, "SELECT count(*) FROM avdaily_ops.operation"));
        seed(folder, db).expect(0).says("1 inserted, 1 updated, 1 removed");
    }

    @Test
    void aLongDiffIsCounted() {
        StringBuilder people = new StringBuilder();
        for (int i = 0; i < 50; i++) people.append("- {email: p").append(i).append("@x.test}\n");
        Run run = seed(seeds("base/person.yaml", people.toString()), shop(), "--dry-run")
                .expect(0)
                .says("... and 30 more rows");
        assertEquals(20, run.out().lines().filter(line -> line.startsWith("+ ")).count());
    }

    // -- layers

    @Test
    void aLaterLayerTakesRowsAway() {
        DatabaseUrl db = shop();
        Path folder = seeds(
                "base/person.yaml",
                "- {email: ada@x.test}\n- {email: ben@x.test, boss: ada@x.test}\n",
                "base/orders.csv",
                "number,person\nA1,ben@x.test\n");
        seed(folder, db).expect(0);
        write(folder.resolve("development/person.yaml"), "- {email: ben@x.test, _state: absent}\n");
        seed(folder, db).expect(2, "person.yaml line 1", "other rows refer to it", "orders", "nothing was written");
        write(folder.resolve("development/orders.csv"), "number,person,_state\nA1,ben@x.test,absent\nA2,ada@x.test,\n");
        seed(folder, db).expect(0).says("1 inserted", "2 removed");
        assertEquals(
                "ada@x.test A2",
                value(
                        db,
                        "SELECT concat_ws(' ', (SELECT string_agg(email, ' ') FROM person), (SELECT "
                                + "string_agg(number, ' ') FROM orders))"));
        seed(folder, db).expect(0).says("unchanged");
        write(folder.resolve("development/person.yaml"), "- {email: ben@x.test, _state: gone}\n");
        seed(folder, db).expect(2, "line 1", "_state", "gone");
    }

    @Test
    void aRowThatRefersToItselfCanBeTakenAway() {
        DatabaseUrl db = shop();
        execute(
                db,
                "INSERT INTO person (id, email, boss_id) SELECT g, g || '@x.test', g FROM gen_random_uuid() g",
                "UPDATE person SET email = 'ada@x.test'");
        seed(seeds("base/person.yaml", "- {email: ada@x.test, _state: absent}\n"), db)
                .expect(0)
                .says("1 removed");
        assertEquals("0", value(db, "SELECT count(*) FROM person"));
    }

    @Test
    void aCreateOnlyColumnIsNotSetBack() {
        DatabaseUrl db = shop();
        Path folder = seeds(
                "base/person.yaml",
                "create_only: [rank]\nrows:\n- {email: ada@x.test, rank: a, born: 2000-01-01}\n",
                "base/orders.csv",
                "number,person,paid (create-only)\nA1,ada@x.test,5\n");
        seed(folder, db).expect(0);
        execute(db, "UPDATE person SET rank = 'new', born = NULL", "UPDATE orders SET paid = 7");
        assertEquals(
                1,
                seed(folder, db, "--dry-run", "--json")
                        .expect(0)
                        .json()
                        .get("changes")
                        .size());
        seed(folder, db).expect(0);
        assertEquals("new 2000-01-01 7.00", value(db, "SELECT concat_ws(' ', rank, born, paid) FROM person, orders"));
        write(folder.resolve("base/person.yaml"), "create_only: [colour]\nrows:\n- {email: ada@x.test}\n");
        seed(folder, db).expect(2, "person.yaml", "colour");
        write(folder.resolve("base/person.yaml"), "create_only: [email]\nrows:\n- {email: ada@x.test}\n");
        seed(folder, db).expect(2, "person.yaml", "natural key");
    }

    // -- the same everywhere

    @Test
    void theMachinesZoneAndTheDatabasesSettingsChangeNothing() {
        Path folder = seeds(
                "seeds.yaml",
                "timezone: Africa/Lagos\n",
                "base/person.yaml",
                "- {email: ada@x.test, born: 2001-02-03}\n",
                "base/orders.yaml",
                "- {number: A1, person: ada@x.test, at: 2026-01-31 10:00}\n- {number: A2, person: ada@x.test, at: "
                        + "today@10:00}\n");
        DatabaseUrl db = shop();
        execute(
                db,
                "ALTER DATABASE " + db.database() + " SET datestyle = 'SQL, DMY'",
                "ALTER DATABASE " + db.database() + " SET timezone = 'Asia/Tokyo'");
        command(db, "seed", "development")
                .with("AVDAILY_SEEDS", folder.toString())
                .with("JAVA_TOOL_OPTIONS", "-Duser.timezone=America/Lima")
                .run()
                .expect(0);
        assertEquals(
                "2026-01-31 09:00 09:00",
                value(
                        db,
                        "SELECT string_agg(to_char(at AT TIME ZONE 'UTC', CASE number WHEN 'A1' THEN 'YYYY-MM-DD ' "
                                + "ELSE '' END || 'HH24:MI'), ' ' ORDER BY number) FROM orders"));
        Run again = command(db, "seed", "development", "--json")
                .with("AVDAILY_SEEDS", folder.toString())
                .with("JAVA_TOOL_OPTIONS", "-Duser.timezone=Asia/Tokyo")
                .run()
                .expect(0);
        assertEquals(2, skipped(again), "the same rows, read in another zone");
        write(folder.resolve("base/person.yaml"), "- {email: ada@x.test, born: 03/02/2001}\n");
        seed(folder, db).expect(2, "person.yaml line 1, column born");
        write(folder.resolve("base/person.yaml"), "- {email: ada@x.test}\n");
        write(folder.resolve("seeds.yaml"), "timezone: UTC+3\n");
        seed(folder, db).expect(0);
        assertEquals(
                "07:00",
                value(db, "SELECT to_char(at AT TIME ZONE 'UTC', 'HH24:MI') FROM orders WHERE number = 'A1'"),
                "three hours east");
    }

    @Test
    void whatEqualityDoesNotTellIsUpdatedToo() {
        DatabaseUrl db = shop();
        execute(db, "ALTER TABLE person ADD span interval, ADD place point, ADD doc json");
        Path folder = seeds(
                "base/person.yaml",
                "- {email: ada@x.test, span: 30 days, place: '(1,2)', doc: {a: 0.0000001}, rank: 1.50}\n");
        seed(folder, db).expect(0);
        assertEquals("1.50 {\"a\":1E-7}", value(db, "SELECT rank || ' ' || doc FROM person"));
        write(
                folder.resolve("base/person.yaml"),
                "- {email: ada@x.test, span: 1 month, place: '(1,3)', doc: '{\"a\":  1}', rank: 1.50}\n");
        seed(folder, db).expect(0).says("1 updated");
        assertEquals("1 mon (1,3) {\"a\":  1}", value(db, "SELECT concat_ws(' ', span, place, doc) FROM person"));
        seed(folder, db, "--force").expect(0).says("unchanged");
    }

    // -- hostile files

    @Test
    void hostileFilesAreNamedAndNothingIsWritten() throws IOException {
        DatabaseUrl db = shop();
        Map<String, List<String>> texts = Map.ofEntries(
                Map.entry("person.yaml|- email: a@x.test\n\trank: x\n", List.of("line 2", "TAB", "spaces")),
                Map.entry("person.yaml|a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\n", List.of("person.yaml line 1")),
                Map.entry("person.yaml|- &a {email: a@x.test}\n- *a\n", List.of("line 2")),
                Map.entry(
                        "person.yaml|- {email: a@x.test, rank: " + "[".repeat(5000) + "\n",
                        List.of("person.yaml", "depth")),
                Map.entry("person.json|[{\"email\": " + "[".repeat(5000), List.of("person.json", "depth")),
                Map.entry("person.csv|email,Email\na@x.test,b@x.test\n", List.of("column Email", "no such column")),
                Map.entry("person.csv|email,rank,rank\na@x.test,1,2\n", List.of("line 1", "rank twice")),
                Map.entry(
                        "person.csv|email,rank\na@x.test,1\nb@x.test,2,3\n",
                        List.of("line 3", "3 cells under 2 columns")),
                Map.entry(
                        "person.csv|email,rank\nb@x.test,1\n\"a@x.test,1\nc@x.test,1\n",
                        List.of("person.csv line 3", "quote")),
                Map.entry("person.csv|email,rank\n\"a\"b@x.test,1\n", List.of("person.csv line 2", "quotes")),
                Map.entry(
                        "orders.yaml|- {number: A1, at: 'today@25:99'}\n", List.of("line 1, column at", "today@25:99")),
                Map.entry(
                        "person.yaml|- {email: a@x.test, born: Tomorrow}\n",
                        List.of("line 1, column born", "Tomorrow")),
                Map.entry(
                        "person.yaml|- {email: a@x.test, born: today+99999y}\n",
                        List.of("line 1, column born", "today+99999y")),
                Map.entry("orders.yaml|- {number: A1, paid: .nan}\n", List.of("line 1, column paid", ".nan")),
                Map.entry(
                        "person.csv|email\na@x.test\nb@x.test\nA@x.test\n",
                        List.of("line 4", "upper and lower case", "line 2")),
                Map.entry(
                        "person.yaml|- {email: a@x.test}\n- {email: \"b\\0@x.test\"}\n",
                        List.of("line 2", "column email")));
        texts.forEach((file, words) -> {
            String[] parts = file.split("\\|", 2);
            Run run = seed(seeds("base/" + parts[0], parts[1]), db).expect(2, words.toArray(String[]::new));
            assertTrue(run.err().length() < 3000, "the message holds the file");
            assertEquals("0", value(db, "SELECT count(*) FROM person"), file);
        });
        Path folder = seeds();
        for (byte[] bytes : List.of(
                "email\na@x.test\nb\u00e9@x.test\n".getBytes(StandardCharsets.ISO_8859_1),
                "\nemail\na@x.test\n".getBytes(StandardCharsets.UTF_16))) {
            Files.createDirectories(folder.resolve("base"));
            Files.write(folder.resolve("base/person.csv"), bytes);
            seed(folder, db).expect(2, "person.csv line " + (bytes[0] == 'e' ? 3 : 1), "not UTF-8");
        }
    }

    @Test
    void aLinkLeadsNowhereElse() throws IOException {
        DatabaseUrl db = shop();
        Path folder = seeds(
                "base/person.yaml",
                "- {email: ada@x.test}\n",
                "development/orders.csv",
                "number,person\nA1,ada@x.test\n");
        Path link = folder.resolve("development/person.yaml");
        Files.createSymbolicLink(link, Path.of("../base/person.yaml"));
        seed(folder, db).expect(0);
        for (Path elsewhere : List.of(
                seeds("person.yaml", "- {email: eve@x.test}\n").resolve("person.yaml"),
                Path.of("/etc/passwd"),
                Path.of("nowhere.yaml"))) {
            Files.delete(link);
            Files.createSymbolicLink(link, elsewhere);
            seed(folder, db).expect(2, "development/person.yaml", "leads");
        }
    }

    @Test
    void aCellKeepsItsSpaces() {
        DatabaseUrl db = shop();
        seed(seeds("base/person.csv", "rank,email\n\n  x,a@x.test\n  ,b@x.test\n\n"), db)
                .expect(0)
                .says("2 inserted");
        assertEquals("[  x]|[  ]", value(db, "SELECT string_agg('[' || rank || ']', '|' ORDER BY email) FROM person"));
    }

    @Test
    void aMarkCarriageReturnsAndFormulasAreOnlyText() {
        DatabaseUrl db = shop();
        String formula = "=1+1";
        seed(
                        seeds(
                                "base/person.csv",
                                "\uFEFFemail,rank\r\na@x.test," + formula + "\r\nb@x.test,\"x\r\ny\"\r\n\r\n",
                                "development/orders.yaml",
                                "\uFEFF- number: A1\r\n  person: a@x.test\r\n"),
                        db)
                .expect(0);
        assertEquals(formula + "|x\r\ny", value(db, "SELECT string_agg(rank, '|' ORDER BY email) FROM person"));
        assertEquals("1", value(db, "SELECT count(*) FROM orders"));
    }

    // -- more than one

    @Test
    void aSecondRunWaitsOrEnds() throws Exception {
        DatabaseUrl db = shop();
        Path folder = seeds("base/person.yaml", "- {email: ada@x.test}\n");
        seed(folder, db).expect(0);
        execute(db, "UPDATE person SET rank = 'x'");
        write(folder.resolve("base/person.yaml"), "- {email: ada@x.test, rank: a}\n");
        Path log = Files.createTempFile("log", "");
        try (Connection c = TestServer.connect(db);
                Statement s = c.createStatement()) {
            c.setAutoCommit(false);
            s.execute("UPDATE person SET rank = 'held'");
            Process first = command(db, "seed", "development")
                    .with("AVDAILY_SEEDS", folder.toString())
                    .start(log, log);
            while (value(
                            db,
                            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
                                    + "wait_event_type = 'Lock'")
                    .equals("0")) Thread.onSpinWait();
            seed(folder, db).expect(23, "another run holds the lock");
            c.rollback();
            assertEquals(0, first.waitFor(), () -> log.toString());
        }
        assertEquals("a", value(db, "SELECT rank FROM person"));
    }

    @Test
    void killedAtAnyMomentItIsAsBeforeOrAsAfter() throws Exception {
        DatabaseUrl db = migrated();
        run(db, "seed", "testing").expect(0);
        String schema = schema(db);
        String before = content(db);
        DatabaseUrl reference = migrated();
        run(reference, "seed", "testing").expect(0);
        run(reference, "seed", "staging").expect(0);
        Path log = Files.createTempFile("log", "");
        for (int i = 0; i < 3; i++) {
            Process process = command(db, "seed", "staging").start(log, log);
            Thread.sleep(ThreadLocalRandom.current().nextInt(300, 2500));
            process.destroyForcibly().waitFor();
            Await.noSession(db, "application_name LIKE 'avdaily%'");
            String now = content(db);
            boolean done = !value(db, "SELECT count(*) FROM avdaily_ops.seed_history WHERE environment = 'staging'")
                    .equals("0");
            assertEquals(done ? content(reference) : before, now, "the rows and the history must tell the same");
            assertEquals(schema, schema(db));
            if (done) break;
        }
        run(db, "seed", "staging", "--validate").expect(0);
        assertEquals(content(reference), content(db));
    }

    /** How many rows each table has. */
    static String content(DatabaseUrl db) {
        return String.join(
                "\n",
                values(
                        db,
                        "SELECT oid::regclass || ' ' || (xpath('/row/n/text()', query_to_xml('SELECT count(*) AS n "
                                + "FROM ' || oid::regclass, false, true, '')))[1]"
                                + " FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER "
                                + "BY 1"));
    }
}
