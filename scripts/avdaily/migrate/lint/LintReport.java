package avdaily.migrate.lint;

import avdaily.base.CiJob;
import avdaily.base.Format;
import avdaily.base.Json;
import avdaily.base.Out;
import avdaily.base.Place;
import avdaily.migrate.MigrationScript;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What lint saw and found, as text for people, with annotations for GitHub, and as JSON. */
public final class LintReport {
    private final String database;
    private final List<MigrationScript> judged;
    private final List<StatementTrace> traces;

    /** @param database its name */
    LintReport(String database, List<MigrationScript> judged, List<StatementTrace> traces) {
        this.database = database;
        this.judged = judged;
        this.traces = traces;
    }

    /** The SHA-256 of each file that was judged, by name. */
    Map<String, String> sums() {
        Map<String, String> sums = new TreeMap<>();
        judged.forEach(script -> sums.put(script.name(), script.sum()));
        return sums;
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

    /**
     * Prints the lines for people.
     *
     * @param job where each finding that is not accepted is followed by its annotation
     */
    public void print(Out out, Optional<CiJob> job) {
        for (StatementTrace trace : traces) {
            statement(trace).forEach(out::print);
            for (LintFinding finding : trace.findings()) {
                text(finding).forEach(out::print);
                if (finding.ignored() == null) job.ifPresent(ci -> out.command(annotation(ci, finding)));
            }
        }
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

    private static List<String> statement(StatementTrace trace) {
        List<String> lines = new ArrayList<>();
        String title = trace.place() + ": " + trace.statement();
        if (trace.took() == null) {
            if (!trace.statement().isEmpty()) lines.add(title);
        } else if (!trace.locks().isEmpty() || !trace.findings().isEmpty()) {
            lines.add(title);
            lines.add("  " + Format.duration(trace.took()) + locks(trace) + rewritten(trace));
        }
        return lines;
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

    private static List<String> text(LintFinding finding) {
        LintRule rule = finding.rule();
        if (finding.ignored() != null)
            return List.of(
                    "  accepted  " + rule.id() + ": " + what(finding), "            because " + finding.ignored());
        return List.of(
                String.format("  %-9s ", finding.severity().word()) + rule.id() + ": " + what(finding) + ". "
                        + rule.why(),
                "            instead: " + finding.cure());
    }

    private static String what(LintFinding finding) {
        String rows = finding.rows() == null ? "" : " (" + Format.count(finding.rows(), "row") + ")";
        return finding.rule().title() + ": " + finding.subject() + rows;
    }

    private static String annotation(CiJob job, LintFinding finding) {
        return job.annotation(
                finding.severity().annotation,
                new Place(finding.file(), finding.line()),
                finding.rule().id(),
                what(finding) + ". Instead: " + finding.cure());
    }
}
