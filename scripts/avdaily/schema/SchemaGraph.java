package avdaily.schema;

import avdaily.db.MigrationTool;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * The objects of a schema and what needs what, brought into an order in which they can be created, circles broken the
 * way pg_dump does it.
 */
final class SchemaGraph {
    /** Among the objects whose needs are met, the first in this order comes first. */
    enum Rank {
        SCHEMA,
        EXTENSION,
        COLLATION,
        TYPE,
        FUNCTION,
        AGGREGATE,
        DICTIONARY,
        CONFIGURATION,
        SEQUENCE,
        TABLE,
        VIEW,
        MATERIALIZED_VIEW,
        ATTACH,
        IDENTITY,
        SEQUENCE_OWNER,
        DEFAULT,
        // from here on after the data
        VIEW_DEFINITION,
        CHECK,
        VALIDATION,
        INDEX,
        INDEX_ATTACH,
        STATISTICS,
        RULE,
        TRIGGER,
        FOREIGN_KEY,
        POLICY,
        ROW_SECURITY,
        LATE_COMMENT,
        SCHEMA_ACL,
        ACL,
        DEFAULT_ACL,
        REFRESH,
        EVENT_TRIGGER;

        boolean isBeforeData() {
            return ordinal() < VIEW_DEFINITION.ordinal();
        }
    }

    record Remark(String kind, String identity, String ddl) {}

    /**
     * An object that has a statement of its own. The statement is made when the order is known: a circle may change it.
     */
    static final class Node {
        final Rank rank;
        final String kind;
        final String schema;
        final String identity;
        final Supplier<String> ddl;
        /** What is said about it once it is there: comments, mostly. */
        final List<Remark> remarks = new ArrayList<>();
        /** The table to which a constraint, index or trigger belongs; null for what stands alone. */
        Node table;

        boolean isExcluded;
        boolean afterData;
        /** Of a view: the rule that defines it. */
        Part definition;

        Node(Rank rank, String kind, String schema, String identity, Supplier<String> ddl) {
            this.rank = rank;
            this.kind = kind;
            this.schema = schema;
            this.identity = identity;
            this.ddl = ddl;
            this.afterData = !rank.isBeforeData();
        }

        /** Whether it is a migration tool's history, or belongs to one. */
        boolean isOfHistory() {
            if (rank == Rank.SCHEMA) return identity.equals(MigrationTool.SCHEMA_OF_DRIZZLE);
            return table != null
                    && MigrationTool.TABLES.contains(table.identity.substring(table.identity.lastIndexOf('.') + 1));
        }

        Node of(Node table) {
            this.table = table;
            return this;
        }

        @Override
        public String toString() {
            return kind + " " + identity;
        }
    }

    /**
     * A default, a check, or a view's definition: written inside its owner's statement, and later as a statement of its
     * own if a circle demands that. The view is a stand-in then, with the same columns.
     */
    static final class Part {
        final Node owner;
        final Node alone;
        boolean separate;

        Part(Node owner, Node alone) {
            this.owner = owner;
            this.alone = alone.of(owner);
        }
    }

    private record Need(Node from, Node to, Part part) {
        /** Found before the part was taken out of its owner. */
        boolean isStale() {
            return part != null && part.separate && from == part.owner;
        }
    }

    private static final Comparator<Node> ORDER = Comparator.<Node>comparingInt(n -> n.rank.ordinal())
            .thenComparing(n -> n.identity)
            .thenComparing(n -> n.kind);

    private final Set<Node> nodes = new LinkedHashSet<>();
    private final Map<Long, Node> byAddress = new HashMap<>();
    private final Set<Long> own = new HashSet<>();
    private final Map<Long, Part> parts = new LinkedHashMap<>();
    private final Map<Long, List<Long>> dependencies = new HashMap<>();
    private final List<Node[]> extra = new ArrayList<>();
    private final Set<Need> given = new HashSet<>();
    /** Circles that nothing could break. */
    final List<String> circles = new ArrayList<>();

    /** Where an object stands in the catalogs: which catalog, which row. */
    static long address(long catalog, long oid) {
        return catalog << 32 | oid;
    }

    Node add(Node node, long address) {
        nodes.add(node);
        own.add(address);
        byAddress.put(address, node);
        return node;
    }

    Node add(Node node) {
        nodes.add(node);
        return node;
    }

    void remove(Node node) {
        nodes.remove(node);
        extra.removeIf(pair -> pair[0] == node || pair[1] == node);
    }

    void add(Part part, long address) {
        parts.put(address, part);
    }

    /** Takes the part out of its owner. */
    void separate(Part part) {
        part.separate = true;
        nodes.add(part.alone);
    }

    /** Makes an address stand for an object that has another one. */
    void alias(long address, Node node) {
        if (node != null) byAddress.putIfAbsent(address, node);
    }

    /** Whether the address is an object's own, not that of something that belongs to it. */
    boolean isOwn(long address) {
        return parts.containsKey(address) || own.contains(address);
    }

    Node at(long address) {
        Part part = parts.get(address);
        if (part == null) return byAddress.get(address);
        return part.separate ? part.alone : part.owner;
    }

    Part part(long address) {
        return parts.get(address);
    }

    void depend(long from, long to) {
        dependencies.computeIfAbsent(from, a -> new ArrayList<>(2)).add(to);
    }

    void depend(Node from, Node to) {
        if (from != null && to != null && from != to) extra.add(new Node[] {from, to});
    }

    Set<Node> nodes() {
        return nodes;
    }

    /** Everything in creation order. */
    List<Node> sorted() {
        postpone();
        List<Node> order = new ArrayList<>(sorted(Schema.Section.PRE_DATA));
        order.addAll(sorted(Schema.Section.POST_DATA));
        return order;
    }

    /** What each object needs, for finding what it would miss. */
    List<Node[]> pairs() {
        return needs().stream().map(need -> new Node[] {need.from, need.to}).toList();
    }

    private List<Need> needs() {
        List<Need> needs = new ArrayList<>();
        dependencies.forEach((from, targets) -> {
            Part part = parts.get(from);
            Node node = at(from);
            if (node == null) return;
            for (long target : targets) {
                Node to = byAddress.get(target);
                if (to != null && to != node) needs.add(need(node, to, part));
            }
        });
        extra.forEach(pair -> needs.add(need(pair[0], pair[1], null)));
        for (Part part : parts.values()) if (part.separate) needs.add(new Need(part.alone, part.owner, null));
        needs.removeIf(need -> !given.isEmpty() && given.contains(need)
                || !nodes.contains(need.from)
                || !nodes.contains(need.to)); // what is not supported is in no order
        return needs;
    }

    /** Each sequence that a column owns, with the table of that column. */
    Map<String, String> ownersOfSequences() {
        Map<String, String> owners = new HashMap<>();
        for (Node node : nodes) if (node.rank == Rank.SEQUENCE_OWNER) owners.put(node.identity, node.table.identity);
        return owners;
    }

    /** What comes after the data waits for a view's definition; the stand-in is enough for the others. */
    private static Need need(Node from, Node to, Part part) {
        boolean wantsDefinition =
                from.afterData && to.definition != null && to.definition.separate && to.definition.alone != from;
        return new Need(from, wantsDefinition ? to.definition.alone : to, part);
    }

    /** Moves behind the data what needs something that comes after the data. */
    private void postpone() {
        for (boolean changed = true; changed; ) {
            changed = false;
            for (Need need : needs())
                if (!need.from.afterData && need.to.afterData && !need.isStale()) {
                    if (!loosen(need)) giveUp(List.of(need));
                    changed = true;
                }
        }
    }

    private boolean loosen(Need need) {
        if (need.part != null && !need.part.separate) {
            separate(need.part);
            return true;
        }
        boolean canWait =
                switch (need.from.rank) {
                    case MATERIALIZED_VIEW, FUNCTION, DEFAULT, SEQUENCE_OWNER -> !need.from.afterData;
                    default -> false;
                };
        if (canWait) need.from.afterData = true;
        return canWait;
    }

    private void giveUp(List<Need> circle) {
        given.addAll(circle.subList(0, 1));
        circles.add(circle.stream().map(need -> need.from.toString()).collect(Collectors.joining(", "))
                + " need each other");
    }

    private List<Node> sorted(Schema.Section section) {
        boolean afterData = section == Schema.Section.POST_DATA;
        while (true) {
            List<Node> wanted =
                    nodes.stream().filter(n -> n.afterData == afterData).toList();
            Map<Node, List<Need>> users = new HashMap<>();
            Map<Node, Integer> open = new HashMap<>();
            for (Need need : needs())
                if (need.from.afterData == afterData && need.to.afterData == afterData) {
                    users.computeIfAbsent(need.to, n -> new ArrayList<>()).add(need);
                    open.merge(need.from, 1, Integer::sum);
                }
            PriorityQueue<Node> ready = new PriorityQueue<>(ORDER);
            wanted.stream().filter(n -> !open.containsKey(n)).forEach(ready::add);
            List<Node> order = new ArrayList<>(wanted.size());
            for (Node node; (node = ready.poll()) != null; order.add(node))
                for (Need need : users.getOrDefault(node, List.of()))
                    if (open.merge(need.from, -1, Integer::sum) == 0) ready.add(need.from);
            if (order.size() == wanted.size()) return order;
            breakCircle(circle(wanted, new HashSet<>(order)));
            if (!afterData) postpone();
        }
    }

    /** One circle among the objects that could not be ordered. */
    private List<Need> circle(List<Node> wanted, Set<Node> done) {
        Map<Node, Need> towards = new HashMap<>();
        for (Need need : needs())
            if (!done.contains(need.from) && !done.contains(need.to) && need.from.afterData == need.to.afterData)
                towards.merge(need.from, need, SchemaGraph::firm);
        Node node = wanted.stream()
                .filter(n -> !done.contains(n) && towards.containsKey(n))
                .min(ORDER)
                .orElseThrow();
        Deque<Need> path = new ArrayDeque<>();
        Set<Node> seen = new LinkedHashSet<>();
        while (seen.add(node)) {
            path.add(towards.get(node));
            node = towards.get(node).to;
        }
        while (path.peekFirst().from != node) path.pollFirst();
        return List.copyOf(path);
    }

    /** Always the same one of two needs, so that the same schema breaks at the same place. */
    private static Need firm(Need a, Need b) {
        int order = ORDER.compare(a.to, b.to);
        if (order != 0) return order < 0 ? a : b;
        return a.part == null ? a : b;
    }

    private void breakCircle(List<Need> circle) {
        for (Need need : circle) if (need.part != null && loosen(need)) return;
        for (Need need : circle) if (loosen(need)) return;
        giveUp(circle);
    }
}
