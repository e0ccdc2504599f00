package avdaily.migrate;

import avdaily.base.Failure;
import avdaily.db.Database;
import avdaily.db.Lock;
import java.sql.Connection;
import java.sql.SQLException;

/** Flyway's own lock on its table: the Flyway command line waits while it is held, and holds it while it works. */
final class FlywayLock {
    /**
     * Of org.flywaydb.database.postgresql.PostgreSQLAdvisoryLockTemplate (Flyway 13.12.0), which adds the table's hash.
     */
    static final long BASE = 77431708279161L;

    private static final int MILLISECONDS_BETWEEN = 1000;

    /** How long it is held. */
    enum Span {
        TRANSACTION("pg_try_advisory_xact_lock"),
        SESSION("pg_try_advisory_lock");

        private final String function;

        Span(String function) {
            this.function = function;
        }
    }

    /**
     * Takes it on {@code c}.
     *
     * @param attempts how often to try, with a pause of a second
     * @throws Failure (23) if somebody else holds it
     */
    static void take(Connection c, Span span, int attempts, Database db) throws SQLException {
        long key = BASE + ("\"" + HistoryTable.schema(db) + "\".\"" + HistoryTable.RELATION + "\"").hashCode();
        for (int attempt = 1; ; attempt++) {
            if (Database.one(c, "SELECT pg_catalog." + span.function + "(?)", Boolean.class, key)) return;
            if (attempt >= attempts) throw FlywayErrors.busy(db.toString());
            Lock.sleep(MILLISECONDS_BETWEEN);
        }
    }

    private FlywayLock() {}
}
