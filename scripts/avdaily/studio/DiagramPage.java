package avdaily.studio;

import static avdaily.studio.Html.attribute;
import static avdaily.studio.Html.element;
import static avdaily.studio.Html.kind;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** A diagram of a schema or around a table, with the same in words. */
final class DiagramPage {
    private static final int MOST_STEPS = 3;

    static Html show(Connection c, Request request) throws SQLException {
        Catalog catalog = Catalog.of(c);
        Diagram diagram = diagram(c, catalog, request);
        String label = label(request, diagram);
        return Html.all(
                choice(catalog.relations(), request),
                element("p", label + "."),
                diagram.leftOut() == 0
                        ? null
                        : element(
                                "p",
                                kind("notice warning"),
                                diagram.leftOut() + " more tables are left out: choose a table to see its neighbours."),
                diagram.tables().isEmpty()
                        ? element("p", kind("nothing"), "There is no table.")
                        : drawn(diagram, label),
                element(
                        "p",
                        kind("ways"),
                        Html.link(request.link().on("diagram.svg"), "Download as SVG"),
                        Html.link(request.link().on("diagram.mmd"), "Download as Mermaid")),
                words(diagram));
    }

    static Html drawn(Diagram diagram, String label) {
        return element(
                "div",
                kind("diagram"),
                attribute("tabindex", "0"),
                attribute("role", "region"),
                attribute("aria-label", "Diagram"),
                new DiagramSvg(diagram).html(label));
    }

    static Response svg(Connection c, Request request) throws SQLException {
        Diagram diagram = diagram(c, Catalog.of(c), request);
        String text = new DiagramSvg(diagram).html(label(request, diagram)).text(link -> null);
        return Response.file("diagram.svg", "image/svg+xml", text);
    }

    static Response mermaid(Connection c, Request request) throws SQLException {
        return Response.file(
                "diagram.mmd",
                "text/plain; charset=utf-8",
                diagram(c, Catalog.of(c), request).mermaid());
    }

    private static Diagram diagram(Connection c, Catalog catalog, Request request) throws SQLException {
        Optional<String> table = request.get("table");
        String schema = request.get("schema").orElse(null);
        boolean wantsAll = request.get("columns").map("all"::equals).orElse(table.isPresent());
        Diagram.Detail detail = wantsAll ? Diagram.Detail.ALL : Diagram.Detail.KEYS;
        if (table.isPresent())
            return Diagram.around(
                    c, catalog, new Reference.Table(request.need("schema"), table.get()), steps(request), detail);
        return Diagram.ofSchema(c, catalog, schema == null ? first(catalog.relations()) : schema, detail);
    }

    private static int steps(Request request) {
        return request.number("steps", 1, MOST_STEPS, 1);
    }

    private static String first(List<Relation> relations) {
        return schemas(relations).stream().findFirst().orElse("public");
    }

    private static List<String> schemas(List<Relation> relations) {
        return relations.stream()
                .filter(relation -> relation.kind().holdsRows())
                .map(Relation::schema)
                .distinct()
                .toList();
    }

    private static String label(Request request, Diagram diagram) {
        String many = Show.number(diagram.tables().size()) + (diagram.tables().size() == 1 ? " table" : " tables");
        if (diagram.center() == null) return many + " and the foreign keys between them";
        int steps = steps(request);
        return many + ": " + diagram.center().called() + " and what is at most " + steps
                + (steps == 1 ? " foreign key away" : " foreign keys away");
    }

    private static Html choice(List<Relation> relations, Request request) {
        String schema = request.get("schema").orElse(first(relations));
        boolean wantsAll = request.get("columns")
                .map("all"::equals)
                .orElse(request.get("table").isPresent());
        return element(
                "form",
                kind("line"),
                attribute("method", "get"),
                attribute("action", Link.to("diagram")),
                element("label", attribute("for", "schema"), "Schema"),
                select("schema", schema, schemas(relations)),
                element("label", attribute("for", "table"), "Around the table"),
                element(
                        "input",
                        attribute("id", "table"),
                        attribute("name", "table"),
                        attribute("value", request.get("table").orElse("")),
                        attribute("placeholder", "all tables")),
                element("label", attribute("for", "steps"), "Steps"),
                select("steps", String.valueOf(steps(request)), List.of("1", "2", "3")),
                element("label", attribute("for", "columns"), "Columns"),
                select("columns", wantsAll ? "all" : "keys", List.of("keys", "all")),
                element("button", attribute("type", "submit"), "Draw"));
    }

    static Html select(String name, String chosen, List<String> values) {
        return element(
                "select",
                attribute("id", name),
                attribute("name", name),
                values.stream()
                        .map(value -> element(
                                "option",
                                attribute("value", value),
                                attribute("selected", value.equals(chosen)),
                                value))
                        .toList());
    }

    private static Html words(Diagram diagram) {
        Grid grid = new Grid("The foreign keys of the diagram", "Table")
                .text("Columns")
                .text("Refers to")
                .text("Columns");
        for (Reference each : diagram.references())
            grid.row(
                    Html.link(each.from().page(), each.from().called()),
                    Show.code(String.join(", ", each.columns())),
                    Html.link(each.to().page(), each.to().called()),
                    Show.code(String.join(", ", each.keys())));
        return Show.section("keys", "Foreign keys", grid.or("There is none between these tables."));
    }

    private DiagramPage() {}
}
