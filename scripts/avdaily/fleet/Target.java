package avdaily.fleet;

import avdaily.db.DatabaseUrl;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One of the databases that a command works on, or a schema of one.
 *
 * @param name what tells it from the others of the run
 * @param source what names it, for people
 * @param schema nothing if it is the whole database
 */
public record Target(String name, DatabaseUrl url, String source, Optional<String> schema) {
    static Target database(DatabaseUrl url, String source) {
        return new Target(url.database(), url, source, Optional.empty());
    }

    Target called(String other) {
        return new Target(other, url, source, schema);
    }

    /** What it is on the server: two targets with the same place are one. */
    Object place() {
        return List.of(url.hosts(), url.database(), schema);
    }

    /** The name with what tells targets of the same name apart. */
    String longName() {
        return schema.map(one -> one + " of ").orElse("") + url.database() + " on "
                + url.hosts().get(0);
    }

    /** The databases of these targets, each of them once. */
    public static List<Target> databases(List<Target> targets) {
        Map<Object, Target> databases = new LinkedHashMap<>();
        for (Target target : targets) {
            Target whole = target.schema.isEmpty() ? target : database(target.url, target.source);
            databases.putIfAbsent(whole.place(), whole);
        }
        return TargetReader.distinct(databases.values());
    }
}
