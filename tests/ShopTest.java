import avdaily.db.DatabaseUrl;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** Small tables with a foreign key each, and rules over them, for tests of the engine that checks and fixes. */
abstract class ShopTest extends ScriptTest {
    static final String SHOP =
            """
            CREATE TABLE person (id int PRIMARY KEY, email text NOT NULL);
            CREATE TABLE purse (id int PRIMARY KEY, person_id int NOT NULL REFERENCES person,
                balance numeric(15,2) NOT NULL, total numeric(15,2));
            CREATE TABLE coin (id int PRIMARY KEY, purse_id int NOT NULL REFERENCES purse ON DELETE CASCADE);
            CREATE INDEX ON purse (person_id);
            CREATE INDEX ON coin (purse_id);
            INSERT INTO person SELECT n, 'p' || n || '@example.test' FROM generate_series(1, 5) n;
            INSERT INTO purse SELECT n, n, 10 * n, 10 * n FROM generate_series(1, 5) n;
            """;
    static final String BALANCE =
            """
            - {id: BAL-1, category: business, severity: critical,
                quick: true, means: No purse is in debt., table: purse, where: balance < 0,
               cure: Ask the owner., fix: {kind: quarantine}}
            """;
    static final String TOTAL =
            """
            - {id: TOT-1, category: consistency, severity: warning, means: The total is the balance., table: purse,
                where: total IS DISTINCT FROM balance,
               fix: {kind: update, set: {total: t.balance}}}
            """;

    static DatabaseUrl shop(String... statements) {
        DatabaseUrl db = TestServer.newDatabase();
        execute(db, SHOP);
        execute(db, statements);
        return db;
    }

    /** The same database for a superuser. */
    static DatabaseUrl master(DatabaseUrl db) {
        return TestServer.admin().withDatabase(db.database());
    }

    /** A command of a superuser who trusts the owner of the tables. */
    static Command ofMaster(DatabaseUrl db, String script, String... words) {
        return command(master(db), script, words).with("AVDAILY_TRUSTED_ROLES", TestServer.ROLE);
    }

    /** A purse without its person, behind a foreign key that looks valid. */
    static DatabaseUrl orphaned() {
        DatabaseUrl db = shop();
        execute(master(db), "SET session_replication_role = replica; INSERT INTO purse VALUES (9, 77, 0, 0)");
        return db;
    }

    static String rules(String... rules) {
        return file("rules.yaml", "rules:\n" + String.join("", rules));
    }

    static String file(String name, String text) {
        Path file = TestServer.temporary("rules").resolve(name);
        write(file, text);
        return file.toString();
    }

    /** What became of a rule. */
    static JsonNode outcome(Run run, String id) {
        for (JsonNode rule : run.json().get("rules"))
            if (rule.get("id").asText().equals(id)) return rule;
        throw new AssertionError("no " + id + " in " + run.out());
    }

    static String verdict(Run run, String id) {
        return outcome(run, id).get("outcome").asText();
    }

    static List<String> keys(Run run, String id) {
        List<String> keys = new ArrayList<>();
        outcome(run, id).get("keys").forEach(key -> keys.add(key.asText()));
        return keys;
    }

    /** The rules that are broken, in order. */
    static String broken(Run run) {
        TreeSet<String> ids = new TreeSet<>();
        run.json().get("rules").forEach(rule -> {
            if (rule.get("outcome").asText().equals("findings"))
                ids.add(rule.get("id").asText());
        });
        return String.join(" ", ids);
    }

    static Run fix(DatabaseUrl db, String rules, String... arguments) {
        List<String> words = new ArrayList<>(List.of("fix", "--rules", rules));
        words.addAll(List.of(arguments));
        return command(db, "integrity", words.toArray(String[]::new))
                .with("BACKUP_DIR", TestServer.temporary("backups").toString())
                .run();
    }

    /** Rows without when they were written: taking back writes again. */
    static String content(DatabaseUrl db, String table) {
        return value(db, "SELECT string_agg(t::text, '|' ORDER BY t::text) FROM " + table + " t");
    }

    static void sleep(int millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
