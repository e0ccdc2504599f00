package avdaily.sql;

/** Texts of SQL: names and values as the server's parser wants them. */
public final class Sql {
    /** A name as SQL wants it. */
    public static String quoted(String identifier) {
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }

    private Sql() {}
}
