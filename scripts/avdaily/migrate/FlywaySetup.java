package avdaily.migrate;

import avdaily.db.Database;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.core.api.resolver.MigrationResolver;
import org.flywaydb.core.api.resolver.ResolvedMigration;
import org.flywaydb.core.internal.parser.ParsingContext;
import org.flywaydb.core.internal.resolver.sql.SqlMigrationResolver;
import org.flywaydb.core.internal.sqlscript.SqlScript;
import org.flywaydb.core.internal.sqlscript.SqlScriptFactory;
import org.flywaydb.database.postgresql.PostgreSQLConfigurationExtension;

/**
 * How Flyway is set up for one database and one folder: its table, its lock, and the files, which it reads from memory.
 */
final class FlywaySetup {
    private final Database db;
    private final MigrationFiles files;
    private final int lockAttempts;
    private boolean outOfOrder;
    /** What Flyway took apart, by the file's name. */
    private final Map<String, SqlScript> parsed = new HashMap<>();

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
                .dataSource(db.dataSource())
                .resourceProvider(files.provider(true))
                .locations(new String[0])
                .defaultSchema(FlywayHistory.SCHEMA)
                .table(FlywayHistory.NAME)
                .group(true)
                .outOfOrder(outOfOrder)
                .placeholderReplacement(false)
                .lockRetryCount(lockAttempts)
                .skipDefaultResolvers(true)
                .resolvers(this::resolve)
                .loggers("slf4j"); // the one there is, which says nothing
        if (target != null) configuration.target(FlywayHistory.version(target));
        configuration
                .getConfigurationExtension(PostgreSQLConfigurationExtension.class)
                .setTransactionalLock(false);
        return configuration;
    }

    /** For what applies {@code run}, on connections from {@code source}. */
    FluentConfiguration configuration(MigrationRun run, Database.Source source) {
        return configuration(run.target())
                .resourceProvider(files.provider(run.repeatable()))
                .dataSource(Database.dataSource(source))
                .validateOnMigrate(false); // the plan was validated
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
}
