package avdaily.base;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The terminal that shows a run's output. */
final class Screen {
    private static final int USUAL_COLUMNS = 80;
    private static final Pattern SIZE = Pattern.compile("\\d+ ([1-9]\\d+)\\s*");

    private static Integer columns;

    /** How wide it is, as the system's own program says; else what every terminal has. */
    static synchronized int columns() {
        if (columns == null) columns = ask();
        return columns;
    }

    private static int ask() {
        try {
            Process stty = new ProcessBuilder("stty", "size")
                    .redirectInput(ProcessBuilder.Redirect.INHERIT)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String said = new String(stty.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            stty.waitFor(1, TimeUnit.SECONDS);
            Matcher size = SIZE.matcher(said);
            return size.matches() ? Integer.parseInt(size.group(1)) : USUAL_COLUMNS;
        } catch (IOException e) {
            return USUAL_COLUMNS; // there is no such program
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return USUAL_COLUMNS;
        }
    }

    private Screen() {}
}
