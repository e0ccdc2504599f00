package avdaily.generate;

import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.seed.TableCatalog;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * The rows of any project's tables, described as data: a table has so many rows by itself, or some for each row of
 * another one, and each column a way to make its values. A block is some rows of a table that stands by itself, with
 * what hangs on them.
 */
public final class Recipe implements RowSource {
    private static final int ROWS_A_BLOCK = 256;
    private static final Pattern PLACE = Pattern.compile("\\{(\\w+)}");
    private static final Pattern DAYS = Pattern.compile("today(?:([+-]\\d{1,6})d)?");
    private static final double MOST = 4e18;
    /** So many rows of a table can be told apart, those counted that could hang on a parent and do not. */
    private static final long MOST_ROWS = 1L << 40;

    /** A way to make a column's value for a row. */
    private interface Maker {
        Object value(Row row);
    }

    private final class Table {
        final String name;
        Table parent;
        long rows;
        /** How many there can be at most. */
        long room;

        int from;
        int to;
        final Map<String, Maker> columns = new LinkedHashMap<>();
        Map<String, String> types;
        Target target;

        Table(String name) {
            this.name = name;
        }

        Table root() {
            return parent == null ? this : parent.root();
        }

        Maker column(String column, String where) {
            if (!columns.containsKey(column))
                throw mistake(
                        where,
                        "the table " + name + " has no column " + column + " before it",
                        "its columns so far are " + String.join(", ", columns.keySet()) + ".");
            return row -> columns.get(column).value(row);
        }
    }

    /**
     * {@code key} is the row's number; those of a table that hangs on another one have gaps, since each parent has room
     * for the most.
     */
    private record Row(Table table, long key, Row parent) {
        Row of(Table ancestor) {
            return table == ancestor ? this : parent.of(ancestor);
        }
    }

    private final Path file;
    private final CounterRandom random;
    private final LocalDate asOf;
    private final int days;
    private final Map<String, Table> tables = new LinkedHashMap<>();

    private Recipe(Path file, CounterRandom random, LocalDate asOf, int days) {
        this.file = file;
        this.random = random;
        this.asOf = asOf;
        this.days = days;
    }

    /** @throws Failure (2) naming table and column of what it does not understand */
    public static Recipe read(Path file, TableCatalog catalog, long seed, LocalDate asOf, int days, long users) {
        Recipe recipe = new Recipe(file, new CounterRandom(seed), asOf, days);
        JsonNode root;
        try {
            root = YAMLMapper.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build()
                    .readTree(Files.readString(file));
        } catch (JsonProcessingException e) {
            throw Failure.usage(
                    file + ", line "
                            + (e.getLocation() == null ? 1 : e.getLocation().getLineNr()) + ": "
                            + e.getOriginalMessage().lines().findFirst().orElse(""),
                    "correct the recipe.");
        } catch (IOException e) {
            throw Failure.usage(
                    "cannot read the recipe " + file + ": " + e.getMessage(), "name an existing file with --recipe.");
        }
        if (!root.path("tables").isObject())
            throw recipe.mistake("", "there are no tables", "write tables: {name: {rows: 10, columns: {...}}}.");
        root.get("tables").properties().forEach(entry -> recipe.add(entry.getKey(), entry.getValue(), catalog, users));
        return recipe;
    }

    private Failure mistake(String where, String what, String next) {
        return Failure.usage(file + (where.isEmpty() ? "" : ", " + where) + ": " + what, next);
    }

    // -- reading

    private void add(String name, JsonNode said, TableCatalog catalog, long users) {
        Table table = new Table(name);
        TableCatalog.Table known = catalog.find(name)
                .orElseThrow(() -> mistake(
                        name,
                        "the database has no such table",
                        "correct the name, or bring the " + "schema up first."));
        if (said.has("each")) {
            table.parent = tables.get(said.get("each").asText());
            if (table.parent == null)
                throw mistake(
                        name, "there is no table " + said.get("each").asText() + " before it", "put parents first.");
            table.from = said.path("from").asInt(1);
            table.to = said.path("to").asInt(table.from);
            if (table.from < 0 || table.to < table.from || table.to > 1_000_000)
                throw mistake(
                        name,
                        "from " + table.from + " to " + table.to + " is no range",
                        "write from: 0 and to: 5, say.");
        } else {
            table.rows = said.path("rows").asText().equals("users")
                    ? users
                    : said.path("rows").asLong(-1);
            if (table.rows < 0)
                throw mistake(
                        name,
                        "it does not say how many rows",
                        "write rows: 100, rows: users, or each: PARENT with from and to.");
        }
        table.room = table.parent == null ? table.rows : table.parent.room * table.to;
        if (table.room > MOST_ROWS)
            throw mistake(name, "that is room for " + Format.count(table.room, "row"), "write less.");
        said.fieldNames().forEachRemaining(word -> {
            if (!List.of("rows", "each", "from", "to", "columns").contains(word))
                throw mistake(
                        name,
                        "'" + word + "' is not known",
                        "a table has rows, or each with from and to; and columns.");
        });
        if (said.path("columns").isEmpty())
            throw mistake(name, "it has no columns", "write columns: {name: Thing {row}}.");
        tables.put(name, table);
        said.path("columns").properties().forEach(entry -> {
            String where = name + "." + entry.getKey();
            if (!known.columns().containsKey(entry.getKey()))
                throw mistake(
                        where,
                        "the table has no such column",
                        "its columns are " + String.join(", ", known.columns().keySet()) + ".");
            long stream = CounterRandom.stream(where);
            Maker maker = maker(table, where, stream, entry.getValue());
            int none = entry.getValue().has("null")
                    ? percent(where, entry.getValue().get("null"))
                    : 0;
            table.columns.put(
                    entry.getKey(),
                    none == 0 ? maker : row -> random.below(100, stream + 7, row.key) < none ? null : maker.value(row));
        });
        table.types = new HashMap<>();
        table.columns
                .keySet()
                .forEach(column ->
                        table.types.put(column, known.columns().get(column).base()));
        table.target = new Target(name, List.copyOf(table.columns.keySet()));
    }

    private Maker maker(Table table, String where, long stream, JsonNode said) {
        if (said.isValueNode()) return text(table, where, stream, said.asText());
        List<String> ways = said.properties().stream()
                .map(Map.Entry::getKey)
                .filter(key -> !key.matches("null|decimals"))
                .toList();
        if (ways.size() > 1)
            throw mistake(
                    where, "a value is made in one way, not by " + String.join(" and ", ways), "keep one of them.");
        String way = ways.isEmpty() ? "" : ways.get(0);
        JsonNode with = said.get(way);
        return switch (way) {
            case "uuid" -> row -> new UUID(random.uuidHigh(stream, row.key), random.uuidLow(stream, row.key));
            case "sequence" -> {
                if (!with.canConvertToLong())
                    throw mistake(where, "'" + with.asText() + "' is no number to begin with", "write sequence: 1.");
                long first = with.asLong();
                yield row -> first + row.key;
            }
            case "text" -> text(table, where, stream, with.asText());
            case "pick" -> pick(where, stream, with);
            case "chance" -> {
                int percent = percent(where, with);
                yield row -> random.below(100, stream, row.key) < percent;
            }
            case "number" -> number(where, stream, with, said.path("decimals").asInt(0));
            case "date" -> {
                long[] range = range(where, with);
                yield row -> LocalDate.ofEpochDay(
                        range[0] + Math.floorMod(random.bits(stream, row.key), range[1] - range[0] + 1));
            }
            case "timestamp" -> {
                long[] range = range(where, with);
                yield row -> range[0] * 86_400
                        + Math.floorMod(random.bits(stream, row.key), (range[1] - range[0]) * 86_400 + 1); // seconds
            }
            case "parent" -> ancestor(table.parent, where, with.asText());
            case "copy" ->
                ancestor(
                        tables.get(with.asText().replaceFirst("\\..*", "")),
                        where,
                        with.asText().replaceFirst(".*\\.", ""));
            case "reference" -> {
                Table other = tables.get(with.asText().replaceFirst("\\..*", ""));
                if (other == null || other.parent != null || other.rows == 0)
                    throw mistake(
                            where,
                            "'" + with.asText() + "' is no column of a table that stands before it by itself",
                            "write reference: product.id.");
                Maker of = other.column(with.asText().replaceFirst(".*\\.", ""), where);
                yield row -> of.value(new Row(other, Math.floorMod(random.bits(stream, row.key), other.rows), null));
            }
            case "multiply", "add", "subtract" -> arithmetic(table, where, way, with);
            case "sum", "count" -> over(table, where, way, with.asText());
            default ->
                throw mistake(
                        where,
                        "'" + way + "' is no way to make a value",
                        "use uuid, sequence, text, pick, chance, number, date, timestamp, parent, copy, reference, "
                                + "multiply, add, subtract, sum or "
                                + "count.");
        };
    }

    /** {column}, {row}, {code} (no two rows have the same), {first} and {family} stand in a text for their values. */
    private Maker text(Table table, String where, long stream, String template) {
        Matcher places = PLACE.matcher(template);
        List<Object> parts = new ArrayList<>();
        int at = 0;
        while (places.find()) {
            parts.add(template.substring(at, places.start()));
            at = places.end();
            String name = places.group(1);
            Maker maker =
                    switch (name) {
                        case "row" -> row -> row.key + 1;
                        case "code" -> row -> Long.toString(random.shuffled(20, stream, row.key), 36);
                        case "first" -> row -> Names.first(random, row.key);
                        case "family" -> row -> Names.family(random, row.key);
                        default -> table.column(name, where);
                    };
            parts.add(maker);
        }
        parts.add(template.substring(at));
        return row -> {
            StringBuilder all = new StringBuilder();
            for (Object part : parts) all.append(part instanceof Maker maker ? maker.value(row) : part);
            return all.toString();
        };
    }

    /** A list, or a mapping from values to weights. */
    private Maker pick(String where, long stream, JsonNode with) {
        String[] values = new String[with.size()];
        int[] weights = new int[with.size()];
        int i = 0;
        if (with.isObject())
            for (Map.Entry<String, JsonNode> entry : with.properties()) {
                values[i] = entry.getKey();
                weights[i++] = entry.getValue().asInt();
            }
        else
            for (JsonNode value : with) {
                values[i] = value.asText();
                weights[i++] = 1;
            }
        if (IntStream.of(weights).anyMatch(weight -> weight < 0 || weight > 1_000_000)
                || IntStream.of(weights).sum() < 1)
            throw mistake(
                    where,
                    "there is nothing to pick, or a weight is no number from 0 to 1,000,000",
                    "write pick: [a, b] or pick: {a: 90, b: 10}.");
        return row -> values[random.weighted(weights, stream, row.key)];
    }

    private int percent(String where, JsonNode with) {
        if (!with.isInt() || with.asInt() < 0 || with.asInt() > 100)
            throw mistake(where, "'" + with.asText() + "' is no number from 0 to 100", "write how many of 100 rows.");
        return with.asInt();
    }

    private Maker number(String where, long stream, JsonNode with, int decimals) {
        if (with.size() != 2 || !with.path(0).isNumber() || !with.path(1).isNumber() || decimals < 0 || decimals > 15)
            throw mistake(
                    where,
                    "a number lies between two, and has at most 15 decimals",
                    "write number: [1, 100], and decimals: 2 beside it.");
        if (Math.max(Math.abs(with.get(0).asDouble()), Math.abs(with.get(1).asDouble())) * Math.pow(10, decimals)
                > MOST) throw mistake(where, "it has more than 18 digits", "take smaller numbers, or fewer decimals.");
        long from = with.get(0)
                .decimalValue()
                .setScale(decimals, RoundingMode.HALF_UP)
                .unscaledValue()
                .longValueExact();
        long to = with.get(1)
                .decimalValue()
                .setScale(decimals, RoundingMode.HALF_UP)
                .unscaledValue()
                .longValueExact();
        if (to < from)
            throw mistake(where, with.get(1) + " is less than " + with.get(0), "the smaller number comes first.");
        return row -> BigDecimal.valueOf(from + Math.floorMod(random.bits(stream, row.key), to - from + 1), decimals);
    }

    /** First and last day; "history" is what --days and --as-of say. */
    private long[] range(String where, JsonNode with) {
        if (with.asText().equals("history")) return new long[] {asOf.toEpochDay() - days, asOf.toEpochDay() - 1};
        long[] range = {
            day(where, with.path(0).asText()), day(where, with.path(1).asText())
        };
        if (range[1] < range[0])
            throw mistake(where, "the second day is before the first", "the earlier day comes first.");
        return range;
    }

    private long day(String where, String text) {
        Matcher relative = DAYS.matcher(text);
        try {
            if (relative.matches())
                return asOf.plusDays(relative.group(1) == null ? 0 : Long.parseLong(relative.group(1)))
                        .toEpochDay();
            return LocalDate.parse(text).toEpochDay();
        } catch (java.time.DateTimeException e) {
            throw mistake(where, "'" + text + "' is no day", "write 2026-01-31, today-30d, or history for both.");
        }
    }

    private Maker ancestor(Table ancestor, String where, String column) {
        if (ancestor == null)
            throw mistake(
                    where, "it hangs on no such table", "name a table that the row belongs to, as in copy: person.id.");
        Maker of = ancestor.column(column, where);
        return row -> of.value(row.of(ancestor));
    }

    private Maker arithmetic(Table table, String where, String way, JsonNode with) {
        if (!with.isArray() || with.isEmpty())
            throw mistake(where, "'" + way + "' wants a list", "write " + way + ": [quantity, 12.50].");
        List<Maker> operands = new ArrayList<>();
        with.forEach(operand -> operands.add(
                operand.isNumber() ? row -> operand.decimalValue() : table.column(operand.asText(), where)));
        return row -> {
            BigDecimal result = null;
            for (Maker operand : operands) {
                BigDecimal next = decimal(operand.value(row));
                result = result == null
                        ? next
                        : way.equals("multiply")
                                ? result.multiply(next)
                                : way.equals("add") ? result.add(next) : result.subtract(next);
            }
            return result;
        };
    }

    /** What the rows that hang on this one add up to; the table and its columns come later in the recipe. */
    private Maker over(Table table, String where, String way, String of) {
        String child = of.replaceFirst("\\..*", "");
        String column = of.replaceFirst(".*\\.", "");
        return row -> {
            Table below = tables.get(child);
            if (below == null || below.parent != table || way.equals("sum") && !below.columns.containsKey(column))
                throw mistake(
                        where,
                        "'" + of + "' is no column of a table that hangs on this one",
                        "write sum: item.amount, and each: " + table.name + " there.");
            BigDecimal sum = BigDecimal.ZERO;
            int count = children(below, row);
            if (way.equals("count")) return (long) count;
            for (int i = 0; i < count; i++)
                sum = sum.add(decimal(below.columns.get(column).value(child(below, row, i))));
            return sum;
        };
    }

    private static BigDecimal decimal(Object value) {
        return value == null
                ? BigDecimal.ZERO
                : value instanceof BigDecimal number ? number : new BigDecimal(value.toString());
    }

    // -- writing

    @Override
    public List<Target> targets() {
        return tables.values().stream().map(table -> table.target).toList();
    }

    @Override
    public long blocks(Target target) {
        return (tables.get(target.table()).root().rows + ROWS_A_BLOCK - 1) / ROWS_A_BLOCK;
    }

    @Override
    public void write(Target target, long block, BinaryCopyBuffer rows) {
        Table table = tables.get(target.table());
        Table root = table.root();
        for (long key = block * ROWS_A_BLOCK; key < Math.min(root.rows, (block + 1) * ROWS_A_BLOCK); key++)
            write(table, new Row(root, key, null), rows);
    }

    private void write(Table table, Row row, BinaryCopyBuffer rows) {
        if (row.table != table) {
            Table step = table;
            while (step.parent != row.table) step = step.parent;
            int count = children(step, row);
            for (int i = 0; i < count; i++) write(table, child(step, row, i), rows);
            return;
        }
        rows.row(table.columns.size());
        table.columns.forEach(
                (column, maker) -> encode(rows, table.name + "." + column, table.types.get(column), maker.value(row)));
    }

    private int children(Table table, Row parent) {
        return table.from + random.below(table.to - table.from + 1, CounterRandom.stream(table.name), parent.key);
    }

    private static Row child(Table table, Row parent, int place) {
        return new Row(table, parent.key * table.to + place, parent);
    }

    private void encode(BinaryCopyBuffer rows, String where, String type, Object value) {
        if (value == null) {
            rows.none();
            return;
        }
        try {
            switch (type.replaceFirst("\\(.*\\)", "")) {
                case "uuid" ->
                    rows.uuid(((UUID) value).getMostSignificantBits(), ((UUID) value).getLeastSignificantBits());
                case "text", "character varying", "character", "json" -> rows.text(plain(value));
                case "jsonb" -> rows.jsonb(plain(value));
                case "boolean" ->
                    rows.bool(value instanceof Boolean flag ? flag : Boolean.parseBoolean(value.toString()));
                case "smallint" -> rows.int2(decimal(value).shortValueExact());
                case "integer" -> rows.int4(decimal(value).intValueExact());
                case "bigint" -> rows.int8(decimal(value).longValueExact());
                case "real" -> rows.float4(decimal(value).floatValue());
                case "double precision" -> rows.float8(decimal(value).doubleValue());
                case "numeric" ->
                    rows.numeric(
                            decimal(value).unscaledValue().longValueExact(),
                            decimal(value).scale());
                case "date" -> rows.date(((LocalDate) value).toEpochDay());
                case "timestamp without time zone", "timestamp with time zone" ->
                    rows.timestamp(value instanceof LocalDate day ? day.toEpochDay() * 86_400 : (Long) value);
                default ->
                    throw mistake(where, "recipes do not know the type " + type, "leave the column to its default.");
            }
        } catch (ArithmeticException | ClassCastException | NumberFormatException e) {
            throw mistake(
                    where, "the value " + value + " does not fit the type " + type, "choose another way to make it.");
        }
    }

    private static String plain(Object value) {
        return value instanceof BigDecimal number ? number.toPlainString() : value.toString();
    }
}
