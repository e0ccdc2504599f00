package avdaily.studio;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What a request must be before anything else looks at it. A page on another site can send requests here through the
 * user's browser, under a name of its own that leads here, and so can the other users of the machine.
 */
final class Guard {
    private static final Path CONNECTIONS = Path.of("/proc/net/tcp");
    private static final int ROOT = 0;

    private final int port;
    private final Set<String> hosts;

    Guard(int port) {
        this.port = port;
        this.hosts = Set.of("127.0.0.1:" + port, "localhost:" + port);
    }

    /** Why the request is refused, whatever it asks for; nothing if it is not. */
    Optional<String> refusal(HttpExchange exchange) throws IOException {
        List<String> host = exchange.getRequestHeaders().getOrDefault("Host", List.of());
        if (host.size() != 1 || !hosts.contains(host.get(0).toLowerCase(Locale.ROOT)))
            return Optional.of("this is not the host that it asks for");
        if (isOfAnotherUser(exchange.getRemoteAddress()))
            return Optional.of("another user of this machine started this studio");
        String site = exchange.getRequestHeaders().getFirst("Sec-Fetch-Site");
        boolean isEntering = exchange.getRequestURI().getRawPath().endsWith("/" + StudioServer.ENTER);
        if (site != null && !isEntering && !Set.of("same-origin", "none").contains(site))
            return Optional.of("the request comes from another site");
        return Optional.empty();
    }

    /** Whether a form was sent by one of our own pages; a browser that says nothing of it is not believed. */
    boolean isOwnForm(Headers headers) {
        String site = headers.getFirst("Sec-Fetch-Site");
        String origin = headers.getFirst("Origin");
        boolean isOwnOrigin = origin != null && hosts.stream().anyMatch(host -> origin.equals("http://" + host));
        boolean isForm = "application/x-www-form-urlencoded"
                .equals(String.valueOf(headers.getFirst("Content-Type"))
                        .split(";")[0]
                        .strip());
        return isForm && (site == null ? isOwnOrigin : site.equals("same-origin") && (origin == null || isOwnOrigin));
    }

    /** Linux says whose a local connection is. The superuser may be anybody's, and anybody may be asked for by him. */
    private boolean isOfAnotherUser(InetSocketAddress peer) throws IOException {
        if (!Files.isReadable(CONNECTIONS)) return false;
        int own = (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        if (own == ROOT) return false;
        String from = String.format(Locale.ROOT, ":%04X", peer.getPort());
        String to = String.format(Locale.ROOT, ":%04X", port);
        try (Stream<String> lines = Files.lines(CONNECTIONS)) {
            return lines.map(line -> line.strip().split("\\s+"))
                    .filter(words -> words.length > 7 && words[1].endsWith(from) && words[2].endsWith(to))
                    .map(words -> words[7])
                    .filter(user -> user.matches("\\d+"))
                    .mapToInt(Integer::parseInt)
                    .anyMatch(user -> user != own && user != ROOT);
        }
    }
}
