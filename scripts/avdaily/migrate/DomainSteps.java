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
 * Domains that have to be made anew on the way from one schema to another: those that get another base type or
 * collation, or more constraints while a column has them in an array or a composite type, and those over a type that
 * is made anew. Their columns move to the base type and keep their values, then the domains are dropped; the comparison
 * of the schemas makes them again and moves the columns back. If composite types have them, {@link EnumUndo} makes them
 * again with those.
 */
final class DomainSteps {
    private static final String ANEW = SqlResource.of(DomainSteps.class, "domain-steps-anew.sql");
    private static final String MOVES = SqlResource.of(DomainSteps.class, "domain-steps-moves.sql");
    private static final String DEFINITIONS = SqlResource.of(DomainSteps.class, "domain-steps-definitions.sql");
    private static final String HELD =
            """
            WITH RECURSIVE held AS (
              SELECT d.oid, d.typbasetype FROM pg_type d
                JOIN pg_attribute a ON a.atttypid IN (d.oid, d.typarray) AND NOT a.attisdropped
                JOIN pg_class c ON c.oid = a.attrelid AND c.relkind = 'c'
              WHERE d.oid::regtype::text = ANY (?)
              UNION
              SELECT b.oid, b.typbasetype FROM held h JOIN pg_type b ON h.typbasetype IN (b.oid, b.typarray)
              WHERE b.typtype = 'd')
            SELECT DISTINCT oid::regtype::text FROM held""";

    /**
     * A domain.
     *
     * @param base with the collation
     * @param rules NOT NULL and its constraints
     * @param isInside whether a column has it in an array or a composite type, so that it gets no further rule
     */
    private record Domain(String base, List<String> rules, boolean isInside) {
        boolean canBecome(Domain other) {
            return other == null || base.equals(other.base) && (!isInside || rules.containsAll(other.rules));
        }
    }

    private final Connection from;
    private final List<String> anew;
    private final List<String> held;

    /** @param moved the types that are made anew themselves */
    DomainSteps(Connection from, Connection to, List<String> moved) throws SQLException {
        this.from = from;
        Map<String, Domain> before = definitions(from);
        Map<String, Domain> after = definitions(to);
        this.anew = Database.list(
                from,
                ANEW,
                row -> row.getString(1),
                before.keySet().stream()
                        .filter(name -> !before.get(name).canBecome(after.get(name)))
                        .toArray(String[]::new),
                moved.toArray(String[]::new),
                after.keySet().toArray(String[]::new));
        this.held = new ArrayList<>(anew);
        held.retainAll(Database.list(from, HELD, row -> row.getString(1), (Object) anew.toArray(String[]::new)));
    }

    private static Map<String, Domain> definitions(Connection c) throws SQLException {
        Map<String, Domain> definitions = new HashMap<>();
        Database.list(
                c,
                DEFINITIONS,
                row -> definitions.put(
                        row.getString(1),
                        new Domain(
                                row.getString(2),
                                List.of((String[]) row.getArray(3).getArray()),
                                row.getBoolean(4))));
        return definitions;
    }

    /** Those that composite types have, so that they are made again together with those, and what those are over. */
    List<String> held() {
        return held;
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
        for (String domain : anew) if (!held.contains(domain)) all.add("DROP DOMAIN " + domain + ";");
        return all;
    }
}
