package avdaily.restore;

import avdaily.base.Failure;
import avdaily.db.Failures;
import avdaily.sql.SqlFile;
import avdaily.sql.SqlState;
import java.sql.SQLException;

/** The failure that says what of a dump the server did not accept, and where it stands. */
final class StatementFailure extends Failure {
    private static final long serialVersionUID = 1;

    private static final String CORRECT = "nothing was changed; correct what the message names, then run it again.";
    private static final String QUOTE =
            "nothing was changed; if a name in it is a word of this server's language, back up again with "
                    + "--quote-all-identifiers, else correct what the message names.";

    /** Of the dump, from 1. */
    final long line;

    private StatementFailure(Kind kind, long line, String what, String next, SQLException e) {
        super(kind, what, next, e);
        this.line = line;
    }

    static Failure of(SqlFile.Statement statement, SQLException e) {
        boolean isGrammar = SqlState.of(e).equals(SqlState.SYNTAX_ERROR);
        return of(statement.line(), DumpContents.head(statement), e, isGrammar ? QUOTE : CORRECT);
    }

    static Failure of(SqlFile.Copy block, SQLException e) {
        return of(block.line(), block.text(), e, CORRECT);
    }

    /** A materialized view that cannot be filled may be left empty. */
    static Failure ofView(DumpStatement step, SQLException e) {
        return of(
                step.statement().line(),
                DumpContents.head(step.statement()),
                e,
                "nothing was changed; correct what the message names, or restore all but the rows of this view: "
                        + "--leave-empty '" + step.name() + "'.");
    }

    private static Failure of(long line, String head, SQLException e, String next) {
        Failure known = Failures.explain(e);
        return new StatementFailure(
                Failures.kindOfGiven(e),
                line,
                "line " + line + " of the file (" + head + "): " + Failures.message(e),
                known.kind == Failure.Kind.ERROR ? next : known.next,
                e);
    }
}
