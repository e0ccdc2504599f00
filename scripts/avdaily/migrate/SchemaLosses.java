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

    /** A sentence for each table and column, without its full stop. */
    static List<String> between(Connection from, Connection to) throws SQLException {
        Map<String, Set<String>> after = columns(to);
        List<String> losses = new ArrayList<>();
        columns(from).forEach((table, columns) -> {
            Set<String> kept = after.get(table);
            if (kept == null) losses.add("the rows of " + table + " are lost");
            else
                columns.stream()
                        .filter(column -> !kept.contains(column))
                        .forEach(column -> losses.add("the values of " + table + "." + column + " are lost"));
        });
        return losses;
    }

    private static Map<String, Set<String>> columns(Connection c) throws SQLException {
        Map<String, Set<String>> columns = new LinkedHashMap<>();
        Database.list(
                c,
                """
                SELECT format('%I.%I', n.nspname, r.relname), quote_ident(a.attname)
                FROM pg_class r JOIN pg_namespace n ON n.oid = r.relnamespace
                  LEFT JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
                    AND a.attgenerated = ''
                WHERE r.relkind IN ('r', 'p') AND\s"""
                        + Sql.userSchemas("n") + " ORDER BY 1, 2",
                row -> columns.computeIfAbsent(row.getString(1), t -> new TreeSet<>())
                        .add(String.valueOf(row.getString(2))));
        return columns;
    }
}
