package avdaily.backup;

import avdaily.base.Secrets;
import avdaily.db.Database;
import avdaily.sql.DottedName;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;

/**
 * What is known about a backup. Its file beside the backup is one flat JSON object with the keys of the four groups, in
 * their order; null stands for a key that is not there.
 *
 * @param sealed the whole metadata of an encrypted backup, encrypted as the backup is, in Base64; null if all of them
 *     are in the clear
 */
public record BackupMetadata(
        @JsonUnwrapped Origin origin,
        @JsonUnwrapped Encoding encoding,
        @JsonUnwrapped Measures measures,
        @JsonUnwrapped Content content,
        @JsonInclude(JsonInclude.Include.NON_NULL) String sealed) {
    /** The newest format that this version reads: that of a copy for developers, which is no backup. */
    static final int FORMAT = 3;

    /** That of an encrypted backup, whose content is sealed. */
    static final int FORMAT_SEALED = 2;

    static final int FORMAT_IN_CLEAR = 1;

    private static final ObjectMapper JSON = new ObjectMapper()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .setDefaultPropertyInclusion(JsonInclude.Include.NON_NULL);

    /**
     * What was backed up, when, and by what.
     *
     * @param createdAt the backup's begin, as ISO 8601 in UTC
     * @param schemaVersion Flyway's, or null
     * @param fingerprint of the schema, or null if the schema reader could not read all of it
     * @param standby where it was, if the server was one; else null
     * @param copy what makes it a copy for developers; null for a backup
     */
    public record Origin(
            int formatVersion,
            String toolVersion,
            String createdAt,
            String environment,
            String database,
            String serverVersion,
            String schemaVersion,
            String fingerprint,
            @JsonInclude(JsonInclude.Include.NON_NULL) StandbyPoint standby,
            @JsonInclude(JsonInclude.Include.NON_NULL) DeveloperCopy copy) {
        public Instant time() {
            return Instant.parse(createdAt);
        }
    }

    /**
     * How far a standby was when the backup began.
     *
     * @param replayedLsn all that the primary committed up to there is in the backup
     * @param lagSeconds how far behind that was; null if it is not known
     */
    public record StandbyPoint(String replayedLsn, Double lagSeconds) {}

    /**
     * The file as it lies on the disk.
     *
     * @param encryptedTo the age recipients; empty if it is not encrypted
     * @param sha256 of the file, in lower-case hexadecimal digits
     * @param bytes the file's size
     */
    public record Encoding(Compression compression, List<String> encryptedTo, String sha256, long bytes) {}

    /** @param databaseBytes the database's size on the server, indexes included */
    public record Measures(long databaseBytes, long durationMillis) {
        public Duration duration() {
            return Duration.ofMillis(durationMillis);
        }
    }

    /**
     * What the file holds, and what it needs.
     *
     * @param schemaFrom who read the definitions: "reader" or "pg_dump"
     * @param roles that own something or are granted something
     * @param excludedTableData tables whose definition is in the backup and whose rows are not
     * @param globals what belongs to the server; null if it was not asked for
     */
    public record Content(
            String schemaFrom,
            Locale locale,
            List<String> roles,
            List<String> extensions,
            List<String> excludedTableData,
            List<Table> tables,
            List<Part> parts,
            @JsonInclude(JsonInclude.Include.NON_NULL) Globals globals) {
        public long rows() {
            return tables.stream().mapToLong(Table::rows).sum();
        }

        /** Bytes of COPY text: what the rows weigh before compression. */
        public long dataBytes() {
            return tables.stream().mapToLong(Table::bytes).sum();
        }
    }

    /** The collation's part in the database: text that sorts differently elsewhere breaks indexes. */
    public record Locale(
            String encoding, String provider, String collate, String ctype, String locale, String collationVersion) {}

    /**
     * A table whose rows are in the backup.
     *
     * @param bytes of COPY text
     * @param xxh3 the sum of its rows, see {@link RowSum}; backups of earlier versions have none
     */
    public record Table(
            String schema, String name, long rows, long bytes, @JsonInclude(JsonInclude.Include.NON_NULL) String xxh3) {
        @Override
        public String toString() {
            return new DottedName(schema, name).toString();
        }
    }

    /** What a part of the file is for, in the file's order. */
    public enum Section {
        PRE_DATA("pre-data"),
        DATA("data"),
        SEQUENCES("sequences"),
        POST_DATA("post-data");

        private final String word;

        Section(String word) {
            this.word = word;
        }

        @JsonValue
        String word() {
            return word;
        }
    }

    /**
     * A piece of the file that is a gzip member or zstd frame of its own and can be read without the others.
     *
     * @param table the table's place in {@link Content#tables}; null outside of {@link Section#DATA}
     * @param offset of its first byte in the file before encryption
     * @param length in bytes before encryption
     * @param rows in it; 0 outside of {@link Section#DATA}
     */
    public record Part(Section section, Integer table, long offset, long length, long rows) {}

    /** @throws IOException if this is not the JSON of a backup's metadata */
    static BackupMetadata read(byte[] json) throws IOException {
        return JSON.readValue(json, BackupMetadata.class);
    }

    BackupMetadata(Origin origin, Encoding encoding, Measures measures, Content content) {
        this(origin, encoding, measures, content, null);
    }

    /** Whether the content can be known with a key only. */
    public boolean takesKey() {
        return content.tables == null && sealed != null;
    }

    /**
     * As they are written beside an encrypted backup: in the clear is what finds it, keeps it and proves it whole.
     * Which tables, rows and roles there are is for those who can open it.
     */
    BackupMetadata forFile() throws IOException {
        if (encoding.encryptedTo.isEmpty()) return this;
        byte[] whole = Age.encrypted(json().getBytes(StandardCharsets.UTF_8), encoding.encryptedTo);
        Origin known = new Origin(
                Math.max(FORMAT_SEALED, origin.formatVersion),
                origin.toolVersion,
                origin.createdAt,
                origin.environment,
                origin.database,
                origin.serverVersion,
                origin.schemaVersion,
                null,
                origin.standby,
                origin.copy);
        Content none = new Content(null, null, null, null, null, null, null, null);
        return new BackupMetadata(
                known, encoding, measures, none, Base64.getEncoder().encodeToString(whole));
    }

    /**
     * All of them.
     *
     * @throws GeneralSecurityException if none of the keys opens them
     * @throws IOException if they are damaged, or those of another backup
     */
    BackupMetadata opened(Path identity) throws GeneralSecurityException, IOException {
        BackupMetadata whole = read(Age.decrypted(decoded(), identity));
        if (!whole.hasNeeded() || !encoding.equals(whole.encoding))
            throw new IOException("what is sealed belongs to another backup");
        if (whole.content.globals != null) whole.content.globals.roles().forEach(role -> Secrets.add(role.password()));
        return whole;
    }

    private byte[] decoded() throws IOException {
        try {
            return Base64.getDecoder().decode(sealed);
        } catch (IllegalArgumentException e) {
            throw new IOException("what is sealed is cut or altered", e);
        }
    }

    /** What is written beside the backup. */
    String json() {
        try {
            return JSON.writeValueAsString(this) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Whether what every backup has is there. */
    boolean hasNeeded() {
        return origin.createdAt != null
                && encoding.compression != null
                && encoding.encryptedTo != null
                && encoding.sha256 != null
                && (content.tables != null || sealed != null);
    }

    /** Whether it is a backup of this database in this environment. */
    public boolean isOf(Database db) {
        return origin.copy == null
                && origin.database.equals(db.name())
                && origin.environment.equals(db.environment().toString());
    }
}
