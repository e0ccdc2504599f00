package avdaily.migrate;

import avdaily.db.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;

/** The order in which a server takes generated statements: pgCodeKeeper does not know all that one needs of another. */
final class StatementOrder {
    private static final Pattern DROP = StatementText.pattern(
            "(?:DROP|ALTER TABLE (?:ONLY )?" + StatementText.NAME + "\\s+DROP (?:CONSTRAINT|COLUMN)) .*");

    private StatementOrder() {}

    /**
     * Runs the statements; one that is refused is put off until the others ran. If that leads nowhere, what drops
     * something comes first: something made before may need what goes. If that leads nowhere either, the order stays,
     * and the proof says why.
     *
     * @param c in a transaction
     */
    static List<String> of(List<String> statements, Connection c) throws SQLException {
        Savepoint start = c.setSavepoint();
        List<String> done = taken(statements, c);
        if (done.size() == statements.size()) return done;
        c.rollback(start);
        List<String> dropsFirst = new ArrayList<>(statements);
        dropsFirst.sort(Comparator.comparing(text -> !DROP.matcher(text).matches()));
        done = taken(dropsFirst, c);
        return done.size() == statements.size() ? done : statements;
    }

    private static List<String> taken(List<String> statements, Connection c) throws SQLException {
        List<String> done = new ArrayList<>();
        List<String> open = statements;
        while (!open.isEmpty()) {
            List<String> refused = new ArrayList<>();
            for (String statement : open) (isTaken(statement, c) ? done : refused).add(statement);
            if (refused.size() == open.size()) return done;
            open = refused;
        }
        return done;
    }

    /** Runs a statement, unless the server refuses it. */
    static boolean isTaken(String statement, Connection c) throws SQLException {
        return areTaken(List.of(statement), c);
    }

    /** Runs all of them, or none. */
    static boolean areTaken(List<String> statements, Connection c) throws SQLException {
        Savepoint before = c.setSavepoint();
        try {
            for (String statement : statements) Database.run(c, statement);
            c.releaseSavepoint(before);
            return true;
        } catch (SQLException e) {
            c.rollback(before);
            return false;
        }
    }
}
