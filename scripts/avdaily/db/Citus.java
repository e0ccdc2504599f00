package avdaily.db;

import avdaily.base.SqlResource;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** What the extension Citus spreads over nodes: the tables of this one are empty shells. */
public final class Citus {
    /** How its rows lie on the nodes. */
    public enum Kind {
        /** By the hash of a column. */
        DISTRIBUTED,
        /** All of them on each node. */
        REFERENCE,
        /** All of them here, known to the other nodes. */
        LOCAL,
        /** By ranges, by appending, or with its schema: nothing here can spread it again. */
        OTHER
    }

    /**
     * A table that Citus knows.
     *
     * @param column by which it is distributed; null if it is not
     * @param colocation the number that tables have whose rows lie together
     * @param shards into how many pieces it is cut; null if that is not known
     * @param isPartition whether it is spread with the table that it is a partition of
     * @param bytes what it takes on all nodes, without indexes
     */
    public record Table(
            long oid,
            String schema,
            String name,
            Kind kind,
            String column,
            long colocation,
            Integer shards,
            boolean isPartition,
            long bytes) {}

    /** Those of a database, in the order in which they can be spread again; none where Citus is not there. */
    public static List<Table> tables(Connection c) throws SQLException {
        if (!Database.one(
                c, "SELECT pg_catalog.to_regclass('pg_catalog.pg_dist_partition') IS NOT NULL", Boolean.class))
            return List.of();
        return Database.list(
                c,
                SqlResource.of(Citus.class, "citus.sql"),
                row -> new Table(
                        row.getLong("oid"),
                        row.getString("nspname"),
                        row.getString("relname"),
                        Kind.valueOf(row.getString("kind")),
                        row.getString("distribution_column"),
                        row.getLong("colocationid"),
                        row.getObject("shardcount", Integer.class),
                        row.getBoolean("relispartition"),
                        row.getLong("bytes")));
    }

    private Citus() {}
}
