package avdaily.db;

import avdaily.base.Secrets;
import avdaily.sql.Sql;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;

/**
 * A role that lives as long as a trial: it may log in and create databases, and nothing else. What runs in the trial
 * may be anybody's code; it reaches no file and no program of the server's machine, as a superuser's would.
 */
public final class LimitedRole implements AutoCloseable {
    private static final String PREFIX = "avdaily_limited_";

    /** A regular expression of the names of all such roles. */
    public static final String NAMES = "^" + PREFIX + "[0-9]+_[0-9]+$";

    private static final Pattern NAME = Pattern.compile("\\b" + PREFIX + "\\d+_\\d+\\b");

    private final Connection admin;
    private final Database database;
    private final String name;
    private boolean hasStandIns;

    private LimitedRole(Connection admin, Database database, String name) {
        this.admin = admin;
        this.database = database;
        this.name = name;
    }

    /** Whether code of this role, or of the one that logged in, would reach more than its databases. */
    public static boolean isNeeded(Database db) throws SQLException {
        return Database.one(db.connection(), ForeignCode.strangers() + "SELECT is_powerful FROM me", Boolean.class);
    }

    /** @param db a database whose role may create roles */
    public static LimitedRole create(Database db) throws SQLException {
        Connection admin = db.connect();
        try {
            dropAbandoned(admin);
            String name = PREFIX + Instant.now().getEpochSecond() + "_"
                    + ThreadLocalRandom.current().nextInt(1_000_000);
            byte[] random = new byte[24];
            new SecureRandom().nextBytes(random);
            String password = Base64.getUrlEncoder().withoutPadding().encodeToString(random);
            Secrets.add(password);
            // says that this run lives
            Database.run(admin, "SELECT pg_catalog.pg_advisory_lock(pg_catalog.hashtextextended('" + name + "', 0))");
            Database.run(
                    admin,
                    "CREATE ROLE " + name + " LOGIN CREATEDB NOSUPERUSER NOCREATEROLE NOREPLICATION PASSWORD "
                            + Sql.literal(password));
            DatabaseUrl url = db.url();
            DatabaseUrl limited = new DatabaseUrl(url.hosts(), url.database(), name, password, url.parameters());
            return new LimitedRole(admin, Database.at(limited, db.environment(), db.invocation()), name);
        } catch (SQLException | RuntimeException e) {
            admin.close();
            throw e;
        }
    }

    /** The same SQL for whoever runs it, without the name of such a role. */
    public static String asCurrent(String sql) {
        return NAME.matcher(sql).replaceAll("CURRENT_USER");
    }

    /** Makes roles that the scripts name and this server does not have; see {@link StandInRoles#create}. */
    List<String> addStandIns(Database model, TrialScripts scripts) throws SQLException {
        hasStandIns = true;
        return StandInRoles.create(admin, model, scripts, name);
    }

    /** The same database, as this role. */
    public Database database() {
        return database;
    }

    /** What killed runs left behind: with their sessions their locks went. */
    private static void dropAbandoned(Connection admin) throws SQLException {
        Scratch.dropAbandoned(admin);
        String query =
                """
                SELECT rolname FROM pg_catalog.pg_roles r
                WHERE rolname ~ ('^' || ? || '[0-9]+_[0-9]+$')
                  AND NOT EXISTS (SELECT FROM pg_catalog.pg_database d WHERE d.datdba = r.oid)
                  AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_activity a WHERE a.usesysid = r.oid)
                  AND NOT EXISTS (SELECT FROM pg_catalog.pg_locks l WHERE l.locktype = 'advisory' AND l.objsubid = 1
                                  AND (l.classid::bigint << 32 | l.objid::bigint) = hashtextextended(r.rolname, 0))""";
        for (String left : Database.list(admin, query, row -> row.getString(1), PREFIX))
            Database.run(admin, "DROP ROLE IF EXISTS " + left);
    }

    /** Drops the role, whose databases have to be dropped before. */
    @Override
    public void close() throws SQLException {
        try (admin) {
            database.close();
            Database.run(admin, "DROP ROLE " + name);
            if (hasStandIns) StandInRoles.drop(admin);
        }
    }
}
