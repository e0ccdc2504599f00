import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.base.Json;
import avdaily.console.Exit;
import avdaily.db.Database;
import avdaily.migrate.LintRule;
import avdaily.migrate.Linter;
import avdaily.migrate.Migrator;
import avdaily.migrate.StatementTracer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "lint",
        description =
                "Run the pending migrations on a scratch database, watch the locks and rewrites of each statement, and say what is dangerous (22) and how it is written safely.")
class MigrateLint extends MigrateChange {
    @Parameters(
            paramLabel = "FILE",
            arity = "0..*",
            description = "SQL files to judge, on top of all migrations (one of the folder's: of those before it).")
    List<Path> given = List.of();

    @Option(
            names = "--from",
            paramLabel = "V",
            description =
                    "Judge the migrations from this version on, applied or not, each as a transaction of its own.")
    String from;

    @Option(names = "--to", paramLabel = "V", description = "Judge none after this version.")
    String to;

    @Option(
            names = "--on-target",
            description =
                    "Run them on the database itself, in a transaction that is taken back. It takes the same locks as up, for as long.")
    boolean onTarget;

    @Option(
            names = "--small-table",
            paramLabel = "ROWS",
            defaultValue = "100000",
            description =
                    "Tables with fewer rows on the database are small, what locks them only informs; 0: none is (default: ${DEFAULT-VALUE}).")
    long small;

    @Option(
            names = "--github",
            description = "Print findings as annotations for GitHub (default where GITHUB_ACTIONS is true).")
    boolean github;

    @Option(names = "--rules", description = "List the rules.")
    boolean rules;

    @Option(
            names = "--explain",
            paramLabel = "RULE",
            description = "Say why a rule is one, with a bad and a good example.")
    String explain;

    @Override
    int run() throws Exception {
        if (!rules && explain == null) return super.run();
        if (explain != null && !LintRule.all().containsKey(explain))
            throw Failure.usage("there is no rule " + explain, "'avdaily-migrate lint --rules' lists them.");
        if (explain != null)
            out().print(LintRule.all().get(explain).explanation().strip());
        else
            out().table(
                            List.of("Rule", "Severity", "What"),
                            LintRule.all().values().stream()
                                    .map(r -> List.of(
                                            r.id(), r.severity() + (r.onBigTables() ? " if big" : ""), r.title()))
                                    .toList());
        out().json(LintRule.all().values().stream()
                .filter(rule -> explain == null || rule.id().equals(explain))
                .toList());
        return Exit.DONE;
    }

    @Override
    int run(Migrator migrator, Database db) throws Exception {
        if (onTarget && (from != null || !given.isEmpty()))
            throw Failure.usage("--on-target tries the pending migrations only", "leave out --from and the files.");
        StatementTracer lint = new StatementTracer(StatementTracer.rows(db.connection(), small), small);
        Linter run = new Linter(migrator, lint);
        if (onTarget) run.onTarget(migrator.pending(to));
        else if (!given.isEmpty()) run.files(given);
        else if (from != null) run.range(from, to);
        else run.pending(to);
        boolean annotate =
                github || "true".equals(settings().real("GITHUB_ACTIONS").orElse(""));
        lint.traces().forEach(trace -> print(trace, annotate));
        List<StatementTracer.Finding> findings = lint.findings();
        List<StatementTracer.Finding> dangerous =
                findings.stream().filter(StatementTracer.Finding::isDangerous).toList();
        out().print(
                        lint.traces().isEmpty()
                                ? "Nothing to judge: nothing is pending on " + db + "."
                                : Format.count(findings.size(), "finding") + ", " + dangerous.size() + " dangerous.");
        out().json(Json.object(
                "database",
                db.name(),
                "dangerous",
                dangerous.size(),
                "statements",
                lint.traces().stream()
                        .filter(trace ->
                                trace.took() != null || !trace.findings().isEmpty())
                        .map(StatementTracer.Trace::json)
                        .toList()));
        if (dangerous.isEmpty()) return Exit.DONE;
        return findings(
                Format.count(dangerous.size(), "dangerous statement") + ": "
                        + dangerous.stream()
                                .map(f -> f.rule() + " (" + Path.of(f.file()).getFileName() + " line " + f.line() + ")")
                                .collect(Collectors.joining(", ")),
                "write them as shown, or put '-- lint:ignore RULE the reason why it is right here' before one; 'lint --explain RULE' says more.");
    }

    private void print(StatementTracer.Trace trace, boolean annotate) {
        if (trace.took() == null
                ? !trace.statement().isEmpty()
                : !trace.locks().isEmpty() || !trace.findings().isEmpty())
            out().print(Path.of(trace.file()).getFileName() + " line " + trace.line() + ": " + trace.statement()
                    + (trace.took() == null
                            ? ""
                            : "\n  " + Format.duration(trace.took())
                                    + trace.locks().entrySet().stream()
                                            .sorted(Map.Entry.comparingByKey())
                                            .map(lock -> ", " + lock.getValue() + " on " + lock.getKey())
                                            .collect(Collectors.joining())
                                    + (trace.rewritten().isEmpty()
                                            ? ""
                                            : ", written anew: " + String.join(", ", trace.rewritten()))));
        for (StatementTracer.Finding f : trace.findings()) {
            String what = LintRule.all().get(f.rule()).title() + ": " + f.subject()
                    + (f.rows() == null ? "" : " (" + Format.count(f.rows(), "row") + ")");
            if (f.ignored() != null) {
                out().print("  accepted  " + f.rule() + ": " + what + "\n            because " + f.ignored());
                continue;
            }
            out().print("  " + String.format("%-9s ", f.severity()) + f.rule() + ": " + what + ". "
                    + LintRule.all().get(f.rule()).why() + "\n            instead: " + f.cure());
            if (annotate)
                out().print("::"
                        + (f.isDangerous() ? "error" : f.severity().equals(LintRule.INFO) ? "notice" : "warning")
                        + " file=" + property(f.file()) + ",line=" + f.line() + ",title=" + property(f.rule()) + "::"
                        + data(what + ". Instead: " + f.cure()));
        }
    }

    private static String data(String text) {
        return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A");
    }

    private static String property(String text) {
        return data(text).replace(":", "%3A").replace(",", "%2C");
    }
}
