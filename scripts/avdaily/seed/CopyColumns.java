package avdaily.seed;

import avdaily.base.SqlResource;
import avdaily.db.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** What a copy for developers has to know of columns: their types, and which of them hold the same values. */
final class CopyColumns {
    /** A column of a table. */
    record Name(String schema, String table, String column) implements Comparable<Name> {
        @Override
        public int compareTo(Name other) {
            return toString().compareTo(other.toString());
        }

        String qualifiedTable() {
            return schema + "." + table;
        }

        @Override
        public String toString() {
            return schema + "." + table + "." + column;
        }
    }

    /**
     * The type of a column.
     *
     * @param place the column, or that of the topmost table above a partition
     * @param kind as in pg_type.typtype, of what is beneath domains and arrays
     * @param name of that type
     * @param isBuiltIn whether every server has it
     * @param isBound whether the bounds of partitions tell of its values, or masked ones would find none
     * @param parents the tables that the column's table inherits from, with their schemas
     */
    record Type(
            Name place,
            String kind,
            String name,
            boolean isArray,
            boolean isBuiltIn,
            boolean isPartitionKey,
            boolean isBound,
            List<String> parents) {}

    private static final Set<String> NUMBERS = Set.of("int2", "int4", "int8", "numeric");

    private final Map<Name, Type> types = new HashMap<>();
    private final Map<Name, Set<Name>> targets = new TreeMap<>();
    private final Map<Name, Set<Name>> neighbours = new HashMap<>();

    static CopyColumns of(Connection c) throws SQLException {
        CopyColumns columns = new CopyColumns();
        Database.list(c, SqlResource.of(CopyColumns.class, "column-types.sql"), row -> {
            String column = row.getString("attname");
            return columns.types.put(
                    new Name(row.getString("nspname"), row.getString("relname"), column),
                    new Type(
                            new Name(row.getString("root_schema"), row.getString("root_name"), column),
                            row.getString("kind"),
                            row.getString("type_name"),
                            row.getBoolean("is_array"),
                            row.getBoolean("is_built_in"),
                            row.getBoolean("is_partition_key"),
                            row.getBoolean("is_bound"),
                            Arrays.asList((String[]) row.getArray("parents").getArray())));
        });
        Database.list(c, SqlResource.of(CopyColumns.class, "foreign-key-columns.sql"), row -> {
            Name from = new Name(row.getString(1), row.getString(2), row.getString(3));
            Name to = new Name(row.getString(4), row.getString(5), row.getString(6));
            columns.targets.computeIfAbsent(from, n -> new TreeSet<>()).add(to);
            columns.neighbours.computeIfAbsent(from, n -> new TreeSet<>()).add(to);
            return columns.neighbours.computeIfAbsent(to, n -> new TreeSet<>()).add(from);
        });
        return columns;
    }

    /** Null if it was not there when the columns were read. */
    Type type(Name column) {
        return types.get(column);
    }

    /**
     * The column by whose rule the values of this one become others: the same for all that foreign keys tie to each
     * other. It is a personal one, as people's names may be the key of a table; if there is none, or the key is a
     * number, it is one that refers to no other.
     */
    Name leader(Name column, Predicate<Name> isPersonal) {
        Set<Name> tied = new LinkedHashSet<>();
        addTied(column, tied);
        List<Name> last = tied.stream()
                .filter(one -> tied.size() == 1
                        || targets.getOrDefault(one, Set.of()).stream().allMatch(one::equals))
                .sorted()
                .toList();
        List<Name> candidates = last.isEmpty() ? tied.stream().sorted().toList() : last;
        Stream<Name> wider = NUMBERS.contains(types.get(column).name)
                ? Stream.empty()
                : tied.stream().sorted();
        return Stream.concat(candidates.stream(), wider)
                .filter(isPersonal)
                .findFirst()
                .orElse(candidates.get(0));
    }

    private void addTied(Name column, Set<Name> tied) {
        if (!tied.add(column)) return;
        for (Name other : neighbours.getOrDefault(column, Set.of())) addTied(other, tied);
    }
}
