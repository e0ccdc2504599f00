package avdaily.migrate.lint;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Which rules a statement breaks. What it did decides; its words decide only what its effects do not show. */
final class StatementChecks {
    /** The rules that one statement breaks. */
    static List<Violations.Violation> of(StatementChange change) {
        Violations found = new Violations();
        TableChecks tables = new TableChecks(change, found);
        tables.definitions();
        new ColumnChecks(change, found).run();
        new ConstraintChecks(change, found).run();
        new IndexChecks(change, found).run();
        others(change, found);
        tables.work();
        return found.all();
    }

    private static void others(StatementChange change, Violations found) {
        CatalogSnapshot before = change.before;
        CatalogSnapshot after = change.after;
        before.enumValues.forEach((oid, value) -> {
            String now = after.enumValues.get(oid);
            if (change.start.enumValues.containsKey(oid) && now != null && !now.equals(value))
                found.add(
                        "rename-enum-value",
                        null,
                        value + " to " + now,
                        "ALTER TYPE ... ADD VALUE, move rows and programs over, and leave the old value where it is");
        });
        if (!after.lockTimeout.equals(before.lockTimeout))
            found.add(
                    "lock-timeout-changed",
                    null,
                    "now " + after.lockTimeout,
                    "leave it out; 'up --lock-attempts N' tries longer");
    }

    /** Foreign keys whose columns no index begins with. The index may come late, so a whole file is compared. */
    static List<Violations.Violation> unindexed(CatalogSnapshot before, CatalogSnapshot after) {
        List<Violations.Violation> found = new ArrayList<>();
        for (CatalogSnapshot.Constraint key : after.constraints.values()) {
            boolean isNew = key.type().equals("f") && !before.constraints.containsKey(key.oid());
            if (!isNew || !after.tables.containsKey(key.table()) || hasIndex(after, key)) continue;
            String table = after.tables.get(key.table()).name();
            found.add(Violations.Violation.of(
                    "foreign-key-without-index",
                    key.table(),
                    key.name() + " on " + table,
                    "CREATE INDEX ON " + table + " (" + String.join(", ", key.columns()) + ");"));
        }
        return found;
    }

    private static boolean hasIndex(CatalogSnapshot now, CatalogSnapshot.Constraint key) {
        int columns = key.columns().size();
        return now.indexes.values().stream()
                .anyMatch(index -> index.table() == key.table()
                        && index.key().size() >= columns
                        && Set.copyOf(index.key().subList(0, columns)).equals(Set.copyOf(key.columns())));
    }

    private StatementChecks() {}
}
