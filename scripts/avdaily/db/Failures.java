package avdaily.db;

import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.base.Reason;
import avdaily.sql.SqlState;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.FileSystemException;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.util.Optional;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLWarning;
import org.postgresql.util.ServerErrorMessage;

/** Turns any exception into a failure that the user can do something about. */
public final class Failures {
    private static final String SERVER =
            "it is the server's, and its log says more; when it is well, run the command again.";
    private static final String UNEXPECTED = "run it again with --verbose to see where it happened.";

    /** The failure that {@code e} is, or that caused it. */
    public static Failure explain(Throwable e) {
        for (Throwable t = e; t != null; t = t.getCause()) {
            if (t instanceof Failure failure) return failure;
            if (t instanceof SQLException sql) return explain(sql);
        }
        for (Throwable t = e; t != null; t = t.getCause())
            if (t instanceof IOException io && !(t.getCause() instanceof IOException)) return explain(io);
        String type = e.getClass().getSimpleName();
        String what = "an error of the toolkit itself (" + type + ")";
        return new Failure(
                Failure.Kind.ERROR, e.getMessage() == null ? what : what + ": " + e.getMessage(), UNEXPECTED, e);
    }

    private static Failure explain(IOException e) {
        String what = e instanceof FileSystemException file ? Reason.whole(file) : what(e);
        if (Reason.isNoRoom(e))
            return new Failure(Failure.Kind.ERROR, what, "make room on that disk, or name a folder on another one.", e);
        if (Reason.isOfDevice(e))
            return new Failure(Failure.Kind.ERROR, what, "see whether that disk is sound, or name another one.", e);
        boolean isOfAFile = e instanceof FileSystemException
                || e instanceof FileNotFoundException
                || e instanceof CharacterCodingException;
        return isOfAFile
                ? new Failure(Failure.Kind.USAGE, what, "make it so that you may, or name another one.", e)
                : new Failure(Failure.Kind.ERROR, what, UNEXPECTED, e);
    }

    private static String what(IOException e) {
        return (e instanceof CharacterCodingException ? "a file cannot be read: " : "reading or writing failed: ")
                + (e instanceof FileNotFoundException ? e.getMessage() : Reason.of(e));
    }

    private static Failure explain(SQLException e) {
        String what = message(e);
        if (SqlState.isConnectionLost(e))
            return Failure.unreachable(
                    "the connection to the database broke: " + what,
                    "nothing of an unfinished step stays; see that the server is up, then run the command again.",
                    e);
        return switch (SqlState.of(e)) {
            case SqlState.LOCK_NOT_AVAILABLE ->
                new Failure(
                        Failure.Kind.LOCKED,
                        "another session holds a lock that is needed: " + what,
                        "wait until it is done, or look for it in pg_stat_activity, then run the command again.",
                        e);
            case SqlState.INSUFFICIENT_PRIVILEGE ->
                new Failure(
                        Failure.Kind.ERROR,
                        "the database role may not do this: " + what,
                        MissingPrivilege.wayOn(e)
                                        .orElse("use a role that owns the objects, or have the privilege granted")
                                + ".",
                        e);
            case SqlState.DISK_FULL ->
                new Failure(
                        Failure.Kind.ERROR,
                        "a disk of the server is full: " + what,
                        "make room where its data, its tablespaces and its log of changes are, then run the command "
                                + "again.",
                        e);
            case SqlState.OUT_OF_MEMORY -> outOfMemory(e, what);
            case SqlState.READ_ONLY_TRANSACTION -> readOnly(e, what);
            case SqlState.QUERY_CANCELED ->
                new Failure(
                        Failure.Kind.ERROR,
                        "the server broke a statement off: " + what,
                        "nothing of the statement's transaction stays; see which time limit the role has (SHOW "
                                + "statement_timeout), or who cancelled it, then run the command again.",
                        e);
            case SqlState.SERIALIZATION_FAILURE, SqlState.DEADLOCK_DETECTED ->
                new Failure(
                        Failure.Kind.ERROR,
                        "another transaction was in the way: " + what,
                        "nothing of the statement's transaction stays; run the command again.",
                        e);
            default -> new Failure(Failure.Kind.ERROR, what, SqlState.isOfTheServer(e) ? SERVER : UNEXPECTED, e);
        };
    }

    private static Failure readOnly(SQLException e, String what) {
        return new Failure(
                Failure.Kind.ERROR,
                "the server takes no changes here: " + what,
                "see whether it is a standby (SELECT pg_is_in_recovery()), or database or role set "
                        + "default_transaction_read_only, which ALTER DATABASE or ALTER ROLE ... RESET takes away; "
                        + "then run the command again.",
                e);
    }

    /** The driver uses the server's code where a row is too large for Java. */
    private static Failure outOfMemory(SQLException e, String what) {
        boolean isServers = e instanceof PSQLException said && said.getServerErrorMessage() != null;
        return isServers
                ? new Failure(
                        Failure.Kind.ERROR,
                        "the server ran out of memory or of locks: " + what,
                        "raise max_locks_per_transaction on the server (SHOW max_locks_per_transaction) "
                                + "and restart it, or do less in one transaction, then run the command again.",
                        e)
                : new Failure(
                        Failure.Kind.ERROR,
                        "a row does not fit into memory ("
                                + Format.bytes(Runtime.getRuntime().maxMemory()) + ")",
                        "give Java more: JAVA_TOOL_OPTIONS=-Xmx4g.",
                        e);
    }

    /** Of what kind it is that the server refused SQL which the user gave: not the SQL's fault, or {@code SQL}. */
    public static Failure.Kind kindOfGiven(SQLException e) {
        Failure.Kind known = explain(e).kind;
        return known == Failure.Kind.ERROR && !SqlState.isOfTheServer(e) ? Failure.Kind.SQL : known;
    }

    /** What has to be done so that the role may do what the server refused, as the statement that gives the right. */
    public static Optional<String> missingPrivilege(SQLException e, String statement, String role) {
        return SqlState.of(e).equals(SqlState.INSUFFICIENT_PRIVILEGE)
                ? MissingPrivilege.wayOn(e, statement, role)
                : Optional.empty();
    }

    /** The server's message with its detail, on one line. */
    public static String message(SQLException e) {
        var server = e instanceof PSQLException p ? p.getServerErrorMessage() : null;
        return server == null ? onOneLine(String.valueOf(e.getMessage())) : message(server);
    }

    /** The same without the values of rows that the server shows besides. */
    public static String messageWithoutValues(SQLException e) {
        var server = e instanceof PSQLException p ? p.getServerErrorMessage() : null;
        return onOneLine(server == null ? String.valueOf(e.getMessage()) : server.getMessage());
    }

    /** The message with what the server advises. */
    public static String messageWithHint(SQLException e) {
        var server = e instanceof PSQLException p ? p.getServerErrorMessage() : null;
        return message(e) + hint(server);
    }

    /** What the server says besides: how grave it is, and its message with detail and advice. */
    public static String notice(SQLWarning warning) {
        var server = warning instanceof PSQLWarning p ? p.getServerErrorMessage() : null;
        return server == null
                ? onOneLine(String.valueOf(warning.getMessage()))
                : server.getSeverity() + ": " + message(server) + hint(server);
    }

    private static String message(ServerErrorMessage server) {
        return onOneLine(server.getMessage() + (server.getDetail() == null ? "" : " (" + server.getDetail() + ")"));
    }

    private static String hint(ServerErrorMessage server) {
        return server == null || server.getHint() == null ? "" : " (hint: " + onOneLine(server.getHint()) + ")";
    }

    private static String onOneLine(String text) {
        return text.replaceAll("\\s*\\R\\s*", " ");
    }

    private Failures() {}
}
