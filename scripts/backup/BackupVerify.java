import avdaily.backup.BackupChecks;
import avdaily.backup.BackupFile;
import avdaily.backup.BackupSummary;
import avdaily.backup.Backups;
import avdaily.backup.Verifier;
import avdaily.base.Format;
import avdaily.base.Json;
import avdaily.console.Exit;
import avdaily.notify.Job;
import avdaily.restore.RestoreDrill;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "verify",
        description = "Read the whole file: checksums, every block to its end, the number of rows of every table "
                + "(24 if something is wrong).")
class BackupVerify extends BackupScript {
    @Parameters(
            arity = "0..1",
            paramLabel = "FILE",
            description = "The backup (default: the database's newest in the folder).")
    String named;

    @Option(
            names = "--identity",
            paramLabel = "KEYFILE",
            description = "File with the age secret key of an encrypted backup (default: BACKUP_IDENTITY).")
    Path identity;

    @Option(
            names = "--restore",
            description = "Also restore it into a scratch database, and compare the rows of every table: on the "
                    + "server that --url or DATABASE_URL names, else on the local one.")
    boolean restore;

    @Option(
            names = "--strict",
            description = "End with 22 if the backup has no table, or nothing to " + "be checked by, as in CI.")
    boolean strict;

    @Override
    Optional<Job> job() {
        return Optional.of(restore ? Job.DRILL : Job.VERIFY);
    }

    /** What was read, and what came out of the drill if there was one. */
    private record Checked(Verifier.Result read, Optional<RestoreDrill.Result> drill) {}

    @Override
    int run() throws Exception {
        BackupFile file = file(named);
        Checked checked = BackupChecks.record(file, invocation(), choice(), details -> check(file, details));
        return tell(file, checked.read, checked.drill);
    }

    private Checked check(BackupFile file, Map<String, Object> details) throws Exception {
        Path key = Backups.identity(settings(), identity);
        Verifier.Result read = Verifier.verify(file, key, out());
        if (!restore) return new Checked(read, Optional.empty());
        RestoreDrill.Result drill = RestoreDrill.restore(invocation(), file, key, url);
        details.put("restored", true);
        details.put("server", drill.server());
        details.put("durationMillis", drill.took().toMillis());
        details.put("findings", drill.findings().size());
        return new Checked(read, Optional.of(drill));
    }

    private int tell(BackupFile file, Verifier.Result result, Optional<RestoreDrill.Result> drill) {
        List<String> findings = drill.map(RestoreDrill.Result::findings).orElse(List.of());
        summarize(verdict(file, result));
        drill.map(RestoreDrill.Result::lines).ifPresent(lines -> lines.forEach(out()::print));
        out().json(Json.object(
                "file",
                file.place(),
                "checksum",
                result.checksum(),
                "metadata",
                result.metadata().isPresent(),
                "rows",
                result.metadata().map(known -> known.content().rows()).orElse(null),
                "restored",
                restore,
                "durationMillis",
                drill.map(done -> done.took().toMillis()).orElse(null),
                "findings",
                drill.isPresent() ? findings : null));
        boolean isEmpty = result.metadata()
                .filter(known -> known.content().tables().isEmpty())
                .isPresent();
        if (strict && drill.isEmpty() && result.metadata().isEmpty() && !result.checksum())
            return findings(
                    file + " has neither metadata nor a checksum, so it was only read",
                    "put its .json and .sha256 beside it, or try it with --restore.");
        if (findings.isEmpty()) return isEmpty ? nothing(file + " holds no table", strict) : Exit.DONE;
        return findings(
                Format.count(findings.size(), "finding") + " in the data of " + file,
                "the backup is whole; 'avdaily-integrity check' looks at the database it came from.");
    }

    private static String verdict(BackupFile file, Verifier.Result result) {
        String checksum =
                result.checksum() ? "its checksum is right" : "there is no checksum beside it to compare with";
        return result.metadata()
                .map(known -> file + " is whole: " + BackupSummary.rows(known) + "; " + checksum + ".")
                .orElse(file + " can be read to its end (" + Format.bytes(result.bytes()) + "); " + checksum
                        + ", and no metadata.");
    }
}
