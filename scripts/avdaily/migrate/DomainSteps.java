package avdaily.migrate;

import avdaily.base.SqlResource;
import avdaily.db.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Domains that have to be made anew on the way from one schema to another: those that get another base type, and those
 * over a type that is made anew. Their columns move to the base type and keep their values, then the domains are
 * dropped; the comparison of the schemas makes them again and moves the columns back.
 */
final class DomainSteps {
    private static final String ANEW = SqlResource.of(DomainSteps.class, "domain-steps-anew.sql");
    private static final String MOVES = SqlResource.of(DomainSteps.class, "domain-steps-moves.sql");
    private static final String BASES =
            """
            SELECT d.oid::regtype::text || ' ' || format_type(d.typbasetype, d.typtypmod)
            FROM pg_type d WHERE d.typtype = 'd' ORDER BY 1""";

    private final Connection from;
    private final List<String> anew;

    /** @param moved the types that are made anew themselves */
    DomainSteps(Connection from, Connection to, List<String> moved) throws SQLException {
        this.from = from;
        List<String> kept = Database.list(to, BASES, row -> row.getString(1));
        List<String> others = new ArrayList<>(Database.list(from, BASES, row -> row.getString(1)));
        others.removeAll(kept);
        this.anew = Database.list(
                from,
                ANEW,
                row -> row.getString(1),
                others.toArray(String[]::new),
                moved.toArray(String[]::new),
                Database.list(to, "SELECT oid::regtype::text FROM pg_type WHERE typtype = 'd'", row -> row.getString(1))
                        .toArray(String[]::new));
    }

    /** What is made anew: first the domains that are over others. */
    List<String> anew() {
        return anew;
    }

    /** The defaults of the columns are gone already. */
    List<String> statements() throws SQLException {
        if (anew.isEmpty()) return List.of();
        List<String> all = new ArrayList<>(EnumUndo.dropsOfTypes(from, anew));
        all.addAll(Database.list(from, MOVES, row -> row.getString(1), (Object) anew.toArray(String[]::new)));
        for (String domain : anew) all.add("DROP DOMAIN " + domain + ";");
        return all;
    }
}
