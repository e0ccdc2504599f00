package avdaily.seed;

import avdaily.base.Failure;
import avdaily.base.ResourceFolder;
import avdaily.db.Environment;
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
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * From files to tables to fill: merges the layers by natural key and finds the order in which the tables can be filled.
 */
final class SeedPlans {
    private final String database;
    private final Environment environment;
    private final SeedFiles files;
    private final TableCatalog tables;

    SeedPlans(String database, Environment environment, SeedFiles files, TableCatalog tables) {
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
                    throw Failure.usage(
                            ResourceFolder.show(file.path()) + ": the table " + name
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
            if (plan.key().contains(column))
                throw head.mistake(column, "a part of the natural key cannot be create-only", "leave it out there.");
            plan.createOnly().add(plan.binding(column, head).column().name());
        }
        Map<String, SeedRow> seen = new HashMap<>();
        for (SeedRow given : file.rows()) {
            SeedRow row = given.stateless();
            row.fields().keySet().forEach(field -> plan.binding(field, row));
            String key = plan.key(row, field -> row.fields().get(field));
            SeedRow twin = seen.put(key, row);
            if (twin != null)
                throw row.mistake(
                        null, "the key " + key + " stands already in line " + twin.line(), "keep one of them.");
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
                throw row.getValue()
                        .mistake(
                                null,
                                "the key " + row.getKey() + " differs from " + twin.getKey() + " ("
                                        + ResourceFolder.show(twin.getValue().file()) + " line "
                                        + twin.getValue().line() + ") in upper and lower case only",
                                "write it the same way, or keep one of them.");
        }
    }

    private SeedPlan plan(String name, SeedFile file) {
        SeedRow first = file.rows().isEmpty()
                ? new SeedRow(file.path(), 1, Map.of())
                : file.rows().get(0);
        TableCatalog.Table table = tables.find(name)
                .orElseThrow(() -> Failure.usage(
                        ResourceFolder.show(first.file()) + ": the database " + database + " has no table " + name,
                        "bring the schema up first ('avdaily-migrate up --env " + environment
                                + "'), or correct the file's name."));
        SeedFiles.Table said = files.manifest().table(name);
        List<String> named = files.manifest()
                .keyOf(tables, table)
                .orElseThrow(() -> Failure.usage(
                        ResourceFolder.show(first.file()) + ": the table " + name + " has "
                                + (table.uniques().isEmpty() ? "no" : "more than one")
                                + " unique key, so rows cannot be recognised",
                        "name its natural key in seeds.yaml, as in tables: {" + name + ": {key: [name]}}."));
        // who gives the id itself, and not what it leads to, is taken at their word
        Set<String> given =
                file.large() ? Set.copyOf(file.fields()) : first.fields().keySet();
        List<String> key = named.stream()
                .map(field -> !given.contains(field) && given.contains(field + "_id") ? field + "_id" : field)
                .toList();
        SeedPlan plan = new SeedPlan(
                table,
                key,
                said.references(),
                new LinkedHashSet<>(),
                new LinkedHashMap<>(),
                new LinkedHashMap<>(),
                file.large() ? file : null);
        key.forEach(field -> plan.binding(field, first));
        return plan;
    }

    private List<SeedPlan> inOrder(Map<String, SeedPlan> all) {
        List<SeedPlan> ordered = new ArrayList<>();
        Map<String, Set<String>> targets = new HashMap<>();
        all.forEach((name, plan) -> {
            Set<String> columns =
                    bindings(plan).map(binding -> binding.column().name()).collect(Collectors.toSet());
            Set<String> before = new HashSet<>(targets(plan));
            before.addAll(tables.before(name, columns));
            targets.put(name, before);
        });
        Set<String> left = new LinkedHashSet<>(all.keySet());
        while (!left.isEmpty()) {
            List<String> free = left.stream()
                    .filter(name -> targets.get(name).stream().noneMatch(t -> !t.equals(name) && left.contains(t)))
                    .toList();
            if (free.isEmpty())
                throw Failure.usage(
                        "the seed tables " + String.join(", ", left) + " refer to each other in a circle",
                        "leave one of the references out and set it in a later layer.");
            free.forEach(name -> ordered.add(all.get(name)));
            free.forEach(left::remove);
        }
        return ordered;
    }

    /** The tables that the rows refer to. */
    static Set<String> targets(SeedPlan plan) {
        return bindings(plan)
                .map(SeedPlan.Binding::target)
                .filter(target -> target != null)
                .collect(Collectors.toSet());
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
            throw Failure.usage(
                    "the manifest seeds.yaml does not say what a minimal seed is",
                    "add it, as in minimal: {tables: [roles, user], first: [user]}.");
        for (String name : wanted.tables())
            if (tables.find(name).isEmpty())
                throw Failure.usage(
                        "the manifest seeds.yaml counts " + name + " as minimal, and there is no such table",
                        "correct its name.");
        Map<String, Set<String>> kept = new HashMap<>();
        List<SeedPlan> minimal = all.stream()
                .filter(plan -> wanted.tables().contains(plan.name()))
                .toList();
        for (SeedPlan plan : all) {
            if (!minimal.contains(plan)) {
                kept.put(plan.name(), Set.of());
                continue;
            }
            if (plan.large() != null)
                throw Failure.usage(
                        ResourceFolder.show(plan.large().path()) + " is too large for a minimal seed",
                        "keep it below 16 MB, or leave " + plan.name() + " out of minimal.");
            plan.rows().entrySet().removeIf(entry -> entry.getValue().fields().entrySet().stream()
                    .anyMatch(field -> {
                        String target =
                                plan.binding(field.getKey(), entry.getValue()).target();
                        return target != null
                                && !field.getValue().isNull()
                                && kept.containsKey(target)
                                && !kept.get(target).contains(find(all, target).keyOf(field.getValue()));
                    }));
            if (wanted.first().contains(plan.name()))
                plan.rows()
                        .keySet()
                        .retainAll(plan.rows().keySet().stream().limit(1).toList());
            kept.put(plan.name(), Set.copyOf(plan.rows().keySet()));
        }
        return minimal.stream().filter(plan -> !plan.rows().isEmpty()).toList();
    }

    static SeedPlan find(List<SeedPlan> all, String table) {
        return all.stream()
                .filter(plan -> plan.name().equals(table))
                .findFirst()
                .orElse(null);
    }
}
