package avdaily.migrate;

import avdaily.db.Database;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Set;

/** Names for what is made, that nothing has yet. */
final class FreeNames {
    private static final int LENGTH = 63;
    private final Connection c;
    private final Set<String> taken = new HashSet<>();

    /** @param query gives the names that are taken */
    FreeNames(Connection c, String query, Object... parameters) throws SQLException {
        this.c = c;
        taken.addAll(Database.list(c, query, row -> row.getString(1), parameters));
    }

    /** A name as SQL wants it: the beginning is cut if the whole would be too long. */
    String take(String beginning, String end) throws SQLException {
        String name = joined(beginning, end);
        for (int i = 2; !taken.add(name); i++) name = joined(beginning, end + i);
        return Database.one(c, "SELECT quote_ident(?)", String.class, name);
    }

    private static String joined(String beginning, String end) {
        StringBuilder cut = new StringBuilder(beginning);
        while ((cut + end).getBytes(StandardCharsets.UTF_8).length > LENGTH)
            cut.setLength(cut.offsetByCodePoints(cut.length(), -1));
        return cut + end;
    }
}
