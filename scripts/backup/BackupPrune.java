import avdaily.backup.BackupMetadata;
import avdaily.backup.Backups;
import avdaily.backup.Retention;
import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.base.Json;
import avdaily.console.Exit;
import avdaily.console.Gate;
import avdaily.db.Environment;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "prune",
        description = "Delete the backups that no --keep rule keeps. The newest good one always stays; files that are "
                + "not ours are left alone.")
class BackupPrune extends BackupScript {
    @Option(names = "--keep-last", paramLabel = "N", description = "Keep the last N backups of each database.")
    int last;

    @Option(
            names = "--keep-daily",
            paramLabel = "N",
            description = "Keep the newest of each of the last N days that have one.")
    int daily;

    @Option(
            names = "--keep-weekly",
            paramLabel = "N",
            description = "Keep the newest of each of the last N weeks that have one.")
    int weekly;

    @Option(
            names = "--keep-monthly",
            paramLabel = "N",
            description = "Keep the newest of each of the last N months that have one.")
    int monthly;

    @Option(names = "--dry-run", description = "Say what would go and what would stay, delete nothing.")
    boolean dryRun;

    @Override
    int run() throws IOException {
        List<Retention.Decision> all = retention().evaluate(folder().files(), Backups.Proof.CHECKSUM);
        List<Retention.Decision> expired = new ArrayList<>(
                all.stream().filter(Retention.Decision::isExpired).toList());
        List<Retention.Decision> kept = new ArrayList<>(
                all.stream().filter(decision -> !decision.isExpired()).toList());
        out().table(
                        List.of("File", "", "Why"),
                        all.stream()
                                .map(decision -> List.of(
                                        decision.file().toString(),
                                        decision.isExpired() ? "goes" : "stays",
                                        decision.why()))
                                .toList());
        if (!expired.isEmpty() && !dryRun) {
            gate(expired).destructive();
            for (Retention.Decision decision : List.copyOf(expired)) {
                if (decision.file().delete()) continue;
                expired.remove(decision);
                kept.add(decision.retained());
                out().note(decision.file() + " is retained: its bucket does not let it be deleted.");
            }
        }
        out().print(sentence(expired, kept.size()));
        out().json(Json.object(
                "folder",
                folder().toString(),
                "dryRun",
                dryRun,
                "deleted",
                expired.stream().map(decision -> decision.file().place()).toList(),
                "kept",
                kept.stream()
                        .map(decision -> Json.object("file", decision.file().place(), "why", decision.why()))
                        .toList()));
        return Exit.DONE;
    }

    private String sentence(List<Retention.Decision> expired, int kept) {
        long bytes = expired.stream()
                .mapToLong(decision -> decision.metadata().encoding().bytes())
                .sum();
        return (dryRun ? "Dry run, nothing was deleted: " : "") + Format.count(expired.size(), "backup")
                + (dryRun ? " would go" : " deleted") + " (" + Format.bytes(bytes) + "), " + kept + " stay"
                + (kept == 1 ? "s." : ".");
    }

    private Retention retention() {
        if (Math.min(Math.min(last, daily), Math.min(weekly, monthly)) < 0)
            throw Failure.usage("a --keep rule is negative", "name how many to keep.");
        Retention retention = new Retention(last, daily, weekly, monthly);
        if (retention.isEmpty())
            throw Failure.usage(
                    "no --keep rule keeps anything, so this would delete every backup",
                    "say what stays, as in --keep-last 7 --keep-weekly 4.");
        return retention;
    }

    /** The most dangerous environment among those whose backups go decides how it asks. */
    private Gate gate(List<Retention.Decision> expired) {
        BackupMetadata.Origin most = expired.stream()
                .map(decision -> decision.metadata().origin())
                .max(Comparator.comparing(origin -> Environment.parse(origin.environment())))
                .orElseThrow();
        return Gate.before(
                        invocation(),
                        Environment.parse(most.environment()),
                        most.database(),
                        "delete " + Format.count(expired.size(), "backup") + " of " + most.environment() + " in "
                                + folder())
                .needsInUnattendedProduction("DB_PRUNE_ALLOW_PRODUCTION");
    }
}
