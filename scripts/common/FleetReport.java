import avdaily.base.Format;
import avdaily.base.Json;
import avdaily.base.Out;
import avdaily.base.Visible;
import avdaily.console.Exit;
import avdaily.fleet.Target;
import avdaily.fleet.TargetOutcome;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What a command on many databases says at its end: one table, or one document with what it says of each. */
final class FleetReport {
    private final Script script;
    private final Out out;
    private final List<TargetOutcome> outcomes;
    private final Map<Target, String> remarks;
    private final Duration took;

    FleetReport(Script script, List<TargetOutcome> outcomes, Duration took) {
        this.script = script;
        this.out = script.out();
        this.outcomes = outcomes;
        this.remarks = script.compare(outcomes);
        this.took = took;
    }

    /** The command as people call it, without the name that all have in common. */
    static String command(Script script) {
        return script.spec.qualifiedName().replaceFirst("^avdaily-", "");
    }

    /** What a target printed, each line with its name. */
    static void block(Out out, TargetOutcome outcome) {
        String name = Visible.line(outcome.target().name());
        outcome.text().lines().forEach(line -> out.print("[" + name + "] " + line));
    }

    /** Prints it, and returns the exit code: the gravest of all. */
    int show(boolean isInterrupted) {
        int code = isInterrupted && count(TargetOutcome.State.UNRUN) > 0
                ? Exit.INTERRUPTED
                : Exit.worst(outcomes.stream().map(TargetOutcome::exitCode).toList());
        out.table(
                List.of("Target", "Result", "Code", "Took", "Summary"),
                outcomes.stream().map(this::cells).toList());
        String counted = counts().entrySet().stream()
                .map(entry -> entry.getValue() + " " + entry.getKey())
                .collect(Collectors.joining(", "));
        script.summarize(
                Format.count(outcomes.size(), "target") + " in " + Format.duration(took) + ": " + counted + ".");
        out.json(document(code));
        if (code != Exit.DONE) advise(code, counted);
        return code;
    }

    private void advise(int code, String counted) {
        String what = "'avdaily-" + command(script) + "' ended with " + code + ": " + counted;
        String next = code == Exit.FINDINGS && count(TargetOutcome.State.UNRUN) == 0
                ? "see what is said of each above."
                : "mend what is said of each above; the same command with --resume goes on.";
        script.conclude(what, next);
        out.advise(script.spec.root().name(), what, next);
    }

    private List<String> cells(TargetOutcome outcome) {
        String remark = remarks.get(outcome.target());
        return List.of(
                outcome.target().name(),
                outcome.state().toString(),
                outcome.state() == TargetOutcome.State.UNRUN ? "-" : String.valueOf(outcome.exitCode()),
                outcome.took().isZero() ? "-" : Format.duration(outcome.took()),
                outcome.summary() + (remark == null ? "" : "; " + remark));
    }

    private long count(TargetOutcome.State state) {
        return outcomes.stream().filter(outcome -> outcome.state() == state).count();
    }

    private Map<String, Long> counts() {
        Map<String, Long> counts = new LinkedHashMap<>();
        Arrays.stream(TargetOutcome.State.values())
                .filter(state -> count(state) > 0)
                .forEach(state -> counts.put(state.toString(), count(state)));
        return counts;
    }

    private Map<String, Object> document(int code) {
        return Json.object(
                "command",
                command(script),
                "targets",
                outcomes.stream().map(this::json).toList(),
                "exitCode",
                code,
                "durationMillis",
                took.toMillis());
    }

    private Map<String, Object> json(TargetOutcome outcome) {
        boolean isRun = outcome.state() != TargetOutcome.State.UNRUN;
        return Json.object(
                "target",
                outcome.target().name(),
                "database",
                outcome.target().url().database(),
                "schema",
                outcome.target().schema().orElse(null),
                "outcome",
                outcome.state().toString(),
                "exitCode",
                isRun ? outcome.exitCode() : null,
                "durationMillis",
                outcome.took().toMillis(),
                "why",
                outcome.summary(),
                "remark",
                remarks.get(outcome.target()),
                "result",
                outcome.document());
    }
}
