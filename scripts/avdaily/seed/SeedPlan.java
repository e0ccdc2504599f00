package avdaily.seed;

import avdaily.base.Failure;
import avdaily.base.Json;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * A table to fill: its shape, its natural key and references by field name, its rows by natural key, and those that
 * must not be there.
 *
 * @param postponed the columns that new rows get when all rows of all tables are there
 * @param large the file whose rows are too many to hold, or null; then {@code rows} is empty
 */
public record SeedPlan(
        TableCatalog.Table table,
        List<String> key,
        Map<String, String> references,
        Set<String> createOnly,
        Map<String, SeedRow> rows,
        Map<String, SeedRow> absent,
        SeedFile large,
        Set<String> postponed) {

    /** What a field of a file stands for: a column and, if it is a reference, the table that it leads to. */
    record Binding(TableCatalog.Column column, String target) {}

    /** The same table with other rows. */
    SeedPlan with(Map<String, SeedRow> others) {
        return new SeedPlan(table, key, references, createOnly, others, Map.of(), null, postponed);
    }

    String name() {
        return table.name();
    }

    /** @throws Failure (2) if the table has no column for the field, or computes it */
    Binding binding(String field, SeedRow row) {
        Map<String, TableCatalog.Column> columns = table.columns();
        Binding binding = bindingOrNull(field);
        if (binding == null)
            throw row.mistake(
                    field,
                    "the table " + name() + " has no such column",
                    "its columns are " + String.join(", ", columns.keySet()) + ".");
        if (binding.column.generated()) throw row.mistake(field, "the database computes it", "leave it out.");
        return binding;
    }

    /** The manifest's reference comes first, then the foreign key of the column with _id, then the column itself. */
    Binding bindingOrNull(String field) {
        TableCatalog.Column named = table.columns().get(field);
        TableCatalog.Column withId = table.columns().get(field + "_id");
        if (references.containsKey(field) && (withId != null || named != null))
            return new Binding(withId != null ? withId : named, references.get(field));
        if (withId != null && withId.target() != null) return new Binding(withId, withId.target());
        if (named == null) return null;
        return new Binding(named, field.endsWith("_id") ? null : named.target());
    }

    /**
     * The natural key as one text; a reference counts with the key that it names, and nothing is the same as nothing.
     */
    String key(SeedRow row, Function<String, JsonNode> value) {
        List<Object> parts = new ArrayList<>();
        for (String field : key) {
            JsonNode part = value.apply(field);
            boolean mayBeNull = part != null && binding(field, row).column.isNullable();
            if (part == null || part.isNull() && !mayBeNull)
                throw row.mistake(
                        field,
                        "it is part of the natural key (" + String.join(", ", key) + ") and has no value",
                        "give it one, or name another key in seeds.yaml.");
            parts.add(part.isNull() ? null : part(part));
        }
        return text(parts);
    }

    /**
     * The rows by how far they hang on others of this table.
     *
     * @param sorted those that refer to none of them first, then what refers to these, and so on
     * @param circle what refers to each other in a circle
     */
    record Generations(List<Map<String, SeedRow>> sorted, Map<String, SeedRow> circle) {}

    Generations generations() {
        List<Map<String, SeedRow>> generations = new ArrayList<>();
        Map<String, List<String>> below = new HashMap<>();
        Map<String, Integer> waitsFor = new HashMap<>();
        rows.forEach((key, row) -> row.fields().forEach((field, value) -> {
            String above = !value.isNull() && name().equals(binding(field, row).target()) ? keyOf(value) : null;
            boolean isItself = key.equals(above) && SeedValues.hasUuid(this);
            if (above == null || isItself || !rows.containsKey(above)) return;
            below.computeIfAbsent(above, k -> new ArrayList<>()).add(key);
            waitsFor.merge(key, 1, Integer::sum);
        }));
        Map<String, SeedRow> left = new LinkedHashMap<>(rows);
        List<String> free =
                rows.keySet().stream().filter(key -> !waitsFor.containsKey(key)).toList();
        while (!free.isEmpty()) {
            Map<String, SeedRow> generation = new LinkedHashMap<>();
            free.forEach(key -> generation.put(key, left.remove(key)));
            generations.add(generation);
            free = generation.keySet().stream()
                    .flatMap(key -> below.getOrDefault(key, List.of()).stream())
                    .filter(key -> waitsFor.merge(key, -1, Integer::sum) == 0)
                    .toList();
        }
        return new Generations(generations, left);
    }

    /** The columns by which rows refer to others of this table and that may be null for a while. */
    Set<String> ownReferences(SeedRow any) {
        Set<String> columns = new LinkedHashSet<>();
        rows.values().forEach(row -> row.fields().keySet().forEach(field -> {
            Binding binding = binding(field, row);
            boolean isOwn = name().equals(binding.target == null ? binding.column.target() : binding.target);
            if (isOwn && binding.column.isNullable()) columns.add(binding.column.name());
        }));
        keyColumns(any).forEach(column -> columns.remove(column.name()));
        return columns;
    }

    /** The natural key that a reference names, as this table's own rows have it. */
    String keyOf(JsonNode reference) {
        List<Object> parts = new ArrayList<>();
        if (reference.isObject()) key.forEach(field -> parts.add(part(reference.path(field))));
        else parts.add(part(reference));
        return text(parts);
    }

    private static Object part(JsonNode value) {
        if (value.isNull()) return null;
        return value.isContainerNode() ? value : value.asText();
    }

    /** The parts of a natural key as one text. */
    public static String text(List<?> parts) {
        return Json.text(parts);
    }

    /** The columns of the natural key; {@code any} is a row to blame for a field that is none. */
    List<TableCatalog.Column> keyColumns(SeedRow any) {
        return key.stream().map(field -> binding(field, any).column).toList();
    }
}
