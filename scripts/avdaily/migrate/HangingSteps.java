package avdaily.migrate;

import avdaily.base.SqlResource;
import avdaily.db.Database;
import avdaily.sql.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Drops what keeps functions and keys where they are, if they are made anew or go: policies, rules, checks and defaults
 * of domains, foreign keys, the index that is a replica identity. The comparison of the schemas makes it again.
 */
final class HangingSteps {
    private static final String HANGING = SqlResource.of(HangingSteps.class, "hanging-steps.sql");

    /** Functions by what CREATE OR REPLACE leaves as it is, and how many defaults it may not take away. */
    private static final String FUNCTIONS =
            """
            SELECT p.oid::regprocedure::text, concat_ws(' -> ', p.prokind,
              pg_get_function_identity_arguments(p.oid), pg_get_function_result(p.oid)), p.pronargdefaults
            FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE\s"""
                    + Sql.userSchemas("n");

    private static final String KEYS =
            """
            SELECT k.conrelid::regclass || ' ' || quote_ident(k.conname), pg_get_constraintdef(k.oid), 0
            FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace
            WHERE k.contype IN ('p', 'u') AND\s"""
                    + Sql.userSchemas("n");

    private static final String IDENTITIES =
            """
            SELECT c.oid::regclass::text, coalesce(quote_ident(r.relname), 'none'), 0
            FROM pg_class c
              LEFT JOIN (pg_index i JOIN pg_class r ON r.oid = i.indexrelid) ON i.indrelid = c.oid AND i.indisreplident
            WHERE c.relkind IN ('r', 'p')""";

    private record Definition(String text, int defaults) {}

    private HangingSteps() {}

    static List<String> of(Connection from, Connection to) throws SQLException {
        return Database.list(
                from,
                HANGING,
                row -> row.getString(1),
                changedFunctions(from, to),
                changed(KEYS, from, to),
                changed(IDENTITIES, from, to));
    }

    /** The functions that go, or that CREATE OR REPLACE does not change, with their arguments' types. */
    static String[] changedFunctions(Connection from, Connection to) throws SQLException {
        return changed(FUNCTIONS, from, to);
    }

    private static String[] changed(String query, Connection from, Connection to) throws SQLException {
        Map<String, Definition> after = definitions(to, query);
        return definitions(from, query).entrySet().stream()
                .filter(was -> {
                    Definition is = after.get(was.getKey());
                    return is == null
                            || !is.text.equals(was.getValue().text)
                            || is.defaults < was.getValue().defaults;
                })
                .map(Map.Entry::getKey)
                .toArray(String[]::new);
    }

    private static Map<String, Definition> definitions(Connection c, String query) throws SQLException {
        Map<String, Definition> definitions = new HashMap<>();
        Database.list(
                c,
                query,
                row -> definitions.put(row.getString(1), new Definition(row.getString(2), row.getInt(3))));
        return definitions;
    }
}
