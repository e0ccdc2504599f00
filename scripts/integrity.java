///usr/bin/env jbang "$0" "$@" ; exit $?
//DESCRIPTION Check the data against rules, on one snapshot, and put right what can be
//DESCRIPTION Commands: check, quick, report, rules, fix
//DOCS ../docs/integrity.md
//JAVA 17+
//JAVA_OPTIONS -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xlog:disable
//CDS
//MAIN Integrity
//SOURCES common.java
//SOURCES avdaily/integrity/package-info.java

import avdaily.backup.BackupFile;
import avdaily.backup.BackupWriter;
import avdaily.base.AtomicFile;
import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.base.Json;
import avdaily.base.Secrets;
import avdaily.console.Exit;
import avdaily.console.Gate;
import avdaily.db.Database;
import avdaily.db.Lock;
import avdaily.db.OperationLog;
import avdaily.integrity.AcceptedFindings;
import avdaily.integrity.CheckReport;
import avdaily.integrity.Checker;
import avdaily.integrity.Fixer;
import avdaily.integrity.HtmlReport;
import avdaily.integrity.JunitReport;
import avdaily.integrity.Quarantine;
import avdaily.integrity.Rule;
import avdaily.integrity.RuleFiles;
import avdaily.integrity.RuleResult;
import avdaily.integrity.TextReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Checks whether the data is what it must be: every rule on one snapshot; what is found can be put right, and that taken back. */
@Command(
        name = "avdaily-integrity",
        description = "Check the data against rules, on one snapshot of the database.",
        subcommands = {
            IntegrityCheck.class,
            IntegrityQuick.class,
            IntegrityReport.class,
            IntegrityRules.class,
            IntegrityFix.class
        })
class Integrity {
    public static void main(String... args) {
        Script.main(new Integrity(), args);
    }
}

/** What the commands that work with rules share. */
abstract class IntegrityScript extends Script {
    @Option(
            names = "--rules",
            paramLabel = "PATH",
            description =
                    "Your own rules, a file or a folder of files; they add to AV-Daily's and override them (default: AVDAILY_RULES).")
    Path rules;

    @Option(names = "--only", split = ",", paramLabel = "ID", description = "Only these rules.")
    List<String> only = new ArrayList<>();

    @Option(
            names = "--category",
            split = ",",
            paramLabel = "CATEGORY",
            description = "Only rules of these: ${COMPLETION-CANDIDATES}.")
    List<Rule.Category> categories = new ArrayList<>();
}

/** What the commands that check share. */
abstract class IntegrityChecks extends IntegrityScript {
    @Option(
            names = "--fail-on",
            paramLabel = "SEVERITY",
            defaultValue = "critical",
            description =
                    "End with 22 on findings of this severity or a graver one: ${COMPLETION-CANDIDATES} (default: critical).")
    Rule.Severity failOn;

    @Option(
            names = "--baseline",
            paramLabel = "FILE",
            description = "Accepted findings: a YAML list of rule, key, reason and until.")
    Path baseline;

    @Option(
            names = "--jobs",
            paramLabel = "N",
            description =
                    "How many of the server's processors it may keep busy (default: those of this machine, at most 8).")
    Integer jobs;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "600",
            description = "For one rule (default: ${DEFAULT-VALUE}).")
    int timeout;

    CheckReport check(Database db, boolean quick) throws Exception {
        if (timeout < 1 || jobs != null && jobs < 1)
            throw Failure.usage("--timeout and --jobs start at 1", "leave them out for the defaults.");
        Checker.Options options = new Checker.Options(
                quick,
                only,
                categories,
                jobs == null ? Checker.Options.defaultJobs() : jobs,
                Duration.ofSeconds(timeout),
                AcceptedFindings.read(baseline));
        List<Rule> all = RuleFiles.read(settings(), rules);
        return OperationLog.recordIfPossible(db, quick ? "integrity quick" : "integrity check", details -> {
            CheckReport checkup = Checker.check(db, all, options);
            details.putAll(checkup.logged());
            details.put("whole", only.isEmpty() && categories.isEmpty());
            return checkup;
        });
    }

    int checkAndShow(boolean quick) throws Exception {
        try (Database db = openDatabase()) {
            CheckReport checkup = check(db, quick);
            TextReport.print(db, checkup, verbose);
            out().json(checkup.json(db));
            return end(db, checkup);
        }
    }

    /** The exit code of a check whose result is shown already. */
    int end(Database db, CheckReport checkup) {
        Optional<Failure.Kind> end = checkup.end(failOn);
        if (end.isEmpty()) return Exit.DONE;
        if (end.get() == Failure.Kind.FINDINGS)
            return findings(
                    Format.count(checkup.findings(failOn).size(), "rule") + " broken on " + db,
                    "'avdaily-integrity rules --only ID' explains a rule, 'avdaily-integrity fix --dry-run' shows what can be put right.");
        throw new Failure(
                end.get(),
                Format.count(checkup.of(RuleResult.Kind.ERROR).size(), "rule") + " could not be checked on " + db,
                "see the errors above; what was not checked did not pass.",
                null);
    }
}

@Command(
        name = "check",
        description = "Check every rule, also those that a constraint enforces: it can look valid and be violated.")
class IntegrityCheck extends IntegrityChecks {
    @Option(names = "--quick", description = "Only the quick rules, as 'quick' does.")
    boolean quick;

    @Override
    int run() throws Exception {
        return checkAndShow(quick);
    }
}

@Command(
        name = "quick",
        description = "Check what takes seconds: the quick rules, and none that a valid constraint proves.")
class IntegrityQuick extends IntegrityChecks {
    @Override
    int run() throws Exception {
        return checkAndShow(true);
    }
}

@Command(
        name = "report",
        description =
                "Check, and write the result as text, JSON, HTML or JUnit's XML. The HTML is one file, for people; it ends as check does.")
class IntegrityReport extends IntegrityChecks {
    enum Format {
        text,
        json,
        html,
        junit
    }

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description = "${COMPLETION-CANDIDATES} (default: what the name of FILE says, else text).")
    Format format;

    @Option(names = "--out", paramLabel = "FILE", description = "Where to write it (default: standard output).")
    Path out;

    @Option(names = "--quick", description = "Only the quick rules, as 'quick' does.")
    boolean quick;

    @Override
    int run() throws Exception {
        try (Database db = openDatabase()) {
            CheckReport checkup = check(db, quick);
            String report =
                    switch (format()) {
                        case text -> String.join("\n", TextReport.lines(db, checkup, true)) + "\n";
                        case json -> Json.page(checkup.json(db)) + "\n";
                        case html -> HtmlReport.of(db, checkup);
                        case junit -> JunitReport.of(db, checkup, failOn);
                    };
            if (out == null) out().print(report.stripTrailing());
            else write(Secrets.redact(report));
            out().json(
                            out == null
                                    ? checkup.json(db)
                                    : Json.object(
                                            "database",
                                            db.name(),
                                            "file",
                                            out.toString(),
                                            "format",
                                            format().toString(),
                                            "summary",
                                            checkup.json(db).get("summary")));
            return end(db, checkup);
        }
    }

    private Format format() {
        if (format != null) return format;
        String name = out == null ? "" : out.toString().replaceFirst(".*\\.", "");
        return switch (name) {
            case "html", "htm" -> Format.html;
            case "json" -> Format.json;
            case "xml" -> Format.junit;
            default -> Format.text;
        };
    }

    /** Under its name there is the old report or the whole new one. */
    private void write(String report) throws IOException {
        Path file = out.toAbsolutePath();
        if (!Files.isDirectory(file.getParent()))
            throw Failure.usage(
                    "there is no folder " + file.getParent(), "create it, or name another file with --out.");
        AtomicFile.write(file, report);
        out().print("Report: " + out);
    }
}

@Command(
        name = "rules",
        description = "Explain each rule in one sentence. Needs no database; a rule for each foreign key comes on top.")
class IntegrityRules extends IntegrityScript {
    @Override
    int run() {
        List<Rule> all = RuleFiles.read(settings(), rules).stream()
                .filter(rule -> only.isEmpty() || only.contains(rule.id()))
                .filter(rule -> categories.isEmpty() || categories.contains(rule.category()))
                .toList();
        if (all.size() < only.size())
            throw Failure.usage(
                    "there is no rule "
                            + String.join(
                                    ", ",
                                    only.stream()
                                            .filter(id -> all.stream()
                                                    .noneMatch(rule -> rule.id().equals(id)))
                                            .toList()),
                    "'avdaily-integrity rules' lists what there is.");
        if (only.isEmpty())
            out().table(
                            List.of("Rule", "Category", "Severity", "Quick", "Fix", "Meaning"),
                            all.stream()
                                    .map(rule -> Stream.of(
                                                    rule.id(),
                                                    rule.category().toString(),
                                                    rule.severity().toString(),
                                                    rule.quick() ? "yes" : "no",
                                                    rule.fix() == null
                                                            ? "no"
                                                            : rule.fix().kind().toString(),
                                                    rule.means() + (rule.off() == null ? "" : " (" + rule.off() + ")"))
                                            .toList())
                                    .toList());
        else all.forEach(rule -> TextReport.explain(rule, out()));
        out().json(Json.object(
                "rules",
                all.stream()
                        .map(rule -> Json.object(
                                "id",
                                rule.id(),
                                "category",
                                rule.category().toString(),
                                "severity",
                                rule.severity().toString(),
                                "quick",
                                rule.quick(),
                                "means",
                                rule.means(),
                                "tables",
                                rule.wanted(),
                                "query",
                                rule.sql(),
                                "cure",
                                rule.cure(),
                                "fix",
                                rule.fix() == null ? null : rule.fix().kind().toString(),
                                "off",
                                rule.off(),
                                "from",
                                rule.from()))
                        .toList()));
        return Exit.DONE;
    }
}

@Command(
        name = "fix",
        description =
                "Put right what a check finds and a rule knows how to: shows the plan, asks, backs up, and keeps what it changes. --undo takes it back.")
class IntegrityFix extends IntegrityScript {
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
        try (Database db = openDatabase()) {
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
        Gate.before(
                        db,
                        "change "
                                + Format.count(
                                        expected.stream()
                                                .mapToLong(Fixer.FixResult::rows)
                                                .sum(),
                                        "row") + " or definitions of " + db + " as shown")
                .destructive();
        try (Lock lock = Lock.take(db, "integrity fix")) {
            lock.verify();
            Optional<BackupFile> backup = BackupWriter.beforeChange(db);
            OperationLog run = OperationLog.begin(db, "integrity fix");
            List<Fixer.FixResult> done;
            try {
                done = fixer.fix(plan, backup, run);
            } catch (Exception e) {
                run.failed(db, e);
                throw e;
            }
            return report(db, run, done, Checker.check(db, all, options));
        }
    }

    /** Rules that change money are fixed only where they are named. */
    private boolean mayFix(Rule rule) {
        return rule.isFixable() && (!rule.fix().money() || only.contains(rule.id()));
    }

    private static List<String> left(CheckReport found, List<Rule> plan) {
        return Stream.concat(
                        found.of(RuleResult.Kind.FINDINGS).stream()
                                .filter(outcome -> !plan.contains(outcome.rule()))
                                .map(outcome -> "  " + outcome.rule().id() + " stays: "
                                        + (outcome.rule().isFixable()
                                                ? "it changes money, name it with --only"
                                                : "a person has to look at it. "
                                                        + (outcome.rule().cure() == null
                                                                ? ""
                                                                : outcome.rule().cure()))),
                        found.of(RuleResult.Kind.ERROR).stream()
                                .map(outcome ->
                                        "  " + outcome.rule().id() + " could not be checked: " + outcome.reason()))
                .toList();
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
        return end(db, found, expected);
    }

    private int report(Database db, OperationLog run, List<Fixer.FixResult> done, CheckReport after) {
        out().print("Done:");
        table(done);
        out().print("Afterwards: " + after.summary() + ".");
        if (done.stream().anyMatch(one -> one.rows() > 0))
            out().print("This was run " + run.id() + ". Take it back: avdaily-integrity fix --undo " + run.id());
        out().json(Json.object(
                "database",
                db.name(),
                "dryRun",
                false,
                "run",
                run.id(),
                "fixes",
                done.stream().map(Fixer.FixResult::json).toList(),
                "after",
                after.json(db).get("summary")));
        return end(db, after, done);
    }

    private int end(Database db, CheckReport checkup, List<Fixer.FixResult> done) {
        List<Fixer.FixResult> stuck =
                done.stream().filter(one -> one.error() != null).toList();
        if (!stuck.isEmpty())
            return findings(
                    Format.count(stuck.size(), "rule") + " not fixed: "
                            + stuck.get(0).rule().id() + ", " + stuck.get(0).error(),
                    "see the table above; the others are done.");
        List<RuleResult> errors = checkup.of(RuleResult.Kind.ERROR);
        if (errors.isEmpty()) return Exit.DONE;
        throw new Failure(
                Failure.Kind.ERROR,
                Format.count(errors.size(), "rule") + " could not be checked on " + db + ", and so not be fixed: "
                        + errors.get(0).rule().id() + ", " + errors.get(0).reason(),
                "what the table names is done; see to the others with check.",
                null);
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
                                                change.action(),
                                                change.table(),
                                                String.valueOf(change.rows()))
                                        .toList())
                                .toList());
        Gate.before(db, "take back what run " + undo + " changed on " + db).destructive();
        try (Lock lock = Lock.take(db, "integrity fix")) {
            lock.verify();
            OperationLog.record(db, "integrity undo", details -> {
                details.put("run", undo);
                return Fixer.undo(db, undo);
            });
        }
        boolean definitions =
                changes.stream().anyMatch(change -> change.action().equals("ddl"));
        out().print("Run " + undo + " is taken back."
                + (definitions ? " What was only rebuilt, validated or analyzed stays so." : ""));
        out().json(Json.object(
                "database",
                db.name(),
                "undone",
                undo,
                "changes",
                changes.stream()
                        .map(change ->
                                Json.object("rule", change.rule(), "action", change.action(), "rows", change.rows()))
                        .toList()));
        return Exit.DONE;
    }
}
