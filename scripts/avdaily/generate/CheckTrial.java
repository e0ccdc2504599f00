package avdaily.generate;

import avdaily.base.SqlResource;
import avdaily.db.Database;
import avdaily.seed.TableCatalog;
import avdaily.sql.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Values that obey the checks which a proposal does not understand. The server tries candidates; checks that run
 * anybody else's code are not tried.
 */
final class CheckTrial {
    private record Check(long id, String definition, List<String> columns, boolean isServers) {}

    /** Columns that checks tie together, and all checks among them. */
    private record Group(Set<String> columns, List<Check> checks) {}

    /** A column has one of so many values. */
    private static final int MOST_VALUES = 20;

    private static final int MOST_COMBINATIONS = 20_000;

    /** On whose path there is nothing but the server's own. */
    private final Connection c;

    private final Map<String, List<Check>> checks = new HashMap<>();

    CheckTrial(Database db, TableCatalog catalog) throws SQLException {
        this.c = db.connection();
        Database.list(db.projectConnection(), SqlResource.of(CheckTrial.class, "recipe-checks.sql"), row -> {
            String place = row.getString("nspname") + "." + row.getString("relname");
            Check check = new Check(
                    row.getLong("oid"),
                    row.getString("definition"),
                    List.of((String[]) row.getArray("columns").getArray()),
                    row.getBoolean("is_servers"));
            catalog.find(place).ifPresent(table -> checks.computeIfAbsent(table.name(), t -> new ArrayList<>())
                    .add(check));
            return null;
        });
    }

    /**
     * Values for the columns of checks that are not understood; a column that has to be empty has none.
     *
     * @param columns those that may have any values
     * @param obstacles takes the checks for which there is no value
     */
    Map<String, List<String>> values(String table, Map<String, DraftColumn> columns, List<String> obstacles)
            throws SQLException {
        Map<String, List<String>> values = new LinkedHashMap<>();
        for (Group group : groups(checks.getOrDefault(table, List.of()), columns)) {
            if (!columns.keySet().containsAll(group.columns)
                    || !group.checks.stream().allMatch(Check::isServers)) continue;
            Optional<List<List<String>>> tried = tried(group, columns);
            if (tried.isEmpty()) continue;
            List<List<String>> found = tried.get();
            if (found.isEmpty()) group.checks.forEach(check -> obstacles.add(check.definition));
            int i = 0;
            for (String column : group.columns) {
                int place = i++;
                values.put(
                        column,
                        found.stream()
                                .map(row -> row.get(place))
                                .filter(value -> value != null)
                                .distinct()
                                .toList());
            }
        }
        return values;
    }

    private static List<Group> groups(List<Check> all, Map<String, DraftColumn> columns) {
        List<Set<String>> tied = new ArrayList<>();
        for (Check check : all) {
            DraftColumn only = check.columns.size() == 1 ? columns.get(check.columns.get(0)) : null;
            if (only != null && !only.open().contains(check.definition)) continue;
            Set<String> merged = new TreeSet<>(check.columns);
            for (Set<String> other : List.copyOf(tied))
                if (!Collections.disjoint(other, merged)) {
                    merged.addAll(other);
                    tied.remove(other);
                }
            tied.add(merged);
        }
        return tied.stream()
                .map(names -> new Group(
                        names,
                        all.stream()
                                .filter(check -> names.containsAll(check.columns))
                                .toList()))
                .toList();
    }

    /**
     * Combinations that all checks let through, many for one column, one for several; nothing if they cannot be tried.
     */
    private Optional<List<List<String>>> tried(Group group, Map<String, DraftColumn> columns) throws SQLException {
        int most = (int) Math.pow(MOST_COMBINATIONS, 1.0 / group.columns.size());
        try {
            List<String> sources = new ArrayList<>();
            for (String name : group.columns) sources.add(source(columns.get(name), most, sources.size()));
            String places = IntStream.range(0, sources.size())
                    .mapToObj(i -> "place" + i)
                    .collect(Collectors.joining(" + "));
            List<String> conditions = new ArrayList<>();
            for (Check check : group.checks)
                conditions.add("("
                        + Database.one(
                                c,
                                "SELECT pg_get_expr(conbin, conrelid) FROM pg_constraint WHERE oid = ?",
                                String.class,
                                check.id)
                        + ") IS NOT FALSE");
            String names = group.columns.stream().map(Sql::quoted).collect(Collectors.joining(", "));
            String texts = group.columns.stream()
                    .map(name -> Sql.quoted(name) + "::text")
                    .collect(Collectors.joining(", "));
            return Optional.of(Database.list(
                    c,
                    "SELECT ARRAY[" + texts + "] FROM " + String.join(" CROSS JOIN ", sources) + " WHERE "
                            + String.join(" AND ", conditions) + " ORDER BY num_nulls(" + names + "), " + places
                            + " LIMIT "
                            + (group.columns.size() == 1 ? MOST_VALUES : 1),
                    row -> Arrays.asList((String[]) row.getArray(1).getArray())));
        } catch (SQLException e) {
            return Optional.empty(); // a type that is not ours to name, or a check that fails for one of them
        }
    }

    /** A column's candidates as a table of one column, of its own type. */
    private static String source(DraftColumn column, int most, int number) {
        Set<String> texts = new LinkedHashSet<>(column.candidates());
        String list = texts.stream().limit(Math.max(2, most)).map(Sql::literal).collect(Collectors.joining(", "));
        String all = list + (column.isNotNull() ? "" : (list.isEmpty() ? "" : ", ") + "NULL");
        return "(SELECT x::" + column.type() + " AS " + Sql.quoted(column.name()) + ", place AS place" + number
                + " FROM unnest(ARRAY[" + all + "]::text[]) WITH ORDINALITY u(x, place)) AS c" + number;
    }
}
