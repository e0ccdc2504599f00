import avdaily.base.Format;
import avdaily.base.Json;
import avdaily.console.Exit;
import avdaily.db.Database;
import avdaily.fleet.Target;
import avdaily.fleet.TargetOutcome;
import avdaily.migrate.Migration;
import avdaily.migrate.Migrator;
import avdaily.migrate.batch.BatchState;
import avdaily.schema.Schema;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "status",
        description = "Show which migrations are applied, pending, running, failed or undone.")
class MigrateStatus extends MigrateScript {
    @Option(
            names = "--check",
            description = "End with 22 when up would apply or refuse something, for CI: a migration is pending, "
                    + "running, failed or passed over, or an applied one has no file here or another.")
    boolean check;

    @Mixin
    FleetOptions fleet;

    @Override
    Optional<FleetOptions> many() {
        return Optional.of(fleet);
    }

    @Override
    int run(Migrator migrator, Database db) throws Exception {
        List<Migration> all = migrator.all();
        List<Migration> pending = all.stream().filter(Migration::isPending).toList();
        List<Migration> broken = all.stream().filter(Migration::isBroken).toList();
        String version = migrator.version();
        String shown = Migration.shown(version);
        Optional<String> fingerprint = isOneOfMany()
                ? Optional.of(Schema.of(db, Schema.Options.DEFINITIONS).fingerprint())
                : Optional.empty();
        conclude("version " + shown + ", " + pending.size() + " pending", null);
        out().print("Database " + db + ", version " + shown + ", "
                + Format.count(pending.size(), "pending migration") + ".");
        if (!all.isEmpty())
            out().table(
                            List.of("Version", "Description", "State", "Applied", "By", "Took"),
                            all.stream().map(Migration::cells).toList());
        List<BatchState> batches = migrator.batches();
        batches.forEach(state -> out().print("Batches of V" + state.version() + ": " + state.words() + "."));
        Map<String, Object> document = Json.object(
                "database",
                db.name(),
                "environment",
                db.environment().toString(),
                "version",
                version,
                "pending",
                pending.size(),
                "migrations",
                Migration.json(all),
                "batches",
                batches.stream().map(BatchState::json).toList());
        fingerprint.ifPresent(sum -> document.put("fingerprint", sum));
        out().json(document);
        List<Migration> running = all.stream().filter(Migration::isRunning).toList();
        if (check && !running.isEmpty())
            return findings(Migration.titles(running) + ": running", "look again when that run is done.");
        if (check && !broken.isEmpty())
            return findings(
                    Migration.titles(broken) + ": " + broken.get(0).state(),
                    "see 'avdaily-migrate validate' and 'avdaily-migrate repair --help'.");
        List<String> invalid = check ? migrator.invalidFiles() : List.of();
        if (!invalid.isEmpty())
            return findings(
                    String.join("; ", invalid),
                    "take the files that were applied; see 'avdaily-migrate validate' and "
                            + "'avdaily-migrate repair --help'.");
        if (!check || pending.isEmpty()) return Exit.DONE;
        return findings(
                Format.count(pending.size(), "migration") + " pending: " + Migration.titles(pending),
                "apply with 'avdaily-migrate up'.");
    }

    @Override
    Map<Target, String> compare(List<TargetOutcome> outcomes) {
        return Stragglers.among(outcomes);
    }
}
