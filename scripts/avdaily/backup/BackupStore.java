package avdaily.backup;

import avdaily.base.Failure;
import avdaily.base.Out;
import avdaily.base.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Where backups lie, each under its name and with its two files beside it, in a folder of this machine or in a bucket.
 */
public interface BackupStore {
    /** The names of the files in it; none if it is not there. What only leads to a file is none. */
    List<String> names() throws IOException;

    /** Whether a file of this name lies in it, and not only something that leads to one. */
    boolean has(String name);

    /** Whether whoever asks for this name gets a file. */
    boolean leadsTo(String name);

    /** In bytes. */
    long size(String name) throws IOException;

    /** A file from its first byte on. */
    InputStream open(String name) throws IOException;

    /** So many bytes of a file; several pieces may be read at the same time. */
    InputStream open(String name, long offset, long length) throws IOException;

    /** What is another one if the file was changed or exchanged. */
    Object version(String name) throws IOException;

    /** To whom a file belongs if it is not ours. */
    Optional<String> stranger(String name);

    /** What keeps a file from being deleted now, as in "until 2026-01-31T00:00:00Z". */
    Optional<String> lock(String name);

    void delete(String name) throws IOException;

    /** Clears away what killed runs left, and starts a backup under the first free name from now on. */
    UnfinishedBackup create(BackupFile.Naming naming, Out out) throws IOException;

    /** The same under the name that it has wherever one stands. */
    BackupStore absolute();

    /** A place of its own within this one. */
    BackupStore below(String folder);

    /** The folder on whose disk it lies; nothing if it takes no room here. */
    Optional<Path> disk();

    /** Whether it is this one, under whatever name. */
    boolean isSame(BackupStore other) throws IOException;

    /** How a user names a file in it. */
    String place(String name);

    /** The backups in it, the newest first; other files do not count. */
    default List<BackupFile> files() {
        try {
            return names().stream()
                    .map(name -> new BackupFile(this, name))
                    .filter(file -> file.nameTime().isPresent())
                    .sorted(Comparator.comparing(
                                    (BackupFile file) -> file.nameTime().orElseThrow())
                            .thenComparing(BackupFile::toString)
                            .reversed())
                    .toList();
        } catch (IOException e) {
            throw Failure.usage(
                    "cannot read the folder " + this + ": " + Reason.of(e),
                    "make it readable, or name another one with --dir or BACKUP_DIR.");
        }
    }

    /** What has this name and is no file, as in "a folder". */
    default Optional<String> other(String name) {
        return Optional.empty();
    }

    /** @throws Failure (2) if there is no such file */
    default BackupFile existing(String name) {
        if (leadsTo(name)) return new BackupFile(this, name);
        Optional<String> other = other(name);
        if (other.isPresent())
            throw Failure.usage(
                    place(name) + " is " + other.get() + ", and no file",
                    "name a file: a backup is read more than once, so what a pipe brings has to be written to one.");
        throw Failure.usage(
                "there is no backup file " + place(name), "'avdaily-backup list' shows those that are there.");
    }
}
