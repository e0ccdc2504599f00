package avdaily.migrate.lint;

import avdaily.base.Json;
import avdaily.migrate.MigrationStatement;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What one statement did to tables that were there before the first one.
 *
 * @param file as the user names it
 * @param statement its beginning; empty if the findings are about the whole file
 * @param took null if it did not run
 * @param locks the strongest new lock on each table, by the table's name
 * @param rewritten the tables that were written anew
 */
record StatementTrace(
        String file,
        int line,
        String statement,
        Duration took,
        Map<String, String> locks,
        List<String> rewritten,
        List<LintFinding> findings) {
    static StatementTrace ofFile(String file, int line, List<LintFinding> findings) {
        return new StatementTrace(file, line, "", null, Map.of(), List.of(), findings);
    }

    /** @param text what to show of the statement */
    static StatementTrace notRun(String file, MigrationStatement statement, String text, List<LintFinding> findings) {
        return new StatementTrace(file, statement.line(), text, null, Map.of(), List.of(), findings);
    }

    String place() {
        return LintFinding.place(file, line);
    }

    Map<String, Object> json() {
        return Json.object(
                "file",
                file,
                "line",
                line,
                "statement",
                statement,
                "durationMillis",
                took == null ? null : took.toMillis(),
                "locks",
                locks,
                "rewritten",
                rewritten,
                "findings",
                findings.stream().map(LintFinding::json).toList());
    }
}
