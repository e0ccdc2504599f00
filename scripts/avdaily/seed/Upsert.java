package avdaily.seed;

import avdaily.base.Failure;
import avdaily.db.Database;
import avdaily.db.Failures;
import avdaily.sql.Sql;
import avdaily.sql.SqlState;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.postgresql.util.PSQLException;

/**
 * Brings rows into one table by their natural key: new ones are inserted, different ones updated, equal ones left
 * alone.
 */
public final class Upsert {
    /** A row whose values are ready for the database; {@code id} is the one to give it if it is new, or null. */
    record Row(SeedRow source, String id, Map<TableCatalog.Column, JsonNode> values) {}

    private record Match(int number, String id) {}

    private static final int ROWS_A_STATEMENT = 1000;
    static final String NUMBER = "#";
    private static final Set<String> COMPARED_AS_TEXT =
            Set.of("json", "xml", "point", "line", "lseg", "box", "path", "polygon", "circle", "citext", "interval");

    private final Connection c;
    private final TableCatalog.Table table;
    private final List<TableCatalog.Column> key;
    private final Set<String> createOnly;
    private final TableKey matching;

    /** @param createOnly the columns that an existing row keeps */
    Upsert(Connection c, TableCatalog.Table table, List<TableCatalog.Column> key, Set<String> createOnly) {
        this.c = c;
        this.table = table;
        this.key = key;
        this.createOnly = createOnly;
        this.matching = table.key(key.stream().map(TableCatalog.Column::name).toList());
    }

    /** Into the table of a plan that has rows, by its natural key. */
    static Upsert of(Connection c, SeedPlan plan) {
        SeedRow any = Stream.concat(plan.rows().values().stream(), plan.absent().values().stream())
                .findFirst()
                .orElseThrow();
        return new Upsert(c, plan.table(), plan.keyColumns(any), plan.createOnly());
    }

    /**
     * The rows that the table has already: the place in {@code rows}, and the primary key where it is one column (else
     * null).
     */
    Map<Integer, String> existing(List<Row> rows) throws SQLException {
        Map<Integer, String> found = new LinkedHashMap<>();
        for (int from = 0; from < rows.size(); from += ROWS_A_STATEMENT) {
            List<Row> some = rows.subList(from, Math.min(from + ROWS_A_STATEMENT, rows.size()));
            String id =
                    table.id() == null ? "NULL" : "t." + Sql.quoted(table.id().name()) + "::text";
            List<Match> matches = isolatingBadRow(
                    some,
                    part -> Database.list(
                            c,
                            "SELECT i." + Sql.quoted(NUMBER) + ", " + id + " FROM " + incoming(key) + " JOIN "
                                    + table.sql() + " t ON " + keysMatch(part),
                            row -> new Match(row.getInt(1), row.getString(2)),
                            document(part, key)));
            for (Match match : matches) {
                if (found.containsKey(from + match.number))
                    throw several(some.get(match.number).source());
                found.put(from + match.number, match.id);
            }
        }
        return found;
    }

    Failure several(SeedRow row) {
        return row.mistake(
                null,
                "the table " + table.name() + " has several rows with this key (" + keyNames() + ")",
                "make the key unique in the table, or name one that is in seeds.yaml.");
    }

    List<TableCatalog.Column> key() {
        return key;
    }

    /**
     * Inserts the rows; those that bring numbers of their own come first, so that the sequences give other ones to the
     * rest.
     */
    int insert(List<Row> rows, Sequences sequences) throws SQLException {
        List<Row> numbered = rows.stream().filter(this::isNumbered).toList();
        int count = insert(numbered);
        if (!numbered.isEmpty()) sequences.moveOn(c, table);
        return count + insert(rows.stream().filter(row -> !isNumbered(row)).toList());
    }

    private boolean isNumbered(Row row) {
        return row.values().entrySet().stream()
                .anyMatch(value ->
                        value.getKey().sequence() != null && !value.getValue().isNull());
    }

    private int insert(List<Row> rows) throws SQLException {
        int count = 0;
        for (List<Row> alike : batchesByColumns(rows)) {
            List<TableCatalog.Column> columns =
                    new ArrayList<>(alike.get(0).values().keySet());
            boolean withId = alike.get(0).id() != null && !columns.contains(table.id());
            if (withId) columns.add(table.id());
            String names = names(columns, "");
            count += isolatingBadRow(
                    alike,
                    part -> Database.update(
                            c,
                            "INSERT INTO " + table.sql() + " (" + names + ")" + overriding(columns) + " SELECT "
                                    + names(columns, "i.") + " FROM " + incoming(columns)
                                    + " ORDER BY i." + Sql.quoted(NUMBER),
                            document(part, columns)));
        }
        return count;
    }

    /** What lets a column have a value of one's own that otherwise is the system's. */
    static String overriding(List<TableCatalog.Column> columns) {
        return columns.stream().anyMatch(TableCatalog.Column::isAlwaysIdentity) ? " OVERRIDING SYSTEM VALUE" : "";
    }

    int update(List<Row> rows) throws SQLException {
        int count = 0;
        for (List<Row> alike : batchesByColumns(rows)) {
            List<TableCatalog.Column> columns =
                    new ArrayList<>(alike.get(0).values().keySet());
            List<TableCatalog.Column> others = changeable(columns);
            if (others.isEmpty()) continue;
            count += isolatingBadRow(
                    alike,
                    part -> Database.update(
                            c,
                            "UPDATE " + table.sql() + " t SET "
                                    + others.stream()
                                            .map(o -> Sql.quoted(o.name()) + " = i." + Sql.quoted(o.name()))
                                            .collect(Collectors.joining(", "))
                                    + " FROM " + incoming(columns) + " WHERE " + keysMatch(part) + " AND ("
                                    + differ(others)
                                    + ")",
                            document(part, columns)));
        }
        return count;
    }

    /** What {@link #update} would change, by the row's place, and not more than {@code most} rows. */
    Map<Integer, Map<String, SeedChange.Values>> differences(List<Row> rows, int most) throws SQLException {
        Map<Integer, Map<String, SeedChange.Values>> found = new LinkedHashMap<>();
        int first = 0;
        for (List<Row> alike : batchesByColumns(rows)) {
            List<TableCatalog.Column> columns =
                    new ArrayList<>(alike.get(0).values().keySet());
            List<TableCatalog.Column> others = changeable(columns);
            int from = first;
            first += alike.size();
            if (others.isEmpty() || found.size() >= most) continue;
            String query = "SELECT i." + Sql.quoted(NUMBER) + ", " + fromTo(others) + " FROM " + incoming(columns)
                    + " JOIN " + table.sql()
                    + " t ON " + keysMatch(alike)
                    + " WHERE (" + differ(others) + ")" + " ORDER BY 1 LIMIT " + (most - found.size());
            isolatingBadRow(
                    alike,
                    part -> Database.list(
                            c,
                            query,
                            row -> part.size() == alike.size()
                                    ? found.put(from + row.getInt(1), values(row, others))
                                    : null,
                            document(part, columns)));
        }
        return found;
    }

    /** Of each column: the table's value, the incoming one, and whether they differ. */
    static String fromTo(List<TableCatalog.Column> columns) {
        return columns.stream()
                .map(o -> "t." + Sql.quoted(o.name()) + "::text, i." + Sql.quoted(o.name()) + "::text, "
                        + differ(List.of(o)))
                .collect(Collectors.joining(", "));
    }

    /** Reads what {@link #fromTo} selects, from the second column on. */
    static Map<String, SeedChange.Values> values(ResultSet row, List<TableCatalog.Column> columns) throws SQLException {
        Map<String, SeedChange.Values> values = new LinkedHashMap<>();
        for (int i = 0; i < columns.size(); i++)
            if (row.getBoolean(3 * i + 4))
                values.put(
                        columns.get(i).name(),
                        new SeedChange.Values(row.getString(3 * i + 2), row.getString(3 * i + 3)));
        return values;
    }

    List<TableCatalog.Column> changeable(List<TableCatalog.Column> columns) {
        return columns.stream()
                .filter(column ->
                        !key.contains(column) || !matching.expressions().isEmpty())
                .filter(column -> !createOnly.contains(column.name()) && !column.isAlwaysIdentity())
                .toList();
    }

    static String differ(List<TableCatalog.Column> columns) {
        return columns.stream()
                .map(o -> comparable(o, "t.") + " IS DISTINCT FROM " + comparable(o, "i."))
                .collect(Collectors.joining(" OR "));
    }

    /**
     * Deletes those of the rows that nothing refers to: what hangs on a row is not taken away with it.
     *
     * @param referrers a condition for each foreign key that leads to the table: true where a row {@code r} refers to
     *     {@code t}
     * @return the places of those that stay
     */
    Set<Integer> remove(List<Row> rows, List<String> referrers) throws SQLException {
        Map<Integer, String> there = existing(rows);
        Set<Integer> stay = new LinkedHashSet<>(there.keySet());
        String unless = referrers.stream()
                .map(referrer -> " AND NOT EXISTS (SELECT FROM " + referrer + ")")
                .collect(Collectors.joining());
        for (int place : there.keySet())
            if (Database.update(
                            c,
                            "DELETE FROM " + table.sql() + " t USING " + incoming(key) + " WHERE " + keysMatch(rows)
                                    + unless,
                            document(List.of(rows.get(place)), key))
                    > 0) stay.remove(place);
        return stay;
    }

    /**
     * Neighbours with the same columns, in portions: what a row leaves out is the database's default, or stays as it
     * is. The order of the file is kept, so that a row can refer to one above it (where ids are uuids, which are known
     * beforehand).
     */
    static List<List<Row>> batchesByColumns(List<Row> rows) {
        List<List<Row>> portions = new ArrayList<>();
        for (Row row : rows) {
            List<Row> last = portions.isEmpty() ? null : portions.get(portions.size() - 1);
            if (last == null
                    || last.size() == ROWS_A_STATEMENT
                    || !last.get(0).values().keySet().equals(row.values().keySet()))
                portions.add(last = new ArrayList<>());
            last.add(row);
        }
        return portions;
    }

    /** The document as rows; their columns have the table's own types, so the server checks every value. */
    static String incoming(Collection<TableCatalog.Column> columns) {
        String typed = Sql.quoted(NUMBER) + " int, "
                + columns.stream()
                        .map(column -> Sql.quoted(column.name()) + " " + (column.isJson() ? "text" : column.type()))
                        .collect(Collectors.joining(", "));
        if (columns.stream().noneMatch(TableCatalog.Column::isJson))
            return "jsonb_to_recordset(?::jsonb) AS i(" + typed + ")";
        // a document within the document would lose its null, and json its spaces
        String names = columns.stream()
                .map(column -> Sql.quoted(column.name())
                        + (column.isJson() ? "::" + column.type() + " AS " + Sql.quoted(column.name()) : ""))
                .collect(Collectors.joining(", "));
        return "(SELECT " + Sql.quoted(NUMBER) + ", " + names + " FROM jsonb_to_recordset(?::jsonb) AS d(" + typed
                + ")) AS i";
    }

    String document(List<Row> rows, Collection<TableCatalog.Column> columns) {
        ArrayNode all = JsonNodeFactory.instance.arrayNode();
        for (int i = 0; i < rows.size(); i++) {
            ObjectNode object = all.addObject().put(NUMBER, i);
            for (TableCatalog.Column column : columns) {
                JsonNode value = rows.get(i).values().get(column);
                if (value == null) object.put(column.name(), rows.get(i).id()); // only the id can be missing
                else object.set(column.name(), value);
            }
        }
        return all.toString();
    }

    String keysMatch(List<Row> rows) {
        return keysMatch(rows.stream().anyMatch(row -> key.stream()
                .anyMatch(column -> row.values().containsKey(column)
                        && row.values().get(column).isNull())));
    }

    /** @param withNulls whether the rows may have nothing in a part of their key, which is slower to compare */
    String keysMatch(boolean withNulls) {
        Set<String> nullable = withNulls
                ? key.stream()
                        .filter(TableCatalog.Column::isNullable)
                        .map(TableCatalog.Column::name)
                        .collect(Collectors.toSet())
                : Set.of();
        return matching.matches(table.sql(), nullable);
    }

    private String keyNames() {
        return key.stream().map(TableCatalog.Column::name).collect(Collectors.joining(", "));
    }

    private static String names(List<TableCatalog.Column> columns, String prefix) {
        return columns.stream()
                .map(column -> prefix + Sql.quoted(column.name()))
                .collect(Collectors.joining(", "));
    }

    /**
     * Some types do not know when values are the same, or have an equality that takes for equal what reads differently.
     */
    private static String comparable(TableCatalog.Column column, String prefix) {
        return prefix
                + Sql.quoted(column.name())
                + (!column.isComparable()
                                || COMPARED_AS_TEXT.contains(column.base().replace("[]", ""))
                        ? "::text"
                        : "");
    }

    private interface Statement<T> {
        T run(List<Row> rows) throws SQLException;
    }

    /**
     * Runs a statement for many rows; if the server refuses it, runs it row by row to find the one that is to blame.
     */
    private <T> T isolatingBadRow(List<Row> rows, Statement<T> statement) throws SQLException {
        Savepoint before = c.setSavepoint();
        try {
            T result = statement.run(rows);
            c.releaseSavepoint(before);
            return result;
        } catch (PSQLException e) {
            c.rollback(before);
            if (!RowFault.isToBlame(e)) throw e;
            for (Row row : rows) {
                Savepoint again = c.setSavepoint();
                try {
                    statement.run(List.of(row));
                } catch (PSQLException cause) {
                    c.rollback(again);
                    if (!RowFault.isOfValue(cause)) throw row.source().refused(refusal(cause), cause);
                    String column = column(row, cause);
                    throw row.source()
                            .mistake(
                                    column,
                                    refusal(cause),
                                    "correct the value" + (column == null ? "" : " of " + column) + " in this row.");
                }
            }
            throw e;
        }
    }

    private String refusal(PSQLException e) {
        return Failures.message(e) + " (table " + table.name() + ")";
    }

    private String column(Row row, PSQLException e) throws SQLException {
        if (e.getServerErrorMessage() != null && e.getServerErrorMessage().getColumn() != null)
            return e.getServerErrorMessage().getColumn();
        for (TableCatalog.Column column : row.values().keySet()) {
            Savepoint before = c.setSavepoint();
            try {
                Database.list(
                        c,
                        "SELECT * FROM " + incoming(List.of(column)),
                        r -> r.getString(1),
                        document(List.of(row), List.of(column)));
            } catch (PSQLException bad) {
                c.rollback(before);
                return column.name();
            }
        }
        return null;
    }
}
