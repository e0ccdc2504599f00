package avdaily.studio;

import avdaily.base.Failure;
import avdaily.base.Json;
import avdaily.base.Out;
import avdaily.db.Database;
import avdaily.db.Environment;
import avdaily.db.Failures;
import avdaily.db.OperationLog;
import avdaily.deploy.Configuration;
import avdaily.migrate.MigrationFiles;
import avdaily.seed.SeedFiles;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** The pages of one database, by the names that stand in addresses. */
public final class StudioPages implements AutoCloseable {
    /** How the database is opened anew: all that it says of itself is then seen again, and believed or not. */
    public interface Opening {
        Database open() throws SQLException;
    }

    /** What the project says; its migrations as they are whenever somebody asks. */
    public record Project(
            Configuration configuration, Supplier<MigrationFiles> files, SeedFiles.Manifest manifest) {}

    /** A page that reads in one short transaction. */
    private interface Reading {
        Html show(Connection c, Request request) throws Exception;
    }

    /** A page about a table. */
    private interface OfTable {
        Html show(Connection c, Request request, Relation relation) throws Exception;
    }

    /** @param tab the page in whose place of the navigation it stands */
    private record Page(String tab, String title, Reading content) {}

    /** The same of a page about a table, whose title is the table's name and more. */
    private record TableTab(String tab, String more, OfTable content) {}

    private final Database db;
    private final Opening opening;
    private final Frame frame;
    private final ReadOnlySessions sessions;
    private final HealthLook health;
    private final DataPage data;
    private final OperationsPage operations;
    private final QueryPage query;
    private final Optional<EditPage> edit;
    private final Map<String, Page> pages;
    private final Map<String, TableTab> tablePages;

    /**
     * @param db stays open as long as the pages do
     * @param opening opens the same database for work that takes longer than a page, or that is logged
     * @param writing opens it for changes of rows; nothing if there are none
     * @throws Failure (21) if rows of production were to be changed
     */
    public StudioPages(Database db, Opening opening, Optional<Opening> writing, Project project) {
        if (writing.isPresent()) RowEdit.refuseProduction(db);
        Access access = writing.isPresent() ? Access.WRITE : Access.READ;
        this.db = db;
        this.opening = opening;
        this.frame = new Frame(db.name(), db.host().toString(), db.environment().toString(), access);
        this.sessions = new ReadOnlySessions(db);
        this.health = new HealthLook(opening, project.configuration, project.files, db.out());
        this.data = new DataPage(project.manifest, access);
        this.edit = writing.map(opens -> new EditPage(data, opens, sessions, frame));
        this.operations = new OperationsPage(
                db, health, project.configuration.policy(db.environment()).retention());
        this.query = new QueryPage(new QueryJobs(opening));
        this.pages = Map.of(
                "", new Page("", "Overview", new OverviewPage(health, db.out())::show),
                "schema", new Page("schema", "Schema", (c, request) -> SchemaPage.show(c, request, health.seen())),
                "diagram", new Page("diagram", "Diagram", DiagramPage::show),
                "operations",
                        new Page(
                                "operations",
                                "Operations",
                                (c, request) -> operations.show(c, data.masking(request))));
        this.tablePages = Map.of(
                "table",
                new TableTab(
                        "schema",
                        "",
                        (c, request, relation) -> TablePage.show(
                                c,
                                relation,
                                Reference.all(c),
                                health.seen().sections(relation, data.masking(request)))),
                "data",
                new TableTab("data", ": rows", data::rows),
                "row",
                new TableTab("data", ": one row", data::row));
    }

    Out out() {
        return db.out();
    }

    Frame frame() {
        return frame;
    }

    /** Looks at the database from all sides, beside what people do meanwhile. */
    public void beginLook() {
        health.begin();
    }

    /** Writes the pages of the schema and the last findings as files into a folder; returns how many. */
    public int write(Path folder) throws Exception {
        return sessions.read(c -> new StaticPages(c, frame, operations.checks(c), health.lint(db)).write(folder));
    }

    /** The same for programs. */
    public Map<String, Object> facts() throws Exception {
        return sessions.read(c -> Json.object(
                "database", db.name(),
                "tables", SchemaFacts.tables(c),
                "lastCheck", operations.findings(c).orElse(null)));
    }

    Response show(Request request) throws Exception {
        if (request.page().equals("query")) return query.show(request, frame);
        if (request.page().equals("edit") && edit.isPresent()) return edit.get().form(request);
        if (request.page().equals("migration"))
            return Response.html(200, frame.page("operations", "Migration", operations.migration(request)));
        return sessions.read(c -> show(c, request));
    }

    private Response show(Connection c, Request request) throws Exception {
        String name = request.page();
        if (name.equals("data") && request.get("table").isEmpty())
            return Response.html(200, frame.page("data", "Data", data.choice(c)));
        Page page = pages.get(name);
        if (page != null) {
            Response response = Response.html(200, frame.page(page.tab, page.title, page.content.show(c, request)));
            return name.isEmpty() && health.last().isEmpty() && health.isLooking()
                    ? response.with("Refresh", "2")
                    : response;
        }
        TableTab tab = tablePages.get(name);
        if (tab != null) {
            Relation relation = relation(c, request);
            Html content = tab.content.show(c, request, relation);
            return Response.html(200, frame.page(tab.tab, relation.called() + tab.more, content));
        }
        return switch (name) {
            case "diagram.svg" -> DiagramPage.svg(c, request);
            case "diagram.mmd" -> DiagramPage.mermaid(c, request);
            case "data.csv" -> data.csv(c, request, relation(c, request));
            default -> missing();
        };
    }

    static Relation relation(Connection c, Request request) throws SQLException {
        return Relation.find(c, request.need("schema"), request.need("table"));
    }

    private Response missing() {
        return Response.html(404, frame.failure(Failure.usage("there is no such page", "choose one above.")));
    }

    Response act(Request request) throws Exception {
        return switch (request.page()) {
            case "look" -> {
                health.begin();
                yield Response.redirect(Link.to(""));
            }
            case "run" -> query.run(request);
            case "cancel" -> query.cancel(request);
            case "unmask" -> unmask(request);
            case "change", "save", "undo" -> edit.isPresent() ? edit.get().act(request) : missing();
            default -> missing();
        };
    }

    /** Shows a table's personal columns to one visitor, and writes down who asked for it. */
    private Response unmask(Request request) throws Exception {
        Relation relation = sessions.read(c -> relation(c, request));
        boolean isLogged;
        try (Database logged = opening.open()) {
            isLogged = OperationLog.isPossible(logged);
            if (logged.environment() == Environment.PRODUCTION && !isLogged)
                throw Failure.refused(
                        "what is shown of production is logged, and this role may write to no log",
                        "use a role that may INSERT and UPDATE avdaily_ops.operation.");
            OperationLog.recordIfPossible(
                    logged, "studio show", details -> details.put("table", DataPage.name(relation)));
        }
        db.out().note("Shown: the personal columns of " + DataPage.name(relation) + ".");
        request.visitor().unmasked().put(DataPage.name(relation), isLogged);
        return Response.redirect(Link.toTable("data", relation.schema(), relation.name()));
    }

    /** Closes the sessions that nobody used for a while. */
    public void tidy() {
        try {
            sessions.tidy();
        } catch (SQLException e) {
            db.out().detail(Failures.message(e));
        }
    }

    @Override
    public void close() {
        try {
            sessions.close();
        } catch (SQLException e) {
            db.out().detail(Failures.message(e));
        }
    }
}
