package avdaily.migrate.lint;

import java.util.Map;

/** Rules on columns that are added, changed or dropped. */
record ColumnChecks(StatementChange change, Violations found) {
    void run() {
        Map<CatalogSnapshot.ColumnKey, CatalogSnapshot.Column> before = change.before.columns;
        Map<CatalogSnapshot.ColumnKey, CatalogSnapshot.Column> after = change.after.columns;
        after.forEach((key, now) -> {
            CatalogSnapshot.Column was = before.get(key);
            if (was == null && now.type().matches("json(\\[])?"))
                found.add("json-column", key.table(), qualified(key.table(), now), "write " + now.name() + " jsonb");
            if (!change.isInUse(key.table())) return;
            if (was == null) added(key.table(), now);
            else changed(key.table(), was, now);
        });
        before.forEach((key, was) -> {
            boolean tableStays = change.isInUse(key.table()) && change.after.tables.containsKey(key.table());
            if (!tableStays || after.containsKey(key)) return;
            found.add(
                    "drop-column",
                    key.table(),
                    was.table() + "." + was.name(),
                    "first take it out of all programs; then drop it in a later release, "
                            + "with '-- lint:ignore drop-column REASON'");
        });
    }

    private void added(long table, CatalogSnapshot.Column column) {
        String subject = qualified(table, column);
        String alter = "ALTER TABLE " + change.name(table);
        String add = alter + " ADD COLUMN " + column.name() + " " + column.type();
        if (column.notNull() && !column.hasDefault())
            found.add(
                    "not-null-without-default",
                    table,
                    subject,
                    add + " NOT NULL DEFAULT <what the old rows shall have>;  " + alter + " ALTER COLUMN "
                            + column.name() + " DROP DEFAULT;  -- a constant is not written into the rows");
        if (!change.rewrote(table) || !found.explain(table)) return;
        if (column.generated().equals("s"))
            found.add(
                    "stored-generated-column",
                    table,
                    subject,
                    add + ";  -- and fill it by a trigger, old rows in batches; or compute it in a view");
        else if (!column.identity().isEmpty() || column.defaultValue().contains("nextval("))
            found.add(
                    "serial-column",
                    table,
                    subject,
                    add + ";  then a sequence as its default for new rows, "
                            + "and fill the old ones in batches in a migration of its own");
        else
            found.add(
                    "volatile-default",
                    table,
                    subject,
                    add + ";  " + alter + " ALTER COLUMN " + column.name() + " SET DEFAULT " + column.defaultValue()
                            + ";  then fill the old rows in batches in a migration of its own");
    }

    private void changed(long table, CatalogSnapshot.Column was, CatalogSnapshot.Column now) {
        if (!was.name().equals(now.name()))
            found.add(
                    "rename-column",
                    table,
                    qualified(table, was) + " to " + now.name(),
                    "add " + now.name() + " beside it, write both, fill the old rows in batches, "
                            + "move the programs over, then drop " + was.name());
        boolean copied = change.rewrote(table) || change.rebuiltIndexOf(table);
        if (!was.type().equals(now.type()) && copied) retyped(table, was, now);
        if (!was.notNull() && now.notNull()) notNull(table, now);
    }

    private void retyped(long table, CatalogSnapshot.Column was, CatalogSnapshot.Column now) {
        found.explain(table);
        found.add(
                "type-change",
                table,
                qualified(table, now) + " from " + was.type() + " to " + now.type(),
                "ALTER TABLE " + change.name(table) + " ADD COLUMN " + suffixed(now.name(), "_new") + " " + now.type()
                        + ";  keep it equal by a trigger, fill the old rows in batches, "
                        + "then exchange the two names in one transaction");
    }

    private void notNull(long table, CatalogSnapshot.Column column) {
        boolean byKey = change.newConstraints().stream()
                .anyMatch(made -> made.table() == table && made.type().equals("p"));
        if (byKey || !change.scanned(table) || !found.explain(table)) return;
        String alter = "ALTER TABLE " + change.name(table);
        String check = suffixed(column.name(), "_is_set");
        found.add(
                "set-not-null",
                table,
                qualified(table, column),
                alter + " ADD CONSTRAINT " + check + " CHECK (" + column.name()
                        + " IS NOT NULL) NOT VALID;  next migration: " + alter + " VALIDATE CONSTRAINT " + check
                        + ";  next: this statement, then " + alter + " DROP CONSTRAINT " + check + ";");
    }

    private String qualified(long table, CatalogSnapshot.Column column) {
        return change.name(table) + "." + column.name();
    }

    /** A name made of another one, which may be quoted. */
    private static String suffixed(String name, String suffix) {
        return name.replaceFirst("(\"?)$", suffix + "$1");
    }
}
