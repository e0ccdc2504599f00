import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.db.DatabaseUrl;
import avdaily.base.Project;
import avdaily.db.Environment;
import avdaily.deploy.Configuration;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Plans are bound to what they are for, approved by others, and refused by name if something changed; the configuration
 * demands them.
 */
class PlanTest extends ScriptTest {
    private final Path folder = TestServer.temporary("plan");
    private final Path file = folder.resolve("plan.json");
    private final DatabaseUrl db = TestServer.newDatabase();

    PlanTest() {
        write(folder.resolve("migrations/V1__a.sql"), "CREATE TABLE a (id int PRIMARY KEY);");
        write(folder.resolve("migrations/U1__a.sql"), "DROP TABLE a;");
    }

    /** A command in the project's folder, as this person. */
    private Command as(String who, DatabaseUrl url, String... words) {
        return command(url, "deploy", words)
                .in(folder)
                .with("AVDAILY_MIGRATIONS", "migrations")
                .with("GITHUB_ACTOR", who);
    }

    private void plan(String environment, String... more) {
        List<String> words = new ArrayList<>(List.of("plan", environment, "-o", "plan.json"));
        words.addAll(List.of(more));
        as("ada", db, words.toArray(String[]::new)).run().expect(0);
    }

    private Command deploy(DatabaseUrl url) {
        return as("robot", url, "production", "--plan", "plan.json", "--yes");
    }

    private void isUntouched(DatabaseUrl url) {
        assertEquals("null", value(url, "SELECT to_regclass('public.loans')"));
        assertEquals("null", value(url, "SELECT to_regclass('public.flyway_schema_history')"));
        assertEquals("null", value(url, "SELECT to_regnamespace('avdaily_ops')"), "a refusal writes nothing");
    }

    @Test
    void productionRunsThePlanThatAnotherPersonApproved() throws IOException {
        plan("production");
        isUntouched(db);
        deploy(db).run().expect(21, "has 0 approvals and needs 1", "other than ada", "avdaily-deploy approve " + file);
        as("ada", db, "approve", "plan.json")
                .run()
                .expect(21, "nobody approves what he wrote himself", "DB_DEPLOY_AUTHOR_MAY_APPROVE=1");
        as("bola", db, "approve", "plan.json").run().expect(0).says("V1 a", "Approved by bola");
        as("robot", db, "production", "--plan", "plan.json").run().expect(21, "--yes");
        as("robot", db, "production", "--plan", "plan.json", "--dry-run", "--markdown", "plan.md")
                .run()
                .expect(0)
                .says("nothing was changed");
        isUntouched(db);
        assertTrue(Files.readString(folder.resolve("plan.md")).contains("| migrate | V1 a |"));
        JsonNode done = as("robot", db, "production", "--plan", "plan.json", "--yes", "--json")
                .run()
                .expect(0)
                .json();
        assertEquals("deployed", done.get("outcome").asText());
        JsonNode history =
                as("ada", db, "history", "--json").run().expect(0).json().get("operations");
        assertEquals(done.get("planHash"), history.get(0).get("planHash"));
        assertEquals("deploy", history.get(0).get("command").asText());
        deploy(db).run().expect(21, "was run already, in the deployment of", "(done)");
        execute(
                db,
                "INSERT INTO avdaily_ops.operation (command, environment, who, host, details) "
                        + "VALUES ('deploy', 'production', 'eve', 'here', '{\"plan\": \"no hash\"}')");
        as("ada", db, "history").run().expect(0).says("no hash");
    }

    @Test
    void theAuthorMayApproveWhereATeamIsOnePerson() {
        plan("production");
        as("ada", db, "approve", "plan.json")
                .with("DB_DEPLOY_AUTHOR_MAY_APPROVE", "1")
                .run()
                .expect(0);
        deploy(db).run().expect(21, "it is the author's own");
        deploy(db).with("DB_DEPLOY_AUTHOR_MAY_APPROVE", "1").run().expect(0);
    }

    @Test
    void productionWithoutPlanOrGateIsRefused() {
        as("robot", db, "production", "--yes").run().expect(21, "DB_DEPLOY_ALLOW_PRODUCTION");
        as("robot", db, "production", "--seed", "--yes")
                .with("DB_DEPLOY_ALLOW_PRODUCTION", "1")
                .run()
                .expect(21, "never seeded");
        as("ada", db, "plan", "production", "--seed", "-o", "plan.json").run().expect(21, "never seeded");
        isUntouched(db);
    }

    @Test
    void whatChangedIsNamed() {
        plan("production");
        as("bola", db, "approve", "plan.json").run().expect(0);
        write(folder.resolve("migrations/V1__a.sql"), "CREATE TABLE a (id bigint PRIMARY KEY);");
        deploy(db).run().expect(21, "V1__a.sql was changed");
        write(folder.resolve("migrations/V1__a.sql"), "CREATE TABLE a (id int PRIMARY KEY);");
        write(folder.resolve("migrations/V2__b.sql"), "CREATE TABLE b (id int);");
        deploy(db).run().expect(21, "V2__b.sql is new", "the pending migrations");
        assertTrue(folder.resolve("migrations/V2__b.sql").toFile().delete());
        DatabaseUrl other = TestServer.newDatabase();
        deploy(other)
                .run()
                .expect(21, "the database's database: planned " + db.database() + ", now " + other.database());
        isUntouched(other);
        write(folder.resolve("avdaily.yaml"), "environments: {production: {hooks: {after: rm -rf /tmp/nothing}}}\n");
        deploy(db).run().expect(21, "the configuration (avdaily.yaml) changed", "rm -rf");
        assertTrue(folder.resolve("avdaily.yaml").toFile().delete());
        as("robot", db, "staging", "--plan", "plan.json", "--yes")
                .run()
                .expect(21, "the environment: planned production, now staging");
        isUntouched(db);
        execute(db, "CREATE SCHEMA extra");
        deploy(db).run().expect(21, "the schema's fingerprint");
    }

    @Test
    void anExpiredPlanIsRefused() {
        plan("production", "--valid", "1s");
        Instant end = Instant.now().plusSeconds(1);
        Await.until(() -> Instant.now().isAfter(end), "the end of the plan");
        as("bola", db, "approve", "plan.json").run().expect(21, "expired");
        deploy(db).run().expect(21, "expired");
        as("ada", db, "plan", "production", "-o", "plan.json", "--valid", "5w").run().expect(2, "30 days at the most");
        isUntouched(db);
    }

    @Test
    void aPlanThatWasEditedIsRefused() throws IOException {
        plan("production");
        as("bola", db, "approve", "plan.json").run().expect(0);
        String text = Files.readString(file);
        Files.writeString(file, text.replaceFirst("\"expiresAt\" : \"....", "\"expiresAt\" : \"2999"));
        deploy(db).run().expect(21, "was changed after it was made");
        as("chi", db, "approve", "plan.json").run().expect(21, "was changed after it was made");
        plan("production");
        String approval = text.substring(text.indexOf("\"approvals\""));
        String fresh = Files.readString(file);
        Files.writeString(
                file,
                fresh.substring(0, fresh.indexOf("\"approvals\""))
                        + approval.replaceFirst("\"plan\" : \"....", "\"plan\" : \"beef"));
        deploy(db).run().expect(21, "that of bola does not count, it is of another plan");
        plan("production");
        as("bola", db, "approve", "plan.json").run().expect(0);
        String whole = Files.readString(file);
        for (String nobody : List.of("null", "\"\"", "\" \u200b\"", "5", "{}")) {
            Files.writeString(file, whole.replace("\"by\" : \"bola\"", "\"by\" : " + nobody));
            deploy(db).run().expect(21, "has 0 approvals", "it says nobody's name");
        }
        isUntouched(db);
    }

    @Test
    void withAKeyOnlySealedApprovalsCount() throws IOException {
        plan("production");
        as("bola", db, "approve", "plan.json").run().expect(0);
        deploy(db).with("DB_DEPLOY_APPROVAL_KEY", "k3y-of-the-team").run().expect(21, "not sealed");
        as("bola", db, "approve", "plan.json")
                .with("DB_DEPLOY_APPROVAL_KEY", "an0ther-key")
                .run()
                .expect(0);
        deploy(db).with("DB_DEPLOY_APPROVAL_KEY", "k3y-of-the-team").run().expect(21, "not sealed");
        as("bola", db, "approve", "plan.json")
                .with("DB_DEPLOY_APPROVAL_KEY", "k3y-of-the-team")
                .run()
                .expect(0);
        assertFalse(Files.readString(file).contains("k3y-of-the-team"));
        deploy(db).with("DB_DEPLOY_APPROVAL_KEY", "k3y-of-the-team").run().expect(0);
    }

    @Test
    void aPlanWithSeedsIsBoundToTheSeedFiles() {
        write(folder.resolve("seeds/staging/a.yaml"), "- {id: 1}\n");
        as("ada", db, "plan", "staging", "--seed", "--seeds", "seeds", "-o", "plan.json")
                .run()
                .expect(0);
        write(folder.resolve("seeds/staging/a.yaml"), "- {id: 2}\n");
        as("robot", db, "staging", "--plan", "plan.json", "--seeds", "seeds", "--yes")
                .run()
                .expect(21, "staging/a.yaml was changed");
        write(folder.resolve("seeds/staging/a.yaml"), "- {id: 1}\n");
        as("robot", db, "staging", "--plan", "plan.json", "--seeds", "seeds", "--yes")
                .run()
                .expect(0);
        assertEquals("1", value(db, "SELECT string_agg(id::text, ',') FROM a"));
    }

    @Test
    void aLargeSeedFileThatChangesMeanwhileIsNotSeeded() {
        write(folder.resolve("migrations/V1__a.sql"), "CREATE TABLE a (id int PRIMARY KEY, note text);");
        write(folder.resolve("seeds/staging/a.csv"), "id,note\n1," + "x".repeat(17_000_000) + "\n");
        write(
                folder.resolve("avdaily.yaml"),
                "environments: {staging: {hooks: {before: 'sed -i s/^1,/2,/ seeds/staging/a.csv'}}}\n");
        as("ada", db, "plan", "staging", "--seed", "--seeds", "seeds", "-o", "plan.json")
                .run()
                .expect(0);
        as("robot", db, "staging", "--plan", "plan.json", "--seeds", "seeds", "--yes")
                .run()
                .expect(21, "seeds/staging/a.csv was changed", "old and whole");
        assertEquals("null", value(db, "SELECT to_regclass('a')"));
    }

    @Test
    void theConfigurationDemandsApprovalsEverywhere() {
        write(folder.resolve("avdaily.yaml"), "environments:\n  staging:\n    approvals: 2\n");
        as("robot", db, "staging", "--yes")
                .run()
                .expect(21, "by a plan with 2 approvals", "avdaily-deploy plan staging -o plan.json");
        plan("staging");
        as("bola", db, "approve", "plan.json").run().expect(0);
        as("bola", db, "approve", "plan.json").run().expect(0);
        as("robot", db, "staging", "--plan", "plan.json", "--yes").run().expect(21, "has 1 approval and needs 2");
        isUntouched(db);
        as("chi", db, "approve", "plan.json").run().expect(0);
        as("robot", db, "staging", "--plan", "plan.json", "--yes").run().expect(0);
    }

    private static final String LINTED =
            "SELECT count(*) FROM avdaily_ops.operation WHERE command = 'migrate lint' AND outcome = 'done'";

    @Test
    void aDangerousMigrationIsInThePlanAndRefusedWhereTheConfigurationSaysSo() {
        as("ada", db, "development", "--yes").run().expect(0);
        write(folder.resolve("migrations/V2__b.sql"), "ALTER TABLE a DROP COLUMN id;");
        write(folder.resolve("migrations/U2__b.sql"), "ALTER TABLE a ADD COLUMN id int;");
        as("ada", db, "development", "--dry-run")
                .run()
                .expect(0)
                .says("WARNING lint: ", "V2__b.sql line 1", "the backup is restored (a migration deletes");
        assertEquals(
                "drop-column a V2__b.sql line 1",
                value(
                        db,
                        "SELECT concat_ws(' ', f ->> 'rule', f ->> 'table', f ->> 'place') "
                                + "FROM avdaily_ops.operation, jsonb_array_elements(details -> 'findings') f "
                                + "WHERE command = 'migrate lint' AND outcome = 'done'"));
        write(folder.resolve("avdaily.yaml"), "defaults: {lint: refuse}\n");
        String before = schema(db);
        as("ada", db, "development", "--yes")
                .run()
                .expect(21, "dangerous for tables that others use", "avdaily-migrate lint");
        assertEquals(before, schema(db));
        assertEquals("1", value(db, LINTED), "the same is not said twice");
        write(
                folder.resolve("migrations/V2__b.sql"),
                "-- lint:ignore drop-column nothing ever used it\nALTER TABLE a DROP COLUMN id;");
        as("ada", db, "development", "--yes").run().expect(0);
        write(folder.resolve("migrations/V3__c.sql"), "COMMENT ON TABLE a IS 'see -- below'; DELETE FROM a;");
        write(folder.resolve("migrations/U3__c.sql"), "COMMENT ON TABLE a IS NULL;");
        write(folder.resolve("avdaily.yaml"), "defaults: {lint: off, smoke: smoke.yaml}\n");
        write(folder.resolve("smoke.yaml"), "- {name: one, query: \"SELECT '[1]'::jsonb ? '1' IS NOT NULL\"}\n");
        as("ada", db, "development", "--yes")
                .run()
                .expect(0)
                .says("the backup is restored (a migration deletes");
    }

    @Test
    void whatLintSawFailIsNotTriedOnTheTarget() {
        as("ada", db, "development", "--yes").run().expect(0);
        write(folder.resolve("migrations/V2__b.sql"), "CREATE TABLE b ();\nSELEC 1;");
        write(folder.resolve("migrations/U2__b.sql"), "DROP TABLE b;");
        Run syntax = as("ada", db, "development", "--yes")
                .run()
                .expect(25, "V2__b.sql line 2", "syntax error", "only tried");
        write(folder.resolve("migrations/V2__b.sql"), "CREATE TABLE b ();\nDROP TABLE nowhere;");
        write(folder.resolve("avdaily.yaml"), "defaults: {lint: refuse}\n");
        Run other = as("ada", db, "development", "--yes").run().expect(25, "V2__b.sql line 2", "nowhere", "only tried");
        assertFalse((syntax.err() + other.err()).contains("Backing up"), "no backup is made for nothing");
    }

    @Test
    void outsideItsWindowNothingIsDeployed() {
        int hour = Instant.now().atZone(java.time.ZoneOffset.UTC).getHour();
        write(
                folder.resolve("avdaily.yaml"),
                String.format(
                        "defaults:%n  window: {from: %02d:00, to: %02d:00, timezone: UTC}%n",
                        (hour + 2) % 24, (hour + 3) % 24));
        as("ada", db, "development", "--yes")
                .run()
                .expect(21, "is deployed to every day", "wait until", "DB_DEPLOY_OUTSIDE_WINDOW=1");
        isUntouched(db);
        as("ada", db, "development", "--yes")
                .with("DB_DEPLOY_OUTSIDE_WINDOW", "1")
                .run()
                .expect(0)
                .says("WARNING window: closed");
    }

    @Test
    void aMistakeInTheConfigurationIsNamedByFileAndLine() {
        for (String[] each : new String[][] {
            {
                "environments:\n  production:\n    windw: {}\n",
                "avdaily.yaml line 3: there is no key 'windw' here",
                "window, confirm"
            },
            {"environments:\n  prod:\n    lint: off\n", "line 2: there is no key 'prod' here", "production"},
            {"defaults:\n  lint: loud\n", "line 2: 'loud' is no value of 'lint'", "off, warn, refuse"},
            {"defaults:\n  window:\n    from: 25:00\n    timezone: UTC\n", "line 3: '25:00' is no time of day", "22:00"
            },
            {"defaults:\n  window: {from: 22:00}\n", "line 2: a window needs a time zone", "Europe/Lisbon"},
            {
                "monitor:\n  backup-age: {warning: 9h, critical: 2h}\n",
                "line 2: backup-age is critical before it warns",
                "milder"
            },
            {"monitor:\n  connections: {warning: lots}\n", "line 2: 'lots' is no share", "80%"},
            {"defaults: [\n", "avdaily.yaml line 2", "YAML"},
            {"environments: {production: {confirm: yes}}\n", "line 1: production is confirmed by its name", "name"},
            {"lint: warn\nlint: off\n", "line 2: 'lint' stands here twice", "keep one"}
        }) {
            write(folder.resolve("avdaily.yaml"), each[0]);
            as("ada", db, "development", "--dry-run").run().expect(2, each[1], each[2]);
        }
        as("ada", db, "development", "--dry-run", "--config", "nowhere.yaml")
                .run()
                .expect(2, "nowhere.yaml");
        write(folder.resolve("smoke.yaml"), "- {name: one, query: SELECT true}\n- {name: two, sql: SELECT true}\n");
        write(folder.resolve("avdaily.yaml"), "defaults: {smoke: smoke.yaml}\n");
        as("ada", db, "development", "--dry-run").run().expect(2, "smoke.yaml line 2", "'two' has no query");
        isUntouched(db);
    }

    /** The example in the manual names every key there is. */
    @Test
    void theExampleInTheManualIsTrue() throws IOException {
        Matcher example = Pattern.compile("(?s)```yaml\n(# avdaily.yaml.*?)```")
                .matcher(Files.readString(PROJECT.resolve("docs/configuration.md")));
        assertTrue(example.find());
        write(folder.resolve("avdaily.yaml"), example.group(1));
        write(folder.resolve("smoke.yaml"), "- {name: one, query: SELECT true}\n");
        write(folder.resolve("accepted.yaml"), "[]\n");
        as("ada", db, "production", "--dry-run")
                .with("DB_DEPLOY_OUTSIDE_WINDOW", "1")
                .run()
                .expect(0)
                .says("Africa/Lagos", "smoke quer", "hook ");
        Configuration read = Configuration.read(
                TestServer.SETTINGS.working(new Project.Named(folder.resolve("avdaily.yaml"), null, null)));
        assertEquals(1, read.policy(Environment.PRODUCTION).approvals().orElseThrow());
        for (String key : List.of(
                "names",
                "signers",
                "variables",
                "window",
                "confirm",
                "approvals",
                "validate",
                "lint",
                "backups",
                "hooks",
                "smoke",
                "accepted",
                "days",
                "timezone",
                "before",
                "after",
                "failed",
                "keep-last",
                "keep-daily",
                "keep-weekly",
                "keep-monthly",
                "backup-age",
                "connections",
                "blocked",
                "transaction-age",
                "replication-lag",
                "cache-hits",
                "dead-rows",
                "bloat",
                "slow-statement",
                "wraparound",
                "disk")) assertTrue(example.group(1).contains(key + ":"), "the example does not show " + key);
    }

    @Test
    void aDeploymentIsRolledBackLater() {
        DatabaseUrl url = TestServer.newDatabase();
        as("ada", url, "development", "--yes").run().expect(0);
        execute(url, "INSERT INTO a VALUES (1)");
        write(folder.resolve("migrations/V2__b.sql"), "ALTER TABLE a ADD b int;");
        write(folder.resolve("migrations/U2__b.sql"), "ALTER TABLE a DROP b;");
        as("ada", url, "development", "--yes").run().expect(0);
        execute(url, "INSERT INTO a VALUES (2, 2)");
        as("ada", url, "rollback", "development", "--dry-run")
                .run()
                .expect(0)
                .says("undo      V2 b", "nothing was changed");
        as("ada", url, "rollback", "development").run().expect(21, "--yes");
        as("ada", url, "rollback", "development", "--yes").run().expect(0).says("Taken back", "exactly the one before");
        assertEquals("1,2", value(url, "SELECT string_agg(id::text, ',' ORDER BY id) FROM a"));
        assertEquals("1", value(url, "SELECT max(version) FROM flyway_schema_history"));
        as("ada", url, "development", "--yes").run().expect(0);
        execute(url, "INSERT INTO a VALUES (3, 3)");
        as("ada", url, "rollback", "development", "--restore", "--yes").run().expect(21, "DB_RESTORE_CONFIRM");
        String kept = as("ada", url, "rollback", "development", "--restore", "--yes", "--json")
                .with("DB_RESTORE_CONFIRM", "1")
                .run()
                .expect(0)
                .json()
                .get("keptDatabase")
                .asText();
        assertEquals("1,2", value(url, "SELECT string_agg(id::text, ',' ORDER BY id) FROM a"));
        assertEquals(
                "deploy rollback",
                value(
                                url,
                                """
                                SELECT command FROM avdaily_ops.operation
                                WHERE outcome = 'done' ORDER BY id DESC LIMIT 1 OFFSET 1""")
                        .replace("restore", "deploy rollback"));
        execute(TestServer.admin(), "DROP DATABASE " + kept);
        as("ada", url, "rollback", "development", "--yes").run().expect(0).says("undo      V1 a");
        as("ada", url, "rollback", "development", "--yes").run().expect(2, "no deployment");
    }
}
