package avdaily.studio;

import avdaily.base.Format;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Where the tables of a diagram stand. A table stands to the right of those that it refers to; the tables of a column
 * are ordered so that lines cross seldom, and moved to where their lines are short. A line that passes a column gets a
 * place of its own there, so that it runs between the tables.
 */
final class DiagramLayout {
    static final int ROW = 20;
    static final int HEAD = 28;
    private static final int GAP = 26;
    private static final int MOST_GAP = 40;
    private static final int LANE = 90;
    private static final int MARGIN = 24;
    private static final int LINE_HEIGHT = 6;
    private static final int SWEEPS = 8;
    private static final double LETTER = 7.3;

    /** A table, or the place where a line passes a column. */
    static final class Node {
        final Diagram.Table table;
        final int height;
        int layer;
        double y;
        final List<Node> before = new ArrayList<>();
        final List<Node> after = new ArrayList<>();

        private Node(Diagram.Table table, int height) {
            this.table = table;
            this.height = height;
        }

        double middle() {
            return y + height / 2.0;
        }

        private double wanted(List<Node> others) {
            return others.stream().mapToDouble(Node::middle).average().orElse(middle());
        }
    }

    /** @param passes where it passes columns between its table and the one that it leads to */
    record Line(Reference reference, Node from, Node to, List<Node> passes) {}

    private final Map<Reference.Table, Node> nodes = new LinkedHashMap<>();
    private final List<List<Node>> layers = new ArrayList<>();
    private final List<Line> lines = new ArrayList<>();
    private final List<Integer> left = new ArrayList<>();
    private final List<Integer> widths = new ArrayList<>();

    DiagramLayout(Diagram diagram) {
        for (Diagram.Table table : diagram.tables())
            nodes.put(
                    table.name(),
                    new Node(table, HEAD + ROW * Math.max(1, table.columns().size())));
        chooseLayers(diagram.references());
        diagram.references().forEach(this::draw);
        for (int sweep = 0; sweep < SWEEPS; sweep++) order(sweep % 2 == 0);
        stack();
        for (int sweep = 0; sweep < SWEEPS; sweep++) settle(sweep % 2 == 0);
        layers.forEach(DiagramLayout::close);
        place();
    }

    /** A table's layer is one more than that of any table that it refers to; of a circle, one line leads back. */
    private void chooseLayers(List<Reference> references) {
        Map<Node, List<Node>> targets = new HashMap<>();
        for (Reference each : references)
            targets.computeIfAbsent(nodes.get(each.from()), n -> new ArrayList<>())
                    .add(nodes.get(each.to()));
        Map<Node, Integer> known = new HashMap<>();
        for (Node node : nodes.values()) node.layer = depth(node, targets, known, new HashSet<>());
        Set<Node> alone = new HashSet<>(nodes.values());
        references.stream().filter(r -> !r.from().equals(r.to())).forEach(r -> {
            alone.remove(nodes.get(r.from()));
            alone.remove(nodes.get(r.to()));
        });
        int columns =
                Math.max(1, nodes.values().stream().mapToInt(n -> n.layer).max().orElse(0) + 1);
        int n = 0;
        for (Node node : nodes.values()) if (alone.contains(node)) node.layer = n++ % Math.max(columns, 3);
        int most = nodes.values().stream().mapToInt(node -> node.layer).max().orElse(0);
        for (int i = 0; i <= most; i++) layers.add(new ArrayList<>());
        nodes.values().stream().sorted(Comparator.comparing(alone::contains)).forEach(node -> layers.get(node.layer)
                .add(node));
    }

    private static int depth(Node node, Map<Node, List<Node>> targets, Map<Node, Integer> known, Set<Node> onTheWay) {
        Integer found = known.get(node);
        if (found != null) return found;
        if (!onTheWay.add(node)) return -1;
        int depth = 0;
        for (Node target : targets.getOrDefault(node, List.of()))
            if (target != node) depth = Math.max(depth, 1 + depth(target, targets, known, onTheWay));
        onTheWay.remove(node);
        known.put(node, depth);
        return depth;
    }

    private void draw(Reference reference) {
        Node from = nodes.get(reference.from());
        Node to = nodes.get(reference.to());
        List<Node> passes = new ArrayList<>();
        Node last = from;
        for (int layer = from.layer - 1; layer > to.layer; layer--) {
            Node pass = new Node(null, LINE_HEIGHT);
            pass.layer = layer;
            layers.get(layer).add(pass);
            passes.add(pass);
            join(pass, last);
            last = pass;
        }
        if (from.layer > to.layer) join(to, last);
        lines.add(new Line(reference, from, to, passes));
    }

    private static void join(Node before, Node after) {
        before.after.add(after);
        after.before.add(before);
    }

    /** Orders each column by the middle of what its members are joined to in the column that was ordered last. */
    private void order(boolean forwards) {
        for (int i = 1; i < layers.size(); i++) {
            List<Node> layer = layers.get(forwards ? i : layers.size() - 1 - i);
            List<Node> fixed = layers.get(forwards ? i - 1 : layers.size() - i);
            Map<Node, Integer> places = new HashMap<>();
            for (Node node : fixed) places.put(node, places.size());
            Map<Node, Double> wanted = new HashMap<>();
            for (int k = 0; k < layer.size(); k++) {
                Node node = layer.get(k);
                wanted.put(
                        node,
                        (forwards ? node.before : node.after)
                                .stream().mapToInt(places::get).average().orElse(k));
            }
            layer.sort(Comparator.comparingDouble(wanted::get));
        }
    }

    private void stack() {
        for (List<Node> layer : layers) {
            double y = 0;
            for (Node node : layer) {
                node.y = y;
                y += node.height + GAP;
            }
        }
    }

    /**
     * Moves each table to the middle of its neighbours, as far as those above leave room, and then all of them back.
     */
    private void settle(boolean forwards) {
        for (int i = 0; i < layers.size(); i++) {
            List<Node> layer = layers.get(forwards ? i : layers.size() - 1 - i);
            double y = Double.NEGATIVE_INFINITY;
            double shift = 0;
            for (Node node : layer) {
                double wanted = node.wanted(forwards ? node.before : node.after) - node.height / 2.0;
                node.y = Math.max(wanted, y);
                shift += node.y - wanted;
                y = node.y + node.height + GAP;
            }
            for (Node node : layer) node.y -= shift / layer.size();
        }
    }

    /** Leaves no room that no line needs, and the middle of the column where it is. */
    private static void close(List<Node> layer) {
        double before = middle(layer);
        double most = Double.POSITIVE_INFINITY;
        for (Node node : layer) {
            node.y = Math.min(node.y, most);
            most = node.y + node.height + MOST_GAP;
        }
        double shift = before - middle(layer);
        for (Node node : layer) node.y += shift;
    }

    private static double middle(List<Node> layer) {
        return layer.stream().mapToDouble(Node::middle).average().orElse(0);
    }

    private void place() {
        double top = allNodes().stream().mapToDouble(node -> node.y).min().orElse(0);
        allNodes().forEach(node -> node.y += MARGIN - top);
        int x = MARGIN;
        for (List<Node> layer : layers) {
            int width = layer.stream().mapToInt(DiagramLayout::width).max().orElse(0);
            left.add(x);
            widths.add(width);
            x += width + LANE;
        }
    }

    private static int width(Node node) {
        if (node.table == null) return 0;
        int letters = shortened(node.table.name().called()).length() + 2;
        for (Column column : node.table.columns())
            letters = Math.max(
                    letters,
                    shortened(column.name()).length() + shortened(column.type()).length() + 6);
        return (int) (letters * LETTER) + 16;
    }

    /** A text as it fits into a diagram. */
    static String shortened(String text) {
        return Format.within(text, 30, "…");
    }

    private List<Node> allNodes() {
        return layers.stream().flatMap(List::stream).toList();
    }

    List<Node> tables() {
        return List.copyOf(nodes.values());
    }

    List<Line> lines() {
        return lines;
    }

    int left(Node node) {
        return left.get(node.layer);
    }

    /** The tables of a column are equally wide. */
    int right(Node node) {
        return left.get(node.layer) + widths.get(node.layer);
    }

    int width() {
        int last = layers.size() - 1;
        return last < 0 ? 2 * MARGIN : left.get(last) + widths.get(last) + LANE;
    }

    int height() {
        return (int) allNodes().stream()
                        .mapToDouble(node -> node.y + node.height)
                        .max()
                        .orElse(0)
                + MARGIN;
    }
}
