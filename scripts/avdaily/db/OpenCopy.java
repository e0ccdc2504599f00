package avdaily.db;

import java.sql.Connection;
import java.sql.SQLException;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyOperation;
import org.postgresql.copy.CopyOut;

/**
 * A COPY that is under way. Until it ends, the driver has every other statement of its session wait, for ever if the
 * connection is lost or the program turns to something else. So it is cancelled at the latest when this is closed.
 */
public record OpenCopy<C extends CopyOperation>(PGConnection session, C rows) implements AutoCloseable {
    public static OpenCopy<CopyIn> in(Connection c, String statement) throws SQLException {
        PGConnection session = c.unwrap(PGConnection.class);
        return new OpenCopy<>(session, session.getCopyAPI().copyIn(statement));
    }

    public static OpenCopy<CopyOut> out(Connection c, String statement) throws SQLException {
        PGConnection session = c.unwrap(PGConnection.class);
        return new OpenCopy<>(session, session.getCopyAPI().copyOut(statement));
    }

    @Override
    public void close() throws SQLException {
        if (isLost()) return; // the driver would wait for its word for ever
        if (rows.isActive() && rows instanceof CopyOut out) readUntilCancelled(out);
        if (rows.isActive() && !isLost()) rows.cancelCopy();
    }

    private boolean isLost() throws SQLException {
        return session instanceof Connection c && c.isClosed();
    }

    /** The driver itself would leave the rest, and the word of the end, to the next statement. */
    private void readUntilCancelled(CopyOut out) {
        try {
            session.cancelQuery();
            while (out.readFromCopy() != null) continue;
        } catch (SQLException e) { // that is the end
        }
    }
}
