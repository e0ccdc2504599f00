import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.db.Database;
import avdaily.db.DatabaseUrl;
import avdaily.db.Environment;
import avdaily.integrity.Checker;
import avdaily.integrity.Rule;
import avdaily.integrity.RuleFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;

/** The engine that checks, on small tables of its own; what AV-Daily's rules find is tested beside them. */
class IntegrityTest extends ShopTest {
    @Test
    void soundDataPassesAndWhatBreaksARuleIsNamed() {
        DatabaseUrl db = shop();
        assertEquals(
                "",
                broken(run(db, "integrity", "check", "--rules", rules(BALANCE, TOTAL), "--json")
                        .expect(0)));
        execute(
                db,
                "UPDATE purse SET balance = -1, total = -1 WHERE id IN (2, 4)",
                "UPDATE purse SET total = 7 WHERE id = 5");
        Run run = run(db, "integrity", "check", "--rules", rules(BALANCE, TOTAL), "--json")
                .expect(22, "1 rule broken");
        assertEquals("BAL-1 TOT-1", broken(run));
        assertEquals(List.of("2", "4"), keys(run, "BAL-1"));
        assertEquals(List.of("5"), keys(run, "TOT-1"));
        run(db, "integrity", "check", "--rules", rules(BALANCE))
                .expect(22)
                .says("CRITICAL  BAL-1  2 findings: No purse is in debt.", "Cure: Ask the owner.");
        run(db, "integrity", "check", "--rules", rules(TOTAL)).expect(0).says("WARNING   TOT-1  1 finding");
        run(db, "integrity", "check", "--rules", rules(TOTAL), "--fail-on", "warning")
                .expect(22);
        assertEquals(
                "BAL-1",
                broken(run(db, "integrity", "quick", "--rules", rules(BALANCE, TOTAL), "--json")
                        .expect(22)));
    }

    @Test
    void aForeignKeyThatLooksValidIsCheckedAllTheSame() {
        DatabaseUrl db = orphaned();
        Run full = run(db, "integrity", "check", "--json").expect(22);
        assertEquals("FK-purse_person_id_fkey", broken(full));
        assertEquals(List.of("9"), keys(full, "FK-purse_person_id_fkey"));
        assertEquals("enforced", verdict(run(db, "integrity", "quick", "--json").expect(0), "FK-purse_person_id_fkey"));
        execute(master(db), "ALTER TABLE purse DISABLE TRIGGER ALL");
        assertEquals(
                "CON-26 FK-purse_person_id_fkey",
                broken(run(db, "integrity", "quick", "--json").expect(22)));
    }

    @Test
    void oneBrokenRuleDoesNotHideTheOthers() {
        DatabaseUrl db = shop("UPDATE purse SET balance = -1 WHERE id = 1");
        String rules = rules(
                BALANCE,
                "- {id: SYN-1, category: business, severity: info, means: It cannot be parsed., table: purse, where: "
                        + "balance <<< 0}\n",
                "- {id: DIV-1, category: business, severity: info, means: It fails on a row., table: purse, where: 1 "
                        + "/ (id - 3) > 5}\n",
                "- {id: END-1, category: business, severity: info, means: It loses its connection., query: SELECT "
                        + "pg_terminate_backend(pg_backend_pid()) AS gone}\n",
                "- {id: SLO-1, category: business, severity: info, means: It takes too long., query: SELECT "
                        + "pg_sleep(30)::text AS slept}\n");
        Run run = run(db, "integrity", "check", "--rules", rules, "--timeout", "1", "--json", "--jobs", "1")
                .expect(22);
        assertEquals("BAL-1", broken(run));
        for (String id : List.of("SYN-1", "DIV-1", "END-1", "SLO-1")) assertEquals("error", verdict(run, id), id);
        assertTrue(outcome(run, "SLO-1").get("reason").asText().contains("--timeout"));
        assertEquals("pass", verdict(run, "FK-purse_person_id_fkey"));
        execute(db, "UPDATE purse SET balance = 1 WHERE id = 1");
        run(db, "integrity", "check", "--rules", rules, "--timeout", "1").expect(25, "4 rules could not be checked");
    }

    @Test
    void everyValueThatMayNotBeIsFoundWithAnIndexAndWithout() {
        DatabaseUrl db = shop(
                "CREATE TABLE deal (id int PRIMARY KEY, state varchar(9), stage int NOT NULL, note text)",
                "CREATE INDEX deal_state ON deal (state)",
                "CREATE INDEX deal_stage ON deal (stage DESC)",
                "INSERT INTO deal SELECT n, (ARRAY['open', 'won', NULL])[n % 3 + 1], n % 2 FROM generate_series(1, "
                        + "300) n");
        String rules = rules(
                "- {id: VAL-1, category: business, severity: critical, quick: true, means: A deal's state and stage "
                        + "are known., table: deal, values: {state: [won, open, lost], stage: [0, 1]}}\n",
                "- {id: VAL-2, category: business, severity: info, quick: true, means: No note., table: deal, values: "
                        + "{note: [nothing]}}\n");
        for (String index : List.of("valid", "invalid", "none")) {
            if (index.equals("invalid"))
                execute(master(db), "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'deal_state'::regclass");
            if (index.equals("none")) execute(db, "DROP INDEX deal_state, deal_stage");
            for (String scope : List.of("quick", "check")) {
                assertEquals(
                        "pass",
                        verdict(
                                run(db, "integrity", scope, "--rules", rules, "--only", "VAL-1,VAL-2", "--json")
                                        .expect(0),
                                "VAL-1"),
                        scope);
                for (String state :
                        List.of("a", "n''t", "opens", "zero", "")) { // before, between and behind those that may be
                    execute(db, "UPDATE deal SET state = '" + state + "' WHERE id = 60");
                    assertEquals(
                            List.of("60"),
                            keys(
                                    run(db, "integrity", scope, "--rules", rules, "--only", "VAL-1,VAL-2", "--json")
                                            .expect(22),
                                    "VAL-1"),
                            scope + " " + state);
                    execute(db, "UPDATE deal SET state = 'open' WHERE id = 60");
                }
                execute(db, "UPDATE deal SET stage = 7 WHERE id IN (7, 70)", "UPDATE deal SET note = 'x' WHERE id = 9");
                Run run = run(db, "integrity", scope, "--rules", rules, "--only", "VAL-1,VAL-2", "--json")
                        .expect(22);
                assertEquals(List.of("7", "70"), keys(run, "VAL-1"));
                assertEquals(List.of("9"), keys(run, "VAL-2"));
                execute(db, "UPDATE deal SET stage = 1, note = NULL");
            }
        }
        run(
                        db,
                        "integrity",
                        "check",
                        "--rules",
                        rules("- {id: VAL-3, category: business, severity: info, means: Both., table: deal, where: "
                                + "stage = 1, values: {stage: [0]}}\n"))
                .expect(2, "rules.yaml line 2", "both 'where' and 'values'");
        run(
                        db,
                        "integrity",
                        "check",
                        "--rules",
                        rules("- {id: VAL-3, category: business, severity: info, means: None., table: deal, values: "
                                + "{stage: []}}\n"))
                .expect(2, "rules.yaml line 2", "may hold no value");
    }

    @Test
    void rulesThatStartWithTheSameQueryShareOneRunOfIt() {
        DatabaseUrl db =
                shop("UPDATE purse SET balance = -1 WHERE id IN (1, 2)", "UPDATE purse SET total = 3 WHERE id = 5");
        String file = file(
                "rules.yaml",
                """
                settings: {poor: 0}
                shared:
                  purses: SELECT p.id, p.balance, p.total, p.balance < ${poor} AS poor FROM purse p, pg_sleep(0.7)
                rules:
                - {id: POOR-1, category: business, severity: critical,
                    means: Nobody is poor., with: purses, query: SELECT id FROM purses WHERE poor}
                - {id: SAME-1, category: business, severity: warning,
                    means: The total is right., with: purses, query: SELECT id FROM purses WHERE total <> balance
                    AND NOT poor}
                - {id: RICH-1, category: business, severity: warning,
                    means: Nobody is rich., with: purses, query: SELECT id FROM purses WHERE balance > 1000}
                """);
        Run run = run(db, "integrity", "check", "--rules", file, "--category", "business", "--json")
                .expect(22);
        assertEquals("POOR-1 SAME-1", broken(run));
        assertEquals(List.of("1", "2"), keys(run, "POOR-1"));
        assertEquals(List.of("5"), keys(run, "SAME-1"));
        assertEquals(
                outcome(run, "POOR-1").get("durationMillis"),
                outcome(run, "RICH-1").get("durationMillis"),
                "one run");
        assertEquals(
                "2",
                value(
                        db,
                        "SELECT count(*) FROM ("
                                + outcome(run, "POOR-1").get("query").asText() + ") q"));
        write(Path.of(file).resolveSibling("then.yaml"), "rules:\n- {id: RICH-1, query: SELECT id FROM purses}\n");
        Run spoilt = run(
                        db,
                        "integrity",
                        "check",
                        "--rules",
                        Path.of(file).getParent().toString(),
                        "--category",
                        "business",
                        "--json")
                .expect(22);
        assertEquals("error", verdict(spoilt, "RICH-1"));
        write(
                Path.of(file).resolveSibling("then.yaml"),
                "rules:\n- {id: RICH-1, with: purses, query: SELECT id FROM purses WHERE misspelt}\n");
        spoilt = run(
                        db,
                        "integrity",
                        "check",
                        "--rules",
                        Path.of(file).getParent().toString(),
                        "--category",
                        "business",
                        "--json")
                .expect(22);
        assertEquals("error", verdict(spoilt, "RICH-1"));
        assertEquals("POOR-1 SAME-1", broken(spoilt));
    }

    @Test
    void anErrorHoldsNothingOfTheData() {
        DatabaseUrl db = shop();
        String rules = rules(
                "- {id: CAST-1, category: business, severity: info, means: It fails on a row., table: person, where: "
                        + "email::int > 5}\n");
        Run run = run(db, "integrity", "check", "--rules", rules, "--json").expect(25);
        assertEquals(
                "invalid input syntax for type integer: \"...\" (SQLSTATE 22P02)",
                outcome(run, "CAST-1").get("reason").asText());
        assertFalse((run.out() + run.err()).contains("example.test"));
    }

    @Test
    void allRulesSeeOneMoment() throws Exception {
        DatabaseUrl db = shop();
        String rules = rules(
                "- {id: A-1, category: orphans, severity: info, means: It waits., tables: [purse], query: SELECT 1 AS "
                        + "one FROM pg_sleep(3) WHERE false}\n",
                BALANCE);
        AtomicBoolean done = new AtomicBoolean();
        Thread writer = new Thread(() -> {
            for (int i = 0;
                    i < 100
                            && value(
                                            db,
                                            "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(3)%' "
                                                    + "AND pid <> pg_backend_pid() AND datname = current_database()")
                                    .equals("0");
                    i++) sleep(100);
            execute(db, "UPDATE purse SET balance = -1");
            done.set(true);
        });
        writer.start();
        run(db, "integrity", "check", "--rules", rules, "--jobs", "1").expect(0);
        writer.join();
        assertTrue(done.get());
        run(db, "integrity", "check", "--rules", rules, "--only", "BAL-1").expect(22);
    }

    @Test
    void movingMoneyIsNoFinding() throws Exception {
        DatabaseUrl db = shop();
        String rules = rules(
                "- {id: SUM-1, category: consistency, severity: critical, means: No money appears., query: SELECT "
                        + "sum(balance) AS sum FROM purse HAVING sum(balance) <> 150}\n",
                "- {id: SUM-2, category: consistency, severity: critical, means: Balances and totals agree., query: "
                        + "SELECT 1 AS one WHERE (SELECT sum(balance) FROM purse) <> (SELECT sum(total) FROM purse)}\n",
                TOTAL);
        AtomicBoolean stop = new AtomicBoolean();
        Thread writer = new Thread(() -> {
            while (!stop.get())
                execute(
                        db,
                        "UPDATE purse SET balance = balance + d, total = total + d FROM (VALUES (1, -1), (2, 1)) v(n, "
                                + "d) WHERE id = n");
        });
        writer.start();
        try (Database database = Database.at(db, Environment.TESTING, TestServer.INVOCATION)) {
            List<Rule> all = RuleFiles.read(TestServer.SETTINGS, Path.of(rules)).stream()
                    .filter(rule -> rule.id().matches("SUM-.|TOT-1"))
                    .toList();
            for (int i = 0; i < 20; i++)
                assertEquals(
                        List.of(),
                        Checker.check(database, all, Checker.Options.forData()).complaints(Rule.Severity.WARNING));
        } finally {
            stop.set(true);
            writer.join();
        }
    }

    @Test
    void whatCannotBeCheckedIsSkippedAndNeverPassed() {
        DatabaseUrl db = shop();
        String rules = file(
                "rules.yaml",
                """
                settings: {formula: ~, limit: 40}
                rules:
                - {id: NO-1, category: business, severity: critical,
                    means: There is a table., table: nowhere, where: true}
                - {id: NO-2, category: business, severity: critical,
                    means: There is a column., table: purse, tables: [purse.colour], where: colour = 'red'}
                - {id: SET-1, category: business, severity: critical, means: It needs a setting., needs: [formula],
                    table: purse, where: "balance <> ${formula}"}
                - {id: SET-2, category: business, severity: warning,
                    means: "Nobody has more than ${limit}.", table: purse, where: "balance > ${limit}"}
                """);
        Run run = run(db, "integrity", "check", "--rules", rules, "--json").expect(0);
        for (String id : List.of("NO-1", "NO-2", "SET-1")) assertEquals("skipped", verdict(run, id), id);
        assertEquals(
                "there is no purse.colour", outcome(run, "NO-2").get("reason").asText());
        assertEquals(List.of("5"), keys(run, "SET-2"));
        assertEquals(
                "Nobody has more than 40.", outcome(run, "SET-2").get("means").asText());
        assertEquals("skipped", verdict(run, "PHY-03"));
    }

    @Test
    void aProjectsFileAddsOverridesAndSwitchesOff() {
        DatabaseUrl db = shop("UPDATE purse SET balance = -1 WHERE id = 1");
        Path folder = TestServer.temporary("rules");
        write(folder.resolve("1.yaml"), "rules:\n" + BALANCE + TOTAL);
        write(
                folder.resolve("2.yaml"),
                "settings: {maintenance_rows: 5}\nrules:\n- {id: BAL-1, severity: warning}\n- {id: TOT-1, off: "
                        + "true}\n");
        Run run = run(db, "integrity", "check", "--rules", folder.toString(), "--json")
                .expect(0);
        assertEquals("warning", outcome(run, "BAL-1").get("severity").asText());
        assertEquals("skipped", verdict(run, "TOT-1"));
        command(db, "integrity", "rules")
                .with("AVDAILY_RULES", folder.toString())
                .run()
                .expect(0)
                .says("BAL-1", "No purse is in debt.", "switched off in");
    }

    @Test
    void aMistakeInARuleFileIsNamedByFileAndLine() {
        DatabaseUrl db = TestServer.newDatabase();
        for (String[] wrong : new String[][] {
            {
                "- {id: A, category: business, severity: grave, means: x, table: t, where: true}",
                "line 2",
                "'grave' is not known here"
            },
            {
                "- {id: A, category: business, severity: info, means: x, table: t, wher: 'true'}",
                "line 2",
                "a rule has no 'wher'"
            },
            {
                "- {id: A, category: business, severity: info, table: t, where: 'true'}",
                "line 2",
                "the rule A has no means"
            },
            {
                "- {id: A, category: business, severity: info, means: x, with: y, query: SELECT 1}",
                "line 2",
                "there is no shared query 'y'"
            },
            {"- {id: A, category: business, severity: info, means: x, query: ''}", "line 2", "is empty"},
            {"- {id: A, category: business, severity: info, means: x}", "line 2", "neither a query nor a predicate"},
            {
                "- {id: A, category: business, severity: info, means: x, table: t, where: 'a > ${b}'}",
                "line 2",
                "${b} is not a setting"
            },
            {"- id: A\n  id: B", "line 3", "stands twice"},
            {"- id: A\n   - b: [", "line 3", "mapping values"},
            {
                "- {id: A, category: business, severity: info, means: x, table: t, where: 'true', fix: {kind: update}}",
                "line 2",
                "needs 'set'"
            }
        })
            run(db, "integrity", "check", "--rules", file("wrong.yaml", "rules:\n" + wrong[0] + "\n"))
                    .expect(2, "wrong.yaml " + wrong[1], wrong[2].equals("mapping values") ? "line 3" : wrong[2]);
        run(db, "integrity", "check", "--rules", "/nowhere").expect(2, "there is no rule file");
        run(db, "integrity", "check", "--only", "NO-SUCH").expect(2, "there is no rule NO-SUCH");
    }

    @Test
    void acceptedFindingsDoNotCountUntilTheirTimeIsOver() {
        DatabaseUrl db = shop("UPDATE purse SET balance = -1 WHERE id IN (1, 2, 3)");
        String accepted =
                "- {rule: BAL-1, key: '1', reason: known, until: 2999-01-01}\n- {rule: BAL-1, key: '2', reason: "
                        + "known, until: 2999-01-01}\n";
        Run run = run(
                        db,
                        "integrity",
                        "check",
                        "--rules",
                        rules(BALANCE),
                        "--json",
                        "--baseline",
                        file(
                                "accepted.yaml",
                                accepted
                                        + "- {rule: BAL-1, key: '3', reason: known, until: 2001-01-01}\n- {rule: "
                                        + "BAL-1, key: '9', reason: known, until: 2999-01-01}\n"))
                .expect(22);
        assertEquals(List.of("3"), keys(run, "BAL-1"));
        assertEquals(2, outcome(run, "BAL-1").get("accepted").asInt());
        assertEquals(
                "[\"BAL-1 3: accepted until 2001-01-01, counted again\",\"BAL-1 9: is no longer found\"]",
                run.json().get("stale").toString());
        run(
                        db,
                        "integrity",
                        "check",
                        "--rules",
                        rules(BALANCE),
                        "--baseline",
                        file(
                                "accepted.yaml",
                                accepted + "- {rule: BAL-1, key: '3', reason: known, until: 2999-01-01}\n"))
                .expect(0);
        run(
                        db,
                        "integrity",
                        "check",
                        "--baseline",
                        file("accepted.yaml", "- {rule: BAL-1, key: '1', until: 2999-01-01}"))
                .expect(2, "lacks rule, key, reason or until");
        run(
                        db,
                        "integrity",
                        "check",
                        "--baseline",
                        file("accepted.yaml", "- {rule: BAL-1, key: '1', reason: x, until: soon}"))
                .expect(2, "is not a date");
    }

    @Test
    void theStructureIsCheckedAndPutRight() {
        DatabaseUrl db = shop(
                "DROP INDEX purse_person_id_idx",
                "ALTER TABLE purse ADD CONSTRAINT rich CHECK (balance >= 0) NOT VALID",
                "CREATE INDEX twin_1 ON purse (balance)",
                "CREATE INDEX twin_2 ON purse (balance)",
                "CREATE TABLE keyless (a int)",
                "CREATE UNLOGGED TABLE fleeting (a int PRIMARY KEY)",
                "CREATE TABLE counted (id serial PRIMARY KEY); INSERT INTO counted VALUES (1), (2)",
                "CREATE TABLE full_up (id serial PRIMARY KEY); SELECT setval('full_up_id_seq', 2000000000)",
                "CREATE INDEX broken ON purse (total)");
        execute(master(db), "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'broken'::regclass");
        String before = schema(db);
        Run run = run(db, "integrity", "check", "--json").expect(22);
        assertEquals("PRF-01 PRF-02 PRF-03 PRF-04 PRF-08 PRF-12 PRF-16 SEQ-counted.id", broken(run));
        assertEquals(List.of("purse, purse_person_id_fkey"), keys(run, "PRF-01"));
        assertEquals(List.of("purse, rich"), keys(run, "PRF-03"));
        Run fixed = command(db, "integrity", "fix", "--yes", "--json")
                .with("BACKUP_DIR", TestServer.temporary("backups").toString())
                .run()
                .expect(0);
        assertEquals(
                "PRF-04 PRF-08 PRF-12 PRF-16",
                broken(run(db, "integrity", "check", "--json").expect(22)));
        execute(db, "INSERT INTO counted DEFAULT VALUES");
        run(db, "integrity", "fix", "--undo", fixed.json().get("run").asText(), "--yes")
                .expect(0);
        assertEquals(before.replace(" NOT VALID", ""), schema(db).replace(" NOT VALID", ""));
    }

    @Test
    void reportsHoldNoPersonalDataAndSayTheSame() throws Exception {
        DatabaseUrl db = shop("UPDATE purse SET balance = -1, total = -1 WHERE id IN (1, 2)");
        run(db, "integrity", "fix", "--rules", rules(TOTAL), "--dry-run").expect(0);
        Path folder = TestServer.temporary("reports");
        for (String name : List.of("r.html", "r.xml", "r.json", "r.txt")) {
            Command report = command(
                    db, "integrity", "report", "--rules", rules(BALANCE), "--out", folder.resolve(name).toString());
            if (name.equals("r.html")) // where people write numbers with other digits
                report.with("JAVA_TOOL_OPTIONS", "-Duser.language=ar -Duser.country=EG");
            report.run().expect(22, "1 rule broken");
        }
        String html = Files.readString(folder.resolve("r.html"));
        assertTrue(
                html.contains("BAL-1") && html.contains("No purse is in debt.") && html.contains("balance &lt; 0"),
                html);
        assertFalse(html.contains("<script") || html.contains("http") || html.contains("@example.test"), html);
        assertEquals(
                "1",
                DocumentBuilderFactory.newInstance()
                                .newDocumentBuilder()
                                .parse(folder.resolve("r.xml").toFile())
                                .getElementsByTagName("failure")
                                .getLength()
                        + "");
        assertTrue(Files.readString(folder.resolve("r.json")).contains("\"id\" : \"BAL-1\""));
        assertTrue(Files.readString(folder.resolve("r.txt")).contains("CRITICAL  BAL-1  2 findings"));
        run(db, "integrity", "report", "--format", "junit").expect(0).says("<testsuites");
        run(db, "integrity", "report", "--out", "/nowhere/r.html").expect(2, "there is no folder");
    }
}
