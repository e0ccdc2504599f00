package avdaily.db;

import avdaily.base.Failure;
import avdaily.sql.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * An empty database for a trial, dropped again at the end: on the same server where the role may create one, else on
 * the local server, where the trial gets a role of its own: what it runs has no more rights there than the role has on
 * its server.
 */
public final class Scratch implements AutoCloseable {
    /** Names a database whose copies the scratch databases are, for what only a superuser can put into one. */
    static final String TEMPLATE = "AVDAILY_SCRATCH_TEMPLATE";

    private static final String PREFIX = "avdaily_scratch_";

    private final Connection admin;
    private final Database scratch;
    private final LimitedRole role; // null if it is the server's own

    private Scratch(Connection admin, Database scratch, LimitedRole role) {
        this.admin = admin;
        this.scratch = scratch;
        this.role = role;
    }

    /**
     * One like the model: of its locale, with its settings and those of its schemas and extensions that no script
     * makes. What cannot be had is named.
     *
     * @param scripts what will run in it
     */
    public static Scratch beside(Database model, TrialScripts scripts) throws SQLException {
        boolean may = Database.one(
                model.connection(),
                "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user",
                Boolean.class);
        if (may) return like(model, scripts, on(model, model, null), null);
        DatabaseUrl local = LocalServer.of(model.invocation()).start(Environment.DEVELOPMENT);
        try (Database server = Database.at(local, Environment.DEVELOPMENT, model.invocation())) {
            return limited(server, model, scripts);
        }
    }

    private static Scratch limited(Database server, Database model, TrialScripts scripts) throws SQLException {
        LimitedRole role = LimitedRole.create(server);
        try {
            List<String> owners = role.addStandIns(model, scripts);
            Scratch made = on(role.database(), model, role);
            for (String owner : owners) // one who gets a table has to be able to make one
            Database.run(made.scratch.connection(), "GRANT CREATE ON SCHEMA public TO " + Sql.quoted(owner));
            try (Database superuser = server.sibling(made.scratch.name())) {
                return like(model, scripts, made, superuser);
            }
        } catch (SQLException | RuntimeException e) {
            role.close();
            throw e;
        }
    }

    /**
     * With the settings that the model's sessions have from their database and role, if no stranger chose them.
     *
     * @param mighty the same database as a superuser; null if there is none to ask
     */
    private static Scratch like(Database model, TrialScripts scripts, Scratch made, Database mighty)
            throws SQLException {
        try {
            made.scratch.schema = model.schema;
            ScratchSchemas.create(model, scripts, made.scratch, mighty == null);
            new ScratchExtensions(model, scripts).install(made.scratch, mighty);
            made.scratch.close(); // its next session begins with the settings
            if (!ForeignCode.isDatabaseOfStranger(model.connection()))
                made.scratch.beginSessionsWith(
                        SessionSettings.of(model.connection()).give(made.admin, made.scratch.name(), model.out()));
            return made;
        } catch (SQLException | RuntimeException e) {
            made.drop();
            throw e;
        }
    }

    private static Scratch on(Database server, Database model, LimitedRole role) throws SQLException {
        Scratch made = planned(server, role);
        Optional<String> template = role == null ? server.settings().get(TEMPLATE) : Optional.empty();
        String create = "CREATE DATABASE " + made.scratch.name() + " TEMPLATE ";
        try {
            if (template.isPresent()) made.copy(create, template.get());
            else made.create(create + "template0", DatabaseLocale.options(model.connection(), model.name()), model);
            return made;
        } catch (SQLException e) {
            made.admin.close();
            throw e;
        }
    }

    private void copy(String create, String template) throws SQLException {
        try {
            Database.run(admin, create + Sql.quoted(template));
        } catch (SQLException e) {
            admin.close();
            throw new Failure(
                    Failure.Kind.ERROR,
                    "the template " + template + " cannot be copied: " + Failures.message(e),
                    "name in " + TEMPLATE + " a database of this server to which nobody is connected, and whose "
                            + "datistemplate is true or which is yours.",
                    e);
        }
    }

    /** Another server may not have the model's locale, or know its provider. */
    private void create(String create, String locale, Database model) throws SQLException {
        try {
            Database.run(admin, create + locale);
        } catch (SQLException e) {
            if (role == null) throw e;
            model.out()
                    .detail("The scratch database goes without" + locale + " of " + model.name() + ": "
                            + Failures.message(e));
            Database.run(admin, create);
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
