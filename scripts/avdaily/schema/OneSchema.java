package avdaily.schema;

import avdaily.db.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The schema that a session works on as if there were no other.
 *
 * @param name without quotes
 * @param asNamed as the server writes it
 */
record OneSchema(String name, String asNamed) {
    static Optional<OneSchema> of(Connection c) throws SQLException {
        return Database.list(
                        c,
                        "SELECT s, quote_ident(s) FROM nullif(current_setting('avdaily.schema', true), '') s "
                                + "WHERE s IS NOT NULL",
                        row -> new OneSchema(row.getString(1), row.getString(2)))
                .stream()
                .findFirst();
    }

    /** Whether an object of this kind and name stands in it. */
    boolean has(String object) {
        return object.contains(asNamed + ".");
    }

    /** Definitions as they are in every schema that holds the same. */
    String anonymous(String text) {
        String quoted = Pattern.quote(asNamed);
        return text.replaceAll("(?<![\\w\"$.])" + quoted + "(?=\\.)|(?<=SCHEMA )" + quoted + "(?![\\w\"$])", "*");
    }
}
