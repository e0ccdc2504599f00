import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import avdaily.db.DatabaseUrl;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The engine that fixes and takes its fixes back, on small tables of its own. */
class FixTest extends ShopTest {
    @Test
    void rowsGoIntoQuarantineAndComeBackByteForByte() {
        DatabaseUrl db = TestServer.newDatabase();
        execute(
                db,
                """
                CREATE TABLE odd (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "User Name" text, j json,
                    jb jsonb, b bytea, n numeric, f float8, ts timestamptz, i interval, a text[], c char(5),
                    r int4range, bad boolean,
                  twice numeric GENERATED ALWAYS AS (n * 2) STORED);
                INSERT INTO odd ("User Name", j, jb, b, n, f, ts, i, a, c, r, bad) VALUES
                  (E'a"b\\\\c\\n', '{"a" :  1, "a":2}', '"text"', '\\x00ff', 1.500, 0.1::float8 + 0.2, 'infinity',
                      '1 mon -3 days', '[0:1]={x,NULL}', 'ab', '[1,5)', true),
                  (NULL, NULL, 'null', NULL, 'NaN', '-0', '2020-01-01 00:00:00.000001+00', NULL, '{}',
                      NULL, 'empty', true), ('stays', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
                      NULL, NULL, false)""");
        String rules = rules(
                "- {id: ODD-1, category: business, severity: critical, means: Nothing is bad., table: odd, where: "
                        + "bad, fix: {kind: quarantine}}\n");
        String before = content(db, "odd");
        Run fixed = fix(db, rules, "--yes", "--json").expect(0);
        assertEquals("1", value(db, "SELECT count(*) FROM odd"));
        assertEquals(
                "2",
                value(
                        db,
                        "SELECT count(*) FROM avdaily_ops.quarantine WHERE rule = 'ODD-1' AND old_row ->> 'bad' = "
                                + "'true'"));
        run(db, "integrity", "check", "--rules", rules, "--only", "ODD-1").expect(0);
        run(db, "integrity", "fix", "--undo", fixed.json().get("run").asText(), "--yes")
                .expect(0);
        assertEquals(before, content(db, "odd"));
        run(db, "integrity", "fix", "--undo", fixed.json().get("run").asText(), "--yes")
                .expect(2, "nothing to take back");
    }

    @Test
    void valuesAreComputedAndMissingRowsAddedAndBothTakenBack() {
        DatabaseUrl db = shop("UPDATE purse SET total = 1 WHERE id IN (1, 2)", "DELETE FROM purse WHERE id = 5");
        String rules = rules(
                TOTAL,
                """
                - {id: MISS-1, category: orphans, severity: warning, means: Everybody has a purse., tables: [purse],
                    query: SELECT id FROM person p WHERE NOT EXISTS (SELECT FROM purse WHERE person_id = p.id),
                   fix: {kind: insert, table: purse,
                       insert: 'INSERT INTO purse SELECT id, id, 0, 0 FROM person p
                         WHERE NOT EXISTS (SELECT FROM purse WHERE person_id = p.id) RETURNING id'}}
                """);
        String before = content(db, "purse");
        Run fixed = fix(db, rules, "--yes", "--json").expect(0);
        assertEquals(
                "",
                broken(run(db, "integrity", "check", "--rules", rules, "--json").expect(0)));
        assertEquals("5", value(db, "SELECT count(*) FROM purse WHERE total = balance"));
        String run = fixed.json().get("run").asText();
        execute(db, "UPDATE purse SET balance = 11 WHERE id = 2");
        run(db, "integrity", "fix", "--undo", run, "--yes").expect(21, "only 1 are still as the fix left them");
        execute(db, "UPDATE purse SET balance = 20 WHERE id = 2");
        run(db, "integrity", "fix", "--undo", run, "--yes").expect(0);
        assertEquals(before, content(db, "purse"));
    }

    @Test
    void anOrphanComesBackThroughTheForeignKey() {
        DatabaseUrl db = orphaned();
        String rules = rules(
                """
                - {id: ORP-1, category: orphans, severity: critical,
                    means: Every purse has its person., enforced_by: foreign key purse(person_id), table: purse,
                   where: NOT EXISTS (SELECT FROM person p WHERE p.id = t.person_id), fix: {kind: quarantine}}
                """);
        assertEquals(
                "ORP-1",
                broken(run(db, "integrity", "check", "--rules", rules, "--json").expect(22)),
                "the rule covers the foreign key");
        String before = content(db, "purse");
        String run =
                fix(db, rules, "--yes", "--json").expect(0).json().get("run").asText();
        assertEquals("5", value(db, "SELECT count(*) FROM purse"));
        run(db, "integrity", "fix", "--undo", run, "--yes").expect(21, "session_replication_role");
        assertEquals("5", value(db, "SELECT count(*) FROM purse"));
        ofMaster(db, "integrity", "fix", "--undo", run, "--yes").run().expect(0);
        assertEquals(before, content(db, "purse"));
    }

    @Test
    void rowsThatOthersReferToStay() {
        DatabaseUrl db = shop("UPDATE purse SET balance = -1 WHERE id IN (1, 2)", "INSERT INTO coin VALUES (1, 1)");
        assertEquals(
                1,
                fix(db, rules(BALANCE), "--yes", "--json")
                        .expect(0)
                        .json()
                        .get("fixes")
                        .get(0)
                        .get("left")
                        .asInt());
        assertEquals("1, 3, 4, 5", value(db, "SELECT string_agg(id::text, ', ' ORDER BY id) FROM purse"));
        assertEquals("1", value(db, "SELECT count(*) FROM coin"));
    }

    @Test
    void aDryRunAndARefusalWriteNothing() {
        DatabaseUrl db = shop("UPDATE purse SET balance = -1, total = -1 WHERE id IN (1, 2, 3)");
        String money = rules(BALANCE.replace("kind: quarantine", "kind: quarantine, money: true"));
        String before = schema(db) + rows(db);
        JsonNode dry = fix(db, rules(BALANCE), "--dry-run", "--json")
                .expect(0)
                .json()
                .get("fixes")
                .get(0);
        assertEquals("3", dry.get("rows").asText());
        fix(db, rules(BALANCE)).expect(21, "--yes");
        fix(db, rules(BALANCE), "--max-rows", "2", "--yes").expect(22, "more than --max-rows 2", "nothing was changed");
        fix(db, rules(BALANCE), "--max-rows", "-1", "--yes").expect(2, "--max-rows is -1");
        fix(db, money, "--yes").expect(0).says("BAL-1 stays: it changes money, name it with --only", "Nothing to fix.");
        assertEquals(before, schema(db) + rows(db));
        assertEquals("null", value(db, "SELECT to_regclass('avdaily_ops.quarantine')::text"));
        fix(db, money, "--only", "BAL-1", "--yes").expect(0);
        assertEquals("2", value(db, "SELECT count(*) FROM purse"));
    }

    @Test
    void aFixThatFailsLeavesTheOthersDone() {
        DatabaseUrl db = shop(
                "UPDATE purse SET balance = -1, total = 3 WHERE id = 1", "UPDATE purse SET total = 0 WHERE id = 2");
        String rules =
                rules(BALANCE.replace("{kind: quarantine}", "{kind: update, set: {balance: 1 / (id - 1)}}"), TOTAL);
        fix(db, rules, "--yes").expect(22, "BAL-1, not fixed: division by zero");
        assertEquals(
                "1 -1.00 -1.00, 2 20.00 20.00",
                value(
                        db,
                        "SELECT string_agg(concat_ws(' ', id, balance, total), ', ' ORDER BY id) FROM purse WHERE id "
                                + "< 3"));
    }

    @Test
    void anIndexThatCannotBeBuiltLeavesNothing() {
        DatabaseUrl db = shop(
                "UPDATE person SET email = 'twin@example.test' WHERE id < 3", "CREATE INDEX once ON person (email)");
        for (String name : List.of("one_email", "once")) {
            String rules =
                    rules("- {id: UNI-1, category: business, severity: critical, means: It is unique., query: \"SELECT "
                            + "'person' AS of, 'CREATE UNIQUE INDEX CONCURRENTLY "
                            + name + " ON person (email)' AS fix, 'DROP INDEX CONCURRENTLY " + name
                            + "' AS undo\", fix: {kind: ddl, statement: fix, undo: undo}}\n");
            Run run = fix(db, rules, "--yes")
                    .expect(
                            22,
                            "UNI-1, stopped: " + (name.equals("once") ? "relation" : "could not create unique index"));
            assertFalse((run.out() + run.err()).contains("twin@"));
            assertEquals(
                    "once, person_pkey",
                    value(
                            db,
                            "SELECT string_agg(indexrelid::regclass::text, ', ' ORDER BY indexrelid::regclass::text) "
                                    + "FROM pg_index WHERE indrelid = 'person'::regclass"));
        }
    }

    @Test
    void aKilledFixHasDoneNothing() throws Exception {
        DatabaseUrl db = shop(
                "UPDATE purse SET balance = -1, total = -1 WHERE id IN (1, 2)",
                "UPDATE purse SET total = 3 WHERE id IN (3, 4)",
                "CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF EXISTS (SELECT FROM "
                        + "avdaily_ops.operation WHERE command = ''integrity fix'') THEN PERFORM pg_sleep(20); END "
                        + "IF; RETURN NEW; END'",
                "CREATE TRIGGER slowly BEFORE UPDATE ON purse FOR EACH ROW EXECUTE FUNCTION slowly()");
        run(db, "integrity", "fix", "--rules", rules(BALANCE), "--only", "BAL-1", "--dry-run")
                .expect(0);
        execute(
                db,
                "CREATE SCHEMA avdaily_ops; CREATE TABLE avdaily_ops.operation (id bigint GENERATED ALWAYS AS "
                        + "IDENTITY PRIMARY KEY, command text NOT NULL, environment text NOT NULL, who text NOT NULL, "
                        + "host text NOT NULL,"
                        + " started_at timestamptz NOT NULL DEFAULT now(), duration interval, outcome text NOT NULL "
                        + "DEFAULT 'started', details jsonb NOT NULL DEFAULT '{}'); CREATE TABLE "
                        + "avdaily_ops.environment (only_row boolean PRIMARY KEY DEFAULT true, name text, recorded_by "
                        + "text, recorded_at timestamptz DEFAULT now())");
        String before = rows(db);
        Path out = Files.createTempFile("out", ".txt");
        Path err = Files.createTempFile("err", ".txt");
        Process process = command(db, "integrity", "fix", "--rules", rules(BALANCE, TOTAL), "--yes")
                .with("BACKUP_DIR", TestServer.temporary("backups").toString())
                .start(out, err);
        for (int i = 0;
                i < 300
                        && value(
                                        db,
                                        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
                                                + "wait_event = 'PgSleep'")
                                .equals("0");
                i++) sleep(100);
        assertEquals(
                "1",
                value(
                        db,
                        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = "
                                + "'PgSleep'"),
                Files.readString(err));
        process.destroyForcibly().waitFor();
        execute(
                db,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND "
                        + "wait_event = 'PgSleep'");
        assertEquals(before, rows(db));
        execute(db, "DROP TRIGGER slowly ON purse");
        fix(db, rules(BALANCE, TOTAL), "--yes").expect(0);
        assertEquals("3", value(db, "SELECT count(*) FROM purse WHERE total = balance"));
    }
}
