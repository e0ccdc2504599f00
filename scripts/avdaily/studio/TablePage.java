package avdaily.studio;

import static avdaily.studio.Html.element;
import static avdaily.studio.Html.kind;

import avdaily.base.SqlResource;
import avdaily.db.Database;
import avdaily.monitor.Bloat;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** One table or view with all that belongs to it. */
final class TablePage {
    private final Connection c;
    private final Relation relation;

    private TablePage(Connection c, Relation relation) {
        this.c = c;
        this.relation = relation;
    }

    /** @param seen what the monitor's last look says of it */
    static Html show(Connection c, Relation relation, List<Reference> references, Html seen)
            throws SQLException {
        return new TablePage(c, relation).show(references, seen);
    }

    private Html show(List<Reference> references, Html seen) throws SQLException {
        List<Bloat> bloat = Bloat.of(c, relation.oid());
        return Html.all(
                relation.comment() == null ? null : element("p", kind("lead"), relation.comment()),
                warning(relation),
                ways(),
                facts(bloat),
                seen,
                columns(),
                references(references),
                constraints(),
                indexes(bloat),
                definitions("triggers", "Triggers", TablePart.Kind.TRIGGERS),
                definitions("policies", "Row security", TablePart.Kind.POLICIES),
                partitions(),
                definition());
    }

    /** What is said of a table that is not read. */
    static Html warning(Relation relation) {
        if (relation.danger() == null) return Html.NOTHING;
        return element(
                "div",
                kind("notice warning"),
                element(
                        "p",
                        "Its rows are not read: it " + relation.danger()
                                + ", and that could run a stranger's code with your rights."),
                element(
                        "p",
                        element("strong", "Go on: "),
                        "use a role that is no more than theirs, or name roles that you trust in ",
                        Show.code("AVDAILY_TRUSTED_ROLES"),
                        "."));
    }

    private Html ways() {
        Link data = Link.toTable("data", relation.schema(), relation.name());
        return element(
                "p",
                kind("ways"),
                relation.kind().holdsRows() ? Html.link(data, "Its rows") : null,
                relation.isPartition()
                        ? null
                        : Html.link(
                                Link.toTable("diagram", relation.schema(), relation.name()),
                                "Its neighbours as a diagram"));
    }

    private Html facts(List<Bloat> bloat) {
        Relation.Measures m = relation.measures();
        boolean holdsRows = relation.kind().holdsRows();
        return element(
                "dl",
                kind("facts"),
                Show.fact("What", Html.all(relation.kind().word, SchemaPage.marks(relation))),
                Show.fact("Owner", relation.owner()),
                holdsRows
                        ? Html.all(
                                Show.fact("Rows, about", Show.number(m.rows())),
                                Show.fact("Table", Show.bytes(m.tableBytes())),
                                Show.fact("Indexes", Show.bytes(m.indexBytes())),
                                Show.fact("Read whole", Show.number(m.seqScans()) + " times"),
                                Show.fact("Read by index", Show.number(m.indexScans()) + " times"),
                                Show.fact("Dead rows", Show.percent(m.deadShare())),
                                Show.fact("Empty, about", empty(bloat, relation.oid())),
                                Show.fact("Vacuumed", Show.time(m.vacuumed())),
                                Show.fact("Analyzed", Show.time(m.analyzed())))
                        : null);
    }

    private Html columns() throws SQLException {
        Grid grid = new Grid("Columns of " + relation.called(), "Column")
                .text("Type")
                .text("May be null")
                .text("Filled by")
                .text("Comment");
        for (Column column : Column.of(c, relation.oid()))
            grid.row(
                    Html.all(
                            Show.code(column.name()),
                            column.isKey() ? Html.all(" ", Show.badge("key", "key")) : null,
                            column.isReference() ? Html.all(" ", Show.badge("info", "refers")) : null),
                    Show.code(column.type()),
                    column.isNullable() ? "yes" : "no",
                    column.filledBy() == null ? "" : Show.code(column.filledBy()),
                    column.comment());
        return Show.section("columns", "Columns", grid.or("It has no column."));
    }

    private Html references(List<Reference> all) {
        Grid from = new Grid("What " + relation.called() + " refers to", "Columns")
                .text("Refers to")
                .text("Of")
                .text("Index");
        Grid to = new Grid("What refers to " + relation.called(), "Table")
                .text("Columns")
                .text("Refers to")
                .text("Index");
        for (Reference reference : all) {
            if (reference.from().is(relation))
                from.row(
                        names(reference.columns()),
                        Html.link(reference.to().page(), reference.to().called()),
                        names(reference.keys()),
                        indexed(reference));
            if (reference.to().is(relation))
                to.row(
                        Html.link(reference.from().page(), reference.from().called()),
                        names(reference.columns()),
                        names(reference.keys()),
                        indexed(reference));
        }
        if (from.isEmpty() && to.isEmpty()) return Html.NOTHING;
        return Show.section(
                "references", "References", from.isEmpty() ? null : from.html(), to.isEmpty() ? null : to.html());
    }

    private static Html names(List<String> names) {
        return Show.code(String.join(", ", names));
    }

    private static Html indexed(Reference reference) {
        return reference.isIndexed() ? Html.of("yes") : Show.badge("warning", "none");
    }

    private Html constraints() throws SQLException {
        Grid grid = new Grid("Constraints of " + relation.called(), "Name")
                .text("Rule")
                .text("Comment");
        for (TablePart part : TablePart.of(c, TablePart.Kind.CONSTRAINTS, relation))
            grid.row(
                    part.name(),
                    Html.all(
                            Show.code(part.definition()),
                            part.isValid() ? null : Html.all(" ", Show.badge("warning", "not validated"))),
                    part.comment());
        return grid.isEmpty() ? Html.NOTHING : Show.section("constraints", "Constraints", grid.html());
    }

    /** As far as statistics tell. */
    private static String empty(List<Bloat> bloat, long oid) {
        return bloat.stream()
                .filter(each -> each.relation() == oid)
                .flatMap(each -> each.share().stream())
                .findFirst()
                .map(Show::percent)
                .orElse("not known");
    }

    private Html indexes(List<Bloat> bloat) throws SQLException {
        Grid grid = new Grid("Indexes of " + relation.called(), "Name")
                .text("Definition")
                .number("Size")
                .number("Empty, about")
                .number("Used");
        Database.list(
                c,
                SqlResource.of(TablePage.class, "indexes.sql"),
                row -> grid.row(
                        Html.all(
                                row.getString("relname"),
                                row.getBoolean("indisvalid") ? null : Html.all(" ", Show.badge("critical", "invalid"))),
                        Show.code(row.getString("definition")),
                        row.getObject("bytes") == null ? "" : Show.bytes(row.getLong("bytes")),
                        empty(bloat, row.getLong("oid")),
                        row.getObject("scans") == null ? "" : Show.number(row.getLong("scans"))),
                relation.oid());
        return grid.isEmpty() ? Html.NOTHING : Show.section("indexes", "Indexes", grid.html());
    }

    private Html definitions(String id, String title, TablePart.Kind kind) throws SQLException {
        Grid grid = new Grid(title + " of " + relation.called(), "Name").text("Definition");
        for (TablePart part : TablePart.of(c, kind, relation)) grid.row(part.name(), Show.code(part.definition()));
        return grid.isEmpty() ? Html.NOTHING : Show.section(id, title, grid.html());
    }

    private Html partitions() throws SQLException {
        Grid grid = new Grid("Partitions of " + relation.called(), "Partition")
                .text("Rows that it takes")
                .number("Rows, about");
        Database.list(
                c,
                """
                SELECT n.nspname, p.relname, pg_get_expr(p.relpartbound, p.oid), greatest(p.reltuples, 0)::bigint
                FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhrelid JOIN pg_namespace n ON n.oid = p.relnamespace
                WHERE i.inhparent = ? ORDER BY 1, 2 LIMIT 1000""",
                row -> grid.row(
                        Html.link(
                                Link.toTable("table", row.getString(1), row.getString(2)),
                                Relation.called(row.getString(1), row.getString(2))),
                        Show.code(row.getString(3)),
                        Show.number(row.getLong(4))),
                relation.oid());
        if (grid.isEmpty()) return Html.NOTHING;
        return Show.section(
                "partitions", "Partitions", element("details", element("summary", "Show them"), grid.html()));
    }

    private Html definition() throws SQLException {
        List<TablePart> text = TablePart.of(c, TablePart.Kind.DEFINITION, relation);
        if (text.isEmpty()) return Html.NOTHING;
        return Show.section(
                "definition", "Definition", element("pre", text.get(0).definition()));
    }
}
