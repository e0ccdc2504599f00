package avdaily.migrate;

import avdaily.base.Failure;
import avdaily.base.Reason;
import avdaily.base.ResourceFolder;
import avdaily.db.Failures;
import avdaily.db.SingleStatement;
import avdaily.sql.Word;
import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.core.api.resource.LoadableResource;
import org.flywaydb.core.internal.jdbc.JdbcTemplate;
import org.flywaydb.core.internal.parser.ParsingContext;
import org.flywaydb.core.internal.sqlscript.ParserSqlScript;
import org.flywaydb.core.internal.sqlscript.SqlStatement;
import org.flywaydb.core.internal.sqlscript.SqlStatementIterator;
import org.flywaydb.database.postgresql.PostgreSQLCopyParsedStatement;
import org.flywaydb.database.postgresql.PostgreSQLParser;
import org.postgresql.util.PSQLException;

/**
 * The SQL of a migration file as it was read, statement by statement as Flyway takes it apart.
 *
 * @param ignored the text of {@code lint.ignore} beside it; null if that was not read
 */
public record MigrationScript(Path file, String text, String ignored) {
    private static final Set<String> TRANSACTION_CONTROL = Set.of("begin", "commit", "end", "abort");

    private static final Pattern SUSPICIOUS =
            Pattern.compile("(?i)\\b(?:BEGIN|START|COMMIT|END|ABORT|PREPARE|ROLLBACK|CONCURRENTLY)\\b");

    /** A script that was read by itself: what lint is to ignore of it still stands on the disk. */
    public MigrationScript(Path file, String text) {
        this(file, text, null);
    }

    /** The same, with the text of {@code lint.ignore} as it was read with it. */
    MigrationScript ignoring(String lines) {
        return new MigrationScript(file, text, lines);
    }

    /** @throws Failure (2) if the file is not UTF-8 or cannot be read */
    static MigrationScript read(Path file) {
        try {
            return new MigrationScript(file, Files.readString(file));
        } catch (CharacterCodingException e) {
            throw unreadable(file, "is not UTF-8");
        } catch (IOException e) {
            throw unreadable(file, "cannot be read: " + Reason.of(e));
        }
    }

    private static Failure unreadable(Path file, String why) {
        return Failure.usage(ResourceFolder.show(file) + " " + why, "save it as UTF-8, readable for you.");
    }

    public String name() {
        return file.getFileName().toString();
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

    public List<SqlStatement> statements() {
        FluentConfiguration configuration = Flyway.configure().placeholderReplacement(false);
        ParserSqlScript parsed =
                new ParserSqlScript(new PostgreSQLParser(configuration, new ParsingContext()), resource(), null, true);
        List<SqlStatement> statements = new ArrayList<>();
        try (SqlStatementIterator iterator = parsed.getSqlStatements()) {
            iterator.forEachRemaining(statements::add);
        }
        return statements;
    }

    public boolean isTransactional() {
        return statements().stream().allMatch(SqlStatement::canExecuteInTransaction);
    }

    /**
     * Runs the file in whatever transaction there is.
     *
     * @param consequence of a failure, as the last part of its message
     * @param then what to do once the file is correct
     * @throws Failure naming the line
     */
    public void run(Connection c, String consequence, String then) {
        for (SqlStatement statement : statements()) {
            try {
                execute(c, statement);
            } catch (SQLException e) {
                throw broken(name(), statement.getLineNumber(), statement.getSql(), e, consequence, then);
            }
        }
    }

    static void execute(Connection c, SqlStatement statement) throws SQLException {
        SQLException error = statement
                .execute(new JdbcTemplate(c, Types.NULL), null, Flyway.configure())
                .getException();
        if (error != null) throw error;
    }

    /**
     * Refuses a file that begins or ends transactions itself: it would tear the run's transaction apart, and what fails
     * could not be undone. Refuses what Flyway would run in a transaction and PostgreSQL cannot: it would fail late.
     *
     * @throws Failure (2) naming the line
     */
    void mustLeaveTransactionsToUs() {
        if (!SUSPICIOUS.matcher(text).find()) return; // which spares most files the parser
        for (SqlStatement statement : statements()) {
            if (!isForOne(statement.getSql()))
                throw Failure.usage(
                        at(statement) + ": it is not clear where this statement ends, for PostgreSQL sees more than one"
                                + " in it: " + brief(statement),
                        "write names without $, and strings with a backslash as E'...'.");
            if (endsTransaction(statement.getSql()))
                throw Failure.usage(
                        at(statement) + " begins or ends a transaction itself, so nothing could be undone as a whole",
                        "take BEGIN, COMMIT and the like out of the file: it runs in a transaction anyway.");
            if (statement.canExecuteInTransaction() && isConcurrent(statement))
                throw Failure.usage(
                        at(statement) + " cannot run in a transaction, but Flyway takes it for a statement that can: "
                                + brief(statement),
                        "write it without CONCURRENTLY, or run it by hand: "
                                + "to rebuild an index is no change of the schema.");
        }
    }

    private static boolean isForOne(String sql) {
        try {
            return SingleStatement.is(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e); // the driver's parser never does
        }
    }

    /** ROLLBACK TO a savepoint is no end. */
    private static boolean endsTransaction(String sql) {
        List<Word> words = Word.of(sql, 3);
        if (words.isEmpty()) return false;
        Word second = words.size() > 1 ? words.get(1) : words.get(0);
        return switch (words.get(0).text()) {
            case "start", "prepare" -> second.is("transaction");
            case "rollback" -> words.stream().noneMatch(word -> word.is("to"));
            default -> TRANSACTION_CONTROL.contains(words.get(0).text());
        };
    }

    /** Whether it works CONCURRENTLY without Flyway's knowing that such a statement does. */
    private static boolean isConcurrent(SqlStatement statement) {
        List<Word> words = Word.of(statement.getSql(), 30);
        return words.stream().anyMatch(word -> word.is("concurrently"))
                && (words.get(0).is("reindex")
                        || words.get(0).is("alter") && words.stream().anyMatch(word -> word.is("detach")));
    }

    /**
     * Refuses what an undo script cannot do: it runs with others in one transaction, and nobody feeds rows to COPY.
     *
     * @throws Failure (21) naming the line, and as {@link #mustLeaveTransactionsToUs}
     */
    void mustBeUndo() {
        mustLeaveTransactionsToUs();
        for (SqlStatement statement : statements()) {
            if (statement instanceof PostgreSQLCopyParsedStatement)
                throw Failure.refused(
                        at(statement) + " reads rows with COPY FROM STDIN, which an undo script cannot",
                        "write them as INSERT.");
            if (!statement.canExecuteInTransaction())
                throw Failure.refused(
                        at(statement) + " cannot run in a transaction, so it could not be undone as a whole",
                        "write it in a form that can, as in DROP INDEX without CONCURRENTLY.");
        }
    }

    private String at(SqlStatement statement) {
        return name() + " line " + statement.getLineNumber();
    }

    /** The statement's beginning, on one line. */
    static String brief(SqlStatement statement) {
        String line = statement
                .getSql()
                .replaceAll("(?s)--[^\\r\\n]*|/\\*.*?\\*/", " ")
                .replaceAll("\\s+", " ")
                .strip();
        return line.length() > 100 ? line.substring(0, 100) + "..." : line;
    }

    /**
     * What to say of a statement that failed. The line in the message is the one that the server names.
     *
     * @param line where the statement begins
     * @param consequence the end of the message
     * @param then what to do once the file is correct
     */
    static Failure broken(String file, int line, String statement, SQLException e, String consequence, String then) {
        Failure known = e.getCause() instanceof Failure f ? f : Failures.explain(e);
        if (known.kind == Failure.Kind.UNREACHABLE) return known;
        if (known.kind == Failure.Kind.LOCKED)
            return new Failure(
                    known.kind, file + " line " + line + ": " + known.getMessage() + "; " + consequence, known.next, e);
        int at = line + linesBefore(statement, e);
        return new Failure(
                Failure.Kind.ERROR,
                file + " line " + at + ": " + Failures.message(e) + "; " + consequence,
                "correct line " + at + " of " + file + ", then " + then,
                e);
    }

    private static int linesBefore(String statement, SQLException e) {
        if (!(e instanceof PSQLException p) || p.getServerErrorMessage() == null) return 0;
        int position = p.getServerErrorMessage().getPosition(); // from 1, or 0
        String before = statement.substring(0, Math.max(0, Math.min(position - 1, statement.length())));
        return (int) before.chars().filter(c -> c == '\n').count();
    }

    /** What to say if all statements of these files ran, and the end of their transaction found something wrong. */
    static Failure uncommitted(List<MigrationScript> files, SQLException e, String consequence) {
        Failure known = Failures.explain(e);
        if (known.kind == Failure.Kind.UNREACHABLE) return known;
        String names = files.stream().map(MigrationScript::name).collect(Collectors.joining(", "));
        return new Failure(
                Failure.Kind.ERROR,
                names + ": at the end of the transaction: " + Failures.message(e) + "; " + consequence,
                "correct what is deferred to that moment (a constraint, a trigger), then try again.",
                e);
    }
}
