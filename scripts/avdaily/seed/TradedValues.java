package avdaily.seed;

import avdaily.db.Database;
import avdaily.sql.Sql;
import avdaily.sql.SqlState;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Values of a unique column that change their rows: the server looks at every row by itself, so the one that gives a
 * value up has to let go of it before another one takes it.
 */
final class TradedValues {
    private static final Set<String> TEXTS = Set.of("text", "character varying", "citext");
    private static final Set<String> NUMBERS = Set.of("smallint", "integer", "bigint", "numeric");

    private final Connection c;
    private final SeedPlan plan;
    private final Upsert upsert;

    TradedValues(Connection c, SeedPlan plan, Upsert upsert) {
        this.c = c;
        this.plan = plan;
        this.upsert = upsert;
    }

    /**
     * Has rows that are there let go of what they give up and others want. If a constraint does not let them, all is as
     * before, and the server says what is wrong.
     */
    void letGo(List<Upsert.Row> inserts, List<Upsert.Row> updates) throws SQLException {
        if (updates.isEmpty()) return;
        Set<String> key = new TreeSet<>(
                upsert.key().stream().map(TableCatalog.Column::name).toList());
        for (List<String> unique : plan.table().keyColumns()) {
            if (key.containsAll(unique)) continue;
            for (String name : unique) {
                TableCatalog.Column column = plan.table().columns().get(name);
                String other = other(column);
                if (key.contains(name) || other == null) continue;
                String[] wanted = Stream.concat(inserts.stream(), updates.stream())
                        .map(row -> row.values().get(column))
                        .filter(value -> value != null && value.isValueNode() && !value.isNull())
                        .map(value -> value.asText())
                        .toArray(String[]::new);
                if (wanted.length > 0) letGo(column, other, wanted, updates);
            }
        }
    }

    /** What stands in the column meanwhile; null if nothing of its type is sure to be free. */
    private static String other(TableCatalog.Column column) {
        if (column.generated() || column.isAlwaysIdentity()) return null;
        if (column.isNullable()) return "NULL";
        String type = column.base().replaceFirst("\\(.*\\)", "");
        if (TEXTS.contains(type)) return "md5(random()::text)";
        return NUMBERS.contains(type) ? "-(%d + i." + Sql.quoted(Upsert.NUMBER) + ")" : null;
    }

    private void letGo(TableCatalog.Column column, String other, String[] wanted, List<Upsert.Row> updates)
            throws SQLException {
        Savepoint before = c.setSavepoint();
        String name = Sql.quoted(column.name());
        try {
            int first = 1;
            for (List<Upsert.Row> alike : Upsert.batchesByColumns(updates)) {
                if (!upsert.changeable(List.copyOf(alike.get(0).values().keySet()))
                        .contains(column)) continue;
                List<TableCatalog.Column> columns =
                        Stream.concat(upsert.key().stream(), Stream.of(column)).toList();
                Database.update(
                        c,
                        "UPDATE " + plan.table().sql() + " t SET " + name + " = " + other.formatted(first) + " FROM "
                                + Upsert.incoming(columns) + " WHERE " + upsert.keysMatch(alike) + " AND t." + name
                                + " IS DISTINCT FROM i." + name + " AND t." + name + "::text = ANY(?)",
                        upsert.document(alike, columns),
                        wanted);
                first += alike.size();
            }
            c.releaseSavepoint(before);
        } catch (SQLException e) {
            if (!SqlState.isDataException(e) && !SqlState.isConstraintViolation(e)) throw e;
            c.rollback(before);
        }
    }
}
