package avdaily.generate;

import avdaily.base.Failure;
import avdaily.base.Place;
import avdaily.base.Reason;
import avdaily.base.ResourceFolder;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.io.Reader;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/** The file of a recipe, which every mistake names. Its values are what is written: NO, 010 and 1.10 stay so. */
record RecipeFile(Path path) {
    private static final Pattern NUMBER = Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?");

    /** @param where table, or table and column; empty for the file as a whole */
    Failure mistake(String where, String what, String next) {
        return Failure.usage(path + (where.isEmpty() ? "" : ", " + where) + ": " + what, next)
                .at(Place.of(path));
    }

    /** @throws Failure (2) if it cannot be read, or is no YAML */
    JsonNode read() {
        try (Reader reader = Files.newBufferedReader(path)) {
            ResourceFolder.refuseTooLarge(path);
            Node root = new Yaml(new LoaderOptions()).compose(reader);
            return root == null ? MissingNode.getInstance() : written(root);
        } catch (MarkedYAMLException e) {
            throw line(e.getProblemMark() == null ? 1 : e.getProblemMark().getLine() + 1, e.getProblem());
        } catch (IOException | YAMLException e) {
            throw Failure.usage(
                    "cannot read the recipe " + path + ": " + Reason.of(e), "name an existing file with --recipe.");
        }
    }

    private Failure line(int line, String what) {
        return Failure.usage(path + ", line " + line + ": " + what, "correct the recipe.")
                .at(Place.of(path, line));
    }

    private JsonNode written(Node node) {
        if (node instanceof MappingNode mapping) {
            ObjectNode object = JsonNodeFactory.instance.objectNode();
            for (NodeTuple tuple : mapping.getValue()) {
                int at = tuple.getKeyNode().getStartMark().getLine() + 1;
                if (!(tuple.getKeyNode() instanceof ScalarNode key)) throw line(at, "a key is not a plain word");
                if (object.has(key.getValue())) throw line(at, "'" + key.getValue() + "' stands here twice");
                object.set(key.getValue(), written(tuple.getValueNode()));
            }
            return object;
        }
        if (node instanceof SequenceNode sequence) {
            ArrayNode array = JsonNodeFactory.instance.arrayNode();
            sequence.getValue().forEach(each -> array.add(written(each)));
            return array;
        }
        return written((ScalarNode) node);
    }

    private static JsonNode written(ScalarNode scalar) {
        String text = scalar.getValue();
        if (!scalar.isPlain()) return TextNode.valueOf(text);
        if (Tag.NULL.equals(scalar.getTag())) return NullNode.getInstance();
        if (NUMBER.matcher(text).matches()) return DecimalNode.valueOf(new BigDecimal(text));
        return text.matches("true|false") ? BooleanNode.valueOf(text.equals("true")) : TextNode.valueOf(text);
    }
}
