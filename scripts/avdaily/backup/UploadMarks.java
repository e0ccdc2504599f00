package avdaily.backup;

import avdaily.base.Reason;
import avdaily.base.Settings;
import avdaily.s3.S3Address;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * The uploads that runs of this machine have begun: a small file for each, locked as long as its run lives, so that the
 * next run can tell what a killed one left. A run that cannot write them goes without.
 */
record UploadMarks(S3Address place, Settings settings) {
    /** The files of this process: closing a second channel to one of them would free the lock on it. */
    private static final Set<Path> OWN = ConcurrentHashMap.newKeySet();

    /** What a run has begun: the backup's name, and what its objects carry so that they are known to be its own. */
    record Begun(String name, String run) {}

    /** A mark that lasts until it is taken away. */
    record Mark(Begun begun, Path file, FileChannel channel) implements AutoCloseable {
        /** What was begun is whole, or gone. */
        @Override
        public void close() throws IOException {
            if (file == null) return;
            Files.deleteIfExists(file);
            channel.close();
            OWN.remove(file);
        }

        /** The run ends, and something of it is left. */
        void leave() throws IOException {
            if (file == null) return;
            channel.close();
            OWN.remove(file);
        }
    }

    /** Whoever asks for the marks that killed runs left gets each of them once. */
    List<Mark> abandoned() {
        List<Mark> left = new ArrayList<>();
        if (!Files.isDirectory(folder())) return left;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder())) {
            for (Path file : files) {
                if (OWN.contains(file)) continue;
                FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock();
                List<String> lines = lock == null ? List.of() : Files.readAllLines(file);
                if (lines.size() == 2 && lines.get(0).equals(place.toString())) {
                    OWN.add(file);
                    left.add(new Mark(new Begun(lines.get(1), file.getFileName().toString()), file, channel));
                } else {
                    channel.close();
                }
            }
        } catch (IOException e) {
            return left;
        }
        return left;
    }

    /** @param why takes the reason if it cannot be written down */
    Mark begin(String name, Consumer<String> why) {
        Begun begun = new Begun(name, UUID.randomUUID().toString());
        Path file = folder().resolve(begun.run);
        try {
            Files.createDirectories(folder());
            OWN.add(file);
            FileChannel channel = FileChannel.open(
                    file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
            channel.tryLock();
            Files.writeString(file, place + "\n" + name + "\n");
            return new Mark(begun, file, channel);
        } catch (IOException e) {
            OWN.remove(file);
            why.accept("If this run is killed, what it sent stays in " + place + " for a day: " + folder()
                    + " cannot be written (" + Reason.of(e) + ").");
            return new Mark(begun, null, null);
        }
    }

    private Path folder() {
        return settings.ownFolder().resolve("uploads");
    }
}
