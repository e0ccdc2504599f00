package avdaily.schema;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The order in which materialized views are filled. */
final class SchemaRefreshes {
    /**
     * A materialized view is filled after those that it reads, directly or through views. If one of these is empty, it
     * cannot be filled, and is named among what is left out.
     */
    static void order(SchemaCatalog catalog) {
        Map<SchemaGraph.Node, SchemaGraph.Node> refreshes = new HashMap<>();
        for (SchemaGraph.Node node : catalog.graph.nodes())
            if (node.rank == SchemaGraph.Rank.REFRESH) refreshes.put(node.table, node);
        if (refreshes.isEmpty()) return;
        Map<SchemaGraph.Node, List<SchemaGraph.Node>> needs = new HashMap<>();
        for (SchemaGraph.Node[] pair : catalog.graph.pairs())
            needs.computeIfAbsent(pair[0], n -> new ArrayList<>()).add(pair[1]);
        Map<SchemaGraph.Node, Set<SchemaGraph.Node>> reads = new HashMap<>();
        for (SchemaGraph.Node view : refreshes.keySet()) {
            Set<SchemaGraph.Node> found = new HashSet<>();
            List<SchemaGraph.Node> open = new ArrayList<>(needs.getOrDefault(view, List.of()));
            Set<SchemaGraph.Node> seen = new HashSet<>();
            while (!open.isEmpty()) {
                SchemaGraph.Node next = open.remove(open.size() - 1);
                if (!seen.add(next)) continue;
                if (next.rank == SchemaGraph.Rank.MATERIALIZED_VIEW) found.add(next);
                else open.addAll(needs.getOrDefault(next, List.of()));
            }
            reads.put(view, found);
        }
        for (boolean changed = true; changed; ) {
            changed = false;
            for (SchemaGraph.Node view : List.copyOf(refreshes.keySet())) {
                SchemaGraph.Node empty = reads.get(view).stream()
                        .filter(r -> !refreshes.containsKey(r))
                        .findFirst()
                        .orElse(null);
                if (empty == null) continue;
                catalog.graph.remove(refreshes.remove(view));
                if (!view.isExcluded)
                    catalog.omitted.add("the rows of MATERIALIZED VIEW " + view.identity + ": it reads "
                            + empty.identity + ", which is not populated");
                changed = true;
            }
        }
        refreshes.forEach(
                (view, refresh) -> reads.get(view).forEach(read -> catalog.graph.depend(refresh, refreshes.get(read))));
    }

    private SchemaRefreshes() {}
}
