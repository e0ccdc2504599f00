package avdaily.db;

import avdaily.sql.Sql;
import java.sql.SQLException;

/**
 * The schemas that somebody made in the model of a scratch database, that scripts name, and that none makes; and the
 * one that is worked on as if there were no other.
 */
final class ScratchSchemas {
    private static final String THOSE_OF_MODEL =
            """
            SELECT n.nspname FROM pg_catalog.pg_namespace n
            WHERE n.nspname <> 'public' AND %s
              AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                              WHERE d.classid = n.tableoid AND d.objid = n.oid AND d.deptype = 'e')
            ORDER BY n.nspname"""
                    .formatted(Sql.userSchemas("n"));

    private static final String GRANTS =
            """
            SELECT pg_catalog.format('GRANT %s ON SCHEMA %I TO %s', a.privilege_type, n.nspname,
              CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(r.rolname) END)
            FROM pg_catalog.pg_namespace n, pg_catalog.aclexplode(n.nspacl) a
              LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.grantee
            WHERE n.nspname = ? AND a.grantee <> n.nspowner AND (a.grantee = 0 OR r.oid IS NOT NULL)""";

    /** Whether public is another one than initdb makes, with its comment and privileges. */
    private static final String PUBLIC_IS_ANOTHER =
            "SELECT coalesce(pg_catalog.to_regnamespace('public')::oid <> 2200, true)";

    /** Makes them. One that only a text may make is left to that text. */
    static void create(Database model, TrialScripts scripts, Database scratch, boolean sameRoles) throws SQLException {
        if (Database.one(model.connection(), PUBLIC_IS_ANOTHER, Boolean.class)) makePublicAnew(scratch);
        for (String name : Database.list(model.connection(), THOSE_OF_MODEL, row -> row.getString(1))) {
            boolean isItself = model.schema().filter(name::equals).isPresent();
            if (!isItself && (!scripts.name(name) || scripts.mayCreateSchema(name))) continue;
            Database.run(scratch.connection(), "CREATE SCHEMA IF NOT EXISTS " + Sql.quoted(name));
            if (sameRoles) grant(model, scratch, name);
        }
    }

    /** Before version 15 only a superuser may; then public stays as it is. */
    private static void makePublicAnew(Database scratch) throws SQLException {
        try {
            Database.run(scratch.connection(), "DROP SCHEMA public; CREATE SCHEMA public");
        } catch (SQLException e) {
            scratch.out().detail("The scratch database keeps its schema public: " + Failures.message(e));
        }
    }

    /** Who else may use the schema: that is the same server, with the same roles. */
    static void grant(Database model, Database scratch, String schema) throws SQLException {
        for (String grant : Database.list(model.connection(), GRANTS, row -> row.getString(1), schema))
            Database.run(scratch.connection(), grant);
    }

    private ScratchSchemas() {}
}
