import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import avdaily.db.DatabaseUrl;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Scratch databases are like the database for which something is tried. */
class ScratchTest extends ScriptTest {
    private static final String TEMPLATE = "AVDAILY_SCRATCH_TEMPLATE";

    /** A database that a platform made: of its own locale, with extensions and a path. */
    private static DatabaseUrl ofPlatform() {
        DatabaseUrl db = TestServer.newDatabase();
        int version = majorVersion(db);
        execute(
                TestServer.admin(),
                "DROP DATABASE " + db.database(),
                "CREATE DATABASE " + db.database() + " TEMPLATE template0 OWNER " + TestServer.ROLE
                        + " ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'"
                        + (version >= 15 ? " LOCALE_PROVIDER libc" : ""),
                "ALTER DATABASE " + db.database() + " SET search_path = app, public, extensions",
                "ALTER DATABASE " + db.database() + " SET app.tenant = 'it''s'");
        execute(
                TestServer.admin().withDatabase(db.database()),
                "CREATE SCHEMA extensions",
                "CREATE EXTENSION citext SCHEMA extensions",
                "GRANT USAGE ON SCHEMA extensions TO PUBLIC");
        return db;
    }

    @Test
    void whatThePlatformGaveTheDatabaseIsThereInATrial() {
        DatabaseUrl db = ofPlatform();
        MigrationFolder folder = MigrationFolder.of(
                "V1__person.sql",
                """
                CREATE TABLE person (email citext);
                RESET ALL;
                INSERT INTO person VALUES (current_setting('app.tenant'));
                DO $$ BEGIN
                  IF (SELECT datcollate <> 'C' OR pg_encoding_to_char(encoding) <> 'LATIN1' FROM pg_database
                      WHERE datname = current_database()) THEN RAISE 'another locale'; END IF;
                END $$;""",
                "U1__person.sql",
                "DROP TABLE person;",
                "schema/person.sql",
                "CREATE TABLE person (email citext);");
        folder.run(db, "lint").expect(0);
        folder.run(db, "verify-undo").expect(0);
        folder.run(db, "up", "--yes", "--no-backup").expect(0);
        folder.run(db, "validate", "--rebuild").expect(0).says("is what its migrations say");
        folder.run(db, "generate", "--check").expect(0);
    }

    /** A schema that somebody made for the migrations. */
    @Test
    void schemasThatNoMigrationMakesAreThereInATrial() {
        DatabaseUrl db = TestServer.newDatabase();
        execute(
                TestServer.admin().withDatabase(db.database()),
                "CREATE SCHEMA \"Sales\" AUTHORIZATION " + TestServer.ROLE,
                "CREATE SCHEMA app AUTHORIZATION " + TestServer.ROLE,
                "GRANT USAGE ON SCHEMA app TO pg_monitor");
        MigrationFolder folder = MigrationFolder.of(
                "V1__order.sql",
                """
                CREATE TABLE "Sales".item (id int);
                CREATE TABLE app.line (id int);
                CREATE SCHEMA renamed_later;
                ALTER SCHEMA renamed_later RENAME TO renamed;""",
                "U1__order.sql",
                "DROP TABLE \"Sales\".item, app.line; DROP SCHEMA renamed;");
        folder.run(db, "up", "--yes", "--no-backup").expect(0);
        folder.run(db, "validate", "--rebuild").expect(0).says("is what its migrations say");
        folder.run(db, "lint").expect(0);
        folder.run(db, "verify-undo").expect(0);
    }

    /** What the migrations make is not there before them. */
    @Test
    void whatTheMigrationsMakeTheyMakeInATrialToo() {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = MigrationFolder.of(
                "V1__types.sql",
                "CREATE SCHEMA kinds; CREATE EXTENSION citext SCHEMA kinds; CREATE EXTENSION IF NOT EXISTS hstore;",
                "V2__person.sql",
                "CREATE TABLE person (email kinds.citext, more hstore);");
        folder.run(db, "up", "--yes", "--no-backup").expect(0);
        folder.run(db, "lint", "--from", "1").expect(0);
        folder.run(db, "validate", "--rebuild").expect(0).says("is what its migrations say");
    }

    /** What only a superuser may install can come from a template. */
    @Test
    void whatCannotBeHadIsNamedWithAWayThatWorks() {
        DatabaseUrl db = TestServer.newDatabase();
        execute(TestServer.admin().withDatabase(db.database()), "CREATE EXTENSION pg_stat_statements");
        MigrationFolder folder = MigrationFolder.of("V1__a.sql", "CREATE TABLE a (id int);");
        assertFalse(folder.run(db, "lint").expect(0).err().contains("pg_stat_statements"), "nothing needs it");
        folder.write("V2__slow.sql", "CREATE VIEW slow AS SELECT query FROM pg_stat_statements;");
        folder.run(db, "lint")
                .expect(
                        25,
                        "goes without the extension pg_stat_statements",
                        TEMPLATE + "=avdaily_template",
                        "V2__slow");
        String template = "template_of_" + db.database();
        execute(TestServer.admin(), "CREATE DATABASE " + template + " TEMPLATE template0 IS_TEMPLATE true");
        execute(TestServer.admin().withDatabase(template), "CREATE EXTENSION pg_stat_statements");
        try {
            folder.command(db, "lint").with(TEMPLATE, template).run().expect(0);
            folder.command(db, "lint").with(TEMPLATE, "no such one").run().expect(1, TEMPLATE, "no such one");
        } finally {
            execute(
                    TestServer.admin(),
                    "ALTER DATABASE " + template + " IS_TEMPLATE false",
                    "DROP DATABASE " + template);
        }
    }

    /** A trial on the local server has the roles by their names, and leaves none. */
    @Test
    void rolesOfAnotherServerHaveTheirNamesOnTheLocalOne() {
        if (!TestServer.describe().startsWith("embedded")) return;
        DatabaseUrl db = TestServer.newDatabase();
        String role = "plain_" + db.database();
        String reader = "Reader of " + db.database();
        execute(
                TestServer.admin().withDatabase(db.database()),
                "CREATE ROLE " + role + " LOGIN PASSWORD 'weak'",
                "CREATE ROLE \"" + reader + "\"",
                "GRANT ALL ON SCHEMA public TO " + role);
        DatabaseUrl plain = new DatabaseUrl(db.hosts(), db.database(), role, "weak", db.parameters());
        String home = TestServer.temporary("home").toString();
        MigrationFolder folder = MigrationFolder.of(
                "V1__a.sql",
                "CREATE TABLE a (id int); ALTER TABLE a OWNER TO " + role + "; GRANT SELECT ON a TO \"" + reader
                        + "\";");
        try {
            for (String word : List.of("lint", "verify-undo"))
                folder.command(plain, word).with("AVDAILY_HOME", home).run().expect(word.equals("lint") ? 0 : 22);
            DatabaseUrl local = DatabaseUrl.parse(
                    command("db", "url", "--show-password")
                            .with("AVDAILY_HOME", home)
                            .run()
                            .expect(0)
                            .out()
                            .strip(),
                    TestServer.SETTINGS);
            String left = "SELECT count(*) FROM pg_roles WHERE rolname ~ '^(plain|Reader|avdaily_limited)'";
            assertEquals("0", value(local, left));
        } finally {
            command("db", "stop").with("AVDAILY_HOME", home).run().expect(0);
            execute(
                    TestServer.admin().withDatabase(db.database()),
                    "DROP OWNED BY " + role,
                    "DROP ROLE " + role,
                    "DROP ROLE \"" + reader + "\"");
        }
    }

    /** As up runs them: each file finds the session as it is at its beginning, after the files that run before all. */
    @Test
    void lintTakesFilesAsUpDoes() {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = MigrationFolder.of(
                "beforeMigrate.sql",
                "CREATE SCHEMA IF NOT EXISTS helpers;",
                "V1__baseline.sql",
                """
                SELECT pg_catalog.set_config('search_path', '', false);
                SET row_security = off;
                CREATE TABLE public.account (id int PRIMARY KEY);
                CREATE TABLE helpers.entry (
                  account_id int REFERENCES public.account DEFERRABLE INITIALLY DEFERRED);""",
                "V2__more.sql",
                """
                ALTER TABLE account ADD more text;
                INSERT INTO helpers.entry VALUES (1); INSERT INTO account VALUES (1);""",
                "V3__last.sql",
                "ALTER TABLE account ADD COLUMN last text; ALTER TABLE helpers.entry ADD COLUMN last text;");
        folder.run(db, "lint").expect(0);
        folder.run(db, "lint", "--from", "1").expect(0);
        folder.run(db, "lint", folder.resolve("V3__last.sql").toString()).expect(0);
        folder.run(db, "up", "--yes", "--no-backup", "--to", "1").expect(0);
        folder.run(db, "lint", "--on-target").expect(0);
        folder.run(db, "up", "--yes", "--no-backup").expect(0);
    }
}
