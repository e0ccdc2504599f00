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
 * Takes values away from enums, gives them another order, and makes ranges, composite types and what those have anew.
 * PostgreSQL cannot do that, so:
 *
 * <ol>
 *   <li>What depends on the columns is dropped; the comparison of the schemas makes it again.
 *   <li>The types are renamed, and types with the wanted values are made under their names.
 *   <li>The columns move over, which fails if a row has a value that goes.
 *   <li>The renamed types are dropped.
 * </ol>
 */
final class EnumUndo {
    private static final String DROPS = SqlResource.of(EnumUndo.class, "enum-undo-drops.sql");
    private static final String GENERATED = SqlResource.of(EnumUndo.class, "enum-undo-generated.sql");
    private static final String RANGE = SqlResource.of(EnumUndo.class, "enum-undo-range.sql");
    private static final String MOVES = SqlResource.of(EnumUndo.class, "enum-undo-moves.sql");

    private static final Long[] NONE = {};

    /** A type's parts as SQL wants them. */
    private record Renamed(String schema, String name) {}

    /**
     * The statements that give enums other values. The defaults of their columns are gone already, and the search path
     * is empty.
     *
     * @param c a database that has the enums as they are
     * @param types the enums, and what else is made anew, behind what it is made of
     * @param definitions of the schema with the values that they are to have, by name
     */
    static List<String> statements(Connection c, List<String> types, Map<String, Schema.Item> definitions)
            throws SQLException {
        if (types.isEmpty()) return List.of();
        List<String> all = new ArrayList<>(dropsOfTypes(c, types));
        List<String> last = new ArrayList<>();
        for (String type : types) {
            Renamed renamed = renamed(c, type);
            String kind = definitions.containsKey("TYPE " + type) ? "TYPE " : "DOMAIN ";
            all.addAll(Database.list(c, RANGE, row -> row.getString(1), type));
            all.add("ALTER " + kind + type + " RENAME TO " + renamed.name + ";");
            all.add(definition(definitions.get(kind + type)));
            last.add(0, "DROP " + kind + renamed.schema + "." + renamed.name + ";");
        }
        all.addAll(read(c, MOVES, (Object) types.toArray(String[]::new)));
        all.addAll(last);
        return all;
    }

    /**
     * The statements that drop views with all that depends on them, and what depends on columns with their table; the
     * comparison of the schemas makes it again.
     */
    static List<String> drops(Connection c, List<String> columns, List<String> views) throws SQLException {
        return columns.isEmpty() && views.isEmpty() ? List.of() : drops(c, List.of(), columns, views, NONE, NONE);
    }

    /** The same of other objects: where they stand in the catalogs. */
    static List<String> drops(Connection c, List<String> columns, Long[] catalogs, Long[] numbers)
            throws SQLException {
        boolean isNothing = columns.isEmpty() && numbers.length == 0;
        return isNothing ? List.of() : drops(c, List.of(), columns, List.of(), catalogs, numbers);
    }

    /** The statements that drop the columns computed from one; the comparison of the schemas adds them again. */
    static List<String> computedFrom(Connection c, String column) throws SQLException {
        return Database.list(c, GENERATED, row -> row.getString(2), new String[0], new String[] {column});
    }

    /** The same of what keeps columns of some types from changing it. */
    static List<String> dropsOfTypes(Connection c, List<String> types) throws SQLException {
        return drops(c, types, List.of(), List.of(), NONE, NONE);
    }

    /** Columns that are made of such columns go, too: they lose nothing. */
    private static List<String> drops(
            Connection c,
            List<String> types,
            List<String> columns,
            List<String> views,
            Long[] catalogs,
            Long[] numbers)
            throws SQLException {
        List<String> gone = new ArrayList<>(columns);
        List<String> last = Database.list(
                c,
                GENERATED,
                row -> {
                    gone.add(row.getString(1));
                    return row.getString(2);
                },
                types.toArray(String[]::new),
                new String[0]);
        List<String> all = new ArrayList<>(read(
                c,
                DROPS,
                types.toArray(String[]::new),
                gone.toArray(String[]::new),
                views.toArray(String[]::new),
                catalogs,
                numbers));
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

    private static List<String> read(Connection c, String query, Object... names) throws SQLException {
        return Database.list(c, query, row -> row.getString(1), names).stream()
                .filter(Objects::nonNull)
                .distinct()
                .toList();
    }

    private EnumUndo() {}
}
