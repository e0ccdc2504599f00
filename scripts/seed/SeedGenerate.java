import java.nio.file.Path;
import java.sql.Connection;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Fills empty tables with as many made-up people as you like, whose data is true; the same command gives the same rows everywhere. */
@Command(name = "generate", description = "Fill empty tables with a volume of made-up data that breaks no rule. The same command gives the same rows everywhere. Never in production.")
class SeedGenerate extends Script {
    private static final ZoneId ZONE = ZoneId.of("Africa/Lagos");

    @Parameters(arity = "0..1", paramLabel = "ENV", description = "development, testing, staging or demo (default: as --env).")
    Environment target;

    @Option(names = "--users", required = true, paramLabel = "N", description = "How many people.")
    long users;

    @Option(names = "--days", defaultValue = "365", paramLabel = "D", description = "How many days of history, 30 to 3650 (default: ${DEFAULT-VALUE}).")
    int days;

    @Option(names = "--random-seed", defaultValue = "1", paramLabel = "S", description = "Another number gives other people (default: ${DEFAULT-VALUE}).")
    long randomSeed;

    @Option(names = "--as-of", paramLabel = "DATE", description = "The day after the last one of the history, as in 2026-01-31 (default: today in Lagos).")
    LocalDate asOf;

    @Option(names = "--jobs", paramLabel = "N", description = "Threads that make rows (default: one a processor, at most 4); the rows are the same.")
    int jobs = Math.min(4, Runtime.getRuntime().availableProcessors());

    @Option(names = "--recipe", paramLabel = "FILE", description = "Fill your own tables as this file says, instead of AV-Daily's.")
    Path recipe;

    @Option(names = "--checksum", description = "Read every row back and print a checksum a table: equal ones mean equal rows.")
    boolean checksum;

    @Option(names = "--seeds", paramLabel = "DIR", description = "Folder whose base/ has roles and permissions, for a database without (default: AVDAILY_SEEDS, else AV-Daily's own).")
    Path seeds;

    @Override
    Environment named() {
        if (env != null && target != null && env != target)
            throw Failure.usage("two environments are named: " + target + " and --env " + env, "name one.");
        return target != null ? target : env;
    }

    @Override
    int run() throws Exception {
        checkNumbers();
        Seed.refuseProduction(named());
        try (Database db = Database.open(this)) {
            Seed.refuseProduction(db.environment());
            LocalDate day = asOf != null ? asOf : LocalDate.now(ZONE);
            RowSource source = recipe == null ? new History(randomSeed, day, days, users) : Recipe.read(recipe, Tables.of(db.connection()), randomSeed, day, days, users);
            BulkLoad load = new BulkLoad(db, source, jobs);
            load.refuseRows(db.connection());
            Gate.before(this, db, "fill " + Out.count(load.touched().size(), "empty table") + " of " + db + " with " + Out.count(users, "made-up user") + " and "
                    + Out.count(days, "day") + " of history").neverInProduction("generate into a database that is not production.").destructive();
            try (Lock lock = Lock.take(db, "seed")) {
                lock.verify();
                BulkLoad.Result result = Operation.record(db, "seed generate", details -> {
                    BulkLoad.Result done = load.run(c -> prepare(c, source), c -> {});
                    details.putAll(Out.object("users", users, "days", days, "randomSeed", randomSeed, "asOf", day.toString(), "recipe", recipe == null ? null : recipe.toString(), "version", Mix.VERSION, "rows", done.rows()));
                    return done;
                });
                show(db, day, result, checksum ? Checksum.of(db, List.copyOf(result.rows().keySet())) : null);
            }
            return Exit.DONE;
        }
    }

    private void prepare(Connection c, RowSource source) throws Exception {
        if (source instanceof History history) history.prepare(c, Folder.of(seeds, "AVDAILY_SEEDS", "seeds"));
    }

    private void checkNumbers() {
        if (users < 1 || users > 100_000_000) throw Failure.usage("--users " + users + " is not between 1 and 100,000,000", "name another number.");
        if (days < 30 || days > 3650) throw Failure.usage("--days " + days + " is not between 30 and 3650", "name another number.");
        if (jobs < 1 || jobs > 64) throw Failure.usage("--jobs " + jobs + " is not between 1 and 64", "name another number.");
    }

    private void show(Database db, LocalDate day, BulkLoad.Result result, Map<String, String> checksums) {
        List<String> header = checksums == null ? List.of("Table", "Rows") : List.of("Table", "Rows", "Checksum");
        Out.table(header, result.rows().entrySet().stream().map(e -> checksums == null ? List.of(e.getKey(), String.valueOf(e.getValue()))
                : List.of(e.getKey(), String.valueOf(e.getValue()), checksums.get(e.getKey()))).toList());
        Out.print("Generated " + Out.count(result.total(), "row") + " on " + db + ": " + Out.duration(result.copied()) + " for the rows, " + Out.duration(result.built()) + " for indexes and keys.");
        Out.print("The same again, elsewhere: avdaily-seed generate " + db.environment() + " --users " + users + " --days " + days + " --random-seed " + randomSeed + " --as-of " + day
                + (recipe == null ? "" : " --recipe " + recipe));
        Out.json(Out.object("database", db.name(), "environment", db.environment().toString(), "users", users, "days", days, "randomSeed", randomSeed, "asOf", day.toString(), "recipe", recipe == null ? null : recipe.toString(), "version", Mix.VERSION,
                "rows", result.rows(), "checksums", checksums));
    }
}
