package avdaily.migrate;

import avdaily.base.SqlResource;
import avdaily.db.Database;
import avdaily.schema.Schema;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Collations that are made anew while columns have them: PostgreSQL alters none. Each is renamed, made under its name,
 * its columns move over, and the renamed one is dropped. Views, indexes and checks that name it go first; the
 * comparison of the schemas makes them again.
 */
final class CollationSteps {
    private static final String USERS = SqlResource.of(CollationSteps.class, "collation-steps.sql");

    private static final String RENAMED =
            """
            SELECT format('ALTER COLLATION %s RENAME TO %I;', c.oid::regcollation, left(c.collname, 56) || '_before'),
              format('DROP COLLATION %s.%I;', c.collnamespace::regnamespace, left(c.collname, 56) || '_before')
            FROM pg_collation c WHERE c.oid = ?::regcollation""";

    private CollationSteps() {}

    /**
     * The statements, which are done then; none for a collation with which that is not possible. Columns that get
     * another one that is there get it now: the one that they have may go.
     *
     * @param collations those that change
     * @param wanted the schema that is to be, by name
     */
    static List<String> of(
            Connection from, Connection to, List<String> collations, Map<String, Schema.Item> wanted)
            throws SQLException {
        List<String> all = new ArrayList<>(OverlookedSteps.collations(from, to));
        for (String collation : collations) {
            List<String> steps = steps(from, collation, wanted.get("COLLATION " + collation));
            if (StatementOrder.areTaken(steps, from)) all.addAll(steps);
        }
        return all;
    }

    private static List<String> steps(Connection from, String collation, Schema.Item definition) throws SQLException {
        List<String> columns = new ArrayList<>();
        List<String> relations = new ArrayList<>();
        List<String> checks = new ArrayList<>();
        List<String> moves = new ArrayList<>();
        Database.list(
                from,
                USERS,
                row -> (switch (row.getString(1)) {
                            case "column" -> columns;
                            case "relation" -> relations;
                            case "check" -> checks;
                            default -> moves;
                        })
                        .add(row.getString(2)),
                collation);
        List<String> steps = new ArrayList<>(EnumUndo.drops(from, columns, relations));
        checks.removeAll(steps);
        steps.addAll(checks);
        Database.list(from, RENAMED, row -> steps.add(row.getString(1)) && moves.add(row.getString(2)), collation);
        steps.add(definition.ddl());
        steps.addAll(moves);
        return steps;
    }
}
