package avdaily.migrate;

import avdaily.base.Failure;
import avdaily.base.Out;
import avdaily.base.ResourceFolder;
import avdaily.db.Database;
import avdaily.db.Failures;
import avdaily.db.Scratch;
import avdaily.schema.Schema;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Writes the migration that leads from the migrations of a folder to its desired schema, with its undo.
 *
 * <ol>
 *   <li>The migrations make one scratch database, the files in {@code schema/} make another.
 *   <li>{@link SchemaPath} leads from one to the other and back, and keeps values where both schemas have a column.
 *   <li>The pair is proven on the first scratch database: up, undo, up again.
 *   <li>The undo is written, then the migration.
 * </ol>
 */
public final class Generator {
    private static final String MARK = ": generated, to be reviewed.";
    private static final String UNFINISHED = ".generate-";
    private static final String BY_HAND = "write the pair by hand: 'avdaily-migrate new NAME'.";
    private static final String BY_HAND_OR_LOOK =
            "write the pair by hand ('avdaily-migrate new NAME'); --verbose shows what was generated.";

    private final Database db;
    private final Out out;
    private final Path folder;
    private final MigrationFiles files;

    /**
     * @param folder has the migrations, and the desired schema in {@code schema/}
     * @throws Failure (2) if there is no desired schema
     */
    public Generator(Database db, Path folder) {
        this.db = db;
        this.out = db.out();
        this.folder = folder;
        this.files = MigrationFiles.in(db.settings(), folder);
        if (desiredSchema().isEmpty())
            throw Failure.usage(
                    "there is no desired schema in " + folder.resolve("schema"),
                    "write it there, as CREATE statements in .sql files that run in the order of their names.");
    }

    /** What was written, and what people must look at. */
    public record Pair(BigInteger version, Path forward, Path undo, Drift changes, List<String> warnings) {}

    /** The two scratch databases, their schemas, and what leads from the one to the other. */
    private record Comparison(
            Database migrated, Database desired, List<Schema.Item> before, List<Schema.Item> wanted, Drift changes) {
        static Comparison of(Database migrated, Database desired) throws SQLException {
            List<Schema.Item> before = items(migrated);
            List<Schema.Item> wanted = items(desired);
            return new Comparison(migrated, desired, before, wanted, Drift.between(before, wanted));
        }

        /** From the desired schema to the one that the migrations make. */
        Comparison backwards() {
            return new Comparison(desired, migrated, wanted, before, Drift.between(wanted, before));
        }
    }

    /** The texts of a pair before it is proven. */
    private record Draft(BigInteger version, String word, String forward, String undo) {
        String forwardName() {
            return "V" + version + "__" + word + ".sql";
        }

        String undoName() {
            return "U" + version + "__" + word + ".sql";
        }
    }

    /** How the schema of the migrations differs from the desired one. */
    public Drift difference() throws Exception {
        try (Scratch one = Scratch.beside(db, files.forTrial());
                Database migrated = one.database();
                Scratch two = Scratch.beside(db, files.forTrial(desiredScripts()));
                Database desired = two.database()) {
            build(migrated, desired);
            return Drift.between(items(desired), items(migrated));
        }
    }

    /**
     * Writes the pair.
     *
     * @param name what the migration does, as its first line says it
     * @param word the same as a part of the file's name
     * @return the pair, nothing if the schemas agree
     * @throws Failure (22) if no pair can be generated that passes its proof, (2) if the schema holds what is not
     *     compared
     */
    public Optional<Pair> generate(String name, String word) throws Exception {
        try (Scratch one = Scratch.beside(db, files.forTrial());
                Database migrated = one.database();
                Scratch two = Scratch.beside(db, files.forTrial(desiredScripts()));
                Database desired = two.database()) {
            build(migrated, desired);
            Comparison schemas = Comparison.of(migrated, desired);
            Drift changes = schemas.changes;
            if (changes.isEmpty()) return Optional.empty();
            refuseUnread(changes);
            List<String> warnings = RenameCandidates.of(changes);
            Draft draft = draft(name, word, schemas, warnings);
            clear(draft);
            prove(migrated, draft, schemas.wanted);
            write(draft);
            Path forward = folder.resolve(draft.forwardName());
            Path undo = folder.resolve(draft.undoName());
            return Optional.of(new Pair(draft.version, forward, undo, changes, warnings));
        }
    }

    private Draft draft(String name, String word, Comparison schemas, List<String> warnings) throws Exception {
        BigInteger version = files.next();
        List<String> hints = warnings.stream()
                .map(warning -> warning + "; if so, write ALTER ... RENAME instead.")
                .toList();
        List<String> losses = schemas.changes.changes().stream()
                .filter(change ->
                        change.how() == Drift.How.EXTRA && change.kind().equals("TABLE"))
                .map(change -> "The rows of " + change.identity() + " are lost.")
                .toList();
        try (SchemaDiff diff = SchemaDiff.fetch(db.settings())) {
            List<String> forward = StatementAdvice.on(path(diff, schemas, SchemaPath.Enums.ADD_VALUES));
            List<String> back = path(diff, schemas.backwards(), SchemaPath.Enums.MOVE);
            return new Draft(
                    version,
                    word,
                    StatementText.file(name + MARK, hints, forward),
                    StatementText.file("Takes V" + version + " back" + MARK, losses, back));
        }
    }

    private List<String> path(SchemaDiff diff, Comparison schemas, SchemaPath.Enums enums) throws Exception {
        DiffStatements statements = new DiffStatements(diff, out);
        try {
            return new SchemaPath(statements, schemas.changes, schemas.migrated, schemas.desired).statements(enums);
        } catch (SQLException e) {
            boolean isBack = enums == SchemaPath.Enums.MOVE;
            throw new Failure(
                    Failure.Kind.FINDINGS,
                    "no " + (isBack ? "undo" : "migration") + " can be generated: a type has to be made anew that "
                            + "columns have, as PostgreSQL takes no value away from an enum and gives no domain "
                            + "another base type, and that is not possible here: " + Failures.message(e)
                            + "; nothing was written",
                    BY_HAND,
                    e);
        }
    }

    /** Both get the history's table, which is no difference then. */
    private void build(Database migrated, Database desired) throws Exception {
        Migrator migrator = new Migrator(migrated, files);
        if (files.forward().isEmpty()) migrator.history().begin("0", "nothing yet");
        migrator.build();
        new Migrator(desired, files).history().begin("0", "desired schema");
        for (MigrationScript file : desiredScripts())
            file.run(
                    desired.projectConnection(),
                    out::detail,
                    "it was tried on a scratch database, so nothing was changed",
                    "run it again.");
    }

    private MigrationScript[] desiredScripts() {
        return desiredSchema().stream().map(MigrationScript::read).toArray(MigrationScript[]::new);
    }

    private List<Path> desiredSchema() {
        return ResourceFolder.files(folder.resolve("schema")).stream()
                .filter(file -> file.toString().endsWith(".sql"))
                .toList();
    }

    private static List<Schema.Item> items(Database scratch) throws SQLException {
        return Schema.of(scratch, Schema.Options.DEFINITIONS).comparable().stream()
                .filter(item -> !item.kind().equals(Schema.SETTINGS))
                .toList();
    }

    private static void refuseUnread(Drift changes) {
        List<String> unread = changes.changes().stream()
                .filter(change -> change.kind().equals("NOT READ"))
                .map(Drift.Change::identity)
                .toList();
        if (!unread.isEmpty())
            throw Failure.usage(
                    "the desired schema has what is not compared here: " + String.join(", ", unread), BY_HAND);
    }

    // -- proof

    /** Up makes the desired schema, undo the one before, up again the same, all as the commands will do it. */
    private void prove(Database migrated, Draft draft, List<Schema.Item> wanted) throws Exception {
        Path trial = Files.createTempDirectory("avdaily-generate-");
        List<Path> copies = new ArrayList<>();
        try {
            for (Path file : ResourceFolder.files(folder))
                if (file.toString().endsWith(".sql"))
                    copies.add(Files.copy(file, trial.resolve(file.getFileName().toString())));
            copies.add(Files.writeString(trial.resolve(draft.forwardName()), draft.forward));
            copies.add(Files.writeString(trial.resolve(draft.undoName()), draft.undo));
            Optional<String> flaw = flaw(migrated, trial, draft, wanted);
            if (flaw.isPresent()) throw unproven(draft, flaw.get(), null);
        } catch (Failure e) {
            if (e.kind == Failure.Kind.FINDINGS) throw e;
            throw unproven(draft, e.getMessage(), e);
        } finally {
            for (Path copy : copies) Files.deleteIfExists(copy);
            Files.deleteIfExists(trial);
        }
    }

    /** What the trial of the pair in {@code trial} shows to be wrong. */
    private Optional<String> flaw(Database migrated, Path trial, Draft draft, List<Schema.Item> wanted)
            throws Exception {
        Migrator migrator = new Migrator(migrated, MigrationFiles.in(db.settings(), trial));
        Rollback.Proof proof = new Rollback(migrator)
                .prove(migrator.pending(String.valueOf(draft.version)).get(0));
        Drift reached = Drift.between(wanted, items(migrated));
        if (!reached.isEmpty())
            return Optional.of(
                    "the migration does not lead to the desired schema: " + String.join("; ", reached.report()));
        if (!proof.lost().isEmpty())
            return Optional.of("it drops columns that both schemas have and adds them again, so that their values are "
                    + "lost: " + String.join(", ", proof.lost()));
        if (proof.isExact()) return Optional.empty();
        List<String> differences = Stream.concat(proof.undone().report().stream(), proof.again().report().stream())
                .toList();
        return Optional.of("the undo does not lead back: " + String.join("; ", differences));
    }

    private Failure unproven(Draft draft, String why, Failure cause) {
        out.detail(draft.forward + "\n" + draft.undo);
        return new Failure(
                Failure.Kind.FINDINGS,
                "what was generated does not pass its proof, so nothing was written: " + why,
                BY_HAND_OR_LOOK,
                cause);
    }

    // -- files

    /** First the undo, then the migration: a kill between the two leaves no migration without its undo. */
    private void write(Draft draft) throws IOException {
        Path undo = Files.writeString(
                folder.resolve(UNFINISHED + draft.undoName() + ".tmp"), draft.undo, StandardOpenOption.CREATE_NEW);
        Path forward = Files.writeString(
                folder.resolve(UNFINISHED + draft.forwardName() + ".tmp"),
                draft.forward,
                StandardOpenOption.CREATE_NEW);
        Files.move(undo, folder.resolve(draft.undoName()), StandardCopyOption.ATOMIC_MOVE);
        Files.move(forward, folder.resolve(draft.forwardName()), StandardCopyOption.ATOMIC_MOVE);
    }

    /** Takes away what a killed run left. */
    private void clear(Draft draft) throws IOException {
        String undo = "U" + draft.version + "__";
        for (Path file : ResourceFolder.files(folder)) {
            String name = file.getFileName().toString();
            boolean isHalf = name.startsWith(undo)
                    && Files.readString(file).startsWith("-- Takes V" + draft.version + " back" + MARK);
            if (name.startsWith(UNFINISHED) || isHalf) Files.delete(file);
            else if (name.startsWith(undo))
                throw Failure.usage(
                        "there is " + ResourceFolder.show(file) + " already, without its migration",
                        "move it away, or write its V" + draft.version + ".");
        }
    }
}
