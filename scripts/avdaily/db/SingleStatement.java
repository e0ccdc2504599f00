package avdaily.db;

import avdaily.sql.Word;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.Parser;

/**
 * Texts from files that are to be one statement each. The driver sends every statement of a text, one after the other,
 * so that a second one, such as COMMIT, could stand behind the one that was looked at.
 */
public final class SingleStatement {
    /** What a statement that reads begins with. */
    private static final Set<String> READING = Set.of("select", "with", "values", "table", "(");

    /** Whether the driver, which knows how this session's server reads strings, takes the text for one statement. */
    public static boolean is(Connection c, String sql) throws SQLException {
        boolean standard = c.unwrap(BaseConnection.class).getStandardConformingStrings();
        return Parser.parseJdbcSql(sql, standard, false, true, false, false).size() == 1;
    }

    /** As {@link #is(Connection, String)}, for a session whose {@code standard_conforming_strings} is on. */
    public static boolean is(String sql) throws SQLException {
        return Parser.parseJdbcSql(sql, true, false, true, false, false).size() == 1;
    }

    /** Whether the text is one statement, and its first word one of a query's. */
    public static boolean isQuery(Connection c, String sql) throws SQLException {
        List<Word> words = Word.of(sql, 1);
        return !words.isEmpty() && READING.contains(words.get(0).text()) && is(c, sql);
    }

    /** The rows of a query as it stands: question marks and braces in it are the server's. */
    public static <T> List<T> rows(Connection c, String sql, Database.Row<T> mapper) throws SQLException {
        try (Statement statement = c.createStatement()) {
            statement.setEscapeProcessing(false);
            ResultSet rows = statement.executeQuery(sql);
            List<T> all = new ArrayList<>();
            while (rows.next()) all.add(mapper.map(rows));
            return all;
        }
    }

    private SingleStatement() {}
}
