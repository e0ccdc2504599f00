package avdaily.studio;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads that read requests and answer them. One that waits for a slow client is interrupted, which closes the
 * connection: else a few clients that send a byte and stop would keep every thread.
 */
final class RequestThreads extends ThreadPoolExecutor {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final Duration longestArrival;
    private final Map<Thread, Long> arriving = new HashMap<>();

    /** @param longestArrival how long the head and the form of a request may take */
    RequestThreads(int most, Duration longestArrival) {
        super(0, most, 30, TimeUnit.SECONDS, new SynchronousQueue<>(), RequestThreads::thread);
        this.longestArrival = longestArrival;
    }

    private static Thread thread(Runnable work) {
        Thread thread = new Thread(work, "studio-" + NUMBER.incrementAndGet());
        thread.setDaemon(true);
        return thread;
    }

    @Override
    protected void beforeExecute(Thread thread, Runnable request) {
        synchronized (arriving) {
            arriving.put(thread, System.nanoTime());
        }
    }

    @Override
    protected void afterExecute(Runnable request, Throwable thrown) {
        arrived();
    }

    /** The request of this thread is here: its answer may take as long as it does. */
    void arrived() {
        synchronized (arriving) {
            arriving.remove(Thread.currentThread());
        }
    }

    void interruptSlow() {
        long now = System.nanoTime();
        synchronized (arriving) {
            arriving.forEach((thread, since) -> {
                if (now - since > longestArrival.toNanos()) thread.interrupt();
            });
        }
    }
}
