package avdaily.sql;

/** The collection's own schema in a database: which environment it is, and what was done to it. */
public final class OpsSchema {
    public static final String NAME = "avdaily_ops";

    private OpsSchema() {}
}
