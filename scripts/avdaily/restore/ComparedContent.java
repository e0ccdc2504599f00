package avdaily.restore;

import avdaily.backup.BackupOptions;
import avdaily.backup.TableSums;
import avdaily.db.Database;
import avdaily.restore.ContentComparison.Content;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/** One side of a comparison: a database or a dump. */
public interface ComparedContent {
    /** Whether the columns of its tables are compared in the order in which they stand there. */
    boolean hasOrder();

    /** The columns of its tables in their order, as far as that is known. */
    Map<String, List<String>> columns() throws Exception;

    /**
     * What each table holds.
     *
     * @param columns the order in which columns are compared, if that can be chosen
     */
    SortedMap<String, Content> tables(Map<String, List<String>> columns) throws Exception;

    static ComparedContent of(Database db) {
        return new ComparedContent() {
            @Override
            public boolean hasOrder() {
                return false;
            }

            @Override
            public Map<String, List<String>> columns() throws Exception {
                return TableSums.columns(db);
            }

            @Override
            public SortedMap<String, Content> tables(Map<String, List<String>> columns) throws Exception {
                return ContentComparison.of(TableSums.of(db, BackupOptions.defaultJobs(), columns));
            }
        };
    }

    /** @param dump one that was checked */
    static ComparedContent of(DumpReader dump) {
        return new ComparedContent() {
            @Override
            public boolean hasOrder() {
                return true;
            }

            @Override
            public Map<String, List<String>> columns() throws Exception {
                return dump.columns(dump.contents().rows().keySet());
            }

            @Override
            public SortedMap<String, Content> tables(Map<String, List<String>> columns) throws Exception {
                return ContentComparison.of(dump);
            }
        };
    }
}
