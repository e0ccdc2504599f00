package avdaily.backup;

import avdaily.base.Failure;
import avdaily.s3.Multipart;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Cuts what is written into pieces of one size, and sends some at the same time; so many are in memory, and no more.
 */
final class PieceSender {
    private static final int LEAST = 8 << 20;
    private static final int MOST = 512 << 20;
    /** The most pieces that an object may have are 10,000; the last thousands are for what was not foreseen. */
    private static final int FORESEEN = 6_000;

    private static final int AT_ONCE = 2;
    private static final int MOST_SECONDS_TO_STOP = 60;

    private final Multipart upload;
    private final List<Future<String>> tags = new ArrayList<>();
    private final Semaphore free = new Semaphore(AT_ONCE);
    private final ExecutorService senders = Executors.newFixedThreadPool(AT_ONCE, work -> {
        Thread thread = new Thread(work, "upload");
        thread.setDaemon(true);
        return thread;
    });
    private int size = LEAST;
    private byte[] piece = new byte[0];
    private int filled;
    private long bytes;
    private boolean isFinished;

    PieceSender(Multipart upload) {
        this.upload = upload;
    }

    /** Makes the pieces so large that so many bytes fit into an object. */
    void expect(long most) {
        while (size < MOST && (long) size * FORESEEN < most) size *= 2;
    }

    void write(ByteBuffer from) throws IOException {
        while (from.hasRemaining()) {
            if (piece.length == 0) piece = new byte[size];
            int n = Math.min(from.remaining(), piece.length - filled);
            from.get(piece, filled, n);
            filled += n;
            bytes += n;
            if (filled == piece.length) send(piece);
        }
    }

    private void send(byte[] whole) throws IOException {
        piece = new byte[0];
        filled = 0;
        try {
            free.acquire();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        for (Future<String> sent : tags) if (sent.isDone()) tag(sent);
        int number = tags.size() + 1;
        if (number % FORESEEN == 0) size = Math.min(MOST, size * 2);
        tags.add(senders.submit(() -> {
            try {
                return upload.send(number, whole);
            } finally {
                free.release();
            }
        }));
    }

    /** Sends what is left, and waits until all has arrived. */
    void finish() throws IOException {
        if (filled > 0 || tags.isEmpty()) send(Arrays.copyOf(piece, filled));
        for (Future<String> sent : tags) tag(sent);
        isFinished = true;
    }

    boolean isFinished() {
        return isFinished;
    }

    /** All that was written. */
    long bytes() {
        return bytes;
    }

    /** What the server called the pieces, in their order. */
    List<String> tags() throws IOException {
        List<String> all = new ArrayList<>();
        for (Future<String> sent : tags) all.add(tag(sent));
        return all;
    }

    private static String tag(Future<String> sent) throws IOException {
        try {
            return sent.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Failure failure) throw failure;
            throw new IOException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** Ends what is on its way: what arrives after an abort would stay. */
    void stop() {
        senders.shutdownNow();
        try {
            senders.awaitTermination(MOST_SECONDS_TO_STOP, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
