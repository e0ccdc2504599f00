package avdaily.migrate;

import avdaily.base.Failure;
import avdaily.db.Database;
import avdaily.db.MissingPrivilege;
import avdaily.db.SessionSettings;
import avdaily.db.SessionSource;
import avdaily.db.SessionStart;
import java.util.Collection;
import java.sql.SQLException;
import java.util.List;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.core.api.pattern.ValidatePattern;
import org.flywaydb.core.api.resolver.MigrationResolver;
import org.flywaydb.core.api.resolver.ResolvedMigration;
import org.flywaydb.core.api.resource.LoadableResource;
import org.flywaydb.core.extensibility.AppliedMigration;
import org.flywaydb.core.internal.info.MigrationInfoServiceImpl;
import org.flywaydb.core.internal.parser.ParsingContext;
import org.flywaydb.core.internal.resolver.CompositeMigrationResolver;
import org.flywaydb.core.internal.resolver.sql.SqlMigrationResolver;
import org.flywaydb.core.internal.sqlscript.SqlScript;
import org.flywaydb.core.internal.sqlscript.SqlStatementIterator;
import org.flywaydb.database.postgresql.PostgreSQLConfigurationExtension;

/**
 * How Flyway is set up for one database and one folder: its table, its lock, and the files, which it reads from memory.
 */
final class FlywaySetup {
    private final Database db;
    private final MigrationFiles files;
    private final int lockAttempts;
    private boolean outOfOrder;

    FlywaySetup(Database db, MigrationFiles files, int lockAttempts) {
        this.db = db;
        this.files = files;
        this.lockAttempts = lockAttempts;
    }

    /** From now on a file that is older than the database's version and was never applied is pending. */
    void allowOutOfOrder() {
        outOfOrder = true;
    }

    boolean isOutOfOrder() {
        return outOfOrder;
    }

    /** For what looks at the history or changes it: all files are seen, what is above {@code target} is not pending. */
    FluentConfiguration configuration(String target) {
        FluentConfiguration configuration = Flyway.configure()
                .dataSource(new SessionSource(
                        () -> SessionStart.begun(db.connect(), SessionSettings::enterZone))) // it notes the time
                .resourceProvider(files.provider())
                .locations(new String[0])
                .defaultSchema(HistoryTable.schema(db))
                .table(HistoryTable.RELATION)
                .group(true)
                .outOfOrder(outOfOrder)
                .placeholderReplacement(false)
                .lockRetryCount(lockAttempts)
                .skipDefaultResolvers(true)
                .resolvers(this::resolve)
                .loggers("slf4j"); // the one there is, which says nothing
        if (target != null) configuration.target(Migration.version(target));
        configuration
                .getConfigurationExtension(PostgreSQLConfigurationExtension.class)
                .setTransactionalLock(false);
        return configuration;
    }

    /**
     * What Flyway makes of the files and {@code entries}. By itself it would connect a second time to read them.
     *
     * @param ignored what its validation passes over, as in {@code ignoreMigrationPatterns}
     */
    MigrationInfoServiceImpl info(
            FluentConfiguration configuration, List<AppliedMigration> entries, String ignored) {
        CompositeMigrationResolver resolver = new CompositeMigrationResolver(
                configuration.getResourceProvider(), null, configuration, null, null, null, null, this::resolve);
        MigrationInfoServiceImpl info = new MigrationInfoServiceImpl(
                resolver,
                new HistoryEntries(entries),
                null,
                configuration,
                configuration.getTarget(),
                outOfOrder,
                new ValidatePattern[] {ValidatePattern.fromPattern(ignored)});
        info.refresh();
        return info;
    }

    /** @throws Failure naming the privilege that the role lacks to make the history's table */
    void mustBeAllowedTable() throws SQLException {
        String schema = HistoryTable.schema(db);
        String lack = Database.one(
                db.connection(),
                """
                SELECT CASE
                  WHEN n.oid IS NULL AND NOT has_database_privilege(d.oid, 'CREATE')
                    THEN format('CREATE SCHEMA %I AUTHORIZATION %I', s.name, current_user)
                  WHEN NOT has_schema_privilege(n.oid, 'CREATE')
                    THEN format('GRANT USAGE, CREATE ON SCHEMA %I TO %I', s.name, current_user) END
                FROM pg_database d, (SELECT ?::text AS name) s LEFT JOIN pg_namespace n ON n.nspname = s.name
                WHERE datname = current_database()""",
                String.class,
                schema);
        if (lack != null)
            throw MissingPrivilege.toMake(
                    "the table " + schema + ".flyway_schema_history, where the migrations are noted", lack);
    }

    /** What Flyway's own resolver finds; Flyway never takes a file apart, for it runs none. */
    private Collection<ResolvedMigration> resolve(MigrationResolver.Context context) {
        return new SqlMigrationResolver(
                        context.resourceProvider,
                        context.sqlScriptExecutorFactory,
                        (resource, mixed, resources) -> new UnparsedScript(resource),
                        context.configuration,
                        new ParsingContext())
                .resolveMigrations(context);
    }

    /** A file of which Flyway needs the name and the checksum. */
    private record UnparsedScript(LoadableResource resource) implements SqlScript {
        @Override
        public SqlStatementIterator getSqlStatements() {
            throw new UnsupportedOperationException("Flyway runs no file");
        }

        @Override
        public int getSqlStatementCount() {
            return 0;
        }

        @Override
        public Collection<SqlScript> getReferencedSqlScripts() {
            return List.of();
        }

        @Override
        public LoadableResource getResource() {
            return resource;
        }

        @Override
        public boolean executeInTransaction() {
            return true;
        }

        @Override
        public boolean shouldExecute() {
            return true;
        }

        @Override
        public boolean placeholderReplacement() {
            return false;
        }

        @Override
        public void validate() {}

        @Override
        public boolean includeReferencedScriptsInChecksum() {
            return false;
        }

        @Override
        public int compareTo(SqlScript other) {
            return resource.getRelativePath().compareTo(other.getResource().getRelativePath());
        }
    }
}
