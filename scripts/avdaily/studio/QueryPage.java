package avdaily.studio;

import static avdaily.studio.Html.attribute;
import static avdaily.studio.Html.element;
import static avdaily.studio.Html.kind;

import avdaily.base.Format;
import avdaily.base.Json;
import com.fasterxml.jackson.databind.JsonNode;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** One query at a time, its rows or its plan, and those before it. */
final class QueryPage {
    private static final Duration PATIENCE = Duration.ofMillis(700);
    private static final int SHORT = 80;

    private final QueryJobs jobs;

    QueryPage(QueryJobs jobs) {
        this.jobs = jobs;
    }

    Response show(Request request, Frame frame) {
        Optional<QueryJobs.Job> job = request.get("job").map(id -> jobs.find(request.visitor(), id));
        Html page = frame.page(
                "query",
                "Query",
                form(request, job),
                job.map(found -> outcome(request, found)).orElse(null),
                history(request));
        Response response = Response.html(200, page);
        return job.isPresent() && job.get().isRunning() ? response.with("Refresh", "1") : response;
    }

    Response run(Request request) throws InterruptedException {
        QueryJobs.Mode mode =
                switch (request.get("mode").orElse("run")) {
                    case "explain" -> QueryJobs.Mode.EXPLAIN;
                    case "analyze" -> QueryJobs.Mode.ANALYZE;
                    default -> QueryJobs.Mode.RUN;
                };
        QueryJobs.Job job = jobs.begin(request.visitor(), request.need("sql"), mode);
        job.await(PATIENCE);
        return to(job);
    }

    Response cancel(Request request) throws SQLException, InterruptedException {
        QueryJobs.Job job = jobs.find(request.visitor(), request.need("job"));
        job.cancel();
        job.await(PATIENCE);
        return to(job);
    }

    private static Response to(QueryJobs.Job job) {
        return Response.redirect(Link.to("query").with("job", String.valueOf(job.id)));
    }

    private static Html form(Request request, Optional<QueryJobs.Job> job) {
        return request.form(
                "run",
                element("label", attribute("for", "sql"), "One statement that reads"),
                element(
                        "textarea",
                        attribute("id", "sql"),
                        attribute("name", "sql"),
                        attribute("rows", 8),
                        attribute("spellcheck", "false"),
                        attribute("required", true),
                        "\n",
                        job.map(found -> found.sql).orElse("")),
                element(
                        "p",
                        kind("line"),
                        button("run", "Run"),
                        button("explain", "Explain"),
                        button("analyze", "Run and explain")),
                element(
                        "p",
                        "It runs in a READ ONLY transaction, for at most " + QueryJobs.LONGEST.toSeconds()
                                + " seconds, and shows at most " + QueryJobs.MOST_ROWS
                                + " rows. Nothing in them is masked; of production it is logged that a query ran."));
    }

    private static Html button(String mode, String words) {
        return element(
                "button",
                attribute("type", "submit"),
                attribute("name", "mode"),
                attribute("value", mode),
                attribute("class", mode.equals("run") ? null : "quiet"),
                words);
    }

    private static Html outcome(Request request, QueryJobs.Job job) {
        if (job.isRunning())
            return Show.section(
                    "result",
                    "Running",
                    element(
                            "p",
                            "For " + Format.duration(Duration.ofNanos(System.nanoTime() - job.since))
                                    + "; this page comes again."),
                    request.form(
                            "cancel",
                            Request.hidden("job", String.valueOf(job.id)),
                            element("button", attribute("type", "submit"), "Cancel it")));
        if (job.failure().isPresent())
            return element(
                    "div",
                    kind("notice critical"),
                    attribute("role", "alert"),
                    element("p", job.failure().get().getMessage()),
                    element("p", element("strong", "Go on: "), job.failure().get().next));
        QueryJobs.Result result = job.result().orElseThrow();
        return job.mode == QueryJobs.Mode.RUN ? rows(result) : plan(result);
    }

    private static Html rows(QueryJobs.Result result) {
        Grid grid = new Grid("Rows of the query", result.heads().toArray(String[]::new));
        for (List<String> row : result.rows())
            grid.row(row.stream()
                    .map(value -> value == null
                            ? element("span", kind("null"), "null")
                            : element("span", kind("cell"), value))
                    .toArray());
        String count = Format.count(result.rows().size(), "row") + (result.isCut() ? " of more" : "");
        return Show.section(
                "result",
                "Result",
                element("p", count + " in " + Format.duration(result.took()) + "."),
                grid.or("No row."));
    }

    private static Html plan(QueryJobs.Result result) {
        JsonNode plan = Json.tree(result.rows().get(0).get(0)).get(0);
        List<String> times = new ArrayList<>();
        for (String name : List.of("Planning Time", "Execution Time"))
            if (plan.has(name)) times.add(name + " " + plan.get(name).asText() + " ms");
        return Show.section(
                "result",
                "Plan",
                times.isEmpty() ? null : element("p", String.join(", ", times)),
                element("ul", kind("tree"), node(plan.get("Plan"))));
    }

    private static Html node(JsonNode node) {
        List<Html> facts = new ArrayList<>();
        node.properties().forEach(fact -> {
            if (!fact.getValue().isContainerNode() && !fact.getKey().equals("Node Type"))
                facts.add(Show.fact(fact.getKey(), fact.getValue().asText()));
        });
        String on = node.path("Relation Name").asText(node.path("Index Name").asText(""));
        String actual = node.has("Actual Rows")
                ? ", in fact " + Math.round(node.get("Actual Rows").asDouble()) + " in "
                        + node.get("Actual Total Time").asText() + " ms"
                : "";
        List<Html> below = new ArrayList<>();
        node.path("Plans").forEach(child -> below.add(node(child)));
        return element(
                "li",
                element(
                        "details",
                        element(
                                "summary",
                                element("strong", node.get("Node Type").asText()),
                                on.isEmpty() ? "" : " on " + on,
                                String.format(
                                        Locale.ROOT,
                                        ": cost %s, rows %s%s",
                                        node.path("Total Cost").asText(),
                                        node.path("Plan Rows").asText(),
                                        actual)),
                        element("dl", kind("facts"), facts)),
                below.isEmpty() ? null : element("ul", kind("tree"), below));
    }

    private Html history(Request request) {
        List<Html> items = jobs.of(request.visitor()).stream()
                .map(job -> element(
                        "li",
                        Html.link(Link.to("query").with("job", String.valueOf(job.id)), Show.code(shortened(job.sql))),
                        job.mode == QueryJobs.Mode.RUN
                                ? ""
                                : " (" + job.mode.toString().toLowerCase(Locale.ROOT) + ")",
                        job.failure().isPresent() ? Html.all(" ", Show.badge("failed", "failed")) : null))
                .toList();
        return items.isEmpty() ? Html.NOTHING : Show.section("history", "Before", element("ul", items));
    }

    private static String shortened(String sql) {
        return Format.within(sql.strip().replaceAll("\\s+", " "), SHORT, "…");
    }
}
