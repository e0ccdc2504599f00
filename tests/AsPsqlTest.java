import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.db.DatabaseUrl;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A migration does what psql would do with its files, whoever runs it and wherever. */
class AsPsqlTest extends ScriptTest {
    /** The database's zone and order of dates count, and not those of the machine. */
    @Test
    void timesAndDatesAreThoseOfTheDatabase() {
        DatabaseUrl db = TestServer.newDatabase();
        execute(
                db,
                "ALTER DATABASE " + db.database() + " SET timezone = 'Africa/Lagos'",
                "ALTER DATABASE " + db.database() + " SET datestyle = 'SQL, DMY'");
        MigrationFolder folder = MigrationFolder.of(
                "V1__launch.sql",
                """
                CREATE TABLE launch (id int, at timestamp, seen timestamptz DEFAULT '2026-01-01 00:00');
                INSERT INTO launch VALUES (1, '02/01/2026 00:00');
                ALTER TABLE launch ALTER at TYPE timestamptz;
                """);
        folder.command(db, "up", "--yes").with("TZ", "Asia/Tokyo").run().expect(0);
        assertEquals(
                "2026-01-01 23:00:00 2025-12-31 23:00:00",
                value(db, "SELECT concat_ws(' ', at AT TIME ZONE 'UTC', seen AT TIME ZONE 'UTC') FROM launch"));
        folder.run(db, "validate", "--rebuild").expect(0).says("is what its migrations say");
        folder.run(db, "lint", "--from", "1").expect(0);
    }

    /**
     * All in one transaction as far as PostgreSQL allows it, on a new database as on one that took the files singly.
     */
    @Test
    void aFileNeedNotKnowThatOthersRunWithIt() {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = MigrationFolder.of(
                "V1__init.sql",
                """
                CREATE TYPE status AS ENUM ('one', 'two');
                CREATE TABLE client (id int PRIMARY KEY, status status NOT NULL DEFAULT 'one');
                CREATE TABLE account (id int PRIMARY KEY);
                CREATE TABLE entry (id int PRIMARY KEY, account_id int NOT NULL REFERENCES account
                  DEFERRABLE INITIALLY DEFERRED);
                SET LOCAL statement_timeout = '1s'; SET search_path = pg_catalog; SET timezone = 'Asia/Tokyo';""",
                "V2__four.sql",
                """
                ALTER TYPE status ADD VALUE 'four';
                INSERT INTO account VALUES (1); INSERT INTO entry VALUES (1, 1);
                CREATE TABLE settings AS
                  SELECT current_setting('statement_timeout') || ' ' || current_setting('jit') AS two;
                CREATE TEMP TABLE staging ON COMMIT DROP AS SELECT 1 AS id;""",
                "V3__use.sql",
                """
                ALTER TABLE client ALTER status SET DEFAULT 'four';
                CREATE TEMP TABLE staging ON COMMIT DROP AS SELECT 1 AS id;
                INSERT INTO entry VALUES (2, 1);""",
                "V4__note.sql",
                "ALTER TABLE entry ADD COLUMN note text; INSERT INTO entry VALUES (3, 1);",
                "V5__late.sql",
                "ALTER TABLE entry ADD COLUMN late text;",
                "V6__value.sql",
                "ALTER TYPE status ADD VALUE 'six';",
                "V7__value.sql",
                "DO $$ BEGIN EXECUTE 'ALTER TABLE client ALTER status SET DEFAULT ''s' || 'ix'''; END $$;",
                "U7__value.sql",
                "ALTER TABLE client ALTER status SET DEFAULT 'four';",
                "U6__value.sql",
                "SELECT 1;",
                "U5__late.sql",
                "ALTER TABLE entry DROP COLUMN late;",
                "U4__note.sql",
                "DELETE FROM entry WHERE id = 3;",
                "U3__use.sql",
                "ALTER TABLE entry DROP COLUMN note; ALTER TABLE client ALTER status SET DEFAULT 'one';",
                "U2__four.sql",
                "DELETE FROM entry; DROP TABLE settings;",
                "U1__init.sql",
                "DROP TABLE entry, account, client; DROP TYPE status;");
        execute(db, "ALTER DATABASE " + db.database() + " SET statement_timeout = '77s'");
        execute(db, "ALTER DATABASE " + db.database() + " SET jit = on");
        folder.run(db, "up", "--yes")
                .expect(0)
                .says("V3 use  (a transaction of its own: it uses a value that an enum gets before it)")
                .says("V4 note", "Applied V1 init, V2 four");
        assertEquals("77s on", value(db, "SELECT two FROM settings"));
        assertEquals("1,2,3", value(db, "SELECT string_agg(id::text, ',' ORDER BY id) FROM entry"));
        folder.run(db, "validate", "--rebuild").expect(0);
        folder.run(db, "rollback", "--to", "0", "--yes").expect(0);
        assertEquals("null", value(db, "SELECT to_regclass('account')"));
    }

    /** Statements end where psql ends them, and so does what is said of them. */
    @Test
    void whatIsSaidOfAFailureIsTrue() {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = MigrationFolder.of(
                "V1__add.sql",
                """
                CREATE FUNCTION add(int, int) RETURNS int LANGUAGE sql RETURN $1 + $2;
                CREATE TABLE stays (id int);
                COMMIT;
                SELECT 1/0;""");
        folder.run(db, "up", "--yes").expect(2, "V1__add.sql line 3 begins or ends a transaction itself");
        folder.run(db, "lint").expect(2, "V1__add.sql line 3 begins or ends a transaction itself");
        assertEquals("null", value(db, "SELECT to_regclass('stays')"));
        folder.write(
                "V1__add.sql",
                """
                CREATE FUNCTION add(int, int) RETURNS int LANGUAGE sql BEGIN ATOMIC
                  SELECT CASE WHEN $1 > 0 THEN CASE $1 WHEN 1 THEN 1 ELSE 2 END ELSE $1 + $2 END;
                END;
                PREPARE p (int) AS SELECT $1;
                CREATE TABLE c (a int, b text);
                CREATE TABLE program AS SELECT current_setting('application_name') AS name;
                COPY c FROM stdin;
                1\t$a$;
                2\t--""");
        folder.run(db, "up", "--yes").expect(0);
        assertEquals("$a$;,--", value(db, "SELECT string_agg(b, ',' ORDER BY a) FROM c"));
        assertEquals("avdaily-migrate", value(db, "SELECT name FROM program"));
        folder.write(
                "V2__bad.sql",
                """
                CREATE TABLE ok (id int);

                /* The second table.
                   It has a wrong type,
                */ -- in the line after this one.
                CREATE TABLE bad (id intt);""");
        folder.run(db, "up", "--yes").expect(25, "V2__bad.sql line 6: type", "nothing of V2 bad stays");
        folder.write("V2__bad.sql", "\\restrict abc\nSELECT 1;");
        for (String command : new String[] {"up", "lint"})
            folder.run(db, command).expect(2, "V2__bad.sql line 1 is a command of psql's", "\\restrict abc");
        folder.run(db, "status").expect(0);
        folder.write("V2__bad.sql", "SELECT 1;\nSELECT 'ä',\n :'name';");
        folder.run(db, "up", "--yes").expect(25, "V2__bad.sql line 3: syntax error", ":'name' is a variable of psql's");
        folder.write("V2__bad.sql", "CREATE TABLE d (id int);\n\n/* /* */\nCREATE TABLE e (id int);\n-- *");
        folder.run(db, "up", "--yes").expect(25, "V2__bad.sql line 3: unterminated /* comment");
        folder.write("V2__bad.sql", "COPY c TO\nstdout; COPY (SELECT 1) TO STDOUT;\nINSERT INTO c VALUES ($1);");
        folder.run(db, "up", "--yes").expect(25, "V2__bad.sql line 3: there is no parameter $1");
        folder.write(
                "V2__bad.sql",
                """
                CREATE TABLE e (id int PRIMARY KEY);
                CREATE TABLE f (id int REFERENCES e DEFERRABLE INITIALLY DEFERRED); INSERT INTO f VALUES (1);""");
        folder.run(db, "lint").expect(25, "V2__bad.sql: at the end of the transaction", "it was only tried");
        folder.write("V2__bad.sql", "COPY c FROM stdin; COPY c (b, a) FROM stdin;\n1\ta\n\\.\nb\t1\nb\tc\n\\.\n");
        folder.run(db, "up", "--yes").expect(25, "V2__bad.sql line 5: invalid input", "correct line 5 of V2__bad.sql");
        folder.write("V2__bad.sql", "COPY c FROM stdin (FORMAT csv)\n;\n1,x\n1,\"a\n;\"\n1,2,3\n\\.\nSELECT 1;");
        folder.run(db, "up", "--yes").expect(25, "V2__bad.sql line 6: extra data");
        folder.write("V2__bad.sql", "DO $$ BEGIN COMMIT; END $$;");
        folder.run(db, "up", "--yes").expect(25, "executeInTransaction=false");
        folder.write("V2__bad.sql.conf", "executeInTransaction=false\n");
        folder.run(db, "up", "--yes").expect(0).says("V2 bad  (cannot run in a transaction");
        folder.write(
                "V3__say.sql",
                "DROP TABLE IF EXISTS nothing;\nDO $$ BEGIN RAISE WARNING 'look' USING HINT = 'here'; END $$;");
        Run said = folder.run(db, "up", "--yes").expect(0);
        assertTrue(said.err().contains("V3__say.sql line 1: NOTICE: table \"nothing\" does not exist"), said.err());
        assertTrue(said.err().contains("V3__say.sql line 2: WARNING: look (hint: here)"), said.err());
        folder.write("V4__who.sql", "CREATE TYPE e AS ENUM ('a');");
        folder.run(db, "up", "--yes").expect(0);
        folder.write("V5__use.sql", "ALTER TYPE e ADD VALUE 'b'; SELECT 'b'::e;");
        folder.run(db, "up", "--yes").expect(25, "add the value in a file of its own, before V5__use.sql");
        folder.write("V5__use.sql", "SET SESSION AUTHORIZATION pg_monitor; SELECT 1/0;");
        folder.run(db, "up", "--yes").expect(25, "V5__use.sql line 1");
    }

    /** Callbacks run when Flyway runs them, and repeatable files of both kinds do. */
    @Test
    void callbacksRunOnceAroundAll() {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = MigrationFolder.of(
                "V1__item.sql",
                "CREATE TABLE item (id int PRIMARY KEY, name text);",
                "V2__index.sql",
                "CREATE TABLE more (id int); CREATE INDEX CONCURRENTLY item_name ON item (name);",
                "V3__customer.sql",
                "CREATE TABLE customer (id int PRIMARY KEY);",
                "R__a_statistics.sql",
                "VACUUM ANALYZE item;",
                "R__b_names.sql",
                "CREATE OR REPLACE VIEW names AS SELECT name FROM item;",
                "beforeMigrate.sql",
                "CREATE TABLE IF NOT EXISTS ran (event text); INSERT INTO ran VALUES ('before');",
                "afterEachMigrate.sql",
                "INSERT INTO ran VALUES ('each');",
                "afterMigrate__comment.sql",
                "COMMENT ON TABLE customer IS 'people'; INSERT INTO ran VALUES ('after');");
        folder.run(db, "up", "--yes")
                .expect(0)
                .says("V2 index  (cannot run in a transaction as a whole; runs by itself, statement by statement)");
        assertEquals(
                "after 1,before 1,each 5",
                value(
                        db,
                        """
                        SELECT string_agg(event || ' ' || n, ',' ORDER BY event)
                        FROM (SELECT event, count(*) AS n FROM ran GROUP BY event) e"""));
        assertEquals("people", value(db, "SELECT obj_description('customer'::regclass)"));
        folder.run(db, "validate", "--rebuild").expect(0);
        folder.run(db, "validate").expect(0);
        folder.write("V4__d.sql", "CREATE TABLE d (id int);");
        folder.write("afterMigrate__comment.sql", "GRANT SELECT ON d TO role_that_is_not_there;");
        folder.run(db, "up", "--yes")
                .expect(25, "afterMigrate__comment.sql line 1: role \"role_that_is_not_there\"", "stays: V4 d");
        folder.run(db, "validate").expect(0);
        org.flywaydb.core.Flyway.configure()
                .dataSource(db.jdbcUrl(), db.user(), db.password())
                .locations("filesystem:" + folder)
                .placeholderReplacement(false)
                .mixed(true)
                .load()
                .validate();
    }

    @Test
    void aDatabaseOfExtensionsIsEmpty() {
        DatabaseUrl db = TestServer.newDatabase();
        execute(db, "CREATE EXTENSION pgcrypto");
        MigrationFolder folder =
                MigrationFolder.of("V1__a.sql", "CREATE TABLE a (id uuid DEFAULT gen_random_uuid());");
        String readOnly = "ALTER DATABASE " + db.database() + " %s default_transaction_read_only%s";
        execute(db, readOnly.formatted("SET", " = on"));
        folder.run(db, "up", "--yes").expect(1, "takes no changes here", "default_transaction_read_only");
        execute(db, "SET default_transaction_read_only = off", readOnly.formatted("RESET", ""));
        folder.run(db, "up", "--yes").expect(0);
        // the plan knows what newer servers have
        folder.write("V2__rows.sql", "REPACK (VERBOSE, ANALYZE false) a USING INDEX a_key;");
        folder.write("V3__alone.sql", "REPACK (CONCURRENTLY) a;");
        folder.write("V4__all.sql", "REPACK (VERBOSE);");
        folder.write("V5__keys.sql", "REPACK USING INDEX;");
        Run plan = folder.run(db, "up").expect(21);
        for (String alone : List.of("V3 alone", "V4 all", "V5 keys"))
            plan.says(alone + "  (cannot run in a transaction");
        assertFalse(plan.out().contains("V2 rows  (cannot"), plan.out());
    }

    /** What is there before the first file stays, once somebody says that it is no file's. */
    @Test
    void whatNoFileMadeCanBeThere() {
        DatabaseUrl db = TestServer.newDatabase();
        execute(db, "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'");
        MigrationFolder folder = MigrationFolder.of("V1__a.sql", "CREATE TABLE a (n int DEFAULT f());");
        folder.run(db, "up", "--yes").expect(21, "other objects in public", "--version 0");
        folder.run(db, "baseline", "--version", "0", "--yes").expect(0).says("extra FUNCTION public.f()");
        folder.run(db, "up", "--yes", "--no-backup").expect(0).says("Applied V1 a");
        folder.run(db, "validate").expect(0);
    }

    /** Flyway makes a schema for its table and notes that; this is no migration. */
    @Test
    void aDatabaseWithoutPublicIsMigrated() {
        DatabaseUrl db = TestServer.newDatabase();
        execute(
                TestServer.admin().withDatabase(db.database()),
                "DROP SCHEMA public; CREATE SCHEMA app AUTHORIZATION " + TestServer.ROLE);
        MigrationFolder folder = MigrationFolder.of();
        folder.run(db, "up", "--yes").expect(0).says("has no migration yet.");
        folder.write("V1__a.sql", "CREATE TABLE app.a (id int);");
        folder.run(db, "up", "--yes").expect(0);
        Run status = folder.run(db, "status").expect(0).says("version 1, 0 pending migrations");
        assertFalse(status.out().contains("Flyway"), status.out());
        folder.run(db, "history").expect(0);
        folder.run(db, "validate").expect(0);
        if (majorVersion(db) >= 15)
            folder.run(db, "validate", "--rebuild").expect(0);
    }

    /** up has begun the transaction before the file: what psql -1 takes is said, with a way on that works. */
    @Test
    void anIsolationLevelNeedsATransactionOfTheFilesOwn() {
        DatabaseUrl db = TestServer.newDatabase();
        String text = "%s ISOLATION LEVEL SERIALIZABLE; CREATE TABLE a AS SELECT "
                + "current_setting('transaction_isolation') AS level;";
        MigrationFolder folder = MigrationFolder.of("V1__a.sql", text.formatted("SET TRANSACTION"));
        folder.run(db, "up", "--yes")
                .expect(25, "write BEGIN ISOLATION LEVEL ... in its place and COMMIT at the end of V1__a.sql");
        folder.write("V1__a.sql", text.formatted("BEGIN") + " COMMIT;");
        folder.write("V1__a.sql.conf", "executeInTransaction=false");
        folder.run(db, "up", "--yes").expect(0);
        assertEquals("serializable", value(db, "SELECT level FROM a"));
    }

    /** A scratch database is gone by the time that it is read. */
    @Test
    void whoTriesOnAScratchDatabaseIsNotToldToRunUp() {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = MigrationFolder.of(
                "V1__a.sql",
                "CREATE TABLE a ();",
                "V2__b.sql",
                "DROP TABLE missing;",
                "schema/a.sql",
                "CREATE TABLE a ();");
        for (String[] command : List.of(
                new String[] {"verify-undo"}, new String[] {"generate", "--check"}, new String[] {"generate", "x"})) {
            Run run = folder.run(db, command).expect(25, "correct line 1 of V2__b.sql, then run it again.");
            assertFalse(run.err().contains("up again"), run.err());
        }
        folder.write("V2__b.sql", "VACUUM a; DROP TABLE missing;");
        folder.run(db, "verify-undo").expect(25, "so nothing was changed", "then run it again.");
        folder.write("V2__b.sql", "CREATE TABLE b ();");
        folder.write("U2__b.sql", "DROP TABLE missing;");
        folder.run(db, "verify-undo").expect(25, "correct line 1 of U2__b.sql, then run it again.");
    }
}
