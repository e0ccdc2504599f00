package avdaily.deploy;

import java.util.Optional;

/**
 * Where a deployment begins.
 *
 * @param found what was wrong already
 * @param goesOn whether it goes on with one that was killed, all of whose migrations are applied
 */
record Origin(RestorePoint point, DeployFindings found, boolean goesOn) {
    /** The database as it is now. */
    static Origin now(SchemaState state, DeployFindings found) {
        return new Origin(new RestorePoint(state, Optional.empty(), false), found, false);
    }

    /** The database as it was when the killed one began. */
    static Origin of(InterruptedDeployment run, SchemaState before) {
        return new Origin(new RestorePoint(before, run.backup(), run.rowsChanged()), run.found(), true);
    }
}
