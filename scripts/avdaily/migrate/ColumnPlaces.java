package avdaily.migrate;

import avdaily.db.Database;
import avdaily.sql.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Where each column keeps its values: the server gives a column that is dropped and added again another place, even if
 * its name and type are the same. Generated columns are made of others, so they need none.
 */
record ColumnPlaces(Map<String, String> places) {
    static ColumnPlaces of(Connection c) throws SQLException {
        String query =
                """
                SELECT format('%I.%I.%I', n.nspname, r.relname, a.attname), r.oid || ' ' || a.attnum
                FROM pg_attribute a JOIN pg_class r ON r.oid = a.attrelid JOIN pg_namespace n ON n.oid = r.relnamespace
                WHERE r.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
                  AND\s"""
                        + Sql.userSchemas("n");
        Map<String, String> places = new HashMap<>();
        Database.list(c, query, row -> places.put(row.getString(1), row.getString(2)));
        return new ColumnPlaces(places);
    }

    /** The columns that are there before and after, but not with the values that they had. */
    List<String> lostUntil(ColumnPlaces after) {
        return List.copyOf(new TreeSet<>(places.keySet().stream()
                .filter(column -> after.places.containsKey(column)
                        && !after.places.get(column).equals(places.get(column)))
                .toList()));
    }
}
