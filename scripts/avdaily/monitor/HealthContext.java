package avdaily.monitor;

import avdaily.base.Format;
import avdaily.db.Database;
import avdaily.deploy.EnvironmentPolicy;
import avdaily.deploy.Thresholds;
import avdaily.sql.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What every check knows: the database, a session that only reads, and what counts as trouble.
 *
 * @param seesOthers whether the role sees what the sessions of other roles do
 * @param left what a later look has to know beside the metrics
 */
record HealthContext(
        Database db,
        Connection c,
        EnvironmentPolicy policy,
        Thresholds thresholds,
        boolean seesOthers,
        Map<String, Double> left) {
    /**
     * The worst of many.
     *
     * @param value the worst one's seconds, percents or transactions, as the query says; 0 if there is none
     * @param count how many were looked at
     * @param text the worst one's name, or null
     */
    record Worst(double value, long count, String text) {}

    /** Runs a query of one row: value, count, text. */
    Worst worst(String sql) throws SQLException {
        return Database.list(c, sql, row -> new Worst(row.getDouble(1), row.getLong(2), row.getString(3)))
                .get(0);
    }

    Thresholds.Level level(Thresholds.Measure measure, double value) {
        return thresholds.limit(measure).of(value);
    }

    String role() {
        return db.url().user();
    }

    /** The check as skipped if the role sees its own sessions only: "nothing seen" would then prove nothing. */
    Optional<HealthCheck> hidden(HealthCheck.Name check) {
        if (seesOthers) return Optional.empty();
        return Optional.of(HealthCheck.skipped(
                check,
                role() + " sees only its own sessions; GRANT pg_monitor TO " + Sql.quoted(role()) + " shows all"));
    }

    static String percent(double value) {
        return String.format(Locale.ROOT, "%.1f%%", value);
    }

    static String time(double seconds) {
        return Format.age(Duration.ofMillis((long) (seconds * 1000)));
    }
}
