package avdaily.seed;

import avdaily.base.Failure;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The order in which tables can be filled: what a table refers to comes before it. Where tables refer to each other in
 * a circle, a reference waits: a column that may be null is filled when all rows are there, and a deferrable key may be
 * false until then if the id that it leads to is known.
 */
final class SeedOrder {
    /**
     * What keeps a table waiting for another.
     *
     * @param columns the table's own that lead there
     * @param isDeferrable whether they may lead nowhere until the transaction ends
     */
    private record Edge(String target, Set<String> columns, boolean isDeferrable) {}

    private final Map<String, SeedPlan> plans;
    private final TableCatalog tables;
    private final Map<String, Set<Edge>> edges = new HashMap<>();

    SeedOrder(Map<String, SeedPlan> plans, TableCatalog tables) {
        this.plans = plans;
        this.tables = tables;
        plans.forEach((name, plan) -> edges.put(name, edges(plan)));
    }

    /** @throws Failure (2) if tables refer to each other in a circle, and no reference can wait */
    List<SeedPlan> sorted() {
        List<SeedPlan> ordered = new ArrayList<>();
        Set<String> left = new LinkedHashSet<>(plans.keySet());
        while (!left.isEmpty()) {
            List<String> free = left.stream()
                    .filter(name -> waitingFor(name, left).isEmpty())
                    .toList();
            if (free.isEmpty()) free = List.of(open(left));
            free.forEach(name -> ordered.add(plans.get(name)));
            free.forEach(left::remove);
        }
        return ordered;
    }

    private Set<Edge> waitingFor(String name, Collection<String> left) {
        return edges.get(name).stream()
                .filter(edge -> !edge.target.equals(name) && left.contains(edge.target))
                .collect(Collectors.toSet());
    }

    /** Opens a circle where the fewest columns have to wait, and returns the table that is free by then. */
    private String open(Set<String> left) {
        Map<String, Set<String>> possible = new LinkedHashMap<>();
        for (String name : left) waiting(name, left).ifPresent(columns -> possible.put(name, columns));
        Map.Entry<String, Set<String>> best = possible.entrySet().stream()
                .min((a, b) -> Integer.compare(a.getValue().size(), b.getValue().size()))
                .orElseThrow(() -> closed(left));
        plans.get(best.getKey()).postponed().addAll(best.getValue());
        return best.getKey();
    }

    /** The columns that have to wait for the table to be filled now; nothing if one cannot. */
    private Optional<Set<String>> waiting(String name, Set<String> left) {
        SeedPlan plan = plans.get(name);
        Set<String> key = plan.keyColumns(nowhere(plan)).stream()
                .map(TableCatalog.Column::name)
                .collect(Collectors.toSet());
        Set<String> columns = new HashSet<>();
        for (Edge edge : waitingFor(name, left)) {
            Optional<String> nullable = edge.columns.stream()
                    .filter(column -> !key.contains(column)
                            && plan.large() == null
                            && plan.table().columns().get(column).isNullable())
                    .findFirst();
            if (nullable.isPresent()) columns.add(nullable.get());
            else if (!edge.isDeferrable || !isIdKnown(plans.get(edge.target))) return Optional.empty();
        }
        return Optional.of(columns);
    }

    private static boolean isIdKnown(SeedPlan target) {
        TableCatalog.Column id = target.table().id();
        return id != null
                && target.large() == null
                && (SeedValues.hasUuid(target)
                        || target.rows().values().stream()
                                .allMatch(row -> row.fields().containsKey(id.name())));
    }

    private Failure closed(Set<String> left) {
        String references = left.stream()
                .flatMap(name -> waitingFor(name, left).stream()
                        .map(edge -> name + "." + String.join(", ", edge.columns) + " to " + edge.target))
                .sorted()
                .collect(Collectors.joining("; "));
        return Failure.usage(
                "the seed tables " + String.join(", ", left) + " refer to each other in a circle, and none of the "
                        + "references can wait until all rows are there: " + references,
                "make one of these columns nullable, or its foreign key DEFERRABLE, in a migration.");
    }

    private Set<Edge> edges(SeedPlan plan) {
        Set<Edge> found = new HashSet<>();
        Map<String, SeedPlan.Binding> bindings = bindings(plan)
                .collect(Collectors.toMap(binding -> binding.column().name(), binding -> binding, (a, b) -> a));
        List<TableCatalog.ForeignKey> keys = tables.foreignKeys(plan.name(), bindings.keySet());
        keys.forEach(key -> found.add(new Edge(key.target(), key.columns(), key.isDeferrable())));
        bindings.forEach((column, binding) -> {
            boolean isKey = keys.stream().anyMatch(key -> key.columns().equals(Set.of(column)));
            if (binding.target() != null && !isKey) found.add(new Edge(binding.target(), Set.of(column), true));
        });
        return found;
    }

    private static SeedRow nowhere(SeedPlan plan) {
        return Stream.concat(plan.rows().values().stream(), plan.absent().values().stream())
                .findFirst()
                .orElseGet(() -> new SeedRow(plan.large().path(), 1, Map.of()));
    }

    /** What the fields of all rows stand for. */
    static Stream<SeedPlan.Binding> bindings(SeedPlan plan) {
        SeedRow head = plan.large() == null ? null : new SeedRow(plan.large().path(), 1, Map.of());
        Map<String, SeedRow> fields = new LinkedHashMap<>();
        if (head != null) plan.large().fields().forEach(field -> fields.put(field, head));
        plan.rows().values().forEach(row -> row.fields().keySet().forEach(field -> fields.put(field, row)));
        plan.absent().values().forEach(row -> row.fields().keySet().forEach(field -> fields.put(field, row)));
        return fields.entrySet().stream().map(field -> plan.binding(field.getKey(), field.getValue()));
    }

    /** The tables that the rows refer to. */
    static Set<String> targets(SeedPlan plan) {
        return bindings(plan)
                .map(SeedPlan.Binding::target)
                .filter(target -> target != null)
                .collect(Collectors.toSet());
    }
}
