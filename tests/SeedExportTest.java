import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Seed files made from rows: they bring the same rows back, and tell nobody who somebody is. */
class SeedExportTest extends ScriptTest {
    @Test
    void whatIsExportedSeedsTheSameRows() {
        DatabaseUrl db = migrated();
        run(db, "seed", "staging").expect(0);
        execute(db, "UPDATE \"user\" SET name = E' =1+1, \"q\"\\n: #x\\ty', image = '' WHERE email = (SELECT min(email) FROM \"user\")",
                "UPDATE transactions SET description = 'null' WHERE id = (SELECT id FROM transactions ORDER BY id LIMIT 1)");
        for (String format : List.of("yaml", "csv")) {
            Path folder = TestServer.temporary("export").resolve("out");
            run(db, "seed", "export", "--unmasked", "--format", format, "--out", folder.toString()).expect(0).says("user", "with personal data");
            Run here = command(db, "seed", "development", "--seeds", folder.toString()).run().expect(0).says("unchanged");
            assertFalse(here.out().contains("updated"), here.out());
            DatabaseUrl other = migrated();
            command(other, "seed", "development", "--seeds", folder.toString(), "--validate").run().expect(0);
            assertEquals(sums(db), sums(other), format);
            run(db, "seed", "export", "--out", folder.toString()).expect(2, "there already");
        }
    }

    /** What is in each table. */
    private static String sums(DatabaseUrl db) {
        StringBuilder all = new StringBuilder();
        for (String table : values(db, "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'flyway_schema_history' ORDER BY 1"))
            all.append(table).append(' ').append(value(db, "SELECT count(*) || ' ' || md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM " + table + " t")).append('\n');
        return all.toString();
    }

    @Test
    void anExportMasksPeopleAndLeavesSecretsOut() throws IOException {
        DatabaseUrl db = migrated();
        run(db, "seed", "development").expect(0);
        execute(db, "INSERT INTO account (account_id, provider_id, user_id, password, access_token) SELECT 'a', 'credential', id, 'hashofpassword', 'topsecrettoken' FROM \"user\"",
                "UPDATE transactions SET description = 'Ask alice.real@mail.example or +2348099999999'");
        Path manifest = SeedTest.seeds("seeds.yaml", Files.readString(PROJECT.resolve("seeds/seeds.yaml")) + "  account: {key: [user, provider_id]}\n");
        List<String> masked = new ArrayList<>();
        for (String format : List.of("csv", "csv", "yaml")) {
            Path folder = TestServer.temporary("export").resolve("out");
            run(db, "seed", "export", "--format", format, "--out", folder.toString(), "--seeds", manifest.toString()).expect(0);
            StringBuilder all = new StringBuilder();
            try (var files = Files.walk(folder)) {
                for (Path file : files.filter(Files::isRegularFile).sorted().toList()) all.append(Files.readString(file));
            }
            for (String personal : List.of("@avdaily.test", "Alice", "Johnson", "+234801", "1992-07-21", "hashofpassword", "topsecrettoken", "alice.real", "+2348099999999"))
                assertFalse(all.toString().contains(personal), personal + " is in the " + format);
            assertTrue(all.toString().contains("@example.test") && all.toString().contains("+2340"));
            masked.add(all.toString());
            DatabaseUrl other = migrated();
            command(other, "seed", "development", "--seeds", folder.toString(), "--validate").run().expect(0);
            assertEquals(SeedFilesTest.content(db), SeedFilesTest.content(other), "masks keep keys apart and references together");
        }
        assertEquals(masked.get(0), masked.get(1));
        execute(db, "CREATE TABLE vault (name text PRIMARY KEY, api_key text NOT NULL)");
        run(db, "seed", "export", "--tables", "vault").expect(2, "api_key", "secret");
        run(db, "seed", "export", "--tables", "session").expect(2, "session", "natural key");
        run(db, "seed", "export", "--tables", "nowhere").expect(2, "no table nowhere");
    }

    @Test
    void productionIsExportedMaskedOnly() {
        DatabaseUrl db = SeedTest.shop();
        Path folder = TestServer.temporary("export").resolve("out");
        run(db, "seed", "export", "--env", "production", "--unmasked", "--out", folder.toString()).expect(21, "--unmasked");
        assertFalse(Files.exists(folder));
        run(db, "seed", "export", "--env", "production", "--tables", "person", "--out", folder.toString()).expect(0).says("masked");
    }
}
