import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/**
 * Stands between clients and a PostgreSQL server, counts the clients' messages, and lets a fault happen at one of them.
 *
 * @see <a href="https://www.postgresql.org/docs/current/protocol-message-formats.html">Message formats</a>
 */
final class FaultyPort implements AutoCloseable {
    private static final int ENCRYPTION = 80877103;
    private static final int GSS_ENCRYPTION = 80877104;
    private static final int CANCEL = 80877102;
    private static final int BACKEND_KEY = 'K';
    private static final int MILLIS_OF_DELAY = 300;
    private static final int MILLIS_UNHEARD = 1000;

    private final ServerSocket door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final int server;
    private final AtomicInteger messages = new AtomicInteger();
    private volatile int moment;
    private volatile Fault fault;
    private volatile IntConsumer others;
    private volatile boolean hasBegun;
    private volatile CountDownLatch struck;

    FaultyPort(int server) throws IOException {
        this.server = server;
        start(this::accept);
    }

    int number() {
        return door.getLocalPort();
    }

    /** How many messages clients sent since the last arming. */
    int messages() {
        return messages.get();
    }

    /** Whether the fault happened; if it is happening now, it is waited for. */
    boolean hasStruck() {
        if (!hasBegun) return false;
        try {
            struck.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return true;
    }

    /**
     * Lets a fault happen at a message.
     *
     * @param moment the message's number, from 1 on
     * @param others does what the network cannot; it is given the process id of the server's session
     */
    void arm(int moment, Fault fault, IntConsumer others) {
        messages.set(0);
        hasBegun = false;
        struck = new CountDownLatch(1);
        this.fault = fault;
        this.others = others;
        this.moment = moment;
    }

    /** From now on nothing happens. */
    void disarm() {
        moment = 0;
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work, "faulty port");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        while (!door.isClosed()) {
            try {
                Socket client = door.accept();
                start(() -> serve(client));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket client) {
        try (client;
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), server)) {
            client.setTcpNoDelay(true);
            socket.setTcpNoDelay(true);
            new Link(client, socket).run();
        } catch (IOException e) {
            // the client went, or the server did: for the other one both are a connection that ended
        }
    }

    @Override
    public void close() throws IOException {
        door.close();
    }

    /** One connection. */
    private final class Link {
        private final Socket client;
        private final Socket session;
        private final DataInputStream in;
        private final OutputStream out;
        private volatile int process;
        private volatile boolean isMute;

        Link(Socket client, Socket session) throws IOException {
            this.client = client;
            this.session = session;
            in = new DataInputStream(new BufferedInputStream(client.getInputStream(), 1 << 16));
            out = new BufferedOutputStream(session.getOutputStream(), 1 << 16);
        }

        void run() throws IOException {
            byte[] first = message(false);
            while (isEncryption(first)) {
                client.getOutputStream().write('N');
                first = message(false);
            }
            out.write(first);
            out.flush();
            if (ByteBuffer.wrap(first).getInt(4) == CANCEL) return;
            start(this::answers);
            while (true) {
                byte[] message = message(true);
                if (messages.incrementAndGet() == moment && !begin(message)) return;
                out.write(message);
                if (in.available() == 0) out.flush();
            }
        }

        private static boolean isEncryption(byte[] message) {
            int code = ByteBuffer.wrap(message).getInt(4);
            return message.length == 8 && (code == ENCRYPTION || code == GSS_ENCRYPTION);
        }

        private byte[] message(boolean isTyped) throws IOException {
            return read(in, isTyped);
        }

        private static byte[] read(DataInputStream in, boolean isTyped) throws IOException {
            int type = isTyped ? in.readUnsignedByte() : -1;
            int length = in.readInt();
            ByteBuffer message = ByteBuffer.allocate(length + (isTyped ? 1 : 0));
            if (isTyped) message.put((byte) type);
            message.putInt(length);
            in.readFully(message.array(), message.position(), length - 4);
            return message.array();
        }

        private void answers() {
            try {
                DataInputStream answers =
                        new DataInputStream(new BufferedInputStream(session.getInputStream(), 1 << 16));
                OutputStream back = new BufferedOutputStream(client.getOutputStream(), 1 << 16);
                while (true) {
                    byte[] answer = read(answers, true);
                    if (answer[0] == BACKEND_KEY) process = ByteBuffer.wrap(answer).getInt(5);
                    if (isMute) continue;
                    back.write(answer);
                    if (answers.available() == 0) back.flush();
                }
            } catch (IOException e) {
                if (!isMute) closeBoth();
            }
        }

        private void closeBoth() {
            try (client;
                    session) {
                client.setSoLinger(true, 0);
            } catch (IOException e) {
                // it was closed before
            }
        }

        private boolean begin(byte[] message) throws IOException {
            hasBegun = true;
            try {
                return strike(message);
            } finally {
                struck.countDown();
            }
        }

        /** Whether the connection goes on. */
        private boolean strike(byte[] message) throws IOException {
            switch (fault) {
                case CONNECTION_CUT -> {
                    closeBoth();
                    return false;
                }
                case MESSAGE_HALVED -> {
                    out.write(message, 0, message.length / 2);
                    out.flush();
                    closeBoth();
                    return false;
                }
                case ANSWER_LOST -> {
                    isMute = true;
                    start(() -> {
                        sleep(MILLIS_OF_DELAY);
                        closeBoth();
                    });
                }
                case CLIENT_UNHEARD -> {
                    isMute = true;
                    session.close();
                    sleep(MILLIS_UNHEARD);
                    closeBoth();
                    return false;
                }
                case MESSAGE_DELAYED -> sleep(MILLIS_OF_DELAY);
                default -> others.accept(process);
            }
            return true;
        }
    }

    private static void sleep(int millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
