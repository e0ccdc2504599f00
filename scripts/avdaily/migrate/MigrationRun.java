package avdaily.migrate;

import java.util.ArrayList;
import java.util.List;
import org.flywaydb.core.api.MigrationVersion;

/**
 * Migrations that one call of Flyway applies: one transaction, or one file that cannot run in a transaction.
 *
 * @param target the version at which Flyway stops, null for none
 * @param repeatable whether Flyway sees the repeatable migrations, which it runs after all others
 */
record MigrationRun(List<Migration> migrations, String target, boolean repeatable) {
    /**
     * The runs of a plan that goes up to {@code to}, or to the end if it is null. The last run has the repeatable ones.
     */
    static List<MigrationRun> split(List<Migration> plan, String to) {
        List<List<Migration>> groups = groups(plan);
        List<MigrationRun> runs = new ArrayList<>();
        for (List<Migration> group : groups) {
            boolean last = runs.size() == groups.size() - 1;
            MigrationVersion newest = newest(group);
            String stop = newest == null ? to : newest.toString();
            runs.add(new MigrationRun(group, last && to == null ? null : stop, last));
        }
        return runs;
    }

    /** The runs of the plan without its repeatable migrations. */
    static List<MigrationRun> versioned(List<Migration> plan) {
        return groups(plan.stream().filter(m -> m.version() != null).toList()).stream()
                .map(group -> new MigrationRun(group, newest(group).toString(), false))
                .toList();
    }

    private static List<List<Migration>> groups(List<Migration> plan) {
        List<List<Migration>> groups = new ArrayList<>();
        for (Migration m : plan) {
            boolean joins = !groups.isEmpty()
                    && m.transactional()
                    && groups.get(groups.size() - 1).get(0).transactional();
            if (!joins) groups.add(new ArrayList<>());
            groups.get(groups.size() - 1).add(m);
        }
        return groups;
    }

    private static MigrationVersion newest(List<Migration> group) {
        return group.get(group.size() - 1).version();
    }

    boolean isTransactional() {
        return migrations.get(0).transactional();
    }

    String titles() {
        return Migrator.titles(migrations);
    }
}
