package avdaily.migrate;

import avdaily.base.SqlResource;
import avdaily.db.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Domains that have to be made anew on the way from one schema to another: those that get another base type, or other
 * constraints while a column has an array of them, and those over a type that is made anew. Their columns move to the
 * base type and keep their values, then the domains are dropped; the comparison of the schemas makes them again and
 * moves the columns back.
 */
final class DomainSteps {
    private static final String ANEW = SqlResource.of(DomainSteps.class, "domain-steps-anew.sql");
    private static final String MOVES = SqlResource.of(DomainSteps.class, "domain-steps-moves.sql");
    private static final String BASES =
            """
            SELECT d.oid::regtype::text, format_type(d.typbasetype, d.typtypmod) || coalesce(
              CASE WHEN EXISTS (SELECT FROM pg_attribute a WHERE a.atttypid = d.typarray AND NOT a.attisdropped)
                THEN concat(d.typnotnull, (SELECT string_agg(pg_get_constraintdef(k.oid), ' ' ORDER BY k.conname)
                  FROM pg_constraint k WHERE k.contypid = d.oid)) END, '')
            FROM pg_type d WHERE d.typtype = 'd'""";

    private final Connection from;
    private final List<String> anew;

    /** @param moved the types that are made anew themselves */
    DomainSteps(Connection from, Connection to, List<String> moved) throws SQLException {
        this.from = from;
        Map<String, String> others = definitions(from);
        others.entrySet().removeAll(definitions(to).entrySet());
        this.anew = Database.list(
                from,
                ANEW,
                row -> row.getString(1),
                others.keySet().toArray(String[]::new),
                moved.toArray(String[]::new),
                Database.list(to, "SELECT oid::regtype::text FROM pg_type WHERE typtype = 'd'", row -> row.getString(1))
                        .toArray(String[]::new));
    }

    /** What a domain cannot get otherwise: its base type, and its constraints if a column has an array of it. */
    private static Map<String, String> definitions(Connection c) throws SQLException {
        Map<String, String> definitions = new HashMap<>();
        Database.list(c, BASES, row -> definitions.put(row.getString(1), row.getString(2)));
        return definitions;
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
