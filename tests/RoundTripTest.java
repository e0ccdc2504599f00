import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import avdaily.backup.FolderStore;
import avdaily.base.Failure;
import avdaily.db.Database;
import avdaily.db.DatabaseUrl;
import avdaily.schema.Schema;
import avdaily.schema.SchemaChanged;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/**
 * What comes back from a backup is what was there, down to names and privileges that a server would choose otherwise.
 */
class RoundTripTest extends ScriptTest {
    private static final String[] ROLES = {"CREATE ROLE rt_b", "CREATE ROLE rt_c", "CREATE ROLE rt_d"};

    /** What is easily mistaken for something else. */
    private static final String[] OBJECTS = {
        "DROP SCHEMA public",
        "CREATE SCHEMA public",
        "COMMENT ON SCHEMA public IS 'made anew'",
        // one name for two procedures, and names that begin a block
        "CREATE PROCEDURE p(OUT a int, IN b int) LANGUAGE sql AS 'SELECT b'",
        "CREATE PROCEDURE p(IN a int, IN b int) LANGUAGE sql AS 'SELECT b'",
        "COMMENT ON PROCEDURE p(OUT a int, IN b int) IS 'out'",
        "GRANT EXECUTE ON PROCEDURE p(IN a int, IN b int) TO rt_b",
        "REVOKE EXECUTE ON PROCEDURE p(OUT a int, IN b int) FROM PUBLIC",
        "CREATE FUNCTION \"begin\"() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE SCHEMA \"begin\"",
        "CREATE FUNCTION \"begin\".one() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; END",
        // types of the server's own that have other names in SQL
        "REVOKE USAGE ON TYPE int4 FROM PUBLIC",
        "GRANT USAGE ON TYPE pg_catalog.\"char\" TO rt_b",
        // a view that reads itself
        "CREATE VIEW v AS SELECT 1 AS a",
        "CREATE OR REPLACE VIEW v AS SELECT a FROM v",
        "CREATE VIEW w AS SELECT * FROM v",
        // a partition that is made before its parent, with names of the parent's
        "CREATE TABLE z_parent (id int NOT NULL, v int) PARTITION BY range (id)",
        "CREATE TABLE a_part PARTITION OF z_parent FOR VALUES FROM (1) TO (10)",
        "INSERT INTO z_parent VALUES (3, 4)",
        // hashes that differ in another database; of so many values, some are even and some are odd
        "CREATE TYPE e AS ENUM ('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', 'p',"
                + " 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z')",
        "CREATE TYPE inside AS (x e)",
        "CREATE TABLE h (k e[]) PARTITION BY hash (k)",
        "CREATE TABLE h_0 PARTITION OF h FOR VALUES WITH (MODULUS 2, REMAINDER 0)",
        "CREATE TABLE h_1 PARTITION OF h FOR VALUES WITH (MODULUS 2, REMAINDER 1)",
        "INSERT INTO h SELECT ARRAY[x, y] FROM unnest(enum_range(NULL::e)) x, unnest(enum_range(NULL::e)) y",
        "CREATE SCHEMA \"Odd\"",
        "CREATE TABLE \"Odd\".r (k inside) PARTITION BY hash (k)",
        "CREATE INDEX ON \"Odd\".r (k)",
        "CREATE TABLE \"Odd\".r_0 PARTITION OF \"Odd\".r FOR VALUES WITH (MODULUS 2, REMAINDER 0)",
        "CREATE TABLE \"Odd\".r_1 PARTITION OF \"Odd\".r FOR VALUES WITH (MODULUS 2, REMAINDER 1)",
        "INSERT INTO \"Odd\".r SELECT ROW(x)::inside FROM unnest(enum_range(NULL::e)) x",
        // privileges that were passed on, in another order than they can be given
        "GRANT USAGE ON SCHEMA public TO rt_b, rt_c, rt_d",
        "CREATE TABLE t (a int)",
        "GRANT SELECT ON t TO rt_b WITH GRANT OPTION",
        "SET ROLE rt_b",
        "GRANT SELECT ON public.t TO rt_c WITH GRANT OPTION",
        "SET ROLE rt_c",
        "GRANT SELECT ON public.t TO rt_d",
        "RESET ROLE",
        "UPDATE pg_class SET relacl = ARRAY[relacl[1], relacl[2], relacl[4], relacl[3]]"
                + " WHERE oid = 'public.t'::regclass"
    };

    private final Path folder = TestServer.temporary("trip");

    private static DatabaseUrl superusers() {
        return TestServer.admin().withDatabase(TestServer.newDatabase().database());
    }

    private Path backup(DatabaseUrl db, String... arguments) {
        command(db, "backup", "create", "--dir", folder.toString())
                .and(arguments)
                .run()
                .expect(0);
        return path(new FolderStore(folder).files().get(0));
    }

    private static void restore(DatabaseUrl db, Path file, String... arguments) {
        restored(db, file, arguments).expect(0);
    }

    private static Run restored(DatabaseUrl db, Path file, String... arguments) {
        return command(db, "restore", file.toString(), "--yes")
                .and(arguments)
                .with("DB_RESTORE_CONFIRM", "1")
                .run();
    }

    /** Schema, and what the schema public and the server's own functions and types allow to whom. */
    private static String content(DatabaseUrl db) {
        return inOrder(schema(db)
                + values(
                        db,
                        "SELECT n.nspname || n.nspowner::regrole || ' ' || coalesce(obj_description(n.oid), '-') || ' '"
                                + " || coalesce(n.nspacl, acldefault('n', n.nspowner))::text"
                                + " FROM pg_namespace n WHERE n.nspname = 'public'"
                                + " UNION ALL SELECT p.proname || coalesce(p.proacl, acldefault('f', p.proowner))::text"
                                + " FROM pg_proc p WHERE p.proname IN ('pg_sleep', 'pg_ls_dir', 'p')"
                                + " UNION ALL SELECT t.typname || coalesce(t.typacl, acldefault('T', t.typowner))::text"
                                + " FROM pg_type t WHERE t.typname IN ('int4', 'char', 'varchar') ORDER BY 1"));
    }

    /** The order of an access list carries no meaning. */
    private static String inOrder(String text) {
        return Pattern.compile("\\{([^}]*)\\}").matcher(text).replaceAll(list -> {
            String[] items = list.group(1).split(",");
            Arrays.sort(items);
            return Matcher.quoteReplacement(List.of(items).toString());
        });
    }

    private static List<String> hashed(DatabaseUrl db) {
        return values(db, "SELECT k::text FROM h UNION ALL SELECT k::text FROM \"Odd\".r ORDER BY 1");
    }

    @Test
    void whatIsEasilyMistakenComesBack() {
        DatabaseUrl source = superusers();
        execute(source, ROLES);
        execute(source, OBJECTS);
        String content = content(source);
        List<String> hashed = hashed(source);
        Path file = backup(source);
        for (String mode : List.of("swap", "in-place")) {
            restore(source, file, "--mode", mode);
            assertEquals(content, content(source), mode + " over itself");
            assertEquals(hashed, hashed(source), mode + " over itself");
        }
        assertEquals("2", value(source, "SELECT count(DISTINCT tableoid) FROM h"));
        restore(source, backup(source, "--quote-all-identifiers"), "--mode", "swap");
        assertEquals(content, content(source), "with quotes around all names");
        assertEquals(hashed, hashed(source), "with quotes around all names");
    }

    /** The catalogs may name a role that is gone. All else comes back, and what it passed on is its owner's to give. */
    @Test
    void whatNamesADroppedRoleIsLeftOut() {
        DatabaseUrl source = superusers();
        execute(
                source,
                "CREATE ROLE rt_gone",
                "CREATE ROLE rt_stays",
                "CREATE TABLE t (a int)",
                "GRANT SELECT ON t TO rt_gone WITH GRANT OPTION",
                "SET ROLE rt_gone",
                "GRANT SELECT ON public.t TO rt_stays",
                "RESET ROLE",
                "CREATE POLICY of_two ON t TO rt_gone, rt_stays",
                "CREATE POLICY of_one ON t TO rt_gone",
                "ALTER DEFAULT PRIVILEGES FOR ROLE rt_gone GRANT SELECT ON TABLES TO rt_stays",
                "SELECT lo_from_bytea(4711, 'x')",
                "GRANT SELECT ON LARGE OBJECT 4711 TO rt_gone WITH GRANT OPTION",
                "SET ROLE rt_gone",
                "GRANT SELECT ON LARGE OBJECT 4711 TO rt_stays",
                "RESET ROLE",
                "CREATE SCHEMA owned AUTHORIZATION rt_gone",
                "CREATE TABLE owned.t (a int)",
                "DELETE FROM pg_authid WHERE rolname = 'rt_gone'");
        run(source, "backup", "create", "--dir", folder.toString()).expect(0).notes("the dropped role ");
        DatabaseUrl other = superusers();
        restore(other, path(new FolderStore(folder).files().get(0)));
        assertEquals(
                "of_two {rt_stays}", value(other, "SELECT polname || ' ' || polroles::regrole[]::text FROM pg_policy"));
        assertEquals(
                "rt_stays SELECT",
                value(
                        other,
                        "SELECT grantee::regrole || ' ' || privilege_type FROM pg_class, aclexplode(relacl)"
                                + " WHERE oid = 'public.t'::regclass AND grantee <> relowner"));
        assertEquals(
                "rt_stays SELECT",
                value(
                        other,
                        "SELECT grantee::regrole || ' ' || privilege_type FROM pg_largeobject_metadata,"
                                + " aclexplode(lomacl) WHERE grantee <> lomowner"));
        assertEquals("owned.t", value(other, "SELECT 'owned.t'::regclass"));
    }

    /** Names that a newer server reads as its own words have quotes, in definitions, rows and values of sequences. */
    @Test
    void namesMayBeWordsOfANewerServer() throws IOException {
        DatabaseUrl source = superusers();
        execute(
                source,
                "CREATE TABLE t (id serial PRIMARY KEY, \"system_user\" text)",
                "INSERT INTO t (\"system_user\") VALUES ('x')",
                "CREATE VIEW v AS SELECT \"system_user\" FROM t");
        Path file = backup(source, "--quote-all-identifiers", "--compress", "none");
        List<String> unquoted = Pattern.compile("[^\"]\\bsystem_user\\b[^\"]")
                .matcher(Files.readString(file))
                .results()
                .map(MatchResult::group)
                .toList();
        assertEquals(List.of(), unquoted);
        restore(source, file);
        assertEquals("x", value(source, "SELECT \"system_user\" FROM v"));
    }

    /** A database without an encoding holds any bytes. What is no text among its definitions is named. */
    @Test
    void bytesWithoutAnEncodingComeBack() {
        DatabaseUrl source = superusers();
        String name = source.database() + "_bytes";
        execute(source, "CREATE DATABASE " + name + " TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'");
        DatabaseUrl bytes = source.withDatabase(name);
        execute(
                bytes,
                "CREATE TABLE t (a int, b text)",
                "INSERT INTO t SELECT i, CASE i % 3 WHEN 0 THEN chr(233) WHEN 1 THEN 'é' END"
                        + " FROM generate_series(1, 9) i");
        String sum = "SELECT string_agg(a || ' ' || coalesce(encode(convert_to(b, 'SQL_ASCII'), 'hex'), '-'), ','"
                + " ORDER BY a) FROM t";
        String rows = value(bytes, sum);
        Path file = backup(bytes);
        run(bytes, "backup", "verify", file.toString()).expect(0);
        for (String mode : List.of("swap", "in-place")) {
            execute(bytes, "DELETE FROM t");
            restore(bytes, file, "--mode", mode);
            assertEquals(rows, value(bytes, sum), mode);
        }
        execute(bytes, "DO $$ BEGIN EXECUTE format('COMMENT ON TABLE t IS %L', chr(233)); END $$");
        run(bytes, "backup", "create", "--dir", folder.toString()).expect(24, "the comment on table public.t", "UTF-8");
    }

    /** Under their numbers, with owner, comment and grants. A part of a backup brings none. */
    @Test
    void largeObjectsComeBack() {
        DatabaseUrl source = superusers();
        execute(
                source,
                "CREATE ROLE rt_lo",
                "CREATE TABLE t AS SELECT lo_from_bytea(4711, '\\x00ff27') AS lo",
                "SELECT lo_from_bytea(4712, '')",
                "SELECT lo_from_bytea(4713, convert_to(repeat('0123456789abcdef', 512), 'UTF8'))",
                "SELECT lo_from_bytea(4714, convert_to(repeat('large''\\', 200000), 'UTF8'))",
                "SELECT lo_from_bytea(4715, convert_to(repeat('0123456789', 600000), 'UTF8'))",
                "SELECT lo_from_bytea(5000 + i, convert_to('small ' || i, 'UTF8')) FROM generate_series(1, 250) i",
                "COMMENT ON LARGE OBJECT 4711 IS 'it''s small'",
                "ALTER LARGE OBJECT 4712 OWNER TO rt_lo",
                "GRANT SELECT ON LARGE OBJECT 4711 TO rt_lo WITH GRANT OPTION",
                "GRANT UPDATE ON LARGE OBJECT 4711 TO PUBLIC",
                "REVOKE UPDATE ON LARGE OBJECT 4714 FROM " + source.user(),
                "CREATE ROLE rt_first",
                "CREATE ROLE rt_last",
                "GRANT SELECT, UPDATE ON LARGE OBJECT 4713 TO rt_last WITH GRANT OPTION",
                "SET ROLE rt_last",
                "GRANT SELECT ON LARGE OBJECT 4713 TO rt_lo WITH GRANT OPTION",
                "SET ROLE rt_lo",
                "GRANT SELECT ON LARGE OBJECT 4713 TO rt_first",
                "RESET ROLE");
        String objects = "SELECT string_agg(concat_ws(' ', m.oid, lomowner::regrole, lomacl, md5(lo_get(m.oid)),"
                + " obj_description(m.oid, 'pg_largeobject')), ', ' ORDER BY m.oid) FROM pg_largeobject_metadata m";
        String content = inOrder(value(source, objects));
        Path file = backup(source);
        run(source, "backup", "verify", file.toString()).expect(0);
        for (String mode : List.of("swap", "in-place")) {
            execute(source, "SELECT lo_unlink(4714)", "SELECT lo_from_bytea(9, 'x')");
            restore(source, file, "--mode", mode);
            assertEquals(content, inOrder(value(source, objects)), mode);
        }
        restore(source, file, "--table", "t", "--as", "u");
        assertEquals(content, inOrder(value(source, objects)), "a table alone");
    }

    /** The source's statistics are not those of its rows any more: an ANALYZE would find others. */
    @Test
    void thePlannerKnowsWhatItKnew() {
        DatabaseUrl source = superusers();
        execute(
                source,
                "CREATE TABLE \"T t\" (id int, word text, tags text[], span int4range, much text)"
                        + " WITH (autovacuum_enabled = off)",
                "INSERT INTO \"T t\" SELECT i, 'it''s \\ $statistics$ ' || i % 7, ARRAY['a', 'b' || i % 3],"
                        + " int4range(i, i + 5), repeat('é', 1000) FROM generate_series(1, 500) i",
                "CREATE INDEX ON \"T t\" (id, lower(word))",
                "CREATE MATERIALIZED VIEW m AS SELECT id % 10 AS d FROM \"T t\"",
                "CREATE TABLE p (id int, a int) PARTITION BY RANGE (id)",
                "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (100)",
                "INSERT INTO p SELECT i, i % 3 FROM generate_series(1, 90) i",
                "CREATE TABLE fresh WITH (autovacuum_enabled = off) AS SELECT i FROM generate_series(1, 50) i",
                "CREATE TABLE pair (a int, b int) WITH (autovacuum_enabled = off)",
                "CREATE STATISTICS pair_stats ON a, b FROM pair",
                "INSERT INTO pair SELECT i, i FROM generate_series(1, 60) i",
                "ANALYZE \"T t\", m, p, pair",
                "INSERT INTO \"T t\" (id, word) SELECT i, 'other' FROM generate_series(501, 1500) i");
        boolean isTold = majorVersion(source) >= 18;
        String all = "SELECT md5(string_agg(to_jsonb(s) ->> 'tablename'"
                + " || (to_jsonb(s) - '{histogram_bounds,tableid}'::text[])::text"
                + " || histogram_bounds::text, E'\n' ORDER BY tablename, attname, inherited)) FROM pg_stats s"
                + " WHERE schemaname = 'public' AND tablename <> 'fresh' AND tablename <> 'pair'";
        String known = value(source, all);
        String rows = "SELECT reltuples FROM pg_class WHERE relname = 'T t'";
        assertEquals("500", value(source, rows));
        Path file = backup(source);
        Path without = backup(source, "--exclude-table-data", "public.T t", "--exclude-table-data", "public.p1");
        for (String mode : List.of("swap", "in-place")) {
            restore(source, file, "--mode", mode);
            assertEquals(isTold ? "500" : "1500", value(source, rows), mode);
            if (isTold) assertEquals(known, value(source, all), mode);
            for (String other : List.of("fresh", "pair"))
                assertNotEquals("0", value(source, "SELECT count(*) FROM pg_stats WHERE tablename = '" + other + "'"));
            assertEquals("1", value(source, "SELECT count(*) FROM pg_stats_ext"), mode);
        }
        restore(source, without);
        assertEquals(
                "",
                value(
                        source,
                        "SELECT coalesce(string_agg(DISTINCT tablename, ', '), '') FROM pg_stats"
                                + " WHERE schemaname = 'public' AND tablename NOT IN ('fresh', 'pair')"),
                "what others have of rows that were left out");
    }

    /** Nothing is run for it, and what has a path of its own or names its schema is none. */
    @Test
    void whatTheSearchPathDecidesIsNamedByTheBackup() {
        DatabaseUrl source = superusers();
        execute(
                source,
                "CREATE SCHEMA \"S x\"",
                "CREATE TABLE \"S x\".t (a int)",
                "CREATE FUNCTION rows() RETURNS bigint LANGUAGE plpgsql STABLE AS"
                        + " 'BEGIN RETURN (SELECT count(*) FROM t); END'",
                "CREATE FUNCTION whole() RETURNS bigint LANGUAGE sql STABLE AS 'SELECT count(*) FROM \"S x\".t'",
                "CREATE FUNCTION own() RETURNS bigint LANGUAGE plpgsql STABLE SET search_path = \"S x\" AS"
                        + " 'BEGIN RETURN (SELECT count(*) FROM t); END'",
                "CREATE FUNCTION lower_(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT lower($1)'",
                "CREATE VIEW v AS SELECT rows() AS n",
                "CREATE MATERIALIZED VIEW empty AS SELECT n FROM v WITH NO DATA",
                "CREATE TABLE k (a text, CONSTRAINT few CHECK (rows() < 9), CHECK (whole() + own() < 9))",
                "CREATE INDEX ON k (lower_(a))");
        Run run = run(
                        source,
                        "backup",
                        "create",
                        "--dir",
                        TestServer.temporary("path").toString())
                .expect(0)
                .notes(
                        "public.rows() looks for t on the search path",
                        "It computes constraint few of public.k.",
                        "ALTER FUNCTION public.rows() SET search_path = \"S x\";");
        assertEquals(1, run.err().split("search path", -1).length - 1, run.err());
    }

    /** A materialized view that cannot be filled anew is left empty if that is wished. */
    @Test
    void whatCannotBeFilledIsLeftEmpty() {
        DatabaseUrl source = superusers();
        execute(
                source,
                "CREATE TABLE t AS SELECT i AS a FROM generate_series(1, 3) i",
                "CREATE MATERIALIZED VIEW m AS SELECT a % 4 AS a FROM t",
                "CREATE UNIQUE INDEX ON m (a)",
                "CREATE MATERIALIZED VIEW above AS SELECT count(*) FROM m",
                "INSERT INTO t VALUES (5)");
        Path file = backup(source);
        for (String mode : List.of("swap", "in-place")) {
            restored(source, file, "--mode", mode).expect(25, "m_a_idx", "--leave-empty 'public.m'");
            restored(source, file, "--mode", mode, "--leave-empty", "public.m", "--leave-empty", "abov?")
                    .expect(0)
                    .says("the rows of public.m", "REFRESH MATERIALIZED VIEW public.above");
            assertEquals(
                    "4 false",
                    value(
                            source,
                            "SELECT count(*) || ' ' || (SELECT relispopulated FROM pg_class"
                                    + " WHERE oid = 'm'::regclass) FROM t"),
                    mode);
            execute(
                    source,
                    "DELETE FROM t WHERE a = 5",
                    "REFRESH MATERIALIZED VIEW m",
                    "REFRESH MATERIALIZED VIEW above");
        }
    }

    /** What cannot be dropped loses the owner, comment and grants that it had. */
    @Test
    void inPlaceNothingIsLeftOfTheTarget() {
        DatabaseUrl source = superusers();
        execute(source, "CREATE TABLE t AS SELECT 1 AS a");
        String content = content(source);
        Path file = backup(source);
        DatabaseUrl target = superusers();
        execute(
                target,
                "CREATE ROLE rt_owner",
                "ALTER SCHEMA public OWNER TO rt_owner",
                "GRANT ALL ON SCHEMA public TO PUBLIC",
                "COMMENT ON SCHEMA public IS 'another one'",
                "REVOKE EXECUTE ON FUNCTION pg_sleep(float8) FROM PUBLIC",
                "GRANT EXECUTE ON FUNCTION pg_ls_dir(text) TO rt_owner",
                "REVOKE USAGE ON TYPE varchar FROM PUBLIC");
        restore(target, file, "--mode", "in-place");
        assertEquals(content, content(target));
    }

    /** A transaction still sees what another one dropped; the server has no definition of it any more. */
    @Test
    void whatIsDroppedWhileItIsReadIsSaid() throws SQLException {
        DatabaseUrl db = superusers();
        List<String> kinds = List.of(
                "FUNCTION f()",
                "AGGREGATE s(int)",
                "VIEW v",
                "MATERIALIZED VIEW m",
                "TYPE e",
                "DOMAIN d",
                "SEQUENCE q",
                "SCHEMA n",
                "STATISTICS st");
        execute(
                db,
                "CREATE TABLE t (a int, b int)",
                "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
                "CREATE AGGREGATE s(int) (SFUNC = int4pl, STYPE = int)",
                "CREATE VIEW v AS SELECT 1 AS a",
                "CREATE MATERIALIZED VIEW m AS SELECT 1 AS a",
                "CREATE TYPE e AS ENUM ('a')",
                "CREATE DOMAIN d AS int CHECK (value > 0)",
                "CREATE SEQUENCE q",
                "CREATE SCHEMA n",
                "CREATE STATISTICS st ON a, b FROM t",
                "COMMENT ON FUNCTION f() IS 'f'",
                "REVOKE ALL ON FUNCTION f() FROM PUBLIC");
        for (String kind : kinds)
            try (Connection c = TestServer.connect(db)) {
                c.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
                c.setAutoCommit(false);
                Database.one(c, "SELECT count(*) FROM pg_class", Long.class);
                execute(db, "DROP " + kind);
                Failure failure = assertThrows(SchemaChanged.class, () -> Schema.read(c, Schema.Options.DEFAULT), kind);
                assertEquals(Failure.Kind.LOCKED, failure.kind);
            }
        backup(db);
    }

    /** Other sessions' temporary tables go when they like. */
    @Test
    void aTemporaryTableIsNoneAlsoIfItGoesMeanwhile() throws SQLException {
        DatabaseUrl db = superusers();
        try (Connection c = TestServer.connect(db);
                Connection other = TestServer.connect(db)) {
            Database.run(
                    other,
                    "CREATE TEMP TABLE t (id serial PRIMARY KEY, note text CHECK (note <> ''), up int REFERENCES t);"
                            + "CREATE POLICY p ON t; CREATE TEMP VIEW v AS TABLE t;"
                            + "CREATE TYPE pg_temp.span AS RANGE (SUBTYPE = int); CREATE TYPE pg_temp.e AS ENUM ('a');"
                            + "CREATE CAST (pg_temp.e AS int) WITH INOUT; CREATE FUNCTION pg_temp.f(pg_temp.e)"
                            + " RETURNS int LANGUAGE sql AS 'SELECT 1'");
            c.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            c.setAutoCommit(false);
            assertEquals(List.of(), Schema.read(c, Schema.Options.DEFAULT).unsupported());
            Database.run(other, "DISCARD TEMP");
            assertEquals(List.of(), Schema.read(c, Schema.Options.DEFAULT).unsupported());
        }
    }

    /**
     * An extension makes its tables with their keys; rows come in their order, on one connection and on several. Those
     * that the extension brings stay, though a table that is loaded alone is emptied for rows that need no vacuum, and
     * one to which keys lead cannot be.
     */
    @Test
    void rowsOfAnExtensionComeInTheOrderOfTheirKeys() {
        DatabaseUrl admin = superusers();
        Assumptions.assumeTrue(
                majorVersion(admin) >= 18, "extension_control_path is new");
        write(
                folder.resolve("extension/keyed.control"),
                "default_version = '1.0'\nrelocatable = false\nschema = keyed\n");
        write(
                folder.resolve("extension/keyed--1.0.sql"),
                """
                CREATE TABLE parent (id int PRIMARY KEY);
                CREATE TABLE kid (id int PRIMARY KEY, p int REFERENCES parent);
                CREATE TABLE grandkid (p int REFERENCES kid);
                SELECT pg_extension_config_dump('parent', '');
                SELECT pg_extension_config_dump('kid', '');
                SELECT pg_extension_config_dump('grandkid', '');
                CREATE TABLE fact AS SELECT g AS n, md5(g::text) || md5((-g)::text) AS v FROM generate_series(1, 9) g;
                SELECT pg_extension_config_dump('fact', 'WHERE n > 9');
                """);
        Assumptions.assumeTrue(
                value(admin, "SELECT (pg_stat_file('" + folder + "', true)).size").matches("\\d+"),
                "the server sees other files");
        execute(
                admin,
                "CREATE ROLE extender SUPERUSER LOGIN PASSWORD '" + TestServer.PASSWORD + "'",
                "ALTER ROLE extender SET extension_control_path = '$system:" + folder + "'");
        DatabaseUrl source = new DatabaseUrl(
                admin.hosts(),
                admin.database(),
                "extender",
                TestServer.PASSWORD,
                TestServer.newDatabase().parameters());
        execute(
                source,
                "CREATE EXTENSION keyed",
                "INSERT INTO keyed.parent SELECT generate_series(1, 10)",
                "INSERT INTO keyed.kid SELECT i, 1 + i % 10 FROM generate_series(1, 150000) i",
                "INSERT INTO keyed.grandkid SELECT i FROM generate_series(1, 2000) i, generate_series(1, 3)",
                "INSERT INTO keyed.fact SELECT g, md5(g::text) || md5((-g)::text) FROM generate_series(10, 40000) g",
                "CREATE TABLE own AS SELECT * FROM keyed.fact");
        String rows = TableContent.of(source).toString();
        Path file = backup(source);
        run(source, "backup", "verify", file.toString()).expect(0);
        for (String mode : List.of("in-place", "swap")) {
            restore(source, file, "--mode", mode);
            assertEquals(rows, TableContent.of(source).toString(), mode);
            assertEquals("40000", value(source, "SELECT count(*) FROM keyed.fact"), mode);
        }
        assertEquals("t", value(source, "SELECT pg_relation_size('own', 'vm') > 0"));
    }

    /** What a role may write but not empty, as a table that a trusted extension lends, is loaded all the same. */
    @Test
    void rowsOfALargeTableThatTheRoleMayNotEmptyComeBack() {
        DatabaseUrl admin = superusers();
        Assumptions.assumeTrue(majorVersion(admin) >= 18, "extension_control_path is new");
        write(
                folder.resolve("extension/lent.control"),
                "default_version = '1.0'\nrelocatable = false\nschema = lent\ntrusted = true\n");
        write(
                folder.resolve("extension/lent--1.0.sql"),
                """
                CREATE TABLE fact (n int, v text);
                GRANT SELECT, INSERT ON fact TO PUBLIC;
                SELECT pg_extension_config_dump('fact', '');
                """);
        Assumptions.assumeTrue(
                value(admin, "SELECT (pg_stat_file('" + folder + "', true)).size").matches("\\d+"),
                "the server sees other files");
        execute(
                admin,
                "CREATE ROLE borrower CREATEDB LOGIN PASSWORD '" + TestServer.PASSWORD + "'",
                "ALTER ROLE borrower SET extension_control_path = '$system:" + folder + "'",
                "ALTER DATABASE \"" + admin.database() + "\" OWNER TO borrower");
        DatabaseUrl source = new DatabaseUrl(
                admin.hosts(),
                admin.database(),
                "borrower",
                TestServer.PASSWORD,
                TestServer.newDatabase().parameters());
        execute(
                source,
                "CREATE EXTENSION lent",
                "INSERT INTO lent.fact SELECT g, md5(g::text) || md5((-g)::text) FROM generate_series(1, 40000) g");
        assertEquals("f", value(source, "SELECT has_table_privilege('lent.fact', 'TRUNCATE')"));
        String rows = TableContent.of(source).toString();
        restore(source, backup(source), "--mode", "swap");
        assertEquals(rows, TableContent.of(source).toString());
        assertEquals("40000", value(source, "SELECT count(*) FROM lent.fact"));
    }
}
