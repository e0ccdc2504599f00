package avdaily.migrate;

import avdaily.base.Format;
import avdaily.schema.Schema;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The partitions that only one of two schemas has, of parents that both have. A partition manager makes and drops them
 * while a program runs: they belong to their parent, and are no change of the schema.
 */
final class PartitionFolding {
    private static final String TABLE = "TABLE";
    private static final String ATTACH = "TABLE ATTACH";
    private static final Pattern PARENT = Pattern.compile("(?s)ALTER TABLE ONLY (.+?) ATTACH PARTITION .*");
    private static final Pattern INDEX =
            Pattern.compile("(?s)CREATE (?:UNIQUE )?INDEX .+? ON (?:ONLY )?(.+?) USING .*");

    private static final Pattern SCHEMA = Pattern.compile("^(?:\"(?:[^\"]|\"\")+\"|[^.]+)\\.");

    private final Set<String> partitions = new HashSet<>();
    private final Set<String> indexes = new HashSet<>();
    private final Map<String, int[]> counts = new TreeMap<>();

    private PartitionFolding() {}

    static PartitionFolding of(List<Schema.Item> expected, List<Schema.Item> live) {
        PartitionFolding folding = new PartitionFolding();
        Set<String> both = named(expected, TABLE);
        both.retainAll(named(live, TABLE));
        folding.add(expected, both, 1);
        folding.add(live, both, 0);
        return folding;
    }

    private static Set<String> named(List<Schema.Item> items, String kind) {
        Set<String> names = new HashSet<>();
        for (Schema.Item item : items) if (item.kind().equals(kind)) names.add(item.identity());
        return names;
    }

    /** @param side 0 if they are more than there should be, 1 if they are missing */
    private void add(List<Schema.Item> items, Set<String> both, int side) {
        Map<String, String> parents = new HashMap<>();
        for (Schema.Item item : items) {
            Matcher attach = PARENT.matcher(item.ddl());
            if (item.kind().equals(ATTACH) && attach.matches() && !both.contains(item.identity()))
                parents.put(item.identity(), attach.group(1));
        }
        for (String partition : parents.keySet()) {
            String root = partition;
            while (parents.containsKey(root)) root = parents.get(root);
            if (!both.contains(root)) continue;
            partitions.add(partition);
            counts.computeIfAbsent(root, r -> new int[2])[side]++;
        }
        for (Schema.Item item : items) {
            Matcher index = INDEX.matcher(item.ddl());
            if (item.kind().equals("INDEX") && index.matches() && partitions.contains(index.group(1)))
                indexes.add(item.identity());
            if (item.kind().equals("CONSTRAINT"))
                for (String partition : partitions)
                    if (item.identity().endsWith(" on " + partition)) indexes.add(index(item.identity(), partition));
        }
    }

    /** A key's index has the name of its constraint, and lies in the table's schema. */
    private static String index(String constraint, String table) {
        String name = constraint.substring(0, constraint.length() - table.length() - " on ".length());
        Matcher schema = SCHEMA.matcher(table);
        return schema.find() ? schema.group() + name : name;
    }

    /** Whether the object is one of these partitions, or belongs to one. */
    boolean has(String identity) {
        String object = identity.replaceFirst("^(?:TABLE|INDEX) ", "");
        return partitions.contains(object)
                || indexes.contains(object)
                || partitions.stream()
                        .anyMatch(p -> identity.endsWith(" on " + p) || identity.startsWith("COLUMN " + p + "."));
    }

    /** What was folded, a line for each parent. */
    List<String> lines() {
        return counts.entrySet().stream()
                .map(count -> count.getKey() + " has " + Format.count(count.getValue()[0], "partition") + " more and "
                        + count.getValue()[1] + " fewer than its migrations say (--partitions counts them)")
                .toList();
    }
}
