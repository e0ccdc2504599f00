package avdaily.studio;

import avdaily.base.SqlResource;
import avdaily.db.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * A foreign key.
 *
 * @param isIndexed whether the rows that refer to one can be found fast
 * @param isUnique whether at most one row refers to another
 * @param isOptional whether a row may refer to none
 */
record Reference(
        String name,
        Table from,
        Table to,
        List<String> columns,
        List<String> keys,
        String definition,
        boolean isValidated,
        boolean isIndexed,
        boolean isUnique,
        boolean isOptional) {
    /** A table by name. */
    record Table(String schema, String name) {
        String called() {
            return Relation.called(schema, name);
        }

        boolean is(Relation relation) {
            return schema.equals(relation.schema()) && name.equals(relation.name());
        }

        Link page() {
            return Link.toTable("table", schema, name);
        }
    }

    static List<Reference> all(Connection c) throws SQLException {
        return Database.list(
                c,
                SqlResource.of(Reference.class, "references.sql"),
                row -> new Reference(
                        row.getString(1),
                        new Table(row.getString(2), row.getString(3)),
                        new Table(row.getString(4), row.getString(5)),
                        List.of((String[]) row.getArray(6).getArray()),
                        List.of((String[]) row.getArray(7).getArray()),
                        row.getString(8),
                        row.getBoolean(9),
                        row.getBoolean(10),
                        row.getBoolean(11),
                        row.getBoolean(12)));
    }
}
