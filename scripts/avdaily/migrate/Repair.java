package avdaily.migrate;

import avdaily.db.Database;
import avdaily.db.Lock;
import avdaily.db.OperationLog;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** Makes the history agree with files and schema again; no table but the history and the record is touched. */
public final class Repair {
    /** What becomes of a schema that differs from the recorded one. */
    public enum FoundSchema {
        /** It is the right one from now on. */
        ACCEPTED,
        LEFT_AS_IT_IS
    }

    private final Migrator migrator;
    private final Database db;
    private final FlywayHistory history;
    private final SchemaRecord record;

    public Repair(Migrator migrator) {
        this.migrator = migrator;
        this.db = migrator.db();
        this.history = migrator.history();
        this.record = migrator.record();
    }

    /** What {@link #run} would do, a line each. */
    public List<String> plan() throws SQLException {
        return migrator.invalidFiles().stream()
                .filter(finding -> !finding.endsWith(FlywayErrors.PASSED_OVER))
                .map(finding -> finding + " -> the history will agree with the files")
                .toList();
    }

    /** What differs from the recorded schema; nothing if none is recorded. */
    public Drift recordedDrift() throws SQLException {
        return record.moment(migrator.recordedAs())
                .map(SchemaRecord.Moment::drift)
                .orElse(Drift.NONE);
    }

    /**
     * What became of the statements of the migration that failed half-way, as the run that failed saw it; nothing if
     * none did.
     */
    public List<String> halfway() throws SQLException {
        List<Migration> failed = history.failed();
        if (!OperationLog.isLogged(db.connection()) || failed.isEmpty()) return List.of();
        return Database.list(
                db.connection(),
                """
                SELECT s #>> '{}'
                FROM (SELECT details -> 'halfway' -> 'statements' AS statements FROM avdaily_ops.operation
                    WHERE details -> 'halfway' ->> 'title' = ? ORDER BY id DESC LIMIT 1) o,
                  jsonb_path_query(o.statements, '$[*]') s""",
                row -> row.getString(1),
                failed.get(0).title());
    }

    /** Takes note that the migration that failed was brought to its end by hand. */
    public void countAsApplied() throws Exception {
        try (Lock lock = migrator.lock()) {
            lock.verify();
            OperationLog.record(db, "migrate repair", details -> {
                List<Migration> failed = history.failed();
                details.put(
                        "countedAsApplied",
                        failed.stream().map(Migration::title).toList());
                history.table().countFailedAsApplied();
                migrator.recordAnew(failed); // what is there now is what the end by hand left
                return null;
            });
        }
    }

    /**
     * Makes the history agree.
     *
     * @param plan what the operation log says of it
     */
    public void run(List<String> plan, FoundSchema schema) throws Exception {
        try (Lock lock = migrator.lock()) {
            lock.verify();
            OperationLog.record(db, "migrate repair", details -> {
                details.put("repaired", plan);
                boolean isRecorded = record.of(migrator.recordedAs()).isPresent();
                history.repair();
                record.storeFiles(migrator.files().sums());
                if (schema == FoundSchema.ACCEPTED) record.store(migrator.recordedAs(), Optional.empty());
                else if (isRecorded) record.keep(migrator.recordedAs());
                return null;
            });
        }
    }
}
