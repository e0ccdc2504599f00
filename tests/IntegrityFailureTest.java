import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.db.DatabaseUrl;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * Integrity checks and fixes where something is in the way: connections that break, odd names, triggers, locks, others
 * who write.
 */
class IntegrityFailureTest extends ShopTest {
    private static final String EVERYBODY =
            """
            - {id: MISS-1, category: orphans, severity: warning, means: Somebody has the number 9., tables: [person],
                query: SELECT 9 AS id WHERE NOT EXISTS (SELECT FROM person WHERE id = 9),
               fix: {kind: insert, table: person, insert: "INSERT INTO person SELECT 9, 'p9@example.test' WHERE NOT
                   EXISTS (SELECT FROM person WHERE id = 9) RETURNING id"}}
            """;

    private static String ddl(String query) {
        return rules("- {id: DDL-1, category: performance, severity: warning, means: It is built., query: \"" + query
                + "\", fix: {kind: ddl, statement: fix, undo: undo}}\n");
    }

    private static String number(Run fixed) {
        return fixed.expect(0).json().get("run").asText();
    }

    // -- checking

    @Test
    void aSnapshotThatBreaksIsAnErrorOfTheRulesThatComeAfter() {
        DatabaseUrl db = shop("UPDATE purse SET balance = -1 WHERE id = 1");
        String rules = rules(
                BALANCE,
                "- {id: GONE-1, category: business, severity: info, means: The snapshot lasts., query: \"SELECT pid "
                        + "FROM (SELECT pid, pg_terminate_backend(pid) AS gone FROM pg_stat_activity"
                        + " WHERE datname = current_database() AND state = 'idle in transaction' AND pid <> "
                        + "pg_backend_pid()) q WHERE gone IS NULL\"}\n",
                "- {id: GONE-2, category: business, severity: info, means: The connection lasts., query: SELECT "
                        + "pg_terminate_backend(pg_backend_pid()) AS gone}\n",
                "- {id: LAST-1, category: business, severity: info, means: It comes after., query: SELECT 1 AS one "
                        + "WHERE false}\n",
                "- {id: LAST-2, category: business, severity: info, means: It comes last., query: SELECT 1 AS one "
                        + "WHERE false}\n");
        Run run = run(db, "integrity", "check", "--rules", rules, "--category", "business", "--jobs", "1", "--json")
                .expect(22);
        assertEquals(List.of("1"), keys(run, "BAL-1"));
        assertEquals("pass", verdict(run, "GONE-1"));
        for (String id : List.of("GONE-2", "LAST-1", "LAST-2")) assertEquals("error", verdict(run, id), id);
        assertTrue(outcome(run, "LAST-2").get("reason").asText().contains("the snapshot is gone"), run.out());
    }

    @Test
    void aStatementThatSomebodyCancelsDidNotRunPastItsTime() {
        Run run = run(
                        shop(),
                        "integrity",
                        "check",
                        "--only",
                        "STOP-1",
                        "--json",
                        "--rules",
                        rules("- {id: STOP-1, category: business, severity: info, means: It ends., query: SELECT "
                                + "pg_cancel_backend(pg_backend_pid()) AS stopped}\n"))
                .expect(1);
        assertFalse(outcome(run, "STOP-1").get("reason").asText().contains("--timeout"), run.out());
    }

    @Test
    void aRuleOfManyStatementsHasOneTimeout() {
        Run run = run(
                        shop(),
                        "integrity",
                        "check",
                        "--only",
                        "MANY-1",
                        "--json",
                        "--timeout",
                        "1",
                        "--rules",
                        rules("- {id: MANY-1, category: physical, severity: info, means: It ends., query: 'SELECT n "
                                + "FROM generate_series(1, 100) n', probe: SELECT pg_sleep(0.4)}\n"))
                .expect(1);
        assertTrue(outcome(run, "MANY-1").get("reason").asText().contains("--timeout"), run.out());
    }

    @Test
    void whatAProbeFindsIsNamedWithoutTheDataAndCanBeAccepted() {
        DatabaseUrl db = shop();
        execute(
                db,
                """
                CREATE FUNCTION probe(part text, state text) RETURNS void LANGUAGE plpgsql AS $$
                BEGIN
                  IF part = 'part 2' THEN
                    RAISE 'damaged' USING ERRCODE = state, DETAIL = 'p1@example.test';
                  END IF;
                END $$""");
        String probe =
                """
                - id: PROBE-1
                  category: physical
                  severity: critical
                  means: Nothing is damaged.
                  query: "SELECT 'part ' || n AS part FROM generate_series(1, 2) n"
                  probe: "SELECT probe('${part}', 'XX002')"
                """;
        Run run = run(db, "integrity", "check", "--only", "PROBE-1", "--json", "--rules", rules(probe))
                .expect(22);
        assertEquals(List.of("part 2: damaged (SQLSTATE XX002)"), keys(run, "PROBE-1"));
        run(
                        db,
                        "integrity",
                        "check",
                        "--only",
                        "PROBE-1",
                        "--rules",
                        rules(probe),
                        "--baseline",
                        file(
                                "accepted.yaml",
                                "- {rule: PROBE-1, key: 'part 2: damaged (SQLSTATE XX002)', reason: known, until: "
                                        + "2999-01-01}\n"))
                .expect(0);
        assertEquals(
                "error",
                verdict(
                        run(
                                        db,
                                        "integrity",
                                        "check",
                                        "--only",
                                        "PROBE-1",
                                        "--json",
                                        "--rules",
                                        rules(probe.replace("XX002", "XX000")))
                                .expect(1),
                        "PROBE-1"),
                "an index that is dropped meanwhile is not damaged");
    }

    @Test
    void oddNamesHideNothing() {
        DatabaseUrl db = TestServer.newDatabase();
        execute(
                db,
                """
                CREATE SCHEMA "Odd.One";
                CREATE TABLE "Odd.One"."Per""son" ("I d" serial PRIMARY KEY);
                CREATE TABLE "Odd.One"."pur'se" (id int PRIMARY KEY, "Per""son" int REFERENCES "Odd.One"."Per""son");
                CREATE INDEX ON "Odd.One"."pur'se" ("Per""son");
                INSERT INTO "Odd.One"."Per""son" VALUES (5);
                CREATE TABLE "a b" (c serial PRIMARY KEY);
                CREATE TABLE a_b (c serial PRIMARY KEY);
                INSERT INTO a_b VALUES (1), (2)""");
        execute(
                master(db),
                "SET session_replication_role = replica; INSERT INTO \"Odd.One\".\"pur'se\" VALUES (1, 77)");
        Run run = run(db, "integrity", "check", "--json").expect(22);
        TreeSet<String> found = new TreeSet<>();
        run.json().get("rules").forEach(rule -> {
            if (rule.get("outcome").asText().equals("findings"))
                rule.get("keys").forEach(key -> found.add(key.asText()));
        });
        assertEquals("[\"Odd.One\".\"Per\"\"son_I d_seq\", 1, public.a_b_c_seq]", found.toString());
        Run fixed = fix(db, rules(), "--yes", "--json");
        run(db, "integrity", "check").expect(22).says("1 rule broken");
        run(db, "integrity", "fix", "--undo", number(fixed), "--yes").expect(0);
    }

    @Test
    void aForeignKeyOverPeriodsNeedsThemCoveredAndNotEqual() {
        DatabaseUrl db = TestServer.newDatabase();
        if (majorVersion(db) < 18) return;
        execute(
                db,
                """
                CREATE TABLE room (id int4range, open daterange, PRIMARY KEY (id, open WITHOUT OVERLAPS));
                CREATE TABLE stay (n int PRIMARY KEY, room int4range,
                    during daterange, FOREIGN KEY (room, PERIOD during) REFERENCES room (id, PERIOD open));
                INSERT INTO room VALUES ('[1,2)', '[2030-01-01,2030-02-01)'), ('[1,2)', '[2030-02-01,2030-03-01)');
                INSERT INTO stay VALUES (1, '[1,2)',
                    '[2030-01-20,2030-02-10)'), (2, NULL, '[2030-01-20,2030-02-10)')""");
        assertEquals(
                "",
                broken(run(db, "integrity", "check", "--category", "orphans", "--json")
                        .expect(0)));
        execute(
                master(db),
                "SET session_replication_role = replica; INSERT INTO stay VALUES (3, '[1,2)', "
                        + "'[2030-01-20,2030-03-10)'), (4, '[5,6)', '[2030-01-20,2030-01-21)')");
        assertEquals(
                List.of("3", "4"),
                keys(
                        run(db, "integrity", "check", "--category", "orphans", "--json")
                                .expect(22),
                        "FK-stay_room_during_fkey"));
    }

    @Test
    void anIndexThatBeginsAnotherIsNamed() {
        DatabaseUrl db = shop(
                "CREATE INDEX short ON purse (person_id, balance)",
                "CREATE INDEX other_order ON purse (person_id DESC)",
                "CREATE TABLE word (w text, v text); CREATE INDEX c ON word (w COLLATE \"C\"); CREATE INDEX d ON word "
                        + "(w, v)");
        assertEquals(
                List.of("purse_person_id_idx, short"),
                keys(run(db, "integrity", "check", "--only", "PRF-05", "--json").expect(0), "PRF-05"));
    }

    @Test
    void whatIsHalfEmptyIsNamed() {
        DatabaseUrl db = shop();
        for (String name : List.of("full", "bare"))
            execute(
                    db,
                    "CREATE TABLE \"" + name + "\" (id int PRIMARY KEY, word text); INSERT INTO \"" + name
                            + "\" SELECT n, 'word ' || n FROM generate_series(1, 20000) n");
        execute(
                db,
                "DELETE FROM bare WHERE id % 10 > 0",
                "VACUUM ANALYZE",
                "CREATE TABLE unknown (id int); INSERT INTO unknown SELECT generate_series(1, 20000); DELETE FROM "
                        + "unknown");
        Run run = run(
                        db,
                        "integrity",
                        "check",
                        "--only",
                        "PRF-15",
                        "--json",
                        "--rules",
                        file("rules.yaml", "settings: {bloat_megabytes: 0.3}\n"))
                .expect(0);
        assertEquals(List.of("bare", "bare_pkey"), keys(run, "PRF-15"));
    }

    @Test
    void aSequenceIsNearItsEndWhereTheColumnThatItFeedsIs() {
        DatabaseUrl db = shop(
                "CREATE SEQUENCE loose",
                "CREATE TABLE fed (id int PRIMARY KEY DEFAULT nextval('loose'))",
                "CREATE SEQUENCE free",
                "SELECT setval('loose', 2000000000), setval('free', 2000000000)");
        assertEquals(
                List.of("public.loose"),
                keys(run(db, "integrity", "check", "--only", "PRF-12", "--json").expect(22), "PRF-12"));
    }

    @Test
    void whoMayNotLookSkipsAndDoesNotPass() {
        DatabaseUrl db = shop("CREATE TABLE counted (id serial PRIMARY KEY)");
        String reader = "reader_" + db.database();
        execute(
                master(db),
                "CREATE ROLE " + reader + " LOGIN PASSWORD 'pw'",
                "GRANT SELECT ON ALL TABLES IN SCHEMA public TO " + reader);
        try {
            Run run = run(
                            new DatabaseUrl(db.hosts(), db.database(), reader, "pw", db.parameters()),
                            "integrity",
                            "check",
                            "--json")
                    .expect(1);
            for (String id : List.of("PRF-12", "PRF-14")) assertEquals("skipped", verdict(run, id), id);
            assertEquals("error", verdict(run, "SEQ-counted.id"));
            assertEquals("pass", verdict(run, "FK-purse_person_id_fkey"));
            assertEquals("", broken(run));
        } finally {
            execute(master(db), "DROP OWNED BY " + reader, "DROP ROLE " + reader);
        }
    }

    @Test
    void acceptedFindingsOfARuleThatIsNotThereAreStale() {
        run(
                        shop(),
                        "integrity",
                        "check",
                        "--baseline",
                        file("accepted.yaml", "- {rule: BAL-7, key: '1', reason: known, until: 2999-01-01}\n"))
                .expect(0)
                .says("Stale in the baseline: BAL-7 1: there is no such rule");
    }

    @Test
    void aSettingThatNobodyUsesIsAMistake() {
        DatabaseUrl db = TestServer.newDatabase();
        run(
                        db,
                        "integrity",
                        "check",
                        "--rules",
                        file("wrong.yaml", "settings:\n  maintenance_rows: 5\n  pending_limits: 5\n"))
                .expect(2, "wrong.yaml line 3", "pending_limits");
        run(
                        db,
                        "integrity",
                        "check",
                        "--rules",
                        file(
                                "wrong.yaml",
                                "rules:\n- {id: A, category: business, severity: info, means: x, table: t, where: "
                                        + "'true', fix: {kind: update, set: {a: '${b}'}}}\n"))
                .expect(2, "wrong.yaml line 2", "${b} is not a setting");
    }

    // -- fixing

    @Test
    void whatATriggerChangesOnTheWayBackIsNotTakenForTheOld() {
        String stamp =
                "CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.seen := clock_timestamp(); "
                        + "RETURN NEW; END'; CREATE TRIGGER stamp BEFORE INSERT OR UPDATE ON purse FOR EACH ROW "
                        + "EXECUTE FUNCTION stamp()";
        for (String rule : List.of(BALANCE, TOTAL)) {
            DatabaseUrl db = shop(
                    "ALTER TABLE purse ADD seen timestamptz",
                    "UPDATE purse SET balance = -1, total = -2 WHERE id = 1",
                    stamp);
            String before = content(db, "purse");
            String run = number(fix(db, rules(rule), "--yes", "--json"));
            String fixed = content(db, "purse");
            run(db, "integrity", "fix", "--undo", run, "--yes").expect(21, "a trigger", "superuser");
            assertEquals(fixed, content(db, "purse"));
            ofMaster(db, "integrity", "fix", "--undo", run, "--yes").run().expect(0);
            assertEquals(before, content(db, "purse"));
        }
    }

    @Test
    void aColumnThatCameMeanwhileKeepsItsDefault() {
        DatabaseUrl db = shop(
                "UPDATE purse SET balance = -1, total = -1 WHERE id = 1", "UPDATE purse SET total = 3 WHERE id = 2");
        String run = number(fix(db, rules(BALANCE, TOTAL), "--yes", "--json"));
        execute(db, "ALTER TABLE purse ADD colour text NOT NULL DEFAULT 'red'");
        run(db, "integrity", "fix", "--undo", run, "--yes").expect(0);
        assertEquals(
                "1 -1.00 -1.00 red, 2 20.00 3.00 red",
                value(
                        db,
                        "SELECT string_agg(concat_ws(' ', id, balance, total, colour), ', ' ORDER BY id) FROM purse "
                                + "WHERE id < 3"));
    }

    @Test
    void anAddedRowThatOthersReferToByNowStays() {
        DatabaseUrl db = shop();
        String run = number(fix(db, rules(EVERYBODY), "--yes", "--json"));
        execute(db, "INSERT INTO purse VALUES (9, 9, 0, 0)");
        ofMaster(db, "integrity", "fix", "--undo", run, "--yes").run().expect(21, "refer");
        assertEquals("1", value(db, "SELECT count(*) FROM person WHERE id = 9"));
        execute(db, "DELETE FROM purse WHERE id = 9");
        ofMaster(db, "integrity", "fix", "--undo", run, "--yes").run().expect(0);
        assertEquals("0", value(db, "SELECT count(*) FROM person WHERE id = 9"));
    }

    @Test
    void aDefinitionThatCouldNotBeTakenBackCanBeLater() throws Exception {
        DatabaseUrl db = shop();
        String rules =
                ddl("SELECT 'purse' AS of, 'CREATE INDEX CONCURRENTLY extra ON purse (total)' AS fix, 'DROP INDEX "
                        + "CONCURRENTLY IF EXISTS extra' AS undo WHERE to_regclass('extra') IS NULL");
        String run = number(fix(db, rules, "--yes", "--json"));
        try (Connection c = TestServer.connect(db);
                Statement s = c.createStatement()) {
            c.setAutoCommit(false);
            s.execute("LOCK TABLE purse IN SHARE UPDATE EXCLUSIVE MODE");
            run(db, "integrity", "fix", "--undo", run, "--yes").expect(23, "lock");
            c.rollback();
        }
        assertEquals("extra", value(db, "SELECT to_regclass('extra')::text"));
        run(db, "integrity", "fix", "--undo", run, "--yes").expect(0);
        assertEquals("null", value(db, "SELECT to_regclass('extra')::text"));
        run(db, "integrity", "fix", "--undo", run, "--yes").expect(2, "nothing to take back");
    }

    @Test
    void whatADefinitionsRuleHasNoStatementForStays() {
        DatabaseUrl db = shop(
                "CREATE TABLE part (id int PRIMARY KEY, person_id int REFERENCES person) PARTITION BY RANGE (id)",
                "CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM (1) TO (9)",
                "DROP INDEX purse_person_id_idx");
        JsonNode done = fix(db, rules(), "--only", "PRF-01", "--yes", "--json")
                .expect(0)
                .json()
                .get("fixes")
                .get(0);
        assertEquals("1 1", done.get("rows") + " " + done.get("left"));
        assertEquals(
                List.of("part, part_person_id_fkey"),
                keys(run(db, "integrity", "check", "--only", "PRF-01", "--json").expect(0), "PRF-01"));
    }

    @Test
    void aSequenceThatMovedOnIsNotTakenBack() {
        DatabaseUrl db = shop("CREATE TABLE counted (id serial PRIMARY KEY); INSERT INTO counted VALUES (1), (2)");
        String run = number(fix(db, rules(), "--only", "SEQ-counted.id", "--yes", "--json"));
        execute(db, "INSERT INTO counted DEFAULT VALUES");
        run(db, "integrity", "fix", "--undo", run, "--yes").expect(0);
        execute(db, "INSERT INTO counted DEFAULT VALUES");
    }

    @Test
    void onlyTheRowsThatAFixNamesAreTouched() {
        DatabaseUrl db = shop(
                "UPDATE purse SET balance = -1, total = -1 WHERE id = 1",
                "UPDATE purse SET balance = -1, total = 0 WHERE id IN (2, 3)");
        execute(db, "ALTER TABLE purse ADD \"odd?\" int");
        String rule = BALANCE.replace("balance < 0,", "\"balance < 0 AND to_jsonb(t) ? 'id'\",")
                .replace("kind: quarantine", "kind: quarantine, where: t.total = 0");
        String before = content(db, "purse");
        Run fixed = fix(db, rules(rule), "--yes", "--json").expect(0);
        JsonNode done = fixed.json().get("fixes").get(0);
        assertEquals("2 1", done.get("rows") + " " + done.get("left"));
        assertEquals("1, 4, 5", value(db, "SELECT string_agg(id::text, ', ' ORDER BY id) FROM purse"));
        run(db, "integrity", "fix", "--undo", number(fixed), "--yes").expect(0);
        assertEquals(before, content(db, "purse"));
    }

    @Test
    void aTableOfMoneyIsOneHoweverItIsWritten() {
        DatabaseUrl db = shop("UPDATE purse SET balance = -1 WHERE id = 1");
        for (String name : List.of("purse", "public.purse", "'\"purse\"'"))
            fix(
                            db,
                            file(
                                    "rules.yaml",
                                    "settings: {money_tables: 'coin, purse'}\nrules:\n"
                                            + BALANCE.replace(
                                                    "{kind: quarantine}", "{kind: quarantine, table: " + name + "}")),
                            "--yes")
                    .expect(0)
                    .says("BAL-1 stays: it changes money");
        assertEquals("5", value(db, "SELECT count(*) FROM purse"));
    }

    @Test
    void aFixSaysWhatCouldNotBeChecked() {
        DatabaseUrl db = shop("UPDATE purse SET balance = -1 WHERE id = 1");
        fix(
                        db,
                        rules(
                                BALANCE,
                                "- {id: SYN-1, category: business, severity: info, means: It cannot be parsed., "
                                        + "table: purse, where: balance <<< 0}\n"),
                        "--yes")
                .expect(25, "SYN-1");
        assertEquals("4", value(db, "SELECT count(*) FROM purse"));
    }

    @Test
    void acceptedFindingsAreNotFixed() {
        DatabaseUrl db = shop("UPDATE purse SET balance = -1, total = -1 WHERE id IN (1, 2)");
        String accepted = file("accepted.yaml", "- {rule: BAL-1, key: '1', reason: known, until: 2999-01-01}\n");
        fix(db, rules(BALANCE), "--baseline", accepted, "--yes").expect(0);
        assertEquals("1, 3, 4, 5", value(db, "SELECT string_agg(id::text, ', ' ORDER BY id) FROM purse"));
    }

    @Test
    void theTrendIsThereWithOwnRulesToo() throws Exception {
        DatabaseUrl db = shop();
        execute(db, "UPDATE purse SET total = 1 WHERE id = 1");
        fix(db, rules(TOTAL), "--yes").expect(0);
        Path html = TestServer.temporary("reports").resolve("r.html");
        String rules = rules(TOTAL);
        for (int i = 0; i < 2; i++)
            run(db, "integrity", "report", "--rules", rules, "--out", html.toString())
                    .expect(0);
        assertTrue(Files.readString(html).contains("<h2>Trend</h2>"));
        execute(
                db,
                "UPDATE purse SET total = 1 WHERE id = 1",
                "UPDATE avdaily_ops.sample SET at = '2026-02-03', numbers = '{\"rule TOT-1\": 1}' "
                        + "WHERE source = 'integrity'",
                "UPDATE avdaily_ops.operation SET details = details || '{\"critical\": \"x\", \"info\": [1]}' "
                        + "WHERE command LIKE 'integrity %'");
        run(db, "integrity", "report", "--rules", rules, "--out", html.toString())
                .expect(0);
        assertTrue(Files.readString(html).contains(", since 3 February 2026"), Files.readString(html));
    }
}
