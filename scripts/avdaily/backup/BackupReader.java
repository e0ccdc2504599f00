package avdaily.backup;

import avdaily.base.Failure;
import avdaily.base.Reason;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Optional;
import org.apache.commons.io.input.BoundedInputStream;

/**
 * The SQL in a backup file, decrypted and decompressed: all of it as one stream, or part by part. If the file is
 * damaged, reading any of these streams throws a Failure (24).
 *
 * @param identity a file with age's secret keys; null if the backup is not encrypted
 */
public record BackupReader(BackupFile file, Path identity) {
    private static final int BUFFER = 1 << 17;
    /** What is longer than this is cut, and tells enough. */
    private static final int FIRST_LINE = 500;

    /**
     * The whole of it.
     *
     * @throws Failure (2) if it is encrypted and no key is named; (24) if no key opens it or it is damaged
     */
    public InputStream open() {
        try {
            InputStream raw = file.store().open(file.name());
            try {
                return new Guarded(Compression.decompressing(decrypted(raw)));
            } catch (IOException | RuntimeException e) {
                raw.close();
                throw e;
            }
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    /**
     * One part of a backup that is not encrypted; several may be read at the same time.
     *
     * @throws Failure (24) if it is damaged
     */
    public InputStream openPart(BackupMetadata.Part part) {
        try {
            InputStream raw = file.store().open(file.name(), part.offset(), part.length());
            try {
                return new Guarded(Compression.decompressingOne(raw));
            } catch (IOException | RuntimeException e) {
                raw.close();
                throw e;
            }
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    /** As in "a masked copy" if it is one for developers, by its first line; nothing for a backup. */
    public Optional<String> developerCopy() throws IOException {
        try (InputStream in = open()) {
            String start = new String(in.readNBytes(FIRST_LINE), StandardCharsets.UTF_8);
            return start.lines().findFirst().flatMap(DeveloperCopy::of);
        }
    }

    interface PartVisitor {
        void visit(BackupMetadata.Part part, InputStream sql) throws IOException;
    }

    /**
     * Reads all parts, also of an encrypted backup, one after the other as they lie in the file.
     *
     * @throws Failure (24) if the file is not made of just these parts
     */
    void eachPart(List<BackupMetadata.Part> parts, PartVisitor visitor) {
        try (InputStream raw = file.store().open(file.name())) {
            InputStream in = decrypted(raw);
            long offset = 0;
            for (BackupMetadata.Part part : parts) {
                if (part.offset() != offset) throw file.damagedMetadata("its parts do not follow each other", null);
                visit(part, in, visitor);
                offset += part.length();
            }
            if (in.read() >= 0)
                throw file.damaged("it goes on after its end", "take another backup; this one was altered.", null);
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private void visit(BackupMetadata.Part part, InputStream in, PartVisitor visitor) throws IOException {
        BoundedInputStream piece = BoundedInputStream.builder()
                .setInputStream(in)
                .setMaxCount(part.length())
                .setPropagateClose(false)
                .get();
        InputStream sql = Compression.decompressing(piece);
        visitor.visit(part, new Guarded(sql));
        if (sql.read() >= 0 || piece.getCount() != part.length())
            throw file.damaged(
                    "a part of it is longer or shorter than it should be",
                    "take another backup; this one was cut or altered.",
                    null);
    }

    private InputStream decrypted(InputStream raw) throws IOException {
        BufferedInputStream in = new BufferedInputStream(raw, BUFFER);
        if (!Age.isEncrypted(in)) return in;
        try {
            return new BufferedInputStream(Age.decrypting(in, file.key(identity)), BUFFER);
        } catch (GeneralSecurityException | IOException e) {
            throw file.notOpenedBy(identity, e);
        }
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
        if (e instanceof Failure failure) return failure;
        if (e instanceof FileSystemException system) return file.unreadable(system);
        String reason = Reason.of(e);
        return file.damaged(
                "it cannot be read to its end (" + reason + ")",
                "take another backup; this one was cut or altered.",
                e);
    }
}
