package avdaily.migrate;

import avdaily.base.SqlResource;
import avdaily.db.Database;
import avdaily.schema.Schema;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What pgCodeKeeper leaves as it was, though it is to be otherwise: settings of columns that go back to those of their
 * type, defaults that children have from their parents, constraints that are no longer valid, default privileges.
 */
final class OverlookedSteps {
    private static final String FACTS = SqlResource.of(OverlookedSteps.class, "overlooked-steps.sql");
    private static final String PRIVILEGES = SqlResource.of(OverlookedSteps.class, "overlooked-steps-privileges.sql");

    private OverlookedSteps() {}

    /** @param from a database in which all that was not overlooked is done */
    static List<String> of(Connection from, Connection to) throws SQLException {
        Map<String, String> before = facts(from);
        List<String> steps = new ArrayList<>();
        facts(to).forEach((about, statement) -> {
            if (before.containsKey(about) && !statement.equals(before.get(about))) steps.add(statement);
        });
        return steps;
    }

    private static Map<String, String> facts(Connection c) throws SQLException {
        Map<String, String> facts = new TreeMap<>();
        Database.list(c, FACTS, row -> facts.put(row.getString(1), row.getString(2)));
        return facts;
    }

    /** Default privileges that change are first what they are by themselves: what is made anew counts on that. */
    static List<String> resets(Connection from, List<Schema.Item> before, List<Schema.Item> after) throws SQLException {
        Map<String, String> changed = privileges(before);
        changed.entrySet().removeAll(privileges(after).entrySet());
        List<String> steps = new ArrayList<>();
        Database.list(
                from, PRIVILEGES, row -> changed.containsKey(row.getString(1)) && steps.add(row.getString(2)));
        return steps;
    }

    /** And last what they are to be. */
    static List<String> grants(List<Schema.Item> before, List<Schema.Item> after) {
        Map<String, String> wanted = privileges(after);
        wanted.entrySet().removeAll(privileges(before).entrySet());
        return wanted.values().stream().flatMap(String::lines).toList();
    }

    private static Map<String, String> privileges(List<Schema.Item> items) {
        Map<String, String> privileges = new TreeMap<>();
        for (Schema.Item item : items)
            if (item.kind().equals("DEFAULT ACL")) privileges.put(item.identity(), item.ddl());
        return privileges;
    }
}
