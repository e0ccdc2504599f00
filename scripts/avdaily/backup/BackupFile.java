package avdaily.backup;

import avdaily.base.Failure;
import avdaily.base.Sha256;
import com.exceptionfactory.jagged.RecipientStanzaReader;
import com.exceptionfactory.jagged.framework.stream.StandardDecryptingChannelFactory;
import com.exceptionfactory.jagged.x25519.X25519RecipientStanzaReaderFactory;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.apache.commons.io.input.BoundedInputStream;

/**
 * A backup as it lies in a folder: plain SQL, compressed and encrypted or not, under a name that tells its time (UTC); beside
 * it {@code <file>.json}, what is known about it, and {@code <file>.sha256}, lines for {@code sha256sum -c} that cover both.
 * A dump of another program is a backup file too; it has neither of the two.
 */
public record BackupFile(Path path) {
    static final int FORMAT = 1;
    /** The last line of every backup: a file without it was cut off. */
    public static final String LAST_LINE = "-- avdaily backup complete";

    private static final Pattern NAME =
            Pattern.compile("avdaily_backup_(\\d{4}-\\d\\d-\\d\\d_\\d\\d-\\d\\d-\\d\\d)\\.sql(\\.gz|\\.zst)?(\\.age)?");
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd_HH-mm-ss");
    private static final Pattern CHECKSUM_LINE = Pattern.compile("([0-9a-fA-F]{64}) [ *](.+)");
    private static final String AGE = "age-encryption.org/v1\n";
    private static final int BUFFER = 1 << 17;
    private static final ObjectMapper JSON = new ObjectMapper()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .setDefaultPropertyInclusion(JsonInclude.Include.NON_NULL);

    public enum Compression {
        GZIP(".gz"),
        ZSTD(".zst"),
        NONE("");

        final String suffix;

        Compression(String suffix) {
            this.suffix = suffix;
        }
    }

    /** A table whose rows are in the backup; {@code bytes} of COPY text. */
    public record Table(String schema, String name, long rows, long bytes) {
        @Override
        public String toString() {
            return schema + "." + name;
        }
    }

    /**
     * A piece of the file that is a gzip member or zstd frame of its own and can be read without the others. Offset and
     * length are those before encryption.
     *
     * @param section "pre-data", "data", "sequences" or "post-data"
     * @param table the table's place in {@link Metadata#tables}; null outside "data"
     */
    public record Part(String section, Integer table, long offset, long length, long rows) {}

    /** The collation's part in the database: text that sorts differently elsewhere breaks indexes. */
    public record Locale(
            String encoding, String provider, String collate, String ctype, String locale, String collationVersion) {}

    /**
     * What is known about a backup.
     *
     * @param schemaVersion Flyway's, or null
     * @param fingerprint of the schema, or null where the schema reader could not read all of it
     * @param encryptedTo the age recipients; empty where it is not encrypted
     * @param databaseBytes the database's size on the server
     * @param excludedTableData tables whose definition is in the backup and whose rows are not
     * @param roles that own something or are granted something
     * @param schemaFrom "reader" or "pg_dump"
     */
    public record Metadata(
            int formatVersion,
            String toolVersion,
            String createdAt,
            String environment,
            String database,
            String serverVersion,
            String schemaVersion,
            String fingerprint,
            Compression compression,
            List<String> encryptedTo,
            String sha256,
            long bytes,
            long databaseBytes,
            long durationMillis,
            String schemaFrom,
            Locale locale,
            List<String> roles,
            List<String> extensions,
            List<String> excludedTableData,
            List<Table> tables,
            List<Part> parts) {
        public Instant time() {
            return Instant.parse(createdAt);
        }

        public Duration duration() {
            return Duration.ofMillis(durationMillis);
        }

        public long rows() {
            return tables.stream().mapToLong(Table::rows).sum();
        }

        /** Bytes of COPY text: what the rows weigh before compression. */
        public long dataBytes() {
            return tables.stream().mapToLong(Table::bytes).sum();
        }

        public String json() {
            try {
                return JSON.writeValueAsString(this) + "\n";
            } catch (JsonProcessingException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    static String name(Instant time, Compression compression, boolean encrypted) {
        return "avdaily_backup_" + TIME.format(time.atOffset(ZoneOffset.UTC)) + ".sql" + compression.suffix
                + (encrypted ? ".age" : "");
    }

    /** The backups in a folder, the newest first; other files do not count. None where there is no such folder. */
    public static List<BackupFile> in(Path folder) {
        if (!Files.isDirectory(folder)) return List.of();
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(BackupFile::new)
                    .filter(file -> file.nameTime().isPresent() && Files.isRegularFile(file.path))
                    .sorted(Comparator.comparing(
                                    (BackupFile file) -> file.path.getFileName().toString())
                            .reversed())
                    .toList();
        } catch (IOException e) {
            throw Failure.usage(
                    "cannot read the folder " + folder + ": " + e.getMessage(),
                    "make it readable, or name another one with --dir or BACKUP_DIR.");
        }
    }

    /** @throws Failure (2) where there is no such file */
    public static BackupFile existing(Path path) {
        if (!Files.isRegularFile(path))
            throw Failure.usage("there is no backup file " + path, "'avdaily-backup list' shows those that are there.");
        return new BackupFile(path);
    }

    /** The time in the file's name; nothing where the name is not one of ours. */
    public Optional<Instant> nameTime() {
        Matcher name = NAME.matcher(path.getFileName().toString());
        try {
            return name.matches()
                    ? Optional.of(LocalDateTime.parse(name.group(1), TIME).toInstant(ZoneOffset.UTC))
                    : Optional.empty();
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    public Path metadataPath() {
        return path.resolveSibling(path.getFileName() + ".json");
    }

    public Path checksumPath() {
        return path.resolveSibling(path.getFileName() + ".sha256");
    }

    boolean hasMetadata() {
        return Files.exists(metadataPath());
    }

    /**
     * What is known about the backup; nothing for a dump of another program.
     *
     * @throws Failure (24) where it cannot be read or the file's size is not the one it names
     */
    public Optional<Metadata> metadata() {
        if (!hasMetadata()) return Optional.empty();
        Metadata metadata = readMetadata();
        if (metadata.formatVersion > FORMAT)
            throw damaged(
                    "its format is " + metadata.formatVersion + ", and this version reads up to " + FORMAT,
                    "use the version of the scripts that made it, or a newer one.",
                    null);
        if (metadata.createdAt == null
                || metadata.sha256 == null
                || metadata.tables == null
                || metadata.compression == null
                || metadata.encryptedTo == null) throw damagedMetadata("it is incomplete", null);
        if (size() != metadata.bytes)
            throw damaged(
                    "it has " + size() + " bytes and should have " + metadata.bytes,
                    "take another backup; this one was cut or altered.",
                    null);
        return Optional.of(metadata);
    }

    private Metadata readMetadata() {
        try {
            return JSON.readValue(Files.readAllBytes(metadataPath()), Metadata.class);
        } catch (IOException e) {
            throw damagedMetadata(
                    "it cannot be read ("
                            + String.valueOf(e.getMessage()).lines().findFirst().orElse("") + ")",
                    e);
        }
    }

    public long size() {
        try {
            return Files.size(path);
        } catch (IOException e) {
            throw damaged("it cannot be read: " + e.getMessage(), "see that the file is there and readable.", e);
        }
    }

    /**
     * Reads the whole file and compares it, and its metadata, with the checksums beside it.
     *
     * @param progress is told how many bytes were read, step by step
     * @return whether there was anything to compare with
     * @throws Failure (24) where they differ
     */
    public boolean verifyChecksum(LongConsumer progress) {
        Optional<Metadata> metadata = metadata();
        List<String[]> lines = checksumLines();
        if (metadata.isEmpty() && lines.isEmpty()) return false;
        String actual = Sha256.of(path, progress);
        String metadataName = metadataPath().getFileName().toString();
        for (String[] line : lines) {
            boolean ofMetadata = line[1].endsWith(".json");
            if (ofMetadata && metadata.isEmpty())
                throw damaged(metadataName + " is missing", "copy it from where the backup came from.", null);
            if (ofMetadata && !Sha256.of(metadataPath()).equals(line[0])) throw damagedMetadata("it was altered", null);
            if (!ofMetadata && !actual.equals(line[0])) throw altered();
        }
        if (metadata.isPresent() && !metadata.get().sha256.equals(actual)) throw altered();
        return true;
    }

    /** Whether there are checksums of both the file and its metadata: where they match, both are what was written when the backup was made. */
    public boolean hasChecksums() {
        return hasMetadata()
                && checksumLines().stream()
                                .map(line -> line[1].endsWith(".json"))
                                .distinct()
                                .count()
                        == 2;
    }

    /** The checksum file's lines, as checksum and name; none where there is no such file. */
    private List<String[]> checksumLines() {
        try {
            List<String[]> lines = new ArrayList<>();
            for (String line : Files.readAllLines(checksumPath(), StandardCharsets.ISO_8859_1)) {
                Matcher parts = CHECKSUM_LINE.matcher(line);
                if (!parts.matches())
                    throw damaged(
                            checksumPath().getFileName() + " is no list of checksums",
                            "copy it from where the backup came from.",
                            null);
                lines.add(new String[] {parts.group(1).toLowerCase(java.util.Locale.ROOT), parts.group(2)});
            }
            if (lines.stream().allMatch(line -> line[1].endsWith(".json")))
                throw damaged(
                        checksumPath().getFileName() + " has no checksum of it",
                        "copy it from where the backup came from.",
                        null);
            return lines;
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            throw damaged(checksumPath().getFileName() + " cannot be read: " + e.getMessage(), "make it readable.", e);
        }
    }

    /** Deletes the file first: what is left of a killed run then stands for nothing. */
    public void delete() throws IOException {
        Files.delete(path);
        Files.deleteIfExists(metadataPath());
        Files.deleteIfExists(checksumPath());
    }

    /** Whether the file is encrypted, by its first bytes. */
    public boolean encrypted() {
        try (InputStream in = Files.newInputStream(path)) {
            return new String(in.readNBytes(AGE.length()), StandardCharsets.ISO_8859_1).equals(AGE);
        } catch (IOException e) {
            throw damaged("it cannot be read: " + e.getMessage(), "see that the file is there and readable.", e);
        }
    }

    /**
     * The backup's SQL, decrypted and decompressed; what it is compressed with is seen in its first bytes, not in its name.
     * Reading throws a Failure (24) where the file is damaged.
     *
     * @param identity a file with age's secret keys; null where the backup is not encrypted
     */
    public InputStream open(Path identity) {
        try {
            InputStream raw = Files.newInputStream(path);
            try {
                return new Guarded(decompressed(decrypted(new BufferedInputStream(raw, BUFFER), identity)));
            } catch (IOException | RuntimeException e) {
                raw.close();
                throw e;
            }
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    /**
     * One part of a backup that is not encrypted, decompressed; several may be read at the same time.
     *
     * @throws Failure (24), here or while it is read, where it is damaged
     */
    public InputStream openPart(Part part) {
        try {
            FileChannel channel = FileChannel.open(path).position(part.offset);
            try {
                return new Guarded(decompressed(BoundedInputStream.builder()
                        .setInputStream(Channels.newInputStream(channel))
                        .setMaxCount(part.length)
                        .get()));
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    interface PartReader {
        void read(Part part, InputStream sql) throws IOException;
    }

    /**
     * Reads the parts one after the other as they lie in the file, each decompressed.
     *
     * @throws Failure (24) where the file is not made of just these parts
     */
    void read(Metadata metadata, Path identity, PartReader reader) {
        try (InputStream raw = Files.newInputStream(path)) {
            InputStream in = decrypted(new BufferedInputStream(raw, BUFFER), identity);
            long offset = 0;
            for (Part part : metadata.parts) {
                if (part.offset != offset) throw damagedMetadata("its parts do not follow each other", null);
                BoundedInputStream piece = BoundedInputStream.builder()
                        .setInputStream(in)
                        .setMaxCount(part.length)
                        .setPropagateClose(false)
                        .get();
                InputStream sql = decompressed(piece);
                reader.read(part, new Guarded(sql));
                if (sql.read() >= 0 || piece.getCount() != part.length)
                    throw damaged(
                            "a part of it is longer or shorter than it should be",
                            "take another backup; this one was cut or altered.",
                            null);
                offset += part.length;
            }
            if (in.read() >= 0)
                throw damaged("it goes on after its end", "take another backup; this one was altered.", null);
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private InputStream decrypted(BufferedInputStream in, Path identity) throws IOException {
        if (!startsWith(in, AGE.getBytes(StandardCharsets.ISO_8859_1))) return in;
        if (identity == null)
            throw Failure.usage(
                    path.getFileName() + " is encrypted with age",
                    "name the file that holds the secret key: --identity KEYFILE (AGE-SECRET-KEY-1...).");
        try {
            var channel = new StandardDecryptingChannelFactory()
                    .newDecryptingChannel(Channels.newChannel(in), keys(identity));
            return new BufferedInputStream(Channels.newInputStream(channel), BUFFER);
        } catch (GeneralSecurityException | IOException e) {
            throw damaged(
                    "no key in " + identity + " opens it",
                    "name the key of one of its recipients" + recipients() + ".",
                    e);
        }
    }

    private String recipients() {
        if (!hasMetadata()) return "";
        List<String> names = readMetadata().encryptedTo;
        return names == null ? "" : ": " + String.join(", ", names);
    }

    private static List<RecipientStanzaReader> keys(Path identity) {
        try {
            List<RecipientStanzaReader> keys = new ArrayList<>();
            for (String line : Files.readAllLines(identity)) {
                if (line.isBlank() || line.startsWith("#")) continue;
                keys.add(X25519RecipientStanzaReaderFactory.newRecipientStanzaReader(line.strip()));
            }
            if (keys.isEmpty())
                throw Failure.usage("there is no secret key in " + identity, "name a file that 'age-keygen' made.");
            return keys;
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            throw Failure.usage(
                    "the secret keys in " + identity + " cannot be read: "
                            + (e instanceof IOException ? e.getMessage() : "not an age key"),
                    "name a file that 'age-keygen' made (AGE-SECRET-KEY-1...).");
        }
    }

    private static InputStream decompressed(InputStream source) throws IOException {
        BufferedInputStream in =
                source instanceof BufferedInputStream buffered ? buffered : new BufferedInputStream(source, BUFFER);
        if (startsWith(in, new byte[] {0x1f, (byte) 0x8b}))
            return new BufferedInputStream(
                    GzipCompressorInputStream.builder()
                            .setInputStream(in)
                            .setDecompressConcatenated(true)
                            .get(),
                    BUFFER);
        if (startsWith(in, new byte[] {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd}))
            return new BufferedInputStream(new ZstdInputStream(in), BUFFER);
        return in;
    }

    private static boolean startsWith(InputStream in, byte[] magic) throws IOException {
        in.mark(magic.length);
        byte[] first = in.readNBytes(magic.length);
        in.reset();
        return java.util.Arrays.equals(first, magic);
    }

    /** Turns what a decompressor throws into the one failure that a damaged file is. */
    private final class Guarded extends InputStream {
        private final InputStream in;

        Guarded(InputStream in) {
            this.in = in;
        }

        @Override
        public int read() {
            try {
                return in.read();
            } catch (IOException | RuntimeException e) {
                throw unreadable(e);
            }
        }

        @Override
        public int read(byte[] buffer, int offset, int length) {
            try {
                return in.read(buffer, offset, length);
            } catch (IOException | RuntimeException e) {
                throw unreadable(e);
            }
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }

    private Failure unreadable(Exception e) {
        return e instanceof Failure failure
                ? failure
                : damaged(
                        "it cannot be read to its end ("
                                + (e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage()) + ")",
                        "take another backup; this one was cut or altered.",
                        e);
    }

    private Failure altered() {
        return damaged("its content does not match its checksum", "take another backup; this one was altered.", null);
    }

    private Failure damagedMetadata(String how, Exception e) {
        return damaged(
                "of " + metadataPath().getFileName() + ": " + how,
                "copy that file from where the backup came from, or take another backup.",
                e);
    }

    /** The failure (24) that says what is wrong with this file. */
    public Failure damaged(String how, String next, Exception cause) {
        return new Failure(
                Failure.Kind.DAMAGED, "the backup " + path.getFileName() + " is damaged: " + how, next, cause);
    }

    @Override
    public String toString() {
        return path.getFileName().toString();
    }
}
