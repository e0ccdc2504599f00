package avdaily.base;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * The output of one of several works that go on at the same time. Remarks go out at once, each line with the work's
 * name; the result is kept, so that nothing mixes.
 */
public final class PartOutput {
    private final Out out;
    private final ByteArrayOutputStream text;
    private final Set<Runnable> onInterrupt = ConcurrentHashMap.newKeySet();
    private volatile boolean isInterrupted;
    private volatile Object document;

    PartOutput(Out out, ByteArrayOutputStream text) {
        this.out = out;
        this.text = text;
    }

    /** For the work to print to. */
    public Out out() {
        return out;
    }

    /** What it printed as its result, for people. */
    public String text() {
        out.standardOutput().flush();
        return text.toString(StandardCharsets.UTF_8);
    }

    /** What it printed as its result, or of its failure, for programs. */
    public Optional<Object> document() {
        return Optional.ofNullable(document);
    }

    void take(Object printed) {
        document = printed;
    }

    /** What Ctrl-C does to the work; nothing if it does not say how it is interrupted, and so comes to its end. */
    public void interrupt() {
        isInterrupted = true;
        onInterrupt.forEach(Runnable::run);
    }

    Out.Ending onInterrupt(Runnable once) {
        onInterrupt.add(once);
        if (isInterrupted) once.run();
        return () -> onInterrupt.remove(once);
    }

    /** Hands on whole lines, each with the name before it. */
    static OutputStream lines(String name, Consumer<String> aside) {
        String prefix = "[" + Visible.line(name) + "] ";
        return new OutputStream() {
            private final ByteArrayOutputStream held = new ByteArrayOutputStream();

            @Override
            public synchronized void write(int b) {
                if (b != '\n') {
                    held.write(b);
                    return;
                }
                aside.accept(prefix + held.toString(StandardCharsets.UTF_8));
                held.reset();
            }
        };
    }
}
