import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.db.DatabaseUrl;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Recipes take every type that seeds take, keep what is written, and are proposed from a database. */
class RecipeTest extends ScriptTest {
    private static final String WIDE =
            """
            CREATE EXTENSION IF NOT EXISTS citext;
            CREATE SCHEMA shop;
            CREATE TYPE mood AS ENUM ('glad', 'sad');
            CREATE DOMAIN share AS numeric(5, 2) CHECK (VALUE >= 0 AND VALUE <= 1);
            CREATE TABLE shop.kind (id int PRIMARY KEY, mood mood NOT NULL, at time NOT NULL, took interval NOT NULL,
              address inet NOT NULL, called citext NOT NULL, raw bytea NOT NULL, price money NOT NULL,
              tags text[] NOT NULL, moods mood[] NOT NULL, grid int[][], span daterange NOT NULL,
              numbers int4range NOT NULL, facts jsonb NOT NULL,
              part share NOT NULL, twice int GENERATED ALWAYS AS (id * 2) STORED);
            """;
    private static final String RECIPE =
            """
            tables:
              shop.kind:
                rows: 40
                columns:
                  id: {sequence: 1}
                  mood: {pick: [glad, sad]}
                  at: {time: [08:00, 18:30]}
                  took: "{1-30} minutes"
                  address: 10.0.{0-255}.{1-254}
                  called: Name {row}
                  raw: {bytes: 6}
                  price: {number: [1, 9], decimals: 2}
                  tags: {list: {pick: ['a "b"', 'c,d\\e', NO]}, from: 1, to: 4}
                  moods: {list: {pick: [glad, sad]}, from: 2, to: 2}
                  grid: {list: {list: {number: [1, 9]}, from: 2, to: 2}, from: 2, to: 2}
                  span: {range: {date: [2024-01-01, 2024-12-31]}}
                  numbers: {range: {number: [1, 50]}}
                  facts: {json: {rate: 1.10, code: NO, on: true, size: {number: [1, 9]}}}
                  part: {number: [0, 1], decimals: 2}
            """;

    private static Run generate(DatabaseUrl db, Path recipe, String... more) {
        return command(db, "seed", "generate", "development", "--recipe", recipe.toString(), "--yes")
                .and(more)
                .run();
    }

    private static Path recipe(String text) {
        Path file = TestServer.temporary("recipe").resolve("recipe.yaml");
        write(file, text);
        return file;
    }

    @Test
    void everyTypeIsMadeAndValuesAreWhatIsWritten() {
        DatabaseUrl db = TestServer.newDatabase();
        execute(db, WIDE + "CREATE TABLE words (id int PRIMARY KEY, word text, pick text, number numeric(30, 0))");
        Run run = generate(db, recipe(RECIPE), "--checksum").expect(0).says("shop.kind");
        assertEquals(
                "40 t t t t t",
                value(
                        db,
                        """
                SELECT concat_ws(' ', count(*), bool_and(at BETWEEN '08:00' AND '18:30'),
                  bool_and(octet_length(raw) = 6),
                  bool_and(tags <@ ARRAY['a "b"', 'c,d\\e', 'NO'] AND cardinality(tags) BETWEEN 1 AND 4),
                  bool_and(facts ->> 'rate' = '1.10' AND facts ->> 'code' = 'NO' AND facts -> 'on' = 'true'),
                  bool_and(array_dims(grid) = '[1:2][1:2]' AND lower(span) >= '2024-01-01' AND twice = id * 2))
                FROM shop.kind"""));
        String again =
                generate(copyOf(WIDE), recipe(RECIPE), "--checksum").expect(0).out();
        assertEquals(line(run.out(), "shop.kind"), line(again, "shop.kind"));
        String words =
                """
                tables:
                  words:
                    rows: 1
                    columns:
                      id: {sequence: 7}
                      word: %s
                      pick: {pick: [%s]}
                      number: {multiply: [id, 100000000000000000]}
                """;
        for (String written : List.of("NO", "010", "007", "1.10", "1e3", "on", "22:22")) {
            generate(db, recipe(words.formatted(written, written))).expect(0);
            assertEquals(
                    written + " " + written + " 700000000000000000",
                    value(db, "SELECT concat_ws(' ', word, pick, number) FROM words"));
            execute(db, "TRUNCATE words");
        }
        generate(db, recipe(words.formatted("~", "~"))).expect(0);
        assertEquals("t", value(db, "SELECT word IS NULL AND pick IS NULL FROM words"));
    }

    @Test
    void whatARecipeCannotDoIsNamed() {
        DatabaseUrl db = copyOf(WIDE);
        for (List<String> mistake : List.of(
                List.of("part: ", "twice: {sequence: 1}\n      part: ", "shop.kind.twice", "the database computes it"),
                List.of("rows: 40", "rows: users", "shop.kind", "--users"),
                List.of("[08:00, 18:30]", "[18:00, 08:00]", "shop.kind.at", "write time:"),
                List.of("{1-30}", "{30-1}", "shop.kind.took", "{1-9}"),
                List.of("{bytes: 6}", "{bytes: x}", "shop.kind.raw", "bytes: 16"),
                List.of("to: 4}", "to: 4000}", "shop.kind.tags", "from: 0 and to: 5"),
                List.of("{pick: [glad, sad]}", "{pick: [glad, angry]}", "angry", "correct the recipe"),
                List.of("{sequence: 1}", "{match: shop.other.id}", "shop.kind.id", "reference: product.id")))
            generate(db, recipe(RECIPE.replace(mistake.get(0), mistake.get(1))))
                    .expect(2, mistake.subList(2, mistake.size()).toArray(String[]::new));
        Path folder = TestServer.temporary("foreign");
        write(folder.resolve("avdaily.yaml"), "name: shop\n");
        command(db, "seed", "generate", "development", "--users", "5", "--yes")
                .in(folder)
                .run()
                .expect(2, "the project shop", "avdaily-seed recipe --from-database");
    }

    @Test
    void aProposedRecipeRuns() {
        DatabaseUrl db = copyOf(
                WIDE
                        + """
                CREATE TABLE team (id serial PRIMARY KEY, code char(3) NOT NULL UNIQUE, lead int);
                CREATE TABLE person (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), email varchar(80) NOT NULL UNIQUE,
                  full_name text NOT NULL, plan text NOT NULL CHECK (plan IN ('free', 'paid')), born date,
                  team_id int NOT NULL REFERENCES team, boss uuid REFERENCES person, "Is On" boolean NOT NULL,
                  points smallint NOT NULL CHECK (points > 200), created timestamptz NOT NULL DEFAULT now());
                ALTER TABLE team ADD FOREIGN KEY (lead) REFERENCES team;
                CREATE TABLE member (person_id uuid REFERENCES person, team_id int REFERENCES team,
                  PRIMARY KEY (person_id, team_id));
                CREATE TABLE passport (person_id uuid PRIMARY KEY REFERENCES person, no text NOT NULL);
                CREATE TABLE place (country char(2), city varchar(20), PRIMARY KEY (country, city));
                CREATE TABLE visit (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, country char(2) NOT NULL,
                  city varchar(20) NOT NULL, days int NOT NULL, FOREIGN KEY (country, city) REFERENCES place);
                CREATE TABLE odd (id int PRIMARY KEY, shape circle NOT NULL);
                INSERT INTO team (code) SELECT 'T' || n FROM generate_series(10, 59) n;
                INSERT INTO place VALUES ('NO', 'Oslo');
                INSERT INTO visit (country, city, days) SELECT 'NO', 'Oslo', 3 + n % 5 FROM generate_series(1, 500) n;
                INSERT INTO person (email, full_name, plan, born, team_id, "Is On", points)
                  SELECT 'ada' || n || '@real.test', 'Ada Real', CASE WHEN n % 4 = 0 THEN 'paid' ELSE 'free' END,
                    CASE WHEN n % 2 = 0 THEN date '1980-01-01' + n END, 1, n % 10 > 0, 300 + n
                  FROM generate_series(1, 400) n;
                ANALYZE
                """);
        Path file = TestServer.temporary("draft").resolve("recipe.yaml");
        command(db, "seed", "recipe", "--from-database", "--rows", "60", "--out", file.toString())
                .run()
                .expect(0)
                .says("Left out: odd, since no way is known to make its column shape (circle)");
        String text = read(file);
        assertFalse(text.contains("real.test") || text.contains("Ada Real") || text.contains("1980"), text);
        assertTrue(text.contains("plan: {pick: {\"free\": 750, \"paid\": 250}}"), text);
        assertTrue(text.contains("days: {pick: {\"3\": 200"), text);
        execute(db, "TRUNCATE team, place, person, visit CASCADE");
        generate(db, file).expect(0);
        assertEquals(
                "60 60 60 60 60 60 60",
                value(
                        db,
                        """
                SELECT concat_ws(' ', (SELECT count(*) FROM team), (SELECT count(*) FROM person),
                  (SELECT count(*) FROM member), (SELECT count(*) FROM passport), (SELECT count(*) FROM visit),
                  (SELECT count(DISTINCT email) FROM person), (SELECT count(*) FROM shop.kind))"""));
        command(db, "seed", "recipe", "--from-database", "--out", file.toString())
                .run()
                .expect(2, "is there already");
    }

    @Test
    void namesAreThoseOfTheLocaleAndNumbersAreWhatIsWritten() {
        DatabaseUrl db = TestServer.newDatabase();
        execute(db, "CREATE TABLE person (id int PRIMARY KEY, name text, n numeric)");
        Path seeds = TestServer.temporary("seeds");
        write(seeds.resolve("seeds.yaml"), "locale: ja\n");
        Path file = recipe("tables: {person: {rows: 30, columns: {id: {sequence: 1}, name: '{family} {first}',"
                + " n: {multiply: [id, 1e20]}}}}\n");
        generate(db, file, "--seeds", seeds.toString()).expect(0);
        assertEquals(
                "t t",
                value(
                        db,
                        "SELECT concat_ws(' ', bool_and(name ~ '^[^ -~]+ [^ -~]+$'), "
                                + "bool_and(n = id * 10 ^ 20::numeric))"
                                + " FROM person"));
    }

    /** A check that nobody understands is tried on the server; references that share a column lead to one tenant. */
    @Test
    void aProposedRecipeObeysChecksAndSharedColumns() {
        DatabaseUrl db = TestServer.newDatabase();
        execute(
                db,
                """
                CREATE TABLE tenant (id int PRIMARY KEY, code text UNIQUE);
                CREATE TABLE customer (tenant_id int REFERENCES tenant, id int, name text, PRIMARY KEY (tenant_id, id));
                CREATE TABLE product (tenant_id int REFERENCES tenant, id int, price numeric(10, 2) CHECK (price > 0),
                  PRIMARY KEY (tenant_id, id));
                CREATE TABLE orders (tenant_id int NOT NULL, id int, customer_id int NOT NULL, product_id int NOT NULL,
                  low int NOT NULL, high int NOT NULL, CHECK (low < high), starts date NOT NULL, ends date,
                  CHECK (ends >= starts), a text, b text, CHECK (num_nonnulls(a, b) = 1),
                  number text NOT NULL CHECK (number ~ '^[A-Z]{3}-[0-9]{4}$'),
                  mail text NOT NULL CHECK (mail LIKE '%@%'), five text CHECK (length(five) = 5),
                  even int NOT NULL CHECK (even % 2 = 0),
                  small text NOT NULL CHECK (lower(small) = small AND small <> ''),
                  part numeric CHECK (part >= 0 AND part <= 100), PRIMARY KEY (tenant_id, id),
                  FOREIGN KEY (tenant_id, customer_id) REFERENCES customer,
                  FOREIGN KEY (tenant_id, product_id) REFERENCES product);
                CREATE TABLE line (tenant_id int, order_id int, product_id int NOT NULL,
                  PRIMARY KEY (tenant_id, order_id), FOREIGN KEY (tenant_id, order_id) REFERENCES orders,
                  FOREIGN KEY (tenant_id, product_id) REFERENCES product);
                CREATE TABLE odd (id int PRIMARY KEY, word text NOT NULL CHECK (word ~ '^x{77}y$'));
                CREATE FUNCTION is_fine(text) RETURNS boolean LANGUAGE plpgsql AS
                  'BEGIN RAISE EXCEPTION ''somebody''''s code ran''; END';
                CREATE TABLE theirs (id int PRIMARY KEY, word text CHECK (is_fine(word)));
                CREATE SEQUENCE fired;
                CREATE TYPE mood AS ENUM ('sad', 'glad');
                CREATE FUNCTION trap(text) RETURNS boolean LANGUAGE plpgsql AS
                  'BEGIN PERFORM nextval(''public.fired''); RETURN true; END';
                CREATE FUNCTION trap(mood) RETURNS text LANGUAGE plpgsql AS
                  'BEGIN PERFORM nextval(''public.fired''); RETURN ''sad''; END';
                CREATE CAST (mood AS text) WITH FUNCTION trap(mood);
                CREATE DOMAIN trapped AS text CHECK (trap(VALUE));
                CREATE TYPE pair AS (one trapped);
                CREATE TABLE traps (id int PRIMARY KEY, m mood CHECK (m <> 'sad'), pair pair CHECK (pair IS NOT NULL),
                  list trapped[] CHECK (cardinality(list) < 9), word text CHECK (length(word::trapped) = 5),
                  sent text CHECK (query_to_xml('SELECT public.trap(''a''::text)', false, false, sent) IS NOT NULL));
                """,
                "CREATE TABLE long (id int PRIMARY KEY, a text CHECK (a <> '" + "x''".repeat(50_000) + "'))");
        Path file = TestServer.temporary("draft").resolve("recipe.yaml");
        command(db, "seed", "recipe", "--from-database", "--rows", "40", "--out", file.toString())
                .run()
                .expect(0)
                .says("Left out: odd, since no value is known that fits CHECK ((word ~ '^x{77}y$'::text))");
        String text = read(file);
        assertTrue(text.contains("price: {number: [1, 100], decimals: 2}"), text);
        assertTrue(text.contains("# must fit CHECK (is_fine(word))"), text);
        assertEquals("f", value(db, "SELECT is_called FROM fired"), "somebody's code ran");
        execute(db, "DROP TABLE theirs", "DROP TABLE traps");
        write(file, text.replaceAll("(?s)  theirs:.*", ""));
        generate(db, file).expect(0);
        assertEquals(
                "40 40 t t",
                value(
                        db,
                        """
                SELECT concat_ws(' ', (SELECT count(*) FROM line), count(*), count(DISTINCT even) > 5,
                  bool_and(low < high AND ends >= starts)) FROM orders"""));
    }

    private static DatabaseUrl copyOf(String schema) {
        DatabaseUrl db = TestServer.newDatabase();
        execute(db, schema);
        return db;
    }

    private static String line(String text, String word) {
        return text.lines().filter(line -> line.contains(word)).findFirst().orElseThrow();
    }
}
