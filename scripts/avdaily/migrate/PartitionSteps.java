package avdaily.migrate;

import avdaily.schema.Schema;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * What becomes of partitions on the way from one schema to another: pgCodeKeeper would make an ordinary table of each.
 *
 * <ol>
 *   <li>Those that go are detached or dropped.
 *   <li>The schemas are compared without partitions: what a parent gets, they get.
 *   <li>Those that stay get the indexes that their parent got.
 *   <li>New ones are made beside their parent and attached, with what belongs to them.
 * </ol>
 */
final class PartitionSteps {
    private final List<Schema.Item> wanted;
    private final PartitionItems before;
    private final PartitionItems after;
    private final Set<String> tablesBefore;
    private final Set<String> tablesAfter;

    PartitionSteps(List<Schema.Item> from, List<Schema.Item> to) {
        this.wanted = to;
        this.before = new PartitionItems(from);
        this.after = new PartitionItems(to);
        this.tablesBefore = tables(from);
        this.tablesAfter = tables(to);
    }

    private static Set<String> tables(List<Schema.Item> items) {
        return items.stream()
                .filter(item -> item.kind().equals("TABLE"))
                .map(Schema.Item::identity)
                .collect(Collectors.toSet());
    }

    private boolean stays(String partition) {
        return before.names().contains(partition)
                && after.names().contains(partition)
                && before.attachment(partition).equals(after.attachment(partition));
    }

    /** Takes away those that go, and those that get another place; a partition goes before its parent. */
    List<String> first() {
        List<String> statements = new ArrayList<>();
        for (String partition : before.names()) {
            if (stays(partition) || !tablesAfter.contains(before.parent(partition))) continue;
            statements.add(
                    0, tablesAfter.contains(partition) ? detach(before, partition) : "DROP TABLE " + partition + ";");
        }
        return statements;
    }

    /** What makes the other schema one whose tables of their own are not attached yet. */
    List<String> hidden() {
        return joining().stream().map(partition -> detach(after, partition)).toList();
    }

    private static String detach(PartitionItems items, String partition) {
        return "ALTER TABLE " + items.parent(partition) + " DETACH PARTITION " + partition + ";";
    }

    /** Tables that are there and become partitions. */
    private List<String> joining() {
        return after.names().stream()
                .filter(partition -> tablesBefore.contains(partition) && !stays(partition))
                .toList();
    }

    /** What is compared: all but partitions. */
    static List<Schema.Item> without(List<Schema.Item> items) {
        PartitionItems partitions = new PartitionItems(items);
        Predicate<String> belongs = partitions.belongingTo(partitions.names());
        return items.stream().filter(item -> !belongs.test(item.identity())).toList();
    }

    /**
     * Makes and attaches new ones, and attaches tables that were there.
     *
     * @param done the schema that what was compared leads to
     */
    List<String> last(List<Schema.Item> done) {
        List<String> made = after.names().stream()
                .filter(partition -> !tablesBefore.contains(partition))
                .sorted(Comparator.comparingInt(this::depth))
                .toList();
        List<String> statements = new ArrayList<>(newOfThoseThatStay(Drift.byName(done).keySet()));
        for (String partition : made) statements.addAll(make(partition));
        for (String partition : joining()) statements.add(attach(partition));
        return statements;
    }

    /** Indexes that a parent gets have names of their own in its partitions; keys are there with the parent's. */
    private List<String> newOfThoseThatStay(Set<String> known) {
        Set<String> staying = after.names().stream().filter(this::stays).collect(Collectors.toSet());
        Predicate<String> belongs = after.belongingTo(staying);
        return wanted.stream()
                .filter(item -> belongs.test(item.identity()) && !known.contains(item.kind() + " " + item.identity()))
                .map(Schema.Item::ddl)
                .toList();
    }

    private int depth(String partition) {
        int depth = 0;
        for (String name = partition; after.names().contains(name); name = after.parent(name)) depth++;
        return depth;
    }

    private String attach(String partition) {
        return after.attachment(partition).replace("TABLE ONLY", "TABLE");
    }

    /**
     * Its keys and indexes have their names before it is attached, and become parts of its parent's then. One that has
     * partitions itself is attached at once, and gets its parent's keys and indexes.
     */
    private List<String> make(String partition) {
        Predicate<String> belongs = after.belongingTo(Set.of(partition));
        boolean hasPartitions = wanted.stream()
                .anyMatch(item -> item.kind().equals("TABLE")
                        && item.identity().equals(partition)
                        && item.ddl().contains("PARTITION BY "));
        List<String> statements = new ArrayList<>();
        for (Schema.Item item : wanted) {
            if (!belongs.test(item.identity()) || item.kind().endsWith(" ATTACH")) continue;
            boolean isParents = hasPartitions && Set.of("CONSTRAINT", "INDEX").contains(item.kind());
            if (!isParents) statements.add(item.ddl());
        }
        statements.add(hasPartitions ? 1 : statements.size(), attach(partition));
        return statements;
    }
}
