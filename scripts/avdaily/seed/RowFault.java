package avdaily.seed;

import avdaily.base.Failure;
import avdaily.db.Failures;
import avdaily.sql.SqlState;
import org.postgresql.util.PSQLException;

/** Whether it is for a row that the server refused a statement. */
public final class RowFault {
    /** Whether its values are to blame: by a constraint, a GENERATED ALWAYS column, or a type without equality. */
    public static boolean isOfValue(PSQLException e) {
        String state = SqlState.of(e);
        return SqlState.isDataException(e)
                || SqlState.isConstraintViolation(e)
                || state.equals(SqlState.GENERATED_ALWAYS)
                || state.equals(SqlState.UNDEFINED_FUNCTION);
    }

    /** Whether a row is to blame for its values, or for what a trigger or a function says of it. */
    static boolean isToBlame(PSQLException e) {
        boolean isInCode =
                e.getServerErrorMessage() != null && e.getServerErrorMessage().getWhere() != null;
        return isOfValue(e) || isInCode && Failures.kindOfGiven(e) == Failure.Kind.SQL;
    }

    private RowFault() {}
}
