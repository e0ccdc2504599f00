package avdaily.monitor;

import avdaily.base.SqlResource;
import avdaily.db.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * How much of a table or an index is empty, as far as the planner's statistics tell.
 *
 * @param relation its number; {@code table} is the same, or that of the index's table
 * @param share between 0 and 1; nothing if the role sees no statistics of it
 */
public record Bloat(
        String schema, String name, long table, long relation, boolean isIndex, long bytes, Optional<Double> share) {
    /** Those of at least so many pages, the one with the most empty space first. */
    public static List<Bloat> all(Connection c, long leastPages) throws SQLException {
        return list(c, leastPages, null);
    }

    /** A table and its indexes. */
    public static List<Bloat> of(Connection c, long table) throws SQLException {
        return list(c, 1, table);
    }

    private static List<Bloat> list(Connection c, long leastPages, Long table) throws SQLException {
        return Database.list(
                c,
                SqlResource.of(Bloat.class, "bloat.sql"),
                row -> new Bloat(
                        row.getString("nspname"),
                        row.getString("relname"),
                        row.getLong("of_table"),
                        row.getLong("oid"),
                        row.getBoolean("is_index"),
                        row.getLong("bytes"),
                        Optional.ofNullable(row.getObject("share", Double.class))),
                leastPages,
                table,
                table);
    }

    public long emptyBytes() {
        return (long) (bytes * share.orElse(0.0));
    }

    /** As people call it: without the schema that everybody has. */
    public String called() {
        return schema.equals("public") ? name : schema + "." + name;
    }
}
