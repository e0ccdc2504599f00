import avdaily.base.Format;
import avdaily.base.Json;
import avdaily.console.Exit;
import avdaily.db.Database;
import avdaily.migrate.Migration;
import avdaily.migrate.Migrator;
import avdaily.migrate.batch.BatchState;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "status", description = "Show which migrations are applied, pending, failed or undone.")
class MigrateStatus extends MigrateScript {
    @Option(names = "--check", description = "End with 22 when a migration is pending, failed or passed over, for CI.")
    boolean check;

    @Override
    int run(Migrator migrator, Database db) throws Exception {
        List<Migration> all = migrator.all();
        List<Migration> pending = all.stream().filter(Migration::isPending).toList();
        List<Migration> broken = all.stream().filter(Migration::isBroken).toList();
        String version = migrator.version();
        out().print("Database " + db + ", version " + (version == null ? "none" : version) + ", "
                + Format.count(pending.size(), "pending migration") + ".");
        if (!all.isEmpty())
            out().table(
                            List.of("Version", "Description", "State", "Applied", "By", "Took"),
                            all.stream().map(Migration::cells).toList());
        List<BatchState> batches = migrator.batches();
        batches.forEach(state -> out().print("Batches of V" + state.version() + ": " + state.words() + "."));
        out().json(Json.object(
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
                batches.stream().map(BatchState::json).toList()));
        if (check && !broken.isEmpty())
            return findings(
                    Migrator.titles(broken) + ": " + broken.get(0).state(),
                    "see 'avdaily-migrate validate' and 'avdaily-migrate repair --help'.");
        if (!check || pending.isEmpty()) return Exit.DONE;
        return findings(
                Format.count(pending.size(), "migration") + " pending: " + Migrator.titles(pending),
                "apply with 'avdaily-migrate up'.");
    }
}
