package avdaily.migrate;

import avdaily.base.Failure;
import avdaily.base.ResourceFolder;
import avdaily.db.Database;
import avdaily.db.Failures;
import avdaily.db.Scratch;
import avdaily.schema.Schema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Writes the migration that leads from the migrations of a folder to its desired schema, with its undo: both proven on scratch databases. */
public final class Generator {
    private static final String MARK = ": generated, to be reviewed.";
    private static final String UNFINISHED = ".generate-";
    /** A name as SQL has it, perhaps with its schema. */
    private static final String NAME =
            "(?:\"(?:[^\"]|\"\")+\"|[^\\s\".;(]+)(?:\\.(?:\"(?:[^\"]|\"\")+\"|[^\\s\".;(]+))?";
    /** What may stand before a statement. */
    private static final String HEAD = "(?s)(?:\\s*--[^\n]*\n)*\\s*";

    private static final Pattern INDENT = Pattern.compile("(?:" + SchemaDiff.OPAQUE + ")|(?m:^)\t");

    private final Database db;
    private final Path folder;
    private final MigrationFiles files;

    /** @param folder has the migrations, and the desired schema in {@code schema/} */
    public Generator(Database db, Path folder) {
        this.db = db;
        this.folder = folder;
        this.files = MigrationFiles.in(db.settings(), folder);
        if (ResourceFolder.files(folder.resolve("schema")).stream()
                .noneMatch(file -> file.toString().endsWith(".sql")))
            throw Failure.usage(
                    "there is no desired schema in " + folder.resolve("schema"),
                    "write it there, as CREATE statements in .sql files that run in the order of their names.");
    }

    /** What was written, and what people must look at. */
    public record Pair(int version, Path forward, Path undo, Drift changes, List<String> warnings) {}

    /** How the schema of the migrations differs from the desired one. */
    public Drift difference() throws Exception {
        try (Scratch one = Scratch.beside(db);
                Database migrated = one.database();
                Scratch two = Scratch.beside(db);
                Database desired = two.database()) {
            build(migrated, desired);
            return Drift.between(items(desired), items(migrated));
        }
    }

    /** @return the pair, nothing where nothing is to do */
    public Optional<Pair> generate(String name, String word) throws Exception {
        try (Scratch one = Scratch.beside(db);
                Database migrated = one.database();
                Scratch two = Scratch.beside(db);
                Database desired = two.database()) {
            build(migrated, desired);
            List<Schema.Item> before = items(migrated);
            List<Schema.Item> wanted = items(desired);
            Drift changes = Drift.between(before, wanted);
            if (changes.isEmpty()) return Optional.empty();
            refuseUnread(changes);
            int version = files.next();
            List<String> warnings = renames(changes);
            String forward;
            String undo;
            try (SchemaDiff diff = SchemaDiff.fetch(db.settings())) {
                forward = text(
                        name + MARK,
                        warnings.stream()
                                .map(w -> w + "; if so, write ALTER ... RENAME instead.")
                                .toList(),
                        advised(forward(diff, ddl(migrated), ddl(desired))));
                List<String> back = shortened(desired, changes, before);
                back.addAll(statements(diff, ddl(desired), ddl(migrated)));
                undo = text(
                        "Takes V" + version + " back" + MARK,
                        changes.changes().stream()
                                .filter(c ->
                                        c.how() == Drift.How.EXTRA && c.kind().equals("TABLE"))
                                .map(c -> "The rows of " + c.identity() + " are lost.")
                                .toList(),
                        back);
            }
            String stem = version + "__" + word + ".sql";
            clear(stem);
            prove(migrated, version, stem, forward, undo, wanted);
            return Optional.of(new Pair(
                    version,
                    folder.resolve("V" + stem),
                    folder.resolve("U" + stem),
                    changes,
                    write(stem, forward, undo, warnings)));
        }
    }

    private List<String> forward(SchemaDiff diff, List<Schema.Item> from, List<Schema.Item> to) throws IOException {
        Map<String, Schema.Item> wanted = Drift.byName(to);
        List<String> values = new ArrayList<>();
        List<Schema.Item> with = from.stream()
                .map(item -> {
                    List<String> added = values(item, wanted.get(name(item)));
                    values.addAll(added);
                    return added.isEmpty() ? item : wanted.get(name(item));
                })
                .toList();
        return Stream.concat(values.stream(), statements(diff, with, to).stream())
                .toList();
    }

    /** The statements that give an enum its new values; none where values also go or change places. */
    private static List<String> values(Schema.Item was, Schema.Item is) {
        if (is == null || !was.ddl().contains(" AS ENUM (") || !is.ddl().contains(" AS ENUM (")) return List.of();
        List<String> old = labels(was);
        List<String> added = new ArrayList<>();
        int at = 0;
        String last = null;
        for (String label : labels(is)) {
            if (at < old.size() && old.get(at).equals(label)) at++;
            else
                added.add("ALTER TYPE " + is.identity() + " ADD VALUE " + label
                        + (last != null ? " AFTER " + last : old.isEmpty() ? "" : " BEFORE " + old.get(0)) + ";");
            last = label;
        }
        return at == old.size() ? added : List.of();
    }

    private static List<String> labels(Schema.Item type) {
        return Pattern.compile("'(?:[^']|'')*'")
                .matcher(type.ddl().substring(type.ddl().indexOf(" AS ENUM (")))
                .results()
                .map(MatchResult::group)
                .toList();
    }

    /** Things that other statements name, and that therefore must be there for them. */
    private static final Set<String> NAMED = Set.of(
            "SCHEMA",
            "TYPE",
            "DOMAIN",
            "TABLE",
            "VIEW",
            "MATERIALIZED VIEW",
            "SEQUENCE",
            "FUNCTION",
            "PROCEDURE",
            "AGGREGATE",
            "COLLATION");

    /**
     * The statements that lead from one schema to the other. What pgCodeKeeper cannot read is mostly what does not change: then it gets
     * what does and what that names, at last only what does. That nothing was overlooked is for the proof to say.
     */
    private List<String> statements(SchemaDiff diff, List<Schema.Item> from, List<Schema.Item> to) throws IOException {
        try {
            return possible(diff.statements(from, to), to);
        } catch (Failure whole) {
            db.out().detail(whole.getMessage() + "; it is tried again with less.");
            Failure last = whole;
            for (boolean withNamed : new boolean[] {true, false}) {
                try {
                    Set<String> kept = changed(from, to, withNamed);
                    return possible(
                            diff.statements(
                                    from.stream()
                                            .filter(item -> kept.contains(name(item)))
                                            .toList(),
                                    to.stream()
                                            .filter(item -> kept.contains(name(item)))
                                            .toList()),
                            to);
                } catch (Failure less) {
                    db.out().detail(less.getMessage());
                    last = less;
                }
            }
            throw last;
        }
    }

    /** It adds every constraint NOT VALID and validates it then, also those that PostgreSQL cannot have so, or could not before version 18. */
    private static List<String> possible(List<String> statements, List<Schema.Item> wanted) {
        Set<String> partitioned = wanted.stream()
                .filter(item -> item.kind().equals("TABLE") && item.ddl().matches("(?s).*\\)\\s+PARTITION BY .*"))
                .map(Schema.Item::identity)
                .collect(Collectors.toSet());
        Set<String> needless = new HashSet<>();
        List<String> result = new ArrayList<>();
        for (String text : statements) {
            Optional<Matcher> added = match(
                            HEAD + "ALTER TABLE (?:ONLY )?(" + NAME + ")\\s+ADD CONSTRAINT (" + NAME
                                    + ") (EXCLUDE|FOREIGN KEY) .* NOT VALID;",
                            text)
                    .filter(m -> m.group(3).equals("EXCLUDE") || partitioned.contains(m.group(1)));
            added.ifPresent(
                    m -> needless.add("ALTER TABLE " + m.group(1) + " VALIDATE CONSTRAINT " + m.group(2) + ";"));
            if (!needless.contains(text)) result.add(added.isPresent() ? text.replaceFirst(" NOT VALID;$", ";") : text);
        }
        return result;
    }

    private static String name(Schema.Item item) {
        return item.kind() + " " + item.identity();
    }

    /** What is not the same in both, with all schemas and, if wanted, all that it names. */
    private static Set<String> changed(List<Schema.Item> from, List<Schema.Item> to, boolean withNamed) {
        List<Schema.Item> both = Stream.concat(from.stream(), to.stream()).toList();
        Set<Schema.Item> same = new HashSet<>(from);
        same.retainAll(new HashSet<>(to));
        Set<Schema.Item> kept = both.stream()
                .filter(item -> !same.contains(item) || item.kind().equals("SCHEMA"))
                .collect(Collectors.toCollection(HashSet::new));
        for (boolean grows = withNamed; grows; ) {
            String text = kept.stream().map(Schema.Item::ddl).collect(Collectors.joining("\n"));
            grows = kept.addAll(both.stream()
                    .filter(item -> NAMED.contains(item.kind())
                            && text.contains(item.identity().replaceFirst("\\(.*", "")))
                    .toList());
        }
        return kept.stream().map(Generator::name).collect(Collectors.toSet());
    }

    /** Takes the values that enums got back on {@code desired}: what then is left to undo is the comparison's work. */
    private static List<String> shortened(Database desired, Drift changes, List<Schema.Item> before)
            throws SQLException {
        List<String> statements = new ArrayList<>(EnumUndo.statements(desired.connection(), changes, before));
        try {
            for (String statement : statements) Database.run(desired.connection(), statement);
            return statements;
        } catch (SQLException e) {
            throw new Failure(
                    Failure.Kind.FINDINGS,
                    "no undo can be generated: PostgreSQL takes no value away from an enum, and the type cannot be made anew: "
                            + Failures.message(e) + "; nothing was written",
                    "write the pair by hand: 'avdaily-migrate new NAME'.",
                    e);
        }
    }

    private void build(Database migrated, Database desired) throws Exception {
        new Migrator(migrated, files).build();
        new Migrator(desired, files)
                .history().begin("0", "desired schema"); // so that both have the history, which is no difference then
        for (Path file : ResourceFolder.files(folder.resolve("schema"))) {
            if (file.toString().endsWith(".sql"))
                MigrationScript.read(file)
                        .run(
                                desired.connection(),
                                "it was tried on a scratch database, so nothing was changed",
                                "run it again.");
        }
    }

    private static List<Schema.Item> items(Database scratch) throws SQLException {
        return Schema.of(scratch, Schema.Options.DEFINITIONS).comparable();
    }

    /** Without owners: everything belongs to the role that migrates. */
    private static List<Schema.Item> ddl(Database scratch) throws SQLException {
        return Schema.of(scratch, Schema.Options.WITHOUT_OWNERS).items().stream()
                .filter(item -> !item.kind().equals("MATERIALIZED VIEW DATA")
                        && !item.ddl().isBlank())
                .toList();
    }

    private static void refuseUnread(Drift changes) {
        List<String> unread = changes.changes().stream()
                .filter(change -> change.kind().equals("NOT READ"))
                .map(Drift.Change::identity)
                .toList();
        if (!unread.isEmpty())
            throw Failure.usage(
                    "the desired schema has what is not compared here: " + String.join(", ", unread),
                    "write the pair by hand: 'avdaily-migrate new NAME'.");
    }

    // -- what people must look at

    /** What comes and what goes look alike: a comparison cannot know that it is one thing under another name. */
    private static List<String> renames(Drift changes) {
        List<String> warnings = new ArrayList<>();
        for (Drift.Change gone : changes.changes())
            for (Drift.Change come : changes.changes())
                if (gone.how() == Drift.How.MISSING
                        && come.how() == Drift.How.EXTRA
                        && gone.kind().equals("TABLE")
                        && come.kind().equals("TABLE")
                        && gone.lines().stream()
                                .map(line -> line.substring(1).replace(gone.identity(), come.identity()))
                                .toList()
                                .equals(come.lines().stream()
                                        .map(line -> line.substring(1))
                                        .toList()))
                    warnings.add("table " + gone.identity() + " is dropped and " + come.identity()
                            + " made, with the same columns: perhaps it was renamed");
        for (Drift.Change change : changes.changes())
            if (change.how() == Drift.How.CHANGED && change.kind().equals("TABLE"))
                for (String[] gone : columns(change, '-'))
                    for (String[] come : columns(change, '+'))
                        if (!gone[0].equals(come[0])
                                && gone[1].equals(come[1])
                                && columns(change, '+').stream().noneMatch(c -> c[0].equals(gone[0]))
                                && columns(change, '-').stream().noneMatch(c -> c[0].equals(come[0])))
                            warnings.add("column " + change.identity() + "." + gone[0] + " is dropped and " + come[0]
                                    + " added, of the same type: perhaps it was renamed");
        return warnings;
    }

    private static List<String[]> columns(Drift.Change table, char sign) {
        Pattern column = Pattern.compile("[" + sign + "] {4}(\"(?:[^\"]|\"\")+\"|\\w+) (.+?),?");
        return table.lines().stream()
                .map(column::matcher)
                .filter(Matcher::matches)
                .filter(m -> !m.group(1).equals("CONSTRAINT"))
                .map(m -> new String[] {m.group(1), m.group(2)})
                .toList();
    }

    /** Says of a statement what it does to a table that is big and in use, and how it is written then. */
    private static List<String> advised(List<String> statements) {
        List<String> made = statements.stream()
                .map(text ->
                        match(HEAD + "CREATE (?:UNLOGGED TABLE|TABLE|MATERIALIZED VIEW) (" + NAME + ")\\s.*", text))
                .flatMap(Optional::stream)
                .map(m -> m.group(1))
                .toList();
        List<String> result = new ArrayList<>();
        for (String text : statements) {
            String table = match(
                            HEAD + "(?:ALTER TABLE(?: ONLY)?|CREATE (?:UNIQUE )?INDEX " + NAME + " ON(?: ONLY)?) ("
                                    + NAME + ")\\s.*",
                            text)
                    .map(m -> m.group(1))
                    .orElse("");
            if (made.contains(table)) {
                if (text.contains("VALIDATE CONSTRAINT")) continue; // a new table has no rows to be checked
                result.add(text.replaceFirst(" NOT VALID;$", ";"));
                continue;
            }
            String advice = text.contains("CREATE INDEX") || text.contains("CREATE UNIQUE INDEX")
                    ? "Nobody can write to " + table
                            + " while it is built. For a big table: CREATE INDEX CONCURRENTLY, in a migration of its own."
                    : match("(?s).*ADD COLUMN .*NOT NULL;", text)
                                    .filter(m -> !text.contains(" DEFAULT ") && !text.contains(" GENERATED "))
                                    .isPresent()
                            ? "Fails where " + table
                                    + " has rows: give it a DEFAULT here, and drop that in a statement of its own."
                            : text.contains("VALIDATE CONSTRAINT")
                                    ? "Reads all of " + table
                                            + ". For a big table: in a migration of its own, so that the lock of the statement before ends first."
                                    : match("(?s).*ALTER COLUMN .* SET NOT NULL;", text)
                                                    .isPresent()
                                            ? "Reads all of " + table
                                                    + " under a lock, and fails where there is a null. For a big table: a CHECK (... IS NOT NULL) NOT VALID first, validated in a migration of its own."
                                            : match("(?s).*ALTER COLUMN .* (?:SET DATA )?TYPE .*", text)
                                                            .isPresent()
                                                    ? "May rewrite " + table + " under a lock."
                                                    : text.contains("DROP TABLE") || text.contains("DROP COLUMN")
                                                            ? "What is in it is lost."
                                                            : null;
            result.add(advice == null ? text : "-- " + advice + "\n" + text);
        }
        return result;
    }

    private static Optional<Matcher> match(String pattern, String text) {
        return Optional.of(Pattern.compile(pattern).matcher(text)).filter(Matcher::matches);
    }

    private static String text(String title, List<String> remarks, List<String> statements) {
        return Stream.concat(Stream.of(title), remarks.stream())
                        .map(line -> "-- " + line + "\n")
                        .collect(Collectors.joining())
                + "\n"
                + statements.stream()
                        .map(text -> INDENT.matcher(text)
                                .replaceAll(found ->
                                        Matcher.quoteReplacement(found.group().equals("\t") ? "    " : found.group())))
                        .collect(Collectors.joining("\n\n"))
                + "\n";
    }

    // -- proof

    /** Up makes the desired schema, undo the one before, up again the same, all as the commands will do it. */
    private void prove(
            Database migrated, int version, String stem, String forward, String undo, List<Schema.Item> wanted)
            throws Exception {
        Path trial = Files.createTempDirectory("avdaily-generate-");
        List<Path> copies = new ArrayList<>();
        try {
            for (Path file : ResourceFolder.files(folder))
                if (file.toString().endsWith(".sql"))
                    copies.add(Files.copy(file, trial.resolve(file.getFileName().toString())));
            copies.add(Files.writeString(trial.resolve("V" + stem), forward));
            copies.add(Files.writeString(trial.resolve("U" + stem), undo));
            Migrator other = new Migrator(migrated, MigrationFiles.in(db.settings(), trial));
            Rollback.Proof proof = new Rollback(other)
                    .prove(other.pending(String.valueOf(version)).get(0));
            Drift reached = Drift.between(wanted, items(migrated));
            if (proof.isExact() && reached.isEmpty()) return;
            db.out().detail(forward + "\n" + undo);
            String what = !reached.isEmpty()
                    ? "the migration does not lead to the desired schema: " + String.join("; ", reached.report())
                    : "the undo does not lead back: "
                            + String.join(
                                    "; ",
                                    Stream.concat(proof.undone().report().stream(), proof.again().report().stream())
                                            .toList());
            throw Failure.findings(
                    "what was generated does not pass its proof, so nothing was written: " + what,
                    "write the pair by hand ('avdaily-migrate new NAME'); --verbose shows what was generated.");
        } catch (Failure e) {
            if (e.kind == Failure.Kind.FINDINGS) throw e;
            db.out().detail(forward + "\n" + undo);
            throw new Failure(
                    Failure.Kind.FINDINGS,
                    "what was generated does not pass its proof, so nothing was written: " + e.getMessage(),
                    "write the pair by hand ('avdaily-migrate new NAME'); --verbose shows what was generated.",
                    e);
        } finally {
            for (Path copy : copies) Files.deleteIfExists(copy);
            Files.deleteIfExists(trial);
        }
    }

    // -- files

    /** First the undo, then the migration: a kill between the two leaves no migration without its undo. */
    private List<String> write(String stem, String forward, String undo, List<String> warnings) throws IOException {
        Path first = Files.writeString(folder.resolve(UNFINISHED + "U" + stem + ".tmp"), undo);
        Path second = Files.writeString(folder.resolve(UNFINISHED + "V" + stem + ".tmp"), forward);
        Files.move(first, folder.resolve("U" + stem), StandardCopyOption.ATOMIC_MOVE);
        Files.move(second, folder.resolve("V" + stem), StandardCopyOption.ATOMIC_MOVE);
        return warnings;
    }

    /** Takes away what a killed run left. */
    private void clear(String stem) throws IOException {
        String version = stem.substring(0, stem.indexOf("__"));
        for (Path file : ResourceFolder.files(folder)) {
            String name = file.getFileName().toString();
            boolean isHalf = name.startsWith("U" + version + "__")
                    && Files.readString(file).startsWith("-- Takes V" + version + " back" + MARK);
            if (name.startsWith(UNFINISHED) || isHalf) Files.delete(file);
            else if (name.startsWith("U" + version + "__"))
                throw Failure.usage(
                        "there is " + ResourceFolder.show(file) + " already, without its migration",
                        "move it away, or write its V" + version + ".");
        }
    }
}
