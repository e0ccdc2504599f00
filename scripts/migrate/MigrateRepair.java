import avdaily.base.Failure;
import avdaily.base.Json;
import avdaily.console.Exit;
import avdaily.console.Gate;
import avdaily.db.Database;
import avdaily.migrate.Migration;
import avdaily.migrate.Migrator;
import avdaily.migrate.Repair;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "repair",
        description = "Make the history agree with the files: drop failed entries, take over changed checksums. "
                + "Touches no table but the history.")
class MigrateRepair extends MigrateScript {
    @Option(
            names = "--accept-drift",
            description = "Also record the schema as it is now as the right one for this version.")
    boolean acceptDrift;

    @Option(
            names = "--as-applied",
            description = "Count the migration that failed half-way as applied: you brought it to its end by hand.")
    boolean asApplied;

    @Override
    int run(Migrator migrator, Database db) throws Exception {
        Repair repair = new Repair(migrator);
        List<String> halfway = repair.halfway();
        if (!halfway.isEmpty()) out().print("The migration that failed got so far:");
        halfway.forEach(line -> out().print("  " + line));
        if (asApplied) return countAsApplied(migrator, repair, db);
        List<String> plan = new ArrayList<>(repair.plan());
        if (acceptDrift) {
            repair.recordedDrift().titles().forEach(change -> plan.add(change + " -> is right from now on"));
            plan.add("the schema of version " + Migration.shown(migrator.version()) + " -> recorded as it is now");
        }
        out().print(
                        plan.isEmpty()
                                ? "Nothing to repair in the history of " + db + "."
                                : "To be repaired in the history of " + db + ":");
        plan.forEach(line -> out().print("  " + line));
        if (!halfway.isEmpty()) {
            out().print("Two ways on: undo by hand what is done, then this repair, "
                    + "and 'up' runs the file again from its first line;");
            out().print("or do by hand what failed and what was not run, then 'repair --as-applied'.");
        }
        if (!plan.isEmpty()) {
            Gate.before(db, "change the migration history of " + db + " as shown")
                    .changesSchema()
                    .destructive();
            repair.run(plan, acceptDrift ? Repair.FoundSchema.ACCEPTED : Repair.FoundSchema.LEFT_AS_IT_IS);
            out().print("Repaired.");
        }
        out().json(Json.object("database", db.name(), "repaired", plan));
        return Exit.DONE;
    }

    private int countAsApplied(Migrator migrator, Repair repair, Database db) throws Exception {
        List<Migration> failed = migrator.history().failed();
        if (failed.isEmpty())
            throw Failure.usage(
                    "no migration failed half-way on " + db, "'avdaily-migrate status' shows what there is.");
        Gate.before(db, "count " + Migration.titles(failed) + " as applied on " + db)
                .changesSchema()
                .destructive();
        repair.countAsApplied();
        out().print("Counted as applied: " + Migration.titles(failed) + ".");
        out().json(Json.object("database", db.name(), "countedAsApplied", Migration.json(failed)));
        return Exit.DONE;
    }
}
