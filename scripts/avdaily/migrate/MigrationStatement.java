package avdaily.migrate;

import avdaily.base.Format;
import avdaily.base.Place;
import avdaily.db.Failures;
import avdaily.db.StatementExecutor;
import avdaily.sql.ScriptStatement;
import avdaily.sql.Word;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Consumer;

/**
 * A statement of a migration file.
 *
 * @param role whose rights it needs, as SQL names it; null for the one that logged in
 */
public record MigrationStatement(Path file, ScriptStatement part, String role) {
    MigrationStatement(Path file, ScriptStatement part) {
        this(file, part, null);
    }

    /** The statements of a file in their order. */
    public static List<MigrationStatement> of(MigrationScript file) {
        return file.statements();
    }

    /** The line of the file on which it begins, from 1. */
    public int line() {
        return part.line();
    }

    /** The line of the file on which it ends. */
    public int lastLine() {
        return part.lastLine();
    }

    public String sql() {
        return part.text();
    }

    boolean feedsRows() {
        return part.kind() == ScriptStatement.Kind.COPY;
    }

    /** Whether psql itself carries it out, and no server knows it. */
    boolean isOfPsql() {
        return part.kind() == ScriptStatement.Kind.PSQL;
    }

    /** The name of its file. */
    String name() {
        return file.getFileName().toString();
    }

    String at() {
        return name() + " line " + line();
    }

    Place place() {
        return Place.of(file, line());
    }

    /** Whether PostgreSQL runs it in a transaction. */
    public boolean isTransactional() {
        return !StatementModes.runsAlone(part.words(40));
    }

    /** Whether it does something that no rollback takes back. */
    boolean reachesOutside() {
        return StatementModes.reachesOutside(part.words(400));
    }

    /** Whether it begins or ends a transaction; ROLLBACK TO a savepoint does not. */
    boolean endsTransaction() {
        return StatementModes.endsTransaction(part.words(3));
    }

    /** Its beginning, on one line and without comments. */
    public String brief() {
        return Format.within(Word.line(sql()), 100, "...");
    }

    /** Whether a word of its own, no text or comment, is this one. */
    boolean has(String word) {
        return part.words(Integer.MAX_VALUE).stream().map(Word::text).anyMatch(word::equals);
    }

    /**
     * Runs it in whatever transaction there is; {@code notices} gets what the server says besides.
     *
     * @return how many rows it changed
     */
    long execute(Connection c, Consumer<String> notices) throws SQLException {
        return StatementExecutor.execute(c, part, notice -> notices.accept(at() + ": " + Failures.notice(notice)));
    }

    /**
     * Runs the statement in whatever transaction there is.
     *
     * @param notices gets what the server says besides
     * @param consequence of a failure, as the last part of its message
     * @param then what to do once the file is correct
     * @throws avdaily.base.Failure naming file and line
     */
    public void run(Connection c, Consumer<String> notices, String consequence, String then) {
        try {
            execute(c, notices);
        } catch (SQLException e) {
            throw MigrationScript.broken(c, this, e, consequence, then);
        }
    }
}
