import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.db.DatabaseUrl;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What no reader of the schema writes, as operators and foreign tables: generated all the same, there and back. */
class GenerateUnreadTest extends ScriptTest {
    private static final String FUNCTIONS =
            """
            CREATE FUNCTION same(text, text) RETURNS bool IMMUTABLE LANGUAGE sql AS 'SELECT lower($1) = lower($2)';
            CREATE FUNCTION other(text, text) RETURNS bool IMMUTABLE LANGUAGE sql AS 'SELECT lower($1) <> lower($2)';
            CREATE TYPE pair AS (a int, b int);
            CREATE FUNCTION first(pair) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT $1.a';
            CREATE FUNCTION compared(pair, pair) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT $1.a - $2.a';
            CREATE FUNCTION less(pair, pair) RETURNS bool IMMUTABLE LANGUAGE sql AS 'SELECT $1.a < $2.a';
            CREATE FUNCTION less(pair, int) RETURNS bool IMMUTABLE LANGUAGE sql AS 'SELECT $1.a < $2';
            CREATE FUNCTION compared(pair, int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT $1.a - $2';
            """;

    @Test
    void operatorsCastsAndClassesComeAndGo() {
        Path folder = GenerateTest.folder(
                FUNCTIONS
                        + """
                CREATE TABLE t (id int PRIMARY KEY, a text, p pair);
                CREATE OPERATOR ==> (FUNCTION = other, LEFTARG = text, RIGHTARG = text);
                CREATE CAST (pair AS int) WITH FUNCTION first(pair);
                CREATE CONVERSION letters FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
                CREATE VIEW v AS SELECT id FROM t WHERE a ==> 'x';
                """,
                FUNCTIONS
                        + """
                CREATE OPERATOR === (FUNCTION = same, LEFTARG = text, RIGHTARG = text, COMMUTATOR = ===, NEGATOR = !==,
                  RESTRICT = eqsel, JOIN = eqjoinsel, HASHES);
                CREATE OPERATOR !== (FUNCTION = other, LEFTARG = text, RIGHTARG = text, NEGATOR = ===);
                COMMENT ON OPERATOR === (text, text) IS 'the same letters';
                CREATE OPERATOR <<< (FUNCTION = less, LEFTARG = pair, RIGHTARG = pair);
                CREATE OPERATOR <<< (FUNCTION = less, LEFTARG = pair, RIGHTARG = int);
                CREATE OPERATOR CLASS "Pairs" DEFAULT FOR TYPE pair USING btree AS
                  OPERATOR 1 <<<, FUNCTION 1 compared(pair, pair);
                ALTER OPERATOR FAMILY "Pairs" USING btree ADD OPERATOR 1 <<< (pair, int),
                  FUNCTION 1 (pair, int) compared(pair, int);
                CREATE FUNCTION half(int) RETURNS text LANGUAGE sql AS 'SELECT ($1 / 2)::text';
                CREATE CAST (pair AS int) WITH FUNCTION first(pair) AS ASSIGNMENT;
                CREATE CAST (pair AS bytea) WITH INOUT; CREATE DOMAIN small AS int;
                CREATE TABLE t (id int PRIMARY KEY, a text CHECK (a === lower(a)), p pair,
                  is_x boolean GENERATED ALWAYS AS (a === 'x') STORED);
                CREATE INDEX t_p ON t (p "Pairs"); CREATE INDEX t_a ON t (id) WHERE a !== 'y';
                CREATE VIEW v AS SELECT id FROM t WHERE a === 'x';
                """);
        DatabaseUrl db = GenerateDetailsTest.thereAndBack(folder, "INSERT INTO t VALUES (1, 'x', (2, 3))");
        assertEquals("1 x (2,3)", value(db, "SELECT concat_ws(' ', id, a, p) FROM t"));
    }

    @Test
    void operatorsAreAlteredOrMadeAnewUnderWhatNeedsThem() {
        String rest =
                """
                CREATE TABLE t (id int PRIMARY KEY, a text, p pair, is_x boolean GENERATED ALWAYS AS (a === 'x') STORED,
                  CONSTRAINT kept CHECK (a === a));
                CREATE INDEX t_p ON t (p pairs); CREATE INDEX t_a ON t (id) WHERE a === 'y';
                CREATE VIEW v AS SELECT id FROM t WHERE a === 'x'; COMMENT ON VIEW v IS 'kept';
                CREATE DOMAIN word AS text CHECK (VALUE === VALUE);
                """;
        Path folder = GenerateTest.folder(
                FUNCTIONS
                        + """
                CREATE OPERATOR === (FUNCTION = same, LEFTARG = text, RIGHTARG = text, RESTRICT = eqsel);
                COMMENT ON OPERATOR === (text, text) IS 'one';
                CREATE OPERATOR ~~~ (FUNCTION = same, LEFTARG = text, RIGHTARG = text);
                CREATE OPERATOR <<< (FUNCTION = less, LEFTARG = pair, RIGHTARG = pair);
                CREATE OPERATOR <<< (FUNCTION = less, LEFTARG = pair, RIGHTARG = int);
                CREATE OPERATOR CLASS pairs FOR TYPE pair USING btree AS
                  OPERATOR 1 <<<, FUNCTION 1 compared(pair, pair);
                """
                        + rest,
                FUNCTIONS.replace("less(pair, pair) RETURNS", "less(one pair, two pair) RETURNS")
                        + """
                CREATE FUNCTION same_text(text, text) RETURNS bool IMMUTABLE LANGUAGE sql AS 'SELECT $1 = $2';
                CREATE OPERATOR === (FUNCTION = same_text, LEFTARG = text, RIGHTARG = text);
                COMMENT ON OPERATOR === (text, text) IS 'two';
                CREATE OPERATOR ~~~ (FUNCTION = same, LEFTARG = text, RIGHTARG = text, RESTRICT = eqsel,
                  JOIN = eqjoinsel);
                CREATE OPERATOR <<< (FUNCTION = less, LEFTARG = pair, RIGHTARG = pair);
                CREATE OPERATOR <<< (FUNCTION = less, LEFTARG = pair, RIGHTARG = int);
                CREATE OPERATOR CLASS pairs FOR TYPE pair USING btree AS
                  OPERATOR 1 <<<, FUNCTION 1 compared(pair, pair);
                ALTER OPERATOR FAMILY pairs USING btree ADD OPERATOR 1 <<< (pair, int),
                  FUNCTION 1 (pair, int) compared(pair, int);
                """
                        + rest);
        DatabaseUrl db = GenerateDetailsTest.thereAndBack(folder, "INSERT INTO t VALUES (1, 'x', (2, 3))");
        assertEquals("1 x (2,3) t", value(db, "SELECT concat_ws(' ', id, a, p, is_x) FROM t"));
        String migration = read(folder.resolve("V2__change.sql"));
        assertTrue(migration.contains("ALTER OPERATOR public.~~~(text,text) SET (RESTRICT = eqsel);"), migration);
        assertFalse(migration.contains("DROP OPERATOR public.~~~"), migration);
    }

    @Test
    void foreignServersAndTablesAreMadeAlteredAndDropped() {
        String base =
                """
                CREATE TABLE parent (id int NOT NULL, a text);
                CREATE TABLE parts (id int, d date) PARTITION BY RANGE (d);
                CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
                """;
        Path folder = GenerateTest.folder(
                base
                        + """
                CREATE FOREIGN DATA WRAPPER fw OPTIONS (debug 'true');
                CREATE SERVER s VERSION '1' FOREIGN DATA WRAPPER fw OPTIONS (host 'a', port '1');
                CREATE USER MAPPING FOR PUBLIC SERVER s OPTIONS (user 'one', password 'hidden-1');
                CREATE SERVER old TYPE 'x' FOREIGN DATA WRAPPER fw; CREATE USER MAPPING FOR pg_monitor SERVER old;
                CREATE FOREIGN TABLE ft (id int DEFAULT 1, a text OPTIONS (n 'A') NOT NULL, b int, gone int,
                  CHECK (b > 0)) SERVER s OPTIONS (t 'x');
                CREATE FOREIGN TABLE "Moved" (id int) SERVER old; GRANT SELECT ON "Moved" TO PUBLIC;
                CREATE FOREIGN TABLE part PARTITION OF parts FOR VALUES FROM ('2026-01-01') TO ('2027-01-01') SERVER s;
                CREATE VIEW v AS SELECT id, a FROM ft; CREATE VIEW w AS SELECT id FROM "Moved";
                """,
                base
                        + """
                CREATE FOREIGN DATA WRAPPER fw OPTIONS (debug 'false', more 'm'); CREATE FOREIGN DATA WRAPPER "New";
                COMMENT ON FOREIGN DATA WRAPPER "New" IS 'new'; GRANT USAGE ON FOREIGN DATA WRAPPER "New" TO pg_monitor;
                CREATE SERVER s VERSION '2' FOREIGN DATA WRAPPER fw OPTIONS (host 'it''s', more 'm');
                CREATE USER MAPPING FOR PUBLIC SERVER s OPTIONS (user 'two', password 'hidden-2');
                CREATE USER MAPPING FOR pg_monitor SERVER s OPTIONS (user 'me', password 'hidden-3', x 'hidden-4');
                CREATE SERVER old TYPE 'y' FOREIGN DATA WRAPPER fw; CREATE USER MAPPING FOR pg_monitor SERVER old;
                CREATE SERVER another FOREIGN DATA WRAPPER "New"; GRANT USAGE ON FOREIGN SERVER another TO PUBLIC;
                CREATE FOREIGN TABLE ft (id bigint DEFAULT 2, a text OPTIONS (n 'B', m 'C'), b int NOT NULL DEFAULT 3,
                  c text COLLATE "C" NOT NULL, d int GENERATED ALWAYS AS (b * 2) STORED, CHECK (b > 1)) SERVER s
                  OPTIONS (u 'x');
                COMMENT ON COLUMN ft.c IS 'new';
                CREATE FOREIGN TABLE "Moved" (id int) SERVER old; GRANT SELECT ON "Moved" TO PUBLIC;
                CREATE FOREIGN TABLE heir (more int OPTIONS (n 'M')) INHERITS (parent) SERVER another;
                COMMENT ON FOREIGN TABLE heir IS 'new'; GRANT SELECT (more) ON heir TO PUBLIC;
                CREATE TRIGGER t AFTER INSERT ON heir FOR EACH ROW EXECUTE FUNCTION nothing();
                CREATE FOREIGN TABLE part (id int, d date) SERVER s;
                CREATE FOREIGN TABLE next PARTITION OF parts FOR VALUES FROM ('2027-01-01') TO ('2028-01-01')
                  SERVER another OPTIONS (t 'next');
                CREATE VIEW v AS SELECT id, a, c FROM ft; CREATE VIEW w AS SELECT id FROM "Moved";
                """);
        DatabaseUrl db = GenerateDetailsTest.thereAndBack(folder, "INSERT INTO parent VALUES (1, 'x')");
        assertEquals("1 x", value(db, "SELECT concat_ws(' ', id, a) FROM parent"));
        String files = read(folder.resolve("V2__change.sql")) + read(folder.resolve("U2__change.sql"));
        assertFalse(files.contains("hidden-"), files);
        assertTrue(files.contains("-- Set password, x by hand"), files);
        assertTrue(files.contains("ALTER SERVER s OPTIONS (SET host 'it''s');"), files);
    }

    /** What a server's option means, only its wrapper knows. */
    @Test
    void optionsThatMayBeSecretUnderAnyNameAreLeftEmpty() {
        String base = "CREATE FOREIGN DATA WRAPPER fw; CREATE SERVER kept FOREIGN DATA WRAPPER fw OPTIONS (%s);";
        Path folder = GenerateTest.folder(
                base.formatted("host 'a', account 'hidden-1', gone 'hidden-2'"),
                base.formatted("host 'b', account 'hidden-3', auth 'hidden-4'")
                        + """
                CREATE SERVER made FOREIGN DATA WRAPPER fw
                  OPTIONS (dbname 'd', fetch_size '9', sslmode 'require', options '-c x=hidden-5', dsn 'hidden-6');
                CREATE FOREIGN TABLE t (id int OPTIONS (column_name 'key')) SERVER made
                  OPTIONS (connection 'host=h password = hidden-9', table_name 't', uri 'https://me:hidden-7@host/',
                    program 'hidden-8');
                """);
        DatabaseUrl db = GenerateDetailsTest.thereAndBack(folder);
        String files = read(folder.resolve("V2__change.sql")) + read(folder.resolve("U2__change.sql"));
        assertFalse(files.contains("hidden-"), files);
        String known = "OPTIONS (dbname 'd', dsn '', fetch_size '9', options '', sslmode 'require')";
        assertTrue(files.contains(known), files);
        assertTrue(files.contains("OPTIONS (connection '', program '', table_name 't', uri '')"), files);
        assertTrue(files.contains("-- Set dsn, options by hand behind this: what may be secret is in no file."), files);
        assertTrue(files.contains("ALTER SERVER kept OPTIONS (ADD auth '');"), files);
        assertEquals(
                "{host=a,account=hidden-1,gone=}",
                value(db, "SELECT srvoptions FROM pg_foreign_server WHERE srvname = 'kept'"));
        String seen = GenerateTest.in(folder, db, "validate", "--json").run().out();
        assertFalse(seen.contains("hidden-"), seen);
    }

    @Test
    void languagesAccessMethodsAndTextSearchComeAndGo() {
        String parser =
                """
                CREATE TEXT SEARCH PARSER %s (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end,
                  LEXTYPES = prsd_lextype);
                """;
        String language = "CREATE TRUSTED LANGUAGE %s HANDLER plpgsql_call_handler VALIDATOR plpgsql_validator;";
        Path folder = GenerateTest.folder(
                language.formatted("kept")
                        + """
                CREATE ACCESS METHOD old TYPE TABLE HANDLER heap_tableam_handler; CREATE TABLE t (id int PRIMARY KEY);
                CREATE TABLE gone (id int) USING old;
                """,
                language.formatted("kept")
                        + language.formatted("\"New\"")
                        + parser.formatted("words")
                        + """
                REVOKE USAGE ON LANGUAGE kept FROM PUBLIC; REVOKE USAGE ON LANGUAGE "New" FROM PUBLIC;
                GRANT USAGE ON LANGUAGE "New" TO pg_monitor; CREATE TABLE t (id int PRIMARY KEY, a text);
                CREATE ACCESS METHOD am TYPE TABLE HANDLER heap_tableam_handler; CREATE TABLE more (id int) USING am;
                CREATE TEXT SEARCH TEMPLATE simply (LEXIZE = dsimple_lexize, INIT = dsimple_init);
                CREATE TEXT SEARCH DICTIONARY d (TEMPLATE = simply);
                CREATE TEXT SEARCH CONFIGURATION c (PARSER = words);
                ALTER TEXT SEARCH CONFIGURATION c ADD MAPPING FOR asciiword WITH d;
                """);
        DatabaseUrl db = GenerateDetailsTest.thereAndBack(folder, "INSERT INTO t VALUES (1)");
        String usable = "SELECT has_language_privilege('pg_monitor', 'kept', 'USAGE')";
        assertEquals("t", value(db, usable));
        GenerateTest.in(folder, db, "up", "--yes", "--no-backup").run().expect(0);
        assertEquals("f", value(db, usable));
        assertEquals("t", value(db, usable.replace("'kept'", "'New'")));
    }
}
