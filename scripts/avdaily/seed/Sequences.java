package avdaily.seed;

import avdaily.db.Database;
import avdaily.sql.Sql;
import java.sql.Connection;
import java.sql.SQLException;

/** How the sequences of a table are moved on past the numbers that its rows have. */
enum Sequences {
    /** It stays also if the transaction is taken back, which does no harm. */
    FOR_GOOD,
    /** It is taken back with the transaction. */
    FOR_A_TRIAL;

    /** Nothing is moved back, and nothing that counts downwards is touched. */
    void moveOn(Connection c, TableCatalog.Table table) throws SQLException {
        for (TableCatalog.Column column : table.columns().values()) {
            if (column.sequence() == null) continue;
            Long behind = Database.one(
                    c,
                    "SELECT m FROM (SELECT max(" + Sql.quoted(column.name()) + ")::bigint AS m FROM " + table.sql()
                            + ") r, " + column.sequence() + " s WHERE (m > s.last_value OR m = s.last_value AND NOT "
                            + "s.is_called) AND (SELECT seqincrement > 0 FROM pg_sequence WHERE seqrelid = "
                            + Sql.literal(column.sequence()) + "::regclass)",
                    Long.class);
            if (behind == null) continue;
            if (this == FOR_GOOD)
                Database.one(
                        c, "SELECT setval(" + Sql.literal(column.sequence()) + "::regclass, ?)", Long.class, behind);
            else Database.run(c, "ALTER SEQUENCE " + column.sequence() + " RESTART WITH " + (behind + 1));
        }
    }
}
