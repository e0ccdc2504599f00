import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.db.DatabaseUrl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Nothing is emptied, restored or dropped on the word of a row that others may have written. */
class RecoveryTest extends ScriptTest {
    private final Path folder = TestServer.temporary("recovery");
    private final DatabaseUrl db = TestServer.newDatabase();

    RecoveryTest() {
        write(folder.resolve("migrations/V1__a.sql"), "CREATE TABLE a (id int PRIMARY KEY);");
        write(folder.resolve("migrations/U1__a.sql"), "DROP TABLE a;");
        deploy().expect(0);
        execute(db, "INSERT INTO a SELECT generate_series(1, 5000)");
        write(folder.resolve("migrations/V2__b.sql"), "ALTER TABLE a ADD b int;");
        write(folder.resolve("migrations/U2__b.sql"), "ALTER TABLE a DROP b;");
    }

    private Command avdaily(String... words) {
        return command(db, "deploy", words).in(folder).with("AVDAILY_MIGRATIONS", "migrations");
    }

    private Command production(String... more) {
        return avdaily("production", "--yes").and(more).with("DB_DEPLOY_ALLOW_PRODUCTION", "1");
    }

    private Run deploy() {
        return production().run();
    }

    private void allRowsAreThere() {
        assertEquals("5000", value(db, "SELECT count(*) FROM a"));
    }

    private List<Path> backups() {
        try (Stream<Path> files = Files.list(folder.resolve("backups"))) {
            return files.filter(file -> file.toString().endsWith(".gz")).toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    /** What a role that only reads writes into the log, as it may. */
    private void log(String outcome, String details) {
        String role = "reader_" + db.database();
        execute(
                TestServer.admin().withDatabase(db.database()),
                "CREATE ROLE " + role,
                "GRANT USAGE ON SCHEMA avdaily_ops TO " + role,
                "GRANT SELECT, INSERT, UPDATE ON avdaily_ops.operation TO " + role,
                "SET ROLE " + role,
                "INSERT INTO avdaily_ops.operation (command, environment, who, host, outcome, details) VALUES "
                        + "('deploy', 'production', 'ci', 'runner', '" + outcome + "', '" + details + "')",
                "RESET ROLE",
                "DROP OWNED BY " + role,
                "DROP ROLE " + role);
    }

    @Test
    void aDeploymentInTheLogAloneIsNotTakenBack() {
        log(
                "started",
                """
                {"step": "migrate", "before": {"version": "1", "fingerprint": "x", "indexes": [], "empty": true},
                 "pending": ["V2 b"], "rowsChanged": true, "backup": "/etc/passwd"}""");
        deploy().expect(0).says("WARNING log: the deployment of", "is left alone");
        allRowsAreThere();
        assertEquals("2", value(db, "SELECT max(version) FROM flyway_schema_history"));
        assertEquals(1, backups().size());
    }

    @Test
    void aDeploymentInTheLogAloneIsNotRolledBack() {
        deploy().expect(0);
        log("done", "{\"before\": {\"version\": null, \"empty\": true}, \"backup\": \"/etc/passwd\"}");
        execute(db, "UPDATE avdaily_ops.operation SET started_at = now() WHERE command = 'deploy'");
        avdaily("rollback", "--yes")
                .with("DB_DEPLOY_ALLOW_PRODUCTION", "1")
                .run()
                .expect(0)
                .says("undo      V2 b");
        allRowsAreThere();
        assertEquals("1", value(db, "SELECT max(version) FROM flyway_schema_history"));
        assertEquals(2, backups().size());
    }

    /** Makes the newest deployment look killed before it had applied V3. */
    private void interrupted(String more) {
        write(folder.resolve("migrations/V3__c.sql"), "CREATE TABLE c (id int);");
        execute(
                db,
                """
                UPDATE avdaily_ops.deployment
                SET state = 'running', details = details || '{"step": "migrate", "pending": ["V2 b", "V3 c"]}' %s
                WHERE operation = (SELECT max(operation) FROM avdaily_ops.deployment)"""
                        .formatted(more));
    }

    @Test
    void inProductionAKilledDeploymentIsTakenBackWithItsOwnVariableAfterABackup() {
        deploy().expect(0);
        Path backup = backups().get(0);
        interrupted("");
        deploy().expect(21, "DB_RECOVERY_ALLOW_PRODUCTION=1", "interrupted in step 'migrate'", backup.toString());
        avdaily("plan", "production", "-o", "plan.json").run().expect(0).says("take back", backup.toString());
        avdaily("approve", "plan.json").with("GITHUB_ACTOR", "bola").run().expect(0);
        avdaily("production", "--plan", "plan.json", "--yes").run().expect(21, "DB_RECOVERY_ALLOW_PRODUCTION=1");
        assertEquals(1, backups().size());
        avdaily("production", "--plan", "plan.json", "--yes")
                .with("DB_RECOVERY_ALLOW_PRODUCTION", "1")
                .run()
                .expect(0)
                .says("was taken back with undo scripts (V2 b)");
        assertEquals(3, backups().size(), "one before it is taken back, one before the deployment");
        allRowsAreThere();
        assertEquals("3", value(db, "SELECT max(version) FROM flyway_schema_history"));
    }

    @Test
    void aDatabaseThatWasNotEmptyIsNotEmptied() {
        deploy().expect(0);
        interrupted("|| jsonb_build_object('before', details->'before' || '{\"empty\": true}')");
        production()
                .with("DB_RECOVERY_ALLOW_PRODUCTION", "1")
                .run()
                .expect(21, "had not to apply V1 a", "nothing was dropped");
        interrupted("|| jsonb_build_object('pending', '[\"V1 a\", \"V2 b\", \"V3 c\"]'::jsonb)");
        production()
                .with("DB_RECOVERY_ALLOW_PRODUCTION", "1")
                .run()
                .expect(21, "public.a is older than the deployment", "nothing was dropped");
        allRowsAreThere();
        for (String nonsense : List.of(
                "'{\"before\": null}'",
                "'{\"step\": \"lunch\"}'",
                "'{\"backup\": 5}'",
                "'{\"nextTransaction\": \"x\"}'")) {
            interrupted("|| " + nonsense);
            deploy().expect(21, "is not one that a deployment writes");
            execute(
                    db,
                    "UPDATE avdaily_ops.deployment d SET details = o.details FROM avdaily_ops.operation o"
                            + " WHERE o.id = d.operation");
        }
        allRowsAreThere();
    }

    @Test
    void onlyTheBackupThatWasMadeThenIsRestored() throws IOException {
        assertTrue(folder.resolve("migrations/U2__b.sql").toFile().delete());
        deploy().expect(0);
        Path made = backups().get(0);
        Path elsewhere = TestServer.temporary("elsewhere").resolve(made.getFileName());
        for (String end : List.of("", ".json", ".sha256")) Files.copy(Path.of(made + end), Path.of(elsewhere + end));
        interrupted("|| jsonb_build_object('backup', '" + elsewhere + "')");
        production()
                .with("DB_RECOVERY_ALLOW_PRODUCTION", "1")
                .run()
                .expect(21, elsewhere.toString(), "does not lie in");
        Path another = made.resolveSibling("avdaily_backup_2020-01-01_00-00-00.sql.gz");
        for (String end : List.of("", ".json", ".sha256")) Files.copy(Path.of(made + end), Path.of(another + end));
        interrupted("|| jsonb_build_object('backup', '" + another + "', 'backupSha256', 'beef')");
        production().with("DB_RECOVERY_ALLOW_PRODUCTION", "1").run().expect(21, "is not the one that was made then");
        allRowsAreThere();
        interrupted("|| jsonb_build_object('backup', '" + made
                + "', 'backupSha256', (SELECT details->>'backupSha256' FROM avdaily_ops.operation"
                + " WHERE details ? 'backupSha256' LIMIT 1),"
                + " 'before', details->'before' || '{\"fingerprint\": \"f00d\"}')");
        production().with("DB_RECOVERY_ALLOW_PRODUCTION", "1").run().expect(21, "is of another schema than was there");
        execute(
                db,
                "UPDATE avdaily_ops.deployment d SET details = o.details FROM avdaily_ops.operation o"
                        + " WHERE o.id = d.operation");
        if ("root".equals(System.getProperty("user.name"))) {
            interrupted("");
            new Command(List.of("chown", "nobody", made.toString())).run().expect(0);
            production().with("DB_RECOVERY_ALLOW_PRODUCTION", "1").run().expect(21, "belongs to another user");
            new Command(List.of("chown", "root", made.toString())).run().expect(0);
        }
        allRowsAreThere();
        interrupted("|| jsonb_build_object('backup', '" + made
                + "', 'backupSha256', (SELECT details->>'backupSha256' FROM avdaily_ops.operation"
                + " WHERE details ? 'backupSha256' LIMIT 1))");
        production()
                .with("DB_RECOVERY_ALLOW_PRODUCTION", "1")
                .run()
                .expect(0)
                .says("was taken back by restoring " + made.getFileName());
        allRowsAreThere();
    }

    @Test
    void ifOthersMayWriteDownDeploymentsNoneIsBelieved() {
        String role = "writer_" + db.database();
        DatabaseUrl admin = TestServer.admin().withDatabase(db.database());
        execute(admin, "CREATE ROLE " + role);
        for (String grant : List.of("INSERT ON avdaily_ops.deployment", "UPDATE (details) ON avdaily_ops.deployment")) {
            execute(admin, "GRANT " + grant + " TO " + role);
            deploy().expect(21, "not to be believed", role + " may write to deployment", "REVOKE INSERT");
            execute(admin, "REVOKE " + grant + " FROM " + role);
        }
        execute(admin, "GRANT SELECT ON avdaily_ops.deployment TO " + role);
        execute(admin, "ALTER TABLE avdaily_ops.deployment OWNER TO " + role);
        deploy().expect(21, "not to be believed", "deployment belongs to " + role);
        execute(admin, "REASSIGN OWNED BY " + role + " TO " + db.user(), "DROP OWNED BY " + role, "DROP ROLE " + role);
        deploy().expect(0);
        allRowsAreThere();
    }
}
