package avdaily.migrate;

import avdaily.db.Database;
import avdaily.sql.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The rows and values that are lost on the way from one schema to another, since the other has no place for them. */
final class SchemaLosses {
    private SchemaLosses() {}

    /** A sentence for each table, column and attribute of a type, without its full stop. */
    static List<String> between(Connection from, Connection to) throws SQLException {
        List<String> losses = new ArrayList<>();
        for (String kinds : List.of("rp", "c")) {
            Map<String, Set<String>> after = columns(to, kinds);
            columns(from, kinds).forEach((name, columns) -> {
                Set<String> kept = after.get(name);
                if (kept != null)
                    columns.stream()
                            .filter(column -> !kept.contains(column))
                            .forEach(column -> losses.add("the values of " + name + "." + column + " are lost"));
                else if (!kinds.equals("c")) losses.add("the rows of " + name + " are lost");
            });
        }
        return losses;
    }

    /** The columns whose values are computed from others: schema.table.column as SQL has them. */
    static Set<String> computed(Connection c) throws SQLException {
        return new TreeSet<>(Database.list(
                c,
                """
                SELECT format('%I.%I.%I', n.nspname, r.relname, a.attname)
                FROM pg_attribute a JOIN pg_class r ON r.oid = a.attrelid JOIN pg_namespace n ON n.oid = r.relnamespace
                WHERE a.attgenerated <> '' AND NOT a.attisdropped""",
                row -> row.getString(1)));
    }

    /** @param kinds of relations, as the catalog has them */
    private static Map<String, Set<String>> columns(Connection c, String kinds) throws SQLException {
        Map<String, Set<String>> columns = new LinkedHashMap<>();
        Database.list(
                c,
                """
                SELECT format('%I.%I', n.nspname, r.relname), quote_ident(a.attname)
                FROM pg_class r JOIN pg_namespace n ON n.oid = r.relnamespace
                  LEFT JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
                    AND a.attgenerated = ''
                WHERE strpos(?, r.relkind::text) > 0 AND\s"""
                        + Sql.userSchemas("n") + " ORDER BY 1, 2",
                row -> columns.computeIfAbsent(row.getString(1), t -> new TreeSet<>())
                        .add(String.valueOf(row.getString(2))),
                kinds);
        return columns;
    }
}
