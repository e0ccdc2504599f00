package avdaily.migrate;

import avdaily.base.Failure;
import avdaily.db.Scratch;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import org.flywaydb.core.api.MigrationVersion;

/** Has {@link StatementTracer} trace migrations while they run, on the database itself or on a scratch one. */
public final class Linter {
    private final Migrator migrator;
    private final MigrationFiles files;
    private final StatementTracer lint;

    public Linter(Migrator migrator, StatementTracer lint) {
        this.migrator = migrator;
        this.files = migrator.files();
        this.lint = lint;
    }

    /** Traces the pending migrations on the database itself, in transactions that are taken back. */
    public void onTarget(List<Migration> plan) throws Exception {
        List<MigrationScript> traced =
                plan.stream().filter(Migration::transactional).map(files::of).toList();
        migrator.rolledBack(c -> {
            lint.begin();
            lint.transaction(c, traced);
            return null;
        });
        plan.stream().filter(m -> !m.transactional()).forEach(m -> lint.untraced(files.of(m)));
    }

    /** Traces the pending migrations up to {@code to} as up would run them. */
    public void pending(String to) throws SQLException {
        MigrationVersion last = to == null ? null : FlywayHistory.version(to);
        List<Migration> plan = migrator.all().stream()
                .filter(m -> m.isPending()
                        && (last == null || m.version() != null && m.version().compareTo(last) <= 0))
                .toList();
        MigrationVersion first = plan.stream()
                .map(Migration::version)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
        trace(
                first,
                MigrationRun.split(plan, to).stream()
                        .map(run -> run.migrations().stream().map(files::of).toList())
                        .toList());
    }

    /** Traces the migrations of a range, applied or not, each by itself. */
    public void range(String from, String to) throws SQLException {
        MigrationVersion first = FlywayHistory.version(from);
        MigrationVersion last = to == null ? null : FlywayHistory.version(to);
        if (last != null && last.compareTo(first) < 0)
            throw Failure.usage("--to " + to + " comes before --from " + from, "name them the other way round.");
        NavigableMap<MigrationVersion, Path> range = files.forward().tailMap(first, true);
        trace(
                first,
                (last == null ? range : range.headMap(last, true))
                        .values().stream().map(files::script).map(List::of).toList());
    }

    /** Traces each file by itself, after the migrations before it or, where it is none of the folder's, after all. */
    public void files(List<Path> given) throws SQLException {
        MigrationVersion first = given.stream()
                .map(MigrationFiles::version)
                .flatMap(Optional::stream)
                .filter(version -> files.forward(version).isPresent())
                .min(Comparator.naturalOrder())
                .orElse(null);
        trace(first, given.stream().map(MigrationScript::read).map(List::of).toList());
    }

    /** On a scratch database with all migrations before {@code first}; the files of a list are one transaction. */
    private void trace(MigrationVersion first, List<List<MigrationScript>> transactions) throws SQLException {
        if (transactions.isEmpty()) return;
        try (Scratch scratch = Scratch.beside(migrator.db());
                Connection c = scratch.database().connect()) {
            for (Path file : (first == null ? files.forward() : files.forward().headMap(first)).values())
                alone(c, files.script(file));
            for (List<MigrationScript> transaction : transactions) {
                if (transaction.get(0).isTransactional()) {
                    lint.transaction(c, transaction);
                    c.commit();
                } else if (!lint.mixesTransactionModes(transaction.get(0))) {
                    lint.byItself(c, transaction.get(0));
                }
            }
        }
    }

    private static void alone(Connection c, MigrationScript file) throws SQLException {
        c.setAutoCommit(!file.isTransactional());
        file.run(c, "the scratch database could not be brought to the state before", "try again.");
        if (!c.getAutoCommit()) c.commit();
    }
}
