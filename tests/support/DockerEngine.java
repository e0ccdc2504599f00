import avdaily.db.DatabaseUrl;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;

/**
 * Stands in for Docker, as far as one container of PostgreSQL goes. Its container is the server that the tests run on
 * anyway: to start it makes the superuser that its variables name, as the image does, and to remove it drops him.
 */
final class DockerEngine implements AutoCloseable {
    /** The images of which containers were made. */
    final List<String> images = new CopyOnWriteArrayList<>();

    private static final String READY = "LOG:  database system is ready to accept connections\n";

    private final HttpServer server;
    private final DatabaseUrl behind;
    private volatile String user;
    private volatile String password;

    DockerEngine(DatabaseUrl behind) throws IOException {
        this.behind = behind;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext("/", this::answer);
        server.start();
    }

    /** What DOCKER_HOST says of it. */
    String address() {
        return "tcp://127.0.0.1:" + server.getAddress().getPort();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String call = exchange.getRequestMethod() + " "
                    + exchange.getRequestURI().getPath().replaceFirst("^/v\\d+\\.\\d+", "");
            if (call.equals("GET /_ping")) send(exchange, 200, "OK");
            else if (call.equals("GET /version")) send(exchange, 200, "{'ApiVersion': '1.44', 'Version': '27.0.0'}");
            else if (call.equals("GET /info")) send(exchange, 200, "{'ServerVersion': '27.0.0', 'MemTotal': 1}");
            else if (call.equals("GET /images/json")) send(exchange, 200, "[]");
            else if (call.matches("GET /images/.*/json")) send(exchange, 200, "{'Id': 'sha256:1'}");
            else if (call.equals("POST /containers/create")) create(exchange);
            else if (call.equals("POST /containers/1/start")) start(exchange);
            else if (call.equals("GET /containers/1/json")) send(exchange, 200, state());
            else if (call.equals("GET /containers/1/logs")) logs(exchange);
            else if (call.equals("DELETE /containers/1")) remove(exchange);
            else send(exchange, 404, "{'message': 'this engine does not know " + call + "'}");
        }
    }

    private void create(HttpExchange exchange) throws IOException {
        JsonNode wanted = new ObjectMapper().readTree(exchange.getRequestBody());
        images.add(wanted.get("Image").asText());
        wanted.get("Env").forEach(variable -> {
            String[] parts = variable.asText().split("=", 2);
            if (parts[0].equals("POSTGRES_USER")) user = parts[1];
            if (parts[0].equals("POSTGRES_PASSWORD")) password = parts[1];
        });
        send(exchange, 201, "{'Id': '1', 'Warnings': []}");
    }

    private void start(HttpExchange exchange) throws IOException {
        administer("CREATE ROLE " + user + " SUPERUSER LOGIN PASSWORD '" + password + "'");
        send(exchange, 204, "");
    }

    private void remove(HttpExchange exchange) throws IOException {
        administer("DROP ROLE IF EXISTS " + user);
        send(exchange, 204, "");
    }

    private String state() {
        return "{'Id': '1', 'Name': '/postgres', 'State': {'Status': 'running', 'Running': true}, "
                + "'Config': {}, 'HostConfig': {}, 'NetworkSettings': {'Ports': {'5432/tcp': "
                + "[{'HostIp': '127.0.0.1', 'HostPort': '" + behind.hosts().get(0).port() + "'}]}}}";
    }

    /** Lines in the engine's frames. The image's server is ready twice: while it is set up, and then for good. */
    private void logs(HttpExchange exchange) throws IOException {
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(frames);
        for (String line : List.of(READY, READY)) {
            out.writeInt(1 << 24); // standard output
            out.writeInt(line.length());
            out.writeBytes(line);
        }
        exchange.getResponseHeaders().set("Content-Type", "application/vnd.docker.raw-stream");
        exchange.sendResponseHeaders(200, frames.size());
        exchange.getResponseBody().write(frames.toByteArray());
    }

    private static void send(HttpExchange exchange, int code, String text) throws IOException {
        byte[] body = text.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().putAll(Map.of("Content-Type", List.of("application/json")));
        exchange.sendResponseHeaders(code, body.length == 0 ? -1 : body.length);
        if (body.length > 0) exchange.getResponseBody().write(body);
    }

    private void administer(String statement) throws IOException {
        try (Connection c = TestServer.connect(behind);
                Statement s = c.createStatement()) {
            s.execute(statement);
        } catch (SQLException e) {
            throw new IOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        server.stop(0);
        if (user != null) administer("DROP ROLE IF EXISTS " + user);
    }
}
