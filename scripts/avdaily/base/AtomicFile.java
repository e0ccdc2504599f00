package avdaily.base;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Collections;
import java.util.Set;

/**
 * Files that are there whole or not at all: a kill or a full disk leaves the old one, or none, under the name. A link
 * that stands under the name is replaced, not followed: others may be able to write into the folder.
 */
public final class AtomicFile {
    private static final Set<OpenOption> NEW = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);

    /**
     * For everybody on the machine to read, in a folder that others may write to as far as the umask lets them;
     * replaces what is there.
     */
    public static void write(Path file, String text) throws IOException {
        write(file, text, "rw-r--r--");
    }

    /** For nobody else to read; replaces what is there. */
    public static void writePrivate(Path file, String text) throws IOException {
        write(file, text, "rw-------");
    }

    private static void write(Path file, String text, String permissions) throws IOException {
        Path whole = file.toAbsolutePath();
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (whole.normalize().startsWith("/dev") || whole.normalize().startsWith("/proc")) {
            Files.write(whole, bytes); // a terminal or a pipe; nobody else makes names there
            return;
        }
        Path draft = whole.resolveSibling("." + whole.getFileName() + new SecureRandom().nextLong() + ".new");
        try (FileChannel out = FileChannel.open(draft, NEW, attributes(whole.getParent(), permissions))) {
            ByteBuffer rest = ByteBuffer.wrap(bytes);
            while (rest.hasRemaining()) out.write(rest);
            out.force(true);
            if (isOursAlone(whole.getParent())) restrict(draft, permissions); // whatever the umask
            move(draft, whole);
        } finally {
            Files.deleteIfExists(draft);
        }
    }

    private static FileAttribute<?>[] attributes(Path folder, String permissions) {
        return isPosix(folder)
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
                }
                : new FileAttribute<?>[0];
    }

    /** Whether nobody else can put a link in the place of a file there. */
    private static boolean isOursAlone(Path folder) throws IOException {
        return isPosix(folder)
                && Collections.disjoint(
                        Files.getPosixFilePermissions(folder),
                        Set.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE));
    }

    private static boolean isPosix(Path path) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    /** Gives the file or folder these permissions, if its file system knows such. */
    public static void restrict(Path path, String permissions) throws IOException {
        if (isPosix(path)) Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
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
