package avdaily.base;

/** An end that the user can do something about: of what kind it is, what happened, and how to go on. */
public class Failure extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** What went wrong, as far as a caller may want to tell one from another. */
    public enum Kind {
        /** Nothing that was foreseen. */
        ERROR,
        /** Wrong usage, or a mistake in a file that the user gave. */
        USAGE,
        /** The database cannot be reached. */
        UNREACHABLE,
        /** A safety gate refused. */
        REFUSED,
        /** Drift, broken data, a dangerous migration. */
        FINDINGS,
        /** Another run or session holds a lock. */
        LOCKED,
        /** A backup file is invalid or damaged. */
        DAMAGED,
        /** The user, or the system, ended the run. */
        INTERRUPTED
    }

    public final Kind kind;
    public final String next;

    public Failure(Kind kind, String what, String next, Throwable cause) {
        super(what, cause);
        this.kind = kind;
        this.next = next;
    }

    public static Failure usage(String what, String next) {
        return new Failure(Kind.USAGE, what, next, null);
    }

    public static Failure unreachable(String what, String next, Throwable cause) {
        return new Failure(Kind.UNREACHABLE, what, next, cause);
    }

    public static Failure refused(String what, String next) {
        return new Failure(Kind.REFUSED, "refused: " + what, next, null);
    }

    public static Failure findings(String what, String next) {
        return new Failure(Kind.FINDINGS, what, next, null);
    }

    public static Failure locked(String what, String next) {
        return new Failure(Kind.LOCKED, what, next, null);
    }
}
