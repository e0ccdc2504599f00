package avdaily.seed;

import avdaily.base.Format;
import avdaily.db.Database;
import avdaily.sql.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Checks afterwards what a seeding has left. */
final class SeedValidation {
    private final SeedTask task;
    private final RelativeDates dates;

    SeedValidation(SeedTask task, RelativeDates dates) {
        this.task = task;
        this.dates = dates;
    }

    /** Whether every row is there, and every reference of the seeded tables leads somewhere. */
    List<String> findings() throws Exception {
        List<String> findings = new ArrayList<>();
        try (Connection c = task.db().connectForProject()) {
            c.setAutoCommit(false);
            SessionFormat.set(c, task.files().zone());
            SeedValues values = new SeedValues(c, task.tables(), task.files(), task.plans(), dates);
            for (SeedPlan plan : task.plans()) {
                long missing = missing(c, plan, values);
                if (missing > 0)
                    findings.add(plan.name() + ": " + Format.count(missing, "row") + " of the seeds missing");
                for (SeedPlan.Binding reference : references(plan)) {
                    String target = reference.target();
                    long orphans = orphans(c, plan, reference);
                    if (orphans > 0)
                        findings.add(plan.name() + "." + reference.column().name() + ": " + Format.count(orphans, "row")
                                + " without their " + target);
                }
            }
        }
        return findings;
    }

    /** The foreign keys of one column, and the references that the manifest names. */
    private Set<SeedPlan.Binding> references(SeedPlan plan) {
        Set<SeedPlan.Binding> references = new LinkedHashSet<>();
        for (TableCatalog.Column column : plan.table().columns().values())
            if (column.target() != null) references.add(new SeedPlan.Binding(column, column.target()));
        SeedRow nowhere = new SeedRow(task.files().folder(), 1, Map.of());
        for (String field : plan.references().keySet()) references.add(plan.binding(field, nowhere));
        return references;
    }

    private long orphans(Connection c, SeedPlan plan, SeedPlan.Binding reference) throws SQLException {
        TableCatalog.Table target = task.tables().find(reference.target()).orElseThrow();
        String column = Sql.quoted(reference.column().name());
        return Database.one(
                c,
                "SELECT count(*) FROM " + plan.table().sql() + " t WHERE t." + column
                        + " IS NOT NULL AND NOT EXISTS (SELECT FROM " + target.sql() + " r WHERE r."
                        + Sql.quoted(target.id().name()) + " = t." + column + ")",
                Long.class);
    }

    private long missing(Connection c, SeedPlan plan, SeedValues values) throws Exception {
        if (plan.large() != null) return new LargeFile(task.db().out(), c, plan, values, null).missing();
        if (plan.rows().isEmpty()) return 0;
        return plan.rows().size()
                - Upsert.of(c, plan)
                        .existing(values.ready(plan, plan.rows().values(), plan.key()::contains))
                        .size();
    }
}
