import avdaily.base.Failure;
import avdaily.base.Json;
import avdaily.console.Exit;
import avdaily.console.Gate;
import avdaily.db.Database;
import avdaily.db.MigrationTool;
import avdaily.migrate.Baseline;
import avdaily.migrate.Drift;
import avdaily.migrate.Migration;
import avdaily.migrate.Migrator;
import avdaily.migrate.Validator;
import java.sql.SQLException;
import java.util.List;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "baseline",
        description =
                "Adopt a database that has tables but no history, also another tool's: its schema counts as being at "
                        + "a version, if nobody names one at the newest, which it then has to be equal to.")
class MigrateBaseline extends MigrateScript {
    @ArgGroup(multiplicity = "0..1")
    Source source;

    static class Source {
        @Option(
                names = "--version",
                paramLabel = "V",
                description = "The version whose schema the database has; 0 is before the first.")
        String version;

        @Option(
                names = "--from-drizzle",
                description = "The database was made by drizzle: its journal says the version.")
        boolean drizzle;
    }

    @Override
    int run(Migrator migrator, Database db) throws Exception {
        Baseline baseline = new Baseline(migrator);
        if (source == null && baseline.isManaged()) return nothingToDo(migrator, db);
        List<MigrationTool.History> tools = MigrationTool.settled(db);
        tools.forEach(tool -> out().print("Found " + tool + "."));
        String version = version(baseline);
        baseline.check(version);
        Drift drift = difference(migrator, version);
        out().print(
                        drift.isEmpty()
                                ? db + " has exactly the schema of version " + version + "."
                                : db + " differs from version " + version + "; what is extra stays as it is:");
        drift.report().forEach(line -> out().print("  " + line));
        if (source == null && !drift.isEmpty())
            return findings(
                    db + " is not equal to what the migrations up to " + version + ", the newest, build",
                    "write a migration that makes it so, or adopt it all the same: baseline --version V.");
        boolean differs = drift.changes().stream().anyMatch(change -> change.how() != Drift.How.EXTRA);
        Gate.before(
                        db,
                        "record " + db + " as being at version " + version
                                + (differs ? ", although it differs from it as shown" : ""))
                .changesSchema()
                .destructive();
        baseline.run(version);
        out().print("Adopted: " + db + " is at version " + version + ". 'avdaily-migrate up' goes on from there.");
        if (!tools.isEmpty())
            out().print("What " + tools.get(0).tool() + " keeps in the database stays there, and counts no more.");
        out().json(Json.object(
                "database",
                db.name(),
                "version",
                version,
                "differences",
                drift.changes().stream().map(Drift.Change::json).toList()));
        return Exit.DONE;
    }

    private String version(Baseline baseline) throws SQLException {
        if (source == null) return baseline.newest();
        return source.drizzle ? baseline.drizzleVersion() : source.version;
    }

    private int nothingToDo(Migrator migrator, Database db) throws SQLException {
        String version = migrator.version();
        out().print(db + " has Flyway's history already, at version " + Migration.shown(version)
                + ": nothing to do. 'avdaily-migrate up' goes on from there.");
        out().json(Json.object("database", db.name(), "version", version, "differences", List.of()));
        return Exit.DONE;
    }

    /** Adopting must not depend on a scratch database: without one, the user is told so before the question. */
    private static Drift difference(Migrator migrator, String version) throws Exception {
        try {
            return new Validator(migrator).difference(version);
        } catch (Failure e) {
            return new Drift(List.of(new Drift.Change(Drift.How.CHANGED, "NOT COMPARED", e.getMessage(), List.of())));
        }
    }
}
