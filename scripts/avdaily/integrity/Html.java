package avdaily.integrity;

import avdaily.base.Secrets;
import java.util.stream.Collectors;

/** Texts as HTML wants them. */
final class Html {
    static String capital(String word) {
        return Character.toUpperCase(word.charAt(0)) + word.substring(1);
    }

    static String text(String raw) {
        return Secrets.redact(raw)
                .chars()
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
