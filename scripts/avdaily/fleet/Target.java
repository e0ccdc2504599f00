package avdaily.fleet;

import avdaily.db.DatabaseUrl;
import java.util.List;

/**
 * One of the databases that a command works on.
 *
 * @param name what tells it from the others of the run
 * @param source what names it, for people
 */
public record Target(String name, DatabaseUrl url, String source) {
    Target called(String other) {
        return new Target(other, url, source);
    }

    /** What it is on the server: two targets with the same place are one. */
    Object place() {
        return List.of(url.hosts(), url.database());
    }

    /** The name with what tells targets of the same name apart. */
    String longName() {
        return url.database() + " on " + url.hosts().get(0);
    }
}
