package avdaily.migrate;

import avdaily.base.Format;
import avdaily.schema.Schema;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * The partitions that only one of two schemas has, of parents that both have. A partition manager makes and drops them
 * while a program runs: they belong to their parent, and are no change of the schema.
 */
final class PartitionFolding {
    private final Map<String, int[]> counts = new TreeMap<>();
    private final Predicate<String> folded;

    PartitionFolding(List<Schema.Item> expected, List<Schema.Item> live) {
        Set<String> both = tables(expected);
        both.retainAll(tables(live));
        folded = fold(new PartitionItems(expected), both, 1).or(fold(new PartitionItems(live), both, 0));
    }

    private static Set<String> tables(List<Schema.Item> items) {
        Set<String> names = new HashSet<>();
        for (Schema.Item item : items) if (item.kind().equals("TABLE")) names.add(item.identity());
        return names;
    }

    /** @param side 0 if they are more than there should be, 1 if they are missing */
    private Predicate<String> fold(PartitionItems items, Set<String> both, int side) {
        Set<String> partitions = new HashSet<>();
        for (String partition : items.names()) {
            if (both.contains(partition)) continue;
            String root = partition;
            while (items.names().contains(root)) root = items.parent(root);
            if (!both.contains(root)) continue;
            partitions.add(partition);
            counts.computeIfAbsent(root, r -> new int[2])[side]++;
        }
        return items.belongingTo(partitions);
    }

    /** Whether the object is one of these partitions, or belongs to one. */
    boolean has(String identity) {
        return folded.test(identity);
    }

    /** What was folded, a line for each parent. */
    List<String> lines() {
        return counts.entrySet().stream()
                .map(count -> count.getKey() + " has " + Format.count(count.getValue()[0], "partition") + " more and "
                        + count.getValue()[1] + " fewer than its migrations say (--partitions counts them)")
                .toList();
    }
}
