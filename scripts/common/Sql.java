/** Texts of SQL: names and values as the server's parser wants them. */
final class Sql {
    /** A name as SQL wants it. */
    static String quoted(String identifier) {
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }

    private Sql() {}
}
