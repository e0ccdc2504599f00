package avdaily.base;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The folders that scripts read: the one that the user names, else the one of the clone that the launcher belongs to,
 * else the one that travels inside the script's jar.
 */
public final class ResourceFolder {
    private static FileSystem shipped;

    /**
     * The folder to read.
     *
     * @param option what the command line says, or null
     * @param variable the variable that names the folder otherwise
     * @param name the shipped folder's name
     */
    public static Path of(Settings settings, Path option, String variable, String name) {
        Path folder =
                option != null ? settings.path(option) : settings.path(variable).orElse(null);
        if (folder == null) return settings.ofClone(name).orElseGet(() -> shipped(name));
        if (!Files.isDirectory(folder))
            throw Failure.usage(
                    "there is no folder " + folder.toAbsolutePath().normalize(),
                    "name an existing one with --" + name + " or " + variable
                            + "; without either, the one that ships with the script is used.");
        return folder;
    }

    /**
     * The files of a folder, sorted by name; none where there is no such folder.
     *
     * @throws Failure (2) where a link leads out of the folder
     */
    public static List<Path> files(Path folder) {
        return files(folder, folder);
    }

    /** As {@link #files(Path)}, where links may lead to another place below {@code root}. */
    public static List<Path> files(Path folder, Path root) {
        if (!Files.isDirectory(folder)) return List.of();
        try (Stream<Path> list = Files.list(folder)) {
            List<Path> files = list.filter(Files::isRegularFile).sorted().toList();
            files.forEach(file -> refuseLinkOut(file, root));
            return files;
        } catch (IOException e) {
            throw Failure.usage(
                    "cannot read " + show(folder) + ": " + Reason.of(e), "make it readable, or name another folder.");
        }
    }

    /**
     * Whoever may add a file to a folder may not have other files of this machine read.
     *
     * @throws Failure (2) where the file, or its folder, is a link that leads out of {@code root}
     */
    public static void refuseLinkOut(Path file, Path root) {
        try {
            if (file.toRealPath().startsWith(root.toRealPath())) return;
        } catch (IOException e) {
            throw Failure.usage(show(file) + " is a link that leads nowhere", "put a file in its place.");
        }
        throw Failure.usage(show(file) + " leads out of " + show(root), "copy the file into the folder.");
    }

    /** @throws Failure (2) where a folder has folders in it, whose files nobody would read */
    public static void refuseSubfolders(Path folder, String... known) {
        if (!Files.isDirectory(folder)) return;
        try (Stream<Path> list = Files.list(folder)) {
            list.filter(Files::isDirectory)
                    .filter(inner -> !List.of(known)
                            .contains(inner.getFileName().toString().replace("/", "")))
                    .findFirst()
                    .ifPresent(inner -> {
                        throw Failure.usage(
                                "the files in " + show(inner) + " would not be read",
                                "put them into " + show(folder) + " itself, or move the folder elsewhere.");
                    });
        } catch (IOException e) {
            throw Failure.usage(
                    "cannot read " + show(folder) + ": " + Reason.of(e), "make it readable, or name another folder.");
        }
    }

    /** How a file is called in messages: as the user knows it. */
    public static String show(Path file) {
        String text = file.toString();
        return file.getFileSystem() == shipped && text.startsWith("/") ? text.substring(1) : text;
    }

    /** A folder that travels inside the script's jar. */
    public static Path shipped(String name) {
        try {
            if (shipped == null)
                shipped = FileSystems.newFileSystem(Path.of(ResourceFolder.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toURI()));
            return shipped.getPath("/" + name);
        } catch (IOException | URISyntaxException e) {
            throw new IllegalStateException("the script's own files cannot be read", e);
        }
    }

    private ResourceFolder() {}
}
