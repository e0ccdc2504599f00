package avdaily.migrate.lint;

import java.util.stream.Stream;

/** Rules on tables: their definitions, and work that goes through a whole table. */
record TableChecks(StatementChange change, Violations found) {
    /** Tables that are dropped, renamed, emptied or locked. */
    void definitions() {
        for (CatalogSnapshot.Table table : change.before.tables.values()) {
            if (!change.isInUse(table.oid())) continue;
            CatalogSnapshot.Table now = change.after.tables.get(table.oid());
            if (now == null) dropped(table);
            else if (!now.name().equals(table.name())) renamed(table, now);
        }
        if (change.starts("truncate")) truncated();
        if (change.starts("lock")) locked();
        if (Stream.of("alter", "cluster", "vacuum").noneMatch(change::starts)) refreshed();
        if (!change.says("concurrently")) detached();
    }

    private void dropped(CatalogSnapshot.Table table) {
        found.add(
                "drop-table",
                table.oid(),
                table.name(),
                "first take it out of all programs, then rename it in a release of its own, "
                        + "and drop it when nobody missed it");
    }

    private void renamed(CatalogSnapshot.Table old, CatalogSnapshot.Table now) {
        found.add(
                "rename-table",
                old.oid(),
                old.name() + " to " + now.name(),
                "CREATE VIEW " + now.name() + " AS SELECT * FROM " + old.name()
                        + ";  -- and rename when no program uses the old name any more");
    }

    private void truncated() {
        for (CatalogSnapshot.Table table : change.before.tables.values()) {
            if (!change.isInUse(table.oid()) || !change.rewrote(table.oid())) continue;
            found.explain(table.oid());
            found.add(
                    "truncate",
                    table.oid(),
                    table.name(),
                    "DELETE FROM " + table.name() + " WHERE ...;  -- only what has to go, in batches");
        }
    }

    private void locked() {
        change.after.newLocks(change.before, change.start).forEach((table, mode) -> {
            if (!CatalogSnapshot.blocksWriters(mode)) return;
            found.add(
                    "lock-table",
                    table.oid(),
                    table.name(),
                    "leave it out: each statement takes the locks that it needs");
        });
    }

    private void refreshed() {
        for (CatalogSnapshot.Table view : change.before.views.values()) {
            CatalogSnapshot.Table now = change.after.views.get(view.oid());
            boolean isFilled = change.start.views.containsKey(view.oid()) && view.kind().equals("filled");
            if (isFilled && now != null && now.file() != view.file())
                found.add("refresh-not-concurrent", view.oid(), view.name(), refreshCure(view));
        }
    }

    private String refreshCure(CatalogSnapshot.Table view) {
        String refresh = "REFRESH MATERIALIZED VIEW CONCURRENTLY " + view.name() + ";";
        boolean hasKey = change.before.indexes.values().stream()
                .anyMatch(index -> index.table() == view.oid() && index.tellsRowsApart());
        return hasKey ? refresh : "CREATE UNIQUE INDEX ON " + view.name() + " (...);  -- once, and then " + refresh;
    }

    private void detached() {
        change.before.partitions.forEach((oid, partition) -> {
            long parent = partition.parent();
            boolean isDetached = change.after.tables.containsKey(oid) && !change.after.partitions.containsKey(oid);
            if (!isDetached || partition.hasDefault() || !change.isInUse(parent)) return;
            String detach = "ALTER TABLE " + change.name(parent) + " DETACH PARTITION " + change.name(oid);
            found.add(
                    "detach-not-concurrent",
                    parent,
                    change.name(oid) + " of " + change.name(parent),
                    detach + " CONCURRENTLY;  -- in a migration of its own");
        });
    }

    /** Work that goes through a whole table: under its own lock, or while an earlier statement's lock is held. */
    void work() {
        boolean definesSomething =
                Stream.of("alter", "create", "cluster", "vacuum").anyMatch(change::starts);
        if (definesSomething) change.tablesInUse().forEach(this::passed);
        if (found.explainWork()) return;
        boolean works = Stream.of("update", "delete", "insert", "merge").anyMatch(change::starts)
                || change.tablesInUse().anyMatch(table -> change.scanned(table.oid()));
        if (!works) return;
        change.tablesInUse()
                .filter(this::isHeld)
                .findFirst()
                .ifPresent(table -> found.add(
                        "work-under-lock",
                        table.oid(),
                        table.name(),
                        "put this statement into a migration of its own, "
                                + "in batches if it is about many rows ('-- batch:')"));
    }

    private void passed(CatalogSnapshot.Table table) {
        long oid = table.oid();
        if (found.isExplained(oid)) return;
        if (change.rewrote(oid)) {
            found.explain(oid);
            found.add(
                    "table-rewrite",
                    oid,
                    table.name(),
                    "do it in a window in which nobody works, or move the rows in batches to a new table");
        } else if (change.scanned(oid)
                && CatalogSnapshot.blocksWriters(change.after.locks.get(oid))
                && !CatalogSnapshot.blocksWriters(change.before.locks.get(oid))) {
            found.explain(oid);
            found.add("table-scan", oid, table.name(), scanCure());
        }
    }

    private String scanCure() {
        return change.starts("create") || change.says("attach")
                ? "add a CHECK constraint that says the same first (NOT VALID, then VALIDATE): "
                        + "with it PostgreSQL need not look"
                : "find the form of the statement that does not look at every row";
    }

    /** Whether an earlier statement's lock on the table keeps others waiting while this one works. */
    private boolean isHeld(CatalogSnapshot.Table table) {
        String lock = change.before.locks.get(table.oid());
        return "AccessExclusiveLock".equals(lock) || CatalogSnapshot.blocksWriters(lock) && change.scanned(table.oid());
    }
}
