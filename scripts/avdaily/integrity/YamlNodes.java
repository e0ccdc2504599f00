package avdaily.integrity;

import avdaily.base.Failure;
import avdaily.base.Place;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * The nodes of a YAML file as the values that rules are made of. Every mistake is a {@link Failure} (2) with its line.
 */
final class YamlNodes {
    /** A key's value, and the file that it stands in. */
    record Located(String file, Node key, Node value) {
        boolean isNull() {
            return YamlNodes.isNull(value);
        }
    }

    static Map<String, Located> map(String file, Node node) {
        if (isNull(node)) return Map.of();
        if (!(node instanceof MappingNode mapping))
            throw wrong(file, node, "this is not a list of names and values", "write 'name: value'");
        Map<String, Located> map = new LinkedHashMap<>();
        for (NodeTuple entry : mapping.getValue()) {
            Located located = new Located(file, entry.getKeyNode(), entry.getValueNode());
            if (!(entry.getKeyNode() instanceof ScalarNode name))
                throw wrong(located, "a name is expected here", "write 'name: value'");
            if (map.put(name.getValue(), located) != null)
                throw wrong(located, "'" + name.getValue() + "' stands twice", "remove one");
        }
        return map;
    }

    static String text(Located at) {
        if (at == null || isNull(at.value)) return null;
        if (!(at.value instanceof ScalarNode scalar))
            throw wrong(at, "a text is expected here", "write one, in quotes where it has ': ' in it");
        return scalar.getValue().strip();
    }

    static String sql(Located at) {
        String text = text(at);
        return text == null ? null : text.replaceFirst("[;\\s]+$", "");
    }

    /** A list, or one text in its place. */
    static List<String> texts(Located at) {
        if (at == null || isNull(at.value)) return List.of();
        if (at.value instanceof SequenceNode list)
            return list.getValue().stream()
                    .map(node -> text(new Located(at.file, at.key, node)))
                    .toList();
        return List.of(text(at));
    }

    static boolean flag(Located at) {
        String text = text(at);
        if (text != null && !text.matches("true|false|yes|no"))
            throw wrong(at, "'" + text + "' is neither true nor false", "write one of them");
        return text != null && text.matches("true|yes");
    }

    static <E extends Enum<E>> E word(Located at, E[] all) {
        String text = String.valueOf(text(at));
        return Arrays.stream(all)
                .filter(one -> one.toString().equals(text))
                .findFirst()
                .orElseThrow(() -> wrong(
                        at,
                        "'" + text + "' is not known here",
                        "there are " + Stream.of(all).map(Object::toString).collect(Collectors.joining(", "))));
    }

    static boolean isNull(Node node) {
        return node.getTag().equals(Tag.NULL);
    }

    static int line(Node node) {
        return node.getStartMark().getLine() + 1;
    }

    static Failure wrong(Located at, String what, String next) {
        return wrong(at.file, at.key, what, next);
    }

    static Failure wrong(String file, Node node, String what, String next) {
        return Failure.usage(file + " line " + line(node) + ": " + what, next + ".")
                .at(new Place(file, line(node)));
    }

    private YamlNodes() {}
}
