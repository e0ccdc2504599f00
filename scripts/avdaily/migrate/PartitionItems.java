package avdaily.migrate;

import avdaily.schema.Schema;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The partitions among the objects of a schema, and what belongs to each of them. */
final class PartitionItems {
    private static final String ATTACH = "TABLE ATTACH";
    private static final Pattern PARENT = Pattern.compile("(?s)ALTER TABLE ONLY (.+?) ATTACH PARTITION .*");
    private static final Pattern INDEX =
            Pattern.compile("(?s)CREATE (?:UNIQUE )?INDEX .+? ON (?:ONLY )?(.+?) USING .*");
    private static final Pattern STATISTICS = Pattern.compile("(?s)CREATE STATISTICS .+ FROM (.+?);.*");
    private static final Pattern SCHEMA = Pattern.compile("^(?:\"(?:[^\"]|\"\")+\"|[^.]+)\\.");

    private final List<Schema.Item> items;
    /** The statement that attaches each. */
    private final Map<String, Schema.Item> attached = new LinkedHashMap<>();

    PartitionItems(List<Schema.Item> items) {
        this.items = items;
        for (Schema.Item item : items)
            if (item.kind().equals(ATTACH) && PARENT.matcher(item.ddl()).matches()) attached.put(item.identity(), item);
    }

    /** Their names, a parent before its partitions if it is one itself. */
    Set<String> names() {
        return attached.keySet();
    }

    String parent(String partition) {
        Matcher attach = PARENT.matcher(attached.get(partition).ddl());
        return attach.matches() ? attach.group(1) : null;
    }

    /** The statement that attaches it. */
    String attachment(String partition) {
        return attached.get(partition).ddl();
    }

    /** Tells the objects that are one of these partitions or belong to one, by what identifies them. */
    Predicate<String> belongingTo(Set<String> partitions) {
        Set<String> parts = new HashSet<>();
        for (Schema.Item item : items) {
            Matcher index = INDEX.matcher(item.ddl());
            if (item.kind().equals("INDEX") && index.matches() && partitions.contains(index.group(1)))
                parts.add(item.identity());
            Matcher statistics = STATISTICS.matcher(item.ddl());
            if (item.kind().equals("STATISTICS") && statistics.matches() && partitions.contains(statistics.group(1)))
                parts.add(item.identity());
            if (item.kind().equals("CONSTRAINT"))
                for (String partition : partitions)
                    if (item.identity().endsWith(" on " + partition)) parts.add(index(item.identity(), partition));
        }
        return identity -> {
            String object = identity.replaceFirst("^(?:TABLE|INDEX|STATISTICS) ", "");
            return partitions.contains(object)
                    || parts.contains(object)
                    || partitions.stream()
                            .anyMatch(p -> identity.endsWith(" on " + p) || identity.startsWith("COLUMN " + p + "."));
        };
    }

    /** A key's index has the name of its constraint, and lies in the table's schema. */
    private static String index(String constraint, String table) {
        String name = constraint.substring(0, constraint.length() - table.length() - " on ".length());
        Matcher schema = SCHEMA.matcher(table);
        return schema.find() ? schema.group() + name : name;
    }
}
