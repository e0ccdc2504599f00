package avdaily.migrate;

import avdaily.sql.SqlFile;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Which rules a statement breaks: from what it did, and only where that does not show it from its words. */
final class StatementChecks {
    /** @param table the oid of the table in question, or null */
    record Broken(String rule, Long table, String subject, String cure) {}

    private final CatalogSnapshot start;
    private final CatalogSnapshot before;
    private final CatalogSnapshot after;
    private final String sql;
    private final List<SqlFile.Word> words;
    private final List<Broken> broken = new ArrayList<>();
    /** Tables whose scan or rewrite a rule has named already. */
    private final Set<Long> explained = new HashSet<>();

    private StatementChecks(CatalogSnapshot start, CatalogSnapshot before, CatalogSnapshot after, String sql) {
        this.start = start;
        this.before = before;
        this.after = after;
        this.sql = sql;
        this.words = SqlFile.Word.of(sql, 200);
    }

    /** @param start what was there before all: tables that were not are exempt */
    static List<Broken> of(CatalogSnapshot start, CatalogSnapshot before, CatalogSnapshot after, String sql) {
        StatementChecks judgement = new StatementChecks(start, before, after, sql);
        judgement.tables();
        judgement.columns();
        judgement.constraints();
        judgement.indexes();
        judgement.others();
        judgement.passes();
        return judgement.broken;
    }

    private void tables() {
        for (CatalogSnapshot.Table t : before.tables.values()) {
            if (!old(t.oid())) continue;
            CatalogSnapshot.Table now = after.tables.get(t.oid());
            if (now == null)
                add(
                        "drop-table",
                        t.oid(),
                        t.name(),
                        "first take it out of all programs, then rename it in a release of its own, and drop it when nobody missed it");
            else if (!now.name().equals(t.name()))
                add(
                        "rename-table",
                        t.oid(),
                        t.name() + " to " + now.name(),
                        "CREATE VIEW " + now.name() + " AS SELECT * FROM " + t.name()
                                + ";  -- and rename when no program uses the old name any more");
        }
        if (!starts("truncate")) return;
        for (CatalogSnapshot.Table t : before.tables.values())
            if (old(t.oid()) && after.rewrote(t.oid(), before)) {
                explained.add(t.oid());
                add(
                        "truncate",
                        t.oid(),
                        t.name(),
                        "DELETE FROM " + t.name() + " WHERE ...;  -- only what has to go, in batches");
            }
    }

    private void columns() {
        after.columns.forEach((key, now) -> {
            long oid = table(key);
            CatalogSnapshot.Column was = before.columns.get(key);
            if (was == null && now.type().matches("json(\\[])?"))
                add("json-column", oid, name(oid) + "." + now.name(), "write " + now.name() + " jsonb");
            if (!old(oid)) return;
            if (was == null) newColumn(oid, now);
            else changedColumn(oid, was, now);
        });
        before.columns.forEach((key, was) -> {
            if (old(table(key)) && after.tables.containsKey(table(key)) && !after.columns.containsKey(key))
                add(
                        "drop-column",
                        table(key),
                        was.table() + "." + was.name(),
                        "first take it out of all programs; then drop it in a later release, with '-- lint:ignore drop-column REASON'");
        });
    }

    private void newColumn(long oid, CatalogSnapshot.Column c) {
        String t = name(oid);
        String add = "ALTER TABLE " + t + " ADD COLUMN " + c.name() + " " + c.type();
        if (c.notNull() && !c.hasDefault())
            add(
                    "not-null-without-default",
                    oid,
                    t + "." + c.name(),
                    add + " NOT NULL DEFAULT <what the old rows shall have>;  ALTER TABLE " + t + " ALTER COLUMN "
                            + c.name() + " DROP DEFAULT;  -- a constant is not written into the rows");
        if (!after.rewrote(oid, before) || !explained.add(oid)) return;
        if (c.generated().equals("s"))
            add(
                    "stored-generated-column",
                    oid,
                    t + "." + c.name(),
                    add + ";  -- and fill it by a trigger, old rows in batches; or compute it in a view");
        else if (!c.identity().isEmpty() || c.defaultValue().contains("nextval("))
            add(
                    "serial-column",
                    oid,
                    t + "." + c.name(),
                    add
                            + ";  then a sequence as its default for new rows, and fill the old ones in batches in a migration of its own");
        else
            add(
                    "volatile-default",
                    oid,
                    t + "." + c.name(),
                    add + ";  ALTER TABLE " + t + " ALTER COLUMN " + c.name() + " SET DEFAULT " + c.defaultValue()
                            + ";  then fill the old rows in batches in a migration of its own");
    }

    private void changedColumn(long oid, CatalogSnapshot.Column was, CatalogSnapshot.Column now) {
        String t = name(oid);
        if (!was.name().equals(now.name()))
            add(
                    "rename-column",
                    oid,
                    t + "." + was.name() + " to " + now.name(),
                    "add " + now.name()
                            + " beside it, write both, fill the old rows in batches, move the programs over, then drop "
                            + was.name());
        if (!was.type().equals(now.type()) && (after.rewrote(oid, before) || rebuiltIndex(oid))) {
            explained.add(oid);
            add(
                    "type-change",
                    oid,
                    t + "." + now.name() + " from " + was.type() + " to " + now.type(),
                    "ALTER TABLE " + t + " ADD COLUMN " + suffixed(now.name(), "_new") + " " + now.type()
                            + ";  keep it equal by a trigger, fill the old rows in batches, then exchange the two names in one transaction");
        }
        boolean byKey = newConstraints().stream()
                .anyMatch(k -> k.table() == oid && k.type().equals("p"));
        if (!was.notNull() && now.notNull() && !byKey && after.scanned(oid, before) && explained.add(oid)) {
            String check = suffixed(now.name(), "_is_set");
            add(
                    "set-not-null",
                    oid,
                    t + "." + now.name(),
                    "ALTER TABLE " + t + " ADD CONSTRAINT " + check + " CHECK (" + now.name()
                            + " IS NOT NULL) NOT VALID;  next migration: ALTER TABLE " + t + " VALIDATE CONSTRAINT "
                            + check + ";  next: this statement, then ALTER TABLE " + t + " DROP CONSTRAINT " + check
                            + ";");
        }
    }

    /** Without those that a change of a column's type made anew. */
    private List<CatalogSnapshot.Constraint> newConstraints() {
        return after.constraints.values().stream()
                .filter(k -> before.constraints.values().stream()
                        .noneMatch(old -> old.table() == k.table() && old.name().equals(k.name())))
                .toList();
    }

    private void constraints() {
        for (CatalogSnapshot.Constraint k : newConstraints()) {
            if (!old(k.table())) continue;
            String t = name(k.table());
            String add = "ALTER TABLE " + t + " ADD CONSTRAINT " + k.name() + " ";
            boolean ofNewColumn = !k.columns().isEmpty()
                    && after.columns.entrySet().stream()
                            .filter(c -> table(c.getKey()) == k.table() && !before.columns.containsKey(c.getKey()))
                            .map(c -> c.getValue().name())
                            .collect(Collectors.toSet())
                            .containsAll(k.columns());
            if (k.type().matches("[cf]") && k.valid() && !(ofNewColumn && !after.scanned(k.table(), before))) {
                explained.add(k.table());
                add(
                        k.type().equals("c") ? "check-without-not-valid" : "foreign-key-without-not-valid",
                        k.table(),
                        k.name() + " on " + t,
                        add + k.definition() + " NOT VALID;  next migration: ALTER TABLE " + t + " VALIDATE CONSTRAINT "
                                + k.name() + ";");
            } else if (k.type().equals("x")) {
                explained.add(k.table());
                add(
                        "exclusion-constraint",
                        k.table(),
                        k.name() + " on " + t,
                        "make a new table with the constraint, move the rows over in batches, then exchange the names");
            } else if (k.type().matches("[pu]") && !before.indexes.containsKey(k.index())) {
                explained.add(k.table());
                add(
                        "unique-without-index",
                        k.table(),
                        k.name() + " on " + t,
                        "CREATE UNIQUE INDEX CONCURRENTLY " + k.name() + " ON " + t + " ("
                                + String.join(", ", k.columns()) + ");  next migration: " + add
                                + (k.type().equals("p") ? "PRIMARY KEY" : "UNIQUE") + " USING INDEX " + k.name() + ";");
            }
        }
    }

    private void indexes() {
        Set<Long> ofConstraints = after.constraints.values().stream()
                .map(CatalogSnapshot.Constraint::index)
                .collect(Collectors.toSet());
        for (CatalogSnapshot.Index index : after.newIndexes(before))
            if (old(index.table())
                    && !ofConstraints.contains(index.oid())
                    && !says("concurrently")
                    && starts("create")) {
                explained.add(index.table());
                add(
                        "index-not-concurrent",
                        index.table(),
                        index.name() + " on " + name(index.table()),
                        index.definition().replaceFirst("INDEX ", "INDEX CONCURRENTLY ")
                                + ";  -- in a migration of its own");
            }
        if (starts("drop") && says("index") && !says("concurrently"))
            before.indexes.values().stream()
                    .filter(index -> !after.indexes.containsKey(index.oid())
                            && old(index.table())
                            && after.tables.containsKey(index.table()))
                    .forEach(index -> add(
                            "drop-index-not-concurrent",
                            index.table(),
                            index.name() + " on " + name(index.table()),
                            "DROP INDEX CONCURRENTLY " + index.name() + ";  -- in a migration of its own"));
        if (starts("reindex") && !says("concurrently"))
            before.indexes.values().stream()
                    .filter(index -> after.indexes.containsKey(index.oid())
                            && after.indexes.get(index.oid()).file() != index.file()
                            && old(index.table()))
                    .forEach(index -> {
                        explained.add(index.table());
                        add(
                                "reindex-not-concurrent",
                                index.table(),
                                index.name() + " on " + name(index.table()),
                                "REINDEX INDEX CONCURRENTLY " + index.name()
                                        + ";  -- by hand, it cannot run in a migration's transaction");
                    });
    }

    private void others() {
        before.labels.forEach((oid, label) -> {
            if (start.labels.containsKey(oid)
                    && after.labels.containsKey(oid)
                    && !after.labels.get(oid).equals(label))
                add(
                        "rename-enum-value",
                        null,
                        label + " to " + after.labels.get(oid),
                        "ALTER TYPE ... ADD VALUE, move rows and programs over, and leave the old value where it is");
        });
        if (starts("lock"))
            after.newLocks(before, start).forEach((t, mode) -> {
                if (CatalogSnapshot.blocksWriters(mode))
                    add("lock-table", t.oid(), t.name(), "leave it out: each statement takes the locks that it needs");
            });
        if (!after.lockTimeout.equals(before.lockTimeout))
            add(
                    "lock-timeout-changed",
                    null,
                    "now " + after.lockTimeout,
                    "leave it out; 'up --lock-attempts N' tries longer");
    }

    /** What goes through a whole table: by itself under a lock, or while an earlier statement's lock is held. */
    private void passes() {
        boolean changesDefinitions = starts("alter") || starts("create") || starts("cluster") || starts("vacuum");
        for (CatalogSnapshot.Table t : start.tables.values()) {
            if (explained.contains(t.oid()) || !changesDefinitions) continue;
            if (after.rewrote(t.oid(), before)) {
                explained.add(t.oid());
                add(
                        "table-rewrite",
                        t.oid(),
                        t.name(),
                        "do it in a window in which nobody works, or move the rows in batches to a new table");
            } else if (after.scanned(t.oid(), before)
                    && CatalogSnapshot.blocksWriters(after.locks.get(t.oid()))
                    && !CatalogSnapshot.blocksWriters(before.locks.get(t.oid()))) {
                explained.add(t.oid());
                add(
                        "table-scan",
                        t.oid(),
                        t.name(),
                        starts("create") || says("attach")
                                ? "add a CHECK constraint that says the same first (NOT VALID, then VALIDATE): with it PostgreSQL need not look"
                                : "find the form of the statement that does not look at every row");
            }
        }
        if (!broken.isEmpty() && !explained.isEmpty()) return;
        boolean works = starts("update")
                || starts("delete")
                || starts("insert")
                || starts("merge")
                || start.tables.keySet().stream().anyMatch(oid -> after.scanned(oid, before));
        if (!works) return;
        start.tables.values().stream()
                .filter(t -> "AccessExclusiveLock".equals(before.locks.get(t.oid()))
                        || CatalogSnapshot.blocksWriters(before.locks.get(t.oid())) && after.scanned(t.oid(), before))
                .findFirst()
                .ifPresent(
                        t -> add(
                                "work-under-lock",
                                t.oid(),
                                t.name(),
                                "put this statement into a migration of its own, and apply the ones before it first (up --to V)"));
    }

    /** Foreign keys of a file whose columns no index begins with; looked at when it is done, since the index may come later. */
    static List<Broken> unindexed(CatalogSnapshot before, CatalogSnapshot after) {
        List<Broken> broken = new ArrayList<>();
        for (CatalogSnapshot.Constraint k : after.constraints.values()) {
            if (!k.type().equals("f")
                    || before.constraints.containsKey(k.oid())
                    || !after.tables.containsKey(k.table())) continue;
            boolean indexed = after.indexes.values().stream()
                    .anyMatch(index -> index.table() == k.table()
                            && index.key().size() >= k.columns().size()
                            && Set.copyOf(index.key().subList(0, k.columns().size()))
                                    .equals(Set.copyOf(k.columns())));
            String t = after.tables.get(k.table()).name();
            if (!indexed)
                broken.add(new Broken(
                        "foreign-key-without-index",
                        k.table(),
                        k.name() + " on " + t,
                        "CREATE INDEX ON " + t + " (" + String.join(", ", k.columns()) + ");"));
        }
        return broken;
    }

    private boolean rebuiltIndex(long table) {
        return before.indexes.values().stream()
                .anyMatch(index -> index.table() == table
                        && after.indexes.containsKey(index.oid())
                        && after.indexes.get(index.oid()).file() != index.file());
    }

    private void add(String rule, Long table, String subject, String cure) {
        broken.add(new Broken(rule, table, subject, cure));
    }

    private boolean old(long table) {
        return start.tables.containsKey(table);
    }

    private String name(long table) {
        return after.tables.containsKey(table)
                ? after.tables.get(table).name()
                : before.tables.get(table).name();
    }

    /** A name made of another one, which may have quotes. */
    private static String suffixed(String name, String suffix) {
        return name.replaceFirst("(\"?)$", suffix + "$1");
    }

    private static long table(String columnKey) {
        return Long.parseLong(columnKey.substring(0, columnKey.indexOf('.')));
    }

    private boolean starts(String keyword) {
        return !words.isEmpty() && words.get(0).is(keyword);
    }

    private boolean says(String keyword) {
        return words.stream().anyMatch(word -> word.is(keyword));
    }
}
