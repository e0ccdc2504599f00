package avdaily.integrity;

import avdaily.base.Secrets;
import avdaily.base.Visible;
import java.util.stream.Collectors;

/** Texts as HTML wants them. */
final class Html {
    /** On one line. */
    static String text(String raw) {
        return escaped(Visible.line(Secrets.redact(raw)));
    }

    /** Lines stay lines. */
    static String lines(String raw) {
        return escaped(Visible.lines(Secrets.redact(raw)));
    }

    private static String escaped(String text) {
        return text.chars()
                .mapToObj(c -> switch (c) {
                    case '<' -> "&lt;";
                    case '>' -> "&gt;";
                    case '&' -> "&amp;";
                    case '"' -> "&quot;";
                    default -> String.valueOf((char) c);
                })
                .collect(Collectors.joining());
    }

    private Html() {}
}
