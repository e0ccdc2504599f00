package avdaily.seed;

import avdaily.base.Sha256;
import avdaily.db.Database;
import avdaily.sql.Sql;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.uuid.Generators;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** From rows to values: makes what files say into what the database takes, and references into ids. */
public final class SeedValues {
    /**
     * Ids come from this namespace, the table and the natural key: the same row has the same id everywhere (UUID
     * version 5).
     */
    private static final UUID NAMESPACE = UUID.fromString("a7d41c0e-5d3b-5b1f-9c55-6f3a0d1e2b90");

    private static final String UUID_TEXT = "(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";

    private static final int MOST_REMEMBERED = 100_000;

    private final Connection c;
    private final TableCatalog tables;
    private final SeedFiles files;
    private final List<SeedPlan> plans;
    private final RelativeDates dates;
    /** Table and natural key to id, as far as they are known. */
    private final Map<String, Map<String, String>> ids = new HashMap<>();

    private final Map<String, SeedPlan> targets = new HashMap<>();

    SeedValues(Connection c, TableCatalog tables, SeedFiles files, List<SeedPlan> plans, RelativeDates dates) {
        this.c = c;
        this.tables = tables;
        this.files = files;
        this.plans = plans;
        this.dates = dates;
    }

    /**
     * Which rows the table has already, by their place; and from now on references to this table's rows are understood.
     */
    Map<Integer, String> matchExisting(SeedPlan plan, Upsert upsert) throws SQLException {
        List<Upsert.Row> keys = ready(plan, plan.rows().values(), plan.key()::contains);
        Map<Integer, String> existing = upsert.existing(keys);
        Map<String, String> known = ids.computeIfAbsent(plan.name(), t -> new HashMap<>());
        List<String> texts = List.copyOf(plan.rows().keySet());
        for (int i = 0; i < keys.size(); i++) {
            String id = existing.getOrDefault(i, keys.get(i).id());
            if (id != null) known.put(texts.get(i), id);
        }
        return existing;
    }

    static boolean hasUuid(SeedPlan plan) {
        return plan.table().id() != null && plan.table().id().base().equals("uuid");
    }

    /** The rows with the values of the wanted fields as the database takes them. */
    List<Upsert.Row> ready(SeedPlan plan, Collection<SeedRow> sources, Predicate<String> wanted) throws SQLException {
        lookUp(plan, sources, wanted);
        List<Upsert.Row> rows = new ArrayList<>(sources.size());
        for (SeedRow row : sources) {
            Map<TableCatalog.Column, JsonNode> values = new LinkedHashMap<>();
            for (Map.Entry<String, JsonNode> field : row.fields().entrySet()) {
                if (!wanted.test(field.getKey())) continue;
                SeedPlan.Binding binding = plan.binding(field.getKey(), row);
                if (isLeftToDatabase(field.getValue(), binding.column(), plan)) continue;
                if (values.put(binding.column(), value(row, field.getKey(), field.getValue(), binding)) != null)
                    throw row.mistake(
                            field.getKey(), "the column " + binding.column().name() + " is given twice", "keep one.");
            }
            String key = plan.key(row, field -> {
                JsonNode given = row.fields().get(field);
                return given == null || given.isContainerNode()
                        ? given
                        : values.get(plan.binding(field, row).column());
            });
            rows.add(new Upsert.Row(row, id(plan, row, key, values), values));
        }
        return rows;
    }

    /** Nothing in a column that may not be null, and that the database fills, is what it fills it with. */
    private static boolean isLeftToDatabase(JsonNode value, TableCatalog.Column column, SeedPlan plan) {
        return value.isNull()
                && column.sequence() != null
                && !column.isNullable()
                && !plan.key().contains(column.name());
    }

    /** Those of the rows whose key leads somewhere: a row that refers to a missing one cannot be there. */
    List<Upsert.Row> resolvable(SeedPlan plan, Collection<SeedRow> sources) throws SQLException {
        List<Upsert.Row> rows = new ArrayList<>();
        for (SeedRow row : sources) {
            boolean whole = true;
            for (String field : plan.key()) {
                SeedPlan.Binding binding = plan.binding(field, row);
                whole = whole
                        && (binding.target() == null
                                || reference(row, field, row.fields().get(field), binding.target())
                                        .isPresent());
            }
            if (whole) rows.addAll(ready(plan, List.of(row), plan.key()::contains));
        }
        return rows;
    }

    /** The id that the file gives the row, else one made from table and key, else null: the database gives it one. */
    private static String id(SeedPlan plan, SeedRow row, String key, Map<TableCatalog.Column, JsonNode> values) {
        JsonNode resolved = values.get(plan.table().id());
        if (resolved != null && !resolved.isNull()) return resolved.asText();
        JsonNode given = plan.table().id() == null
                ? null
                : row.fields().get(plan.table().id().name());
        if (given != null && !given.isNull()) return given.asText();
        return hasUuid(plan) ? id(plan.name(), key).toString() : null;
    }

    /** The id of the table's row that has this natural key, as {@link SeedPlan#text} writes it. */
    public static UUID id(String table, String key) {
        return Generators.nameBasedGenerator(NAMESPACE).generate(table + key);
    }

    private JsonNode value(SeedRow row, String field, JsonNode given, SeedPlan.Binding binding) throws SQLException {
        if (given.isNull()) return NullNode.instance;
        String target = target(given, binding);
        if (target == null) return literal(row, field, given, binding.column());
        return TextNode.valueOf(reference(row, field, given, target)
                .orElseThrow(() -> row.mistake(
                        field,
                        "there is no row " + given + " in " + target + ", neither in the seeds nor in the database",
                        "add it to " + target
                                + ", or correct the reference. (A new row of the same table can be "
                                + "referred to only where ids are uuids.)")));
    }

    private JsonNode literal(SeedRow row, String field, JsonNode value, TableCatalog.Column column) {
        String type = column.base();
        if (column.isJson())
            return value.isTextual()
                    ? value
                    : TextNode.valueOf(value.toString()); // a text is JSON: null and "null" differ
        if (value.isBinary()) return binary(row, field, value, type);
        if (value.isContainerNode() && !type.endsWith("[]"))
            throw row.mistake(field, "a list or mapping does not fit the type " + type, "write a single value.");
        if (value.isContainerNode()) return type.matches("jsonb?\\[]") ? value : WrittenValues.asTexts(value);
        if (!RelativeDates.fit(type)) return TextNode.valueOf(value.asText());
        return TextNode.valueOf(dates.resolve(value.asText(), type)
                .orElseThrow(() -> row.mistake(
                        field,
                        "'" + value.asText() + "' is no date for the type " + type,
                        "write 2026-01-31 or, relative, today-30d, today+2w, today-3mo; for a "
                                + "timestamp also today-30d@09:15.")));
    }

    /** The bytes that a YAML file holds as !!binary. */
    private static JsonNode binary(SeedRow row, String field, JsonNode value, String type) {
        if (!type.equals("bytea"))
            throw row.mistake(field, "bytes (!!binary) do not fit the type " + type, "write a text.");
        try {
            return TextNode.valueOf("\\x" + Sha256.hex(value.binaryValue()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The table that the value leads to: a foreign key takes an id as it is, and anything else for a natural key. */
    private static String target(JsonNode given, SeedPlan.Binding binding) {
        TableCatalog.Column column = binding.column();
        return binding.target() == null && column.target() != null && !isId(given, column)
                ? column.target()
                : binding.target();
    }

    /** Whether the value can be an id of the column's type. */
    private static boolean isId(JsonNode value, TableCatalog.Column column) {
        if (value.isContainerNode()) return false;
        return switch (column.base()) {
            case "uuid" -> value.asText().matches(UUID_TEXT);
            case "smallint", "integer", "bigint" -> value.asText().matches("-?[0-9]{1,19}");
            default -> true;
        };
    }

    /** The id of the row that a reference names: one of the seeds, or one that the database has. */
    private Optional<String> reference(SeedRow row, String field, JsonNode value, String target) throws SQLException {
        SeedPlan plan = target(row, field, target);
        Map<String, String> known = ids.computeIfAbsent(target, t -> new HashMap<>());
        if (isRawId(value, plan)) return Optional.of(value.asText());
        String text = plan.keyOf(value);
        if (!known.containsKey(text)) lookUp(plan, Map.of(text, keyRow(row, field, value, plan)));
        if (known.get(text) != null) return Optional.of(known.get(text));
        Optional<String> coming = coming(plan, text);
        return coming.isPresent() ? coming : rawId(value, plan);
    }

    /** A uuid where the natural key is none is an id: the server says whether it leads anywhere. */
    private static boolean isRawId(JsonNode value, SeedPlan target) {
        TableCatalog.Column id = target.table().id();
        boolean isUuid = id != null && id.base().equals("uuid") && isId(value, id);
        return isUuid
                && target.key().stream()
                        .map(target::bindingOrNull)
                        .noneMatch(
                                part -> part != null && part.column().base().equals("uuid") && part.target() == null);
    }

    /** The id of a row that has this id and no such natural key. */
    private Optional<String> rawId(JsonNode value, SeedPlan target) throws SQLException {
        TableCatalog.Column id = target.table().id();
        if (id == null || !isId(value, id)) return Optional.empty();
        Map<String, String> known = ids.computeIfAbsent(target.name() + " by id", t -> new HashMap<>());
        if (!known.containsKey(value.asText()))
            known.put(
                    value.asText(),
                    Database.one(
                            c,
                            "SELECT " + Sql.quoted(id.name()) + "::text FROM "
                                    + target.table().sql() + " WHERE " + Sql.quoted(id.name()) + " = ?::"
                                    + id.type(),
                            String.class,
                            value.asText()));
        boolean isComing = target.rows().values().stream()
                .map(row -> row.fields().get(id.name()))
                .anyMatch(given -> given != null && given.asText().equals(value.asText()));
        return isComing ? Optional.of(value.asText()) : Optional.ofNullable(known.get(value.asText()));
    }

    /** The id that a row of the seeds will have, if it can be known before the row is there. */
    private static Optional<String> coming(SeedPlan target, String key) {
        SeedRow row = target.rows().get(key);
        if (row == null || target.table().id() == null) return Optional.empty();
        JsonNode given = row.fields().get(target.table().id().name());
        if (given != null && !given.isNull()) return Optional.of(given.asText());
        boolean isPlain = target.key().stream()
                .allMatch(field -> target.binding(field, row).target() == null);
        return hasUuid(target) && isPlain ? Optional.of(id(target.name(), key).toString()) : Optional.empty();
    }

    /** Finds the ids of all rows that these refer to: a statement for each table, instead of one for each row. */
    private void lookUp(SeedPlan plan, Collection<SeedRow> rows, Predicate<String> wanted) throws SQLException {
        Map<String, Map<String, SeedRow>> unknown = new LinkedHashMap<>();
        for (SeedRow row : rows)
            for (Map.Entry<String, JsonNode> field : row.fields().entrySet()) {
                String target = field.getValue().isNull() || !wanted.test(field.getKey())
                        ? null
                        : target(field.getValue(), plan.binding(field.getKey(), row));
                if (target == null) continue;
                SeedPlan other = target(row, field.getKey(), target);
                if (isRawId(field.getValue(), other)) continue;
                SeedRow key = keyRow(row, field.getKey(), field.getValue(), other);
                String text = other.keyOf(field.getValue());
                if (!ids.computeIfAbsent(target, t -> new HashMap<>()).containsKey(text))
                    unknown.computeIfAbsent(target, t -> new LinkedHashMap<>()).putIfAbsent(text, key);
            }
        for (Map.Entry<String, Map<String, SeedRow>> target : unknown.entrySet())
            lookUp(targets.get(target.getKey()), target.getValue());
    }

    /** Finds the ids of these rows, or that there are none: by natural key, of which each row has the fields. */
    private void lookUp(SeedPlan target, Map<String, SeedRow> keys) throws SQLException {
        Map<String, String> known = ids.get(target.name());
        lookUp(target, keys.values(), field -> true);
        List<String> texts = new ArrayList<>();
        List<Upsert.Row> whole = new ArrayList<>();
        for (Map.Entry<String, SeedRow> key : keys.entrySet()) {
            known.put(key.getKey(), null);
            List<Upsert.Row> row = resolvable(target, List.of(key.getValue()));
            if (!row.isEmpty()) texts.add(key.getKey());
            whole.addAll(row);
        }
        if (whole.isEmpty()) return;
        new Upsert(c, target.table(), target.keyColumns(whole.get(0).source()), Set.of())
                .existing(whole)
                .forEach((place, id) -> known.put(texts.get(place), id));
    }

    /** What a reference says, as a row of its target that has its key and nothing else. */
    private static SeedRow keyRow(SeedRow row, String field, JsonNode value, SeedPlan target) {
        List<String> key = target.key();
        boolean fits = value.isObject()
                ? value.size() == key.size() && key.stream().allMatch(value::has)
                : key.size() == 1 && !value.isArray();
        if (target.table().id() == null)
            throw row.mistake(
                    field,
                    "the rows of " + target.name() + " have no id of one column, so that none can be named by its key",
                    "write the values of the columns themselves.");
        if (!fits)
            throw row.mistake(
                    field,
                    "a row of " + target.name() + " is named by its key (" + String.join(", ", key) + ")",
                    "write " + field + ": {"
                            + key.stream().map(k -> k + ": ...").collect(Collectors.joining(", ")) + "}.");
        Map<String, JsonNode> fields = new LinkedHashMap<>();
        for (String part : key) fields.put(part, value.isObject() ? value.get(part) : value);
        return new SeedRow(row.file(), row.line(), fields);
    }

    private SeedPlan target(SeedRow row, String field, String name) {
        return targets.computeIfAbsent(name, n -> {
            SeedPlan plan = SeedPlans.find(plans, name);
            if (plan == null && tables.find(name).isPresent())
                plan = SeedPlans.find(plans, tables.find(name).get().name());
            if (plan != null) return plan;
            SeedFiles.Table said = files.manifest().table(name);
            TableCatalog.Table table = tables.find(name)
                    .orElseThrow(() -> row.mistake(
                            field, "it leads to the table " + name + ", which is not there", "correct seeds.yaml."));
            return new SeedPlan(
                    table,
                    files.manifest().keyOf(tables, table).orElse(List.of()),
                    said.references(),
                    Set.of(),
                    Map.of(),
                    Map.of(),
                    null,
                    Set.of());
        });
    }

    /** For files whose references are too many to remember: what is forgotten is asked for again. */
    void forgetWhatIsTooMuch() {
        ids.values().removeIf(known -> known.size() > MOST_REMEMBERED);
    }
}
