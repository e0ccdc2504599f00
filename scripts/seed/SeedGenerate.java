import avdaily.base.AtomicFile;
import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.base.Json;
import avdaily.base.Reason;
import avdaily.base.ResourceFolder;
import avdaily.console.Exit;
import avdaily.console.Gate;
import avdaily.db.Database;
import avdaily.db.Environment;
import avdaily.db.Failures;
import avdaily.db.Lock;
import avdaily.db.OperationLog;
import avdaily.generate.BulkLoad;
import avdaily.generate.CounterRandom;
import avdaily.generate.PeopleNames;
import avdaily.generate.Recipe;
import avdaily.generate.RowSource;
import avdaily.generate.dataset.SavingsDataset;
import avdaily.integrity.Defects;
import avdaily.seed.SeedFiles;
import avdaily.seed.TableCatalog;
import avdaily.seed.TableChecksum;
import avdaily.seed.RowFault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.postgresql.util.PSQLException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Fills empty tables with as many made-up people as you like, whose data is true; the same command gives the same rows
 * everywhere.
 */
@Command(
        name = "generate",
        description =
                "Fill empty tables with a volume of made-up data that breaks no rule. The same command gives the same "
                        + "rows everywhere. Never in production.")
class SeedGenerate extends Script {
    @Parameters(
            arity = "0..1",
            paramLabel = "ENV",
            description = "development, testing, staging or demo (default: as --env).")
    Environment target;

    @Option(
            names = "--users",
            paramLabel = "N",
            description = "How many people; required without --recipe, and if the recipe says rows: users.")
    Long users;

    @Option(
            names = "--days",
            defaultValue = "365",
            paramLabel = "D",
            description = "How many days of history, 1 to 3650 (default: ${DEFAULT-VALUE}).")
    int days;

    @Option(
            names = "--random-seed",
            defaultValue = "1",
            paramLabel = "S",
            description = "Another number gives other people (default: ${DEFAULT-VALUE}).")
    long randomSeed;

    @Option(
            names = "--as-of",
            paramLabel = "DATE",
            description = "The day after the last one of the history, as in 2026-01-31 (default: today).")
    LocalDate asOf;

    @Option(
            names = "--jobs",
            paramLabel = "N",
            description = "Threads that make rows (default: one a processor, at most 4); the rows are the same.")
    int jobs = Math.min(4, Runtime.getRuntime().availableProcessors());

    @Option(
            names = "--defects",
            split = ",",
            paramLabel = "RULE=N",
            description = "Afterwards break these rules of avdaily-integrity, each exactly so often.")
    Map<String, Integer> defects = Map.of();

    @Option(
            names = "--manifest",
            paramLabel = "FILE",
            description = "Where to write what was broken, as JSON (default: ${DEFAULT-VALUE}).")
    Path manifest = Path.of("defects.json");

    @Option(
            names = "--recipe",
            paramLabel = "FILE",
            description = "Fill your own tables as this file says, instead of AV-Daily's.")
    Path recipe;

    @Option(
            names = "--checksum",
            description = "Read every row back and print a checksum a table: equal ones mean equal rows.")
    boolean checksum;

    @Option(
            names = "--seeds",
            paramLabel = "DIR",
            description =
                    "Folder whose base/ has roles and permissions, for a database without (default: AVDAILY_SEEDS, "
                            + "else the project's).")
    Path seeds;

    @Override
    Environment named() {
        return Environment.oneOf(env, target);
    }

    @Override
    int run() throws Exception {
        checkNumbers();
        if (recipe == null && seeds == null && !settings().project().isShipped())
            throw Failure.usage(
                    "without a recipe, AV-Daily's people are made, and this is "
                            + settings().project(),
                    "describe your tables with --recipe; 'avdaily-seed recipe --from-database' writes a first one.");
        if (recipe == null && users == null)
            throw Failure.usage("nobody says how many people to make", "name their number with --users.");
        if (named() != null) named().refuseSeeding();
        try (Database db = openProjectDatabase()) {
            db.environment().refuseSeeding();
            TableCatalog tables = TableCatalog.of(db.projectConnection());
            SeedFiles.Manifest said = SeedFiles.manifestOf(settings(), seeds, tables);
            LocalDate day = asOf != null ? asOf : LocalDate.now(ZoneId.of(said.timezone()));
            RowSource source = recipe == null
                    ? new SavingsDataset(randomSeed, day, days, users)
                    : Recipe.read(
                            recipe,
                            tables,
                            said.names(settings()).map(PeopleNames::of).orElse(PeopleNames.OF_NIGERIA),
                            randomSeed,
                            new Recipe.Scale(day, days, users));
            BulkLoad load = new BulkLoad(db, source, jobs);
            load.refuseRows(db.projectConnection());
            Gate.before(
                            db,
                            "fill " + Format.count(load.touched().size(), "empty table") + " of " + db + " with "
                                    + (users == null
                                            ? "the rows of " + recipe
                                            : Format.count(users, "made-up user") + " and " + Format.count(days, "day")
                                                    + " of history"))
                    .neverInProduction("generate into a database that is not production.")
                    .destructive();
            BulkLoad.Result result = loadLocked(db, load, source, day);
            show(
                    db,
                    day,
                    result,
                    checksum ? TableChecksum.of(db, List.copyOf(result.rows().keySet())) : null);
            return Exit.DONE;
        }
    }

    private BulkLoad.Result loadLocked(Database db, BulkLoad load, RowSource source, LocalDate day) throws Exception {
        try (Lock lock = Lock.take(db, "seed")) {
            lock.verify();
            Map<String, List<String>> planted = new LinkedHashMap<>();
            BulkLoad.Result result = OperationLog.record(db, "seed generate", details -> {
                BulkLoad.Result done = load(load, source, planted, day);
                details.putAll(parameters(day));
                details.put("rows", done.rows());
                details.put("defects", defects);
                return done;
            });
            if (!planted.isEmpty())
                out().note("Broken rules: " + Format.count(planted.size(), "rule") + ", written down in " + manifest
                        + ".");
            return result;
        }
    }

    /** What the tables do not take is a mistake in the recipe or, without one, another schema than the generator's. */
    private BulkLoad.Result load(BulkLoad load, RowSource source, Map<String, List<String>> planted, LocalDate day)
            throws Exception {
        try {
            return load.run(c -> prepare(c, source), c -> plant(c, planted, day));
        } catch (PSQLException e) {
            if (!RowFault.isOfValue(e)) throw e;
            throw recipe != null
                    ? Failure.usage(
                            recipe + ": " + Failures.message(e) + "; nothing was written", "correct the recipe.")
                    : Failure.usage(
                            "the tables do not take AV-Daily's rows: " + Failures.message(e) + "; nothing was written",
                            "bring the schema to what avdaily-migrate makes of it, or describe your own tables with "
                                    + "--recipe.");
        }
    }

    private void prepare(Connection c, RowSource source) throws Exception {
        if (source instanceof SavingsDataset history) history.prepare(c, ResourceFolder.ofSeeds(settings(), seeds));
    }

    /**
     * Breaks the rules in the transaction of the load, and writes down which, before it is committed: who has the data
     * has the manifest. Constraints that would not let them be broken are dropped.
     */
    private void plant(Connection c, Map<String, List<String>> planted, LocalDate day) throws Exception {
        if (defects.isEmpty()) return;
        Defects known = Defects.read();
        for (Map.Entry<String, Integer> defect : defects.entrySet())
            planted.put(defect.getKey(), known.plant(c, defect.getKey(), defect.getValue()));
        write(planted, day);
    }

    /** What a check must find: rule by rule the keys, and the settings that turn rules on. */
    private void write(Map<String, List<String>> planted, LocalDate day) {
        Defects known = Defects.read();
        Map<String, Object> rules = new LinkedHashMap<>();
        planted.forEach((rule, keys) -> rules.put(
                rule,
                Json.object(
                        "count",
                        keys.size(),
                        "keys",
                        keys,
                        "settings",
                        known.settings(rule),
                        "also",
                        known.also(rule).stream().sorted().toList())));
        try {
            AtomicFile.write(
                    manifest,
                    Json.page(Json.object(
                                    "users",
                                    users,
                                    "days",
                                    days,
                                    "randomSeed",
                                    randomSeed,
                                    "asOf",
                                    day.toString(),
                                    "rules",
                                    rules))
                            + "\n");
        } catch (IOException e) {
            throw Failure.usage(
                    "the manifest " + manifest + " cannot be written (" + Reason.of(e) + "); nothing was changed",
                    "name another file with --manifest.");
        }
    }

    /** What the rows follow from. */
    private Map<String, Object> parameters(LocalDate day) {
        return Json.object(
                "users",
                users,
                "days",
                days,
                "randomSeed",
                randomSeed,
                "asOf",
                day.toString(),
                "recipe",
                recipe == null ? null : recipe.toString(),
                "version",
                CounterRandom.VERSION);
    }

    private void checkNumbers() throws IOException {
        Defects known = Defects.read();
        for (Map.Entry<String, Integer> defect : defects.entrySet()) {
            String rule = defect.getKey();
            int times = defect.getValue();
            if (times < 1)
                throw Failure.usage("--defects " + rule + "=" + times + " breaks nothing", "name a number from 1.");
            if (!known.rules().contains(rule))
                throw Failure.usage(
                        "nothing is known of how to break " + rule,
                        "there are " + String.join(", ", known.rules()) + ".");
            known.refuseMoreThanMost(rule, times);
        }
        if (!defects.isEmpty() && recipe != null)
            throw Failure.usage(
                    "--defects and --recipe do not go together", "the defects are those of AV-Daily's tables.");
        if (!defects.isEmpty()) AtomicFile.tryOut(manifest);
        if (users != null && (users < 1 || users > 100_000_000))
            throw Failure.usage("--users " + users + " is not between 1 and 100,000,000", "name another number.");
        if (days < 1 || days > 3650)
            throw Failure.usage("--days " + days + " is not between 1 and 3650", "name another number.");
        if (jobs < 1 || jobs > 64)
            throw Failure.usage("--jobs " + jobs + " is not between 1 and 64", "name another number.");
    }

    private void show(Database db, LocalDate day, BulkLoad.Result result, Map<String, String> checksums) {
        List<String> header = checksums == null ? List.of("Table", "Rows") : List.of("Table", "Rows", "Checksum");
        out().table(
                        header,
                        result.rows().entrySet().stream()
                                .map(e -> checksums == null
                                        ? List.of(e.getKey(), String.valueOf(e.getValue()))
                                        : List.of(e.getKey(), String.valueOf(e.getValue()), checksums.get(e.getKey())))
                                .toList());
        out().print("Generated " + Format.count(result.total(), "row") + " on " + db + ": "
                + Format.duration(result.copied()) + " for the rows, " + Format.duration(result.built())
                + " for indexes and keys.");
        out().print("The same again, elsewhere: avdaily-seed generate " + db.environment()
                + (users == null ? "" : " --users " + users) + " --days " + days
                + " --random-seed " + randomSeed + " --as-of " + day
                + (recipe == null ? "" : " --recipe " + recipe)
                + (defects.isEmpty()
                        ? ""
                        : " --defects "
                                + defects.entrySet().stream()
                                        .map(Object::toString)
                                        .collect(Collectors.joining(","))));
        out().json(Json.object(
                "database",
                db.name(),
                "environment",
                db.environment().toString(),
                "users",
                users,
                "days",
                days,
                "randomSeed",
                randomSeed,
                "asOf",
                day.toString(),
                "recipe",
                recipe == null ? null : recipe.toString(),
                "generatorVersion",
                CounterRandom.VERSION,
                "tables",
                result.rows().entrySet().stream()
                        .map(table -> Json.object(
                                "table",
                                table.getKey(),
                                "rows",
                                table.getValue(),
                                "checksum",
                                checksums == null ? null : checksums.get(table.getKey())))
                        .toList()));
    }
}
