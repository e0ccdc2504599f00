package avdaily.base;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.NoSuchFileException;
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

    /**
     * Makes sure that the file can be written, before there is something to lose.
     *
     * @throws FileSystemException if it cannot
     */
    public static void tryOut(Path file) throws IOException {
        Path whole = file.toAbsolutePath();
        mustBeNoFolder(whole);
        if (isDevice(whole)) return;
        Path draft = draft(whole);
        try {
            Files.createFile(draft);
            Files.delete(draft);
        } catch (FileSystemException e) {
            throw about(whole, e);
        }
    }

    private static void write(Path file, String text, String permissions) throws IOException {
        Path whole = file.toAbsolutePath();
        mustBeNoFolder(whole);
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (isDevice(whole)) {
            Files.write(whole, bytes);
            return;
        }
        Path draft = draft(whole);
        try {
            try (FileChannel out = FileChannel.open(draft, NEW, attributes(whole.getParent(), permissions))) {
                ByteBuffer rest = ByteBuffer.wrap(bytes);
                while (rest.hasRemaining()) out.write(rest);
                out.force(true);
            }
            if (isOursAlone(whole.getParent())) restrict(draft, permissions); // whatever the umask
            move(draft, whole);
        } catch (IOException e) {
            discard(draft, e);
            throw about(whole, Reason.at(whole, e));
        }
    }

    private static void discard(Path draft, IOException why) {
        try {
            Files.deleteIfExists(draft);
        } catch (IOException e) {
            why.addSuppressed(e);
        }
    }

    private static void mustBeNoFolder(Path file) throws FileSystemException {
        if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS))
            throw new FileSystemException(file.toString(), null, "it is a folder");
    }

    /** A terminal or a pipe; nobody else makes names there. What lies in memory is a file. */
    private static boolean isDevice(Path file) {
        Path plain = file.normalize();
        return plain.startsWith("/dev") && !plain.startsWith("/dev/shm") || plain.startsWith("/proc");
    }

    private static Path draft(Path file) {
        return file.resolveSibling("." + file.getFileName() + new SecureRandom().nextLong() + ".new");
    }

    /** The user knows nothing of the draft. */
    private static FileSystemException about(Path file, FileSystemException e) {
        boolean lacksFolder = e instanceof NoSuchFileException && Files.notExists(file.getParent());
        String why = lacksFolder ? "there is no folder " + file.getParent() : Reason.of(e);
        FileSystemException about = new FileSystemException(file.toString(), null, why);
        about.addSuppressed(e); // a cause would be what is said
        return about;
    }

    /** With which a file is made so that it has these permissions, if {@code near} lies where there are such. */
    public static FileAttribute<?>[] attributes(Path near, String permissions) {
        return isPosix(near)
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

    /** Whether the file system knows permissions, and lets folders be opened. */
    public static boolean isPosix(Path path) {
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
