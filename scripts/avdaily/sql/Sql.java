package avdaily.sql;

import java.nio.charset.StandardCharsets;

/** Texts of SQL: names, values and conditions as the server's parser wants them. */
public final class Sql {
    private static final int BYTES_OF_A_NAME = 63;

    /** A name as SQL wants it. */
    public static String quoted(String identifier) {
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }

    /** A name of both: what would be too long for the server is cut before the end, and no letter is halved. */
    public static String joined(String beginning, String end) {
        StringBuilder cut = new StringBuilder(beginning);
        while (cut.length() > 0 && (cut + end).getBytes(StandardCharsets.UTF_8).length > BYTES_OF_A_NAME)
            cut.setLength(cut.offsetByCodePoints(cut.length(), -1));
        return cut + end;
    }

    /** A text as a literal that means the same whatever {@code standard_conforming_strings} is. */
    public static String literal(String text) {
        String doubled = text.replace("'", "''");
        return text.contains("\\") ? " E'" + doubled.replace("\\", "\\\\") + "'" : "'" + doubled + "'";
    }

    /** A text as a literal for a session whose {@code standard_conforming_strings} is on, as pg_dump writes it. */
    public static String standardLiteral(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    /**
     * The condition that a row of {@code pg_namespace} is one of the user's schemas, neither the system's nor ours; of
     * a session that works on one schema, that one alone.
     */
    public static String userSchemas(String alias) {
        return "%1$s !~ '^pg_' AND %1$s NOT IN ('information_schema', '%2$s') AND %1$s = %3$s"
                .formatted(
                        alias + ".nspname",
                        OpsSchema.NAME,
                        "coalesce(nullif(current_setting('avdaily.schema', true), ''), " + alias + ".nspname)");
    }

    private Sql() {}
}
