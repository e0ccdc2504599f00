package avdaily.seed;

import avdaily.db.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What tells one table's rows from another's: their number and, modulo 2^64, the sum of the halves of their texts' MD5.
 * No order, setting or version of the server changes it.
 */
public final class TableChecksum {
    public static Map<String, String> of(Database db, List<String> tables) throws SQLException {
        Map<String, String> all = new LinkedHashMap<>();
        try (Connection c = db.connectForProject()) {
            SessionFormat.set(c, ZoneOffset.UTC);
            TableCatalog catalog = TableCatalog.of(c);
            for (String table : tables)
                all.put(
                        table,
                        Database.one(
                                c,
                                """
                        SELECT count(*) || '-' || coalesce(to_hex((
                          sum(('x' || left(md5(t::text),
                              16))::bit(64)::bigint::numeric + 9223372036854775808) %% 9223372036854775808)::bigint),
                              '0')
                        FROM %s t"""
                                        .formatted(catalog.find(table)
                                                .orElseThrow()
                                                .sql()),
                                String.class));
        }
        return all;
    }

    private TableChecksum() {}
}
