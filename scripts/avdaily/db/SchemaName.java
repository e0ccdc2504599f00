package avdaily.db;

import avdaily.base.Failure;
import avdaily.sql.OpsSchema;
import avdaily.sql.Sql;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;

/** The name of a schema that is worked on as if it were a database. */
public final class SchemaName {
    /** The server cuts longer ones off, and would find another schema. */
    private static final int MOST_BYTES = 63;

    private static final Set<String> OTHERS = Set.of("public", "information_schema", OpsSchema.NAME);

    /** Why it is none; files put it into their SQL, so that it may be nothing but a name. */
    public static Optional<String> complaint(String name) {
        if (name == null || name.isEmpty()) return Optional.of("is no name");
        if (OTHERS.contains(name) || name.startsWith("pg_"))
            return Optional.of("is a schema that the whole database has, and nobody's own");
        if (!name.matches("[\\p{L}_][\\p{L}\\p{N}_]*(-[\\p{L}\\p{N}_]+)*"))
            return Optional.of("is more than letters, digits, '_' and single '-'");
        int bytes = name.getBytes(StandardCharsets.UTF_8).length;
        return bytes > MOST_BYTES
                ? Optional.of("is longer than a name can be (" + bytes + " bytes of " + MOST_BYTES + ")")
                : Optional.empty();
    }

    /** @throws Failure (21) if the database has no schema of the name that is to be worked on */
    static void mustBeThere(Database db) throws SQLException {
        if (db.schema().isEmpty()) return;
        String name = db.schema().get();
        String there = "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = ?)";
        if (!Database.one(db.connection(), there, Boolean.class, name))
            throw Failure.refused(
                    db.name() + " on " + db.host() + " has no schema " + name,
                    "see that the name is right; to begin with a new one: CREATE SCHEMA " + Sql.quoted(name) + ".");
    }

    private SchemaName() {}
}
