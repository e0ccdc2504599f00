package avdaily.backup;

import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.db.Database;
import avdaily.db.Failures;
import avdaily.db.SessionStart;
import avdaily.sql.DottedName;
import avdaily.sql.Sql;
import avdaily.sql.SqlState;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Some rows, and those that belong to them by foreign keys, so that all keys are valid without the others:
 *
 * <ol>
 *   <li>the rows that were asked for;
 *   <li>downwards, what refers to them, and to that, to the end;
 *   <li>upwards, what all of these refer to, to the end, as the groups of members;
 *   <li>what else refers to those, if it is few: a group then has all of its members, and a country not all of its
 *       people;
 *   <li>upwards again from there, with rows that are alone in referring to one, as a wallet with its user.
 * </ol>
 *
 * A row is known by its place, which does not change within a snapshot. Tables that no key ties to these stay whole.
 */
final class Subset {
    private static final int MOST_ROWS = 1_000_000;
    private static final int ROWS_A_QUERY = 10_000;
    private static final int OFFSET_BITS = 16;
    private static final Pattern START =
            Pattern.compile("(?is)\\s*(?<table>.+?)(?:\\s+where\\s+(?<condition>.+))?\\s*");

    /** How far a key is followed from known rows; %1$s is their table, %3$s their alias, %4$s %2$s the other rows. */
    private enum Way {
        ALL(
                """
                SELECT %2$s.tableoid, %2$s.ctid::text FROM ONLY %1$s %3$s JOIN %4$s %2$s ON %5$s
                WHERE %3$s.ctid = ANY (?::tid[])"""),
        /** Only if there are few. */
        FEW(
                """
                WITH few AS (SELECT %3$s.ctid FROM ONLY %1$s %3$s JOIN %4$s %2$s ON %5$s
                             WHERE %3$s.ctid = ANY (?::tid[]) GROUP BY %3$s.ctid HAVING count(*) <= 100)
                SELECT %2$s.tableoid, %2$s.ctid::text
                FROM few JOIN ONLY %1$s %3$s ON %3$s.ctid = few.ctid JOIN %4$s %2$s ON %5$s""");

        private final String query;

        Way(String query) {
            this.query = query;
        }
    }

    private final Connection c;
    private final SubsetGraph graph;
    private final Map<Long, Set<Long>> rows = new HashMap<>();
    private Set<DottedName> tied = Set.of();
    private final List<String> starts = new ArrayList<>();

    private Subset(Connection c, SubsetGraph graph) {
        this.c = c;
        this.graph = graph;
    }

    /** Nothing is asked for: all rows of all tables. */
    static Subset whole() {
        return new Subset(null, null);
    }

    /**
     * @param asked each a table, or a table and a condition
     * @param leader sees what the backup sees, without a search path
     * @throws Failure (2) if there is no such table or row, or the condition is none; (21) if it is more than a copy
     *     for developers needs, or a stranger's code lies where names are looked for
     */
    static Subset of(Database db, Connection leader, List<String> asked) throws SQLException {
        if (asked.isEmpty()) return whole();
        Subset subset = new Subset(leader, SubsetGraph.of(leader));
        Map<Long, Set<Long>> begin = new LinkedHashMap<>();
        SessionStart.onProjectPath(leader, db, () -> {
            for (String start : asked) subset.begin(start, begin);
        });
        subset.tied = subset.graph.tiedTo(begin.keySet());
        subset.close(begin);
        return subset;
    }

    /** The tables in which it begins, as schema.table. */
    List<String> starts() {
        return starts;
    }

    /** The places of a table's rows that belong to it; nothing if all do. */
    Optional<List<String>> places(DottedName table) {
        if (!tied.contains(table)) return Optional.empty();
        return Optional.of(rows.entrySet().stream()
                .filter(some -> graph.table(some.getKey()).name().equals(table))
                .flatMap(some -> some.getValue().stream())
                .sorted()
                .map(Subset::text)
                .toList());
    }

    private void begin(String start, Map<Long, Set<Long>> begin) throws SQLException {
        Matcher words = START.matcher(start);
        if (!words.matches())
            throw Failure.usage("--subset '" + start + "' names no table", "say it as in \"users where id = 7\".");
        String table = words.group("table");
        String condition = words.group("condition");
        try {
            List<String> names = named(table);
            if (names.isEmpty())
                throw Failure.usage(
                        "--subset '" + start + "': there is no table " + table,
                        "say it as in \"users where id = 7\", a name with capitals in double quotes.");
            Map<Long, Set<Long>> found = new HashMap<>();
            String where = condition == null ? "" : " WHERE (" + condition + "\n)";
            try (Statement statement = c.createStatement()) { // a question mark in it is an operator
                statement.setFetchSize(ROWS_A_QUERY);
                String sql = "SELECT tableoid, ctid::text FROM " + names.get(1) + where;
                take(statement.executeQuery(sql), found);
            }
            if (found.isEmpty())
                throw Failure.usage("--subset '" + start + "': there is no such row", "correct the condition.");
            found.forEach((oid, some) ->
                    begin.computeIfAbsent(oid, o -> new HashSet<>()).addAll(some));
            if (!starts.contains(names.get(0))) starts.add(names.get(0));
        } catch (SQLException e) {
            if (SqlState.isConnectionLost(e)) throw e;
            throw Failure.usage(
                    "--subset '" + start + "': " + Failures.message(e),
                    "say it as in \"users where id = 7\"; columns and values as in SQL.");
        }
    }

    /** A table as the search path shows it: with its schema, and as SQL names it; nothing if there is none. */
    private List<String> named(String table) throws SQLException {
        return Database.list(
                        c,
                        """
                        SELECT n.nspname || '.' || t.relname, format('%I.%I', n.nspname, t.relname)
                        FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace
                        WHERE t.oid = to_regclass(?) AND t.relkind IN ('r', 'p')""",
                        row -> List.of(row.getString(1), row.getString(2)),
                        table)
                .stream()
                .findFirst()
                .orElse(List.of());
    }

    private void close(Map<Long, Set<Long>> begin) throws SQLException {
        Map<Long, Set<Long>> below = spread(begin, graph::down, Way.ALL);
        Map<Long, Set<Long>> above = spread(below, graph::up, Way.ALL);
        Map<Long, Set<Long>> families = new HashMap<>();
        above.forEach((oid, some) -> families.put(oid, without(some, below.getOrDefault(oid, Set.of()))));
        Map<Long, Set<Long>> members = new HashMap<>(above);
        step(families, graph::down, Way.FEW).forEach((oid, some) -> members.merge(oid, some, Subset::union));
        rows.putAll(spread(
                members,
                table -> Stream.concat(graph.up(table).stream(), graph.single(table).stream())
                        .toList(),
                Way.ALL));
    }

    private static Set<Long> without(Set<Long> some, Set<Long> others) {
        return some.stream().filter(place -> !others.contains(place)).collect(Collectors.toSet());
    }

    private static Set<Long> union(Set<Long> some, Set<Long> others) {
        Set<Long> all = new HashSet<>(some);
        all.addAll(others);
        return all;
    }

    /** These rows, and all to which steps lead from them. */
    private Map<Long, Set<Long>> spread(
            Map<Long, Set<Long>> begin, Function<SubsetGraph.Table, List<SubsetGraph.Step>> steps, Way way)
            throws SQLException {
        Map<Long, Set<Long>> all = new HashMap<>();
        for (Map<Long, Set<Long>> next = begin; !next.isEmpty(); ) next = step(fresh(next, all), steps, way);
        return all;
    }

    /** The rows to which one step leads. */
    private Map<Long, Set<Long>> step(
            Map<Long, Set<Long>> from, Function<SubsetGraph.Table, List<SubsetGraph.Step>> steps, Way way)
            throws SQLException {
        Map<Long, Set<Long>> found = new HashMap<>();
        for (Map.Entry<Long, Set<Long>> some : from.entrySet()) {
            SubsetGraph.Table table = graph.table(some.getKey());
            for (SubsetGraph.Step step : steps.apply(table)) follow(table, some.getValue(), step, way, found);
        }
        return found;
    }

    /** Those of the rows that were not known yet; now they are. */
    private static Map<Long, Set<Long>> fresh(Map<Long, Set<Long>> found, Map<Long, Set<Long>> all) {
        Map<Long, Set<Long>> fresh = new HashMap<>();
        found.forEach((oid, some) -> {
            Set<Long> known = all.computeIfAbsent(oid, o -> new HashSet<>());
            Set<Long> unknown = some.stream().filter(known::add).collect(Collectors.toSet());
            if (!unknown.isEmpty()) fresh.put(oid, unknown);
        });
        long rows = all.values().stream().mapToLong(Set::size).sum();
        if (rows > MOST_ROWS)
            throw Failure.refused(
                    "the subset has more than " + Format.count(MOST_ROWS, "row") + ", with all that belong to it",
                    "narrow the condition; a copy of all rows needs no --subset.");
        return fresh;
    }

    private void follow(
            SubsetGraph.Table table, Set<Long> some, SubsetGraph.Step step, Way way, Map<Long, Set<Long>> found)
            throws SQLException {
        String sql = way.query.formatted(sql(table), step.other(), step.known(), step.otherName(), step.condition());
        List<Long> places = new ArrayList<>(some);
        for (int i = 0; i < places.size(); i += ROWS_A_QUERY)
            query(sql, texts(places.subList(i, Math.min(places.size(), i + ROWS_A_QUERY))), found);
    }

    private static String sql(SubsetGraph.Table table) {
        return Sql.quoted(table.name().schema()) + "." + Sql.quoted(table.name().name());
    }

    /** Adds the places that a query finds to those of their tables. */
    private void query(String sql, String places, Map<Long, Set<Long>> found) throws SQLException {
        try (PreparedStatement statement = c.prepareStatement(sql)) {
            statement.setFetchSize(ROWS_A_QUERY);
            statement.setString(1, places);
            take(statement.executeQuery(), found);
        }
    }

    private static void take(ResultSet row, Map<Long, Set<Long>> found) throws SQLException {
        for (long most = MOST_ROWS; most >= 0 && row.next(); )
            if (found.computeIfAbsent(row.getLong(1), oid -> new HashSet<>()).add(place(row.getString(2)))) most--;
    }

    private static String texts(List<Long> places) {
        return places.stream().map(Subset::text).collect(Collectors.joining("\",\"", "{\"", "\"}"));
    }

    private static long place(String text) {
        int comma = text.indexOf(',');
        long block = Long.parseLong(text.substring(1, comma));
        return block << OFFSET_BITS | Long.parseLong(text.substring(comma + 1, text.length() - 1));
    }

    private static String text(long place) {
        return "(" + (place >> OFFSET_BITS) + "," + (place & (1 << OFFSET_BITS) - 1) + ")";
    }
}
