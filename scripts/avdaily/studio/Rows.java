package avdaily.studio;

import avdaily.base.Failure;
import avdaily.base.Json;
import avdaily.base.SqlResource;
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
 * @param order what they are ordered by, the last of it telling them apart
 * @param after the {@code order} values of the row before, or empty
 */
record Rows(Cells cells, List<Filter> filters, List<Column> order, boolean isDescending, Optional<Mark> after) {
    Rows {
        int places = order.size();
        if (after.filter(mark -> mark.values.size() != places).isPresent()) throw Mark.unknown();
    }

    /** How many rows are read for a page that shows few of them. */
    private static final int MOST_READ = 1000;

    private static final int FIRST_BLOCKS = 64;

    /** The place of a row of a table without a key. */
    private static final Column PLACE = system("ctid", "tid");

    /** Partitions, and tables that inherit, have places and keys of their own. */
    private static final Column TABLE = system("tableoid", "oid");

    private static Column system(String name, String type) {
        return new Column(
                name, "pg_catalog." + type, false, null, null, true, false, true, true, false, "U", type, true);
    }

    /** @param isNull whether the row is among those without a value to be ordered by */
    record Mark(boolean isNull, List<String> values) {
        static Optional<Mark> of(String sealed, Seal seal) {
            try {
                JsonNode node = Json.tree(seal.opened(sealed).orElseThrow(Mark::unknown));
                List<String> values = new ArrayList<>();
                node.get("v").forEach(value -> values.add(value.asText()));
                return Optional.of(new Mark(node.get("n").asBoolean(), values));
            } catch (RuntimeException e) {
                throw unknown();
            }
        }

        private static Failure unknown() {
            return Failure.usage("the address does not say where the page begins", "follow a link of a page.");
        }

        /** For an address: its values may be masked where they are shown. */
        String sealed(Seal seal) {
            return seal.sealed(Json.text(Json.object("n", isNull, "v", values)));
        }
    }

    /** @param mark where a page that comes after it begins */
    private record Row(List<String> values, Mark mark) {}

    /** @param next where the next page begins; nothing if this is the last one */
    record Found(List<List<String>> rows, Optional<Mark> next) {}

    /**
     * What the rows of a table are ordered by: the column that is asked for if an index has its order, then the key.
     */
    static List<Column> order(Relation relation, List<Column> columns, Column first, boolean mayShowKey) {
        List<Column> key = columns.stream().filter(Column::isKey).toList();
        boolean isKnown = !key.isEmpty() && key.stream().allMatch(Column::isOrderedAsKnown) && mayShowKey;
        boolean isOfMany = relation.isInherited() || relation.kind() == Relation.Kind.PARTITIONED;
        List<Column> last = isKnown ? key : isOfMany ? List.of(PLACE, TABLE) : List.of(PLACE);
        if (relation.isInherited() && isKnown)
            last = Stream.concat(key.stream(), Stream.of(TABLE, PLACE)).toList();
        if (first == null || !first.leadsIndex() || !first.isOrderedAsKnown()) return last;
        return Stream.concat(Stream.of(first), last.stream()).distinct().toList();
    }

    /**
     * Reads so many rows. One that a condition chose by a value that is masked is passed over: that it is there would
     * tell the value.
     *
     * @throws Failure (21) if so many are passed over that where the page ends would tell it
     */
    Found read(Connection c, int most) throws SQLException {
        List<Row> rows = new ArrayList<>();
        Optional<Mark> from = after;
        for (int read = 0; ; ) {
            List<Row> more = read(c, from, most + 1);
            more.stream().filter(row -> !isTold(row)).forEach(rows::add);
            read += more.size();
            if (rows.size() > most || more.size() <= most) break;
            if (read > MOST_READ)
                throw Failure.refused(
                        "many rows have such a value, and it is masked",
                        "show the columns first, with the button above the rows.");
            from = Optional.of(more.get(more.size() - 1).mark);
        }
        List<List<String>> shown =
                rows.stream().limit(most).map(row -> row.values).toList();
        boolean isLast = rows.size() <= most;
        return new Found(shown, isLast ? Optional.empty() : Optional.of(rows.get(most - 1).mark));
    }

    private boolean isTold(Row row) {
        return filters.stream()
                .filter(filter -> filter.operator().takesValue())
                .anyMatch(filter -> !cells.isOpen(
                        filter.column(), row.values.get(cells.columns().indexOf(filter.column()))));
    }

    private List<Row> read(Connection c, Optional<Mark> from, int most) throws SQLException {
        return order.get(0) == PLACE && !isDescending ? byPlace(c, from, most) : byValue(c, from, most);
    }

    /** Some blocks at a time: the server sorts whatever it reads, as it does not know that places are in order. */
    private List<Row> byPlace(Connection c, Optional<Mark> from, int most) throws SQLException {
        long end = Database.list(
                        c,
                        SqlResource.of(Rows.class, "blocks.sql"),
                        row -> row.getLong(1),
                        cells.relation().oid())
                .get(0);
        long begin = from.map(mark -> Long.parseLong(mark.values.get(0).replaceAll("\\((\\d+),.*", "$1")))
                .orElse(0L);
        List<Row> rows = new ArrayList<>();
        for (long blocks = FIRST_BLOCKS; begin < end && rows.size() < most; blocks *= 4) {
            List<String> window =
                    List.of(name(PLACE) + " >= '(" + begin + ",0)'", name(PLACE) + " < '(" + (begin + blocks) + ",0)'");
            rows.addAll(part(c, window, order, from, most - rows.size()));
            begin += blocks;
        }
        return rows;
    }

    /** In one or two queries. */
    private List<Row> byValue(Connection c, Optional<Mark> from, int most) throws SQLException {
        boolean mayBeNull = order.get(0).isNullable();
        boolean begunNull = from.isPresent() && from.get().isNull;
        List<Row> rows = new ArrayList<>();
        String first = name(order.get(0));
        if (!begunNull)
            rows.addAll(part(c, mayBeNull ? List.of(first + " IS NOT NULL") : List.of(), order, from, most));
        if (mayBeNull && rows.size() < most)
            rows.addAll(part(
                    c,
                    List.of(first + " IS NULL"),
                    order.subList(1, order.size()),
                    begunNull ? from : Optional.empty(),
                    most - rows.size()));
        return rows;
    }

    /** @param by what of the order tells these rows apart: without its first, they are those without a value for it */
    private List<Row> part(Connection c, List<String> which, List<Column> by, Optional<Mark> from, int most)
            throws SQLException {
        List<String> conditions = new ArrayList<>(which);
        List<Object> parameters = new ArrayList<>();
        for (Filter filter : filters) {
            conditions.add(filter.sql());
            parameters.addAll(filter.parameters());
        }
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
        boolean isNull = by.size() < order.size();
        Relation relation = cells.relation();
        String sql = "SELECT " + list() + " FROM " + Sql.quoted(relation.schema()) + "." + Sql.quoted(relation.name())
                + " AS r"
                + (conditions.isEmpty() ? "" : " WHERE " + String.join(" AND ", conditions)) + ordering(by) + " LIMIT "
                + most;
        int width = cells.columns().size();
        return Database.list(
                c,
                sql,
                row -> {
                    List<String> values = new ArrayList<>();
                    for (int i = 1; i <= width + order.size(); i++) values.add(row.getString(i));
                    return new Row(
                            Collections.unmodifiableList(values.subList(0, width)),
                            new Mark(isNull, values.subList(width, width + order.size())));
                },
                parameters.toArray());
    }

    private String list() {
        return Stream.concat(
                        cells.columns().stream().map(column -> value(column, cells.mostRead())),
                        order.stream().map(column -> "CAST(" + name(column) + " AS pg_catalog.text)"))
                .collect(Collectors.joining(", "));
    }

    /** As text, and no longer than a page can show. */
    static String value(Column column, int most) {
        if (!column.isReadable()) return "NULL";
        if (column.isBytes())
            return "pg_catalog.octet_length(" + name(column) + ") OPERATOR(pg_catalog.||) ' bytes'::pg_catalog.text";
        return "pg_catalog.left(CAST(" + name(column) + " AS pg_catalog.text), " + (most + 1) + ")";
    }

    private String ordering(List<Column> by) {
        String direction = isDescending ? " DESC" : "";
        return by.stream().map(column -> name(column) + direction).collect(Collectors.joining(", ", " ORDER BY ", ""));
    }

    /** With its table: alone it would mean the text of the same name in the list of what is selected. */
    private static String name(Column column) {
        return "r." + Sql.quoted(column.name());
    }
}
