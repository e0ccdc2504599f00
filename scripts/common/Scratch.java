import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/** An empty database for a trial, dropped again at the end: on the same server where the role may create one, else on the local server. */
final class Scratch implements AutoCloseable {
    private static final String PREFIX = "avdaily_scratch_";
    private static final int ABANDONED_AFTER_SECONDS = 3600;

    private final Connection admin;
    private final Database scratch;

    private Scratch(Connection admin, Database scratch) {
        this.admin = admin;
        this.scratch = scratch;
    }

    static Scratch beside(Database db) throws SQLException {
        boolean may = Database.one(db.connection(), "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user", Boolean.class);
        return may ? on(db) : on(Database.at(LocalServer.here().start(Environment.DEVELOPMENT), Environment.DEVELOPMENT));
    }

    private static Scratch on(Database db) throws SQLException {
        Connection admin = db.connect();
        try {
            dropAbandoned(admin);
            String name = PREFIX + Instant.now().getEpochSecond() + "_" + ThreadLocalRandom.current().nextInt(1_000_000);
            Database.update(admin, "CREATE DATABASE " + name + " TEMPLATE template0");
            return new Scratch(admin, db.sibling(name));
        } catch (SQLException e) {
            admin.close();
            throw e;
        }
    }

    Database database() {
        return scratch;
    }

    /** What a killed run left behind. */
    private static void dropAbandoned(Connection admin) throws SQLException {
        List<String> old = Database.list(admin, """
                SELECT datname FROM pg_database d
                WHERE datname ~ ('^' || ? || '[0-9]+_[0-9]+$') AND split_part(datname, '_', 3)::bigint < ?
                  AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.datid = d.oid)
                  AND pg_has_role(datdba, 'USAGE')""",
                row -> row.getString(1), PREFIX, Instant.now().getEpochSecond() - ABANDONED_AFTER_SECONDS);
        for (String name : old) Database.update(admin, "DROP DATABASE IF EXISTS " + Out.quoted(name));
    }

    @Override
    public void close() throws SQLException {
        try (admin) {
            scratch.close();
            Database.update(admin, "DROP DATABASE " + scratch.name()); // not by force: that may not end autovacuum, the plain form does
        }
    }
}
