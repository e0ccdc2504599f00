package avdaily.db;

import avdaily.base.Failure;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * One view of the database for several connections: what was committed when it was taken, and nothing later. It lasts
 * as long as its first connection, the leader, keeps its transaction open.
 */
public final class Snapshot implements AutoCloseable {
    /** What must happen in the leader's transaction before the view is fixed: taking locks. */
    public interface Preparation {
        void in(Connection leader) throws SQLException;
    }

    private final Database db;
    private final Connection leader;
    private final String id;

    private Snapshot(Database db, Connection leader, String id) {
        this.db = db;
        this.leader = leader;
        this.id = id;
    }

    /**
     * Takes a snapshot after {@code preparation}, so that nothing it locks can change between the two.
     *
     * @throws Failure (21) where a pooler hands each statement to another session
     */
    public static Snapshot take(Database db, Preparation preparation) throws SQLException {
        Connection leader = connect(db);
        try {
            Lock.refusePooler(leader, db.connection());
            int pid = Database.one(leader, "SELECT pg_backend_pid()", Integer.class);
            begin(leader, null);
            preparation.in(leader);
            String id = Database.one(leader, "SELECT pg_export_snapshot()", String.class);
            if (Database.one(leader, "SELECT pg_backend_pid()", Integer.class) != pid)
                throw Failure.refused(
                        "the connection goes through a pooler in transaction mode, "
                                + "which cannot be trusted to keep a snapshot",
                        "connect straight to the server (its own port, not the pooler's).");
            return new Snapshot(db, leader, id);
        } catch (SQLException | RuntimeException e) {
            leader.close();
            throw e;
        }
    }

    /** A session in which also a transaction after the snapshot's would only read. */
    private static Connection connect(Database db) throws SQLException {
        return SessionStart.begun(db.connect(), c -> Database.run(c, "SET default_transaction_read_only = on"));
    }

    /** The name under which the server, and pg_dump, know the snapshot. */
    public String id() {
        return id;
    }

    public Connection leader() {
        return leader;
    }

    /** A new connection that sees what the leader sees. */
    public Connection join() throws SQLException {
        return SessionStart.begun(connect(db), c -> begin(c, id));
    }

    /** Starts anew in a connection of this snapshot whose transaction failed. */
    public void rejoin(Connection c) throws SQLException {
        c.rollback();
        begin(c, id);
    }

    /**
     * Opens the transaction with settings under which values and definitions read the same everywhere. Row security is
     * off: a policy that hides rows makes the reading fail in place of reading less. None of these statements fixes the
     * leader's view yet.
     */
    private static void begin(Connection c, String snapshot) throws SQLException {
        c.setAutoCommit(false);
        try (Statement statement = c.createStatement()) {
            statement.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
            if (snapshot != null) statement.execute("SET TRANSACTION SNAPSHOT '" + snapshot + "'");
            statement.execute(
                    """
                    SET LOCAL search_path = '';
                    SET LOCAL row_security = off;
                    SET LOCAL statement_timeout = 0;
                    SET LOCAL lock_timeout = '10s';
                    SET LOCAL idle_in_transaction_session_timeout = 0;
                    SET LOCAL datestyle = ISO;
                    SET LOCAL intervalstyle = postgres;
                    SET LOCAL extra_float_digits = 3;
                    SET LOCAL bytea_output = hex;
                    SET LOCAL standard_conforming_strings = on;
                    SET LOCAL quote_all_identifiers = off;
                    SET LOCAL synchronize_seqscans = off;
                    SET LOCAL max_parallel_workers_per_gather = 0;
                    SET LOCAL jit = off""");
            if (c.getMetaData().getDatabaseMajorVersion() >= 17) statement.execute("SET LOCAL transaction_timeout = 0");
        }
    }

    @Override
    public void close() throws SQLException {
        leader.close();
    }
}
