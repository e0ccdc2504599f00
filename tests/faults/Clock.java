import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A clock for one process that can be moved while it runs, by libfaketime. */
final class Clock {
    private static final Optional<Path> LIBRARY = List.of("x86_64-linux-gnu", "aarch64-linux-gnu").stream()
            .map(platform -> Path.of("/usr/lib", platform, "faketime/libfaketimeMT.so.1"))
            .filter(Files::exists)
            .findFirst();

    private static final int SECONDS_UNTIL_SEEN = 1;

    private final Path offset;

    static boolean canBeMoved() {
        return LIBRARY.isPresent();
    }

    /** @param offset the file that says how far the clock is off */
    Clock(Path offset) {
        this.offset = offset;
        write("+0");
    }

    /** The words before a command's, so that it goes by this clock. */
    List<String> words() {
        return List.of(
                "env",
                "LD_PRELOAD=" + LIBRARY.orElseThrow(),
                "FAKETIME_TIMESTAMP_FILE=" + offset,
                "FAKETIME_CACHE_DURATION=" + SECONDS_UNTIL_SEEN,
                "FAKETIME_DONT_FAKE_MONOTONIC=1");
    }

    /**
     * Returns when the process sees it.
     *
     * @param by such as {@code -1d}
     */
    void move(String by) {
        write(by);
        try {
            Thread.sleep(SECONDS_UNTIL_SEEN * 1100);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void write(String by) {
        try {
            Files.writeString(offset, by + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
