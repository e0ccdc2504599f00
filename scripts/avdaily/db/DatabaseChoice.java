package avdaily.db;

import avdaily.base.Settings;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Which database is meant.
 *
 * @param environment what the command line says, or null
 * @param url what the command line says, or null for DATABASE_URL
 * @param project the project's {@code avdaily.yaml}
 * @param listed the one that a list of many names, in place of {@code url}
 */
public record DatabaseChoice(Environment environment, String url, Optional<Path> project, Optional<Listed> listed) {
    /**
     * One of many databases.
     *
     * @param name what tells it from the others
     * @param source what names it, for people
     */
    public record Listed(String name, DatabaseUrl url, String source) {}

    public DatabaseChoice(Environment environment, String url, Optional<Path> project) {
        this(environment, url, project, Optional.empty());
    }

    /** The same for a database that a list names. */
    public DatabaseChoice listed(Listed other) {
        return new DatabaseChoice(environment, url, project, Optional.of(other));
    }

    Optional<DatabaseUrl.Named> address(Settings settings) {
        return listed.map(one -> new DatabaseUrl.Named(one.url.withPassword(), one.source))
                .or(() -> DatabaseUrl.named(url, settings));
    }

    boolean isFound(Settings settings) {
        return listed.isEmpty() && DatabaseUrl.isFound(url, settings);
    }
}
