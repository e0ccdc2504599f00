package avdaily.base;

import io.github.cdimascio.dotenv.Dotenv;
import io.github.cdimascio.dotenv.DotenvException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * The variables of a run: the process's own, then those of {@code .env} in the working directory. An empty one counts
 * as not set.
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
        return Optional.ofNullable(real != null ? real : unquoted(file().get(name, null)))
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

    /** Whether the variable is set to 1, true or yes. */
    public boolean isOn(String name) {
        return get(name).filter(value -> value.matches("(?i)1|true|yes")).isPresent();
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
        return Optional.ofNullable(variables.get(name)).filter(value -> !value.isEmpty());
    }

    /** The user's home: HOME as shells see it; Java's own idea ignores that variable. */
    public Path home() {
        return Path.of(real("HOME").orElse(System.getProperty("user.home")));
    }

    /** Where the collection keeps what is this user's: AVDAILY_HOME, else ~/.avdaily. */
    public Path ownFolder() {
        return path("AVDAILY_HOME").orElse(home().resolve(".avdaily")).toAbsolutePath();
    }

    /** Gives a program that this run starts the run's own variables and, if it has none yet, folder. */
    public ProcessBuilder applyTo(ProcessBuilder program) {
        program.environment().clear();
        program.environment().putAll(variables);
        if (program.directory() == null && !folder.toString().isEmpty()) program.directory(folder.toFile());
        return program;
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
