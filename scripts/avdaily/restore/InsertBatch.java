package avdaily.restore;

import avdaily.sql.SqlFile;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** The INSERTs of a dump, which are sent many at a time. */
final class InsertBatch {
    private static final int MOST = 500;
    private static final int MOST_LETTERS = 1 << 20;

    private final Connection c;
    private final List<SqlFile.Statement> waiting = new ArrayList<>();
    private int letters;

    InsertBatch(Connection c) {
        this.c = c;
    }

    void add(SqlFile.Statement insert) {
        waiting.add(insert);
        letters += insert.text().length();
    }

    boolean isFull() {
        return waiting.size() >= MOST || letters >= MOST_LETTERS;
    }

    /**
     * Sends what was added, and returns how many statements that was.
     *
     * @throws avdaily.base.Failure that names the one which the server did not accept
     */
    int send() throws SQLException {
        if (waiting.isEmpty()) return 0;
        try (Statement s = c.createStatement()) {
            s.setEscapeProcessing(false);
            for (SqlFile.Statement insert : waiting) s.addBatch(insert.text());
            s.executeBatch();
        } catch (BatchUpdateException e) {
            throw StatementFailure.of(failed(e), e.getNextException() == null ? e : e.getNextException());
        }
        int sent = waiting.size();
        waiting.clear();
        letters = 0;
        return sent;
    }

    /** The first one without a count. */
    private SqlFile.Statement failed(BatchUpdateException e) {
        int[] counts = e.getUpdateCounts();
        int failed = 0;
        while (failed < counts.length - 1 && counts[failed] != Statement.EXECUTE_FAILED) failed++;
        return waiting.get(Math.min(failed, waiting.size() - 1));
    }
}
