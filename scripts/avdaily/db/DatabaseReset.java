package avdaily.db;

import avdaily.base.SqlResource;
import avdaily.sql.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * Empties a database within a transaction: everything that somebody created goes, but {@code avdaily_ops} and the
 * database's own settings.
 */
public final class DatabaseReset {
    /** The schemas that go: all but the server's, our own and those that an extension owns. */
    public static List<String> schemas(Connection c) throws SQLException {
        String query =
                """
                SELECT n.nspname FROM pg_namespace n
                WHERE %s
                  AND NOT EXISTS (SELECT FROM pg_depend d
                                  WHERE d.classid = 'pg_namespace'::regclass AND d.objid = n.oid AND d.deptype = 'e')
                ORDER BY n.nspname"""
                        .formatted(Sql.userSchemas("n"));
        return Database.list(c, query, row -> row.getString(1));
    }

    /** How many tables, also foreign ones, are in those schemas. */
    public static long tables(Connection c) throws SQLException {
        String query =
                """
                SELECT count(*) FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
                WHERE relkind IN ('r', 'p', 'f') AND nspname = ANY (?)""";
        return Database.one(c, query, Long.class, (Object) schemas(c).toArray(String[]::new));
    }

    /** Whether there is nothing that {@link #empty} would drop, the schema {@code public} aside. */
    public static boolean isEmpty(Connection c) throws SQLException {
        String query =
                """
                WITH s AS (SELECT oid FROM pg_namespace WHERE nspname = ANY (?))
                SELECT NOT EXISTS (SELECT FROM pg_class WHERE relnamespace IN (SELECT oid FROM s))
                   AND NOT EXISTS (SELECT FROM pg_proc WHERE pronamespace IN (SELECT oid FROM s))
                   AND NOT EXISTS (SELECT FROM pg_type WHERE typnamespace IN (SELECT oid FROM s))
                   AND NOT EXISTS (SELECT FROM pg_largeobject_metadata)""";
        return Database.one(c, query, Boolean.class, (Object) schemas(c).toArray(String[]::new));
    }

    /**
     * Drops all of it. The schema {@code public} itself stays, with owner, comment and grants: up to PostgreSQL 14 it
     * is the superuser's. Event triggers and publications go first: they watch the others.
     */
    public static void empty(Connection c) throws SQLException {
        List<String> schemas = schemas(c);
        each(
                c,
                """
                SELECT format('DROP EVENT TRIGGER %I', evtname) FROM pg_event_trigger t
                WHERE NOT EXISTS (SELECT FROM pg_depend d
                                  WHERE d.classid = t.tableoid AND d.objid = t.oid AND d.deptype = 'e')""");
        each(c, "SELECT format('DROP PUBLICATION %I', pubname) FROM pg_publication");
        for (String schema : schemas)
            if (!schema.equals("public")) Database.run(c, "DROP SCHEMA " + Sql.quoted(schema) + " CASCADE");
        each(c, SqlResource.of(DatabaseReset.class, "objects-in-public.sql"));
        for (String query : OUTSIDE_SCHEMAS) each(c, query);
        each(c, SqlResource.of(DatabaseReset.class, "default-privileges.sql"));
    }

    /** Objects that lie in no schema; 16384 is the first oid that is no built-in object's. */
    private static final List<String> OUTSIDE_SCHEMAS = List.of(
            """
            SELECT format('DROP EXTENSION IF EXISTS %I CASCADE', extname) FROM pg_extension
            WHERE extname <> 'plpgsql' AND extnamespace <> coalesce(to_regnamespace('avdaily_ops'), 0)""",
            "SELECT format('DROP FOREIGN DATA WRAPPER IF EXISTS %I CASCADE', fdwname) FROM pg_foreign_data_wrapper",
            """
            SELECT format('DROP CAST IF EXISTS (%s AS %s) CASCADE', castsource::regtype, casttarget::regtype)
            FROM pg_cast WHERE oid >= 16384""",
            """
            SELECT format('DROP TRANSFORM FOR %s LANGUAGE %I CASCADE', trftype::regtype, lanname)
            FROM pg_transform t JOIN pg_language l ON l.oid = trflang""",
            """
            SELECT format('DROP LANGUAGE IF EXISTS %I CASCADE', lanname) FROM pg_language
            WHERE oid >= 16384 AND lanname <> 'plpgsql'""",
            "SELECT format('DROP ACCESS METHOD IF EXISTS %I CASCADE', amname) FROM pg_am WHERE oid >= 16384",
            "SELECT format('SELECT lo_unlink(%s)', oid) FROM pg_largeobject_metadata");

    /** Runs each statement that the query returns. */
    private static void each(Connection c, String query) throws SQLException {
        for (String statement : Database.list(c, query, row -> row.getString(1))) Database.run(c, statement);
    }

    private DatabaseReset() {}
}
