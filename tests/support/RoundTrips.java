import avdaily.db.DatabaseUrl;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Stands between clients and a server without TLS, and counts how often a client waits for an answer. */
final class RoundTrips implements AutoCloseable {
    /** Types of messages after which a client waits: Sync and Query. */
    private static final String WAITING = "SQ";

    /** The one message with a text like it, which has no type. */
    private static final int START = 196608;

    private interface Work {
        void run() throws IOException;
    }

    private final ServerSocket door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final DatabaseUrl server;
    private final AtomicInteger count = new AtomicInteger();

    RoundTrips(DatabaseUrl server) throws IOException {
        this.server = server;
        inBackground(this::accept);
    }

    /** The server's address for those who are counted. */
    DatabaseUrl url() {
        DatabaseUrl.Host here = new DatabaseUrl.Host("127.0.0.1", door.getLocalPort());
        return new DatabaseUrl(
                List.of(here), server.database(), server.user(), server.password(), server.parameters());
    }

    /** How many there were since the last question. */
    int count() {
        return count.getAndSet(0);
    }

    private void accept() throws IOException {
        while (true) {
            Socket client = door.accept();
            DatabaseUrl.Host host = server.hosts().get(0);
            Socket answering = new Socket(host.name(), host.port());
            inBackground(() -> listen(client, answering));
            inBackground(() -> {
                answering.getInputStream().transferTo(client.getOutputStream());
                client.close();
            });
        }
    }

    private void listen(Socket client, Socket answering) throws IOException {
        DataInputStream in = new DataInputStream(client.getInputStream());
        DataOutputStream out = new DataOutputStream(answering.getOutputStream());
        try (answering) {
            for (boolean hasBegun = false; ; ) {
                int type = hasBegun ? in.readUnsignedByte() : -1;
                byte[] rest = in.readNBytes(in.readInt() - 4);
                if (type >= 0) out.writeByte(type);
                else hasBegun = (rest[0] << 24 | rest[1] << 16 | rest[2] << 8 | rest[3]) == START;
                out.writeInt(rest.length + 4);
                out.write(rest);
                if (type >= 0 && WAITING.indexOf(type) >= 0) count.incrementAndGet();
                if (in.available() == 0) out.flush();
            }
        }
    }

    private static void inBackground(Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (IOException e) {
                        // one of the two went
                    }
                },
                "round trips");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        door.close();
    }
}
