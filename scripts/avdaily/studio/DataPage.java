package avdaily.studio;

import static avdaily.studio.Html.attribute;
import static avdaily.studio.Html.element;
import static avdaily.studio.Html.kind;

import avdaily.base.Failure;
import avdaily.db.Database;
import avdaily.seed.MaskedTable;
import avdaily.seed.SeedFiles;
import avdaily.sql.Sql;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The rows of a table, a page at a time, and one row by itself. What tells who somebody is, is masked until asked for.
 */
final class DataPage {
    /** Of a value in a row by itself. */
    static final int LONGEST_ALONE = 100_000;

    private static final int LONGEST = 300;
    private static final int MOST_ROWS = 50;

    private final SeedFiles.Manifest manifest;
    private final Access access;
    /** The masks are the same for as long as the studio runs, and nobody's after that. */
    private final String key = Entrance.secret();

    private final Seal seal = new Seal();

    DataPage(SeedFiles.Manifest manifest, Access access) {
        this.manifest = manifest;
        this.access = access;
    }

    /** What a page of rows is made of. */
    private record Page(Relation relation, Cells cells, Rows rows, Request request) {}

    Html choice(Connection c) throws SQLException {
        Grid grid = new Grid("Tables with rows", "Table").number("Rows, about").text("Comment");
        for (Relation relation : Relation.all(c))
            if (relation.kind().holdsRows())
                grid.row(
                        Html.link(Link.toTable("data", relation.schema(), relation.name()), relation.called()),
                        Show.number(relation.measures().rows()),
                        relation.comment());
        return grid.or("There is no table yet.");
    }

    Html rows(Connection c, Request request, Relation relation) throws SQLException {
        Optional<Html> obstacle = obstacle(relation);
        if (obstacle.isPresent()) return obstacle.get();
        Page page = page(c, request, relation, LONGEST);
        Rows.Found found = page.rows.read(c, MOST_ROWS);
        return Html.all(
                masking(page),
                filters(page),
                table(page, found.rows()),
                element(
                        "p",
                        kind("ways"),
                        request.get("after").isEmpty()
                                ? null
                                : Html.link(request.link().with("after", null), "First page"),
                        found.next()
                                .map(mark -> Html.link(request.link().with("after", mark.sealed(seal)), "Next page"))
                                .orElse(null),
                        Html.link(request.link().on("data.csv"), "These rows as CSV"),
                        Html.link(relation.page(), "The table")));
    }

    Response csv(Connection c, Request request, Relation relation) throws SQLException, IOException {
        Page page = readable(c, request, relation);
        List<String[]> lines = new ArrayList<>();
        List<Column> columns = page.cells.columns();
        lines.add(columns.stream().map(column -> harmless(column.name())).toArray(String[]::new));
        for (List<String> row : page.rows.read(c, MOST_ROWS).rows()) {
            String[] line = new String[columns.size()];
            for (int i = 0; i < line.length; i++) line[i] = harmless(page.cells.text(columns.get(i), row.get(i)));
            lines.add(line);
        }
        return Response.file(
                relation.name() + ".csv", "text/csv; charset=utf-8", new CsvMapper().writeValueAsString(lines));
    }

    /** A spreadsheet takes a text that begins so for a formula. */
    private static String harmless(String text) {
        return text != null && text.matches("(?s)[=+@\\t\\r-].*") && !text.matches("[+-]?[\\d.]+(e[+-]?\\d+)?")
                ? "'" + text
                : text;
    }

    Html row(Connection c, Request request, Relation relation) throws SQLException {
        Optional<Html> obstacle = obstacle(relation);
        if (obstacle.isPresent()) return obstacle.get();
        Page page = page(c, request, relation, LONGEST_ALONE);
        List<List<String>> rows = page.rows.read(c, 1).rows();
        if (rows.isEmpty()) return element("p", kind("nothing"), "There is no such row.");
        List<String> row = rows.get(0);
        Grid grid = new Grid("The row's values", "Column").text("Value");
        List<Column> columns = page.cells.columns();
        for (int i = 0; i < columns.size(); i++)
            grid.row(Show.code(columns.get(i).name()), element("pre", kind("value"), page.cells.html(i, row)));
        return Html.all(
                EditPage.done(request),
                masking(page),
                grid.html(),
                referrers(page, row),
                element(
                        "p",
                        kind("ways"),
                        access == Access.WRITE
                                ? page.cells
                                        .alone(row)
                                        .map(link -> Html.link(link.on("edit"), "Change it"))
                                        .orElse(null)
                                : null,
                        Html.link(Link.toTable("data", relation.schema(), relation.name()), "All rows")));
    }

    /** A row by itself, and how it is shown. */
    record One(Cells cells, List<String> row) {}

    /** @throws Failure if the table is not read, or has no such row */
    One one(Connection c, Request request, Relation relation) throws SQLException {
        Page page = readable(c, request, relation);
        List<List<String>> rows = page.rows.read(c, 1).rows();
        if (rows.isEmpty()) throw Failure.usage("there is no such row", "look at the table again.");
        return new One(page.cells, rows.get(0));
    }

    Cells cells(Connection c, Request request, Relation relation) throws SQLException {
        return readable(c, request, relation).cells;
    }

    private Page readable(Connection c, Request request, Relation relation) throws SQLException {
        if (obstacle(relation).isPresent()) throw Failure.refused("its rows are not read", "see its page.");
        return page(c, request, relation, LONGEST_ALONE);
    }

    private static Html referrers(Page page, List<String> row) {
        List<Html> links = page.cells.references().stream()
                .filter(reference -> reference.to().is(page.relation))
                .flatMap(reference -> page.cells.referrers(reference, row).stream()
                        .map(link -> element(
                                "li",
                                Html.link(link, reference.from().called()),
                                " by ",
                                Show.code(String.join(", ", reference.columns())),
                                reference.isIndexed()
                                        ? null
                                        : Html.all(" ", Show.badge("warning", "no index: may be slow")))))
                .toList();
        return links.isEmpty()
                ? Html.NOTHING
                : Show.section("referrers", "Rows that refer to it", element("ul", links));
    }

    /** Why no row is shown. */
    private static Optional<Html> obstacle(Relation relation) {
        if (!relation.kind().holdsRows())
            return Optional.of(element(
                    "p",
                    kind("nothing"),
                    "A " + relation.kind().word + " has no rows of its own. The page Query can read it."));
        if (relation.danger() != null) return Optional.of(TablePage.warning(relation));
        if (relation.isReadable()) return Optional.empty();
        String grant =
                "GRANT SELECT ON " + Sql.quoted(relation.schema()) + "." + Sql.quoted(relation.name()) + " TO ...";
        return Optional.of(element(
                "div",
                kind("notice info"),
                element("p", "Your role may not read its rows."),
                element("p", element("strong", "Go on: "), "have its owner run ", Show.code(grant), ".")));
    }

    /** The table is locked first, so that it stays what it was found to be. */
    private Page page(Connection c, Request request, Relation seen, int longest) throws SQLException {
        Database.run(
                c, "LOCK TABLE " + Sql.quoted(seen.schema()) + "." + Sql.quoted(seen.name()) + " IN ACCESS SHARE MODE");
        List<Column> columns = Column.of(c, seen.oid());
        if (columns.isEmpty()) throw Failure.usage(seen.called() + " has no column", "choose another table.");
        List<MaskedTable.Column> maskable = columns.stream()
                .map(column -> new MaskedTable.Column(column.name(), column.base()))
                .toList();
        Optional<MaskedTable> masks =
                masking(request).masks(new Reference.Table(seen.schema(), seen.name()), maskable);
        Cells cells = new Cells(seen, columns, Reference.all(c), masks, longest);
        Column first =
                request.get("sort").map(name -> Filter.column(columns, name)).orElse(null);
        if (first != null && cells.isHidden(first)) first = null;
        boolean mayShowKey = columns.stream().filter(Column::isKey).noneMatch(cells::isHidden);
        Rows rows = new Rows(
                cells,
                filters(request, cells),
                Rows.order(seen, columns, first, mayShowKey),
                request.get("order").map("down"::equals).orElse(false),
                request.get("after").flatMap(mark -> Rows.Mark.of(mark, seal)));
        return new Page(seen, cells, rows, request);
    }

    BrokenRules.Masking masking(Request request) {
        return (table, columns) -> {
            boolean isUnmasked = request.visitor().unmasked().containsKey(table.schema() + "." + table.name());
            if (isUnmasked) return Optional.empty();
            return Optional.of(new MaskedTable(table.schema(), table.name(), columns, manifest, key));
        };
    }

    /** @throws Failure (21) if a condition would tell a masked value */
    private static List<Filter> filters(Request request, Cells cells) {
        List<Filter> filters = Filter.of(request, cells.columns());
        for (Filter filter : filters)
            if (filter.operator().takesValue() && cells.isHidden(filter.column()))
                throw Failure.refused(
                        "the values of " + filter.column().name() + " are masked, and a condition would tell them",
                        "show the columns first, with the button above the rows.");
        return filters;
    }

    static String name(Relation relation) {
        return relation.schema() + "." + relation.name();
    }

    private static Html masking(Page page) {
        Boolean isLogged = page.request.visitor().unmasked().get(name(page.relation));
        if (isLogged != null)
            return element(
                    "p",
                    kind("notice warning"),
                    isLogged
                            ? "Personal columns are shown to you, and that was logged."
                            : "Personal columns are shown to you. It was not logged: there is no operation log that "
                                    + "your role may write to.");
        if (page.cells.columns().stream().noneMatch(page.cells::mayHide)) return Html.NOTHING;
        return element(
                "div",
                kind("line"),
                element("p", "What tells who somebody is, is masked."),
                page.request.form(
                        "unmask",
                        Request.hidden("schema", page.relation.schema()),
                        Request.hidden("table", page.relation.name()),
                        element(
                                "button",
                                kind("quiet"),
                                attribute("type", "submit"),
                                "Show it, and log that I did if there is a log")));
    }

    private static Html filters(Page page) {
        List<Html> lines = new ArrayList<>();
        int used = page.rows.filters().size();
        for (int i = 0; i <= Math.min(used, Filter.MOST - 1); i++) {
            Filter filter = i < used ? page.rows.filters().get(i) : null;
            lines.add(line(page, i, filter));
        }
        return element(
                "form",
                attribute("method", "get"),
                attribute("action", Link.to("data")),
                Request.hidden("schema", page.relation.schema()),
                Request.hidden("table", page.relation.name()),
                page.request
                        .get("sort")
                        .map(sort -> Request.hidden("sort", sort))
                        .orElse(null),
                page.request
                        .get("order")
                        .map(order -> Request.hidden("order", order))
                        .orElse(null),
                lines);
    }

    private static Html line(Page page, int i, Filter filter) {
        String which = i == 0 ? "Rows where" : "and";
        return element(
                "div",
                kind("line"),
                element("label", attribute("for", "f" + i), which),
                element(
                        "select",
                        attribute("id", "f" + i),
                        attribute("name", "f" + i),
                        element("option", attribute("value", ""), "any column"),
                        page.cells.columns().stream()
                                .map(column -> option(
                                        column.name(), column.name(), filter != null && filter.column() == column))
                                .toList()),
                element(
                        "select",
                        attribute("name", "o" + i),
                        attribute("aria-label", "Condition " + (i + 1)),
                        Stream.of(Filter.Operator.values())
                                .map(each -> option(each.word, each.words, filter != null && filter.operator() == each))
                                .toList()),
                element(
                        "input",
                        attribute("name", "v" + i),
                        attribute("aria-label", "Value " + (i + 1)),
                        attribute("value", filter == null ? "" : filter.value())),
                filter == null ? element("button", attribute("type", "submit"), "Filter") : null);
    }

    private static Html option(String value, String words, boolean isChosen) {
        return element("option", attribute("value", value), attribute("selected", isChosen), words);
    }

    private static Html table(Page page, List<List<String>> rows) {
        List<Column> columns = page.cells.columns();
        Grid grid = new Grid("Rows of " + page.relation.called(), "Row");
        for (Column column : columns) {
            Html head = head(page, column);
            if (column.isNumber()) grid.number(head);
            else grid.text(head);
        }
        for (List<String> row : rows) {
            Object[] cells = new Object[columns.size() + 1];
            cells[0] = page.cells
                    .alone(row)
                    .map(link -> Html.link(link, attribute("title", "This row by itself"), "open"))
                    .orElse(Html.of("·"));
            for (int i = 0; i < columns.size(); i++) cells[i + 1] = page.cells.html(i, row);
            grid.row(cells);
        }
        return grid.or("There is no such row.");
    }

    /** A click orders by the column if an index has its order, and a second one turns it round. */
    private static Html head(Page page, Column column) {
        List<Column> order = page.rows.order();
        boolean canLead =
                column.leadsIndex() && column.isOrderedAsKnown() && !order.isEmpty() && !page.cells.isHidden(column);
        if (!canLead) return Html.of(column.name());
        boolean isFirst = order.get(0) == column;
        boolean turnsDown = isFirst && !page.rows.isDescending();
        Link link = page.request
                .link()
                .with("after", null)
                .with("sort", column.name())
                .with("order", turnsDown ? "down" : null);
        String arrow = isFirst ? page.rows.isDescending() ? " ↓" : " ↑" : "";
        return Html.link(link, attribute("title", "Order by it"), column.name() + arrow);
    }
}
