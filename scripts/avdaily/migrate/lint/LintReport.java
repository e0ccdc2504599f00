package avdaily.migrate.lint;

import avdaily.base.Format;
import avdaily.base.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What lint saw and found, as text for people, with annotations for GitHub, and as JSON. */
public final class LintReport {
    private final String database;
    private final List<StatementTrace> traces;

    /** @param database its name */
    LintReport(String database, List<StatementTrace> traces) {
        this.database = database;
        this.traces = traces;
    }

    /** Whether there was nothing to run. */
    public boolean isEmpty() {
        return traces.isEmpty();
    }

    public List<LintFinding> findings() {
        return traces.stream().flatMap(trace -> trace.findings().stream()).toList();
    }

    /** The findings that are neither accepted nor less than dangerous. */
    public List<LintFinding> dangerous() {
        return findings().stream().filter(LintFinding::isDangerous).toList();
    }

    /** The lines for people. */
    public List<String> text() {
        return lines(finding -> List.of(text(finding)));
    }

    /** The same, each finding that is not accepted followed by its annotation. */
    public List<String> github() {
        return lines(finding ->
                finding.ignored() != null ? List.of(text(finding)) : List.of(text(finding), annotation(finding)));
    }

    private List<String> lines(Function<LintFinding, List<String>> form) {
        List<String> lines = new ArrayList<>();
        for (StatementTrace trace : traces) {
            addStatement(lines, trace);
            trace.findings().forEach(finding -> lines.addAll(form.apply(finding)));
        }
        return lines;
    }

    /** The document that {@code --json} prints. */
    public Map<String, Object> json() {
        return Json.object(
                "database",
                database,
                "dangerous",
                dangerous().size(),
                "statements",
                traces.stream()
                        .filter(trace ->
                                trace.took() != null || !trace.findings().isEmpty())
                        .map(StatementTrace::json)
                        .toList());
    }

    private static void addStatement(List<String> lines, StatementTrace trace) {
        String title = trace.place() + ": " + trace.statement();
        if (trace.took() == null) {
            if (!trace.statement().isEmpty()) lines.add(title);
        } else if (!trace.locks().isEmpty() || !trace.findings().isEmpty()) {
            lines.add(title);
            lines.add("  " + Format.duration(trace.took()) + locks(trace) + rewritten(trace));
        }
    }

    private static String locks(StatementTrace trace) {
        return trace.locks().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(lock -> ", " + lock.getValue() + " on " + lock.getKey())
                .collect(Collectors.joining());
    }

    private static String rewritten(StatementTrace trace) {
        return trace.rewritten().isEmpty() ? "" : ", written anew: " + String.join(", ", trace.rewritten());
    }

    private static String text(LintFinding finding) {
        LintRule rule = finding.rule();
        if (finding.ignored() != null)
            return "  accepted  " + rule.id() + ": " + what(finding) + "\n            because " + finding.ignored();
        return String.format("  %-9s ", finding.severity().word()) + rule.id() + ": " + what(finding) + ". "
                + rule.why() + "\n            instead: " + finding.cure();
    }

    private static String what(LintFinding finding) {
        String rows = finding.rows() == null ? "" : " (" + Format.count(finding.rows(), "row") + ")";
        return finding.rule().title() + ": " + finding.subject() + rows;
    }

    private static String annotation(LintFinding finding) {
        return "::" + finding.severity().annotation + " file=" + property(finding.file()) + ",line=" + finding.line()
                + ",title=" + property(finding.rule().id()) + "::"
                + data(what(finding) + ". Instead: " + finding.cure());
    }

    private static String data(String text) {
        return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A");
    }

    private static String property(String text) {
        return data(text).replace(":", "%3A").replace(",", "%2C");
    }
}
