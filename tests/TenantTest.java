import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.backup.Backups;
import avdaily.db.Database;
import avdaily.db.DatabaseUrl;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;

/** A schema for each tenant: each has its own history in it, and is migrated as if it were a database. */
class TenantTest extends ScriptTest {
    private static final String V1 =
            """
            CREATE TABLE ${schema}.a (id int PRIMARY KEY, plan int REFERENCES public.plan);
            CREATE VIEW b AS SELECT count(*) AS n FROM "${flyway:defaultSchema}".a;
            """;

    private final Path folder = TestServer.temporary("tenants");
    private final Path home = TestServer.temporary("home");
    private final DatabaseUrl db = TestServer.newDatabase();
    private final List<String> tenants = new ArrayList<>();

    /** Schemas at version 1. */
    private void tenants(int number) {
        execute(db, "CREATE TABLE plan (id int PRIMARY KEY)");
        for (int i = 0; i < number; i++) tenants.add("tenant_" + i);
        for (String tenant : tenants) execute(db, "CREATE SCHEMA " + tenant);
        write(
                folder.resolve("avdaily.yaml"),
                "name: tenants\ntargets:\n  shops: {schemas: {query: \"SELECT nspname FROM pg_namespace WHERE nspname"
                        + " ~ '^tenant_' ORDER BY oid\"}}\n");
        write(folder.resolve("migrations/V1__a.sql"), V1);
        fleet("migrate", "up", "--yes", "--parallel", "8").run().expect(0).says(number + " targets");
    }

    private Command fleet(String script, String... words) {
        return one(script, words).and("--targets", "shops");
    }

    private Command one(String script, String... words) {
        return command(db, script, words)
                .with("AVDAILY_HOME", home.toString())
                .with("BACKUP_DIR", folder.resolve("kept").toString())
                .in(folder);
    }

    private String version(String tenant) {
        return value(db, "SELECT max(version) FROM " + tenant + ".flyway_schema_history WHERE success");
    }

    private List<String> versions() {
        return tenants.stream().map(this::version).toList();
    }

    private Map<String, Long> outcomes(JsonNode document) {
        Map<String, Long> counts = new TreeMap<>();
        document.get("targets").forEach(each -> counts.merge(each.get("outcome").asText(), 1L, Long::sum));
        return counts;
    }

    private int backups() throws Exception {
        return Backups.store(folder.resolve("kept").resolve(db.database()).toString(), TestServer.SETTINGS)
                .files()
                .size();
    }

    @Test
    void ofTwentyOneIsBrokenAndOneIsLockedAndTheRestGoesOn() throws Exception {
        tenants(20);
        write(folder.resolve("migrations/V2__c.sql"), "ALTER TABLE a ADD c int; SELECT 1 / n FROM b;\n");
        for (String tenant : tenants) execute(db, "INSERT INTO " + tenant + ".a VALUES (1)");
        execute(db, "DELETE FROM tenant_7.a");
        List<String> expected = new ArrayList<>(Collections.nCopies(20, "2"));
        expected.set(7, "1");
        expected.set(11, "1");
        try (Connection locked = TestServer.connect(db)) {
            locked.setAutoCommit(false);
            Database.run(locked, "LOCK TABLE tenant_11.a IN SHARE MODE");
            JsonNode first = fleet("migrate", "up", "--yes", "--json", "--keep-going", "--lock-attempts", "1")
                    .run()
                    .expect(25, "tenant_7", "--resume")
                    .json();
            assertEquals(Map.of("done", 18L, "failed", 2L), outcomes(first));
            assertEquals(25, first.get("targets").get(7).get("exitCode").asInt());
            assertEquals(23, first.get("targets").get(11).get("exitCode").asInt());
            assertEquals("tenant_11", first.get("targets").get(11).get("schema").asText());
            assertEquals(expected, versions());
            assertEquals(2, backups()); // of the database, once a run
        }
        JsonNode behind = fleet("migrate", "status", "--json").run().expect(0).json();
        for (int i = 0; i < 20; i++)
            assertEquals(
                    i == 7 || i == 11 ? "behind" : "null",
                    behind.get("targets").get(i).get("remark").asText("null"));
        execute(db, "INSERT INTO tenant_7.a VALUES (1)");
        assertEquals(
                Map.of("done", 20L),
                outcomes(fleet("migrate", "up", "--no-backup", "--yes", "--json", "--resume")
                        .run()
                        .expect(0)
                        .json()));
        assertEquals(Collections.nCopies(20, "2"), versions());
        execute(db, "CREATE INDEX by_hand ON tenant_3.a (c)");
        fleet("migrate", "status").run().expect(0).says("another schema than 19 of 20 at this version");
        Run validated = fleet("migrate", "validate").run().expect(22);
        assertTrue(validated.out().contains("[tenant_3]") && validated.out().contains("tenant_3.by_hand"));
        assertTrue(!validated.out().contains("[tenant_4]"), validated.out());
    }

    @Test
    void aKilledRunIsResumed() throws Exception {
        tenants(4);
        write(folder.resolve("migrations/V2__c.sql"), "ALTER TABLE a ADD c int; SELECT pg_sleep(id) FROM a;\n");
        execute(db, "INSERT INTO plan VALUES (1)", "INSERT INTO tenant_1.a VALUES (300)");
        Process run = fleet("migrate", "up", "--no-backup", "--yes", "--parallel", "1")
                .start(folder.resolve("out"), folder.resolve("log"));
        Await.session(db, "wait_event = 'PgSleep'");
        run.destroyForcibly().waitFor();
        Await.noSession(db, "wait_event = 'PgSleep'");
        execute(db, "DELETE FROM tenant_1.a");
        assertEquals(List.of("2", "1", "1", "1"), versions());
        fleet("migrate", "up", "--no-backup", "--yes", "--resume").run().expect(0).says("4 done");
        assertEquals(List.of("2", "2", "2", "2"), versions());
    }

    /** The Flyway command line goes on with the history, and the commands go on with Flyway's. */
    @Test
    void flywayWorksOnTheSameHistory() {
        tenants(2);
        write(folder.resolve("migrations/V2__c.sql"), "ALTER TABLE ${schema}.a ADD c int;\n");
        Flyway flyway = Flyway.configure()
                .dataSource(db.jdbcUrl(), db.user(), db.password())
                .defaultSchema("tenant_0")
                .placeholders(Map.of("schema", "tenant_0"))
                .locations("filesystem:" + folder.resolve("migrations"))
                .load();
        flyway.validateWithResult();
        assertEquals("1", flyway.info().current().getVersion().toString());
        assertEquals(1, flyway.migrate().migrationsExecuted);
        flyway.validate();
        JsonNode both = fleet("migrate", "up", "--yes", "--json").run().expect(0).json();
        assertEquals(0, both.get("targets").get(0).get("result").get("applied").size());
        assertEquals(1, both.get("targets").get(1).get("result").get("applied").size());
        assertEquals(List.of("2", "2"), versions());
        flyway.validate();
        String checksums = "SELECT string_agg(checksum::text, ' ' ORDER BY version) FROM %s.flyway_schema_history";
        assertEquals(value(db, checksums.formatted("tenant_0")), value(db, checksums.formatted("tenant_1")));
        one("migrate", "validate", "--schema", "tenant_1").run().expect(0);
    }

    /** What is of one schema stays of it, and what is of all is not touched. */
    @Test
    void eachIsForItself() throws Exception {
        tenants(3);
        write(folder.resolve("migrations/V2__c.sql"), "ALTER TABLE a ADD c int;\n");
        write(folder.resolve("migrations/U2__c.sql"), "ALTER TABLE a DROP c;\n");
        one("migrate", "up", "--schema", "tenant_1", "--yes").run().expect(0).says("tenant_1 of " + db.database());
        assertEquals(List.of("1", "2", "1"), versions());
        one("migrate", "rollback", "--schema", "tenant_1", "--yes").run().expect(0);
        assertEquals(List.of("1", "1", "1"), versions());
        assertTrue(one("migrate", "history", "--schema", "tenant_1").run().expect(0).out().contains("rolled back"));
        assertTrue(!one("migrate", "history", "--schema", "tenant_2").run().expect(0).out().contains("rolled back"));
        one("migrate", "validate", "--schema", "tenant_1").run().expect(0);
        one("migrate", "validate", "--schema", "tenant_2").run().expect(0);
        assertEquals("null", value(db, "SELECT to_regclass('public.flyway_schema_history')::text"));
        write(
                folder.resolve("rules.yaml"),
                "rules:\n- {id: A-1, category: consistency, severity: critical, means: no two, tables: [a], query: "
                        + "'SELECT id::text FROM a WHERE id = 2'}\n");
        execute(db, "INSERT INTO tenant_2.a VALUES (2)");
        JsonNode checked = fleet("integrity", "check", "--json").run().expect(22).json();
        assertEquals(Map.of("done", 2L, "findings", 1L), outcomes(checked));
        execute(db, "CREATE TABLE tenant_1.keyless (i int)", "CREATE TABLE keyless (i int)");
        JsonNode keyless = fleet("integrity", "check", "--json", "--only", "PRF-08").run().expect(0).json();
        assertEquals(
                List.of("[]", "[\"keyless\"]", "[]"),
                keyless.findValues("keys").stream().map(JsonNode::toString).toList());
        JsonNode saved = fleet("backup", "create", "--json").run().expect(0).json();
        assertEquals(1, saved.get("targets").size());
        fleet("deploy", "development", "--yes").run().expect(2, "a whole database");
        one("migrate", "status", "--schema", "gone").run().expect(21, "has no schema gone", "CREATE SCHEMA");
        one("migrate", "status", "--schema", "x; DROP").run().expect(2, "letters, digits");
        fleet("migrate", "status", "--schema", "tenant_1").run().expect(2, "--targets");
        execute(db, "CREATE SCHEMA tenant_new");
        fleet("migrate", "status").run().expect(0).says("version none, 2 pending; behind");
        for (String hostile : List.of("public", "avdaily_ops", "a\"b", "a--b", "x".repeat(64))) {
            write(
                    folder.resolve("avdaily.yaml"),
                    "name: tenants\ntargets:\n  shops: {schemas: {query: \"SELECT '" + hostile.replace("\"", "\\\"")
                            + "'\"}}\n");
            fleet("migrate", "status").run().expect(21, "shops");
        }
    }

    /** What they try runs in a scratch database, which has what all tenants share from a template. */
    @Test
    void theOtherCommandsKnowOneSchemaToo() {
        tenants(2);
        DatabaseUrl shared = TestServer.newDatabase();
        execute(shared, "CREATE TABLE plan (id int PRIMARY KEY)");
        write(folder.resolve("migrations/U1__a.sql"), "DROP VIEW b;\nDROP TABLE ${schema}.a;\n");
        write(folder.resolve("migrations/V2__c.sql"), "ALTER TABLE a ADD c int;\nCREATE INDEX ON a (c);\n");
        write(folder.resolve("migrations/U2__c.sql"), "ALTER TABLE a DROP c;\n");
        execute(db, "INSERT INTO tenant_0.a SELECT n FROM generate_series(1, 200000) n", "ANALYZE tenant_0.a");
        tried(shared, "lint", "--schema", "tenant_0").run().expect(22).says("V2__c.sql", "CONCURRENTLY");
        tried(shared, "up", "--dry-run", "--schema", "tenant_0").run().expect(0).says("Nothing stayed");
        tried(shared, "verify-undo", "--schema", "tenant_0").run().expect(0);
        tried(shared, "validate", "--rebuild", "--schema", "tenant_0").run().expect(0);
        tried(shared, "up", "--schema", "tenant_0", "--yes").run().expect(0);
        tried(shared, "validate", "--rebuild", "--schema", "tenant_0").run().expect(0);
        execute(
                db,
                "ALTER TABLE tenant_0.a ADD by_hand int",
                "CREATE SCHEMA adopted",
                "CREATE SCHEMA adopted_late",
                "CREATE TABLE adopted.a (id int PRIMARY KEY, plan int REFERENCES public.plan)",
                "CREATE VIEW adopted.b AS SELECT count(*) AS n FROM adopted.a");
        tried(shared, "validate", "--schema", "tenant_0").run().expect(22).says("by_hand integer");
        tried(shared, "validate", "--rebuild", "--schema", "tenant_0").run().expect(22).says("by_hand");
        tried(shared, "repair", "--accept-drift", "--schema", "tenant_0", "--yes").run().expect(0);
        tried(shared, "validate", "--schema", "tenant_0").run().expect(0);
        tried(shared, "baseline", "--version", "1", "--schema", "adopted", "--yes")
                .run()
                .expect(0)
                .says("exactly the schema of version 1");
        tried(shared, "baseline", "--schema", "adopted_late", "--yes")
                .run()
                .expect(22, "not equal to what the migrations up to 2");
        tried(shared, "up", "--schema", "adopted", "--yes").run().expect(0);
        tried(shared, "rollback", "--to", "1", "--schema", "adopted", "--yes").run().expect(0);
        assertEquals(List.of("2", "1"), versions());
        assertEquals("1", version("adopted"));
    }

    private Command tried(DatabaseUrl shared, String... words) {
        return one("migrate", words).with("AVDAILY_SCRATCH_TEMPLATE", shared.database());
    }

    /** A data migration of each schema has a cursor of its own. */
    @Test
    void batchesAreOfOneSchema() {
        tenants(2);
        for (String tenant : tenants)
            execute(db, "INSERT INTO " + tenant + ".a SELECT n FROM generate_series(1, 300) n");
        write(folder.resolve("migrations/V2__c.sql"), "ALTER TABLE a ADD c int;\n");
        write(
                folder.resolve("migrations/V3__fill.sql"),
                """
                -- batch: table=a key=id size=100 pause=0%
                UPDATE a SET c = 1 WHERE id > ${from} AND id <= ${to};
                -- batch: done when
                SELECT NOT EXISTS (SELECT FROM ${schema}.a WHERE c IS NULL);
                """);
        fleet("migrate", "up", "--no-backup", "--yes").run().expect(0);
        assertEquals(List.of("3", "3"), versions());
        assertEquals("2", value(db, "SELECT count(*) FROM avdaily_ops.batch WHERE finished_at IS NOT NULL"));
        assertEquals("600", value(db, "SELECT (SELECT sum(c) FROM tenant_0.a) + (SELECT sum(c) FROM tenant_1.a)"));
    }

    @Test
    void whatADatabaseSaysOfTheSchemaNarrowsNothing() {
        write(folder.resolve("avdaily.yaml"), "name: tenants\n");
        write(folder.resolve("migrations/V1__a.sql"), "CREATE TABLE a (id int PRIMARY KEY);");
        one("migrate", "up", "--yes").run().expect(0);
        execute(TestServer.admin(), "ALTER DATABASE " + db.database() + " SET avdaily.schema = 'nowhere'");
        execute(db, "CREATE TABLE strange ()");
        one("migrate", "validate").run().expect(22, "repair --accept-drift").says("strange");
        for (String name : List.of("${schema}.a", "\"${schema}\".a", "\"${schema}.a\"")) {
            write(folder.resolve("migrations/V2__c.sql"), "ALTER TABLE " + name + " ADD c int;");
            one("migrate", "up", "--yes").run().expect(25, "V2__c.sql line 1", "--schema");
        }
        write(folder.resolve("migrations/V2__c.sql"), "ALTER TABLE \"${schema}\".a ADD c int;");
        execute(db, "CREATE SCHEMA \"Shop-A\"");
        one("migrate", "up", "--schema", "Shop-A", "--yes").run().expect(0);
        one("migrate", "status", "--schema", "Shop-A", "--check").run().expect(0).says("Shop-A");
        one("migrate", "validate", "--schema", "Shop-A").run().expect(0);
    }
}
