package avdaily.studio;

import static avdaily.studio.Html.attribute;
import static avdaily.studio.Html.element;
import static avdaily.studio.Html.kind;

import avdaily.base.AtomicFile;
import avdaily.base.Sha256;
import avdaily.base.SqlResource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The pages of the schema, and what the last checks found, as plain files for a wiki or what CI keeps: no rows, and no
 * link that leads nowhere.
 */
final class StaticPages {
    private static final String INDEX = "index.html";
    private static final String DIAGRAM = "diagram.html";
    private static final String FINDINGS = "findings.html";

    private final Connection c;
    private final Frame frame;
    private final Html findings;
    private final LintState lint;
    private final Map<Link, String> files = new LinkedHashMap<>();
    private int written;

    StaticPages(Connection c, Frame frame, Html findings, LintState lint) {
        this.c = c;
        this.frame = frame;
        this.findings = findings;
        this.lint = lint;
        files.put(Link.to("schema"), INDEX);
        files.put(Link.to("diagram"), DIAGRAM);
        files.put(Link.to("operations"), FINDINGS);
        files.put(Link.to("studio.css"), "studio.css");
        files.put(Link.to("icon.svg"), "icon.svg");
    }

    /** Writes all of them into a folder; returns how many files that are. */
    int write(Path folder) throws SQLException, IOException {
        Files.createDirectories(folder);
        Catalog catalog = Catalog.of(c);
        List<Relation> relations = catalog.relations();
        for (Relation relation : relations) files.put(relation.page(), file(relation));
        for (String name : List.of("studio.css", "icon.svg"))
            put(folder, name, SqlResource.of(StaticPages.class, name));
        LastLook seen = new LastLook(DriftState.NONE, BrokenRules.NONE, lint);
        page(
                folder,
                INDEX,
                "schema",
                "Schema",
                Html.all(SchemaPage.list(relations, seen), lint.summary(relations)));
        page(folder, DIAGRAM, "diagram", "Diagram", diagrams(catalog));
        page(folder, FINDINGS, "operations", "Findings", findings);
        for (Relation relation : relations) {
            Html content = TablePage.show(c, relation, catalog.references(), lint.section(relation));
            Html around = relation.kind().holdsRows() ? around(catalog, relation) : Html.NOTHING;
            page(folder, file(relation), "schema", relation.called(), Html.all(content, around));
        }
        return written;
    }

    /** The same name for the same table each time, whatever it is called. */
    private static String file(Relation relation) {
        String name = relation.schema() + "." + relation.name();
        String plain = name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_.-]", "_");
        return "table-"
                + (plain.equals(name) ? plain : plain + "-" + Sha256.of(name).substring(0, 8)) + ".html";
    }

    private Html around(Catalog catalog, Relation relation) throws SQLException {
        Reference.Table center = new Reference.Table(relation.schema(), relation.name());
        Diagram diagram = Diagram.around(c, catalog, center, 1, Diagram.Detail.KEYS);
        return Show.section("around", "Neighbours", DiagramPage.drawn(diagram, "Its neighbours"));
    }

    private Html diagrams(Catalog catalog) throws SQLException {
        int number = 0;
        TreeSet<String> schemas = catalog.relations().stream()
                .filter(relation -> relation.kind().holdsRows())
                .map(Relation::schema)
                .collect(Collectors.toCollection(TreeSet::new));
        Html all = Html.NOTHING;
        for (String schema : schemas) {
            Diagram diagram = Diagram.ofSchema(c, catalog, schema, Diagram.Detail.KEYS);
            String more = diagram.leftOut() == 0 ? "" : diagram.leftOut() + " more tables are left out.";
            all = Html.all(
                    all,
                    Show.section(
                            "schema-" + ++number,
                            schema,
                            element("p", kind("nothing"), attribute("hidden", more.isEmpty()), more),
                            DiagramPage.drawn(diagram, "The tables of " + schema)));
        }
        return all;
    }

    private void page(Path folder, String file, String tab, String title, Html content) throws IOException {
        put(folder, file, "<!doctype html>\n" + frame.page(tab, title, content).text(this::address) + "\n");
    }

    /** The file of a page, or nothing if it was not written. */
    private String address(Link link) {
        return link.page() == null ? link.address() : files.get(link);
    }

    private void put(Path folder, String name, String text) throws IOException {
        AtomicFile.write(folder.resolve(name), text);
        written++;
    }
}
