import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.db.DatabaseUrl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What becomes of rows when a generated migration runs: kept, proven, said, or refused. */
class GenerateRowsTest extends ScriptTest {
    @Test
    @LongForm
    void aValueOfAnEnumOnWhichMuchHangsIsTakenBack() {
        String rest =
                """
                CREATE TYPE size AS ENUM ('s', 'm');
                CREATE TABLE people (
                  id int PRIMARY KEY, mood mood NOT NULL DEFAULT 'sad' CHECK (mood <> 'happy'),
                  moods mood[] DEFAULT '{sad}', size size, note text DEFAULT 'sad'::mood::text
                );
                CREATE TABLE seen (mood mood PRIMARY KEY);
                CREATE TABLE seen_by (mood mood REFERENCES seen, n int, EXCLUDE (n WITH =) WHERE (mood = 'sad'));
                CREATE INDEX people_sad ON people (id) WHERE mood = 'sad';
                CREATE INDEX people_mood ON people (mood);
                CREATE FUNCTION is_sad(mood) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';
                CREATE VIEW feelings AS SELECT id, mood, size FROM people;
                CREATE VIEW sad_ones AS SELECT * FROM feelings WHERE is_sad(mood);
                CREATE MATERIALIZED VIEW sad_sums AS SELECT mood, count(*) AS n FROM sad_ones GROUP BY mood;
                CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
                CREATE TRIGGER touching BEFORE UPDATE OF mood ON people
                  FOR EACH ROW WHEN (NEW.mood = 'sad') EXECUTE FUNCTION touch();
                CREATE POLICY sad_only ON people USING (mood = 'sad');
                CREATE RULE keep AS ON DELETE TO people WHERE old.mood = 'sad' DO INSTEAD NOTHING;
                CREATE TABLE parent (mood mood DEFAULT 'sad');
                CREATE TABLE child () INHERITS (parent);
                ALTER TABLE child ALTER mood SET DEFAULT 'happy';
                CREATE TABLE parts (id int) PARTITION BY LIST (id);
                """;
        DatabaseUrl db = TestServer.newDatabase();
        Path folder = GenerateTest.folder(
                "CREATE TYPE mood AS ENUM ('sad', 'happy');\n" + rest,
                "CREATE TYPE mood AS ENUM ('sad', 'fine', 'happy');\n" + rest.replace("'m')", "'m', 'l')")
                        + "ALTER TABLE parts ADD FOREIGN KEY (id) REFERENCES people;");
        GenerateTest.in(folder, db, "up", "--yes").run().expect(0);
        execute(db, "INSERT INTO people (id, moods) VALUES (1, '{sad,happy}')");
        GenerateTest.in(folder, db, "generate", "more")
                .run()
                .expect(0)
                .says(
                        "changes TYPE public.mood",
                        "changes TYPE public.size",
                        "adds FK CONSTRAINT parts_id_fkey",
                        "Proven on a scratch database");
        GenerateTest.in(folder, db, "up", "--yes", "--no-backup").run().expect(0);
        GenerateTest.in(folder, db, "rollback", "--yes").run().expect(0).says("No table and no column goes with them.");
        assertEquals("sad {sad,happy} sad", value(db, "SELECT concat_ws(' ', mood, moods, note) FROM people"));
    }

    @Test
    void valuesOfColumnsThatBothSchemasHaveStay() throws IOException {
        DatabaseUrl db = TestServer.newDatabase();
        String rows =
                """
                CREATE TABLE coupon (id int PRIMARY KEY, code text NOT NULL DEFAULT code(7), mood mood DEFAULT 'sad',
                  moods mood[] DEFAULT '{sad}', price price NOT NULL DEFAULT 1, n int DEFAULT number(1),
                  twice int GENERATED ALWAYS AS (number(1) * 2) STORED);
                CREATE VIEW happy AS SELECT id FROM coupon WHERE mood = 'happy';
                CREATE DOMAIN fee AS price; CREATE DOMAIN feeling AS mood; CREATE DOMAIN felt AS feeling;
                CREATE DOMAIN word AS text DEFAULT code(8) CHECK (code(1) <> VALUE);
                CREATE TABLE visit (id int, fee fee, fees fee[], felt felt, felts feeling[], word word);
                CREATE VIEW visits AS SELECT fee, felt FROM visit;
                CREATE POLICY own ON visit USING (word <> code(2));
                CREATE RULE keep AS ON DELETE TO visit WHERE old.word = code(3) DO INSTEAD NOTHING;
                CREATE TABLE stay (visit int REFERENCES room, gone int);
                CREATE TYPE entry AS (day date, mood mood);
                CREATE TABLE diary (entry entry CHECK ((entry).mood IS NOT NULL), mood mood,
                  is_happy boolean GENERATED ALWAYS AS (mood = 'happy') STORED);
                CREATE VIEW happy_days AS SELECT (entry).day FROM diary WHERE is_happy;
                CREATE FUNCTION stays() RETURNS numeric LANGUAGE sql BEGIN ATOMIC SELECT sum(gone) FROM stay; END;
                CREATE FUNCTION twice() RETURNS numeric LANGUAGE sql RETURN stays() * 2;
                CREATE VIEW stayed AS SELECT twice();
                """;
        Path folder = GenerateTest.folder(
                """
                CREATE FUNCTION code(n integer) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'C' || n $$;
                CREATE FUNCTION number(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1';
                CREATE TYPE mood AS ENUM ('sad', 'gone', 'happy');
                CREATE DOMAIN price AS numeric(10,2);
                CREATE TABLE room (id int PRIMARY KEY, n int NOT NULL,
                  made int GENERATED ALWAYS AS (id + n) STORED);
                """
                        + rows,
                """
                CREATE FUNCTION code(number integer) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'C' || number $$;
                CREATE FUNCTION number(int) RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT 1';
                CREATE TYPE mood AS ENUM ('happy', 'sad');
                CREATE DOMAIN price AS numeric(12,4);
                CREATE TABLE room (id int UNIQUE, n int PRIMARY KEY, made int);
                """
                        + rows.replace("'sad'", "'happy'").replace("REFERENCES room", "REFERENCES room (id)")
                                .replace("gone int", "gone bigint"));
        GenerateTest.in(folder, db, "up", "--yes").run().expect(0);
        execute(
                db,
                "INSERT INTO coupon VALUES (1, 'SUMMER', 'happy', '{happy,sad}', 2.5, 3)",
                "INSERT INTO visit VALUES (1, 1.5, '{2.5}', 'sad', '{happy,sad}', 'x')",
                "INSERT INTO room VALUES (1, 7)",
                "INSERT INTO stay VALUES (1, 4)",
                "INSERT INTO diary VALUES ('(2026-01-01,sad)', 'happy')");
        GenerateTest.in(folder, db, "generate", "change").run().expect(0).says("Proven on a scratch database");
        String written = Files.readString(folder.resolve("V2__change.sql"));
        assertTrue(written.contains("DROP COLUMN twice;") && !written.contains("What is in it is lost"), written);
        String values = "SELECT concat_ws(' ', code, mood, moods, price::numeric(12,2), n, twice) FROM coupon";
        String others = "SELECT concat_ws(' ', fee::float, fees::float[], felt, felts, word, made) FROM visit, room";
        String more = "SELECT concat_ws(' ', entry, mood, day, twice) FROM diary, happy_days, stayed";
        GenerateTest.in(folder, db, "up", "--yes", "--no-backup").run().expect(0);
        assertEquals("SUMMER happy {happy,sad} 2.50 3 2", value(db, values));
        assertEquals("1.5 {2.5} sad {happy,sad} x 8", value(db, others));
        assertEquals("(2026-01-01,sad) happy 2026-01-01 8", value(db, more));
        execute(db, "INSERT INTO coupon (id) VALUES (2)");
        assertEquals("C7 happy {sad} 1.00 1 2", value(db, values + " WHERE id = 2"));
        GenerateTest.in(folder, db, "rollback", "--yes").run().expect(0).says("column public.room.made with 1 value");
        assertEquals("SUMMER happy {happy,sad} 2.50 3 2", value(db, values + " WHERE id = 1"));
        assertEquals("1.5 {2.5} sad {happy,sad} x 8", value(db, others));
        assertEquals("(2026-01-01,sad) happy 2026-01-01 8", value(db, more));
    }

    @Test
    void whatBecomesOfRowsIsSaid() throws IOException {
        DatabaseUrl db = TestServer.newDatabase();
        Path folder = GenerateTest.folder(
                """
                CREATE TABLE a (id int PRIMARY KEY, name text NOT NULL, status text CHECK (status IN ('new', 'old')));
                CREATE TABLE b (a int NOT NULL REFERENCES a, age int NOT NULL CHECK (age > 100), price numeric,
                  at timestamptz);
                CREATE TABLE odd (x text NOT NULL CHECK (x ~ '^[A-Z]+[?]$'));
                CREATE TABLE parts (n int, at timestamptz) PARTITION BY LIST (n);
                CREATE TABLE parts_7 PARTITION OF parts FOR VALUES IN (7);""",
                """
                CREATE TABLE a (id int PRIMARY KEY, name varchar(5) NOT NULL, must int NOT NULL,
                  status text CHECK (status IN ('new', 'old')));
                CREATE TABLE b (a int NOT NULL REFERENCES a, age int NOT NULL CHECK (age > 100),
                  price numeric(10,2), at timestamptz);
                CREATE TABLE odd (x text NOT NULL CHECK (x ~ '^[A-Z]+[?]$'), y int);
                CREATE TABLE parts (n int, at date) PARTITION BY LIST (n);
                CREATE TABLE parts_7 PARTITION OF parts FOR VALUES IN (7);""");
        GenerateTest.in(folder, db, "up", "--yes").run().expect(0);
        execute(db, "INSERT INTO a VALUES (1, 'a long name')");
        Run run = GenerateTest.in(folder, db, "generate", "narrow").run().expect(0);
        String forward = Files.readString(folder.resolve("V2__narrow.sql"));
        String undo = Files.readString(folder.resolve("U2__narrow.sql"));
        for (String remark : List.of(
                "migration fails with rows that were made up for public.a: column \"must\" of relation",
                "alues of public.parts.at change with the type from timestamp with time zone to date, such as",
                "o row could be made up for public.odd, so it was tried without any: new row")) {
            run.says(remark);
            assertTrue(forward.contains(remark) && undo.contains(remark), remark);
        }
        assertFalse(forward.contains("/*") || forward.contains("made up for public.b"), forward);
        // values that do not fit are refused, not cut off
        write(
                folder.resolve("V2__narrow.sql"),
                forward.replace("ADD COLUMN must integer NOT NULL", "ADD COLUMN must int"));
        GenerateTest.in(folder, db, "up", "--yes", "--no-backup").run().expect(25, "value too long");
        assertEquals("a long name", value(db, "SELECT name FROM a"));
    }

    @Test
    void partitionsComeAndGoWithTheirRows() {
        String table =
                """
                CREATE TABLE event (id bigint NOT NULL, at date NOT NULL, what text, PRIMARY KEY (id, at))
                  PARTITION BY RANGE (at);
                CREATE INDEX event_what ON event (what);
                CREATE TABLE event_2026 PARTITION OF event FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
                """;
        Path folder = GenerateTest.folder(
                table
                        + """
                        CREATE TABLE event_2024 PARTITION OF event FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
                        CREATE TABLE event_2025 PARTITION OF event FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
                        CREATE TABLE event_2028 (id bigint NOT NULL, at date NOT NULL, what text, PRIMARY KEY (id, at));
                        CREATE INDEX event_2028_what_idx ON event_2028 (what);
                        CREATE TABLE ordered (id int NOT NULL, day date NOT NULL) PARTITION BY RANGE (day);
                        CREATE TABLE ordered_2026 PARTITION OF ordered FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
                        CREATE INDEX ordered_gone ON ordered_2026 (id);
                        CREATE TABLE line (id int, day date);""",
                table.replace("what text,", "what text, n int NOT NULL DEFAULT 7,")
                        + """
                        CREATE INDEX event_n ON event (n);
                        CREATE TABLE event_2025 (id bigint NOT NULL, at date NOT NULL, what text,
                          PRIMARY KEY (id, at));
                        CREATE INDEX event_2025_what_idx ON event_2025 (what);
                        CREATE TABLE event_2027 PARTITION OF event FOR VALUES FROM ('2027-01-01') TO ('2028-01-01')
                          PARTITION BY LIST (id);
                        CREATE TABLE event_2027_1 PARTITION OF event_2027 FOR VALUES IN (1);
                        COMMENT ON TABLE event_2027_1 IS 'the first';
                        CREATE TABLE event_2028 PARTITION OF event FOR VALUES FROM ('2028-01-01') TO ('2029-01-01');
                        CREATE TABLE ordered (id int NOT NULL, day date NOT NULL, PRIMARY KEY (id, day))
                          PARTITION BY RANGE (day);
                        CREATE TABLE ordered_2026 PARTITION OF ordered FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
                        ALTER TABLE ordered_2026 ALTER day SET DEFAULT '2026-06-01', ADD CONSTRAINT own CHECK (id > 0);
                        CREATE INDEX ordered_day ON ordered_2026 (day);
                        CREATE TABLE line (id int, day date, FOREIGN KEY (id, day) REFERENCES ordered);
                        """);
        DatabaseUrl db = TestServer.newDatabase();
        GenerateTest.in(folder, db, "up", "--yes").run().expect(0);
        execute(
                db,
                "INSERT INTO event SELECT y, make_date(y, 5, 1), 'x' FROM generate_series(2024, 2026) y",
                "INSERT INTO event_2028 VALUES (2028, '2028-05-01', 'y')",
                "INSERT INTO ordered VALUES (1, '2026-05-01')",
                "INSERT INTO line VALUES (1, '2026-05-01')");
        GenerateTest.in(folder, db, "generate", "months").run().expect(0).says("Proven on a scratch database");
        GenerateTest.in(folder, db, "up", "--yes", "--no-backup").run().expect(0);
        GenerateTest.in(folder, db, "generate", "--check").run().expect(0);
        assertEquals(
                "2026 7,2028 7", value(db, "SELECT string_agg(concat_ws(' ', id, n), ',' ORDER BY id) FROM event"));
        assertEquals("2025", value(db, "SELECT id FROM event_2025"));
        GenerateTest.in(folder, db, "rollback", "--yes").run().expect(0);
        assertEquals("2025,2026", value(db, "SELECT string_agg(id::text, ',' ORDER BY id) FROM event"));
        assertEquals("2028", value(db, "SELECT id FROM event_2028"));
    }

    @Test
    @LongForm
    void compositeTypesKeepTheirValues() {
        String rest =
                """
                CREATE TABLE a (id int, place place DEFAULT '(x,1)', places place[], size size);
                CREATE TABLE typed OF free;
                """;
        Path folder = GenerateTest.folder(
                """
                CREATE TYPE place AS (street text, number int);
                CREATE TYPE size AS (w int, h int);
                CREATE TYPE free AS (n int);
                """
                        + rest,
                """
                CREATE TYPE place AS (street text, number bigint);
                CREATE TYPE size AS (w int, d int);
                CREATE TYPE free AS (n bigint, m int);
                """
                        + rest);
        DatabaseUrl db = TestServer.newDatabase();
        GenerateTest.in(folder, db, "up", "--yes").run().expect(0);
        execute(db, "INSERT INTO a VALUES (1, '(home,7)', '{\"(x,1)\",\"(y,2)\"}', '(3,4)')");
        GenerateTest.in(folder, db, "generate", "more")
                .run()
                .expect(0)
                .says("Look: the values of public.size.h are lost.");
        GenerateTest.in(folder, db, "up", "--yes", "--no-backup").run().expect(0);
        String values = "SELECT concat_ws(' ', (place).street, (place).number, places, size) FROM a";
        assertEquals("home 7 {\"(x,1)\",\"(y,2)\"} (3,)", value(db, values));
        GenerateTest.in(folder, db, "rollback", "--yes").run().expect(0);
        assertEquals("home 7 {\"(x,1)\",\"(y,2)\"} (3,)", value(db, values));
    }

    @Test
    void whatWouldLoseValuesIsRefused() throws IOException {
        String table = "CREATE TABLE a (id int, place place, places place[]);";
        Path folder = GenerateTest.folder(
                "CREATE TYPE place AS (street text, number int);" + table,
                "CREATE TYPE place AS (number int, street text);" + table);
        GenerateTest.in(folder, TestServer.newDatabase(), "generate", "more")
                .run()
                .expect(22, "public.a.place", "public.a.places", "nothing was written", "by hand");
        assertEquals(List.of("V1__first.sql", "schema"), GenerateTest.files(folder));
    }

    @Test
    void lostRowsAndValuesFailTheProof() throws IOException {
        Path folder = GenerateTest.folder(
                "CREATE TABLE a (id int, name text); CREATE TABLE b (id int);",
                "CREATE TABLE a (id int, name text, more int); CREATE TABLE b (id int);");
        write(
                folder.resolve("afterEachMigrate.sql"),
                "UPDATE a SET name = NULL WHERE id < 0 OR id > 1; DELETE FROM b;");
        GenerateTest.in(folder, TestServer.newDatabase(), "generate", "more")
                .run()
                .expect(22, "rows of public.b", "values of public.a.name", "nothing was written", "by hand");
        assertEquals(List.of("V1__first.sql", "afterEachMigrate.sql", "schema"), GenerateTest.files(folder));
    }
}
