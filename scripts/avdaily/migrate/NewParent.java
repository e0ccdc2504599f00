package avdaily.migrate;

import avdaily.base.SqlResource;
import avdaily.db.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * A table gets a parent, and has columns from it alone that were its own, with their values. PostgreSQL calls such a
 * column the child's own for ever, unless the child gets it from a parent that it has already. So an empty table stands
 * in for the parent:
 *
 * <ol>
 *   <li>What depends on the columns is dropped; the comparison of the schemas makes it again.
 *   <li>The columns are renamed, added to the stand-in, and filled.
 *   <li>The child gets its parent, and the stand-in goes.
 * </ol>
 */
final class NewParent {
    private static final String STEPS = SqlResource.of(NewParent.class, "new-parent.sql");
    private static final String OWN =
            """
            SELECT quote_ident(attname) FROM pg_attribute
            WHERE attrelid = ?::regclass AND attnum > 0 AND NOT attisdropped AND attinhcount = 0
            UNION ALL
            SELECT format('CONSTRAINT %I', conname)
            FROM pg_constraint WHERE conrelid = ?::regclass AND coninhcount = 0""";

    private NewParent() {}

    /** The statements; none if the table keeps its columns as its own. */
    static List<String> steps(InheritanceSteps.Link link, Connection from, Connection to) throws SQLException {
        String child = link.child();
        List<String> own = Database.list(from, OWN, row -> row.getString(1), child, child);
        List<String> columns = new ArrayList<>();
        List<String> steps = new ArrayList<>();
        Database.list(
                to,
                STEPS,
                row -> row.getInt(1) == 0
                        ? columns.add(child + "." + row.getString(2))
                        : steps.add(row.getString(2)),
                child,
                link.parent(),
                own.toArray(String[]::new));
        if (columns.isEmpty()) return List.of();
        steps.addAll(0, EnumUndo.drops(from, columns, List.of()));
        return steps;
    }
}
