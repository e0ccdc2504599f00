import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.uuid.Generators;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Brings the seed files of one environment into one database, all or nothing. */
final class Seeder {
    /** Ids come from this namespace, the table and the natural key: the same row has the same id everywhere (UUID version 5). */
    private static final UUID NAMESPACE = UUID.fromString("a7d41c0e-5d3b-5b1f-9c55-6f3a0d1e2b90");

    /** A table to fill: its shape, its natural key and references by field name, and its rows by natural key. */
    private record Plan(Tables.Table table, List<String> key, Map<String, String> references, Map<String, SeedRow> rows) {}

    /** What a field of a file stands for: a column and, if it is a reference, the table that it leads to. */
    private record Binding(Tables.Column column, String target) {}

    record Count(String table, int inserted, int updated, int unchanged) {
        List<String> cells() {
            return List.of(table, String.valueOf(inserted), String.valueOf(updated), String.valueOf(unchanged));
        }

        Map<String, Object> json() {
            return Out.object("table", table, "inserted", inserted, "updated", updated, "unchanged", unchanged);
        }
    }

    record Result(List<Count> tables, LocalDate asOf, Duration took) {
        boolean changed() {
            return tables.stream().anyMatch(count -> count.inserted + count.updated > 0);
        }

        String summary(Environment environment) {
            int inserted = tables.stream().mapToInt(Count::inserted).sum();
            int updated = tables.stream().mapToInt(Count::updated).sum();
            int unchanged = tables.stream().mapToInt(Count::unchanged).sum();
            return changed() ? environment + ": " + inserted + " inserted, " + updated + " updated, " + unchanged + " unchanged"
                    : environment + ": unchanged, all " + Out.count(unchanged, "row") + " are there";
        }
    }

    private final Database db;
    private final Environment environment;
    private final SeedFiles files;
    private final boolean minimal;
    private final Tables tables;
    /** In the order in which they can be filled: what a table refers to comes before it. */
    private final List<Plan> plans;
    private final Map<String, Map<String, String>> ids = new HashMap<>();
    private Dates dates;

    Seeder(Database db, Environment environment, SeedFiles files, boolean minimal) throws SQLException {
        this.db = db;
        this.environment = environment;
        this.files = files;
        this.minimal = minimal;
        this.tables = Tables.of(db.connection());
        List<Plan> all = inOrder(merged());
        this.plans = minimal ? reduced(all) : all;
    }

    // -- from files to rows

    private Map<String, Plan> merged() {
        Map<String, Plan> all = new LinkedHashMap<>();
        for (Map<String, List<SeedRow>> layer : files.layers())
            layer.forEach((name, rows) -> {
                if (rows.isEmpty()) return;
                Plan plan = all.computeIfAbsent(name, n -> plan(n, rows.get(0)));
                Map<String, SeedRow> seen = new HashMap<>();
                for (SeedRow row : rows) {
                    row.fields().keySet().forEach(field -> binding(plan, field, row));
                    String key = key(plan, row, field -> row.fields().get(field));
                    SeedRow twin = seen.put(key, row);
                    if (twin != null)
                        throw row.mistake(null, "the key " + key + " stands already in line " + twin.line(), "keep one of them.");
                    plan.rows.merge(key, row, Seeder::overridden);
                }
            });
        return all;
    }

    /** A later layer's row over an earlier one: the columns that it names. */
    private static SeedRow overridden(SeedRow below, SeedRow above) {
        Map<String, JsonNode> fields = new LinkedHashMap<>(below.fields());
        fields.putAll(above.fields());
        return new SeedRow(above.file(), above.line(), fields);
    }

    private Plan plan(String name, SeedRow first) {
        Tables.Table table = tables.find(name).orElseThrow(() -> Failure.usage(Folder.show(first.file()) + ": the database " + db.name() + " has no table " + name,
                "bring the schema up first ('avdaily-migrate up --env " + environment + "'), or correct the file's name."));
        SeedFiles.Table said = files.manifest().table(name);
        List<String> key = !said.key().isEmpty() ? said.key() : table.uniques().size() == 1 ? table.uniques().get(0) : null;
        if (key == null)
            throw Failure.usage(Folder.show(first.file()) + ": the table " + name + " has " + (table.uniques().isEmpty() ? "no" : "more than one") + " unique key, so rows cannot be recognised",
                    "name its natural key in seeds.yaml, as in tables: {" + name + ": {key: [name]}}.");
        Plan plan = new Plan(table, key, said.references(), new LinkedHashMap<>());
        key.forEach(field -> binding(plan, field, first));
        return plan;
    }

    private Binding binding(Plan plan, String field, SeedRow row) {
        Map<String, Tables.Column> columns = plan.table.columns();
        Tables.Column named = columns.get(field);
        Tables.Column behind = columns.get(field + "_id");
        Binding binding = plan.references.containsKey(field) && (behind != null || named != null) ? new Binding(behind != null ? behind : named, plan.references.get(field))
                : behind != null && behind.target() != null ? new Binding(behind, behind.target())
                : named != null ? new Binding(named, field.endsWith("_id") ? null : named.target()) : null;
        if (binding == null)
            throw row.mistake(field, "the table " + plan.table.name() + " has no such column", "its columns are " + String.join(", ", columns.keySet()) + ".");
        if (binding.column.generated()) throw row.mistake(field, "the database computes it", "leave it out.");
        return binding;
    }

    /** The natural key as one text; a reference counts with the key that it names. */
    private String key(Plan plan, SeedRow row, Function<String, JsonNode> value) {
        List<Object> parts = new ArrayList<>();
        for (String field : plan.key) {
            JsonNode part = value.apply(field);
            if (part == null || part.isNull()) throw row.mistake(field, "it is part of the natural key and has no value", "give it one.");
            parts.add(part.isContainerNode() ? part : part.asText());
        }
        return text(parts);
    }

    private static String text(Object parts) {
        try {
            return new ObjectMapper().writeValueAsString(parts);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private List<Plan> inOrder(Map<String, Plan> all) {
        List<Plan> ordered = new ArrayList<>();
        Set<String> left = new LinkedHashSet<>(all.keySet());
        while (!left.isEmpty()) {
            List<String> free = left.stream().filter(name -> targets(all.get(name)).stream().noneMatch(t -> !t.equals(name) && left.contains(t))).toList();
            if (free.isEmpty())
                throw Failure.usage("the seed tables " + String.join(", ", left) + " refer to each other in a circle", "leave one of the references out and set it in a later layer.");
            free.forEach(name -> ordered.add(all.get(name)));
            free.forEach(left::remove);
        }
        return ordered;
    }

    private Set<String> targets(Plan plan) {
        return plan.rows.values().stream().flatMap(row -> row.fields().keySet().stream().map(field -> binding(plan, field, row).target))
                .filter(target -> target != null).collect(Collectors.toSet());
    }

    /** Keeps what the manifest calls minimal; a row that refers to a row left out is left out too. */
    private List<Plan> reduced(List<Plan> all) {
        SeedFiles.Minimal wanted = files.manifest().minimal();
        if (wanted.tables().isEmpty()) throw Failure.usage("the manifest seeds.yaml does not say what a minimal seed is", "add it, as in minimal: {tables: [roles, user], first: [user]}.");
        for (String name : wanted.tables())
            if (tables.find(name).isEmpty()) throw Failure.usage("the manifest seeds.yaml counts " + name + " as minimal, and there is no such table", "correct its name.");
        Map<String, Set<String>> kept = new HashMap<>();
        for (Plan plan : all) {
            String name = plan.table.name();
            if (!wanted.tables().contains(name)) plan.rows.clear();
            plan.rows.entrySet().removeIf(entry -> entry.getValue().fields().entrySet().stream().anyMatch(field -> {
                String target = binding(plan, field.getKey(), entry.getValue()).target;
                return target != null && !field.getValue().isNull() && kept.containsKey(target) && !kept.get(target).contains(targetKey(field.getValue(), plan(all, target)));
            }));
            if (wanted.first().contains(name)) plan.rows.keySet().retainAll(plan.rows.keySet().stream().limit(1).toList());
            kept.put(name, Set.copyOf(plan.rows.keySet()));
        }
        return all.stream().filter(plan -> !plan.rows.isEmpty()).toList();
    }

    private static Plan plan(List<Plan> all, String table) {
        return all.stream().filter(plan -> plan.table.name().equals(table)).findFirst().orElse(null);
    }

    /** The natural key that a reference names, as the target's own rows have it. */
    private static String targetKey(JsonNode reference, Plan target) {
        List<Object> parts = new ArrayList<>();
        if (reference.isObject()) target.key.forEach(field -> parts.add(part(reference.path(field))));
        else parts.add(part(reference));
        return text(parts);
    }

    private static Object part(JsonNode value) {
        return value.isContainerNode() ? value : value.asText();
    }

    // -- from rows to the database

    Set<String> tablesToClean() {
        Set<String> named = new LinkedHashSet<>(files.manifest().tables().keySet());
        plans.forEach(plan -> named.add(plan.table.name()));
        return tables.withReferrers(named);
    }

    long rowsToClean() throws SQLException {
        long rows = 0;
        for (String name : tablesToClean()) rows += Database.one(db.connection(), "SELECT count(*) FROM " + Out.quoted(name), Long.class);
        return rows;
    }

    /** Seeds in one transaction, which is taken back at the end of a dry run. */
    Result seed(boolean clean, boolean dryRun) throws Exception {
        Instant start = Instant.now();
        try (Lock lock = Lock.take(db, "seed")) {
            lock.verify();
            dates = new Dates(clean ? today() : asOf().orElse(today()), files.zone());
            List<Count> counts = dryRun ? db.inTransaction(c -> {
                List<Count> would = fill(c, clean);
                c.rollback();
                return would;
            }) : Operation.record(db, "seed", details -> {
                List<Count> did = db.inTransaction(c -> fill(c, clean));
                details.putAll(Out.object("seeds", environment.toString(), "asOf", dates.today().toString(), "clean", clean, "minimal", minimal,
                        "tables", did.stream().map(Count::json).toList()));
                return did;
            });
            return new Result(counts, dates.today(), Duration.between(start, Instant.now()));
        }
    }

    private LocalDate today() {
        return LocalDate.now(files.zone());
    }

    /** The day that relative dates counted from when these data came in; it holds as long as there are any. */
    private Optional<LocalDate> asOf() throws SQLException {
        boolean any = false;
        for (Plan plan : plans) any = any || Database.one(db.connection(), "SELECT EXISTS (SELECT FROM " + plan.table.sql() + ")", Boolean.class);
        if (!any || !Database.one(db.connection(), "SELECT to_regclass('avdaily_ops.operation') IS NOT NULL", Boolean.class)) return Optional.empty();
        return Optional.ofNullable(Database.one(db.connection(), """
                SELECT details ->> 'asOf' FROM avdaily_ops.operation
                WHERE command = 'seed' AND outcome = 'done' AND details ->> 'seeds' = ? ORDER BY id DESC LIMIT 1""", String.class, environment.toString()))
                .map(LocalDate::parse);
    }

    private List<Count> fill(Connection c, boolean clean) throws SQLException {
        if (clean && !tablesToClean().isEmpty()) Database.update(c, "TRUNCATE " + tablesToClean().stream().map(Out::quoted).collect(Collectors.joining(", ")) + " RESTART IDENTITY");
        List<Count> counts = new ArrayList<>();
        for (Plan plan : plans) counts.add(fill(c, plan));
        return counts;
    }

    private Count fill(Connection c, Plan plan) throws SQLException {
        Upsert upsert = upsert(c, plan);
        Map<Integer, String> existing = recognised(c, plan, upsert);
        List<Upsert.Row> known = new ArrayList<>();
        List<Upsert.Row> fresh = new ArrayList<>();
        List<Upsert.Row> rows = ready(c, plan, field -> true);
        for (int i = 0; i < rows.size(); i++) (existing.containsKey(i) ? known : fresh).add(rows.get(i));
        int inserted = upsert.insert(fresh);
        int updated = upsert.update(known);
        if (!fresh.isEmpty() && !hasUuid(plan)) recognised(c, plan, upsert);
        return new Count(plan.table.name(), inserted, updated, known.size() - updated);
    }

    /** Which rows the table has already, by their place; and from now on references to this table's rows are understood. */
    private Map<Integer, String> recognised(Connection c, Plan plan, Upsert upsert) throws SQLException {
        List<Upsert.Row> keys = ready(c, plan, plan.key::contains);
        Map<Integer, String> existing = upsert.existing(keys);
        Map<String, String> known = ids.computeIfAbsent(plan.table.name(), t -> new HashMap<>());
        List<String> texts = List.copyOf(plan.rows.keySet());
        for (int i = 0; i < keys.size(); i++) {
            String id = existing.getOrDefault(i, keys.get(i).id());
            if (id != null) known.put(texts.get(i), id);
        }
        return existing;
    }

    private static boolean hasUuid(Plan plan) {
        return plan.table.id() != null && plan.table.id().type().equals("uuid");
    }

    private Upsert upsert(Connection c, Plan plan) {
        SeedRow any = plan.rows.values().iterator().next();
        return new Upsert(c, plan.table, plan.key.stream().map(field -> binding(plan, field, any).column).toList());
    }

    /** The rows with the values of the wanted fields as the database takes them. */
    private List<Upsert.Row> ready(Connection c, Plan plan, Predicate<String> wanted) throws SQLException {
        List<Upsert.Row> rows = new ArrayList<>();
        for (SeedRow row : plan.rows.values()) {
            Map<Tables.Column, JsonNode> values = new LinkedHashMap<>();
            for (Map.Entry<String, JsonNode> field : row.fields().entrySet()) {
                if (!wanted.test(field.getKey())) continue;
                Binding binding = binding(plan, field.getKey(), row);
                if (values.put(binding.column, value(c, row, field.getKey(), field.getValue(), binding)) != null)
                    throw row.mistake(field.getKey(), "the column " + binding.column.name() + " is given twice", "keep one.");
            }
            String key = key(plan, row, field -> row.fields().get(field).isContainerNode() ? row.fields().get(field) : values.get(binding(plan, field, row).column));
            rows.add(new Upsert.Row(row, id(plan, row, key), values));
        }
        return rows;
    }

    /** The id that the file gives the row, else one made from table and key, else null: the database gives it one. */
    private static String id(Plan plan, SeedRow row, String key) {
        JsonNode given = plan.table.id() == null ? null : row.fields().get(plan.table.id().name());
        if (given != null && !given.isNull()) return given.asText();
        return hasUuid(plan) ? Generators.nameBasedGenerator(NAMESPACE).generate(plan.table.name() + key).toString() : null;
    }

    private JsonNode value(Connection c, SeedRow row, String field, JsonNode given, Binding binding) throws SQLException {
        if (given.isNull()) return NullNode.instance;
        return binding.target == null ? literal(row, field, given, binding.column) : TextNode.valueOf(reference(c, row, field, given, binding.target));
    }

    private JsonNode literal(SeedRow row, String field, JsonNode value, Tables.Column column) {
        if (column.type().matches("jsonb?")) {
            if (!value.isTextual()) return value;
            try {
                return new ObjectMapper().readTree(value.asText());
            } catch (JsonProcessingException e) {
                throw row.mistake(field, "it is not JSON: " + e.getOriginalMessage(), "write it as a mapping, or as JSON text.");
            }
        }
        if (value.isContainerNode() && !column.type().endsWith("[]"))
            throw row.mistake(field, "a list or mapping does not fit the type " + column.type(), "write a single value.");
        if (!Dates.fit(column.type()) || value.isContainerNode()) return value.isContainerNode() ? value : TextNode.valueOf(value.asText());
        return TextNode.valueOf(dates.resolve(value.asText(), column.type()).orElseThrow(() -> row.mistake(field, "'" + value.asText() + "' is no date for the type " + column.type(),
                "write 2026-01-31 or, relative, today-30d, today+2w, today-3mo; for a timestamp also today-30d@09:15.")));
    }

    /** The id of the row that a reference names: one of the seeds, or one that the database has. */
    private String reference(Connection c, SeedRow row, String field, JsonNode value, String target) throws SQLException {
        Plan plan = plan(plans, target);
        SeedFiles.Table said = files.manifest().table(target);
        Tables.Table table = tables.find(target).orElseThrow(() -> row.mistake(field, "it leads to the table " + target + ", which is not there", "correct seeds.yaml."));
        List<String> key = plan != null ? plan.key : !said.key().isEmpty() ? said.key() : table.uniques().size() == 1 ? table.uniques().get(0) : List.of();
        boolean fits = value.isObject() ? Set.copyOf(key).equals(value.properties().stream().map(Map.Entry::getKey).collect(Collectors.toSet())) : key.size() == 1 && !value.isArray();
        if (!fits || table.id() == null)
            throw row.mistake(field, "a row of " + target + " is named by its key (" + String.join(", ", key) + ")", "write " + field + ": {" + key.stream().map(k -> k + ": ...").collect(Collectors.joining(", ")) + "}.");
        String text = plan == null ? text(value) : targetKey(value, plan);
        Map<String, String> known = ids.computeIfAbsent(target, t -> new HashMap<>());
        if (!known.containsKey(text)) known.put(text, lookup(c, row, field, value, new Plan(table, key, said.references(), Map.of())));
        String id = known.get(text);
        if (id == null)
            throw row.mistake(field, "there is no row " + text + " in " + target + ", neither in the seeds nor in the database",
                    "add it to " + target + ", or correct the reference. (A new row of the same table can be referred to only where ids are uuids.)");
        return id;
    }

    private String lookup(Connection c, SeedRow row, String field, JsonNode value, Plan target) throws SQLException {
        List<String> conditions = new ArrayList<>();
        List<Object> parameters = new ArrayList<>();
        for (String part : target.key) {
            JsonNode given = value.isObject() ? value.get(part) : value;
            Binding binding = binding(target, part, row);
            conditions.add(Out.quoted(binding.column.name()) + "::text = ?");
            parameters.add(binding.target == null ? given.asText() : reference(c, row, field + "." + part, given, binding.target));
        }
        return Database.one(c, "SELECT " + Out.quoted(target.table.id().name()) + "::text FROM " + target.table.sql() + " WHERE " + String.join(" AND ", conditions), String.class, parameters.toArray());
    }

    // -- afterwards

    /** Whether every row is there, and every reference of the seeded tables leads somewhere. */
    List<String> validate() throws Exception {
        List<String> findings = new ArrayList<>();
        try (Connection c = db.connect()) {
            c.setAutoCommit(false);
            for (Plan plan : plans) {
                int missing = plan.rows.size() - upsert(c, plan).existing(ready(c, plan, plan.key::contains)).size();
                if (missing > 0) findings.add(plan.table.name() + ": " + Out.count(missing, "row") + " of the seeds missing");
                SeedRow any = plan.rows.values().iterator().next();
                Set<Binding> references = new LinkedHashSet<>();
                plan.table.columns().values().stream().filter(column -> column.target() != null).forEach(column -> references.add(new Binding(column, column.target())));
                plan.references.keySet().forEach(field -> references.add(binding(plan, field, any)));
                for (Binding reference : references) {
                    Tables.Table target = tables.find(reference.target).orElseThrow();
                    long orphans = Database.one(c, "SELECT count(*) FROM " + plan.table.sql() + " t WHERE t." + Out.quoted(reference.column.name()) + " IS NOT NULL AND NOT EXISTS (SELECT FROM "
                            + target.sql() + " r WHERE r." + Out.quoted(target.id().name()) + " = t." + Out.quoted(reference.column.name()) + ")", Long.class);
                    if (orphans > 0) findings.add(plan.table.name() + "." + reference.column.name() + ": " + Out.count(orphans, "row") + " without their " + target.name());
                }
            }
        }
        return findings;
    }
}
