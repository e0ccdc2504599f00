package avdaily.backup;

import avdaily.base.AtomicFile;
import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.base.Out;
import avdaily.base.Reason;
import java.io.IOException;
import java.io.UncheckedIOException;
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
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A backup that has not got its name yet: a hidden file, locked as long as its writer lives, so that another run can
 * tell it from what a killed one left. Whoever makes the hidden file owns the name.
 */
final class TemporaryFile implements UnfinishedBackup {
    private static final String SUFFIX = ".partial";
    /** So many bytes are written before the disk is told to keep them; else it would have to keep all at the end. */
    private static final int STRIDE = 32 << 20;

    /** The real paths of this process' files: closing a second channel to one of them would free the lock on it. */
    private static final Set<Path> OWN = ConcurrentHashMap.newKeySet();

    private final Path path;
    private final FileChannel channel;
    private final Path id;
    /** What the disk was last told to keep while more bytes came. */
    private CompletableFuture<Void> forcing = CompletableFuture.completedFuture(null);

    private long unforced;
    private boolean isPublished;

    private TemporaryFile(Path path, FileChannel channel) throws IOException {
        this.path = path;
        this.channel = channel;
        this.id = hidden(path).toRealPath();
        OWN.add(id);
    }

    /**
     * Makes the folder if there is none, clears it of what killed runs left, and takes the first free name from now on.
     */
    static TemporaryFile create(Path folder, BackupFile.Naming naming, Out out) throws IOException {
        if (!Files.isDirectory(folder)) Files.createDirectories(folder, AtomicFile.attributes(folder, "rwx------"));
        clean(folder, out);
        for (Instant time = Instant.now().truncatedTo(ChronoUnit.SECONDS); ; time = time.plusSeconds(1)) {
            Path path = folder.resolve(naming.at(time));
            if (Files.exists(path)) continue;
            FileChannel channel;
            try {
                channel = open(path);
            } catch (FileAlreadyExistsException e) {
                continue;
            }
            if (channel.tryLock() != null && Files.exists(hidden(path)) && !Files.exists(path))
                return new TemporaryFile(path, channel);
            channel.close();
        }
    }

    private static FileChannel open(Path path) throws IOException {
        return FileChannel.open(
                hidden(path),
                Set.<OpenOption>of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                AtomicFile.attributes(path.toAbsolutePath().getParent(), "rw-------"));
    }

    @Override
    public BackupFile file() {
        return FolderStore.file(path);
    }

    private Path folder() {
        return path.toAbsolutePath().getParent();
    }

    @Override
    public void expect(long least, long most) throws IOException {
        long free = Files.getFileStore(folder()).getUsableSpace();
        if (free < least)
            throw Failure.refused(
                    "the disk of " + folder() + " has " + Format.bytes(free) + " left, and the backup needs at least "
                            + "about " + Format.bytes(least),
                    "make room there, or name another folder with --dir or BACKUP_DIR.");
    }

    @Override
    public void write(ByteBuffer bytes) throws IOException {
        unforced += bytes.remaining();
        try {
            while (bytes.hasRemaining()) channel.write(bytes);
        } catch (IOException e) {
            throw Reason.at(path, e);
        }
        if (unforced < STRIDE || !forcing.isDone()) return;
        awaitForced();
        unforced = 0;
        forcing = CompletableFuture.runAsync(() -> {
            try {
                force(channel, path);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    /** A disk tells but once that it could not keep something. */
    private void awaitForced() throws IOException {
        try {
            forcing.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof UncheckedIOException failure) throw failure.getCause();
            throw e;
        }
    }

    /** The channel stays open: closing it would free the lock, which must last until the file has its name. */
    @Override
    public void seal() throws IOException {
        awaitForced();
        force(channel, path);
    }

    private static void force(FileChannel channel, Path path) throws IOException {
        try {
            channel.force(true);
        } catch (IOException e) {
            throw Reason.at(path, e);
        }
    }

    /** The file itself gets its name last: whoever sees it sees all of it. */
    @Override
    public void publish(String metadata, String checksums) throws IOException {
        Path metadataPath = path.resolveSibling(file().metadataName());
        Path checksumPath = path.resolveSibling(file().checksumName());
        writeBeside(metadataPath, metadata);
        writeBeside(checksumPath, checksums);
        for (Path part : List.of(metadataPath, checksumPath, path))
            Files.move(hidden(part), part, StandardCopyOption.ATOMIC_MOVE);
        isPublished = true;
        forceFolder();
    }

    /** Writes a file beside, as hidden as this one. */
    private static void writeBeside(Path path, String text) throws IOException {
        try (FileChannel out = open(path)) {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) out.write(bytes);
            force(out, path);
        }
    }

    /** Makes the names durable. */
    private void forceFolder() throws IOException {
        if (!AtomicFile.isPosix(folder())) return; // elsewhere a folder cannot be opened
        try (FileChannel entries = FileChannel.open(folder(), StandardOpenOption.READ)) {
            force(entries, folder());
        }
    }

    @Override
    public void discard() throws IOException {
        if (!isPublished) delete(path);
    }

    /** Frees the lock. */
    @Override
    public void release() throws IOException {
        channel.close();
        OWN.remove(id);
    }

    /** The hidden file goes last, for it is what gives the rest away. */
    private static void delete(Path unfinished) throws IOException {
        BackupFile file = FolderStore.file(unfinished);
        for (String name : List.of(file.metadataName(), file.checksumName())) {
            Path beside = unfinished.resolveSibling(name);
            Files.deleteIfExists(hidden(beside));
            if (!Files.exists(unfinished)) Files.deleteIfExists(beside);
        }
        Files.deleteIfExists(hidden(unfinished));
    }

    /** Clears away what killed runs left: hidden files that nobody holds. */
    private static void clean(Path folder, Out out) throws IOException {
        try (DirectoryStream<Path> left = Files.newDirectoryStream(folder, ".avdaily_backup_*" + SUFFIX)) {
            for (Path path : left) {
                String name = path.getFileName().toString();
                Path unfinished = folder.resolve(name.substring(1, name.length() - SUFFIX.length()));
                if (FolderStore.file(unfinished).nameTime().isEmpty() || !isAbandoned(path)) continue;
                out.detail("Removing what a killed backup left: " + unfinished.getFileName() + ".");
                delete(unfinished);
            }
        }
    }

    private static boolean isAbandoned(Path path) throws IOException {
        if (!FolderStore.isFile(path) || OWN.contains(path.toRealPath())) return false;
        try (FileChannel other = FileChannel.open(path, StandardOpenOption.WRITE);
                FileLock lock = other.tryLock()) {
            return lock != null;
        }
    }

    private static Path hidden(Path path) {
        return path.resolveSibling("." + path.getFileName() + SUFFIX);
    }

    @Override
    public String toString() {
        return hidden(path).toString();
    }
}
