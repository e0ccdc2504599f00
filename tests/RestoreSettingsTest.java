import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import avdaily.backup.FolderStore;
import avdaily.db.Database;
import avdaily.db.DatabaseUrl;
import avdaily.sql.Sql;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/**
 * A restore runs under the settings of the source or, if the file does not say them, of the database that it goes into.
 * What the driver, the role or the machine has as its own changes no row and moves no table.
 */
class RestoreSettingsTest extends ScriptTest {
    /** What depends on a setting: checks while rows come in, and what materialized views make of them. */
    private static final String[] DEPENDENT = {
        "SET default_transaction_read_only = off",
        "SET timezone = 'Africa/Lagos'",
        "CREATE TABLE t (at timestamptz, day date, raw text, txt text, tenant int, noon text,"
                + " CHECK (at::date = day), CHECK (tenant = current_setting('app.tenant')::int),"
                + " CHECK (noon::timestamptz = '2026-01-01 06:30+00'))",
        "INSERT INTO t VALUES ('2026-01-01 23:30+00', '2026-01-02', '03/02/2026', 'die häuser', 7,"
                + " '2026-01-01 12:00 IST')",
        "CREATE FUNCTION is_missing(text) RETURNS bool LANGUAGE plpgsql AS 'BEGIN RETURN $1 = NULL; END'",
        // the driver ends a session that shows dates so when a round trip ends
        "SET DateStyle = 'German, DMY';"
                + " CREATE MATERIALIZED VIEW m AS"
                + " SELECT at::date::text || ' ' || raw::date || ' ' || to_tsvector(txt) || is_missing(NULL) AS v"
                + " FROM t; SET DateStyle = 'ISO, DMY'"
    };

    private static final String RIGHT = "02.01.2026 03.02.2026 'haus':2true";

    private final Path folder = TestServer.temporary("settings");

    /** A database of the superuser's with settings of its own, and what depends on them. */
    private static DatabaseUrl source() {
        DatabaseUrl db = superusers();
        for (String setting : List.of(
                "timezone = 'Africa/Lagos'",
                "datestyle = 'German, DMY'",
                "default_text_search_config = 'german'",
                "timezone_abbreviations = 'India'",
                "transform_null_equals = on",
                "app.tenant = '7'",
                "default_transaction_read_only = on"))
            execute(db.withDatabase("postgres"), "ALTER DATABASE " + db.database() + " SET " + setting);
        execute(db, DEPENDENT);
        return db;
    }

    private static DatabaseUrl superusers() {
        return TestServer.admin().withDatabase(TestServer.newDatabase().database());
    }

    private Path backup(DatabaseUrl db) {
        run(db, "backup", "create", "--dir", folder.toString()).expect(0);
        return path(new FolderStore(folder).files().get(0));
    }

    private static Run restored(DatabaseUrl db, Path file, String... arguments) {
        return command(db, "restore", file.toString(), "--yes")
                .and(arguments)
                .with("DB_RESTORE_CONFIRM", "1")
                .run()
                .expect(0);
    }

    @Test
    void theSourcesSettingsDecide() {
        DatabaseUrl source = source();
        assertEquals(RIGHT, value(source, "SELECT v FROM m"));
        Path file = backup(source);
        for (String mode : List.of("swap", "in-place")) {
            restored(source, file, "--mode", mode);
            assertEquals(RIGHT, value(source, "SELECT v FROM m"), mode + " over itself");
            DatabaseUrl other = superusers();
            execute(other, "ALTER DATABASE " + other.database() + " SET timezone = 'Asia/Tokyo'", "CREATE TABLE old()");
            restored(other, file, "--mode", mode);
            assertEquals(RIGHT, value(other, "SELECT v FROM m"), mode + " over another one");
        }
        DatabaseUrl fresh = source.withDatabase(source.database() + "_new");
        restored(source, file, "--into", fresh.database());
        assertEquals(RIGHT, value(fresh, "SELECT v FROM m"));
        execute(
                source.withDatabase("postgres"),
                "ALTER ROLE CURRENT_USER IN DATABASE " + source.database() + " SET app.who = 'one''s'");
        execute(
                source,
                "SET default_transaction_read_only = off",
                "CREATE MATERIALIZED VIEW who AS SELECT current_setting('app.who') AS v");
        restored(source, backup(source), "--mode", "swap");
        assertEquals("one's", value(source, "SELECT v FROM who"), "what the role has in this database alone");
    }

    /** A dump of pg_dump's says none. */
    @Test
    void withoutThemTheTargetsDo() {
        Path file = folder.resolve("dump.sql");
        write(
                file,
                """
                SET default_transaction_read_only = off;
                CREATE TABLE public.t (at timestamptz, day date, raw text, txt text, tenant int, noon text,
                    CHECK (at::date = day), CHECK (tenant = current_setting('app.tenant')::int),
                    CHECK (noon::timestamptz = '2026-01-01 06:30+00'));
                CREATE FUNCTION public.is_missing(text) RETURNS bool LANGUAGE plpgsql AS 'BEGIN RETURN $1 = NULL; END';
                CREATE MATERIALIZED VIEW public.m AS
                SELECT at::date::text || ' ' || raw::date || ' ' || to_tsvector(txt) || public.is_missing(NULL) AS v
                FROM public.t WITH NO DATA;
                COPY public.t (at, day, raw, txt, tenant, noon) FROM stdin;
                2026-01-01 23:30:00+00\t2026-01-02\t03/02/2026\tdie häuser\t7\t2026-01-01 12:00 IST
                \\.
                REFRESH MATERIALIZED VIEW public.m;
                --
                -- PostgreSQL database dump complete
                --
                """);
        DatabaseUrl target = source();
        for (String mode : List.of("swap", "in-place")) {
            restored(target, file, "--mode", mode);
            assertEquals(RIGHT, value(target, "SELECT v FROM m"), mode);
        }
    }

    /** Has the role wait for a lock for longer than it may. */
    private static void restoredLate(DatabaseUrl db, Path file, String mode) throws Exception {
        DatabaseUrl waiting = mode.equals("swap") ? db.withDatabase("postgres") : db;
        CompletableFuture<Run> run;
        try (Connection c = TestServer.connect(TestServer.admin().withDatabase(waiting.database()))) {
            String locked = waiting == db ? "t IN ACCESS SHARE MODE" : "pg_database IN SHARE MODE";
            Database.run(c, "BEGIN; LOCK TABLE " + locked);
            run = CompletableFuture.supplyAsync(() -> restored(db, file, "--mode", mode));
            String late = "SELECT count(*) > 0 FROM pg_stat_activity WHERE usename = '" + db.user()
                    + "' AND wait_event_type = 'Lock' AND clock_timestamp() - query_start > interval '300 ms'";
            Await.until(() -> run.isDone() || value(db, late).equals("t"), "the restore to wait");
        }
        run.get();
    }

    /** Nor does the time that the role has for a statement end one of a restore. */
    @Test
    void theRolesSettingsMoveNothing() throws Exception {
        DatabaseUrl source = superusers();
        execute(
                source,
                "SET allow_in_place_tablespaces = on",
                "CREATE TABLESPACE elsewhere LOCATION ''",
                "CREATE ROLE mover SUPERUSER LOGIN PASSWORD '" + TestServer.PASSWORD + "'",
                "CREATE TABLE t (a int PRIMARY KEY)",
                "CREATE MATERIALIZED VIEW m AS SELECT timestamptz '2026-01-01 00:00+00'::text AS v");
        for (String setting : List.of(
                "default_tablespace = elsewhere",
                "timezone = 'Asia/Tokyo'",
                "quote_all_identifiers = on",
                "statement_timeout = '250ms'",
                "default_transaction_read_only = on")) execute(source, "ALTER ROLE mover SET " + setting);
        DatabaseUrl mover = new DatabaseUrl(
                source.hosts(),
                source.database(),
                "mover",
                TestServer.PASSWORD,
                TestServer.newDatabase().parameters());
        String before = value(source, "SELECT v FROM m");
        Path file = backup(mover);
        for (String mode : List.of("swap", "in-place")) {
            restoredLate(mover, file, mode);
            assertEquals("0", value(source, "SELECT sum(reltablespace::int) FROM pg_class WHERE relname ~ '^(t|m)'"));
            assertEquals(before, value(source, "SELECT v FROM m"), mode);
        }
    }

    /** The connections that load beside the first one see what was committed. */
    @Test
    void aSettingMayNameWhatTheDumpMakes() {
        Path file = folder.resolve("method.sql");
        write(
                file,
                """
                --
                -- PostgreSQL database dump
                --
                CREATE ACCESS METHOD heap2 TYPE TABLE HANDLER heap_tableam_handler;
                SET default_table_access_method = heap2;
                CREATE TABLE public.t (a int);
                SET transaction_timeout = 0;
                COPY public.t (a) FROM stdin;
                1
                \\.
                --
                -- PostgreSQL database dump complete
                --
                """);
        DatabaseUrl target = superusers();
        execute(target, "CREATE TABLE old()");
        restored(target, file, "--mode", "swap");
        assertEquals(
                "heap2",
                value(target, "SELECT amname FROM pg_class c JOIN pg_am a ON a.oid = relam WHERE relname = 't'"));
    }

    /** Long lists stand before the roles, and other texts read like their clauses. */
    @Test
    void rolesAreReadWhereTheyStand() {
        String dump =
                """
                --
                -- PostgreSQL database dump
                --
                CREATE TABLE public.t (d interval, a text);
                ALTER TABLE ONLY public.t ALTER COLUMN a SET DEFAULT 'an OWNER TO nobody_here';
                CREATE POLICY p ON public.t USING ((d > ('1-2'::interval year to month)));
                GRANT %s ON TABLE public.t TO PUBLIC;
                %s
                --
                -- PostgreSQL database dump complete
                --
                """;
        String columns = "SELECT(a),INSERT(a)," + "UPDATE(a),".repeat(9) + "REFERENCES(a)";
        Path file = folder.resolve("roles.sql");
        write(
                file,
                dump.formatted(
                        columns, "CREATE POLICY q ON public.t TO " + "current_user, ".repeat(20) + "nobody_here;"));
        DatabaseUrl target = superusers();
        Run refused = command(target, "restore", file.toString(), "--dry-run").run().expect(21, "nobody_here");
        assertFalse(refused.err().contains("month"), refused.err());
        write(file, dump.formatted(columns, ""));
        restored(target, file, "--no-owner");
        assertEquals(
                "an OWNER TO nobody_here", value(target, "INSERT INTO t (d) VALUES ('2 years') RETURNING a"));
    }

    /** As pg_dump writes one to a role that is gone. */
    private static final String GRANT = "\n-- Name: x; Type: ACL; Schema: y\n--\n\nGRANT SELECT ON x TO \"1\";\n";

    /** A pg_dump that is older than the server cannot read it. It names dropped roles by their numbers. */
    @Test
    void pgDumpsDefinitionsFillMaterializedViews() {
        DatabaseUrl source = superusers();
        execute(
                source,
                "CREATE TABLE t AS SELECT 1 AS a",
                "CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq)",
                "CREATE MATERIALIZED VIEW m AS SELECT count(*)::text AS v FROM t",
                "CREATE VIEW itself WITH (security_barrier) AS SELECT v FROM m",
                "CREATE OR REPLACE VIEW itself AS SELECT v FROM itself",
                "CREATE MATERIALIZED VIEW empty AS SELECT 1 WITH NO DATA",
                "CREATE ROLE rs_gone",
                "GRANT SELECT ON t TO rs_gone WITH GRANT OPTION",
                "GRANT UPDATE (a) ON t TO rs_gone",
                "SET ROLE rs_gone",
                "GRANT SELECT ON public.t TO PUBLIC",
                "RESET ROLE",
                "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO rs_gone",
                "CREATE TABLE refresh AS SELECT 1",
                "GRANT SELECT ON refresh TO rs_gone",
                "CREATE FUNCTION grants() RETURNS text LANGUAGE sql AS " + Sql.literal("SELECT '" + GRANT + "'"),
                "DELETE FROM pg_authid WHERE rolname = 'rs_gone'");
        Run backup = run(source, "backup", "create", "--dir", folder.toString());
        Assumptions.assumeTrue(backup.code() == 0, backup.err());
        DatabaseUrl target = superusers();
        restored(target, path(new FolderStore(folder).files().get(0)), "--mode", "in-place");
        assertEquals("1", value(target, "SELECT v FROM m"));
        assertEquals(GRANT, value(target, "SELECT grants()"));
        assertEquals(1, backup.err().split("the dropped role", -1).length - 1, backup.err());
        assertEquals(
                "=r",
                value(
                        target,
                        "SELECT split_part(a::text, '/', 1) FROM pg_class, unnest(relacl) a"
                                + " WHERE relname = 't' AND a::text NOT LIKE '" + source.user() + "=%'"));
        assertEquals(
                "text",
                value(
                        target,
                        "SELECT atttypid::regtype::text FROM pg_attribute"
                                + " WHERE attrelid = 'itself'::regclass AND attname = 'v'"));
        assertEquals("false", value(target, "SELECT relispopulated::text FROM pg_class WHERE relname = 'empty'"));
    }

    private static final String MEMORY = "CREATE FUNCTION public.memory(int) RETURNS text IMMUTABLE LANGUAGE sql"
            + " AS $$ SELECT pg_catalog.current_setting('maintenance_work_mem') $$";

    /** A database as a superuser sees it who has this setting. */
    private static DatabaseUrl with(String setting) {
        DatabaseUrl db = superusers();
        String role = "setter_of_" + db.database();
        execute(db, "CREATE ROLE " + role + " SUPERUSER LOGIN PASSWORD '" + TestServer.PASSWORD + "'");
        execute(db, "ALTER ROLE " + role + " SET " + setting);
        Map<String, String> parameters = TestServer.newDatabase().parameters();
        return new DatabaseUrl(db.hosts(), db.database(), role, TestServer.PASSWORD, parameters);
    }

    /** An index keeps what was set while it was built: a scan of it alone tells the value that was computed then. */
    private static String memoryOfIndex(DatabaseUrl db, String column) throws SQLException {
        try (Connection c = TestServer.connect(db)) {
            Database.run(c, "SET enable_seqscan = off; SET enable_bitmapscan = off");
            String query = "SELECT memory(" + column + ") FROM t WHERE " + column + " = 1";
            return Database.one(c, query, String.class);
        }
    }

    @Test
    void aTreeIsSortedInLittleMemoryWhateverIsSet() throws Exception {
        DatabaseUrl source = with("maintenance_work_mem = '1GB'");
        execute(source, "CREATE TABLE t (x int)", "INSERT INTO t VALUES (1)", MEMORY);
        execute(source, "ALTER DATABASE " + source.database() + " SET maintenance_work_mem = '1MB'");
        execute(source, "CREATE INDEX ON t (x, memory(x))");
        assertEquals("1GB", memoryOfIndex(source, "x"));
        restored(source, backup(source), "--jobs", "1");
        assertEquals("16MB", memoryOfIndex(source, "x"));
    }

    /** Without helpers, one process would get the memory of all. */
    @Test
    void helpersThatTheServerLacksTakeNoMemory() throws Exception {
        DatabaseUrl source = with("max_parallel_workers = 0");
        execute(source, "CREATE TABLE t (x int)", "INSERT INTO t VALUES (1)", MEMORY);
        execute(source, "CREATE INDEX ON t (x, memory(x))");
        restored(source, backup(source), "--jobs", "4");
        assertEquals("16MB", memoryOfIndex(source, "x"));
    }

    @Test
    void whatADumpSetsBetweenIndexesIsNotWhatTheNextOneGets() throws Exception {
        Path dump = folder.resolve("dump.sql");
        Files.writeString(
                dump,
                """
                --
                -- PostgreSQL database dump
                --
                %s;
                CREATE TABLE public.t (x int, y int);
                COPY public.t (x, y) FROM stdin;
                1\t1
                \\.
                CREATE INDEX a ON public.t USING btree (x, public.memory(x));
                SET maintenance_work_mem = '3MB';
                CREATE INDEX b ON public.t USING btree (y, public.memory(y));
                --
                -- PostgreSQL database dump complete
                --

                """
                        .formatted(MEMORY));
        DatabaseUrl db = with("maintenance_work_mem = '7MB'");
        restored(db, dump, "--mode", "swap", "--jobs", "1");
        assertEquals("16MB", memoryOfIndex(db, "x"));
        assertEquals("16MB", memoryOfIndex(db, "y"));
    }
}
