package avdaily.base;

import java.io.PrintStream;

/** The last line of a terminal, which is written anew while something goes on. It is wiped before anything is said. */
final class StatusLine {
    /** What every terminal has, without the last column, in which some begin a new line. */
    private static final int COLUMNS = 79;

    private static final String WIPE = "\r\033[K";

    private final PrintStream screen;
    private boolean isShown;

    StatusLine(PrintStream screen) {
        this.screen = screen;
    }

    synchronized void show(String text) {
        screen.print(WIPE + Format.within(text, COLUMNS, "..."));
        screen.flush();
        isShown = true;
    }

    synchronized void wipe() {
        if (!isShown) return;
        screen.print(WIPE);
        screen.flush();
        isShown = false;
    }
}
