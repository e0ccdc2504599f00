package avdaily.migrate;

import avdaily.base.SqlResource;
import avdaily.db.Database;
import avdaily.schema.Schema;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;

/** Makes what types that are made anew need and what is not there yet: functions, and types that they are made of. */
final class NeededSteps {
    private static final String NEEDED = SqlResource.of(NeededSteps.class, "needed-steps.sql");

    private NeededSteps() {}

    /**
     * The statements.
     *
     * @param to the database that has the types as they are to be
     * @param there what is there, by name
     * @param wanted its schema
     */
    static List<String> of(
            Connection to, List<String> types, Map<String, Schema.Item> there, List<Schema.Item> wanted)
            throws SQLException {
        if (types.isEmpty()) return List.of();
        List<String> names =
                Database.list(to, NEEDED, row -> row.getString(1), (Object) types.toArray(String[]::new));
        return wanted.stream()
                .filter(item -> {
                    String name = item.kind() + " " + item.identity();
                    return names.contains(name) && !there.containsKey(name);
                })
                .map(Schema.Item::ddl)
                .toList();
    }
}
