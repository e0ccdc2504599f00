import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import avdaily.db.Database;
import avdaily.db.DatabaseUrl;
import avdaily.schema.Schema;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class SchemaTest extends ScriptTest {
    /** An empty database of the superuser's. */
    private static DatabaseUrl superusers() {
        return TestServer.admin().withDatabase(TestServer.newDatabase().database());
    }

    /** Runs a text of many statements, functions with bodies of statements among them, as psql would. */
    private static void script(DatabaseUrl db, String text) {
        Properties properties = db.properties();
        properties.setProperty("preferQueryMode", "simple");
        try (Connection c = DriverManager.getConnection(db.jdbcUrl(), properties);
                Statement s = c.createStatement()) {
            s.execute(text);
        } catch (SQLException e) {
            fail(text.length() > 2000 ? e.getMessage() : e.getMessage() + "\n" + text, e);
        }
    }

    private static void load(DatabaseUrl db, String file) {
        script(db, text(file));
    }

    private static String text(String file) {
        try {
            return Files.readString(PROJECT.resolve("tests").resolve(file));
        } catch (IOException e) {
            return fail(e);
        }
    }

    private static Schema read(DatabaseUrl db) {
        return read(db, Schema.Options.DEFAULT);
    }

    private static Schema read(DatabaseUrl db, Schema.Options options) {
        try (Connection c = TestServer.connect(db)) {
            c.setAutoCommit(false);
            return Schema.read(c, options);
        } catch (SQLException e) {
            return fail(e);
        }
    }

    /** An empty database with all that the schema lists. */
    private static DatabaseUrl replayed(Schema schema) {
        DatabaseUrl db = superusers();
        script(
                db,
                "SELECT set_config('search_path', '', false); SET check_function_bodies = false;"
                        + " SET client_min_messages = warning;"
                        + schema.items().stream().map(Schema.Item::ddl).collect(Collectors.joining("\n")));
        return db;
    }

    /**
     * Reads, replays, and compares: the readings, what the catalogs say by a way of their own, and pg_dump's words if
     * there is one for this server.
     */
    private static Schema proveReplay(DatabaseUrl db) {
        Schema schema = read(db);
        assertEquals(List.of(), schema.unsupported());
        DatabaseUrl again = replayed(schema);
        assertEquals(schema.text(), read(again).text());
        assertEquals(schema.items(), read(again).items());
        List<String> before = catalogs(db);
        List<String> after = catalogs(again);
        assertEquals(without(before, after), without(after, before));
        dump(db).ifPresent(lines -> assertEquals(lines, dump(again).orElseThrow()));
        return schema;
    }

    @Test
    void everyKindOfObjectIsReproduced() {
        DatabaseUrl db = superusers();
        load(db, "torture.sql");
        if (majorVersion(db) >= 18) load(db, "torture-18.sql");
        Schema schema = proveReplay(db);
        assertEquals(
                List.of("btree_gist", "hstore", "pg_trgm"),
                schema.extensions().stream().sorted().toList());
        assertTrue(
                schema.roles().containsAll(List.of("torture \"Reader", "torture_clerk", "torture_owner")),
                schema.roles().toString());
        assertEquals(List.of(), schema.omitted());
        Map<String, Schema.Data> data =
                schema.data().stream().collect(Collectors.toMap(Schema.Data::name, Function.identity()));
        assertEquals(
                List.of("id", "Full Name", "email", "mood", "address", "tags", "price", "age", "born", "bits"),
                data.get("app.people").columns());
        assertEquals("app.hashed", data.get("app.hashed_0").loadThrough());
        assertEquals("app.events_old", data.get("app.events_old").loadThrough());
        assertFalse(data.containsKey("app.events"));
        assertEquals("", data.get("app.nobody").columnList());
        assertTrue(schema.sequences().contains(new Schema.SequenceValue("app", "numbers", 11, false)));
        assertTrue(schema.sequences().contains(new Schema.SequenceValue("app", "people_id_seq", 10, false)));
        List<Schema.Section> sections =
                schema.items().stream().map(Schema.Item::section).toList();
        assertEquals(sections.stream().sorted().toList(), sections);
        assertEquals(
                schema.items().size(),
                schema.items().stream()
                        .map(item -> item.kind() + item.identity())
                        .distinct()
                        .count());
    }

    /** What several parents have NOT VALID comes back as the table's own, as from pg_dump. */
    @Test
    void aNotNullOfSeveralParentsStaysValid() {
        DatabaseUrl db = superusers();
        assumeTrue(majorVersion(db) >= 18, "NOT NULL has a name from PostgreSQL 18 on");
        script(
                db,
                """
                CREATE TABLE b (a int); ALTER TABLE b ADD NOT NULL a NOT VALID;
                CREATE TABLE c (a int); ALTER TABLE c ADD NOT NULL a NOT VALID;
                CREATE TABLE d (a int NOT NULL);
                CREATE TABLE of_two () INHERITS (c, b); CREATE TABLE of_three () INHERITS (c, d, b);""");
        DatabaseUrl again = replayed(read(db));
        assertEquals(
                List.of("c_a_not_null true", "d_a_not_null true"),
                values(
                        again,
                        "SELECT conname || ' ' || convalidated FROM pg_constraint"
                                + " WHERE conrelid IN ('of_two'::regclass, 'of_three'::regclass) ORDER BY 1"));
    }

    @Test
    void theProjectsOwnSchemaIsReproduced() {
        Schema schema = proveReplay(TestServer.admin().withDatabase(migrated().database()));
        assertTrue(
                schema.data().stream().noneMatch(data -> data.table().schema().equals(Schema.OWN)));
        assertTrue(schema.data().stream().anyMatch(data -> data.table().name().equals("flyway_schema_history")));
        assertFalse(schema.text().contains("flyway_schema_history"));
    }

    @Test
    void whatIsNotReproducedIsNamed() {
        DatabaseUrl db = superusers();
        script(
                db,
                """
                CREATE TYPE shell; CREATE TYPE comp AS (a int); CREATE TABLE t (a int); CREATE TABLE other (a int);
                CREATE FUNCTION c2i(comp) RETURNS int LANGUAGE sql AS 'select 1';
                CREATE CAST (comp AS int) WITH FUNCTION c2i(comp);
                CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq);
                CREATE OPERATOR CLASS oc FOR TYPE int USING btree AS OPERATOR 3 =, FUNCTION 1 btint4cmp(int, int);
                CREATE LANGUAGE plx HANDLER plpgsql_call_handler;
                CREATE ACCESS METHOD heap2 TYPE TABLE HANDLER heap_tableam_handler;
                CREATE CONVERSION conv FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
                CREATE TEXT SEARCH PARSER prs (
                  START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype);
                CREATE TEXT SEARCH TEMPLATE tmpl (LEXIZE = dsimple_lexize);
                CREATE FOREIGN DATA WRAPPER fdw; CREATE SERVER srv FOREIGN DATA WRAPPER fdw;
                CREATE USER MAPPING FOR PUBLIC SERVER srv; CREATE FOREIGN TABLE ft (a int) SERVER srv;
                CREATE TRANSFORM FOR int LANGUAGE sql (FROM SQL WITH FUNCTION prsd_lextype(internal));
                CREATE PUBLICATION pub FOR TABLE t;
                SELECT lo_create(4711);
                CREATE FUNCTION pg_catalog.mine() RETURNS int LANGUAGE sql AS 'select 1';
                CREATE FUNCTION one(int) RETURNS int LANGUAGE sql AS 'select 1';
                CREATE FUNCTION two(int) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT one($1); END;
                CREATE OR REPLACE FUNCTION one(int) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT two($1); END;
                CREATE SCHEMA avdaily_ops;
                CREATE FUNCTION avdaily_ops.f() RETURNS trigger LANGUAGE plpgsql AS 'begin return new; end';
                CREATE TRIGGER uses BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION avdaily_ops.f();""");
        assertEquals(
                List.of(
                        "ACCESS METHOD heap2",
                        "BLOB 4711",
                        "CAST (public.comp AS integer)",
                        "CONVERSION public.conv",
                        "FOREIGN TABLE public.ft",
                        "FOREIGN-DATA WRAPPER fdw",
                        "FUNCTION pg_catalog.mine()",
                        "FUNCTION public.one(integer), FUNCTION public.two(integer) need each other",
                        "LANGUAGE plx",
                        "OPERATOR CLASS public.oc USING btree",
                        "OPERATOR FAMILY public.oc USING btree",
                        "OPERATOR public.===(integer,integer)",
                        "PUBLICATION pub",
                        "SERVER srv",
                        "TEXT SEARCH PARSER public.prs",
                        "TEXT SEARCH TEMPLATE public.tmpl",
                        "TRANSFORM for integer language sql",
                        "TRIGGER uses on public.t needs FUNCTION avdaily_ops.f(), which is left out with the schema"
                                + " avdaily_ops",
                        "TYPE public.shell",
                        "USER MAPPING public on server srv"),
                read(db).unsupported().stream()
                        .map(name -> name.replace("integer on language", "integer language"))
                        .sorted()
                        .toList()); // before PostgreSQL 16
    }

    @Test
    void whatPgDumpLeavesOutIsLeftOutAndSaid() {
        DatabaseUrl db = superusers();
        script(
                db,
                """
                CREATE TABLE a (id int PRIMARY KEY, x int);
                CREATE TABLE b (a int REFERENCES a);
                ALTER TABLE b DISABLE TRIGGER ALL;
                CREATE INDEX broken ON a (x);
                UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'broken'::regclass;
                CREATE MATERIALIZED VIEW first AS SELECT 1 AS x;
                CREATE MATERIALIZED VIEW second AS SELECT * FROM first;
                REFRESH MATERIALIZED VIEW first WITH NO DATA;""");
        Schema schema = read(db);
        assertEquals(List.of(), schema.unsupported());
        assertEquals(
                List.of(
                        "INDEX public.broken, which is not valid",
                        "the disabled triggers of FK CONSTRAINT b_a_fkey on public.b",
                        "the rows of MATERIALIZED VIEW public.second: it reads public.first, which is not populated"),
                schema.omitted().stream().sorted().toList());
        replayed(schema);
    }

    @Test
    void theFingerprintIsTheSchemasAlone() throws SQLException {
        DatabaseUrl db = superusers();
        execute(
                db,
                "CREATE TABLE t (a int, at timestamptz DEFAULT '2020-02-03 04:05:06+00')",
                "CREATE TABLE flyway_schema_history (x int PRIMARY KEY)");
        String before = read(db).fingerprint();
        execute(
                db,
                "CREATE SCHEMA avdaily_ops",
                "CREATE TABLE avdaily_ops.x (a int PRIMARY KEY)",
                "ALTER TABLE flyway_schema_history ADD y int",
                "COMMENT ON COLUMN flyway_schema_history.y IS 'y'",
                "GRANT SELECT ON flyway_schema_history TO PUBLIC",
                "INSERT INTO t VALUES (1)");
        assertEquals(before, read(db).fingerprint());
        try (Connection c = TestServer.connect(db);
                Statement s = c.createStatement()) {
            s.execute("SET TimeZone = 'Asia/Tokyo'");
            s.execute("SET DateStyle = 'ISO, DMY'");
            s.execute("SET search_path = public");
            c.setAutoCommit(false);
            assertEquals(before, Schema.read(c, Schema.Options.DEFAULT).fingerprint());
            assertEquals(
                    "public Asia/Tokyo ISO, DMY",
                    Database.one(
                            c,
                            "SELECT concat_ws(' ', current_setting('search_path'), current_setting('TimeZone'),"
                                    + " current_setting('DateStyle'))",
                            String.class));
        }
        execute(db, "ALTER TABLE t ALTER a SET NOT NULL");
        assertNotEquals(before, read(db).fingerprint());
        Schema whole = read(db, new Schema.Options(Set.of(), true, true, true, Schema.Quotes.IF_NEEDED));
        assertTrue(whole.data().stream().anyMatch(data -> data.table().schema().equals(Schema.OWN)));
        assertEquals(read(db).fingerprint(), whole.fingerprint());
    }

    @Test
    void withoutRolesTheTextNamesNone() {
        DatabaseUrl db = superusers();
        execute(
                db,
                "CREATE TABLE t (a int)",
                "GRANT SELECT ON t TO " + TestServer.ROLE,
                "ALTER TABLE t OWNER TO " + TestServer.ROLE);
        Schema schema = read(db, Schema.Options.WITHOUT_ROLES);
        assertFalse(schema.text().contains(TestServer.ROLE), schema.text());
        assertEquals(List.of(), schema.roles());
        assertTrue(read(db).text().contains("OWNER TO " + TestServer.ROLE));
    }

    /** A role that owns nothing but its database reads the same schema. */
    @Test
    void anOrdinaryRoleReadsTheSame() {
        DatabaseUrl db = migrated();
        assertEquals(read(TestServer.admin().withDatabase(db.database())).text(), read(db).text());
    }

    @Test
    void anExtensionsTablesAreDumpedAsItSays() {
        DatabaseUrl db = superusers();
        execute(
                db,
                "CREATE TABLE settings (k text, own boolean)",
                "CREATE SEQUENCE numbers",
                "CREATE TABLE hidden (a int)",
                "CREATE EXTENSION hstore",
                "ALTER EXTENSION hstore ADD TABLE settings",
                "ALTER EXTENSION hstore ADD TABLE hidden",
                "ALTER EXTENSION hstore ADD SEQUENCE numbers",
                "UPDATE pg_extension SET extconfig = ARRAY['settings'::regclass, 'numbers'::regclass]::oid[],"
                        + " extcondition = ARRAY['WHERE NOT own', ''] WHERE extname = 'hstore'");
        Schema schema = read(db);
        assertEquals(
                List.of("public.settings WHERE NOT own"),
                schema.data().stream()
                        .map(data -> data.name() + " " + data.condition())
                        .toList());
        assertEquals(List.of(new Schema.SequenceValue("public", "numbers", 1, false)), schema.sequences());
        assertEquals(
                List.of("EXTENSION", "COMMENT"),
                schema.items().stream()
                        .filter(item -> !item.identity().endsWith("public"))
                        .map(Schema.Item::kind)
                        .toList());
    }

    private static List<String> without(List<String> some, List<String> others) {
        Set<String> known = Set.copyOf(others);
        return some.stream().filter(line -> !known.contains(line)).toList();
    }

    /** What pg_dump says of a database's schema; nothing if there is none, or an older one than the server. */
    private static Optional<List<String>> dump(DatabaseUrl db) {
        try {
            ProcessBuilder builder = new ProcessBuilder(
                            "pg_dump",
                            "--schema-only",
                            "--exclude-schema=" + Schema.OWN,
                            "--dbname",
                            db.withoutPassword())
                    .redirectError(ProcessBuilder.Redirect.DISCARD);
            if (db.password() != null) builder.environment().put("PGPASSWORD", db.password());
            Process process = builder.start();
            String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            boolean isDone = process.waitFor(60, TimeUnit.SECONDS) && process.exitValue() == 0;
            return isDone
                    ? Optional.of(text.lines()
                            .filter(line -> !line.matches("\\\\(un)?restrict .*"))
                            .toList())
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            return fail(e);
        }
    }

    /** The catalogs' own words, object by object, by names and not by numbers. */
    private static List<String> catalogs(DatabaseUrl db) {
        return values(db, text("testdata/schema/catalogs.sql")).stream()
                .filter(line -> !line.contains(Schema.OWN))
                .toList();
    }
}
