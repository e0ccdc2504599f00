package avdaily.db;

import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.sql.SqlState;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.time.Duration;
import java.util.Optional;

/**
 * A server that follows another one. What its primary does has to be done here too, and ends what still reads the old
 * state, with an error that no primary knows.
 *
 * @param replayedLsn all that was committed up to there is seen here; null if that is not known
 * @param lagSeconds how far behind it is; null if that is not known
 * @param feedback whether the primary's vacuum leaves what is still read here
 * @param delay how long what the primary did waits for those who read, as the setting has it; -1 for ever
 */
public record Standby(String replayedLsn, Double lagSeconds, boolean feedback, String delay) {
    private static final int ATTEMPTS = 5;
    private static final String FOR_EVER = "-1";
    private static final String POSITION = "pg_last_wal_replay_lsn()::text";
    private static final String LAG =
            """
            CASE WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
              ELSE extract(epoch FROM now() - pg_last_xact_replay_timestamp()) END::float8""";

    /** Something that reads on one snapshot. */
    public interface Reading<T, E extends Exception> {
        T run() throws E, SQLException;
    }

    /** Nothing if the server follows none. A managed one may refuse to say how far it is, as Aurora's readers do. */
    public static Optional<Standby> of(Connection c) throws SQLException {
        if (!Database.one(c, "SELECT pg_is_in_recovery()", Boolean.class)) return Optional.empty();
        boolean isInTransaction = !c.getAutoCommit();
        Savepoint before = isInTransaction ? c.setSavepoint() : null;
        try {
            return read(c, POSITION, LAG);
        } catch (SQLException e) {
            if (SqlState.isConnectionLost(e) || SqlState.isConflictWithRecovery(e)) throw e;
            if (isInTransaction) c.rollback(before);
            return read(c, "NULL::text", "NULL::float8");
        }
    }

    private static Optional<Standby> read(Connection c, String position, String lag) throws SQLException {
        return Database.list(
                        c,
                        """
                        SELECT %s, %s, current_setting('hot_standby_feedback')::bool,
                          current_setting('max_standby_streaming_delay')"""
                                .formatted(position, lag),
                        row -> new Standby(
                                row.getString(1),
                                row.getObject(2, Double.class),
                                row.getBoolean(3),
                                row.getString(4)))
                .stream()
                .findFirst();
    }

    /** Whether long reading is let finish, at least before a vacuum. */
    public boolean letsFinish() {
        return feedback || delay.equals(FOR_EVER);
    }

    /** As in "it is 12 s behind". */
    public String behind() {
        if (lagSeconds == null) return "it is not known how far it is behind";
        return lagSeconds < 1
                ? "it is up to date"
                : "it is " + Format.age(Duration.ofSeconds(Math.round(lagSeconds))) + " behind";
    }

    /**
     * Reads, on a standby once more with a new snapshot whenever that is ended for what the primary did.
     *
     * @throws Failure (23) if that happens too often
     */
    public static <T, E extends Exception> T reading(Database db, Reading<T, E> reading) throws E, SQLException {
        Optional<Standby> standby = of(db.connection());
        if (standby.isEmpty()) return reading.run();
        if (!standby.get().letsFinish())
            db.out()
                    .note(db + " is a standby, " + standby.get().behind() + ", and reading that takes longer than "
                            + standby.get().delay + " may be ended for what its primary does.");
        for (int attempt = 1; ; attempt++) {
            try {
                return reading.run();
            } catch (SQLException | Failure e) {
                if (!hasEnded(db, e)) throw e;
                if (attempt == ATTEMPTS) throw ended(db, e);
                db.out().note("The standby ended the reading for what its primary did. Again, with a new snapshot.");
                Lock.sleep(1000L * attempt); // what the primary did is done here by then
            }
        }
    }

    /** Whether it is a standby that ended something, or the session it was in, and lets another one in. */
    public static boolean hasEnded(Database db, Exception e) {
        if (!isConflict(e) && !isLost(e)) return false;
        try {
            return of(db.liveConnection()).isPresent();
        } catch (SQLException | Failure unreachable) {
            e.addSuppressed(unreachable);
            return false;
        }
    }

    private static boolean isLost(Throwable e) {
        for (Throwable t = e; t != null; t = t.getCause())
            if (t instanceof SQLException sql && SqlState.isConnectionLost(sql)) return true;
        return false;
    }

    private static boolean isConflict(Throwable e) {
        for (Throwable t = e; t != null; t = t.getCause())
            if (t instanceof SQLException sql && SqlState.isConflictWithRecovery(sql)) return true;
        return false;
    }

    private static Failure ended(Database db, Exception e) {
        return new Failure(
                Failure.Kind.LOCKED,
                "the standby of " + db + " ended the reading " + ATTEMPTS + " times for what its primary did: "
                        + Failures.explain(e).getMessage(),
                "set hot_standby_feedback = on there against vacuum, max_standby_streaming_delay = -1 also against "
                        + "locks, or read from the primary.",
                e);
    }
}
