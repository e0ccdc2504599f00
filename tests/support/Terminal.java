import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A script on a terminal of its own, which the program {@code script} makes. */
final class Terminal implements AutoCloseable {
    private final Path screen = TestServer.temporary("terminal").resolve("screen");
    private final Process process;

    /** Starts the command, or skips the test if no program makes a terminal. */
    Terminal(ScriptTest.Command command) throws IOException {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/script")), "there is no program that makes a terminal");
        process = command.onTerminal()
                .redirectErrorStream(true)
                .redirectOutput(screen.toFile())
                .start();
    }

    /** Waits until the screen shows this regular expression, and types the answer. */
    void answer(String question, String keys) throws IOException {
        Await.until(() -> screen().matches("(?s).*(" + question + ").*") || !process.isAlive(), question);
        assertTrue(process.isAlive(), this::screen);
        type(keys);
    }

    void type(String keys) throws IOException {
        process.getOutputStream().write(keys.getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
    }

    /** Waits for the end and returns the exit code. */
    int exitCode() throws InterruptedException {
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), this::screen);
        return process.exitValue();
    }

    /** Everything that was shown. Half a letter at the end is none. */
    String screen() {
        try {
            return new String(Files.readAllBytes(screen), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Ends the terminal's program too: it need not mind that its terminal went away. */
    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
