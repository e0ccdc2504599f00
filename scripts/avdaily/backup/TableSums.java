package avdaily.backup;

import avdaily.base.WorkQueue;
import avdaily.db.Database;
import avdaily.schema.Schema;
import avdaily.sql.DottedName;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** The sum of the rows of each table of a database, all from one snapshot: what a backup of it would have. */
public final class TableSums {
    /**
     * The tables with their schemas, without quotes. The one that finds the partition stands for hashes of enums.
     *
     * @param columns the order of a table's columns, on which the sum of a row depends; its own, if it has others
     */
    public static SortedMap<String, RowSum> of(Database db, int jobs, Map<String, List<String>> columns)
            throws Exception {
        try (SchemaReading reading = SchemaReading.of(db, Schema.Options.DEFAULT)) {
            BackupTables tables = BackupTables.of(db, reading.schema(), List.of());
            SortedMap<String, RowSum> sums = new TreeMap<>();
            tables.targets().keySet().forEach(table -> sums.put(table.toString(), new RowSum()));
            WorkQueue<BackupTables.Range> work = new WorkQueue<>(
                    tables.ranges(jobs).stream().flatMap(List::stream).toList());
            TableRows.Form form = TableRows.Form.of(reading.snapshot().leader());
            work.run(jobs, () -> {
                try (Connection c = reading.snapshot().join()) {
                    for (BackupTables.Range range; (range = work.next()) != null; ) {
                        String target = BackupTables.target(range.table()).toString();
                        sums.get(target).add(sum(c, inOrder(range, columns.get(target)), form));
                        reading.snapshot().rejoin(c);
                    }
                }
            });
            return sums;
        }
    }

    private static BackupTables.Range inOrder(BackupTables.Range range, List<String> columns) {
        List<String> own = range.table().columns();
        return columns != null && columns.size() == own.size() && columns.containsAll(own)
                ? new BackupTables.Range(range.table().withColumns(columns), range.condition(), range.bytes())
                : range;
    }

    /** The columns of each table, in their order. */
    public static Map<String, List<String>> columns(Database db) throws SQLException {
        Map<String, List<String>> columns = new TreeMap<>();
        for (Schema.Data table : Schema.of(db, Schema.Options.DEFAULT).data())
            columns.putIfAbsent(BackupTables.target(table).toString(), table.columns());
        return columns;
    }

    private static RowSum sum(Connection c, BackupTables.Range range, TableRows.Form form)
            throws SQLException, IOException {
        RowSum sum = new RowSum();
        try (TableRows rows = form.read(c, range, Masking.ROWS_AS_THEY_ARE)) {
            while (rows.next()) rows.write(sum); // the text that waits is nothing to it
        }
        return sum;
    }

    /** Tables with amounts of money, whose text is another one if the server's locale is. */
    public static Set<String> withMoney(Database db) throws SQLException {
        return Set.copyOf(Database.list(
                db.connection(),
                """
                SELECT DISTINCT format('%I.%I', n.nspname, c.relname)
                FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE a.atttypid IN ('money'::regtype, 'money[]'::regtype) AND c.relkind IN ('r', 'p')""",
                row -> DottedName.of(row.getString(1)).toString()));
    }

    private TableSums() {}
}
