import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What is wrong with a database, so that a deployment answers for what it brought and for nothing else.
 *
 * @param unknown what could not be looked at, and why
 */
record DeployFindings(List<Finding> findings, List<String> unknown) {
    /** @param count how many rows a rule found; 1 for what is there or not */
    record Finding(String key, long count, String text) {}

    static DeployFindings of(Database db, Migrator migrator, Strategy strategy) throws SQLException {
        DeployFindings all = new DeployFindings(new ArrayList<>(), new ArrayList<>());
        if (strategy.validates(Strategy.Validation.SCHEMA)) all.schema(migrator);
        return all;
    }

    static DeployFindings read(JsonNode json) {
        return json.isObject() ? new ObjectMapper().convertValue(json, DeployFindings.class) : new DeployFindings(List.of(), List.of());
    }

    private void schema(Migrator migrator) throws SQLException {
        try {
            for (String finding : migrator.validate(false).findings()) findings.add(new Finding(finding, 1, finding));
        } catch (Failure e) {
            unknown.add(e.getMessage());
        }
    }

    /** What was not there before, or is more than before. */
    List<String> since(DeployFindings before) {
        Map<String, Long> known = before.findings.stream().collect(Collectors.toMap(Finding::key, Finding::count, Math::max));
        return findings.stream().filter(finding -> finding.count > known.getOrDefault(finding.key, 0L)).map(Finding::text).toList();
    }

    List<String> texts() {
        List<String> texts = new ArrayList<>(findings.stream().map(Finding::text).toList());
        texts.addAll(unknown);
        return texts;
    }
}
