import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.base.Invocation;
import avdaily.base.Out;
import avdaily.base.Settings;
import avdaily.db.Database;
import avdaily.db.DatabaseChoice;
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
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
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
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Visits a studio in this process, as a browser does. */
abstract class StudioVisits extends ScriptTest {
    static final Pattern LINK = Pattern.compile("href=\"\\./([^\"#]*)");
    private static final Pattern KEY = Pattern.compile("name=\"key\" value=\"([^\"]+)\"");

    /** What a browser got. */
    record Answer(int status, String text, java.net.http.HttpHeaders headers) {
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
    static final class Browsing implements AutoCloseable {
        private final HttpClient http = HttpClient.newHttpClient();
        final AtomicReference<String> announced = new AtomicReference<>();
        final ByteArrayOutputStream err = new ByteArrayOutputStream();
        private final Database db;
        final StudioServer server;
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
            this(url, more, longestArrival, May.READ);
        }

        /** A studio that changes rows. */
        static Browsing writing(DatabaseUrl url, Map<String, String> more) throws Exception {
            return new Browsing(url, more, Duration.ofMinutes(5), May.WRITE).enter();
        }

        private enum May {
            READ,
            WRITE
        }

        private Browsing(DatabaseUrl url, Map<String, String> more, Duration longestArrival, May may) throws Exception {
            Path folder = TestServer.temporary("studio");
            Map<String, String> variables = new LinkedHashMap<>(more);
            variables.put("DATABASE_URL", url.withPassword());
            variables.put("AVDAILY_HOME", folder.resolve("home").toString());
            variables.putIfAbsent("BACKUP_DIR", folder.resolve("backups").toString());
            Settings settings = new Settings(variables, PROJECT).reading(null, null);
            Out out = Out.to(OutputStream.nullOutputStream(), err, List.of("--verbose"));
            Invocation invocation = new Invocation("avdaily-studio", List.of(), false, out, settings);
            DatabaseChoice choice =
                    new DatabaseChoice(null, null, settings.project().file());
            db = Database.openToRead(invocation, choice);
            StudioPages pages = new StudioPages(
                    db,
                    () -> Database.openToRead(invocation, choice),
                    may == May.WRITE ? Optional.of(() -> Database.open(invocation, choice)) : Optional.empty(),
                    new StudioPages.Project(
                            Configuration.read(settings),
                            () -> MigrationFiles.in(settings, null),
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
            return everything(passedOver, page -> page.replaceAll("&(v\\d|after|sort|job)=[^&]*", "&$1"));
        }

        /** @param kind what pages have in common of which one is visited */
        Map<String, Answer> everything(String passedOver, UnaryOperator<String> kind) throws Exception {
            Map<String, Answer> seen = new LinkedHashMap<>();
            Set<String> kinds = new TreeSet<>();
            Deque<String> next = new ArrayDeque<>(List.of(""));
            while (!next.isEmpty()) {
                String page = next.poll();
                boolean isVariation = page.contains("&sort=") && page.contains("&f0=");
                if (isVariation
                        || page.matches(passedOver)
                        || !kinds.add(kind.apply(page))) continue;
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

    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    /** The values of a form as a browser would send them, with others in the place of some. */
    static String[] form(Answer page, Map<String, String> others) {
        Map<String, String> fields = new LinkedHashMap<>();
        Matcher hidden = Pattern.compile("type=\"hidden\" name=\"(\\w+)\" value=\"([^\"]*)\"")
                .matcher(page.text());
        while (hidden.find()) fields.put(hidden.group(1), plain(hidden.group(2)));
        Matcher area = Pattern.compile("(?s)<textarea[^>]* name=\"(\\w+)\"[^>]*>\n(.*?)</textarea>")
                .matcher(page.text());
        while (area.find())
            fields.put(area.group(1), plain(area.group(2)).replace("\r\n", "\n").replace("\n", "\r\n"));
        Matcher box = Pattern.compile("type=\"checkbox\" name=\"(\\w+)\" value=\"1\" checked")
                .matcher(page.text());
        while (box.find()) fields.put(box.group(1), "1");
        fields.remove("key");
        fields.putAll(others);
        return fields.entrySet().stream()
                .flatMap(each -> Stream.of(each.getKey(), each.getValue()))
                .toArray(String[]::new);
    }

    private static String plain(String html) {
        return html.replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&quot;", "\"")
                .replace("&#39;", "'")
                .replace("&amp;", "&");
    }

    /** Sends a form, and then what it comes to. */
    static Answer save(Browsing studio, Answer form, Map<String, String> others) throws Exception {
        Answer shown = studio.post("change", form.key(), form(form, others)).expect(200, "UPDATE ");
        return studio.post("save", shown.key(), form(shown, Map.of()));
    }

    /** The name of a column's field. */
    static String field(Answer form, String column) {
        Matcher found = Pattern.compile("<label for=\"(v\\d+)\">" + Pattern.quote(column) + " ")
                .matcher(form.text());
        assertTrue(found.find(), form.text());
        return found.group(1);
    }

    /** Every page is whole, says what it is, and neither it nor its neighbours hold what a browser would run. */
    static void sound(Map<String, Answer> pages) {
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

    static List<String> rows(Browsing studio, String first, String value) throws Exception {
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

    /** Runs a query; returns the page that shows what came of it. */
    static String query(Browsing studio, String mode, String sql) throws Exception {
        Answer sent = studio.post("run", studio.get("query").key(), "mode", mode, "sql", sql)
                .expect(303);
        String page = sent.headers.firstValue("Location").orElseThrow().substring(2);
        Await.until(() -> studio.get(page).headers.firstValue("Refresh").isEmpty(), "the query");
        return page;
    }
}
