package avdaily.studio;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A browser that was let in.
 *
 * @param cookie what it proves that with
 * @param formKey what each of its forms has to bring back
 * @param unmasked the tables whose personal columns it asked to see
 */
record Visitor(String cookie, String formKey, Set<String> unmasked) {
    Visitor(String cookie, String formKey) {
        this(cookie, formKey, ConcurrentHashMap.newKeySet());
    }
}
