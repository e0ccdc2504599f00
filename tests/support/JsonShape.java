import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The keys of JSON documents, in their order, and the types of the values. The elements of an array count as one; a key
 * that some objects lack is marked.
 */
final class JsonShape {
    /** Objects whose keys are names of things, as of tables: the keys count as one. */
    private static final Set<String> MAPS = Set.of(
            "bound.files",
            "bound.migrations",
            "bound.seed",
            "changes[].columns",
            "checks[].metrics[].labels",
            "checksums",
            "operations[].details.findings",
            "rows",
            "statements[].locks");

    /** What a server of one kind has and another has not. */
    private static final Set<String> ON_SOME_SERVERS = Set.of("locale.locale", "locale.collationVersion");

    private final String path;
    private final Set<String> types = new TreeSet<>();
    private final Map<String, JsonShape> keys = new LinkedHashMap<>();
    private JsonShape elements;
    private int objects;
    private int times;

    JsonShape() {
        this("");
    }

    private JsonShape(String path) {
        this.path = path;
    }

    JsonShape add(JsonNode node) {
        times++;
        String type = node.getNodeType().name().toLowerCase(Locale.ROOT);
        types.add(ON_SOME_SERVERS.contains(path) ? "null or string" : type);
        if (node.isObject()) {
            objects++;
            node.properties().forEach(field -> key(field.getKey()).add(field.getValue()));
        } else if (node.isArray()) {
            if (elements == null) elements = new JsonShape(path + "[]");
            node.forEach(elements::add);
        }
        return this;
    }

    private JsonShape key(String name) {
        String shown = MAPS.contains(path) ? "*" : name;
        return keys.computeIfAbsent(shown, key -> new JsonShape(path.isEmpty() ? key : path + "." + key));
    }

    /** A line for each place in the documents. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        write(text, "");
        return text.toString();
    }

    private void write(StringBuilder text, String remark) {
        String name = path.isEmpty() ? "document" : path;
        text.append(name)
                .append(": ")
                .append(String.join(" or ", types))
                .append(remark)
                .append('\n');
        keys.forEach(
                (key, shape) -> shape.write(text, shape.times < objects && !key.equals("*") ? ", not always" : ""));
        if (elements != null && elements.times > 0) elements.write(text, "");
    }
}
