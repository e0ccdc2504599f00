package avdaily.sql;

import java.sql.SQLException;

/** The SQLSTATEs that decide something, by their names in PostgreSQL's manual (appendix A). */
public final class SqlState {
    /** Bytes that are no text in their encoding. */
    public static final String CHARACTER_NOT_IN_REPERTOIRE = "22021";

    public static final String BAD_COPY_FILE_FORMAT = "22P04";

    public static final String FOREIGN_KEY_VIOLATION = "23503";
    public static final String ACTIVE_SQL_TRANSACTION = "25001";
    public static final String DEPENDENT_OBJECTS_STILL_EXIST = "2BP01";
    public static final String INVALID_TRANSACTION_TERMINATION = "2D000";
    public static final String INVALID_CATALOG_NAME = "3D000";
    public static final String INVALID_SCHEMA_NAME = "3F000";
    public static final String SERIALIZATION_FAILURE = "40001";
    public static final String DEADLOCK_DETECTED = "40P01";
    public static final String GENERATED_ALWAYS = "428C9";
    public static final String INSUFFICIENT_PRIVILEGE = "42501";
    public static final String SYNTAX_ERROR = "42601";
    public static final String UNDEFINED_COLUMN = "42703";
    public static final String UNDEFINED_OBJECT = "42704";
    public static final String UNDEFINED_FUNCTION = "42883";
    public static final String UNDEFINED_TABLE = "42P01";
    public static final String UNDEFINED_PARAMETER = "42P02";
    public static final String PROTOCOL_VIOLATION = "08P01";
    public static final String INVALID_FUNCTION_DEFINITION = "42P13";
    public static final String DISK_FULL = "53100";
    public static final String OUT_OF_MEMORY = "53200";
    public static final String OBJECT_NOT_IN_PREREQUISITE_STATE = "55000";
    public static final String OBJECT_IN_USE = "55006";
    public static final String LOCK_NOT_AVAILABLE = "55P03";
    public static final String UNSAFE_NEW_ENUM_VALUE_USAGE = "55P04";
    public static final String READ_ONLY_TRANSACTION = "25006";
    public static final String QUERY_CANCELED = "57014";
    /** Something is not as the server takes for granted. */
    public static final String INTERNAL_ERROR = "XX000";

    /** The error's state, or an empty text: the driver's own errors may have none. */
    public static String of(SQLException e) {
        return e.getSQLState() == null ? "" : e.getSQLState();
    }

    /** Whether the server refused the role's credentials (class 28). */
    public static boolean isRejectedLogin(SQLException e) {
        return of(e).startsWith("28");
    }

    /** Whether client and server could not agree how to begin a session. */
    public static boolean isConnectionRejected(SQLException e) {
        return of(e).equals("08004");
    }

    /** Whether there is no connection: it broke (class 08), or the server shuts down or starts (57P). */
    public static boolean isConnectionLost(SQLException e) {
        return of(e).startsWith("08") || of(e).startsWith("57P");
    }

    /**
     * Whether a standby ended what read for what its primary did. A primary says the same of deadlocks, and of
     * transactions that write.
     */
    public static boolean isConflictWithRecovery(SQLException e) {
        return of(e).equals(SERIALIZATION_FAILURE) || of(e).equals(DEADLOCK_DETECTED);
    }

    /** Whether the server lacks memory, disk or connections (class 53). */
    public static boolean isOutOfResources(SQLException e) {
        return of(e).startsWith("53");
    }

    /**
     * Whether the server itself is the reason, and no SQL: it lacks something (class 53), ended a transaction that was
     * in another one's way (40), could not read or write (58), or found itself in disorder (XX).
     */
    public static boolean isOfTheServer(SQLException e) {
        return isOutOfResources(e) || of(e).startsWith("40") || of(e).startsWith("58") || of(e).startsWith("XX");
    }

    /** Whether the SQL is none, or names what is not there or may not be named (classes 42 and 3F). */
    public static boolean isOfNames(SQLException e) {
        return of(e).startsWith("42") || of(e).equals(INVALID_SCHEMA_NAME);
    }

    /** Whether a value does not fit its type or operation (class 22); the message then quotes the value. */
    public static boolean isDataException(SQLException e) {
        return of(e).startsWith("22");
    }

    /** Whether a constraint is violated (class 23). */
    public static boolean isConstraintViolation(SQLException e) {
        return of(e).startsWith("23");
    }

    /** Whether the server found stored data damaged (data_corrupted, index_corrupted). */
    public static boolean isCorruption(SQLException e) {
        return of(e).equals("XX001") || of(e).equals("XX002");
    }

    private SqlState() {}
}
