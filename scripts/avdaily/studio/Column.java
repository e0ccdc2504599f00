package avdaily.studio;

import avdaily.base.SqlResource;
import avdaily.db.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A column of a relation.
 *
 * @param filledBy what it gets if nobody gives it a value, or null
 * @param leadsIndex whether rows can be had in its order without sorting them
 * @param isOrderedAsKnown whether PostgreSQL's own operators tell which of two values comes first, as its indexes do
 * @param isWritable whether our role may give it another value
 * @param base its type, or what is beneath its domain
 * @param category PostgreSQL's letter for the kind of its type: N for numbers, S for texts
 */
record Column(
        String name,
        String type,
        boolean isNullable,
        String filledBy,
        String comment,
        boolean isKey,
        boolean isReference,
        boolean leadsIndex,
        boolean isReadable,
        boolean isWritable,
        String category,
        String base,
        boolean isOrderedAsKnown) {
    static List<Column> of(Connection c, long relation) throws SQLException {
        return of(c, List.of(relation)).getOrDefault(relation, List.of());
    }

    static Map<Long, List<Column>> of(Connection c, Collection<Long> relations) throws SQLException {
        Map<Long, List<Column>> columns = new HashMap<>();
        Database.list(
                c,
                SqlResource.of(Column.class, "columns.sql"),
                row -> columns.computeIfAbsent(row.getLong("attrelid"), r -> new ArrayList<>())
                        .add(new Column(
                                row.getString("attname"),
                                row.getString("type"),
                                row.getBoolean("is_nullable"),
                                row.getString("filled_by"),
                                row.getString("comment"),
                                row.getBoolean("is_key"),
                                row.getBoolean("is_reference"),
                                row.getBoolean("leads_index"),
                                row.getBoolean("is_readable"),
                                row.getBoolean("is_writable"),
                                row.getString("typcategory"),
                                row.getString("base"),
                                row.getBoolean("is_ordered_as_known"))),
                (Object) relations.toArray(Long[]::new));
        return columns;
    }

    boolean isNumber() {
        return category.equals("N");
    }

    boolean isJson() {
        return type.equals("json") || type.equals("jsonb");
    }

    boolean isBytes() {
        return type.equals("bytea");
    }
}
