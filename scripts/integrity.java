///usr/bin/env jbang "$0" "$@" ; exit $?
//DESCRIPTION Check the data against rules, on one snapshot, and put right what can be
//DESCRIPTION Commands: check, quick, report, rules, fix
//DOCS ../docs/integrity.md
//JAVA 17+
//JAVA_OPTIONS -XX:TieredStopAtLevel=1 -XX:CICompilerCount=1 -XX:+UseSerialGC -Xlog:disable
//CDS
//MAIN Integrity
//SOURCES common.java
//SOURCES avdaily/integrity/package-info.java
//SOURCES integrity/IntegrityFix.java
//SOURCES integrity/IntegrityScript.java

import avdaily.base.AtomicFile;
import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.base.Json;
import avdaily.base.Secrets;
import avdaily.base.Visible;
import avdaily.console.Exit;
import avdaily.db.Database;
import avdaily.db.DatabaseReset;
import avdaily.db.OperationLog;
import avdaily.db.Samples;
import avdaily.integrity.AcceptedFindings;
import avdaily.integrity.CheckReport;
import avdaily.integrity.Checker;
import avdaily.integrity.HtmlReport;
import avdaily.integrity.JunitReport;
import avdaily.integrity.Rule;
import avdaily.integrity.RuleFiles;
import avdaily.integrity.RuleResult;
import avdaily.integrity.TextReport;
import avdaily.notify.Job;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Checks whether the data is what it must be: every rule on one snapshot; what is found can be put right, and that
 * taken back.
 */
@Command(name = "avdaily-integrity", description = "Check the data against rules, on one snapshot of the database.")
class Integrity extends CommandList implements Preloading {
    @Override
    List<Class<? extends Script>> commands() {
        return List.of(
                IntegrityCheck.class,
                IntegrityQuick.class,
                IntegrityReport.class,
                IntegrityRules.class,
                IntegrityFix.class);
    }

    @Override
    public void preload() {
        RuleFiles.preload();
    }

    public static void main(String... args) {
        Script.main(new Integrity(), args);
    }
}

/** What the commands that check share. */
abstract class IntegrityChecks extends IntegrityScript {
    @Option(
            names = "--fail-on",
            paramLabel = "SEVERITY",
            defaultValue = "critical",
            description =
                    "End with 22 on findings of this severity or a graver one: ${COMPLETION-CANDIDATES} (default: "
                            + "critical).")
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

    @Option(
            names = "--strict",
            description =
                    "End with 22 if the database has no table, or none of the project's rules was checked, as in CI.")
    boolean strict;

    @Override
    Optional<Job> job() {
        return Optional.of(Job.INTEGRITY);
    }

    CheckReport check(Database db, boolean quick) throws Exception {
        if (timeout < 1 || jobs != null && jobs < 1)
            throw Failure.usage("--timeout and --jobs start at 1", "leave them out for the defaults.");
        Checker.Options options = new Checker.Options(
                quick,
                only,
                categories,
                jobs == null ? share(Checker.Options.defaultJobs()) : jobs,
                Duration.ofSeconds(timeout),
                shared.once("accepted findings", () -> AcceptedFindings.read(baseline)));
        List<Rule> all = shared.once("rules", () -> RuleFiles.read(settings(), rules));
        boolean isWhole = only.isEmpty() && categories.isEmpty();
        CheckReport report =
                OperationLog.recordIfPossible(db, quick ? "integrity quick" : "integrity check", details -> {
                    CheckReport checkup = Checker.check(db, all, options);
                    details.putAll(checkup.logged());
                    details.put("whole", isWhole);
                    return checkup;
                });
        if (isWhole && !quick) Samples.leaveIfPossible(db, Samples.Source.INTEGRITY, report.numbers());
        return report;
    }

    int checkAndShow(boolean quick) throws Exception {
        try (Database db = openProjectToRead()) {
            CheckReport checkup = check(db, quick);
            TextReport.print(db, checkup, verbose);
            out().json(checkup.json(db));
            return end(db, checkup);
        }
    }

    /** The exit code of a check whose result is shown already. */
    int end(Database db, CheckReport checkup) throws SQLException {
        conclude(checkup.summary() + checkup.broken(failOn), null);
        Optional<Failure.Kind> end = checkup.end(failOn);
        if (end.isEmpty()) {
            if (DatabaseReset.tables(db.connection()) == 0)
                return nothing(db + " has no table, so no rule about data was checked", strict);
            int unchecked = checkup.uncheckedOfTheProject();
            return unchecked == 0
                    ? Exit.DONE
                    : nothing(
                            "none of the project's rules was checked on " + db + ": " + Format.count(unchecked, "rule")
                                    + " skipped",
                            strict);
        }
        if (end.get() == Failure.Kind.FINDINGS)
            return findings(
                    Format.count(checkup.findings(failOn).size(), "rule") + " broken on " + db,
                    "'avdaily-integrity rules --only ID' explains a rule, 'avdaily-integrity fix --dry-run' shows "
                            + "what can be put right.");
        return failed(checkup.unchecked(" on " + db, "see the errors above; what was not checked did not pass."));
    }
}

/** What checks one database, or many. */
abstract class IntegrityChecksOfMany extends IntegrityChecks {
    @Mixin
    FleetOptions fleet;

    @Override
    Optional<FleetOptions> many() {
        return Optional.of(fleet);
    }
}

@Command(
        name = "check",
        description = "Check every rule, also those that a constraint enforces: it can look valid and be violated.")
class IntegrityCheck extends IntegrityChecksOfMany {
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
class IntegrityQuick extends IntegrityChecksOfMany {
    @Override
    int run() throws Exception {
        return checkAndShow(true);
    }
}

@Command(
        name = "report",
        description =
                "Check, and write the result as text, JSON, HTML or JUnit's XML. The HTML is one file, for people; it "
                        + "ends as check does.")
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
        if (out != null) AtomicFile.tryOut(out);
        try (Database db = openProjectToRead()) {
            CheckReport checkup = check(db, quick);
            String report =
                    switch (format()) {
                        case text -> text(TextReport.lines(db, checkup, true));
                        case json -> Json.page(checkup.json(db)) + "\n";
                        case html -> HtmlReport.of(db, checkup);
                        case junit -> JunitReport.of(db, checkup, failOn);
                    };
            if (out == null) out().page(report.stripTrailing());
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

    private static String text(List<String> lines) {
        return lines.stream().map(Visible::line).collect(Collectors.joining("\n", "", "\n"));
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
        AtomicFile.write(out, report);
        out().print("Report: " + out);
    }
}

@Command(
        name = "rules",
        description = "Explain each rule in one sentence. Needs no database; a rule for each foreign key comes on top.")
class IntegrityRules extends IntegrityScript {
    private static final List<String> HEADER = List.of("Rule", "Category", "Severity", "Quick", "Fix", "Meaning");

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
            out().table(HEADER, all.stream().map(IntegrityRules::cells).toList());
        else all.forEach(rule -> TextReport.explain(rule, out()));
        out().json(Json.object("rules", all.stream().map(IntegrityRules::json).toList()));
        return Exit.DONE;
    }

    private static List<String> cells(Rule rule) {
        return List.of(
                rule.id(),
                rule.category().toString(),
                rule.severity().toString(),
                rule.quick() ? "yes" : "no",
                rule.fix() == null ? "no" : rule.fix().kind().toString(),
                rule.means() + (rule.off() == null ? "" : " (" + rule.off() + ")"));
    }

    private static Map<String, Object> json(Rule rule) {
        return rule.json(
                "quick",
                rule.quick(),
                "tables",
                rule.wanted(),
                "off",
                rule.off(),
                "file",
                rule.from().toString());
    }
}
