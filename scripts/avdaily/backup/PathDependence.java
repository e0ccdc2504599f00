package avdaily.backup;

import avdaily.base.Out;
import avdaily.base.SqlResource;
import avdaily.db.Database;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * What the database computes by code that finds something on the search path: a restore, which has an empty one as that
 * of pg_dump, may not be able to. It is found by looking, for nothing of the database's code is run.
 */
final class PathDependence {
    static void note(Connection c, Out out) throws SQLException {
        Database.list(c, SqlResource.of(PathDependence.class, "path-dependent.sql"), row -> {
            String what = row.getString(1);
            String function = row.getString(2);
            out.note((function == null ? what : function) + " looks for " + row.getString(3)
                    + " on the search path, which is empty in a restore. "
                    + (function == null ? "" : "It computes " + what + ". ")
                    + "What makes that restorable: " + row.getString(4) + ";");
            return what;
        });
    }

    private PathDependence() {}
}
