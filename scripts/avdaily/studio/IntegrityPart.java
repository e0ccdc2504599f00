package avdaily.studio;

import static avdaily.studio.Html.element;
import static avdaily.studio.Html.kind;

import avdaily.base.Json;
import avdaily.db.Database;
import avdaily.db.ForeignCode;
import avdaily.db.Samples;
import avdaily.deploy.OperationHistory;
import avdaily.integrity.CheckReport;
import avdaily.integrity.RuleResult;
import avdaily.monitor.Trend;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What integrity checks found: those of the operation log by their numbers, the monitor's last look with the rows. */
final class IntegrityPart {
    private static final int MOST_CHECKS = 15;

    private final Database db;
    private final Trend trend;
    private final List<OperationHistory.Entry> checks;

    /** @param entries of the operation log, the newest first */
    IntegrityPart(Database db, Connection c, List<OperationHistory.Entry> entries) throws SQLException {
        this.db = db;
        // a studio runs for days, and avdaily_ops may be another one by now
        boolean isBelieved = ForeignCode.isOpsBelieved(c);
        this.trend = new Trend(isBelieved ? Samples.of(db, c, Samples.Source.INTEGRITY) : List.of(), Instant.now());
        this.checks = entries.stream()
                .filter(entry ->
                        entry.command().startsWith("integrity ") && entry.details().has("critical"))
                .limit(MOST_CHECKS)
                .toList();
    }

    /** @param look what the monitor's last look found */
    Html show(BrokenRules look, BrokenRules.Masking masking) {
        List<Html> articles = look.results().stream()
                .sorted(Comparator.comparing((RuleResult result) -> result.rule().severity()))
                .map(result -> look.article(result, masking, since(result.rule().id())))
                .toList();
        return Show.section(
                "checks",
                "Integrity",
                logged(),
                element("p", "All rows, and what cures them: ", command("avdaily-integrity check")),
                articles.isEmpty()
                        ? null
                        : element("h3", "What the monitor's look found with the quick rules"),
                articles);
    }

    /** What the log knows, without rows. */
    Html logged() {
        return Html.all(list(), newest());
    }

    /** What the newest check found, rule by rule. */
    Optional<Map<String, Object>> facts() {
        return checks.stream().findFirst().map(check -> {
            List<Map<String, Object>> rules = check.details().path("findings").properties().stream()
                    .map(rule -> Json.object(
                            "rule", rule.getKey(), "count", rule.getValue().asLong()))
                    .toList();
            return Json.object("at", check.at().toString(), "scope", scope(check), "rules", rules);
        });
    }

    private Html list() {
        Grid grid = new Grid("The last integrity checks, the newest first", "When")
                .text("Of")
                .text("Share")
                .number("Critical")
                .number("Warnings")
                .number("Remarks");
        long most = checks.stream().mapToLong(IntegrityPart::findings).max().orElse(0);
        for (OperationHistory.Entry check : checks)
            grid.row(
                    Show.time(check.at()),
                    scope(check),
                    Show.bar(most, findings(check)),
                    Show.number(number(check, "critical")),
                    Show.number(number(check, "warning")),
                    Show.number(number(check, "info")));
        return grid.or("No check is in the log.");
    }

    /** What the newest check found, rule by rule, beside what was found the last time that as much was checked. */
    private Html newest() {
        if (checks.isEmpty()) return Html.NOTHING;
        OperationHistory.Entry newest = checks.get(0);
        Optional<OperationHistory.Entry> before = checks.stream()
                .skip(1)
                .filter(check ->
                        isWhole(newest) && isWhole(check) && scope(check).equals(scope(newest)))
                .findFirst();
        Grid grid = new Grid("What the newest check found", "Rule")
                .number("Findings")
                .number("Before")
                .text("The rows, and what cures them")
                .text("How it went");
        newest.details().path("findings").properties().forEach(rule -> {
            String id = rule.getKey();
            grid.row(
                    Show.code(id),
                    Show.number(rule.getValue().asLong()),
                    before.map(check -> Show.number(
                                    check.details().path("findings").path(id).asLong()))
                            .orElse("not known"),
                    id.matches("[A-Za-z0-9._-]+") ? command("avdaily-integrity check --only " + id) : "",
                    Html.all(since(id), history(id)));
        });
        return grid.isEmpty() ? Html.NOTHING : grid.html();
    }

    /** Since when whole checks find something by a rule. */
    private Html since(String rule) {
        return trend.since(CheckReport.sampled(rule))
                .map(at -> element("span", kind("since"), "since ", Show.ago(at)))
                .orElse(Html.NOTHING);
    }

    private Html history(String rule) {
        List<Double> counts = trend.samples().stream()
                .map(sample -> sample.number(CheckReport.sampled(rule)).orElse(0.0))
                .toList();
        return counts.isEmpty()
                ? Html.NOTHING
                : OverviewPage.history("findings", counts, trend.samples().get(0).at());
    }

    private static boolean isWhole(OperationHistory.Entry check) {
        return check.details().path("whole").asBoolean();
    }

    private static String scope(OperationHistory.Entry check) {
        return check.details().path("scope").asText("");
    }

    private static long findings(OperationHistory.Entry check) {
        return number(check, "critical") + number(check, "warning") + number(check, "info");
    }

    private static long number(OperationHistory.Entry check, String name) {
        return check.details().path(name).asLong();
    }

    /** As it is called where the studio was started. */
    private Html command(String text) {
        return Show.command(db.out().pasteable(text));
    }
}
