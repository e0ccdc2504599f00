package avdaily.migrate.lint;

import avdaily.base.Json;
import java.nio.file.Path;
import java.util.Map;

/**
 * A rule that a statement breaks.
 *
 * @param file as the user names it
 * @param severity of the rule, or information if the table is small
 * @param table by its name before the first statement; null if the rule is about none
 * @param rows in the table now; null if there is no table or its rows are not known
 * @param subject what the statement does it to, as in "people.name"
 * @param cure how the statement is written safely
 * @param ignored why the finding is accepted, or null
 */
public record LintFinding(
        String file,
        int line,
        LintRule rule,
        Severity severity,
        String table,
        Long rows,
        String subject,
        String cure,
        String ignored) {
    public boolean isDangerous() {
        return severity == Severity.DANGEROUS && ignored == null;
    }

    public String place() {
        return place(file, line);
    }

    /** As in "V8__index.sql line 3", without the folder. */
    static String place(String file, int line) {
        return Path.of(file).getFileName() + " line " + line;
    }

    Map<String, Object> json() {
        return Json.object(
                "file",
                file,
                "line",
                line,
                "rule",
                rule.id(),
                "severity",
                severity,
                "table",
                table,
                "rows",
                rows,
                "subject",
                subject,
                "why",
                rule.why(),
                "instead",
                cure,
                "ignored",
                ignored);
    }
}
