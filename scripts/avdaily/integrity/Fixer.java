package avdaily.integrity;

import avdaily.backup.BackupFile;
import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.base.Json;
import avdaily.db.Database;
import avdaily.db.OperationLog;
import avdaily.sql.Sql;
import avdaily.sql.SqlState;
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
 * Puts right what a check found. Rows are changed in one transaction, each rule in a savepoint of its own: the rows are
 * locked and the rule is tested again before anything is kept and changed. Definitions are changed afterwards, one by
 * one.
 */
public final class Fixer {
    /**
     * What was done for a rule.
     *
     * @param rows changed, or statements run
     * @param left how much of what was found stays as it is
     * @param error why not all was done; null if it was
     */
    public record FixResult(Rule rule, long rows, long left, String error) {
        static FixResult done(Rule rule, long rows, long left) {
            return new FixResult(rule, rows, left, null);
        }

        static FixResult failed(Rule rule, String how, Exception e, long rows, long left) {
            return new FixResult(rule, rows, left, how + ": " + RuleSql.reason(e));
        }

        /** Rule, fix, table, changes, remark: the row of a table on the terminal. */
        public List<String> cells() {
            String what = isOfDefinitions(rule) ? "definitions" : rule.fix().table();
            return List.of(rule.id(), rule.fix().kind().toString(), what, String.valueOf(rows), remark());
        }

        private String remark() {
            if (error != null) return error;
            if (left == 0) return "";
            String why = isOfDefinitions(rule)
                    ? "look at the cure"
                    : "others refer to them, the fix is not for them, or they changed meanwhile";
            return left + " left as they are: " + why;
        }

        public Map<String, Object> json() {
            return Json.object(
                    "rule", rule.id(), "fix", rule.fix().kind().toString(), "rows", rows, "left", left, "error", error);
        }
    }

    /** The forms in which values are kept as texts must be those in which they are read again. */
    private static final String SETTINGS =
            "SET LOCAL lock_timeout = '10s'; SET LOCAL jit = off; SET LOCAL intervalstyle = postgres";

    private final Database db;
    private final int maxRows;
    private final AcceptedFindings accepted;
    private final DefinitionFixes definitions;

    /**
     * @param maxRows how many rows a rule may change
     * @param accepted findings that stay as they are
     */
    public Fixer(Database db, int maxRows, AcceptedFindings accepted) {
        this.db = db;
        this.maxRows = maxRows;
        this.accepted = accepted;
        this.definitions = new DefinitionFixes(db, accepted);
    }

    /** Does it all, takes it back, and says what it would have been; definitions are only counted. */
    public List<FixResult> rehearse(List<Rule> rules) throws Exception {
        try (Connection c = db.connectForProject()) {
            c.setAutoCommit(false);
            OperationLog.createSchema(c);
            Quarantine.create(c);
            List<FixResult> done = rows(c, rules, new Quarantine(c, 0));
            for (Rule rule : definitions(rules)) {
                List<Map<String, String>> open = definitions.open(c, rule);
                long ready = open.stream()
                        .filter(row -> row.get(rule.fix().statement()) != null)
                        .count();
                done.add(FixResult.done(rule, ready, open.size() - ready));
            }
            c.rollback();
            return done;
        }
    }

    /**
     * Changes the rows in one transaction, then the definitions; records both in the operation log.
     *
     * @param backup what was made before, for the log
     * @param run whose number the kept rows get
     */
    public List<FixResult> fix(List<Rule> rules, Optional<BackupFile> backup, OperationLog run) throws Exception {
        Map<String, Object> details = new LinkedHashMap<>();
        backup.ifPresent(file -> details.put("backup", file.toString()));
        List<FixResult> done = db.inProjectTransaction(c -> {
            Quarantine.create(c);
            List<FixResult> rows = rows(c, rules, new Quarantine(c, run.id()));
            details.put("fixed", rows.stream().map(FixResult::json).toList());
            if (definitions(rules).isEmpty()) run.done(c, details);
            return rows;
        });
        if (definitions(rules).isEmpty()) return done;
        for (Rule rule : definitions(rules)) done.add(definitions.change(rule, run.id()));
        details.put("fixed", done.stream().map(FixResult::json).toList());
        run.doneIfPossible(db, details);
        return done;
    }

    private static List<Rule> definitions(List<Rule> rules) {
        return rules.stream().filter(Fixer::isOfDefinitions).toList();
    }

    private static boolean isOfDefinitions(Rule rule) {
        return rule.fix().kind() == Rule.Fix.Kind.DDL;
    }

    // -- rows

    private List<FixResult> rows(Connection c, List<Rule> rules, Quarantine quarantine) throws SQLException {
        Database.run(c, SETTINGS);
        DerivedRules catalog = DerivedRules.read(c);
        refuseStrangers(db, catalog);
        List<FixResult> all = new ArrayList<>();
        for (Rule rule : rules) {
            if (isOfDefinitions(rule)) continue;
            Savepoint before = c.setSavepoint();
            try {
                all.add(fix(c, rule, catalog, quarantine));
                c.releaseSavepoint(before);
            } catch (SQLException | Failure e) {
                if (c.isClosed()) throw e;
                c.rollback(before);
                all.add(FixResult.failed(rule, "not fixed", e, 0, 0));
            }
        }
        return all;
    }

    /** @throws Failure (21) if a change of rows could run a stranger's code as this role */
    public static void refuseStrangers(Database db, Connection c) throws SQLException {
        refuseStrangers(db, DerivedRules.read(c));
    }

    /** What changes rows, or validates a constraint, runs what the table's owner put there. */
    private static void refuseStrangers(Database db, DerivedRules catalog) {
        if (!catalog.strange().isEmpty())
            throw Failure.refused(
                    "fixes could run a stranger's code as " + db.url().user() + ": "
                            + String.join("; ", catalog.strange()),
                    "run them as a role that is no more than that owner, or name roles that you trust in "
                            + "AVDAILY_TRUSTED_ROLES.");
    }

    private FixResult fix(Connection c, Rule rule, DerivedRules catalog, Quarantine quarantine) throws SQLException {
        DerivedRules.Table table = catalog.table(rule.fix().table())
                .orElseThrow(
                        () -> Failure.refused("there is no table " + rule.fix().table(), "correct the rule."));
        if (rule.fix().kind() == Rule.Fix.Kind.INSERT) return insert(c, rule, catalog, table, quarantine);
        List<String> key = rule.isRowRule() && rule.query().key().isEmpty() ? table.key() : FindingKey.of(c, rule);
        if (key.isEmpty() || !table.columns().containsAll(key))
            throw Failure.refused(
                    "its rows of " + table.sql() + " have no key by which they can be found again",
                    "fix them by hand.");
        String offending = "SELECT DISTINCT " + names(key) + " FROM (" + rule.offending(key, catalog) + "\n) q WHERE "
                + FindingKey.isNone(key, accepted.keys(rule.id()));
        long count = limit(
                RuleSql.numbers(c, "SELECT count(*) FROM (" + offending + ") q").get(0));
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
        return FixResult.done(rule, changed, count - changed);
    }

    /** Rows that others refer to stay: taking them away would take away, or break, what nobody asked about. */
    private static long remove(
            Connection c, Rule rule, DerivedRules.Table table, List<String> key, String locked, Quarantine quarantine)
            throws SQLException {
        String keys = keys(
                c,
                "SELECT " + Quarantine.columns("t", key) + " FROM " + table.sql() + " t WHERE "
                        + Quarantine.keyed(table.sql(), key, locked) + quarantine.unreferred(table.sql()));
        int kept = quarantine.keep(rule.id(), Quarantine.Action.DELETE, table.sql(), key, keys);
        return same(
                kept,
                RuleSql.change(
                        c, "DELETE FROM " + table.sql() + " t WHERE " + Quarantine.keyed(table.sql(), key, keys)));
    }

    private static long compute(
            Connection c, Rule rule, DerivedRules.Table table, List<String> key, String locked, Quarantine quarantine)
            throws SQLException {
        int kept = quarantine.keep(rule.id(), Quarantine.Action.UPDATE, table.sql(), key, locked);
        String set = rule.fix().set().entrySet().stream()
                .map(entry -> Sql.quoted(entry.getKey()) + " = (" + entry.getValue() + "\n)")
                .collect(Collectors.joining(", "));
        int changed = RuleSql.change(
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
        limit(RuleSql.numbers(c, "SELECT count(*) FROM (" + rule.offending(List.of("ctid"), catalog) + "\n) q")
                .get(0));
        String keys = RuleSql.texts(
                        c,
                        "WITH added AS (" + rule.fix().insert()
                                + "\n) SELECT coalesce(jsonb_agg(to_jsonb(added)), '[]') FROM added")
                .get(0);
        limit(size(c, keys));
        int kept = quarantine.keep(rule.id(), Quarantine.Action.INSERT, table.sql(), table.key(), keys);
        return FixResult.done(rule, same(kept, (int) size(c, keys)), 0);
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
        return RuleSql.texts(c, "SELECT coalesce(jsonb_agg(to_jsonb(x)), '[]') FROM (" + query + "\n) x")
                .get(0);
    }

    private static long size(Connection c, String keys) throws SQLException {
        return Database.one(c, "SELECT jsonb_array_length(?::jsonb)::bigint", Long.class, keys);
    }

    private static String names(List<String> key) {
        return key.stream().map(Sql::quoted).collect(Collectors.joining(", "));
    }

    // -- back

    /** Takes back what a run changed: all of the rows, or nothing; then the definitions, one by one. */
    public static List<Quarantine.Change> undo(Database db, long run) throws Exception {
        List<Quarantine.Change> undone = db.inProjectTransaction(c -> {
            Database.run(c, SETTINGS);
            refuseStrangers(db, DerivedRules.read(c));
            letEverythingIn(c);
            Quarantine quarantine = new Quarantine(c, run);
            List<Quarantine.Change> changes = quarantine.changes();
            for (Quarantine.Change change : changes)
                if (change.action() != Quarantine.Action.DDL) back(quarantine, change);
            quarantine.markUndone();
            return changes;
        });
        try (Connection c = db.connectForProject()) {
            Database.run(c, DefinitionFixes.UNATTENDED);
            Quarantine quarantine = new Quarantine(c, run);
            for (Quarantine.Statement back : quarantine.statementsBack()) {
                DefinitionFixes.run(c, back.sql(), null, db.out());
                quarantine.markUndone(back.n());
            }
        }
        return undone;
    }

    private static void back(Quarantine quarantine, Quarantine.Change change) throws SQLException {
        try {
            quarantine.back(change);
        } catch (SQLException e) {
            if (!SqlState.of(e).equals(SqlState.FOREIGN_KEY_VIOLATION)) throw e;
            throw Failure.refused(
                    "rows of " + change.table() + " that would come back violate a foreign key, as they did before: "
                            + RuleSql.words(e),
                    "nothing was taken back; use a role that may set session_replication_role (a superuser).");
        }
    }

    /** What comes back may violate a foreign key, as it did before; if the role may, such rows are let in. */
    private static void letEverythingIn(Connection c) throws SQLException {
        Savepoint before = c.setSavepoint();
        try {
            Database.run(c, "SET LOCAL session_replication_role = replica");
        } catch (SQLException e) {
            if (!SqlState.of(e).equals(SqlState.INSUFFICIENT_PRIVILEGE)) throw e;
            c.rollback(before);
        }
    }
}
