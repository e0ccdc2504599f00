package avdaily.seed;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.BigIntegerNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.math.BigDecimal;
import java.math.BigInteger;

/**
 * What stands in a file for a value, so that it comes back from there as it is.
 *
 * @param masks what to put in the place of personal data, or null: leave it
 */
record ExportValues(SeedFiles.Manifest manifest, Exporter.Format format, Masks masks) {
    /** What the reader of seed files takes in any case. */
    private static final int MOST_DEPTH = 32;

    private static final int LONGEST_NAME = 100;
    private static final ObjectMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNumberLength(Integer.MAX_VALUE)
                            .maxNestingDepth(Integer.MAX_VALUE)
                            .maxNameLength(Integer.MAX_VALUE)
                            .maxStringLength(Integer.MAX_VALUE)
                            .build())
                    .build())
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS, DeserializationFeature.USE_BIG_INTEGER_FOR_INTS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    /** The value of a column whose text the server gave. */
    JsonNode of(TableCatalog.Table table, TableCatalog.Column column, String text) {
        boolean said = manifest.table(table.name()).personal().contains(column.name());
        String type = column.base();
        if (column.isJson()) {
            // json keeps its spaces and the order of its fields
            if (masks == null && (format == Exporter.Format.csv || type.equals("json"))) return TextNode.valueOf(text);
            JsonNode document = parsed(text);
            if (masks != null) document = masks.masked(column.name(), said, document);
            return isPlain(document) ? document : TextNode.valueOf(document.toString());
        }
        String value = masks == null ? text : masks.masked(table, column, said, text);
        if (type.equals("boolean")) return BooleanNode.valueOf(value.equals("true"));
        if (type.equals("smallint") || type.equals("integer") || type.equals("bigint"))
            return BigIntegerNode.valueOf(new BigInteger(value));
        if (type.startsWith("numeric") && value.matches("-?\\d+(\\.\\d+)?"))
            return DecimalNode.valueOf(new BigDecimal(value));
        return TextNode.valueOf(value);
    }

    /** Whether a document comes back from YAML as it is: on the top, text and null would be understood as JSON. */
    private static boolean isPlain(JsonNode document) {
        return !document.isTextual() && !document.isNull() && isPlain(document, MOST_DEPTH);
    }

    private static boolean isPlain(JsonNode value, int depth) {
        if (value.isContainerNode())
            return depth > 0
                    && value.properties().stream()
                            .allMatch(field -> field.getKey().length() <= LONGEST_NAME)
                    && value.valueStream().allMatch(inner -> isPlain(inner, depth - 1));
        return !value.isNumber() || value.asText().matches("-?\\d{1,100}(\\.\\d{1,100})?");
    }

    /** @throws IllegalArgumentException if it is no whole document */
    static JsonNode parsed(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** Whether nothing is lost by {@link #parsed}, which keeps the last one of several fields of a name. */
    static boolean hasEachFieldOnce(String text) {
        try {
            JSON.reader(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY).readTree(text);
            return true;
        } catch (JsonProcessingException e) {
            return false;
        }
    }
}
