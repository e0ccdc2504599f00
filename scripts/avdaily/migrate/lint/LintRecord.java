package avdaily.migrate.lint;

import avdaily.base.Format;
import avdaily.base.Json;
import avdaily.db.Database;
import avdaily.db.OperationLog;
import com.fasterxml.jackson.databind.JsonNode;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What lint found in pending migrations, as the operation log keeps it for those who only look. It holds as long as all
 * these files are pending with the same text: what one does depends on those before it.
 *
 * @param sums the SHA-256 of each file that was judged, by name
 * @param findings the most severe first
 * @param more how many findings were too many to be kept
 */
public record LintRecord(Instant at, Map<String, String> sums, List<Finding> findings, long more) {
    /**
     * A finding in a few words.
     *
     * @param table as in "people" or "shop.\"Order\""; null if the rule is about none
     * @param place as in "V8__index.sql line 3"
     * @param accepted why it is accepted, or null
     */
    public record Finding(
            String table, String rule, Severity severity, String place, String subject, String accepted) {}

    /** What judges pending migrations. */
    public interface Judging {
        LintReport judge() throws Exception;
    }

    private static final String COMMAND = "migrate lint";
    private static final String NEWEST =
            """
            SELECT started_at, details FROM avdaily_ops.operation
            WHERE command = ? AND outcome = 'done' AND octet_length(details::text) < 200000
            ORDER BY id DESC LIMIT ?""";
    private static final int MOST_FINDINGS = 100;
    private static final int MOST_LETTERS = 200;

    /**
     * Judges, and leaves what was found if the database has a log that the role may write to, and its newest row of
     * this command says something else: who lints at each push makes no long log.
     */
    public static LintReport keep(Database db, Judging judging) throws Exception {
        LintReport report = judging.judge();
        Map<String, Object> details = details(report);
        if (!isKnown(db, Json.tree(Json.text(details))))
            OperationLog.recordIfPossible(db, COMMAND, kept -> {
                kept.putAll(details);
                return report;
            });
        return report;
    }

    private static boolean isKnown(Database db, JsonNode details) throws SQLException {
        if (!db.believesOps() || !OperationLog.isReadable(db.connection())) return false;
        return Database.list(db.connection(), NEWEST, row -> Json.tree(row.getString(2)), COMMAND, 1).stream()
                .anyMatch(newest -> details.properties().stream()
                        .allMatch(part -> part.getValue().equals(newest.get(part.getKey()))));
    }

    private static Map<String, Object> details(LintReport report) {
        List<LintFinding> all = report.findings();
        return Json.object(
                "files",
                report.sums(),
                "dangerous",
                report.dangerous().size(),
                "findings",
                all.stream()
                        .sorted(Comparator.comparing(LintFinding::severity))
                        .limit(MOST_FINDINGS)
                        .map(LintRecord::kept)
                        .toList(),
                "more",
                Math.max(0, all.size() - MOST_FINDINGS));
    }

    private static Map<String, Object> kept(LintFinding finding) {
        return Json.object(
                "table",
                finding.table(),
                "rule",
                finding.rule().id(),
                "severity",
                finding.severity(),
                "place",
                shortened(finding.place()),
                "subject",
                shortened(finding.subject()),
                "accepted",
                shortened(finding.ignored()));
    }

    private static String shortened(String text) {
        return text == null ? null : Format.within(text, MOST_LETTERS, "…");
    }

    /**
     * What holds still of most of the pending files, the newest of it.
     *
     * @param pending the SHA-256 of each, by name
     */
    public static Optional<LintRecord> of(Connection c, Map<String, String> pending) throws SQLException {
        return Database.list(
                        c, NEWEST, row -> of(row.getTimestamp(1).toInstant(), Json.tree(row.getString(2))), COMMAND, 20)
                .stream()
                .filter(record -> record.holds(pending))
                .max(Comparator.comparing(record -> record.sums.size())); // of equal ones the first
    }

    private boolean holds(Map<String, String> pending) {
        return !sums.isEmpty() && pending.entrySet().containsAll(sums.entrySet());
    }

    private static LintRecord of(Instant at, JsonNode details) {
        Map<String, String> sums = new TreeMap<>();
        details.path("files")
                .properties()
                .forEach(file -> sums.put(file.getKey(), file.getValue().asText()));
        List<Finding> findings = new ArrayList<>();
        for (JsonNode each : details.path("findings"))
            findings.add(new Finding(
                    each.path("table").asText(null),
                    each.path("rule").asText(""),
                    severity(each.path("severity").asText()),
                    each.path("place").asText(""),
                    each.path("subject").asText(""),
                    each.path("accepted").asText(null)));
        return new LintRecord(at, sums, findings, details.path("more").asLong());
    }

    /** Others may write to the log what this toolkit would not. */
    private static Severity severity(String word) {
        return Stream.of(Severity.values())
                .filter(severity -> severity.word().equals(word))
                .findFirst()
                .orElse(Severity.INFO);
    }
}
