package avdaily.migrate;

import avdaily.migrate.batch.BatchState;
import avdaily.migrate.batch.DataMigration;
import avdaily.sql.ScriptStatement;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.function.Consumer;

/** One batch of a data migration in a transaction that somebody takes back. */
final class BatchTrial implements DataMigration.Execution {
    private final MigrationScript script;
    private final Consumer<String> notices;
    private MigrationStatement running;

    BatchTrial(MigrationScript script, Consumer<String> notices) {
        this.script = script;
        this.notices = notices;
    }

    /** @param state where an earlier run came to */
    DataMigration.Trial run(Connection c, Optional<BatchState> state) throws SQLException {
        try {
            return DataMigration.trial(c, script.batches().orElseThrow(), state, this);
        } catch (SQLException e) {
            if (running == null) throw e;
            throw MigrationScript.broken(c, running, e, "nothing was changed, this was a dry run", "try again.");
        }
    }

    @Override
    public long run(Connection c, ScriptStatement part) throws SQLException {
        running = new MigrationStatement(script.file(), part);
        return running.execute(c, notices);
    }

    @Override
    public boolean isInterrupted() {
        return false;
    }
}
