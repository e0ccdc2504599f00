import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.postgresql.util.PSQLException;
import picocli.CommandLine;

/** The exit codes, the same for every script. */
final class Exit {
    static final int DONE = 0;
    static final int ERROR = 1;
    static final int USAGE = 2;
    static final int UNREACHABLE = 20;
    static final int REFUSED = 21;
    static final int FINDINGS = 22;
    static final int LOCKED = 23;
    static final int DAMAGED = 24;
    static final int INTERRUPTED = 130;

    /** Code to meaning, in the order in which {@code --help} lists them. */
    static final Map<String, String> MEANINGS = meanings();

    private static Map<String, String> meanings() {
        Map<String, String> m = new LinkedHashMap<>();
        m.put(" " + DONE, "done");
        m.put(" " + ERROR, "unexpected error");
        m.put(" " + USAGE, "wrong usage, or a mistake in a file given to the command");
        m.put(" " + UNREACHABLE, "database unreachable");
        m.put(" " + REFUSED, "refused by a safety gate");
        m.put(" " + FINDINGS, "findings: drift, broken data, a dangerous migration, or pending ones with --check");
        m.put(" " + LOCKED, "lock not obtained: another run or session holds it");
        m.put(" " + DAMAGED, "backup file invalid or damaged");
        m.put(INTERRUPTED + "", "interrupted");
        return m;
    }

    private Exit() {}
}

/** An end that the user can do something about: an exit code, what happened, and how to go on. */
final class Failure extends RuntimeException {
    final int code;
    final String next;

    Failure(int code, String what, String next, Throwable cause) {
        super(what, cause);
        this.code = code;
        this.next = next;
    }

    static Failure usage(String what, String next) {
        return new Failure(Exit.USAGE, what, next, null);
    }

    static Failure unreachable(String what, String next, Throwable cause) {
        return new Failure(Exit.UNREACHABLE, what, next, cause);
    }

    static Failure refused(String what, String next) {
        return new Failure(Exit.REFUSED, "refused: " + what, next, null);
    }

    static Failure findings(String what, String next) {
        return new Failure(Exit.FINDINGS, what, next, null);
    }

    static Failure locked(String what, String next) {
        return new Failure(Exit.LOCKED, what, next, null);
    }
}

/** The one door through which errors reach the user: two lines on standard error, and the exit code. */
final class Failures {
    private static final String UNEXPECTED = "run it again with --verbose to see where it happened.";

    static int report(Exception e, CommandLine command) {
        Failure failure = explain(e);
        trace(e);
        Out.failure(command.getCommandSpec().root().name(), failure);
        return failure.code;
    }

    /** With --verbose, where it happened. */
    static void trace(Exception e) {
        if (Out.verbose()) e.printStackTrace();
    }

    /** Turns any exception into a sentence, a way on and a code. */
    static Failure explain(Throwable e) {
        for (Throwable t = e; t != null; t = t.getCause()) {
            if (t instanceof Failure failure) return failure;
            if (t instanceof SQLException sql) return explain(sql);
        }
        String what = e.getMessage() == null ? e.getClass().getSimpleName() : e.getClass().getSimpleName() + ": " + e.getMessage();
        return new Failure(Exit.ERROR, what, UNEXPECTED, e);
    }

    private static Failure explain(SQLException e) {
        String state = e.getSQLState() == null ? "" : e.getSQLState();
        String what = message(e);
        if (state.startsWith("08") || state.startsWith("57P"))
            return Failure.unreachable("the connection to the database broke: " + what,
                    "nothing of an unfinished step stays; see that the server is up, then run the command again.", e);
        return switch (state) {
            case "55P03" -> new Failure(Exit.LOCKED, "another session holds a lock that is needed: " + what,
                    "wait until it is done, or look for it in pg_stat_activity, then run the command again.", e);
            case "42501" -> new Failure(Exit.ERROR, "the database role may not do this: " + what,
                    "use a role that owns the objects, or have the privilege granted.", e);
            case "53200" -> new Failure(Exit.ERROR, "the server ran out of memory or of locks: " + what,
                    "raise max_locks_per_transaction on the server (SHOW max_locks_per_transaction) and restart it, then run the command again.", e);
            default -> new Failure(Exit.ERROR, what, UNEXPECTED, e);
        };
    }

    /** The server's message with its detail, on one line. */
    static String message(SQLException e) {
        var server = e instanceof PSQLException p ? p.getServerErrorMessage() : null;
        String text = server == null ? e.getMessage()
                : server.getMessage() + (server.getDetail() == null ? "" : " (" + server.getDetail() + ")");
        return String.valueOf(text).replaceAll("\\s*\\R\\s*", " ");
    }

    private Failures() {}
}
