package avdaily.migrate;

import avdaily.base.Failure;
import avdaily.db.Database;
import avdaily.sql.SqlState;
import java.sql.Connection;
import java.sql.SQLException;

/** Constraints and triggers that wait for the end of the transaction, while other files run in it. */
public final class DeferredChecks {
    /** Whether a statement failed for them: it would have run after a commit. */
    public static boolean areInTheWay(Failure e) {
        return e.getCause() instanceof SQLException sql && SqlState.of(sql).equals(SqlState.OBJECT_IN_USE);
    }

    /** Checks what a commit would check; what is deferred at the beginning of a transaction is so again. */
    public static void settle(Connection c) throws SQLException {
        Database.run(c, "SET CONSTRAINTS ALL IMMEDIATE");
        String deferred = Database.one(
                c,
                """
                SELECT string_agg(DISTINCT format('%I.%I', n.nspname, k.conname), ', ')
                FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace WHERE k.condeferred""",
                String.class);
        if (deferred != null) Database.run(c, "SET CONSTRAINTS " + deferred + " DEFERRED");
    }

    private DeferredChecks() {}
}
