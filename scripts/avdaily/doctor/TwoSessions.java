package avdaily.doctor;

import avdaily.db.Database;
import avdaily.db.Failures;
import avdaily.doctor.Ability.Basis;
import avdaily.doctor.Ability.Name;
import avdaily.sql.SqlState;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.postgresql.PGConnection;

/** What holds between two connections: that they are two sessions, with one lock and one view between them. */
final class TwoSessions {
    private static final String PID = "SELECT pg_catalog.pg_backend_pid()";
    private static final String STRAIGHT = "connect straight to the server (its own port, not the pooler's).";
    private static final String OTHER_SERVER = "use a PostgreSQL server: nothing of ours is safe on this one.";

    private final Connection one;
    private final Connection other;
    private final boolean areTwo;
    private final boolean isServerItself;

    TwoSessions(Connection one, Connection other) throws SQLException {
        this.one = one;
        this.other = other;
        areTwo = look();
        isServerItself = areTwo && one.unwrap(PGConnection.class).getBackendPID() == pid(one);
    }

    /** A pooler gives the first connection another session while the second one's transaction has the first's. */
    private boolean look() throws SQLException {
        int first = pid(one);
        int second = pid(other);
        if (first == second) return false;
        other.setAutoCommit(false);
        boolean isKept = pid(other) == second && pid(one) == first;
        other.rollback();
        other.setAutoCommit(true);
        return isKept && pid(other) == second;
    }

    private static int pid(Connection c) throws SQLException {
        return Database.one(c, PID, Integer.class);
    }

    boolean areTwo() {
        return areTwo;
    }

    /** What stands between us and the server. */
    String between() {
        if (!areTwo) return "a pooler that lends one session to several connections (transaction mode)";
        return isServerItself
                ? "nothing: the process that we log in to is the one that answers"
                : "a pooler that keeps a session for each connection (session mode)";
    }

    List<Ability> abilities() throws SQLException {
        if (!areTwo)
            return List.of(
                    Ability.no(Name.SESSIONS, Basis.TRIED, "two connections share sessions of the server", STRAIGHT),
                    Ability.no(
                            Name.ADVISORY_LOCKS,
                            Basis.TRIED,
                            "a lock would stay with a session that is lent to others",
                            STRAIGHT),
                    Ability.no(
                            Name.SNAPSHOTS,
                            Basis.TRIED,
                            "a snapshot would not be kept for sure, nor the settings to read it with",
                            STRAIGHT));
        return List.of(
                Ability.yes(Name.SESSIONS, Basis.TRIED, "each connection is a session of its own"),
                locks(),
                snapshot());
    }

    /** As the commands lock: for a session. */
    private Ability locks() throws SQLException {
        long key = ThreadLocalRandom.current().nextLong();
        String lock = "SELECT pg_catalog.pg_try_advisory_lock(?)";
        String unlock = "SELECT pg_catalog.pg_advisory_unlock(?)";
        try {
            boolean first = Database.one(one, lock, Boolean.class, key);
            boolean second = Database.one(other, lock, Boolean.class, key);
            if (!first || second)
                return Ability.no(
                        Name.ADVISORY_LOCKS,
                        Basis.TRIED,
                        first ? "two sessions got one and the same lock" : "a lock that nobody holds was refused",
                        OTHER_SERVER);
            Database.one(one, unlock, Boolean.class, key);
            boolean isFree = Database.one(other, lock, Boolean.class, key);
            Database.one(other, unlock, Boolean.class, key);
            return isFree
                    ? Ability.yes(Name.ADVISORY_LOCKS, Basis.TRIED, "of two sessions one gets it, then the other")
                    : Ability.no(Name.ADVISORY_LOCKS, Basis.TRIED, "a lock was not given back", OTHER_SERVER);
        } catch (SQLException e) {
            return refused(Name.ADVISORY_LOCKS, e);
        }
    }

    private Ability snapshot() throws SQLException {
        one.setAutoCommit(false);
        other.setAutoCommit(false); // whatever fails, there is something to roll back
        try {
            begin(one);
            String id = Database.one(one, "SELECT pg_catalog.pg_export_snapshot()", String.class);
            begin(other);
            Database.run(other, "SET TRANSACTION SNAPSHOT '" + id.replace("'", "") + "'");
            boolean isSame = view(one).equals(view(other));
            return isSame
                    ? Ability.yes(Name.SNAPSHOTS, Basis.TRIED, "two sessions read one and the same state")
                    : Ability.no(Name.SNAPSHOTS, Basis.TRIED, "two sessions read two states", OTHER_SERVER);
        } catch (SQLException e) {
            return refused(Name.SNAPSHOTS, e);
        } finally {
            one.rollback();
            other.rollback();
        }
    }

    private static void begin(Connection c) throws SQLException {
        Database.run(c, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
    }

    private static String view(Connection c) throws SQLException {
        return Database.one(c, "SELECT pg_catalog.pg_current_snapshot()::text", String.class);
    }

    private static Ability refused(Name name, SQLException e) throws SQLException {
        if (SqlState.isConnectionLost(e)) throw e;
        return Ability.no(name, Basis.TRIED, Failures.message(e), OTHER_SERVER);
    }
}
