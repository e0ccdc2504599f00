import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.backup.BackupChecks;
import avdaily.backup.FolderStore;
import avdaily.db.DatabaseUrl;
import avdaily.db.OperationLog;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The studio's pages: all of them are there, and none of them runs what the database holds. */
class StudioTest extends StudioVisits {
    private static final String EVIL = "<script>alert('x')</script>\"'&<img src=x onerror=alert(1)>";
    private static final String ADDRESSES =
            """
            - {id: ADR-1, category: business, severity: info, quick: true, means: No note is there., table: "No, te",
                where: "true"}
            - {id: ADR-2, category: business, severity: info, quick: true, means: No address is there., query:
                'SELECT email FROM "No, te"', tables: [purse, "No, te"]}
            """;

    @Test
    void everyLinkOfTheDemoLeadsToAPage() throws Exception {
        DatabaseUrl db = migrated();
        run(db, "seed", "demo", "--yes").expect(0);
        try (Browsing studio = new Browsing(db).enter()) {
            Map<String, Answer> pages = studio.everything(".*&sort=.*|diagram\\.(svg|mmd).*table=(?!group_members).*");
            sound(pages);
            Answer table = pages.get("table?schema=public&table=group_members");
            table.expect(
                    200, "What group_members refers to", "ajo_groups", "Constraints of group_members", "Indexes of");
            pages.get("diagram?schema=public&table=group_members").expect(200, "<svg ", "at most 1 foreign key away");
            Answer svg = pages.get("diagram.svg?schema=public&table=group_members");
            assertEquals(
                    "image/svg+xml", svg.headers().firstValue("Content-Type").orElse(""));
            pages.get("diagram.mmd?schema=public&table=group_members")
                    .expect(200, "erDiagram", "\"ajo_groups\" ||--o{ \"group_members\" : \"group_id\"");
            studio.get("schema?q=wallet").expect(200, ">wallets<");
            studio.get("schema?q=nosuch").expect(200, "There is no such table");
            studio.get("table?schema=public&table=nosuch")
                    .expect(400, "there is no table or view public.nosuch", "Go on");
            studio.get("table").expect(400, "does not say which schema");
            studio.get("nosuch").expect(404);
        }
    }

    @Test
    void backupsOutOfReachHideNothingElse() throws Exception {
        try (Browsing studio = new Browsing(TestServer.newDatabase(), Map.of("BACKUP_DIR", "s3://")).enter()) {
            studio.get("operations").expect(200, "names no bucket", "Go on", "Sessions", "Operation log");
        }
    }

    /** A drill's own server is another one; the log is that of the database that the backup is of. */
    @Test
    void backupsTellWhenTheyWereDrilled() throws Exception {
        DatabaseUrl db = TestServer.newDatabase();
        execute(db, "CREATE TABLE t AS SELECT 1 AS n");
        Path folder = TestServer.temporary("drilled");
        Supplier<Run> verify = () -> run(db, "backup", "verify", "--restore", "--dir", folder.toString());
        run(db, "backup", "create", "--dir", folder.toString()).expect(0);
        verify.get().expect(0);
        assertEquals("null", value(db, "SELECT to_regnamespace('avdaily_ops')"));
        try (Connection c = TestServer.connect(db)) {
            OperationLog.createSchema(c);
            command(db, "backup", "verify", "--restore", "--dir", folder.toString(), "--url")
                    .and(TestServer.admin().withPassword())
                    .run()
                    .expect(0);
            String sum = BackupChecks.of(c).keySet().iterator().next();
            BackupChecks.Check check = BackupChecks.of(c).get(sum);
            assertEquals(check.verified(), check.drilled());
            try (Browsing studio = new Browsing(db, Map.of("BACKUP_DIR", folder.toString())).enter()) {
                studio.get("operations").expect(200, "Read whole", "Drill", "backup verify");
            }
            Path file = path(new FolderStore(folder).files().get(0));
            byte[] bytes = Files.readAllBytes(file);
            bytes[bytes.length / 2] ^= 1; // as long as before: only reading it whole tells
            Files.write(file, bytes);
            verify.get().expect(24);
            assertTrue(BackupChecks.of(c).get(sum).failed().isPresent());
            try (Browsing studio = new Browsing(db, Map.of("BACKUP_DIR", folder.toString())).enter()) {
                studio.get("operations").expect(200, "a check failed");
            }
            assertEquals(
                    "done true 0,failed null null",
                    value(
                            db,
                            "SELECT string_agg(concat_ws(' ', outcome, coalesce(details ->> 'restored', 'null'), "
                                    + "coalesce(details ->> 'findings', 'null')), ',' ORDER BY id) "
                                    + "FROM avdaily_ops.operation"));
        }
    }

    /** Of each backup it is said what the project's rules make of it, without reading the newest one. */
    @Test
    void backupsAreShownWithWhatBecomesOfThem() throws Exception {
        DatabaseUrl db = ShopTest.shop();
        Path folder = TestServer.temporary("backups");
        command(db, "backup", "create", "--dir", folder.toString()).run().expect(0);
        for (Path file : filesIn(folder)) {
            String older = file.getFileName().toString().replaceFirst("\\d{4}-\\d\\d-\\d\\d_\\d\\d", "2026-01-02_03");
            Files.copy(file, folder.resolve(older));
        }
        String policy = ShopTest.file("avdaily.yaml", "environments: {development: {backups: {keep-last: 1}}}\n");
        Files.createDirectory(Path.of(policy).resolveSibling("migrations"));
        Map<String, String> settings = Map.of("BACKUP_DIR", folder.toString(), "AVDAILY_CONFIG", policy);
        try (Browsing studio = new Browsing(db, settings).enter()) {
            String page = studio.get("operations")
                    .expect(200, "--dry-run --keep-last 1<", ">stays: last<", ">would go<")
                    .text();
            assertTrue(page.indexOf(">stays: last<") < page.indexOf(">would go<"), page);
        }
        try (Browsing studio = new Browsing(db, Map.of("BACKUP_DIR", folder.toString())).enter()) {
            assertFalse(studio.get("operations").expect(200, "keep-last 7").text().contains(">would go<"));
        }
    }

    @Test
    void aQueryReadsAndNothingElse() throws Exception {
        DatabaseUrl db = TestServer.newDatabase();
        execute(
                db,
                "CREATE TABLE t (id int)",
                "INSERT INTO t SELECT generate_series(1, 1000)",
                "CREATE FUNCTION put() RETURNS int LANGUAGE sql AS 'INSERT INTO t VALUES (0) RETURNING id'");
        try (Browsing studio = new Browsing(db).enter()) {
            studio.get(query(studio, "run", "SELECT count(*) AS n FROM t")).expect(200, "1000", "1 row in");
            studio.get(query(studio, "run", "TABLE t")).expect(200, "300 rows of more");
            studio.get(query(studio, "explain", "SELECT * FROM t WHERE id = 1")).expect(200, "Seq Scan", " on t");
            studio.get(query(studio, "analyze", "SELECT 1")).expect(200, "Execution Time", "in fact 1");
            studio.get(query(studio, "run", "SELECT nosuch")).expect(200, "nosuch", "Go on");
            for (String writing : List.of(
                    "SELECT put()",
                    "WITH w AS (INSERT INTO t VALUES (0) RETURNING id) TABLE w",
                    "SELECT set_config('transaction_read_only', 'off', false), put()",
                    "SELECT nextval('pg_catalog.pg_class'), lo_create(0)"))
                studio.get(query(studio, "run", writing)).expect(200, "notice critical");
            for (String other : List.of(
                    "COMMIT",
                    "SELECT 1; DROP TABLE t",
                    "COPY t TO PROGRAM 'touch x'",
                    "DELETE FROM t",
                    "DO 'BEGIN END'")) studio.get(query(studio, "run", other)).expect(200, "it is not one query");
            assertEquals("1000", value(db, "SELECT count(*) FROM t"));
            Answer running = studio.post("run", studio.get("query").key(), "sql", "SELECT pg_sleep(25)")
                    .expect(303);
            String page = running.headers().firstValue("Location").orElseThrow().substring(2);
            studio.get(page).expect(200, "Cancel it");
            studio.post("cancel", studio.get(page).key(), "job", page.replaceFirst(".*=", ""))
                    .expect(303);
            Await.until(() -> studio.get(page).text().contains("notice critical"), "the end of the query");
            try (Browsing other = new Browsing(db).enter()) {
                other.get(page).expect(400, "there is no such query");
            }
        }
    }

    @Test
    void theMonitorsLookIsShownWhenItIsThere() throws Exception {
        DatabaseUrl db = migrated();
        try (Browsing studio = new Browsing(db).enter()) {
            Answer before = studio.get("").expect(200, "has not looked yet");
            assertTrue(before.headers().firstValue("Refresh").isEmpty());
            studio.post("look", before.key()).expect(303);
            Await.until(() -> studio.get("").text().contains("there is no backup of"), "the monitor's look");
            Answer after = studio.get("").expect(200, "avdaily-backup create", "none pending");
            assertTrue(after.headers().firstValue("Refresh").isEmpty());
            execute(
                    db,
                    "UPDATE avdaily_ops.sample SET at = now() - interval '3 days', "
                            + "numbers = numbers || jsonb_build_object('database_bytes', 1000000) "
                            + "|| (SELECT jsonb_object_agg(key, 5) FROM jsonb_each(numbers) WHERE key LIKE 'size %')");
            studio.post("look", after.key()).expect(303);
            Await.until(() -> studio.get("").text().contains("As it is since"), "the monitor's second look");
            studio.get("")
                    .expect(200, "3 days ago", "database bytes: 1.0 MB to ", "<polyline ", "total bytes: 5 bytes to ");
            assertFalse(studio.get("schema").text().contains("drifted"));
            execute(db, "ALTER TABLE wallets ADD COLUMN extra int", "CREATE INDEX ON rewards (id)");
            studio.post("look", after.key()).expect(303);
            Await.until(() -> studio.get("schema").text().contains("drifted"), "the monitor's third look");
            assertEquals(3, studio.get("schema").text().split(">drifted<", -1).length);
            studio.get("table?schema=public&table=wallets")
                    .expect(200, "changed TABLE public.wallets", "extra integer");
            studio.get("table?schema=public&table=rewards").expect(200, "extra INDEX public.rewards_id_idx");
            assertFalse(studio.get("table?schema=public&table=user").text().contains("last look saw it other"));
        }
        whatLintFoundIsShownWhileItsFilesArePending(db);
    }

    private static void whatLintFoundIsShownWhileItsFilesArePending(DatabaseUrl db) throws Exception {
        String file = "V900__less.sql";
        MigrationFolder folder = MigrationFolder.copyOf(PROJECT.resolve("migrations"))
                .write(
                        file,
                        "SET lock_timeout = '9s';\nALTER TABLE \"user\" RENAME TO people;\n"
                                + "ALTER TABLE people RENAME name TO called;\n");
        String user = "table?schema=public&table=user";
        String nobody = "Nobody asked yet what V900__less.sql would do";
        try (Browsing studio = new Browsing(db, Map.of("AVDAILY_MIGRATIONS", folder.toString())).enter()) {
            look(studio);
            studio.get("schema").expect(200, nobody, "avdaily-migrate lint<");
            studio.get(user).expect(200, nobody);
            folder.run(db, "lint").expect(22);
            look(studio);
            studio.get("schema")
                    .expect(200, ">2 lint findings</span> in V900__less.sql, <time ", ">lock-timeout-changed ");
            studio.get(user)
                    .expect(200, ">rename-column ", "V900__less.sql line 3, <time ", "lint --explain rename-column<");
            studio.get("table?schema=public&table=wallets").expect(200, "Lint found nothing about it in V900__less");
            folder.write(
                    file, "-- lint:ignore rename-column nobody reads it\nALTER TABLE \"user\" RENAME name TO n;\n");
            look(studio);
            assertFalse(studio.get(user).expect(200, nobody).text().contains("rename-column"));
            folder.run(db, "lint").expect(0);
            look(studio);
            studio.get(user).expect(200, "Accepted: ", "nobody reads it");
            Path pages = TestServer.temporary("pages");
            command(db, "studio", "--out", pages.toString())
                    .with("AVDAILY_MIGRATIONS", folder.toString())
                    .run()
                    .expect(0);
            assertTrue(Files.readString(pages.resolve("table-public.user.html")).contains("nobody reads it"));
            assertFalse(studio.get("schema").text().contains("lint finding"));
            folder.run(db, "up", "--yes").expect(0);
            look(studio);
            assertFalse(studio.get(user).text().contains("Pending migrations"));
        }
    }

    /** Waits for a look that sees what is there now. */
    private static void look(Browsing studio) throws Exception {
        studio.post("look", studio.get("").key()).expect(303);
        Await.until(() -> !studio.get("").text().matches("(?s).*(under way|comes again|not looked yet).*"), "the look");
    }

    /** What people wrote into a database is text on every page, whatever it looks like. */
    @Test
    void namesAndCommentsAreTextOnly() throws Exception {
        DatabaseUrl db = evilNames();
        try (Browsing studio = new Browsing(db).enter()) {
            Map<String, Answer> pages = studio.everything("(?!)");
            sound(pages);
            assertTrue(pages.size() > 10, pages.keySet().toString());
            pages.get("diagram.svg").expect(200, "&lt;script&gt;");
            studio.get("schema?q=" + encoded(EVIL)).expect(200, "&lt;script&gt;");
        }
    }

    /** A database whose names, comments and values are scripts. */
    static DatabaseUrl evilNames() {
        DatabaseUrl db = TestServer.newDatabase();
        String evil = '"' + EVIL.replace("\"", "\"\"").substring(0, 40) + '"';
        String text = "'" + EVIL.replace("'", "''") + "'";
        execute(
                db,
                "CREATE SCHEMA " + evil,
                "CREATE TABLE " + evil + "." + evil + " (" + evil + " text PRIMARY KEY DEFAULT " + text + ")",
                "CREATE TABLE public." + evil + " (id int PRIMARY KEY, r text REFERENCES " + evil + "." + evil + ")",
                "COMMENT ON TABLE public." + evil + " IS " + text,
                "COMMENT ON COLUMN public." + evil + ".id IS " + text,
                "CREATE INDEX ON public." + evil + " ((r || " + text + "))",
                "CREATE VIEW public.\"v&<b>\" AS SELECT " + text + " AS " + evil,
                "INSERT INTO " + evil + "." + evil + " VALUES (" + text + "), ('javascript:alert(1)')",
                "INSERT INTO public." + evil + " VALUES (1, " + text + ")");
        return db;
    }

    /** A superuser looks at what its owner and a guest prepared for him. */
    @Test
    void noTrapOfAHostileDatabaseFires() throws Exception {
        for (HostileDatabase hostile : List.of(HostileDatabase.ofItsOwner().withForgedOps())) {
            try (Browsing studio = new Browsing(hostile.asSuperuser(), Map.of("AVDAILY_ENV", "development")).enter()) {
                Map<String, Answer> pages = studio.everything(".*schema=evil&table=(?!pg_class$).*");
                sound(pages);
                pages.get("table?schema=m&table=big").expect(200, "Its rows are not read");
                studio.post("look", pages.get("").key());
                Await.until(() -> !studio.get("").text().contains("this page comes again"), "the monitor's look");
                assertEquals(Set.of(), hostile.fired());
            }
        }
    }

    @Test
    void theFindingsOfTheLastCheckStandBesideThoseBefore() throws Exception {
        DatabaseUrl db = migrated();
        execute(db, ShopTest.SHOP, "UPDATE purse SET balance = -1 WHERE id = 1");
        String rules = ShopTest.rules(ShopTest.BALANCE);
        command(db, "integrity", "check", "--rules", rules).run().expect(22);
        try (Browsing studio = new Browsing(db).enter()) {
            assertEquals(List.of("1", "not known", "--only BAL-1"), findings(studio, "BAL-1"));
            execute(db, "UPDATE purse SET balance = -1 WHERE id IN (2, 3)");
            command(db, "integrity", "check", "--rules", rules).run().expect(22);
            assertEquals(List.of("3", "1", "--only BAL-1"), findings(studio, "BAL-1"));
            command(db, "integrity", "check", "--rules", rules, "--only", "BAL-1")
                    .run()
                    .expect(22);
            assertEquals(List.of("3", "not known", "--only BAL-1"), findings(studio, "BAL-1"));
        }
        execute(
                db,
                "CREATE TABLE \"No, te\" (email text PRIMARY KEY, purse_id int REFERENCES purse)",
                "INSERT INTO \"No, te\" VALUES ('mia.rossi@firm.example')",
                "UPDATE avdaily_ops.sample SET at = at - interval '3 days' WHERE source = 'integrity'");
        String more = ShopTest.rules(ShopTest.BALANCE, ADDRESSES);
        try (Browsing studio = new Browsing(db, Map.of("AVDAILY_RULES", more)).enter()) {
            assertFalse(studio.get("schema").text().contains("broken<"));
            studio.post("look", studio.get("").key()).expect(303);
            Await.until(() -> studio.get("schema").text().contains("broken<"), "the monitor's look");
            String row = "./row?schema=public&amp;table=purse&amp;f0=id&amp;v0=";
            for (String page : List.of("operations", "table?schema=public&table=purse"))
                studio.get(page)
                        .expect(200, ">BAL-1 ", "3 findings", row + "1\"", row + "3\"", "Ask the owner.", "No purse");
            Answer operations = studio.get("operations").expect(200, "since <time", ">3 days ago<", "(personal)");
            String note = "table?schema=public&table=No%2C+te";
            Answer table = studio.get(note).expect(200, ">PRF-01 ", "Create the index", "(personal)");
            assertFalse((operations.text() + table.text()).contains("mia.rossi"));
            String purse = "table?schema=public&table=purse";
            studio.post("unmask", studio.get("").key(), "schema", "public", "table", "purse")
                    .expect(303);
            Answer ofBoth = studio.get(purse).expect(200, ">ADR-2 ", "(personal)");
            assertFalse(ofBoth.text().contains("mia.rossi"), "a rule reads two tables, of which one is masked");
            studio.post("unmask", studio.get("").key(), "schema", "public", "table", "No, te")
                    .expect(303);
            for (String page : List.of(note, purse)) studio.get(page).expect(200, "mia.rossi@firm.example");
        }
    }

    /** How often a rule fails, how often it did before, and the end of the command that shows the rows. */
    private static List<String> findings(Browsing studio, String rule) throws Exception {
        String text = studio.get("operations")
                .expect(200, "What the newest check found")
                .text();
        Matcher row = Pattern.compile("<code>" + rule
                        + "</code></th><td[^>]*>([^<]*)</td><td[^>]*>([^<]*)</td><td><code[^>]*>[^<]*(--only [^<]*)<")
                .matcher(text);
        assertTrue(row.find(), text);
        return List.of(row.group(1), row.group(2), row.group(3));
    }

    /** A database that knows nothing of this toolkit, with what AV-Daily's has not. */
    static DatabaseUrl shopWithMore() {
        return ShopTest.shop(
                "CREATE DOMAIN amount AS numeric(12,2) CHECK (VALUE >= 0)",
                "CREATE DOMAIN price AS amount",
                "CREATE TABLE goods (id int PRIMARY KEY, costs price)",
                "INSERT INTO goods VALUES (1, 5), (2, 7.5), (3, NULL)",
                "CREATE TABLE sale (at date, goods_id int REFERENCES goods, PRIMARY KEY (at, goods_id)) "
                        + "PARTITION BY RANGE (at)",
                "CREATE TABLE sale_2026 PARTITION OF sale FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
                "INSERT INTO sale VALUES ('2026-02-01', 2)",
                "CREATE VIEW dear AS SELECT * FROM goods WHERE costs > 6",
                "CREATE SCHEMA \"Lager\"",
                "CREATE TABLE \"Lager\".\"Ort\" (id int PRIMARY KEY, coin_id int REFERENCES coin)");
    }

    @Test
    void everyLinkOfAShopOfSomebodyElseLeadsToAPage() throws Exception {
        DatabaseUrl db = shopWithMore();
        execute(
                db,
                "CREATE TABLE loose AS SELECT i AS id, repeat('x', 100) AS t FROM generate_series(1, 20000) i",
                "DELETE FROM loose WHERE id % 5 > 0",
                "VACUUM ANALYZE loose");
        try (Browsing studio = new Browsing(db).enter()) {
            Map<String, Answer> pages = studio.everything(".*&sort=.*");
            sound(pages);
            pages.get("").expect(200, ">loose</a></th><td>table</td>", ">80.");
            pages.get("table?schema=public&table=loose").expect(200, "<dt>Empty, about</dt><dd>80.");
            pages.get("table?schema=public&table=goods").expect(200, "What refers to goods", "public.price<");
            pages.get("table?schema=public&table=sale").expect(200, "Partitions of sale", "sale_2026");
            pages.get("operations").expect(200, "keeps no operation log yet");
            assertEquals(
                    List.of("7.50"),
                    rows(studio, "data?schema=public&table=goods&f0=costs&o0=is&v0=7.5", "\\d+\\.\\d+(?=</span>)"));
        }
    }

    /** Every link of the files leads to one of them, and they hold no row. */
    @Test
    void theSchemaIsWrittenAsFiles() throws Exception {
        DatabaseUrl db = TestServer.newDatabase();
        execute(
                db,
                "CREATE TABLE a (id int PRIMARY KEY)",
                "CREATE TABLE \"B/../<b>\" (id int PRIMARY KEY, a int REFERENCES a)",
                "CREATE VIEW v AS SELECT 'of the view'::text AS t",
                "INSERT INTO a VALUES (424242)");
        Path folder = TestServer.temporary("pages").resolve("new");
        command(db, "studio", "--out", folder.toString()).run().expect(0).says("8 files", "index.html");
        List<Path> files = filesIn(folder);
        assertEquals(8, files.size(), files.toString());
        for (Path file : files) {
            String text = Files.readString(file);
            assertFalse(text.contains("424242") || text.contains("<b>") || text.contains("<form"), text);
            Pattern.compile("(?:href|src)=\"([^\"#]+)\"")
                    .matcher(text)
                    .results()
                    .forEach(link ->
                            assertTrue(Files.exists(folder.resolve(link.group(1))), file + " " + link.group(1)));
        }
        String index = Files.readString(folder.resolve("index.html"));
        assertTrue(index.contains("href=\"table-public.a.html\"") && index.contains("href=\"findings.html\""), index);
        assertTrue(Files.readString(folder.resolve("table-public.a.html")).contains("What refers to a"));
    }

    /** What the files say, a program can read as well. */
    @Test
    void theSameFactsAreADocument() throws Exception {
        DatabaseUrl db = migrated();
        execute(
                db,
                ShopTest.SHOP,
                "CREATE VIEW v AS SELECT id FROM coin",
                "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
                "CREATE TRIGGER touched BEFORE UPDATE ON coin FOR EACH ROW EXECUTE FUNCTION f()",
                "CREATE POLICY mine ON coin USING (id > 0)",
                "COMMENT ON COLUMN coin.id IS 'said'",
                "UPDATE purse SET balance = -1 WHERE id IN (1, 2)");
        command(db, "integrity", "check", "--rules", ShopTest.rules(ShopTest.BALANCE))
                .run()
                .expect(22);
        JsonNode facts = command(db, "studio", "--json").run().expect(0).json();
        JsonNode coin = table(facts, "coin");
        assertEquals("table", coin.get("kind").asText());
        assertEquals("said", coin.at("/columns/0/comment").asText());
        assertTrue(coin.at("/columns/0/inKey").asBoolean());
        assertEquals("purse", coin.at("/references/0/toTable").asText());
        assertTrue(coin.at("/references/0/indexed").asBoolean());
        assertEquals("PRIMARY KEY (id)", coin.at("/constraints/0/definition").asText());
        assertEquals(2, coin.get("indexes").size());
        assertEquals("touched", coin.at("/triggers/0/name").asText());
        assertTrue(coin.at("/policies/0/definition").asText().contains("USING ((id > 0))"));
        assertTrue(table(facts, "v").get("definition").asText().contains("FROM public.coin"));
        assertEquals("BAL-1", facts.at("/lastCheck/rules/0/rule").asText());
        assertEquals(2, facts.at("/lastCheck/rules/0/count").asInt());
        Path folder = TestServer.temporary("pages").resolve("new");
        JsonNode written = command(db, "studio", "--json", "--out", folder.toString())
                .run()
                .expect(0)
                .json();
        assertEquals(facts.get("tables"), written.get("tables"));
        assertEquals(filesIn(folder).size(), written.get("fileCount").asInt());
        String findings = Files.readString(folder.resolve("findings.html"));
        assertTrue(findings.contains("<code>BAL-1</code></th><td class=\"number\">2</td>"), findings);
        command(db, "studio", "--write", "--json").run().expect(2, "contradict");
    }

    private static JsonNode table(JsonNode facts, String name) {
        for (JsonNode table : facts.get("tables"))
            if (table.get("name").asText().equals(name)) return table;
        throw new AssertionError(facts.toString());
    }

    private static List<Path> filesIn(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }
}
