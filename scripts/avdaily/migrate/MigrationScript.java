package avdaily.migrate;

import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.base.Place;
import avdaily.base.Reason;
import avdaily.base.ResourceFolder;
import avdaily.base.Sha256;
import avdaily.db.Failures;
import avdaily.migrate.batch.BatchFile;
import avdaily.migrate.batch.DataMigration;
import avdaily.sql.ScriptReader;
import avdaily.sql.ScriptStatement;
import avdaily.sql.Sql;
import avdaily.sql.SqlState;
import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.flywaydb.core.api.resource.LoadableResource;
import org.postgresql.util.PSQLException;

/**
 * The SQL of a migration file as it was read.
 *
 * @param ignored the text of {@code lint.ignore} beside it; null if that was not read
 * @param settings the text of the file's own {@code .sql.conf}; null if there is none
 * @param schema the one that it runs for; null if that is the whole database
 */
public record MigrationScript(Path file, String text, String ignored, String settings, String schema) {
    /** Stands for the schema that a file runs for, as for Flyway. */
    static final String DEFAULT_SCHEMA = "${flyway:defaultSchema}";

    /** The same, shorter. */
    static final String SCHEMA = "${schema}";

    /** Its bytes, its text, and the text of its statements. */
    private static final int TIMES_IN_MEMORY = 3;

    private static final Pattern OUTSIDE = Pattern.compile("(?im)^\\s*executeInTransaction\\s*=\\s*false\\s*$");

    private static final Pattern OBEYED = Pattern.compile("(?i)\\s*(?:[#!].*"
            + "|executeInTransaction\\s*=\\s*(true|false)|encoding\\s*=\\s*UTF-8"
            + "|placeholderReplacement\\s*=\\s*false|shouldExecute\\s*=\\s*true)?\\s*");

    /** How the server says which row of a COPY it could not take. */
    private static final Pattern SET_TRANSACTION =
            Pattern.compile("SET\\s+TRANSACTION\\s", Pattern.CASE_INSENSITIVE);
    private static final Pattern ROW = Pattern.compile("COPY .*?, line (\\d+)");

    /** A script that was read by itself: what lint is to ignore of it still stands on the disk. */
    public MigrationScript(Path file, String text) {
        this(file, text, null, null, null);
    }

    /** The same, with the text of {@code lint.ignore} as it was read with it. */
    MigrationScript ignoring(String lines) {
        return new MigrationScript(file, text, lines, settings, schema);
    }

    /**
     * The same, with the text of its {@code .sql.conf}.
     *
     * @throws Failure (2) naming a setting that is not obeyed
     */
    MigrationScript with(String conf) {
        for (String line : conf == null ? List.<String>of() : conf.lines().toList())
            if (!OBEYED.matcher(line).matches())
                throw Failure.usage(
                                ResourceFolder.show(file) + ".conf has a setting that is not obeyed here: "
                                        + line.strip(),
                                "write executeInTransaction=false or true, and nothing else.")
                        .at(new Place(ResourceFolder.show(file) + ".conf", 0));
        return new MigrationScript(file, text, ignored, conf, schema);
    }

    /** The same for one schema. */
    MigrationScript in(String one) {
        return new MigrationScript(file, text, ignored, settings, one);
    }

    /** The text as it runs. Its checksum is that of the file, as Flyway has it. */
    private String sql() {
        if (!text.contains("${")) return text;
        String own = schema == null ? text : text.replace(SCHEMA, schema);
        return own.replace(DEFAULT_SCHEMA, schema == null ? HistoryTable.SCHEMA : schema);
    }

    /** @throws Failure (2) if the file is not UTF-8, has a zero byte, or cannot be read */
    static MigrationScript read(Path file) {
        try {
            if (Files.size(file) > Runtime.getRuntime().maxMemory() / TIMES_IN_MEMORY)
                throw Failure.usage(
                        ResourceFolder.show(file) + " has " + Format.bytes(Files.size(file))
                                + ", more than the memory allows",
                        "give Java more memory (JAVA_TOOL_OPTIONS=-Xmx8g), or load that many rows otherwise.");
            String text = Files.readString(file);
            int zero = text.indexOf('\0'); // the server would take what stands behind it for something else
            if (zero >= 0)
                throw unreadable(
                        file,
                        "has a zero byte in line "
                                + text.substring(0, zero + 1).lines().count());
            return new MigrationScript(file, text);
        } catch (CharacterCodingException e) {
            throw unreadable(file, "is not UTF-8");
        } catch (IOException e) {
            throw unreadable(file, "cannot be read: " + Reason.of(e));
        }
    }

    private static Failure unreadable(Path file, String why) {
        return Failure.usage(ResourceFolder.show(file) + " " + why, "save it as UTF-8, readable for you.")
                .at(Place.of(file));
    }

    public String name() {
        return file.getFileName().toString();
    }

    /** The SHA-256 of its text, whatever its line ends. */
    public String sum() {
        return Sha256.of(text.replace("\r\n", "\n").replace('\r', '\n'));
    }

    /** As Flyway reads it. */
    LoadableResource resource() {
        return new LoadableResource() {
            @Override
            public Reader read() {
                return new StringReader(text);
            }

            @Override
            public String getAbsolutePath() {
                return ResourceFolder.show(file);
            }

            @Override
            public String getAbsolutePathOnDisk() {
                return ResourceFolder.show(file);
            }

            @Override
            public String getFilename() {
                return name();
            }

            @Override
            public String getRelativePath() {
                return name();
            }
        };
    }

    /** As psql would send them. */
    public List<MigrationStatement> statements() {
        List<MigrationStatement> statements = new ArrayList<>();
        ActingRole acting = ActingRole.OF_LOGIN;
        for (ScriptStatement part : ScriptReader.read(sql())) {
            statements.add(new MigrationStatement(file, part, acting.judgedIn(part)));
            acting = acting.after(part);
        }
        return statements;
    }

    /** The data migration that this is; nothing if it is an ordinary file. */
    public Optional<BatchFile> batches() {
        return BatchFile.of(file, sql());
    }

    /** The statements as they run in a database where nobody waits for them: those of a batch on all rows at once. */
    public List<MigrationStatement> statementsFor(Connection c) throws SQLException {
        Optional<BatchFile> batches = batches();
        return batches.isEmpty()
                ? statements()
                : DataMigration.atOnce(c, batches.get()).stream()
                        .map(part -> new MigrationStatement(file, part))
                        .toList();
    }

    /** Whether the file can run in a transaction as a whole, and may. */
    public boolean isTransactional() {
        return !BatchFile.is(text)
                && (settings == null || !OUTSIDE.matcher(settings).find())
                && statements().stream().allMatch(MigrationStatement::isTransactional);
    }

    /**
     * Runs the file in whatever transaction there is, a data migration on all rows at once.
     *
     * @param notices gets what the server says besides
     * @param consequence of a failure, as the last part of its message
     * @param then what to do once the file is correct
     * @throws Failure naming the line
     */
    public void run(Connection c, Consumer<String> notices, String consequence, String then) throws SQLException {
        for (MigrationStatement statement : statementsFor(c)) statement.run(c, notices, consequence, then);
    }

    /**
     * Refuses a file that begins or ends transactions itself: it would tear the run's transaction apart, and what fails
     * could not be undone. One that runs outside a transaction may have its own. Refuses commands of psql's, which no
     * server knows.
     *
     * @throws Failure (2) naming the line
     */
    public void mustLeaveTransactionsToUs() {
        boolean isOurs = isTransactional();
        for (MigrationStatement statement : statements()) {
            if (statement.isOfPsql())
                throw Failure.usage(
                                statement.at() + " is a command of psql's, which is not run here: " + statement.brief(),
                                "take it out of the file; what it includes or sets has to stand there as SQL.")
                        .at(statement.place());
            if (isOurs && statement.endsTransaction())
                throw Failure.usage(
                                statement.at()
                                        + " begins or ends a transaction itself, so nothing could be undone as a whole",
                                "take BEGIN, COMMIT and the like out of the file: it runs in a transaction anyway.")
                        .at(statement.place());
        }
    }

    /**
     * Refuses what an undo script cannot do: it runs with others in one transaction, and nobody feeds rows to COPY.
     *
     * @throws Failure (21) naming the line, and as {@link #mustLeaveTransactionsToUs}
     */
    void mustBeUndo() {
        mustLeaveTransactionsToUs();
        for (MigrationStatement statement : statements()) {
            if (statement.feedsRows())
                throw Failure.refused(
                                statement.at() + " reads rows with COPY FROM STDIN, which an undo script cannot",
                                "write them as INSERT.")
                        .at(statement.place());
            if (!statement.isTransactional())
                throw Failure.refused(
                                statement.at() + " cannot run in a transaction, so it could not be undone as a whole",
                                "write it in a form that can, as in DROP INDEX without CONCURRENTLY.")
                        .at(statement.place());
        }
    }

    /**
     * What to say of a statement that failed. The line in the message is the one that the server names.
     *
     * @param c the session in which it ran
     * @param consequence the end of the message
     * @param then what to do once the file is correct
     */
    static Failure broken(Connection c, MigrationStatement statement, SQLException e, String consequence, String then) {
        Failure known = e.getCause() instanceof Failure f ? f : Failures.explain(e);
        if (known.kind == Failure.Kind.UNREACHABLE) return known;
        if (known.kind == Failure.Kind.LOCKED)
            return new Failure(
                            known.kind, statement.at() + ": " + known.getMessage() + "; " + consequence, known.next, e)
                    .at(statement.place());
        int line = line(statement.part(), e);
        String file = statement.name();
        String next = isNoMistake(e)
                ? known.next
                : Failures.missingPrivilege(e, statement.sql(), roleOf(c, statement))
                                .orElseGet(() -> advice(statement, e, "correct line " + line + " of " + file))
                        + ", then " + then;
        return new Failure(
                        Failures.kindOfGiven(e),
                        file + " line " + line + ": " + Failures.messageWithHint(e) + "; " + consequence,
                        next,
                        e)
                .at(Place.of(statement.file(), line));
    }

    /** Whether no other text of the file would have helped. */
    private static boolean isNoMistake(SQLException e) {
        return SqlState.isOfTheServer(e)
                || List.of(SqlState.QUERY_CANCELED, SqlState.READ_ONLY_TRANSACTION).contains(SqlState.of(e));
    }

    /** The one that the server refused. */
    private static String roleOf(Connection c, MigrationStatement statement) {
        if (statement.role() != null) return statement.role();
        try {
            return Sql.quoted(c.getMetaData().getUserName());
        } catch (SQLException e) {
            return "<role>"; // the session is dead, and that is said
        }
    }

    /** Whether something that it does may stay if it is rolled back. */
    boolean mayOutliveRollback() {
        return statements().stream().anyMatch(statement -> statement.reachesOutside() || statement.has("setval"));
    }

    /** What no rollback takes back, as the end of a sentence; nothing if nothing reaches outside. */
    static String outside(List<MigrationScript> scripts) {
        List<String> outside = scripts.stream()
                .flatMap(script -> script.statements().stream())
                .filter(MigrationStatement::reachesOutside)
                .map(statement -> statement.at() + ": " + statement.brief())
                .toList();
        return outside.isEmpty()
                ? ""
                : ", but for what reaches outside of the transaction (" + String.join("; ", outside) + ")";
    }

    private static String advice(MigrationStatement statement, SQLException e, String correct) {
        if (statement.sql().contains(SCHEMA) && SqlState.isOfNames(e))
            return SCHEMA + " stands for the schema that a file runs for, and this run is on the whole database: name "
                    + "one with --schema; else " + correct;
        return switch (SqlState.of(e)) {
            case SqlState.INVALID_TRANSACTION_TERMINATION ->
                "if it ends transactions for good reason, write executeInTransaction=false into a file beside it, "
                        + "of the same name with .conf at its end; else " + correct;
            case SqlState.ACTIVE_SQL_TRANSACTION ->
                SET_TRANSACTION.matcher(statement.sql()).lookingAt() ? inItsOwn(statement) : correct;
            case SqlState.UNSAFE_NEW_ENUM_VALUE_USAGE ->
                "add the value in a file of its own, before " + statement.name();
            case SqlState.SYNTAX_ERROR ->
                statement
                        .part()
                        .variableAt(position(e))
                        .map(name -> name + " is a variable of psql's, which is not replaced here: write its value; "
                                + correct)
                        .orElse(correct);
            default -> correct;
        };
    }

    /** The transaction has taken locks before the file begins. */
    private static String inItsOwn(MigrationStatement statement) {
        return statement.name().startsWith("U")
                ? "take it out of " + statement.name() + ": undo scripts are one transaction, which has begun before it"
                : "write BEGIN ISOLATION LEVEL ... in its place and COMMIT at the end of " + statement.name()
                        + ", since the transaction of all files begins before them, and executeInTransaction=false "
                        + "into a file beside it, of the same name with .conf at its end";
    }

    /** The one that the server names, in the statement or in its rows. */
    private static int line(ScriptStatement part, SQLException e) {
        var server = e instanceof PSQLException p ? p.getServerErrorMessage() : null;
        Matcher row = ROW.matcher(server == null || server.getWhere() == null ? "" : server.getWhere());
        return part.rows() != null && row.lookingAt()
                ? part.rows().line() + Integer.parseInt(row.group(1)) - 1
                : part.lineOf(position(e));
    }

    /** Counted from 1; 0 if the server names none. */
    private static int position(SQLException e) {
        return e instanceof PSQLException p && p.getServerErrorMessage() != null
                ? p.getServerErrorMessage().getPosition()
                : 0;
    }

    /** What to say if all statements of these files ran, and the end of their transaction found something wrong. */
    public static Failure uncommitted(List<MigrationScript> files, SQLException e, String consequence) {
        Failure known = Failures.explain(e);
        if (known.kind == Failure.Kind.UNREACHABLE) return known;
        String names = files.stream().map(MigrationScript::name).collect(Collectors.joining(", "));
        Failure failure = new Failure(
                Failures.kindOfGiven(e),
                names + ": at the end of the transaction: " + Failures.message(e) + "; " + consequence,
                isNoMistake(e)
                        ? known.next
                        : "correct what is deferred to that moment (a constraint, a trigger), then try again.",
                e);
        return files.size() == 1 ? failure.at(Place.of(files.get(0).file)) : failure;
    }
}
