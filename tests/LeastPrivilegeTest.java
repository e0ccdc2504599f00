import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.db.DatabaseUrl;
import avdaily.db.LocalServer;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A role that owns a schema, and nothing else, migrates it; what takes more is named as it is granted. */
class LeastPrivilegeTest extends ScriptTest {
    private final DatabaseUrl db = TestServer.newDatabase();
    private final DatabaseUrl administrator = TestServer.admin().withDatabase(db.database());
    private final String role = "limited_" + db.database();
    private final DatabaseUrl limited =
            new DatabaseUrl(db.hosts(), db.database(), role, TestServer.PASSWORD, db.parameters());

    LeastPrivilegeTest() {
        execute(
                administrator,
                "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
                "CREATE ROLE " + role + " LOGIN PASSWORD '" + TestServer.PASSWORD + "'",
                "CREATE SCHEMA app AUTHORIZATION " + role,
                "ALTER DATABASE " + db.database() + " SET search_path = app");
    }

    @AfterEach
    void dropRole() {
        execute(administrator, "DROP OWNED BY " + role, "DROP ROLE " + role);
    }

    /** What a refusal says has to be enough. */
    @Test
    void aRoleMigratesItsSchemaOnceItHasWhatIsNamed() {
        MigrationFolder folder = MigrationFolder.of(
                "V1__item.sql",
                "CREATE TABLE item (id int PRIMARY KEY); INSERT INTO item VALUES (1);",
                "V2__more.sql",
                "ALTER TABLE item ADD more text;",
                "U2__more.sql",
                "ALTER TABLE item DROP more;");
        folder.run(limited, "up", "--yes").expect(1, "avdaily_ops", "CREATE SCHEMA avdaily_ops AUTHORIZATION " + role);
        execute(administrator, "CREATE SCHEMA avdaily_ops");
        folder.run(limited, "up", "--yes").expect(1, "GRANT USAGE, CREATE ON SCHEMA avdaily_ops TO " + role);
        execute(administrator, "GRANT USAGE, CREATE ON SCHEMA avdaily_ops TO " + role);
        folder.run(limited, "up", "--yes")
                .expect(1, "flyway_schema_history", "GRANT USAGE, CREATE ON SCHEMA public TO " + role);
        execute(administrator, "GRANT USAGE, CREATE ON SCHEMA public TO " + role);
        folder.run(limited, "up", "--yes", "--to", "1").expect(0);
        folder.run(limited, "lint", "--on-target").expect(0);
        folder.run(limited, "up", "--dry-run").expect(0);
        folder.run(limited, "up", "--yes").expect(0).notes("Backing up").says("Backup: ");
        folder.run(limited, "status", "--check").expect(0);
        folder.run(limited, "history").expect(0).says("applied");
        folder.run(limited, "validate").expect(0).says("is what its migrations say");
        folder.run(limited, "rollback", "--yes").expect(0);
        folder.run(limited, "repair", "--yes").expect(0);
        assertEquals(
                "1", value(limited, "SELECT count(*) FROM avdaily_ops.operation WHERE command = 'migrate rollback'"));
        assertEquals("0", value(limited, "SELECT count(*) FROM information_schema.columns WHERE column_name = 'more'"));
        execute(limited, "REVOKE SELECT ON avdaily_ops.operation FROM " + role);
        folder.run(limited, "status").expect(0).says("pending");
    }

    /** Flyway would connect a second time to read its own table. */
    @Test
    void oneSessionIsEnoughToLook() {
        MigrationFolder folder = MigrationFolder.of("V1__item.sql", "CREATE TABLE item (id int PRIMARY KEY);");
        folder.run(administrator, "up", "--yes").expect(0);
        execute(
                administrator,
                "GRANT USAGE ON SCHEMA avdaily_ops TO " + role,
                "GRANT SELECT ON ALL TABLES IN SCHEMA avdaily_ops TO " + role);
        String history = "GRANT %s ON TABLE \"public\".\"flyway_schema_history\" TO \"" + role + "\"";
        folder.run(limited, "status").expect(1, history.formatted("SELECT"));
        execute(administrator, history.formatted("SELECT"), "ALTER ROLE " + role + " CONNECTION LIMIT 1");
        folder.run(limited, "status").expect(0).says("applied");
        Await.noSession(db, "usename = '" + role + "'");
        folder.run(limited, "status", "--check").expect(0);
    }

    /** Each refusal of a statement names the privilege; with it the statement passes. */
    @Test
    void whatAFileNeedsBesidesIsNamed() {
        execute(
                administrator,
                "GRANT CREATE ON DATABASE " + db.database() + " TO " + role,
                "GRANT USAGE, CREATE ON SCHEMA public TO " + role,
                "CREATE SCHEMA other",
                "CREATE TABLE other.event (id int PRIMARY KEY, at date)",
                "CREATE SEQUENCE other.event_id",
                "CREATE TYPE other.kind AS ENUM ('one')",
                "CREATE FUNCTION other.twice(n int) RETURNS int LANGUAGE sql AS 'SELECT 2 * n'",
                "REVOKE ALL ON FUNCTION other.twice(int) FROM PUBLIC",
                "REVOKE ALL ON TYPE other.kind FROM PUBLIC");
        String[][] cases = {
            {"SELECT count(*) FROM other.event", "GRANT USAGE ON SCHEMA \"other\" TO \"" + role + "\""},
            {"SELECT count(*) FROM other.event", "GRANT SELECT ON TABLE other.\"event\" TO \"" + role + "\""},
            {"INSERT INTO other.event VALUES (1)", "GRANT INSERT ON TABLE other.\"event\" TO \"" + role + "\""},
            {"UPDATE other.event SET at = now()", "GRANT SELECT, UPDATE ON TABLE other.\"event\" TO \"" + role + "\""},
            {"DELETE FROM other.event", "GRANT SELECT, DELETE ON TABLE other.\"event\" TO \"" + role + "\""},
            {"TRUNCATE other.event", "GRANT TRUNCATE ON TABLE other.\"event\" TO \"" + role + "\""},
            {
                "CREATE TABLE note (id int REFERENCES other.event)",
                "GRANT REFERENCES ON TABLE other.\"event\" TO \"" + role + "\""
            },
            {
                "SELECT nextval('other.event_id')",
                "GRANT USAGE, SELECT ON SEQUENCE other.\"event_id\" TO \"" + role + "\""
            },
            {"CREATE TABLE kinds (kind other.kind)", "GRANT USAGE ON TYPE other.kind TO \"" + role + "\""},
            {"CREATE TABLE other.mine (id int)", "GRANT USAGE, CREATE ON SCHEMA \"other\" TO \"" + role + "\""},
        };
        MigrationFolder folder = MigrationFolder.of("V1__item.sql", "CREATE TABLE item (id int PRIMARY KEY);");
        folder.run(limited, "up", "--yes").expect(1, "GRANT pg_read_all_data TO");
        folder.run(limited, "up", "--yes", "--no-backup").expect(0);
        int version = 1;
        for (String[] each : cases) {
            String file = "V" + ++version + "__needs.sql";
            folder.write(file, each[0] + ";");
            String words = folder.run(limited, "up", "--yes", "--no-backup")
                    .expect(25, each[1])
                    .err();
            assertTrue(words.contains(file + " line 1"), words);
            execute(administrator, each[1]);
            boolean needsMore = each[0].startsWith("SELECT count") && each[1].contains("SCHEMA");
            if (needsMore) version--;
            if (needsMore) continue;
            folder.run(limited, "up", "--yes", "--no-backup").expect(0);
        }
        folder.write("V90__owner.sql", "ALTER TABLE other.event ADD more text;");
        folder.run(limited, "up", "--yes", "--no-backup")
                .expect(25, "ALTER TABLE other.\"event\" OWNER TO \"" + role)
                .notes("let the owner");
        String owner = role + "_owner";
        execute(administrator, "CREATE ROLE " + owner, "GRANT " + owner + " TO " + role);
        for (String taken : List.of(
                "SET LOCAL ROLE " + owner, "SELECT pg_catalog.set_config('role', '" + owner + "', true)")) {
            folder.write("V90__owner.sql", taken + "; SELECT FROM other.event;");
            folder.run(limited, "up", "--yes", "--no-backup")
                    .expect(25, "GRANT USAGE ON SCHEMA \"other\" TO \"" + owner + "\"");
        }
        givenSessionsAreJudgedAs(owner);
        execute(administrator, "DROP ROLE " + owner);
        folder.write("V90__owner.sql", "CREATE ROLE somebody;");
        folder.run(limited, "up", "--yes", "--no-backup").expect(25, "ALTER ROLE \"" + role + "\" CREATEROLE");
        folder.write("V90__owner.sql", "CREATE EXTENSION pg_stat_statements;");
        folder.run(limited, "up", "--yes", "--no-backup")
                .expect(25, "have a superuser run CREATE EXTENSION \"pg_stat_statements\"");
    }

    /** Only a superuser gives his session away. */
    private void givenSessionsAreJudgedAs(String owner) {
        DatabaseUrl own =
                TestServer.admin().withDatabase(TestServer.newDatabase().database());
        String given = "CREATE SCHEMA other; SET SESSION AUTHORIZATION " + owner + "; ";
        MigrationFolder folder =
                MigrationFolder.of("V1__given.sql", given + "SET ROLE NONE; CREATE TABLE other.event (id int);");
        folder.run(own, "up", "--yes").expect(25, "GRANT USAGE, CREATE ON SCHEMA \"other\" TO \"" + owner + "\"");
        folder.write("V1__given.sql", given + "SET ROLE " + role + ";");
        folder.run(own, "up", "--yes").expect(25, "GRANT \"" + role + "\" TO \"" + owner + "\"");
    }

    /** A database with nothing but what a platform put into it is empty. */
    @Test
    void extensionsAreNoTables() {
        execute(
                administrator,
                "CREATE EXTENSION pgcrypto SCHEMA public",
                "CREATE EXTENSION pg_stat_statements SCHEMA public");
        execute(
                administrator,
                "GRANT CREATE ON DATABASE " + db.database() + " TO " + role,
                "GRANT USAGE, CREATE ON SCHEMA public TO " + role);
        MigrationFolder folder = MigrationFolder.of("V1__item.sql", "CREATE TABLE item (id int PRIMARY KEY);");
        folder.run(limited, "up", "--yes").expect(0);
        folder.run(limited, "status", "--check").expect(0);
    }

    /** Its two scratch databases have roles of their own. */
    @Test
    void aRoleThatMayMakeNoDatabaseGenerates() {
        execute(
                administrator,
                "CREATE SCHEMA avdaily_ops AUTHORIZATION " + role,
                "GRANT USAGE, CREATE ON SCHEMA public TO " + role);
        MigrationFolder folder = MigrationFolder.of(
                "V1__a.sql",
                "CREATE TABLE app.a (id int PRIMARY KEY); CREATE TABLE app.b (a int); CREATE TABLE app.c (a int);",
                "schema/all.sql",
                """
                CREATE TABLE app.c (a int); ALTER TABLE app.c ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
                CREATE TABLE app.a (id int PRIMARY KEY, "INDEX" text);
                CREATE TABLE app.b (a int NOT NULL REFERENCES app.a DEFERRABLE INITIALLY DEFERRED);
                """);
        folder.run(limited, "up", "--yes").expect(0);
        execute(limited, "INSERT INTO app.a VALUES (1)", "INSERT INTO app.b VALUES (1)");
        String home = TestServer.temporary("home").toString();
        try {
            Run generated = folder.command(limited, "generate", "key")
                    .with("AVDAILY_HOME", home)
                    .run()
                    .expect(0)
                    .says("policies hide the rows of app.c");
            String made = "made and proven on PostgreSQL " + LocalServer.VERSION.replaceFirst("\\..*", "");
            boolean isOther = !made.endsWith(" " + majorVersion(db));
            assertEquals(isOther, generated.out().contains(made + ", and your server has " + majorVersion(db)));
        } finally {
            command("db", "stop").with("AVDAILY_HOME", home).run().expect(0);
        }
        folder.run(limited, "up", "--yes", "--no-backup").expect(0);
        folder.run(limited, "validate").expect(0);
        folder.run(limited, "rollback", "--to", "1", "--yes").expect(0);
        assertEquals("1 1", value(limited, "SELECT id || ' ' || b.a FROM app.a, app.b"));
    }
}
