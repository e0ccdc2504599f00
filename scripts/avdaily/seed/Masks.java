package avdaily.seed;

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
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Puts something else in the place of personal data: the same for the same value wherever it stands, another one for
 * another value, so that keys stay keys and references still lead to their rows. A secret goes into it: who has the
 * file alone cannot try names. Several threads may ask.
 */
public final class Masks {
    private static final Set<String> TEXTS =
            Set.of("text", "character varying", "character", "bpchar", "citext", "name");
    private static final Set<String> NUMBERS = Set.of("smallint", "integer", "bigint", "numeric");
    private static final Set<String> COORDINATES = Set.of("real", "double precision");
    /** Types that cannot tell who somebody is unless the manifest says so. */
    private static final Set<String> INNOCENT = Set.of(
            "boolean",
            "uuid",
            "real",
            "double precision",
            "interval",
            "time without time zone",
            "time with time zone",
            "money",
            "oid");

    private static final int MOST_ATTEMPTS = 1000;
    private static final Pattern LENGTH = Pattern.compile("character(?: varying)?\\((\\d+)\\)");

    private static final JsonNode LEFT_OUT = TextNode.valueOf("(left out)");
    /** How deep a document is looked into: far deeper than people write, and far from the end of the stack. */
    private static final int DEEPEST = 250;

    /** From so many attempts on, a name gets a number: there are fewer names than people. */
    private static final int ATTEMPTS_BY_NAME = 3;

    private final Mac mac;
    private final Optional<LocaleNames> names;
    private final Map<String, Treatment> treatments = new ConcurrentHashMap<>();
    private final Map<String, String> masks = new HashMap<>();
    private final Set<String> taken = new HashSet<>();

    /** @param names what people and places are called in their place; without them names are numbered */
    public Masks(String secret, Optional<LocaleNames> names) {
        this.names = names;
        try {
            mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What becomes of a column's values. */
    private enum MaskMethod {
        AS_IS,
        SCRUBBED,
        MASKED,
        NUMBER,
        FIRST_OF_YEAR,
        NETWORK,
        COORDINATE,
        LEFT_OUT
    }

    /** {@code most} is how long a text may be. */
    private record Treatment(MaskMethod method, PersonalNames.Kind kind, int most) {
        static Treatment of(TableCatalog.Table table, TableCatalog.Column column, boolean said) {
            PersonalNames.Kind named = kind(column, PersonalNames.isOfPeople(table));
            PersonalNames.Kind kind = named == null && said ? PersonalNames.Kind.OTHER : named;
            Matcher length = LENGTH.matcher(column.base());
            int most = length.matches() ? Integer.parseInt(length.group(1)) : Integer.MAX_VALUE;
            return new Treatment(method(plain(column.base()), kind, said), kind, most);
        }

        /** A type without its length and, as the types of extensions have one, its schema. */
        private static String plain(String type) {
            return type.replaceFirst("\\(.*\\)", "").replaceFirst("^.*\\.", "");
        }

        /** A list is named after what is in it. */
        private static PersonalNames.Kind kind(TableCatalog.Column column, boolean ofPeople) {
            PersonalNames.Kind kind = PersonalNames.kind(column.name(), ofPeople);
            boolean isList = kind == null && column.base().endsWith("[]");
            return isList ? PersonalNames.kind(column.name().replaceFirst("(?<=ss|x)es$|s$", ""), ofPeople) : kind;
        }

        private static MaskMethod method(String type, PersonalNames.Kind kind, boolean said) {
            if (kind != null && COORDINATES.contains(type)) return MaskMethod.COORDINATE;
            if (INNOCENT.contains(type)) return said ? MaskMethod.LEFT_OUT : MaskMethod.AS_IS;
            if (type.matches("date|timestamp[^\\[]*"))
                return kind == PersonalNames.Kind.BIRTH || said ? MaskMethod.FIRST_OF_YEAR : MaskMethod.AS_IS;
            boolean isName = kind != null && kind.general() == PersonalNames.Kind.NAME;
            if (NUMBERS.contains(type)) return kind == null || isName && !said ? MaskMethod.AS_IS : MaskMethod.NUMBER;
            if (kind == null) return MaskMethod.SCRUBBED;
            if (TEXTS.contains(type)) return MaskMethod.MASKED;
            return switch (type) {
                case "inet", "cidr" -> MaskMethod.NETWORK;
                default -> MaskMethod.LEFT_OUT;
            };
        }
    }

    /** Whether the column is personal, and of a type for which there is no mask. */
    static boolean leavesOut(TableCatalog.Table table, TableCatalog.Column column, boolean said) {
        return !column.isJson() && Treatment.of(table, column, said).method == MaskMethod.LEFT_OUT;
    }

    /** Whether the column's name says that it holds something of a person, or a secret. */
    public static boolean isPersonal(TableCatalog.Table table, String column) {
        return SeedChange.secret(table.name(), column)
                || PersonalNames.kind(column, PersonalNames.isOfPeople(table)) != null;
    }

    /** Whether the column's texts are written as they are, but for what has the form of something personal. */
    static boolean leavesOpen(TableCatalog.Table table, TableCatalog.Column column, boolean said) {
        boolean isText = column.isJson() || Treatment.of(table, column, said).method == MaskMethod.SCRUBBED;
        return isText && !column.base().startsWith("interval") && !said;
    }

    /** Whether the column's values become others, and not only what has the form of something personal within them. */
    static boolean changes(TableCatalog.Table table, TableCatalog.Column column, boolean said) {
        return !Set.of(MaskMethod.AS_IS, MaskMethod.SCRUBBED).contains(Treatment.of(table, column, said).method);
    }

    /** @param said whether the manifest calls the column personal */
    String masked(TableCatalog.Table table, TableCatalog.Column column, boolean said, String value) {
        Treatment treatment =
                treatments.computeIfAbsent(table.sql() + '\0' + column.name(), c -> Treatment.of(table, column, said));
        return switch (treatment.method) {
            case AS_IS -> value;
            case SCRUBBED -> {
                String scrubbed = scrubbed(value);
                yield scrubbed.equals(value) ? value : scrubbed(folded(column, value));
            }
            case MASKED -> mask(treatment.kind, folded(column, value), treatment.most);
            case NUMBER -> number(value);
            case FIRST_OF_YEAR -> value.replaceFirst("^(\\d+)-\\d\\d-\\d\\d.*?( BC)?$", "$1-01-01$2");
            case NETWORK ->
                column.base().equals("cidr")
                        ? "192.0.2.0/24"
                        : mask(PersonalNames.Kind.OTHER, value.replaceFirst("/.*", ""), treatment.most);
            case COORDINATE -> "1" + digits("#" + value, 0, 1) + "." + digits("#" + value, 1, 4);
            case LEFT_OUT -> throw new IllegalStateException(column.name() + " has no mask");
        };
    }

    /** What the column's type takes for the same is the same. */
    private static String folded(TableCatalog.Column column, String value) {
        return Treatment.plain(column.base()).equals("citext") ? value.toLowerCase(Locale.ROOT) : value;
    }

    /** As many digits, so that it fits where the value did; the first one is 1. */
    private String number(String value) {
        int length = value.replaceFirst("\\..*", "").replace("-", "").length();
        return unique("#", value, attempt -> "1" + digits("#" + value, attempt, length - 1));
    }

    /**
     * The same for every leaf of a document, by the name of its field; names may have the form of something personal
     * too. What lies too deep to be looked at is left out.
     */
    JsonNode masked(String name, boolean said, JsonNode value) {
        return masked(name, said, value, 0);
    }

    private JsonNode masked(String name, boolean said, JsonNode value, int depth) {
        if (value.isContainerNode() && depth == DEEPEST) return LEFT_OUT;
        if (value instanceof ObjectNode object) {
            ObjectNode copy = JsonNodeFactory.instance.objectNode();
            object.properties()
                    .forEach(field -> copy.set(
                            scrubbed(field.getKey()),
                            SeedChange.secret(field.getKey())
                                    ? LEFT_OUT
                                    : masked(field.getKey(), said, field.getValue(), depth + 1)));
            return copy;
        }
        if (value instanceof ArrayNode array) {
            ArrayNode copy = JsonNodeFactory.instance.arrayNode();
            array.forEach(item -> copy.add(masked(name, said, item, depth + 1)));
            return copy;
        }
        PersonalNames.Kind kind = said ? PersonalNames.Kind.OTHER : PersonalNames.kind(name, true);
        if (!value.isTextual())
            return kind == null || value.isNull() || value.isBoolean()
                    ? value
                    : TextNode.valueOf(mask(kind, value.asText(), Integer.MAX_VALUE));
        return TextNode.valueOf(
                kind == null ? scrubbed(value.asText()) : mask(kind, value.asText(), Integer.MAX_VALUE));
    }

    /** What tells who somebody is, or opens an account, within a text that is not personal as a whole. */
    String scrubbed(String text) {
        return PersonalValues.replaced(text, (kind, found) -> mask(kind, found, Integer.MAX_VALUE));
    }

    private String mask(PersonalNames.Kind kind, String value, int most) {
        if (value.isBlank()) return value;
        PersonalNames.Kind general = kind.general();
        String mask = candidate(kind, value, 0, most);
        // 16 hexadecimal digits are different by themselves; what is shorter is remembered
        return mask.matches(".*[0-9a-f]{16}.*")
                ? mask
                : unique(general.name(), value, attempt -> candidate(kind, value, attempt, most));
    }

    /**
     * The first candidate that no other value has, and that is not the value itself; where there are fewer candidates
     * than values, two values share one.
     */
    private synchronized String unique(String kind, String value, IntFunction<String> candidate) {
        String known = masks.get(kind + value);
        for (int attempt = 0; known == null; attempt++) {
            String next = candidate.apply(attempt);
            boolean isFree = !next.equalsIgnoreCase(value) && taken.add(kind.charAt(0) + next);
            if (!isFree && attempt < MOST_ATTEMPTS) continue;
            masks.put(kind + value, known = next);
        }
        return known;
    }

    private String candidate(PersonalNames.Kind kind, String value, int attempt, int most) {
        PersonalNames.Kind general = kind.general();
        String hex = HexFormat.of().formatHex(hash(general + value, attempt));
        Optional<String> called = names.flatMap(known -> called(known, kind, value, hex));
        if (called.isPresent()) {
            String whole = called.get() + (attempt < ATTEMPTS_BY_NAME ? "" : " " + hex.substring(0, 6));
            if (whole.length() <= most) return whole;
        }
        String form =
                switch (general) {
                    case EMAIL -> "p" + hex.substring(0, 16) + "@example.test";
                    case PHONE -> alike(general + value, attempt, MaskForms.unassigned(value));
                    case NAME -> "Person " + hex.substring(0, 16);
                    default ->
                        value.matches("\\d{4,}")
                                ? digits(general + value, attempt, value.length())
                                : alike(general + value, attempt, MaskForms.of(value));
                };
        String mask = form != null ? form : "masked-" + hex.substring(0, 16);
        return mask.length() <= most ? mask : hex.substring(0, Math.min(most, hex.length()));
    }

    /** A name of the locale, chosen by the value's hash; one word for one word. */
    private static Optional<String> called(LocaleNames names, PersonalNames.Kind kind, String value, String hex) {
        String first = names.pick(LocaleNames.Part.FIRST, Long.parseLong(hex.substring(0, 15), 16));
        long other = Long.parseLong(hex.substring(15, 30), 16);
        String family = names.pick(LocaleNames.Part.FAMILY, other);
        return Optional.ofNullable(
                switch (kind) {
                    case FIRST_NAME -> first;
                    case FAMILY_NAME -> family;
                    case NAME -> value.strip().contains(" ") ? first + " " + family : first;
                    case CITY -> names.pick(LocaleNames.Part.CITY, other);
                    case STREET -> names.pick(LocaleNames.Part.STREET, other) + " " + (1 + other % 99);
                    default -> null;
                });
    }

    /** The template with a digit for each '#' and a letter for each '@'; null if there is none. */
    private String alike(String value, int attempt, Optional<String> template) {
        if (template.isEmpty()) return null;
        String digits = digits(value, attempt, 78);
        StringBuilder mask = new StringBuilder();
        for (int i = 0; i < template.get().length(); i++) {
            char at = template.get().charAt(i);
            int digit = digits.charAt(77 - i % 78) - '0';
            mask.append(at == '#' ? (char) ('0' + digit) : at == '@' ? (char) ('A' + digit) : at);
        }
        return mask.toString();
    }

    /** Another one, the same for the same. */
    String uuid(String value) {
        return UUID.nameUUIDFromBytes(hash("uuid" + value, 0)).toString();
    }

    /** Other bytes, as hexadecimal digits like {@code value}: as many, but not more than a few. */
    String bytes(String value) {
        byte[] hash = hash("bytes" + value, 0);
        int length = Math.max(0, value.length() / 2 - 1);
        return "\\x" + HexFormat.of().formatHex(hash, 0, Math.min(length, hash.length));
    }

    private synchronized byte[] hash(String value, int attempt) {
        return mac.doFinal((value + '\0' + attempt).getBytes(StandardCharsets.UTF_8));
    }

    private String digits(String value, int attempt, int length) {
        String digits = String.format(Locale.ROOT, "%078d", new BigInteger(1, hash(value, attempt)));
        return digits.substring(78 - Math.min(78, length));
    }
}
