package avdaily.deploy;

import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.base.Json;
import avdaily.base.Secrets;
import avdaily.db.Database;
import avdaily.db.Environment;
import avdaily.migrate.Migration;
import avdaily.seed.Seeder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;

/** What a deployment did, for people, machines and pull requests. */
public final class DeployReport {
    public enum Outcome {
        PLANNED,
        UNCHANGED,
        DEPLOYED,
        FAILED
    }

    public final Database db;
    public final List<String> plan = new ArrayList<>();
    private final Instant start = Instant.now();
    public Outcome outcome = Outcome.PLANNED;
    public String planHash;
    public List<PreflightCheck> checks = List.of();
    /** What became of an earlier deployment that was killed; null where there was none. */
    String resumed;

    List<Migration> applied = List.of();
    Seeder.Result seeded;
    Environment seeds;
    Path backup;
    /** What the deployment is not to blame for. */
    public List<String> findings = List.of();
    /** What could not be validated. */
    public List<String> unknown = List.of();
    /** What went wrong, and where the database stands now; null unless it failed. */
    public Failure failure;

    String takenBack;
    String further;
    String kept;
    final List<String> removedBackups = new ArrayList<>();

    public DeployReport(Database db) {
        this.db = db;
    }

    boolean changed() {
        return outcome == Outcome.DEPLOYED && (!applied.isEmpty() || seeded != null && seeded.changed());
    }

    String headline() {
        return switch (outcome) {
            case PLANNED -> "Dry run: nothing was changed.";
            case UNCHANGED ->
                "Nothing changed: " + db
                        + (findings.isEmpty()
                                ? " is as it should be"
                                : " has " + Format.count(findings.size(), "finding"))
                        + (seeded == null ? "." : "; " + seeded.summary(seeds) + ".");
            case DEPLOYED ->
                "Deployed in " + Format.duration(Duration.between(start, Instant.now())) + ": "
                        + Format.count(applied.size(), "migration") + " applied"
                        + (seeded == null ? "." : "; " + seeded.summary(seeds) + ".");
            case FAILED -> "Failed: " + failure.getMessage();
        };
    }

    public void print() {
        findings.forEach(finding -> db.out().print("  finding   " + finding));
        if (outcome != Outcome.FAILED)
            db.out()
                    .print(headline()
                            + (changed() && db.environment().mayBeLocal()
                                    ? " Look at it: psql \"$(jbang avdaily-db url --env " + db.environment() + ")\""
                                    : ""));
        if (kept != null) db.out().print("  kept      the database as it was when it failed: " + kept);
        if (further != null) db.out().print("  further   " + further);
    }

    public Map<String, Object> json(ToIntFunction<Failure.Kind> exitCode) {
        Map<String, Object> document = new LinkedHashMap<>(Json.object(
                "database",
                db.name(),
                "environment",
                db.environment().toString(),
                "outcome",
                outcome.name().toLowerCase(),
                "dryRun",
                outcome == Outcome.PLANNED,
                "changed",
                changed(),
                "planHash",
                planHash,
                "resumed",
                resumed,
                "plan",
                plan,
                "checks",
                checks.stream().map(PreflightCheck::json).toList(),
                "migrations",
                Migration.json(applied),
                "seeded",
                seeded == null
                        ? null
                        : seeded.tables().stream().map(Seeder.Count::json).toList(),
                "backup",
                backup == null ? null : backup.toString(),
                "findings",
                findings,
                "removedBackups",
                removedBackups,
                "ms",
                Duration.between(start, Instant.now()).toMillis()));
        if (failure != null)
            document.putAll(Json.object(
                    "error",
                    failure.getMessage(),
                    "next",
                    failure.next,
                    "exitCode",
                    exitCode.applyAsInt(failure.kind),
                    "takenBack",
                    takenBack,
                    "kept",
                    kept,
                    "further",
                    further));
        return document;
    }

    /** For a pull request. */
    public void writeMarkdown(Path file) throws IOException {
        StringBuilder text = new StringBuilder("## Deployment to " + db.name() + " (" + db.environment() + "): "
                + (outcome == Outcome.PLANNED ? "plan" : outcome.name().toLowerCase()) + "\n\n");
        if (outcome != Outcome.PLANNED) text.append(escaped(headline())).append("\n\n");
        if (takenBack != null)
            text.append("Taken back ").append(escaped(takenBack)).append(".\n\n");
        if (resumed != null) text.append(escaped(resumed)).append("\n\n");
        text.append("| step | |\n|---|---|\n");
        for (String line : plan)
            text.append("| ")
                    .append(line.substring(0, 10).strip())
                    .append(" | ")
                    .append(escaped(line.substring(10)))
                    .append(" |\n");
        if (!applied.isEmpty()) {
            text.append("\n| migration | took |\n|---|---|\n");
            applied.forEach(m -> text.append("| ")
                    .append(escaped(m.title()))
                    .append(" | ")
                    .append(m.tookMs() == null ? "" : Format.duration(Duration.ofMillis(m.tookMs())))
                    .append(" |\n"));
        }
        if (!findings.isEmpty()) text.append("\nFindings that were there before:\n\n");
        findings.forEach(finding -> text.append("- ").append(escaped(finding)).append('\n'));
        if (backup != null)
            text.append("\nBackup: `").append(backup.getFileName()).append("`\n");
        if (kept != null)
            text.append("\nKept: the database as it was when it failed, `")
                    .append(kept)
                    .append("`\n");
        if (further != null) text.append("\nFurther back: `").append(further).append("`\n");
        if (planHash != null) text.append("\nPlan `").append(planHash).append("`\n");
        Files.writeString(file, Secrets.redact(text.toString()));
    }

    private static String escaped(String text) {
        return text.replace("|", "\\|").replace("<", "&lt;").replaceAll("\\R", " ");
    }
}
