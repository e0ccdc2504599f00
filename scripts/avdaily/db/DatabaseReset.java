package avdaily.db;

import avdaily.sql.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** Empties a database within a transaction: everything that somebody created goes, but {@code avdaily_ops} and the database's own settings. */
public final class DatabaseReset {
    /** The schemas that go: all but the server's, our own and those that an extension owns. */
    public static List<String> schemas(Connection c) throws SQLException {
        return Database.list(
                c,
                """
                SELECT nspname FROM pg_namespace n
                WHERE nspname NOT LIKE 'pg\\_%' AND nspname NOT IN ('information_schema', 'avdaily_ops')
                  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_namespace'::regclass AND d.objid = n.oid AND d.deptype = 'e')
                ORDER BY nspname""",
                row -> row.getString(1));
    }

    public static long tables(Connection c) throws SQLException {
        return Database.one(
                c,
                """
                SELECT count(*) FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
                WHERE relkind IN ('r', 'p', 'f') AND nspname = ANY (?)""",
                Long.class,
                (Object) schemas(c).toArray(String[]::new));
    }

    /** Whether there is nothing that {@link #empty} would drop, the schema {@code public} aside. */
    public static boolean isEmpty(Connection c) throws SQLException {
        return Database.one(
                c,
                """
                SELECT NOT EXISTS (SELECT FROM pg_class k JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = ANY (?))
                   AND NOT EXISTS (SELECT FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace WHERE nspname = ANY (?))
                   AND NOT EXISTS (SELECT FROM pg_type t JOIN pg_namespace n ON n.oid = typnamespace WHERE nspname = ANY (?))
                   AND NOT EXISTS (SELECT FROM pg_largeobject_metadata)""",
                Boolean.class,
                schemas(c).toArray(String[]::new),
                schemas(c).toArray(String[]::new),
                schemas(c).toArray(String[]::new));
    }

    /**
     * Drops all of it. The schema {@code public} itself stays, with owner, comment and grants: up to PostgreSQL 14 it is
     * the superuser's. Event triggers and publications go first: they watch the others.
     */
    public static void empty(Connection c) throws SQLException {
        List<String> schemas = schemas(c);
        each(c, "SELECT format('DROP EVENT TRIGGER %I', evtname) FROM pg_event_trigger");
        each(c, "SELECT format('DROP PUBLICATION %I', pubname) FROM pg_publication");
        for (String schema : schemas)
            if (!schema.equals("public")) Database.run(c, "DROP SCHEMA " + Sql.quoted(schema) + " CASCADE");
        each(c, IN_PUBLIC);
        each(
                c,
                """
                SELECT format('DROP EXTENSION IF EXISTS %I CASCADE', extname) FROM pg_extension
                WHERE extname <> 'plpgsql' AND extnamespace <> coalesce(to_regnamespace('avdaily_ops'), 0)""");
        each(
                c,
                "SELECT format('DROP FOREIGN DATA WRAPPER IF EXISTS %I CASCADE', fdwname) FROM pg_foreign_data_wrapper");
        each(
                c,
                """
                SELECT format('DROP CAST IF EXISTS (%s AS %s) CASCADE', castsource::regtype, casttarget::regtype) FROM pg_cast WHERE oid >= 16384""");
        each(
                c,
                "SELECT format('DROP TRANSFORM FOR %s LANGUAGE %I CASCADE', trftype::regtype, lanname) FROM pg_transform t JOIN pg_language l ON l.oid = trflang");
        each(
                c,
                "SELECT format('DROP LANGUAGE IF EXISTS %I CASCADE', lanname) FROM pg_language WHERE oid >= 16384 AND lanname <> 'plpgsql'");
        each(c, "SELECT format('DROP ACCESS METHOD IF EXISTS %I CASCADE', amname) FROM pg_am WHERE oid >= 16384");
        each(c, "SELECT format('SELECT lo_unlink(%s)', oid) FROM pg_largeobject_metadata");
        each(c, DEFAULT_PRIVILEGES);
    }

    /** What depends on the schema directly goes by name, the rest with it; extensions' members go with their extensions. */
    private static final String IN_PUBLIC =
            """
            SELECT format('DROP %s IF EXISTS %s CASCADE', CASE o.type WHEN 'statistics object' THEN 'STATISTICS' ELSE upper(o.type) END, o.identity)
            FROM pg_depend d, pg_identify_object(d.classid, d.objid, d.objsubid) o
            WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = to_regnamespace('public') AND d.deptype = 'n'
              AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = d.classid AND e.objid = d.objid AND e.deptype = 'e')""";

    /** Takes default privileges that hold everywhere back to the built-in ones, and drops those of {@code public}. */
    private static final String DEFAULT_PRIVILEGES =
            """
            WITH d AS (
              SELECT defaclrole, defaclacl, acldefault(CASE defaclobjtype WHEN 'S' THEN 's' ELSE defaclobjtype END, defaclrole) AS built_in,
                     CASE defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS'
                                        WHEN 'T' THEN 'TYPES' WHEN 'n' THEN 'SCHEMAS' WHEN 'L' THEN 'LARGE OBJECTS' END AS kind
              FROM pg_default_acl WHERE defaclnamespace = 0)
            SELECT format('ALTER DEFAULT PRIVILEGES FOR ROLE %I REVOKE ALL ON %s FROM %s', pg_get_userbyid(defaclrole), kind,
                          CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END)
            FROM d, LATERAL (SELECT DISTINCT grantee FROM aclexplode(defaclacl)) g
            UNION ALL
            SELECT format('ALTER DEFAULT PRIVILEGES FOR ROLE %I GRANT %s ON %s TO %s', pg_get_userbyid(defaclrole), privilege_type, kind,
                          CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END)
            FROM d, aclexplode(built_in)
            UNION ALL
            SELECT format('ALTER DEFAULT PRIVILEGES FOR ROLE %I IN SCHEMA public REVOKE ALL ON %s FROM %s', pg_get_userbyid(defaclrole),
                          CASE defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS' WHEN 'T' THEN 'TYPES' END,
                          CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END)
            FROM pg_default_acl, LATERAL (SELECT DISTINCT grantee FROM aclexplode(defaclacl)) g WHERE defaclnamespace = to_regnamespace('public')""";

    /** Runs each statement that the query returns. */
    private static void each(Connection c, String query) throws SQLException {
        for (String statement : Database.list(c, query, row -> row.getString(1))) Database.run(c, statement);
    }

    private DatabaseReset() {}
}
