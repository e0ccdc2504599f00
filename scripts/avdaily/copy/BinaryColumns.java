package avdaily.copy;

import avdaily.base.SqlResource;
import avdaily.db.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Which tables have rows that can be put from one form of COPY into the other. */
public final class BinaryColumns {
    /** The types of a table's columns, in their order; none if the form is left to the server. */
    public static List<BinaryType> of(Connection c, String table, List<String> columns) throws SQLException {
        return of(c, table, columns, true);
    }

    /** The same; none if the table has triggers, which could tell one COPY from two. */
    public static List<BinaryType> withoutTriggers(Connection c, String table, List<String> columns)
            throws SQLException {
        return of(c, table, columns, false);
    }

    private static List<BinaryType> of(Connection c, String table, List<String> columns, boolean mayHaveTriggers)
            throws SQLException {
        Map<String, Optional<BinaryType>> types = new HashMap<>();
        Database.list(
                c,
                SqlResource.of(BinaryColumns.class, "binary-columns.sql"),
                row -> types.put(row.getString(1), type(row.getLong(2), row.getBoolean(3))),
                table,
                mayHaveTriggers);
        List<BinaryType> all = columns.stream()
                .flatMap(column -> types.getOrDefault(column, Optional.empty()).stream())
                .toList();
        return all.size() == columns.size() ? all : List.of();
    }

    /** @param oid has no sign; those of PostgreSQL's own types are small */
    private static Optional<BinaryType> type(long oid, boolean isEnum) {
        return isEnum ? Optional.of(BinaryType.TEXT) : BinaryType.of((int) oid);
    }

    private BinaryColumns() {}
}
