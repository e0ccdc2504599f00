package avdaily.migrate.lint;

import java.util.Set;
import java.util.stream.Collectors;

/** Rules on constraints that are added to a table in use. */
record ConstraintChecks(StatementChange change, Violations found) {
    void run() {
        if (change.says("detach") && change.says("concurrently")) return; // which keeps the bounds as a check
        for (CatalogSnapshot.Constraint added : change.newConstraints()) {
            if (!change.isInUse(added.table())) continue;
            switch (added.type()) {
                case "c" -> validated("check-without-not-valid", added);
                case "f" -> validated("foreign-key-without-not-valid", added);
                case "x" -> exclusion(added);
                default -> key(added);
            }
        }
    }

    private void validated(String rule, CatalogSnapshot.Constraint added) {
        boolean free = isOfNewColumns(added) && !change.scanned(added.table());
        if (!added.valid() || free) return;
        report(
                rule,
                added,
                add(added) + added.definition() + " NOT VALID;  next migration: ALTER TABLE "
                        + change.name(added.table()) + " VALIDATE CONSTRAINT " + added.name() + ";");
    }

    private void exclusion(CatalogSnapshot.Constraint added) {
        report(
                "exclusion-constraint",
                added,
                "make a new table with the constraint, move the rows over in batches, then exchange the names");
    }

    private void key(CatalogSnapshot.Constraint added) {
        if (change.before.indexes.containsKey(added.index())) return;
        report(
                "unique-without-index",
                added,
                "CREATE UNIQUE INDEX CONCURRENTLY " + added.name() + " ON " + change.name(added.table()) + " ("
                        + String.join(", ", added.columns()) + ");  next migration: " + add(added)
                        + (added.type().equals("p") ? "PRIMARY KEY" : "UNIQUE") + " USING INDEX " + added.name() + ";");
    }

    private void report(String rule, CatalogSnapshot.Constraint added, String cure) {
        found.explain(added.table());
        found.add(rule, added.table(), added.name() + " on " + change.name(added.table()), cure);
    }

    private String add(CatalogSnapshot.Constraint added) {
        return "ALTER TABLE " + change.name(added.table()) + " ADD CONSTRAINT " + added.name() + " ";
    }

    /** Whether the same statement added all columns of the constraint, so that PostgreSQL may know their values. */
    private boolean isOfNewColumns(CatalogSnapshot.Constraint added) {
        Set<String> columns = change.after.columns.entrySet().stream()
                .filter(column ->
                        column.getKey().table() == added.table() && !change.before.columns.containsKey(column.getKey()))
                .map(column -> column.getValue().name())
                .collect(Collectors.toSet());
        return !added.columns().isEmpty() && columns.containsAll(added.columns());
    }
}
