package avdaily.seed;

import avdaily.base.Failure;
import avdaily.base.ResourceFolder;
import avdaily.base.Sha256;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;

/**
 * A file that is read each time that it is needed, since it is too large to hold. Once somebody knows its hash, what is
 * read must have the same.
 */
final class RereadFile {
    private final Path file;
    private String hash;

    RereadFile(Path file) {
        this.file = file;
    }

    String hash() {
        if (hash == null) hash = Sha256.of(file);
        return hash;
    }

    /** At the end, what was read is refused (21) if it is another text than the one of which the hash is known. */
    InputStream open() throws IOException {
        InputStream in = Files.newInputStream(file);
        return hash == null ? in : new Checked(in, Sha256.digest());
    }

    private final class Checked extends FilterInputStream {
        private final MessageDigest digest;
        private boolean isChecked;

        Checked(InputStream in, MessageDigest digest) {
            super(new DigestInputStream(in, digest));
            this.digest = digest;
        }

        @Override
        public int read() throws IOException {
            return checked(super.read());
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            return checked(super.read(bytes, offset, length));
        }

        private int checked(int read) {
            if (read >= 0 || isChecked) return read;
            isChecked = true;
            if (!Sha256.hex(digest.digest()).equals(hash))
                throw Failure.refused(
                        ResourceFolder.show(file) + " was changed while the deployment was at work",
                        "see who did that; then deploy again.");
            return read;
        }
    }
}
