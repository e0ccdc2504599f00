import avdaily.base.Failure;
import avdaily.base.Folder;
import avdaily.base.Json;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A table to fill: its shape, its natural key and references by field name, its rows by natural key, and those that must not be there.
 *
 * @param large the file whose rows are too many to hold, or null; then {@code rows} is empty
 */
record SeedPlan(Tables.Table table, List<String> key, Map<String, String> references, Set<String> createOnly, Map<String, SeedRow> rows,
        Map<String, SeedRow> absent, SeedFile large) {

    /** What a field of a file stands for: a column and, if it is a reference, the table that it leads to. */
    record Binding(Tables.Column column, String target) {}

    /** The same table with other rows. */
    SeedPlan with(Map<String, SeedRow> others) {
        return new SeedPlan(table, key, references, createOnly, others, Map.of(), null);
    }

    String name() {
        return table.name();
    }

    Binding binding(String field, SeedRow row) {
        Map<String, Tables.Column> columns = table.columns();
        Tables.Column named = columns.get(field);
        Tables.Column behind = columns.get(field + "_id");
        Binding binding = references.containsKey(field) && (behind != null || named != null)
                ? new Binding(behind != null ? behind : named, references.get(field))
                : behind != null && behind.target() != null ? new Binding(behind, behind.target())
                : named != null ? new Binding(named, field.endsWith("_id") ? null : named.target()) : null;
        if (binding == null)
            throw row.mistake(field, "the table " + name() + " has no such column", "its columns are " + String.join(", ", columns.keySet()) + ".");
        if (binding.column.generated()) throw row.mistake(field, "the database computes it", "leave it out.");
        return binding;
    }

    /** The natural key as one text; a reference counts with the key that it names. */
    String key(SeedRow row, Function<String, JsonNode> value) {
        List<Object> parts = new ArrayList<>();
        for (String field : key) {
            JsonNode part = value.apply(field);
            if (part == null || part.isNull()) throw row.mistake(field, "it is part of the natural key and has no value", "give it one.");
            parts.add(part(part));
        }
        return text(parts);
    }

    /**
     * The rows by how far they hang on others of this table: those that refer to none of them first, then what refers to these, and so on. What
     * refers to each other in a circle comes last, together.
     */
    List<Map<String, SeedRow>> generations() {
        List<Map<String, SeedRow>> generations = new ArrayList<>();
        Map<String, List<String>> below = new HashMap<>();
        Map<String, Integer> waitsFor = new HashMap<>();
        rows.forEach((key, row) -> row.fields().forEach((field, value) -> {
            String above = !value.isNull() && name().equals(binding(field, row).target()) ? keyOf(value) : null;
            if (above == null || above.equals(key) || !rows.containsKey(above)) return;
            below.computeIfAbsent(above, k -> new ArrayList<>()).add(key);
            waitsFor.merge(key, 1, Integer::sum);
        }));
        Map<String, SeedRow> left = new LinkedHashMap<>(rows);
        List<String> free = rows.keySet().stream().filter(key -> !waitsFor.containsKey(key)).toList();
        while (!free.isEmpty()) {
            Map<String, SeedRow> generation = new LinkedHashMap<>();
            free.forEach(key -> generation.put(key, left.remove(key)));
            generations.add(generation);
            free = generation.keySet().stream().flatMap(key -> below.getOrDefault(key, List.of()).stream())
                    .filter(key -> waitsFor.merge(key, -1, Integer::sum) == 0).toList();
        }
        if (!left.isEmpty()) generations.add(left);
        return generations;
    }

    /** The natural key that a reference names, as this table's own rows have it. */
    String keyOf(JsonNode reference) {
        List<Object> parts = new ArrayList<>();
        if (reference.isObject()) key.forEach(field -> parts.add(part(reference.path(field))));
        else parts.add(part(reference));
        return text(parts);
    }

    private static Object part(JsonNode value) {
        return value.isContainerNode() ? value : value.asText();
    }

    /** The parts of a natural key as one text. */
    static String text(List<?> parts) {
        return Json.text(parts);
    }

    /** The columns of the natural key; {@code any} is a row to blame for a field that is none. */
    List<Tables.Column> keyColumns(SeedRow any) {
        return key.stream().map(field -> binding(field, any).column).toList();
    }
}

/** From files to tables to fill: merges the layers by natural key and finds the order in which the tables can be filled. */
final class SeedPlans {
    private final String database;
    private final Environment environment;
    private final SeedFiles files;
    private final Tables tables;

    SeedPlans(String database, Environment environment, SeedFiles files, Tables tables) {
        this.database = database;
        this.environment = environment;
        this.files = files;
        this.tables = tables;
    }

    /** In the order in which they can be filled: what a table refers to comes before it. */
    List<SeedPlan> read(boolean minimal) {
        List<SeedPlan> all = inOrder(merged());
        return minimal ? reduced(all) : all;
    }

    private Map<String, SeedPlan> merged() {
        Map<String, SeedPlan> all = new LinkedHashMap<>();
        for (Map<String, SeedFile> layer : files.layers())
            layer.forEach((name, file) -> {
                if (file.rows().isEmpty() && !file.large()) return;
                SeedPlan below = all.get(name);
                if (below != null && (file.large() || below.large() != null))
                    throw Failure.usage(Folder.show(file.path()) + ": the table " + name
                            + " has a large file, and that is not merged with another layer's",
                            "keep the table's rows in one layer, or in files below 16 MB.");
                SeedPlan plan = below != null ? below : plan(name, file);
                all.put(name, plan);
                merge(plan, file);
            });
        all.values().forEach(SeedPlans::refuseLookAlikes);
        return all;
    }

    /** A later layer's row goes over an earlier one: the columns that it names, or all of it where it says absent. */
    private static void merge(SeedPlan plan, SeedFile file) {
        SeedRow head = new SeedRow(file.path(), 1, Map.of());
        for (String column : file.createOnly()) {
            if (plan.key().contains(column)) throw head.mistake(column, "a part of the natural key cannot be create-only", "leave it out there.");
            plan.createOnly().add(plan.binding(column, head).column().name());
        }
        Map<String, SeedRow> seen = new HashMap<>();
        for (SeedRow given : file.rows()) {
            SeedRow row = given.stateless();
            row.fields().keySet().forEach(field -> plan.binding(field, row));
            String key = plan.key(row, field -> row.fields().get(field));
            SeedRow twin = seen.put(key, row);
            if (twin != null) throw row.mistake(null, "the key " + key + " stands already in line " + twin.line(), "keep one of them.");
            if (given.absent()) {
                plan.rows().remove(key);
                plan.absent().put(key, row);
            } else {
                plan.absent().remove(key);
                plan.rows().merge(key, row, SeedPlans::overridden);
            }
        }
    }

    private static SeedRow overridden(SeedRow below, SeedRow above) {
        Map<String, JsonNode> fields = new LinkedHashMap<>(below.fields());
        fields.putAll(above.fields());
        return new SeedRow(above.file(), above.line(), fields);
    }

    /** Two rows to the database, one to most readers: a slip, and one that doubles a person. */
    private static void refuseLookAlikes(SeedPlan plan) {
        Map<String, Map.Entry<String, SeedRow>> seen = new HashMap<>();
        for (Map.Entry<String, SeedRow> row : plan.rows().entrySet()) {
            Map.Entry<String, SeedRow> twin = seen.put(row.getKey().toLowerCase(Locale.ROOT), row);
            if (twin != null)
                throw row.getValue().mistake(null, "the key " + row.getKey() + " differs from " + twin.getKey() + " ("
                        + Folder.show(twin.getValue().file()) + " line "
                        + twin.getValue().line() + ") in upper and lower case only", "write it the same way, or keep one of them.");
        }
    }

    private SeedPlan plan(String name, SeedFile file) {
        SeedRow first = file.rows().isEmpty() ? new SeedRow(file.path(), 1, Map.of()) : file.rows().get(0);
        Tables.Table table = tables.find(name).orElseThrow(() -> Failure.usage(Folder.show(first.file()) + ": the database " + database
                + " has no table " + name,
                "bring the schema up first ('avdaily-migrate up --env " + environment + "'), or correct the file's name."));
        SeedFiles.Table said = files.manifest().table(name);
        List<String> named = files.manifest().keyOf(tables, table).orElseThrow(() -> Failure.usage(
                Folder.show(first.file()) + ": the table " + name + " has " + (table.uniques().isEmpty() ? "no" : "more than one")
                        + " unique key, so rows cannot be recognised",
                "name its natural key in seeds.yaml, as in tables: {" + name + ": {key: [name]}}."));
        // who gives the id itself, and not what it leads to, is taken at their word
        Set<String> given = file.large() ? Set.copyOf(file.fields()) : first.fields().keySet();
        List<String> key = named.stream().map(field -> !given.contains(field) && given.contains(field + "_id") ? field + "_id" : field).toList();
        SeedPlan plan = new SeedPlan(table, key, said.references(), new LinkedHashSet<>(), new LinkedHashMap<>(), new LinkedHashMap<>(),
                file.large() ? file : null);
        key.forEach(field -> plan.binding(field, first));
        return plan;
    }

    private List<SeedPlan> inOrder(Map<String, SeedPlan> all) {
        List<SeedPlan> ordered = new ArrayList<>();
        Map<String, Set<String>> targets = new HashMap<>();
        all.forEach((name, plan) -> {
            Set<String> columns = bindings(plan).map(binding -> binding.column().name()).collect(Collectors.toSet());
            Set<String> before = new HashSet<>(targets(plan));
            before.addAll(tables.before(name, columns));
            targets.put(name, before);
        });
        Set<String> left = new LinkedHashSet<>(all.keySet());
        while (!left.isEmpty()) {
            List<String> free = left.stream().filter(name -> targets.get(name).stream().noneMatch(t -> !t.equals(name) && left.contains(t))).toList();
            if (free.isEmpty())
                throw Failure.usage("the seed tables " + String.join(", ", left) + " refer to each other in a circle",
                        "leave one of the references out and set it in a later layer.");
            free.forEach(name -> ordered.add(all.get(name)));
            free.forEach(left::remove);
        }
        return ordered;
    }

    /** The tables that the rows refer to. */
    static Set<String> targets(SeedPlan plan) {
        return bindings(plan).map(SeedPlan.Binding::target).filter(target -> target != null).collect(Collectors.toSet());
    }

    /** What the fields of all rows stand for. */
    private static Stream<SeedPlan.Binding> bindings(SeedPlan plan) {
        SeedRow head = plan.large() == null ? null : new SeedRow(plan.large().path(), 1, Map.of());
        Map<String, SeedRow> fields = new LinkedHashMap<>();
        if (head != null) plan.large().fields().forEach(field -> fields.put(field, head));
        plan.rows().values().forEach(row -> row.fields().keySet().forEach(field -> fields.put(field, row)));
        plan.absent().values().forEach(row -> row.fields().keySet().forEach(field -> fields.put(field, row)));
        return fields.entrySet().stream().map(field -> plan.binding(field.getKey(), field.getValue()));
    }

    /** Keeps what the manifest calls minimal; a row that refers to a row left out is left out too. */
    private List<SeedPlan> reduced(List<SeedPlan> all) {
        SeedFiles.Minimal wanted = files.manifest().minimal();
        if (wanted.tables().isEmpty())
            throw Failure.usage("the manifest seeds.yaml does not say what a minimal seed is",
                    "add it, as in minimal: {tables: [roles, user], first: [user]}.");
        for (String name : wanted.tables())
            if (tables.find(name).isEmpty())
                throw Failure.usage("the manifest seeds.yaml counts " + name + " as minimal, and there is no such table", "correct its name.");
        Map<String, Set<String>> kept = new HashMap<>();
        List<SeedPlan> minimal = all.stream().filter(plan -> wanted.tables().contains(plan.name())).toList();
        for (SeedPlan plan : all) {
            if (!minimal.contains(plan)) {
                kept.put(plan.name(), Set.of());
                continue;
            }
            if (plan.large() != null)
                throw Failure.usage(Folder.show(plan.large().path()) + " is too large for a minimal seed",
                        "keep it below 16 MB, or leave " + plan.name() + " out of minimal.");
            plan.rows().entrySet().removeIf(entry -> entry.getValue().fields().entrySet().stream().anyMatch(field -> {
                String target = plan.binding(field.getKey(), entry.getValue()).target();
                return target != null && !field.getValue().isNull() && kept.containsKey(target)
                        && !kept.get(target).contains(find(all, target).keyOf(field.getValue()));
            }));
            if (wanted.first().contains(plan.name())) plan.rows().keySet().retainAll(plan.rows().keySet().stream().limit(1).toList());
            kept.put(plan.name(), Set.copyOf(plan.rows().keySet()));
        }
        return minimal.stream().filter(plan -> !plan.rows().isEmpty()).toList();
    }

    static SeedPlan find(List<SeedPlan> all, String table) {
        return all.stream().filter(plan -> plan.name().equals(table)).findFirst().orElse(null);
    }
}
