package avdaily.studio;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A browser that was let in.
 *
 * @param cookie what it proves that with
 * @param formKey what each of its forms has to bring back
 * @param unmasked the tables whose personal columns it asked to see, and whether that was logged
 * @param edits the runs by which it changed rows
 */
record Visitor(String cookie, String formKey, Map<String, Boolean> unmasked, Set<Long> edits) {
    Visitor(String cookie, String formKey) {
        this(cookie, formKey, new ConcurrentHashMap<>(), ConcurrentHashMap.newKeySet());
    }
}
