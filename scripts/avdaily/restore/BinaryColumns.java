package avdaily.restore;

import avdaily.base.SqlResource;
import avdaily.copy.BinaryType;
import avdaily.db.Database;
import avdaily.sql.DottedName;
import avdaily.sql.SqlFile;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Which blocks of rows the server can be sent in the binary form of COPY. */
final class BinaryColumns {
    /** The types of a block's columns in their order; none if its rows have to stay text. */
    static List<BinaryType> of(Connection c, SqlFile.Copy block) throws SQLException {
        List<String> columns = block.columns();
        if (columns.isEmpty() || !block.isPlain()) return List.of();
        String table = DottedName.of(block.table()).quoted();
        Map<String, Optional<BinaryType>> types = new HashMap<>();
        String query = SqlResource.of(BinaryColumns.class, "binary-columns.sql");
        Database.list(c, query, row -> types.put(row.getString(1), type(row.getLong(2), row.getBoolean(3))), table);
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
