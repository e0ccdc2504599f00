package avdaily.studio;

import avdaily.base.Failure;
import avdaily.base.Reason;
import avdaily.base.SqlResource;
import avdaily.db.Failures;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Serves the pages to browsers of this machine and of this user alone. A request is looked at in this order: the host
 * that it asks for, who sends it, the address, whether the browser was let in, and for a form whether one of our own
 * pages sent it.
 */
public final class StudioServer implements AutoCloseable {
    static final String ENTER = "enter";
    private static final int MOST_REQUESTS = 48;
    private static final int MOST_BYTES = 256_000;
    private static final int LONGEST_ADDRESS = 16_000;
    private static final Pattern COOKIE = Pattern.compile("(?:^|;\\s*)studio=([A-Za-z0-9_-]+)");
    private static final Map<String, String> FILES = Map.of(
            "studio.css", "text/css; charset=utf-8",
            "studio.js", "text/javascript; charset=utf-8",
            "icon.svg", "image/svg+xml");

    static {
        // the JDK's server waits without end for a client that reads slowly; it reads these once
        System.setProperty("sun.net.httpserver.maxRspTime", "60");
        System.setProperty("sun.net.httpserver.idleInterval", "20");
        System.setProperty("sun.net.httpserver.maxReqHeaders", "60");
        System.setProperty("sun.net.httpserver.maxReqHeaderSize", "32000");
        System.setProperty("jdk.httpserver.maxConnections", "200");
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    private final HttpServer http;
    private final RequestThreads threads;
    private final Guard guard;
    private final Entrance entrance = new Entrance();
    /** Cookies know no ports: under a path that nobody guesses, no other server of this machine is sent ours. */
    private final String room = Entrance.secret().substring(0, 16);

    private final StudioPages studio;
    private final Consumer<String> announce;
    private volatile long lastRequest = System.nanoTime();

    /**
     * @param port 0 for any
     * @param longestArrival how long a request may take to arrive
     * @param announce is told the address that lets the next browser in
     */
    public StudioServer(StudioPages studio, int port, Duration longestArrival, Consumer<String> announce)
            throws IOException {
        this.studio = studio;
        this.announce = announce;
        this.http = open(port);
        this.guard = new Guard(http.getAddress().getPort());
        this.threads = new RequestThreads(MOST_REQUESTS, longestArrival);
        http.setExecutor(threads);
        http.createContext("/", this::handle);
        http.start();
    }

    private static HttpServer open(int port) throws IOException {
        try {
            return HttpServer.create(
                    new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port), 50);
        } catch (IOException e) {
            if (port == 0) throw e;
            throw Failure.usage(
                    "port " + port + " cannot be used: " + Reason.of(e),
                    "name another one, or leave --port out for one that is free.");
        }
    }

    /** The address that lets one browser in. */
    public String address() {
        return base() + ENTER + "?word=" + entrance.word();
    }

    String base() {
        return "http://127.0.0.1:" + http.getAddress().getPort() + "/" + room + "/";
    }

    /** Has the monitor look, so that the first page finds what it says. */
    public void beginLook() {
        studio.beginLook();
    }

    /** Closes what nobody uses any more, and the connections of slow clients. */
    public void tidy() {
        threads.interruptSlow();
        studio.tidy();
    }

    /** How long nobody has asked for anything. */
    public Duration idle() {
        return Duration.ofNanos(System.nanoTime() - lastRequest);
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            send(exchange, answer(exchange));
        } catch (IOException gone) {
            studio.out().detail("A browser went away: " + gone.getMessage());
        } catch (RuntimeException e) {
            studio.out().trace(e);
        }
    }

    private Response answer(HttpExchange exchange) throws IOException {
        Optional<String> refusal = guard.refusal(exchange);
        if (refusal.isPresent()) return plain(403, "Refused: " + refusal.get() + ".");
        String method = exchange.getRequestMethod();
        if (!List.of("GET", "HEAD", "POST").contains(method)) return plain(405, "Pages are read, and forms are sent.");
        String address = exchange.getRequestURI().toString();
        if (address.length() > LONGEST_ADDRESS) return plain(414, "The address is too long.");
        Matcher path = Pattern.compile("/" + room + "/([a-z.]*)")
                .matcher(exchange.getRequestURI().getRawPath());
        if (!path.matches()) return plain(404, "There is no such page. The address is on the terminal of the studio.");
        lastRequest = System.nanoTime();
        String page = path.group(1);
        if (FILES.containsKey(page)) return Response.of(200, FILES.get(page), SqlResource.of(StudioServer.class, page));
        try {
            return answer(exchange, page);
        } catch (Exception e) {
            return failure(Failures.explain(e), e);
        }
    }

    private Response answer(HttpExchange exchange, String page) throws Exception {
        String query = exchange.getRequestURI().getRawQuery();
        if (page.equals(ENTER)) return enter(Request.parameters(query).get("word"));
        Matcher cookie =
                COOKIE.matcher(String.valueOf(exchange.getRequestHeaders().getFirst("Cookie")));
        Optional<Visitor> visitor = cookie.find() ? entrance.visitor(cookie.group(1)) : Optional.empty();
        if (visitor.isEmpty())
            return Response.html(
                    403,
                    Frame.alone(
                            "Not let in",
                            "This browser was not let in. Open the address that stands on the studio's terminal."));
        if (!exchange.getRequestMethod().equals("POST")) {
            threads.arrived();
            return studio.show(new Request(page, Request.parameters(query), visitor.get()));
        }
        Map<String, String> form = Request.parameters(body(exchange));
        threads.arrived();
        if (!guard.isOwnForm(exchange.getRequestHeaders())
                || !Entrance.isSame(visitor.get().formKey(), form.get("key")))
            return plain(403, "Refused: the form was not sent by one of the studio's pages.");
        return studio.act(new Request(page, form, visitor.get()));
    }

    private static String body(HttpExchange exchange) throws IOException {
        try (InputStream in = exchange.getRequestBody()) {
            byte[] bytes = in.readNBytes(MOST_BYTES + 1);
            if (bytes.length > MOST_BYTES)
                throw Failure.usage("the form is larger than 256 kB", "send less, or use psql.");
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    /**
     * The page leads on by itself: a browser that came here from another program's page sends no strict cookie with a
     * redirect, but with a request that is this page's own.
     */
    private Response enter(String word) {
        Optional<Visitor> visitor = entrance.enter(word);
        if (visitor.isEmpty())
            return Response.html(
                    403,
                    Frame.alone(
                            "Not let in",
                            "This address was used before, or is not the one on the terminal. If it was not you who "
                                    + "used it, end the studio there with Ctrl-C."));
        announce.accept(address());
        return Response.html(200, Frame.leading("Welcome", Link.to("")))
                .with(
                        "Set-Cookie",
                        "studio=" + visitor.get().cookie() + "; Path=/" + room + "/; HttpOnly; SameSite=Strict");
    }

    private Response failure(Failure failure, Exception cause) {
        boolean isOurs = failure.kind == Failure.Kind.ERROR && !(cause instanceof Failure);
        if (isOurs) studio.out().trace(cause);
        int status =
                switch (failure.kind) {
                    case USAGE -> 400;
                    case UNREACHABLE, LOCKED -> 503;
                    case REFUSED -> 403;
                    default -> 500;
                };
        return Response.html(status, studio.frame().failure(failure));
    }

    private static Response plain(int status, String text) {
        return Response.of(status, "text/plain; charset=utf-8", text + "\n");
    }

    private static void send(HttpExchange exchange, Response response) throws IOException {
        var headers = exchange.getResponseHeaders();
        headers.set("Content-Type", response.type());
        headers.set(
                "Content-Security-Policy",
                "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'");
        headers.set("X-Frame-Options", "DENY");
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("Referrer-Policy", "no-referrer");
        headers.set("Cross-Origin-Opener-Policy", "same-origin");
        headers.set("Cross-Origin-Resource-Policy", "same-origin");
        headers.set("Cache-Control", "no-store");
        response.headers().forEach(headers::set);
        boolean hasBody = !exchange.getRequestMethod().equals("HEAD") && response.body().length > 0;
        exchange.sendResponseHeaders(response.status(), hasBody ? response.body().length : -1);
        if (!hasBody) return;
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(response.body());
        }
    }

    @Override
    public void close() {
        http.stop(0);
        threads.shutdownNow();
        studio.close();
    }
}
