import avdaily.base.CiJob;
import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.base.Json;
import avdaily.console.Exit;
import avdaily.db.Database;
import avdaily.migrate.Migrator;
import avdaily.migrate.lint.LintFinding;
import avdaily.migrate.lint.LintRecord;
import avdaily.migrate.lint.LintReport;
import avdaily.migrate.lint.LintRule;
import avdaily.migrate.lint.LintRulesPage;
import avdaily.migrate.lint.Linter;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "lint",
        description =
                "Run the pending migrations on a scratch database, watch the locks and rewrites of each statement, "
                        + "and say what is dangerous (22) and how it is written safely.")
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
            description = "Run them on the database itself, in a transaction that is taken back. "
                    + "It takes the same locks as up, for as long.")
    boolean onTarget;

    @Option(
            names = "--small-table",
            paramLabel = "ROWS",
            defaultValue = "100000",
            description = "Tables with fewer rows on the database are small, what locks them only informs; "
                    + "0: none is (default: ${DEFAULT-VALUE}).")
    long small;

    @Option(
            names = "--github",
            description = "Print findings as annotations for GitHub (default where GITHUB_ACTIONS is true).")
    boolean github;

    @Option(names = "--rules", description = "List the rules.")
    boolean rules;

    @Option(names = "--markdown", description = "With --rules: print them as a page of Markdown, with their examples.")
    boolean markdown;

    @Option(
            names = "--explain",
            paramLabel = "RULE",
            description = "Say why a rule is one, with a bad and a good example.")
    String explain;

    @Override
    int run() throws Exception {
        if (markdown && (!rules || explain != null))
            throw Failure.usage("--markdown is a form of --rules", "write 'avdaily-migrate lint --rules --markdown'.");
        if (explain != null) return explain();
        if (rules) return listRules();
        return super.run();
    }

    private int explain() {
        LintRule rule = LintRule.named(explain)
                .orElseThrow(() ->
                        Failure.usage("there is no rule " + explain, "'avdaily-migrate lint --rules' lists them."));
        out().page(rule.explanation().strip());
        out().json(Json.object("rules", List.of(rule)));
        return Exit.DONE;
    }

    private int listRules() {
        List<List<String>> rows = LintRule.all().stream()
                .map(rule -> List.of(rule.id(), severity(rule), rule.title()))
                .toList();
        if (markdown) out().page(LintRulesPage.markdown().stripTrailing());
        else out().table(List.of("Rule", "Severity", "What"), rows);
        out().json(Json.object("rules", LintRule.all()));
        return Exit.DONE;
    }

    private static String severity(LintRule rule) {
        return rule.severity().word() + (rule.onBigTables() ? " if big" : "");
    }

    @Override
    int run(Migrator migrator, Database db) throws Exception {
        if (onTarget && (from != null || !given.isEmpty()))
            throw Failure.usage("--on-target tries the pending migrations only", "leave out --from and the files.");
        Linter linter = new Linter(db, migrator, small);
        boolean isPending = given.isEmpty() && from == null;
        LintReport report =
                isPending ? LintRecord.keep(db, () -> pending(linter, migrator)) : others(linter);
        Optional<CiJob> job = github ? Optional.of(CiJob.onGitHub(settings())) : CiJob.of(settings());
        report.print(out(), job.filter(ci -> ci.kind() == CiJob.Kind.GITHUB));
        List<LintFinding> dangerous = report.dangerous();
        String count = Format.count(report.findings().size(), "finding") + ", " + dangerous.size() + " dangerous.";
        out().print(report.isEmpty() ? "Nothing to judge: nothing is pending on " + db + "." : count);
        out().json(report.json());
        if (isPending && !report.isEmpty() && migrator.version() == null)
            out().note("No migration is applied here, so every table is new and may be locked. "
                    + "To judge new files as for tables in use, name them: "
                    + "'avdaily-migrate lint --small-table 0 FILE'.");
        if (dangerous.isEmpty()) return Exit.DONE;
        return findings(
                Format.count(dangerous.size(), "dangerous statement") + ": "
                        + dangerous.stream()
                                .map(finding -> finding.rule().id() + " (" + finding.place() + ")")
                                .collect(Collectors.joining(", ")),
                "write them as shown, or put '-- lint:ignore RULE the reason why it is right here' before one; "
                        + "'lint --explain RULE' says more.");
    }

    private LintReport pending(Linter linter, Migrator migrator) throws SQLException {
        return onTarget ? linter.onTarget(migrator.pending(to)) : linter.pending(to);
    }

    private LintReport others(Linter linter) throws SQLException {
        return given.isEmpty() ? linter.range(from, to) : linter.files(given);
    }
}
