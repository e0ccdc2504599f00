package avdaily.backup;

import avdaily.base.Reason;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;

/** A file's bytes. Where the system does not let them be read, the error names the file: its content may be sound. */
final class NamedInput extends FilterInputStream {
    private final Path file;

    NamedInput(Path file, InputStream in) {
        super(in);
        this.file = file;
    }

    @Override
    public int read() throws IOException {
        try {
            return in.read();
        } catch (IOException e) {
            throw Reason.at(file, e);
        }
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        try {
            return in.read(buffer, offset, length);
        } catch (IOException e) {
            throw Reason.at(file, e);
        }
    }
}
