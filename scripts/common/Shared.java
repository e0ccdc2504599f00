import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * What the commands of many databases have in common: the first of them does it, and the others wait for it. So a file
 * is read once, and what is saved meanwhile counts for none of them.
 */
final class Shared {
    private final Map<String, FutureTask<?>> works = new ConcurrentHashMap<>();

    /**
     * The result of the work of this name.
     *
     * @throws Exception as the work did, to each that asks
     */
    @SuppressWarnings("unchecked") // one work has one name
    <T> T once(String name, Callable<T> work) throws Exception {
        FutureTask<T> mine = new FutureTask<>(work);
        FutureTask<?> first = works.putIfAbsent(name, mine);
        if (first == null) mine.run();
        try {
            return (T) (first == null ? mine : first).get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception cause) throw cause;
            throw e;
        }
    }
}
