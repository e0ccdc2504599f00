import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.db.DatabaseUrl;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The rows that the studio shows: each once, and of persons no more than is asked for and logged. */
class StudioDataTest extends StudioVisits {
    /** With a key and without, wide, partitioned and with children. */
    private static DatabaseUrl tablesOfAllKinds() {
        DatabaseUrl db = TestServer.newDatabase();
        execute(
                db,
                "CREATE TABLE t (a int, b text, n int, PRIMARY KEY (a, b))",
                "INSERT INTO t SELECT i / 10, 'key ' || i, CASE WHEN i % 3 > 0 THEN i % 7 END "
                        + "FROM generate_series(1, 180) i",
                "CREATE INDEX ON t (n)",
                "CREATE TABLE heap AS SELECT 'row ' || i AS v FROM generate_series(1, 120) i",
                "CREATE TABLE wide AS SELECT 'row ' || i AS v, repeat(md5(i::text), 90) AS w "
                        + "FROM generate_series(1, 700) i",
                "DELETE FROM wide WHERE v >= 'row 2' AND v < 'row 5'",
                "CREATE TABLE parts (v text, n int) PARTITION BY RANGE (n)",
                "CREATE TABLE parts1 PARTITION OF parts FOR VALUES FROM (0) TO (60)",
                "CREATE TABLE parts2 PARTITION OF parts FOR VALUES FROM (60) TO (999)",
                "INSERT INTO parts SELECT 'row ' || i, i FROM generate_series(1, 170) i",
                "CREATE TABLE bare (v text)",
                "CREATE TABLE bare_child () INHERITS (bare)",
                "INSERT INTO bare SELECT 'row ' || i FROM generate_series(1, 55) i",
                "INSERT INTO bare_child SELECT 'row ' || i FROM generate_series(56, 110) i",
                "CREATE TABLE keyed (id int PRIMARY KEY, v text)",
                "CREATE TABLE keyed_child () INHERITS (keyed)",
                "INSERT INTO keyed SELECT i, 'row ' || i FROM generate_series(1, 55) i",
                "INSERT INTO keyed_child SELECT i / 2, 'row ' || i FROM generate_series(56, 110) i");
        return db;
    }

    /** A page begins where the one before ended, whatever the rows are ordered by, and none is lost or comes twice. */
    @Test
    void pagesOfRowsHoldEachRowOnce() throws Exception {
        DatabaseUrl db = tablesOfAllKinds();
        try (Browsing studio = new Browsing(db).enter()) {
            for (String order : List.of("", "&sort=n", "&sort=n&order=down", "&order=down", "&sort=b"))
                assertEquals(
                        180,
                        rows(studio, "data?schema=public&table=t" + order, "key \\d+")
                                .size(),
                        order);
            assertEquals(
                    120,
                    rows(studio, "data?schema=public&table=heap", "row \\d+").size());
            assertEquals(
                    Integer.parseInt(value(db, "SELECT count(*) FROM wide")),
                    rows(studio, "data?schema=public&table=wide", "row \\d+").size());
            assertEquals(
                    170,
                    rows(studio, "data?schema=public&table=parts", "row \\d+").size());
            for (String parent : List.of("bare", "keyed"))
                assertEquals(
                        110,
                        rows(studio, "data?schema=public&table=" + parent, "row \\d+")
                                .size(),
                        parent);
            assertEquals(
                    List.of("key 7"),
                    rows(studio, "data?schema=public&table=t&f0=b&o0=is&v0=key+7", "key \\d+(?=</span>)"));
            assertEquals(
                    11,
                    rows(studio, "data?schema=public&table=t&f0=b&o0=has&v0=Y+7", "key \\d+(?=</span>)")
                            .size());
            assertEquals(
                    60,
                    rows(studio, "data?schema=public&table=t&f0=n&o0=null", "key \\d+(?=</span>)")
                            .size());
            studio.get("data?schema=public&table=t&f0=a&v0=x").expect(500, "invalid input syntax for type integer");
            studio.get("data?schema=public&table=t&f0=nosuch&v0=x").expect(400, "there is no column nosuch");
            studio.get("data?schema=public&table=t&after=x").expect(400, "where the page begins");
            assertEquals(
                    51,
                    studio.get("data.csv?schema=public&table=t").text().lines().count());
        }
    }

    @Test
    void whoSomebodyIsIsMaskedUntilItIsAskedForAndLogged() throws Exception {
        DatabaseUrl db = migrated();
        run(db, "seed", "demo", "--yes").expect(0);
        String email = value(db, "SELECT email FROM \"user\" ORDER BY id LIMIT 1");
        try (Browsing studio = new Browsing(db).enter();
                Browsing other = new Browsing(db).enter()) {
            String users = "data?schema=public&table=user";
            Answer masked = studio.get(users).expect(200, "is masked", "@example.test");
            assertFalse(masked.text().contains(email));
            assertFalse(studio.get("data.csv?schema=public&table=user").text().contains(email));
            studio.post("unmask", masked.key(), "schema", "public", "table", "user")
                    .expect(303);
            studio.get(users).expect(200, email, "that was logged");
            assertTrue(studio.get("data.csv?schema=public&table=user").text().contains(email));
            assertFalse(other.get(users).text().contains(email));
            assertEquals(
                    "public.user",
                    value(db, "SELECT details ->> 'table' FROM avdaily_ops.operation WHERE command = 'studio show'"));
            studio.get("operations").expect(200, "studio show", "Migrations");
        }
    }

    @Test
    void nothingIsShownOfProductionThatCannotBeLogged() throws Exception {
        DatabaseUrl db = TestServer.newDatabase();
        execute(db, "CREATE TABLE person (id int PRIMARY KEY, email text)", "INSERT INTO person VALUES (1, 'a@b.ch')");
        try (Browsing studio = new Browsing(db, Map.of("AVDAILY_ENV", "production")).enter()) {
            Answer masked = studio.get("data?schema=public&table=person").expect(200, "is masked");
            studio.post("unmask", masked.key(), "schema", "public", "table", "person")
                    .expect(403, "is logged", "Go on");
            assertFalse(studio.get("data?schema=public&table=person").text().contains("a@b.ch"));
            studio.get(query(studio, "run", "TABLE person")).expect(200, "is logged", "Go on");
        }
        try (Browsing studio = new Browsing(db).enter()) {
            String rows = "data?schema=public&table=person";
            studio.post("unmask", studio.get(rows).key(), "schema", "public", "table", "person")
                    .expect(303);
            studio.get(rows).expect(200, "a@b.ch", "was not logged");
        }
    }

    /** Whoever may ask often enough has the value. */
    @Test
    void noConditionTellsWhatIsMasked() throws Exception {
        DatabaseUrl db = TestServer.newDatabase();
        execute(db, "CREATE TABLE person (id int PRIMARY KEY, email text)", "INSERT INTO person VALUES (1, 'a@b.ch')");
        try (Browsing studio = new Browsing(db).enter()) {
            String key = studio.get("data?schema=public&table=person").key();
            for (String page : List.of("data", "data.csv", "row")) {
                String rows = page + "?schema=public&table=person&f0=email&o0=";
                for (String condition : List.of("is&v0=a@b.ch", "has&v0=a@", "lt&v0=b", "ge&v0=a"))
                    studio.get(rows + condition).expect(403, "are masked", "Go on");
                studio.get(rows + "some").expect(200, "example.test");
                studio.get(page + "?schema=public&table=person&f0=id&v0=1").expect(200, "example.test");
            }
            studio.get("data?schema=public&table=person&after=" + encoded("{\"n\":false,\"v\":[]}"))
                    .expect(400, "where the page begins");
            studio.post("unmask", key, "schema", "public", "table", "person").expect(303);
            studio.get("data?schema=public&table=person&f0=email&v0=a@b.ch").expect(200, "a@b.ch");
        }
    }

    /** A text that is no person's as a whole may name one: neither a condition nor an address gives that away. */
    @Test
    void nothingTellsWhatIsMaskedWithinAText() throws Exception {
        DatabaseUrl db = TestServer.newDatabase();
        String longNote = "x".repeat(285) + " mia.rossi@firm.example, again";
        execute(
                db,
                "CREATE TABLE code (word text PRIMARY KEY, j jsonb, b bytea)",
                "INSERT INTO code VALUES ('open', '{\"a\": \"open\"}', 'open'), "
                        + "('of mia.rossi@firm.example', '{\"a\": \"mia.rossi@firm.example\"}', 'mia.rossi')",
                "INSERT INTO code SELECT 'n ' || n FROM generate_series(1, 60) n",
                "INSERT INTO code VALUES ('" + longNote + "')",
                "CREATE TABLE used (id int PRIMARY KEY, word text REFERENCES code)",
                "INSERT INTO used VALUES (1, 'of mia.rossi@firm.example'), (2, 'open')");
        try (Browsing studio = new Browsing(db).enter()) {
            String code = "?schema=public&table=code";
            for (String page : List.of("data", "data.csv", "row"))
                for (String condition : List.of(
                        "f0=word&o0=is&v0=of+mia.rossi@firm.example",
                        "f0=word&o0=has&v0=mia.rossi",
                        "f0=word&o0=has&v0=again",
                        "f0=word&o0=ge&v0=of+mia.ros&f1=word&o1=lt&v1=of+mia.rot",
                        "f0=j&o0=has&v0=mia.ro",
                        "f0=b&o0=is&v0=mia.rossi")) {
                    Answer answer = studio.get(page + code + "&" + condition).expect(200);
                    assertFalse(answer.text().contains("example.test"), answer.text());
                }
            for (String condition :
                    List.of("f0=word&v0=open", "f0=j&o0=has&v0=OPEN", "f0=word&o0=ge&v0=ope&f1=word&o1=lt&v1=opena"))
                studio.get("row" + code + "&" + condition).expect(200, ">open<");
            for (Map.Entry<String, Answer> page :
                    studio.everything(".*&sort=b.*").entrySet())
                if (!page.getKey().matches(".*(f0|v0)=.*"))
                    assertFalse(page.getValue().text().contains("mia.ro"), page.getKey());
            String first = studio.get("data" + code + "&sort=word").text();
            assertFalse(first.contains("mia.ro"), first);
            studio.post("unmask", studio.get("data" + code).key(), "schema", "public", "table", "code")
                    .expect(303);
            studio.get("data" + code + "&f0=word&o0=has&v0=mia.rossi").expect(200, "of mia.rossi@firm.example");
        }
    }
}
