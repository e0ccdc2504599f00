package avdaily.generate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Makes values that consist of others: arrays, ranges and JSON. Each part is made as a column's value is. */
record CompoundMakers(RecipeFile file, CounterRandom random, ValueMakers parts) {
    private static final int MOST = 100;

    /** An array as PostgreSQL writes it, which stands in another one without quotes. */
    private record ArrayText(String text) {
        @Override
        public String toString() {
            return text;
        }
    }

    ValueMaker of(RecipeTable table, String where, long stream, JsonNode column) {
        if (column.has("list")) return list(table, where, stream, column);
        return column.has("range")
                ? range(table, where, stream, column.get("range"))
                : json(table, where, stream, column.get("json"));
    }

    /** As PostgreSQL writes an array. */
    private ValueMaker list(RecipeTable table, String where, long stream, JsonNode column) {
        int from = column.path("from").asInt(0);
        int to = column.path("to").asInt(3);
        if (from < 0 || to < from || to > MOST)
            throw file.mistake(
                    where, "from " + from + " to " + to + " is no number of elements", "write from: 0 and to: 5.");
        List<ValueMaker> elements = new ArrayList<>();
        for (int i = 0; i < to; i++)
            elements.add(parts.of(table, where, CounterRandom.stream(where + "#" + i), column.get("list")));
        return row -> {
            List<String> all = new ArrayList<>();
            int count = from + random.below(to - from + 1, stream, row.key());
            for (ValueMaker element : elements.subList(0, count)) all.add(quoted(element.value(row)));
            return new ArrayText("{" + String.join(",", all) + "}");
        };
    }

    /** From the lesser of two values to the greater. */
    private ValueMaker range(RecipeTable table, String where, long stream, JsonNode bound) {
        ValueMaker one = parts.of(table, where, stream, bound);
        ValueMaker other = parts.of(table, where, CounterRandom.stream(where + "#to"), bound);
        return row -> {
            Object first = one.value(row);
            Object second = other.value(row);
            boolean isUp = first == null || second == null || compared(where, first, second) <= 0;
            return "[" + end(isUp ? first : second) + "," + end(isUp ? second : first) + "]";
        };
    }

    @SuppressWarnings("unchecked") // both were made in the same way
    private int compared(String where, Object first, Object second) {
        if (first instanceof Comparable<?> one && first.getClass() == second.getClass())
            return ((Comparable<Object>) one).compareTo(second);
        throw file.mistake(where, "a range needs values that have an order", "make them by number, date or timestamp.");
    }

    private static String end(Object value) {
        return value == null ? "" : quoted(value);
    }

    private static String quoted(Object value) {
        if (value == null) return "NULL";
        String text = Recipe.plain(value);
        return value instanceof ArrayText
                ? text
                : '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    /** An object, each member of which is made like a column; what is no mapping stands as it is written. */
    private ValueMaker json(RecipeTable table, String where, long stream, JsonNode members) {
        if (!members.isObject()) return row -> members.toString();
        Map<String, ValueMaker> makers = new LinkedHashMap<>();
        members.properties()
                .forEach(member -> makers.put(
                        member.getKey(),
                        member.getValue().isNumber() || member.getValue().isBoolean()
                                ? row -> member.getValue()
                                : parts.of(
                                        table,
                                        where,
                                        CounterRandom.stream(where + "." + member.getKey()),
                                        member.getValue())));
        return row -> {
            ObjectNode object = JsonNodeFactory.instance.objectNode();
            makers.forEach((name, maker) -> object.set(name, node(maker.value(row))));
            return object.toString();
        };
    }

    private static JsonNode node(Object value) {
        JsonNodeFactory factory = JsonNodeFactory.instance;
        if (value == null) return factory.nullNode();
        if (value instanceof JsonNode made) return made;
        if (value instanceof BigDecimal number) return DecimalNode.valueOf(number);
        if (value instanceof Number number) return factory.numberNode(number.longValue());
        return value instanceof Boolean flag ? factory.booleanNode(flag) : factory.textNode(Recipe.plain(value));
    }
}
