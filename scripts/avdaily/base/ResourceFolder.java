package avdaily.base;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The folders that scripts read: the one that the user names, else the one of the clone that the launcher belongs to,
 * else the one that travels inside the script's jar.
 */
public final class ResourceFolder {
    private static final long MOST_BYTES = 16_000_000;

    private static FileSystem shipped;

    /** Where other tools look for migrations by default. */
    private static final List<String> USUAL =
            List.of("db/migrations", "db/migration", "src/main/resources/db/migration", "sql/migrations");

    private static final String MIGRATIONS = "migrations";
    private static final String SEEDS = "seeds";

    /** The project's migrations: the folder of the option if it is not null, of AVDAILY_MIGRATIONS, or of its file. */
    public static Path ofMigrations(Settings settings, Path option) {
        return of(settings, option, MIGRATIONS, settings.project().migrations());
    }

    /** The project's seed files: the folder of the option if it is not null, of AVDAILY_SEEDS, or of its file. */
    public static Path ofSeeds(Settings settings, Path option) {
        return of(settings, option, SEEDS, settings.project().seeds());
    }

    /** As {@link #ofSeeds}, if there are any: a project need not have seed files. */
    public static Optional<Path> ofSeedsIfAny(Settings settings, Path option) {
        boolean isNamed = option != null || settings.path(variable(SEEDS)).isPresent();
        boolean isThere = settings.project().isShipped()
                ? settings.ofClone(SEEDS).isPresent() || usual(settings).isEmpty()
                : settings.project().seeds().filter(Files::isDirectory).isPresent();
        return isNamed || isThere ? Optional.of(ofSeeds(settings, option)) : Optional.empty();
    }

    private static String variable(String name) {
        return "AVDAILY_" + name.toUpperCase(Locale.ROOT);
    }

    private static Path of(Settings settings, Path option, String name, Optional<Path> ofProject) {
        Project project = settings.project();
        Optional<Path> named = Optional.ofNullable(option).map(settings::path).or(() -> settings.path(variable(name)));
        if (named.isEmpty() && ofProject.isEmpty()) {
            if (project.isShipped()) return settings.ofClone(name).orElseGet(() -> shipped(settings, name));
            throw Failure.usage(
                    "nobody says where the " + name + " of " + project + " are, and AV-Daily's are not for it",
                    "name their folder with --" + name + " or " + variable(name) + ", or write an avdaily.yaml with "
                            + "'avdaily-db init'; 'name: avdaily' in it is AV-Daily's own project.");
        }
        Path folder = named.or(() -> ofProject).get();
        if (Files.isDirectory(folder)) return folder;
        String why = named.isPresent()
                ? ""
                : ", where " + project.file().map(Path::toString).orElse(project.toString()) + " looks for the " + name;
        throw Failure.usage(
                "there is no folder " + folder.toAbsolutePath().normalize() + why,
                "make it, or name an existing one with --" + name + ", " + variable(name) + " or '" + name
                        + "' in avdaily.yaml; 'name: avdaily' in it is AV-Daily's own project.");
    }

    /** @throws Failure (2) where migrations lie at a usual place, which whoever has them may mean */
    private static Path shipped(Settings settings, String name) {
        Optional<Path> others = usual(settings);
        if (others.isEmpty()) return shipped(name);
        throw Failure.usage(
                "there is " + others.get() + ", and nobody says which project this is",
                "write an avdaily.yaml above it that says where its migrations are ('name: avdaily' for AV-Daily's own "
                        + "project), or name the folder with --" + name + ".");
    }

    /** Where migrations of somebody lie although nobody named a project. */
    private static Optional<Path> usual(Settings settings) {
        return Settings.within(settings.path(Path.of("")).toAbsolutePath().normalize()).stream()
                .flatMap(place -> USUAL.stream().map(place::resolve))
                .filter(folder -> Files.isDirectory(folder) && hasFiles(folder))
                .findFirst();
    }

    /**
     * The files of a folder, sorted by name; none where there is no such folder.
     *
     * @throws Failure (2) where a link leads out of the folder, or something else than a file has its name
     */
    public static List<Path> files(Path folder) {
        return files(folder, folder);
    }

    /** As {@link #files(Path)}, where links may lead to another place below {@code root}. */
    public static List<Path> files(Path folder, Path root) {
        if (!Files.isDirectory(folder)) return List.of();
        try (Stream<Path> list = Files.list(folder)) {
            List<Path> files = list.filter(file -> !Files.isDirectory(file))
                    .filter(file -> Files.isRegularFile(file)
                            || !file.getFileName().toString().startsWith(".")) // locks of editors
                    .sorted()
                    .toList();
            files.forEach(file -> refuseLinkOut(file, root));
            return files;
        } catch (IOException e) {
            throw Failure.usage(
                    "cannot read " + show(folder) + ": " + Reason.of(e), "make it readable, or name another folder.");
        }
    }

    /**
     * Whoever may add a file to a folder may not have other files of this machine read, nor have us wait for a pipe.
     *
     * @throws Failure (2) where the file, or its folder, is a link that leads out of {@code root}, or is neither
     */
    public static void refuseLinkOut(Path file, Path root) {
        try {
            boolean isInside = file.toRealPath().startsWith(root.toRealPath());
            if (isInside && !Files.isRegularFile(file) && !Files.isDirectory(file))
                throw Failure.usage(show(file) + " is no file", "put a file in its place, or take it away.");
            if (isInside) return;
        } catch (IOException e) {
            throw Failure.usage(show(file) + " is a link that leads nowhere", "put a file in its place.");
        }
        throw Failure.usage(show(file) + " leads out of " + show(root), "copy the file into the folder.");
    }

    /**
     * Whoever may add a file to a folder may not have us read without an end.
     *
     * @throws Failure (2) where a file that people write by hand is larger than any of its kind
     */
    public static void refuseTooLarge(Path file) throws IOException {
        if (Files.size(file) > MOST_BYTES)
            throw Failure.usage(
                    show(file) + " has " + Format.bytes(Files.size(file)) + ", and such files are read up to "
                            + Format.bytes(MOST_BYTES),
                    "see what it is; it may be the wrong file.");
    }

    /** The folders in a folder, sorted by name. */
    public static List<Path> subfolders(Path folder) {
        try (Stream<Path> list = Files.list(folder)) {
            return list.filter(Files::isDirectory).sorted().toList();
        } catch (IOException e) {
            throw Failure.usage(
                    "cannot read " + show(folder) + ": " + Reason.of(e), "make it readable, or name another folder.");
        }
    }

    /** @throws Failure (2) where a folder has folders in it, whose files nobody would read */
    public static void refuseSubfolders(Path folder, String... known) {
        if (!Files.isDirectory(folder)) return;
        for (Path inner : subfolders(folder))
            if (!List.of(known).contains(inner.getFileName().toString().replace("/", "")) && hasFiles(inner))
                throw Failure.usage(
                        "the files in " + show(inner) + " would not be read",
                        "put them into " + show(folder) + " itself, or move the folder elsewhere.");
    }

    private static boolean hasFiles(Path folder) {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.anyMatch(path -> !Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS));
        } catch (IOException | UncheckedIOException e) {
            throw Failure.usage(
                    "cannot read " + show(folder) + ": " + Reason.of(e), "make it readable, or move it elsewhere.");
        }
    }

    /** How a file is called in messages: as the user knows it. */
    public static String show(Path file) {
        String text = file.toString();
        return file.getFileSystem() == shipped && text.startsWith("/") ? text.substring(1) : text;
    }

    /** A folder that travels inside the script's jar. */
    public static synchronized Path shipped(String name) {
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
