package avdaily.studio;

import avdaily.base.Failure;
import avdaily.base.SqlResource;
import avdaily.db.Database;
import avdaily.db.ForeignCode;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;

/**
 * A table, view or foreign table as the catalogs tell of it.
 *
 * @param leaves how many tables hold its rows
 * @param isInherited whether other tables' rows are among its rows
 * @param rows an estimate
 * @param danger why reading it could run a stranger's code; null if it could not
 */
record Relation(
        long oid,
        String schema,
        String name,
        Kind kind,
        String owner,
        String comment,
        boolean hasRowSecurity,
        boolean isPartition,
        boolean isInherited,
        Measures measures,
        boolean isReadable,
        String danger) {
    enum Kind {
        TABLE("r", "table"),
        PARTITIONED("p", "partitioned table"),
        VIEW("v", "view"),
        MATERIALIZED("m", "materialized view"),
        FOREIGN("f", "foreign table");

        private final String letter;
        final String word;

        Kind(String letter, String word) {
            this.letter = letter;
            this.word = word;
        }

        static Kind of(String letter) {
            return List.of(values()).stream()
                    .filter(kind -> kind.letter.equals(letter))
                    .findFirst()
                    .orElseThrow();
        }

        /** Whether rows of ours are in it. */
        boolean holdsRows() {
            return this == TABLE || this == PARTITIONED || this == MATERIALIZED;
        }
    }

    /** @param tableBytes -1 if somebody has locked it; so is {@code indexBytes} */
    record Measures(
            long leaves,
            long rows,
            long tableBytes,
            long indexBytes,
            long seqScans,
            long indexScans,
            long liveRows,
            long deadRows,
            Instant vacuumed,
            Instant analyzed) {
        long bytes() {
            return tableBytes < 0 ? -1 : tableBytes + indexBytes;
        }

        double deadShare() {
            return liveRows + deadRows == 0 ? 0 : (double) deadRows / (liveRows + deadRows);
        }
    }

    /** All but partitions, by schema and name. */
    static List<Relation> all(Connection c) throws SQLException {
        return list(c, null, null);
    }

    /** @throws Failure (2) if there is none of this name */
    static Relation find(Connection c, String schema, String name) throws SQLException {
        return list(c, schema, name).stream()
                .findFirst()
                .orElseThrow(() -> Failure.usage(
                        "there is no table or view " + schema + "." + name, "look for it on the page Schema."));
    }

    private static List<Relation> list(Connection c, String schema, String name) throws SQLException {
        String query = ForeignCode.dangers(c) + SqlResource.of(Relation.class, "relations.sql");
        return Database.list(c, query, Relation::of, schema, name, schema);
    }

    private static Relation of(ResultSet row) throws SQLException {
        return new Relation(
                row.getLong("oid"),
                row.getString("nspname"),
                row.getString("relname"),
                Kind.of(row.getString("relkind")),
                row.getString("owner"),
                row.getString("comment"),
                row.getBoolean("relrowsecurity"),
                row.getBoolean("relispartition"),
                row.getBoolean("is_inherited"),
                new Measures(
                        row.getLong("leaves"),
                        row.getLong("rows"),
                        bytes(row, "table_bytes"),
                        bytes(row, "index_bytes"),
                        row.getLong("seq_scans"),
                        row.getLong("index_scans"),
                        row.getLong("live_rows"),
                        row.getLong("dead_rows"),
                        instant(row, "vacuumed"),
                        instant(row, "analyzed")),
                row.getBoolean("is_readable"),
                row.getString("danger"));
    }

    private static long bytes(ResultSet row, String name) throws SQLException {
        return row.getBoolean("is_locked") ? -1 : row.getLong(name);
    }

    private static Instant instant(ResultSet row, String name) throws SQLException {
        return row.getTimestamp(name) == null ? null : row.getTimestamp(name).toInstant();
    }

    /** As people call it: without the schema that everybody has. */
    String called() {
        return called(schema, name);
    }

    static String called(String schema, String name) {
        return schema.equals("public") ? name : schema + "." + name;
    }

    Link page() {
        return Link.toTable("table", schema, name);
    }
}
