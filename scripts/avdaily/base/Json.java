package avdaily.base;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.Map;

/** JSON of our own. Its classes are loaded with the first use, which many commands do without. */
public final class Json {
    private static final class Mapper {
        static final ObjectMapper ONLY = new ObjectMapper();
    }

    private Json() {}

    public static ObjectMapper mapper() {
        return Mapper.ONLY;
    }

    /** An ordered object from names and values in turn. */
    public static Map<String, Object> object(Object... namesAndValues) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) map.put((String) namesAndValues[i], namesAndValues[i + 1]);
        return map;
    }

    /** On one line. */
    public static String text(Object value) {
        try {
            return mapper().writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** Indented, for people. */
    public static String page(Object value) {
        try {
            return mapper().writerWithDefaultPrettyPrinter().writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** Of text that is known to be JSON: a jsonb column, say. */
    public static JsonNode tree(String text) {
        try {
            return mapper().readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
