import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Puts something else in the place of personal data: the same for the same value wherever it stands, another one for another value, so
 * that keys stay keys and references still lead to their rows. The server's identity goes into it: who has the file cannot try names.
 */
final class Masks {
    private enum Kind { EMAIL, PHONE, NAME, BIRTH, OTHER }

    private static final Pattern EMAIL_COLUMN = Pattern.compile("(.*_)?e?mail(_address)?");
    private static final Pattern PHONE_COLUMN = Pattern.compile("(.*_)?(phone|mobile|msisdn|whatsapp)(_?(number|no))?");
    private static final Pattern NAME_COLUMN = Pattern.compile(
            "((first|last|middle|full|family|given|maiden|account|contact|legal)_?name|surname|nickname)");
    private static final Pattern BIRTH_COLUMN = Pattern.compile("(.*_)?(date_of_birth|birth_?(date|day)|dob|born)");
    private static final Pattern OTHER_COLUMN = Pattern.compile(
            "(.*_)?(address|street|post_?code|zip|ip|user_?agent|device_?(id|name)|government_id.*|bvn|nin|passport(_.*)?|national_id|tax_id|ssn|iban"
            + "|account_number|card_number|image|selfie|avatar|photo|signature|public_key|body|message|notes?|comment|bio|(invite|invitation|referral)_?code)");
    private static final Pattern EMAIL = Pattern.compile("[\\p{L}\\p{N}._%+-]+@[\\p{L}\\p{N}.-]+\\.\\p{L}{2,}");
    private static final Pattern PHONE = Pattern.compile("(?<![\\p{L}\\p{N}-])(\\+\\d{10,14}|0[789][01]\\d{8})(?![\\p{L}\\p{N}-])");
    private static final Pattern LENGTH = Pattern.compile("character(?: varying)?\\((\\d+)\\)");

    private final Mac mac;
    private final Map<String, String> masks = new HashMap<>();
    private final Set<String> taken = new HashSet<>();

    Masks(String secret) {
        try {
            mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** @param said whether the manifest calls the column personal */
    String masked(Tables.Table table, Tables.Column column, boolean said, String value) {
        String type = column.type();
        Kind kind = kind(column.name(), people(table));
        if (kind == null && said) kind = Kind.OTHER;
        if (kind == Kind.BIRTH && (type.equals("date") || type.startsWith("timestamp")))
            return value.replaceFirst("^(\\d+)-\\d\\d-\\d\\d.*", "$1-01-01");
        boolean text = type.equals("text") || type.startsWith("character") || type.equals("citext") || type.equals("inet");
        if (!text) return value;
        Matcher length = LENGTH.matcher(type);
        int most = length.matches() ? Integer.parseInt(length.group(1)) : Integer.MAX_VALUE;
        if (kind == null) return scrubbed(value);
        return type.equals("inet") ? "192.0.2.1" : mask(kind, value, most);
    }

    /** The same for every leaf of a document, by the name of its field. */
    JsonNode masked(String name, boolean said, JsonNode value) {
        if (value instanceof ObjectNode object) {
            ObjectNode copy = JsonNodeFactory.instance.objectNode();
            object.properties().forEach(field -> copy.set(field.getKey(),
                    SeedChange.secret(field.getKey()) ? TextNode.valueOf("(left out)") : masked(field.getKey(), said, field.getValue())));
            return copy;
        }
        if (value instanceof ArrayNode array) {
            ArrayNode copy = JsonNodeFactory.instance.arrayNode();
            array.forEach(item -> copy.add(masked(name, said, item)));
            return copy;
        }
        Kind kind = said ? Kind.OTHER : kind(name, true);
        if (!value.isTextual())
            return kind == null || value.isNull() || value.isBoolean() ? value : TextNode.valueOf(mask(kind, value.asText(), Integer.MAX_VALUE));
        return TextNode.valueOf(kind == null ? scrubbed(value.asText()) : mask(kind, value.asText(), Integer.MAX_VALUE));
    }

    private static boolean people(Tables.Table table) {
        return table.columns().keySet().stream().anyMatch(name -> EMAIL_COLUMN.matcher(name).matches() || PHONE_COLUMN.matcher(name).matches()
                || BIRTH_COLUMN.matcher(name).matches());
    }

    private static Kind kind(String column, boolean ofPeople) {
        String name = column.replaceAll("([a-z])([A-Z])", "$1_$2").toLowerCase(Locale.ROOT);
        return EMAIL_COLUMN.matcher(name).matches() ? Kind.EMAIL : PHONE_COLUMN.matcher(name).matches() ? Kind.PHONE
                : NAME_COLUMN.matcher(name).matches() || ofPeople && name.equals("name") ? Kind.NAME : BIRTH_COLUMN.matcher(name).matches() ? Kind.BIRTH
                : OTHER_COLUMN.matcher(name).matches() ? Kind.OTHER : null;
    }

    /** Addresses and telephone numbers within a text that is not personal as a whole. */
    private String scrubbed(String text) {
        String clean = EMAIL.matcher(text).replaceAll(found -> mask(Kind.EMAIL, found.group(), Integer.MAX_VALUE));
        return PHONE.matcher(clean).replaceAll(found -> Matcher.quoteReplacement(mask(Kind.PHONE, found.group(), Integer.MAX_VALUE)));
    }

    private String mask(Kind kind, String value, int most) {
        if (value.isBlank()) return value;
        String known = masks.get(kind + value);
        for (int attempt = 0; known == null; attempt++) {
            String candidate = candidate(kind, value, attempt, most);
            if (taken.add(kind + candidate)) masks.put(kind + value, known = candidate);
        }
        return known;
    }

    private String candidate(Kind kind, String value, int attempt, int most) {
        byte[] hash = mac.doFinal((kind + value + '\0' + attempt).getBytes(StandardCharsets.UTF_8));
        String hex = HexFormat.of().formatHex(hash);
        String digits = String.format(Locale.ROOT, "%078d", new BigInteger(1, hash));
        String mask = switch (kind) {
            case EMAIL -> "p" + hex.substring(0, 12) + "@example.test";
            case PHONE -> "+2340" + digits.substring(78 - 9); // no number in Nigeria begins with a zero, so this one cannot ring
            case NAME -> "Person " + hex.substring(0, 10);
            default -> value.matches("\\d{4,}") ? digits.substring(78 - Math.min(78, value.length())) : "masked-" + hex.substring(0, 16);
        };
        return mask.length() <= most ? mask : hex.substring(0, Math.min(most, hex.length()));
    }
}
