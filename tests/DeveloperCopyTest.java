import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.backup.BackupFile;
import avdaily.backup.BackupReader;
import avdaily.backup.FolderStore;
import avdaily.db.DatabaseUrl;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Copies for developers: what of people and secrets is in them, which rows, and that nobody takes them for backups. */
class DeveloperCopyTest extends ScriptTest {
    /** What nobody may find: each stands somewhere in {@link #SHOP}. */
    private static final List<String> SECRETS = List.of(
            "zebedee",
            "quagmire",
            "oberholzer",
            "+49 171 5550123",
            "hunter2",
            "6b1f7a52-1111",
            "deadbeefcafe",
            "1987-06-05",
            "sk_live_abcdefghijkl",
            "ahornweg",
            "DE89370400440532013000",
            "plantedlo",
            "apikeyvalue",
            "fuchsbau",
            "12345678",
            "52.520008",
            "2003:db8::17",
            "10115");

    private static final String[] SHOP = {
        "CREATE TYPE address AS (street text, city text)",
        "CREATE DOMAIN mail AS text CHECK (VALUE ~ '^[^@]+@[^@]+$')",
        "CREATE TABLE users (id int PRIMARY KEY, email mail UNIQUE NOT NULL, \"fullName\" text, phone varchar(16),"
                + " password_hash text NOT NULL, api_token uuid UNIQUE NOT NULL, date_of_birth date, home address,"
                + " face bytea NOT NULL UNIQUE, words tsvector NOT NULL, profile jsonb, documents jsonb[],"
                + " nicknames text[] NOT NULL, hobby text, manager int REFERENCES users, pin smallint,"
                + " ssn numeric(12,2),"
                + " born_at timestamptz, lat double precision, ip inet, code char(6), zip char(8),"
                + " lower_email text GENERATED ALWAYS AS (lower(email)) STORED)",
        "INSERT INTO users SELECT i, 'Zebedee.' || i || '@Quagmire.org', 'Zebedee Oberholzer ' || i,"
                + " '+49 171 5550123', 'hunter2' || i, ('6b1f7a52-1111-4111-8111-' || lpad(i::text, 12, '0'))::uuid,"
                + " '1987-06-05', ROW('Ahornweg 3', 'Fuchsbau')::address,"
                + " ('\\xdeadbeefcafe' || lpad(to_hex(i), 4, '0'))::bytea,"
                + " to_tsvector('simple', 'zebedee')," + " jsonb_build_object('first_name', 'Zebedee', 'n', i, 'text',"
                + " E'Tab\\tand\\nline \\\\N, call zebedee@quagmire.org', 'token', 'hunter2'),"
                + " ARRAY['{\"first_name\": \"Zebedee\"}'::jsonb], ARRAY['Zebedee'],"
                + " E'likes\\ttabs, \\\\ and zebedee@quagmire.org', nullif(i / 2, 0), 1000 + i,"
                + " 123456789.50 + i, '1987-06-05 12:00+02', 52.520008, '2003:db8::17', 'AB', '10115'"
                + " FROM generate_series(1, 40) i",
        "CREATE TABLE countries (id int PRIMARY KEY)",
        "INSERT INTO countries VALUES (1)",
        "CREATE TABLE stamps (id int, country int REFERENCES countries)",
        "INSERT INTO stamps SELECT i, 1 FROM generate_series(1, 101) i",
        "CREATE TABLE letters (id int PRIMARY KEY, about text REFERENCES users (email), iban text,"
                + " country int REFERENCES countries)",
        "INSERT INTO letters SELECT id * 3 + i, email, 'DE89370400440532013000', 1 FROM users, generate_series(0, 2) i",
        "CREATE TABLE clubs (tenant int, id int, chair int REFERENCES users, PRIMARY KEY (tenant, id))",
        "ALTER TABLE users ADD club_tenant int, ADD club int,"
                + " ADD FOREIGN KEY (club_tenant, club) REFERENCES clubs DEFERRABLE INITIALLY DEFERRED",
        "INSERT INTO clubs SELECT 1, i, 41 - i FROM generate_series(1, 40) i",
        "UPDATE users SET club_tenant = 1, club = CASE id WHEN 20 THEN 7 ELSE 1 END WHERE id IN (20, 33)",
        "CREATE TABLE wallets (id int PRIMARY KEY, owner int NOT NULL UNIQUE REFERENCES users)",
        "INSERT INTO wallets SELECT 100 + id, id FROM users",
        "CREATE TABLE visits (id int, user_id int REFERENCES users, email text, at date, PRIMARY KEY (id, at))"
                + " PARTITION BY range (at)",
        "CREATE TABLE visits_1 PARTITION OF visits FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')",
        "CREATE TABLE visits_2 PARTITION OF visits FOR VALUES FROM ('2026-02-01') TO ('2027-01-01')",
        "INSERT INTO visits SELECT i, 1 + i % 40, 'zebedee' || i || '@quagmire.org', date '2026-01-01' + i"
                + " FROM generate_series(1, 80) i",
        "CREATE TABLE logins (email text, visit int, at date, FOREIGN KEY (visit, at) REFERENCES visits)"
                + " PARTITION BY hash (email)",
        "CREATE TABLE logins_0 PARTITION OF logins FOR VALUES WITH (MODULUS 2, REMAINDER 0)",
        "CREATE TABLE logins_1 PARTITION OF logins FOR VALUES WITH (MODULUS 2, REMAINDER 1)",
        "INSERT INTO logins SELECT email, id, at FROM visits",
        "CREATE TABLE vips (perk text) INHERITS (users)",
        "INSERT INTO vips SELECT * FROM ONLY users WHERE id = 7"
                .replace(
                        "*",
                        "id + 1000, email, \"fullName\", phone,"
                                + " password_hash, api_token, date_of_birth, home, face, words, profile, documents,"
                                + " nicknames, hobby"),
        "CREATE TABLE currencies (code text PRIMARY KEY)",
        "INSERT INTO currencies VALUES ('EUR'), ('NGN')",
        "CREATE TABLE _prisma_migrations (id text, hash text)",
        "INSERT INTO _prisma_migrations VALUES ('1', 'kept')",
        "CREATE MATERIALIZED VIEW people AS SELECT email, \"fullName\" FROM users",
        "CREATE STATISTICS users_stats (mcv) ON phone, pin FROM users",
        "SELECT lo_from_bytea(4711, 'plantedlo')",
        "ANALYZE"
    };

    private static final String SETTINGS =
            """
            DO $$ BEGIN
              EXECUTE format('ALTER DATABASE %I SET app.api_key = ''apikeyvalue''', current_database());
              EXECUTE format('ALTER DATABASE %I SET app.tenant = ''7''', current_database());
            END $$""";

    /** Those below user 5 and what they need; who is in the same small families as these; what all of them need. */
    private static final String BELOW_FIVE =
            """
            WITH RECURSIVE needs AS (
              SELECT id AS user, manager AS other FROM ONLY users
              UNION SELECT u.id, k.chair FROM ONLY users u JOIN clubs k ON (k.tenant, k.id) = (u.club_tenant, u.club)),
            below AS (SELECT 5 AS id UNION SELECT n.user FROM below b JOIN needs n ON n.other = b.id),
            above AS (SELECT id FROM below UNION SELECT n.other FROM above a JOIN needs n ON n.user = a.id),
            family AS (
              SELECT id FROM above
              UNION SELECT u.id FROM ONLY users u JOIN above a ON u.manager = a.id),
            whole AS (SELECT id FROM family UNION SELECT n.other FROM whole w JOIN needs n ON n.user = w.id)
            SELECT id::text FROM whole WHERE id IS NOT NULL ORDER BY id""";

    private static DatabaseUrl shop() {
        DatabaseUrl db = TestServer.newDatabase();
        execute(TestServer.admin().withDatabase(db.database()), SETTINGS);
        execute(db, SHOP);
        return db;
    }

    private static Command create(DatabaseUrl db, Path folder, String... arguments) {
        return command(db, "backup", "create", "--dir", folder.toString())
                .and(arguments)
                .with("AVDAILY_HOME", TestServer.temporary("home").toString());
    }

    private static Path made(DatabaseUrl db, Path folder, String... arguments) {
        JsonNode answer =
                create(db, folder, arguments).and("--json").run().expect(0).json();
        return Path.of(answer.get("file").asText());
    }

    private static DatabaseUrl restored(Path file) {
        DatabaseUrl db = TestServer.newDatabase();
        command(db, "restore", file.toString(), "--yes", "--no-owner")
                .with("DB_RESTORE_CONFIRM", "1")
                .run()
                .expect(0);
        return db;
    }

    /** All that the database says of values: rows, views, what the planner knows, large objects, settings. */
    private static String everything(DatabaseUrl copy) {
        DatabaseUrl db = TestServer.admin().withDatabase(copy.database());
        List<String> all = new ArrayList<>();
        for (String relation : values(
                db,
                "SELECT oid::regclass::text FROM pg_class WHERE relkind IN ('r', 'p', 'm', 'v')"
                        + " AND relnamespace = 'public'::regnamespace"))
            all.addAll(values(db, "SELECT t::text FROM " + relation + " t"));
        all.addAll(values(db, "SELECT s::text FROM pg_stats s WHERE schemaname = 'public'"));
        all.addAll(values(db, "SELECT d.stxdmcv::text FROM pg_statistic_ext_data d WHERE d.stxdmcv IS NOT NULL"));
        all.addAll(values(db, "SELECT encode(data, 'escape') FROM pg_largeobject"));
        all.addAll(values(
                db,
                "SELECT setconfig::text FROM pg_db_role_setting"
                        + " WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())"));
        return String.join("\n", all);
    }

    private static void assertNoSecret(String text) {
        String small = text.toLowerCase(Locale.ROOT);
        for (String secret : SECRETS) {
            int at = small.indexOf(secret.toLowerCase(Locale.ROOT));
            assertTrue(
                    at < 0,
                    () -> secret + " in: " + text.substring(Math.max(0, at - 100), Math.min(text.length(), at + 100)));
        }
    }

    private static String script(Path file) throws IOException {
        try (InputStream in = new BackupReader(FolderStore.file(file), null).open()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void nobodyIsFoundInAMaskedCopy() throws IOException {
        DatabaseUrl db = shop();
        Path folder = TestServer.temporary("masked");
        Path file = made(db, folder, "--masked");
        assertTrue(file.getFileName().toString().startsWith("avdaily_masked_"), file.toString());
        String script = script(file);
        assertNoSecret(script);
        assertNoSecret(Files.readString(Path.of(file + ".json")));
        assertFalse(script.contains("pg_restore_attribute_stats"));
        DatabaseUrl copy = restored(file);
        assertNoSecret(everything(copy));
        for (String same : List.of(
                "SELECT count(*), count(DISTINCT email), count(DISTINCT api_token), count(DISTINCT face),"
                        + " count(DISTINCT password_hash), sum(manager), min(date_of_birth) FILTER (WHERE false),"
                        + " bool_and(octet_length(face) = 8), bool_and(email = lower_email) FROM ONLY users",
                "SELECT string_agg(perk, ''), count(*) FROM vips",
                "SELECT count(*) FROM letters JOIN users ON about = email",
                "SELECT count(*), count(DISTINCT email), min(at), max(at) FROM logins",
                "SELECT string_agg(code, ',' ORDER BY code) FROM currencies",
                "SELECT hash FROM _prisma_migrations",
                "SELECT count(*) FROM people JOIN users USING (email)",
                "SELECT current_setting('app.tenant', true) IS NULL OR true"))
            assertEquals(row(db, same), row(copy, same), same);
        assertEquals("likes\ttabs, \\ and ", value(copy, "SELECT left(hobby, 18) FROM users WHERE id = 1"));
        assertEquals("1987-01-01", value(copy, "SELECT min(date_of_birth)::text FROM users"));
        assertEquals("0", value(copy, "SELECT count(*)::text FROM pg_constraint WHERE NOT convalidated"));
        command(db, "backup", "verify", file.toString(), "--restore", "--url", db.withPassword())
                .run()
                .expect(0);
    }

    /** Where else a person may be: each of these holds some of {@link #SECRETS}. */
    private static final String[] HIDDEN = {
        "CREATE SCHEMA e",
        "CREATE EXTENSION citext SCHEMA e",
        "CREATE TYPE mood AS ENUM ('good', 'zebedee@quagmire.org')",
        "CREATE DOMAIN contact_text AS text DEFAULT 'zebedee@quagmire.org' CHECK (VALUE <> 'oberholzer@quagmire.org')",
        "CREATE TABLE texts (id int, mail text DEFAULT 'zebedee@quagmire.org' CHECK (mail <> 'o''oberholzer@x.org'),"
                + " twice text GENERATED ALWAYS AS (coalesce(mail, 'zebedee@quagmire.org')) STORED, m mood)",
        "COMMENT ON TABLE texts IS 'asked for by zebedee@quagmire.org, +49 171 5550123'",
        "COMMENT ON COLUMN texts.mail IS E'back\\\\slash zebedee@quagmire.org'",
        "INSERT INTO texts (id, mail, m) VALUES (1, 'zebedee@quagmire.org', 'zebedee@quagmire.org')",
        "CREATE VIEW seen AS SELECT * FROM texts WHERE mail = 'zebedee@quagmire.org'",
        "CREATE MATERIALIZED VIEW kept AS SELECT id FROM texts WHERE mail = 'zebedee@quagmire.org'",
        "CREATE INDEX ON texts (id) WHERE mail = 'zebedee@quagmire.org'",
        "CREATE POLICY p ON texts USING (mail = 'zebedee@quagmire.org')",
        "CREATE FUNCTION say() RETURNS text LANGUAGE sql AS $$ SELECT 'sk_live_abcdefghijkl' -- 'zebedee@quagmire.org\n"
                + " /* +49 171 5550123 */ || '1'::text || (ARRAY[1, 2])[1:2]::text $$",
        "CREATE SCHEMA \"a.b\"",
        "CREATE SCHEMA a",
        "CREATE TABLE \"a.b\".c (id int, email int)",
        "CREATE TABLE a.\"b.c\" (id int, email text)",
        "INSERT INTO a.\"b.c\" VALUES (1, 'zebedee@quagmire.org')",
        "CREATE TABLE a.schema_migrations (version text, full_name text)",
        "INSERT INTO a.schema_migrations VALUES ('1', 'Zebedee Oberholzer')",
        "CREATE TABLE people (code text PRIMARY KEY)",
        "CREATE TABLE orders (customer_name text REFERENCES people)",
        "INSERT INTO people VALUES ('Zebedee Oberholzer')",
        "INSERT INTO orders VALUES ('Zebedee Oberholzer')",
        "CREATE TABLE logins (email e.citext PRIMARY KEY, title e.citext UNIQUE)",
        "CREATE TABLE visits (login e.citext REFERENCES logins, title e.citext REFERENCES logins (title))",
        "INSERT INTO logins VALUES ('Zebedee@Quagmire.org', 'To Zebedee@Quagmire.org')",
        "INSERT INTO visits VALUES ('zebedee@QUAGMIRE.org', 'to zebedee@quagmire.ORG')",
        "CREATE TABLE odd (net inet, other inet, card macaddr8, birth_dates timestamptz[] NOT NULL, search tsquery,"
                + " j jsonb, k json, deep jsonb)",
        "INSERT INTO odd VALUES ('2003:db8:17::/48', '::2003:db8:17', '08:00:2b:de:ad:be:ef:ca', '{1987-06-05}',"
                + " 'zebedee & x', '{\"zebedee@quagmire.org\": [\"zebedee@quagmire.org\"]}',"
                + " '{\"a\": \"zebedee@quagmire.org\", \"a\": \"x\"}',"
                + " (repeat('[', 3000) || '\"zebedee@quagmire.org\"' || repeat(']', 3000))::jsonb)"
    };

    @Test
    void noPlaceHidesAPerson() throws IOException {
        DatabaseUrl db = TestServer.newDatabase();
        execute(
                TestServer.admin().withDatabase(db.database()),
                "ALTER DATABASE " + db.database() + " SET datestyle = 'SQL, DMY'",
                "ALTER DATABASE " + db.database() + " SET application_name = 'zebedee@quagmire.org'",
                "GRANT CREATE ON DATABASE " + db.database() + " TO " + TestServer.ROLE);
        execute(db, HIDDEN);
        Path file = made(db, TestServer.temporary("hidden"), "--masked");
        String script = script(file);
        assertNoSecret(script);
        for (String gone : List.of("2b:de:ad", "db8:17", "o'oberholzer"))
            assertFalse(script.toLowerCase(Locale.ROOT).contains(gone), gone);
        DatabaseUrl copy = restored(file);
        for (String same : List.of(
                "SELECT count(*) FROM seen",
                "SELECT count(*) FROM kept",
                "SELECT count(*), count(birth_dates), count(deep) FROM odd",
                "SELECT count(*) FROM logins l JOIN visits v ON v.login OPERATOR(e.=) l.email",
                "SELECT version FROM a.schema_migrations")) assertEquals(row(db, same), row(copy, same), same);
        assertTrue(
                value(copy, "SELECT prosrc FROM pg_proc WHERE proname = 'say'").contains("'1'::text || (ARRAY"));
        execute(
                db,
                "CREATE TABLE by_name (full_name text) PARTITION BY list (full_name)",
                "CREATE TABLE by_name_1 PARTITION OF by_name FOR VALUES IN ('Zebedee Oberholzer')");
        create(db, TestServer.temporary("bound"), "--masked").run().expect(21, "by_name.full_name is personal");
        made(db, TestServer.temporary("bound"), "--masked", "--exclude-table-data", "public.by_name");
    }

    private static String row(DatabaseUrl db, String query) {
        return value(
                db,
                "SELECT t::text FROM (" + query.replace("email = lower_email", "lower(email) = lower_email") + ") t");
    }

    @Test
    void aSubsetIsClosedAndBounded() {
        DatabaseUrl db = shop();
        Path file = made(db, TestServer.temporary("subset"), "--subset", "users where id = 5");
        assertTrue(file.getFileName().toString().startsWith("avdaily_subset_"), file.toString());
        DatabaseUrl copy = restored(file);
        assertEquals(values(db, BELOW_FIVE), values(copy, "SELECT id::text FROM ONLY users ORDER BY id"));
        assertEquals(
                "1 0", value(copy, "SELECT (SELECT count(*) FROM countries) || ' ' || (SELECT count(*) FROM stamps)"));
        assertEquals("0", value(copy, "SELECT count(*)::text FROM pg_constraint WHERE NOT convalidated"));
        assertEquals("t", value(copy, "SELECT (SELECT count(*) FROM wallets) = (SELECT count(*) FROM ONLY users)"));
        assertEquals("EUR,NGN", value(copy, "SELECT string_agg(code, ',' ORDER BY code) FROM currencies"));
        assertEquals(
                "t", value(copy, "SELECT count(*) BETWEEN 1 AND 79 FROM logins"), "those of the visits of its users");
        for (String wrong :
                List.of("nobody where id = 1", "users where id = 4000", "users where nothing = 1", "users where"))
            create(db, TestServer.temporary("wrong"), "--subset", wrong).run().expect(2, "--subset '" + wrong);
        create(db, TestServer.temporary("wrong"), "--subset", "users", "--globals")
                .run()
                .expect(2, "--globals");
        Path both = made(
                db,
                TestServer.temporary("both"),
                "--masked",
                "--subset",
                "public.users where profile ? 'n' and email = 'Zebedee.39@Quagmire.org' -- him",
                "--subset",
                "currencies where code = 'EUR'");
        assertTrue(both.getFileName().toString().startsWith("avdaily_masked-subset_"), both.toString());
        assertNoSecret(everything(restored(both)));
        assertNoSecret(run(db, "backup", "info", both.toString()).expect(0).out());
    }

    @Test
    void nobodyTakesACopyForABackup() throws IOException {
        DatabaseUrl db = TestServer.newDatabase();
        execute(db, "CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1), (2)");
        Path folder = TestServer.temporary("kinds");
        made(db, folder, "--compress", "zstd"); // so that no copy gets its name
        Path copy = made(db, folder, "--masked", "--subset", "t where id = 1");
        String name = copy.getFileName().toString();
        String dir = folder.toString();
        Run list = run(db, "backup", "list", "--dir", dir).expect(0);
        list.says("a masked subset");
        run(db, "backup", "info", copy.toString())
                .expect(0)
                .says("a masked subset for developers, from rows of public.t");
        // also under another name, with what lies beside it or without
        for (String other : List.of(
                name,
                name.replace("masked-subset", "backup")
                        .replaceFirst("\\.sql", "0.sql")
                        .replaceFirst("(\\d)0\\.sql", "$1.sql"))) {
            Path file = folder.resolve(other);
            for (String beside : List.of("", ".json", ".sha256"))
                if (!Files.exists(Path.of(file + beside))) Files.move(Path.of(copy + beside), Path.of(file + beside));
            if (!other.equals(name))
                Files.writeString(
                        Path.of(file + ".sha256"),
                        Files.readString(Path.of(file + ".sha256")).replace(name, other));
            run(db, "backup", "verify", "--dir", dir).expect(0).says("avdaily_backup_");
            run(db, "backup", "prune", "--dir", dir, "--keep-last", "1", "--dry-run")
                    .expect(0)
                    .says("is a copy for developers, and no backup");
            command(db, "restore", file.toString(), "--yes", "--env", "production")
                    .with("DB_RESTORE_CONFIRM", "1")
                    .with("DB_RESTORE_ALLOW_PRODUCTION", "1")
                    .run()
                    .expect(21, "a masked subset for developers", "production would lose its data");
            command(db, "restore", "--latest", "--dir", dir, "--yes", "--dry-run")
                    .with("DB_RESTORE_CONFIRM", "1")
                    .run()
                    .expect(0)
                    .says("2 rows");
        }
        assertEquals("2", value(db, "SELECT count(*)::text FROM t"));
    }
}
