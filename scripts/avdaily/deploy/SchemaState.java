package avdaily.deploy;

import avdaily.backup.BackupMetadata;
import avdaily.base.Json;
import avdaily.base.SqlResource;
import avdaily.db.Database;
import avdaily.db.DatabaseReset;
import avdaily.migrate.Migrator;
import avdaily.schema.Schema;
import com.fasterxml.jackson.databind.JsonNode;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Where a schema stands, so that a deployment can tell whether it came back to where it began.
 *
 * @param version of the last migration; null if none is applied
 * @param fingerprint of all definitions
 * @param indexes by name, also the invalid ones, which no fingerprint knows
 * @param empty whether nothing was there at all, not even an extension
 */
record SchemaState(String version, String fingerprint, List<String> indexes, boolean empty) {
    static SchemaState of(Database db, Migrator migrator) throws SQLException {
        Connection c = db.connection();
        boolean empty = DatabaseReset.isEmpty(c)
                && !Database.one(
                        c, "SELECT EXISTS (SELECT FROM pg_extension WHERE extname <> 'plpgsql')", Boolean.class);
        return new SchemaState(
                migrator.version(), Schema.of(db, Schema.Options.DEFINITIONS).fingerprint(), indexes(c, true), empty);
    }

    /** What a CREATE INDEX CONCURRENTLY leaves if it does not come to its end. */
    static List<String> invalidIndexes(Database db) throws SQLException {
        return indexes(db.connection(), false);
    }

    private static List<String> indexes(Connection c, boolean valid) throws SQLException {
        String query = SqlResource.of(SchemaState.class, "indexes.sql");
        return Database.list(c, query, row -> row.getString(1), valid);
    }

    boolean isSame(SchemaState other) {
        return Objects.equals(version, other.version)
                && fingerprint.equals(other.fingerprint)
                && indexes.equals(other.indexes);
    }

    /** Whether a backup is of this schema, as far as its metadata tell. */
    boolean isIn(BackupMetadata.Origin backup) {
        return Objects.equals(version, backup.schemaVersion())
                && (backup.fingerprint() == null || backup.fingerprint().equals(fingerprint));
    }

    String title() {
        return version == null ? "without migrations" : "at version " + version;
    }

    Map<String, Object> json() {
        return Json.object("version", version, "fingerprint", fingerprint, "indexes", indexes, "empty", empty);
    }

    /** Whether it is what {@link #json} wrote. */
    static boolean isWhole(JsonNode json) {
        return (json.path("version").isTextual() || json.path("version").isNull())
                && json.path("fingerprint").isTextual()
                && json.path("indexes").isArray()
                && json.path("empty").isBoolean();
    }

    static SchemaState read(JsonNode json) {
        List<String> indexes = new ArrayList<>();
        json.path("indexes").forEach(index -> indexes.add(index.asText()));
        return new SchemaState(
                json.path("version").isNull() ? null : json.path("version").asText(),
                json.path("fingerprint").asText(),
                indexes,
                json.path("empty").asBoolean());
    }
}
