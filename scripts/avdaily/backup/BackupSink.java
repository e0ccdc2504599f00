package avdaily.backup;

import avdaily.base.Failure;
import avdaily.base.Out;
import avdaily.base.Reason;
import avdaily.base.Sha256;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The backup file in the making. Its steps:
 *
 * <ol>
 *   <li>{@link #create} starts an {@link UnfinishedBackup}.
 *   <li>{@link #part} starts a part. Several threads compress parts at the same time; each part is whole wherever it
 *       ends up in the file. A byte goes through the part's buffer, the compressor, the held bytes, the encryption and
 *       the checksum into the file.
 *   <li>{@link #seal} ends the file and makes it durable.
 *   <li>{@link #publish} writes what belongs beside it, and gives all of it its names.
 * </ol>
 */
final class BackupSink implements AutoCloseable {
    /** So much of a part is held in memory; a longer one keeps the file to itself until it ends. */
    private static final int HELD = 8 << 20;

    /** A piece is still in the cache when it goes from the checksum into the file. */
    private static final int PIECE = 1 << 16;

    private final Out out;
    private final List<UnfinishedBackup> copies;
    private final Compression compression;
    private final int level;
    private final MessageDigest digest = Sha256.digest();
    /** What ended parts were held in: memory that was never used takes the system longer than the copying. */
    private final Queue<byte[]> pieces = new ConcurrentLinkedQueue<>();

    private final ReentrantLock writing = new ReentrantLock();
    private final List<BackupMetadata.Part> parts = new ArrayList<>();
    private final Thread cleaner = new Thread(this::discard);
    private WritableByteChannel target = new Digesting();
    private long offset;
    /** Of the file, encrypted as it is. */
    private long bytes;

    private BackupSink(List<UnfinishedBackup> copies, Compression compression, int level, Out out) {
        this.out = out;
        this.copies = copies;
        this.compression = compression;
        this.level = level;
        Runtime.getRuntime().addShutdownHook(cleaner); // for Ctrl-C; after kill -9 the next run cleans up
    }

    /**
     * Starts a backup file in each of the places, which are made if they are not there.
     *
     * @param kind what the file's name says that it is
     * @param level of the compression
     * @param recipients age's public keys; none for a file that everybody can read
     * @throws Failure (2) if one of them cannot be written to, or is another one
     */
    static BackupSink create(
            List<BackupStore> places, String kind, Compression compression, int level, List<String> recipients, Out out)
            throws IOException {
        BackupFile.Naming naming = new BackupFile.Naming(kind, compression, !recipients.isEmpty());
        BackupSink sink = new BackupSink(new ArrayList<>(), compression, level, out);
        try {
            for (BackupStore place : places) {
                sink.refuseSame(place);
                sink.copies.add(begin(place, naming, out));
            }
            if (!recipients.isEmpty()) sink.target = Age.encrypting(sink.target, recipients);
            return sink;
        } catch (IOException | RuntimeException e) {
            sink.close();
            throw e;
        }
    }

    private void refuseSame(BackupStore place) throws IOException {
        for (UnfinishedBackup copy : copies)
            if (place.isSame(copy.file().store()))
                throw Failure.usage(
                        "the backup would be written to " + place.absolute() + " twice",
                        "name another place with --also, or leave it out.");
    }

    private static UnfinishedBackup begin(BackupStore place, BackupFile.Naming naming, Out out) {
        try {
            return place.create(naming, out);
        } catch (IOException e) {
            throw new Failure(
                    Reason.isNoRoom(e) ? Failure.Kind.ERROR : Failure.Kind.USAGE,
                    "cannot write to the backup folder " + place.absolute() + ": " + Reason.of(e),
                    "make it writable, or name another one with --dir or BACKUP_DIR.",
                    e);
        }
    }

    /** As {@link UnfinishedBackup#expect}. */
    void expect(long least, long most) throws IOException {
        for (UnfinishedBackup copy : copies) copy.expect(least, most);
    }

    /**
     * Starts a part; it may be written by another thread than others are.
     *
     * @param table the table's place in the metadata; null outside of {@link BackupMetadata.Section#DATA}
     */
    Part part(BackupMetadata.Section section, Integer table) {
        return new Part(section, table);
    }

    /** A piece of SQL that is compressed by itself, and lands in the file as one piece. */
    final class Part implements AutoCloseable {
        private final BackupMetadata.Section section;
        private final Integer table;
        private final Held held = new Held();
        private final OutputStream compressor;
        private long bytes;

        private Part(BackupMetadata.Section section, Integer table) {
            this.section = section;
            this.table = table;
            try {
                this.compressor = new BufferedOutputStream(compression.compressing(held, level), PIECE);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }

        void write(String text) throws IOException {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            write(bytes, bytes.length);
        }

        void write(byte[] text, int length) throws IOException {
            compressor.write(text, 0, length);
            bytes += length;
        }

        /** Bytes written so far, uncompressed. */
        long bytes() {
            return bytes;
        }

        /** Bytes that wait in memory, compressed. */
        int held() {
            return held.count();
        }

        /** Ends the part and puts what is still in memory into the file. */
        void end(long rows) throws IOException {
            compressor.close();
            held.end(rows);
        }

        /** Lets the file go if the part was not ended. */
        @Override
        public void close() {
            if (writing.isHeldByCurrentThread()) writing.unlock();
        }

        private final class Held extends OutputStream {
            private final List<byte[]> full = new ArrayList<>();
            private byte[] last = piece();
            private int filled;
            private long length;

            int count() {
                return full.size() * PIECE + filled;
            }

            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] from, int start, int n) throws IOException {
                for (int done = 0, some; done < n; done += some) {
                    if (filled == PIECE) next();
                    some = Math.min(n - done, PIECE - filled);
                    System.arraycopy(from, start + done, last, filled, some);
                    filled += some;
                }
            }

            private void next() throws IOException {
                full.add(last);
                last = piece();
                filled = 0;
                if (count() >= HELD) spill();
            }

            private void spill() throws IOException {
                if (!writing.isHeldByCurrentThread()) writing.lock();
                for (byte[] piece : full) append(piece, PIECE);
                append(last, filled);
                length += count();
                pieces.addAll(full);
                full.clear();
                filled = 0;
            }

            private void end(long rows) throws IOException {
                spill();
                parts.add(new BackupMetadata.Part(section, table, offset - length, length, rows));
                writing.unlock();
                pieces.add(last);
                last = null; // the next part has it
            }
        }
    }

    private byte[] piece() {
        return Objects.requireNonNullElseGet(pieces.poll(), () -> new byte[PIECE]);
    }

    private void append(byte[] piece, int n) throws IOException {
        try {
            ByteBuffer buffer = ByteBuffer.wrap(piece, 0, n);
            while (buffer.hasRemaining()) target.write(buffer);
            offset += n;
        } catch (IOException e) {
            throw unwritable(copies.get(0), e);
        }
    }

    private static Failure unwritable(UnfinishedBackup copy, IOException e) {
        return new Failure(
                Failure.Kind.ERROR,
                "the backup cannot be written to " + copy.file().store().absolute() + ": " + Reason.of(e),
                "make room there, or name another folder with --dir or BACKUP_DIR; nothing of this backup stays.",
                e);
    }

    /** The file itself: what goes into it goes into the checksum. */
    private final class Digesting implements WritableByteChannel {
        @Override
        public int write(ByteBuffer bytes) throws IOException {
            digest.update(bytes.duplicate());
            int n = bytes.remaining();
            BackupSink.this.bytes += n;
            for (UnfinishedBackup copy : copies) write(copy, bytes.duplicate());
            bytes.position(bytes.limit());
            return n;
        }

        private void write(UnfinishedBackup copy, ByteBuffer bytes) {
            try {
                copy.write(bytes);
            } catch (IOException e) {
                throw unwritable(copy, e);
            }
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {} // it is sealed instead
    }

    /** A file that nothing is added to any more: its checksum, its size in bytes, and its parts in their order. */
    record Sealed(String sha256, long bytes, List<BackupMetadata.Part> parts) {}

    /** Ends the file, once all parts are in it, and makes it durable. */
    Sealed seal() throws IOException {
        target.close(); // an encrypted file gets its end here
        for (UnfinishedBackup copy : copies) copy.seal();
        List<BackupMetadata.Part> inOrder = parts.stream()
                .sorted(Comparator.comparingLong(BackupMetadata.Part::offset))
                .toList();
        return new Sealed(Sha256.hex(digest.digest()), bytes, inOrder);
    }

    /**
     * Gives the sealed file its name in each of the places, with what belongs beside it.
     *
     * @throws Failure that tells where it is whole all the same
     */
    List<BackupFile> publish(BackupMetadata metadata) throws IOException {
        String json = metadata.forFile().json();
        List<BackupFile> published = new ArrayList<>();
        for (UnfinishedBackup copy : copies) {
            BackupFile named = copy.file();
            try {
                copy.publish(json, Checksums.text(named, metadata.encoding().sha256(), Sha256.of(json)));
            } catch (IOException | Failure e) {
                if (published.isEmpty()) throw e;
                throw new Failure(
                        e instanceof Failure failure ? failure.kind : Failure.Kind.ERROR,
                        "the backup is whole in " + published.get(0).place() + ", and there is no copy in "
                                + named.store() + ": " + Reason.of(e),
                        "copy it there, or run it again.",
                        e);
            }
            published.add(named);
        }
        return published;
    }

    /** Without {@link #publish} before it, nothing of the file stays. */
    @Override
    public void close() throws IOException {
        try {
            Runtime.getRuntime().removeShutdownHook(cleaner);
        } catch (IllegalStateException e) {
            return; // the process ends, and the hook does this
        }
        discard();
        for (UnfinishedBackup copy : copies) copy.release();
    }

    private void discard() {
        for (UnfinishedBackup copy : copies) {
            try {
                copy.discard();
            } catch (IOException e) {
                out.note("What was written so far cannot be removed: " + copy + " (" + Reason.of(e) + ").");
            }
        }
    }
}
