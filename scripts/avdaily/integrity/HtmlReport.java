package avdaily.integrity;

import avdaily.base.Format;
import avdaily.base.Invocation;
import avdaily.db.Database;
import avdaily.db.Samples;
import java.sql.SQLException;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;

/**
 * The report as one HTML file that needs nothing else: no script, no font, no picture from elsewhere. It holds counts,
 * keys and the rules' own words, never a row.
 */
public final class HtmlReport {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern(
                    "d MMMM yyyy, HH:mm 'UTC'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    /** The result in two words, and the colour that they are shown in. */
    private record Verdict(String badge, String words) {
        static Verdict of(long critical, long errors, long warning, long info) {
            if (critical > 0) return new Verdict("critical", "Critical findings");
            if (errors > 0) return new Verdict("error", "Not everything could be checked");
            if (warning > 0) return new Verdict("warning", "Warnings");
            return new Verdict("pass", info > 0 ? "Sound, with remarks" : "Sound");
        }
    }

    private final Database db;
    private final CheckReport checkup;
    private final StringBuilder html = new StringBuilder();

    private HtmlReport(Database db, CheckReport checkup) {
        this.db = db;
        this.checkup = checkup;
    }

    /**
     * The page as one text.
     *
     * @throws SQLException if the sizes, the use of indexes or the earlier checks cannot be read
     */
    public static String of(Database db, CheckReport checkup) throws SQLException {
        return new HtmlReport(db, checkup.here()).write();
    }

    private String write() throws SQLException {
        html.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
                .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
                .append("<title>Integrity of ")
                .append(Html.text(db.name()))
                .append("</title>\n<style>\n")
                .append(ReportStyle.CSS)
                .append("</style>\n</head>\n<body>\n<main>\n");
        header();
        categories();
        new HtmlTrend(db, checkup, html).write();
        HtmlRules rules = new HtmlRules(checkup, Samples.of(db, db.connection(), Samples.Source.INTEGRITY), html);
        rules.findings();
        rules.notChecked();
        new HtmlCharts(db, html).write();
        rules.all();
        html.append("<footer>avdaily-integrity ")
                .append(Invocation.VERSION)
                .append(", ")
                .append(checkup.quick() ? "quick" : "full")
                .append(" check, one snapshot of the database. Keys name rows; no other data of theirs is in this "
                        + "file.</footer>\n")
                .append("</main>\n</body>\n</html>\n");
        return html.toString();
    }

    private void header() {
        long critical = checkup.count(Rule.Severity.CRITICAL);
        long warning = checkup.count(Rule.Severity.WARNING);
        int errors = checkup.of(RuleResult.Kind.ERROR).size();
        long info = checkup.count(Rule.Severity.INFO);
        Verdict verdict = Verdict.of(critical, errors, warning, info);
        html.append("<header><p class=\"kicker\">Data integrity</p><h1>")
                .append(Html.text(db.name()))
                .append(" <span class=\"badge ")
                .append(verdict.badge)
                .append("\">")
                .append(verdict.words)
                .append("</span></h1>\n<p>")
                .append(Html.text(db.environment().toString()))
                .append(", ")
                .append(checkup.quick() ? "quick" : "full")
                .append(" check on ")
                .append(TIME.format(checkup.at()))
                .append(", ")
                .append(Format.count(checkup.outcomes().size(), "rule"))
                .append(" in ")
                .append(Format.duration(checkup.took()))
                .append(".</p></header>\n<section class=\"cards\" aria-label=\"Summary\">\n");
        card("critical", critical, "critical");
        card("warning", warning, warning == 1 ? "warning" : "warnings");
        card("info", info, info == 1 ? "remark" : "remarks");
        card("pass", checkup.of(RuleResult.Kind.PASS).size(), "rules passed");
        card("pass", checkup.of(RuleResult.Kind.ENFORCED).size(), "enforced");
        card("skipped", checkup.of(RuleResult.Kind.SKIPPED).size(), "skipped");
        card("error", errors, errors == 1 ? "error" : "errors");
        html.append("</section>\n");
    }

    private void card(String kind, long n, String words) {
        html.append(String.format(
                Locale.ROOT,
                "<div class=\"card %s\"><b>%,d</b><span>%s</span></div>%n",
                n == 0 ? "none" : kind,
                n,
                words));
    }

    private void categories() {
        html.append("<section><h2>By category</h2>\n<table "
                + "class=\"grid\"><thead><tr><th>Category</th><th>Sound</th><th>Broken</th><th>Not "
                + "checked</th></tr></thead><tbody>\n");
        for (Rule.Category category : Rule.Category.values()) {
            List<RuleResult> all = checkup.outcomes().stream()
                    .filter(outcome -> outcome.rule().category() == category)
                    .toList();
            if (all.isEmpty()) continue;
            long sound = all.stream()
                    .filter(outcome -> outcome.is(RuleResult.Kind.PASS) || outcome.is(RuleResult.Kind.ENFORCED))
                    .count();
            long broken = all.stream()
                    .filter(outcome -> outcome.is(RuleResult.Kind.FINDINGS))
                    .count();
            html.append("<tr><th scope=\"row\">")
                    .append(Format.capital(category.toString()))
                    .append("</th><td>")
                    .append(sound)
                    .append("</td><td>")
                    .append(broken == 0 ? "0" : "<strong>" + broken + "</strong>")
                    .append("</td><td>")
                    .append(all.size() - sound - broken)
                    .append("</td></tr>\n");
        }
        html.append("</tbody></table></section>\n");
    }
}
