package avdaily.schema;

import avdaily.base.Failure;

/**
 * Somebody drops what is being read (23). A transaction goes on seeing it, while the server writes definitions of what
 * is there now: it has none of this any more. A new snapshot fits again.
 */
public final class SchemaChanged extends Failure {
    private static final long serialVersionUID = 1;

    SchemaChanged(Throwable cause) {
        super(
                Kind.LOCKED,
                "objects are dropped while the schema is read" + (cause == null ? "" : ": " + cause.getMessage()),
                "run it again when less is going on.",
                cause);
    }
}
