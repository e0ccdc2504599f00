package avdaily.migrate.lint;

import java.util.Set;
import java.util.stream.Collectors;

/** Rules on indexes that are made, dropped or rebuilt and keep others waiting. */
record IndexChecks(StatementChange change, Violations found) {
    void run() {
        if (change.says("concurrently")) return;
        if (change.starts("create")) created();
        if (change.starts("drop") && change.says("index")) dropped();
        if (change.starts("reindex")) rebuilt();
    }

    private void created() {
        Set<Long> ofConstraints = change.after.constraints.values().stream()
                .map(CatalogSnapshot.Constraint::index)
                .collect(Collectors.toSet());
        for (CatalogSnapshot.Index index : change.after.newIndexes(change.before)) {
            if (!change.isInUse(index.table()) || ofConstraints.contains(index.oid())) continue;
            found.explain(index.table());
            report(
                    "index-not-concurrent",
                    index,
                    index.definition().replaceFirst("INDEX ", "INDEX CONCURRENTLY ")
                            + ";  -- in a migration of its own");
        }
    }

    private void dropped() {
        for (CatalogSnapshot.Index index : change.before.indexes.values()) {
            boolean tableStays = change.isInUse(index.table()) && change.after.tables.containsKey(index.table());
            if (!tableStays || change.after.indexes.containsKey(index.oid())) continue;
            report(
                    "drop-index-not-concurrent",
                    index,
                    "DROP INDEX CONCURRENTLY " + index.name() + ";  -- in a migration of its own");
        }
    }

    private void rebuilt() {
        for (CatalogSnapshot.Index index : change.before.indexes.values()) {
            if (!change.isInUse(index.table()) || !change.rebuilt(index)) continue;
            found.explain(index.table());
            report(
                    "reindex-not-concurrent",
                    index,
                    "REINDEX INDEX CONCURRENTLY " + index.name()
                            + ";  -- by hand, it cannot run in a migration's transaction");
        }
    }

    private void report(String rule, CatalogSnapshot.Index index, String cure) {
        found.add(rule, index.table(), index.name() + " on " + change.name(index.table()), cure);
    }
}
