package avdaily.base;

import io.github.cdimascio.dotenv.Dotenv;
import io.github.cdimascio.dotenv.DotenvException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The variables of a run: the process's own, then those of {@code .env} in the working directory. Blanks around a value
 * do not count, and an empty one counts as not set. Whatever allows something comes from the process alone: who writes
 * files into the folder allows nothing.
 */
public final class Settings {
    private final Map<String, String> variables;
    private final Path folder;
    private Dotenv file;

    /** @param folder the working directory, from which relative paths lead */
    public Settings(Map<String, String> variables, Path folder) {
        this.variables = Map.copyOf(variables);
        this.folder = folder;
    }

    public static Settings ofProcess() {
        return new Settings(System.getenv(), Path.of(""));
    }

    public Optional<String> get(String name) {
        String real = variables.get(name);
        return value(name, real != null ? real : unquoted(file().get(name, null)));
    }

    /** A password may begin or end with a blank. */
    private static Optional<String> value(String name, String text) {
        return Optional.ofNullable(text)
                .map(value -> name.equals("PGPASSWORD") ? value : value.strip())
                .filter(value -> !value.isEmpty());
    }

    /** What the variable names a file or folder by. */
    public Optional<Path> path(String name) {
        return get(name).map(Path::of).map(folder::resolve);
    }

    /** A path as the user means it who stands in the working directory. */
    public Path path(Path path) {
        return folder.resolve(path);
    }

    /** The library takes off double quotes only. */
    private static String unquoted(String value) {
        return value != null && value.matches("'.*'") ? value.substring(1, value.length() - 1) : value;
    }

    /** Whether the process has the variable set to 1, true or yes. */
    public boolean isOn(String name) {
        return real(name).filter(Settings::isYes).isPresent();
    }

    /** Whether {@code .env} says 1, true or yes, which allows nothing. */
    public boolean isOnInFile(String name) {
        try {
            return value(name, unquoted(file().get(name, null)))
                    .filter(Settings::isYes)
                    .isPresent();
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
        return value(name, variables.get(name));
    }

    /** The user's home: HOME as shells see it; Java's own idea ignores that variable. */
    public Path home() {
        return Path.of(real("HOME").orElse(System.getProperty("user.home")));
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

    /** Has a program that outlives this run see no more of the process's variables than is harmless. */
    public static ProcessBuilder withoutSecrets(ProcessBuilder program) {
        program.environment().keySet().removeIf(name -> !HARMLESS.matcher(name).matches());
        return program;
    }

    private static boolean isCalled(String name, String word) {
        return word.endsWith("*") ? name.startsWith(word.substring(0, word.length() - 1)) : name.equals(word);
    }

    private synchronized Dotenv file() {
        if (file == null) {
            try {
                file = Dotenv.configure()
                        .directory(folder.toString().isEmpty() ? "./" : folder.toString())
                        .ignoreIfMissing()
                        .load();
            } catch (DotenvException e) {
                String entry = e.getMessage().replaceFirst("(?s)^Malformed entry ", "");
                String line = entry.replaceFirst("(?s)=.*", "=..."); // its value may be a secret
                throw Failure.usage(
                        ".env in " + folder.toAbsolutePath() + " cannot be read: '" + line + "'",
                        "write one NAME=value a line, without export; lines that start with # are comments.");
            }
        }
        return file;
    }
}
