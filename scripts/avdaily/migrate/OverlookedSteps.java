package avdaily.migrate;

import avdaily.base.SqlResource;
import avdaily.db.Database;
import avdaily.schema.Schema;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What pgCodeKeeper leaves as it was, though it is to be otherwise: settings of columns and tables that go back to what
 * they are by themselves, defaults that children have from their parents, constraints that are no longer valid, what
 * partitions, and other children as to NOT NULL, have besides their parents, default privileges.
 */
final class OverlookedSteps {
    private static final String FACTS = SqlResource.of(OverlookedSteps.class, "overlooked-steps.sql");
    private static final String PRIVILEGES = SqlResource.of(OverlookedSteps.class, "overlooked-steps-privileges.sql");

    static final String CLOSED = "REVOKE ALL ON SCHEMA public FROM PUBLIC;";
    private static final Pattern COMMENT = StatementText.pattern(
            "(COMMENT ON (?:[^'\" ]++|\"(?:[^\"]|\"\")*+\"| (?!IS E?'))*+ IS )E?'.*");

    private static final Pattern GRANT = StatementText.pattern("GRANT (.*? ON [A-Z ]+ " + StatementText.NAME + ") TO ("
            + StatementText.NAME + ")(?: WITH GRANT OPTION)?;");

    private static final Pattern LANGUAGE_CLOSED =
            StatementText.pattern("REVOKE ALL ON LANGUAGE (" + StatementText.NAME + ") FROM PUBLIC;");

    private OverlookedSteps() {}

    /**
     * A fact about a schema.
     *
     * @param relation the partition or child that it is about, if there may be none such
     * @param drop what takes it away then
     */
    private record Fact(String statement, String relation, String drop) {}

    /**
     * The statements that the server takes, which are done then.
     *
     * @param from a database in which all that was not overlooked is done
     */
    static List<String> of(Connection from, Connection to) throws SQLException {
        Map<String, Fact> before = facts(from);
        Map<String, Fact> after = facts(to);
        Set<String> both = children(from);
        both.retainAll(children(to));
        List<String> steps = new ArrayList<>();
        before.forEach((about, was) -> {
            if (both.contains(was.relation) && !was.equals(after.get(about))) steps.add(was.drop);
        });
        after.forEach((about, is) -> {
            boolean isSaid = is.relation == null ? before.containsKey(about) : both.contains(is.relation);
            if (isSaid && !is.equals(before.get(about))) steps.add(is.statement);
        });
        return taken(steps, from);
    }

    /** Those of them that give a column of the same type another collation. */
    static List<String> collations(Connection from, Connection to) throws SQLException {
        Map<String, Fact> before = facts(from);
        List<String> taken = new ArrayList<>();
        for (Map.Entry<String, Fact> fact : facts(to).entrySet()) {
            Fact was = before.get(fact.getKey());
            if (was == null || was.equals(fact.getValue()) || !fact.getKey().startsWith("collation ")) continue;
            String step = fact.getValue().statement;
            boolean isSameType = withoutCollation(step).equals(withoutCollation(was.statement));
            if (!isSameType) continue;
            String column = fact.getKey().substring("collation ".length());
            List<String> steps = new ArrayList<>(EnumUndo.computedFrom(from, column));
            steps.add(step);
            List<String> without = new ArrayList<>(EnumUndo.drops(from, List.of(column), List.of()));
            without.addAll(steps);
            if (StatementOrder.areTaken(steps, from)) taken.addAll(steps);
            else if (StatementOrder.areTaken(without, from)) taken.addAll(without);
        }
        return taken;
    }

    private static String withoutCollation(String statement) {
        return statement.substring(0, statement.lastIndexOf(" COLLATE "));
    }

    private static Map<String, Fact> facts(Connection c) throws SQLException {
        Map<String, Fact> facts = new TreeMap<>();
        Database.list(
                c,
                FACTS,
                row -> facts.put(
                        row.getString(1), new Fact(row.getString(2), row.getString(3), row.getString(4))));
        return facts;
    }

    private static Set<String> children(Connection c) throws SQLException {
        return new HashSet<>(
                Database.list(c, "SELECT inhrelid::regclass::text FROM pg_inherits", row -> row.getString(1)));
    }

    /** What comments become that a comparison of schemas does not know, as those of aggregates. */
    static List<String> comments(Connection from, List<Schema.Item> done, List<Schema.Item> wanted)
            throws SQLException {
        Map<String, String> before = ofKind("COMMENT", done);
        Map<String, String> after = ofKind("COMMENT", wanted);
        List<String> steps = new ArrayList<>();
        before.forEach((about, was) -> {
            if (!after.containsKey(about)) steps.add(COMMENT.matcher(was).replaceFirst("$1NULL;"));
        });
        after.forEach((about, is) -> {
            if (!is.equals(before.get(about))) steps.add(is);
        });
        return taken(steps, from);
    }

    /**
     * What is said of objects that are not read, and privileges on languages; {@link PublicationSteps} say what is said
     * of publications.
     */
    static List<String> remarks(Drift changes, Connection from) throws SQLException {
        List<String> gone = new ArrayList<>();
        List<String> said = new ArrayList<>();
        for (Drift.Change change : changes.changes()) {
            boolean isRemark =
                    change.kind().equals(Drift.REMARKS) && !change.identity().startsWith("PUBLICATION ");
            boolean isOfLanguage = change.kind().equals("ACL") && change.identity().startsWith("LANGUAGE ");
            if (!isRemark && !isOfLanguage) continue;
            for (String line : change.lines())
                if (line.startsWith("-")) gone.add(line.substring(1));
                else if (line.startsWith("+")) said.add(line.substring(1));
        }
        List<String> steps = new ArrayList<>();
        for (String line : gone) {
            StatementText.match(GRANT, line).ifPresent(m -> steps.add(m.replaceFirst("REVOKE $1 FROM $2;")));
            StatementText.match(LANGUAGE_CLOSED, line)
                    .ifPresent(m -> steps.add(m.replaceFirst("GRANT USAGE ON LANGUAGE $1 TO PUBLIC;")));
            StatementText.match(COMMENT, line)
                    .filter(m -> said.stream().noneMatch(other -> other.startsWith(m.group(1))))
                    .ifPresent(m -> steps.add(m.group(1) + "NULL;"));
        }
        steps.addAll(said);
        return taken(steps, from); // a column may be gone, with what was said of it
    }

    private static List<String> taken(List<String> steps, Connection from) throws SQLException {
        List<String> taken = new ArrayList<>();
        for (String step : steps) if (StatementOrder.isTaken(step, from)) taken.add(step);
        return taken;
    }

    /** Gives everybody back, or takes, what is everybody's in the schema public by itself. */
    static List<String> opened(Connection from, List<Schema.Item> done, List<Schema.Item> wanted) throws SQLException {
        if (isClosed(done) == isClosed(wanted)) return List.of();
        if (isClosed(wanted)) return List.of(CLOSED);
        boolean isOld = from.getMetaData().getDatabaseMajorVersion() < 15;
        return List.of("GRANT " + (isOld ? "CREATE, USAGE" : "USAGE") + " ON SCHEMA public TO PUBLIC;");
    }

    /** Whether nobody has rights in the schema public without a grant. */
    static boolean isClosed(List<Schema.Item> items) {
        return items.stream().anyMatch(item -> item.ddl().contains(CLOSED));
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
        return ofKind("DEFAULT ACL", items);
    }

    private static Map<String, String> ofKind(String kind, List<Schema.Item> items) {
        Map<String, String> found = new TreeMap<>();
        for (Schema.Item item : items) if (item.kind().equals(kind)) found.put(item.identity(), item.ddl());
        return found;
    }
}
