package avdaily.integrity;

import avdaily.base.Format;
import avdaily.base.Invocation;
import avdaily.base.Secrets;
import avdaily.db.Database;
import avdaily.db.OperationLog;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The report as one HTML file that needs nothing else: no script, no font, no picture from elsewhere. It holds counts, keys
 * and the rules' own words, never a row.
 */
public final class HtmlReport {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern(
                    "d MMMM yyyy, HH:mm 'UTC'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter DAY =
            DateTimeFormatter.ofPattern("d MMM HH:mm", Locale.ENGLISH).withZone(ZoneOffset.UTC);
    private static final int MOST_RUNS = 20;
    private static final int MOST_BARS = 12;
    private static final int FOLDED_LINES = 8;

    /** How an earlier check ended. */
    private record Past(Instant at, long critical, long warning, long info, long errors) {
        long most() {
            return critical + warning + info;
        }
    }

    /** A bar of a chart: its parts are shown beside each other, in the colours of the chart's legend. */
    private record Bar(String name, List<Long> parts, String label) {
        long whole() {
            return parts.stream().mapToLong(Long::longValue).sum();
        }
    }

    private final Database db;
    private final CheckReport checkup;
    private final StringBuilder html = new StringBuilder();

    private HtmlReport(Database db, CheckReport checkup) {
        this.db = db;
        this.checkup = checkup;
    }

    public static String of(Database db, CheckReport checkup) throws SQLException {
        return new HtmlReport(db, checkup).write();
    }

    private String write() throws SQLException {
        html.append(
                        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Integrity of ")
                .append(text(db.name()))
                .append("</title>\n<style>\n")
                .append(STYLE)
                .append("</style>\n</head>\n<body>\n<main>\n");
        header();
        categories();
        trend();
        findings();
        notChecked();
        chart(
                "Table sizes",
                List.of("rows", "indexes"),
                tableSizes(),
                "Tables with their largest values stored apart, and their indexes, by size.");
        chart(
                "Index use",
                List.of("scans"),
                indexUse(),
                "How often each of the biggest indexes was used since statistics were last reset. An index that nobody uses still costs every write.");
        allRules();
        html.append("<footer>avdaily-integrity ")
                .append(Invocation.VERSION)
                .append(", ")
                .append(checkup.quick() ? "quick" : "full")
                .append(
                        " check, one snapshot of the database. Keys name rows; no other data of theirs is in this file.</footer>\n")
                .append("</main>\n</body>\n</html>\n");
        return html.toString();
    }

    private void header() {
        long critical = checkup.count(Rule.Severity.CRITICAL);
        long warning = checkup.count(Rule.Severity.WARNING);
        int errors = checkup.of(RuleResult.Kind.ERROR).size();
        String verdict = critical > 0 ? "critical" : errors > 0 ? "error" : warning > 0 ? "warning" : "pass";
        String words = critical > 0
                ? "Critical findings"
                : errors > 0
                        ? "Not everything could be checked"
                        : warning > 0
                                ? "Warnings"
                                : checkup.count(Rule.Severity.INFO) > 0 ? "Sound, with remarks" : "Sound";
        html.append("<header><p class=\"kicker\">Data integrity</p><h1>")
                .append(text(db.name()))
                .append(" <span class=\"badge ")
                .append(verdict)
                .append("\">")
                .append(words)
                .append("</span></h1>\n<p>")
                .append(text(db.environment().toString()))
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
        card("info", checkup.count(Rule.Severity.INFO), checkup.count(Rule.Severity.INFO) == 1 ? "remark" : "remarks");
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
        html.append(
                "<section><h2>By category</h2>\n<table class=\"grid\"><thead><tr><th>Category</th><th>Sound</th><th>Broken</th><th>Not checked</th></tr></thead><tbody>\n");
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
                    .append(capital(category.toString()))
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

    // -- trend

    private void trend() throws SQLException {
        List<Past> runs = past();
        runs.add(new Past(
                checkup.at(),
                checkup.count(Rule.Severity.CRITICAL),
                checkup.count(Rule.Severity.WARNING),
                checkup.count(Rule.Severity.INFO),
                checkup.of(RuleResult.Kind.ERROR).size()));
        if (runs.size() < 2) return;
        long most = Math.max(1, runs.stream().mapToLong(Past::most).max().getAsLong());
        int width = 40;
        int height = 140;
        html.append(
                        "<section><h2>Trend</h2><p class=\"legend\"><i class=\"critical\"></i>critical <i class=\"warning\"></i>warnings <i class=\"info\"></i>remarks; the last ")
                .append(runs.size())
                .append(" checks of this kind, from ")
                .append(DAY.format(runs.get(0).at))
                .append(" to now")
                .append(runs.stream().anyMatch(run -> run.errors > 0) ? "; ! not everything could be checked" : "")
                .append("</p>\n<svg class=\"trend\" style=\"max-width:")
                .append(runs.size() * width * 2)
                .append(
                        "px\" role=\"img\" aria-label=\"Findings of the last checks\" preserveAspectRatio=\"xMinYMax\" viewBox=\"0 0 ")
                .append(runs.size() * width)
                .append(' ')
                .append(height + 2)
                .append("\">\n<line x1=\"0\" x2=\"")
                .append(runs.size() * width)
                .append("\" y1=\"")
                .append(height)
                .append("\" y2=\"")
                .append(height)
                .append("\"/>\n");
        for (int i = 0; i < runs.size(); i++) {
            Past run = runs.get(i);
            double y = height;
            html.append("<g><title>")
                    .append(DAY.format(run.at))
                    .append(": ")
                    .append(run.critical)
                    .append(" critical, ")
                    .append(run.warning)
                    .append(" warnings, ")
                    .append(run.info)
                    .append(" remarks</title>");
            for (String part : List.of("info", "warning", "critical")) {
                double tall = (height - 18.0)
                        * (part.equals("info") ? run.info : part.equals("warning") ? run.warning : run.critical)
                        / most;
                y -= tall;
                if (tall > 0)
                    html.append(String.format(
                            Locale.ROOT,
                            "<rect class=\"%s\" x=\"%d\" y=\"%.1f\" width=\"%d\" height=\"%.1f\"/>",
                            part,
                            i * width + 6,
                            y,
                            width - 12,
                            tall));
            }
            html.append(String.format(
                    Locale.ROOT,
                    "<text x=\"%d\" y=\"%.1f\">%s</text></g>%n",
                    i * width + width / 2,
                    y - 5,
                    run.errors > 0 ? run.most() + "!" : String.valueOf(run.most())));
        }
        html.append("</svg></section>\n");
    }

    /** The earlier checks of the same kind, the first one first; none where there is no log to read. */
    private List<Past> past() throws SQLException {
        try {
            if (!OperationLog.isLogged(db.connection())) return new ArrayList<>();
            List<Past> runs = new ArrayList<>(Database.list(
                    db.connection(),
                    """
                    SELECT started_at, (details ->> 'critical')::bigint, (details ->> 'warning')::bigint, (details ->> 'info')::bigint,
                      (details ->> 'errors')::bigint
                    FROM avdaily_ops.operation WHERE command LIKE 'integrity %' AND outcome = 'done' AND details ->> 'scope' = ?
                      AND details ->> 'whole' = 'true' AND started_at < ?
                    ORDER BY id DESC LIMIT"""
                            + " " + (MOST_RUNS - 1),
                    row -> new Past(
                            row.getTimestamp(1).toInstant(),
                            row.getLong(2),
                            row.getLong(3),
                            row.getLong(4),
                            row.getLong(5)),
                    checkup.quick() ? "quick" : "full",
                    java.sql.Timestamp.from(checkup.at().minusMillis(1))));
            Collections.reverse(runs);
            return runs;
        } catch (SQLException e) {
            if ("42501".equals(e.getSQLState())) return new ArrayList<>();
            throw e;
        }
    }

    // -- rules

    private void findings() {
        List<RuleResult> broken = checkup.of(RuleResult.Kind.FINDINGS).stream()
                .sorted(java.util.Comparator.comparing(
                        (RuleResult outcome) -> outcome.rule().severity()))
                .toList();
        if (broken.isEmpty()) return;
        html.append("<section><h2>Findings</h2>\n");
        for (RuleResult outcome : broken) {
            Rule rule = outcome.rule();
            html.append("<article class=\"")
                    .append(rule.severity())
                    .append("\" id=\"")
                    .append(text(rule.id()))
                    .append("\"><h3><span class=\"badge ")
                    .append(rule.severity())
                    .append("\">")
                    .append(rule.severity())
                    .append("</span> ")
                    .append(text(rule.id()))
                    .append(" <small>")
                    .append(Format.count(outcome.count(), "finding"))
                    .append(outcome.accepted() == 0 ? "" : ", and " + outcome.accepted() + " accepted")
                    .append("</small></h3>\n<p>")
                    .append(text(rule.means()))
                    .append("</p>\n<ul class=\"keys\">");
            outcome.keys()
                    .forEach(key -> html.append("<li><code>").append(text(key)).append("</code></li>"));
            html.append("</ul>\n");
            if (outcome.count() > outcome.keys().size())
                html.append(String.format(
                        Locale.ROOT,
                        "<p class=\"more\">and %,d more</p>%n",
                        outcome.count() - outcome.keys().size()));
            if (rule.cure() != null)
                html.append("<p><b>Cure.</b> ").append(text(rule.cure())).append("</p>\n");
            if (rule.isFixable())
                html.append("<p><b>Fix.</b> <code>avdaily-integrity fix --only ")
                        .append(text(rule.id()))
                        .append("</code></p>\n");
            query(rule, true);
            html.append("</article>\n");
        }
        html.append("</section>\n");
    }

    private void notChecked() {
        List<RuleResult> open = Stream.concat(
                        checkup.of(RuleResult.Kind.ERROR).stream(), checkup.of(RuleResult.Kind.SKIPPED).stream())
                .toList();
        if (open.isEmpty() && checkup.stale().isEmpty()) return;
        html.append(
                "<section><h2>Not checked</h2>\n<table class=\"grid words\"><thead><tr><th>Rule</th><th>Why</th></tr></thead><tbody>\n");
        open.forEach(outcome -> html.append("<tr><th scope=\"row\">")
                .append(text(outcome.rule().id()))
                .append("</th><td>")
                .append(outcome.is(RuleResult.Kind.ERROR) ? "<span class=\"badge error\">error</span> " : "")
                .append(text(outcome.reason()))
                .append("</td></tr>\n"));
        html.append("</tbody></table>\n");
        checkup.stale().forEach(entry -> html.append("<p>Stale in the baseline: ")
                .append(text(entry))
                .append(".</p>\n"));
        html.append("</section>\n");
    }

    private void allRules() {
        html.append("<section><h2>All rules</h2>\n");
        for (RuleResult outcome : checkup.outcomes()) {
            Rule rule = outcome.rule();
            html.append("<details><summary><span class=\"badge ")
                    .append(
                            outcome.is(RuleResult.Kind.FINDINGS)
                                    ? rule.severity().toString()
                                    : outcome.kind().toString())
                    .append("\">")
                    .append(
                            outcome.is(RuleResult.Kind.FINDINGS)
                                    ? Format.count(outcome.count(), "finding")
                                    : outcome.kind().toString())
                    .append("</span> <b>")
                    .append(text(rule.id()))
                    .append("</b> ")
                    .append(text(rule.means()))
                    .append("</summary>\n<p>")
                    .append(rule.category())
                    .append(", ")
                    .append(rule.severity())
                    .append(outcome.took().equals(Duration.ZERO) ? "" : ", took " + Format.duration(outcome.took()))
                    .append(outcome.accepted() == 0 ? "" : ", " + outcome.accepted() + " accepted")
                    .append("</p>");
            query(rule, false);
            html.append("</details>\n");
        }
        html.append("</section>\n");
    }

    /** A long query is folded, but in print. */
    private void query(Rule rule, boolean mayFold) {
        boolean fold = mayFold && rule.sql().lines().count() > FOLDED_LINES;
        html.append(fold ? "<details><summary>Query</summary>" : "")
                .append("<pre><code>")
                .append(text(rule.sql()))
                .append("</code></pre>")
                .append(fold ? "</details>\n" : "\n");
    }

    // -- charts

    private List<Bar> tableSizes() throws SQLException {
        return Database.list(
                db.connection(),
                """
                SELECT CASE nspname WHEN 'public' THEN '' ELSE nspname || '.' END || relname, pg_table_size(c.oid), pg_indexes_size(c.oid)
                FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE relkind = 'r' AND"""
                        + " " + DerivedRules.OURS + " ORDER BY pg_total_relation_size(c.oid) DESC, relname LIMIT "
                        + MOST_BARS,
                row -> new Bar(
                        row.getString(1),
                        List.of(row.getLong(2), row.getLong(3)),
                        Format.bytes(row.getLong(2) + row.getLong(3))));
    }

    private List<Bar> indexUse() throws SQLException {
        return Database.list(
                db.connection(),
                "SELECT indexrelname, idx_scan, pg_relation_size(indexrelid) FROM pg_stat_user_indexes WHERE schemaname <> 'avdaily_ops' "
                        + "ORDER BY pg_relation_size(indexrelid) DESC, indexrelname LIMIT " + MOST_BARS,
                row -> new Bar(
                        row.getString(1),
                        List.of(row.getLong(2)),
                        row.getLong(2) == 0
                                ? "never, " + Format.bytes(row.getLong(3))
                                : String.format(Locale.ROOT, "%,d", row.getLong(2))));
    }

    private void chart(String title, List<String> legend, List<Bar> bars, String words) {
        if (bars.isEmpty()) return;
        double most = Math.max(1, bars.stream().mapToLong(Bar::whole).max().getAsLong());
        html.append("<section><h2>")
                .append(title)
                .append("</h2><p class=\"legend\">")
                .append(words)
                .append(' ');
        for (int i = 0; legend.size() > 1 && i < legend.size(); i++)
            html.append("<i class=\"part")
                    .append(i)
                    .append("\"></i>")
                    .append(legend.get(i))
                    .append(' ');
        html.append("</p>\n<dl class=\"bars\">\n");
        for (Bar bar : bars) {
            html.append("<dt>").append(text(bar.name)).append("</dt><dd><span class=\"bar\">");
            for (int i = 0; i < bar.parts.size(); i++)
                html.append(String.format(
                        Locale.ROOT,
                        "<i class=\"part%d\" style=\"width:%.2f%%\"></i>",
                        i,
                        100 * bar.parts.get(i) / most));
            html.append("</span><span class=\"label\">").append(bar.label).append("</span></dd>\n");
        }
        html.append("</dl></section>\n");
    }

    private static String capital(String word) {
        return Character.toUpperCase(word.charAt(0)) + word.substring(1);
    }

    private static String text(String raw) {
        return Secrets.redact(raw)
                .chars()
                .mapToObj(c -> switch (c) {
                    case '<' -> "&lt;";
                    case '>' -> "&gt;";
                    case '&' -> "&amp;";
                    case '"' -> "&quot;";
                    default -> String.valueOf((char) c);
                })
                .collect(Collectors.joining());
    }

    private static final String STYLE =
            """
            :root { color-scheme: light dark; --ink: #1b2430; --soft: #5a6675; --paper: #fff; --card: #f4f6f8; --line: #d8dee5;
              --critical: #b3261e; --warning: #9a5b00; --info: #1f5fa8; --pass: #1d7044; --error: #7b1fa2; --skipped: #5a6675; --part0: #2f6fb0; --part1: #9cc3e6; }
            @media (prefers-color-scheme: dark) { :root { --ink: #e7ecf2; --soft: #a3b0bf; --paper: #12171d; --card: #1c232c; --line: #35404c;
              --critical: #ff8a80; --warning: #ffb74d; --info: #82b8f5; --pass: #6fcf97; --error: #d5a0ea; --skipped: #a3b0bf; --part0: #6aa9e6; --part1: #2e557c; } }
            * { box-sizing: border-box; }
            body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
            main { max-width: 62rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
            h1 { font-size: 1.7rem; line-height: 1.2; margin: 0; display: flex; flex-wrap: wrap; gap: .6rem; align-items: center; overflow-wrap: anywhere; }
            h2 { font-size: 1.15rem; margin: 2.2rem 0 .6rem; }
            h3 { font-size: 1rem; margin: 0 0 .3rem; overflow-wrap: anywhere; }
            p { margin: .35rem 0; }
            small, .kicker, .legend, .more, footer { color: var(--soft); font-weight: normal; font-size: .875rem; }
            .kicker { text-transform: uppercase; letter-spacing: .08em; font-size: .75rem; }
            .badge { display: inline-block; border: 1px solid currentColor; border-radius: 1rem; padding: 0 .6rem; font-size: .78rem; font-weight: 600; line-height: 1.5rem; white-space: nowrap; }
            .critical { color: var(--critical); } .warning { color: var(--warning); } .info { color: var(--info); } .pass,
              .enforced { color: var(--pass); } .error { color: var(--error); } .skipped { color: var(--skipped); }
            .cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(7.2rem, 1fr)); gap: .6rem; margin-top: 1.2rem; }
            .card { background: var(--card); border-radius: .6rem; padding: .7rem .9rem; }
            .card b { display: block; font-size: 1.6rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
            .card span { color: var(--soft); font-size: .875rem; }
            .card.none { color: var(--soft); }
            table { border-collapse: collapse; width: 100%; }
            .grid { table-layout: fixed; } .grid th:first-child { width: 40%; }
            th, td { text-align: right; padding: .35rem .5rem; border-bottom: 1px solid var(--line); font-variant-numeric: tabular-nums; vertical-align: top; }
            th:first-child { text-align: left; }
            thead th { color: var(--soft); font-size: .8rem; font-weight: 600; }
            tbody th { font-weight: 500; }
            .words td, .words th { text-align: left; }
            article { border: 1px solid var(--line); border-left: .3rem solid currentColor; border-radius: .5rem; padding: .8rem 1rem; margin: .8rem 0; break-inside: avoid; }
            article > * { color: var(--ink); } article details { border: 0; padding: 0; } article h3 .badge.critical { color: var(--critical); } article h3 .badge.warning { color: var(--warning); } article h3 .badge.info { color: var(--info); }
            .keys { list-style: none; margin: .5rem 0; padding: 0; display: flex; flex-wrap: wrap; gap: .3rem; }
            .keys code { background: var(--card); border-radius: .3rem; padding: .1rem .4rem; }
            code { font: .82rem/1.45 ui-monospace, "SF Mono", Menlo, Consolas, monospace; overflow-wrap: anywhere; }
            pre { background: var(--card); border-radius: .4rem; padding: .6rem .8rem; margin: .5rem 0 0; white-space: pre-wrap; }
            details { border-bottom: 1px solid var(--line); padding: .45rem 0; }
            summary { cursor: pointer; overflow-wrap: anywhere; }
            svg.trend { width: 100%; max-height: 12rem; display: block; }
            svg line { stroke: var(--line); } svg text { fill: var(--soft); font-size: 11px; text-anchor: middle; }
            rect.critical { fill: var(--critical); } rect.warning { fill: var(--warning); } rect.info { fill: var(--info); }
            .legend i { display: inline-block; width: .7rem; height: .7rem; border-radius: .15rem; background: currentColor; margin: 0 .3rem 0 .5rem; }
            i.part0 { background: var(--part0) !important; } i.part1 { background: var(--part1) !important; }
            .bars { display: grid; grid-template-columns: minmax(8rem, auto) 1fr; gap: .3rem .8rem; margin: 0; font-size: .875rem; }
            .bars dt { overflow-wrap: anywhere; } .bars dd { margin: 0; display: flex; gap: .5rem; align-items: center; }
            .bar { flex: 1; display: flex; height: .8rem; background: var(--card); border-radius: .2rem; overflow: hidden; } .bar i { display: block; }
            .label { min-width: 6.5rem; color: var(--soft); font-variant-numeric: tabular-nums; }
            footer { margin-top: 2.5rem; border-top: 1px solid var(--line); padding-top: .8rem; }
            @media (max-width: 34rem) { .bars { grid-template-columns: 1fr; gap: .1rem; } .bars dd { margin-bottom: .5rem; } .label { min-width: 5.5rem; } }
            @media print { :root { color-scheme: light; } main { max-width: none; padding: 0; } body { font-size: 10.5pt; } pre, .bar, .card,
              .bar i, rect, .legend i { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
              details::details-content { content-visibility: visible; height: auto; } h2 { break-after: avoid; } details,
                tr { break-inside: avoid; } }
            """;
}
