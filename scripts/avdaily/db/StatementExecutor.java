package avdaily.db;

import avdaily.sql.ScriptReader;
import avdaily.sql.ScriptStatement;
import avdaily.sql.SqlState;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.util.List;
import java.util.function.Consumer;
import org.postgresql.core.Field;
import org.postgresql.core.NativeQuery;
import org.postgresql.core.Query;
import org.postgresql.core.QueryExecutor;
import org.postgresql.core.ResultCursor;
import org.postgresql.core.ResultHandlerBase;
import org.postgresql.core.SqlCommand;
import org.postgresql.core.TransactionState;
import org.postgresql.core.Tuple;
import org.postgresql.jdbc.PgConnection;

/**
 * Sends a statement as it stands in its file. The driver does not look into it: it could cut it in two, or take signs
 * in it for its own. The server takes no more than one statement at a time.
 */
public final class StatementExecutor {
    /**
     * Runs the statement in the session's transaction, if it is in one.
     *
     * @param notices gets what the server says besides, at once
     * @return how many rows it changed
     */
    public static long execute(Connection c, ScriptStatement statement, Consumer<SQLWarning> notices)
            throws SQLException {
        PgConnection session = c.unwrap(PgConnection.class);
        if (statement.kind() == ScriptStatement.Kind.COPY || ScriptReader.isCopy(statement.text(), "to", "stdout"))
            return copy(session, statement);
        QueryExecutor executor = session.getQueryExecutor();
        Query query = executor.wrap(List.of(new NativeQuery(statement.text(), SqlCommand.BLANK)));
        int flags = QueryExecutor.QUERY_ONESHOT | (c.getAutoCommit() ? QueryExecutor.QUERY_SUPPRESS_BEGIN : 0);
        Notices handler = new Notices(notices);
        try {
            executor.execute(query, query.createParameterList(), handler, 0, 0, flags);
            return handler.rows;
        } catch (SQLException e) {
            if (!SqlState.of(e).equals(SqlState.PROTOCOL_VIOLATION) || session.isClosed()) throw e;
            throw new SQLException("there is no parameter $1", SqlState.UNDEFINED_PARAMETER, e); // as in psql
        } finally {
            query.close();
        }
    }

    /** Whether a statement of the session's began a transaction that no other one ended. */
    public static boolean isInTransaction(Connection c) throws SQLException {
        return c.unwrap(PgConnection.class).getTransactionState() != TransactionState.IDLE;
    }

    /**
     * The one statement that the driver sends so that the server would take several at a time. The rows that it gives
     * are of no use.
     */
    private static long copy(PgConnection session, ScriptStatement statement) throws SQLException {
        if (!SingleStatement.is(session, statement.text()))
            throw new SQLException(
                    "it is not clear where this COPY ends: standard_conforming_strings was changed by something else "
                            + "than SET standard_conforming_strings = on or off",
                    SqlState.SYNTAX_ERROR);
        try {
            if (statement.kind() != ScriptStatement.Kind.COPY)
                return session.getCopyAPI().copyOut(statement.text(), OutputStream.nullOutputStream());
            return session.getCopyAPI()
                    .copyIn(statement.text(), new StringReader(statement.rows().text()));
        } catch (IOException e) {
            throw new IllegalStateException(e); // a text in memory can be read
        }
    }

    /** Rows are of no use; their number is, and what the server says. */
    private static final class Notices extends ResultHandlerBase {
        private final Consumer<SQLWarning> notices;
        private long rows;

        Notices(Consumer<SQLWarning> notices) {
            this.notices = notices;
        }

        @Override
        public void handleWarning(SQLWarning warning) {
            notices.accept(warning);
        }

        /** Those that RETURNING gives. */
        @Override
        public void handleResultRows(Query from, Field[] fields, List<Tuple> tuples, ResultCursor cursor) {
            rows = tuples.size();
        }

        @Override
        public void handleCommandStatus(String status, long updateCount, long insertOid) {
            rows = updateCount;
        }
    }

    private StatementExecutor() {}
}
