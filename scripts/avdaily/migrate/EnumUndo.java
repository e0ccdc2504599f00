package avdaily.migrate;

import avdaily.base.SqlResource;
import avdaily.db.Database;
import avdaily.schema.Schema;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * Takes values away from enums. PostgreSQL cannot do that, so:
 *
 * <ol>
 *   <li>What depends on the columns is dropped; the comparison of the schemas makes it again.
 *   <li>The defaults are dropped, the types are renamed, and the old types are made under the old names.
 *   <li>The columns move over, which fails if a row has a value that goes; then the defaults come back.
 *   <li>The renamed types are dropped.
 * </ol>
 */
final class EnumUndo {
    private static final String DROPS = SqlResource.of(EnumUndo.class, "enum-undo-drops.sql");
    private static final String MOVES = SqlResource.of(EnumUndo.class, "enum-undo-moves.sql");
    private static final String DEFAULTS = SqlResource.of(EnumUndo.class, "enum-undo-defaults.sql");

    /** A type's parts as SQL wants them. */
    private record Renamed(String schema, String name) {}

    /**
     * The statements that give the changed enums their old values.
     *
     * @param c a database that has the enums as they were changed; its search_path is empty afterwards
     * @param before the schema with the old values
     */
    static List<String> statements(Connection c, Drift changes, List<Schema.Item> before) throws SQLException {
        Map<String, Schema.Item> old = Drift.byName(before);
        List<String> types = changes.changes().stream()
                .filter(change ->
                        change.how() == Drift.How.CHANGED && change.kind().equals("TYPE"))
                .map(Drift.Change::identity)
                .filter(type -> old.get("TYPE " + type).ddl().contains(" AS ENUM ("))
                .toList();
        if (types.isEmpty()) return List.of();
        Database.run(c, "SET search_path = ''"); // so that everything comes with its whole name
        List<String> all = new ArrayList<>(read(c, DROPS, types));
        List<String> defaults = read(c, DEFAULTS, types);
        defaults.stream()
                .map(set -> set.replaceFirst("(?s) SET DEFAULT .*", " DROP DEFAULT;"))
                .filter(drop -> !all.contains(drop))
                .forEach(all::add);
        List<String> last = new ArrayList<>();
        for (String type : types) {
            Renamed renamed = renamed(c, type);
            all.add("ALTER TYPE " + type + " RENAME TO " + renamed.name + ";");
            all.add(definition(old.get("TYPE " + type)));
            last.add("DROP TYPE " + renamed.schema + "." + renamed.name + ";");
        }
        all.addAll(read(c, MOVES, types));
        all.addAll(defaults);
        all.addAll(last);
        return all;
    }

    private static Renamed renamed(Connection c, String type) throws SQLException {
        String query =
                """
                SELECT typnamespace::regnamespace::text, quote_ident(left(typname, 56) || '_before')
                FROM pg_type WHERE oid = ?::regtype""";
        return Database.list(c, query, row -> new Renamed(row.getString(1), row.getString(2)), type)
                .get(0);
    }

    /** The statement that makes the type, without its owner. */
    private static String definition(Schema.Item type) {
        return type.ddl()
                .lines()
                .filter(line -> !line.startsWith("ALTER TYPE "))
                .collect(Collectors.joining("\n"));
    }

    private static List<String> read(Connection c, String query, List<String> types) throws SQLException {
        return Database.list(c, query, row -> row.getString(1), (Object) types.toArray(String[]::new)).stream()
                .filter(Objects::nonNull)
                .distinct()
                .toList();
    }

    private EnumUndo() {}
}
