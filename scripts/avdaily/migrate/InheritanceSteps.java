package avdaily.migrate;

import avdaily.db.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Tables leave their parents, and get others, before anything else: columns that both have stay where they are then.
 * What a parent loses, its children lose. {@link NewParent} keeps values of what a child gets from a parent alone.
 */
final class InheritanceSteps {
    private static final String PARENTS =
            """
            SELECT i.inhrelid::regclass::text, i.inhparent::regclass::text
            FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
            WHERE c.relkind = 'r' AND NOT c.relispartition ORDER BY 1, i.inhseqno""";

    private static final Pattern DROPPED = StatementText.pattern("ALTER TABLE ONLY (" + StatementText.NAME
            + ")\\s+(?:DROP COLUMN " + StatementText.NAME
            + "|(ALTER COLUMN " + StatementText.NAME + " DROP NOT NULL));");

    record Link(String child, String parent) {
        String statement(String what) {
            return "ALTER TABLE " + child + " " + what + " " + parent + ";";
        }
    }

    private InheritanceSteps() {}

    /** The statements that the server takes at once; the others are left to the comparison of the schemas. */
    static List<String> of(Connection from, Connection to) throws SQLException {
        List<Link> before = links(from);
        List<Link> after = links(to);
        Set<String> there = there(to);
        List<String> taken = new ArrayList<>();
        Set<String> reordered = reordered(before, after);
        for (Link link : before)
            if ((!after.contains(link) || reordered.contains(link.child)) && there.contains(link.child))
                take(List.of(link.statement("NO INHERIT")), from, taken);
        for (Link link : after) {
            if (before.contains(link) && !reordered.contains(link.child)) continue;
            boolean isNew = there(from).containsAll(List.of(link.child, link.parent));
            List<String> steps = isNew ? NewParent.steps(link, from, to) : List.of();
            if (steps.isEmpty() || !take(steps, from, taken)) take(List.of(link.statement("INHERIT")), from, taken);
        }
        return taken;
    }

    private static Set<String> there(Connection c) throws SQLException {
        return new HashSet<>(Database.list(
                c, "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r'", row -> row.getString(1)));
    }

    /** Whether the server takes them; they are done then. */
    private static boolean take(List<String> steps, Connection from, List<String> taken) throws SQLException {
        return StatementOrder.areTaken(steps, from) && taken.addAll(steps);
    }

    /** The children whose parents that stay are not the first ones then: what is added comes last. */
    private static Set<String> reordered(List<Link> before, List<Link> after) {
        Set<String> children = new HashSet<>();
        for (Link link : after) {
            List<Link> wanted = of(link.child, after);
            List<Link> kept = new ArrayList<>(of(link.child, before));
            kept.retainAll(wanted);
            if (!kept.equals(wanted.subList(0, kept.size()))) children.add(link.child);
        }
        return children;
    }

    private static List<Link> of(String child, List<Link> links) {
        return links.stream().filter(link -> link.child.equals(child)).toList();
    }

    /**
     * The statements, with columns of parents dropped in their children, too, and likewise, from PostgreSQL 18 on, NOT
     * NULL where it is no child's own: pgCodeKeeper leaves them there.
     */
    static List<String> dropped(List<String> statements, Connection from) throws SQLException {
        List<String> parents = links(from).stream().map(Link::parent).toList();
        boolean knowsOwn = from.getMetaData().getDatabaseMajorVersion() >= 18;
        return statements.stream()
                .map(text -> StatementText.match(DROPPED, text)
                        .filter(m -> parents.contains(m.group(1)) && (knowsOwn || m.group(2) == null))
                        .map(m -> text.replaceFirst("ALTER TABLE ONLY", "ALTER TABLE"))
                        .orElse(text))
                .toList();
    }

    static List<Link> links(Connection c) throws SQLException {
        return Database.list(c, PARENTS, row -> new Link(row.getString(1), row.getString(2)));
    }
}
