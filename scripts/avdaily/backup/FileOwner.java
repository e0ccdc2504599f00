package avdaily.backup;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/** Whose a file is. */
final class FileOwner {
    /**
     * Whether the user who runs this owns the file. A file system without such owners leaves the question to the
     * folder's rights.
     */
    static boolean isUs(Path file) {
        try {
            Path self = Path.of("/proc/self");
            if (!FileSystems.getDefault().supportedFileAttributeViews().contains("unix") || !Files.exists(self))
                return Files.getOwner(file, LinkOption.NOFOLLOW_LINKS)
                        .getName()
                        .endsWith(System.getProperty("user.name"));
            Object us = Files.getAttribute(self, "unix:uid");
            return us.equals(Files.getAttribute(file, "unix:uid", LinkOption.NOFOLLOW_LINKS));
        } catch (IOException e) {
            return false;
        } catch (UnsupportedOperationException e) {
            return true;
        }
    }

    private FileOwner() {}
}
