package avdaily.backup;

import avdaily.base.Failure;
import avdaily.base.Out;
import avdaily.base.Sha256;
import com.exceptionfactory.jagged.RecipientStanzaWriter;
import com.exceptionfactory.jagged.framework.stream.StandardEncryptingChannelFactory;
import com.exceptionfactory.jagged.x25519.X25519RecipientStanzaWriterFactory;
import com.github.luben.zstd.RecyclingBufferPool;
import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.WritableByteChannel;
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
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.zip.GZIPOutputStream;

/**
 * The backup file in the making. It grows under a hidden temporary name, locked so that another run can tell it from what a
 * killed one left, by parts that several threads compress at the same time and that are whole wherever they end up in the
 * file. Only {@link #finish} gives it its name.
 */
final class BackupSink implements AutoCloseable {
    private static final String TEMPORARY = ".partial";
    /** So much of a part is held in memory; a longer one keeps the file to itself until it ends. */
    private static final int HELD = 8 << 20;

    private static final int BUFFER = 1 << 16;
    /** The files of this process: closing a second channel to one of them would free the lock on it. */
    private static final Set<Path> OWN = ConcurrentHashMap.newKeySet();

    private final Out out;
    private final Path file;
    private final Path temporary;
    private final FileChannel channel;
    private final BackupFile.Compression compression;
    private final int level;
    private final MessageDigest digest = Sha256.digest();
    private final ReentrantLock writing = new ReentrantLock();
    private final List<BackupFile.Part> parts = new ArrayList<>();
    private final Thread cleaner = new Thread(this::discard);
    private WritableByteChannel target;
    private long offset;
    private boolean finished;

    private BackupSink(Path file, FileChannel channel, BackupFile.Compression compression, int level, Out out) {
        this.out = out;
        this.file = file;
        this.temporary = temporary(file);
        this.channel = channel;
        this.compression = compression;
        this.level = level;
        this.target = new Digesting();
        OWN.add(temporary.toAbsolutePath());
        Runtime.getRuntime().addShutdownHook(cleaner); // for Ctrl-C; after kill -9 the next run cleans up
    }

    /**
     * Starts a backup file in {@code folder}, which is made where there is none, and clears away what killed runs left there.
     *
     * @param recipients age's public keys; none for a file that everybody can read
     */
    static BackupSink create(
            Path folder, BackupFile.Compression compression, int level, List<String> recipients, Out out) {
        try {
            if (!Files.isDirectory(folder)) Files.createDirectories(folder, mode(folder, "rwx------"));
            clean(folder, out);
            BackupSink sink = open(folder, compression, level, !recipients.isEmpty(), out);
            if (!recipients.isEmpty()) sink.encrypt(recipients);
            return sink;
        } catch (IOException e) {
            throw new Failure(
                    Failure.Kind.ERROR,
                    "cannot write to the backup folder "
                            + folder.toAbsolutePath().normalize() + ": " + reason(e),
                    "make it writable, or name another one with --dir or BACKUP_DIR.",
                    e);
        }
    }

    /** Takes the first free name from this second on; whoever makes the temporary file owns the name. */
    private static BackupSink open(
            Path folder, BackupFile.Compression compression, int level, boolean encrypted, Out out) throws IOException {
        for (Instant time = Instant.now().truncatedTo(ChronoUnit.SECONDS); ; time = time.plusSeconds(1)) {
            Path file = folder.resolve(BackupFile.name(time, compression, encrypted));
            if (Files.exists(file)) continue;
            FileChannel channel;
            try {
                channel = FileChannel.open(
                        temporary(file),
                        Set.<OpenOption>of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                        mode(folder, "rw-------"));
            } catch (FileAlreadyExistsException e) {
                continue;
            }
            if (channel.tryLock() != null && Files.exists(temporary(file)) && !Files.exists(file))
                return new BackupSink(file, channel, compression, level, out);
            channel.close();
        }
    }

    private void encrypt(List<String> recipients) throws IOException {
        try {
            List<RecipientStanzaWriter> writers = new ArrayList<>();
            for (String recipient : recipients) writers.add(recipient(recipient));
            target = new StandardEncryptingChannelFactory().newEncryptingChannel(target, writers);
        } catch (GeneralSecurityException | RuntimeException e) {
            close();
            throw e instanceof Failure failure ? failure : new IllegalStateException(e);
        }
    }

    /** @throws Failure (2) where this is no public key of age */
    static RecipientStanzaWriter recipient(String key) {
        try {
            return X25519RecipientStanzaWriterFactory.newRecipientStanzaWriter(key);
        } catch (GeneralSecurityException | RuntimeException e) {
            throw Failure.usage(
                    "'" + key + "' is no age recipient", "name a public key as 'age-keygen' prints it (age1...).");
        }
    }

    Path folder() {
        return file.toAbsolutePath().getParent();
    }

    /** Starts a part; it may be written by another thread than others are. */
    Part part(String section, Integer table) {
        return new Part(section, table);
    }

    /** A piece of SQL that is compressed by itself, and lands in the file as one piece. */
    final class Part implements AutoCloseable {
        private final String section;
        private final Integer table;
        private final byte[] raw = new byte[BUFFER];
        private final Held held = new Held();
        private final OutputStream compressor;
        private int filled;
        private long bytes;

        private Part(String section, Integer table) {
            this.section = section;
            this.table = table;
            try {
                this.compressor = compressor(held);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }

        void write(String text) throws IOException {
            write(text.getBytes(StandardCharsets.UTF_8));
        }

        void write(byte[] text) throws IOException {
            bytes += text.length;
            if (text.length > raw.length - filled) flush();
            if (text.length > raw.length) {
                compressor.write(text);
            } else {
                System.arraycopy(text, 0, raw, filled, text.length);
                filled += text.length;
            }
        }

        /** Bytes written so far, uncompressed. */
        long bytes() {
            return bytes;
        }

        /** Bytes that wait in memory, compressed. */
        int held() {
            return held.count;
        }

        private void flush() throws IOException {
            compressor.write(raw, 0, filled);
            filled = 0;
        }

        /** Ends the part and puts what is still in memory into the file. */
        void end(long rows) throws IOException {
            flush();
            compressor.close();
            held.end(rows);
        }

        /** Lets the file go where the part was not ended. */
        @Override
        public void close() {
            if (writing.isHeldByCurrentThread()) writing.unlock();
        }

        private final class Held extends OutputStream {
            private byte[] bytes = new byte[BUFFER];
            private int count;
            private long length;

            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] from, int start, int n) throws IOException {
                if (count + n > HELD) {
                    spill();
                    append(from, start, n);
                    length += n;
                    return;
                }
                if (count + n > bytes.length)
                    bytes = Arrays.copyOf(bytes, Math.min(HELD, Math.max(bytes.length * 2, count + n)));
                System.arraycopy(from, start, bytes, count, n);
                count += n;
            }

            private void spill() throws IOException {
                if (!writing.isHeldByCurrentThread()) writing.lock();
                append(bytes, 0, count);
                length += count;
                count = 0;
            }

            private void end(long rows) throws IOException {
                spill();
                parts.add(new BackupFile.Part(section, table, offset - length, length, rows));
                writing.unlock();
            }
        }
    }

    private OutputStream compressor(OutputStream out) throws IOException {
        return switch (compression) {
            case GZIP ->
                new GZIPOutputStream(out, BUFFER) {
                    {
                        def.setLevel(level);
                    }
                };
            case ZSTD -> new ZstdOutputStreamNoFinalizer(out, RecyclingBufferPool.INSTANCE, level).setChecksum(true);
            case NONE -> out;
        };
    }

    private void append(byte[] bytes, int start, int n) throws IOException {
        try {
            ByteBuffer buffer = ByteBuffer.wrap(bytes, start, n);
            while (buffer.hasRemaining()) target.write(buffer);
            offset += n;
        } catch (IOException e) {
            throw new Failure(
                    Failure.Kind.ERROR,
                    "the backup cannot be written to " + folder() + ": " + reason(e),
                    "make room there, or name another folder with --dir or BACKUP_DIR; nothing of this backup stays.",
                    e);
        }
    }

    /** The file itself: what goes into it goes into the checksum. */
    private final class Digesting implements WritableByteChannel {
        @Override
        public int write(ByteBuffer bytes) throws IOException {
            digest.update(bytes.duplicate());
            int n = bytes.remaining();
            while (bytes.hasRemaining()) channel.write(bytes);
            return n;
        }

        @Override
        public boolean isOpen() {
            return channel.isOpen();
        }

        @Override
        public void close() {} // the file's lock must last until it has its name
    }

    interface Description {
        BackupFile.Metadata of(String sha256, long bytes, List<BackupFile.Part> parts);
    }

    /**
     * Makes the file and what belongs beside it durable and gives them their names, the file itself last: whoever sees it
     * sees all of it.
     */
    BackupFile finish(Description description) throws IOException {
        target.close(); // an encrypted file gets its end here
        channel.force(true);
        String sha256 = Sha256.hex(digest.digest());
        BackupFile result = new BackupFile(file);
        String json = description.of(sha256, channel.size(), parts).json();
        writeDurably(result.metadataPath(), json);
        writeDurably(
                result.checksumPath(),
                sha256 + "  " + file.getFileName() + "\n" + Sha256.of(temporary(result.metadataPath())) + "  "
                        + result.metadataPath().getFileName() + "\n");
        for (Path path : List.of(result.metadataPath(), result.checksumPath(), file))
            Files.move(temporary(path), path, StandardCopyOption.ATOMIC_MOVE);
        finished = true;
        forceFolder();
        return result;
    }

    private static void writeDurably(Path path, String text) throws IOException {
        try (FileChannel out = FileChannel.open(
                temporary(path),
                Set.<OpenOption>of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                mode(path.toAbsolutePath().getParent(), "rw-------"))) {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) out.write(bytes);
            out.force(true);
        }
    }

    private void forceFolder() throws IOException {
        if (!isPosix(folder())) return; // elsewhere a folder cannot be opened
        try (FileChannel entries = FileChannel.open(folder(), StandardOpenOption.READ)) {
            entries.force(true);
        }
    }

    /** Without {@link #finish} before it, nothing of the file stays. */
    @Override
    public void close() throws IOException {
        try {
            Runtime.getRuntime().removeShutdownHook(cleaner);
        } catch (IllegalStateException e) {
            return; // the process ends, and the hook does this
        }
        if (!finished) discard();
        channel.close();
        OWN.remove(temporary.toAbsolutePath());
    }

    private void discard() {
        try {
            if (!finished) delete(file);
        } catch (IOException e) {
            out.note("What was written so far cannot be removed: " + temporary + " (" + e.getMessage() + ").");
        }
    }

    /** Deletes what is there of a backup that never got its name; the temporary file last, for it is what gives the rest away. */
    private static void delete(Path file) throws IOException {
        BackupFile unfinished = new BackupFile(file);
        for (Path beside : List.of(unfinished.metadataPath(), unfinished.checksumPath())) {
            Files.deleteIfExists(temporary(beside));
            if (!Files.exists(file)) Files.deleteIfExists(beside);
        }
        Files.deleteIfExists(temporary(file));
    }

    /** Clears away what killed runs left: temporary files that nobody holds. */
    private static void clean(Path folder, Out out) throws IOException {
        try (DirectoryStream<Path> left = Files.newDirectoryStream(folder, ".avdaily_backup_*" + TEMPORARY)) {
            for (Path path : left) {
                String hidden = path.getFileName().toString();
                BackupFile unfinished =
                        new BackupFile(folder.resolve(hidden.substring(1, hidden.length() - TEMPORARY.length())));
                if (unfinished.nameTime().isEmpty() || !isAbandoned(path)) continue;
                out.detail("Removing what a killed backup left: " + unfinished + ".");
                delete(unfinished.path());
            }
        }
    }

    private static boolean isAbandoned(Path path) throws IOException {
        if (OWN.contains(path.toAbsolutePath())) return false;
        try (FileChannel other = FileChannel.open(path, StandardOpenOption.WRITE);
                FileLock lock = other.tryLock()) {
            return lock != null;
        }
    }

    private static Path temporary(Path path) {
        return path.resolveSibling("." + path.getFileName() + TEMPORARY);
    }

    private static FileAttribute<?>[] mode(Path near, String permissions) {
        return isPosix(near)
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
                }
                : new FileAttribute<?>[0];
    }

    private static boolean isPosix(Path path) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    private static String reason(IOException e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }
}
