package avdaily.monitor;

import avdaily.deploy.Thresholds;
import avdaily.integrity.AcceptedFindings;
import avdaily.integrity.CheckReport;
import avdaily.integrity.Checker;
import avdaily.integrity.Rule;
import avdaily.integrity.RuleFiles;
import avdaily.integrity.RuleResult;
import avdaily.migrate.Drift;
import avdaily.migrate.FlywayHistory;
import avdaily.migrate.HistoryTable;
import avdaily.migrate.Migration;
import avdaily.migrate.MigrationFiles;
import avdaily.migrate.SchemaRecord;
import avdaily.monitor.HealthCheck.Metric;
import avdaily.monitor.HealthCheck.Name;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** Whether schema and data are what the migrations and the rules say. */
final class SchemaChecks {
    private static final String NOT_BELIEVED = "what the database keeps about its schema is not to be believed";

    private final HealthContext context;
    private final FlywayHistory history;
    private List<Drift.Change> drifted = List.of();
    private List<RuleResult> broken = List.of();

    SchemaChecks(HealthContext context, MigrationFiles files) {
        this.context = context;
        this.history = new FlywayHistory(context.db(), files, 1);
    }

    List<HealthCheck> migrations() throws SQLException {
        if (!context.db().believesOps()) return List.of(HealthCheck.skipped(Name.MIGRATIONS, NOT_BELIEVED));
        if (!HistoryTable.isThere(context.db(), context.c()))
            return List.of(HealthCheck.skipped(Name.MIGRATIONS, "the database has no migration history"));
        List<Migration> all = history.all();
        List<String> broken = all.stream()
                .filter(Migration::isBroken)
                .map(m -> m.title() + " " + m.state())
                .toList();
        List<String> pending =
                all.stream().filter(Migration::isPending).map(Migration::title).toList();
        Metric count = Metric.of("pending_migrations", pending.size());
        if (!broken.isEmpty()) return migrations(Thresholds.Level.CRITICAL, String.join(", ", broken), count);
        if (pending.isEmpty()) return migrations(Thresholds.Level.OK, "none pending", count);
        return migrations(Thresholds.Level.WARNING, "pending: " + String.join(", ", pending), count);
    }

    private static List<HealthCheck> migrations(Thresholds.Level level, String text, Metric pending) {
        return List.of(HealthCheck.of(Name.MIGRATIONS, level, text, pending));
    }

    /** Compares with the recorded schema only: rebuilding one from the migrations would write. */
    List<HealthCheck> drift() throws SQLException {
        if (!context.db().believesOps()) return List.of(HealthCheck.skipped(Name.DRIFT, NOT_BELIEVED));
        String version = HistoryTable.isThere(context.db(), context.c()) ? history.table().version() : null;
        Optional<SchemaRecord.Moment> moment =
                version == null ? Optional.empty() : new SchemaRecord(context.db()).moment(version);
        if (moment.isEmpty())
            return List.of(HealthCheck.skipped(
                    Name.DRIFT,
                    "no schema is recorded to compare with; 'avdaily-migrate validate' compares with the migrations"));
        Drift drift = moment.get().drift();
        drifted = drift.changes();
        List<String> titles = drift.titles();
        return List.of(HealthCheck.of(
                Name.DRIFT,
                titles.isEmpty() ? Thresholds.Level.OK : Thresholds.Level.CRITICAL,
                titles.isEmpty() ? "the schema is as version " + version + " left it" : String.join(", ", titles),
                Metric.of("drifted_objects", titles.size())));
    }

    /** What the check of drift found; nothing before it ran. */
    List<Drift.Change> drifted() {
        return drifted;
    }

    /** What the integrity check found; nothing before it ran. */
    List<RuleResult> broken() {
        return broken;
    }

    List<HealthCheck> integrity() throws SQLException {
        CheckReport report = Checker.check(
                context.db(),
                RuleFiles.read(context.db().settings(), null),
                Checker.Options.forQuick(
                        Set.of(),
                        AcceptedFindings.read(context.policy().accepted().orElse(null))));
        broken = report.of(RuleResult.Kind.FINDINGS);
        long critical = report.count(Rule.Severity.CRITICAL);
        long warnings = report.count(Rule.Severity.WARNING);
        List<String> grave = report.findings(Rule.Severity.WARNING).stream()
                .map(result -> result.rule().id() + " (" + result.count() + ")")
                .toList();
        List<String> unchecked = errors(report, result -> !result.isDenied());
        List<String> denied = errors(report, RuleResult::isDenied);
        int holding = report.of(RuleResult.Kind.PASS).size()
                + report.of(RuleResult.Kind.ENFORCED).size();
        String text = (grave.isEmpty() ? holding + " rules hold" : "broken: " + String.join(", ", grave))
                + (unchecked.isEmpty() ? "" : "; could not be checked: " + String.join(", ", unchecked));
        List<HealthCheck> results = new ArrayList<>();
        results.add(HealthCheck.of(
                Name.INTEGRITY,
                level(critical, warnings, unchecked),
                text,
                findings(Rule.Severity.CRITICAL, critical),
                findings(Rule.Severity.WARNING, warnings)));
        if (!denied.isEmpty())
            results.add(HealthCheck.skipped(
                    Name.INTEGRITY, "the role " + context.role() + " may not look: " + String.join(", ", denied)));
        return results;
    }

    private static List<String> errors(CheckReport report, Predicate<RuleResult> which) {
        return report.of(RuleResult.Kind.ERROR).stream()
                .filter(which)
                .map(result -> result.rule().id())
                .toList();
    }

    private static Thresholds.Level level(long critical, long warnings, List<String> unchecked) {
        if (critical > 0) return Thresholds.Level.CRITICAL;
        if (!unchecked.isEmpty()) return Thresholds.Level.UNKNOWN;
        return warnings > 0 ? Thresholds.Level.WARNING : Thresholds.Level.OK;
    }

    private static Metric findings(Rule.Severity severity, long count) {
        return new Metric("integrity_findings", Map.of("severity", severity.toString()), count);
    }
}
