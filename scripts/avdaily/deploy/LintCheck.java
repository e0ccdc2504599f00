package avdaily.deploy;

import avdaily.base.Failure;
import avdaily.migrate.Linter;
import avdaily.migrate.Migrator;
import avdaily.migrate.StatementTracer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** What the pending migrations do to tables that others use, tried on a scratch database. */
final class LintCheck {
    /** As for 'avdaily-migrate lint': a lock on a smaller table is over before anybody notices. */
    private static final long SMALL_TABLE = 100_000;

    /** @param c a session on the database, for the sizes of its tables */
    static PreflightCheck of(Connection c, Migrator migrator, EnvironmentPolicy.Lint lint) throws SQLException {
        try {
            StatementTracer tracer = new StatementTracer(StatementTracer.rows(c, SMALL_TABLE), SMALL_TABLE);
            new Linter(migrator, tracer).pending(null);
            List<String> dangerous = tracer.findings().stream()
                    .filter(StatementTracer.Finding::isDangerous)
                    .map(LintCheck::text)
                    .toList();
            if (dangerous.isEmpty()) return PreflightCheck.ok("lint", "no dangerous statement");
            String text = String.join("; ", dangerous);
            if (lint == EnvironmentPolicy.Lint.WARN) return PreflightCheck.warning("lint", text);
            return PreflightCheck.refused(
                    "lint",
                    "dangerous for tables that others use: " + text,
                    "write it as 'avdaily-migrate lint' shows, or accept it there with its reason.");
        } catch (Failure e) {
            return PreflightCheck.unknown("lint", e.getMessage());
        }
    }

    private static String text(StatementTracer.Finding finding) {
        return finding.rule() + " (" + Path.of(finding.file()).getFileName() + " line " + finding.line() + ", "
                + finding.subject() + ")";
    }

    private LintCheck() {}
}
