import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.base.AtomicFile;
import avdaily.db.DatabaseUrl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Seed files made from rows: they bring the same rows back, and tell nobody who somebody is. */
class SeedExportTest extends ScriptTest {
    @Test
    void whatIsExportedSeedsTheSameRows() {
        DatabaseUrl db = migrated();
        run(db, "seed", "staging").expect(0);
        execute(
                db,
                "UPDATE \"user\" SET name = E' =1+1, \"q\"\\n: #x\\ty', image = '' WHERE email = (SELECT min(email) "
                        + "FROM \"user\")",
                "UPDATE transactions SET description = 'null' WHERE id = (SELECT id FROM transactions ORDER BY id "
                        + "LIMIT 1)");
        for (String format : List.of("yaml", "csv")) {
            Path folder = TestServer.temporary("export").resolve("out");
            run(db, "seed", "export", "--unmasked", "--format", format, "--out", folder.toString())
                    .expect(0)
                    .says("user", "with personal data");
            Run here = command(db, "seed", "development", "--seeds", folder.toString())
                    .run()
                    .expect(0)
                    .says("unchanged");
            assertFalse(here.out().contains("updated"), here.out());
            DatabaseUrl other = migrated();
            command(other, "seed", "development", "--seeds", folder.toString(), "--validate")
                    .run()
                    .expect(0);
            assertEquals(sums(db), sums(other), format);
            run(db, "seed", "export", "--out", folder.toString()).expect(2, "there already");
        }
    }

    /** What is in each table. */
    private static String sums(DatabaseUrl db) {
        StringBuilder all = new StringBuilder();
        for (String table : values(
                db,
                "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND relnamespace = "
                        + "'public'::regnamespace AND relname <> 'flyway_schema_history' ORDER BY 1"))
            all.append(table)
                    .append(' ')
                    .append(value(
                            db,
                            "SELECT count(*) || ' ' || md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) "
                                    + "FROM "
                                    + table + " t"))
                    .append('\n');
        return all.toString();
    }

    @Test
    void anExportMasksPeopleAndLeavesSecretsOut() throws IOException {
        DatabaseUrl db = migrated();
        run(db, "seed", "development").expect(0);
        execute(
                db,
                "INSERT INTO account (account_id, provider_id, user_id, password, access_token) SELECT 'a', "
                        + "'credential', id, 'hashofpassword', 'topsecrettoken' FROM \"user\"",
                "UPDATE transactions SET description = 'Ask alice.real@mail.example or +2348099999999'");
        Path manifest = SeedTest.seeds(
                "seeds.yaml",
                Files.readString(PROJECT.resolve("seeds/seeds.yaml")) + "  account: {key: [user, provider_id]}\n");
        Path home = TestServer.temporary("operator");
        List<String> masked = new ArrayList<>();
        for (String format : List.of("csv", "csv", "yaml")) {
            Path folder = TestServer.temporary("export").resolve("out");
            command(db, "seed", "export", "--format", format, "--out", folder.toString())
                    .and("--seeds", manifest.toString())
                    .with("AVDAILY_HOME", home.toString())
                    .run()
                    .expect(0);
            StringBuilder all = new StringBuilder();
            try (var files = Files.walk(folder)) {
                for (Path file : files.filter(Files::isRegularFile).sorted().toList())
                    all.append(Files.readString(file));
            }
            for (String personal : List.of(
                    "@avdaily.test",
                    "Alice",
                    "Johnson",
                    "+234801",
                    "1992-07-21",
                    "hashofpassword",
                    "topsecrettoken",
                    "alice.real",
                    "+2348099999999"))
                assertFalse(all.toString().contains(personal), personal + " is in the " + format);
            assertTrue(
                    all.toString().contains("@example.test") && all.toString().contains("+2340"));
            masked.add(all.toString());
            DatabaseUrl other = migrated();
            command(other, "seed", "development", "--seeds", folder.toString(), "--validate")
                    .run()
                    .expect(0);
            assertEquals(
                    SeedFilesTest.content(db),
                    SeedFilesTest.content(other),
                    "masks keep keys apart and references together");
        }
        assertEquals(masked.get(0), masked.get(1));
        execute(db, "CREATE TABLE vault (name text PRIMARY KEY, api_key text NOT NULL)");
        run(db, "seed", "export", "--tables", "vault").expect(2, "api_key", "secret");
        run(db, "seed", "export", "--tables", "session").expect(2, "session", "token");
        run(db, "seed", "export", "--tables", "nowhere").expect(2, "no table nowhere");
    }

    @Test
    void productionIsExportedMaskedOnly() {
        DatabaseUrl db = SeedTest.shop();
        Path folder = TestServer.temporary("export").resolve("out");
        run(db, "seed", "export", "--env", "production", "--unmasked", "--out", folder.toString())
                .expect(21, "--unmasked");
        assertFalse(Files.exists(folder));
        run(db, "seed", "export", "--env", "production", "--tables", "person", "--out", folder.toString())
                .expect(0)
                .says("masked");
    }

    private static final List<String> TABLES_OF_ALL_TYPES = List.of(
            "CREATE TYPE mood AS ENUM ('sad', 'it''s \"fine\"')",
            "CREATE DOMAIN document AS jsonb",
            "CREATE DOMAIN day AS date",
            """
            CREATE TABLE kind (name text PRIMARY KEY, j json,
                jb jsonb, jd document, dd day, texts text[], ints int[], docs jsonb[], bytes bytea,
              tz timestamptz, ts timestamp, d date, t time, ttz timetz, span interval, n numeric,
                  f float8, r real, ip inet, mac macaddr, m mood, b boolean,
              c char(5), v varchar(20), big bigint, x xml, p point, range int4range, bits varbit,
                  "Odd Name" text, "select" text)""",
            "CREATE TABLE tree (id serial PRIMARY KEY, name text UNIQUE, parent_id int REFERENCES tree)",
            "CREATE TABLE z_parent (a int, b text, PRIMARY KEY (a, b))",
            "CREATE TABLE a_child (a int, b text, n int, PRIMARY KEY (a, b, n), FOREIGN KEY (a, b) REFERENCES "
                    + "z_parent)",
            "CREATE TABLE part (k int PRIMARY KEY, v text) PARTITION BY RANGE (k)",
            "CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM (0) TO (10)");

    private static final List<String> ROWS_OF_ALL_TYPES = List.of(
            """
            INSERT INTO kind VALUES ('full', '{"b":  1, "a": [1, 2 ]}',
                '{"b": 1e5, "a": null, "s": "null", "n": 0.0000001, "deep": {"x": [[], {}]}, "7": "007",
                  "t": "2026-01-01"}',
              '[1]', '2026-02-03', '{a,"b c",NULL,"null","q\\"uo",""}', '{1,NULL,3}',
                  ARRAY['{"a":1}'::jsonb, 'null', NULL], '\\x0001ff',
              '2026-01-01 10:00:00.123456+03', '2026-01-01 00:00:00.5',
                  '2026-12-31', '23:59:59.999', '10:00+05:30', '1 mon -3 days 04:05:06.7',
              12345678901234567890.123456789012345, 0.1, 1.1, '10.0.0.1/8', '08:00:2b:01:02:03', 'it''s "fine"',
                  true, 'ab', ' lead', 9223372036854775807, '<a>x &amp; y</a>',
              '(1.5,2)', '[1,5)', '101', 'odd',
                  E'multi\\nline\\r\\n\\n  text \\t tab "q" ''s'' \\\\ back: # - [x')""",
            """
            INSERT INTO kind (name, j, jb, tz, ts, d, span, n, f, v, "select")
                VALUES ('null', 'null', 'null', 'infinity', '-infinity', 'infinity', '-1 year 2 mons',
                'NaN', 'Infinity', '', ''),
              ('text', '"t"', '"null"', '0044-03-15 12:00+00 BC',
                  'epoch', '0044-03-15 BC', '30 days', 0.000000000000000001, 1e300, 'null', ' lead and trail '),
              ('number', '1e5', '5', NULL, NULL, NULL, '1 mon', -0.00, -0.0, '1.0', E'\\n'),
                  ('flag', '[1e400]', 'true', NULL, NULL, NULL, NULL, 1e30, 1, '0x1F', '=1+1'),
              ('empty', '{}', '""', NULL, NULL, NULL, NULL, 1.10, 2, '+007', E'trail\\n'),
                  ('list', '[]', '[null, "", "today", {"": 1}]', NULL, NULL, NULL, NULL, NULL, NULL, 'today', '*a'),
              ('deep', NULL, (repeat('[', 100) || repeat(']',
                  100))::jsonb, NULL, NULL, NULL, NULL, ('1' || repeat('0', 1500))::numeric, NULL, '~', E' \\n x'),
              ('none', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)""",
            "INSERT INTO tree (name) SELECT 'n' || lpad((3000 - g)::text, 5, '0') FROM generate_series(1, 2500) g",
            "UPDATE tree SET parent_id = id / 2 WHERE id > 1",
            "INSERT INTO z_parent VALUES (1, 'x'), (1, 'y, z')",
            "INSERT INTO a_child VALUES (1, 'x', 1), (1, 'y, z', 2)",
            "INSERT INTO part VALUES (1, 'a')");

    @Test
    void everyTypeComesBackAsItWas() {
        DatabaseUrl db = TestServer.newDatabase();
        execute(db, TABLES_OF_ALL_TYPES.toArray(String[]::new));
        execute(db, ROWS_OF_ALL_TYPES.toArray(String[]::new));
        for (String format : List.of("yaml", "csv")) {
            Path folder = TestServer.temporary("export").resolve("out");
            Run export = command(db, "seed", "export", "--unmasked", "--format", format, "--out", folder.toString())
                    .with("TZ", "Asia/Tokyo")
                    .run()
                    .expect(0);
            assertFalse(export.err().contains("part_1"), export.err());
            DatabaseUrl other = TestServer.newDatabase();
            execute(other, TABLES_OF_ALL_TYPES.toArray(String[]::new));
            SeedTest.seed(folder, other, "--validate").expect(0);
            for (String query : List.of(
                    "SELECT k::text FROM kind k ORDER BY name",
                    "SELECT concat_ws(' ', t.name, p.name) FROM tree t LEFT JOIN tree p ON p.id = t.parent_id ORDER "
                            + "BY 1",
                    "SELECT c::text FROM a_child c ORDER BY 1",
                    "SELECT p::text FROM part p")) assertEquals(values(db, query), values(other, query), format);
            SeedTest.seed(folder, other, "--force").expect(0).says("unchanged");
        }
    }

    @Test
    void whatIsPersonalIsMaskedWhateverItsType() throws IOException {
        DatabaseUrl db = TestServer.newDatabase();
        execute(
                db,
                "CREATE DOMAIN address AS text CHECK (value ~ '@')",
                "CREATE DOMAIN phone AS varchar(16)",
                """
                CREATE TABLE client (code int PRIMARY KEY, email address,
                    mobile phone, bvn bigint, account_number numeric(12,
                    0), nin int, photo bytea, iban text[], contacts text[], words tsvector,
                  born timestamp, salary numeric(12, 2), married boolean, note varchar(1), mails xml)""",
                "CREATE TABLE face (code int PRIMARY KEY, selfie bytea NOT NULL)",
                """
                INSERT INTO client SELECT g, 'ada' || g || '@mail.example',
                    '+23480312345' || g, 22212345600 + g, 123456789000 + g,
                    987654000 + g, '\\x41646121', '{NG99}', '{ada@mail.example,+2348031234567}', 'ada@mail.example',
                  '1984-05-06', 777123.45, true, chr(64 + g % 60), '<a>ada@mail.example</a>'
                      FROM generate_series(10, 60) g""");
        Path manifest = SeedTest.seeds(
                "seeds.yaml", "tables: {client: {key: [code], personal: [salary, married]}, face: {key: [code]}}\n");
        Path folder = TestServer.temporary("export").resolve("out");
        run(db, "seed", "export", "--tables", "face", "--out", folder.toString(), "--seeds", manifest.toString())
                .expect(2, "selfie", "cannot be masked (bytea)");
        run(db, "seed", "export", "--tables", "client", "--out", folder.toString(), "--seeds", manifest.toString())
                .expect(0);
        String all = Files.readString(folder.resolve("base/client.yaml"));
        for (String personal : List.of(
                "mail.example",
                "8031234",
                "222123456",
                "123456789",
                "9876540",
                "41646121",
                "NG99",
                "1984-05-06",
                "777123",
                "married",
                "photo")) assertFalse(all.contains(personal), personal + " is in\n" + all.substring(0, 1000));
        assertTrue(all.contains("1984-01-01") && all.contains("@example.test"), all.substring(0, 1000));
        DatabaseUrl other = TestServer.newDatabase();
        execute(
                other,
                "CREATE TABLE client (code int PRIMARY KEY, email text, mobile varchar(16), bvn bigint UNIQUE, "
                        + "account_number numeric(12, 0) UNIQUE, nin int UNIQUE, iban text[], contacts text[], words "
                        + "tsvector, "
                        + "born timestamp, salary numeric(12, 2), married boolean, note varchar(1), mails xml)");
        SeedTest.seed(folder, other).expect(0).says("51 inserted");
    }

    @Test
    void aKeyThatRefersIsSaidByWhatItRefersTo() throws IOException {
        List<String> tables = List.of(
                "CREATE TABLE owner (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), email text UNIQUE)",
                "CREATE TABLE purse (id bigserial PRIMARY KEY, owner_id uuid UNIQUE REFERENCES owner, n int)",
                "CREATE TABLE profile (owner_id uuid PRIMARY KEY REFERENCES owner, bio text)",
                "CREATE TABLE coin (purse_id bigint REFERENCES purse, place int, profile_id uuid REFERENCES profile, "
                        + "PRIMARY KEY (purse_id, place))",
                "CREATE TABLE ring_a (id int PRIMARY KEY, b_id int UNIQUE)",
                "CREATE TABLE ring_b (id int PRIMARY KEY, a_id int UNIQUE REFERENCES ring_a)",
                "ALTER TABLE ring_a ADD FOREIGN KEY (b_id) REFERENCES ring_b");
        DatabaseUrl db = TestServer.newDatabase();
        execute(db, tables.toArray(String[]::new));
        execute(
                db,
                "INSERT INTO owner (email) VALUES ('a'), ('b')",
                "INSERT INTO purse (owner_id, n) SELECT id, 5 FROM owner",
                "INSERT INTO profile SELECT id, 'x' FROM owner",
                "INSERT INTO coin SELECT id, 1, owner_id FROM purse");
        Path folder = TestServer.temporary("export").resolve("out");
        run(db, "seed", "export", "--unmasked", "--out", folder.toString()).expect(0);
        assertEquals(
                "- purse: \"a\"",
                Files.readAllLines(folder.resolve("base/coin.yaml")).get(0));
        DatabaseUrl other = TestServer.newDatabase();
        execute(other, tables.toArray(String[]::new));
        SeedTest.seed(folder, other, "--validate").expect(0).says("8 inserted");
        assertEquals(
                "a a 1|b b 1",
                value(
                        other,
                        """
                SELECT string_agg(concat_ws(' ', o.email, f.email, place), '|' ORDER BY o.email) FROM coin JOIN purse p
                    ON p.id = purse_id JOIN owner o ON o.id = p.owner_id
                JOIN profile r ON r.owner_id = profile_id JOIN owner f ON f.id = r.owner_id"""));
        SeedTest.seed(folder, other, "--force").expect(0).says("unchanged");
        Path byId = SeedTest.seeds(
                "base/purse.csv", "owner_id,n\n" + value(other, "SELECT id FROM owner WHERE email = 'a'") + ",7\n");
        SeedTest.seed(byId, other).expect(0).says("1 updated");
    }

    /** What is in the database, in a plan and in the file must not be enough to try telephone numbers. */
    @Test
    void theMasksAreTheOperatorsOwn() throws IOException {
        DatabaseUrl db = migrated();
        run(db, "seed", "development").expect(0);
        Path home = TestServer.temporary("operator");
        List<String> exports = new ArrayList<>();
        for (Path own : List.of(home, home, TestServer.temporary("another"))) {
            Path folder = TestServer.temporary("export").resolve("seeds");
            command(db, "seed", "export", "--tables", "user", "--out", folder.toString())
                    .with("AVDAILY_HOME", own.toString())
                    .run()
                    .expect(0);
            exports.add(Files.readString(folder.resolve("base/user.yaml")));
        }
        assertEquals(exports.get(0), exports.get(1), "his next export has the same masks");
        assertNotEquals(exports.get(0), exports.get(2), "nobody else's has them");
        Path key = home.resolve("mask-key");
        assertEquals(PosixFilePermissions.fromString("rw-------"), Files.getPosixFilePermissions(key));
        AtomicFile.restrict(key, "rw-r--r--");
        command(db, "seed", "export", "--out", home.resolve("x").toString())
                .with("AVDAILY_HOME", home.toString())
                .run()
                .expect(21, "mask-key is open to others");
    }
}
