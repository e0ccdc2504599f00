package avdaily.migrate;

import avdaily.base.Failure;
import avdaily.base.Out;
import avdaily.base.ResourceFolder;
import avdaily.db.Database;
import avdaily.db.Failures;
import avdaily.db.LimitedRole;
import avdaily.db.Scratch;
import avdaily.schema.Schema;
import java.math.BigInteger;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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
    private static final String BY_HAND = "write the pair by hand: 'avdaily-migrate new NAME'.";

    private static final String BUILT =
            "Others read and write the tables while the indexes are built; it runs outside of a transaction.";
    private static final String UNBUILT =
            "If one cannot be built, drop the indexes of this file that are there, INVALID "
                    + "ones too, then 'avdaily-migrate repair' and up.";
    private static final String VALIDATED =
            "Tables are read whole while others read and write them; the locks after that are short.";

    private static final Pattern ADDED_VALUE = Pattern.compile("(?s)ALTER TYPE .+? ADD VALUE ('(?:[^']|'')*+')");

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

    /**
     * What was written, and what people must look at.
     *
     * @param version of the first migration
     * @param files each migration with its undo
     */
    public record Written(BigInteger version, List<Path> files, Drift changes, List<String> warnings) {}

    /** The two scratch databases, their schemas, and what leads from the one to the other. */
    private record Comparison(
            String way,
            Database migrated,
            Database desired,
            List<Schema.Item> before,
            List<Schema.Item> wanted,
            Drift changes) {
        static Comparison of(Database migrated, Database desired) throws SQLException {
            List<Schema.Item> before = items(migrated);
            List<Schema.Item> wanted = items(desired);
            return new Comparison("migration", migrated, desired, before, wanted, Drift.between(before, wanted));
        }

        /** From the desired schema to the one that the migrations make. */
        Comparison backwards() {
            return new Comparison("undo", desired, migrated, wanted, before, Drift.between(wanted, before));
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
    public Optional<Written> generate(String name, String word) throws Exception {
        try (Scratch one = Scratch.beside(db, files.forTrial());
                Database migrated = one.database();
                Scratch two = Scratch.beside(db, files.forTrial(desiredScripts()));
                Database desired = two.database()) {
            build(migrated, desired);
            Comparison schemas = Comparison.of(migrated, desired);
            Drift changes = schemas.changes;
            if (changes.isEmpty()) return Optional.empty();
            refuseUnread(schemas);
            List<String> renames = RenameCandidates.of(changes);
            Draft draft = draft(name, word, schemas, renames);
            if (draft.steps().isEmpty())
                throw Failure.findings(
                        "no statement is known that makes this: " + String.join(", ", changes.titles())
                                + "; nothing was written",
                        BY_HAND);
            List<String> warnings = new ArrayList<>(renames);
            warnings.addAll(SchemaLosses.between(migrated.connection(), desired.connection()));
            draft.steps().forEach(step -> warnings.addAll(UnreadSteps.secrets(step.forward())));
            DraftFiles written = new DraftFiles(folder);
            written.clear(draft);
            List<String> remarks =
                    new ArrayList<>(new DraftProof(db.settings(), out, folder).of(draft, migrated, schemas.wanted));
            remarks.addAll(otherVersion(migrated));
            warnings.addAll(remarks);
            return Optional.of(
                    new Written(draft.steps().get(0).version(), written.write(draft.with(remarks)), changes, warnings));
        }
    }

    /** The local server may be newer than the one for which the pair is. */
    private List<String> otherVersion(Database tried) throws SQLException {
        int here = db.connection().getMetaData().getDatabaseMajorVersion();
        int there = tried.connection().getMetaData().getDatabaseMajorVersion();
        return here == there
                ? List.of()
                : List.of("the pair is made and proven on PostgreSQL " + there + ", and your server has " + here
                        + ", which may refuse a statement; with ALTER ROLE ... CREATEDB it is made on yours");
    }

    private static List<String> losses(Database from, Database to) throws SQLException {
        return SchemaLosses.between(from.connection(), to.connection()).stream()
                .map(Draft::sentence)
                .toList();
    }

    private Draft draft(String name, String word, Comparison schemas, List<String> renames) throws Exception {
        List<String> hints = new ArrayList<>(renames.stream()
                .map(rename -> rename + "; if so, write ALTER ... RENAME instead.")
                .toList());
        hints.addAll(losses(schemas.migrated, schemas.desired));
        List<String> losses = losses(schemas.desired, schemas.migrated);
        try (SchemaDiff diff = SchemaDiff.fetch(db.settings())) {
            List<String> all = forward(diff, schemas);
            OnlineForms forms =
                    OnlineForms.of(all, schemas.before, schemas.migrated.connection(), schemas.desired.connection());
            List<String> back = path(diff, schemas.backwards(), SchemaPath.Enums.MOVE, forms.undo());
            List<String> advised = StatementAdvice.on(
                    forms.migration(), SchemaLosses.computed(schemas.migrated.connection()));
            BigInteger version = files.next();
            List<Draft.Step> steps = new ArrayList<>();
            for (Draft.Step step : List.of(
                    new Draft.Step(version, word, List.of(), advised, back),
                    new Draft.Step(
                            version, word + "_indexes", List.of(BUILT, UNBUILT), forms.indexes(), forms.undoIndexes()),
                    new Draft.Step(version, word + "_validate", List.of(VALIDATED), forms.last(), forms.undoLast())))
                if (!step.isEmpty()) steps.add(step.as(version.add(BigInteger.valueOf(steps.size()))));
            return new Draft(name, hints, losses, steps);
        }
    }

    /** A new value can be used only after a commit: if the file uses it, the enum is made anew. */
    private List<String> forward(SchemaDiff diff, Comparison schemas) throws Exception {
        List<String> statements = path(diff, schemas, SchemaPath.Enums.ADD_VALUES, List.of());
        List<String> values = statements.stream()
                .map(ADDED_VALUE::matcher)
                .filter(Matcher::lookingAt)
                .map(m -> m.group(1))
                .toList();
        boolean usesOne = statements.stream()
                .filter(text -> !ADDED_VALUE.matcher(text).lookingAt())
                .anyMatch(text -> values.stream().anyMatch(text::contains));
        return usesOne ? path(diff, schemas, SchemaPath.Enums.MOVE, List.of()) : statements;
    }

    private List<String> path(SchemaDiff diff, Comparison schemas, SchemaPath.Enums enums, List<String> done)
            throws Exception {
        DiffStatements statements = new DiffStatements(diff, out);
        try {
            return new SchemaPath(statements, schemas.changes, schemas.migrated, schemas.desired)
                    .statements(enums, done);
        } catch (SQLException e) {
            throw new Failure(
                    Failure.Kind.FINDINGS,
                    "no " + schemas.way + " can be generated: a type has to be made anew that "
                            + "columns have, as PostgreSQL takes no value away from an enum and gives no domain "
                            + "another base type, or something else has to go first, and that is not possible here: "
                            + Failures.message(e) + "; nothing was written",
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

    /** On the local server each scratch database has a role of its own, which is no difference. */
    static List<Schema.Item> items(Database scratch) throws SQLException {
        return Schema.of(scratch, Schema.Options.DEFINITIONS).comparable().stream()
                .filter(item -> !item.kind().equals(Schema.SETTINGS))
                .map(item -> new Schema.Item(
                        item.kind(),
                        LimitedRole.asCurrent(item.identity()),
                        item.section(),
                        LimitedRole.asCurrent(item.ddl())))
                .toList();
    }

    private static void refuseUnread(Comparison schemas) throws SQLException {
        Set<String> unknown = new TreeSet<>(PublicationSteps.unknown(schemas.migrated.connection()));
        unknown.addAll(PublicationSteps.unknown(schemas.desired.connection()));
        Set<String> known = UnreadSteps.known(schemas.migrated.connection(), schemas.desired.connection());
        List<String> unread = schemas.changes.changes().stream()
                .filter(change -> change.kind().equals("NOT READ"))
                .map(Drift.Change::identity)
                .filter(name -> name.startsWith("PUBLICATION ") ? unknown.contains(name) : !known.contains(name))
                .map(name -> name + " (" + UnreadSteps.whyUnknown(name) + ")")
                .toList();
        if (!unread.isEmpty())
            throw Failure.usage(
                    "no statement is known that makes this: " + String.join(", ", unread), BY_HAND);
    }
}
