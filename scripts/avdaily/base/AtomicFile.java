package avdaily.base;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/** Files that are there whole or not at all: a kill or a full disk leaves the old one, or none, under the name. */
public final class AtomicFile {
    /** For everybody on the machine to read; replaces what is there. */
    public static void write(Path file, String text) throws IOException {
        write(file, text, "rw-r--r--");
    }

    /** For nobody else to read; replaces what is there. */
    public static void writePrivate(Path file, String text) throws IOException {
        write(file, text, "rw-------");
    }

    private static void write(Path file, String text, String permissions) throws IOException {
        Path whole = file.toAbsolutePath();
        Path draft = Files.createTempFile(whole.getParent(), "." + whole.getFileName(), ".new");
        try {
            restrict(draft, permissions);
            try (FileChannel out = FileChannel.open(draft, StandardOpenOption.WRITE)) {
                ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
                while (bytes.hasRemaining()) out.write(bytes);
                out.force(true);
            }
            move(draft, whole);
        } finally {
            Files.deleteIfExists(draft);
        }
    }

    /** Gives the file or folder these permissions, if its file system knows such. */
    public static void restrict(Path path, String permissions) throws IOException {
        if (path.getFileSystem().supportedFileAttributeViews().contains("posix"))
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
    }

    /** Renames, and replaces what has that name. */
    public static void move(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private AtomicFile() {}
}
