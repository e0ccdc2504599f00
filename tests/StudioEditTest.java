import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.db.DatabaseUrl;
import avdaily.sql.Sql;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** A row is changed as it was shown to be, if it is still as it was seen, and comes back as it was. */
class StudioEditTest extends StudioVisits {
    private static final String ROW = "?schema=public&table=thing&f0=id&v0=1";
    private static final String EVIL = "'); DROP TABLE thing; -- \\ ? {ts} \"<script>alert(1)</script>";

    private static DatabaseUrl things() {
        DatabaseUrl db = TestServer.newDatabase();
        execute(
                db,
                "CREATE TABLE thing (id int PRIMARY KEY, word text, n numeric(6,2) CHECK (n < 100), at timestamptz, "
                        + "twice numeric GENERATED ALWAYS AS (n * 2) STORED, email text, raw bytea, j jsonb, "
                        + "\"o'dd\\ \"\"name\" text[])",
                "INSERT INTO thing VALUES (1, E'one\r\ntwo', 1.5, '2026-03-29 02:30:00+02', DEFAULT, 'a@b.ch', 'x', "
                        + "'{\"a\": 1}', '{a,b}'), (2, NULL, NULL, NULL, DEFAULT, NULL, NULL, NULL, NULL)");
        return db;
    }

    private static String content(DatabaseUrl db) {
        return String.join("\n", values(db, "SELECT t::text FROM thing t ORDER BY id"));
    }

    @Test
    void aRowIsChangedAsItWasShownAndTakenBack() throws Exception {
        DatabaseUrl db = things();
        String before = content(db);
        try (Browsing studio = Browsing.writing(db, Map.of())) {
            studio.get("row" + ROW).expect(200, "Change it", "Rows are changed one by one");
            Answer form = studio.get("edit" + ROW).expect(200, "the key", "not changed here");
            assertFalse(form.text().contains("a@b.ch"), form.text());
            for (String fixed : List.of("id", "twice", "email", "raw"))
                assertFalse(form.text().contains("\">" + fixed + " "), fixed);
            studio.post("change", form.key(), form(form, Map.of())).expect(400, "no value is another one");
            Answer shown = studio.post(
                            "change", form.key(), form(form, Map.of(field(form, "word"), EVIL, field(form, "n"), "7")))
                    .expect(200, "UPDATE &quot;public&quot;.&quot;thing&quot; AS t", "&quot;n&quot; = &#39;7&#39;");
            assertEquals(before, content(db));
            Answer saved =
                    studio.post("save", shown.key(), form(shown, Map.of())).expect(303);
            assertEquals(EVIL, value(db, "SELECT word FROM thing WHERE id = 1"));
            assertEquals("14.00", value(db, "SELECT twice FROM thing WHERE id = 1"));
            String page = saved.headers().firstValue("Location").orElseThrow().substring(2);
            Answer done = studio.get(page).expect(200, "is kept as run ", "Take it back");
            String run = page.replaceFirst(".*edited=", "");
            assertEquals(
                    "studio edit done",
                    value(db, "SELECT command || ' ' || outcome FROM avdaily_ops.operation WHERE id = " + run));
            try (Browsing other = Browsing.writing(db, Map.of())) {
                other.post("undo", other.get("").key(), "edited", run).expect(400, "made no such change");
            }
            studio.post("undo", done.key(), "edited", run).expect(303);
            assertEquals(before, content(db));
            studio.get(page).expect(200);
            studio.post("undo", done.key(), "edited", run).expect(400, "made no such change");
        }
    }

    /** What was seen, what is there and what may be are three things. */
    @Test
    void aChangeThatCannotBeMadeChangesNothingAndKeepsWhatWasTyped() throws Exception {
        DatabaseUrl db = things();
        try (Browsing studio = Browsing.writing(db, Map.of())) {
            Answer form = studio.get("edit" + ROW);
            String n = field(form, "n");
            String word = field(form, "word");
            studio.post("change", form.key(), form(form, Map.of(n, "many", word, "typed")))
                    .expect(400, "invalid input syntax for type numeric", ">\ntyped<", ">\nmany<");
            Answer broken = save(studio, form, Map.of(n, "777", word, "typed"))
                    .expect(400, "violates check constraint", "change the value", ">\ntyped<");
            assertFalse(broken.text().contains("a@b.ch"), broken.text());
            studio.post("change", form.key(), form(form, Map.of("state", "x"))).expect(400, "begin at the row");
            studio.post("change", form.key(), form(form, Map.of("table", "nosuch")))
                    .expect(400, "there is no table");
            studio.post("save", "wrong", form(form, Map.of(n, "7"))).expect(403);
            studio.send(studio.form("save", form.key(), form(form, Map.of(n, "7")))
                            .header("Sec-Fetch-Site", "cross-site"))
                    .expect(403);
            execute(db, "UPDATE thing SET email = 'other@b.ch' WHERE id = 1");
            save(studio, form, Map.of(n, "7")).expect(400, "somebody changed the row since you saw it: email");
            execute(db, "DELETE FROM thing WHERE id = 1");
            save(studio, form, Map.of(n, "7")).expect(400, "is gone");
            Answer nulls = studio.get("edit" + ROW.replace("v0=1", "v0=2"));
            studio.post("change", nulls.key(), form(nulls, Map.of())).expect(400, "no value is another one");
            assertEquals("1", value(db, "SELECT count(*) FROM thing WHERE n IS NULL"));
            assertEquals(
                    List.of("failed 3"),
                    values(db, "SELECT outcome || ' ' || count(*) FROM avdaily_ops.operation GROUP BY outcome"));
            assertEquals(
                    "t",
                    value(db, "SELECT to_regclass('avdaily_ops.quarantine') IS NULL")
                            .substring(0, 1));
            execute(db, "INSERT INTO thing VALUES (3, 'word')");
            Answer third = studio.get("edit" + ROW.replace("v0=1", "v0=3"));
            save(studio, third, Map.of(field(third, "word").replace('v', 'n'), "1"))
                    .expect(303);
            assertEquals("1", value(db, "SELECT count(*) FROM thing WHERE id = 3 AND word IS NULL"));
        }
    }

    @Test
    void nothingIsChangedWithoutBeingAskedForOrInProduction() throws Exception {
        DatabaseUrl db = things();
        try (Browsing studio = new Browsing(db).enter()) {
            assertFalse(studio.get("row" + ROW).expect(200).text().contains("Change it"));
            studio.get("edit" + ROW).expect(404);
            for (String page : List.of("change", "save", "undo"))
                studio.post(page, studio.get("").key(), "schema", "public", "table", "thing")
                        .expect(404);
        }
        command(db, "studio", "--write", "--no-open")
                .with("AVDAILY_ENV", "production")
                .run()
                .expect(21, "is production");
        command(db, "studio", "--write", "--out", "x").run().expect(2, "contradict");
        execute(
                db,
                "CREATE VIEW seen AS TABLE thing",
                "CREATE TABLE bare (a int)",
                "INSERT INTO bare VALUES (1)",
                "CREATE TABLE part (id int PRIMARY KEY, w text) PARTITION BY RANGE (id)",
                "CREATE TABLE part1 PARTITION OF part FOR VALUES FROM (0) TO (9)",
                "INSERT INTO part VALUES (1, 'x')");
        try (Browsing studio = Browsing.writing(db, Map.of())) {
            studio.get("edit?schema=public&table=seen&f0=id&v0=1").expect(403, "not read");
            studio.get("edit?schema=public&table=bare&f0=a&v0=1").expect(200, "has no key");
            Answer form = studio.get("edit?schema=public&table=part&f0=id&v0=1");
            save(studio, form, Map.of(field(form, "w"), "y")).expect(303);
            assertEquals("y", value(db, "SELECT w FROM part1"));
        }
    }

    /** Of each type another value; the names are those of somebody who means harm. */
    @Test
    void valuesOfAllTypesComeBackAsTheyWere() throws Exception {
        DatabaseUrl db = TestServer.newDatabase();
        String table = "\"ta.b\"\"le'; --\"";
        Map<String, List<String>> columns = new LinkedHashMap<>();
        columns.put("json", List.of("{\"b\" : 1, \"a\":[1, null]}", "[1,  2]"));
        columns.put("jsonb", List.of("{\"a\": [1, null]}", "{\"a\": \"<b>'\"}"));
        columns.put("text[]", List.of("{a,NULL,\"c\\\"d,\"}", "{{x,y},{1,\"\"}}"));
        columns.put("int4range", List.of("[1,5)", "empty"));
        columns.put("interval", List.of("1 year 2 mons -3 days", "00:00:01.5"));
        columns.put("float8", List.of("0.1", "-Infinity"));
        columns.put("bit(3)", List.of("101", "000"));
        columns.put("char(4)", List.of("ab  ", "x   "));
        columns.put("tsvector", List.of("'a':1 'b':2", "'it''s'"));
        columns.put("moods.mood[]", List.of("{\"so, so\"}", "{fine}"));
        columns.put("moods.pair", List.of("(1,\"a, b\")", "(,)"));
        columns.put("moods.short", List.of("ab", "ba"));
        execute(
                db,
                "CREATE SCHEMA moods",
                "CREATE TYPE moods.mood AS ENUM ('fine', 'so, so')",
                "CREATE TYPE moods.pair AS (n int, t text)",
                "CREATE DOMAIN moods.short AS text CHECK (length(VALUE) < 3)",
                "CREATE TABLE " + table + " (\"k'\" text, \"K\"\" \" int, raw bytea DEFAULT '\\x00ff', "
                        + "always int GENERATED ALWAYS AS IDENTITY, now_and_then int GENERATED BY DEFAULT AS IDENTITY, "
                        + String.join(", ", columns.keySet().stream().map(type -> Sql.quoted("c " + type) + " " + type)
                                .toList())
                        + ", sum text GENERATED ALWAYS AS (\"k'\" || 'x') STORED, PRIMARY KEY (\"k'\", \"K\"\" \"))",
                "INSERT INTO " + table + " VALUES ('a\\''; --', 1), ('b', 1)");
        columns.forEach((type, values) -> execute(
                db, "UPDATE " + table + " SET " + Sql.quoted("c " + type) + " = " + Sql.literal(values.get(0))));
        String content = "SELECT string_agg(t::text, '|' ORDER BY \"k'\") FROM " + table + " t";
        String before = value(db, content);
        String row = "?schema=public&table=" + encoded("ta.b\"le'; --") + "&f0=" + encoded("k'") + "&v0="
                + encoded("a\\'; --") + "&f1=" + encoded("K\" ") + "&v1=1";
        try (Browsing studio = Browsing.writing(db, Map.of())) {
            for (Map.Entry<String, List<String>> column : columns.entrySet()) {
                Answer form = studio.get("edit" + row).expect(200);
                String field = field(form, "c " + column.getKey());
                Answer saved = save(studio, form, Map.of(field, column.getValue().get(1)));
                saved.expect(303);
                String page = saved.headers().firstValue("Location").orElseThrow().substring(2);
                String now = "SELECT count(*) FROM " + table + " WHERE " + Sql.quoted("c " + column.getKey())
                        + "::text = " + Sql.literal(column.getValue().get(1)) + "::" + column.getKey() + "::text";
                assertEquals("1", value(db, now), column.getKey());
                studio.post("undo", form.key(), "edited", page.replaceFirst(".*edited=", ""))
                        .expect(303);
                assertEquals(before, value(db, content), column.getKey());
            }
        }
    }

    /** What stands behind a table may keep a change from being made, or from being taken back; then it says so. */
    @Test
    void triggersAndPoliciesAreNotPassedBy() throws Exception {
        DatabaseUrl db = things();
        execute(
                db,
                "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF NEW.word = ''never'' THEN "
                        + "RETURN NULL; END IF; NEW.at = clock_timestamp(); RETURN NEW; END'",
                "CREATE TRIGGER touch BEFORE UPDATE ON thing FOR EACH ROW EXECUTE FUNCTION touch()",
                "ALTER TABLE thing ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
                "CREATE POLICY seen ON thing FOR SELECT USING (id < 3)",
                "CREATE POLICY mine ON thing FOR UPDATE USING (id <> 2) WITH CHECK (n < 50)",
                "CREATE POLICY put ON thing FOR INSERT WITH CHECK (true)",
                "INSERT INTO thing VALUES (3)");
        try (Browsing studio = Browsing.writing(db, Map.of())) {
            studio.get("edit" + ROW.replace("v0=1", "v0=3")).expect(400, "there is no such row");
            Answer second = studio.get("edit" + ROW.replace("v0=1", "v0=2"));
            save(studio, second, Map.of(field(second, "word"), "x")).expect(400, "your role may not change it");
            Answer form = studio.get("edit" + ROW);
            save(studio, form, Map.of(field(form, "n"), "60")).expect(400, "row-level security policy");
            save(studio, form, Map.of(field(form, "word"), "never")).expect(400, "a trigger or a policy is in the way");
            Answer saved = save(studio, form, Map.of(field(form, "word"), "typed")).expect(303);
            String run = saved.headers().firstValue("Location").orElseThrow().replaceFirst(".*edited=", "");
            studio.post("undo", form.key(), "edited", run).expect(403, "a trigger or a changed column is in the way");
            assertEquals("typed", value(db, "SELECT word FROM thing WHERE id = 1"));
            execute(db, "DROP TRIGGER touch ON thing");
            studio.post("undo", form.key(), "edited", run).expect(303);
            assertEquals("1.50 true", value(db, "SELECT n || ' ' || (word LIKE 'one%two') FROM thing WHERE id = 1"));
        }
    }
}
