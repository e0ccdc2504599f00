package avdaily.seed;

import avdaily.base.Failure;
import avdaily.base.ResourceFolder;
import avdaily.db.Environment;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

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
        Map<String, SeedPlan> merged = merged();
        refuseUnknownTables();
        List<SeedPlan> all = new SeedOrder(merged, tables).sorted();
        return minimal ? reduced(all) : all;
    }

    private Map<String, SeedPlan> merged() {
        Map<String, SeedPlan> all = new LinkedHashMap<>();
        for (Map<String, SeedFile> layer : files.layers())
            layer.forEach((name, file) -> {
                if (file.rows().isEmpty() && !file.large()) return;
                SeedPlan here = plan(name, file);
                SeedPlan below = all.get(here.name());
                if (below != null && (file.large() || below.large() != null))
                    throw Failure.usage(
                            ResourceFolder.show(file.path()) + ": the table " + name
                                    + " has a large file, and that is not merged with another layer's",
                            "keep the table's rows in one layer, or in files below 16 MB.");
                SeedPlan plan = below != null ? below : here;
                all.put(plan.name(), plan);
                merge(plan, file);
            });
        all.values().stream()
                .filter(plan -> !files.manifest().table(plan.name()).isCaseSensitive())
                .forEach(SeedPlans::refuseLookAlikes);
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
                                "write it the same way, keep one of them, or say in seeds.yaml that both are meant: "
                                        + "tables: {" + plan.name() + ": {case_sensitive: true}}.");
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
                file.large() ? file : null,
                new LinkedHashSet<>());
        if (!said.key().isEmpty()) refuseUnknownKey(plan, key);
        key.forEach(field -> plan.binding(field, first));
        return plan;
    }

    private void refuseUnknownKey(SeedPlan plan, List<String> key) {
        for (String field : key)
            if (plan.bindingOrNull(field) == null)
                throw Failure.usage(
                        ResourceFolder.show(files.folder().resolve("seeds.yaml")) + ": the key of " + plan.name()
                                + " names " + field + ", and the table has no such column",
                        "correct it; the columns are "
                                + String.join(", ", plan.table().columns().keySet()) + ".");
    }

    /** @throws Failure (2) if the manifest names a table that is not there */
    private void refuseUnknownTables() {
        for (String name : files.manifest().tables().keySet())
            if (tables.find(name).isEmpty())
                throw Failure.usage(
                        ResourceFolder.show(files.folder().resolve("seeds.yaml")) + " names the table " + name
                                + ", and the database " + database + " has none of that name",
                        "correct its name, or bring the schema up first ('avdaily-migrate up --env " + environment
                                + "').");
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
