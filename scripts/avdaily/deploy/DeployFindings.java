package avdaily.deploy;

import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.base.Json;
import avdaily.db.Database;
import avdaily.integrity.CheckReport;
import avdaily.integrity.Checker;
import avdaily.integrity.Rule;
import avdaily.integrity.RuleResult;
import avdaily.migrate.Migrator;
import avdaily.migrate.Validator;
import com.fasterxml.jackson.databind.JsonNode;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What is wrong with a database. A deployment answers for the findings that it brought, and for no others.
 *
 * @param unknown what could not be looked at, and why
 */
record DeployFindings(List<Finding> findings, List<String> unknown) {
    /** @param count how many rows a rule found; 1 for something that is there or not */
    record Finding(String key, long count, String text) {}

    static DeployFindings of(Database db, Migrator migrator, Release release) throws Exception {
        EnvironmentPolicy policy = release.policy();
        DeployFindings all = new DeployFindings(new ArrayList<>(), new ArrayList<>());
        if (policy.validates(EnvironmentPolicy.Validation.SCHEMA)) all.schema(migrator);
        if (policy.validates(EnvironmentPolicy.Validation.INTEGRITY)) all.integrity(db, release);
        return all;
    }

    static DeployFindings read(JsonNode json) {
        return json.isObject()
                ? Json.mapper().convertValue(json, DeployFindings.class)
                : new DeployFindings(List.of(), List.of());
    }

    private void schema(Migrator migrator) throws Exception {
        try {
            for (String finding : new Validator(migrator).validate(false).findings())
                findings.add(new Finding(finding, 1, finding));
        } catch (Failure e) {
            unknown.add(e.getMessage());
        }
    }

    private void integrity(Database db, Release release) throws SQLException {
        // a deployment makes data true, not fast
        Set<Rule.Category> categories = EnumSet.complementOf(EnumSet.of(Rule.Category.PERFORMANCE));
        CheckReport report = Checker.check(
                db,
                release.rules(),
                Checker.Options.forQuick(categories, release.acceptedFindings()));
        for (RuleResult broken : report.findings(Rule.Severity.CRITICAL))
            findings.add(new Finding(
                    broken.rule().id(),
                    broken.count(),
                    broken.rule().id() + " (" + Format.count(broken.count(), "row") + "): not true that "
                            + lower(broken.rule().means())));
        for (RuleResult error : report.of(RuleResult.Kind.ERROR))
            unknown.add(error.rule().id() + " could not be checked: " + error.reason());
    }

    private static String lower(String sentence) {
        return Character.toLowerCase(sentence.charAt(0)) + sentence.substring(1).replaceFirst("\\.$", "");
    }

    /** What was not there before, or is more than before. */
    List<String> since(DeployFindings before) {
        Map<String, Long> known =
                before.findings.stream().collect(Collectors.toMap(Finding::key, Finding::count, Math::max));
        return findings.stream()
                .filter(finding -> finding.count > known.getOrDefault(finding.key, 0L))
                .map(Finding::text)
                .toList();
    }

    List<String> texts() {
        List<String> texts =
                new ArrayList<>(findings.stream().map(Finding::text).toList());
        texts.addAll(unknown);
        return texts;
    }
}
