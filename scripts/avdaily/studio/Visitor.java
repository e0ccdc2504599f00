package avdaily.studio;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A browser that was let in.
 *
 * @param cookie what it proves that with
 * @param formKey what each of its forms has to bring back
 * @param unmasked the tables whose personal columns it asked to see, and whether that was logged
 */
record Visitor(String cookie, String formKey, Map<String, Boolean> unmasked) {
    Visitor(String cookie, String formKey) {
        this(cookie, formKey, new ConcurrentHashMap<>());
    }
}
