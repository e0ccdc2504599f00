package avdaily.migrate;

import avdaily.base.Failure;
import avdaily.db.Failures;
import java.sql.SQLException;
import java.util.stream.Collectors;
import org.flywaydb.core.api.CoreErrorCode;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.output.ValidateOutput;

/**
 * What Flyway throws and reports, in our words. Everything that is known of Flyway's error codes and texts stands here,
 * as Flyway 13.12.0 has them; Flyway gives no code to its lock, so its text decides.
 */
final class FlywayErrors {
    /** Of org.flywaydb.database.postgresql.PostgreSQLAdvisoryLockTemplate, which says so of each way to fail. */
    static final String LOCK = "PostgreSQL advisory lock";

    /** The only finding of which the history is right: no repair makes it agree. */
    static final String PASSED_OVER = "it is older than the database's version but was never applied; "
            + "'avdaily-migrate up --out-of-order' runs it";

    /**
     * What to tell the user: our own failure if it only went through Flyway, else what Flyway's exception means.
     *
     * @param database as messages name it
     */
    static Failure translate(FlywayException e, String database) {
        String text = String.valueOf(e.getMessage());
        if (e.getErrorCode() == CoreErrorCode.NON_EMPTY_SCHEMA_WITHOUT_SCHEMA_HISTORY_TABLE) return unmanaged(database);
        if (text.contains(LOCK)) return busy(database);
        for (Throwable t = e; t != null; t = t.getCause()) {
            if (t instanceof Failure failure) return failure;
            if (t instanceof SQLException sql) return Failures.explain(sql);
        }
        return new Failure(
                Failure.Kind.ERROR,
                text.lines().collect(Collectors.joining(" ")),
                "run it again with --verbose to see where it happened.",
                e);
    }

    /** Flyway's own lock is held. */
    static Failure busy(String database) {
        return Failure.locked(
                "Flyway itself is at work on " + database,
                "wait until it is done and run this again; nothing was changed.");
    }

    /** Without a history Flyway touches no schema that holds anything. */
    static Failure unmanaged(String database) {
        return Failure.refused(
                database + " has tables or other objects in public, but no migration history",
                "adopt it with 'avdaily-migrate baseline' (with --version 0 if no migration made them), "
                        + "or use an empty database.");
    }

    /** One line of what Flyway's validation finds wrong. */
    static String finding(ValidateOutput invalid) {
        String name = invalid.version == null || invalid.version.isEmpty() ? "R" : "V" + invalid.version;
        return name + " " + invalid.description + ": " + what(invalid);
    }

    private static String what(ValidateOutput invalid) {
        String other = String.valueOf(invalid.errorDetails.errorMessage)
                .lines()
                .findFirst()
                .orElse("");
        if (!(invalid.errorDetails.errorCode instanceof CoreErrorCode code)) return other;
        return switch (code) {
            case CHECKSUM_MISMATCH -> "its file was changed after it was applied";
            case APPLIED_VERSIONED_MIGRATION_NOT_RESOLVED, APPLIED_REPEATABLE_MIGRATION_NOT_RESOLVED ->
                "it is applied, but its file is gone";
            case DESCRIPTION_MISMATCH -> "its file was renamed after it was applied";
            case FAILED_VERSIONED_MIGRATION, FAILED_REPEATABLE_MIGRATION -> "it failed half-way";
            case RESOLVED_VERSIONED_MIGRATION_NOT_APPLIED -> PASSED_OVER;
            default -> other;
        };
    }

    private FlywayErrors() {}
}
