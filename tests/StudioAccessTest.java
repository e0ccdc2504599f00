import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Nobody is let in but whoever started the studio, and nobody keeps it from its work. */
class StudioAccessTest extends StudioVisits {
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
            int ofTwo = studio.raw(line, "Host: 127.0.0.1:" + base.getPort(), "Host: evil", cookie, close);
            assertTrue(ofTwo == 403 || ofTwo == 400, "newer Java answers by itself: " + ofTwo);
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
    void theCommandPrintsAnAddressAndEnds() throws Exception {
        command(TestServer.newDatabase(), "studio", "--port", "70000").run().expect(2, "--port");
        command(TestServer.newDatabase(), "studio", "--idle", "0").run().expect(2, "--idle");
    }
}
