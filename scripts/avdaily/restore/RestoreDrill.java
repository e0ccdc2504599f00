package avdaily.restore;

import avdaily.backup.BackupFile;
import avdaily.backup.BackupWriter;
import avdaily.base.Invocation;
import avdaily.db.Database;
import avdaily.db.DatabaseUrl;
import avdaily.db.Environment;
import avdaily.db.LocalServer;
import avdaily.db.Scratch;
import avdaily.integrity.Checker;
import avdaily.integrity.Rule;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** The fire drill: restores a backup into a database of its own and drops that again. */
public final class RestoreDrill {
    /** Where it was restored, how long that took, and which rules the data in it breaks gravely. */
    public record Result(String server, Duration took, List<String> findings) {}

    /**
     * Restores the backup; owners and grants are left out, for the scratch server has other roles.
     *
     * @param url of a server on which the role may create databases; null for the local server
     * @throws Failure where it cannot be restored, or a table comes out with more or fewer rows than went in
     */
    public static Result restore(Invocation invocation, BackupFile file, Path identity, String url) throws Exception {
        DatabaseUrl server = url == null
                ? LocalServer.of(invocation).start(Environment.DEVELOPMENT)
                : DatabaseUrl.parse(url, invocation.settings());
        Instant start = Instant.now();
        try (Database maintenance = Database.at(server.withDatabase("postgres"), Environment.DEVELOPMENT, invocation);
                Scratch scratch = Scratch.planned(maintenance);
                Restorer restorer = new Restorer(
                        scratch.database(),
                        DumpReader.check(file, identity, invocation.out()),
                        null,
                        BackupWriter.Options.defaultJobs(),
                        true)) {
            restorer.restore();
            Duration took = Duration.between(start, Instant.now());
            return new Result(
                    server.hosts().get(0).toString(),
                    took,
                    Checker.complaints(scratch.database(), Checker.Options.forData(), Rule.Severity.CRITICAL));
        }
    }

    private RestoreDrill() {}
}
