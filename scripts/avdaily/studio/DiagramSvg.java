package avdaily.studio;

import static avdaily.studio.Html.attribute;
import static avdaily.studio.Html.element;
import static avdaily.studio.Html.kind;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A diagram as SVG. It has colours of its own for those who keep it; on a page the style sheet's win. */
final class DiagramSvg {
    private static final String FONT = "ui-monospace, Menlo, Consolas, monospace";
    /** How far a line runs straight before it bends. */
    private static final int STRAIGHT = 14;

    /** From here on it is not made narrower than can be read. */
    private static final int WIDE = 900;

    private final Diagram diagram;
    private final DiagramLayout layout;

    DiagramSvg(Diagram diagram) {
        this.diagram = diagram;
        this.layout = new DiagramLayout(diagram);
    }

    /** @param label what it shows, for those who do not see it */
    Html html(String label) {
        List<Html> parts = new ArrayList<>();
        parts.add(element("title", label));
        layout.lines().forEach(line -> parts.add(line(line)));
        layout.tables().forEach(node -> parts.add(table(node)));
        return element(
                "svg",
                attribute("xmlns", "http://www.w3.org/2000/svg"),
                attribute("width", layout.width()),
                attribute("height", layout.height()),
                attribute("viewBox", "0 0 " + layout.width() + " " + layout.height()),
                attribute("class", layout.width() > WIDE ? "wide" : null),
                attribute("role", "group"),
                attribute("aria-label", label),
                attribute("font-family", FONT),
                attribute("font-size", 12),
                parts);
    }

    private Html table(DiagramLayout.Node node) {
        int x = layout.left(node);
        int width = layout.right(node) - x;
        boolean isCenter = node.table.name().equals(diagram.center());
        List<Html> parts = new ArrayList<>();
        parts.add(element(
                "rect",
                kind(isCenter ? "box center" : "box"),
                attribute("x", x),
                attribute("y", decimal(node.y)),
                attribute("width", width),
                attribute("height", node.height),
                attribute("rx", 5),
                attribute("fill", "#ffffff"),
                attribute("stroke", isCenter ? "#2f6fb0" : "#b8c2cc")));
        parts.add(text(
                "title",
                x + 10,
                node.y + 19,
                "start",
                "#1b2430",
                node.table.name().called()));
        double y = node.y + DiagramLayout.HEAD;
        for (Column column : node.table.columns()) {
            parts.add(text(
                    "mark",
                    x + 10,
                    y + 13,
                    "start",
                    "#2f6fb0",
                    column.isKey() ? "◆" : column.isReference() ? "→" : ""));
            parts.add(text("name", x + 28, y + 13, "start", "#1b2430", column.name()));
            parts.add(text("type", x + width - 10, y + 13, "end", "#55616f", column.type()));
            y += DiagramLayout.ROW;
        }
        return element("a", attribute("href", node.table.name().page()), parts);
    }

    private static Html text(String kind, double x, double y, String anchor, String color, String text) {
        return element(
                "text",
                kind(kind),
                attribute("x", decimal(x)),
                attribute("y", decimal(y)),
                attribute("text-anchor", anchor),
                attribute("fill", color),
                DiagramLayout.shortened(text));
    }

    /** From the column that refers to the one that it refers to, with the fork of "many" at the side of the many. */
    private Html line(DiagramLayout.Line line) {
        Reference reference = line.reference();
        double startX = layout.left(line.from());
        double startY = row(line.from(), reference.columns().get(0));
        double endY = row(line.to(), reference.keys().get(0));
        StringBuilder path = new StringBuilder();
        if (line.from().layer > line.to().layer) {
            double x = startX - STRAIGHT;
            double y = startY;
            path.append(move(startX, startY)).append(straight(x, y));
            for (DiagramLayout.Node pass : line.passes()) {
                path.append(curve(x, y, layout.right(pass), pass.middle()));
                path.append(straight(layout.left(pass), pass.middle()));
                x = layout.left(pass);
                y = pass.middle();
            }
            double endX = layout.right(line.to()) + STRAIGHT;
            path.append(curve(x, y, endX, endY)).append(straight(layout.right(line.to()), endY));
        } else { // to itself, or back along a circle: around the right side
            startX = layout.right(line.from());
            double endX = layout.right(line.to());
            double out = Math.max(startX, endX) + 3 * STRAIGHT;
            path.append(move(startX, startY))
                    .append(String.format(
                            Locale.ROOT, "C%.1f %.1f %.1f %.1f %.1f %.1f", out, startY, out, endY, endX, endY));
        }
        String words = reference.from().called() + " (" + String.join(", ", reference.columns()) + ") refers to "
                + reference.to().called();
        return element(
                "g",
                element("title", words),
                element(
                        "path",
                        kind("edge"),
                        attribute("d", path),
                        attribute("fill", "none"),
                        attribute("stroke", "#7a8694")),
                ends(line, startY, endY));
    }

    private Html ends(DiagramLayout.Line line, double startY, double endY) {
        boolean isForward = line.from().layer > line.to().layer;
        int side = isForward ? -1 : 1;
        double x = isForward ? layout.left(line.from()) : layout.right(line.from());
        double end = layout.right(line.to());
        String many = move(x, startY - 5) + straight(x + side * 9, startY) + straight(x, startY + 5);
        String one = move(x + side * 6, startY - 5) + straight(x + side * 6, startY + 5);
        String target = move(end + 6, endY - 5) + straight(end + 6, endY + 5);
        return element(
                "path",
                kind("edge"),
                attribute("d", (line.reference().isUnique() ? one : many) + target),
                attribute("fill", "none"),
                attribute("stroke", "#7a8694"));
    }

    private static double row(DiagramLayout.Node node, String column) {
        return node.y + DiagramLayout.HEAD + DiagramLayout.ROW * node.table.place(column) + 9;
    }

    private static String move(double x, double y) {
        return String.format(Locale.ROOT, "M%.1f %.1f", x, y);
    }

    private static String straight(double x, double y) {
        return String.format(Locale.ROOT, "L%.1f %.1f", x, y);
    }

    private static String curve(double fromX, double fromY, double x, double y) {
        double half = (fromX + x) / 2;
        return String.format(Locale.ROOT, "C%.1f %.1f %.1f %.1f %.1f %.1f", half, fromY, half, y, x, y);
    }

    private static String decimal(double n) {
        return String.format(Locale.ROOT, "%.1f", n);
    }
}
