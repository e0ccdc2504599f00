package avdaily.base;

import java.util.Locale;
import java.util.Optional;

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
        /** The server refused SQL that the user gave: of a migration, a callback, a seed, a rule, a dump. */
        SQL,
        /** The user, or the system, ended the run. */
        INTERRUPTED;

        /** As JSON documents name it. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public final Kind kind;
    public final String next;
    private final transient Place place;

    public Failure(Kind kind, String what, String next, Throwable cause) {
        this(kind, what, next, null, cause);
    }

    private Failure(Kind kind, String what, String next, Place place, Throwable cause) {
        super(what, cause);
        this.kind = kind;
        this.next = next;
        this.place = place;
    }

    /** The same failure, of which is known where in the user's files its cause stands. */
    public Failure at(Place place) {
        return new Failure(kind, getMessage(), next, place, getCause());
    }

    /** Where in the user's files the cause stands, if that is known. */
    public Optional<Place> place() {
        if (place != null) return Optional.of(place);
        for (Throwable t = getCause(); t != null; t = t.getCause())
            if (t instanceof Failure failure) return failure.place();
        return Optional.empty();
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
