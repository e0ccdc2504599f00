package avdaily.backup;

import avdaily.base.SqlResource;
import avdaily.db.Database;
import avdaily.sql.DottedName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Which tables refer to which, by their foreign keys. */
final class SubsetGraph {
    /**
     * A foreign key.
     *
     * @param condition how a row c of the child finds its row p of the parent
     * @param isSingle whether at most one row of the child refers to a row of the parent
     */
    record Key(long child, long parent, String childName, String parentName, String condition, boolean isSingle) {}

    /** A table with rows, and those above it whose keys are also its own. */
    record Table(long oid, DottedName name, Set<Long> lineage) {}

    /**
     * A way from known rows to others.
     *
     * @param known the alias of the known rows' table in the condition
     * @param other the alias of the other one
     * @param otherName as SQL names it
     */
    record Step(String known, String other, String otherName, String condition) {}

    private final List<Key> keys;
    private final Map<Long, Table> tables = new HashMap<>();

    private SubsetGraph(List<Key> keys) {
        this.keys = keys;
    }

    static SubsetGraph of(Connection c) throws SQLException {
        SubsetGraph graph = new SubsetGraph(Database.list(
                c,
                SqlResource.of(SubsetGraph.class, "subset-keys.sql"),
                row -> new Key(
                        row.getLong("child"),
                        row.getLong("parent"),
                        row.getString("child_name"),
                        row.getString("parent_name"),
                        row.getString("condition"),
                        row.getBoolean("is_single"))));
        Database.list(
                c,
                """
                SELECT c.oid, n.nspname, c.relname,
                  ARRAY(SELECT a::oid::bigint FROM pg_partition_ancestors(c.oid) a UNION SELECT c.oid::bigint)
                FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE c.relkind = 'r' AND c.relpersistence <> 't'""",
                row -> graph.tables.put(
                        row.getLong(1),
                        new Table(
                                row.getLong(1),
                                new DottedName(row.getString(2), row.getString(3)),
                                Set.copyOf(
                                        Arrays.asList((Long[]) row.getArray(4).getArray())))));
        return graph;
    }

    Table table(long oid) {
        return tables.get(oid);
    }

    /** From rows of a table to all that refer to them. */
    List<Step> down(Table table) {
        return down(table, key -> true);
    }

    /** From rows of a table to those that are alone in referring to one of them. */
    List<Step> single(Table table) {
        return down(table, Key::isSingle);
    }

    private List<Step> down(Table table, Predicate<Key> isWanted) {
        return keys.stream()
                .filter(key -> table.lineage.contains(key.parent) && isWanted.test(key))
                .map(key -> new Step("p", "c", key.childName, key.condition))
                .toList();
    }

    /** From rows of a table to all that they refer to. */
    List<Step> up(Table table) {
        return keys.stream()
                .filter(key -> table.lineage.contains(key.child))
                .map(key -> new Step("c", "p", key.parentName, key.condition))
                .toList();
    }

    /** All tables that foreign keys tie to some, directly or not, and these themselves. */
    Set<DottedName> tiedTo(Set<Long> oids) {
        Set<Long> tied = new HashSet<>();
        Deque<Long> next = new ArrayDeque<>(oids);
        while (!next.isEmpty()) {
            long oid = next.pop();
            if (!tied.add(oid)) continue;
            keys.stream()
                    .filter(key -> key.child == oid || key.parent == oid)
                    .flatMap(key -> Stream.of(key.child, key.parent))
                    .forEach(next::push);
            tables.values().stream()
                    .map(Table::lineage)
                    .filter(lineage -> lineage.contains(oid))
                    .forEach(next::addAll);
        }
        Set<DottedName> names = new HashSet<>();
        tied.stream().filter(tables::containsKey).forEach(oid -> names.add(tables.get(oid).name));
        return names;
    }
}
