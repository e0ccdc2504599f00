package avdaily.backup;

import avdaily.base.Out;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A backup that has not got its name yet: a hidden file, locked as long as its writer lives, so that another run can
 * tell it from what a killed one left. Whoever makes the hidden file owns the name.
 */
final class TemporaryFile {
    private static final String SUFFIX = ".partial";
    /** The files of this process: closing a second channel to one of them would free the lock on it. */
    private static final Set<Path> OWN = ConcurrentHashMap.newKeySet();

    private final BackupFile file;
    private final FileChannel channel;

    private TemporaryFile(BackupFile file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
        OWN.add(hidden(file.path()).toAbsolutePath());
    }

    /**
     * Makes the folder if there is none, clears it of what killed runs left, and takes the first free name from now on.
     */
    static TemporaryFile create(Path folder, Compression compression, boolean isEncrypted, Out out) throws IOException {
        if (!Files.isDirectory(folder)) Files.createDirectories(folder, permissions(folder, "rwx------"));
        clean(folder, out);
        for (Instant time = Instant.now().truncatedTo(ChronoUnit.SECONDS); ; time = time.plusSeconds(1)) {
            Path path = folder.resolve(BackupFile.name(time, compression, isEncrypted));
            if (Files.exists(path)) continue;
            FileChannel channel;
            try {
                channel = open(path);
            } catch (FileAlreadyExistsException e) {
                continue;
            }
            if (channel.tryLock() != null && Files.exists(hidden(path)) && !Files.exists(path))
                return new TemporaryFile(new BackupFile(path), channel);
            channel.close();
        }
    }

    private static FileChannel open(Path path) throws IOException {
        return FileChannel.open(
                hidden(path),
                Set.<OpenOption>of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                permissions(path.toAbsolutePath().getParent(), "rw-------"));
    }

    /** Where the file will be. */
    BackupFile file() {
        return file;
    }

    Path folder() {
        return file.path().toAbsolutePath().getParent();
    }

    /** The file's content. Closing the channel frees the lock, so that its user must not. */
    FileChannel channel() {
        return channel;
    }

    /** Writes a file beside, as hidden as this one. */
    void writeBeside(Path path, String text) throws IOException {
        try (FileChannel out = open(path)) {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) out.write(bytes);
            out.force(true);
        }
    }

    /** Gives the file and those beside it their names, the file itself last: whoever sees it sees all of it. */
    void publish() throws IOException {
        for (Path path : List.of(file.metadataPath(), file.checksumPath(), file.path()))
            Files.move(hidden(path), path, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Makes the names durable. */
    void forceFolder() throws IOException {
        if (!isPosix(folder())) return; // elsewhere a folder cannot be opened
        try (FileChannel entries = FileChannel.open(folder(), StandardOpenOption.READ)) {
            entries.force(true);
        }
    }

    /** Deletes what is there of the file. */
    void discard() throws IOException {
        delete(file);
    }

    /** Frees the lock. */
    void release() throws IOException {
        channel.close();
        OWN.remove(hidden(file.path()).toAbsolutePath());
    }

    /** The hidden file goes last, for it is what gives the rest away. */
    private static void delete(BackupFile unfinished) throws IOException {
        for (Path beside : List.of(unfinished.metadataPath(), unfinished.checksumPath())) {
            Files.deleteIfExists(hidden(beside));
            if (!Files.exists(unfinished.path())) Files.deleteIfExists(beside);
        }
        Files.deleteIfExists(hidden(unfinished.path()));
    }

    /** Clears away what killed runs left: hidden files that nobody holds. */
    private static void clean(Path folder, Out out) throws IOException {
        try (DirectoryStream<Path> left = Files.newDirectoryStream(folder, ".avdaily_backup_*" + SUFFIX)) {
            for (Path path : left) {
                String name = path.getFileName().toString();
                BackupFile unfinished =
                        new BackupFile(folder.resolve(name.substring(1, name.length() - SUFFIX.length())));
                if (unfinished.nameTime().isEmpty() || !isAbandoned(path)) continue;
                out.detail("Removing what a killed backup left: " + unfinished + ".");
                delete(unfinished);
            }
        }
    }

    private static boolean isAbandoned(Path path) throws IOException {
        if (OWN.contains(path.toAbsolutePath())) return false;
        if (!BackupFile.isFile(path)) return false;
        try (FileChannel other = FileChannel.open(path, StandardOpenOption.WRITE);
                FileLock lock = other.tryLock()) {
            return lock != null;
        }
    }

    private static Path hidden(Path path) {
        return path.resolveSibling("." + path.getFileName() + SUFFIX);
    }

    private static FileAttribute<?>[] permissions(Path near, String permissions) {
        return isPosix(near)
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
                }
                : new FileAttribute<?>[0];
    }

    private static boolean isPosix(Path path) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    @Override
    public String toString() {
        return hidden(file.path()).toString();
    }
}
