package avdaily.migrate;

import avdaily.db.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Columns that move between parents and children, with their values:
 *
 * <ul>
 *   <li>One that leaves its parent and stays in a child is dropped in the parent alone. It is the child's own then.
 *   <li>One that children had of their own and a parent gets is renamed, added to the parent, and filled. PostgreSQL
 *       calls it the child's own otherwise, for ever.
 * </ul>
 */
final class InheritedColumns {
    private static final String COLUMNS =
            """
            SELECT c.oid::regclass::text, quote_ident(a.attname), a.attinhcount, a.attislocal,
              format_type(a.atttypid, a.atttypmod)
              || CASE WHEN a.attcollation <> t.typcollation
                 THEN ' COLLATE ' || a.attcollation::regcollation ELSE '' END,
              quote_ident(left(a.attname, 56) || '_before')
            FROM pg_attribute a
            JOIN pg_class c ON c.oid = a.attrelid AND c.relkind = 'r' AND NOT c.relispartition
            JOIN pg_type t ON t.oid = a.atttypid
            WHERE a.attnum > 0 AND NOT a.attisdropped
              AND (c.oid IN (SELECT inhrelid FROM pg_inherits) OR c.oid IN (SELECT inhparent FROM pg_inherits))""";

    private static final Pattern MOVE = StatementText.pattern(
            "UPDATE ONLY (" + StatementText.NAME + ") SET (" + StatementText.NAME + ") = " + StatementText.NAME + ";");

    /**
     * A column of a table that has parents or children.
     *
     * @param parents how many it has it from
     * @param isOwn whether the table itself has it, too
     * @param before the name for what has to make way for it
     */
    private record Column(int parents, boolean isOwn, String type, String before) {}

    private final Connection from;
    private final List<InheritanceSteps.Link> links;
    /** By table, then by name. */
    private final Map<String, Map<String, Column>> before;

    private final Map<String, Map<String, Column>> after;

    InheritedColumns(Connection from, Connection to) throws SQLException {
        this.from = from;
        this.links = InheritanceSteps.links(from);
        links.retainAll(InheritanceSteps.links(to));
        this.before = columns(from);
        this.after = columns(to);
    }

    private static Map<String, Map<String, Column>> columns(Connection c) throws SQLException {
        Map<String, Map<String, Column>> columns = new TreeMap<>();
        Database.list(c, COLUMNS, row -> columns.computeIfAbsent(row.getString(1), table -> new HashMap<>())
                .put(
                        row.getString(2),
                        new Column(row.getInt(3), row.getBoolean(4), row.getString(5), row.getString(6))));
        return columns;
    }

    private static Column at(Map<String, Map<String, Column>> columns, String table, String name) {
        return columns.getOrDefault(table, Map.of()).get(name);
    }

    /** The statements that the server takes, which are done then. */
    List<String> steps() throws SQLException {
        Set<String> names = new TreeSet<>();
        before.values().forEach(columns -> names.addAll(columns.keySet()));
        List<String> all = new ArrayList<>();
        for (String name : names) {
            all.addAll(taken(leaving(name)));
            all.addAll(taken(rising(name)));
        }
        return all;
    }

    private List<String> taken(List<String> steps) throws SQLException {
        return StatementOrder.areTaken(steps, from) ? steps : List.of();
    }

    /** Parents come first: what a table has from one cannot be dropped. */
    private List<String> leaving(String name) throws SQLException {
        List<String> parents = before.keySet().stream()
                .filter(table -> at(before, table, name) != null && at(after, table, name) == null)
                .filter(table -> staysBelow(table, name))
                .sorted(Comparator.comparingInt(this::depth))
                .toList();
        List<String> steps = new ArrayList<>(EnumUndo.drops(from, whole(parents, name), List.of()));
        for (String parent : parents) steps.add("ALTER TABLE ONLY " + parent + " DROP COLUMN " + name + ";");
        return steps;
    }

    private boolean staysBelow(String table, String name) {
        return children(table).stream()
                .anyMatch(child -> at(before, child, name) != null
                        && (at(after, child, name) != null || staysBelow(child, name)));
    }

    private List<String> rising(String name) throws SQLException {
        List<String> children = links.stream()
                .filter(link -> at(before, link.parent(), name) == null && at(after, link.parent(), name) != null)
                .map(InheritanceSteps.Link::child)
                .distinct()
                .filter(child -> at(before, child, name) != null && at(before, child, name).parents == 0)
                .filter(child -> at(after, child, name) != null && !at(after, child, name).isOwn)
                .toList();
        if (children.isEmpty()) return List.of();
        Set<String> tables = new TreeSet<>();
        children.forEach(child -> addWithAllBelow(child, tables));
        String away = at(before, children.get(0), name).before;
        List<String> steps = new ArrayList<>(EnumUndo.drops(from, whole(tables, name), List.of()));
        for (String child : children)
            steps.add("ALTER TABLE " + child + " RENAME COLUMN " + name + " TO " + away + ";");
        after.forEach((table, columns) -> {
            Column column = columns.get(name);
            if (column != null && column.parents == 0 && isAbove(table, children))
                steps.add("ALTER TABLE " + table + " ADD COLUMN " + name + " " + column.type + ";");
        });
        for (String table : tables) steps.add("UPDATE ONLY " + table + " SET " + name + " = " + away + ";");
        for (String child : children) steps.add("ALTER TABLE " + child + " DROP COLUMN " + away + ";");
        return steps;
    }

    private boolean isAbove(String table, List<String> some) {
        return children(table).stream().anyMatch(child -> some.contains(child) || isAbove(child, some));
    }

    private void addWithAllBelow(String table, Set<String> tables) {
        if (tables.add(table)) children(table).forEach(child -> addWithAllBelow(child, tables));
    }

    private List<String> children(String table) {
        return links.stream()
                .filter(link -> link.parent().equals(table))
                .map(InheritanceSteps.Link::child)
                .toList();
    }

    private int depth(String table) {
        return links.stream()
                .filter(link -> link.child().equals(table))
                .mapToInt(link -> depth(link.parent()) + 1)
                .max()
                .orElse(0);
    }

    private static List<String> whole(Iterable<String> tables, String name) {
        List<String> columns = new ArrayList<>();
        tables.forEach(table -> columns.add(table + "." + name));
        return columns;
    }

    /** Whether the statements fill the column with the values that it had. */
    static boolean isMoved(String column, List<String> statements) {
        return statements.stream().anyMatch(text -> StatementText.match(MOVE, text)
                .filter(m -> column.equals(m.group(1) + "." + m.group(2)))
                .isPresent());
    }
}
