import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Stands between a client and a server, a request to a connection, and lets some of the requests fail. */
final class FaultyNetwork implements AutoCloseable {
    /** What becomes of a request. */
    enum Fault {
        /** The server answers that something is wrong with it. */
        ERROR("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
        /** The server asks for patience. */
        THROTTLED("HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
        /** The server knows who asks, and refuses. */
        DENIED("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
        /** The request does not arrive. */
        NOT_SENT(""),
        /** The server does what it should, and the answer does not arrive. */
        ANSWER_LOST(""),
        /** Half of the answer arrives. */
        ANSWER_CUT("");

        final String answer;

        Fault(String answer) {
            this.answer = answer;
        }
    }

    /** Which requests fail, counted from 1 on. */
    interface Choice {
        /** The fault; null for none. */
        Fault of(int number, String head);
    }

    private final ServerSocket door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final int server;
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private volatile Choice choice = (number, head) -> null;
    /** Put into the answers to questions about an object, as "name: value" with its end of line. */
    volatile String header = "";

    /** Makes another answer of the server's. */
    interface Edit {
        String of(String head, String answer) throws IOException;
    }

    /** What comes in the place of answers. */
    volatile Edit edit = (head, answer) -> answer;

    FaultyNetwork(int server) throws IOException {
        this.server = server;
        Thread accepting = new Thread(this::accept, "network");
        accepting.setDaemon(true);
        accepting.start();
    }

    String endpoint() {
        return "http://127.0.0.1:" + door.getLocalPort();
    }

    /** From now on these fail; the count begins anew. */
    void fail(Choice which) {
        requests.clear();
        choice = which;
    }

    /** The first lines of the requests since then. */
    List<String> requests() {
        return List.copyOf(requests);
    }

    private void accept() {
        while (!door.isClosed()) {
            try {
                Socket client = door.accept();
                Thread serving = new Thread(() -> serve(client), "connection");
                serving.setDaemon(true);
                serving.start();
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket client) {
        try (client) {
            InputStream in = client.getInputStream();
            String head = head(in);
            if (head.isEmpty()) return;
            byte[] body = in.readNBytes(length(head));
            requests.add(head.lines().findFirst().orElseThrow());
            Fault fault = choice.of(requests.size(), head);
            boolean isSent = fault == null || fault == Fault.ANSWER_LOST || fault == Fault.ANSWER_CUT;
            byte[] answer = isSent ? ask(head, body) : fault.answer.getBytes(StandardCharsets.ISO_8859_1);
            if (fault == Fault.ANSWER_LOST) return;
            OutputStream out = client.getOutputStream();
            out.write(answer, 0, fault == Fault.ANSWER_CUT ? answer.length / 2 : answer.length);
            out.flush();
        } catch (IOException e) {
            // the client went, or the server did: for the client both are a connection that ended
        }
    }

    private byte[] ask(String head, byte[] body) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server)) {
            String once = head.replaceFirst("(?i)\r\nConnection: [^\r]*", "")
                    .replaceFirst("\r\n", "\r\nConnection: close\r\n");
            socket.getOutputStream().write(once.getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().write(body);
            socket.getOutputStream().flush();
            byte[] answer = socket.getInputStream().readAllBytes();
            String text = edit.of(head, new String(answer, StandardCharsets.ISO_8859_1));
            if (head.startsWith("HEAD ")) text = text.replaceFirst("\r\n", "\r\n" + header);
            return text.getBytes(StandardCharsets.ISO_8859_1);
        }
    }

    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        for (int b; head.indexOf("\r\n\r\n") < 0 && (b = in.read()) >= 0; ) head.append((char) b);
        return head.toString();
    }

    private static int length(String head) {
        return head.lines()
                .filter(line -> line.regionMatches(true, 0, "Content-Length:", 0, 15))
                .map(line -> Integer.parseInt(line.substring(15).strip()))
                .findFirst()
                .orElse(0);
    }

    @Override
    public void close() throws IOException {
        door.close();
    }
}
