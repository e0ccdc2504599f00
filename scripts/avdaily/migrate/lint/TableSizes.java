package avdaily.migrate.lint;

import avdaily.db.Citus;
import avdaily.db.Database;
import avdaily.db.ForeignCode;
import avdaily.sql.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** How many rows the tables and materialized views of the target have, as far as it matters. */
final class TableSizes {
    /** @param isDangerous whether to count its rows could run a stranger's code as our role */
    private record Table(long oid, String name, String quoted, long estimate, boolean isDangerous) {}

    private final Map<String, Long> rows;
    private final long smallTable;

    private TableSizes(Map<String, Long> rows, long smallTable) {
        this.rows = rows;
        this.smallTable = smallTable;
    }

    /**
     * Reads the server's estimates, and counts the rows of tables that have none, or that Citus has spread over nodes:
     * the estimate is then of an empty shell.
     *
     * @param smallTable tables with fewer rows are small
     */
    static TableSizes of(Connection c, long smallTable) throws SQLException {
        Map<String, Long> rows = new HashMap<>();
        Set<Long> spread = Citus.tables(c).stream().map(Citus.Table::oid).collect(Collectors.toSet());
        for (Table table : tables(c)) {
            Long count = spread.contains(table.oid) ? 0 : table.estimate;
            if (count <= 0) count = table.isDangerous ? null : count(c, table.quoted, smallTable + 1);
            rows.put(table.name, count);
        }
        return new TableSizes(rows, smallTable);
    }

    private static List<Table> tables(Connection c) throws SQLException {
        String query = ForeignCode.dangers(c)
                + """
                SELECT format('%I.%I', n.nspname, c.relname),
                       CASE c.relkind WHEN 'p' THEN 0 ELSE c.reltuples::bigint END,
                       c.oid IN (SELECT relation FROM danger), c.oid::bigint
                FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE c.relkind IN ('r', 'p', 'm') AND c.relpersistence <> 't' AND\s"""
                + Sql.userSchemas("n");
        return Database.list(c, query, row -> {
            String quoted = row.getString(1);
            return new Table(
                    row.getLong(4), CatalogSnapshot.withoutPublic(quoted), quoted, row.getLong(2), row.getBoolean(3));
        });
    }

    /** The number of rows, at most {@code most}; null if they may not be read. */
    private static Long count(Connection c, String table, long most) {
        try {
            String query = "SELECT count(*) FROM (SELECT FROM " + table + " LIMIT " + most + ") t";
            return Database.one(c, query, Long.class);
        } catch (SQLException e) {
            return null;
        }
    }

    /** The rows of a table: 0 if the target has no such table, null if they may not be read. */
    Long rows(String table) {
        return rows.getOrDefault(table, 0L);
    }

    /** A table counts as big if its rows may not be read. */
    boolean isSmall(String table) {
        Long count = rows(table);
        return count != null && count < smallTable;
    }
}
