package avdaily.integrity;

import avdaily.backup.BackupFile;
import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.base.Json;
import avdaily.base.Out;
import avdaily.db.Database;
import avdaily.db.OperationLog;
import avdaily.sql.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Puts right what a check found. Rows are changed in one transaction, each rule in a savepoint of its own: the rows are locked
 * and the rule is tested again before anything is kept and changed. Definitions are changed afterwards, one by one.
 */
public final class Fixer {
    /**
     * What was done for a rule.
     *
     * @param rows changed, or statements run
     * @param left how much of what was found stays as it is
     * @param error why nothing was done
     */
    public record FixResult(Rule rule, long rows, long left, String error) {
        public List<String> cells() {
            return List.of(
                    rule.id(),
                    rule.fix().kind().toString(),
                    rule.fix().kind() == Rule.Fix.Kind.DDL
                            ? "definitions"
                            : rule.fix().table(),
                    String.valueOf(rows),
                    error != null
                            ? error
                            : left == 0
                                    ? ""
                                    : left + " left as they are: "
                                            + (rule.fix().kind() == Rule.Fix.Kind.DDL
                                                    ? "look at the cure"
                                                    : "others refer to them, the fix is not for them, or they changed meanwhile"));
        }

        public Map<String, Object> json() {
            return Json.object(
                    "rule", rule.id(), "fix", rule.fix().kind().toString(), "rows", rows, "left", left, "error", error);
        }
    }

    private static final String FOREIGN_KEY = "23503";
    private static final String UNATTENDED = "SET lock_timeout = '10s'; SET statement_timeout = 0";
    /** The forms in which values are kept as texts must be those in which they are read again. */
    private static final String SETTINGS =
            "SET LOCAL lock_timeout = '10s'; SET LOCAL jit = off; SET LOCAL intervalstyle = postgres";

    private final Database db;
    private final int maxRows;
    private final AcceptedFindings accepted;

    /**
     * @param maxRows how many rows a rule may change
     * @param accepted findings that stay as they are
     */
    public Fixer(Database db, int maxRows, AcceptedFindings accepted) {
        this.db = db;
        this.maxRows = maxRows;
        this.accepted = accepted;
    }

    /** Does it all, takes it back, and says what it would have been; definitions are only counted. */
    public List<FixResult> rehearse(List<Rule> rules) throws Exception {
        try (Connection c = db.connect()) {
            c.setAutoCommit(false);
            OperationLog.createSchema(c);
            Quarantine.create(c);
            List<FixResult> done = rows(c, rules, new Quarantine(c, 0));
            for (Rule rule : definitions(rules)) {
                List<Map<String, String>> open = open(c, rule);
                long ready = open.stream()
                        .filter(row -> row.get(rule.fix().statement()) != null)
                        .count();
                done.add(new FixResult(rule, ready, open.size() - ready, null));
            }
            c.rollback();
            return done;
        }
    }

    public List<FixResult> fix(List<Rule> rules, Optional<BackupFile> backup, OperationLog run) throws Exception {
        Map<String, Object> details = new LinkedHashMap<>();
        backup.ifPresent(file -> details.put("backup", file.toString()));
        List<FixResult> done = db.inTransaction(c -> {
            Quarantine.create(c);
            List<FixResult> rows = rows(c, rules, new Quarantine(c, run.id()));
            details.put("fixed", rows.stream().map(FixResult::json).toList());
            if (definitions(rules).isEmpty()) run.done(c, details);
            return rows;
        });
        if (definitions(rules).isEmpty()) return done;
        for (Rule rule : definitions(rules)) done.add(define(rule, run.id()));
        details.put("fixed", done.stream().map(FixResult::json).toList());
        run.doneIfPossible(db, details);
        return done;
    }

    private static List<Rule> definitions(List<Rule> rules) {
        return rules.stream()
                .filter(rule -> rule.fix().kind() == Rule.Fix.Kind.DDL)
                .toList();
    }

    // -- rows

    private List<FixResult> rows(Connection c, List<Rule> rules, Quarantine quarantine) throws SQLException {
        Database.run(c, SETTINGS);
        DerivedRules catalog = DerivedRules.read(c);
        List<FixResult> all = new ArrayList<>();
        for (Rule rule : rules) {
            if (rule.fix().kind() == Rule.Fix.Kind.DDL) continue;
            Savepoint before = c.setSavepoint();
            try {
                all.add(fix(c, rule, catalog, quarantine));
                c.releaseSavepoint(before);
            } catch (SQLException | Failure e) {
                if (c.isClosed()) throw e;
                c.rollback(before);
                all.add(new FixResult(
                        rule,
                        0,
                        0,
                        "not fixed: " + (e instanceof SQLException sql ? Checker.words(sql) : e.getMessage())));
            }
        }
        return all;
    }

    private FixResult fix(Connection c, Rule rule, DerivedRules catalog, Quarantine quarantine) throws SQLException {
        DerivedRules.Table table = catalog.table(rule.fix().table())
                .orElseThrow(
                        () -> Failure.refused("there is no table " + rule.fix().table(), "correct the rule."));
        if (rule.fix().kind() == Rule.Fix.Kind.INSERT) return insert(c, rule, catalog, table, quarantine);
        List<String> key = rule.isRowRule() && rule.key().isEmpty() ? table.key() : Checker.key(c, rule);
        if (key.isEmpty() || !table.columns().containsAll(key))
            throw Failure.refused(
                    "its rows of " + table.sql() + " have no key by which they can be found again",
                    "fix them by hand.");
        String offending = "SELECT DISTINCT " + names(key) + " FROM (" + rule.offending(key, catalog) + "\n) q WHERE "
                + Checker.isNone(key, accepted.keys(rule.id()));
        long count = limit(
                Checker.row(c, "SELECT count(*) FROM (" + offending + ") q").get(0));
        String found = keys(c, offending);
        Database.run(
                c,
                "SELECT FROM " + table.sql() + " t WHERE " + Quarantine.keyed(table.sql(), key, found) + " ORDER BY "
                        + Quarantine.columns("t", key) + " FOR UPDATE OF t");
        String meant = rule.fix().where() == null ? "" : " AND (" + rule.fix().where() + "\n)";
        String locked = keys(
                c,
                "SELECT " + Quarantine.columns("t", key) + " FROM " + table.sql() + " t WHERE "
                        + Quarantine.keyed(table.sql(), key, found) + " AND (" + Quarantine.columns("t", key) + ") IN ("
                        + offending + ")" + meant);
        long changed = rule.fix().kind() == Rule.Fix.Kind.QUARANTINE
                ? remove(c, rule, table, key, locked, quarantine)
                : compute(c, rule, table, key, locked, quarantine);
        return new FixResult(rule, changed, count - changed, null);
    }

    /** Rows that others refer to stay: taking them away would take away, or break, what nobody asked about. */
    private static long remove(
            Connection c, Rule rule, DerivedRules.Table table, List<String> key, String locked, Quarantine quarantine)
            throws SQLException {
        String keys = keys(
                c,
                "SELECT " + Quarantine.columns("t", key) + " FROM " + table.sql() + " t WHERE "
                        + Quarantine.keyed(table.sql(), key, locked) + quarantine.unreferred(table.sql()));
        int kept = quarantine.keep(rule.id(), "delete", table.sql(), key, keys);
        return same(
                kept,
                Checker.change(
                        c, "DELETE FROM " + table.sql() + " t WHERE " + Quarantine.keyed(table.sql(), key, keys)));
    }

    private static long compute(
            Connection c, Rule rule, DerivedRules.Table table, List<String> key, String locked, Quarantine quarantine)
            throws SQLException {
        int kept = quarantine.keep(rule.id(), "update", table.sql(), key, locked);
        String set = rule.fix().set().entrySet().stream()
                .map(entry -> Sql.quoted(entry.getKey()) + " = (" + entry.getValue() + "\n)")
                .collect(Collectors.joining(", "));
        int changed = Checker.change(
                c, "UPDATE " + table.sql() + " t SET " + set + " WHERE " + Quarantine.keyed(table.sql(), key, locked));
        quarantine.keepNew(rule.id(), table.sql(), key, locked);
        return same(kept, changed);
    }

    private FixResult insert(
            Connection c, Rule rule, DerivedRules catalog, DerivedRules.Table table, Quarantine quarantine)
            throws SQLException {
        if (table.key().isEmpty())
            throw Failure.refused(
                    table.sql() + " has no primary key by which new rows can be found again", "insert them by hand.");
        if (!accepted.keys(rule.id()).isEmpty())
            throw Failure.refused("some of what is missing is accepted as missing", "insert the others by hand.");
        limit(Checker.row(c, "SELECT count(*) FROM (" + rule.offending(List.of("ctid"), catalog) + "\n) q")
                .get(0));
        String keys = Checker.texts(
                        c,
                        "WITH added AS (" + rule.fix().insert()
                                + "\n) SELECT coalesce(jsonb_agg(to_jsonb(added)), '[]') FROM added")
                .get(0);
        limit(size(c, keys));
        return new FixResult(
                rule,
                same((int) size(c, keys), quarantine.keep(rule.id(), "insert", table.sql(), table.key(), keys)),
                0,
                null);
    }

    private long limit(long rows) {
        if (rows > maxRows)
            throw Failure.refused(
                    "it would change " + Format.count(rows, "row") + ", more than --max-rows " + maxRows,
                    "raise --max-rows if that is what you want.");
        return rows;
    }

    /** What is kept must be what was changed, or undoing would not bring it back. */
    private static long same(int kept, int changed) {
        if (kept != changed)
            throw Failure.refused(
                    Format.count(changed, "row") + " changed, but " + kept
                            + " kept: a trigger or a policy is in the way",
                    "fix it by hand.");
        return changed;
    }

    private static String keys(Connection c, String query) throws SQLException {
        return Checker.texts(c, "SELECT coalesce(jsonb_agg(to_jsonb(x)), '[]') FROM (" + query + "\n) x")
                .get(0);
    }

    private static long size(Connection c, String keys) throws SQLException {
        return Database.one(c, "SELECT jsonb_array_length(?::jsonb)::bigint", Long.class, keys);
    }

    private static String names(List<String> key) {
        return key.stream().map(Sql::quoted).collect(Collectors.joining(", "));
    }

    // -- definitions

    private List<Map<String, String>> open(Connection c, Rule rule) throws SQLException {
        return Checker.rows(
                c,
                "SELECT * FROM (" + rule.query() + "\n) q WHERE "
                        + Checker.isNone(Checker.key(c, rule), accepted.keys(rule.id())));
    }

    /** Statements that let others go on with their work, and therefore cannot be in a transaction; one that is killed is on record. */
    private FixResult define(Rule rule, long run) {
        long done = 0;
        long left = 0;
        try (Connection c = db.connect()) {
            Database.run(c, UNATTENDED);
            Quarantine quarantine = new Quarantine(c, run);
            for (Map<String, String> row : open(c, rule)) {
                String statement = row.get(rule.fix().statement());
                if (statement == null) {
                    left++;
                    continue;
                }
                String undo =
                        rule.fix().undo() == null ? null : row.get(rule.fix().undo());
                int n = quarantine.keepStatement(rule.id(), statement, undo);
                try {
                    run(c, statement, undo, db.out());
                } catch (SQLException e) {
                    if (c.isValid(1)) quarantine.forget(n);
                    throw e;
                }
                done++;
            }
            return new FixResult(rule, done, left, null);
        } catch (SQLException | Failure e) {
            return new FixResult(
                    rule,
                    done,
                    left,
                    "stopped: " + (e instanceof SQLException sql ? Checker.words(sql) : e.getMessage()));
        }
    }

    private static void run(Connection c, String statement, String undo, Out out) throws SQLException {
        out.note(statement);
        try {
            Database.run(c, statement);
        } catch (SQLException e) {
            if (undo != null && statement.matches("(?s)CREATE (UNIQUE )?INDEX CONCURRENTLY .*")) clearAway(c, undo, e);
            throw e;
        }
    }

    /** Drops the invalid index that a failed build leaves; one that is valid was there before. */
    private static void clearAway(Connection c, String drop, SQLException failed) {
        String index = Checker.literal(drop.replaceFirst("^DROP INDEX CONCURRENTLY (IF EXISTS )?", ""));
        try {
            boolean left = Database.one(
                    c,
                    "SELECT EXISTS (SELECT FROM pg_index WHERE indexrelid = to_regclass(" + index
                            + ") AND NOT indisvalid)",
                    Boolean.class);
            if (left) Database.run(c, drop);
        } catch (SQLException e) {
            failed.addSuppressed(e);
        }
    }

    // -- back

    /** Takes back what a run changed: all of the rows, or nothing; then the definitions, one by one. */
    public static List<Quarantine.Change> undo(Database db, long run) throws Exception {
        List<Quarantine.Change> undone = db.inTransaction(c -> {
            Database.run(c, SETTINGS);
            letEverythingIn(c);
            Quarantine quarantine = new Quarantine(c, run);
            List<Quarantine.Change> changes = quarantine.changes();
            for (Quarantine.Change change : changes) if (!change.action().equals("ddl")) back(quarantine, change);
            quarantine.markUndone();
            return changes;
        });
        try (Connection c = db.connect()) {
            Database.run(c, UNATTENDED);
            Quarantine quarantine = new Quarantine(c, run);
            for (Quarantine.Statement back : quarantine.statementsBack()) {
                run(c, back.sql(), null, db.out());
                quarantine.markUndone(back.n());
            }
        }
        return undone;
    }

    private static void back(Quarantine quarantine, Quarantine.Change change) throws SQLException {
        try {
            quarantine.back(change);
        } catch (SQLException e) {
            if (!FOREIGN_KEY.equals(e.getSQLState())) throw e;
            throw Failure.refused(
                    "rows of " + change.table() + " that would come back violate a foreign key, as they did before: "
                            + Checker.words(e),
                    "nothing was taken back; use a role that may set session_replication_role (a superuser).");
        }
    }

    /** What comes back may violate a foreign key, as it did before; where the role may, such rows are let in. */
    private static void letEverythingIn(Connection c) throws SQLException {
        Savepoint before = c.setSavepoint();
        try {
            Database.run(c, "SET LOCAL session_replication_role = replica");
        } catch (SQLException e) {
            if (!"42501".equals(e.getSQLState())) throw e;
            c.rollback(before);
        }
    }
}
