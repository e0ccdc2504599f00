package avdaily.studio;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Who may come in: whoever has the word that stands on the terminal. It lets one browser in, and then it is another.
 */
final class Entrance {
    private static final int MOST_VISITORS = 16;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Map<String, Visitor> visitors = new LinkedHashMap<>();
    private String word = secret();

    static String secret() {
        byte[] bytes = new byte[24];
        RANDOM.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    synchronized String word() {
        return word;
    }

    /** Lets a browser in that knows the word; the oldest of too many visitors has to leave. */
    synchronized Optional<Visitor> enter(String said) {
        if (!isSame(word, said)) return Optional.empty();
        word = secret();
        if (visitors.size() >= MOST_VISITORS)
            visitors.remove(visitors.keySet().iterator().next());
        Visitor visitor = new Visitor(secret(), secret());
        visitors.put(visitor.cookie(), visitor);
        return Optional.of(visitor);
    }

    synchronized Optional<Visitor> visitor(String cookie) {
        return visitors.values().stream()
                .filter(visitor -> isSame(visitor.cookie(), cookie))
                .findFirst();
    }

    /** Takes as long whatever differs. */
    static boolean isSame(String secret, String said) {
        return said != null
                && MessageDigest.isEqual(
                        secret.getBytes(StandardCharsets.UTF_8), said.getBytes(StandardCharsets.UTF_8));
    }
}
