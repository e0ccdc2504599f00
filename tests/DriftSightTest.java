import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import avdaily.db.DatabaseUrl;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What drift sees of objects of every kind, and what it knows to be none. */
class DriftSightTest extends ScriptTest {
    private static final String OBJECTS =
            """
            CREATE TABLE a (id int PRIMARY KEY, secret text); CREATE TABLE b (id int PRIMARY KEY);
            CREATE PUBLICATION p FOR TABLE a%s; CREATE PUBLICATION q FOR TABLE b;
            CREATE FOREIGN DATA WRAPPER w OPTIONS (depth '1');
            CREATE SERVER s FOREIGN DATA WRAPPER w OPTIONS (host 'one', password 'xyzzy');
            CREATE USER MAPPING FOR PUBLIC SERVER s OPTIONS ("user" 'ada', password 'plugh');
            CREATE FOREIGN TABLE ft (id int) SERVER s OPTIONS (place 'here');
            CREATE FUNCTION less(int, text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 < length($2)';
            CREATE FUNCTION more(text, int) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $2 < length($1)';
            CREATE OPERATOR <~ (FUNCTION = less, LEFTARG = int, RIGHTARG = text);
            CREATE OPERATOR ~> (FUNCTION = more, LEFTARG = text, RIGHTARG = int);
            CREATE TYPE pair AS (x int, y int);
            CREATE FUNCTION sum(pair) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1.x + $1.y';
            CREATE CAST (pair AS int) WITH FUNCTION sum(pair);
            CREATE TEXT SEARCH DICTIONARY dict (TEMPLATE = simple);
            CREATE TEXT SEARCH CONFIGURATION conf (PARSER = default);
            ALTER TEXT SEARCH CONFIGURATION conf ADD MAPPING FOR word WITH dict;
            CREATE TABLE mail (body text DEFAULT E'Dear customer,\\nyour code is X.\\nDo not share it.\\nBye',
              greeting text DEFAULT E'Hello,\\nyou', "two
            lines" text DEFAULT 'it''s,
            so');
            COMMENT ON TABLE mail IS E'one\\ntwo\\nthree';
            """;

    /** A deed, and the lines of validate that name it. */
    private record Deed(String statement, String... words) {}

    @Test
    void everyChangeIsSeen() {
        DatabaseUrl db = TestServer.newDatabase();
        DatabaseUrl admin = TestServer.admin().withDatabase(db.database());
        boolean hasLists = majorVersion(db) >= 15;
        MigrationFolder folder =
                MigrationFolder.of("V1__all.sql", OBJECTS.formatted(hasLists ? " (id) WHERE (id > 0)" : ""));
        execute(admin, "ALTER DATABASE " + db.database() + " SET search_path = public, pg_catalog");
        folder.run(admin, "up", "--yes", "--no-backup").expect(0);
        folder.run(admin, "validate").expect(0).says("is what its migrations say");
        folder.run(admin, "validate", "--rebuild").expect(0).says("is what its migrations say");
        List<Deed> deeds = new ArrayList<>(List.of(
                new Deed("ALTER PUBLICATION p SET TABLE a, b", "changed NOT READ PUBLICATION p", "+TABLE public.b"),
                new Deed("ALTER PUBLICATION q SET (publish = 'insert')", "changed NOT READ PUBLICATION q"),
                new Deed("COMMENT ON PUBLICATION p IS E'it''s\\nnew'", "changed COMMENTS AND PRIVILEGES PUBLICATION p"),
                new Deed("GRANT USAGE ON FOREIGN SERVER s TO PUBLIC", "+GRANT USAGE ON FOREIGN SERVER s TO PUBLIC;"),
                new Deed("GRANT UPDATE (id) ON ft TO PUBLIC", "+GRANT UPDATE (id) ON TABLE public.ft TO PUBLIC;"),
                new Deed("ALTER FOREIGN DATA WRAPPER w OPTIONS (SET depth '2')", "+OPTION depth=2"),
                new Deed("ALTER SERVER s OPTIONS (SET host 'two')", "-OPTION host=one", "+OPTION host=two"),
                new Deed("ALTER USER MAPPING FOR PUBLIC SERVER s OPTIONS (SET \"user\" 'bob')", "user=bob"),
                new Deed("ALTER FOREIGN TABLE ft ADD COLUMN more text", "+COLUMN more text"),
                new Deed(
                        "ALTER OPERATOR <~ (int, text) SET (RESTRICT = scalarltsel)",
                        "NOT READ OPERATOR",
                        "scalarltsel"),
                new Deed(
                        "DROP CAST (pair AS int); CREATE CAST (pair AS int) WITH FUNCTION sum(pair) AS IMPLICIT",
                        "changed NOT READ CAST"),
                new Deed("ALTER TEXT SEARCH DICTIONARY dict (accept = false)", "TEXT SEARCH DICTIONARY public.dict"),
                new Deed(
                        "ALTER TEXT SEARCH CONFIGURATION conf ALTER MAPPING FOR word WITH simple",
                        "TEXT SEARCH CONFIGURATION public.conf"),
                new Deed(
                        "ALTER DATABASE " + db.database() + " SET search_path = pg_catalog, public",
                        "changed SETTINGS of sessions",
                        "+search_path = pg_catalog, public"),
                new Deed("COMMENT ON TABLE mail IS E'one\\nthree\\ntwo'", "changed COMMENT TABLE public.mail"),
                new Deed(
                        "ALTER TABLE mail ALTER body SET DEFAULT "
                                + "E'Dear customer,\\nDo not share it.\\nyour code is X.\\nBye', "
                                + "ALTER greeting SET DEFAULT E'Hello\\nyou'",
                        "changed TABLE public.mail")));
        deeds.forEach(deed -> execute(admin, deed.statement));
        for (String[] arguments : new String[][] {{"validate"}, {"validate", "--rebuild"}}) {
            Run run = folder.run(admin, arguments).expect(22);
            for (Deed deed : deeds)
                if (arguments.length == 1 || !deed.statement.startsWith("ALTER DATABASE")) run.says(deed.words);
            for (String secret : List.of("xyzzy", "plugh"))
                assertEquals(-1, (run.out() + run.err()).indexOf(secret), "a secret shows");
        }
        assertEquals(
                "0",
                value(admin, "SELECT count(*) FROM avdaily_ops.schema_version WHERE objects::text ~ 'xyzzy|plugh'"));
    }

    /** A record that was made before settings and definitions were in it says nothing of them. */
    @Test
    void anOlderRecordStaysGood() {
        DatabaseUrl db = TestServer.newDatabase();
        DatabaseUrl admin = TestServer.admin().withDatabase(db.database());
        MigrationFolder folder = MigrationFolder.of("V1__all.sql", OBJECTS.formatted(""));
        execute(admin, "ALTER DATABASE " + db.database() + " SET search_path = public, pg_catalog");
        folder.run(admin, "validate").expect(0).says("has no migration yet");
        folder.run(admin, "up", "--yes", "--no-backup").expect(0);
        execute(
                admin,
                """
                UPDATE avdaily_ops.schema_version SET objects = (
                  SELECT jsonb_agg(CASE o ->> 'kind' WHEN 'NOT READ' THEN o || '{"ddl": ""}' ELSE o END)
                  FROM jsonb_array_elements(objects) o
                  WHERE o ->> 'kind' NOT IN ('SETTINGS', 'COMMENTS AND PRIVILEGES'))""");
        folder.run(admin, "validate").expect(0).says("is what its migrations say");
    }

    private static final String PARTITIONED =
            """
            CREATE TABLE event (id bigint NOT NULL, at date NOT NULL, what text CHECK (what <> ''),
              PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
            CREATE INDEX event_what ON event (what);
            CREATE TABLE event_2025 PARTITION OF event FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
            CREATE TABLE event_2026 PARTITION OF event FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
            """;

    private static final String MANAGED =
            """
            CREATE TABLE event_2027 PARTITION OF event FOR VALUES FROM ('2027-01-01') TO ('2028-01-01')
              PARTITION BY LIST (id);
            CREATE TABLE event_2027_a PARTITION OF event_2027 FOR VALUES IN (1);
            COMMENT ON TABLE event_2027 IS 'x'; COMMENT ON COLUMN event_2027_a.what IS 'y';
            GRANT SELECT ON event_2027_a TO PUBLIC;
            CREATE INDEX "own idx" ON event_2027_a (at); COMMENT ON INDEX "own idx" IS 'z';
            COMMENT ON CONSTRAINT event_2027_a_pkey ON event_2027_a IS 'k';
            ALTER TABLE event_2027_a ADD CONSTRAINT big CHECK (id > 0) NOT VALID;
            CREATE POLICY pol ON event_2027_a USING (true);
            CREATE STATISTICS kinds ON id, at FROM event_2027_a; COMMENT ON STATISTICS kinds IS 's';
            CREATE TABLE "Event 2028" PARTITION OF event FOR VALUES FROM ('2028-01-01') TO ('2029-01-01');
            DROP TABLE event_2025;
            """;

    /** What a partition manager makes and drops is no change of the schema, for validate and for rollback. */
    @Test
    void partitionsOfAManagerBelongToTheirParent() {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = MigrationFolder.of(
                "V1__event.sql",
                PARTITIONED,
                "V2__more.sql",
                "ALTER TABLE event ADD more text;",
                "U2__more.sql",
                "ALTER TABLE event DROP more;");
        folder.run(db, "up", "--yes", "--no-backup", "--to", "1").expect(0);
        execute(db, MANAGED);
        for (String[] arguments : new String[][] {{"validate"}, {"validate", "--rebuild"}})
            folder.run(db, arguments)
                    .expect(0)
                    .notes("public.event has 3 partitions more and 1 fewer than its migrations say (--partitions");
        folder.run(db, "validate", "--partitions")
                .expect(22)
                .says("extra TABLE public.event_2027", "missing TABLE public.event_2025");
        folder.run(db, "up", "--yes", "--no-backup").expect(0);
        execute(db, "CREATE TABLE event_2029 PARTITION OF event FOR VALUES FROM ('2029-01-01') TO ('2030-01-01')");
        folder.run(db, "validate").expect(0);
        folder.run(db, "rollback", "--yes", "--partitions").expect(22, "public.event_2029");
        folder.run(db, "rollback", "--yes").expect(0);
    }

    /** Names and states of NOT NULL, what is not enforced, periods and virtual columns. */
    @Test
    void whatPostgreSql18HasIsNoDriftUntilSomebodyChangesIt() {
        DatabaseUrl db = TestServer.newDatabase();
        assumeTrue(majorVersion(db) >= 18, "what came with PostgreSQL 18");
        MigrationFolder folder = MigrationFolder.of(
                "V1__stay.sql",
                """
                CREATE TABLE room (id int4range CONSTRAINT room_has_id NOT NULL, during daterange,
                  CONSTRAINT one_at_a_time PRIMARY KEY (id, during WITHOUT OVERLAPS));
                CREATE TABLE stay (room int4range, during daterange, price numeric CONSTRAINT priced NOT NULL,
                  nights int GENERATED ALWAYS AS (upper(during) - lower(during)) VIRTUAL, note text,
                  CONSTRAINT in_room FOREIGN KEY (room, PERIOD during) REFERENCES room (id, PERIOD during),
                  CONSTRAINT cheap CHECK (price < 1000) NOT ENFORCED);
                ALTER TABLE stay ADD CONSTRAINT noted NOT NULL note NOT VALID;
                CREATE TABLE short_stay () INHERITS (stay);""",
                "U1__stay.sql",
                "DROP TABLE short_stay, stay, room;",
                "V2__bed.sql",
                "ALTER TABLE room ADD beds int CONSTRAINT has_beds NOT NULL DEFAULT 1, "
                        + "ADD twice int GENERATED ALWAYS AS (beds * 2) VIRTUAL;",
                "U2__bed.sql",
                "ALTER TABLE room DROP twice, DROP beds;");
        folder.run(db, "up", "--yes", "--no-backup").expect(0);
        for (String[] arguments : new String[][] {{"validate"}, {"validate", "--rebuild"}})
            folder.run(db, arguments).expect(0).says("is what its migrations say");
        folder.run(db, "verify-undo").expect(0);
        List<Deed> deeds = List.of(
                new Deed("ALTER TABLE stay RENAME CONSTRAINT priced TO has_price", "has_price"),
                new Deed("ALTER TABLE stay VALIDATE CONSTRAINT noted", "noted"),
                new Deed("ALTER TABLE room ALTER twice SET EXPRESSION AS (beds * 3)", "beds * 3"),
                new Deed(
                        "ALTER TABLE stay DROP CONSTRAINT cheap, ADD CONSTRAINT cheap CHECK (price < 1000)",
                        "NOT ENFORCED"),
                new Deed("ALTER TABLE stay ALTER CONSTRAINT in_room NOT ENFORCED", "in_room"));
        for (Deed deed : deeds) {
            execute(db, deed.statement);
            folder.run(db, "validate").expect(22).says(deed.words);
        }
    }

    /** A partition that both have is compared, and so is a table that merely goes by such a name. */
    @Test
    void whatBothHaveIsCompared() {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = MigrationFolder.of("V1__event.sql", PARTITIONED);
        folder.run(db, "up", "--yes", "--no-backup").expect(0);
        execute(
                db,
                "CREATE INDEX hand ON event_2026 (id)",
                "CREATE TABLE event_2030 (id int)",
                "ALTER TABLE event DETACH PARTITION event_2025");
        folder.run(db, "validate")
                .expect(22)
                .says("extra INDEX public.hand", "extra TABLE public.event_2030", "event_2025");
    }
}
