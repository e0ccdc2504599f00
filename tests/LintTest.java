import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.db.DatabaseUrl;
import avdaily.migrate.lint.LintRule;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Lint by watching: every rule's own examples, what is exempt, what is accepted, and what is said. */
class LintTest extends ScriptTest {
    /** The tables of the rules' examples. */
    private static final String GIVEN =
            read(PROJECT.resolve("scripts/avdaily/migrate/lint/lint.sql")).split("(?m)^--- (given\\R|rule )")[1];

    private static Run lint(MigrationFolder folder, DatabaseUrl db, String... arguments) {
        List<String> words = new ArrayList<>(List.of("lint"));
        words.addAll(List.of(arguments));
        return folder.run(db, words.toArray(String[]::new));
    }

    /** The rules that each file breaks, neither accepted nor for information only. */
    private static Map<String, Set<String>> broken(JsonNode report) {
        Map<String, Set<String>> broken = new LinkedHashMap<>();
        for (JsonNode statement : report.get("statements"))
            for (JsonNode finding : statement.get("findings"))
                if (finding.get("ignored").isNull()
                        && !finding.get("severity").asText().equals("info"))
                    broken.computeIfAbsent(
                                    Path.of(finding.get("file").asText())
                                            .getFileName()
                                            .toString(),
                                    file -> new TreeSet<>())
                            .add(finding.get("rule").asText());
        return broken;
    }

    @Test
    void whatADroppedTableWasIsNoConcernOfLaterStatements() {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = MigrationFolder.of(
                "V1__a.sql",
                """
                CREATE TABLE a (id int); CREATE TABLE kept (id int); INSERT INTO a VALUES (1);
                CREATE MATERIALIZED VIEW unread AS SELECT 1 AS n WITH NO DATA;
                CREATE TABLE days (d int) PARTITION BY LIST (d); CREATE TABLE day PARTITION OF days FOR VALUES IN (1);
                CREATE TABLE rest PARTITION OF days DEFAULT;
                """,
                "V2__b.sql",
                """
                CREATE TABLE c (id int);
                DROP TABLE a;
                ALTER TABLE c ALTER id TYPE bigint;
                ALTER TABLE kept ALTER id TYPE bigint;
                TRUNCATE c;
                REFRESH MATERIALIZED VIEW unread;
                ALTER TABLE days DETACH PARTITION day;
                DO $$ BEGIN EXECUTE 'SELECT 1'; END $$;
                """);
        lint(folder, db, "--small-table", "0").expect(0).notes("every table is new and may be locked");
        folder.run(db, "up", "--to", "1", "--yes").expect(0);
        assertEquals(
                Set.of("drop-table", "type-change"),
                broken(lint(folder, db, "--json", "--small-table", "0")
                                .expect(22)
                                .json())
                        .get("V2__b.sql"));
        DatabaseUrl none = TestServer.newDatabase();
        lint(folder, none, "--small-table", "0", folder.resolve("V2__b.sql").toString())
                .expect(22, "drop-table");
    }

    /**
     * Every example in a schema of its own; what cannot run in a transaction has tables of its own besides, in public.
     */
    @Test
    void everyRuleReportsItsBadExampleAndNotTheGoodOne() {
        StringBuilder given = new StringBuilder();
        Map<String, String> bad = new LinkedHashMap<>();
        Map<String, String> good = new LinkedHashMap<>();
        int version = 100;
        for (LintRule rule : LintRule.all()) {
            String schema = "x" + version;
            given.append("CREATE SCHEMA ")
                    .append(schema)
                    .append("; SET search_path = ")
                    .append(schema)
                    .append(";\n")
                    .append(GIVEN);
            bad.put(
                    "V" + version + "__" + rule.id() + ".sql",
                    "SET search_path = " + schema + ";\n" + rule.bad().get(0));
            int part = 0;
            for (String file : rule.good())
                if (!String.join("", rule.good()).contains("CONCURRENTLY"))
                    good.put(
                            "V" + version + "." + ++part + "__" + rule.id() + ".sql",
                            "SET search_path = " + schema + ";\n" + file);
            version++;
        }
        given.append("SET search_path = public;");
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = MigrationFolder.of("V1__given.sql", given.toString());
        bad.forEach(folder::write);
        Map<String, Set<String>> reported = broken(lint(folder, db, "--from", "2", "--small-table", "0", "--json")
                .expect(22)
                .json());
        for (LintRule rule : LintRule.all()) {
            String file = bad.keySet().stream()
                    .filter(name -> name.endsWith("__" + rule.id() + ".sql"))
                    .findFirst()
                    .orElseThrow();
            assertTrue(
                    reported.getOrDefault(file, Set.of()).contains(rule.id()),
                    () -> "the bad example of " + rule.id() + " is reported as " + reported.get(file));
        }
        MigrationFolder better = MigrationFolder.of("V1__given.sql", given.toString());
        good.forEach(better::write);
        assertEquals(
                Map.of(),
                broken(lint(better, db, "--from", "2", "--small-table", "0", "--json")
                        .expect(0)
                        .json()));
    }

    @Test
    void whatIsDoneConcurrentlyIsGood() {
        DatabaseUrl db = TestServer.newDatabase();
        for (LintRule rule : LintRule.all()) {
            if (!String.join("", rule.good()).contains("CONCURRENTLY")) continue;
            MigrationFolder folder = MigrationFolder.of("V1__given.sql", GIVEN);
            for (int i = 0; i < rule.good().size(); i++)
                folder.write("V" + (i + 2) + "__good.sql", rule.good().get(i));
            assertEquals(
                    Map.of(),
                    broken(lint(folder, db, "--from", "2", "--small-table", "0", "--json")
                            .expect(0)
                            .json()),
                    rule.id());
        }
    }

    @Test
    void theOldToolsThirdStepIsDangerousAndOursIsNot() {
        DatabaseUrl db = TestServer.newDatabase();
        run(db, "migrate", "up", "--to", "7", "--yes").expect(0);
        execute(
                db,
                """
                INSERT INTO "user" (name, email, email_verified) VALUES ('A', 'a@example.test', true);
                INSERT INTO transactions (user_id, amount, type, reference)
                SELECT id, 5, 'deposit', 'r' || n FROM "user", generate_series(1, 100) n""");
        String before = schema(db) + rows(db);
        MigrationFolder old = MigrationFolder.of(
                "payment_source.sql",
                """
                ALTER TABLE "wallets" ALTER COLUMN "currency" DROP DEFAULT;--> statement-breakpoint
                ALTER TABLE "transactions" ADD COLUMN "payment_origin" varchar(20) NOT NULL;--> statement-breakpoint
                ALTER TABLE "transactions" ADD COLUMN "failed_when" timestamp;
                """);
        run(db, "migrate", "lint", old.resolve("payment_source.sql").toString())
                .expect(22, "not-null-without-default (payment_source.sql line 2)")
                .says(
                        "dangerous not-null-without-default",
                        "transactions.payment_origin (100 rows)",
                        "AccessExclusiveLock on transactions",
                        "instead: ALTER TABLE transactions ADD COLUMN payment_origin character varying(20) "
                                + "NOT NULL DEFAULT <",
                        "ALTER COLUMN payment_origin DROP DEFAULT");
        run(db, "migrate", "lint", "--to", "8").expect(0).says("V8__payment_source.sql line 16", "0 dangerous");
        run(db, "migrate", "lint", "--to", "8", "--small-table", "0")
                .expect(0)
                .says("accepted  index-not-concurrent", "0 dangerous");
        assertEquals(before, schema(db) + rows(db));
    }

    @Test
    void ourOwnMigrationsAreClean() {
        JsonNode report = run(
                        TestServer.newDatabase(), "migrate", "lint", "--from", "1", "--small-table", "0", "--json")
                .expect(0)
                .json();
        assertEquals(Map.of(), broken(report));
        assertEquals("0", report.get("dangerous").asText());
    }

    @Test
    void smallTablesInformAndNewOnesAreExempt() {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = MigrationFolder.of("V1__a.sql", "CREATE TABLE a (id int, n int);");
        folder.run(db, "up", "--yes").expect(0);
        execute(db, "INSERT INTO a SELECT n FROM generate_series(1, 500) n");
        folder.write(
                "V2__i.sql",
                """
                CREATE INDEX i ON a (id);
                CREATE TABLE b (id int);
                CREATE INDEX ON b (id);
                ALTER TABLE b ADD COLUMN n uuid DEFAULT gen_random_uuid();
                DROP TABLE b;
                """);
        lint(folder, db)
                .expect(0)
                .says("info      index-not-concurrent", "i on a (500 rows)", "1 finding, 0 dangerous");
        lint(folder, db, "--small-table", "500")
                .expect(22, "index-not-concurrent (V2__i.sql line 1)")
                .says("dangerous index-not-concurrent", "CREATE INDEX CONCURRENTLY i ON public.a");
        lint(folder, db, "--small-table", "500", "--on-target").expect(22, "index-not-concurrent");
        assertEquals("null", value(db, "SELECT to_regclass('i')"), "nothing of it stays on the target");
        String tables =
                "SELECT string_agg(tablename, ' ' ORDER BY tablename) FROM pg_tables WHERE schemaname = 'public'";
        assertEquals("a flyway_schema_history", value(db, tables));
    }

    @Test
    void anAcceptedFindingNeedsItsReason() {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = MigrationFolder.of(
                "V1__a.sql",
                "CREATE TABLE a (id int, n int, m int);",
                "V2__d.sql",
                """
                -- lint:ignore drop-column nobody reads it
                ALTER TABLE a DROP COLUMN n;
                ALTER TABLE a DROP COLUMN m;
                """);
        lint(folder, db, "--from", "2")
                .expect(22, "1 dangerous statement", "drop-column (V2__d.sql line 3)")
                .says("accepted  drop-column", "because nobody reads it");
        folder.write("V2__d.sql", "-- lint:ignore drop-column\nALTER TABLE a DROP COLUMN n;");
        lint(folder, db, "--from", "2")
                .expect(22, "2 dangerous statements")
                .says("ignored-without-reason", "dangerous drop-column");
        folder.write("V2__d.sql", "-- lint:ignore drop-colum typo\nALTER TABLE a DROP COLUMN n;");
        lint(folder, db, "--from", "2").expect(2, "V2__d.sql line 1", "drop-colum", "--rules");
        folder.write("V2__d.sql", "ALTER TABLE a DROP COLUMN n;");
        folder.write("lint.ignore", "# why\nV2 drop-column it was never used\n");
        lint(folder, db, "--from", "2").expect(0).says("accepted  drop-column", "it was never used");
        folder.write("lint.ignore", "V2 drop-column\n");
        lint(folder, db, "--from", "2").expect(2, "lint.ignore", "V2 drop-column");
    }

    @Test
    void validatingInTheTransactionThatAddedItIsFound() {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = MigrationFolder.of("V1__a.sql", "CREATE TABLE a (id int);");
        folder.run(db, "up", "--yes").expect(0);
        String added = "ALTER TABLE a ADD CONSTRAINT c CHECK (id > 0) NOT VALID;";
        String validated = "ALTER TABLE a VALIDATE CONSTRAINT c;";
        folder.write("V2__c.sql", added + "\n" + validated);
        lint(folder, db, "--small-table", "0").expect(22, "work-under-lock (V2__c.sql line 2)");
        folder.write("V2__c.sql", added);
        folder.write("V3__c.sql", validated);
        lint(folder, db, "--small-table", "0").expect(0); // up begins a transaction for it
    }

    @Test
    void oddNamesAreNamesToo() {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = MigrationFolder.of(
                "V1__a.sql",
                """
                CREATE TABLE "My, Table" ("Id, (x)" int PRIMARY KEY, "Größe" int);
                """,
                "V2__b.sql",
                """
                ALTER TABLE "My, Table" ADD "The Ref" int REFERENCES "My, Table";
                CREATE INDEX ON "My, Table" ("The Ref" DESC) -- lint:ignore index-not-concurrent small
                ;
                """,
                "V3__c.sql",
                "ALTER TABLE \"My, Table\" ALTER \"Größe\" SET NOT NULL;");
        lint(folder, db, "--from", "2", "--small-table", "0")
                .expect(22, "1 dangerous statement: set-not-null (V3__c.sql line 1)")
                .says(
                        "ADD CONSTRAINT \"Größe_is_set\" CHECK (\"Größe\" IS NOT NULL) NOT VALID",
                        "2 findings, 1 dangerous");
    }

    @Test
    void gitHubGetsAnnotations() {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = MigrationFolder.of(
                "V1__a.sql",
                "CREATE TABLE a (id int, n int);",
                "V2__d.sql",
                "\nALTER TABLE a DROP COLUMN n;\nSELECT 1/1;");
        Run run = folder.command(db, "lint", "--from", "2")
                .with("GITHUB_ACTIONS", "true")
                .run()
                .expect(22);
        assertTrue(
                run.out()
                        .lines()
                        .anyMatch(line -> line.startsWith("::error file=")
                                && line.contains("V2__d.sql,line=2,title=drop-column::A column is dropped: a.n")),
                run.out());
        assertFalse(lint(folder, db, "--from", "2").out().contains("::error"));
    }

    @Test
    void aFileThatFailsIsSaidByFileAndLine() {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder folder = MigrationFolder.of(
                "V1__a.sql", "CREATE TABLE a (id int);", "V2__d.sql", "SELECT 1;\nALTER TABLE nothing DROP COLUMN n;");
        lint(folder, db).expect(25, "V2__d.sql line 2", "nothing");
        lint(folder, db, "--on-target").expect(25, "V2__d.sql line 2");
        lint(folder, db, "--on-target", "--from", "1").expect(2, "--on-target");
        assertEquals("null", value(db, "SELECT to_regclass('a')"));
    }

    @Test
    void everyRuleIsExplained() {
        Run rules = command("migrate", "lint", "--rules").run().expect(0);
        LintRule.all().forEach(rule -> assertTrue(rules.out().contains(rule.id()), rule.id()));
        command("migrate", "lint", "--explain", "set-not-null")
                .run()
                .expect(0)
                .says("VALIDATE CONSTRAINT", "in the next migration", "Reported:", "Better:");
        command("migrate", "lint", "--explain", "nonsense").run().expect(2, "nonsense");
    }

    /** The page is renewed by the command: {@code avdaily-migrate lint --rules --markdown > docs/lint-rules.md}. */
    @Test
    void thePageOfTheRulesIsWhatTheCommandPrints() {
        String page = command("migrate", "lint", "--rules", "--markdown")
                .run()
                .expect(0)
                .out();
        assertEquals(page, read(PROJECT.resolve("docs/lint-rules.md")));
        LintRule.all().forEach(rule -> assertTrue(page.contains("## " + rule.id() + "\n"), rule.id()));
        assertTrue(page.lines().allMatch(line -> line.length() <= 120), page);
        command("migrate", "lint", "--markdown").run().expect(2, "--rules");
    }
}
