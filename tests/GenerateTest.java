import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.db.DatabaseUrl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Generating a migration and its undo: what is written, proven, warned of, and refused. */
class GenerateTest extends ScriptTest {
    private static final String BEFORE =
            """
            CREATE TYPE mood AS ENUM ('sad', 'happy');
            CREATE TABLE people (id int PRIMARY KEY, name text, mood mood NOT NULL DEFAULT 'sad', nickname varchar(10));
            CREATE VIEW moods AS SELECT id, mood FROM people;
            """;
    private static final String AFTER =
            """
            CREATE TYPE mood AS ENUM ('sad', 'fine', 'happy');
            CREATE TABLE people (
              id int PRIMARY KEY, born date NOT NULL DEFAULT '2000-01-01', name text CHECK (name <> ''),
              mood mood NOT NULL DEFAULT 'sad', short_name varchar(10)
            );
            CREATE TABLE pets (
              id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, owner int NOT NULL REFERENCES people, CHECK (owner > 0)
            );
            CREATE INDEX people_name ON people (name);
            CREATE INDEX pets_owner ON pets (owner);
            CREATE VIEW moods AS SELECT id, mood FROM people;
            CREATE VIEW owners AS
              SELECT p.name, count(*) AS pets FROM people p JOIN pets ON owner = p.id GROUP BY p.name;
            CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
            \tNEW.name := 'x;';

              -- and more;

              RETURN NEW;
            END $$;
            CREATE TRIGGER touching BEFORE UPDATE ON people FOR EACH ROW EXECUTE FUNCTION touch();
            """;

    static Path folder(String migration, String desired) {
        Path folder = TestServer.temporary("migrations");
        write(folder.resolve("V1__first.sql"), migration);
        write(folder.resolve("schema/all.sql"), desired);
        return folder;
    }

    static Command in(Path folder, DatabaseUrl db, String... arguments) {
        return command(db, "migrate", arguments).with("AVDAILY_MIGRATIONS", folder.toString());
    }

    static List<String> files(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void thePairIsWrittenAndItsProofHoldsWithRowsToo() throws IOException {
        DatabaseUrl db = TestServer.newDatabase();
        Path folder = folder(BEFORE, AFTER);
        in(folder, db, "up", "--yes").run().expect(0);
        execute(db, "INSERT INTO people (id, name, nickname) VALUES (1, 'Ada', 'A')");
        String before = schema(db) + rows(db);
        in(folder, db, "generate", "--check")
                .run()
                .expect(22, "generate NAME")
                .says("changed TYPE public.mood", "missing VIEW public.owners");
        Run run = in(folder, db, "generate", "add pets").run().expect(0);
        run.says(
                "V2__add_pets.sql",
                "U2__add_pets.sql",
                "column public.people.nickname is dropped and short_name added, of the same type: "
                        + "perhaps it was renamed");
        assertEquals(before, schema(db) + rows(db), "the database is not touched");
        assertEquals(
                List.of(
                        "U2__add_pets.sql",
                        "U3__add_pets_indexes.sql",
                        "U4__add_pets_validate.sql",
                        "V1__first.sql",
                        "V2__add_pets.sql",
                        "V3__add_pets_indexes.sql",
                        "V4__add_pets_validate.sql",
                        "schema"),
                files(folder));
        String forward = Files.readString(folder.resolve("V2__add_pets.sql"));
        assertTrue(forward.contains("NOT VALID;") && forward.contains("CREATE INDEX pets_owner ON"), forward);
        assertFalse(forward.contains("SET search_path") || forward.contains("VALIDATE CONSTRAINT pets"), forward);
        in(folder, db, "verify-undo").run().expect(22, "V1 first").says("exact    V2 add pets");
        in(folder, db, "generate", "--check").run().expect(0);
        assertEquals(
                0,
                in(folder, db, "generate", "again", "--json")
                        .run()
                        .expect(0)
                        .json()
                        .get("files")
                        .size());
        assertEquals(8, files(folder).size());
        in(folder, db, "up", "--yes", "--no-backup").run().expect(0);
        assertEquals("Ada sad", value(db, "SELECT name || ' ' || mood FROM people"));
        in(folder, db, "rollback", "--to", "1", "--yes")
                .run()
                .expect(0)
                .says("column public.people.born with 1 value", "table public.pets with 0 rows");
        assertEquals(
                "Ada sad",
                value(db, "SELECT name || ' ' || mood FROM people"),
                "taking a value from an enum loses no column");
    }

    @Test
    @LongForm
    void oddNamesAndTextsStayWhatTheyAre() throws IOException {
        String before = "CREATE TABLE \"My old\" (\"The Id\" int);\n";
        Path folder = folder(
                before,
                before
                        + """
                CREATE TABLE "My new" ("Größe x" int CHECK ("Größe x" > 0), note text DEFAULT 'a;

                	b $$ it''s' NOT NULL);
                COMMENT ON TABLE "My new" IS 'one;

                	two -- "three';
                CREATE INDEX "An index" ON "My old" ("The Id");
                ALTER TABLE "My old" ADD CHECK ("The Id" > 0);
                """);
        Files.delete(folder.resolve("V1__first.sql"));
        in(folder, TestServer.newDatabase(), "generate", "first")
                .run()
                .expect(0)
                .says("V1__first.sql");
        write(folder.resolve("V1__first.sql"), before);
        Files.delete(folder.resolve("U1__first.sql"));
        in(folder, TestServer.newDatabase(), "generate", "odd").run().expect(0).says("Proven on a scratch database");
        String forward = Files.readString(folder.resolve("V2__odd.sql"));
        assertTrue(forward.contains("CHECK ((\"The Id\" > 0)) NOT VALID;"), forward);
        assertFalse(forward.contains("VALIDATE") || forward.contains("An index"), forward);
        String indexes = Files.readString(folder.resolve("V3__odd_indexes.sql"));
        assertTrue(indexes.contains("CREATE INDEX CONCURRENTLY \"An index\" ON public.\"My old\""), indexes);
    }

    @Test
    void aTableUnderAnotherNameIsSaidToBePerhapsTheSame() {
        Path folder = folder("CREATE TABLE a (x int, y text);", "CREATE TABLE b (x int, y text);");
        in(folder, TestServer.newDatabase(), "generate", "rename")
                .run()
                .expect(0)
                .says(
                        "table public.a is dropped and public.b made, with the same columns: perhaps it was renamed",
                        "perhaps");
    }

    /** Undoing drops and makes again what compares with a value of the enum, or would not let its column change. */
    /** What has to be made anew keeps the columns that have it. */
    /** What locks a table while it is read whole is parted from that. */
    @Test
    void bigTablesStayUsableMeanwhile() throws IOException {
        String longer = "x".repeat(60);
        String rest = "CREATE TABLE b (id int PRIMARY KEY, a int, c int);\nCREATE INDEX b_f ON b (f(a));\n"
                + "CREATE INDEX a_name_new ON a (id, name);\n"
                + "ALTER TABLE a ADD CONSTRAINT name_is_not_null CHECK (name IS NOT NULL OR id < 5);\n";
        String more = ", " + longer + "y int%1$s, " + longer + "z int%1$s);";
        Path folder = folder(
                """
                CREATE FUNCTION f(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1';
                CREATE TABLE "off
                ;" (id int);
                CREATE TABLE a (id int PRIMARY KEY, name text, "Odd name" text%s
                CREATE INDEX a_name ON a (name);
                CREATE UNIQUE INDEX "a Odd" ON a ("Odd name");
                CREATE MATERIALIZED VIEW m AS SELECT id FROM a;
                CREATE INDEX m_id ON m (id);
                """
                                .formatted(more.formatted(""))
                        + rest,
                """
                CREATE FUNCTION f(x int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1';
                CREATE TABLE a (id int PRIMARY KEY, name text NOT NULL CHECK (name <> ''), "Odd name" text NOT NULL%s
                CREATE INDEX a_name ON a (name, id);
                CREATE UNIQUE INDEX "a Odd" ON a ("Odd name") WHERE id > 0;
                CREATE MATERIALIZED VIEW m AS SELECT id, name FROM a;
                CREATE INDEX m_id ON m (id);
                """
                                .formatted(more.formatted(" NOT NULL"))
                        + rest
                        + "ALTER TABLE b ADD FOREIGN KEY (a) REFERENCES a, ADD CONSTRAINT b_key UNIQUE (c);\n"
                        + "CREATE UNIQUE INDEX b_pair ON b (a, c);\nCREATE UNIQUE INDEX b_alone ON b (c, id);\n"
                        + "CREATE TABLE d (c int, a int, FOREIGN KEY (c, a) REFERENCES b (c, a));");
        DatabaseUrl db = TestServer.newDatabase();
        in(folder, db, "up", "--yes").run().expect(0);
        execute(db, "INSERT INTO a VALUES (1, 'Ada', 'x', 2, 3)", "INSERT INTO b VALUES (1, 1)");
        in(folder, db, "generate", "online").run().expect(0).says("V3__online_indexes.sql", "V4__online_validate.sql");
        String main = Files.readString(folder.resolve("V2__online.sql"));
        assertTrue(main.contains("CHECK (name IS NOT NULL) NOT VALID;") && !main.contains("SET NOT NULL"), main);
        assertFalse(main.contains("VALIDATE CONSTRAINT") || main.contains("DROP INDEX public.a_name"), main);
        assertTrue(main.contains("-- Nobody can use public.b while the index of the key is built."), main);
        assertTrue(main.contains("INDEX b_pair") && !main.contains("b_alone"), main);
        in(folder, db, "up", "--yes", "--no-backup").run().expect(0).says("V4 online validate");
        in(folder, db, "generate", "--check").run().expect(0);
        in(folder, db, "verify-undo").run().says("exact    V2", "exact    V3", "exact    V4");
        in(folder, db, "rollback", "--to", "1", "--yes").run().expect(0);
        assertEquals("Ada x", value(db, "SELECT concat_ws(' ', name, \"Odd name\") FROM a"));
    }

    /** Files that are pending together keep apart what must not share a transaction. */
    @Test
    void aValidationBeginsATransaction() {
        Path folder = TestServer.temporary("migrations");
        write(folder.resolve("V1__a.sql"), "CREATE TABLE a (id int); -- NOT VALID");
        write(folder.resolve("V2__b.sql"), "ALTER TABLE a ADD CONSTRAINT c CHECK (id > 0) NOT VALID;");
        write(folder.resolve("V3__c.sql"), "INSERT INTO a VALUES (1); -- VALIDATE CONSTRAINT c");
        write(folder.resolve("V4__d.sql"), "ALTER TABLE a VALIDATE CONSTRAINT c;");
        in(folder, TestServer.newDatabase(), "up", "--dry-run").run().expect(0).says("V4 d");
        Run run = in(folder, TestServer.newDatabase(), "up", "--yes").run().expect(0);
        run.says("V4 d  (a transaction of its own: it validates what is NOT VALID before it");
    }

    /** The proof goes on with rows that fit the types and the literals of checks. */
    /** What a comparison alone does not know how to do, though PostgreSQL does. */
    @Test
    void whatIsInTheWayGoesAndComesBack() throws IOException {
        DatabaseUrl db = TestServer.newDatabase();
        String enforced = majorVersion(db) < 18
                ? ""
                : """

                CREATE TABLE part (id int PRIMARY KEY, owner int CONSTRAINT own REFERENCES person NOT ENFORCED,
                  person int CONSTRAINT one REFERENCES person, CHECK (id > 0) NOT ENFORCED,
                  CHECK (id < 9) ENFORCED);""";
        String other = enforced.replace("person NOT ENFORCED", "person")
                .replace("REFERENCES person, CHECK", "REFERENCES person NOT ENFORCED, CHECK")
                .replace("0) NOT ENFORCED", "0)")
                .replace("9) ENFORCED", "9) NOT ENFORCED");
        Path folder = folder(
                """
                CREATE TYPE status AS ENUM ('one', 'two');
                CREATE TABLE person (id serial PRIMARY KEY, name text, status status NOT NULL DEFAULT 'one');
                CREATE TABLE doc (id int PRIMARY KEY, owner int, legacy text);
                ALTER TABLE doc ENABLE ROW LEVEL SECURITY;
                CREATE POLICY own ON doc USING (owner > 0);
                CREATE VIEW names AS SELECT id, name FROM person;
                CREATE VIEW more AS SELECT id FROM names;
                CREATE RULE no AS ON DELETE TO names DO INSTEAD NOTHING;"""
                        + enforced,
                """
                CREATE TYPE status AS ENUM ('one', 'two', 'four');
                CREATE TABLE person (id int GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, name text,
                  status status NOT NULL DEFAULT 'four');
                CREATE TABLE doc (id int PRIMARY KEY, owner bigint);
                ALTER TABLE doc ENABLE ROW LEVEL SECURITY;
                CREATE POLICY own ON doc USING (owner > 0);
                CREATE VIEW names AS SELECT name, id FROM person;
                CREATE VIEW more AS SELECT id FROM names;
                CREATE RULE no AS ON DELETE TO names DO INSTEAD NOTHING;"""
                        + other);
        in(folder, db, "up", "--yes").run().expect(0);
        execute(db, "INSERT INTO person (name) SELECT 'p' || n FROM generate_series(1, 5) n");
        execute(db, "INSERT INTO doc VALUES (1, 2, 'old')");
        in(folder, db, "generate", "all")
                .run()
                .expect(0)
                .says("Look: the values of public.doc.legacy are lost.", "Proven on a scratch database");
        String forward = Files.readString(folder.resolve("V2__all.sql"));
        assertTrue(forward.contains("-- The values of public.doc.legacy are lost."), forward);
        in(folder, db, "up", "--yes", "--no-backup").run().expect(0);
        execute(db, "INSERT INTO person (name) VALUES ('six')");
        assertEquals("6 four", value(db, "SELECT concat_ws(' ', id, status) FROM person WHERE name = 'six'"));
        in(folder, db, "rollback", "--yes").run().expect(25, "four");
        execute(db, "UPDATE person SET status = 'one'");
        in(folder, db, "rollback", "--yes").run().expect(0);
        execute(db, "INSERT INTO person (name) VALUES ('seven')");
        assertEquals("7 one", value(db, "SELECT concat_ws(' ', id, status) FROM person WHERE name = 'seven'"));
        assertEquals("1 2", value(db, "SELECT concat_ws(' ', id, owner) FROM doc"));
    }

    /** What people do every month: a column, a new partition, one that goes, a table that becomes one. */
    /** Attributes come and go in their place; for another type the columns move over. */
    /** pgCodeKeeper writes them in another order, or not at all. */
    @Test
    void statementsComeInTheOrderThatTheServerTakes() {
        Path folder = folder(
                """
                CREATE DOMAIN code AS text;
                CREATE TABLE parent (id int, at date);
                CREATE TABLE child (id int, at date, code code);
                CREATE TABLE orphan (id int, at date, more int) INHERITS (parent);
                CREATE TABLE mother (id int, gone int, twice int GENERATED ALWAYS AS (id * 2) STORED);
                CREATE TABLE daughter () INHERITS (mother);
                CREATE TABLE root (id int, kept int); CREATE TABLE leaf (extra text) INHERITS (root);
                CREATE TABLE top (id int); CREATE TABLE low (note text) INHERITS (top);
                CREATE INDEX low_note ON low (note); CREATE VIEW notes AS SELECT note FROM low;""",
                """
                CREATE FUNCTION is_code(text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT $1 <> '' $$;
                CREATE DOMAIN code AS text CHECK (is_code(VALUE));
                CREATE TABLE parent (id int, at date);
                CREATE TABLE child (id int, at date, code code) INHERITS (parent);
                CREATE TABLE orphan (id int, at date, more int);
                CREATE TABLE mother (id int, twice int);
                CREATE TABLE daughter () INHERITS (mother);
                CREATE TABLE root (id int); CREATE TABLE leaf (kept int, extra text) INHERITS (root);
                CREATE TABLE top (id int, note text); CREATE TABLE low () INHERITS (top);
                CREATE INDEX low_note ON low (note); CREATE VIEW notes AS SELECT note FROM low;""");
        DatabaseUrl db = TestServer.newDatabase();
        in(folder, db, "up", "--yes").run().expect(0);
        execute(
                db,
                "INSERT INTO child VALUES (1, '2026-01-01', 'x')",
                "INSERT INTO orphan VALUES (2, '2026-01-02', 3)",
                "INSERT INTO daughter (id) VALUES (4)",
                "INSERT INTO leaf VALUES (5, 50, 'x')",
                "INSERT INTO low VALUES (6, 'n')");
        String moved = "SELECT concat_ws(' ', kept, extra, note) FROM leaf, low";
        in(folder, db, "generate", "order").run().expect(0).says("Proven on a scratch database");
        in(folder, db, "up", "--yes", "--no-backup").run().expect(0);
        assertEquals("50 x n", value(db, moved));
        assertEquals("1 2026-01-01", value(db, "SELECT concat_ws(' ', id, at) FROM parent"));
        assertEquals("4 8", value(db, "SELECT concat_ws(' ', id, twice) FROM daughter"));
        in(folder, db, "rollback", "--to", "1", "--yes").run().expect(0);
        assertEquals("50 x n", value(db, moved));
        assertEquals("4 8", value(db, "SELECT concat_ws(' ', id, twice) FROM daughter"));
        assertEquals("2 2026-01-02", value(db, "SELECT concat_ws(' ', id, at) FROM parent"));
        assertEquals("1 2026-01-01 x", value(db, "SELECT concat_ws(' ', id, at, code) FROM child"));
    }

    /** Whatever it is that loses them. */
    @Test
    void whatDoesNotPassItsProofIsNotWritten() throws IOException {
        String rest = "CREATE TABLE a (m mood) PARTITION BY LIST (m);";
        Path folder = folder(
                "CREATE TYPE mood AS ENUM ('sad');\n" + rest, "CREATE TYPE mood AS ENUM ('sad', 'happy');\n" + rest);
        in(folder, TestServer.newDatabase(), "generate", "more")
                .run()
                .expect(22, "partition key", "nothing was written", "by hand");
        write(folder.resolve("schema/all.sql"), "CREATE TABLE a (\n  x nothing);");
        in(folder, TestServer.newDatabase(), "generate", "more").run().expect(25, "all.sql line 2", "nothing");
        assertEquals(List.of("V1__first.sql", "schema"), files(folder));
        command(
                        "migrate",
                        "generate",
                        "x",
                        "--migrations",
                        TestServer.temporary("empty").toString())
                .with("DATABASE_URL", TestServer.newDatabase().withPassword())
                .run()
                .expect(2, "desired schema");
    }

    @Test
    void aKilledRunLeavesNothingInTheWay() throws Exception {
        DatabaseUrl db = TestServer.newDatabase();
        Path folder = folder("CREATE TABLE a (x int); SELECT pg_sleep(1);", "CREATE TABLE a (x int, y int);");
        Path log = Files.createTempFile("log", "");
        Process process = in(folder, db, "generate", "y").start(log, log);
        String sleeping =
                """
                SELECT string_agg(DISTINCT quote_literal(datname), ', ') FROM pg_stat_activity
                WHERE wait_event = 'PgSleep' AND datname LIKE 'avdaily_scratch_%'""";
        AtomicReference<String> found = new AtomicReference<>("null");
        Await.until(
                () -> {
                    found.set(value(db, sleeping));
                    return !found.get().equals("null");
                },
                "a migration that sleeps on a scratch database");
        assertTrue(process.isAlive());
        String scratch = found.get();
        process.destroyForcibly().waitFor();
        assertEquals(List.of("V1__first.sql", "schema"), files(folder));
        // one run was killed while it wrote, another between the two files
        write(folder.resolve(".generate-V2__z.sql.tmp"), "half");
        write(folder.resolve("U2__z.sql"), "-- Takes V2 back: generated, to be reviewed.\n\nDROP TABLE a;\n");
        String sessions = "SELECT count(*) FROM pg_stat_activity WHERE datname IN (" + scratch + ")";
        Await.until(() -> value(db, sessions).equals("0"), "the end of the killed run's sessions");
        in(folder, db, "generate", "y", "--json").run().expect(0);
        assertEquals(
                "0",
                value(db, "SELECT count(*) FROM pg_database WHERE datname IN (" + scratch + ")"),
                "its scratch database is gone");
        assertEquals(List.of("U2__y.sql", "V1__first.sql", "V2__y.sql", "schema"), files(folder));
    }

    @Test
    void theShippedMigrationsAgreeWithTheShippedSchema() {
        command(
                        TestServer.newDatabase(),
                        "migrate",
                        "generate",
                        "--check",
                        "--migrations",
                        PROJECT.resolve("migrations").toString())
                .run()
                .expect(0);
    }

    /** pgCodeKeeper cannot read everything in the schema. */
    @Test
    void whatChangesIsGeneratedBesideWhatCannotBeCompared() throws IOException {
        String torture = Files.readString(PROJECT.resolve("tests/torture.sql"));
        Path folder = folder(
                torture,
                torture.replace(
                                "CREATE TYPE app.nothing AS ENUM ()",
                                "CREATE TYPE app.nothing AS ENUM ('some', 'it''s')")
                        + """
                        ALTER TABLE app.b ADD note text;
                        CREATE TABLE app.fresh (id int PRIMARY KEY, mood app.mood);
                        CREATE INDEX fresh_idx ON app.b (y, x DESC);
                        CREATE VIEW app.fresh_view AS SELECT id, email FROM app.people;
                        ALTER TABLE app.a ADD CONSTRAINT low CHECK (room < 1000);
                        """);
        in(folder, TestServer.admin().withDatabase(TestServer.newDatabase().database()), "generate", "more")
                .run()
                .expect(0)
                .says("changes TYPE app.nothing", "Proven on a scratch database");
        // a view and a function depend on the type, and on each other
        Path mood = folder(torture, torture + "ALTER TYPE app.mood ADD VALUE 'new';");
        in(mood, TestServer.admin().withDatabase(TestServer.newDatabase().database()), "generate", "mood")
                .run()
                .expect(22, "no undo can be generated", "view app.circle", "nothing was written");
    }
}
