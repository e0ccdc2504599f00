import io.github.cdimascio.dotenv.Dotenv;
import io.github.cdimascio.dotenv.DotenvException;
import java.nio.file.Path;
import java.util.Optional;

/** The variables: the process's own, then those of {@code .env} in the working directory. An empty one counts as not set. */
final class Settings {
    private static Dotenv file;

    static Optional<String> get(String name) {
        String real = System.getenv(name);
        return Optional.ofNullable(real != null ? real : unquoted(file().get(name, null))).filter(value -> !value.isEmpty());
    }

    /** The library takes off double quotes only. */
    private static String unquoted(String value) {
        return value != null && value.matches("'.*'") ? value.substring(1, value.length() - 1) : value;
    }

    /** Whether the variable is set to 1, true or yes. */
    static boolean isOn(String name) {
        return get(name).filter(value -> value.matches("(?i)1|true|yes")).isPresent();
    }

    static int number(String name, int otherwise) {
        try {
            return get(name).map(Integer::parseInt).orElse(otherwise);
        } catch (NumberFormatException e) {
            throw Failure.usage(name + " is not a whole number: '" + get(name).get() + "'", "correct it or unset it (default " + otherwise + ").");
        }
    }

    /** The user's home: HOME as shells see it; Java's own idea ignores that variable. */
    static Path home() {
        return Path.of(Optional.ofNullable(System.getenv("HOME")).filter(home -> !home.isEmpty()).orElse(System.getProperty("user.home")));
    }

    private static Dotenv file() {
        if (file == null) {
            try {
                file = Dotenv.configure().ignoreIfMissing().load();
            } catch (DotenvException e) {
                String line = e.getMessage().replaceFirst("(?s)^Malformed entry ", "").replaceFirst("(?s)=.*", "=..."); // its value may be a secret
                throw Failure.usage(".env in " + Path.of("").toAbsolutePath() + " cannot be read: '" + line + "'",
                        "write one NAME=value a line, without export; lines that start with # are comments.");
            }
        }
        return file;
    }

    private Settings() {}
}
