package avdaily.migrate;

import avdaily.db.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.List;

/** The order in which a server takes generated statements: pgCodeKeeper does not know all that one needs of another. */
final class StatementOrder {
    private StatementOrder() {}

    /**
     * Runs the statements; one that is refused is put off until the others ran. If that leads nowhere the order stays,
     * and the proof says why.
     *
     * @param c in a transaction
     */
    static List<String> of(List<String> statements, Connection c) throws SQLException {
        List<String> done = new ArrayList<>();
        List<String> open = statements;
        while (!open.isEmpty()) {
            List<String> refused = new ArrayList<>();
            for (String statement : open) (isTaken(statement, c) ? done : refused).add(statement);
            if (refused.size() == open.size()) return statements;
            open = refused;
        }
        return done;
    }

    /** Runs a statement, unless the server refuses it. */
    static boolean isTaken(String statement, Connection c) throws SQLException {
        Savepoint before = c.setSavepoint();
        try {
            Database.run(c, statement);
            c.releaseSavepoint(before);
            return true;
        } catch (SQLException e) {
            c.rollback(before);
            return false;
        }
    }
}
