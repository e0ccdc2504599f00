package avdaily.migrate;

import avdaily.db.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What becomes of composite types on the way from one schema to another: attributes come at the end and go in their
 * place. If one gets another type, and columns have the composite type, that is made anew, and the columns move over.
 * Columns keep the rest of their values.
 */
final class CompositeSteps {
    private static final String ATTRIBUTES =
            """
            SELECT t.oid::regtype::text, quote_ident(a.attname), format_type(a.atttypid, a.atttypmod)
            FROM pg_type t
              JOIN pg_class c ON c.oid = t.typrelid AND c.relkind = 'c'
              JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            WHERE t.typnamespace::regnamespace::text !~ '^pg_|^information_schema$'
            ORDER BY 1, a.attnum""";
    private static final String IS_USED =
            """
            SELECT EXISTS (
              SELECT FROM pg_type t JOIN pg_attribute a ON a.atttypid IN (t.oid, t.typarray)
              WHERE t.oid = to_regtype(?) AND NOT a.attisdropped)""";
    private static final String OVER =
            """
            SELECT DISTINCT t.oid::regtype::text
            FROM pg_type t
              JOIN pg_class c ON c.oid = t.typrelid AND c.relkind = 'c'
              JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped
              JOIN pg_type m ON a.atttypid IN (m.oid, m.typarray)
            WHERE m.oid::regtype::text = ANY (?) AND EXISTS (
              SELECT FROM pg_attribute u WHERE u.atttypid IN (t.oid, t.typarray) AND NOT u.attisdropped)
              OR m.oid::regtype::text = ANY (?)
            ORDER BY 1""";
    private static final String IS_KNOWN = "SELECT to_regtype(?) IS NOT NULL";

    private final List<String> first = new ArrayList<>();
    private final Set<String> moved = new TreeSet<>();

    CompositeSteps(Connection from, Connection to) throws SQLException {
        Map<String, Map<String, String>> before = attributes(from);
        Map<String, Map<String, String>> after = attributes(to);
        for (Map.Entry<String, Map<String, String>> type : before.entrySet())
            if (after.containsKey(type.getKey()))
                change(type.getKey(), type.getValue(), after.get(type.getKey()), from);
    }

    /** By type, then by name. */
    private static Map<String, Map<String, String>> attributes(Connection c) throws SQLException {
        Map<String, Map<String, String>> types = new LinkedHashMap<>();
        Database.list(c, ATTRIBUTES, row -> types.computeIfAbsent(row.getString(1), t -> new LinkedHashMap<>())
                .put(row.getString(2), row.getString(3)));
        return types;
    }

    private void change(String type, Map<String, String> before, Map<String, String> after, Connection c)
            throws SQLException {
        List<String> reached = new ArrayList<>(before.keySet());
        reached.retainAll(after.keySet());
        after.keySet().stream().filter(name -> !before.containsKey(name)).forEach(reached::add);
        if (!reached.equals(List.copyOf(after.keySet()))) return; // in another order: people have to say how
        boolean isUsed = Database.one(c, IS_USED, Boolean.class, type);
        for (String name : after.keySet()) {
            if (after.get(name).equals(before.get(name))) continue;
            if (!Database.one(c, IS_KNOWN, Boolean.class, after.get(name))) return;
            if (before.containsKey(name) && isUsed) moved.add(type);
        }
        String alter = "ALTER TYPE " + type + " ";
        before.keySet().stream()
                .filter(name -> !after.containsKey(name))
                .forEach(name -> first.add(alter + "DROP ATTRIBUTE " + name + " CASCADE;"));
        after.forEach((name, wanted) -> {
            if (!before.containsKey(name)) first.add(alter + "ADD ATTRIBUTE " + name + " " + wanted + " CASCADE;");
            else if (!wanted.equals(before.get(name)) && !isUsed)
                first.add(alter + "ALTER ATTRIBUTE " + name + " TYPE " + wanted + " CASCADE;");
        });
    }

    /** What changes types in their place. */
    List<String> first() {
        return first;
    }

    /** The types that columns have, with attributes of types that are made anew, and all with such domains. */
    static List<String> over(Connection c, List<String> anew, List<String> domains) throws SQLException {
        return Database.list(
                c, OVER, row -> row.getString(1), anew.toArray(String[]::new), domains.toArray(String[]::new));
    }

    /** Whether the type has to be made anew beside the old one. */
    boolean isMoved(String type) {
        return moved.contains(type);
    }
}
