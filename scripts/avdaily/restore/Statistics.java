package avdaily.restore;

import avdaily.base.Out;
import avdaily.db.Database;
import avdaily.db.Failures;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.List;

/** What the planner has to know about restored tables: without that the first queries would be slow. */
final class Statistics {
    /** The tables that have rows of which the planner knows nothing yet, the largest first. */
    static List<String> filledTables(Connection c) throws SQLException {
        return Database.list(
                c,
                """
                SELECT format('%I.%I', nspname, relname) FROM pg_class t JOIN pg_namespace n ON n.oid = relnamespace
                WHERE (relkind IN ('r', 'm') AND relpersistence <> 't' AND pg_relation_size(t.oid) > 0
                       OR relkind = 'p')
                  AND ((nspname, relname) NOT IN (SELECT schemaname, tablename FROM pg_stats)
                       OR EXISTS (SELECT FROM pg_statistic_ext WHERE stxrelid = t.oid))
                  AND nspname !~ '^pg_' AND nspname <> 'information_schema' AND pg_has_role(relowner, 'USAGE')
                ORDER BY pg_relation_size(t.oid) DESC, 1""",
                row -> row.getString(1));
    }

    static void gather(Connection c, Out out) throws SQLException {
        for (String table : filledTables(c)) gather(c, table, out);
    }

    /** If that fails, the table does without; the server gathers them later by itself. */
    static void gather(Connection c, String table, Out out) throws SQLException {
        Savepoint before = c.getAutoCommit() ? null : c.setSavepoint();
        try {
            Database.run(c, "ANALYZE " + table);
        } catch (SQLException e) {
            out.detail("No statistics of " + table + ": " + Failures.message(e));
            if (before != null) c.rollback(before);
        }
    }

    private Statistics() {}
}
