package avdaily.migrate;

import avdaily.base.Failure;
import avdaily.db.TrialScripts;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.flywaydb.core.api.MigrationVersion;

/**
 * Files to be tried on a scratch database.
 *
 * @param before what runs first, so that the scratch database is as the tried files expect it
 * @param transactions the tried files; those of one list are one transaction, or one file that cannot run in any
 */
public record TrialPlan(List<MigrationScript> before, List<List<MigrationScript>> transactions) {
    /** All of it, as what will run in a scratch database. */
    public TrialScripts scripts() {
        return new TrialScripts(
                Stream.concat(before.stream(), transactions.stream().flatMap(List::stream))
                        .map(MigrationScript::text)
                        .toList());
    }

    /** The pending migrations up to version {@code to}, or all if it is null, as {@code up} runs them. */
    public static TrialPlan pending(Migrator migrator, String to) throws SQLException {
        MigrationVersion last = to == null ? null : Migration.version(to);
        List<Migration> plan = migrator.all().stream()
                .filter(m -> m.isPending()
                        && (last == null || m.version() != null && m.version().compareTo(last) <= 0))
                .toList();
        return of(migrator, plan);
    }

    /** What {@code up} would apply now. */
    public static TrialPlan due(Migrator migrator) throws SQLException {
        return of(migrator, migrator.due(null));
    }

    private static TrialPlan of(Migrator migrator, List<Migration> plan) {
        MigrationVersion first = plan.stream()
                .map(Migration::version)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
        MigrationFiles files = migrator.files();
        return new TrialPlan(
                before(files, first),
                MigrationRun.split(plan, files).stream()
                        .map(run -> run.migrations().stream().map(files::of).toList())
                        .toList());
    }

    /**
     * The migrations of a range, applied or not, each by itself.
     *
     * @param to the last version, null for all from {@code from} on
     * @throws Failure (2) if one is no version, or the range ends before it begins
     */
    public static TrialPlan range(Migrator migrator, String from, String to) {
        MigrationVersion first = Migration.version(from);
        MigrationVersion last = to == null ? null : Migration.version(to);
        if (last != null && last.compareTo(first) < 0)
            throw Failure.usage("--to " + to + " comes before --from " + from, "name them the other way round.");
        NavigableMap<MigrationVersion, Path> range = migrator.files().forward().tailMap(first, true);
        return new TrialPlan(
                before(migrator.files(), first),
                alone(scripts(migrator.files(), (last == null ? range : range.headMap(last, true)).values())));
    }

    /**
     * Files each by itself, after the folder's migrations before them, or after all if none of them is in the folder.
     *
     * @throws Failure (2) if a file cannot be read
     */
    public static TrialPlan files(Migrator migrator, List<Path> given) {
        MigrationVersion first = given.stream()
                .map(MigrationFiles::version)
                .flatMap(Optional::stream)
                .filter(version -> migrator.files().forward(version).isPresent())
                .min(Comparator.naturalOrder())
                .orElse(null);
        return new TrialPlan(
                before(migrator.files(), first),
                alone(given.stream().map(MigrationScript::read).toList()));
    }

    private static List<MigrationScript> before(MigrationFiles files, MigrationVersion first) {
        NavigableMap<MigrationVersion, Path> all = files.forward();
        return Stream.concat(
                        files.callbacks("beforeMigrate").stream(),
                        scripts(files, (first == null ? all : all.headMap(first, false)).values()).stream())
                .toList();
    }

    private static List<MigrationScript> scripts(MigrationFiles files, Collection<Path> paths) {
        return paths.stream().map(files::script).toList();
    }

    private static List<List<MigrationScript>> alone(List<MigrationScript> scripts) {
        return scripts.stream().map(List::of).toList();
    }
}
