package avdaily.migrate;

import avdaily.base.Failure;
import avdaily.db.Database;
import avdaily.db.Scratch;
import java.math.BigInteger;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * Writes the migrations that give a column of a big table in use another type.
 *
 * <ol>
 *   <li>The migrations that are there make a scratch database; all that reads the column is read from it.
 *   <li>{@link TypeChangeSteps} writes the migrations, each with its undo.
 *   <li>They are proven there: up, undo, up again. Nothing but the type may differ at the end.
 * </ol>
 */
public final class TypeChange {
    private static final String BY_HAND =
            "have a migration before take it out of the way and one behind put it back, or write the files by hand: "
                    + "'avdaily-migrate new NAME' and docs/changing-big-tables.md.";

    /**
     * What somebody wants.
     *
     * @param column as SQL names it, with its table
     * @param type as SQL names it
     * @param using how a new value is made of an old one; null for a cast
     * @param back the other way round
     */
    public record Request(String column, String type, String using, String back) {
        /** As a part of the files' names. */
        public String word() {
            ChangedColumn.Name name = ChangedColumn.Name.read(column);
            String word = name.toString().replaceAll("[^A-Za-z0-9_]+", "_").replaceAll("^_+|_+$", "");
            return "change_type_of_" + (word.isEmpty() ? "column" : word);
        }
    }

    private final Database db;
    private final Path folder;
    private final MigrationFiles files;

    public TypeChange(Database db, Path folder) {
        this.db = db;
        this.folder = folder;
        this.files = MigrationFiles.in(db.settings(), folder);
    }

    static Failure refused(String what) {
        return refused(what, BY_HAND);
    }

    static Failure refused(String what, String next) {
        return Failure.findings(what + "; nothing was written", next);
    }

    /**
     * Writes them.
     *
     * @param word what the names of the files say
     * @return the files, in the order in which they run
     * @throws Failure (2) if there is no such column or type, (22) if something reads it that cannot be made again
     */
    public Generator.Written write(Request request, String word) throws Exception {
        ChangedColumn.Name name = ChangedColumn.Name.read(request.column());
        try (Scratch scratch = Scratch.beside(db, files.forTrial());
                Database migrated = scratch.database()) {
            Migrator migrator = new Migrator(migrated, files);
            if (files.forward().isEmpty()) migrator.history().begin("0", "nothing yet");
            migrator.build();
            TypeChangeParts parts = parts(migrated, name, request);
            BigInteger version = files.next();
            List<Draft.Step> steps = new TypeChangeSteps(parts).from(version, word);
            Draft draft = new Draft(
                    parts.column().title() + " becomes " + parts.column().newType(), List.of(), List.of(), steps);
            DraftFiles written = new DraftFiles(folder);
            written.clear(draft);
            new TypeChangeProof(db, folder, parts).of(draft, migrated);
            return new Generator.Written(version, written.write(draft), Drift.NONE, parts.remarks());
        }
    }

    private static TypeChangeParts parts(Database migrated, ChangedColumn.Name name, Request request)
            throws SQLException {
        try (Connection c = migrated.connectForProject()) {
            c.setAutoCommit(false);
            ChangedColumn column = ChangedColumn.of(c, name, request.type());
            TypeChangeParts parts = new TypeChangeReader(c, column, request).parts();
            c.rollback();
            return parts;
        }
    }
}
