package avdaily.generate;

import avdaily.base.Json;
import java.math.BigDecimal;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A column for which a recipe is proposed: what the catalogs say of its type, and the server's statistics of its
 * values.
 *
 * @param isCounted a sequence fills it
 * @param modifier of the type, which holds its size; -1 if there is none
 * @param kind of the type, or of an array's elements: e for an enum, c for a composite
 * @param element the type itself, or that of an array's elements
 * @param bound the type of a range's ends, or null
 * @param isOpen whether values may be taken over from the statistics: they are nobody's
 */
record DraftColumn(
        String name,
        boolean isNotNull,
        boolean isGenerated,
        boolean isFilled,
        boolean isCounted,
        String type,
        int modifier,
        String kind,
        boolean isArray,
        String element,
        String bound,
        List<String> labels,
        Statistics statistics,
        List<String> checks,
        boolean isOpen) {
    private static final int MOST_PICKED = 50;
    private static final Pattern LISTED = Pattern.compile("ANY \\(+ARRAY\\[(.*?)\\]");
    private static final Pattern LITERAL = Pattern.compile("'((?:[^']|'')*+)'");
    private static final Pattern LIMIT = Pattern.compile("(>=|<=|>|<) \\(?'?(-?[0-9]+(?:\\.[0-9]+)?)'?\\)?");
    private static final Pattern UNDERSTOOD =
            Pattern.compile("CHECK \\(\\(+[^()]+ (>=|<=|>|<) [^()]*\\)+( AND \\([^()]+\\))*+\\)*|.*ANY \\(+ARRAY.*");

    /** Texts in the forms that checks ask for: lengths, letters, numbers, codes, addresses. */
    private static final List<String> TEXTS = List.of(
            ("word words Word Two_words a A AB ABC ABCD ABCDE ABCDEF a1 ab abc abcd abcde abcdef 1 12 123 1234 12345 "
                            + "123456 1234567 12345678 123456789 1234567890 12345678901 AB-1234 ABC-123 ABC-1234 "
                            + "ABC1234 AB1234 A-1 A1 a-b a_b a.b en en-GB EUR #a1b2c3 one@example.test "
                            + "https://example.test/one http://example.test example.test /one +12025550100 "
                            + "10.0.0.1 2024-01-01 2024-Q1 08:00 1.0.0 v1 0123456789abcdef0123456789abcdef {} []")
                    .split(" "));

    /** What the server saw when it last looked at the values; all of it may be missing. */
    record Statistics(
            double nullFraction, double distinct, List<String> common, List<Double> frequencies, List<String> bounds) {
        private static Statistics of(ResultSet row) throws SQLException {
            return new Statistics(
                    row.getDouble("null_frac"),
                    row.getDouble("n_distinct"),
                    texts(row.getArray("common")),
                    texts(row.getArray("frequencies")).stream()
                            .map(Double::valueOf)
                            .toList(),
                    texts(row.getArray("bounds")));
        }
    }

    static DraftColumn of(ResultSet row, boolean isOpen) throws SQLException {
        return new DraftColumn(
                row.getString("attname"),
                row.getBoolean("attnotnull"),
                row.getBoolean("generated"),
                row.getBoolean("filled"),
                row.getBoolean("counted"),
                row.getString("type"),
                row.getInt("modifier"),
                row.getString("kind"),
                row.getBoolean("is_array"),
                row.getString("element"),
                row.getString("bound"),
                texts(row.getArray("labels")),
                Statistics.of(row),
                texts(row.getArray("checks")),
                isOpen);
    }

    private static List<String> texts(Array array) throws SQLException {
        return array == null
                ? List.of()
                : Arrays.stream((Object[]) array.getArray())
                        .map(String::valueOf)
                        .toList();
    }

    /** Values in a mapping of YAML, after the method's own; nothing if none is ever null. */
    String nulls() {
        long percent = isNotNull ? 0 : Math.round(statistics.nullFraction * 100);
        return percent < 1 ? "" : ", null: " + Math.min(percent, 100);
    }

    /** How values are made of which no two are the same; nothing if its type has no such way. */
    Optional<String> distinct(long rows) {
        if (isArray || kind.equals("e")) return Optional.empty();
        return switch (type) {
            case "uuid" -> Optional.of("{uuid: true}");
            case "smallint", "integer", "bigint", "numeric", "real", "double precision", "money" ->
                Optional.of("{sequence: 1}");
            case "text", "citext", "character varying", "character" -> distinctText(rows);
            default -> type.endsWith(".citext") ? distinctText(rows) : Optional.empty();
        };
    }

    private Optional<String> distinctText(long rows) {
        if (!statistics.common.isEmpty() && choice().isPresent()) return Optional.empty();
        int most = most();
        if (name.toLowerCase(Locale.ROOT).contains("mail") && most >= 24) return Optional.of("\"{code}@example.test\"");
        if (most > name.length() + 9) return Optional.of(Json.text(name + " {code}"));
        if (most > 8) return Optional.of("\"{code}\"");
        return most >= String.valueOf(rows).length() ? Optional.of("\"{row}\"") : Optional.empty();
    }

    private int most() {
        return modifier < 0 ? Integer.MAX_VALUE : modifier - 4;
    }

    /** How its values are made; nothing if no way is known. */
    Optional<String> maker() {
        Optional<String> choice = choice();
        Optional<String> one = choice.isPresent() ? choice : simple(element);
        if (isArray) return one.map(each -> "{list: " + each + ", from: 0, to: 3" + nulls() + "}");
        return one.map(each -> nulls().isEmpty()
                ? each
                : each.startsWith("{")
                        ? each.substring(0, each.length() - 1) + nulls() + "}"
                        : "{text: " + each + nulls() + "}");
    }

    /** From the values that there may be, or that there are: those of an enum, of a check, of the statistics. */
    private Optional<String> choice() {
        List<String> picked = new ArrayList<>();
        boolean isPickable = !element.matches("date|time.*|interval|bytea|json.*");
        boolean isCounted = isOpen
                && isPickable
                && !isArray
                && statistics.distinct > 0
                && statistics.distinct <= MOST_PICKED
                && statistics.common.size() >= statistics.distinct;
        if (isCounted)
            for (int i = 0; i < statistics.common.size(); i++)
                picked.add(Json.text(written(statistics.common.get(i))) + ": "
                        + Math.max(1, Math.round(statistics.frequencies.get(i) * 1000)));
        if (!picked.isEmpty()) return Optional.of("{pick: {" + String.join(", ", picked) + "}}");
        List<String> listed = kind.equals("e") ? labels : allowed();
        return listed.isEmpty()
                ? Optional.empty()
                : Optional.of("{pick: [" + listed.stream().map(Json::text).collect(Collectors.joining(", ")) + "]}");
    }

    private String written(String value) {
        return type.equals("boolean") ? String.valueOf(value.equals("t")) : value;
    }

    private List<String> allowed() {
        List<String> values = new ArrayList<>();
        for (String check : checks) {
            Matcher list = LISTED.matcher(check);
            if (!list.find()) continue;
            Matcher literal = LITERAL.matcher(list.group(1));
            while (literal.find()) values.add(literal.group(1).replace("''", "'"));
        }
        return values;
    }

    private Optional<String> simple(String of) {
        return Optional.ofNullable(
                switch (of) {
                    case "uuid" -> "{uuid: true}";
                    case "boolean" -> "{chance: 50}";
                    case "smallint", "integer", "bigint", "oid" -> number(0);
                    case "numeric", "real", "double precision", "money" -> number(decimals());
                    case "date" -> "{date: " + days() + "}";
                    case "timestamp without time zone", "timestamp with time zone" -> "{timestamp: " + days() + "}";
                    case "time without time zone", "time with time zone" -> "{time: [08:00, 18:00]}";
                    case "interval" -> "\"{1-30} days\"";
                    case "inet", "cidr" -> "\"10.{0-255}.{0-255}.{1-254}\"";
                    case "macaddr" -> "\"08:00:2b:01:{10-99}:{10-99}\"";
                    case "bytea" -> "{bytes: 8}";
                    case "json", "jsonb" -> "{json: {}}";
                    case "text", "citext", "character varying", "character" -> text();
                    case "tsvector", "tsquery" -> "word";
                    case "xml" -> "\"<row/>\"";
                    case "point" -> "\"({0-90},{0-90})\"";
                    case "bit", "bit varying" -> Json.text("1".repeat(Math.max(1, Math.min(modifier, 64))));
                    default -> of.endsWith(".citext") ? text() : ofRange(of);
                });
    }

    private String ofRange(String of) {
        if (of.endsWith("multirange")) return "\"{}\"";
        return bound == null
                ? null
                : simple(bound).map(end -> "{range: " + end + "}").orElse(null);
    }

    private String text() {
        int most = most();
        if (most > name.length() + 9) return Json.text(name + " {code}");
        return most > 8
                ? "\"{code}\""
                : "{pick: [" + Json.text("A".repeat(most)) + ", " + Json.text("B".repeat(most)) + "]}";
    }

    private int decimals() {
        boolean isSized = type.equals("numeric") && modifier >= 0;
        return isSized ? Math.min((modifier - 4) & 0x7ff, 15) : 2;
    }

    private String number(int decimals) {
        BigDecimal least = BigDecimal.ONE;
        BigDecimal most = BigDecimal.valueOf(100);
        if (type.equals("numeric") && modifier >= 0)
            most = most.min(BigDecimal.TEN
                    .pow(Math.max(0, ((modifier - 4) >> 16) - decimals))
                    .subtract(BigDecimal.ONE)
                    .max(BigDecimal.ZERO));
        List<String> seen = statistics.bounds;
        if (isOpen
                && !isArray
                && seen.size() > 1
                && seen.get(0).matches("-?[0-9.]{1,14}")
                && seen.get(seen.size() - 1).matches("-?[0-9.]{1,14}")) {
            least = new BigDecimal(seen.get(0));
            most = new BigDecimal(seen.get(seen.size() - 1));
        }
        for (String check : checks) {
            Matcher limit = LIMIT.matcher(check);
            while (limit.find()) {
                BigDecimal at = new BigDecimal(limit.group(2));
                BigDecimal step =
                        limit.group(1).length() == 2 ? BigDecimal.ZERO : BigDecimal.ONE.movePointLeft(decimals);
                if (limit.group(1).startsWith(">")) least = least.max(at.add(step));
                else most = most.min(at.subtract(step));
            }
        }
        if (least.compareTo(most) > 0) least = seenOr(least, most);
        return "{number: [" + least.toPlainString() + ", " + most.max(least).toPlainString() + "]"
                + (decimals == 0 ? "" : ", decimals: " + decimals) + "}";
    }

    /** Where a check leaves nothing of the usual span, its end is all that is known. */
    private static BigDecimal seenOr(BigDecimal least, BigDecimal most) {
        return most.compareTo(BigDecimal.ONE) < 0 ? most : least;
    }

    private String days() {
        List<String> seen = statistics.bounds;
        if (!isOpen || isArray || seen.size() < 2) return "history";
        String from = day(seen.get(0));
        String to = day(seen.get(seen.size() - 1));
        return from.isEmpty() || to.isEmpty() ? "history" : "[" + from + ", " + to + "]";
    }

    private static String day(String value) {
        return value.matches("[0-9]{4}-[0-9]{2}-[0-9]{2}.*") && !value.endsWith("BC") ? value.substring(0, 10) : "";
    }

    /** The checks that the proposal does not know to obey. */
    List<String> open() {
        return checks.stream()
                .filter(check -> !UNDERSTOOD.matcher(check).matches()
                        && !UNDERSTOOD.matcher(withoutCasts(check)).matches())
                .toList();
    }

    private static String withoutCasts(String check) {
        return check.replaceAll("::[a-z ]+(\\([0-9,]+\\))?", "").replaceAll("\\((-?[0-9.]+)\\)", "$1");
    }

    /** Values of its type, in the order in which they are tried if nobody knows what its checks ask for. */
    List<String> candidates() {
        List<String> all = new ArrayList<>(kind.equals("e") ? labels : allowed());
        if (isOpen && !isArray) all.addAll(statistics.common);
        all.addAll(isArray ? List.of("{}") : usual());
        boolean isText = type.startsWith("character") || type.equals("text");
        all.removeIf(value -> isText && value.length() > most());
        return all;
    }

    private List<String> usual() {
        return switch (type) {
            case "smallint", "integer", "bigint" ->
                IntStream.concat(IntStream.rangeClosed(0, 40), IntStream.of(50, 100, 365, 500, 1000, 1024, 2024, -1))
                        .mapToObj(String::valueOf)
                        .toList();
            case "numeric", "real", "double precision", "money" ->
                List.of("1", "2", "5", "10", "0.5", "0.25", "50", "99.99", "100", "1000", "0", "-1");
            case "boolean" -> List.of("true", "false");
            case "date" -> List.of("2024-01-01", "2024-01-02", "2024-06-30", "2025-03-31", "1990-05-17");
            case "timestamp without time zone", "timestamp with time zone" ->
                List.of("2024-01-01 08:00Z", "2024-01-01 09:00Z", "2024-06-30 12:00Z", "2025-03-31 12:00Z");
            case "time without time zone" -> List.of("08:00", "09:00", "18:00");
            case "interval" -> List.of("1 hour", "1 day", "30 days");
            case "uuid" -> List.of("6b8b4567-327b-43c6-a432-9b6a5d1e2b90");
            case "json", "jsonb" -> List.of("{}", "[]");
            case "bytea" -> List.of("\\x00ff");
            case "text", "character varying", "character" -> TEXTS;
            default -> List.of();
        };
    }
}
