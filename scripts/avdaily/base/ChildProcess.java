package avdaily.base;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * A program that this run started. It does not outlive the wait for it: {@link #close} ends it if it is still at work,
 * and so does the end of this process, each with all that the program started. What it had printed by then is read.
 */
public final class ChildProcess implements AutoCloseable {
    /** For what it does when it is asked to end; then it is killed. */
    private static final int SECONDS_TO_END = 2;

    private static final int MILLIS_BETWEEN_LOOKS = 10;
    private static final int MILLIS_OF_SILENCE = 1000;

    private final Process process;
    private final Thread cleaner = new Thread(this::end, "end of a program");
    private final boolean isOfCleaningUp;
    private volatile Thread reader;
    private volatile long read;

    /** Starts it. */
    public ChildProcess(ProcessBuilder builder) throws IOException {
        process = builder.start();
        isOfCleaningUp = !isGuarded();
    }

    /** Not while this process is ending: a program that cleans up may do its work. */
    private boolean isGuarded() {
        try {
            Runtime.getRuntime().addShutdownHook(cleaner);
            return true;
        } catch (IllegalStateException ending) {
            return false;
        }
    }

    /** Has each line that it prints read, from now on. */
    public void eachLine(Consumer<String> then) {
        readWith(in -> {
            BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                then.accept(line);
                read++;
            }
        });
    }

    /** All that it prints until it ends. The wait can be interrupted, which reading from a pipe cannot. */
    public String output() throws InterruptedException {
        CompletableFuture<String> all = new CompletableFuture<>();
        readWith(in -> all.complete(new String(in.readAllBytes(), StandardCharsets.UTF_8)));
        reader.join();
        process.waitFor();
        return all.getNow("");
    }

    private interface Reading {
        void from(InputStream in) throws IOException;
    }

    private void readWith(Reading reading) {
        reader = new Thread(
                () -> {
                    try (InputStream in = process.getInputStream()) {
                        reading.from(in);
                    } catch (IOException e) {
                        return; // it was ended
                    }
                },
                "what a program prints");
        reader.setDaemon(true);
        reader.start();
    }

    /** What it reads. */
    public OutputStream input() {
        return process.getOutputStream();
    }

    /** Whether it ended within this time; then all that it printed is read. */
    public boolean waitFor(long time, TimeUnit unit) throws InterruptedException {
        if (!process.waitFor(time, unit)) return false;
        drain();
        return true;
    }

    /** @throws IllegalThreadStateException if it did not end yet */
    public int code() {
        return process.exitValue();
    }

    /** A process that it left in the background may hold its output open. */
    private void drain() throws InterruptedException {
        for (long before = -1; reader != null && reader.isAlive() && before != read; ) {
            before = read;
            reader.join(MILLIS_OF_SILENCE);
        }
    }

    @Override
    public void close() {
        if (process.isAlive()) end();
        if (isOfCleaningUp) return;
        try {
            Runtime.getRuntime().removeShutdownHook(cleaner);
        } catch (IllegalStateException ending) {
            standStill();
        }
    }

    /** This process is ending, and that is why the program ended: what comes after it must not begin. */
    private static void standStill() {
        while (true) {
            Thread.interrupted();
            LockSupport.park(ChildProcess.class);
        }
    }

    private void end() {
        boolean interrupted = Thread.interrupted();
        try {
            List<ProcessHandle> all = tree(process.toHandle()).toList(); // when it is dead, it has none
            all.forEach(ProcessHandle::destroy);
            if (!haveEnded(all))
                all.stream()
                        .filter(ChildProcess::isAtWork)
                        .flatMap(ChildProcess::tree)
                        .toList()
                        .forEach(ProcessHandle::destroyForcibly);
            process.waitFor();
            drain();
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) Thread.currentThread().interrupt();
    }

    private static Stream<ProcessHandle> tree(ProcessHandle root) {
        return Stream.concat(Stream.of(root), root.descendants());
    }

    /** One that is dead, and for which its parent has not asked yet, counts as alive and has no program any more. */
    private static boolean isAtWork(ProcessHandle one) {
        return one.isAlive() && one.info().command().isPresent();
    }

    /** Looks by itself: the library looks three times a second for processes that others started. */
    private static boolean haveEnded(List<ProcessHandle> all) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS_TO_END);
        while (all.stream().anyMatch(ChildProcess::isAtWork)) {
            if (System.nanoTime() > deadline) return false;
            Thread.sleep(MILLIS_BETWEEN_LOOKS);
        }
        return true;
    }
}
