package avdaily.base;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The variables of a run: the process's own, then those of {@code .env.ENVIRONMENT} and {@code .env}, which lie in the
 * working directory or above it within the project. Blanks around a value do not count, and an empty one counts as not
 * set, but for those that would choose. Whatever allows something comes from the process alone: who writes files into
 * the folder allows nothing.
 */
public final class Settings {
    /** Each may lie in a file that another variable names. */
    private static final Set<String> SECRETS = Set.of(
            "DATABASE_URL",
            "PGPASSWORD",
            "DB_DEPLOY_APPROVAL_KEY",
            "AWS_ACCESS_KEY_ID",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_SESSION_TOKEN");
    /** They choose a place or an environment: one that is empty would mean another one than whoever set it does. */
    private static final Set<String> CHOICES = Set.of(
            "AVDAILY_ENV", "AVDAILY_CONFIG", "AVDAILY_MIGRATIONS", "AVDAILY_SEEDS", "AVDAILY_RULES", "BACKUP_DIR");
    /** Behind a secret's name: the variable that names its file. */
    private static final String OF_FILE = "_FILE";

    /** One of them shows where the project begins: above it, files are somebody else's. */
    private static final List<String> ROOT = List.of(".git", "jbang-catalog.json", Project.FILE);

    private static final String PROCESS = "the process";

    /** By custom the home of who has none. */
    private static final Path NOWHERE = Path.of("/nonexistent");

    private final Map<String, String> variables;
    private final Path folder;
    /** The file of variables that the command line names, or null. */
    private final Path named;
    /** The environment whose own file is read too, or null. */
    private final String environment;
    /** What of the project the command line names. */
    private final Project.Named ofProject;

    private List<EnvFile> files;
    private Project project;

    /**
     * A variable's value.
     *
     * @param source what says so, for people
     * @param folder from where a relative path leads
     * @param borrowed the process's variables that a file's text refers to
     */
    public record Value(String text, String source, Path folder, Set<String> borrowed) {
        boolean isEmpty() {
            return text.isEmpty();
        }
    }

    /** @param folder the working directory, from which relative paths lead */
    public Settings(Map<String, String> variables, Path folder) {
        this(variables, folder, null, null, Project.Named.NOTHING);
    }

    private Settings(
            Map<String, String> variables, Path folder, Path named, String environment, Project.Named ofProject) {
        this.variables = Map.copyOf(variables);
        this.folder = folder;
        this.named = named;
        this.environment = environment;
        this.ofProject = ofProject;
    }

    public static Settings ofProcess() {
        return new Settings(System.getenv(), Path.of(""));
    }

    /**
     * The same run with other files.
     *
     * @param file read in place of {@code .env}, or null
     * @param environment whose {@code .env.ENVIRONMENT} goes over {@code .env}, or null
     */
    public Settings reading(Path file, String environment) {
        return new Settings(variables, folder, file, environment, ofProject);
    }

    /** The same run for the project that the command line names. */
    public Settings working(Project.Named on) {
        return new Settings(variables, folder, named, environment, on);
    }

    /** The project that the run works for. */
    public synchronized Project project() {
        if (project == null) project = Project.of(this, ofProject);
        return project;
    }

    public Optional<String> get(String name) {
        return value(name).map(Value::text).filter(value -> !value.isEmpty());
    }

    /** A password may begin or end with a blank. */
    private static String stripped(String name, String text) {
        return text == null || name.equals("PGPASSWORD") ? text : text.strip();
    }

    /**
     * The value with where it comes from, also if it is empty.
     *
     * @throws Failure (2) if a file that should hold it cannot be read, or if it is empty and would choose
     */
    public Optional<Value> value(String name) {
        Optional<Value> value = set(name);
        if (CHOICES.contains(name)) value.filter(Value::isEmpty).ifPresent(empty -> refuseEmpty(name, empty));
        return value;
    }

    /** @throws Failure (2) saying who set it so */
    public static void refuseEmpty(String name, Value empty) {
        throw Failure.usage(
                name + " is empty, as set by " + empty.source(),
                "set it (a variable of CI that is missing is empty too), or unset it.");
    }

    private Optional<Value> set(String name) {
        return SECRETS.contains(name)
                ? secret(name)
                : value(name, variables.get(name), null, PROCESS, folder).or(() -> inFiles(name, file -> null));
    }

    /** As {@link #value}, of a variable that may lie in a file which the variable with {@code _FILE} names. */
    public Optional<Value> secret(String name) {
        String ofFile = name + OF_FILE;
        return value(name, variables.get(name), variables.get(ofFile), PROCESS, folder)
                .or(() -> inFiles(name, file -> in(file, ofFile, new TreeSet<>())));
    }

    private Optional<Value> inFiles(String name, Function<EnvFile, String> secret) {
        Set<String> borrowed = new TreeSet<>();
        return files().stream()
                .flatMap(file -> value(
                        name,
                        in(file, name, borrowed),
                        secret.apply(file),
                        file.file().toAbsolutePath().normalize().toString(),
                        file.file().toAbsolutePath().getParent())
                        .stream())
                .findFirst()
                .map(value -> new Value(value.text, value.source, value.folder, Set.copyOf(borrowed)));
    }

    /** Whether a file sets the variable that lay in the folder, and that nobody named: others may have put it there. */
    public boolean isFound(String name) {
        return value(name).filter(this::isFound).isPresent();
    }

    /** As {@link #isFound(String)}. */
    public boolean isFound(Value value) {
        return named == null && !value.source().endsWith(PROCESS);
    }

    private Optional<Value> value(String name, String text, String file, String source, Path folder) {
        if (file != null && file.isBlank())
            throw Failure.usage(
                    name + OF_FILE + " is empty, as set by " + source,
                    "name the file (a variable of CI that is missing is empty too), or unset it.");
        if (file == null)
            return Optional.ofNullable(stripped(name, text)).map(value -> new Value(value, source, folder, Set.of()));
        if (text != null && !text.isEmpty())
            throw Failure.usage(name + " and " + name + OF_FILE + " are both set, by " + source, "unset one of them.");
        if (named == null && !source.equals(PROCESS)) refuseOutside(folder, name + OF_FILE, file);
        try {
            String value = EnvFile.text(folder.resolve(file)).strip();
            Secrets.add(value);
            return Optional.of(new Value(value, name + OF_FILE + "=" + file + ", set by " + source, folder, Set.of()));
        } catch (IOException e) {
            throw Failure.usage(
                    name + OF_FILE + " names " + file + ", which cannot be read (" + Reason.of(e) + ")",
                    "correct it, or make the file readable.");
        }
    }

    /** Who puts a file of variables into the folder must not have any other file sent as a password. */
    private static void refuseOutside(Path folder, String name, String file) {
        try {
            if (folder.resolve(file).toRealPath().startsWith(folder.toRealPath())) return;
        } catch (IOException e) {
            return; // it cannot be read anyway
        }
        throw Failure.usage(
                name + " in a file of variables names " + file + ", which lies outside of " + folder,
                "set " + name + " in the process, or name the file of variables with --env-file.");
    }

    /** @param borrowed takes the names of the process's variables that are put in */
    private String in(EnvFile file, String name, Set<String> borrowed) {
        return in(file, name, borrowed, Set.of());
    }

    /** @param outer those whose values lead here */
    private String in(EnvFile file, String name, Set<String> borrowed, Set<String> outer) {
        Set<String> open = new TreeSet<>(outer);
        open.add(name);
        return file.get(name, other -> {
            String real = variables.get(other);
            if (real != null) borrowed.add(other);
            else if (open.contains(other))
                throw Failure.usage(
                        "${" + other + "} refers to itself through " + String.join(", ", open) + " in " + file.file(),
                        "give one of them a value of its own.");
            return real != null ? real : in(file, other, borrowed, open);
        });
    }

    /** What the variable names a file or folder by; one in a file of variables leads from that file's folder. */
    public Optional<Path> path(String name) {
        return value(name).filter(value -> !value.text().isEmpty()).map(value -> value.folder()
                .resolve(value.text()));
    }

    /** A path as the user means it who stands in the working directory. */
    public Path path(Path path) {
        return folder.resolve(path);
    }

    /** A folder of the clone that the launcher belongs to, which is used in place of the packed one. */
    public Optional<Path> ofClone(String name) {
        Path here = folder.toAbsolutePath().normalize();
        return real("AVDAILY_CLONE")
                .map(Path::of)
                .map(clone -> here.startsWith(clone) ? folder.resolve(here.relativize(clone)) : clone)
                .map(clone -> clone.resolve(name))
                .filter(Files::exists);
    }

    /** Whether it is the clone that the launcher belongs to. */
    boolean isClone(Path folder) {
        return real("AVDAILY_CLONE").map(Path::of).filter(folder::equals).isPresent();
    }

    /** Whether the process has the variable set to 1, true or yes. */
    public boolean isOn(String name) {
        return real(name).filter(Settings::isYes).isPresent();
    }

    /** Whether a file of variables says 1, true or yes, which allows nothing. */
    public boolean isOnInFile(String name) {
        try {
            return get(name).filter(Settings::isYes).isPresent() && !isOn(name);
        } catch (Failure unreadable) {
            return false;
        }
    }

    private static boolean isYes(String value) {
        return value.matches("(?i)1|true|yes");
    }

    public int number(String name, int otherwise) {
        try {
            return get(name).map(Integer::parseInt).orElse(otherwise);
        } catch (NumberFormatException e) {
            throw Failure.usage(
                    name + " is not a whole number: '" + get(name).get() + "'",
                    "correct it or unset it (default " + otherwise + ").");
        }
    }

    /** The process's own variable: not one of {@code .env}. */
    public Optional<String> real(String name) {
        return Optional.ofNullable(stripped(name, variables.get(name))).filter(value -> !value.isEmpty());
    }

    /** A secret that the process has, or that lies in a file which the process names. */
    public Optional<String> realSecret(String name) {
        String file = variables.get(name + OF_FILE);
        return value(name, variables.get(name), file, PROCESS, folder)
                .map(Value::text)
                .filter(value -> !value.isEmpty());
    }

    /**
     * The user's home: HOME as shells see it; Java's own idea ignores that variable. Of a user without a home Java says
     * "?", which would be a folder in the working directory: nothing is there then.
     */
    public Path home() {
        Path home = Path.of(real("HOME").orElse(System.getProperty("user.home")));
        return home.isAbsolute() ? home : NOWHERE;
    }

    /**
     * Where the collection keeps what is this user's, programs that are run among it: AVDAILY_HOME, else ~/.avdaily.
     *
     * @throws Failure (2) if a file of variables, which others may write, names the place, or the user has none
     */
    public Path ownFolder() {
        Optional<String> named = real("AVDAILY_HOME");
        if (named.isEmpty() && get("AVDAILY_HOME").isPresent())
            throw Failure.usage(
                    "AVDAILY_HOME stands in a file of variables, and the programs in that folder would be run",
                    "set it in the shell or the job (export AVDAILY_HOME=...), and take it out of the file.");
        if (named.isEmpty() && home().equals(NOWHERE))
            throw Failure.usage(
                    "the user has no home, and HOME names no folder from the root",
                    "set HOME or AVDAILY_HOME to a folder that is kept.");
        return named.map(folder::resolve).orElse(home().resolve(".avdaily")).toAbsolutePath();
    }

    /** What every program may see: where it is, for whom it runs, how it speaks. Secrets are not among them. */
    private static final Pattern HARMLESS =
            Pattern.compile("(?i)PATH|HOME|USER|LOGNAME|SHELL|TERM|TZ|LANG|LANGUAGE|LC_\\w+|TMPDIR|TEMP|TMP|NO_COLOR|CI"
                    + "|JAVA_HOME|LD_LIBRARY_PATH|DYLD_LIBRARY_PATH|BACKUP_DIR|AVDAILY_\\w+|NODE_ENV"
                    + "|SYSTEMROOT|SYSTEMDRIVE|WINDIR|COMSPEC|PATHEXT|USERPROFILE|APPDATA|LOCALAPPDATA|PROGRAMDATA");

    /**
     * Gives a program that this run starts the run's own folder, if it has none yet, and of its variables those that
     * are harmless and those that are named.
     *
     * @param named names, in which a star at the end stands for any letters
     */
    public ProcessBuilder applyTo(ProcessBuilder program, String... named) {
        program.environment().clear();
        variables.forEach((name, value) -> {
            if (HARMLESS.matcher(name).matches() || Stream.of(named).anyMatch(word -> isCalled(name, word)))
                program.environment().put(name, value);
        });
        if (program.directory() == null && !folder.toString().isEmpty()) program.directory(folder.toFile());
        return program;
    }

    private static boolean isCalled(String name, String word) {
        return word.endsWith("*") ? name.startsWith(word.substring(0, word.length() - 1)) : name.equals(word);
    }

    private synchronized List<EnvFile> files() {
        if (files == null) files = found().stream().map(EnvFile::read).toList();
        return files;
    }

    private List<Path> found() {
        if (named != null) {
            if (!Files.exists(named))
                throw Failure.usage("there is no file " + named, "correct --env-file, or leave it out.");
            return List.of(named);
        }
        List<String> names = environment == null ? List.of(".env") : List.of(".env." + environment, ".env");
        return within(folder.toAbsolutePath().normalize()).stream()
                .map(place -> names.stream()
                        .map(place::resolve)
                        .filter(file -> Files.isRegularFile(file) || isBroken(file))
                        .toList())
                .filter(found -> !found.isEmpty())
                .findFirst()
                .orElse(List.of());
    }

    /** A link to nothing: the file is meant to be there. */
    private static boolean isBroken(Path file) {
        return Files.isSymbolicLink(file) && !Files.exists(file);
    }

    /** The working directory and those above it, as far as the project reaches; without a project, it alone. */
    static List<Path> within(Path folder) {
        List<Path> places = new ArrayList<>();
        for (Path place = folder; place != null; place = place.getParent()) {
            places.add(place);
            if (ROOT.stream().map(place::resolve).anyMatch(Files::exists)) return places;
        }
        return List.of(folder);
    }
}
