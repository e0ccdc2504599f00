package avdaily.migrate;

import avdaily.base.Failure;
import avdaily.db.Database;
import avdaily.db.OperationLog;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Date;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationState;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.core.api.output.ValidateOutput;
import org.flywaydb.core.api.resolver.MigrationResolver;
import org.flywaydb.core.api.resolver.ResolvedMigration;
import org.flywaydb.core.internal.info.MigrationInfoImpl;
import org.flywaydb.core.internal.parser.ParsingContext;
import org.flywaydb.core.internal.resolver.sql.SqlMigrationResolver;
import org.flywaydb.core.internal.sqlscript.FlywaySqlScriptException;
import org.flywaydb.core.internal.sqlscript.SqlScriptFactory;
import org.flywaydb.database.postgresql.PostgreSQLConfigurationExtension;

/** Flyway's history table on one database, beside the migration files: what Flyway makes of both, and what is changed in the table. */
public final class FlywayHistory {
    private static final String TABLE = "public.flyway_schema_history";

    /** What Flyway found when the table had these rows. */
    private record Known(String target, boolean outOfOrder, String rows, List<MigrationInfo> all) {}

    private final Database db;
    private final MigrationFiles files;
    private final int lockAttempts;
    private boolean isOutOfOrder;
    private Known known;
    /** What Flyway took apart, by the file's name. */
    private final Map<String, org.flywaydb.core.internal.sqlscript.SqlScript> parsed = new HashMap<>();

    public FlywayHistory(Database db, MigrationFiles files, int lockAttempts) {
        this.db = db;
        this.files = files;
        this.lockAttempts = lockAttempts;
    }

    public void allowOutOfOrder() {
        isOutOfOrder = true;
    }

    boolean isOutOfOrder() {
        return isOutOfOrder;
    }

    // -- looking

    public static boolean isThere(Connection c) throws SQLException {
        return Database.one(c, "SELECT to_regclass('" + TABLE + "') IS NOT NULL", Boolean.class);
    }

    boolean isThere() throws SQLException {
        return isThere(db.connection());
    }

    /** Another text for every other content of the table; empty where there is none. */
    static String rows(Connection c) throws SQLException {
        return isThere(c)
                ? Database.one(
                        c,
                        "SELECT coalesce(md5(string_agg(h::text, '|' ORDER BY installed_rank)), 'none') FROM " + TABLE
                                + " h",
                        String.class)
                : "";
    }

    /** What Flyway says of files and table; it is asked again only when the table has changed. */
    private List<MigrationInfo> infos(String target) throws SQLException {
        String rows = rows(db.connection());
        if (known == null
                || !Objects.equals(known.target, target)
                || known.outOfOrder != isOutOfOrder
                || !known.rows.equals(rows))
            known = new Known(target, isOutOfOrder, rows, List.of(guarded(() -> new Flyway(configuration(target, true))
                    .info()
                    .all())));
        return known.all;
    }

    /** The entries of the table; those that were taken back are none. */
    private Stream<MigrationInfo> applied() throws SQLException {
        return infos(null).stream().filter(info -> info.getState().isApplied());
    }

    private Set<String> undoneVersions() throws SQLException {
        return !OperationLog.isLogged(db.connection())
                ? Set.of()
                : new HashSet<>(Database.list(
                        db.connection(),
                        """
                SELECT u ->> 'version' FROM avdaily_ops.operation o, jsonb_array_elements(o.details -> 'undone') u
                WHERE o.command = 'migrate rollback' AND o.outcome = 'done'""",
                        row -> row.getString(1)));
    }

    /** Every migration that has a file or an entry. */
    public List<Migration> all() throws SQLException {
        Set<String> undone = undoneVersions();
        return infos(null).stream().map(info -> migration(info, undone)).toList();
    }

    /** The schema's version, the highest that was applied whole, or null. */
    public String version() throws SQLException {
        if (!isThere()) return null;
        return Database.list(
                        db.connection(),
                        "SELECT version FROM " + TABLE
                                + " h WHERE version IS NOT NULL AND success AND type <> 'DELETE' AND NOT EXISTS (SELECT FROM "
                                + TABLE
                                + " d WHERE d.version = h.version AND d.type = 'DELETE' AND d.installed_rank > h.installed_rank)",
                        row -> MigrationVersion.fromVersion(row.getString(1)))
                .stream()
                .max(Comparator.naturalOrder())
                .map(MigrationVersion::toString)
                .orElse(null);
    }

    /** How far the table goes, and the version that it says. */
    record Mark(int rank, MigrationVersion version) {}

    Mark mark() throws SQLException {
        String version = version();
        return new Mark(
                !isThere()
                        ? 0
                        : Database.one(
                                db.connection(),
                                "SELECT coalesce(max(installed_rank), 0) FROM " + TABLE,
                                Integer.class),
                version == null ? null : version(version));
    }

    /** Those that were pending and have an entry since then; Flyway would read all files once more. */
    List<Migration> since(Mark mark, List<Migration> pending) throws SQLException {
        record Entry(Instant at, String by, int tookMs) {}
        Map<String, Entry> entries = new HashMap<>();
        Database.list(
                db.connection(),
                "SELECT coalesce('V' || version, 'R') || ' ' || description, installed_on, installed_by, execution_time FROM "
                        + TABLE + " WHERE success AND installed_rank > ?",
                row -> entries.put(
                        row.getString(1), new Entry(row.getTimestamp(2).toInstant(), row.getString(3), row.getInt(4))),
                mark.rank);
        return pending.stream()
                .filter(m -> entries.containsKey(m.title()))
                .map(m -> {
                    Entry entry = entries.get(m.title());
                    boolean late = mark.version != null
                            && m.version() != null
                            && m.version().compareTo(mark.version) < 0;
                    return new Migration(
                            m.version(),
                            m.description(),
                            late ? "applied, out of order" : "applied",
                            m.transactional(),
                            entry.at,
                            entry.by,
                            entry.tookMs);
                })
                .toList();
    }

    List<Migration> appliedNewestFirst() throws SQLException {
        return applied()
                .filter(info -> info.getVersion() != null
                        && !info.getState().isFailed()
                        && !info.getType().isBaseline())
                .sorted(Comparator.comparing(MigrationInfo::getInstalledRank).reversed())
                .map(info -> migration(info, Set.of()))
                .toList();
    }

    boolean hasRepeatable() throws SQLException {
        return applied().anyMatch(info -> info.getVersion() == null);
    }

    boolean hasEntries() throws SQLException {
        return isThere() && infos(null).stream().anyMatch(info -> info.getInstalledRank() != null);
    }

    /** The version at which the database was adopted, or null. */
    MigrationVersion baseline() throws SQLException {
        return applied()
                .filter(info -> info.getType().isBaseline())
                .map(MigrationInfo::getVersion)
                .findFirst()
                .orElse(null);
    }

    /**
     * What is to be applied up to {@code target}, or all where that is null.
     *
     * @throws Failure (21) where an entry or a file is in the way
     */
    List<Migration> pending(String target) throws SQLException {
        List<MigrationInfo> all = infos(target);
        refuse(
                all,
                "failed half-way in an earlier run",
                "clean up what it left, then 'avdaily-migrate repair', then up again.",
                MigrationState.FAILED,
                MigrationState.MISSING_FAILED,
                MigrationState.FUTURE_FAILED);
        refuse(
                all,
                "older than the database's version but never applied",
                "give it a version above the newest one, so that it runs everywhere, or run it all the same: up --out-of-order.",
                MigrationState.IGNORED);
        if (!isThere() && hasRelations()) throw unmanaged();
        return all.parallelStream()
                .filter(info -> info.getState() == MigrationState.PENDING)
                .map(info -> migration(info, Set.of()))
                .toList(); // parses each file
    }

    private static void refuse(List<MigrationInfo> all, String why, String next, MigrationState... states) {
        List<String> titles = all.stream()
                .filter(info -> List.of(states).contains(info.getState()))
                .map(info -> migration(info, Set.of()).title())
                .toList();
        if (!titles.isEmpty()) throw Failure.refused(String.join(", ", titles) + ": " + why, next);
    }

    void mustKnow(String version) throws SQLException {
        MigrationVersion wanted = version(version);
        if (infos(null).stream().noneMatch(info -> wanted.equals(info.getVersion())))
            throw Failure.usage(
                    "there is no version " + version + " among the migrations", "'avdaily-migrate status' lists them.");
    }

    /** @throws Failure (2) where it is none */
    static MigrationVersion version(String text) {
        try {
            return MigrationVersion.fromVersion(text);
        } catch (FlywayException e) {
            throw Failure.usage("'" + text + "' is no version", "write it as in the file's name, as in 7 or 7.1.");
        }
    }

    private static Migration migration(MigrationInfo info, Set<String> undone) {
        String state =
                switch (info.getState()) {
                    case SUCCESS -> "applied";
                    case PENDING -> undone.contains(String.valueOf(info.getVersion())) ? "undone" : "pending";
                    case ABOVE_TARGET -> "pending";
                    case BASELINE -> "baseline";
                    case BELOW_BASELINE -> "in baseline";
                    case FAILED, MISSING_FAILED, FUTURE_FAILED -> "failed";
                    case IGNORED -> "passed over";
                    case MISSING_SUCCESS -> "applied, file gone";
                    case FUTURE_SUCCESS -> "applied, file unknown";
                    case OUT_OF_ORDER -> "applied, out of order";
                    default -> info.getState().getDisplayName().toLowerCase(Locale.ROOT);
                };
        boolean transactional = info.getState() != MigrationState.PENDING
                || Boolean.TRUE.equals(((MigrationInfoImpl) info).canExecuteInTransaction());
        Date at = info.getInstalledOn();
        return new Migration(
                info.getVersion(),
                info.getDescription(),
                state,
                transactional,
                at == null ? null : at.toInstant(),
                info.getInstalledBy(),
                info.getExecutionTime());
    }

    // -- files against entries

    /** What is wrong with the files of applied migrations, by Flyway's checksums and then by {@code sums}, ours by the file's name. */
    List<String> invalid(Map<String, String> sums) throws SQLException {
        if (applied().findAny().isEmpty()) return List.of();
        List<String> findings = new ArrayList<>(guarded(() ->
                        new Flyway(configuration(null, true).ignoreMigrationPatterns("*:pending")).validateWithResult())
                .invalidMigrations
                .stream()
                .map(FlywayHistory::finding)
                .toList());
        return findings.isEmpty() ? rewrapped(sums) : findings;
    }

    /** Flyway's checksum is blind for line breaks, and so for a statement that was joined to the comment before it. */
    private List<String> rewrapped(Map<String, String> sums) throws SQLException {
        return infos(null).stream()
                .filter(info ->
                        info.getState() == MigrationState.SUCCESS || info.getState() == MigrationState.OUT_OF_ORDER)
                .filter(info -> sums.containsKey(info.getScript())
                        && files.sum(info.getScript())
                                .filter(sum -> !sum.equals(sums.get(info.getScript())))
                                .isPresent())
                .map(info -> migration(info, Set.of()).title()
                        + ": its file was changed after it was applied, in its line breaks")
                .toList();
    }

    private static String finding(ValidateOutput invalid) {
        String title = invalid.version == null || invalid.version.isEmpty()
                ? "R " + invalid.description
                : "V" + invalid.version + " " + invalid.description;
        return title + ": "
                + switch (String.valueOf(invalid.errorDetails.errorCode)) {
                    case "CHECKSUM_MISMATCH" -> "its file was changed after it was applied";
                    case "APPLIED_VERSIONED_MIGRATION_NOT_RESOLVED", "APPLIED_REPEATABLE_MIGRATION_NOT_RESOLVED" ->
                        "it is applied, but its file is gone";
                    case "DESCRIPTION_MISMATCH" -> "its file was renamed after it was applied";
                    case "FAILED_VERSIONED_MIGRATION", "FAILED_REPEATABLE_MIGRATION" -> "it failed half-way";
                    case "RESOLVED_VERSIONED_MIGRATION_NOT_APPLIED" ->
                        "it is older than the database's version but was never applied";
                    default ->
                        invalid.errorDetails.errorMessage.lines().findFirst().orElse("");
                };
    }

    // -- changing the table

    /** Makes the table; everything up to {@code version} counts as applied. */
    void begin(String version, String description) {
        guarded(() -> new Flyway(
                        configuration(null, true).baselineVersion(version).baselineDescription(description))
                .baseline());
    }

    void repair() {
        guarded(() -> new Flyway(configuration(null, true)).repair());
    }

    /** Migrations that failed half-way were brought to their end by hand. */
    void countFailedAsApplied() throws SQLException {
        Database.update(db.connection(), "UPDATE " + TABLE + " SET success = true WHERE NOT success");
    }

    /** Takes out the entries of migrations that failed half-way, once what they left is cleared away. */
    public void forgetFailed() throws SQLException {
        if (isThere()) Database.update(db.connection(), "DELETE FROM " + TABLE + " WHERE NOT success");
    }

    static void forget(Connection c, MigrationVersion version) throws SQLException {
        Database.update(c, "DELETE FROM " + TABLE + " WHERE version = ?", version.toString());
    }

    // -- Flyway

    /** @param repeatable whether repeatable migrations are seen, too */
    FluentConfiguration configuration(String target, boolean repeatable) {
        FluentConfiguration configuration = Flyway.configure()
                .dataSource(db.dataSource())
                .resourceProvider(files.provider(repeatable))
                .locations(new String[0])
                .defaultSchema("public")
                .table("flyway_schema_history")
                .group(true)
                .outOfOrder(isOutOfOrder)
                .placeholderReplacement(false)
                .lockRetryCount(lockAttempts)
                .skipDefaultResolvers(true)
                .resolvers(this::resolve)
                .loggers("slf4j"); // the one there is, which says nothing
        if (target != null) configuration.target(version(target));
        configuration
                .getConfigurationExtension(PostgreSQLConfigurationExtension.class)
                .setTransactionalLock(false);
        return configuration;
    }

    /** What Flyway's own resolver finds; but what it takes apart to plan it need not take apart again to run. */
    private Collection<ResolvedMigration> resolve(MigrationResolver.Context context) {
        SqlScriptFactory once = (resource, mixed, resources) -> parsed.computeIfAbsent(
                resource.getFilename(), name -> context.sqlScriptFactory.createSqlScript(resource, mixed, resources));
        return new SqlMigrationResolver(
                        context.resourceProvider,
                        context.sqlScriptExecutorFactory,
                        once,
                        context.configuration,
                        new ParsingContext())
                .resolveMigrations(context);
    }

    private <T> T guarded(Supplier<T> call) {
        return guarded(call, (script, cause) -> broken(script, cause, "nothing was changed", "run this again."));
    }

    static Failure broken(FlywaySqlScriptException script, SQLException cause, String consequence, String then) {
        return MigrationScript.broken(
                script.getResource().getFilename(),
                script.getLineNumber(),
                script.getStatement(),
                cause,
                consequence,
                then);
    }

    /**
     * Lets Flyway work and turns what it throws into a failure.
     *
     * @param broken makes it of a statement that failed
     */
    <T> T guarded(Supplier<T> call, BiFunction<FlywaySqlScriptException, SQLException, Failure> broken) {
        try {
            return call.get();
        } catch (FlywayException e) {
            for (Throwable t = e; t != null; t = t.getCause()) {
                if (t instanceof Failure failure) throw failure;
                if (t instanceof FlywaySqlScriptException script && t.getCause() instanceof SQLException sql)
                    throw broken.apply(script, sql);
            }
            if (String.valueOf(e.getMessage()).startsWith("Found non-empty schema")) throw unmanaged();
            if (String.valueOf(e.getMessage()).contains("advisory lock")) throw busy();
            throw new Failure(
                    Failure.Kind.ERROR,
                    String.valueOf(e.getMessage()).lines().collect(Collectors.joining(" ")),
                    "run it again with --verbose to see where it happened.",
                    e);
        }
    }

    Failure busy() {
        return Failure.locked(
                "Flyway itself is at work on " + db, "wait until it is done and run this again; nothing was changed.");
    }

    private Failure unmanaged() {
        return Failure.refused(
                db + " has tables but no migration history",
                "adopt it with 'avdaily-migrate baseline --version V' (made by drizzle: --from-drizzle), or use an empty database.");
    }

    /** Whether the schema that Flyway works in holds anything: without a history Flyway will not touch it then. */
    private boolean hasRelations() throws SQLException {
        return Database.one(
                db.connection(),
                """
                SELECT EXISTS (SELECT FROM pg_depend n WHERE n.refclassid = 'pg_namespace'::regclass AND n.refobjid = to_regnamespace('public')::oid AND n.deptype = 'n'
                               AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = n.classid AND d.objid = n.objid AND d.deptype = 'e'))""",
                Boolean.class);
    }
}
