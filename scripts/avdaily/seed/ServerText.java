package avdaily.seed;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.MinimalPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Masks as the server writes such values when it reads them back, so that their checksums are the same. */
final class ServerText {
    private static final Pattern PADDED = Pattern.compile("character\\((\\d+)\\)");

    private static final ObjectWriter JSONB = JsonMapper.builder()
            .enable(JsonGenerator.Feature.WRITE_BIGDECIMAL_AS_PLAIN)
            .build()
            .writer(new Blanks());

    /** One blank behind each comma and colon. */
    private static final class Blanks extends MinimalPrettyPrinter {
        private static final long serialVersionUID = 1;

        @Override
        public void writeObjectFieldValueSeparator(JsonGenerator json) throws IOException {
            json.writeRaw(": ");
        }

        @Override
        public void writeObjectEntrySeparator(JsonGenerator json) throws IOException {
            json.writeRaw(", ");
        }

        @Override
        public void writeArrayValueSeparator(JsonGenerator json) throws IOException {
            json.writeRaw(", ");
        }
    }

    static String of(JsonNode document) {
        try {
            return JSONB.writeValueAsString(document);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * @param base the column's type
     * @param value what stood there
     */
    static String of(String base, String value, String mask) {
        if (mask.equals(value)) return value;
        if (base.startsWith("numeric") && value.indexOf('.') > 0 && mask.indexOf('.') < 0)
            return mask + value.substring(value.indexOf('.')).replaceAll("\\d", "0");
        if (base.equals("real") || base.equals("double precision"))
            return new BigDecimal(mask).stripTrailingZeros().toPlainString();
        if (base.startsWith("timestamp") && mask.matches("\\d+-\\d\\d-\\d\\d( BC)?"))
            return mask.replaceFirst("(?= BC|$)", " 00:00:00" + (base.endsWith("without time zone") ? "" : "+00"));
        if (base.equals("inet") && mask.indexOf(':') >= 0) return mask.replaceAll("(?<=:)0+(?=[0-9a-f])", "");
        Matcher padded = PADDED.matcher(base);
        return padded.matches() ? String.format("%-" + padded.group(1) + "s", mask) : mask;
    }

    private ServerText() {}
}
