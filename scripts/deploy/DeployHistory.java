import avdaily.base.Failure;
import avdaily.base.Json;
import avdaily.console.Exit;
import avdaily.db.Database;
import avdaily.deploy.OperationHistory;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "history",
        description = "Show everything that wrote to this database: who, when, what, by which plan, and how it ended.")
class DeployHistory extends Script {
    private static final List<String> HEADER =
            List.of("Id", "When", "What", "Environment", "Who", "Outcome", "Took", "Plan", "Details");

    @Option(
            names = "--last",
            paramLabel = "N",
            defaultValue = "50",
            description = "The newest N (default: ${DEFAULT-VALUE}).")
    int last;

    @Override
    int run() throws Exception {
        if (last < 1) throw Failure.usage("--last is " + last, "name a number from 1 on.");
        try (Database db = openDatabase()) {
            List<OperationHistory.Entry> entries = OperationHistory.of(db, last).entries();
            out().print(
                            entries.isEmpty()
                                    ? "Nothing was ever recorded on " + db + "."
                                    : "What was done to " + db + ":");
            if (!entries.isEmpty())
                out().table(
                                HEADER,
                                entries.stream()
                                        .map(OperationHistory.Entry::cells)
                                        .toList());
            out().json(Json.object(
                    "database",
                    db.name(),
                    "operations",
                    entries.stream().map(OperationHistory.Entry::json).toList()));
        }
        return Exit.DONE;
    }
}
