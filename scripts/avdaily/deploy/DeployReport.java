package avdaily.deploy;

import avdaily.backup.BackupFile;
import avdaily.base.Failure;
import avdaily.base.Json;
import avdaily.base.Out;
import avdaily.db.Database;
import avdaily.migrate.Migration;
import avdaily.migrate.batch.BatchState;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToIntFunction;

/**
 * What a deployment did, for people and machines.
 *
 * @param plan its lines
 * @param planHash of the plan that was run; none if there was no file
 * @param resumed what became of an earlier deployment that was killed
 */
public record DeployReport(
        Database db,
        List<String> plan,
        List<PreflightCheck> checks,
        Optional<String> planHash,
        Optional<Resumption> resumed,
        DeployResult result,
        Duration took) {
    /** The report of what was only looked at. */
    public static DeployReport planned(Prepared prepared, Optional<String> planHash) throws SQLException {
        return new DeployReport(
                prepared.db(),
                prepared.lines(),
                prepared.checks(),
                planHash,
                Optional.empty(),
                new DeployResult.Planned(),
                Duration.ZERO);
    }

    public String headline() {
        return result.headline(db, took);
    }

    /** The name of the database as it was when this deployment, or the killed one before it, failed. */
    Optional<String> kept() {
        return result instanceof DeployResult.Failed failed ? failed.kept() : resumed.flatMap(Resumption::kept);
    }

    Optional<String> further() {
        return result instanceof DeployResult.Failed failed ? failed.further() : Optional.empty();
    }

    Optional<String> takenBack() {
        return result instanceof DeployResult.Failed failed ? failed.takenBack() : Optional.empty();
    }

    public void print() {
        Out out = db.out();
        result.findings().forEach(finding -> out.print("  finding   " + finding));
        String look = result.isChange() && db.environment().mayBeLocal()
                ? " Look at it: psql \"$(avdaily-db url --env " + db.environment() + ")\""
                : "";
        if (!(result instanceof DeployResult.Failed)) out.print(headline() + look);
        kept().ifPresent(name -> out.print("  kept      the database as it was when it failed: " + name));
        further().ifPresent(command -> out.print("  further   " + command));
    }

    /** @param exitCode the exit code that a failure of a kind has */
    public Map<String, Object> json(ToIntFunction<Failure.Kind> exitCode) {
        Map<String, Object> document = new LinkedHashMap<>(Json.object(
                "database",
                db.name(),
                "environment",
                db.environment().toString(),
                "outcome",
                result.word(),
                "dryRun",
                result instanceof DeployResult.Planned,
                "changed",
                result.isChange(),
                "planHash",
                planHash.orElse(null),
                "resumed",
                resumed.map(Resumption::text).orElse(null),
                "plan",
                plan,
                "checks",
                checks.stream().map(PreflightCheck::json).toList(),
                "migrations",
                Migration.json(result.applied()),
                "stopped",
                result.stopped().map(BatchState::json).orElse(null),
                "seeded",
                result.seeded().map(Seeded::json).orElse(null),
                "backup",
                result.backup().map(BackupFile::place).orElse(null),
                "findings",
                result.findings(),
                "removedBackups",
                result.removedBackups(),
                "durationMillis",
                took.toMillis()));
        if (result instanceof DeployResult.Failed failed) {
            document.putAll(db.out().document(failed.failure(), exitCode.applyAsInt(failed.failure().kind)));
            document.putAll(Json.object(
                    "takenBack",
                    failed.takenBack().orElse(null),
                    "keptDatabase",
                    failed.kept().orElse(null),
                    "further",
                    failed.further().orElse(null)));
        }
        return document;
    }
}
