import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.db.Database;
import avdaily.db.DatabaseUrl;
import avdaily.db.Environment;
import avdaily.db.Lock;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.sql.Connection;
import org.junit.jupiter.api.Test;

class DeployTest extends ScriptTest {
    @Test
    void oneCommandMakesAWorkingDatabaseAndASecondOneChangesNothing() {
        DatabaseUrl db = TestServer.newDatabase();
        JsonNode first = run(db, "deploy", "development", "--seed", "--yes", "--json")
                .expect(0)
                .json();
        assertTrue(first.get("changed").asBoolean());
        assertEquals(9, first.get("migrations").size());
        String before = rows(db);
        assertFalse(run(db, "deploy", "development", "--seed", "--yes", "--json")
                .expect(0)
                .json()
                .get("changed")
                .asBoolean());
        run(db, "deploy", "development", "--yes").expect(0).says("Nothing changed");
        assertEquals(before, rows(db));
        assertEquals("development", value(db, "SELECT name FROM avdaily_ops.environment"));
    }

    @Test
    void itBacksUpWhatItIsAboutToChange() {
        DatabaseUrl db = TestServer.newDatabase();
        Path backups = TestServer.temporary("backups");
        command(db, "deploy", "staging", "--yes")
                .with("BACKUP_DIR", backups.toString())
                .run()
                .expect(0);
        assertEquals(0, backups.toFile().list().length, "there was nothing to back up");
        command(db, "deploy", "staging", "--seed", "--yes")
                .with("BACKUP_DIR", backups.toString())
                .run()
                .expect(0)
                .says("Backup: " + backups);
        command(db, "deploy", "staging", "--yes")
                .with("BACKUP_DIR", backups.toString())
                .run()
                .expect(0)
                .says("Nothing changed");
        assertEquals(3, backups.toFile().list().length, "one backup: file, metadata and checksum");
    }

    @Test
    void aDryRunChangesNothing() {
        DatabaseUrl db = TestServer.newDatabase();
        run(db, "deploy", "staging", "--seed", "--dry-run").expect(0).says("V9 bank accounts", "nothing was changed");
        assertEquals("", schema(db));
        assertEquals("null", value(db, "SELECT to_regnamespace('avdaily_ops')"));
    }

    @Test
    void aSeedThatFailsTakesTheMigrationsBack() {
        DatabaseUrl db = TestServer.newDatabase();
        run(db, "migrate", "up", "--to", "6", "--yes").expect(0);
        String before = schema(db);
        Path seeds = TestServer.temporary("seeds");
        write(seeds.resolve("avdaily.yaml"), "name: avdaily\n");
        write(seeds.resolve("new/base/roles.yaml"), "- {name: admin, display_name: Administrator, colour: red}\n");
        command(db, "deploy", "development", "--seed", "--yes", "--seeds", "new")
                .in(seeds)
                .run()
                .expect(
                        2,
                        "colour",
                        "was taken back with undo scripts (V9 bank accounts",
                        "old and whole, at version 6");
        assertEquals(before, schema(db));
        assertEquals("failed", value(db, "SELECT outcome FROM avdaily_ops.operation WHERE command = 'deploy'"));
        run(db, "deploy", "development", "--seed", "--yes").expect(0);
    }

    @Test
    void aMigrationThatFailsTakesTheEarlierOnesBack() {
        DatabaseUrl db = TestServer.newDatabase();
        Path migrations = TestServer.temporary("migrations");
        write(migrations.resolve("V1__a.sql"), "CREATE TABLE a (id int); INSERT INTO a VALUES (1), (1);");
        write(migrations.resolve("U1__a.sql"), "DROP TABLE a;");
        write(migrations.resolve("V2__u.sql"), "CREATE UNIQUE INDEX CONCURRENTLY u ON a (id);");
        command(db, "deploy", "development", "--yes", "--migrations", migrations.toString())
                .run()
                .expect(25, "V2__u.sql");
        assertEquals("null", value(db, "SELECT to_regclass('a')"));
    }

    @Test
    void whatCannotBeValidatedIsAFindingAndStays() {
        DatabaseUrl db = TestServer.newDatabase();
        Path folder = TestServer.temporary("rules");
        write(folder.resolve("migrations/V1__a.sql"), "CREATE TABLE a (id int PRIMARY KEY);");
        write(
                folder.resolve("rules.yaml"),
                """
                rules:
                - {id: OWN-1, category: business, severity: critical, quick: true, means: Sums are right.,
                   query: SELECT 1 / 0 AS id, cure: none}
                """);
        command(
                        db,
                        "deploy",
                        "development",
                        "--yes",
                        "--migrations",
                        folder.resolve("migrations").toString())
                .with("AVDAILY_RULES", folder.resolve("rules.yaml").toString())
                .run()
                .expect(22)
                .says("OWN-1 could not be checked", "division by zero");
        assertEquals("a", value(db, "SELECT to_regclass('a')"));
    }

    @Test
    void itAnswersForWhatItBringsOnly() {
        DatabaseUrl db = TestServer.newDatabase();
        Path migrations = TestServer.temporary("migrations");
        write(migrations.resolve("V1__a.sql"), "CREATE TABLE a (id int PRIMARY KEY, parent int);");
        command(db, "deploy", "development", "--yes", "--migrations", migrations.toString())
                .run()
                .expect(0);
        execute(
                db,
                "INSERT INTO a VALUES (1, 7)",
                "ALTER TABLE a ADD CONSTRAINT a_parent FOREIGN KEY (parent) REFERENCES a NOT VALID");
        write(migrations.resolve("V2__b.sql"), "CREATE TABLE b (id int PRIMARY KEY);");
        command(db, "deploy", "development", "--yes", "--migrations", migrations.toString())
                .run()
                .expect(0)
                .says("WARNING found already: ", "a_parent");
        assertEquals("b", value(db, "SELECT to_regclass('b')"));
        write(
                migrations.resolve("V3__c.sql"),
                """
                INSERT INTO b VALUES (1);
                CREATE TABLE c (b int);
                INSERT INTO c VALUES (2);
                ALTER TABLE c ADD CONSTRAINT c_b FOREIGN KEY (b) REFERENCES b NOT VALID;""");
        command(db, "deploy", "development", "--yes", "--migrations", migrations.toString())
                .run()
                .expect(22, "was not there before", "c_b", "old and whole, at version 2");
        assertEquals("null", value(db, "SELECT to_regclass('c')"));
    }

    @Test
    void whoMayNotDeployDoesNotHoldDeploymentsUp() throws Exception {
        DatabaseUrl db = TestServer.newDatabase();
        String role = "holder_" + db.database();
        execute(TestServer.admin(), "CREATE ROLE " + role + " LOGIN PASSWORD 'weak'");
        DatabaseUrl holder = new DatabaseUrl(db.hosts(), db.database(), role, "weak", db.parameters());
        try (Connection c = TestServer.connect(holder)) {
            Database.one(
                    c, "SELECT pg_advisory_lock(?) IS NULL", Boolean.class, 0x61764461696c7900L ^ "deploy".hashCode());
            run(db, "deploy", "development", "--yes").expect(23, role); // who may not end it names it
            DatabaseUrl admin = TestServer.admin().withDatabase(db.database());
            Run run = run(admin, "deploy", "development", "--yes").expect(0);
            assertTrue(run.err().contains("Ended the session of " + role), run.err());
        }
        execute(TestServer.admin(), "DROP ROLE " + role);
    }

    @Test
    void productionRunsUnattendedOnlyThroughTheGate() {
        DatabaseUrl db = TestServer.newDatabase();
        run(db, "deploy", "production").expect(21, "DB_DEPLOY_ALLOW_PRODUCTION=1 avdaily-deploy production --yes");
        run(db, "deploy", "production", "--yes").expect(21, "DB_DEPLOY_ALLOW_PRODUCTION");
        assertEquals("", schema(db));
        command(db, "deploy", "production", "--yes")
                .with("DB_DEPLOY_ALLOW_PRODUCTION", "1")
                .run()
                .expect(0);
        run(db, "deploy", "production").expect(0).says("Nothing changed");
    }

    @Test
    void driftIsAFinding() {
        DatabaseUrl db = migrated();
        execute(db, "DROP INDEX wallets_user_idx");
        run(db, "deploy", "development").expect(22, "1 finding").says("missing INDEX public.wallets_user_idx");
    }

    @Test
    @SuppressWarnings("try") // it is held, no more
    void aSecondDeploymentIsRefused() throws Exception {
        DatabaseUrl db = TestServer.newDatabase();
        try (Database here = Database.at(db, Environment.DEVELOPMENT, TestServer.INVOCATION);
                Lock lock = Lock.take(here, "deploy")) {
            run(db, "deploy", "development", "--yes").expect(23, "deploy", "pid");
        }
        assertEquals("", schema(db));
        run(db, "deploy", "development", "--yes").expect(0);
    }

    @Test
    @SuppressWarnings("try") // it is held, no more
    void aRoleThatMayNotCreateIsToldSo() throws Exception {
        DatabaseUrl db = TestServer.newDatabase();
        String role = "weak_" + db.database();
        execute(TestServer.admin(), "CREATE ROLE " + role + " LOGIN PASSWORD 'weak'");
        try (Connection c = TestServer.connect(db)) {
            run(
                            new DatabaseUrl(db.hosts(), db.database(), role, "weak", db.parameters()),
                            "deploy",
                            "development",
                            "--yes")
                    .expect(21, role, "owns");
        } finally {
            execute(TestServer.admin(), "DROP ROLE " + role);
        }
    }
}
