package avdaily.integrity;

import avdaily.base.Failure;
import avdaily.base.Out;
import avdaily.db.Database;
import avdaily.sql.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Changes definitions, one by one: a statement that fails does not keep the others from being run. */
final class DefinitionFixes {
    static final String UNATTENDED = "SET lock_timeout = '10s'; SET statement_timeout = 0";

    private final Database db;
    private final AcceptedFindings accepted;

    DefinitionFixes(Database db, AcceptedFindings accepted) {
        this.db = db;
        this.accepted = accepted;
    }

    List<Map<String, String>> open(Connection c, Rule rule) throws SQLException {
        return RuleSql.rows(
                c,
                "SELECT * FROM (" + rule.query().select() + "\n) q WHERE "
                        + FindingKey.isNone(FindingKey.of(c, rule), accepted.keys(rule.id())));
    }

    /**
     * Statements that let others go on with their work, and therefore cannot be in a transaction; one that is killed is
     * on record.
     */
    Fixer.FixResult change(Rule rule, long run) {
        long done = 0;
        List<SQLException> failures = new ArrayList<>();
        Set<Map<String, String>> tried = new HashSet<>();
        try (Connection c = db.connectForProject()) {
            Database.run(c, UNATTENDED);
            Quarantine quarantine = new Quarantine(c, run);
            for (Optional<Map<String, String>> next = next(c, rule, tried);
                    next.isPresent();
                    next = next(c, rule, tried)) {
                try {
                    define(c, rule, next.get(), quarantine);
                    done++;
                } catch (SQLException e) {
                    failures.add(e);
                    if (!c.isValid(1)) throw e;
                }
            }
            long left = open(c, rule).stream()
                    .filter(row -> row.get(rule.fix().statement()) == null)
                    .count();
            if (failures.isEmpty()) return Fixer.FixResult.done(rule, done, left);
            return Fixer.FixResult.failed(
                    rule,
                    tried.size() == 1 ? "stopped" : failures.size() + " of " + tried.size() + " failed",
                    failures.get(0),
                    done,
                    left);
        } catch (SQLException | Failure e) {
            return Fixer.FixResult.failed(rule, "stopped", e, done, 0);
        }
    }

    /** What is still open and was not tried; what was done before may have settled more than one finding. */
    private Optional<Map<String, String>> next(Connection c, Rule rule, Set<Map<String, String>> tried)
            throws SQLException {
        for (Map<String, String> row : open(c, rule)) {
            Map<String, String> finding = new LinkedHashMap<>(row);
            finding.remove(rule.fix().statement());
            finding.remove(rule.fix().undo());
            if (row.get(rule.fix().statement()) != null && tried.add(finding)) return Optional.of(row);
        }
        return Optional.empty();
    }

    private void define(Connection c, Rule rule, Map<String, String> row, Quarantine quarantine) throws SQLException {
        String statement = row.get(rule.fix().statement());
        String undo = rule.fix().undo() == null ? null : row.get(rule.fix().undo());
        int n = quarantine.keepStatement(rule.id(), statement, undo);
        try {
            run(c, statement, undo, db.out());
        } catch (SQLException e) {
            if (c.isValid(1)) quarantine.forget(n);
            throw e;
        }
    }

    static void run(Connection c, String statement, String undo, Out out) throws SQLException {
        out.note(statement);
        RuleSql.mustBeOne(c, statement);
        try {
            Database.run(c, statement);
        } catch (SQLException e) {
            if (undo != null && statement.matches("(?s)CREATE (UNIQUE )?INDEX CONCURRENTLY .*")) clearAway(c, undo, e);
            throw e;
        }
    }

    /** Drops the invalid index that a failed build leaves; one that is valid was there before. */
    private static void clearAway(Connection c, String drop, SQLException failed) {
        String index = Sql.literal(drop.replaceFirst("^DROP INDEX CONCURRENTLY (IF EXISTS )?", ""));
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
}
