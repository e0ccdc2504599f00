package avdaily.migrate;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The SQL that a folder has for what happens around its migrations, by Flyway's names: {@code beforeMigrate.sql} and
 * the like.
 */
final class Callbacks {
    /** What happens once, after all migrations. */
    private static final List<String> AFTER_ALL =
            List.of("afterMigrateApplied", "afterMigrate", "afterMigrateOperationFinish");

    /** What happens after a failure. */
    static final List<String> AFTER_FAILURE =
            List.of("afterEachMigrateError", "afterMigrateError", "afterMigrateOperationError");

    /** All that happens. */
    static final Set<String> EVENTS = Stream.of(
                    AFTER_ALL,
                    AFTER_FAILURE,
                    List.of("beforeMigrate", "beforeRepeatables", "beforeEachMigrate", "afterEachMigrate"),
                    List.of("beforeEachMigrateStatement", "afterEachMigrateStatement"))
            .flatMap(List::stream)
            .collect(Collectors.toCollection(TreeSet::new));

    private final MigrationFiles files;
    private final LockRetry lockRetry;
    private final StatementWatch watch;
    private final Consumer<String> notices;
    private final RunAgain again;
    private boolean hasRunAlone;

    Callbacks(
            MigrationFiles files,
            LockRetry lockRetry,
            StatementWatch watch,
            Consumer<String> notices,
            RunAgain again) {
        this.files = files;
        this.lockRetry = lockRetry;
        this.watch = watch;
        this.notices = notices;
        this.again = again;
    }

    /** Runs those of one event in whatever transaction there is. */
    void within(Connection c, String event, String consequence, String then) {
        for (MigrationScript script : files.callbacks(event)) run(c, script, consequence, then);
    }

    private void run(Connection c, MigrationScript script, String consequence, String then) {
        for (MigrationStatement statement : script.statements()) watch.run(c, statement, notices, consequence, then);
    }

    boolean hasAfterAll() {
        return AFTER_ALL.stream().anyMatch(event -> !files.callbacks(event).isEmpty());
    }

    void afterAll(String consequence, String then) throws SQLException {
        for (String event : AFTER_ALL) alone(event, consequence, then);
    }

    /** Runs those of one event, each in a transaction of its own if it can run in one. */
    void alone(String event, String consequence, String then) throws SQLException {
        for (MigrationScript script : files.callbacks(event)) {
            script.mustLeaveTransactionsToUs();
            hasRunAlone = true;
            lockRetry.onConnection(c -> {
                lockRetry.renew(c, LockRetry.LOCK_TIMEOUT);
                c.setAutoCommit(!script.isTransactional());
                run(c, script, consequence, then);
                if (!c.getAutoCommit()) commit(c, script, consequence);
                return null;
            });
        }
    }

    /** Whether one ran, or began to, in a transaction of its own or in none. */
    boolean hasRunAlone() {
        return hasRunAlone;
    }

    private static void commit(Connection c, MigrationScript script, String consequence) {
        try {
            c.commit();
        } catch (SQLException e) {
            throw MigrationScript.uncommitted(List.of(script), e, consequence);
        }
    }

    /** As far as it goes after something failed: what fails now is no news. */
    void afterFailure(String event) {
        try {
            alone(event, "another file had failed before", again.whole);
        } catch (SQLException | RuntimeException e) {
            notices.accept(event + " failed too: " + e.getMessage());
        }
    }
}
