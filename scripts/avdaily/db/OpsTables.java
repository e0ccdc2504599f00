package avdaily.db;

import java.sql.Connection;
import java.sql.SQLException;

/** What there is in {@code avdaily_ops}; to ask takes no privilege on the schema. */
public final class OpsTables {
    /** Before statements that make one: runs on two schemas of a database may do so at the same time. */
    public static final String IN_TURNS = "SELECT pg_catalog.pg_advisory_xact_lock(hashtext('avdaily_ops'));\n";

    public static boolean have(Connection c, String name) throws SQLException {
        return Database.one(
                c,
                """
                SELECT EXISTS (
                  SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                  WHERE n.nspname = 'avdaily_ops' AND c.relname = ?)""",
                Boolean.class,
                name);
    }

    private OpsTables() {}
}
