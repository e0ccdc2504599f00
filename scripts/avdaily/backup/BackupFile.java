package avdaily.backup;

import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.base.Reason;
import avdaily.s3.S3Failure;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.time.Duration;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A backup as it lies in its place: plain SQL, compressed and encrypted or not, under a name that tells its time (UTC).
 * Beside it lie {@code <file>.json}, its {@link BackupMetadata}, and {@code <file>.sha256}, its {@link Checksums}. A
 * dump of another program is a backup file too; it has neither of the two.
 */
public record BackupFile(BackupStore store, String name) {
    /** How every backup begins. */
    static final String FIRST_WORDS = "-- avdaily backup, format ";

    /** The last line of every backup: a file without it was cut off. */
    public static final String LAST_LINE = "-- avdaily backup complete";
    /** The last line of a dump that pg_dump made. */
    public static final String PG_DUMP_LAST_LINE = "-- PostgreSQL database dump complete";

    public static final String HAS_NO_END = "its last line is not the one that a complete dump ends with ('" + LAST_LINE
            + "' or '" + PG_DUMP_LAST_LINE + "')";

    /** What the name of a backup has where that of a copy for developers says what it is. */
    static final String BACKUP = "backup";

    /** Why such a file counts for nothing. */
    static final String COPY = "is a copy for developers, and no backup";

    private static final long MOST_METADATA =
            Math.min(1 << 28, Runtime.getRuntime().maxMemory() / 16);
    private static final Pattern NAME =
            Pattern.compile("avdaily_(?<kind>backup|masked|subset|masked-subset)_(?<time>\\d{4}-\\d\\d-\\d\\d_"
                    + "\\d\\d-\\d\\d-\\d\\d)\\.sql(\\.gz|\\.zst)?(\\.age)?");
    private static final Duration CLOCKS_DIFFER = Duration.ofMinutes(10);
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd_HH-mm-ss");

    /**
     * How files of a run are named.
     *
     * @param kind what it is: {@link #BACKUP}, or what a copy for developers is called
     */
    record Naming(String kind, Compression compression, boolean isEncrypted) {
        String at(Instant time) {
            return "avdaily_" + kind + "_" + TIME.format(time.atOffset(ZoneOffset.UTC)) + ".sql" + compression.suffix
                    + (isEncrypted ? ".age" : "");
        }
    }

    /** The time in the file's name; nothing if the name is not one of a backup of ours. */
    public Optional<Instant> nameTime() {
        Matcher name = NAME.matcher(toString());
        if (!name.matches()) return Optional.empty();
        try {
            return Optional.of(LocalDateTime.parse(name.group("time"), TIME).toInstant(ZoneOffset.UTC));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    public String metadataName() {
        return name + ".json";
    }

    public String checksumName() {
        return name + ".sha256";
    }

    boolean hasMetadata() {
        return store.has(metadataName());
    }

    /** How a user names it. */
    public String place() {
        return store.place(name);
    }

    /** The same, named as it is wherever one stands. */
    public BackupFile absolute() {
        return new BackupFile(store.absolute(), name);
    }

    /** Whether its name says that it is a copy for developers. */
    private boolean isNamedCopy() {
        Matcher name = NAME.matcher(toString());
        return name.matches() && !name.group("kind").equals(BACKUP);
    }

    /**
     * Why the file counts only if somebody names it, or nothing: it is another user's, from the future, or no backup
     * but a copy for developers.
     */
    public Optional<String> distrust() {
        for (String part : List.of(name, metadataName(), checksumName())) {
            Optional<String> stranger = store.stranger(part);
            if (stranger.isPresent())
                return Optional.of((part.equals(name) ? "" : "has a " + part.substring(name.length()) + " that ")
                        + "belongs to " + stranger.get());
        }
        Instant latest = Instant.now().plus(CLOCKS_DIFFER);
        if (nameTime().filter(latest::isBefore).isPresent()) return Optional.of("is from the future");
        if (isNamedCopy()) return Optional.of(COPY);
        return Optional.empty();
    }

    /** Whether the name, which tells its age, is the one that a backup of this time gets. */
    boolean isNamedAfter(Instant time) {
        return nameTime()
                .filter(named -> Duration.between(named, time).abs().compareTo(CLOCKS_DIFFER) < 0)
                .isPresent();
    }

    /**
     * What is known about the backup; nothing for a dump of another program.
     *
     * @throws Failure (24) if it cannot be read, or the backup's size is not the one that it names
     */
    public Optional<BackupMetadata> metadata() {
        if (!hasMetadata()) return Optional.empty();
        BackupMetadata metadata = readMetadata();
        int format = metadata.origin().formatVersion();
        if (format > BackupMetadata.FORMAT)
            throw damaged(
                    "its format is " + format + ", and this version reads up to " + BackupMetadata.FORMAT,
                    "use the version of the scripts that made it, or a newer one.",
                    null);
        if (!metadata.hasNeeded()) throw damagedMetadata("it is incomplete", null);
        if (size() != metadata.encoding().bytes())
            throw damaged(
                    "it has " + size() + " bytes and should have "
                            + metadata.encoding().bytes(),
                    "take another backup; this one was cut or altered.",
                    null);
        return Optional.of(metadata);
    }

    /**
     * All that is known about the backup, for which an encrypted one needs a key.
     *
     * @param identity a file with age's secret keys; null if there is none
     * @throws Failure (2) if it takes a key to know the content and none is named; (24) as above, or if no key opens it
     */
    public Optional<BackupMetadata> metadata(Path identity) {
        Optional<BackupMetadata> known = metadata();
        if (known.isEmpty() || !known.get().takesKey()) return known;
        try {
            return Optional.of(known.get().opened(key(identity)));
        } catch (GeneralSecurityException e) {
            throw notOpenedBy(identity, e);
        } catch (IOException e) {
            throw damagedMetadata("it cannot be opened (" + Reason.of(e) + ")", e);
        }
    }

    /** @throws Failure (2) if there is none */
    Path key(Path identity) {
        if (identity != null) return identity;
        throw Failure.usage(
                this + " is encrypted with age",
                "name the file with the secret key (AGE-SECRET-KEY-1...) by --identity KEYFILE or BACKUP_IDENTITY.");
    }

    /** The failure (24) of a key that is not one of the recipients'. */
    Failure notOpenedBy(Path identity, Exception cause) {
        List<String> names = hasMetadata() ? readMetadata().encoding().encryptedTo() : null;
        return damaged(
                "no key in " + identity + " opens it",
                "name the key of one of its recipients" + (names == null ? "" : ": " + String.join(", ", names)) + ".",
                cause);
    }

    /** The metadata as they are, whether they fit the file or not. */
    BackupMetadata readMetadata() {
        try {
            long size = store.size(metadataName());
            if (size > MOST_METADATA)
                throw damagedMetadata("it has " + Format.bytes(size) + ", more than any can have", null);
            return BackupMetadata.read(read(metadataName()));
        } catch (FileSystemException e) {
            throw unreadable(metadataName(), e);
        } catch (IOException e) {
            throw damagedMetadata("it cannot be read (" + Reason.of(e) + ")", e);
        }
    }

    /** A small file of it, whole. */
    byte[] read(String part) throws IOException {
        try (InputStream in = store.open(part)) {
            return in.readAllBytes();
        }
    }

    /** In bytes. */
    public long size() {
        try {
            return store.size(name);
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    /**
     * Reads the whole file and compares it, and its metadata, with the checksums beside it.
     *
     * @param progress is told how many bytes were read, step by step
     * @return whether there was anything to compare with
     * @throws Failure (24) if they differ
     */
    public boolean verifyChecksum(LongConsumer progress) {
        Optional<BackupMetadata> metadata = metadata();
        return Checksums.beside(this).verify(metadata, progress);
    }

    /** Whether checksums of both the file and its metadata are there: if they match, both are what was written. */
    public boolean hasChecksums() {
        return hasMetadata() && Checksums.beside(this).coverBoth();
    }

    /** Whether the file is encrypted, by its first bytes. */
    public boolean isEncrypted() {
        try (InputStream in = new BufferedInputStream(store.open(name))) {
            return Age.isEncrypted(in);
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    /** What keeps it from being deleted now, as in "until 2026-01-31T00:00:00Z". */
    Optional<String> lock() {
        return List.of(name, metadataName(), checksumName()).stream()
                .flatMap(part -> store.lock(part).stream())
                .findFirst();
    }

    /**
     * Deletes the file first: what is left of a killed run then stands for nothing.
     *
     * @return whether it is gone; false if its bucket denies that, and all of it is still there
     */
    public boolean delete() throws IOException {
        try {
            store.delete(name);
        } catch (S3Failure e) {
            if (e.isDenied()) return false;
            throw e;
        }
        for (String part : List.of(metadataName(), checksumName())) store.delete(part);
        return true;
    }

    /** The failure (24) of a file that the system does not let be read: it may be sound. */
    public Failure unreadable(IOException e) {
        return unreadable("the backup " + this, e);
    }

    /** The same for a part of it. */
    Failure unreadable(String part, IOException e) {
        String what = part + " cannot be read: " + Reason.of(e);
        return new Failure(Failure.Kind.DAMAGED, what, "see that the file is there and readable.", e);
    }

    /** The failure (24) that says what is wrong with this file's metadata. */
    Failure damagedMetadata(String how, Exception cause) {
        return damaged(
                "of " + metadataName() + ": " + how,
                "copy that file from where the backup came from, or take another backup.",
                cause);
    }

    /** The failure (24) that says what is wrong with this file. */
    public Failure damaged(String how, String next, Exception cause) {
        return new Failure(Failure.Kind.DAMAGED, "the backup " + this + " is damaged: " + how, next, cause);
    }

    /** The file's name without its folder. */
    @Override
    public String toString() {
        return name;
    }
}
