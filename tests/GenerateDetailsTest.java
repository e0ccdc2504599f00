import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.db.DatabaseUrl;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What a comparison of schemas easily overlooks: generated all the same, there and back. */
class GenerateDetailsTest extends ScriptTest {
    @Test
    void settingsOfColumnsViewsAndPrivilegesComeAndGo() {
        Path folder = GenerateTest.folder(
                """
                CREATE DOMAIN code AS text;
                CREATE TABLE t (id int, a text, b text, c text COLLATE "C");
                ALTER TABLE t ADD CONSTRAINT positive CHECK (id > 0) NOT VALID;
                ALTER TABLE t ALTER a SET STORAGE EXTERNAL, ALTER b SET COMPRESSION pglz;
                CREATE TABLE old (n int DEFAULT 1, m int); CREATE TABLE young () INHERITS (old);
                CREATE TABLE above (x int NOT NULL, y text CHECK (y <> ''));
                CREATE TABLE below (z int) INHERITS (above); CREATE TABLE lowest () INHERITS (below);
                CREATE VIEW v AS SELECT id, a FROM t; CREATE VIEW w AS SELECT id FROM v WHERE id > 0;
                ALTER VIEW v ALTER a SET DEFAULT 'x';
                CREATE FUNCTION f(a int, b text) RETURNS int LANGUAGE sql AS 'SELECT 1';
                COMMENT ON FUNCTION f(int, text) IS 'one'; COMMENT ON DOMAIN code IS 'one';
                COMMENT ON SCHEMA public IS 'one';
                CREATE FUNCTION g() RETURNS int LANGUAGE sql AS 'SELECT 1';
                CREATE TABLE one (n int); CREATE TABLE two (m text); CREATE TABLE joined (n int, m text, codes code[]);
                ALTER TABLE joined INHERIT one, INHERIT two; ALTER TABLE joined REPLICA IDENTITY FULL;
                CREATE TABLE "The Parent" (id int PRIMARY KEY, "A b" text NOT NULL);
                CREATE TABLE "The Child" (n int) INHERITS ("The Parent");
                CREATE MATERIALIZED VIEW mv AS SELECT id FROM t; ALTER TABLE mv ALTER id SET STATISTICS 7;
                CREATE SCHEMA gone; CREATE TYPE gone.pair AS (a int, b int);
                CREATE FUNCTION gone.a(gone.pair) RETURNS int LANGUAGE sql AS 'SELECT $1.a';
                ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO PUBLIC;
                CREATE FOREIGN DATA WRAPPER fw; CREATE SERVER s FOREIGN DATA WRAPPER fw; COMMENT ON SERVER s IS 'one';
                CREATE FOREIGN TABLE ft (id int) SERVER s; GRANT SELECT, UPDATE ON ft TO PUBLIC;
                CREATE PROCEDURE nothing() LANGUAGE sql AS ''; COMMENT ON PROCEDURE nothing() IS 'one';
                CREATE FUNCTION ddl() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
                CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION ddl();
                ALTER EVENT TRIGGER e ENABLE ALWAYS;""",
                """
                CREATE DOMAIN code AS text CHECK (VALUE <> '');
                CREATE TABLE t (id int CONSTRAINT positive CHECK (id > 0), a text, b text, c text, d int);
                ALTER TABLE t ALTER b SET STORAGE MAIN;
                CREATE TABLE old (n int DEFAULT 2, m bigint); CREATE TABLE young () INHERITS (old);
                CREATE TABLE above (x int NOT NULL, y text CHECK (y <> ''));
                CREATE TABLE below (x int NOT NULL, y text, z int); CREATE TABLE lowest () INHERITS (below);
                CREATE VIEW v AS SELECT id, a, d FROM t;
                CREATE VIEW w AS SELECT id FROM v WHERE id > 0 WITH CASCADED CHECK OPTION;
                ALTER VIEW v ALTER a SET DEFAULT 'y';
                CREATE FUNCTION f(a int, b text) RETURNS int LANGUAGE sql AS 'SELECT 2';
                COMMENT ON FUNCTION f(int, text) IS 'two'; COMMENT ON DOMAIN code IS 'two';
                COMMENT ON SCHEMA public IS 'two';
                CREATE TABLE one (n int); CREATE TABLE two (m text); CREATE TABLE joined (n int, m text, codes code[]);
                ALTER TABLE joined INHERIT two;
                CREATE TABLE "The Parent" (id int PRIMARY KEY, "A b" text NOT NULL);
                CREATE TABLE "The Child" (id int NOT NULL, "A b" text NOT NULL, n int);
                CREATE MATERIALIZED VIEW mv AS SELECT id, d FROM t; ALTER TABLE mv ALTER id SET STATISTICS 8;
                CREATE FUNCTION g() RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint';
                ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT INSERT ON TABLES TO PUBLIC;
                ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
                CREATE FOREIGN DATA WRAPPER fw; CREATE SERVER s FOREIGN DATA WRAPPER fw;
                COMMENT ON SERVER s IS E'a\\nb';
                CREATE FOREIGN TABLE ft (id int) SERVER s; GRANT SELECT, UPDATE (id) ON ft TO PUBLIC;
                CREATE PROCEDURE nothing() LANGUAGE sql AS ''; COMMENT ON PROCEDURE nothing() IS 'two';
                CREATE FUNCTION ddl() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
                CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION ddl();""");
        DatabaseUrl db = thereAndBack(
                folder, "INSERT INTO t VALUES (1, 'a', 'b', 'c')", "INSERT INTO young VALUES (5, 6)",
                "INSERT INTO joined VALUES (7, 'm', '{x}')", "INSERT INTO below VALUES (8, 'b', 9)",
                "INSERT INTO lowest VALUES (10, 'l', 11)");
        assertEquals("8b9,10l11", value(db, "SELECT string_agg(concat(x, y, z), ',' ORDER BY x) FROM below"));
        assertEquals("7 m {x}", value(db, "SELECT concat_ws(' ', n, m, codes) FROM joined"));
        assertEquals("1 a b c 5 6", value(db, "SELECT concat_ws(' ', id, a, b, c, n, m) FROM t, young"));
    }

    @Test
    void whatTypesAreMadeOfAndTheIndexOfAReplicaIdentityComeAndGo() {
        Path folder = GenerateTest.folder(
                """
                CREATE DOMAIN amount AS numeric CHECK (VALUE >= 0); CREATE DOMAIN mark AS text;
                CREATE TYPE price AS (n amount, currency text, m mark);
                CREATE TYPE span AS RANGE (subtype = float8, multirange_type_name = spans);
                CREATE TABLE t (id int NOT NULL, p price, ps price[], a amount, s span DEFAULT '[1,2]', ss span[],
                  sm spans, key text NOT NULL, EXCLUDE USING gist (s WITH &&));
                CREATE UNIQUE INDEX t_key ON t (key); CREATE UNIQUE INDEX t_id ON t (id);
                ALTER TABLE t REPLICA IDENTITY USING INDEX t_key; REVOKE ALL ON SCHEMA public FROM PUBLIC;
                CREATE AGGREGATE total(int) (sfunc = int4pl, stype = int); COMMENT ON AGGREGATE total(int) IS 'one';
                CREATE FUNCTION low(span) RETURNS float8 LANGUAGE sql AS 'SELECT lower($1)';
                CREATE COLLATION "By name" (locale = 'C'); CREATE COLLATION more (locale = 'C');
                CREATE DOMAIN title AS text COLLATE "By name"; CREATE DOMAIN plain AS text COLLATE "C";
                CREATE TABLE word (a text COLLATE "By name" UNIQUE, b text, c text COLLATE more, d text, e title,
                  f plain, g text COLLATE "C" GENERATED ALWAYS AS (lower(c)) STORED,
                  CONSTRAINT small CHECK (d COLLATE "By name" < 'z'));
                CREATE INDEX ON word (lower(b) COLLATE "By name");
                CREATE VIEW words AS SELECT a, b COLLATE "By name" AS b FROM word;""",
                """
                CREATE DOMAIN amount AS bigint DEFAULT 0 CHECK (VALUE >= 1);
                CREATE DOMAIN mark AS text NOT NULL CHECK (VALUE <> '');
                CREATE TYPE price AS (n amount, currency text, m mark);
                CREATE FUNCTION apart(float8, float8) RETURNS float8 LANGUAGE sql IMMUTABLE AS 'SELECT $1 - $2';
                CREATE TYPE span AS RANGE (subtype = float8, subtype_diff = apart, multirange_type_name = spans);
                CREATE TABLE t (id int NOT NULL, p price, ps price[], a amount, s span DEFAULT '[1,2]', ss span[],
                  sm spans, key text, EXCLUDE USING gist (s WITH &&));
                CREATE UNIQUE INDEX t_key ON t (key); CREATE UNIQUE INDEX t_id ON t (id);
                ALTER TABLE t REPLICA IDENTITY USING INDEX t_id; GRANT USAGE ON SCHEMA public TO pg_monitor;
                CREATE AGGREGATE total(int) (sfunc = int4pl, stype = int);
                CREATE FUNCTION low(span) RETURNS float8 LANGUAGE sql AS 'SELECT lower($1)';
                CREATE COLLATION "By name" (locale = 'POSIX');
                CREATE DOMAIN title AS text COLLATE "By name"; CREATE DOMAIN plain AS text COLLATE "POSIX";
                CREATE TABLE word (a text COLLATE "By name" UNIQUE, b text, c text, d text, e title, f plain,
                  g text COLLATE "POSIX" GENERATED ALWAYS AS (lower(c)) STORED,
                  CONSTRAINT small CHECK (d COLLATE "By name" < 'z'));
                CREATE INDEX ON word (lower(b) COLLATE "By name");
                CREATE VIEW words AS SELECT a, b COLLATE "By name" AS b FROM word;""");
        DatabaseUrl db = thereAndBack(
                folder,
                """
                INSERT INTO t VALUES
                  (1, (5, 'EUR', 'a'), ARRAY[(6, 'USD', 'b')::price], 7, '[1,3]', '{"[1,2]"}', '{[1,3]}', 'k');
                INSERT INTO word VALUES ('a', 'b', 'c', 'd', 'e', 'f')""");
        assertEquals("a b c d e f c", value(db, "SELECT concat_ws(' ', a, b, c, d, e, f, g) FROM word"));
        assertEquals(
                "(5,EUR,a) {\"(6,USD,b)\"} 7 [1,3] {\"[1,2]\"} {[1,3]} k",
                value(db, "SELECT concat_ws(' ', p, ps, a, s, ss, sm, key) FROM t"));
    }

    @Test
    void textsOfAnyLengthAreTaken() {
        String base =
                """
                CREATE TABLE t (id int PRIMARY KEY, a text DEFAULT '%1$s', CHECK (a <> '%1$s'));
                COMMENT ON TABLE t IS '%1$s'; CREATE INDEX i ON t (id) WHERE a <> '%2$s';
                CREATE FUNCTION f() RETURNS text LANGUAGE plpgsql AS
                  $$ BEGIN CREATE TYPE e AS ENUM ('%1$s'); RETURN '%1$s'; END $$;
                COMMENT ON FUNCTION f() IS '%1$s'; CREATE AGGREGATE g(int) (sfunc = int4pl, stype = int);
                COMMENT ON AGGREGATE g(int) IS '%1$s'; CREATE VIEW v AS SELECT id, '%1$s'::text AS b FROM t;
                CREATE POLICY p ON t USING (a <> '%1$s');
                """;
        String text = "x''y ".repeat(20_000);
        Path folder = GenerateTest.folder(
                base.formatted("A" + text, "A".repeat(100_000)), base.formatted("B" + text, "B".repeat(100_000)));
        DatabaseUrl db = thereAndBack(folder, "INSERT INTO t VALUES (1, 'a')");
        assertEquals("a", value(db, "SELECT a FROM t"));
    }

    @Test
    void publicationsAreAltered() {
        boolean hasParts = majorVersion(TestServer.admin()) >= 15;
        String base =
                """
                CREATE TABLE t (id %s PRIMARY KEY, a int, b text); CREATE TABLE u (id int PRIMARY KEY%s);
                CREATE PUBLICATION p FOR TABLE t%s WITH (publish = '%s');
                COMMENT ON PUBLICATION p IS '%s'; CREATE PUBLICATION "All" %s;%s
                """;
        Path folder = GenerateTest.folder(
                base.formatted(
                        "int",
                        ", gone int",
                        hasParts ? " (id, a) WHERE (id > 1), u WHERE (gone > 5)" : ", u",
                        "insert, update",
                        "one",
                        "FOR ALL TABLES",
                        hasParts ? "CREATE PUBLICATION s FOR TABLES IN SCHEMA public;" : ""),
                base.formatted(
                        "bigint",
                        "",
                        hasParts ? " (id, b) WHERE (id > 2)" : "",
                        "insert",
                        "two",
                        "FOR TABLE u",
                        "CREATE PUBLICATION more;"));
        String dumped = "SELECT string_agg(pubname || obj_description(oid, 'pg_publication'), ',') FROM pg_publication";
        DatabaseUrl db = thereAndBack(folder, "INSERT INTO t VALUES (1, 2, 'x')");
        assertEquals("pone", value(db, dumped));
        GenerateTest.in(folder, db, "up", "--yes", "--no-backup").run().expect(0);
        assertEquals("ptwo", value(db, dumped));
        assertTrue(read(folder.resolve("U2__change.sql")).contains("CREATE PUBLICATION \"All\" FOR ALL TABLES WITH ("));
    }

    /** From PostgreSQL 18 on it is a constraint, which a child keeps when its parent loses it. */
    @Test
    void childrenLoseAndKeepNotNullAsTheSchemaSays() {
        boolean isConstraint = majorVersion(TestServer.admin()) >= 18;
        String named =
                """
                CREATE TABLE named (a text %s, b int CONSTRAINT b_there NOT NULL%s);
                CREATE TABLE heir () INHERITS (named);
                CREATE TABLE open (a text); ALTER TABLE open ADD CONSTRAINT there NOT NULL a%s;
                """;
        Path folder = GenerateTest.folder(
                """
                CREATE TABLE above (id int, a text NOT NULL, b text); CREATE TABLE below (x int) INHERITS (above);
                CREATE TABLE lowest (y int) INHERITS (below); CREATE TABLE own (a text NOT NULL) INHERITS (above);
                """
                        + (isConstraint ? named.formatted("", " NO INHERIT", " NOT VALID") : ""),
                """
                CREATE TABLE above (id int NOT NULL, a text, b text);
                CREATE TABLE below (x int NOT NULL) INHERITS (above);
                CREATE TABLE lowest (y int) INHERITS (below); CREATE TABLE own (a text NOT NULL) INHERITS (above);
                """
                        + (isConstraint ? named.formatted("CONSTRAINT a_there NOT NULL", "", "") : ""));
        DatabaseUrl db = thereAndBack(folder, "INSERT INTO lowest VALUES (1, 'a', NULL, 2, 3)");
        assertEquals("1 a 2 3", value(db, "SELECT concat_ws(' ', id, a, x, y) FROM lowest"));
    }

    @Test
    void columnsGetAnotherCollationUnderViews() {
        String rest = "CREATE VIEW v AS SELECT b, upper(a COLLATE one) AS a FROM t; COMMENT ON VIEW v IS 'kept';";
        Path folder = GenerateTest.folder(
                "CREATE COLLATION one (locale = 'C'); CREATE TABLE t (a text, b text COLLATE one);" + rest,
                "CREATE COLLATION one (locale = 'POSIX'); CREATE TABLE t (a text COLLATE one, b text);" + rest);
        DatabaseUrl db = thereAndBack(folder, "INSERT INTO t VALUES ('a', 'b')");
        assertEquals("bA", value(db, "SELECT concat(b, a) FROM v"));
    }

    /** A database that went up, as 'generate --check' sees it, and back. */
    static DatabaseUrl thereAndBack(Path folder, String... rows) {
        DatabaseUrl db = // before PostgreSQL 15 the schema public is the superuser's
                TestServer.admin().withDatabase(TestServer.newDatabase().database());
        GenerateTest.in(folder, db, "up", "--yes").run().expect(0);
        execute(db, rows);
        GenerateTest.in(folder, db, "generate", "change").run().expect(0).says("Proven on a scratch database");
        GenerateTest.in(folder, db, "generate", "--check").run().expect(0);
        GenerateTest.in(folder, db, "up", "--yes", "--no-backup").run().expect(0);
        GenerateTest.in(folder, db, "rollback", "--to", "1", "--yes").run().expect(0);
        return db;
    }
}
