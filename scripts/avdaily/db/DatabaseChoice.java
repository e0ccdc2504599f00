package avdaily.db;

import avdaily.base.Failure;
import avdaily.base.Invocation;
import avdaily.base.Settings;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which database is meant.
 *
 * @param environment what the command line says, or null
 * @param url what the command line says, or null for DATABASE_URL
 * @param project the project's {@code avdaily.yaml}
 * @param listed the one that a list of many names, in place of {@code url}
 * @param schema the one that the command works on, if it is not the whole database
 */
public record DatabaseChoice(
        Environment environment,
        String url,
        Optional<Path> project,
        Optional<Listed> listed,
        Optional<String> schema) {
    /**
     * One of many databases.
     *
     * @param name what tells it from the others
     * @param source what names it, for people
     */
    public record Listed(String name, DatabaseUrl url, String source) {}

    public DatabaseChoice(Environment environment, String url, Optional<Path> project) {
        this(environment, url, project, Optional.empty(), Optional.empty());
    }

    /** The same for a database that a list names. */
    public DatabaseChoice listed(Listed other) {
        return new DatabaseChoice(environment, url, project, Optional.of(other), schema);
    }

    /** The same, for work on one schema of it. */
    public DatabaseChoice in(Optional<String> one) {
        return new DatabaseChoice(environment, url, project, listed, one);
    }

    Optional<DatabaseUrl.Named> address(Settings settings) {
        return listed.map(one -> new DatabaseUrl.Named(
                        one.url.withPassword(), one.source, one.url.isFound(), Set.of()))
                .or(() -> DatabaseUrl.named(url, settings));
    }

    boolean isFound(Settings settings) {
        return listed.isEmpty() && DatabaseUrl.isFound(url, settings);
    }

    /** The one of the local server, which is started unless it runs. */
    static DatabaseUrl local(Invocation invocation, List<Environment.Signal> named) {
        Environment environment = Environment.decide(named, List.of());
        if (!environment.mayBeLocal())
            throw Failure.refused(
                    "there is no DATABASE_URL, and the local server is not for " + environment,
                    "set DATABASE_URL=postgresql://user:password@host:5432/database.");
        return LocalServer.of(invocation).start(environment);
    }
}
