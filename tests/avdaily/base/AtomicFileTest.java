package avdaily.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

public class AtomicFileTest {
    @Test
    void whereThereAreModesTheyAreTheFiles(@TempDir Path folder) throws IOException {
        if (!AtomicFile.isPosix(folder)) return;
        writeEverything(folder);
        Path file = folder.resolve("a b.txt");
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        assertThrows(FileSystemException.class, () -> AtomicFile.write(folder.resolve("none/x"), "nowhere"));
        AtomicFile.write(file, "for all");
        assertEquals("rw-r--r--", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    }

    /** Devices are written to as they are; what lies in memory beside them is a file as any other. */
    @Test
    void inMemoryFilesAreFiles() throws IOException {
        Path memory = Path.of("/dev/shm");
        if (!Files.isWritable(memory)) return;
        Path folder = Files.createTempDirectory(memory, "avdaily");
        Path file = folder.resolve("key");
        try {
            AtomicFile.writePrivate(file, "secret");
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        } finally {
            Files.deleteIfExists(file);
            Files.delete(folder);
        }
    }

    /** As on Windows: a file system in a zip file knows no modes. */
    @Test
    void whereThereAreNoneFilesAreWrittenToo(@TempDir Path folder) throws IOException {
        URI zip = URI.create("jar:" + folder.resolve("files.zip").toUri());
        try (FileSystem files = FileSystems.newFileSystem(zip, Map.of("create", "true"))) {
            Path place = Files.createDirectories(files.getPath("/some/place"));
            assertEquals(0, AtomicFile.attributes(place, "rw-------").length);
            writeEverything(place);
        }
    }

    private static void writeEverything(Path folder) throws IOException {
        Path file = folder.resolve("a b.txt");
        AtomicFile.tryOut(file);
        AtomicFile.write(file, "one");
        AtomicFile.writePrivate(file, "two");
        AtomicFile.restrict(file, "rw-------");
        assertEquals("two", Files.readString(file));
        assertThrows(FileSystemException.class, () -> AtomicFile.write(folder, "a folder"));
        try (Stream<Path> all = Files.list(folder)) {
            assertEquals(List.of(file), all.toList(), "no draft is left");
        }
    }
}
