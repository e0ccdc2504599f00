package avdaily.db;

import avdaily.base.Failure;
import java.sql.Connection;
import java.sql.SQLException;

/** A transaction that changes something, by the number that the server gives it: whether it is still the same one. */
public record TransactionMark(String id) {
    public static TransactionMark of(Connection c) throws SQLException {
        return new TransactionMark(
                Database.one(c, "SELECT pg_catalog.pg_current_xact_id()::pg_catalog.text", String.class));
    }

    /** Whether nothing that ran meanwhile ended it. */
    public boolean isStill(Connection c) throws SQLException {
        return of(c).equals(this);
    }

    /** @throws Failure if what ran ended the transaction in which it was to be taken back */
    public void mustStill(Connection c) throws SQLException {
        if (!isStill(c))
            throw new Failure(
                    Failure.Kind.ERROR,
                    "what was tried ended the transaction in which it was to be taken back, so that it stays",
                    "look at the database with 'avdaily-migrate validate', and take COMMIT out of the files.",
                    null);
    }
}
