import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.db.DatabaseUrl;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SeedTest extends ScriptTest {
    /** What must be true of the data: a query for each rule that returns what breaks it. */
    private static final Map<String, String> RULES = Map.ofEntries(
            Map.entry(
                    "a plan's amount is its completed contributions less its withdrawals",
                    """
                    SELECT p.id FROM savings_plans p LEFT JOIN transactions t ON t.plan_id = p.id
                        AND t.status = 'completed' GROUP BY p.id
                    HAVING p.current_amount <> coalesce(sum(CASE t.type WHEN 'contribution' THEN t.amount
                        WHEN 'withdrawal' THEN -t.amount END), 0)"""),
            Map.entry(
                    "analytics count the plans",
                    """
                    SELECT a.id FROM user_analytics a WHERE a.active_plans <> (SELECT count(*) FROM savings_plans p
                        WHERE p.user_id = a.user_id AND p.status = 'active')
                      OR a.completed_plans <> (SELECT count(*) FROM savings_plans p WHERE p.user_id = a.user_id
                          AND p.status = 'completed')"""),
            Map.entry(
                    "analytics sum the transactions",
                    """
                    SELECT a.id FROM user_analytics a LEFT JOIN transactions t ON t.user_id = a.user_id
                        AND t.status = 'completed' GROUP BY a.id
                    HAVING a.total_saved <> coalesce(sum(t.amount) FILTER (WHERE t.type = 'contribution'), 0)
                        OR a.total_withdrawn <> coalesce(sum(t.amount) FILTER (WHERE t.type = 'withdrawal'), 0)
                      OR a.total_contributions <> count(*) FILTER (WHERE t.type = 'contribution')
                          OR a.total_interest_earned <> coalesce(sum(t.amount) FILTER (WHERE t.type = 'interest'),
                          0)"""),
            Map.entry(
                    "a group counts its active members",
                    "SELECT g.id FROM ajo_groups g WHERE current_member_count <> (SELECT count(*) FROM group_members "
                            + "m WHERE m.group_id = g.id AND m.status = 'active')"),
            Map.entry(
                    "a group's totals are its contributions and payouts",
                    """
                    SELECT g.id FROM ajo_groups g WHERE total_collected <> (SELECT coalesce(sum(amount), 0)
                        FROM group_contributions c WHERE c.group_id = g.id AND c.status = 'completed')
                      OR total_disbursed <> (SELECT coalesce(sum(amount), 0) FROM group_payouts p
                          WHERE p.group_id = g.id AND p.status = 'completed')"""),
            Map.entry(
                    "a member's total is their contributions",
                    "SELECT m.id FROM group_members m WHERE total_contributed <> (SELECT coalesce(sum(amount), 0) "
                            + "FROM group_contributions c WHERE c.member_id = m.id AND c.status = 'completed')"),
            Map.entry(
                    "a payout's net amount is the amount less the fee",
                    "SELECT id FROM group_payouts WHERE net_amount <> amount - service_fee OR service_fee <> "
                            + "round(amount * 0.02, 2)"),
            Map.entry(
                    "amounts are positive, balances not negative, dates in order, tiers known",
                    """
                    SELECT id FROM transactions WHERE amount <= 0 UNION ALL SELECT id FROM wallets WHERE balance < 0
                    UNION ALL SELECT id FROM savings_plans WHERE start_date > end_date OR daily_amount <= 0
                        OR current_amount < 0 UNION ALL SELECT id FROM "user" WHERE kyc_tier NOT IN (0, 1, 2)"""),
            Map.entry(
                    "a group contribution's transaction is the member's own",
                    "SELECT c.id FROM group_contributions c WHERE status = 'completed' AND NOT EXISTS (SELECT FROM "
                            + "transactions t WHERE t.id = c.transaction_id AND t.user_id = c.user_id AND t.amount = "
                            + "c.amount)"));

    /** A small shop of its own: people, and orders that refer to them. */
    static DatabaseUrl shop() {
        DatabaseUrl db = TestServer.newDatabase();
        execute(
                db,
                "CREATE TABLE person (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), email text NOT NULL UNIQUE, born "
                        + "date, rank varchar(5), boss_id uuid REFERENCES person)",
                "CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, number text NOT NULL "
                        + "UNIQUE, person_id uuid NOT NULL REFERENCES person, paid numeric(8,2) CHECK (paid >= 0), at "
                        + "timestamptz, extra jsonb, tags text[])",
                "CREATE TABLE item (order_id bigint REFERENCES orders, line int, name text DEFAULT 'thing', PRIMARY "
                        + "KEY (order_id, line))");
        return db;
    }

    static Path seeds(String... namesAndTexts) {
        Path folder = TestServer.temporary("seeds");
        for (int i = 0; i < namesAndTexts.length; i += 2) write(folder.resolve(namesAndTexts[i]), namesAndTexts[i + 1]);
        return folder;
    }

    static Run seed(Path folder, DatabaseUrl db, String... more) {
        return command(
                        db,
                        "seed",
                        java.util.stream.Stream.concat(
                                        java.util.stream.Stream.of("development"), java.util.stream.Stream.of(more))
                                .toArray(String[]::new))
                .with("AVDAILY_SEEDS", folder.toString())
                .run();
    }

    @Test
    void everyEnvironmentIsTrueInItself() {
        for (String environment : List.of("development", "testing", "staging", "demo")) {
            DatabaseUrl db = migrated();
            run(db, "seed", environment, "--validate").expect(0).says("Validated");
            RULES.forEach((rule, query) -> assertEquals(List.of(), values(db, query), environment + ": " + rule));
            String before = rows(db);
            run(db, "seed", environment, "--validate").expect(0).says("unchanged");
            assertEquals(before, rows(db), "a second run must not write a single row");
        }
    }

    @Test
    void developmentIsWhatTheTeamExpects() {
        DatabaseUrl db = migrated();
        run(db, "seed", "development").expect(0);
        assertEquals(
                "5 4 17",
                value(
                        db,
                        "SELECT concat_ws(' ', (SELECT count(*) FROM \"user\"), (SELECT count(*) FROM roles), (SELECT "
                                + "count(*) FROM permissions))"));
        assertEquals(
                "10000.00 5000.00 7500.00 2500.00 15000.00",
                value(
                        db,
                        """
                SELECT string_agg(balance::text, ' ' ORDER BY array_position(ARRAY['admin', 'user1',
                    'user2', 'user3', 'moderator'], split_part(email, '@', 1)))
                FROM wallets JOIN "user" u ON u.id = user_id WHERE email LIKE '%@avdaily.test'"""));
        assertEquals(
                "17",
                value(
                        db,
                        "SELECT count(*) FROM role_permissions JOIN roles r ON r.id = role_id WHERE r.name = 'admin'"));
    }

    @Test
    void minimalIsRolesPermissionsAndOneUser() {
        DatabaseUrl db = migrated();
        run(db, "seed", "development", "--minimal").expect(0);
        assertEquals(
                "1 1 1 4 17 0",
                value(
                        db,
                        """
                SELECT concat_ws(' ', (SELECT count(*) FROM "user"), (SELECT count(*) FROM wallets), (SELECT count(*)
                    FROM user_roles), (SELECT count(*) FROM roles),
                                 (SELECT count(*) FROM permissions), (SELECT count(*) FROM savings_plans))"""));
        run(db, "seed", "development").expect(0).says("inserted");
    }

    @Test
    void aDryRunLeavesNothing() {
        DatabaseUrl db = migrated();
        String before = rows(db);
        assertTrue(run(db, "seed", "demo", "--dry-run", "--json")
                .expect(0)
                .json()
                .get("changed")
                .asBoolean());
        assertEquals(before, rows(db));
        assertEquals("0", value(db, "SELECT count(*) FROM avdaily_ops.operation WHERE command = 'seed'"));
    }

    @Test
    void existingRowsKeepTheirIdsAndOnlyDifferentOnesAreWritten() {
        DatabaseUrl db = migrated();
        execute(
                db,
                "INSERT INTO roles (id, name, display_name) VALUES ('11111111-1111-1111-1111-111111111111', 'admin', "
                        + "'Old name')");
        run(db, "seed", "testing").expect(0);
        assertEquals(
                "11111111-1111-1111-1111-111111111111 Administrator",
                value(db, "SELECT concat_ws(' ', id, display_name) FROM roles WHERE name = 'admin'"));
        assertEquals(
                "7",
                value(
                        db,
                        "SELECT count(*) FROM role_permissions WHERE role_id = "
                                + "'11111111-1111-1111-1111-111111111111'"));
        execute(db, "UPDATE wallets SET balance = 3");
        var table = run(db, "seed", "testing", "--json").expect(0).json().get("tables");
        int updated = 0;
        for (var count : table) updated += count.get("updated").asInt();
        assertEquals(1, updated);
    }

    @Test
    void cleanEmptiesTheAppsTablesOnly() {
        DatabaseUrl db = migrated();
        run(db, "seed", "development").expect(0);
        execute(
                db,
                "CREATE TABLE todo (id int)",
                "INSERT INTO todo VALUES (1)",
                "INSERT INTO \"user\" (name, email, email_verified) VALUES ('Stray', 'stray@example.test', true)",
                "INSERT INTO session (expires_at, token, user_id) SELECT now(), 't', id FROM \"user\" WHERE name = "
                        + "'Stray'");
        run(db, "seed", "development", "--clean").expect(21, "--yes");
        Run dry = run(db, "seed", "testing", "--clean", "--dry-run").expect(0);
        assertTrue(
                dry.err().contains("it would delete all rows of ") && dry.err().contains("session"), dry::err);
        run(db, "seed", "testing", "--clean", "--yes").expect(0);
        assertEquals(
                "1 1 0 9",
                value(
                        db,
                        "SELECT concat_ws(' ', (SELECT count(*) FROM todo), (SELECT count(*) FROM \"user\"), (SELECT "
                                + "count(*) FROM session), (SELECT count(*) FROM flyway_schema_history))"));
    }

    @Test
    void yamlJsonAndCsvMeanTheSame() {
        DatabaseUrl db = shop();
        Path folder = seeds(
                "base/person.yaml",
                "- {email: ada@example.test, born: today-30y, rank: +007}\n- email: ben@example.test\n  boss: "
                        + "ada@example.test\n",
                "base/orders.json",
                "[{\"number\": \"A1\", \"person\": \"ada@example.test\", \"paid\": 12.50, \"at\": \"2026-01-31 "
                        + "10:00+00\", \"extra\": {\"gift\": true, \"rate\": 0.10}, \"tags\": [\"x\", \"y z\"]}]",
                "development/orders.csv",
                "number,person,paid,extra\nA2,ben@example.test,,\"{\"\"a\"\": 1}\"\nA1,ada@example.test,13.00,\n",
                "development/item.csv",
                "order,line,name\nA1,1,\"comma, \"\"quoted\"\"\"\nA2,1,\"\"\n",
                "seeds.yaml",
                "timezone: Africa/Lagos\ntables: {item: {key: [order, line]}}\n");
        seed(folder, db, "--validate").expect(0);
        assertEquals(
                "+007",
                value(
                        db,
                        "SELECT rank FROM person WHERE email LIKE 'ada%' AND born = (now() AT TIME ZONE "
                                + "'Africa/Lagos')::date - interval '30 years'"));
        assertEquals("ada@example.test", value(db, "SELECT b.email FROM person p JOIN person b ON b.id = p.boss_id"));
        assertEquals(
                "A1 13.00 null {x,\"y z\"}|A2 null {\"a\": 1} null",
                value(
                        db,
                        "SELECT string_agg(concat_ws(' ', number, coalesce(paid::text, 'null'), coalesce(extra::text, "
                                + "'null'), coalesce(tags::text, 'null')), '|' ORDER BY number) FROM orders"),
                "the later layer overrides the columns that it names");
        assertEquals("comma, \"quoted\"|", value(db, "SELECT string_agg(name, '|' ORDER BY order_id) FROM item"));
        String before = rows(db);
        seed(folder, db).expect(0).says("unchanged");
        assertEquals(before, rows(db));
        DatabaseUrl elsewhere = shop();
        seed(folder, elsewhere).expect(0);
        assertEquals(
                value(db, "SELECT string_agg(id::text, ' ' ORDER BY id) FROM person"),
                value(elsewhere, "SELECT string_agg(id::text, ' ' ORDER BY id) FROM person"));
    }

    @Test
    void relativeDatesHoldStillOnceTheDataAreThere() {
        DatabaseUrl db = shop();
        Path folder = seeds("base/person.yaml", "- {email: ada@example.test, born: today}\n");
        seed(folder, db).expect(0);
        execute(db, "UPDATE avdaily_ops.seed_history SET as_of = '2026-01-05'");
        seed(folder, db).expect(0);
        assertEquals(
                "2026-01-05",
                value(db, "SELECT born::text FROM person"),
                "a run on a later day counts from the first one's");
        seed(folder, db).expect(0).says("unchanged");
        seed(folder, db, "--clean", "--yes").expect(0);
        assertNotEquals("2026-01-05", value(db, "SELECT born::text FROM person"));
    }

    @Test
    void aMistakeInAFileIsNamedAndNothingIsWritten() {
        DatabaseUrl db = shop();
        Map<String, List<String>> mistakes = Map.ofEntries(
                Map.entry(
                        "person.yaml|- {email: a@x.test}\n- {email: b@x.test, colour: red}\n",
                        List.of("line 2", "column colour", "email")),
                Map.entry(
                        "person.yaml|- {email: a@x.test}\n- {email: b@x.test, boss: nobody@x.test}\n",
                        List.of("line 2", "column boss", "nobody@x.test")),
                Map.entry(
                        "person.yaml|- {email: a@x.test}\n- {email: b@x.test}\n- {email: a@x.test}\n",
                        List.of("line 3", "line 1", "a@x.test")),
                Map.entry(
                        "person.yaml|- {email: a@x.test}\n- {email: b@x.test, born: 2026-02-30}\n",
                        List.of("line 2", "column born", "2026-02-30")),
                Map.entry(
                        "person.yaml|- {email: a@x.test}\n- {email: b@x.test, born: today-3}\n",
                        List.of("line 2", "column born", "today-3")),
                Map.entry(
                        "person.yaml|- {email: a@x.test}\n- {email: b@x.test, rank: toolong}\n",
                        List.of("line 2", "column rank", "too long")),
                Map.entry("person.yaml|- {email: a@x.test}\n- {rank: x}\n", List.of("line 2", "column email", "key")),
                Map.entry("person.yaml|- {email: a@x.test, email: b@x.test}\n", List.of("line 1", "email")),
                Map.entry("person.yaml|email: a@x.test\n", List.of("person.yaml", "list")),
                Map.entry("person.yaml|- {email: a@x.test\n- {\n", List.of("person.yaml line ")),
                Map.entry("person.txt|x\n", List.of("person.txt", ".yaml")),
                Map.entry(
                        "person.csv|email,rank\na@x.test,1\nb@x.test\n", List.of("line 3", "1 cell under 2 columns")),
                Map.entry("person.csv|email,email\na@x.test,1\n", List.of("email", "twice")),
                Map.entry("person.csv|email,boss,boss.email\na@x.test,,\n", List.of("line 1", "boss.email")),
                Map.entry("person.yaml|- {email: &a a@x.test}\n- {email: *a}\n", List.of("line 2", "aliases")),
                Map.entry("person.yaml|- {email: a@x.test}\n---\n- {email: b@x.test}\n", List.of("line 3", "more")),
                Map.entry("person.json|[{\"email\": \"a@x.test\"}] [{}]\n", List.of("person.json line 1", "more")),
                Map.entry("more/person.yaml|- {email: a@x.test}\n", List.of("more")),
                Map.entry("nothing.yaml|- {a: b}\n", List.of("nothing.yaml", "no table nothing")),
                Map.entry(
                        "orders.yaml|- {number: A1, person: a@x.test}\n- {number: A2, person: a@x.test, paid: -1}\n",
                        List.of("line 2", "orders_paid_check")),
                Map.entry(
                        "orders.yaml|- {number: A1, person: a@x.test, paid: {a: 1}}\n",
                        List.of("line 1", "column paid", "single value")),
                Map.entry(
                        "orders.yaml|- {number: A1, person: {mail: a@x.test}}\n",
                        List.of("line 1", "column person", "email")),
                Map.entry("orders.yaml|- {number: A1}\n", List.of("line 1", "person_id")),
                Map.entry(
                        "orders.yaml|- {number: A1, person: a@x.test, extra: not json}\n",
                        List.of("line 1", "column extra", "json")));
        mistakes.forEach((file, words) -> {
            String[] parts = file.split("\\|", 2);
            Path folder = seeds("base/" + parts[0], parts[1]);
            if (!parts[0].contains("person")) write(folder.resolve("base/person.yaml"), "- {email: a@x.test}\n");
            Run run = seed(folder, db).expect(2, words.toArray(String[]::new));
            assertTrue(
                    run.err()
                            .contains(folder.resolve("base/" + parts[0].replaceAll("/.*", ""))
                                    .toString()),
                    run.err());
            assertEquals("0", value(db, "SELECT (SELECT count(*) FROM person) + (SELECT count(*) FROM orders)"), file);
        });
    }

    @Test
    void anotherSchemasTablesAreNotOurs() {
        DatabaseUrl db = shop();
        execute(
                db,
                "CREATE SCHEMA other",
                "CREATE TABLE other.person (id uuid PRIMARY KEY)",
                "CREATE TABLE keep (person_id uuid REFERENCES other.person)",
                "INSERT INTO other.person VALUES ('22222222-2222-2222-2222-222222222222')",
                "INSERT INTO keep SELECT id FROM other.person");
        Path folder = seeds(
                "base/person.yaml",
                "- {email: ada@example.test, id: 11111111-1111-1111-1111-111111111111}\n- {email: ben@example.test, "
                        + "boss: ada@example.test}\n");
        seed(folder, db, "--clean", "--yes", "--validate").expect(0);
        assertEquals("1", value(db, "SELECT count(*) FROM keep"));
        assertEquals(
                "11111111-1111-1111-1111-111111111111",
                value(db, "SELECT boss_id FROM person WHERE email LIKE 'ben%'"),
                "an id that the file gives is the one that references lead to");
    }

    @Test
    void validateFindsWhatIsBroken() {
        DatabaseUrl db = migrated();
        run(db, "seed", "development").expect(0);
        execute(
                TestServer.admin().withDatabase(db.database()),
                "SET session_replication_role = replica",
                "DELETE FROM \"user\" WHERE email = 'user3@avdaily.test'");
        run(db, "seed", "testing", "--validate")
                .expect(22, "finding")
                .says("wallets.user_id: 1 row without their user");
    }

    @Test
    void productionIsNeverSeeded() {
        DatabaseUrl db = TestServer.newDatabase();
        run(db, "seed", "production").expect(21, "never seeded");
        run(db, "deploy", "production", "--seed", "--yes").expect(21, "never seeded");
    }

    @Test
    void anUnmigratedDatabaseSaysSo() {
        run(TestServer.newDatabase(), "seed", "development").expect(2, "no table", "avdaily-migrate up");
    }

    @Test
    void aKilledRunLeavesNothing() throws Exception {
        DatabaseUrl db = migrated();
        execute(
                db,
                "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(60); RETURN "
                        + "NEW; END $$",
                "CREATE TRIGGER slow BEFORE INSERT ON wallets FOR EACH ROW EXECUTE FUNCTION slow()");
        String before = rows(db);
        Path log = Files.createTempFile("log", "");
        Process process = command(db, "seed", "development").start(log, log);
        while (value(
                        db,
                        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = "
                                + "'PgSleep'")
                .equals("0")) Thread.onSpinWait();
        process.destroyForcibly().waitFor();
        execute(
                db,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> "
                        + "pg_backend_pid()");
        assertEquals(before, rows(db));
    }
}
