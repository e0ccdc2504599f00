package avdaily.db;

import avdaily.base.Reason;
import avdaily.base.Sha256;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import javax.net.SocketFactory;

/**
 * Sockets to servers. Unix sockets are there for a driver that knows hosts and ports only: a folder of sockets goes by
 * as an address of the network 0.0.0.0/8, to which nothing can be sent. A request that cannot be sent fails where its
 * answer is waited for: nobody waits for one to the goodbye, so that work which is done stays done without a server.
 */
public final class Sockets extends SocketFactory {
    private static final String SEPARATOR = "\n";
    /** The bytes to ask the system for; the driver alone would ask for eight kilobytes. */
    private static final int AT_ONCE = 1 << 16;

    private final Map<String, String> folders = new HashMap<>();

    /** @param folders as {@link #argument} writes them; the driver gives them back */
    public Sockets(String folders) {
        for (String folder : folders.split(SEPARATOR))
            if (!folder.isEmpty()) this.folders.put(placeholder(folder), folder);
    }

    static String argument(Iterable<String> folders) {
        return String.join(SEPARATOR, folders);
    }

    /** What stands for the folder where a host is wanted. */
    static String placeholder(String folder) {
        byte[] hash = HexFormat.of().parseHex(Sha256.of(folder).substring(0, 6));
        return "0." + (hash[0] & 0xff) + "." + (hash[1] & 0xff) + "." + (hash[2] & 0xff);
    }

    @Override
    public Socket createSocket() {
        return new ToServer();
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        return connected(new InetSocketAddress(host, port));
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress local, int localPort) throws IOException {
        return connected(new InetSocketAddress(host, port));
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        return connected(new InetSocketAddress(host, port));
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort) throws IOException {
        return connected(new InetSocketAddress(host, port));
    }

    private Socket connected(InetSocketAddress address) throws IOException {
        Socket socket = createSocket();
        socket.connect(address);
        return socket;
    }

    /** A channel to a socket file, or a plain socket. Its reads end after the timeout, which a channel's do not. */
    private final class ToServer extends Socket {
        private SocketChannel channel;
        private Selector reading;
        private Selector writing;
        private int timeout;
        private volatile IOException unsent;
        private InputStream answers;

        @Override
        public void connect(SocketAddress address, int millis) throws IOException {
            InetSocketAddress asked = (InetSocketAddress) address;
            String folder =
                    asked.isUnresolved() ? null : folders.get(asked.getAddress().getHostAddress());
            if (folder == null) {
                super.connect(address, millis);
                return;
            }
            Path file = Path.of(folder, ".s.PGSQL." + asked.getPort());
            SocketChannel opened = SocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                opened.connect(UnixDomainSocketAddress.of(file));
                opened.configureBlocking(false);
                reading = Selector.open();
                writing = Selector.open();
                opened.register(reading, SelectionKey.OP_READ);
                opened.register(writing, SelectionKey.OP_WRITE);
            } catch (IOException e) {
                opened.close();
                throw new SocketException(file + ": " + Reason.of(e));
            }
            channel = opened;
        }

        @Override
        public void connect(SocketAddress address) throws IOException {
            connect(address, 0);
        }

        @Override
        public boolean isConnected() {
            return channel == null ? super.isConnected() : true;
        }

        @Override
        public InputStream getInputStream() throws IOException {
            if (answers == null) {
                InputStream in = channel == null ? super.getInputStream() : new Input();
                answers = new Answers(new BufferedInputStream(in, AT_ONCE));
            }
            return answers;
        }

        @Override
        public OutputStream getOutputStream() throws IOException {
            return new Requests(channel == null ? super.getOutputStream() : new Output());
        }

        @Override
        public void setSoTimeout(int millis) throws SocketException {
            timeout = millis;
            if (channel == null) super.setSoTimeout(millis);
        }

        @Override
        public int getSoTimeout() throws SocketException {
            return channel == null ? super.getSoTimeout() : timeout;
        }

        @Override
        public synchronized void close() throws IOException {
            super.close();
            if (channel == null) return;
            channel.close();
            reading.close(); // wakes whoever waits
            writing.close();
        }

        /** An interruption is kept for whoever asks for it; it does not end a session, as with other sockets. */
        private void await(Selector selector, int millis) throws IOException {
            boolean interrupted = false;
            try {
                while (selector.select(millis) == 0) {
                    if (Thread.interrupted()) interrupted = true;
                    else if (millis > 0) throw new SocketTimeoutException("no answer within " + millis + " ms");
                }
                selector.selectedKeys().clear();
            } catch (ClosedSelectorException e) {
                throw new SocketException("the socket is closed");
            } finally {
                if (interrupted) Thread.currentThread().interrupt();
            }
        }

        private void failIfUnsent() throws IOException {
            if (unsent != null) throw unsent;
        }

        private final class Answers extends FilterInputStream {
            Answers(InputStream in) {
                super(in);
            }

            @Override
            public int read() throws IOException {
                failIfUnsent();
                return super.read();
            }

            @Override
            public int read(byte[] bytes, int offset, int length) throws IOException {
                failIfUnsent();
                return super.read(bytes, offset, length);
            }
        }

        private final class Requests extends FilterOutputStream {
            Requests(OutputStream out) {
                super(out);
            }

            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                failIfUnsent();
                try {
                    out.write(bytes, offset, length);
                } catch (IOException e) {
                    unsent = e;
                }
            }
        }

        private final class Input extends InputStream {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] bytes, int offset, int length) throws IOException {
                if (length == 0) return 0;
                ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
                while (true) {
                    int count = channel.read(buffer);
                    if (count != 0) return count;
                    await(reading, timeout);
                }
            }

            @Override
            public void close() throws IOException {
                ToServer.this.close();
            }
        }

        private final class Output extends OutputStream {
            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
                while (buffer.hasRemaining()) if (channel.write(buffer) == 0) await(writing, 0);
            }

            @Override
            public void close() throws IOException {
                ToServer.this.close();
            }
        }
    }
}
