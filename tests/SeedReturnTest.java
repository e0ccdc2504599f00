import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.db.DatabaseUrl;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What an export writes comes back into an empty copy, or the table is left out with its reason. */
class SeedReturnTest extends ScriptTest {
    private static final String TABLES =
            """
            CREATE SCHEMA shop;
            CREATE TABLE album (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, title text NOT NULL);
            CREATE TABLE track (id serial PRIMARY KEY, album_id int NOT NULL REFERENCES album, seconds numeric(9, 2));
            CREATE TABLE listing (album_id int REFERENCES album, track_id int REFERENCES track,
                PRIMARY KEY (album_id, track_id));
            CREATE TABLE setting (id serial PRIMARY KEY, tenant int, code text NOT NULL, data jsonb,
                UNIQUE NULLS NOT DISTINCT (tenant, code));
            CREATE TABLE uses (k text PRIMARY KEY, setting_id int REFERENCES setting);
            CREATE TABLE unit (code text PRIMARY KEY, word text);
            CREATE TABLE crew (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text UNIQUE NOT NULL);
            CREATE TABLE team (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), code text UNIQUE NOT NULL,
                owner_id uuid REFERENCES crew);
            ALTER TABLE crew ADD team_id uuid REFERENCES team;
            CREATE TABLE odd (k text PRIMARY KEY, "a.b" text, "x (create-only)" text);
            CREATE TABLE login (name text PRIMARY KEY, password text NOT NULL);
            CREATE TABLE role (name text PRIMARY KEY, login_name text REFERENCES login);
            CREATE TABLE shop.product (id serial PRIMARY KEY, sku text UNIQUE NOT NULL, album_id int
                REFERENCES album);
            CREATE TABLE rate (id bigserial PRIMARY KEY, code text NOT NULL, gone date, above bigint REFERENCES rate);
            CREATE UNIQUE INDEX rate_code ON rate (code) WHERE gone IS NULL;
            CREATE TABLE keyless (a int);
            """;
    private static final String ROWS =
            """
            INSERT INTO album (title) VALUES ('NO'), ('on'), ('');
            DELETE FROM album WHERE id = 2;
            INSERT INTO track (album_id, seconds) VALUES (1, 1.50), (3, NULL);
            INSERT INTO listing VALUES (1, 1), (3, 1), (3, 2);
            INSERT INTO setting (tenant, code, data) VALUES (NULL, 'c', '{"n": 2.50, "no": "NO"}'), (1, 'c',
                'null'), (1, 'd', NULL);
            INSERT INTO uses VALUES ('a', 1), ('b', 2);
            INSERT INTO unit VALUES ('mW', 'yes'), ('MW', '~');
            INSERT INTO crew (name) VALUES ('ada'); INSERT INTO team (code, owner_id) SELECT 'core', id FROM crew;
            UPDATE crew SET team_id = (SELECT id FROM team);
            INSERT INTO odd VALUES ('k', 'v', 'w');
            INSERT INTO login VALUES ('ada', 'x'); INSERT INTO role VALUES ('admin', 'ada');
            INSERT INTO shop.product (sku, album_id) VALUES ('s1', 3);
            INSERT INTO rate VALUES (5, 'a', '2024-01-01', NULL), (7, 'a', NULL, 5), (6, 'a', '2024-02-01', 7);
            """;

    private static String content(DatabaseUrl db, String table) {
        return value(db, "SELECT string_agg(t::text, E'\\n' ORDER BY t::text) FROM " + table + " t");
    }

    @Test
    void whatIsExportedComesBack() throws Exception {
        DatabaseUrl from = TestServer.newDatabase();
        boolean isOld = majorVersion(from) < 15;
        String tables = isOld ? TABLES.replace(" NULLS NOT DISTINCT", "") : TABLES;
        execute(from, tables + ROWS);
        for (String format : List.of("yaml", "csv")) {
            Path folder = TestServer.temporary("export").resolve("out");
            Run out = command(from, "seed", "export", "--unmasked", "--format", format, "--out", folder.toString())
                    .run();
            out.expect(0);
            for (String reason : List.of(
                    "Left out: login, for it needs password, which is a secret and never written.",
                    "Left out: role, for it refers to login, which is left out.",
                    "Left out: keyless, for it has no key"))
                assertTrue(out.err().contains(reason), out.err());
            assertEquals(format.equals("csv"), out.err().contains("Left out: odd, for its column "), out.err());
            DatabaseUrl to = TestServer.newDatabase();
            execute(to, tables);
            command(to, "seed", "development", "--validate", "--seeds", folder.toString())
                    .run()
                    .expect(0);
            for (String table : List.of(
                    "album", "track", "listing", "setting", "uses", "unit", "shop.product", "crew", "team", "rate"))
                assertEquals(content(from, table), content(to, table), table + " as " + format);
            execute(to, "INSERT INTO album (title) VALUES ('next')");
            command(to, "seed", "development", "--force", "--seeds", folder.toString())
                    .run()
                    .expect(0)
                    .says("unchanged");
        }
    }

    @Test
    void uniqueValuesMayChangeTheirRows() {
        DatabaseUrl db = TestServer.newDatabase();
        execute(
                db,
                """
                CREATE TABLE seat (code text PRIMARY KEY, guest text NOT NULL UNIQUE, place int UNIQUE,
                  rank int NOT NULL, UNIQUE (rank));
                INSERT INTO seat VALUES ('a', 'ada', 1, 1), ('b', 'grace', 2, 2), ('c', 'joan', 3, 3)""");
        Path folder = TestServer.temporary("traded");
        write(
                folder.resolve("development/seat.yaml"),
                """
                - {code: a, guest: grace, place: 2, rank: 2}
                - {code: b, guest: joan, place: 3, rank: 3}
                - {code: c, guest: ada, place: 4, rank: 4}
                - {code: d, guest: mary, place: 1, rank: 1}
                """);
        write(folder.resolve("seeds.yaml"), "tables: {seat: {key: [code]}}\n");
        for (String summary : List.of("1 inserted, 3 updated", "unchanged"))
            command(db, "seed", "development", "--force", "--seeds", folder.toString())
                    .run()
                    .expect(0)
                    .says(summary);
        assertEquals(
                "(a,grace,2,2) (b,joan,3,3) (c,ada,4,4) (d,mary,1,1)",
                value(db, "SELECT string_agg(s::text, ' ' ORDER BY code) FROM seat s"));
        write(folder.resolve("development/seat.yaml"), "- {code: a, guest: ada, place: 1, rank: 9}\n");
        command(db, "seed", "development", "--seeds", folder.toString()).run().expect(2, "seat.yaml line 1", "ada");
    }

    @Test
    void hiddenRowsAreNotLeftOutInSilence() {
        DatabaseUrl db = TestServer.newDatabase();
        execute(
                db,
                "CREATE TABLE secretive (k text PRIMARY KEY); INSERT INTO secretive VALUES ('a')",
                "ALTER TABLE secretive ENABLE ROW LEVEL SECURITY; ALTER TABLE secretive FORCE ROW LEVEL SECURITY");
        Path folder = TestServer.temporary("export").resolve("out");
        run(db, "seed", "export", "--out", folder.toString())
                .expect(21, "row-level security", "secretive", "BYPASSRLS");
        assertFalse(Files.exists(folder));
    }
}
