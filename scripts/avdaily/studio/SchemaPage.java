package avdaily.studio;

import static avdaily.studio.Html.attribute;
import static avdaily.studio.Html.element;
import static avdaily.studio.Html.kind;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** All tables and views by schema, those whose name or comment holds a word if one is asked for. */
final class SchemaPage {
    static Html show(Connection c, Request request, LastLook seen) throws SQLException {
        Optional<String> word = request.get("q");
        List<Relation> all = Relation.all(c);
        List<Relation> found = all.stream()
                .filter(relation -> word.isEmpty() || holds(relation, word.get()))
                .toList();
        return Html.all(search(word.orElse("")), list(found, seen), seen.lint().summary(all));
    }

    /** The tables, without what a page of paper could not do. */
    static Html list(List<Relation> relations, LastLook seen) {
        Map<String, List<Relation>> schemas = new LinkedHashMap<>();
        relations.forEach(
                r -> schemas.computeIfAbsent(r.schema(), s -> new ArrayList<>()).add(r));
        if (schemas.isEmpty()) return element("p", kind("nothing"), "There is no such table.");
        AtomicInteger number = new AtomicInteger();
        return schemas.entrySet().stream()
                .map(schema -> schema(number.incrementAndGet(), schema.getKey(), schema.getValue(), seen))
                .collect(Html.joined());
    }

    private static boolean holds(Relation relation, String word) {
        String text = relation.name() + " " + relation.comment();
        return text.toLowerCase(Locale.ROOT).contains(word.toLowerCase(Locale.ROOT));
    }

    private static Html search(String word) {
        return element(
                "form",
                attribute("method", "get"),
                attribute("action", Link.to("schema")),
                attribute("role", "search"),
                kind("line"),
                element("label", attribute("for", "q"), "Name or comment"),
                element(
                        "input",
                        attribute("id", "q"),
                        attribute("name", "q"),
                        attribute("type", "search"),
                        attribute("value", word)),
                element("button", attribute("type", "submit"), "Find"));
    }

    private static Html schema(int number, String schema, List<Relation> relations, LastLook seen) {
        Grid grid = new Grid("Tables and views of " + schema, "Name")
                .text("What")
                .number("Rows, about")
                .number("Size")
                .text("Comment");
        for (Relation each : relations)
            grid.row(
                    Html.link(each.page(), each.name()),
                    Html.all(each.kind().word, marks(each), seen.mark(each)),
                    each.kind().holdsRows() ? Show.number(each.measures().rows()) : "",
                    each.kind().holdsRows() ? Show.bytes(each.measures().bytes()) : "",
                    each.comment());
        return Show.section("schema-" + number, schema, grid.html());
    }

    static Html marks(Relation relation) {
        return Html.all(
                relation.kind() == Relation.Kind.PARTITIONED
                        ? Html.all(" of " + Show.number(relation.measures().leaves()))
                        : null,
                relation.hasRowSecurity() ? Html.all(" ", Show.badge("info", "row security")) : null,
                relation.danger() == null ? null : Html.all(" ", Show.badge("warning", "not read")));
    }

    private SchemaPage() {}
}
