package avdaily.db;

import avdaily.sql.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * Roles by their names alone, for a trial on the local server whose scripts name roles of another server: nobody may
 * log in as one. They go with the last trial.
 */
public final class StandInRoles {
    /** The comment of such a role. */
    public static final String MARK = "stands in for a role of another server in a trial by avdaily";

    private static final String LOCK = "(pg_catalog.hashtextextended('avdaily_stand_ins', 0))";

    private static final String STAND_INS =
            "SELECT r.rolname FROM pg_catalog.pg_roles r WHERE pg_catalog.shobj_description(r.oid, 'pg_authid') = ?";

    private StandInRoles() {}

    /**
     * Makes those of the model's roles that the scripts name and this server does not have.
     *
     * @param admin a superuser's session, whose end is the end of the trial
     * @param role the trial's own role; it may do what the model's role may do for the others
     * @return those for which the trial's role may act
     */
    static List<String> create(Connection admin, Database model, TrialScripts scripts, String role)
            throws SQLException {
        Database.run(admin, "SELECT pg_catalog.pg_advisory_lock_shared" + LOCK);
        List<String> present = Database.list(admin, "SELECT rolname FROM pg_catalog.pg_roles", row -> row.getString(1));
        for (String name : named(model, scripts, "rolname !~ '^pg_'"))
            if (!present.contains(name))
                Database.run(
                        admin,
                        "CREATE ROLE " + Sql.quoted(name) + " NOLOGIN; COMMENT ON ROLE " + Sql.quoted(name) + " IS '"
                                + MARK + "'");
        List<String> standIns = Database.list(admin, STAND_INS, row -> row.getString(1), MARK);
        List<String> ours = named(model, scripts, "pg_catalog.pg_has_role(oid, 'MEMBER')").stream()
                .filter(standIns::contains)
                .toList();
        for (String name : ours) Database.run(admin, "GRANT " + Sql.quoted(name) + " TO " + role);
        return ours;
    }

    private static List<String> named(Database model, TrialScripts scripts, String condition) throws SQLException {
        return Database.list(
                        model.connection(),
                        "SELECT rolname FROM pg_catalog.pg_roles WHERE " + condition + " ORDER BY 1",
                        row -> row.getString(1))
                .stream()
                .filter(scripts::name)
                .toList();
    }

    /** Drops them, unless another trial is at work. */
    static void drop(Connection admin) throws SQLException {
        Database.run(admin, "SELECT pg_catalog.pg_advisory_unlock_shared" + LOCK);
        if (!Database.one(admin, "SELECT pg_catalog.pg_try_advisory_lock" + LOCK, Boolean.class)) return;
        String unused = STAND_INS + " AND NOT EXISTS (SELECT FROM pg_catalog.pg_shdepend d WHERE d.refobjid = r.oid"
                + " AND d.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass"
                + " AND d.classid <> 'pg_catalog.pg_auth_members'::pg_catalog.regclass)";
        for (String name : Database.list(admin, unused, row -> row.getString(1), MARK))
            Database.run(admin, "DROP ROLE IF EXISTS " + Sql.quoted(name));
        Database.run(admin, "SELECT pg_catalog.pg_advisory_unlock" + LOCK);
    }
}
