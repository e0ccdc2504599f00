package avdaily.backup;

import avdaily.base.Json;
import avdaily.db.Database;
import avdaily.db.ForeignCode;
import com.fasterxml.jackson.databind.JsonNode;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;

/**
 * What a backup's metadata tell of the database beside its schema.
 *
 * @param schemaVersion Flyway's, or null
 * @param bytes the database's size, indexes included
 */
record DatabaseFacts(String serverVersion, String schemaVersion, long bytes, BackupMetadata.Locale locale) {
    static DatabaseFacts read(Connection c) throws SQLException {
        JsonNode database = Json.tree(Database.one(
                c,
                """
                SELECT (to_jsonb(d) || jsonb_build_object(
                          'encoding', pg_encoding_to_char(encoding), 'size', pg_database_size(oid)))::text
                FROM pg_database d WHERE datname = current_database()""",
                String.class));
        return new DatabaseFacts(
                c.getMetaData().getDatabaseProductVersion(),
                schemaVersion(c),
                database.path("size").asLong(),
                locale(database));
    }

    private static String schemaVersion(Connection c) throws SQLException {
        if (!ForeignCode.isHarmlessTable(c, "public", "flyway_schema_history")) return null;
        return Database.one(
                c,
                """
                SELECT version FROM public.flyway_schema_history WHERE success AND version IS NOT NULL
                ORDER BY installed_rank DESC LIMIT 1""",
                String.class);
    }

    /** The names of the columns of pg_database differ between versions of the server. */
    private static BackupMetadata.Locale locale(JsonNode database) {
        String provider = Map.of("i", "icu", "b", "builtin")
                .getOrDefault(database.path("datlocprovider").asText("c"), "libc");
        String locale =
                database.path("datlocale").asText(database.path("daticulocale").asText(null));
        return new BackupMetadata.Locale(
                database.path("encoding").asText(),
                provider,
                database.path("datcollate").asText(),
                database.path("datctype").asText(),
                locale,
                database.path("datcollversion").asText(null));
    }
}
