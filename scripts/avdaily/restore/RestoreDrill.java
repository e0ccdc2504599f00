package avdaily.restore;

import avdaily.backup.BackupFile;
import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.base.Invocation;
import avdaily.db.Scratch;
import avdaily.integrity.Checker;
import avdaily.integrity.Rule;
import avdaily.sql.SqlState;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The restore drill: restores a backup into a scratch database and drops that again. A backup is code, and who made it
 * may be nobody to trust; {@link DrillServer} tells who does it.
 */
public final class RestoreDrill {
    /** An aggregate whose state is of an internal type is refused by its definition, not by a right. */
    private static final Set<String> FOR_SUPERUSERS =
            Set.of(SqlState.INSUFFICIENT_PRIVILEGE, SqlState.INVALID_FUNCTION_DEFINITION);

    /**
     * How it went.
     *
     * @param server the host and port of the server
     * @param took the time of the restore, without the check of the data
     * @param isProven whether the rows were compared, not counted alone
     * @param findings the critical integrity rules that the data breaks
     */
    public record Result(String server, Duration took, boolean isProven, List<String> findings) {
        /** The result for people, line by line. */
        public List<String> lines() {
            List<String> lines = new ArrayList<>();
            String rows = isProven ? "the rows of every table as they were" : "as many rows in every table as the file";
            lines.add("Restored into " + server + " in " + Format.duration(took) + ", with " + rows
                    + "; that scratch database is dropped again.");
            lines.add(
                    findings.isEmpty() ? "The data in it breaks no critical integrity rule." : "Findings in its data:");
            findings.forEach(finding -> lines.add("  " + finding));
            return lines;
        }
    }

    /**
     * Restores the backup; owners and grants are left out, for the scratch server has other roles.
     *
     * @param url of a server on which the role may create databases; null for the project's, or the local one
     * @throws avdaily.base.Failure if it cannot be restored, or a table comes out with more or fewer rows than went in
     */
    public static Result restore(Invocation invocation, BackupFile file, Path identity, String url) throws Exception {
        DumpReader dump = DumpReader.check(file, identity, invocation.out());
        try (DrillServer server = DrillServer.find(invocation, url)) {
            return restore(dump, server);
        } catch (Failure e) {
            if (!(e.getCause() instanceof SQLException sql) || !FOR_SUPERUSERS.contains(SqlState.of(sql))) throw e;
            throw new Failure(
                    e.kind,
                    e.getMessage(),
                    "a drill is done by a role that is no superuser, for a backup is code. If you trust this one, "
                            + "restore it into a server that holds nothing else: avdaily-restore FILE --into DB.",
                    e);
        }
    }

    private static Result restore(DumpReader dump, DrillServer server) throws Exception {
        Instant start = Instant.now();
        RestoreOptions options = RestoreOptions.withoutOwners(server.superuser());
        try (Scratch scratch = Scratch.planned(server.worker());
                Restorer restorer = new Restorer(scratch.database(), dump, options)) {
            restorer.restore();
            Duration took = Duration.between(start, Instant.now());
            return new Result(
                    scratch.database().host().toString(),
                    took,
                    ContentProof.isGiven(dump, scratch.database()),
                    Checker.complaints(scratch.database(), Checker.Options.forData(), Rule.Severity.CRITICAL));
        }
    }

    private RestoreDrill() {}
}
