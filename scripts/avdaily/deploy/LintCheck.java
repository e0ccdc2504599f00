package avdaily.deploy;

import avdaily.base.Failure;
import avdaily.db.Database;
import avdaily.migrate.Migrator;
import avdaily.migrate.lint.LintFinding;
import avdaily.migrate.lint.LintRecord;
import avdaily.migrate.lint.Linter;
import avdaily.sql.SqlState;
import java.sql.SQLException;
import java.util.List;

/** What the pending migrations do to tables that others use, tried on a scratch database. */
final class LintCheck {
    /** As for 'avdaily-migrate lint': a lock on a smaller table is over before anybody notices. */
    private static final long SMALL_TABLE = 100_000;

    static PreflightCheck of(Database db, Migrator migrator, EnvironmentPolicy.Lint lint) throws Exception {
        try {
            Linter linter = new Linter(db, migrator, SMALL_TABLE);
            List<String> dangerous = LintRecord.keep(db, linter::due).dangerous().stream()
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
            return fails(e, lint) ? PreflightCheck.refused("lint", e) : PreflightCheck.unknown("lint", e.getMessage());
        }
    }

    /**
     * Whether the deployment is to fail by it: what is no SQL is none anywhere, other statements may miss rows on the
     * scratch database that are there on the target.
     */
    private static boolean fails(Failure e, EnvironmentPolicy.Lint lint) {
        return e.kind == Failure.Kind.SQL
                && (lint == EnvironmentPolicy.Lint.REFUSE
                        || e.getCause() instanceof SQLException sql && SqlState.of(sql).equals(SqlState.SYNTAX_ERROR));
    }

    private static String text(LintFinding finding) {
        return finding.rule().id() + " (" + finding.place() + ", " + finding.subject() + ")";
    }

    private LintCheck() {}
}
