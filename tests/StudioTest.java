import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.base.Invocation;
import avdaily.base.Out;
import avdaily.base.Settings;
import avdaily.db.Database;
import avdaily.db.DatabaseUrl;
import avdaily.deploy.Configuration;
import avdaily.migrate.MigrationFiles;
import avdaily.seed.SeedFiles;
import avdaily.studio.StudioPages;
import avdaily.studio.StudioServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The studio's pages: all of them are there, none of them writes or runs anything, and nobody else is let in. */
class StudioTest extends ScriptTest {
    private static final Pattern LINK = Pattern.compile("href=\"\\./([^\"#]*)");
    private static final Pattern KEY = Pattern.compile("name=\"key\" value=\"([^\"]+)\"");
    private static final String EVIL = "<script>alert('x')</script>\"'&<img src=x onerror=alert(1)>";

    /** What a browser got. */
    private record Answer(int status, String text, java.net.http.HttpHeaders headers) {
        Answer expect(int status, String... words) {
            assertEquals(status, this.status, text);
            for (String word : words) assertTrue(text.contains(word), () -> "'" + word + "' is not in:\n" + text);
            return this;
        }

        List<String> links() {
            return LINK.matcher(text)
                    .results()
                    .map(found -> found.group(1).replace("&amp;", "&").replace("&#39;", "'"))
                    .toList();
        }

        String key() {
            Matcher key = KEY.matcher(text);
            assertTrue(key.find(), text);
            return key.group(1);
        }
    }

    /** A studio in this process, and a browser that was let in. */
    private static final class Browsing implements AutoCloseable {
        private final HttpClient http = HttpClient.newHttpClient();
        private final AtomicReference<String> announced = new AtomicReference<>();
        final ByteArrayOutputStream err = new ByteArrayOutputStream();
        private final Database db;
        private final StudioServer server;
        final String first;
        final String base;
        String cookie = "";

        Browsing(DatabaseUrl url) throws Exception {
            this(url, Map.of());
        }

        Browsing(DatabaseUrl url, Map<String, String> more) throws Exception {
            this(url, more, Duration.ofMinutes(5));
        }

        /** @param longestArrival what makes a client slow, once the studio is told to look for those */
        Browsing(DatabaseUrl url, Map<String, String> more, Duration longestArrival) throws Exception {
            Path folder = TestServer.temporary("studio");
            Map<String, String> variables = new LinkedHashMap<>(more);
            variables.put("DATABASE_URL", url.withPassword());
            variables.put("AVDAILY_HOME", folder.resolve("home").toString());
            variables.putIfAbsent("BACKUP_DIR", folder.resolve("backups").toString());
            Settings settings = new Settings(variables, PROJECT).reading(null, null);
            Out out = Out.to(OutputStream.nullOutputStream(), err, List.of("--verbose"));
            Invocation invocation = new Invocation("avdaily-studio", List.of(), false, out, settings);
            Database.Choice choice =
                    new Database.Choice(null, null, settings.project().file());
            db = Database.openToRead(invocation, choice);
            StudioPages pages = new StudioPages(
                    db,
                    () -> Database.openToRead(invocation, choice),
                    new StudioPages.Project(
                            Configuration.read(settings),
                            MigrationFiles.in(settings, null),
                            SeedFiles.manifestOf(settings, null)));
            server = new StudioServer(pages, 0, longestArrival, announced::set);
            first = server.address();
            base = first.replaceFirst("enter.*", "");
        }

        Browsing enter() throws Exception {
            Answer entered = get(first.substring(base.length()));
            entered.expect(200);
            cookie = entered.headers.firstValue("Set-Cookie").orElseThrow().replaceFirst(";.*", "");
            return this;
        }

        Answer get(String page) throws Exception {
            return send(request(page).GET());
        }

        /** As a browser sends a form of the studio's own. */
        Answer post(String page, String key, String... fields) throws Exception {
            return send(form(page, key, fields).header("Sec-Fetch-Site", "same-origin"));
        }

        HttpRequest.Builder form(String page, String key, String... fields) {
            StringBuilder body = new StringBuilder("key=" + encoded(key));
            for (int i = 0; i < fields.length; i += 2)
                body.append('&').append(encoded(fields[i])).append('=').append(encoded(fields[i + 1]));
            return request(page)
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .POST(HttpRequest.BodyPublishers.ofString(body.toString()));
        }

        private HttpRequest.Builder request(String page) {
            return HttpRequest.newBuilder(URI.create(base + page)).header("Cookie", cookie);
        }

        Answer send(HttpRequest.Builder request) throws Exception {
            HttpResponse<String> response = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
            return new Answer(response.statusCode(), response.body(), response.headers());
        }

        /** The status of a request as it is written here. */
        int raw(String... lines) throws IOException {
            try (Socket socket = new Socket("127.0.0.1", URI.create(base).getPort())) {
                socket.setSoTimeout(30_000);
                socket.getOutputStream()
                        .write((String.join("\r\n", lines) + "\r\n\r\n").getBytes(StandardCharsets.UTF_8));
                String answer = new String(socket.getInputStream().readNBytes(12), StandardCharsets.UTF_8);
                return answer.isEmpty() ? 0 : Integer.parseInt(answer.substring(9));
            } catch (java.net.SocketException reset) {
                return 0;
            }
        }

        /** Visits every page that a link leads to, of the same page about many rows one; their texts by address. */
        Map<String, Answer> everything(String passedOver) throws Exception {
            Map<String, Answer> seen = new LinkedHashMap<>();
            Set<String> kinds = new TreeSet<>();
            Deque<String> next = new ArrayDeque<>(List.of(""));
            while (!next.isEmpty()) {
                String page = next.poll();
                boolean isVariation = page.contains("&sort=") && page.contains("&f0=");
                if (isVariation
                        || page.matches(passedOver)
                        || !kinds.add(page.replaceAll("&(v\\d|after|sort|job)=[^&]*", "&$1"))) continue;
                Answer answer = get(page);
                seen.put(page, answer);
                if (answer.headers.firstValue("Content-Type").orElse("").startsWith("text/html"))
                    next.addAll(answer.links());
            }
            return seen;
        }

        @Override
        public void close() throws SQLException {
            server.close();
            db.close();
        }
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    /** Every page is whole, says what it is, and neither it nor its neighbours hold what a browser would run. */
    private static void sound(Map<String, Answer> pages) {
        pages.forEach((page, answer) -> {
            assertEquals(200, answer.status, page + "\n" + answer.text);
            assertEquals(
                    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
                            + "object-src 'none'",
                    answer.headers.firstValue("Content-Security-Policy").orElse(""));
            assertEquals("no-store", answer.headers.firstValue("Cache-Control").orElse(""));
            if (!answer.headers.firstValue("Content-Type").orElse("").startsWith("text/html")) return;
            assertEquals(1, answer.text.split("<h1>", -1).length - 1, page);
            assertEquals(1, answer.text.split("<main ", -1).length - 1, page);
            assertEquals(1, answer.text.split("<script", -1).length - 1, page + "\n" + answer.text);
            String tags = answer.text.replaceAll("=\"[^\"]*\"", "=");
            assertFalse(tags.matches("(?s).*<[^>]*\\s(on\\w+|style)=.*"), page);
            assertFalse(answer.text.contains("<img"), page);
            Set<String> ids = new TreeSet<>();
            Pattern.compile(" id=\"([^\"]+)\"")
                    .matcher(answer.text)
                    .results()
                    .forEach(id -> assertTrue(ids.add(id.group(1)), page + " has " + id.group(1) + " twice"));
        });
    }

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
            assertEquals("image/svg+xml", svg.headers.firstValue("Content-Type").orElse(""));
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

    /** A page begins where the one before ended, whatever the rows are ordered by, and none is lost or comes twice. */
    @Test
    void pagesOfRowsHoldEachRowOnce() throws Exception {
        DatabaseUrl db = TestServer.newDatabase();
        execute(
                db,
                "CREATE TABLE t (a int, b text, n int, PRIMARY KEY (a, b))",
                "INSERT INTO t SELECT i / 10, 'key ' || i, CASE WHEN i % 3 > 0 THEN i % 7 END "
                        + "FROM generate_series(1, 180) i",
                "CREATE INDEX ON t (n)",
                "CREATE TABLE heap AS SELECT 'row ' || i AS v FROM generate_series(1, 120) i",
                "CREATE TABLE bare (v text)",
                "CREATE TABLE bare_child () INHERITS (bare)",
                "INSERT INTO bare SELECT 'row ' || i FROM generate_series(1, 55) i",
                "INSERT INTO bare_child SELECT 'row ' || i FROM generate_series(56, 110) i",
                "CREATE TABLE keyed (id int PRIMARY KEY, v text)",
                "CREATE TABLE keyed_child () INHERITS (keyed)",
                "INSERT INTO keyed SELECT i, 'row ' || i FROM generate_series(1, 55) i",
                "INSERT INTO keyed_child SELECT i / 2, 'row ' || i FROM generate_series(56, 110) i");
        try (Browsing studio = new Browsing(db).enter()) {
            for (String order : List.of("", "&sort=n", "&sort=n&order=down", "&order=down", "&sort=b"))
                assertEquals(
                        180,
                        rows(studio, "data?schema=public&table=t" + order, "key \\d+")
                                .size(),
                        order);
            assertEquals(
                    120,
                    rows(studio, "data?schema=public&table=heap", "row \\d+").size());
            for (String parent : List.of("bare", "keyed"))
                assertEquals(
                        110,
                        rows(studio, "data?schema=public&table=" + parent, "row \\d+")
                                .size(),
                        parent);
            assertEquals(
                    List.of("key 7"),
                    rows(studio, "data?schema=public&table=t&f0=b&o0=is&v0=key+7", "key \\d+(?=</span>)"));
            assertEquals(
                    11,
                    rows(studio, "data?schema=public&table=t&f0=b&o0=has&v0=Y+7", "key \\d+(?=</span>)")
                            .size());
            assertEquals(
                    60,
                    rows(studio, "data?schema=public&table=t&f0=n&o0=null", "key \\d+(?=</span>)")
                            .size());
            studio.get("data?schema=public&table=t&f0=a&v0=x").expect(500, "invalid input syntax for type integer");
            studio.get("data?schema=public&table=t&f0=nosuch&v0=x").expect(400, "there is no column nosuch");
            studio.get("data?schema=public&table=t&after=x").expect(400, "where the page begins");
            assertEquals(
                    51,
                    studio.get("data.csv?schema=public&table=t").text.lines().count());
        }
    }

    private static List<String> rows(Browsing studio, String first, String value) throws Exception {
        List<String> found = new ArrayList<>();
        for (String page = first; page != null; ) {
            String text = studio.get(page).expect(200).text;
            String table = text.replaceFirst("(?s).*<tbody>", "").replaceFirst("(?s)</tbody>.*", "");
            Pattern.compile("(?<=\"cell\">)" + value).matcher(table).results().forEach(row -> found.add(row.group()));
            Matcher next = Pattern.compile("href=\"\\./([^\"]+)\">Next page").matcher(text);
            page = next.find() ? next.group(1).replace("&amp;", "&") : null;
        }
        assertEquals(found.size(), new TreeSet<>(found).size(), found.toString());
        return found;
    }

    @Test
    void whoSomebodyIsIsMaskedUntilItIsAskedForAndLogged() throws Exception {
        DatabaseUrl db = migrated();
        run(db, "seed", "demo", "--yes").expect(0);
        String email = value(db, "SELECT email FROM \"user\" ORDER BY id LIMIT 1");
        try (Browsing studio = new Browsing(db).enter();
                Browsing other = new Browsing(db).enter()) {
            String users = "data?schema=public&table=user";
            Answer masked = studio.get(users).expect(200, "is masked", "@example.test");
            assertFalse(masked.text.contains(email));
            assertFalse(studio.get("data.csv?schema=public&table=user").text.contains(email));
            studio.post("unmask", masked.key(), "schema", "public", "table", "user")
                    .expect(303);
            studio.get(users).expect(200, email, "that was logged");
            assertTrue(studio.get("data.csv?schema=public&table=user").text.contains(email));
            assertFalse(other.get(users).text.contains(email));
            assertEquals(
                    "public.user",
                    value(db, "SELECT details ->> 'table' FROM avdaily_ops.operation WHERE command = 'studio show'"));
            studio.get("operations").expect(200, "studio show", "Migrations");
        }
    }

    @Test
    void backupsOutOfReachHideNothingElse() throws Exception {
        try (Browsing studio = new Browsing(TestServer.newDatabase(), Map.of("BACKUP_DIR", "s3://")).enter()) {
            studio.get("operations").expect(200, "names no bucket", "Go on", "Sessions", "Operation log");
        }
    }

    @Test
    void nothingIsShownOfProductionThatCannotBeLogged() throws Exception {
        DatabaseUrl db = TestServer.newDatabase();
        execute(db, "CREATE TABLE person (id int PRIMARY KEY, email text)", "INSERT INTO person VALUES (1, 'a@b.ch')");
        try (Browsing studio = new Browsing(db, Map.of("AVDAILY_ENV", "production")).enter()) {
            Answer masked = studio.get("data?schema=public&table=person").expect(200, "is masked");
            studio.post("unmask", masked.key(), "schema", "public", "table", "person")
                    .expect(403, "is logged", "Go on");
            assertFalse(studio.get("data?schema=public&table=person").text.contains("a@b.ch"));
            studio.get(query(studio, "run", "TABLE person")).expect(200, "is logged", "Go on");
        }
        try (Browsing studio = new Browsing(db).enter()) {
            String rows = "data?schema=public&table=person";
            studio.post("unmask", studio.get(rows).key(), "schema", "public", "table", "person")
                    .expect(303);
            studio.get(rows).expect(200, "a@b.ch", "was not logged");
        }
    }

    /** Whoever may ask often enough has the value. */
    @Test
    void noConditionTellsWhatIsMasked() throws Exception {
        DatabaseUrl db = TestServer.newDatabase();
        execute(db, "CREATE TABLE person (id int PRIMARY KEY, email text)", "INSERT INTO person VALUES (1, 'a@b.ch')");
        try (Browsing studio = new Browsing(db).enter()) {
            String key = studio.get("data?schema=public&table=person").key();
            for (String page : List.of("data", "data.csv", "row")) {
                String rows = page + "?schema=public&table=person&f0=email&o0=";
                for (String condition : List.of("is&v0=a@b.ch", "has&v0=a@", "lt&v0=b", "ge&v0=a"))
                    studio.get(rows + condition).expect(403, "are masked", "Go on");
                studio.get(rows + "some").expect(200, "example.test");
                studio.get(page + "?schema=public&table=person&f0=id&v0=1").expect(200, "example.test");
            }
            studio.get("data?schema=public&table=person&after=" + encoded("{\"n\":false,\"v\":[]}"))
                    .expect(400, "where the page begins");
            studio.post("unmask", key, "schema", "public", "table", "person").expect(303);
            studio.get("data?schema=public&table=person&f0=email&v0=a@b.ch").expect(200, "a@b.ch");
        }
    }

    /** A text that is no person's as a whole may name one: neither a condition nor an address gives that away. */
    @Test
    void nothingTellsWhatIsMaskedWithinAText() throws Exception {
        DatabaseUrl db = TestServer.newDatabase();
        String longNote = "x".repeat(285) + " mia.rossi@firm.example, again";
        execute(
                db,
                "CREATE TABLE code (word text PRIMARY KEY, j jsonb, b bytea)",
                "INSERT INTO code VALUES ('open', '{\"a\": \"open\"}', 'open'), "
                        + "('of mia.rossi@firm.example', '{\"a\": \"mia.rossi@firm.example\"}', 'mia.rossi')",
                "INSERT INTO code SELECT 'n ' || n FROM generate_series(1, 60) n",
                "INSERT INTO code VALUES ('" + longNote + "')",
                "CREATE TABLE used (id int PRIMARY KEY, word text REFERENCES code)",
                "INSERT INTO used VALUES (1, 'of mia.rossi@firm.example'), (2, 'open')");
        try (Browsing studio = new Browsing(db).enter()) {
            String code = "?schema=public&table=code";
            for (String page : List.of("data", "data.csv", "row"))
                for (String condition : List.of(
                        "f0=word&o0=is&v0=of+mia.rossi@firm.example",
                        "f0=word&o0=has&v0=mia.rossi",
                        "f0=word&o0=has&v0=again",
                        "f0=word&o0=ge&v0=of+mia.ros&f1=word&o1=lt&v1=of+mia.rot",
                        "f0=j&o0=has&v0=mia.ro",
                        "f0=b&o0=is&v0=mia.rossi")) {
                    Answer answer = studio.get(page + code + "&" + condition).expect(200);
                    assertFalse(answer.text.contains("example.test"), answer.text);
                }
            for (String condition :
                    List.of("f0=word&v0=open", "f0=j&o0=has&v0=OPEN", "f0=word&o0=ge&v0=ope&f1=word&o1=lt&v1=opena"))
                studio.get("row" + code + "&" + condition).expect(200, ">open<");
            for (Map.Entry<String, Answer> page :
                    studio.everything(".*&sort=b.*").entrySet())
                if (!page.getKey().matches(".*(f0|v0)=.*"))
                    assertFalse(page.getValue().text.contains("mia.ro"), page.getKey());
            String first = studio.get("data" + code + "&sort=word").text;
            assertFalse(first.contains("mia.ro"), first);
            studio.post("unmask", studio.get("data" + code).key(), "schema", "public", "table", "code")
                    .expect(303);
            studio.get("data" + code + "&f0=word&o0=has&v0=mia.rossi").expect(200, "of mia.rossi@firm.example");
        }
    }

    /** Runs a query; returns the page that shows what came of it. */
    private static String query(Browsing studio, String mode, String sql) throws Exception {
        Answer sent = studio.post("run", studio.get("query").key(), "mode", mode, "sql", sql)
                .expect(303);
        String page = sent.headers.firstValue("Location").orElseThrow().substring(2);
        Await.until(() -> studio.get(page).headers.firstValue("Refresh").isEmpty(), "the query");
        return page;
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
            String page = running.headers.firstValue("Location").orElseThrow().substring(2);
            studio.get(page).expect(200, "Cancel it");
            studio.post("cancel", studio.get(page).key(), "job", page.replaceFirst(".*=", ""))
                    .expect(303);
            Await.until(() -> studio.get(page).text.contains("notice critical"), "the end of the query");
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
            assertTrue(before.headers.firstValue("Refresh").isEmpty());
            studio.post("look", before.key()).expect(303);
            Await.until(() -> studio.get("").text.contains("there is no backup of"), "the monitor's look");
            Answer after = studio.get("").expect(200, "avdaily-backup create", "none pending");
            assertTrue(after.headers.firstValue("Refresh").isEmpty());
            execute(
                    db,
                    "UPDATE avdaily_ops.sample SET at = now() - interval '3 days', "
                            + "numbers = numbers || '{\"database_bytes\": 1000000}'");
            studio.post("look", after.key()).expect(303);
            Await.until(() -> studio.get("").text.contains("As it is since"), "the monitor's second look");
            studio.get("").expect(200, "3 days ago", "database bytes: 1.0 MB to ", "<polyline ");
        }
    }

    /** What people wrote into a database is text on every page, whatever it looks like. */
    @Test
    void namesAndCommentsAreTextOnly() throws Exception {
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
        try (Browsing studio = new Browsing(db).enter()) {
            Map<String, Answer> pages = studio.everything("(?!)");
            sound(pages);
            assertTrue(pages.size() > 10, pages.keySet().toString());
            pages.get("diagram.svg").expect(200, "&lt;script&gt;");
            studio.get("schema?q=" + encoded(EVIL)).expect(200, "&lt;script&gt;");
        }
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
                Await.until(() -> !studio.get("").text.contains("this page comes again"), "the monitor's look");
                assertEquals(Set.of(), hostile.fired());
            }
        }
    }

    @Test
    void onlyWhoHasTheAddressOfTheTerminalIsLetIn() throws Exception {
        try (Browsing studio = new Browsing(TestServer.newDatabase())) {
            String word = studio.first.substring(studio.base.length());
            studio.get("").expect(403, "was not let in");
            studio.get("enter?word=wrong").expect(403, "Not let in");
            studio.get("enter").expect(403);
            studio.enter();
            studio.get("").expect(200);
            studio.get(word).expect(403, "was used before");
            String other = studio.announced.get();
            assertTrue(other.startsWith(studio.base + "enter?word="), other);
            assertFalse(other.endsWith(word));
            String cookie = studio.cookie;
            studio.cookie = cookie.substring(0, cookie.length() - 1);
            studio.get("").expect(403);
            studio.cookie = "studio=";
            studio.get("schema").expect(403);
            studio.cookie = "other=1; " + cookie;
            studio.get("schema").expect(200);
        }
    }

    @Test
    void onlyOurOwnHostIsServed() throws Exception {
        try (Browsing studio = new Browsing(TestServer.newDatabase()).enter()) {
            URI base = URI.create(studio.base);
            String line = "GET " + base.getPath() + " HTTP/1.1";
            String cookie = "Cookie: " + studio.cookie;
            String close = "Connection: close";
            assertEquals(200, studio.raw(line, "Host: 127.0.0.1:" + base.getPort(), cookie, close));
            assertEquals(200, studio.raw(line, "Host: LOCALHOST:" + base.getPort(), cookie, close));
            for (String host : List.of("evil.example:" + base.getPort(), "127.0.0.1", "127.0.0.1:1", "", "localhost"))
                assertEquals(403, studio.raw(line, "Host: " + host, cookie, close), host);
            assertEquals(403, studio.raw(line, "Host: 127.0.0.1:" + base.getPort(), "Host: evil", cookie, close));
            for (String site : List.of("cross-site", "same-site"))
                assertEquals(
                        403,
                        studio.raw(
                                line, "Host: 127.0.0.1:" + base.getPort(), "Sec-Fetch-Site: " + site, cookie, close));
            for (String path : List.of(
                    "/",
                    "/../etc/passwd",
                    base.getPath() + "../",
                    base.getPath() + "..%2f..%2fetc/passwd",
                    base.getPath() + "studio.css/../x",
                    "/wrong/schema",
                    base.getPath() + "Schema",
                    base.getPath() + "%00"))
                assertEquals(
                        404,
                        studio.raw("GET " + path + " HTTP/1.1", "Host: 127.0.0.1:" + base.getPort(), cookie, close),
                        path);
            assertEquals(
                    405,
                    studio.raw("TRACE " + base.getPath() + " HTTP/1.1", "Host: 127.0.0.1:" + base.getPort(), close));
        }
    }

    @Test
    void aFormOfAnotherSiteDoesNothing() throws Exception {
        try (Browsing studio = new Browsing(TestServer.newDatabase()).enter()) {
            String key = studio.get("").key();
            String origin = studio.base.replaceFirst("(http://[^/]+).*", "$1");
            studio.send(studio.form("look", key)).expect(403, "not sent by one of the studio's pages");
            studio.send(studio.form("look", key).header("Origin", "http://evil.example"))
                    .expect(403);
            studio.send(studio.form("look", key).header("Origin", "null")).expect(403);
            studio.send(studio.form("look", key).header("Sec-Fetch-Site", "cross-site"))
                    .expect(403);
            studio.send(studio.form("look", key)
                            .header("Sec-Fetch-Site", "same-origin")
                            .header("Origin", "http://evil.example"))
                    .expect(403);
            studio.post("look", "wrong").expect(403);
            studio.post("look", "").expect(403);
            studio.send(studio.form("look", key).header("Origin", origin)).expect(303);
            studio.get("look").expect(404);
        }
    }

    @Test
    void whatIsHugeIsRefused() throws Exception {
        try (Browsing studio = new Browsing(TestServer.newDatabase()).enter()) {
            String key = studio.get("").key();
            studio.post("look", key, "more", "x".repeat(300_000)).expect(400, "larger than 256 kB");
            URI base = URI.create(studio.base);
            String host = "Host: 127.0.0.1:" + base.getPort();
            int status = studio.raw(
                    "GET " + base.getPath() + "?" + "x".repeat(20_000) + " HTTP/1.1", host, "Connection: close");
            assertTrue(Set.of(0, 400, 414).contains(status), "status " + status);
            String header = "X-Huge: " + "x".repeat(500_000);
            status = studio.raw("GET " + base.getPath() + " HTTP/1.1", host, header, "Connection: close");
            assertTrue(Set.of(0, 400, 403, 413, 431).contains(status), "status " + status);
            studio.get("schema").expect(200);
        }
    }

    /** A client that sends a byte and stops, or announces a form that never comes, keeps nobody's place for long. */
    @Test
    void whoeverSendsSlowlyIsSentAway() throws Exception {
        try (Browsing studio = new Browsing(TestServer.newDatabase(), Map.of(), Duration.ofMillis(20)).enter()) {
            URI base = URI.create(studio.base);
            String form = "POST " + base.getPath() + "look HTTP/1.1\r\nHost: 127.0.0.1:" + base.getPort()
                    + "\r\nCookie: " + studio.cookie
                    + "\r\nSec-Fetch-Site: same-origin\r\nContent-Length: 100\r\n\r\nkey=";
            for (String beginning : List.of("G", "GET / HTTP/1.1\r\nHost: ", form))
                try (Socket slow = new Socket("127.0.0.1", base.getPort())) {
                    slow.setSoTimeout(30);
                    slow.getOutputStream().write(beginning.getBytes(StandardCharsets.UTF_8));
                    studio.get("schema").expect(200);
                    assertFalse(isClosed(slow), beginning);
                    Await.until(
                            () -> {
                                studio.server.tidy();
                                return isClosed(slow);
                            },
                            "the end of " + beginning);
                    studio.get("schema").expect(200);
                }
        }
    }

    private static boolean isClosed(Socket socket) throws IOException {
        try {
            return socket.getInputStream().read() == -1;
        } catch (SocketTimeoutException open) {
            return false;
        } catch (SocketException reset) {
            return true;
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
    }

    /** How often a rule fails, how often it did before, and the end of the command that shows the rows. */
    private static List<String> findings(Browsing studio, String rule) throws Exception {
        String text = studio.get("operations").expect(200, "What the newest check found").text;
        Matcher row = Pattern.compile("<code>" + rule
                        + "</code></th><td[^>]*>([^<]*)</td><td[^>]*>([^<]*)</td><td><code[^>]*>[^<]*(--only [^<]*)<")
                .matcher(text);
        assertTrue(row.find(), text);
        return List.of(row.group(1), row.group(2), row.group(3));
    }

    /** A database that knows nothing of this toolkit, with what AV-Daily's has not. */
    @Test
    void everyLinkOfAShopOfSomebodyElseLeadsToAPage() throws Exception {
        DatabaseUrl db = ShopTest.shop(
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
        try (Browsing studio = new Browsing(db).enter()) {
            Map<String, Answer> pages = studio.everything(".*&sort=.*");
            sound(pages);
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
        command(db, "studio", "--out", folder.toString()).run().expect(0).says("7 files", "index.html");
        List<Path> files = filesIn(folder);
        assertEquals(7, files.size(), files.toString());
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
        assertTrue(index.contains("href=\"table-public.a.html\""), index);
        assertTrue(Files.readString(folder.resolve("table-public.a.html")).contains("What refers to a"));
    }

    private static List<Path> filesIn(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    @Test
    void theCommandPrintsAnAddressAndEnds() throws Exception {
        command(TestServer.newDatabase(), "studio", "--port", "70000").run().expect(2, "--port");
        command(TestServer.newDatabase(), "studio", "--idle", "0").run().expect(2, "--idle");
    }
}
