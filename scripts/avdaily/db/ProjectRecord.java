package avdaily.db;

import avdaily.base.Failure;
import avdaily.base.Project;
import avdaily.base.ResourceFolder;
import avdaily.sql.Sql;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The project whose migrations or seeds were first brought into a database, which the database remembers. */
public final class ProjectRecord {
    /**
     * Sees that the run works for the project that the database remembers, if both have a name. One without a name is
     * told by its migrations.
     *
     * @throws Failure (21) if they are two
     */
    public static void mustFit(Database db) throws SQLException {
        if (!db.believesOps()) return;
        Project project = db.settings().project();
        if (project.name().isEmpty()) mustKnowTheFiles(db);
        Optional<String> remembered = remembered(db.connection());
        if (remembered.isEmpty() || project.name().isEmpty() || project.name().equals(remembered)) return;
        throw Failure.refused(
                db + " is a database of the project " + remembered.get() + ", and this run is for "
                        + (project.isShipped() ? "AV-Daily's own" : project),
                "run it in the folder of " + remembered.get() + " or with --config, or name a database of "
                        + project.name().get() + "; 'DB_RESET_CONFIRM=1 avdaily-db reset' empties this one and "
                        + "lets it forget.");
    }

    private static void mustKnowTheFiles(Database db) throws SQLException {
        String schema = db.schema().orElse("public");
        Optional<Path> folder = db.settings()
                .path("AVDAILY_MIGRATIONS")
                .or(db.settings().project()::migrations)
                .filter(Files::isDirectory);
        if (folder.isEmpty() || !ForeignCode.isTable(db.connection(), schema, MigrationTool.FLYWAY)) return;
        List<String> applied = Database.list(
                db.connection(),
                """
                SELECT script FROM %s.flyway_schema_history WHERE type = 'SQL' AND success
                ORDER BY installed_rank"""
                        .formatted(Sql.quoted(schema)),
                row -> row.getString(1));
        Set<String> files = ResourceFolder.files(folder.get()).stream()
                .map(file -> file.getFileName().toString())
                .collect(Collectors.toSet());
        if (applied.isEmpty() || applied.stream().anyMatch(files::contains)) return;
        throw Failure.refused(
                "other migrations than those in " + folder.get() + " made " + db + ": " + applied.get(0)
                        + (applied.size() == 1 ? "" : " and others"),
                "check DATABASE_URL; if it is this project's database all the same, give the project a name in "
                        + Project.FILE + ", and it will be remembered.");
    }

    /** Has the database remember the run's project, unless it knows one or the role may not write it down. */
    public static void remember(Database db) throws SQLException {
        Optional<String> name = db.settings().project().name();
        Connection c = db.connection();
        if (name.isEmpty() || remembered(c).isPresent()) return;
        if (!isKept(c)) {
            if (!Database.one(c, "SELECT has_schema_privilege('avdaily_ops', 'CREATE')", Boolean.class)) return;
            Database.run(
                    c,
                    OpsTables.IN_TURNS
                            + """
                    CREATE TABLE IF NOT EXISTS avdaily_ops.project (
                      only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
                      name text NOT NULL,
                      recorded_by text NOT NULL,
                      recorded_at timestamptz NOT NULL DEFAULT now())""");
        }
        Database.update(
                c,
                "INSERT INTO avdaily_ops.project (name, recorded_by) VALUES (?, ?) ON CONFLICT DO NOTHING",
                name.get(),
                OperationLog.who());
    }

    /** Lets an emptied database be anybody's. */
    public static void forget(Connection c) throws SQLException {
        if (isKept(c)) Database.update(c, "DELETE FROM avdaily_ops.project");
    }

    private static Optional<String> remembered(Connection c) throws SQLException {
        if (!ForeignCode.isTable(c, "avdaily_ops", "project")) return Optional.empty();
        return Optional.ofNullable(Database.one(c, "SELECT max(name) FROM avdaily_ops.project", String.class));
    }

    private static boolean isKept(Connection c) throws SQLException {
        return OpsTables.have(c, "project");
    }

    private ProjectRecord() {}
}
