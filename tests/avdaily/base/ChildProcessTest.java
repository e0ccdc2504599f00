package avdaily.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

public class ChildProcessTest {
    private final BlockingQueue<String> printed = new LinkedBlockingQueue<>();

    private static ChildProcess shell(String script) throws Exception {
        return new ChildProcess(new ProcessBuilder("sh", "-c", script).redirectErrorStream(true));
    }

    /** The number that the program prints as a line, of a process of its own. */
    private ProcessHandle named() throws InterruptedException {
        return ProcessHandle.of(Long.parseLong(printed.take())).orElseThrow();
    }

    @Test
    void theEndOfTheWaitIsTheEndOfAllThatItStarted() throws Exception {
        ProcessHandle inner;
        try (ChildProcess child =
                shell("(trap '' TERM; sleep 600) & echo $!; trap 'printf \"the last\"; exit' TERM; wait")) {
            child.eachLine(printed::add);
            inner = named();
            assertFalse(child.waitFor(1, TimeUnit.MILLISECONDS));
        }
        while (inner.isAlive() && inner.info().command().isPresent()) Thread.onSpinWait(); // else nobody asked for it
        assertEquals(List.of("the last"), List.copyOf(printed));
    }

    @Test
    void anInterruptedThreadDoesNotWaitForWhatItPrints() throws Exception {
        ChildProcess child = shell("sleep 600");
        try (child) {
            Thread.currentThread().interrupt();
            assertThrows(InterruptedException.class, child::output);
            Thread.currentThread().interrupt();
        }
        assertTrue(Thread.interrupted());
        assertTrue(child.code() > 0);
    }

    @Test
    void whatItLeftInTheBackgroundGoesOnWhenItEndsByItself() throws Exception {
        ProcessHandle inner;
        try (ChildProcess child = shell("sleep 600 & echo $!; printf '%05d\\n' $(seq 300)")) {
            child.eachLine(printed::add);
            assertTrue(child.waitFor(1, TimeUnit.MINUTES));
            assertEquals(301, printed.size());
            inner = named();
            assertEquals(0, child.code());
        }
        assertTrue(inner.isAlive());
        inner.destroyForcibly();
    }
}
