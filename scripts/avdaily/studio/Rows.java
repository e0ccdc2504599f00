package avdaily.studio;

import avdaily.base.Failure;
import avdaily.base.Json;
import avdaily.db.Database;
import avdaily.sql.Sql;
import com.fasterxml.jackson.databind.JsonNode;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Some rows of a table in an order, from where the page before ended: by the key of its last row, so that the last page
 * of ten million rows comes as fast as the first. The rows without a value to be ordered by come last, by themselves.
 *
 * @param order what they are ordered by, the last of it telling them apart; empty if nothing does
 * @param after the {@code order} values of the row before, or empty
 */
record Rows(
        Relation relation,
        List<Column> columns,
        List<Filter> filters,
        List<Column> order,
        boolean isDescending,
        int longest,
        Optional<Mark> after) {
    /** The place of a row of a table without a key. */
    private static final Column PLACE =
            new Column("ctid", "pg_catalog.tid", false, null, null, true, false, true, true, "U", "tid", true);

    /** @param isNull whether the row is among those without a value to be ordered by */
    record Mark(boolean isNull, List<String> values) {
        static Optional<Mark> of(String text) {
            try {
                JsonNode node = Json.tree(text);
                List<String> values = new ArrayList<>();
                node.get("v").forEach(value -> values.add(value.asText()));
                return Optional.of(new Mark(node.get("n").asBoolean(), values));
            } catch (RuntimeException e) {
                throw Failure.usage("the address does not say where the page begins", "follow a link of a page.");
            }
        }

        String text() {
            return Json.text(Json.object("n", isNull, "v", values));
        }
    }

    /** @param next where the next page begins; nothing if this is the last one */
    record Found(List<List<String>> rows, Optional<Mark> next) {}

    /**
     * What the rows of a table are ordered by: the column that is asked for if an index has its order, then the key.
     */
    static List<Column> order(Relation relation, List<Column> columns, Column first, boolean mayShowKey) {
        List<Column> key = columns.stream().filter(Column::isKey).toList();
        boolean isKnown = !key.isEmpty() && key.stream().allMatch(Column::isOrderedAsKnown) && mayShowKey;
        List<Column> last = isKnown ? key : relation.kind() == Relation.Kind.PARTITIONED ? List.of() : List.of(PLACE);
        if (first == null || !first.leadsIndex() || !first.isOrderedAsKnown() || last.isEmpty()) return last;
        return Stream.concat(Stream.of(first), last.stream()).distinct().toList();
    }

    /** Reads so many rows, in one or two queries. */
    Found read(Connection c, int most) throws SQLException {
        boolean mayBeNull = !order.isEmpty() && order.get(0).isNullable();
        List<List<String>> rows = new ArrayList<>();
        boolean begunNull = after.isPresent() && after.get().isNull;
        if (!begunNull) rows.addAll(part(c, false, mayBeNull, after, most + 1));
        int valued = rows.size();
        if (mayBeNull && rows.size() <= most)
            rows.addAll(part(c, true, true, begunNull ? after : Optional.empty(), most + 1 - rows.size()));
        if (rows.size() <= most) return new Found(shown(rows), Optional.empty());
        List<String> last = rows.get(most - 1);
        Mark mark = new Mark(most > valued, last.subList(columns.size(), last.size()));
        return new Found(shown(rows.subList(0, most)), order.isEmpty() ? Optional.empty() : Optional.of(mark));
    }

    private List<List<String>> shown(List<List<String>> rows) {
        return rows.stream().map(row -> row.subList(0, columns.size())).toList();
    }

    /** The rows with a value to be ordered by, or those without. */
    private List<List<String>> part(Connection c, boolean isNull, boolean mayBeNull, Optional<Mark> from, int most)
            throws SQLException {
        List<Column> by = isNull ? order.subList(1, order.size()) : order;
        List<String> conditions = new ArrayList<>();
        List<Object> parameters = new ArrayList<>();
        for (Filter filter : filters) {
            conditions.add(filter.sql());
            parameters.addAll(filter.parameters());
        }
        if (mayBeNull) conditions.add(name(order.get(0)) + (isNull ? " IS NULL" : " IS NOT NULL"));
        if (from.isPresent()) {
            List<String> values = from.get().values.subList(order.size() - by.size(), order.size());
            conditions.add("(" + by.stream().map(Rows::name).collect(Collectors.joining(", ")) + ") "
                    + (isDescending ? "<" : ">") + " ("
                    + by.stream()
                            .map(column -> "CAST(? AS " + column.type() + ")")
                            .collect(Collectors.joining(", "))
                    + ")");
            parameters.addAll(values);
        }
        String sql = "SELECT " + list() + " FROM " + Sql.quoted(relation.schema()) + "." + Sql.quoted(relation.name())
                + " AS r"
                + (conditions.isEmpty() ? "" : " WHERE " + String.join(" AND ", conditions)) + ordering(by) + " LIMIT "
                + most;
        int width = columns.size() + order.size();
        return Database.list(
                c,
                sql,
                row -> {
                    List<String> values = new ArrayList<>();
                    for (int i = 1; i <= width; i++) values.add(row.getString(i));
                    return Collections.unmodifiableList(values);
                },
                parameters.toArray());
    }

    private String list() {
        return Stream.concat(
                        columns.stream().map(this::value),
                        order.stream().map(column -> "CAST(" + name(column) + " AS pg_catalog.text)"))
                .collect(Collectors.joining(", "));
    }

    /** As text, and no longer than a page can show. */
    private String value(Column column) {
        if (!column.isReadable()) return "NULL";
        if (column.isBytes())
            return "pg_catalog.octet_length(" + name(column) + ") OPERATOR(pg_catalog.||) ' bytes'::pg_catalog.text";
        return "pg_catalog.left(CAST(" + name(column) + " AS pg_catalog.text), " + (longest + 1) + ")";
    }

    private String ordering(List<Column> by) {
        if (by.isEmpty()) return "";
        String direction = isDescending ? " DESC" : "";
        return by.stream().map(column -> name(column) + direction).collect(Collectors.joining(", ", " ORDER BY ", ""));
    }

    /** With its table: alone it would mean the text of the same name in the list of what is selected. */
    private static String name(Column column) {
        return "r." + Sql.quoted(column.name());
    }
}
