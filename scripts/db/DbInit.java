import avdaily.base.Json;
import avdaily.base.Project;
import avdaily.console.Exit;
import avdaily.db.Database;
import avdaily.db.MigrationTool;
import avdaily.migrate.Drift;
import avdaily.migrate.MigrationFiles;
import avdaily.migrate.Migrator;
import avdaily.migrate.NewProject;
import avdaily.migrate.Validator;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "init",
        description = "Begin a project of your own: avdaily.yaml, folders, .gitignore, a first migration, a file for "
                + "CI. What is there stays as it is.")
class DbInit extends Script {
    @Parameters(
            arity = "0..1",
            paramLabel = "DIR",
            description = "The project's folder (default: the working directory).")
    Path folder;

    @Option(names = "--name", paramLabel = "NAME", description = "The project's name (default: the folder's).")
    String name;

    @Option(
            names = "--from-database",
            description = "The first migration makes the schema that the database has, which is proven on a scratch "
                    + "database.")
    boolean fromDatabase;

    @Override
    int run() throws Exception {
        Path place = (folder != null ? folder : settings().path(Path.of("")))
                .toAbsolutePath()
                .normalize();
        NewProject project = new NewProject(place, name);
        return fromDatabase ? fromDatabase(project, place) : begin(project);
    }

    private int begin(NewProject project) throws Exception {
        project.write();
        show(project);
        out().print("Next: write the first tables into " + project.migrations()
                + "/V1__first.sql, then 'avdaily-deploy development --yes' in that folder.");
        return Exit.DONE;
    }

    private int fromDatabase(NewProject project, Path place) throws Exception {
        try (Database db = openDatabase()) {
            List<MigrationTool.History> tools = MigrationTool.settled(db);
            tools.forEach(tool -> out().print("Found " + tool + "."));
            List<String> roles = project.writeFrom(db);
            Drift drift = new Validator(new Migrator(db, files(place, project))).difference("1");
            show(project);
            if (!roles.isEmpty()) out().print("The migration needs these roles: " + String.join(", ", roles) + ".");
            drift.report().forEach(line -> out().print("  " + line));
            if (!drift.isEmpty())
                return findings(
                        "a database that V1__baseline.sql builds is not equal to " + db + ", see above",
                        "correct the file; 'avdaily-migrate baseline' compares again.");
            out().print("Proven on a scratch database: V1__baseline.sql builds the schema of " + db + ".");
            out().print("Next: 'avdaily-migrate baseline' adopts the database.");
            return Exit.DONE;
        }
    }

    private MigrationFiles files(Path place, NewProject project) {
        Project.Named named = new Project.Named(place.resolve(Project.FILE), null, null);
        return MigrationFiles.in(settings().working(named), project.migrations());
    }

    private void show(NewProject project) {
        out().print("The project " + project.name() + ":");
        project.made().forEach(file -> out().print("  Wrote " + file));
        out().json(Json.object(
                "project",
                project.name(),
                "files",
                project.made().stream().map(Path::toString).toList()));
    }
}
