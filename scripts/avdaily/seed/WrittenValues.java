package avdaily.seed;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.regex.Pattern;

/** The values of YAML and JSON, each with the text that stands in the file: the column decides what it means. */
final class WrittenValues {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    /** Everywhere a truth value; no, on and their like are words to everybody but YAML 1.1. */
    private static final Pattern TRUTH = Pattern.compile("true|True|TRUE|false|False|FALSE");

    /** A number that keeps its digits as they are written: 1.50 is no 1.5 to a text, and 0.0000001 no 1E-7. */
    @SuppressWarnings("serial") // no node is ever serialized
    private static final class Number extends DecimalNode {
        private static final Pattern NUMBER = Pattern.compile("-?(0|[1-9]\\d*)(\\.\\d+)?([eE][+-]?\\d{1,4})?");
        private final String text;

        private Number(String text) {
            super(new BigDecimal(text));
            this.text = text;
        }

        /** A number, or the text where it does not look like one as it is written (+234801..., 007, .nan). */
        static JsonNode of(String text) {
            return NUMBER.matcher(text).matches() ? new Number(text) : TextNode.valueOf(text);
        }

        @Override
        public String asText() {
            return text;
        }
    }

    /** True or false, as it is written. */
    @SuppressWarnings("serial") // no node is ever serialized
    private static final class Truth extends BooleanNode {
        private final String text;

        private Truth(String text) {
            super(Boolean.parseBoolean(text));
            this.text = text;
        }

        static JsonNode of(String text) {
            return TRUTH.matcher(text).matches() ? new Truth(text) : TextNode.valueOf(text);
        }

        @Override
        public String asText() {
            return text;
        }
    }

    /**
     * The value at which the parser stands, to its end.
     *
     * @throws IOException if it is none, or cannot be stored in a database
     */
    static JsonNode read(JsonParser parser) throws IOException {
        if (parser instanceof YAMLParser yaml && yaml.isCurrentAlias())
            throw new JsonParseException(parser, "aliases (*" + parser.getText() + ") are not understood here");
        switch (parser.currentToken()) {
            case START_OBJECT:
                ObjectNode object = NODES.objectNode();
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    String name = whole(parser, parser.currentName());
                    parser.nextToken();
                    object.set(name, read(parser));
                }
                return object;
            case START_ARRAY:
                ArrayNode array = NODES.arrayNode();
                while (parser.nextToken() != JsonToken.END_ARRAY) array.add(read(parser));
                return array;
            case VALUE_NULL:
                return NullNode.instance;
            case VALUE_TRUE, VALUE_FALSE:
                return Truth.of(parser.getText());
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT:
                return Number.of(parser.getText());
            case VALUE_EMBEDDED_OBJECT:
                return NODES.binaryNode(parser.getBinaryValue());
            default:
                return TextNode.valueOf(whole(parser, parser.getText()));
        }
    }

    /** The text, if the database can hold it. */
    private static String whole(JsonParser parser, String text) throws IOException {
        for (int i = 0; i < text.length(); i++) {
            char at = text.charAt(i);
            boolean isPair = Character.isHighSurrogate(at)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1));
            if (isPair) i++;
            else if (Character.isSurrogate(at))
                throw new JsonParseException(
                        parser, "half a character stands here (\\u%04x without its other half)".formatted((int) at));
        }
        return text;
    }

    /**
     * The same document with the texts that stand in the file in place of its values, as an array of texts has them.
     */
    static JsonNode asTexts(JsonNode value) {
        if (value.isNull()) return value;
        if (!value.isArray()) return TextNode.valueOf(value.isContainerNode() ? value.toString() : value.asText());
        ArrayNode texts = NODES.arrayNode();
        value.forEach(inner -> texts.add(asTexts(inner)));
        return texts;
    }

    private WrittenValues() {}
}
