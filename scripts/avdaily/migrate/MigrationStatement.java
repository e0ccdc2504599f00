package avdaily.migrate;

import avdaily.base.Failure;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.flywaydb.core.internal.sqlscript.SqlStatement;

/** A statement of a migration file, for rooms that know nothing of Flyway. */
public final class MigrationStatement {
    private final String file;
    private final SqlStatement statement;

    private MigrationStatement(String file, SqlStatement statement) {
        this.file = file;
        this.statement = statement;
    }

    /** The statements of a file in their order. */
    public static List<MigrationStatement> of(MigrationScript file) {
        return file.statements().stream()
                .map(statement -> new MigrationStatement(file.name(), statement))
                .toList();
    }

    /** The line of the file on which it begins, from 1. */
    public int line() {
        return statement.getLineNumber();
    }

    /** The line of the file on which it ends. */
    public int lastLine() {
        return line() + (int) sql().chars().filter(c -> c == '\n').count();
    }

    public String sql() {
        return statement.getSql();
    }

    /** Whether PostgreSQL runs it in a transaction. */
    public boolean isTransactional() {
        return statement.canExecuteInTransaction();
    }

    /** Its beginning, on one line and without comments. */
    public String brief() {
        return MigrationScript.brief(statement);
    }

    /**
     * Runs the statement in whatever transaction there is.
     *
     * @param consequence of a failure, as the last part of its message
     * @param then what to do once the file is correct
     * @throws Failure naming file and line
     */
    public void run(Connection c, String consequence, String then) {
        try {
            MigrationScript.execute(c, statement);
        } catch (SQLException e) {
            throw MigrationScript.broken(file, line(), sql(), e, consequence, then);
        }
    }
}
