package avdaily.restore;

import avdaily.base.SqlResource;
import avdaily.db.Database;
import avdaily.db.Failures;
import avdaily.schema.SchemaGrants;
import avdaily.sql.SqlState;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.List;

/**
 * What a database has even if it is empty: the schema public and the server's own objects. A dump tells how theirs
 * differ from those of a new database, so that they have to be so first.
 */
final class KeptObjects {
    /**
     * Gives them owner, comment and grants of a new database, within the transaction.
     *
     * @return what this role may not change
     */
    static List<String> reset(Connection c) throws SQLException {
        List<String> left = new ArrayList<>();
        String query = SqlResource.of(KeptObjects.class, "public-schema.sql");
        for (String statement : Database.list(c, query, row -> row.getString(1))) tryTo(c, statement, left);
        for (String statements : SchemaGrants.resets(c)) tryTo(c, statements, left);
        return left;
    }

    private static void tryTo(Connection c, String statements, List<String> left) throws SQLException {
        Savepoint before = c.setSavepoint();
        try {
            Database.run(c, statements);
            c.releaseSavepoint(before);
        } catch (SQLException e) {
            if (!SqlState.of(e).equals(SqlState.INSUFFICIENT_PRIVILEGE)) throw e;
            c.rollback(before);
            String first = statements.lines().findFirst().orElseThrow();
            left.add(first + " before the restore: " + Failures.message(e));
        }
    }

    private KeptObjects() {}
}
