import avdaily.base.Json;
import avdaily.console.Exit;
import avdaily.db.Database;
import avdaily.migrate.MigrationEvent;
import avdaily.migrate.Migrator;
import java.util.List;
import picocli.CommandLine.Command;

@Command(name = "history", description = "Show what was done when, by whom, and how long it took; rollbacks included.")
class MigrateHistory extends MigrateScript {
    @Override
    int run(Migrator migrator, Database db) throws Exception {
        List<MigrationEvent> events = MigrationEvent.all(migrator);
        out().print(events.isEmpty() ? "No migration was ever applied to " + db + "." : "History of " + db + ":");
        if (!events.isEmpty())
            out().table(
                            List.of("When", "What", "Version", "Description", "By", "Took"),
                            events.stream().map(MigrationEvent::cells).toList());
        out().json(Json.object(
                "database",
                db.name(),
                "events",
                events.stream().map(MigrationEvent::json).toList()));
        return Exit.DONE;
    }
}
