package avdaily.restore;

import avdaily.db.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Set;

/**
 * The databases that swaps kept, as {@code avdaily_ops.kept_database} has them, by the server's own number. Roles that
 * only read write to the operation log, and anybody who may create databases chooses their names: neither says where a
 * way back leads.
 */
final class KeptDatabases {
    /**
     * Takes note of a database.
     *
     * @param c to the database that takes its place
     * @param kept the name under which it will be kept
     * @param now the name that it has now
     */
    static void remember(Connection c, String kept, String now) throws SQLException {
        Database.run(
                c,
                """
                CREATE TABLE IF NOT EXISTS avdaily_ops.kept_database (
                  name text PRIMARY KEY,
                  database oid NOT NULL,
                  kept_at timestamptz NOT NULL DEFAULT now())""");
        Database.update(
                c,
                """
                INSERT INTO avdaily_ops.kept_database (name, database)
                SELECT ?, oid FROM pg_database WHERE datname = ?
                ON CONFLICT (name) DO UPDATE SET database = excluded.database, kept_at = excluded.kept_at""",
                kept,
                now);
    }

    /** The names of those that are still there. */
    static Set<String> in(Connection c) throws SQLException {
        if (!Database.one(c, "SELECT to_regclass('avdaily_ops.kept_database') IS NOT NULL", Boolean.class))
            return Set.of();
        return new HashSet<>(Database.list(
                c,
                """
                SELECT d.datname FROM avdaily_ops.kept_database k
                JOIN pg_database d ON d.oid = k.database AND d.datname::text = k.name""",
                row -> row.getString(1)));
    }

    private KeptDatabases() {}
}
