package avdaily.backup;

import avdaily.base.Out;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.commons.io.input.BoundedInputStream;

/** A folder of this machine; its files are our user's. Links, pipes, sockets and devices in it are no files. */
public record FolderStore(Path folder) implements BackupStore {
    /** A file wherever it lies. */
    public static BackupFile file(Path path) {
        Path folder = path.getParent() == null ? Path.of("") : path.getParent();
        return new BackupFile(new FolderStore(folder), path.getFileName().toString());
    }

    Path path(String name) {
        return folder.resolve(name);
    }

    @Override
    public List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(path -> path.getFileName().toString())
                    .filter(this::has)
                    .toList();
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    @Override
    public boolean has(String name) {
        return isFile(path(name));
    }

    /** Whether it is a file that can be read without waiting for somebody, and lies where it says. */
    static boolean isFile(Path path) {
        return Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS);
    }

    @Override
    public boolean leadsTo(String name) {
        return Files.isRegularFile(path(name));
    }

    @Override
    public Optional<String> other(String name) {
        Path path = path(name);
        if (leadsTo(name)) return Optional.empty();
        if (Files.isDirectory(path)) return Optional.of("a folder");
        if (Files.exists(path)) return Optional.of("a pipe, a socket or a device");
        return Files.isSymbolicLink(path) ? Optional.of("a link that leads nowhere") : Optional.empty();
    }

    /** It may also be named by a path, from the folder on or from the root on. */
    @Override
    public BackupFile existing(String name) {
        BackupFile file = BackupStore.super.existing(name);
        return name.equals(path(name).getFileName().toString()) ? file : file(path(name));
    }

    @Override
    public long size(String name) throws IOException {
        return Files.size(path(name));
    }

    @Override
    public InputStream open(String name) throws IOException {
        InputStream in = Files.newInputStream(path(name));
        if (size(name) > 0) return new NamedInput(path(name), in);
        in.close(); // a file of the system's own may let a reader wait for ever
        return InputStream.nullInputStream();
    }

    @Override
    public InputStream open(String name, long offset, long length) throws IOException {
        FileChannel channel = FileChannel.open(path(name)).position(offset);
        return BoundedInputStream.builder()
                .setInputStream(new NamedInput(path(name), Channels.newInputStream(channel)))
                .setMaxCount(length)
                .get();
    }

    @Override
    public Object version(String name) throws IOException {
        BasicFileAttributes a = Files.readAttributes(path(name), BasicFileAttributes.class);
        return List.of(a.size(), a.lastModifiedTime(), String.valueOf(a.fileKey()));
    }

    @Override
    public Optional<String> stranger(String name) {
        Path path = path(name);
        return Files.exists(path, LinkOption.NOFOLLOW_LINKS) && !FileOwner.isUs(path)
                ? Optional.of("another user of this machine")
                : Optional.empty();
    }

    @Override
    public Optional<String> lock(String name) {
        return Optional.empty();
    }

    @Override
    public void delete(String name) throws IOException {
        Files.deleteIfExists(path(name));
    }

    @Override
    public UnfinishedBackup create(BackupFile.Naming naming, Out out) throws IOException {
        return TemporaryFile.create(folder, naming, out);
    }

    @Override
    public FolderStore below(String name) {
        return new FolderStore(folder.resolve(name));
    }

    @Override
    public FolderStore absolute() {
        return new FolderStore(folder.toAbsolutePath().normalize());
    }

    @Override
    public Optional<Path> disk() {
        return Optional.of(absolute().folder);
    }

    @Override
    public boolean isSame(BackupStore other) throws IOException {
        return other instanceof FolderStore place
                && Files.exists(folder)
                && Files.exists(place.folder)
                && Files.isSameFile(folder, place.folder);
    }

    @Override
    public String place(String name) {
        return path(name).toString();
    }

    @Override
    public String toString() {
        return folder.toString();
    }
}
