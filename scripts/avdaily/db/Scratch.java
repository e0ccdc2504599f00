package avdaily.db;

import avdaily.sql.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * An empty database for a trial, dropped again at the end: on the same server where the role may create one, else on
 * the local server.
 */
public final class Scratch implements AutoCloseable {
    private static final String PREFIX = "avdaily_scratch_";

    private final Connection admin;
    private final Database scratch;

    private Scratch(Connection admin, Database scratch) {
        this.admin = admin;
        this.scratch = scratch;
    }

    public static Scratch beside(Database db) throws SQLException {
        boolean may = Database.one(
                db.connection(),
                "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user",
                Boolean.class);
        return may
                ? on(db)
                : on(Database.at(
                        LocalServer.of(db.invocation()).start(Environment.DEVELOPMENT),
                        Environment.DEVELOPMENT,
                        db.invocation()));
    }

    private static Scratch on(Database db) throws SQLException {
        Scratch made = planned(db);
        try {
            Database.update(made.admin, "CREATE DATABASE " + made.scratch.name() + " TEMPLATE template0");
            return made;
        } catch (SQLException e) {
            made.admin.close();
            throw e;
        }
    }

    /**
     * One on this very server that is not there yet: whoever fills it creates it too, as what comes into it needs it.
     */
    public static Scratch planned(Database server) throws SQLException {
        Connection admin = server.connect();
        try {
            dropAbandoned(admin);
            String name = PREFIX + Instant.now().getEpochSecond() + "_"
                    + ThreadLocalRandom.current().nextInt(1_000_000);
            // says that this run lives
            Database.run(admin, "SELECT pg_advisory_lock(hashtextextended('" + name + "', 0))");
            return new Scratch(admin, server.sibling(name));
        } catch (SQLException e) {
            admin.close();
            throw e;
        }
    }

    public Database database() {
        return scratch;
    }

    /** What a killed run left behind: with its session its lock went. */
    static void dropAbandoned(Connection admin) throws SQLException {
        String query =
                """
                SELECT datname FROM pg_database d
                WHERE datname ~ ('^' || ? || '[0-9]+_[0-9]+$') AND pg_has_role(datdba, 'USAGE')
                  AND NOT EXISTS (SELECT FROM pg_locks l WHERE l.locktype = 'advisory' AND l.objsubid = 1
                                  AND (l.classid::bigint << 32 | l.objid::bigint) = hashtextextended(d.datname, 0))
                  AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.datid = d.oid)""";
        for (String name : Database.list(admin, query, row -> row.getString(1), PREFIX)) drop(admin, name);
    }

    /**
     * Drops a database of ours, if it is there, and ends those of our sessions that are still in it. Not by force: that
     * may not end autovacuum, the plain form does.
     */
    public static void drop(Connection admin, String name) throws SQLException {
        String end =
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = ? AND backend_type = 'client backend' AND pg_has_role(usesysid, 'USAGE')""";
        Database.list(admin, end, row -> row.getBoolean(1), name);
        Database.run(admin, "DROP DATABASE IF EXISTS " + Sql.quoted(name));
    }

    @Override
    public void close() throws SQLException {
        try (admin) {
            scratch.close();
            drop(admin, scratch.name());
        }
    }
}
