package avdaily.integrity;

import avdaily.base.Failure;
import avdaily.db.Failures;
import avdaily.db.SingleStatement;
import avdaily.sql.SqlState;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** Runs SQL as it stands in the rules: question marks and braces in it are the server's, not the driver's. */
final class RuleSql {
    /** The numbers of the one row that the query returns. */
    static List<Long> numbers(Connection c, String sql) throws SQLException {
        mustRead(c, sql);
        try (Statement statement = c.createStatement()) {
            statement.setEscapeProcessing(false);
            ResultSet row = statement.executeQuery(sql);
            row.next();
            List<Long> numbers = new ArrayList<>();
            for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) numbers.add(row.getLong(i));
            return numbers;
        }
    }

    /** The first column of all rows. */
    static List<String> texts(Connection c, String sql) throws SQLException {
        return rows(c, sql).stream().map(row -> row.values().iterator().next()).toList();
    }

    /** The first column of the first row, or null. */
    static String text(Connection c, String sql) throws SQLException {
        List<String> all = texts(c, sql);
        return all.isEmpty() ? null : all.get(0);
    }

    /** The rows as texts by the names of their columns. */
    static List<Map<String, String>> rows(Connection c, String sql) throws SQLException {
        mustBeOne(c, sql);
        try (Statement statement = c.createStatement()) {
            statement.setEscapeProcessing(false);
            ResultSet row = statement.executeQuery(sql);
            List<Map<String, String>> all = new ArrayList<>();
            while (row.next()) {
                Map<String, String> values = new LinkedHashMap<>();
                for (int i = 1; i <= row.getMetaData().getColumnCount(); i++)
                    values.put(row.getMetaData().getColumnName(i), row.getString(i));
                all.add(values);
            }
            return all;
        }
    }

    /** Runs a statement and returns how many rows it changed. */
    static int change(Connection c, String sql) throws SQLException {
        mustBeOne(c, sql);
        try (Statement statement = c.createStatement()) {
            statement.setEscapeProcessing(false);
            return statement.executeUpdate(sql);
        }
    }

    /** @throws Failure (25) if what a rule's author wrote makes more than one statement of it */
    static void mustBeOne(Connection c, String sql) throws SQLException {
        if (!SingleStatement.is(c, sql)) throw mistake("more than one statement");
    }

    /** @throws Failure (25) if what a rule's author wrote makes something else of it than one query */
    static void mustRead(Connection c, String sql) throws SQLException {
        if (!SingleStatement.isQuery(c, sql)) throw mistake("something else than one query");
    }

    private static Failure mistake(String what) {
        return new Failure(
                Failure.Kind.SQL,
                "its SQL is " + what,
                "write one SELECT, without a semicolon, for each part of the rule.",
                null);
    }

    /**
     * The server's message without what it may say of the data: the detail, and the value that a data exception (22...)
     * quotes.
     */
    static String words(SQLException e) {
        ServerErrorMessage server = e instanceof PSQLException p ? p.getServerErrorMessage() : null;
        if (server == null) return Failures.message(e);
        String text = String.valueOf(server.getMessage()).replaceAll("\\s*\\R\\s*", " ");
        String shown = SqlState.isDataException(e) ? text.replaceAll("[\"'].*[\"']", "\"...\"") : text;
        return shown + " (SQLSTATE " + e.getSQLState() + ")";
    }

    /** The message of an error whose text may be shown. */
    static String reason(Exception e) {
        return e instanceof SQLException sql ? words(sql) : e.getMessage();
    }

    private RuleSql() {}
}
