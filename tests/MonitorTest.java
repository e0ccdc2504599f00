import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.db.DatabaseUrl;
import avdaily.monitor.MonitorReport;
import avdaily.monitor.Trend;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The monitor sees what is wrong and nothing else, only reads, and writes formats that other programs read. */
class MonitorTest extends ScriptTest {
    private static final String TIME = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(Z|[+-]\\d\\d:\\d\\d)";

    private final Path folder = TestServer.temporary("monitor");

    private Command monitor(DatabaseUrl db, String... words) {
        return command(db, "monitor", words)
                .in(folder)
                .with("AVDAILY_TRUSTED_ROLES", TestServer.ROLE)
                .with("BACKUP_DIR", folder.resolve("backups").toString());
    }

    /** How full the machine's disk is, is not the database's, and looked at nowhere. */
    private DatabaseUrl healthy() {
        write(folder.resolve("avdaily.yaml"), "name: avdaily\nmonitor: {disk: off}\n");
        DatabaseUrl db = migrated();
        command(db, "backup")
                .with("BACKUP_DIR", folder.resolve("backups").toString())
                .run()
                .expect(0);
        return db;
    }

    private static DatabaseUrl superuser(DatabaseUrl db) {
        DatabaseUrl admin = TestServer.admin();
        return new DatabaseUrl(admin.hosts(), db.database(), admin.user(), admin.password(), admin.parameters());
    }

    private static Map<String, String> levels(JsonNode report) {
        Map<String, String> levels = new TreeMap<>();
        report.get("checks")
                .forEach(check -> levels.merge(
                        check.get("name").asText(), check.get("level").asText(), (a, b) -> a + " " + b));
        return levels;
    }

    /** The checks that found something, by name, but for the machine's disk. */
    private static Map<String, String> trouble(JsonNode report) {
        Map<String, String> levels = levels(report);
        levels.remove("disk");
        levels.values().removeIf(level -> Set.of("ok", "skipped").contains(level));
        return levels;
    }

    @Test
    void aHealthyDatabaseHasNoTroubleAndIsNotTouched() {
        DatabaseUrl db = healthy();
        String before = rows(db) + values(db, "SELECT id || outcome FROM avdaily_ops.operation ORDER BY id");
        JsonNode report =
                monitor(superuser(db), "--json", "--verify").run().expect(0).json();
        assertEquals(Map.of(), trouble(report));
        for (String check : List.of(
                "connection",
                "backup",
                "migrations",
                "drift",
                "integrity",
                "connections",
                "blocked",
                "transactions",
                "wraparound")) assertEquals("ok", levels(report).get(check), check);
        assertEquals(before, rows(db) + values(db, "SELECT id || outcome FROM avdaily_ops.operation ORDER BY id"));
    }

    /** The first look leaves a sample; what the next ones say of earlier looks comes from there. */
    @Test
    void laterLooksKnowWhatEarlierOnesSaw() {
        DatabaseUrl db = healthy();
        write(
                folder.resolve("avdaily.yaml"),
                """
                name: avdaily
                monitor:
                  freshness: {transactions.created_at: 2h, nosuch.at: {warning: 1d}}
                  volume: {wallets: 3000000, public.user: 0}
                """);
        JsonNode first = monitor(superuser(db), "--json").run().expect(22).json();
        assertEquals(
                "{freshness=critical unknown, volume=critical}",
                trouble(first).toString().replace("freshness=critical", "freshness=critical unknown"),
                first.toString());
        assertTrue(first.toString().contains("transactions.created_at has no value"), first.toString());
        assertFalse(first.toString().contains("\"since\""), first.toString());
        monitor(superuser(db), "--json").run().expect(22);
        assertEquals(
                "1",
                value(db, "SELECT count(*) FROM avdaily_ops.sample WHERE source = 'monitor'"),
                "a sample of the same minutes is one");
        execute(db, "UPDATE avdaily_ops.sample SET at = now() - interval '50 minutes'");
        assertTrue(
                monitor(superuser(db), "--format", "prometheus")
                        .run()
                        .out()
                        .matches("(?s).*avdaily_database_growth_bytes_per_day\\{[^}]*} NaN\n.*"),
                "minutes are no measure of a day");
        execute(
                db,
                "DELETE FROM avdaily_ops.sample WHERE at > now() - interval '40 minutes'",
                "UPDATE avdaily_ops.sample SET at = now() - interval '26 hours', "
                        + "numbers = numbers || '{\"database_bytes\": 1000, \"setting work_mem\": 7}'");
        JsonNode later = monitor(superuser(db), "--json").run().expect(22).json();
        JsonNode volume = check(later, "volume");
        assertEquals(
                value(
                        db,
                        "SELECT to_char(min(at) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI') FROM "
                                + "avdaily_ops.sample"),
                volume.get("since").asText().substring(0, 16));
        JsonNode before = check(later, "size").get("metrics").get(0).get("before");
        assertEquals(1000, before.get("value").asInt());
        assertEquals(26, before.get("agoMillis").asLong() / 3_600_000);
        assertTrue(check(later, "size").get("text").asText().contains("more than 26 hours ago"), later.toString());
        assertTrue(check(later, "settings").get("text").asText().contains("work_mem"), later.toString());
        String prometheus =
                monitor(superuser(db), "--format", "prometheus").run().out();
        assertTrue(
                prometheus.matches("(?s).*avdaily_check_since_timestamp_seconds\\{check=\"volume\",[^}]*} \\d+\n.*"));
        assertTrue(prometheus.matches("(?s).*avdaily_check_since_timestamp_seconds\\{check=\"backup\",[^}]*} NaN\n.*"));
        assertTrue(prometheus.matches("(?s).*avdaily_database_growth_bytes_per_day\\{[^}]*} \\d+.*"));
        String text = monitor(superuser(db)).run().expect(22).out();
        assertTrue(text.matches("(?s).*volume +wallets has 0 rows of at least 3000000 \\(since 26 hours\\).*"), text);
    }

    private static JsonNode check(JsonNode report, String name) {
        for (JsonNode check : report.get("checks"))
            if (check.get("name").asText().equals(name)) return check;
        throw new AssertionError(name + " is not in " + report);
    }

    /** However often somebody looks, few samples stay, and fewer the older they are. */
    @Test
    void samplesAreFewAndOfNoConsequence() throws Exception {
        DatabaseUrl db = healthy();
        // the thinning leaves dead rows itself
        write(folder.resolve("avdaily.yaml"), "name: avdaily\nmonitor: {disk: off, dead-rows: off}\n");
        monitor(superuser(db)).run().expect(0);
        execute(
                db,
                "TRUNCATE avdaily_ops.sample",
                "INSERT INTO avdaily_ops.sample SELECT 'monitor', t, '{\"x\": 1}' FROM generate_series("
                        + "now() - interval '3 years', now() - interval '5 minutes', interval '20 minutes') t",
                "INSERT INTO avdaily_ops.sample VALUES ('monitor', now() + interval '3 years', '{}')");
        for (int look = 0; look < 4; look++) monitor(superuser(db)).run().expect(0); // each thins some
        int left = Integer.parseInt(value(db, "SELECT count(*) FROM avdaily_ops.sample"));
        assertTrue(left > 1400 && left < 1800, left + " samples");
        assertEquals(
                "t",
                value(
                                db,
                                "SELECT min(at) > now() - interval '2 years' AND max(at) <= now() FROM "
                                        + "avdaily_ops.sample")
                        .substring(0, 1));
        execute(db, "TRUNCATE avdaily_ops.sample", "ALTER TABLE avdaily_ops.sample RENAME numbers TO others");
        monitor(superuser(db)).run().expect(0);
        execute(
                db,
                "DROP TABLE avdaily_ops.sample",
                "ALTER DATABASE " + db.database() + " SET default_transaction_read_only = on");
        monitor(superuser(db)).run().expect(22);
        assertEquals(
                "f",
                value(db, "SELECT to_regclass('avdaily_ops.sample') IS NOT NULL")
                        .substring(0, 1));
        DatabaseUrl bare = TestServer.newDatabase();
        monitor(superuser(bare), "--fail-on", "critical").run();
        assertEquals(
                "f",
                value(bare, "SELECT to_regnamespace('avdaily_ops') IS NOT NULL").substring(0, 1));
    }

    @Test
    void plantedTroubleIsReportedAndNothingElse() throws Exception {
        DatabaseUrl db = healthy();
        write(
                folder.resolve("avdaily.yaml"),
                """
                name: avdaily
                monitor:
                  backup-age: {warning: 0s, critical: 1d}
                  blocked: {warning: 0s, critical: 1s}
                  connections: {warning: 50%, critical: 60%}
                """);
        execute(
                db,
                "DROP INDEX wallets_user_idx",
                "CREATE INDEX wallets_user_idx ON wallets (user_id) WHERE user_id IS NOT NULL",
                "CREATE TABLE notes (id int PRIMARY KEY); DROP TABLE notes");
        write(
                folder.resolve("rules.yaml"),
                """
                rules:
                - {id: OWN-1, category: business, severity: critical, quick: true, means: No wallet is there.,
                   query: SELECT 1 AS id, cure: none}
                """);
        try (Connection holder = TestServer.connect(db);
                Statement holding = holder.createStatement();
                Connection waiter = TestServer.connect(db);
                Statement waiting = waiter.createStatement()) {
            execute(TestServer.admin(), "ALTER DATABASE " + db.database() + " CONNECTION LIMIT 4");
            holder.setAutoCommit(false);
            holding.execute("SELECT pg_advisory_xact_lock(77)"); // a lock that is in no other check's way
            Thread blocked = new Thread(() -> {
                try {
                    waiting.execute("SELECT pg_advisory_xact_lock(77)");
                } catch (Exception e) {
                    // its session is ended with the test
                }
            });
            waiter.setAutoCommit(false);
            blocked.start();
            Await.session(db, "wait_event_type = 'Lock' AND query_start < now() - interval '2 seconds'");
            JsonNode report = monitor(superuser(db), "--json")
                    .with("AVDAILY_RULES", folder.resolve("rules.yaml").toString())
                    .run()
                    .expect(22)
                    .json();
            assertEquals(
                    "{backup=warning, blocked=critical, connections=critical, drift=critical, integrity=critical}",
                    trouble(report).toString(),
                    report.toString());
            assertTrue(
                    report.toString().contains("INDEX public.wallets_user_idx")
                            && report.toString().contains("OWN-1 (1)"),
                    report.toString());
            assertTrue(report.toString().contains("waits for pid"), report.toString());
            holder.rollback();
            blocked.join();
            waiter.rollback();
        }
        execute(TestServer.admin(), "ALTER DATABASE " + db.database() + " CONNECTION LIMIT -1");
    }

    @Test
    void itDoesNotWaitForALockedTable() throws Exception {
        DatabaseUrl db = healthy();
        try (Connection holder = TestServer.connect(db);
                Statement holding = holder.createStatement()) {
            holder.setAutoCommit(false);
            holding.execute("LOCK wallets IN ACCESS EXCLUSIVE MODE");
            JsonNode report = monitor(superuser(db), "--json").run().expect(22).json();
            assertEquals("unknown", levels(report).get("drift"), "what cannot be looked at is not good: " + report);
        }
    }

    @Test
    void noBackupADamagedOneAndPendingMigrations() throws IOException {
        DatabaseUrl db = TestServer.newDatabase();
        write(folder.resolve("migrations/V1__a.sql"), "CREATE TABLE a (id int PRIMARY KEY);");
        command(db, "migrate", "up", "--yes")
                .with("AVDAILY_MIGRATIONS", folder.resolve("migrations").toString())
                .run()
                .expect(0);
        write(folder.resolve("migrations/V2__b.sql"), "CREATE TABLE b (id int PRIMARY KEY);");
        write(folder.resolve(".env"), "AVDAILY_MIGRATIONS=migrations\n");
        JsonNode none = monitor(superuser(db), "--json").run().expect(22).json();
        assertEquals("{backup=critical, migrations=warning}", trouble(none).toString());
        command(db, "backup")
                .with("BACKUP_DIR", folder.resolve("backups").toString())
                .run()
                .expect(0);
        monitor(superuser(db)).run().expect(0).says("warning   migrations", "V2 b");
        monitor(superuser(db), "--fail-on", "warning").run().expect(22);
        Path file;
        try (var files = Files.list(folder.resolve("backups"))) {
            file = files.filter(path -> path.toString().endsWith(".gz"))
                    .findFirst()
                    .orElseThrow();
        }
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
        monitor(superuser(db)).run().expect(0);
        monitor(superuser(db), "--verify")
                .run()
                .expect(22)
                .says("critical  backup", "there is no whole backup", "damaged");
    }

    @Test
    void aRoleThatMayOnlyReadIsToldWhatItMayNotSee() {
        DatabaseUrl db = healthy();
        String role = "reader_" + db.database();
        execute(
                TestServer.admin(),
                "CREATE ROLE " + role + " LOGIN PASSWORD 'only reading'",
                "GRANT pg_read_all_data TO " + role);
        try {
            JsonNode report = monitor(
                            new DatabaseUrl(db.hosts(), db.database(), role, "only reading", db.parameters()), "--json")
                    .run()
                    .expect(0)
                    .json();
            assertEquals(Map.of(), trouble(report), report.toString());
            for (String check : List.of("blocked", "transactions"))
                assertEquals("skipped", levels(report).get(check), "what it may not see is not good");
            assertTrue(report.toString().contains("GRANT pg_monitor TO"), report.toString());
            for (String check : List.of("migrations", "drift", "integrity"))
                assertTrue(levels(report).get(check).startsWith("ok"), check + report);
        } finally {
            execute(TestServer.admin(), "DROP OWNED BY " + role, "DROP ROLE " + role);
        }
    }

    /** The server words its messages in the language of lc_messages; the SQLSTATE is the same in all of them. */
    @Test
    void aMissingPermissionIsNoErrorWhateverTheServersLanguage() {
        DatabaseUrl db = healthy();
        execute(
                db,
                """
                CREATE FUNCTION secret() RETURNS int LANGUAGE plpgsql AS $$ BEGIN
                  RAISE insufficient_privilege USING MESSAGE = 'keine Berechtigung für Tabelle geheim';
                END $$""");
        write(
                folder.resolve("rules.yaml"),
                """
                rules:
                - {id: OWN-1, category: business, severity: critical, quick: true, means: No secret is there.,
                   query: SELECT secret() AS id, cure: none}
                """);
        JsonNode report = monitor(superuser(db), "--json")
                .with("AVDAILY_RULES", folder.resolve("rules.yaml").toString())
                .run()
                .json();
        assertEquals("ok skipped", levels(report).get("integrity"), report.toString());
        assertTrue(report.toString().contains("may not look: OWN-1"), report.toString());
    }

    @Test
    void aDatabaseThatCannotBeReached() {
        DatabaseUrl db = TestServer.newDatabase();
        DatabaseUrl gone =
                new DatabaseUrl(db.hosts(), "nowhere_" + db.database(), db.user(), db.password(), db.parameters());
        monitor(gone).run().expect(20).says("critical  connection", "unknown   everything else");
        monitor(gone, "--format", "nagios").run().expect(2).says("AVDAILY CRITICAL - connection");
        assertTrue(monitor(gone, "--format", "prometheus")
                .run()
                .expect(20)
                .out()
                .contains("avdaily_up{database=\"nowhere_"));
        execute(TestServer.admin(), "ALTER DATABASE " + db.database() + " CONNECTION LIMIT 0");
        monitor(db).run().expect(20).says("too many connections");
        execute(TestServer.admin(), "ALTER DATABASE " + db.database() + " CONNECTION LIMIT -1");
    }

    @Test
    void nagiosGetsItsCodesAndOneLine() {
        DatabaseUrl db = healthy();
        Run ok = monitor(superuser(db), "--format", "nagios").run().expect(0);
        assertEquals(1, ok.out().lines().count());
        assertTrue(ok.out().matches("AVDAILY OK - [^|]+ \\| (\\w+=-?[0-9.]+ ?)+\\s*"), ok.out());
        execute(db, "CREATE TABLE \"a|b c\" AS SELECT clock_timestamp() + interval '600 days' AS \"at='\"");
        write(folder.resolve("avdaily.yaml"), "name: avdaily\nmonitor: {freshness: {\"a|b c.at='\": 1d}}\n");
        Run odd = monitor(superuser(db), "--format", "nagios").run().expect(2).says("AVDAILY CRITICAL - drift: ");
        assertTrue(odd.out().matches("[^|]+ \\| ([\\w.]+=-?[0-9.]+ ?)+\\s*"), odd.out());
        execute(db, "DROP TABLE \"a|b c\"");
        write(folder.resolve("avdaily.yaml"), "name: avdaily\nmonitor: {backup-age: {warning: 0s}}\n");
        monitor(superuser(db), "--format", "nagios").run().expect(1).says("AVDAILY WARNING - backup: ");
        write(folder.resolve("avdaily.yaml"), "name: avdaily\nmonitor: {backup-age: {warning: 0s, critical: 0s}}\n");
        monitor(superuser(db), "--format", "nagios").run().expect(2).says("AVDAILY CRITICAL - backup: ");
    }

    /** The grammar of the text format, version 0.0.4, as its specification has it. */
    @Test
    void prometheusReadsTheFile() throws IOException {
        DatabaseUrl db = healthy();
        Path out = folder.resolve("avdaily.prom");
        write(out, "old");
        assertEquals(
                "",
                monitor(superuser(db), "--format", "prometheus", "--out", out.toString())
                        .run()
                        .expect(0)
                        .out());
        String text = Files.readString(out);
        assertTrue(text.endsWith("\n"));
        String label = "[a-zA-Z_][a-zA-Z0-9_]*=\"(?:[^\"\\\\\\n]|\\\\[\\\\\"n])*\"";
        String number = "-?[0-9]+(?:\\.[0-9]+)?(?:E-?[0-9]+)?|NaN|[+-]Inf";
        Pattern sample =
                Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(\\{" + label + "(?:," + label + ")*\\}) (" + number + ")");
        Set<String> families = new HashSet<>();
        Set<String> series = new HashSet<>();
        String family = null;
        for (String line : text.split("\n")) {
            if (line.startsWith("# HELP ")) {
                family = line.split(" ")[2];
                assertTrue(families.add(family), "a family stands in one place: " + line);
            } else if (line.startsWith("# TYPE ")) {
                assertEquals("# TYPE " + family + " gauge", line);
            } else {
                var match = sample.matcher(line);
                assertTrue(match.matches(), line);
                assertEquals(family, match.group(1), "a sample stands below its family");
                assertTrue(series.add(match.group(1) + match.group(2)), "twice: " + line);
            }
        }
        assertTrue(
                families.containsAll(List.of(
                        "avdaily_up",
                        "avdaily_backup_age_seconds",
                        "avdaily_check_level",
                        "avdaily_connections_ratio",
                        "avdaily_integrity_findings")),
                families.toString());
        assertEquals(
                List.of("avdaily.prom", "avdaily.yaml", "backups"),
                new ArrayList<>(List.of(folder.toFile().list()))
                        .stream().sorted().toList(),
                "no draft stays");
    }

    @Test
    void itLooksAgainAndAgain() throws Exception {
        DatabaseUrl db = healthy();
        Path out = folder.resolve("watch.txt");
        Process process = monitor(superuser(db), "--watch", "1").start(out, folder.resolve("err.txt"));
        try {
            Await.until(() -> Files.readString(out).split("connection  ").length >= 3, "a third look");
            assertTrue(process.isAlive());
        } finally {
            process.destroyForcibly();
        }
        monitor(db, "--watch", "0").run().expect(2, "--watch");
        assertEquals(
                List.of(),
                Files.readString(out)
                        .lines()
                        .filter(line -> line.contains("): ") && !line.matches(TIME + "  .*"))
                        .toList(),
                "each look has its time");
    }

    @Test
    void aFullMinuteHasItsSeconds() {
        Instant at = Instant.parse("2026-11-12T13:14:00Z");
        String line = new MonitorReport("shop", "testing", at, Duration.ZERO, List.of(), new Trend(List.of(), at))
                .logged()
                .get(0);
        assertTrue(line.matches(TIME + "  shop .*"), line);
    }

    @Test
    void watchingPrintsADocumentALine() throws Exception {
        Path out = folder.resolve("watch.json");
        Process process = monitor(healthy(), "--watch", "1", "--json").start(out, folder.resolve("err.txt"));
        try {
            Await.until(() -> Files.readString(out).split("\n").length >= 3, "a third look");
        } finally {
            process.destroyForcibly();
        }
        List<String> looks = Files.readAllLines(out).subList(0, 2);
        JsonSchema.mustFit("monitor", List.of("--watch", "1", "--json"), String.join("\n", looks));
        for (String look : looks) assertTrue(new ObjectMapper().readTree(look).has("checks"), look);
    }

    @Test
    void anAlertKeepsItsSeriesWhenTheDatabaseIsDown() {
        DatabaseUrl db = healthy();
        Set<String> up = series(monitor(superuser(db), "--format", "prometheus").run());
        for (String variable : List.of("AVDAILY_ENV", "NODE_ENV")) {
            DatabaseUrl gone = new DatabaseUrl(db.hosts(), "gone", db.user(), db.password(), db.parameters());
            Run down = monitor(gone, "--format", "prometheus")
                    .with(variable, "staging")
                    .run()
                    .expect(20);
            assertEquals(
                    up,
                    series(down).stream()
                            .map(name -> name.replace("\"gone\"", '"' + db.database() + '"')
                                    .replace("\"staging\"", "\"development\""))
                            .collect(Collectors.toSet()));
            assertTrue(down.out().contains("avdaily_up{database=\"gone\",environment=\"staging\"} 0"), down.out());
            assertTrue(
                    down.out().contains("avdaily_backup_age_seconds{database=\"gone\",environment=\"staging\"} NaN"));
        }
    }

    @Test
    void aProjectsOwnNameForItsDatabasesCountsWhenOneIsDown() {
        write(folder.resolve("avdaily.yaml"), "name: avdaily\nenvironments: {production: {names: [shop*]}}\n");
        DatabaseUrl db = TestServer.newDatabase();
        DatabaseUrl gone = new DatabaseUrl(db.hosts(), "shop_gone", db.user(), db.password(), db.parameters());
        monitor(gone, "--format", "prometheus")
                .run()
                .expect(20)
                .says("avdaily_up{database=\"shop_gone\",environment=\"production\"} 0");
    }

    private static Set<String> series(Run run) {
        return run.out()
                .lines()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.replaceFirst(" [^ ]*$", ""))
                .filter(line -> !line.contains("server disk"))
                .collect(Collectors.toSet());
    }

    @Test
    void checksCanBeSwitchedOff() {
        DatabaseUrl db = TestServer.newDatabase();
        write(
                folder.resolve("avdaily.yaml"),
                "name: avdaily\nmonitor: {backup-age: off, migrations: off, drift: off, disk: off, cache-hits: off}\n");
        Map<String, String> levels =
                levels(monitor(superuser(db), "--json").run().expect(0).json());
        for (String check : List.of("backup", "migrations", "drift", "disk", "cache"))
            assertEquals("skipped", levels.get(check), check);
        write(folder.resolve("avdaily.yaml"), "name: avdaily\nmonitor: {drift: on}\n");
        monitor(db).run().expect(2, "avdaily.yaml line 2", "'on' is no value of 'drift'");
    }
}
