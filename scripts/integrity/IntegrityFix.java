import avdaily.backup.BackupFile;
import avdaily.backup.BackupWriter;
import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.base.Json;
import avdaily.console.Exit;
import avdaily.console.Gate;
import avdaily.db.Database;
import avdaily.db.Lock;
import avdaily.db.OperationLog;
import avdaily.integrity.AcceptedFindings;
import avdaily.integrity.CheckReport;
import avdaily.integrity.Checker;
import avdaily.integrity.Fixer;
import avdaily.integrity.Quarantine;
import avdaily.integrity.Rule;
import avdaily.integrity.RuleFiles;
import avdaily.integrity.RuleResult;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "fix",
        description =
                "Put right what a check finds and a rule knows how to: shows the plan, asks, backs up, and keeps what "
                        + "it changes. --undo takes it back.")
class IntegrityFix extends IntegrityScript {
    private static final String BY_MIGRATION =
            "write what changes definitions as a migration and deploy it by a plan ('avdaily-deploy plan'); "
                    + "--only names the rules that change rows alone.";

    /** What the run of this number did. */
    private record Fixed(long run, List<Fixer.FixResult> done) {}

    @Option(
            names = "--dry-run",
            description = "Do it all, say how many rows it changed, and take it back. Definitions are only named.")
    boolean dryRun;

    @Option(
            names = "--max-rows",
            paramLabel = "N",
            defaultValue = "1000",
            description = "A rule that would change more rows is not fixed (default: ${DEFAULT-VALUE}).")
    int maxRows;

    @Option(
            names = "--baseline",
            paramLabel = "FILE",
            description = "Accepted findings, as for check; they stay as they are.")
    Path baseline;

    @Option(names = "--undo", paramLabel = "RUN", description = "Put back what the run of this number changed.")
    Long undo;

    @Override
    int run() throws Exception {
        if (maxRows < 0) throw Failure.usage("--max-rows is " + maxRows, "name 0 or more.");
        try (Database db = openProjectDatabase()) {
            return undo != null ? undo(db) : fix(db);
        }
    }

    private int fix(Database db) throws Exception {
        List<Rule> all = RuleFiles.read(settings(), rules);
        AcceptedFindings accepted = AcceptedFindings.read(baseline);
        Checker.Options options = new Checker.Options(
                false, only, categories, Checker.Options.defaultJobs(), Duration.ofMinutes(10), accepted);
        CheckReport found = Checker.check(db, all, options);
        List<Rule> plan = found.of(RuleResult.Kind.FINDINGS).stream()
                .map(RuleResult::rule)
                .filter(this::mayFix)
                .toList();
        Fixer fixer = new Fixer(db, maxRows, accepted);
        List<Fixer.FixResult> expected = fixer.rehearse(plan);
        out().print("Found on " + db + ": " + found.summary() + ".");
        left(found, plan).forEach(out()::print);
        if (!plan.isEmpty()) table(expected);
        if (dryRun || expected.stream().allMatch(done -> done.rows() == 0)) return dry(db, found, expected);
        gate(db, plan, expected.stream().mapToLong(Fixer.FixResult::rows).sum()).destructive();
        try (Lock lock = Lock.take(db, "integrity fix")) {
            lock.verify();
            Optional<BackupFile> backup = BackupWriter.beforeChange(db);
            Fixed fixed = OperationLog.within(
                    db, "integrity fix", run -> new Fixed(run.id(), fixer.fix(plan, backup, run)));
            return report(db, fixed, Checker.check(db, all, options));
        }
    }

    private static Gate gate(Database db, List<Rule> plan, long changes) {
        Gate gate = Gate.before(db, "change " + Format.count(changes, "row") + " or definitions of " + db + " as shown")
                .needsInUnattendedProduction("DB_FIX_ALLOW_PRODUCTION");
        boolean definitions = plan.stream().anyMatch(rule -> rule.fix().kind() == Rule.Fix.Kind.DDL);
        return definitions ? gate.changesSchema(BY_MIGRATION) : gate;
    }

    /** Rules that change money are fixed only if they are named. */
    private boolean mayFix(Rule rule) {
        return rule.isFixable() && (!rule.fix().money() || only.contains(rule.id()));
    }

    private static List<String> left(CheckReport found, List<Rule> plan) {
        return Stream.concat(
                        found.of(RuleResult.Kind.FINDINGS).stream()
                                .map(RuleResult::rule)
                                .filter(rule -> !plan.contains(rule))
                                .map(rule -> "  " + rule.id() + " stays: " + reasonToStay(rule)),
                        found.of(RuleResult.Kind.ERROR).stream()
                                .map(outcome ->
                                        "  " + outcome.rule().id() + " could not be checked: " + outcome.reason()))
                .toList();
    }

    private static String reasonToStay(Rule rule) {
        if (rule.isFixable()) return "it changes money, name it with --only";
        return "a person has to look at it. " + (rule.cure() == null ? "" : rule.cure());
    }

    private void table(List<Fixer.FixResult> done) {
        out().table(
                        List.of("Rule", "Fix", "Table", "Changes", ""),
                        done.stream().map(Fixer.FixResult::cells).toList());
    }

    private int dry(Database db, CheckReport found, List<Fixer.FixResult> expected) {
        out().print(dryRun ? "Dry run: nothing was changed." : "Nothing to fix.");
        out().json(Json.object(
                "database",
                db.name(),
                "dryRun",
                dryRun,
                "run",
                null,
                "fixes",
                expected.stream().map(Fixer.FixResult::json).toList()));
        return end(db, found, expected, "nothing was changed");
    }

    private int report(Database db, Fixed fixed, CheckReport after) {
        out().print("Done:");
        table(fixed.done);
        out().print("Afterwards: " + after.summary() + ".");
        if (fixed.done.stream().anyMatch(one -> one.rows() > 0))
            out().print("This was run " + fixed.run + ". Take it back: avdaily-integrity fix --undo " + fixed.run);
        out().json(Json.object(
                "database",
                db.name(),
                "dryRun",
                false,
                "run",
                fixed.run,
                "fixes",
                fixed.done.stream().map(Fixer.FixResult::json).toList(),
                "after",
                after.json(db).get("summary")));
        return end(db, after, fixed.done, "the others are done");
    }

    private int end(Database db, CheckReport checkup, List<Fixer.FixResult> done, String others) {
        List<Fixer.FixResult> stuck =
                done.stream().filter(one -> one.error() != null).toList();
        if (!stuck.isEmpty())
            return findings(
                    Format.count(stuck.size(), "rule") + " not fixed: "
                            + stuck.get(0).rule().id() + ", " + stuck.get(0).error(),
                    "see the table above; " + others + ".");
        List<RuleResult> errors = checkup.of(RuleResult.Kind.ERROR);
        if (errors.isEmpty()) return Exit.DONE;
        return failed(checkup.unchecked(
                " on " + db + ", and so not be fixed: " + errors.get(0).rule().id() + ", "
                        + errors.get(0).reason(),
                others + "; 'avdaily-integrity check --only ID' looks at one rule by itself."));
    }

    private int undo(Database db) throws Exception {
        List<Quarantine.Change> changes = new Quarantine(db.connection(), undo).changes();
        if (changes.isEmpty())
            throw Failure.usage(
                    "there is nothing to take back of run " + undo,
                    "the numbers of the runs are in avdaily_ops.quarantine.");
        out().table(
                        List.of("Rule", "Change", "Table", "Rows"),
                        changes.stream()
                                .map(change -> Stream.of(
                                                change.rule(),
                                                change.action().toString(),
                                                change.table(),
                                                String.valueOf(change.rows()))
                                        .toList())
                                .toList());
        boolean definitions = changes.stream().anyMatch(change -> change.action() == Quarantine.Action.DDL);
        Gate gate = Gate.before(db, "take back what run " + undo + " changed on " + db)
                .needsInUnattendedProduction("DB_FIX_ALLOW_PRODUCTION");
        (definitions ? gate.changesSchema(BY_MIGRATION) : gate).destructive();
        try (Lock lock = Lock.take(db, "integrity fix")) {
            lock.verify();
            OperationLog.record(db, "integrity undo", details -> {
                details.put("run", undo);
                return Fixer.undo(db, undo);
            });
        }
        out().print("Run " + undo + " is taken back."
                + (definitions ? " What was only rebuilt, validated or analyzed stays so." : ""));
        out().json(Json.object(
                "database",
                db.name(),
                "run",
                undo,
                "changes",
                changes.stream()
                        .map(change -> Json.object(
                                "rule", change.rule(), "action", change.action().toString(), "rows", change.rows()))
                        .toList()));
        return Exit.DONE;
    }
}
