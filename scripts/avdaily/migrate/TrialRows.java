package avdaily.migrate;

import avdaily.base.SqlResource;
import avdaily.db.Database;
import avdaily.db.Failures;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Puts a few rows into the tables of a scratch database, so that a trial shows what becomes of rows. */
final class TrialRows {
    private static final String STATEMENTS = SqlResource.of(TrialRows.class, "trial-rows.sql");
    private static final int ROWS = 3;

    /** How values are made; what a table refuses is made in the next way. */
    enum Style {
        LONG,
        SHORT,
        /** As if there were no checks. */
        PLAIN;

        private List<Style> on() {
            return List.of(values()).subList(ordinal(), values().length);
        }
    }

    /** Rows that need others come with the next pass. */
    private static final int PASSES = 3;

    private record Insert(String table, String statement) {}

    private final Connection c;
    private final Map<String, String> refused = new TreeMap<>();

    private TrialRows(Connection c) {
        this.c = c;
    }

    /** Fills the tables; returns why one got no row, by the name of each that has none. */
    static Map<String, String> put(Database db, Style first) throws SQLException {
        try (Connection c = db.connectForProject()) {
            c.setAutoCommit(false);
            Database.run(c, "SET LOCAL search_path = ''"); // so that everything comes with its whole name
            Database.run(c, "SET CONSTRAINTS ALL IMMEDIATE"); // a row that is refused is so at once
            TrialRows rows = new TrialRows(c);
            for (int row = 1; row <= ROWS; row++) rows.put(row, first.on());
            c.commit();
            return rows.refused;
        }
    }

    private void put(int row, List<Style> styles) throws SQLException {
        List<String> done = new ArrayList<>();
        for (Style style : styles) {
            List<Insert> open = statements(row, style);
            open.removeIf(insert -> done.contains(insert.table));
            for (int pass = 0; pass < PASSES && !open.isEmpty(); pass++)
                for (Insert insert : List.copyOf(open)) {
                    if (!isTaken(insert)) continue;
                    done.add(insert.table);
                    open.remove(insert);
                }
        }
        refused.keySet().removeAll(done);
    }

    private List<Insert> statements(int row, Style style) throws SQLException {
        String word = style.name().toLowerCase(Locale.ROOT);
        return Database.list(c, STATEMENTS, found -> new Insert(found.getString(1), found.getString(2)), row, word);
    }

    private boolean isTaken(Insert insert) throws SQLException {
        Savepoint before = c.setSavepoint();
        try {
            Database.run(c, insert.statement);
            c.releaseSavepoint(before);
            return true;
        } catch (SQLException e) {
            c.rollback(before);
            if (Database.one(c, "SELECT NOT EXISTS (SELECT FROM " + insert.table + ")", Boolean.class))
                refused.put(insert.table, Failures.message(e));
            return false;
        }
    }
}
