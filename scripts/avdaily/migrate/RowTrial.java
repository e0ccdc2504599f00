package avdaily.migrate;

import avdaily.base.Failure;
import avdaily.db.Database;
import avdaily.db.Failures;
import avdaily.sql.Sql;
import avdaily.sql.SqlState;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * Generated migrations go up and down on a scratch database whose tables have rows. If a table's rows are in their way,
 * that is said, and they are tried with other rows there, then without any.
 */
final class RowTrial {
    private static final int ATTEMPTS = 20;
    private static final Pattern PLACE = Pattern.compile("(?s)(\\S+) line (\\d+): .*");

    /**
     * What it showed.
     *
     * @param lost rows and values that both schemas have a place for
     * @param remarks what else people have to know
     */
    record Result(List<String> lost, Set<String> remarks) {}

    private final Migrator migrator;
    private final Rollback rollback;
    private final Database db;
    private final Result result = new Result(new ArrayList<>(), new LinkedHashSet<>());
    private final Set<String> emptied = new HashSet<>();

    RowTrial(Migrator migrator, Rollback rollback) {
        this.migrator = migrator;
        this.rollback = rollback;
        this.db = migrator.db();
    }

    /** @param steps the migrations, which are not applied; nor are they when it ends, unless it found something */
    Result of(List<Migration> steps) throws Exception {
        putRows(steps);
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            TableRows start = rows();
            Optional<Failure> up = up(steps);
            if (up.isEmpty()) {
                backFrom(start, steps);
                return result;
            }
            if (!clear(up.get(), "migration", steps)) return result;
        }
        return result;
    }

    /** Only those tables are named that the migrations are about. */
    private void putRows(List<Migration> steps) throws SQLException {
        for (Map.Entry<String, String> refused :
                TrialRows.put(db, TrialRows.Style.LONG).entrySet())
            if (steps.stream().anyMatch(m -> migrator.script(m).text().contains(refused.getKey())))
                result.remarks.add("no row could be made up for " + refused.getKey() + ", so it was tried without any: "
                        + refused.getValue());
    }

    private TableRows rows() throws SQLException {
        return inEmptyPath(TableRows::of);
    }

    private <T> T inEmptyPath(Database.Work<T> work) throws SQLException {
        Database.run(db.connection(), "SET search_path = ''");
        try {
            return work.on(db.connection());
        } catch (SQLException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        } finally {
            Database.run(db.connection(), "RESET search_path");
        }
    }

    private Optional<Failure> up(List<Migration> steps) throws SQLException {
        try {
            for (Migration m : steps) migrator.build(m);
            return Optional.empty();
        } catch (Failure e) {
            return Optional.of(mustBeOfRows(e));
        }
    }

    /** Takes the migrations back and looks at either end what became of the rows. */
    private void backFrom(TableRows start, List<Migration> steps) throws Exception {
        TableRows above = rows();
        noteHidden();
        TableRows.Losses up = inEmptyPath(c -> start.lostUntil(above, c));
        result.lost.addAll(up.lost());
        up.changed().forEach((what, how) -> result.remarks.add(what + " change with the type from " + how));
        if (!result.lost.isEmpty()) return;
        List<Migration> newestFirst = new ArrayList<>(steps);
        Collections.reverse(newestFirst);
        try {
            rollback.takeBack(newestFirst);
        } catch (Failure e) {
            clear(mustBeOfRows(e), "undo", List.of());
            return;
        }
        TableRows below = rows();
        TableRows.Losses down = inEmptyPath(c -> above.lostUntil(below, c));
        result.lost.addAll(down.lost());
        down.without(up)
                .changed()
                .forEach((what, how) ->
                        result.remarks.add(what + " change with the type when it is undone, from " + how));
    }

    /** A role sees no row of its own table under FORCE ROW LEVEL SECURITY, but by a policy. */
    private void noteHidden() throws SQLException {
        String query =
                """
                SELECT format('%I.%I', n.nspname, c.relname)
                FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE c.relkind = 'r' AND row_security_active(c.oid) AND\s"""
                        + Sql.userSchemas("n") + " ORDER BY 1";
        for (String table : Database.list(db.connection(), query, row -> row.getString(1)))
            result.remarks.add("policies hide the rows of " + table
                    + " from the role that tried this, so what becomes of them was not seen");
    }

    private static Failure mustBeOfRows(Failure e) {
        boolean isOfRows = e.getCause() instanceof SQLException sql
                && (SqlState.isConstraintViolation(sql) || SqlState.isDataException(sql));
        if (!isOfRows) throw e;
        return e;
    }

    /**
     * Says what is in the way, takes back what was applied, and empties the table. The first time it gets other rows.
     *
     * @return whether it may be tried again
     */
    private boolean clear(Failure e, String way, List<Migration> steps) throws Exception {
        SQLException cause = (SQLException) e.getCause();
        Optional<String> named = table(cause);
        Optional<String> table = named.isPresent() ? named : tableAt(e.getMessage(), steps);
        result.remarks.add("the " + way + " fails with rows that were made up"
                + table.map(name -> " for " + name).orElse("") + ": " + Failures.message(cause)
                + "; see that yours fit");
        List<Migration> applied = migrator.history().appliedNewestFirst().stream()
                .filter(m -> steps.stream().anyMatch(step -> step.version().equals(m.version())))
                .toList();
        if (table.isEmpty() || steps.isEmpty() || !steps.get(applied.size()).transactional()) return false;
        rollback.takeBack(applied);
        Database.run(db.connection(), "TRUNCATE " + table.get() + " CASCADE");
        if (emptied.add(table.get())) TrialRows.put(db, TrialRows.Style.SHORT);
        return true;
    }

    private Optional<String> table(SQLException e) throws SQLException {
        ServerErrorMessage server = e instanceof PSQLException p ? p.getServerErrorMessage() : null;
        if (server == null || server.getTable() == null) return Optional.empty();
        return Optional.of(Database.one(
                db.connection(), "SELECT format('%I.%I', ?, ?)", String.class, server.getSchema(), server.getTable()));
    }

    /** The table of the statement that the message names by file and line. */
    private Optional<String> tableAt(String message, List<Migration> steps) {
        Matcher place = PLACE.matcher(message);
        if (!place.matches()) return Optional.empty();
        int line = Integer.parseInt(place.group(2));
        return steps.stream()
                .map(migrator::script)
                .filter(script -> script.name().equals(place.group(1)))
                .flatMap(script -> script.statements().stream())
                .filter(statement -> statement.line() <= line && line <= statement.lastLine())
                .findFirst()
                .flatMap(statement -> StatementText.table(statement.sql() + ";"));
    }
}
