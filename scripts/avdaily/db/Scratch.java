package avdaily.db;

import avdaily.sql.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * An empty database for a trial, dropped again at the end: on the same server where the role may create one, else on
 * the local server, where the trial gets a role of its own: what it runs has no more rights there than the role has on
 * its server.
 */
public final class Scratch implements AutoCloseable {
    private static final String PREFIX = "avdaily_scratch_";

    private final Connection admin;
    private final Database scratch;
    private final LimitedRole role; // null if it is the server's own

    private Scratch(Connection admin, Database scratch, LimitedRole role) {
        this.admin = admin;
        this.scratch = scratch;
        this.role = role;
    }

    public static Scratch beside(Database db) throws SQLException {
        boolean may = Database.one(
                db.connection(),
                "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user",
                Boolean.class);
        if (may) return like(db, on(db, null));
        DatabaseUrl local = LocalServer.of(db.invocation()).start(Environment.DEVELOPMENT);
        try (Database server = Database.at(local, Environment.DEVELOPMENT, db.invocation())) {
            return limited(server, db);
        }
    }

    private static Scratch limited(Database server, Database model) throws SQLException {
        LimitedRole role = LimitedRole.create(server);
        try {
            Scratch made = like(model, on(role.database(), role));
            try (Database superuser = server.sibling(made.scratch.name())) {
                installExtensions(model, superuser);
            }
            return made;
        } catch (SQLException | RuntimeException e) {
            role.close();
            throw e;
        }
    }

    /** Those in the schema public that somebody else installed for the model's role, and that need a superuser here. */
    private static void installExtensions(Database model, Database superuser) throws SQLException {
        List<String> names = Database.list(
                model.connection(),
                """
                SELECT e.extname FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
                WHERE n.nspname = 'public'""",
                row -> row.getString(1));
        List<String> restricted = Database.list(
                superuser.connection(),
                "SELECT DISTINCT name FROM pg_catalog.pg_available_extension_versions WHERE superuser AND NOT trusted",
                row -> row.getString(1));
        for (String name : names)
            if (restricted.contains(name))
                Database.run(superuser.connection(), "CREATE EXTENSION " + Sql.quoted(name) + " SCHEMA public");
    }

    /** With the settings that the model's sessions have from their database and role, if no stranger chose them. */
    private static Scratch like(Database model, Scratch made) throws SQLException {
        try {
            if (ForeignCode.isDatabaseOfStranger(model.connection())) return made;
            SessionSettings.of(model.connection()).give(made.admin, made.scratch.name(), model.out());
            return made;
        } catch (SQLException | RuntimeException e) {
            made.drop();
            throw e;
        }
    }

    private static Scratch on(Database db, LimitedRole role) throws SQLException {
        Scratch made = planned(db, role);
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
        return planned(server, null);
    }

    private static Scratch planned(Database server, LimitedRole role) throws SQLException {
        Connection admin = server.connect();
        try {
            dropAbandoned(admin);
            String name = PREFIX + Instant.now().getEpochSecond() + "_"
                    + ThreadLocalRandom.current().nextInt(1_000_000);
            // says that this run lives
            Database.run(admin, "SELECT pg_advisory_lock(hashtextextended('" + name + "', 0))");
            return new Scratch(admin, server.sibling(name), role);
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
        try (role) {
            drop();
        }
    }

    /** The role may be dropped only afterwards. */
    private void drop() throws SQLException {
        try (admin) {
            scratch.close();
            drop(admin, scratch.name());
        }
    }
}
