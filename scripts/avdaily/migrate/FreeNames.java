package avdaily.migrate;

import avdaily.db.Database;
import avdaily.sql.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Set;

/** Names for what is made, that nothing has yet. */
final class FreeNames {
    private final Connection c;
    private final Set<String> taken = new HashSet<>();

    /** @param query gives the names that are taken */
    FreeNames(Connection c, String query, Object... parameters) throws SQLException {
        this.c = c;
        taken.addAll(Database.list(c, query, row -> row.getString(1), parameters));
    }

    /** A name as SQL wants it: the beginning is cut if the whole would be too long. */
    String take(String beginning, String end) throws SQLException {
        String name = Sql.joined(beginning, end);
        for (int i = 2; !taken.add(name); i++) name = Sql.joined(beginning, end + i);
        return Database.one(c, "SELECT quote_ident(?)", String.class, name);
    }
}
