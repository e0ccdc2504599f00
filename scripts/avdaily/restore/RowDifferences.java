package avdaily.restore;

import avdaily.base.SqlResource;
import avdaily.db.Database;
import avdaily.db.OpenCopy;
import avdaily.db.Snapshot;
import avdaily.sql.DottedName;
import avdaily.sql.Sql;
import java.nio.charset.StandardCharsets;
import java.sql.Array;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.postgresql.copy.CopyOut;

/**
 * Which rows of a table are not the same in two databases, told by its primary key.
 *
 * @param missing rows that only the first database has
 * @param extra rows that only the second one has
 * @param changed rows that both have, with other values
 * @param columns in which they have them
 */
public record RowDifferences(Keys missing, Keys extra, Keys changed, Set<String> columns) {
    private static final int SHOWN = 10;
    private static final String KEY = SqlResource.of(RowDifferences.class, "key-of-table.sql");

    /** Some rows: how many there are, and the keys of the first ones, as COPY writes them. */
    public static final class Keys {
        private final List<String> first = new ArrayList<>();
        private long count;

        private void add(String key) {
            count++;
            if (first.size() < SHOWN) first.add(key);
        }

        public long count() {
            return count;
        }

        public List<String> first() {
            return first;
        }
    }

    /**
     * A table.
     *
     * @param name in SQL
     * @param key the columns of its primary key
     * @param columns all that rows have
     */
    private record Table(String name, boolean isPartitioned, List<String> key, List<String> columns) {
        /** The key and all columns of each row, in the order of a hash of the key, which every server has. */
        String query() {
            return "COPY (SELECT encode(sha256(textsend(ROW(" + list(key) + ")::text)), 'hex') COLLATE \"C\", "
                    + list(key) + ", " + list(columns) + " FROM " + (isPartitioned ? "" : "ONLY ") + name
                    + " ORDER BY 1) TO STDOUT";
        }

        private static String list(List<String> columns) {
            return columns.stream().map(Sql::quoted).collect(Collectors.joining(", "));
        }

        boolean hasSameColumns(Table other) {
            return !key.isEmpty() && key.equals(other.key) && columns.equals(other.columns);
        }
    }

    /** The rows of one side, one after another. */
    private static final class Rows implements AutoCloseable {
        private final OpenCopy<CopyOut> copy;
        private final int keyLength;
        /** Null behind the last one. */
        private List<String> row;

        Rows(Connection c, Table table) throws SQLException {
            copy = OpenCopy.out(c, table.query());
            keyLength = table.key.size();
            next();
        }

        void next() throws SQLException {
            byte[] line = copy.rows().readFromCopy();
            row = line == null
                    ? null
                    : List.of(new String(line, 0, line.length - 1, StandardCharsets.UTF_8).split("\t", -1));
        }

        @Override
        public void close() throws SQLException {
            copy.close();
        }

        String key() {
            return String.join(", ", row.subList(1, 1 + keyLength));
        }

        List<String> values() {
            return row.subList(1 + keyLength, row.size());
        }

        /** Below 0 if this row comes before the other side's. */
        int compareTo(Rows other) {
            if (row == null || other.row == null) return row == null ? 1 : -1;
            return row.get(0).compareTo(other.row.get(0));
        }
    }

    /** @return nothing if the table has not the same primary key and the same columns in both */
    public static Optional<RowDifferences> of(Database first, Database second, String table) throws SQLException {
        try (Snapshot one = Snapshot.take(first, leader -> prepare(leader, table));
                Snapshot other = Snapshot.take(second, leader -> prepare(leader, table))) {
            List<Table> firsts = tables(one.leader(), table);
            List<Table> seconds = tables(other.leader(), table);
            if (firsts.size() != 1 || seconds.size() != 1 || !firsts.get(0).hasSameColumns(seconds.get(0)))
                return Optional.empty();
            RowDifferences differences = new RowDifferences(new Keys(), new Keys(), new Keys(), new TreeSet<>());
            try (Rows left = new Rows(one.leader(), firsts.get(0));
                    Rows right = new Rows(other.leader(), seconds.get(0))) {
                differences.compare(left, right, firsts.get(0).columns);
            }
            return Optional.of(differences);
        }
    }

    private void compare(Rows one, Rows other, List<String> names) throws SQLException {
        while (one.row != null || other.row != null) {
            int order = one.compareTo(other);
            if (order < 0) missing.add(one.key());
            if (order > 0) extra.add(other.key());
            if (order == 0) compare(one.key(), one.values(), other.values(), names);
            if (order <= 0) one.next();
            if (order >= 0) other.next();
        }
    }

    private void compare(String key, List<String> ones, List<String> others, List<String> names) {
        if (ones.equals(others)) return;
        changed.add(key);
        for (int i = 0; i < names.size(); i++) if (!ones.get(i).equals(others.get(i))) columns.add(names.get(i));
    }

    /** So that nobody puts a view in the table's place. */
    private static void prepare(Connection c, String table) throws SQLException {
        for (Table found : tables(c, table)) Database.run(c, "LOCK TABLE ONLY " + found.name + " IN ACCESS SHARE MODE");
        Database.run(c, "SET LOCAL timezone = 'UTC'"); // so that the same moment has the same text
    }

    private static List<Table> tables(Connection c, String table) throws SQLException {
        return Database.list(
                c,
                KEY,
                row -> new Table(row.getString(1), row.getBoolean(2), texts(row.getArray(3)), texts(row.getArray(4))),
                DottedName.of(table).schema(),
                DottedName.of(table).name());
    }

    private static List<String> texts(Array array) throws SQLException {
        return List.of((String[]) array.getArray());
    }
}
