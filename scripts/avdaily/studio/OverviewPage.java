package avdaily.studio;

import static avdaily.studio.Html.attribute;
import static avdaily.studio.Html.element;
import static avdaily.studio.Html.kind;

import avdaily.base.Format;
import avdaily.base.Out;
import avdaily.base.SqlResource;
import avdaily.db.Database;
import avdaily.monitor.Bloat;
import avdaily.monitor.HealthCheck;
import avdaily.monitor.MonitorReport;
import avdaily.monitor.Trend;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Optional;

/** What there is to know at a glance: what the monitor says, how big everything is, what is used and what is not. */
final class OverviewPage {
    private static final int MOST_TABLES = 12;
    /** From here on reading a whole table again and again costs. */
    private static final int MANY_ROWS = 10_000;

    private static final long ENOUGH_PAGES = 128;
    private static final double MUCH_EMPTY = 0.2;

    private final HealthLook health;
    private final Out out;

    OverviewPage(HealthLook health, Out out) {
        this.health = health;
        this.out = out;
    }

    Html show(Connection c, Request request) throws SQLException {
        List<Relation> relations = Relation.all(c);
        return Html.all(
                health(request),
                Database.list(c, SqlResource.of(OverviewPage.class, "overview.sql"), OverviewPage::server)
                        .get(0),
                sizes(relations, health.last()),
                empty(c),
                unusedIndexes(c),
                wholeReads(relations));
    }

    private Html health(Request request) {
        Optional<MonitorReport> report = health.last();
        Html again = request.form("look", element("button", attribute("type", "submit"), "Look again"));
        if (report.isEmpty())
            return Show.section(
                    "health",
                    "Health",
                    health.isLooking()
                            ? element("p", kind("nothing"), "The monitor is looking; this page comes again.")
                            : Html.all(element("p", kind("nothing"), "The monitor has not looked yet."), again));
        return Show.section(
                "health",
                "Health",
                element(
                        "div",
                        kind("line"),
                        element(
                                "p",
                                Show.badge(
                                        report.get().level().toString(),
                                        report.get().level()),
                                " ",
                                report.get().summary(),
                                ", ",
                                Show.ago(report.get().at()),
                                health.isLooking() ? "; a new look is under way" : ""),
                        again),
                element(
                        "ul",
                        kind("cards"),
                        report.get().results().stream()
                                .map(check -> card(check, report.get().trend()))
                                .toList()));
    }

    private Html card(HealthCheck check, Trend trend) {
        String level = check.level().toString();
        return element(
                "li",
                kind("card " + level),
                element("h3", check.check().toString().replace('-', ' '), " ", Show.badge(level, level)),
                element("p", check.text()),
                check.since(trend).map(OverviewPage::since).orElse(null),
                check.metrics().stream().map(metric -> history(metric, trend)).toList(),
                level.equals("ok") || level.equals("skipped")
                        ? null
                        : element("p", kind("way"), WayOn.of(check.check(), out)));
    }

    private static Html since(Instant since) {
        return element("p", kind("since"), "As it is since ", Show.time(since), ", ", Show.ago(since));
    }

    private static Html history(HealthCheck.Metric metric, Trend trend) {
        List<Double> values = new ArrayList<>(trend.history(metric.key()));
        if (values.isEmpty()) return Html.NOTHING;
        values.add(metric.value());
        return history(metric.name(), values, trend.samples().get(0).at());
    }

    /** How a number went, if it ever changed. */
    static Html history(String name, List<Double> values, Instant from) {
        DoubleSummaryStatistics range =
                values.stream().mapToDouble(Double::doubleValue).summaryStatistics();
        if (range.getMin() == range.getMax()) return Html.NOTHING;
        return element(
                "p",
                kind("history"),
                Show.line(values),
                " ",
                name.replace('_', ' '),
                ": ",
                amount(name, range.getMin()),
                " to ",
                amount(name, range.getMax()),
                " since ",
                Show.time(from));
    }

    private static String amount(String metric, double value) {
        if (metric.endsWith("_bytes")) return Show.bytes((long) value);
        if (metric.endsWith("_ratio")) return Show.percent(value);
        if (metric.endsWith("_seconds")) return Format.age(Duration.ofMillis((long) (1000 * value)));
        return Show.number((long) value);
    }

    private static Html server(ResultSet row) throws SQLException {
        long ends = row.getLong("commits") + row.getLong("rollbacks");
        return Show.section(
                "server",
                "Server",
                element(
                        "dl",
                        kind("facts"),
                        Show.fact("Size", Show.bytes(row.getLong("bytes"))),
                        Show.fact(
                                "PostgreSQL",
                                row.getString("version") + (row.getBoolean("is_standby") ? ", a standby" : "")),
                        Show.fact(
                                "Up since",
                                Show.time(row.getTimestamp("started").toInstant())),
                        Show.fact("You are", row.getString("role")),
                        Show.fact("Text", row.getString("locale")),
                        Show.fact("Sessions", Show.number(row.getLong("sessions"))),
                        Show.fact(
                                "Rolled back", Show.percent(ends == 0 ? 0 : (double) row.getLong("rollbacks") / ends)),
                        Show.fact("Deadlocks", Show.number(row.getLong("deadlocks"))),
                        Show.fact("Written aside", Show.bytes(row.getLong("temp_bytes"))),
                        Show.fact(
                                "Counted since",
                                row.getTimestamp("stats_reset") == null
                                        ? "the beginning"
                                        : Show.time(
                                                row.getTimestamp("stats_reset").toInstant()))));
    }

    private static Html sizes(List<Relation> relations, Optional<MonitorReport> report) {
        List<Relation> largest = relations.stream()
                .filter(relation -> relation.kind().holdsRows())
                .sorted(Comparator.comparingLong(
                                (Relation relation) -> relation.measures().bytes())
                        .reversed())
                .limit(MOST_TABLES)
                .toList();
        long most = largest.stream().mapToLong(r -> r.measures().bytes()).max().orElse(0);
        Grid grid = new Grid("The largest tables", "Table")
                .text("Share")
                .number("Rows, about")
                .number("Table")
                .number("Indexes")
                .text("How it went");
        for (Relation each : largest)
            grid.row(
                    Html.link(each.page(), each.called()),
                    Show.bar(most, each.measures().tableBytes(), each.measures().indexBytes()),
                    Show.number(each.measures().rows()),
                    Show.bytes(each.measures().tableBytes()),
                    Show.bytes(each.measures().indexBytes()),
                    report.map(last -> growth(each, last.trend())).orElse(Html.NOTHING));
        return Show.section("sizes", "Sizes", grid.or("There is no table yet."));
    }

    /** How the size of a table went, as far as the monitor's looks kept it. */
    private static Html growth(Relation relation, Trend trend) {
        String name = Trend.sizeOf(relation.schema() + "." + relation.name());
        List<Double> values = new ArrayList<>(trend.history(name));
        if (values.isEmpty() || relation.measures().bytes() < 0) return Html.NOTHING;
        values.add((double) relation.measures().bytes());
        return history("total_bytes", values, trend.since(name).orElse(trend.now()));
    }

    private static Html empty(Connection c) throws SQLException {
        Grid grid = new Grid("Tables and indexes with the most empty space", "Name")
                .text("What")
                .number("Size")
                .number("Empty, about");
        Bloat.all(c, ENOUGH_PAGES).stream()
                .filter(each -> each.share().orElse(0.0) > MUCH_EMPTY)
                .limit(MOST_TABLES)
                .forEach(each -> grid.row(
                        each.isIndex() ? each.called() : Html.link(
                                Link.toTable("table", each.schema(), each.name()), each.called()),
                        each.isIndex() ? "index" : "table",
                        Show.bytes(each.bytes()),
                        Show.percent(each.share().orElse(0.0)) + ", " + Show.bytes(each.emptyBytes())));
        return Show.section("empty", "Empty space", grid.or("No table or index has much."));
    }

    private static Html unusedIndexes(Connection c) throws SQLException {
        Grid grid = new Grid("Indexes that nobody used since counting began", "Index")
                .text("Table")
                .number("Size");
        Database.list(
                c,
                SqlResource.of(OverviewPage.class, "index-use.sql"),
                row -> grid.row(
                        row.getString("relname"),
                        Html.link(
                                Link.toTable("table", row.getString("nspname"), row.getString("table_name")),
                                Relation.called(row.getString("nspname"), row.getString("table_name"))),
                        Show.bytes(row.getLong("bytes"))));
        return Show.section(
                "unused",
                "Unused indexes",
                element("p", "Each costs every write. A standby may use what the primary does not: look there too."),
                grid.or("None of any size."));
    }

    private static Html wholeReads(List<Relation> relations) {
        Grid grid = new Grid("Tables of many rows that are mostly read whole", "Table")
                .number("Rows, about")
                .number("Whole reads")
                .number("By index");
        relations.stream()
                .filter(r -> r.kind().holdsRows()
                        && r.measures().rows() >= MANY_ROWS
                        && r.measures().seqScans() > Math.max(100, r.measures().indexScans()))
                .sorted(Comparator.comparingLong((Relation r) ->
                                r.measures().seqScans() * r.measures().rows())
                        .reversed())
                .limit(MOST_TABLES)
                .forEach(r -> grid.row(
                        Html.link(r.page(), r.called()),
                        Show.number(r.measures().rows()),
                        Show.number(r.measures().seqScans()),
                        Show.number(r.measures().indexScans())));
        return Show.section("whole", "Missing indexes", grid.or("No large table is mostly read whole."));
    }
}
