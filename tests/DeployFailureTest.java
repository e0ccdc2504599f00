import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import avdaily.db.DatabaseUrl;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * A deployment that fails, or is killed, in each of its steps leaves the database old or new, whole, and says which.
 * The next one works without help.
 */
@Execution(ExecutionMode.CONCURRENT)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DeployFailureTest extends ScriptTest {
    private static final String FIRST = "V1__people.sql";
    private DatabaseUrl template;

    /** A project of two versions: people, and what is deployed to them, one statement of it outside a transaction. */
    private final class Project {
        final Path folder = TestServer.temporary("project");
        final Path backups = TestServer.temporary("backups");
        final DatabaseUrl db;
        final String old;

        Project() {
            write(
                    folder.resolve("migrations/" + FIRST),
                    """
                    CREATE TABLE people (id int PRIMARY KEY, name text);
                    INSERT INTO people VALUES (1, 'Ada'), (2, 'Ada');
                    CREATE TABLE places (id int PRIMARY KEY);""");
            write(folder.resolve("migrations/U1__people.sql"), "DROP TABLE places;\nDROP TABLE people;");
            synchronized (DeployFailureTest.this) {
                if (template == null) {
                    template = TestServer.newDatabase();
                    deploy(template).run().expect(0);
                }
            }
            db = TestServer.newDatabase(template.database());
            old = content(db);
            write(
                    folder.resolve("migrations/V2__loans.sql"),
                    """
                    CREATE TABLE loans (id int PRIMARY KEY, person_id int);
                    INSERT INTO loans VALUES (1, 1);""");
            write(folder.resolve("migrations/U2__loans.sql"), "DROP TABLE loans;");
            write(
                    folder.resolve("migrations/V3__index.sql"),
                    "CREATE INDEX CONCURRENTLY people_name ON people (name);");
            write(folder.resolve("migrations/U3__index.sql"), "DROP INDEX people_name;");
            write(
                    folder.resolve("migrations/V4__paid.sql"),
                    "ALTER TABLE loans ADD paid boolean NOT NULL DEFAULT false;");
            write(folder.resolve("migrations/U4__paid.sql"), "ALTER TABLE loans DROP paid;");
            write(folder.resolve("seeds/development/people.yaml"), "- {id: 3, name: Bola}\n");
            write(folder.resolve("seeds/development/places.yaml"), "- {id: 3}\n");
            write(
                    folder.resolve("smoke.yaml"),
                    "- {name: people are there, query: SELECT count(*) >= 2 FROM people}\n");
            write(folder.resolve("avdaily.yaml"), "defaults: {smoke: smoke.yaml, lint: off}\n");
        }

        private Command deploy(DatabaseUrl url, String... more) {
            List<String> words = new ArrayList<>(List.of(
                    "development",
                    "--yes",
                    "--migrations",
                    folder.resolve("migrations").toString(),
                    "--seeds",
                    folder.resolve("seeds").toString()));
            words.addAll(List.of(more));
            return command(url, "deploy", words.toArray(String[]::new)).with("BACKUP_DIR", backups.toString());
        }

        Command deploy() {
            return deploy(db, "--seed");
        }

        /** Must fail as named and leave everything as it was. */
        void failsWhole(int code, String... words) {
            deploy().run().expect(code, words).says();
            isOld();
        }

        void isOld() {
            assertEquals(old, content(db));
            command(
                            db,
                            "migrate",
                            "validate",
                            "--migrations",
                            folder.resolve("migrations").toString())
                    .run()
                    .expect(0);
            run(db, "integrity", "quick").expect(0);
        }

        /** Without help, with the files as they should have been. */
        Run worksNow() {
            Run run = deploy().run().expect(0);
            isNew();
            return run;
        }

        void isNew() {
            assertEquals("4", value(db, "SELECT max(version) FROM flyway_schema_history WHERE success"));
            assertEquals("0", value(db, "SELECT count(*) FROM flyway_schema_history WHERE NOT success"));
            assertEquals("1", value(db, "SELECT count(*) FROM people WHERE name = 'Bola'"));
            assertEquals("t", value(db, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'people_name'::regclass"));
            assertEquals(
                    "done",
                    value(
                            db,
                            """
                            SELECT outcome FROM avdaily_ops.operation
                            WHERE command = 'deploy' ORDER BY id DESC LIMIT 1"""));
            assertEquals("0", value(db, "SELECT count(*) FROM avdaily_ops.operation WHERE outcome = 'started'"));
            command(
                            db,
                            "migrate",
                            "validate",
                            "--migrations",
                            folder.resolve("migrations").toString())
                    .run()
                    .expect(0);
            run(db, "integrity", "quick").expect(0);
        }

        void file(String name, String text) {
            write(folder.resolve(name), text);
        }

        /** Kills the deployment once it has come to this step, and is at work there. */
        void killedIn(String step, String busy) throws Exception {
            Process process = deploy().start(folder.resolve("out.txt"), folder.resolve("err.txt"));
            await(process, step, busy);
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly().waitFor();
        }

        void await(Process process, String step, String busy) throws Exception {
            Await.until(() -> !process.isAlive() || isIn(step), "the step " + step);
            if (busy != null) Await.sessionOrEnd(process, db, "state = 'active' AND query ~* '" + busy + "'");
            if (!process.isAlive())
                fail("it ended before the step " + step + ":\n" + Files.readString(folder.resolve("out.txt"))
                        + Files.readString(folder.resolve("err.txt")));
        }

        private boolean isIn(String step) {
            return !values(
                            db,
                            """
                            SELECT id FROM avdaily_ops.operation
                            WHERE command = 'deploy' AND outcome = 'started' AND details ->> 'step' = '%s'"""
                                    .formatted(step))
                    .isEmpty();
        }
    }

    /** The schema and every row, whichever transaction wrote them. */
    private static String content(DatabaseUrl db) {
        return schema(db)
                + TableContent.of(db).without("flyway_schema_history")
                + values(db, "SELECT version || success FROM flyway_schema_history ORDER BY installed_rank");
    }

    // -- it fails

    @Test
    void inABeforeHook() {
        Project project = new Project();
        project.file("avdaily.yaml", "defaults: {hooks: {before: [touch began, exit 3], failed: touch back}}\n");
        project.failsWhole(1, "exit 3", "ended with 3", "nothing was changed", "old and whole");
        assertTrue(
                Files.exists(project.folder.resolve("began")) && Files.exists(project.folder.resolve("back")),
                "hooks run beside the configuration, and the last one after a failure");
        project.file("avdaily.yaml", "");
        project.worksNow();
    }

    @Test
    void inTheBackup() {
        Project project = new Project();
        project.file("no-folder", "");
        Path file = project.folder.resolve("no-folder");
        project.deploy().with("BACKUP_DIR", file.toString()).run();
        project.isOld();
        project.worksNow();
    }

    @Test
    @LongForm
    void inTheFirstMigration() {
        Project project = new Project();
        project.file("migrations/V2__loans.sql", "CREATE TABLE loans (id int);\nSELECT 1 / 0;");
        project.failsWhole(25, "V2__loans.sql line 2", "by the failed step itself", "old and whole", "at version 1");
        project.file("migrations/V2__loans.sql", "CREATE TABLE loans (id int PRIMARY KEY, person_id int);");
        project.worksNow();
    }

    @Test
    void inTheLastMigration() {
        Project project = new Project();
        project.file("migrations/V4__paid.sql", "ALTER TABLE nothing ADD paid boolean;");
        project.failsWhole(
                25, "V4__paid.sql", "with undo scripts (V3 index, V2 loans)", "old and whole", "at version 1");
        project.file("migrations/V4__paid.sql", "ALTER TABLE loans ADD paid boolean;");
        project.worksNow();
    }

    @Test
    void inAStatementOutsideATransaction() {
        Project project = new Project();
        project.file("migrations/V3__index.sql", "CREATE UNIQUE INDEX CONCURRENTLY people_name ON people (name);");
        project.failsWhole(25, "V3__index.sql", "old and whole", "at version 1");
        project.file("migrations/V3__index.sql", "CREATE INDEX CONCURRENTLY people_name ON people (name);");
        project.worksNow();
    }

    @Test
    void whereAnUndoScriptIsMissing() {
        Project project = new Project();
        assertTrue(project.folder.resolve("migrations/U2__loans.sql").toFile().delete());
        project.file("migrations/V4__paid.sql", "ALTER TABLE nothing ADD paid boolean;");
        project.failsWhole(25, "V4__paid.sql", "by restoring avdaily_backup_", "old and whole", "at version 1");
        String kept = value(
                TestServer.admin(),
                "SELECT datname FROM pg_database WHERE datname LIKE '" + project.db.database() + "_before_%'");
        assertTrue(!kept.equals("null"), "the database as it failed is kept");
        execute(TestServer.admin(), "DROP DATABASE " + kept);
        project.file("migrations/V4__paid.sql", "ALTER TABLE loans ADD paid boolean;");
        project.worksNow();
    }

    @Test
    void whereAMigrationDeletedRows() {
        Project project = new Project();
        project.file(
                "migrations/V2__loans.sql",
                """
                CREATE TABLE loans (id int PRIMARY KEY, person_id int);
                SELECT '--'; DELETE FROM people WHERE id = 2;""");
        project.file("migrations/V4__paid.sql", "ALTER TABLE nothing ADD paid boolean;");
        project.failsWhole(25, "V4__paid.sql", "by restoring avdaily_backup_", "old and whole");
    }

    @Test
    void inTheSeeding() {
        Project project = new Project();
        project.file("seeds/development/people.yaml", "- {id: 3, name: Bola, colour: red}\n");
        project.failsWhole(2, "colour", "old and whole", "at version 1");
        project.file("seeds/development/people.yaml", "- {id: 3, name: Bola}\n");
        project.worksNow();
    }

    @Test
    void inTheValidation() {
        Project project = new Project();
        project.file(
                "migrations/V2__loans.sql",
                """
                CREATE TABLE loans (id int PRIMARY KEY, person_id int);
                INSERT INTO loans VALUES (1, 77);
                ALTER TABLE loans ADD CONSTRAINT loans_person FOREIGN KEY (person_id) REFERENCES people NOT VALID;""");
        project.failsWhole(22, "loans", "was not there before", "by restoring", "old and whole");
        project.file("migrations/V2__loans.sql", "CREATE TABLE loans (id int PRIMARY KEY, person_id int);");
        project.worksNow();
    }

    @Test
    @LongForm
    void inASmokeQuery() {
        Project project = new Project();
        project.file("smoke.yaml", "- {name: loans are paid, query: SELECT bool_and(paid) FROM loans}\n");
        project.failsWhole(22, "smoke query 'loans are paid': f instead of true", "old and whole");
        String leaving = "SELECT true; COMMIT; BEGIN READ WRITE; DROP TABLE people; SELECT true";
        project.file("smoke.yaml", "- {name: nothing is wrong, query: \"" + leaving + "\"}\n");
        project.failsWhole(22, "smoke query 'nothing is wrong': it is not one query", "old and whole");
        project.file("smoke.yaml", "- {name: loans are there, query: SELECT count(*) FROM loans, expect: 1}\n");
        project.worksNow();
    }

    @Test
    @LongForm
    void inAnAfterHook() {
        Project project = new Project();
        project.file("avdaily.yaml", "defaults: {hooks: {after: exit 4}}\n");
        project.failsWhole(1, "exit 4", "old and whole");
        project.file("avdaily.yaml", "");
        project.worksNow();
    }

    // -- it is killed

    @Test
    @LongForm
    void killedInABeforeHook() throws Exception {
        Project project = new Project();
        project.file("avdaily.yaml", "defaults: {hooks: {before: 'touch began; sleep 30'}}\n");
        project.killedIn("hooks", null);
        project.isOld();
        project.file("avdaily.yaml", "");
        project.worksNow().says("interrupted in step 'hooks', had changed nothing", "is old and whole");
    }

    @Test
    void endedInABeforeHook() throws Exception {
        Project project = new Project();
        project.file("avdaily.yaml", "defaults: {hooks: {before: 'echo its pid; sleep 600 & echo $!; wait'}}\n");
        Path err = project.folder.resolve("err.txt");
        Process process = project.deploy().start(project.folder.resolve("out.txt"), err);
        Pattern pid = Pattern.compile("its pid\\s+(\\d+)\\s");
        Await.until(() -> pid.matcher(Files.readString(err)).find(), "the hook's words");
        Matcher found = pid.matcher(Files.readString(err));
        assertTrue(found.find());
        process.destroy();
        assertTrue(process.waitFor() > 128);
        ProcessHandle.of(Long.parseLong(found.group(1)))
                .ifPresent(left -> assertEquals(Optional.empty(), left.info().command()));
        project.isOld();
    }

    @Test
    void killedInTheBackup() throws Exception {
        Project project = new Project();
        project.file("avdaily.yaml", "defaults: {hooks: {before: 'while [ ! -e locked ]; do sleep 0.1; done'}}\n");
        Process process = project.deploy().start(project.folder.resolve("out.txt"), project.folder.resolve("err.txt"));
        project.await(process, "hooks", null);
        try (Connection c = TestServer.connect(project.db);
                Statement s = c.createStatement()) {
            c.setAutoCommit(false);
            s.execute("LOCK people IN ACCESS EXCLUSIVE MODE");
            project.file("locked", "");
            project.await(process, "backup", "^LOCK");
            process.destroyForcibly().waitFor();
        }
        project.isOld();
        assertEquals(
                0,
                project.backups.toFile().list((folder, name) -> name.endsWith(".gz")).length,
                "half a backup has no name");
        project.worksNow().says("interrupted in step 'backup', had changed nothing");
    }

    @Test
    @LongForm
    void killedInTheFirstMigration() throws Exception {
        Project project = new Project();
        project.file(
                "migrations/V2__loans.sql",
                """
                CREATE TABLE loans (id int PRIMARY KEY, person_id int);
                SELECT pg_sleep(60);""");
        project.killedIn("migrate", "pg_sleep");
        project.file("migrations/V2__loans.sql", "CREATE TABLE loans (id int PRIMARY KEY, person_id int);");
        project.worksNow().says("interrupted in step 'migrate'", "old and whole");
    }

    /** The schema is the old one, and yet not all is as it was. */
    @Test
    void killedAfterRowsThatNoTransactionHolds() throws Exception {
        Project project = new Project();
        project.file(
                "migrations/V2__loans.sql",
                "INSERT INTO places VALUES (1);\nSELECT pg_sleep(60);\n"
                        + "CREATE INDEX CONCURRENTLY places_id ON places (id);");
        project.killedIn("migrate", "pg_sleep");
        project.file(
                "migrations/V2__loans.sql",
                "CREATE TABLE loans (id int PRIMARY KEY, person_id int);\nINSERT INTO places VALUES (1);");
        project.worksNow().says("taken back by restoring avdaily_backup_", "old and whole, at version 1");
    }

    @Test
    @LongForm
    void killedOutsideATransaction() throws Exception {
        Project project = new Project();
        project.file(
                "migrations/V2__loans.sql",
                """
                CREATE TABLE loans (id int PRIMARY KEY, person_id int);
                CREATE FUNCTION slow(text) RETURNS text IMMUTABLE LANGUAGE plpgsql
                AS $$ BEGIN PERFORM pg_sleep(60); RETURN $1; END $$;""");
        project.file("migrations/U2__loans.sql", "DROP TABLE loans;\nDROP FUNCTION IF EXISTS slow;");
        project.file("migrations/V3__index.sql", "CREATE INDEX CONCURRENTLY people_name ON people (slow(name));");
        project.killedIn("migrate", "^CREATE INDEX CONCURRENTLY");
        project.file("migrations/V2__loans.sql", "CREATE TABLE loans (id int PRIMARY KEY, person_id int);");
        project.file("migrations/V3__index.sql", "CREATE INDEX CONCURRENTLY people_name ON people (name);");
        project.worksNow()
                .says(
                        "interrupted in step 'migrate'",
                        "taken back with undo scripts (V2 loans)",
                        "old and whole, at version 1");
    }

    @Test
    void killedInTheLastMigration() throws Exception {
        Project project = new Project();
        project.file("migrations/V4__paid.sql", "ALTER TABLE loans ADD paid boolean;\nSELECT pg_sleep(60);");
        project.killedIn("migrate", "pg_sleep");
        project.file("migrations/V4__paid.sql", "ALTER TABLE loans ADD paid boolean NOT NULL DEFAULT false;");
        project.worksNow()
                .says(
                        "interrupted in step 'migrate'",
                        "taken back with undo scripts (V3 index, V2 loans)",
                        "old and whole, at version 1");
    }

    @Test
    @LongForm
    void killedInTheSeeding() throws Exception {
        Project project = new Project();
        try (Connection c = TestServer.connect(project.db);
                Statement s = c.createStatement()) {
            c.setAutoCommit(false);
            s.execute("INSERT INTO places VALUES (3)"); // the seed's row waits for its key
            project.killedIn("seed", "places");
        }
        project.worksNow().says("interrupted in step 'seed', had applied all its migrations", "is new");
    }

    @Test
    @LongForm
    void killedInASmokeQuery() throws Exception {
        Project project = new Project();
        project.file("smoke.yaml", "- {name: slow, query: 'SELECT pg_sleep(60) IS NOT NULL'}\n");
        project.killedIn("validate", "pg_sleep");
        project.file("smoke.yaml", "- {name: quick, query: SELECT true}\n");
        project.worksNow().says("interrupted in step 'validate', had applied all its migrations", "is new");
    }

    @Test
    void killedInTheValidationAndThenFoundWanting() throws Exception {
        Project project = new Project();
        project.file("smoke.yaml", "- {name: slow, query: 'SELECT pg_sleep(60) IS NOT NULL'}\n");
        project.killedIn("validate", "pg_sleep");
        project.file("smoke.yaml", "- {name: wrong, query: SELECT false}\n");
        project.failsWhole(22, "'wrong'", "by restoring", "old and whole, at version 1");
    }

    @Test
    @LongForm
    void killedInAnAfterHook() throws Exception {
        Project project = new Project();
        project.file("avdaily.yaml", "defaults: {hooks: {after: sleep 30}}\n");
        project.killedIn("finish", null);
        project.file("avdaily.yaml", "");
        project.worksNow().says("interrupted in step 'finish', had applied all its migrations", "is new");
    }

    @Test
    void killedWhileItIsTakenBack() throws Exception {
        Project project = new Project();
        project.file("migrations/V4__paid.sql", "ALTER TABLE nothing ADD paid boolean;");
        project.file("migrations/U3__index.sql", "DROP INDEX people_name;\nSELECT pg_sleep(60);");
        project.killedIn("migrate", "SELECT pg_sleep");
        project.file("migrations/V4__paid.sql", "ALTER TABLE loans ADD paid boolean;");
        project.file("migrations/U3__index.sql", "DROP INDEX people_name;");
        project.worksNow()
                .says(
                        "interrupted in step 'migrate'",
                        "taken back with undo scripts (V3 index, V2 loans)",
                        "old and whole, at version 1");
    }

    @Test
    void anOldInterruptionIsNotRestoredUnasked() throws Exception {
        Project project = new Project();
        assertTrue(project.folder.resolve("migrations/U2__loans.sql").toFile().delete());
        project.file("migrations/V4__paid.sql", "ALTER TABLE loans ADD paid boolean;\nSELECT pg_sleep(60);");
        project.killedIn("migrate", "pg_sleep");
        execute(
                project.db,
                """
                UPDATE avdaily_ops.operation SET started_at = started_at - interval '2 hours'
                WHERE command = 'deploy'""",
                "INSERT INTO people VALUES (9, 'written since')");
        project.deploy().run().expect(21, "older than an hour", "DB_RESTORE_CONFIRM=1 avdaily-restore");
        assertEquals("1", value(project.db, "SELECT count(*) FROM people WHERE id = 9"));
    }

    @Test
    void theDatabaseGoesAwayAndComesBack() throws Exception {
        Project project = new Project();
        project.file("smoke.yaml", "- {name: slow, query: 'SELECT pg_sleep(60) IS NOT NULL'}\n");
        Path err = project.folder.resolve("err.txt");
        Process process = project.deploy().start(project.folder.resolve("out.txt"), err);
        project.await(process, "validate", "pg_sleep\\(60");
        execute(TestServer.admin(), "ALTER DATABASE " + project.db.database() + " ALLOW_CONNECTIONS false");
        execute(
                TestServer.admin(),
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '%s'"""
                        .formatted(project.db.database()));
        assertTrue(process.waitFor(120, TimeUnit.SECONDS));
        assertEquals(20, process.exitValue(), Files.readString(err));
        assertTrue(Files.readString(err).contains("it takes this one back first"), Files.readString(err));
        execute(TestServer.admin(), "ALTER DATABASE " + project.db.database() + " ALLOW_CONNECTIONS true");
        project.file("smoke.yaml", "");
        project.worksNow().says("interrupted in step 'validate'");
    }
}
