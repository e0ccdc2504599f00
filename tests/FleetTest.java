import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.backup.Backups;
import avdaily.db.Database;
import avdaily.db.DatabaseUrl;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** One command on many databases: each has its own history, locks, gates and backups. */
class FleetTest extends ScriptTest {
    private static final String VERSION = "SELECT max(version) FROM public.flyway_schema_history WHERE success";

    private final Path folder = TestServer.temporary("fleet");
    private final Path home = TestServer.temporary("home");
    private final List<DatabaseUrl> databases = new ArrayList<>();

    FleetTest() {
        write(folder.resolve("migrations/V1__a.sql"), "CREATE TABLE a (id int PRIMARY KEY);\n");
    }

    /** Databases at version 1, of the cheapest kind: copies of one. */
    private void databases(int number) {
        DatabaseUrl first = TestServer.newDatabase();
        targets("shops: {databases: [" + first.database() + "]}");
        command(first, "migrate", "up", "--yes").in(folder).run().expect(0);
        databases.add(first);
        while (databases.size() < number) databases.add(TestServer.newDatabase(first.database()));
        targets("shops: {databases: [" + names(databases) + "]}");
    }

    private static String names(List<DatabaseUrl> some) {
        return some.stream().map(DatabaseUrl::database).collect(Collectors.joining(", "));
    }

    private void targets(String... sets) {
        write(
                folder.resolve("avdaily.yaml"),
                "name: shops\ntargets:\n"
                        + Stream.of(sets).map(set -> "  " + set + "\n").collect(Collectors.joining()));
    }

    private Command fleet(String script, String... words) {
        return command(databases.get(0), script, words)
                .and("--targets", "shops")
                .with("AVDAILY_HOME", home.toString())
                .with("BACKUP_DIR", folder.resolve("kept").toString())
                .in(folder);
    }

    private Map<String, Long> outcomes(JsonNode document) {
        Map<String, Long> counts = new TreeMap<>();
        document.get("targets").forEach(each -> counts.merge(each.get("outcome").asText(), 1L, Long::sum));
        return counts;
    }

    private List<String> versions() {
        return databases.stream().map(db -> value(db, VERSION)).toList();
    }

    @Test
    void ofTwentyOneIsBrokenAndOneIsLockedAndTheRestGoesOn() throws Exception {
        databases(20);
        write(folder.resolve("migrations/V2__b.sql"), "ALTER TABLE a ADD b int; SELECT 1 / count(*) FROM a;\n");
        for (DatabaseUrl db : databases) execute(db, "INSERT INTO a VALUES (1)");
        execute(databases.get(7), "DELETE FROM a");
        try (Connection locked = TestServer.connect(databases.get(11))) {
            locked.setAutoCommit(false);
            Database.run(locked, "LOCK TABLE a");
            JsonNode first = fleet(
                            "migrate", "up", "--no-backup", "--yes", "--json", "--keep-going", "--lock-attempts", "1")
                    .run()
                    .expect(25, databases.get(7).database(), "--resume")
                    .json();
            assertEquals(Map.of("done", 18L, "failed", 2L), outcomes(first));
            JsonNode broken = first.get("targets").get(7);
            assertEquals(25, broken.get("exitCode").asInt());
            assertEquals("sql", broken.get("result").get("code").asText());
            assertEquals(23, first.get("targets").get(11).get("exitCode").asInt());
            assertEquals(
                    "2",
                    first.get("targets").get(0).get("result").get("version").asText());
        }
        List<String> expected = new ArrayList<>(java.util.Collections.nCopies(20, "2"));
        expected.set(7, "1");
        expected.set(11, "1");
        assertEquals(expected, versions());
        JsonNode behind = fleet("migrate", "status", "--json").run().expect(0).json();
        for (int i = 0; i < 20; i++)
            assertEquals(
                    i == 7 || i == 11 ? "behind" : "null",
                    behind.get("targets").get(i).get("remark").asText("null"));
        execute(databases.get(7), "INSERT INTO a VALUES (1)");
        JsonNode again = fleet("migrate", "up", "--no-backup", "--yes", "--json", "--resume")
                .run()
                .expect(0)
                .json();
        assertEquals(Map.of("done", 20L), outcomes(again));
        for (int i = 0; i < 20; i++)
            assertEquals(
                    i == 7 || i == 11 ? 1 : 0,
                    again.get("targets").get(i).get("result").get("applied").size());
        targets("shops: {databases: [" + names(databases.subList(2, 5)) + "]}");
        execute(databases.get(3), "CREATE INDEX by_hand ON a (b)");
        fleet("migrate", "status").run().expect(0).says("another schema than 2 of 3 at this version");
        fleet("migrate", "validate")
                .run()
                .expect(22, "see what is said")
                .says("[" + databases.get(3).database() + "]", "by_hand");
    }

    @Test
    void theFirstOnesDecideWhetherTheRestBegins() {
        databases(6);
        write(folder.resolve("migrations/V2__b.sql"), "SELECT 1 / count(*) FROM a;\n");
        for (DatabaseUrl db : databases.subList(1, 6)) execute(db, "INSERT INTO a VALUES (1)");
        JsonNode stopped = fleet("migrate", "up", "--no-backup", "--yes", "--json", "--canary", "2", "--keep-going")
                .run()
                .expect(25)
                .json();
        assertEquals(Map.of("failed", 1L, "done", 1L, "unrun", 4L), outcomes(stopped));
        assertEquals(List.of("1", "2", "1", "1", "1", "1"), versions());
        execute(databases.get(0), "INSERT INTO a VALUES (1)");
        fleet("migrate", "up", "--no-backup", "--yes", "--canary", "2", "--parallel", "2", "--resume")
                .run()
                .expect(0)
                .says("6 targets", "6 done");
        assertEquals(List.of("2", "2", "2", "2", "2", "2"), versions());
    }

    @Test
    void aKilledRunIsResumed() throws Exception {
        databases(4);
        write(folder.resolve("migrations/V2__b.sql"), "ALTER TABLE a ADD b int; SELECT pg_sleep(id) FROM a;\n");
        execute(databases.get(1), "INSERT INTO a VALUES (300)");
        Path log = folder.resolve("log");
        Process run = fleet("migrate", "up", "--no-backup", "--yes", "--parallel", "1")
                .start(folder.resolve("out"), log);
        Await.session(databases.get(1), "wait_event = 'PgSleep'");
        run.destroyForcibly().waitFor();
        Await.noSession(databases.get(1), "wait_event = 'PgSleep'");
        execute(databases.get(1), "DELETE FROM a");
        assertEquals(List.of("2", "1", "1", "1"), versions());
        fleet("migrate", "up", "--no-backup", "--yes", "--resume")
                .run()
                .expect(0)
                .says("4 done");
        assertEquals(List.of("2", "2", "2", "2"), versions());
    }

    /** The first target reads the files for all. */
    @Test
    void aFileThatIsSavedMeanwhileCountsForNone() throws Exception {
        databases(3);
        write(folder.resolve("migrations/V2__b.sql"), "ALTER TABLE a ADD b int;\n");
        try (Connection locked = TestServer.connect(databases.get(0))) {
            locked.setAutoCommit(false);
            Database.run(locked, "LOCK TABLE a");
            Process run = fleet("migrate", "up", "--no-backup", "--yes", "--parallel", "1")
                    .start(folder.resolve("out"), folder.resolve("log"));
            Await.session(databases.get(0), "wait_event_type = 'Lock'");
            write(folder.resolve("migrations/V2__b.sql"), "ALTER TABLE a ADD other int;\n");
            write(folder.resolve("migrations/V3__c.sql"), "ALTER TABLE a ADD c int;\n");
            locked.rollback();
            assertEquals(0, run.waitFor());
        }
        for (DatabaseUrl db : databases) {
            assertEquals("2", value(db, VERSION));
            execute(db, "SELECT b FROM a");
        }
    }

    @Test
    void aDeploymentGoesThroughManyAndGoesOn() throws Exception {
        databases(4);
        write(folder.resolve("migrations/V2__b.sql"), "ALTER TABLE a ADD b int; SELECT 1 / count(*) FROM a;\n");
        write(folder.resolve("migrations/U2__b.sql"), "ALTER TABLE a DROP b;\n");
        for (DatabaseUrl db : databases) execute(db, "INSERT INTO a VALUES (1)");
        execute(databases.get(2), "DELETE FROM a");
        fleet("deploy", "development").run().expect(21, "4 targets", "--yes");
        fleet("deploy", "--yes").run().expect(2, "no environment is named");
        fleet("deploy", "development", "--yes", "--markdown", "plan.md").run().expect(2, "for one database");
        fleet("deploy", "development", "--dry-run").run().expect(0).says("4 targets");
        assertEquals(List.of("1", "1", "1", "1"), versions());
        JsonNode first = fleet("deploy", "development", "--yes", "--json", "--canary", "1", "--keep-going")
                .run()
                .expect(25, "--resume")
                .json();
        assertEquals(Map.of("done", 3L, "failed", 1L), outcomes(first));
        assertEquals(
                "failed",
                first.get("targets").get(2).get("result").get("outcome").asText());
        assertEquals(List.of("2", "2", "1", "2"), versions());
        for (DatabaseUrl db : databases)
            assertEquals(
                    db.equals(databases.get(2)) ? 0 : 1, // nothing stayed of the one that failed
                    Backups.store(folder.resolve("kept").resolve(db.database()).toString(), TestServer.SETTINGS)
                            .files()
                            .size());
        execute(databases.get(2), "INSERT INTO a VALUES (1)");
        JsonNode again = fleet("deploy", "development", "--yes", "--json", "--resume")
                .run()
                .expect(0)
                .json();
        assertEquals(Map.of("done", 4L), outcomes(again));
        assertEquals(List.of("2", "2", "2", "2"), versions());
    }

    @Test
    void eachGateIsPassedAndProductionIsNamedOnce() {
        databases(3);
        write(folder.resolve("migrations/V2__b.sql"), "ALTER TABLE a ADD b int;\n");
        execute(
                databases.get(2),
                "INSERT INTO avdaily_ops.environment (name, recorded_by) VALUES ('production', 'ada')");
        fleet("migrate", "up", "--no-backup").run().expect(21, "3 targets", "--yes");
        fleet("migrate", "up", "--no-backup", "--yes")
                .run()
                .expect(21, "production: " + databases.get(2).database(), "DB_DEPLOY_ALLOW_PRODUCTION=1");
        assertEquals(List.of("1", "1", "1"), versions());
        fleet("migrate", "up", "--no-backup", "--yes")
                .with("DB_DEPLOY_ALLOW_PRODUCTION", "1")
                .run()
                .expect(0);
        assertEquals(List.of("2", "2", "2"), versions());
    }

    @Test
    void eachIsBackedUpIntoItsOwnFolderAndChecked() throws Exception {
        databases(3);
        for (DatabaseUrl db : databases) execute(db, "INSERT INTO a VALUES (1)");
        fleet("backup", "create", "--json").run().expect(0);
        for (DatabaseUrl db : databases)
            assertEquals(
                    1,
                    Backups.store(folder.resolve("kept").resolve(db.database()).toString(), TestServer.SETTINGS)
                            .files()
                            .size());
        write(
                folder.resolve("rules.yaml"),
                "rules:\n- {id: A-1, category: consistency, severity: critical, means: no two, tables: [a], query: "
                        + "'SELECT id::text FROM a WHERE id = 2'}\n");
        execute(databases.get(1), "INSERT INTO a VALUES (2)");
        JsonNode checked =
                fleet("integrity", "check", "--json").run().expect(22).json();
        assertEquals(Map.of("done", 2L, "findings", 1L), outcomes(checked));
        execute(databases.get(1), "DELETE FROM a WHERE id = 2");
        assertEquals(
                Map.of("done", 1L, "skipped", 2L),
                outcomes(fleet("integrity", "check", "--json", "--resume")
                        .run()
                        .expect(0)
                        .json()));
    }

    /** Rows are data: none of them says where a password goes. */
    @Test
    void whatARowNamesStaysOnTheServer() throws Exception {
        databases(1);
        DatabaseUrl admin = databases.get(0);
        boolean mayBreak = majorVersion(admin) < 19; // which refuses lines in names
        String line = mayBreak ? "fleet\nline" : "fleet\u001bline";
        List<String> odd = List.of("fleet \"quoted\"; DROP", line, "fleet/slash?x=1#y");
        odd.forEach(TestServer::createNamed);
        execute(admin, "CREATE TABLE shop (place text)");
        targets("shops: {databases: {query: SELECT place FROM shop ORDER BY place}}");
        for (String name : odd) execute(admin, "INSERT INTO shop VALUES ('" + name + "')");
        Run run = fleet("migrate", "up", "--yes", "--json").run().expect(0);
        assertEquals(Map.of("done", 3L), outcomes(run.json()));
        String shown = mayBreak ? "fleet\\nline" : "fleet\\u001bline";
        assertTrue(run.err().contains(shown) && !run.err().contains(line), run.err());
        String here = "postgresql://" + admin.hosts().get(0) + "/";
        execute(admin, "INSERT INTO shop VALUES ('" + here + admin.database() + "')");
        fleet("migrate", "status").run().expect(0).says("4 targets");
        for (String hostile : List.of(
                "postgresql://198.51.100.7/x",
                here + "x?options=-c%20a",
                "postgresql://eve:w@" + admin.hosts().get(0) + "/x",
                here.replaceFirst(":\\d+/", ":1/") + "x",
                "x".repeat(64),
                "")) {
            execute(admin, "DELETE FROM shop", "INSERT INTO shop VALUES ('" + hostile + "')");
            fleet("migrate", "status").run().expect(21, "shops");
        }
        execute(admin, "DELETE FROM shop", "INSERT INTO shop VALUES (NULL)");
        fleet("migrate", "status").run().expect(21, "an empty value");
        execute(admin, "DELETE FROM shop");
        fleet("migrate", "status").run().expect(2, "empty");
        targets("shops: {databases: {query: \"INSERT INTO shop VALUES ('x') RETURNING place\"}}");
        fleet("migrate", "status").run().expect(2, "query");
        targets("shops: {databases: {query: 'WITH x AS (DELETE FROM shop RETURNING place) SELECT place FROM x'}}");
        fleet("migrate", "status").run().expect(25, "read-only");
        odd.forEach(TestServer::dropNamed);
    }

    @Test
    void whatTheFileSaysWronglyIsRefusedByLine() {
        databases(1);
        fleet("migrate", "status", "--targets", "others").run().expect(2, "others", "shops");
        fleet("migrate", "up", "--yes", "--parallel", "0").run().expect(2, "--parallel is 0");
        command("migrate", "up", "--resume").run().expect(2, "--targets");
        fleet("migrate", "validate", "--resume").run().expect(2, "to resume");
        targets("shops: {databases: ['postgresql://ada@198.51.100.7/x']}");
        fleet("migrate", "status").run().expect(2, "found", "$VARIABLE");
        targets("shops: {url: $SHOP, databases: {query: SELECT 'a'}, hosts: [elsewhere.example]}");
        fleet("migrate", "status")
                .with("SHOP", "postgresql://ada:Sesame99@198.51.100.7/x")
                .run()
                .expect(2, "the password of 198.51.100.7:5432 would go there", "--config");
        targets("shops: {databases: [$SHOP]}");
        fleet("migrate", "status").run().expect(2, "SHOP", "not set");
        fleet("migrate", "status")
                .with("SHOP", databases.get(0).withPassword())
                .run()
                .expect(0);
        targets("shops: {database: [a]}");
        fleet("migrate", "status").run().expect(2, "avdaily.yaml line 3");
        targets("all: {databases: [a]}");
        fleet("migrate", "status").run().expect(2, "'all' is no name");
        assertTrue(Files.notExists(home.resolve("servers")));
    }

    @Test
    void theExampleInTheManualIsRead() {
        write(
                folder.resolve("avdaily.yaml"),
                ManualPage.read(PROJECT.resolve("docs/fleets.md")).blocks().get(0).text());
        command("migrate", "status", "--targets", "gone")
                .in(folder)
                .run()
                .expect(2, "abroad", "few", "shops");
    }
}
