package avdaily.generate;

import avdaily.base.Failure;
import avdaily.base.Format;
import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** Makes the values of columns: reads how a recipe describes them, and returns what makes them for a row. */
final class ValueMakers {
    private static final Pattern PLACE = Pattern.compile("\\{(\\w+|\\d{1,9}-\\d{1,9})}");
    private static final Pattern NUMBER = Pattern.compile("[+-]?\\d{1,100}(\\.\\d{1,100})?([eE][+-]?\\d{1,2})?");
    private static final Pattern DAYS = Pattern.compile("today(?:([+-]\\d{1,6})d)?");
    private static final double MOST = 4e18;
    /** What stands beside a way to make a value. */
    private static final Set<String> BESIDES = Set.of("null", "decimals", "from", "to", "by");

    private final RecipeFile file;
    private final CounterRandom random;
    private final PeopleNames names;
    private final LocalDate asOf;
    private final int days;
    /** The tables read so far, by name. */
    private final Map<String, RecipeTable> tables;

    ValueMakers(
            RecipeFile file,
            CounterRandom random,
            PeopleNames names,
            Recipe.Scale scale,
            Map<String, RecipeTable> tables) {
        this.file = file;
        this.random = random;
        this.names = names;
        this.asOf = scale.asOf();
        this.days = scale.days();
        this.tables = tables;
    }

    /**
     * What makes a column's values.
     *
     * @param where table and column, for mistakes
     * @param stream the column's stream of random values
     * @throws Failure (2) naming table and column of what the recipe says wrongly
     */
    ValueMaker of(RecipeTable table, String where, long stream, JsonNode column) {
        if (column.isNull()) return row -> null;
        if (column.isValueNode()) return text(table, where, stream, column.asText());
        List<String> methods = column.properties().stream()
                .map(Map.Entry::getKey)
                .filter(key -> !BESIDES.contains(key))
                .toList();
        if (methods.size() > 1)
            throw file.mistake(
                    where, "a value is made in one way, not by " + String.join(" and ", methods), "keep one of them.");
        String method = methods.isEmpty() ? "" : methods.get(0);
        JsonNode argument = column.get(method);
        return switch (method) {
            case "uuid" -> row -> new UUID(random.uuidHigh(stream, row.key()), random.uuidLow(stream, row.key()));
            case "sequence" -> sequence(where, argument);
            case "text" -> text(table, where, stream, argument.asText());
            case "pick" -> pick(where, stream, argument);
            case "chance" -> {
                int percent = percent(where, argument);
                yield row -> random.below(100, stream, row.key()) < percent;
            }
            case "number" ->
                number(where, stream, argument, column.path("decimals").asInt(0));
            case "date" -> date(where, stream, argument);
            case "timestamp" -> timestamp(where, stream, argument);
            case "time" -> time(where, stream, argument);
            case "bytes" -> bytes(where, stream, argument);
            case "list", "range", "json" -> new CompoundMakers(file, random, this).of(table, where, stream, column);
            case "match" -> match(where, argument);
            case "parent" -> ancestor(table.parent, where, argument.asText());
            case "copy" -> ancestor(tables.get(tableOf(argument)), where, columnOf(argument));
            case "reference" ->
                reference(
                        where,
                        column.has("by")
                                ? CounterRandom.stream(
                                        table.name + ":" + column.get("by").asText())
                                : stream,
                        argument);
            case "multiply", "add", "subtract" -> arithmetic(table, where, method, argument);
            case "sum", "count" -> over(table, where, method, argument.asText());
            default ->
                throw file.mistake(
                        where,
                        "'" + method + "' is no way to make a value",
                        "use uuid, sequence, text, pick, chance, number, date, timestamp, time, bytes, list, range, "
                                + "json, parent, copy, reference, match, multiply, add, subtract, sum or count.");
        };
    }

    /** Of "product.id", product; of "shop.product.id", shop.product. */
    private static String tableOf(JsonNode argument) {
        return argument.asText().replaceFirst("\\.[^.]*$", "");
    }

    /** Of "product.id", id. */
    private static String columnOf(JsonNode argument) {
        return argument.asText().replaceFirst(".*\\.", "");
    }

    private ValueMaker sequence(String where, JsonNode argument) {
        if (!argument.canConvertToLong() || !argument.canConvertToExactIntegral())
            throw file.mistake(where, "'" + argument.asText() + "' is no number to begin with", "write sequence: 1.");
        long first = argument.asLong();
        return row -> first + row.key();
    }

    private ValueMaker date(String where, long stream, JsonNode argument) {
        long[] range = range(where, argument);
        return row ->
                LocalDate.ofEpochDay(range[0] + Math.floorMod(random.bits(stream, row.key()), range[1] - range[0] + 1));
    }

    private ValueMaker timestamp(String where, long stream, JsonNode argument) {
        long[] range = range(where, argument);
        return row -> Instant.ofEpochSecond(
                range[0] * 86_400 + Math.floorMod(random.bits(stream, row.key()), (range[1] - range[0]) * 86_400 + 1));
    }

    private ValueMaker time(String where, long stream, JsonNode argument) {
        try {
            int from = LocalTime.parse(argument.path(0).asText()).toSecondOfDay();
            int to = LocalTime.parse(argument.path(1).asText()).toSecondOfDay();
            if (to < from) throw new DateTimeException("the later time comes first");
            return row -> LocalTime.ofSecondOfDay(from + random.below(to - from + 1, stream, row.key()));
        } catch (DateTimeException e) {
            throw file.mistake(where, "that is no span of a day: " + e.getMessage(), "write time: [08:00, 18:30].");
        }
    }

    private ValueMaker bytes(String where, long stream, JsonNode argument) {
        int size = argument.asInt();
        if (size < 1 || size > 1024)
            throw file.mistake(where, "'" + argument.asText() + "' is no number from 1 to 1024", "write bytes: 16.");
        return row -> {
            StringBuilder hex = new StringBuilder("\\x");
            for (int i = 0; i < size; i++) hex.append("%02x".formatted(random.below(256, stream + i, row.key())));
            return hex.toString();
        };
    }

    /** The value of the row with the same number: no two rows have the same one. */
    private ValueMaker match(String where, JsonNode argument) {
        RecipeTable other = alone(where, argument);
        ValueMaker column = other.column(file, columnOf(argument), where);
        return row -> {
            if (row.key() >= other.rows)
                throw file.mistake(
                        where,
                        "the table " + other.name + " has only " + Format.count(other.rows, "row") + " to match",
                        "give this table no more rows than that one.");
            return column.value(new RecipeRow(other, row.key(), null));
        };
    }

    private RecipeTable alone(String where, JsonNode argument) {
        RecipeTable other = tables.get(tableOf(argument));
        if (other == null || other.parent != null || other.rows == 0)
            throw file.mistake(
                    where,
                    "'" + argument.asText() + "' is no column of a table that stands before it by itself",
                    "write reference: product.id.");
        return other;
    }

    private ValueMaker reference(String where, long stream, JsonNode argument) {
        RecipeTable other = alone(where, argument);
        ValueMaker column = other.column(file, columnOf(argument), where);
        return row ->
                column.value(new RecipeRow(other, Math.floorMod(random.bits(stream, row.key()), other.rows), null));
    }

    /** {column}, {row}, {code} (no two rows have the same), {first} and {family} stand in a text for their values. */
    private ValueMaker text(RecipeTable table, String where, long stream, String template) {
        Matcher places = PLACE.matcher(template);
        List<Object> parts = new ArrayList<>();
        int at = 0;
        while (places.find()) {
            parts.add(template.substring(at, places.start()));
            at = places.end();
            String name = places.group(1);
            ValueMaker maker =
                    switch (name) {
                        case "row" -> row -> row.key() + 1;
                        case "code" -> row -> Long.toString(random.shuffled(20, stream, row.key()), 36);
                        case "first" -> row -> names.first(random, row.key());
                        case "family" -> row -> names.family(random, row.key());
                        default ->
                            name.contains("-") && !table.columns.containsKey(name)
                                    ? between(where, name, stream + 31L * parts.size())
                                    : table.column(file, name, where);
                    };
            parts.add(maker);
        }
        parts.add(template.substring(at));
        return row -> {
            StringBuilder all = new StringBuilder();
            for (Object part : parts) all.append(part instanceof ValueMaker maker ? maker.value(row) : part);
            return all.toString();
        };
    }

    private ValueMaker between(String where, String span, long stream) {
        int from = Integer.parseInt(span.replaceFirst("-.*", ""));
        int to = Integer.parseInt(span.replaceFirst(".*-", ""));
        if (to < from)
            throw file.mistake(where, "{" + span + "} is no span", "the smaller number comes first, as in {1-9}.");
        return row -> from + random.below(to - from + 1, stream, row.key());
    }

    /** A list, or a mapping from values to weights. */
    private ValueMaker pick(String where, long stream, JsonNode argument) {
        String[] values = new String[argument.size()];
        int[] weights = new int[argument.size()];
        int i = 0;
        if (argument.isObject())
            for (Map.Entry<String, JsonNode> entry : argument.properties()) {
                values[i] = entry.getKey();
                weights[i++] = entry.getValue().asInt();
            }
        else
            for (JsonNode value : argument) {
                values[i] = value.isNull() ? null : value.asText();
                weights[i++] = 1;
            }
        if (IntStream.of(weights).anyMatch(weight -> weight < 0 || weight > 1_000_000)
                || IntStream.of(weights).sum() < 1)
            throw file.mistake(
                    where,
                    "there is nothing to pick, or a weight is no number from 0 to 1,000,000",
                    "write pick: [a, b] or pick: {a: 90, b: 10}.");
        return row -> values[random.weighted(weights, stream, row.key())];
    }

    /** A number from 0 to 100. */
    int percent(String where, JsonNode argument) {
        if (!argument.asText().matches("[0-9]|[1-9][0-9]|100"))
            throw file.mistake(
                    where, "'" + argument.asText() + "' is no number from 0 to 100", "write how many of 100 rows.");
        return argument.asInt();
    }

    private ValueMaker number(String where, long stream, JsonNode argument, int decimals) {
        if (argument.size() != 2
                || !argument.path(0).isNumber()
                || !argument.path(1).isNumber()
                || decimals < 0
                || decimals > 15)
            throw file.mistake(
                    where,
                    "a number lies between two, and has at most 15 decimals",
                    "write number: [1, 100], and decimals: 2 beside it.");
        if (Math.max(
                                Math.abs(argument.get(0).asDouble()),
                                Math.abs(argument.get(1).asDouble()))
                        * Math.pow(10, decimals)
                > MOST)
            throw file.mistake(where, "it has more than 18 digits", "take smaller numbers, or fewer decimals.");
        long from = unscaled(argument.get(0), decimals);
        long to = unscaled(argument.get(1), decimals);
        if (to < from)
            throw file.mistake(
                    where, argument.get(1) + " is less than " + argument.get(0), "the smaller number comes first.");
        return row -> BigDecimal.valueOf(from + Math.floorMod(random.bits(stream, row.key()), to - from + 1), decimals);
    }

    private static long unscaled(JsonNode number, int decimals) {
        return number.decimalValue()
                .setScale(decimals, RoundingMode.HALF_UP)
                .unscaledValue()
                .longValueExact();
    }

    /** First and last day; "history" is what --days and --as-of say. */
    private long[] range(String where, JsonNode argument) {
        if (argument.asText().equals("history")) return new long[] {asOf.toEpochDay() - days, asOf.toEpochDay() - 1};
        long[] range = {
            day(where, argument.path(0).asText()), day(where, argument.path(1).asText())
        };
        if (range[1] < range[0])
            throw file.mistake(where, "the second day is before the first", "the earlier day comes first.");
        return range;
    }

    private long day(String where, String text) {
        Matcher relative = DAYS.matcher(text);
        try {
            if (relative.matches())
                return asOf.plusDays(relative.group(1) == null ? 0 : Long.parseLong(relative.group(1)))
                        .toEpochDay();
            return LocalDate.parse(text).toEpochDay();
        } catch (DateTimeException e) {
            throw file.mistake(where, "'" + text + "' is no day", "write 2026-01-31, today-30d, or history for both.");
        }
    }

    private ValueMaker ancestor(RecipeTable ancestor, String where, String column) {
        if (ancestor == null)
            throw file.mistake(
                    where, "it hangs on no such table", "name a table that the row belongs to, as in copy: person.id.");
        ValueMaker of = ancestor.column(file, column, where);
        return row -> of.value(row.of(ancestor));
    }

    private ValueMaker arithmetic(RecipeTable table, String where, String method, JsonNode argument) {
        if (!argument.isArray() || argument.isEmpty())
            throw file.mistake(where, "'" + method + "' wants a list", "write " + method + ": [quantity, 12.50].");
        List<ValueMaker> operands = new ArrayList<>();
        for (JsonNode operand : argument) {
            boolean isNumber = !table.columns.containsKey(operand.asText())
                    && NUMBER.matcher(operand.asText()).matches();
            BigDecimal number = isNumber ? new BigDecimal(operand.asText()) : null;
            operands.add(isNumber ? row -> number : table.column(file, operand.asText(), where));
        }
        return row -> {
            BigDecimal result = null;
            for (ValueMaker operand : operands) {
                BigDecimal next = decimal(operand.value(row));
                result = result == null ? next : combined(method, result, next);
            }
            return result;
        };
    }

    private static BigDecimal combined(String method, BigDecimal left, BigDecimal right) {
        return switch (method) {
            case "multiply" -> left.multiply(right);
            case "add" -> left.add(right);
            default -> left.subtract(right);
        };
    }

    /** What the rows that hang on this one add up to; the table and its columns come later in the recipe. */
    private ValueMaker over(RecipeTable table, String where, String method, String of) {
        String child = method.equals("count") ? of : of.replaceFirst("\\.[^.]*$", "");
        String column = of.replaceFirst(".*\\.", "");
        return row -> {
            RecipeTable below = tables.get(child);
            if (below == null || below.parent != table || method.equals("sum") && !below.columns.containsKey(column))
                throw file.mistake(
                        where,
                        "'" + of + "' is no column of a table that hangs on this one",
                        "write sum: item.amount, and each: " + table.name + " there.");
            BigDecimal sum = BigDecimal.ZERO;
            int count = below.children(random, row);
            if (method.equals("count")) return (long) count;
            for (int i = 0; i < count; i++)
                sum = sum.add(decimal(below.columns.get(column).value(below.child(row, i))));
            return sum;
        };
    }

    static BigDecimal decimal(Object value) {
        if (value == null) return BigDecimal.ZERO;
        return value instanceof BigDecimal number ? number : new BigDecimal(value.toString());
    }
}
