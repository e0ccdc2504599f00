package avdaily.studio;

import java.io.IOException;
import java.util.List;
import java.util.Locale;

/** The browser of whoever started the studio. */
public final class Browser {
    /** Opens an address if there is a browser; if not, people open it by hand. */
    public static void open(String address) {
        String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        List<String> words = system.contains("mac")
                ? List.of("open", address)
                : system.contains("win")
                        ? List.of("rundll32", "url.dll,FileProtocolHandler", address)
                        : List.of("xdg-open", address);
        try {
            new ProcessBuilder(words)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException noBrowser) {
            // the address stands on the terminal
        }
    }

    private Browser() {}
}
