package avdaily.integrity;

import avdaily.base.Format;
import avdaily.db.Samples;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** The rules in the HTML report: what is broken, what was not checked, and all of them. */
final class HtmlRules {
    private static final int FOLDED_LINES = 8;

    private static final DateTimeFormatter DAY =
            DateTimeFormatter.ofPattern("d MMMM yyyy", Locale.ENGLISH).withZone(ZoneOffset.UTC);

    private final CheckReport checkup;
    private final List<Samples.Sample> earlier;
    private final StringBuilder html;

    /** @param earlier what the whole checks before this one found, the oldest first */
    HtmlRules(CheckReport checkup, List<Samples.Sample> earlier, StringBuilder html) {
        this.checkup = checkup;
        this.earlier = earlier.stream()
                .filter(sample -> sample.at().isBefore(checkup.at()))
                .toList();
        this.html = html;
    }

    void findings() {
        List<RuleResult> broken = checkup.of(RuleResult.Kind.FINDINGS).stream()
                .sorted(Comparator.comparing(
                        (RuleResult outcome) -> outcome.rule().severity()))
                .toList();
        if (broken.isEmpty()) return;
        html.append("<section><h2>Findings</h2>\n");
        for (RuleResult outcome : broken) {
            Rule rule = outcome.rule();
            html.append("<article class=\"")
                    .append(rule.severity())
                    .append("\" id=\"")
                    .append(Html.text(rule.id()))
                    .append("\"><h3><span class=\"badge ")
                    .append(rule.severity())
                    .append("\">")
                    .append(rule.severity())
                    .append("</span> ")
                    .append(Html.text(rule.id()))
                    .append(" <small>")
                    .append(Format.count(outcome.count(), "finding"))
                    .append(outcome.accepted() == 0 ? "" : ", and " + outcome.accepted() + " accepted")
                    .append(since(rule)
                            .map(since -> ", since " + DAY.format(since))
                            .orElse(""))
                    .append("</small></h3>\n<p>")
                    .append(Html.text(rule.means()))
                    .append("</p>\n<ul class=\"keys\">");
            outcome.keys()
                    .forEach(key ->
                            html.append("<li><code>").append(Html.text(key)).append("</code></li>"));
            html.append("</ul>\n");
            if (outcome.count() > outcome.keys().size())
                html.append(String.format(
                        Locale.ROOT,
                        "<p class=\"more\">and %,d more</p>%n",
                        outcome.count() - outcome.keys().size()));
            if (rule.cure() != null)
                html.append("<p><b>Cure.</b> ").append(Html.text(rule.cure())).append("</p>\n");
            if (rule.isFixable())
                html.append("<p><b>Fix.</b> <code>avdaily-integrity fix --only ")
                        .append(Html.text(rule.id()))
                        .append("</code></p>\n");
            query(rule, true);
            html.append("</article>\n");
        }
        html.append("</section>\n");
    }

    /** The first of the last checks that all found something. */
    private Optional<Instant> since(Rule rule) {
        Instant since = null;
        for (int i = earlier.size() - 1; i >= 0; i--) {
            if (earlier.get(i).number(CheckReport.sampled(rule.id())).isEmpty()) break;
            since = earlier.get(i).at();
        }
        return Optional.ofNullable(since).filter(at -> at.isBefore(checkup.at().minus(Duration.ofDays(1))));
    }

    void notChecked() {
        List<RuleResult> open = Stream.concat(
                        checkup.of(RuleResult.Kind.ERROR).stream(), checkup.of(RuleResult.Kind.SKIPPED).stream())
                .toList();
        if (open.isEmpty() && checkup.stale().isEmpty()) return;
        html.append("<section><h2>Not checked</h2>\n<table class=\"grid "
                + "words\"><thead><tr><th>Rule</th><th>Why</th></tr></thead><tbody>\n");
        open.forEach(outcome -> html.append("<tr><th scope=\"row\">")
                .append(Html.text(outcome.rule().id()))
                .append("</th><td>")
                .append(outcome.is(RuleResult.Kind.ERROR) ? "<span class=\"badge error\">error</span> " : "")
                .append(Html.text(outcome.reason()))
                .append("</td></tr>\n"));
        html.append("</tbody></table>\n");
        checkup.stale().forEach(entry -> html.append("<p>Stale in the baseline: ")
                .append(Html.text(entry))
                .append(".</p>\n"));
        html.append("</section>\n");
    }

    void all() {
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
                    .append(Html.text(rule.id()))
                    .append("</b> ")
                    .append(Html.text(rule.means()))
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
                .append(Html.lines(rule.sql()))
                .append("</code></pre>")
                .append(fold ? "</details>\n" : "\n");
    }
}
