package avdaily.migrate;

import java.util.List;
import java.util.concurrent.Callable;
import org.flywaydb.core.api.MigrationPattern;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.output.RepairResult;
import org.flywaydb.core.api.resolver.ResolvedMigration;
import org.flywaydb.core.extensibility.AppliedMigration;
import org.flywaydb.core.extensibility.MigrationType;
import org.flywaydb.core.internal.schemahistory.SchemaHistory;

/** Entries of the history as they were read: Flyway looks at them without a connection of its own. */
final class HistoryEntries extends SchemaHistory {
    private final List<AppliedMigration> entries;

    HistoryEntries(List<AppliedMigration> entries) {
        this.entries = entries;
    }

    @Override
    public boolean exists() {
        return !entries.isEmpty();
    }

    @Override
    public List<AppliedMigration> allAppliedMigrations() {
        return entries;
    }

    @Override
    public <T> T lock(Callable<T> work) {
        throw onlyRead();
    }

    @Override
    public void create(boolean baseline) {
        throw onlyRead();
    }

    @Override
    public boolean removeFailedMigrations(RepairResult result, MigrationPattern[] patterns) {
        throw onlyRead();
    }

    @Override
    public void update(AppliedMigration applied, ResolvedMigration resolved) {
        throw onlyRead();
    }

    @Override
    public void delete(AppliedMigration applied) {
        throw onlyRead();
    }

    @Override
    protected void doAddAppliedMigration(
            int rank,
            MigrationVersion version,
            String description,
            MigrationType type,
            String script,
            Integer checksum,
            int executionTime,
            boolean success) {
        throw onlyRead();
    }

    private static UnsupportedOperationException onlyRead() {
        return new UnsupportedOperationException("these entries are only looked at");
    }
}
