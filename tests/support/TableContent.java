import static org.junit.jupiter.api.Assertions.fail;

import avdaily.db.Database;
import avdaily.db.DatabaseUrl;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What the tables of the schema public hold: a line of text for each, equal if the rows are equal. Rows have no order.
 *
 * @param tables the line of each table by the table's name, quoted if it needs to be
 */
record TableContent(SortedMap<String, String> tables) {
    /** The number of rows and their checksum, whichever transaction wrote them. */
    static TableContent of(DatabaseUrl db) {
        return read(db, numberAndSum("t::text"));
    }

    /** Two are equal only if nothing was written in between, not even the same rows again. */
    static TableContent withTransactions(DatabaseUrl db) {
        return read(db, numberAndSum("xmin::text || t::text"));
    }

    /** The rows of one table as text, whichever transaction wrote them; "null" if there are none. */
    static String rows(DatabaseUrl db, String table) {
        return DatabaseAccess.value(db, "SELECT string_agg(t::text, '|' ORDER BY t::text) FROM " + table + " t");
    }

    private static String numberAndSum(String row) {
        return "count(*) || ' ' || md5(coalesce(string_agg(" + row + ", '|' ORDER BY t::text), ''))";
    }

    private static TableContent read(DatabaseUrl db, String aggregate) {
        SortedMap<String, String> tables = new TreeMap<>();
        try (Connection c = TestServer.connect(db)) {
            for (String table : Database.list(
                    c,
                    "SELECT oid::regclass::text FROM pg_class"
                            + " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace",
                    row -> row.getString(1)))
                tables.put(table, Database.one(c, "SELECT " + aggregate + " FROM " + table + " t", String.class));
            return new TableContent(tables);
        } catch (SQLException e) {
            return fail(e);
        }
    }

    /** The same without one table, such as the history, which tells when each migration ran. */
    TableContent without(String table) {
        SortedMap<String, String> others = new TreeMap<>(tables);
        others.remove(table);
        return new TableContent(others);
    }

    @Override
    public String toString() {
        return tables.entrySet().stream()
                .map(table -> table.getKey() + " " + table.getValue() + "\n")
                .collect(Collectors.joining());
    }
}
