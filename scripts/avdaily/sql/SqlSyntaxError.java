package avdaily.sql;

import avdaily.base.Failure;

/** A file that is not the SQL of a dump, or not all of it (24). Its message begins with the line. */
public final class SqlSyntaxError extends Failure {
    private static final long serialVersionUID = 1;

    public final long line;

    SqlSyntaxError(long line, String what, String next) {
        super(Kind.DAMAGED, "line " + line + ": " + what, next, null);
        this.line = line;
    }
}
