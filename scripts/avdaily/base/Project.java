package avdaily.base;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The project that a run works for, whose folders and rules it reads. It is the one of {@code avdaily.yaml}, which the
 * command line names or which lies in the working directory or above it; else the folders that somebody names are one;
 * else the folders {@code migrations} and {@code seeds} that lie there, as if an empty file lay beside them; else it is
 * AV-Daily's own, which ships with the scripts. Nothing of AV-Daily's holds for another project.
 */
public final class Project {
    public static final String FILE = "avdaily.yaml";
    /** AV-Daily's own project, and the choice of its rules. */
    public static final String SHIPPED = "avdaily";

    private static final String NAME = "[A-Za-z0-9][A-Za-z0-9_.-]{0,39}";
    /** Rules lie beside the file under one of these names. */
    private static final List<String> RULES = List.of("rules.yaml", "rules");

    /**
     * What the command line names; null is what it does not.
     *
     * @param config the project's file
     */
    public record Named(Path config, Path migrations, Path seeds) {
        static final Named NOTHING = new Named(null, null, null);
    }

    /** What the file says of the project itself, as it is written. */
    public record Keys(
            Optional<String> name,
            Optional<String> migrations,
            Optional<String> seeds,
            Optional<List<String>> rules,
            Optional<String> backups) {
        /** @throws Failure (2) if the name is not one */
        public static Keys read(StrictYaml map) {
            Optional<String> name = map.text("name");
            if (name.filter(word -> !word.matches(NAME)).isPresent())
                throw map.mistake(
                        "name",
                        "'" + name.get() + "' is no name of a project",
                        "use up to 40 letters, digits, '-', '_' and '.'.");
            return new Keys(name, map.text("migrations"), map.text("seeds"), map.texts("rules"), map.text("backups"));
        }
    }

    private final Optional<Path> file;
    /** Where the folders lie that are a project without a file. */
    private final Optional<Path> folders;
    private final Keys keys;
    private final boolean isShipped;
    private final boolean isFound;
    /** What tells a project without a name from others on this machine. */
    private final Path place;

    private Project(
            Optional<Path> file, Optional<Path> folders, Keys keys, boolean isShipped, boolean isFound, Path place) {
        this.file = file;
        this.folders = folders;
        this.isFound = isFound;
        this.keys = keys;
        this.isShipped = isShipped;
        this.place = place;
    }

    /** Whether a project of one's own may be called so. */
    public static boolean isName(String word) {
        return word.matches(NAME) && !word.equals(SHIPPED);
    }

    /** @throws Failure (2) if the file cannot be read, or what lies above the working directory is not the user's */
    static Project of(Settings settings, Named named) {
        Optional<Path> migrations = folder(settings, named.migrations, "AVDAILY_MIGRATIONS");
        Optional<Path> seeds = folder(settings, named.seeds, "AVDAILY_SEEDS");
        boolean isUnnamed = migrations.isEmpty() && seeds.isEmpty();
        Path here = settings.path(Path.of("")).toAbsolutePath().normalize();
        Optional<Path> file = Optional.ofNullable(named.config)
                .or(() -> settings.path("AVDAILY_CONFIG"))
                .or(() -> migrations.map(folder -> folder.resolveSibling(FILE)).filter(Project::isThere))
                .or(() -> above(here, place -> Stream.of(place.resolve(FILE)).filter(Project::isThere)));
        Optional<Path> folders = file.isEmpty() && isUnnamed
                ? above(here, Project::folders).map(Path::getParent).filter(place -> !settings.isClone(place))
                : Optional.empty();
        if (file.isEmpty() && folders.isEmpty()) file = settings.ofClone(FILE);
        Keys keys = Keys.read(file.map(StrictYaml::read).orElse(StrictYaml.EMPTY));
        Optional<Path> place =
                file.map(path -> path.toAbsolutePath().normalize().getParent()).or(() -> folders);
        boolean isAvDailys = folders.map(Project::isCollection)
                .orElseGet(() -> place.map(settings::isClone).orElse(true));
        boolean isShipped = keys.name.map(SHIPPED::equals).orElse(isUnnamed && isAvDailys);
        boolean isNamed = named.config != null
                || settings.get("AVDAILY_CONFIG").isPresent() && !settings.isFound("AVDAILY_CONFIG");
        return new Project(
                file,
                folders,
                keys,
                isShipped,
                !isNamed,
                place.or(() -> migrations).or(() -> seeds).orElse(here));
    }

    private static Optional<Path> folder(Settings settings, Path named, String variable) {
        return Optional.ofNullable(named)
                .map(settings::path)
                .or(() -> settings.path(variable))
                .map(folder -> folder.toAbsolutePath().normalize());
    }

    private static Optional<Path> above(Path here, Function<Path, Stream<Path>> search) {
        Optional<Path> found = Settings.within(here).stream().flatMap(search).findFirst();
        found.ifPresent(path -> refuseStrangers(path, here));
        return found;
    }

    /** The folders in it that the commands would read if somebody named them. */
    private static Stream<Path> folders(Path place) {
        return Stream.of("migrations", "seeds").map(place::resolve).filter(Project::hasFiles);
    }

    private static boolean hasFiles(Path folder) {
        if (!Files.isDirectory(folder)) return false;
        try (Stream<Path> files = Files.walk(folder.toRealPath(), 2)) { // the folder itself may be a link
            return files.anyMatch(file -> file.toString().matches(".*\\.(sql|ya?ml|json|csv)"));
        } catch (IOException | UncheckedIOException e) {
            throw Failure.usage(
                    "cannot read " + folder + ": " + Reason.of(e),
                    "make it readable, or name the project's file with --config.");
        }
    }

    /** Whether the scripts lie there too: what is beside them is AV-Daily's own, whoever starts them. */
    private static boolean isCollection(Path place) {
        return Stream.of("jbang-catalog.json", "scripts/common.java")
                .map(place::resolve)
                .allMatch(Files::isRegularFile);
    }

    /** @throws Failure (2) if something else has the name: to wait for it, or to go without, would both be wrong */
    private static boolean isThere(Path file) {
        if (Files.exists(file) && !Files.isRegularFile(file))
            throw Failure.usage(file + " is no file", "put the project's file in its place, or take it away.");
        return Files.exists(file);
    }

    /** Its hooks are run: what lies above somebody's folder must be of the folder's owner, or the system's. */
    private static void refuseStrangers(Path file, Path here) {
        if (file.getParent().equals(here)) return;
        try {
            UserPrincipal owner = Files.getOwner(file);
            if (owner.equals(Files.getOwner(here)) || owner.getName().equals("root")) return;
            throw Failure.usage(
                    file + " belongs to " + owner.getName() + ", who is not the owner of " + here,
                    "name your project's file with --config.");
        } catch (IOException e) {
            throw Failure.usage(
                    "the owner of " + file + " is unknown: " + Reason.of(e),
                    "name your project's file with --config.");
        }
    }

    /** What the databases of the project remember; nothing if nobody gave it a name. */
    public Optional<String> name() {
        return isShipped ? Optional.of(SHIPPED) : keys.name;
    }

    /** Whether it is AV-Daily's. */
    public boolean isShipped() {
        return isShipped;
    }

    /** Whether the file lay in the folder, and nobody named it: others may have put it there. */
    public boolean isFound() {
        return isFound;
    }

    public Optional<Path> file() {
        return file;
    }

    /** The folder of the project's migrations, if its file says so or lies beside it. */
    public Optional<Path> migrations() {
        return own(keys.migrations, "migrations");
    }

    public Optional<Path> seeds() {
        return own(keys.seeds, "seeds");
    }

    public Optional<Path> backups() {
        return own(keys.backups, "backups");
    }

    private Optional<Path> own(Optional<String> said, String otherwise) {
        if (said.isEmpty() && isShipped)
            return folders.map(place -> place.resolve(otherwise)).filter(Files::isDirectory);
        return beside(said.orElse(otherwise));
    }

    /** Whether AV-Daily's rules are among the project's. */
    public boolean hasShippedRules() {
        return keys.rules.map(words -> words.contains(SHIPPED)).orElse(isShipped);
    }

    /** The files and folders of the project's own rules. */
    public List<Path> rules() {
        if (keys.rules.isEmpty())
            return RULES.stream()
                    .flatMap(word -> beside(word).stream())
                    .filter(Files::exists)
                    .toList();
        return keys.rules.get().stream()
                .filter(word -> !word.equals(SHIPPED))
                .flatMap(word -> beside(word).stream())
                .toList();
    }

    private Optional<Path> beside(String word) {
        return file.map(path -> path.resolveSibling(word)).or(() -> folders.map(place -> place.resolve(word)));
    }

    /** How the project's databases on the local server begin; projects that share a folder's name do not share them. */
    public String databasePrefix() {
        if (isShipped) return SHIPPED;
        String called = keys.name.orElse(
                String.valueOf(place.toAbsolutePath().normalize().getFileName()));
        String word = called.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_]+", "_");
        boolean isName = keys.name.filter(word::equals).isPresent();
        String identity = keys.name.orElse(place.toAbsolutePath().normalize().toString());
        return isName ? word : word + "_" + Sha256.of(identity).substring(0, 6);
    }

    /** As people call it. */
    @Override
    public String toString() {
        return name().map(name -> "the project " + name)
                .orElse("the project in " + place.toAbsolutePath().normalize());
    }
}
