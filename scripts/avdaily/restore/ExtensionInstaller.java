package avdaily.restore;

import avdaily.db.Database;
import avdaily.sql.Sql;
import avdaily.sql.Word;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * Installs the extensions that only a superuser may install, for a role that is none. Their code is the server's own;
 * of the dump nothing but their names and schemas is taken.
 */
final class ExtensionInstaller {
    private final Connection superuser;

    /** @param superuser a connection to the database that is filled */
    ExtensionInstaller(Connection superuser) {
        this.superuser = superuser;
    }

    /** Does what the statement wants if it is about such an extension; false if it is about something else. */
    boolean takes(DumpStatement step, Connection loader) throws SQLException {
        List<Word> words = step.statement().words(20);
        if (words.size() > 4 && words.get(0).is("comment") && words.get(2).is("extension"))
            return isForSuperusers(words.get(3).text()); // the extension brings its own comment
        if (step.kind() != DumpStatement.Kind.EXTENSION || !isForSuperusers(step.name())) return false;
        loader.commit(); // so that its schema is there
        Database.run(superuser, "CREATE EXTENSION IF NOT EXISTS " + Sql.quoted(step.name()) + schema(words));
        return true;
    }

    private static String schema(List<Word> words) {
        for (int i = 2; i + 1 < words.size(); i++)
            if (words.get(i).is("schema"))
                return " SCHEMA " + Sql.quoted(words.get(i + 1).text());
        return "";
    }

    private boolean isForSuperusers(String extension) throws SQLException {
        return Boolean.TRUE.equals(Database.one(
                superuser,
                """
                SELECT pg_catalog.bool_and(superuser AND NOT trusted)
                FROM pg_catalog.pg_available_extension_versions WHERE name OPERATOR(pg_catalog.=) ?::pg_catalog.name""",
                Boolean.class,
                extension));
    }
}
