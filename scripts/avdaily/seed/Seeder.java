package avdaily.seed;

import avdaily.base.Format;
import avdaily.base.Json;
import avdaily.db.Database;
import avdaily.db.Environment;
import avdaily.db.Lock;
import avdaily.db.OperationLog;
import avdaily.db.ProjectRecord;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToLongFunction;

/** Brings the seed files of one environment into one database, all or nothing. */
public final class Seeder {
    /**
     * What became of a table's rows; {@code skipped} where neither its files nor its rows changed since they were
     * seeded.
     */
    public record Count(String table, long inserted, long updated, long unchanged, long removed, boolean skipped) {
        public List<String> cells() {
            return List.of(
                    table,
                    String.valueOf(inserted),
                    String.valueOf(updated),
                    String.valueOf(removed),
                    String.valueOf(unchanged),
                    skipped ? "skipped, as before" : "");
        }

        public Map<String, Object> json() {
            return Json.object(
                    "table",
                    table,
                    "inserted",
                    inserted,
                    "updated",
                    updated,
                    "removed",
                    removed,
                    "unchanged",
                    unchanged,
                    "skipped",
                    skipped);
        }

        boolean changed() {
            return inserted + updated + removed > 0;
        }
    }

    public record Result(List<Count> tables, List<SeedChange> changes, LocalDate asOf, Duration took) {
        public boolean changed() {
            return tables.stream().anyMatch(Count::changed);
        }

        private long sum(ToLongFunction<Count> what) {
            return tables.stream().mapToLong(what).sum();
        }

        public String summary(Environment environment) {
            long skipped = tables.stream().filter(Count::skipped).count();
            String passedOver = skipped == 0
                    ? ""
                    : " (" + Format.count(skipped, "table") + " skipped: files and rows are as before)";
            long removed = sum(Count::removed);
            return environment
                    + (changed()
                            ? ": " + sum(Count::inserted) + " inserted, " + sum(Count::updated) + " updated, "
                                    + (removed == 0 ? "" : removed + " removed, ")
                                    + sum(Count::unchanged) + " unchanged"
                            : ": unchanged, "
                                    + (sum(Count::unchanged) == 1
                                            ? "the row is there"
                                            : "all " + Format.count(sum(Count::unchanged), "row") + " are there"))
                    + passedOver;
        }
    }

    /**
     * How to seed.
     *
     * @param dryRun take it back at the end, and say row by row what would change
     * @param force look at every row, whatever the history says
     * @param asOf the day that relative dates count from, or null: as before, else today
     */
    public record Options(boolean clean, boolean dryRun, boolean force, LocalDate asOf) {
        /** Seeds what differs from the files. */
        public static Options standard() {
            return new Options(false, false, false, null);
        }

        /** A dry run. */
        public static Options preview() {
            return new Options(false, true, false, null);
        }
    }

    private final Database db;
    private final SeedTask task;
    private final boolean minimal;
    private RelativeDates dates;

    /** @param minimal only what the manifest calls minimal */
    public Seeder(Database db, Environment environment, SeedFiles files, boolean minimal) throws SQLException {
        TableCatalog tables = TableCatalog.of(db.projectConnection());
        this.db = db;
        this.minimal = minimal;
        this.task = new SeedTask(
                db, environment, files, tables, new SeedPlans(db.name(), environment, files, tables).read(minimal));
    }

    /** The tables that {@link Options#clean} empties. */
    public Set<String> tablesToClean() {
        return task.tablesToClean();
    }

    public long rowsToClean() throws SQLException {
        long rows = 0;
        task.tables().mustBeTrusted(db.connection(), tablesToClean());
        for (TableCatalog.Table table : task.tablesOf(tablesToClean()))
            rows += Database.one(db.projectConnection(), "SELECT count(*) FROM " + table.sql(), Long.class);
        return rows;
    }

    /** Seeds in one transaction, which is taken back at the end of a dry run. */
    public Result seed(Options options) throws Exception {
        Instant start = Instant.now();
        try (Lock lock = Lock.take(db, "seed")) {
            lock.verify();
            task.tables()
                    .mustBeTrusted(
                            db.connection(),
                            task.plans().stream().map(SeedPlan::name).toList());
            dates = new RelativeDates(
                    options.asOf != null ? options.asOf : options.clean ? today() : asOf().orElse(today()),
                    task.files().zone());
            SeedTransaction filled = options.dryRun
                    ? db.inProjectTransaction(c -> {
                        SeedTransaction would = new SeedTransaction(c, task, dates, options).run();
                        c.rollback();
                        return would;
                    })
                    : OperationLog.record(db, "seed", details -> {
                        SeedTransaction did =
                                db.inProjectTransaction(c -> new SeedTransaction(c, task, dates, options).run());
                        ProjectRecord.remember(db);
                        details.putAll(Json.object(
                                "seeds",
                                task.environment().toString(),
                                "asOf",
                                dates.today().toString(),
                                "clean",
                                options.clean,
                                "minimal",
                                minimal,
                                "tables",
                                did.counts().stream().map(Count::json).toList()));
                        return did;
                    });
            return new Result(filled.counts(), filled.changes(), dates.today(), Duration.between(start, Instant.now()));
        }
    }

    private LocalDate today() {
        return LocalDate.now(task.files().zone());
    }

    /** The day that relative dates counted from when these data came in; it holds as long as there are any. */
    private Optional<LocalDate> asOf() throws SQLException {
        boolean any = false;
        for (SeedPlan plan : task.plans())
            any = any
                    || Database.one(
                            db.projectConnection(),
                            "SELECT EXISTS (SELECT FROM " + plan.table().sql() + ")",
                            Boolean.class);
        if (!any) return Optional.empty();
        Optional<LocalDate> kept = new SeedHistory(db.connection(), task.environment()).asOf();
        return kept.isPresent() || !OperationLog.isLogged(db.connection()) ? kept : logged();
    }

    /** Of data from before the history was kept. Others may write to the log, too. */
    private Optional<LocalDate> logged() throws SQLException {
        String day = Database.one(
                db.connection(),
                """
                SELECT details ->> 'asOf' FROM avdaily_ops.operation
                WHERE command = 'seed' AND outcome = 'done' AND details ->> 'seeds' = ?
                  AND details ->> 'asOf' ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$'
                ORDER BY id DESC LIMIT 1""",
                String.class,
                task.environment().toString());
        try {
            return Optional.ofNullable(day).map(LocalDate::parse);
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    /**
     * Whether every row is there, and every reference of the seeded tables leads somewhere: a sentence for each fault.
     */
    public List<String> validate() throws Exception {
        if (dates == null)
            dates = new RelativeDates(asOf().orElse(today()), task.files().zone()); // nothing was seeded
        return new SeedValidation(task, dates).findings();
    }
}
