package avdaily.seed;

import avdaily.base.AtomicFile;
import avdaily.base.Failure;
import avdaily.base.Invocation;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.security.SecureRandom;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Set;

/**
 * The random key that goes into every mask: who has an export but not the key cannot try names. It is the operator's
 * and stays in his own folder, so that his next export has the same masks.
 */
public final class MaskKey {
    private static final int BYTES = 32;
    private static final Set<PosixFilePermission> OF_OWNER =
            EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

    /**
     * The key, made with the first use. If it cannot be kept, each export has one of its own.
     *
     * @throws Failure (21) if others can read it
     */
    public static String of(Invocation invocation) throws IOException {
        Path file = invocation.settings().ownFolder().resolve("mask-key");
        if (!Files.exists(file)) {
            String fresh = random();
            try {
                keep(fresh, file);
            } catch (IOException e) {
                invocation
                        .out()
                        .note("The key of the masks cannot be kept in " + file + ", so the next export will have "
                                + "other masks.");
                return fresh;
            }
        }
        refuseOpen(file);
        String key = Files.readString(file).strip();
        if (!key.matches("[0-9a-f]{" + 2 * BYTES + "}"))
            throw Failure.usage(
                    file + " holds no key of masks", "move it away: a new one is made, and the masks become others.");
        return key;
    }

    /** Of two runs that make one at the same time, the first one's stays. */
    private static void keep(String key, Path file) throws IOException {
        Files.createDirectories(file.getParent());
        Path draft = Files.createTempFile(file.getParent(), ".mask-key", ".new");
        try {
            AtomicFile.restrict(draft, "rw-------");
            Files.writeString(draft, key + "\n");
            Files.createLink(file, draft);
        } catch (FileAlreadyExistsException another) {
            // that one is as good
        } catch (UnsupportedOperationException noLinks) {
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(draft);
        }
    }

    private static String random() {
        byte[] key = new byte[BYTES];
        new SecureRandom().nextBytes(key);
        return HexFormat.of().formatHex(key);
    }

    private static void refuseOpen(Path file) throws IOException {
        if (!file.getFileSystem().supportedFileAttributeViews().contains("posix")) return;
        if (!OF_OWNER.containsAll(Files.getPosixFilePermissions(file)))
            throw Failure.refused(
                    "the key of masks " + file + " is open to others, who could look people up in an export",
                    "move it away, so that a new one is made, or chmod 600 it if nobody else has read it.");
    }

    private MaskKey() {}
}
