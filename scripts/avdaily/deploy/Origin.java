package avdaily.deploy;

import avdaily.db.Database;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * Where a deployment begins.
 *
 * @param nextTransaction the one that came next then: what is older was there before
 * @param found what was wrong already
 * @param goesOn whether it goes on with one that was killed, all of whose migrations are applied
 */
record Origin(RestorePoint point, long nextTransaction, DeployFindings found, boolean goesOn) {
    /** The database as it is now. */
    static Origin now(Database db, SchemaState state, DeployFindings found) throws SQLException {
        long next = DeploymentRecord.nextTransaction(db.connection());
        return new Origin(new RestorePoint(state, Optional.empty(), false, List.of()), next, found, false);
    }

    /** The database as it was when the killed one began. */
    static Origin of(InterruptedDeployment run, SchemaState before) {
        return new Origin(
                new RestorePoint(before, run.backup(), run.rowsChanged(), run.pending()),
                run.nextTransaction(),
                run.found(),
                true);
    }
}
