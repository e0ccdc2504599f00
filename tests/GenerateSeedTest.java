import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.db.DatabaseUrl;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class GenerateSeedTest extends ScriptTest {
    private static final String FILLED =
            "SELECT (SELECT count(*) FROM \"user\") || ' ' || (SELECT count(*) > 0 FROM transactions) || ' ' || "
                    + "(SELECT count(*) FROM daily_analytics)";

    /** What the app leaves open, as the seeds have it: with these every rule is on. */
    private static final String SETTINGS =
            """
            settings:
              reference_pattern: ^TXN-[A-Z]+-[0-9]+$
              plan_end: t.start_date + t.cycle_duration
              balance_limit: CASE u.kyc_tier WHEN 0 THEN 50000 WHEN 1 THEN 300000 ELSE 500000 END
              daily_limit: CASE u.kyc_tier WHEN 0 THEN 50000 WHEN 1 THEN 200000 ELSE 5000000 END
              ledger_day: t.completed_at::date
              wallet_formula: |
                CASE t.type WHEN 'deposit' THEN t.amount WHEN 'refund' THEN t.amount WHEN 'penalty' THEN -t.amount
                  WHEN 'contribution' THEN CASE WHEN t.payment_source = 'wallet' THEN -t.amount ELSE 0 END
                  WHEN 'withdrawal' THEN CASE WHEN t.plan_id IS NULL THEN -t.amount ELSE t.amount END
                  WHEN 'interest' THEN t.amount ELSE 0 END
            """;

    private static Command generate(DatabaseUrl db, String... more) {
        List<String> words = new ArrayList<>(List.of("generate", "development", "--yes"));
        words.addAll(List.of(more));
        return command(db, "seed", words.toArray(String[]::new));
    }

    /** The full check without any finding, also none of the rules that need a setting. */
    private static JsonNode checked(DatabaseUrl db) {
        Path rules = TestServer.temporary("rules").resolve("settings.yaml");
        write(rules, SETTINGS + "\nrules:\n- {id: PRF-05, off: true}   # the app wants its indexes so\n");
        return run(db, "integrity", "check", "--fail-on", "info", "--rules", rules.toString(), "--json")
                .expect(0)
                .json();
    }

    @Test
    void noRuleIsBroken() {
        DatabaseUrl db = migrated();
        String before = schema(db);
        generate(db, "--users", "400").run().expect(0).says("transactions", "The same again");
        assertEquals(before, schema(db));
        JsonNode check = checked(db);
        assertTrue(check.toString().contains("CON-24"), check::toString);
        assertEquals(
                "t t t",
                value(
                        db,
                        """
                SELECT concat_ws(' ', (SELECT count(*) > 30000 FROM transactions), (SELECT count(DISTINCT status) = 3
                    FROM transactions),
                  (SELECT count(DISTINCT status) >= 2 FROM ajo_groups))"""));
        assertEquals(
                "done 400",
                value(
                        db,
                        "SELECT concat_ws(' ', outcome, details ->> 'users') FROM avdaily_ops.operation WHERE command "
                                + "= 'seed "
                                + "generate'"));
    }

    @Test
    void fewPeopleAndFewDaysAreTrueToo() {
        for (List<String> size : List.of(List.of("1", "1"), List.of("2", "8"), List.of("70", "13"))) {
            DatabaseUrl db = migrated();
            generate(db, "--users", size.get(0), "--days", size.get(1)).run().expect(0);
            checked(db);
            assertEquals(
                    "0",
                    value(
                            db,
                            """
                    SELECT (SELECT count(*) FROM "user"
                        WHERE greatest(created_at, kyc_verified_at,
                        updated_at) >= (now() AT TIME ZONE 'Africa/Lagos')::date)
                      + (SELECT count(*) FROM kyc_verification k JOIN "user" u ON u.id = user_id
                          WHERE k.created_at < u.created_at)"""),
                    size::toString);
        }
    }

    @Test
    void theSameCommandGivesTheSameRowsEverywhere() {
        JsonNode here = checksums(generate(
                        migrated(),
                        "--users",
                        "150",
                        "--days",
                        "90",
                        "--as-of",
                        "2026-01-31",
                        "--jobs",
                        "1",
                        "--checksum",
                        "--json")
                .run()
                .expect(0)
                .json());
        JsonNode there = checksums(generate(
                        migrated(),
                        "--users",
                        "150",
                        "--days",
                        "90",
                        "--as-of",
                        "2026-01-31",
                        "--jobs",
                        "3",
                        "--checksum",
                        "--json")
                .with("TZ", "Pacific/Auckland")
                .with("LC_ALL", "tr_TR.UTF-8")
                .with("JAVA_TOOL_OPTIONS", "-Duser.language=tr -Duser.country=TR -Dfile.encoding=ISO-8859-1")
                .run()
                .expect(0)
                .json());
        assertEquals(here, there);
        assertEquals(
                KNOWN,
                here.get("transactions").asText() + " " + here.get("user").asText() + " "
                        + here.get("daily_analytics").asText(),
                "the generator gives other rows than it did: if that is meant, CounterRandom.VERSION "
                        + "goes up, and the checksums "
                        + "in docs/generate.md change too");
        JsonNode others = checksums(generate(
                        migrated(),
                        "--users",
                        "150",
                        "--days",
                        "90",
                        "--as-of",
                        "2026-01-31",
                        "--random-seed",
                        "2",
                        "--checksum",
                        "--json")
                .run()
                .expect(0)
                .json());
        assertNotEquals(here.get("user"), others.get("user"));
    }

    /** The checksum of each table. */
    private static JsonNode checksums(JsonNode answer) {
        ObjectNode sums = new ObjectMapper().createObjectNode();
        answer.get("tables").forEach(table -> sums.set(table.get("table").asText(), table.get("checksum")));
        return sums;
    }

    private static final String KNOWN = "9377-6ca3201c7b864fdc 150-229fc1fd0b50353d 90-78e9e9a91518e920";

    @Test
    void missingRolesComeFromTheBaseSeedsAsSeedingBringsThem() {
        String all = "SELECT (SELECT string_agg(id::text || name, ',' ORDER BY id) FROM roles) || (SELECT "
                + "string_agg(id::text || name, ',' ORDER BY "
                + "id) FROM permissions)"
                + " || (SELECT string_agg(id || ' ' || role_id || ' ' || permission_id, ',' ORDER BY id) FROM "
                + "role_permissions)";
        DatabaseUrl seeded = migrated();
        run(seeded, "seed", "testing").expect(0);
        DatabaseUrl generated = migrated();
        generate(generated, "--users", "10").run().expect(0);
        assertEquals(value(seeded, all), value(generated, all));
        Path empty = TestServer.temporary("seeds");
        write(empty.resolve("base").resolve("roles.yaml"), "- {name: admin, display_name: Admin}");
        DatabaseUrl without = migrated();
        generate(without, "--users", "10", "--seeds", empty.toString()).run().expect(2, "permissions");
        write(empty.resolve("base").resolve("permissions.yaml"), "[]");
        write(empty.resolve("base").resolve("role_permissions.yaml"), "[]");
        generate(without, "--users", "10", "--seeds", empty.toString()).run().expect(2, "no role user");
        assertEquals("0 false 0", value(without, FILLED));
    }

    @Test
    void onlyIntoEmptyTablesThatAreNotProduction() {
        DatabaseUrl db = migrated();
        command(db, "seed", "generate", "development", "--users", "10").run().expect(21, "--yes");
        generate(db, "--users", "0").run().expect(2, "--users 0");
        generate(db, "--users", "10", "--days", "0").run().expect(2, "--days 0");
        command(db, "seed", "generate", "production", "--users", "10", "--yes")
                .run()
                .expect(21, "production");
        generate(db, "--users", "10").with("AVDAILY_ENV", "production").run().expect(21, "production");
        assertEquals("0 false 0", value(db, FILLED));
        run(db, "seed", "testing").expect(0);
        String rows = rows(db);
        generate(db, "--users", "10").run().expect(21, "empty tables only", "user");
        assertEquals(rows, rows(db));
        generate(TestServer.newDatabase(), "--users", "10").run().expect(2, "no table user", "avdaily-migrate up");
        DatabaseUrl other = migrated();
        execute(other, "ALTER TABLE wallets ADD reason text NOT NULL");
        generate(other, "--users", "10", "--days", "60")
                .run()
                .expect(2, "do not take", "reason", "nothing was written");
    }

    @Test
    void aKilledRunLeavesTheTablesAsTheyWere() throws Exception {
        Random random = new Random(20);
        DatabaseUrl db = migrated();
        String before = schema(db);
        for (int round = 0; round < (LongForm.IS_ASKED_FOR ? 4 : 2); round++) {
            Process process = generate(db, "--users", "1000")
                    .start(Files.createTempFile("out", ""), Files.createTempFile("err", ""));
            Await.sessionOrEnd(process, db, "query LIKE 'COPY%'");
            process.waitFor(random.nextInt(3000), TimeUnit.MILLISECONDS);
            process.destroyForcibly().waitFor();
            Await.noSession(db, "backend_type = 'client backend'");
            assertEquals(before, schema(db), "indexes and constraints must be whole");
            if (!value(db, FILLED).equals("1000 true 365")) assertEquals("0 false 0", value(db, FILLED));
            else execute(db, "TRUNCATE \"user\", daily_analytics CASCADE");
        }
        generate(db, "--users", "50").run().expect(0);
        assertEquals(before, schema(db));
    }

    @Test
    void ofTwoAtOnceOneWaits() throws Exception {
        DatabaseUrl db = migrated();
        Process first =
                generate(db, "--users", "600").start(Files.createTempFile("out", ""), Files.createTempFile("err", ""));
        Run second = generate(db, "--users", "600")
                .with("AVDAILY_LOCK_ATTEMPTS", "2")
                .run();
        assertTrue(first.waitFor(120, TimeUnit.SECONDS));
        assertTrue(List.of(0, 21, 23).contains(second.code()), second::err);
        assertEquals(second.code() == 0, first.exitValue() != 0);
        assertEquals("600 true 365", value(db, FILLED));
    }

    @Test
    void whatDependsOnAnIndexAndWhatIsSaidOfItStay() {
        DatabaseUrl db = migrated();
        execute(
                db,
                "CREATE VIEW people AS SELECT u.id, u.name, count(*) FROM \"user\" u JOIN transactions t ON t.user_id "
                        + "= u.id GROUP BY u.id",
                "COMMENT ON INDEX transactions_user_idx IS 'by user'",
                "ALTER TABLE wallets CLUSTER ON wallets_user_idx",
                "CREATE INDEX big_idx ON transactions (amount) WITH (fillfactor = 70) WHERE amount > 1000",
                "ALTER TABLE rewards ADD CONSTRAINT later FOREIGN KEY (user_id) REFERENCES \"user\" DEFERRABLE "
                        + "INITIALLY DEFERRED NOT VALID");
        String before = schema(db);
        generate(db, "--users", "100").run().expect(0);
        assertEquals(before, schema(db));
        assertEquals(
                "by user true",
                value(
                        db,
                        "SELECT obj_description('transactions_user_idx'::regclass) || ' ' || (SELECT indisclustered "
                                + "FROM "
                                + "pg_index WHERE indexrelid = 'wallets_user_idx'::regclass)"));
        assertEquals("99", value(db, "SELECT count(*) FROM people"), "all but the administrator save");
    }

    @Test
    void defectsAreFoundExactlyAsTheManifestSays() throws Exception {
        DatabaseUrl db = migrated();
        Path manifest = TestServer.temporary("manifest").resolve("defects.json");
        generate(db, "--users", "200", "--defects", "BIZ-01=3,CON-02=2,ORP-04=4", "--manifest", manifest.toString())
                .run()
                .expect(0);
        JsonNode planted = new com.fasterxml.jackson.databind.ObjectMapper()
                .readTree(Files.readString(manifest))
                .get("rules");
        JsonNode check = run(db, "integrity", "check", "--json").expect(22).json();
        for (JsonNode rule : check.get("rules")) {
            if (!planted.has(rule.get("id").asText())) continue;
            List<String> found = new ArrayList<>();
            rule.get("keys").forEach(key -> found.add(key.asText()));
            List<String> expected = new ArrayList<>();
            planted.get(rule.get("id").asText()).get("keys").forEach(key -> expected.add(key.asText()));
            assertEquals(expected, found.stream().sorted().toList(), rule::toString);
        }
        assertEquals(
                "3 2 4",
                planted.get("BIZ-01").get("count") + " " + planted.get("CON-02").get("count") + " "
                        + planted.get("ORP-04").get("count"));
        generate(migrated(), "--users", "10", "--defects", "XXX-01=3").run().expect(2, "XXX-01");
        DatabaseUrl without = migrated();
        generate(without, "--users", "10", "--defects", "BIZ-01=1", "--manifest", "/proc/defects.json")
                .run()
                .expect(2, "/proc/defects.json", "nothing was changed");
        assertEquals("0 false 0", value(without, FILLED), "broken data without their manifest must not stay");
        DatabaseUrl small = migrated();
        generate(small, "--users", "10", "--defects", "CON-18=2").run().expect(2, "CON-18", "ask for 1");
        execute(small, "ALTER TABLE \"user\" DROP CONSTRAINT user_email_unique");
        String before = schema(small);
        generate(small, "--users", "10", "--defects", "BIZ-01=3,CON-22=1")
                .run()
                .expect(21, "CON-22 would be broken 2 times here, not 1");
        assertEquals(before, schema(small));
        assertEquals("0 false 0", value(small, FILLED));
    }

    private static final String RECIPE =
            """
            tables:
              product:
                rows: 20
                columns:
                  id: {sequence: 1}
                  name: Thing {row}
                  price: {number: [5, 900], decimals: 2}
              person:
                rows: users
                columns:
                  id: {uuid: true}
                  name: "{first} {family}"
                  email: "{code}@example.test"
                  born: {date: [1960-01-01, 2007-12-31], null: 20}
                  orders: {count: orders}
              orders:
                each: person
                from: 0
                to: 5
                columns:
                  id: {sequence: 1}
                  person_id: {parent: id}
                  status: {pick: {paid: 90, open: 8, failed: 2}}
                  placed_at: {timestamp: history}
                  is_gift: {chance: 10}
                  total: {sum: item.amount}
              item:
                each: orders
                from: 1
                to: 3
                columns:
                  order_id: {parent: id}
                  line: {sequence: 1}
                  product_id: {reference: product.id}
                  person_id: {copy: person.id}
                  quantity: {number: [1, 9]}
                  amount: {multiply: [quantity, 12.5]}
            """;

    private static DatabaseUrl shop() {
        DatabaseUrl db = TestServer.newDatabase();
        execute(
                db,
                "CREATE TABLE product (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, price "
                        + "numeric(8,2) NOT NULL)",
                "CREATE TABLE person (id uuid PRIMARY KEY, name text NOT NULL, email text NOT NULL UNIQUE, born date, "
                        + "orders smallint NOT NULL)",
                "CREATE TABLE orders (id bigserial PRIMARY KEY, person_id uuid NOT NULL REFERENCES person, status "
                        + "varchar(9) NOT NULL, placed_at "
                        + "timestamptz NOT NULL, is_gift boolean, total numeric(12,2) NOT NULL)",
                "CREATE TABLE item (order_id bigint NOT NULL REFERENCES orders, line bigint, product_id bigint NOT "
                        + "NULL REFERENCES product, "
                        + "person_id uuid REFERENCES person, quantity int, amount numeric(12,2), PRIMARY KEY "
                        + "(order_id, line))");
        return db;
    }

    private static Path recipe(String text) {
        Path file = TestServer.temporary("recipe").resolve("shop.yaml");
        write(file, text);
        return file;
    }

    @Test
    void aRecipeFillsAnyProjectsTables() {
        DatabaseUrl db = shop();
        String before = schema(db);
        generate(db, "--users", "1000", "--recipe", recipe(RECIPE).toString())
                .run()
                .expect(0)
                .says("orders", "--recipe");
        assertEquals(before, schema(db));
        assertEquals(
                "1000 0 0 0",
                value(
                        db,
                        """
                SELECT concat_ws(' ', (SELECT count(*) FROM person),
                  (SELECT count(*) FROM orders o WHERE total <> (SELECT sum(amount) FROM item i
                      WHERE i.order_id = o.id)),
                  (SELECT count(*) FROM person p WHERE orders <> (SELECT count(*) FROM orders o
                      WHERE o.person_id = p.id)),
                  (SELECT count(*) FROM item i JOIN orders o ON o.id = i.order_id
                      WHERE i.person_id <> o.person_id))"""));
        assertEquals(
                "t t t",
                value(
                        db,
                        "SELECT concat_ws(' ', (SELECT count(born) BETWEEN 700 AND 900 FROM person), (SELECT count(*) "
                                + "BETWEEN 2000 "
                                + "AND 3000 FROM orders), (SELECT max(id) < nextval('orders_id_seq') FROM orders))"));
    }

    @Test
    void aMistakeInARecipeIsNamed() {
        DatabaseUrl db = shop();
        for (List<String> mistake : List.of(
                List.of("{chance: 10}", "{luck: 10}", "orders.is_gift", "luck"),
                List.of("{chance: 10}", "{chance: 300}", "orders.is_gift", "300"),
                List.of("null: 20", "null: x", "person.born", "x"),
                List.of("{paid: 90, open: 8, failed: 2}", "{paid: 0}", "orders.status", "nothing to pick"),
                List.of("{paid: 90, open: 8, failed: 2}", "[]", "orders.status"),
                List.of("[1, 9]", "[1, 99999999999999999999]", "item.quantity", "18 digits"),
                List.of("[1, 9]", "[a, b]", "item.quantity"),
                List.of("[quantity, 12.5]", "[]", "item.amount", "list"),
                List.of("rows: 20", "rows: 99999999999999", "product", "room"),
                List.of("rows: 20", "rows: 20\n    row: 3", "product", "'row'"),
                List.of("is_gift:", "status:", "twice", "status"),
                List.of("{chance: 10}", "{chance: 10, pick: [a]}", "orders.is_gift", "chance and pick"),
                List.of("history}", "[today-99999999999d, today]}", "orders.placed_at"),
                List.of("email: \"{code}@example.test\"", "email: same", "person_email_key", "correct the recipe"),
                List.of(
                        "      email: \"{code}@example.test\"\n",
                        "",
                        "null value in column \"email\"",
                        "correct the recipe"),
                List.of("person_id: {parent: id}", "person_id: {parent: nr}", "orders.person_id", "nr"),
                List.of("each: person", "each: people", "people"),
                List.of("name: Thing", "title: Thing", "product.title"),
                List.of("product.id}", "orders.id}", "item.product_id"),
                List.of("[1, 9]", "[9, 1]", "item.quantity"),
                List.of("item.amount", "item.worth", "orders.total"),
                List.of("rows: 20", "rows: many", "product"),
                List.of("  orders:\n    each", "  order:\n    each", "order"),
                List.of("{uuid: true}", "{sequence: 1}", "person.id", "uuid"),
                List.of("tables:", "tables: [", "line"))) {
            assertTrue(RECIPE.contains(mistake.get(0)), mistake::toString);
            generate(
                            db,
                            "--users",
                            "10",
                            "--recipe",
                            recipe(RECIPE.replaceFirst(java.util.regex.Pattern.quote(mistake.get(0)), mistake.get(1)))
                                    .toString())
                    .run()
                    .expect(2, mistake.subList(2, mistake.size()).toArray(String[]::new));
        }
        assertEquals("0", value(db, "SELECT count(*) FROM person"));
    }
}
