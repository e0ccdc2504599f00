package avdaily.base;

import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;

/**
 * Items that several workers take one after another. The first error stops all of them: nothing is handed out any more.
 *
 * @param <T> what a worker takes at a time
 */
public final class WorkQueue<T> {
    /** Asks for items until there is none. */
    public interface Worker {
        void work() throws Exception;
    }

    private final Queue<T> waiting;
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    public WorkQueue(Collection<? extends T> items) {
        waiting = new ConcurrentLinkedQueue<>(items);
    }

    /** The next item; null if all are handed out, or a worker failed. */
    public T next() {
        return isStopped() ? null : waiting.poll();
    }

    /** Whether a worker failed: what the others still do is of no use. */
    public boolean isStopped() {
        return failure.get() != null;
    }

    /**
     * Returns when every worker has ended. If the wait for them is interrupted, so are they, and it returns at once.
     *
     * @param most workers at the same time; no more than there are items
     * @throws Exception the first one of a worker, with those of the others suppressed
     */
    public void run(int most, Worker worker) throws Exception {
        int workers = Math.min(most, waiting.size());
        if (workers == 0) return;
        ExecutorService pool = Executors.newFixedThreadPool(workers);
        try {
            List<? extends Future<?>> all = IntStream.range(0, workers)
                    .mapToObj(i -> pool.submit(() -> work(worker)))
                    .toList();
            for (Future<?> one : all) one.get();
        } catch (InterruptedException e) {
            stop(e);
            throw e;
        } finally {
            pool.shutdownNow();
        }
        if (failure.get() instanceof Error error) throw error;
        if (failure.get() instanceof Exception exception) throw exception;
    }

    private void work(Worker worker) {
        try {
            worker.work();
        } catch (Exception | Error e) {
            stop(e);
        }
    }

    private void stop(Throwable e) {
        if (!failure.compareAndSet(null, e) && failure.get() != e) failure.get().addSuppressed(e);
    }
}
