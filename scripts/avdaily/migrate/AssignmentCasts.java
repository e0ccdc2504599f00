package avdaily.migrate;

import avdaily.db.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Values go to another type by assignment if PostgreSQL can do that, which refuses what does not fit. The cast that
 * pgCodeKeeper writes would cut it off: a text of ten characters becomes a varchar(3) of three.
 */
final class AssignmentCasts {
    private static final Pattern CAST =
            Pattern.compile("(?s)(ALTER COLUMN (" + StatementText.NAME + ") TYPE (.+?)) USING \\2::\\3(?=,\\s|;$)");
    private static final String IS_ASSIGNED =
            """
            SELECT count(*) > 0 FROM pg_attribute a
            WHERE a.attrelid = to_regclass(?) AND quote_ident(a.attname) = ? AND NOT a.attisdropped
              AND (a.atttypid = to_regtype(?) OR EXISTS (
                SELECT FROM pg_cast k
                WHERE k.castsource = a.atttypid AND k.casttarget = to_regtype(?) AND k.castcontext <> 'e'))""";

    /**
     * The statements without the casts that are not needed.
     *
     * @param c a database in which the columns have their old types
     */
    static List<String> without(List<String> statements, Connection c) throws SQLException {
        List<String> result = new ArrayList<>();
        for (String text : statements) {
            Optional<String> table = StatementText.table(text);
            result.add(table.isPresent() ? without(text, table.get(), c) : text);
        }
        return result;
    }

    private static String without(String text, String table, Connection c) throws SQLException {
        Matcher cast = CAST.matcher(text);
        StringBuilder result = new StringBuilder();
        while (cast.find()) {
            String type = cast.group(3);
            boolean isNeedless = Database.one(c, IS_ASSIGNED, Boolean.class, table, cast.group(2), type, type);
            cast.appendReplacement(result, Matcher.quoteReplacement(isNeedless ? cast.group(1) : cast.group()));
        }
        return cast.appendTail(result).toString();
    }

    private AssignmentCasts() {}
}
