import static org.junit.jupiter.api.Assertions.assertEquals;

import avdaily.db.DatabaseUrl;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The commands answer as they answered before: every help, the exit codes, the shape of JSON documents, and the forms
 * that other programs read. The answers are kept in tests/testdata/. {@code TEST_RENEW=1 ./jbang avdaily-test
 * AnswersTest} writes them anew.
 */
class AnswersTest extends ShopTest {
    /** Only a server that is used much, has a standby or is this machine says these, to Prometheus and to Nagios. */
    private static final Pattern ON_SOME_SERVERS =
            Pattern.compile("avdaily_(cache_hit_ratio|replication_lag_seconds|checksum_failures)"
                    + "|place=\"server\"|\"server disk\""
                    + "| (cache_hit_ratio|replication_lag_seconds|checksum_failures|disk_used_ratio_server)=\\S+");

    private static final String RECIPIENT = "age1em76rl8d09p7rwna0l6k2wtrr2fl065kl2znc9exvuyne8ez059sj029v9";

    private final Path folder = TestServer.temporary("snapshot");
    private final Path backups = folder.resolve("backups");
    private final Map<String, JsonShape> shapes = new TreeMap<>();

    /** Runs a script with --json and keeps the shape of its document; documents of the same name count as one. */
    private Run json(String name, int code, Command command) {
        Run run = in(command).and("--json").run().expect(code);
        shapes.computeIfAbsent(name + ".txt", key -> new JsonShape()).add(run.json());
        return run;
    }

    private Command in(Command command) {
        return command.in(folder).with("BACKUP_DIR", backups.toString()).with("GITHUB_ACTOR", "ada");
    }

    private void shapesMatch(String script) {
        Testdata.matches(
                "json",
                script,
                shapes.entrySet().stream()
                        .filter(shape -> shape.getKey().startsWith(script))
                        .collect(Collectors.toMap(
                                Map.Entry::getKey, shape -> shape.getValue().toString())));
    }

    @Test
    void everyHelp() {
        Map<String, String> files = new TreeMap<>();
        CommandHelp.all().forEach((command, help) -> files.put(command.replace(' ', '-') + ".txt", help));
        Testdata.matches("help", "", files);
    }

    @Test
    void theExitCodesOfEveryCommand() throws Exception {
        String codes = CommandHelp.exitCodes(CommandHelp.all().get("migrate"));
        Testdata.matches("exit-codes.txt", codes);
        CommandHelp.all().forEach((command, help) -> assertEquals(codes, CommandHelp.exitCodes(help), command));
    }

    @Test
    void jsonOfDb() {
        var db = shop();
        json("error", 2, command("db", "url", "--nonsense"));
        json("db-url", 0, command(db, "db", "url"));
        String home = TestServer.temporary("home").toString();
        json("db-status", 0, command("db", "status").with("AVDAILY_HOME", home));
        json("db-stop", 0, command("db", "stop").with("AVDAILY_HOME", home));
        json("db-reset", 0, command(db, "db", "reset", "--yes").with("DB_RESET_CONFIRM", "1"));
        shapesMatch("db-");
        shapesMatch("error");
    }

    /** Four versions: a plain one, one that writes rows, a dangerous one, and one that cannot run in a transaction. */
    private void writeMigrations() {
        migration("V1__a", "CREATE TABLE a (id int PRIMARY KEY, n int);", "INSERT INTO a VALUES (1, 1);");
        migration("U1__a", "DROP TABLE a;");
        migration(
                "V2__b",
                "CREATE TABLE b (id int PRIMARY KEY);",
                "INSERT INTO b VALUES (1);",
                "INSERT INTO a VALUES (2, 2);");
        migration("U2__b", "DROP TABLE b;", "DELETE FROM a WHERE id = 2;");
        migration(
                "V3__c",
                "ALTER TABLE a DROP COLUMN n;",
                "ALTER TABLE b ADD k int DEFAULT 1;",
                "-- lint:ignore set-not-null it has one row",
                "ALTER TABLE b ALTER k SET NOT NULL;",
                "ALTER TABLE b ADD j json;",
                "CREATE INDEX e ON b (k);");
        migration("U3__c", "ALTER TABLE b DROP COLUMN k, DROP COLUMN j;", "ALTER TABLE a ADD n bigint;");
        migration("V4__d", "CREATE INDEX CONCURRENTLY d ON b (k);");
        migration("U4__d", "DROP INDEX d;");
    }

    private void migration(String name, String... lines) {
        write(folder.resolve("migrations").resolve(name + ".sql"), String.join("\n", lines) + "\n");
    }

    @Test
    void jsonOfMigrate() {
        writeMigrations();
        var db = TestServer.newDatabase();
        json("migrate-up-dry-run", 0, migrate(db, "up", "--dry-run"));
        json("migrate-up", 0, migrate(db, "up", "--to", "2", "--yes"));
        json("migrate-status", 0, migrate(db, "status"));
        json("migrate-lint", 22, migrate(db, "lint", "--from", "3", "--small-table", "0"));
        json("migrate-verify-undo", 22, migrate(db, "verify-undo"));
        json("migrate-up", 0, migrate(db, "up", "--yes"));
        json("migrate-rollback", 0, migrate(db, "rollback", "--to", "1", "--yes"));
        json("migrate-history", 0, migrate(db, "history"));
        execute(db, "CREATE TABLE extra (id int)", "DROP TABLE a");
        migration("V1__a", "CREATE TABLE a (id bigint PRIMARY KEY);");
        json("migrate-validate", 22, migrate(db, "validate"));
        json("migrate-repair", 0, migrate(db, "repair", "--accept-drift", "--yes"));
        var foreign = TestServer.newDatabase();
        execute(foreign, "CREATE TABLE a (id int PRIMARY KEY)");
        json("migrate-baseline", 0, migrate(foreign, "baseline", "--version", "1", "--yes"));
        write(folder.resolve("desired/V1__a.sql"), "CREATE TABLE a (id int PRIMARY KEY);\n");
        write(folder.resolve("desired/schema/a.sql"), "CREATE TABLE a (id bigint PRIMARY KEY, more text);\n");
        json("migrate-generate-check", 22, migrate(foreign, "generate", "--check", "--migrations", "desired"));
        json("migrate-new", 0, command("migrate", "new", "add loans", "--migrations", "new"));
        json("migrate-lint-rules", 0, command("migrate", "lint", "--rules"));
        shapesMatch("migrate-");
    }

    private Command migrate(DatabaseUrl db, String... words) {
        return command(db, "migrate", words).with("AVDAILY_MIGRATIONS", "migrations");
    }

    @Test
    void annotationsOfLint() throws Exception {
        writeMigrations();
        String[] words = {"lint", "--from", "3", "--small-table", "0", "--github", "--migrations", "migrations"};
        Run run = in(command(TestServer.newDatabase(), "migrate", words)).run().expect(22);
        Testdata.matches(
                "formats/lint-github.txt",
                lines(run.out()
                        .lines()
                        .filter(line -> line.startsWith("::"))
                        .map(line -> line.replaceFirst("file=[^,]*/", "file="))));
    }

    @Test
    void jsonOfSeed() {
        var db = migrated();
        json("seed", 0, command(db, "seed", "testing", "--validate"));
        execute(db, "UPDATE \"user\" SET name = 'Somebody'", "DELETE FROM user_roles");
        json("seed-dry-run", 0, command(db, "seed", "testing", "--dry-run"));
        json("seed-export", 0, command(db, "seed", "export", "--tables", "user,wallets", "--out", "export"));
        json(
                "seed-generate",
                0,
                command(
                        migrated(),
                        "seed",
                        "generate",
                        "development",
                        "--users",
                        "3",
                        "--days",
                        "3",
                        "--as-of",
                        "2026-01-31",
                        "--checksum",
                        "--yes"));
        shapesMatch("seed");
    }

    @Test
    void jsonOfBackupAndRestore() {
        var db = shop();
        json("backup-create", 0, command(db, "backup", "create"));
        json("backup-create", 0, command(db, "backup", "--encrypt-to", RECIPIENT, "--exclude-table-data", "coin"));
        json("backup-info", 0, command("backup", "info", newest(".age")));
        write(backups.resolve("avdaily_backup_2020-01-01_00-00-00.sql.gz"), "nothing is known of it");
        write(backups.resolve("avdaily_backup_2020-01-02_00-00-00.sql.gz"), "its metadata are damaged");
        write(backups.resolve("avdaily_backup_2020-01-02_00-00-00.sql.gz.json"), "{");
        json("backup-list", 0, command("backup", "list"));
        json("backup-prune", 0, command("backup", "prune", "--keep-last", "1", "--dry-run"));
        String file = newest(".gz");
        json("backup-verify", 0, command("backup", "verify", file, "--restore", "--url", db.withPassword()));
        json("restore", 0, command(db, "restore", file, "--yes").with("DB_RESTORE_CONFIRM", "1"));
        json("restore-back", 0, command(db, "restore", "--back", "--yes").with("DB_RESTORE_CONFIRM", "1"));
        shapesMatch("backup-");
        shapesMatch("restore");
    }

    private String newest(String suffix) {
        try (var files = Files.list(backups)) {
            return files.map(Path::toString)
                    .filter(name -> name.endsWith(suffix))
                    .max(String::compareTo)
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void jsonAndReportsOfIntegrity() throws Exception {
        var db = shop("UPDATE purse SET balance = -1 WHERE id IN (1, 2)", "UPDATE purse SET total = 7 WHERE id = 5");
        String rules = rules(
                BALANCE,
                TOTAL,
                """
                - {id: DIV-1, category: business, severity: info, means: Fails., table: purse, where: 1 / (id - 3) > 5}
                - {id: OFF-1, category: orphans, severity: info, means: Skipped., tables: [no], query: SELECT 1 AS id}
                - {id: GOOD-1, category: business, severity: info, means: Passes., table: purse, where: balance > 999}
                """);
        String known = file(
                "known.yaml",
                """
                - {rule: BAL-1, key: 2, reason: known, until: 2099-12-31}
                - {rule: BAL-1, key: 77, reason: gone, until: 2099-12-31}
                """);
        String only = "BAL-1,TOT-1,DIV-1,OFF-1,GOOD-1";
        json("integrity-rules", 0, command("integrity", "rules"));
        String[] fix = {"fix", "--rules", rules, "--only", only, "--yes"};
        String run = json("integrity-fix", 25, command(db, "integrity", fix))
                .json()
                .get("run")
                .asText();
        json("integrity-fix-undo", 0, command(db, "integrity", "fix", "--undo", run, "--yes"));
        json("integrity-check", 22, command(db, "integrity", "check", "--rules", rules, "--baseline", known));
        json("integrity-quick", 22, command(db, "integrity", "quick", "--rules", rules));
        for (String report : List.of("report.html", "report.xml"))
            json(
                    "integrity-report",
                    22,
                    command(
                            db,
                            "integrity",
                            "report",
                            "--rules",
                            rules,
                            "--baseline",
                            known,
                            "--only",
                            only,
                            "--out",
                            report));
        shapesMatch("integrity-");
        String html = Files.readString(folder.resolve("report.html")).replace(db.database(), "DATABASE");
        Testdata.matches("formats/integrity-html.txt", structure(html));
        String junit = Files.readString(folder.resolve("report.xml")).replace(db.database(), "DATABASE");
        Testdata.matches(
                "formats/integrity-junit.xml",
                junit.replaceAll("time=\"[^\"]*\"", "time=\"N\"").replace("><", ">\n<"));
    }

    /** A line for each element and each text, with class and name; without styles, times and what a chart shows. */
    private static String structure(String html) {
        String plain = html.replaceAll("(?s)(<style>).*?</style>", "$1")
                .replaceAll("(?s)(<svg[^>]*>).*?</svg>", "$1")
                .replaceAll("(<dt>|<span class=\"label\">)[^<]*", "$1");
        Matcher tags = Pattern.compile("<(/?\\w+)([^>]*)>([^<]*)").matcher(plain);
        StringBuilder lines = new StringBuilder();
        while (tags.find()) {
            String names = attribute(tags.group(2), "class", ".") + attribute(tags.group(2), "id", "#");
            String text = withoutTimes(tags.group(3)).replaceAll("\\s+", " ").strip();
            String element = tags.group(1).startsWith("/") ? "" : tags.group(1) + names;
            if (!element.isEmpty() || !text.isEmpty())
                lines.append((element + " " + text).strip()).append('\n');
        }
        return lines.toString();
    }

    private static String attribute(String attributes, String name, String mark) {
        Matcher value = Pattern.compile(name + "=\"([^\"]*)\"").matcher(attributes);
        return value.find() ? mark + value.group(1) : "";
    }

    private static String withoutTimes(String text) {
        return text.replaceAll("\\d+ \\w+( \\d+)?,? \\d\\d:\\d\\d( UTC)?", "TIME")
                .replaceAll("\\d[\\d.]* (ms|s|min \\d+ s)\\b", "DURATION");
    }

    @Test
    void jsonOfDeploy() {
        migration("V1__a", "CREATE TABLE a (id int PRIMARY KEY, name text UNIQUE NOT NULL);");
        migration("U1__a", "DROP TABLE a;");
        write(folder.resolve("seeds/base/a.yaml"), "- {id: 1, name: one}\n");
        var db = TestServer.newDatabase();
        json("deploy-plan", 0, deploy(db, "plan", "staging", "--seed", "-o", "plan.json"));
        json("deploy-approve", 0, deploy(db, "approve", "plan.json").with("DB_DEPLOY_AUTHOR_MAY_APPROVE", "1"));
        json("deploy", 0, deploy(db, "staging", "--plan", "plan.json", "--yes"));
        json("deploy", 0, deploy(db, "staging", "--dry-run"));
        json("deploy-rollback", 0, deploy(db, "rollback", "staging", "--dry-run"));
        migration("V2__b", "CREATE TABLE b (id int);", "SELECT 1 / 0;");
        json("deploy-failed", 25, deploy(db, "staging", "--yes"));
        json("deploy-history", 0, deploy(db, "history"));
        shapesMatch("deploy");
    }

    private static Command deploy(DatabaseUrl db, String... words) {
        return command(db, "deploy", words)
                .with("AVDAILY_MIGRATIONS", "migrations")
                .with("AVDAILY_SEEDS", "seeds");
    }

    @Test
    void theMonitorsFormats() throws Exception {
        var db = migrated();
        in(command(db, "backup")).run().expect(0);
        write(
                folder.resolve("avdaily.yaml"),
                """
                name: avdaily
                monitor:
                  connections: {warning: 100%, critical: 100%}
                  cache-hits: {warning: 0%, critical: 0%}
                  disk: {warning: 100%, critical: 100%}
                """);
        json("monitor", 0, ofMaster(db, "monitor"));
        shapesMatch("monitor");
        String prometheus = in(ofMaster(db, "monitor", "--format", "prometheus"))
                .run()
                .expect(0)
                .out();
        Testdata.matches(
                "formats/monitor-prometheus.txt",
                lines(prometheus
                        .replace(db.database(), "DATABASE")
                        .lines()
                        .filter(line -> !ON_SOME_SERVERS.matcher(line).find())
                        .map(line -> line.replaceFirst("} [-0-9.E]+$", "} N"))));
        String nagios = in(ofMaster(db, "monitor", "--format", "nagios"))
                .run()
                .expect(0)
                .out();
        Testdata.matches(
                "formats/monitor-nagios.txt",
                lines(nagios.replace(db.database(), "DATABASE")
                        .lines()
                        .map(line -> ON_SOME_SERVERS.matcher(line).replaceAll(""))
                        .map(line -> line.replaceAll("=[-0-9.E]+", "=N").replaceAll("\\d+ (ok|skipped)", "N $1"))));
    }

    private static String lines(Stream<String> lines) {
        return lines.map(line -> line + "\n").collect(Collectors.joining());
    }
}
