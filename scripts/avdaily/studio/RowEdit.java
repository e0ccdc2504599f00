package avdaily.studio;

import avdaily.base.Failure;
import avdaily.db.Database;
import avdaily.db.Environment;
import avdaily.db.Lock;
import avdaily.db.OperationLog;
import avdaily.integrity.Fixer;
import avdaily.integrity.Quarantine;
import avdaily.sql.Sql;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A change of one row that somebody saw. It is made in one transaction: the row is locked, compared with what was seen,
 * kept in quarantine, changed and kept again, so that {@code avdaily-integrity fix --undo} takes it back.
 *
 * @param key the columns by which the row is found; they stay as they are
 * @param seen what the row was, column by column, as {@link Rows} reads it
 * @param set what becomes of it; null is null
 * @param zone in which moments were seen
 */
record RowEdit(
        Relation relation, Map<Column, String> key, Map<Column, String> seen, Map<Column, String> set, String zone) {
    private static final String COMMAND = "studio edit";
    /** The forms of kept values are those in which a fix keeps them, and takes them back. */
    private static final String SETTINGS =
            "SET LOCAL lock_timeout = '2s'; SET LOCAL statement_timeout = '8s'; SET LOCAL jit = off; "
                    + "SET LOCAL intervalstyle = postgres";

    /** The statement that is run, and that people see before. */
    String statement() {
        return "UPDATE " + table() + " AS t\nSET "
                + set.entrySet().stream()
                        .map(each -> Sql.quoted(each.getKey().name()) + " = " + literal(each.getValue()))
                        .collect(Collectors.joining(",\n    "))
                + "\nWHERE " + isRow("t");
    }

    private String table() {
        return Sql.quoted(relation.schema()) + "." + Sql.quoted(relation.name());
    }

    private String isRow(String alias) {
        return key.entrySet().stream()
                .map(each -> alias + "." + Sql.quoted(each.getKey().name()) + " = " + literal(each.getValue()))
                .collect(Collectors.joining(" AND "));
    }

    /** The page that shows it. */
    Link row() {
        return Filter.equal(
                Link.toTable("row", relation.schema(), relation.name()),
                key.keySet().stream().map(Column::name).toList(),
                List.copyOf(key.values()));
    }

    private static String literal(String value) {
        return value == null ? "NULL" : Sql.literal(value);
    }

    /**
     * Makes it.
     *
     * @return the number of the run, by which it is taken back
     * @throws Failure (21) if the database is production, or the row is not as it was seen
     */
    long run(Database db) throws Exception {
        refuseProduction(db);
        try (Lock lock = Lock.take(db, "integrity fix", 1)) {
            lock.verify();
            return OperationLog.within(db, COMMAND, run -> {
                db.inProjectTransaction(c -> {
                    Fixer.refuseStrangers(db, c);
                    Quarantine.create(c);
                    change(c, run);
                    return null;
                });
                return run.id();
            });
        }
    }

    static void refuseProduction(Database db) {
        if (db.environment() == Environment.PRODUCTION)
            throw Failure.refused(
                    db + " is production, where no row is changed by hand",
                    "write a migration, or a rule with a fix for avdaily-integrity.");
    }

    private void change(Connection c, OperationLog run) throws SQLException {
        Database.run(c, SETTINGS);
        List<String> keys = key.keySet().stream().map(Column::name).toList();
        int found = Database.list(
                        c,
                        "SELECT 1 FROM " + table() + " AS t WHERE " + isRow("t") + " FOR UPDATE",
                        row -> row.getInt(1))
                .size();
        if (found != 1)
            throw Failure.refused(
                    "the row of " + relation.called() + " is gone, or your role may not change it",
                    "look at the table again.");
        refuseChanged(c);
        Quarantine quarantine = new Quarantine(c, run.id());
        int kept = quarantine.keepRows(COMMAND, Quarantine.Action.UPDATE, table(), keys, isRow("t"));
        int changed = Database.update(c, statement());
        if (kept != 1 || changed != 1)
            throw Failure.refused(
                    "the row was not changed: a trigger or a policy is in the way", "change it in psql, if at all.");
        quarantine.keepNewRows(COMMAND, table(), keys, isRow("t"));
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("table", DataPage.name(relation));
        details.put("columns", set.keySet().stream().map(Column::name).toList());
        run.done(c, details);
    }

    /** @throws Failure (21) naming the columns in which the row is no longer what was seen */
    private void refuseChanged(Connection c) throws SQLException {
        List<Column> columns = seen.keySet().stream().filter(Column::isReadable).toList();
        String values = columns.stream()
                .map(column -> Rows.value(column, DataPage.LONGEST_ALONE + Cells.BEYOND))
                .collect(Collectors.joining(", "));
        Savepoint before = c.setSavepoint();
        Database.run(c, ReadOnlySessions.FORMS + "; SET LOCAL timezone = " + Sql.literal(zone));
        List<List<String>> rows = Database.list(
                c, "SELECT " + values + " FROM " + table() + " AS r WHERE " + isRow("r"), row -> texts(row, columns));
        c.rollback(before); // and with it the settings
        List<String> others = IntStream.range(0, columns.size())
                .filter(i ->
                        !Objects.equals(seen.get(columns.get(i)), rows.get(0).get(i)))
                .mapToObj(i -> columns.get(i).name())
                .toList();
        if (!others.isEmpty())
            throw Failure.refused(
                    "somebody changed the row since you saw it: " + String.join(", ", others),
                    "look at it again, then change it.");
    }

    private static List<String> texts(ResultSet row, List<Column> columns) throws SQLException {
        List<String> texts = new ArrayList<>();
        for (int i = 1; i <= columns.size(); i++) texts.add(row.getString(i));
        return texts;
    }

    /** Takes a change of this kind back. */
    static void undo(Database db, long run) throws Exception {
        refuseProduction(db);
        try (Lock lock = Lock.take(db, "integrity fix", 1)) {
            lock.verify();
            OperationLog.record(db, "integrity undo", details -> {
                details.put("run", run);
                return Fixer.undo(db, run);
            });
        }
    }
}
