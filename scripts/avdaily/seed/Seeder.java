package avdaily.seed;

import avdaily.base.Format;
import avdaily.base.Json;
import avdaily.db.Database;
import avdaily.db.Environment;
import avdaily.db.Lock;
import avdaily.db.OperationLog;
import avdaily.sql.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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
                            : ": unchanged, all " + Format.count(sum(Count::unchanged), "row") + " are there")
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
    public record Options(boolean clean, boolean dryRun, boolean force, LocalDate asOf) {}

    private final Database db;
    private final Environment environment;
    private final SeedFiles files;
    private final boolean minimal;
    private final TableCatalog tables;
    private final List<SeedPlan> plans;
    private RelativeDates dates;

    public Seeder(Database db, Environment environment, SeedFiles files, boolean minimal) throws SQLException {
        this.db = db;
        this.environment = environment;
        this.files = files;
        this.minimal = minimal;
        this.tables = TableCatalog.of(db.connection());
        this.plans = new SeedPlans(db.name(), environment, files, tables).read(minimal);
    }

    public Set<String> tablesToClean() {
        Set<String> named = new LinkedHashSet<>(files.manifest().tables().keySet());
        plans.forEach(plan -> named.add(plan.name()));
        return tables.withReferrers(named);
    }

    public long rowsToClean() throws SQLException {
        long rows = 0;
        for (String name : tablesToClean())
            rows += Database.one(db.connection(), "SELECT count(*) FROM " + Sql.quoted(name), Long.class);
        return rows;
    }

    public Result seed(boolean clean, boolean dryRun) throws Exception {
        return seed(new Options(clean, dryRun, false, null));
    }

    /** Seeds in one transaction, which is taken back at the end of a dry run. */
    public Result seed(Options way) throws Exception {
        Instant start = Instant.now();
        try (Lock lock = Lock.take(db, "seed")) {
            lock.verify();
            dates = new RelativeDates(
                    way.asOf != null ? way.asOf : way.clean ? today() : asOf().orElse(today()), files.zone());
            Fill filled = way.dryRun
                    ? db.inTransaction(c -> {
                        Fill would = new Fill(c, way).all();
                        c.rollback();
                        return would;
                    })
                    : OperationLog.record(db, "seed", details -> {
                        Fill did = db.inTransaction(c -> new Fill(c, way).all());
                        details.putAll(Json.object(
                                "seeds",
                                environment.toString(),
                                "asOf",
                                dates.today().toString(),
                                "clean",
                                way.clean,
                                "minimal",
                                minimal,
                                "tables",
                                did.counts.stream().map(Count::json).toList()));
                        return did;
                    });
            return new Result(filled.counts, filled.changes, dates.today(), Duration.between(start, Instant.now()));
        }
    }

    private LocalDate today() {
        return LocalDate.now(files.zone());
    }

    /** The day that relative dates counted from when these data came in; it holds as long as there are any. */
    private Optional<LocalDate> asOf() throws SQLException {
        boolean any = false;
        for (SeedPlan plan : plans)
            any = any
                    || Database.one(
                            db.connection(),
                            "SELECT EXISTS (SELECT FROM " + plan.table().sql() + ")",
                            Boolean.class);
        if (!any) return Optional.empty();
        Optional<LocalDate> kept = new SeedHistory(db.connection(), environment).asOf();
        if (kept.isPresent() || !OperationLog.isLogged(db.connection())) return kept;
        return Optional.ofNullable(Database.one(
                        db.connection(),
                        """
                SELECT details ->> 'asOf' FROM avdaily_ops.operation
                WHERE command = 'seed' AND outcome = 'done' AND details ->> 'seeds' = ? ORDER BY id DESC LIMIT 1""",
                        String.class,
                        environment.toString()))
                .map(LocalDate::parse); // data that came in before there was the history
    }

    /** The work of one transaction. */
    private final class Fill {
        private final Connection c;
        private final Options way;
        private final SeedHistory history;
        private final SeedValues values;
        private final List<Count> counts = new ArrayList<>();
        private final List<SeedChange> changes = new ArrayList<>();
        private final Map<String, Long> removed = new HashMap<>();

        Fill(Connection c, Options way) throws SQLException {
            SessionFormat.set(c, files.zone());
            this.c = c;
            this.way = way;
            this.history = new SeedHistory(c, environment);
            this.values = new SeedValues(c, tables, files, plans, dates);
        }

        Fill all() throws Exception {
            if (way.clean) clean();
            Map<String, String> contents = new HashMap<>();
            for (SeedPlan plan : plans) contents.put(plan.name(), SeedHistory.content(plan, files, dates.today()));
            remove(false);
            for (SeedPlan plan : plans)
                counts.add(isAsBefore(plan, contents.get(plan.name())) ? skipped(plan) : fill(plan));
            remove(true);
            counts.replaceAll(count -> new Count(
                    count.table,
                    count.inserted,
                    count.updated,
                    count.unchanged,
                    removed.getOrDefault(count.table, 0L),
                    count.skipped));
            if (!way.dryRun) remember(contents);
            return this;
        }

        private void clean() throws SQLException {
            Set<String> names = tablesToClean();
            if (!names.isEmpty())
                Database.update(
                        c,
                        "TRUNCATE " + names.stream().map(Sql::quoted).collect(Collectors.joining(", "))
                                + " RESTART IDENTITY");
            history.forget(names);
        }

        private boolean isAsBefore(SeedPlan plan, String content) throws SQLException {
            Optional<SeedHistory.Entry> entry =
                    way.force || removed.containsKey(plan.name()) ? Optional.empty() : history.find(plan.name());
            return entry.isPresent()
                    && entry.get().content().equals(content)
                    && entry.get().state() != null
                    && history.state(plan, SeedPlans.targets(plan), entry.get().rows())
                            .filter(entry.get().state()::equals)
                            .isPresent();
        }

        private Count skipped(SeedPlan plan) throws SQLException {
            return new Count(
                    plan.name(), 0, 0, history.find(plan.name()).orElseThrow().rows(), 0, true);
        }

        private void remember(Map<String, String> contents) throws SQLException {
            history.prepare();
            for (Count count : counts) {
                if (count.skipped && !count.changed()) continue;
                SeedPlan plan = SeedPlans.find(plans, count.table);
                long rows = count.inserted + count.updated + count.unchanged;
                String state =
                        history.state(plan, SeedPlans.targets(plan), rows).orElse(null);
                history.write(
                        count.table, new SeedHistory.Entry(contents.get(count.table), state, rows, dates.today()));
            }
        }

        private Count fill(SeedPlan plan) throws Exception {
            Count count = plan.large() != null
                    ? new LargeFile(db.out(), c, plan, values, way.dryRun ? changes : null).load()
                    : fillFromMemory(plan);
            if (count.changed()) history.touched(plan.name());
            return count;
        }

        private Count fillFromMemory(SeedPlan plan) throws SQLException {
            if (plan.rows().isEmpty()) return new Count(plan.name(), 0, 0, 0, 0, false);
            Upsert upsert = upsert(c, plan);
            Map<Integer, String> existing = values.matchExisting(plan, upsert);
            Set<SeedRow> there = Collections.newSetFromMap(new IdentityHashMap<>());
            int place = 0;
            for (SeedRow row : plan.rows().values()) if (existing.containsKey(place++)) there.add(row);
            long inserted = 0;
            long updated = 0;
            for (Map<String, SeedRow> generation : plan.generations()) {
                List<Upsert.Row> known = new ArrayList<>();
                List<Upsert.Row> fresh = new ArrayList<>();
                for (Upsert.Row row : values.ready(plan, generation.values(), field -> true))
                    (there.contains(row.source()) ? known : fresh).add(row);
                if (way.dryRun) show(plan, upsert, fresh, inserted, known, updated);
                inserted += upsert.insert(fresh);
                updated += upsert.update(known);
                if (!fresh.isEmpty() && !SeedValues.hasUuid(plan)) values.matchExisting(plan.with(generation), upsert);
            }
            return new Count(plan.name(), inserted, updated, there.size() - updated, 0, false);
        }

        /** Adds what differs to the changes, up to the most of a table and kind; so many are there already. */
        private void show(
                SeedPlan plan,
                Upsert upsert,
                List<Upsert.Row> fresh,
                long inserted,
                List<Upsert.Row> known,
                long updated)
                throws SQLException {
            fresh.stream()
                    .limit(Math.max(0, SeedChange.MOST - inserted))
                    .forEach(row -> changes.add(change(plan, SeedChange.Kind.INSERT, row, Map.of())));
            upsert.differences(known, (int) Math.max(0, SeedChange.MOST - updated))
                    .forEach((place, columns) ->
                            changes.add(change(plan, SeedChange.Kind.UPDATE, known.get(place), columns)));
        }

        /**
         * Takes away the rows that the files call absent: those that nothing refers to first, so that a new row can
         * have their place; the others at the end, when the seeds may have changed what referred to them.
         */
        private void remove(boolean last) throws SQLException {
            List<SeedPlan> backwards = new ArrayList<>(plans);
            Collections.reverse(backwards);
            SeedValues asTheyAre = new SeedValues(c, tables, files, List.of(), dates);
            for (SeedPlan plan : backwards) {
                if (plan.absent().isEmpty()) continue;
                List<Upsert.Row> rows = asTheyAre.resolvable(plan, plan.absent().values());
                Upsert upsert = upsert(c, plan);
                Set<Integer> there = upsert.existing(rows).keySet();
                Set<Integer> stay = upsert.remove(rows, tables.references(plan.name()));
                for (int place : there) {
                    if (!stay.contains(place)) {
                        removed.merge(plan.name(), 1L, Long::sum);
                        history.touched(plan.name());
                        if (removed.get(plan.name()) <= SeedChange.MOST)
                            changes.add(change(plan, SeedChange.Kind.REMOVE, rows.get(place), Map.of()));
                    } else if (last) {
                        throw rows.get(place)
                                .source()
                                .mistake(
                                        null,
                                        "the row is to be absent, and other rows refer to it",
                                        "call these absent too (look in "
                                                + tables.references(plan.name()).stream()
                                                        .map(r -> r.replaceFirst(" .*", ""))
                                                        .distinct()
                                                        .collect(Collectors.joining(", "))
                                                + ").");
                    }
                }
            }
        }
    }

    static SeedChange change(
            SeedPlan plan, SeedChange.Kind kind, Upsert.Row row, Map<String, SeedChange.Values> columns) {
        String key = plan.key().stream()
                .map(field -> row.source().fields().get(field))
                .map(value -> value.isContainerNode() ? value.toString() : value.asText())
                .collect(Collectors.joining(", "));
        return new SeedChange(plan.name(), kind, key, columns);
    }

    private static Upsert upsert(Connection c, SeedPlan plan) {
        SeedRow any = Stream.concat(plan.rows().values().stream(), plan.absent().values().stream())
                .findFirst()
                .orElseThrow();
        return new Upsert(c, plan.table(), plan.keyColumns(any), plan.createOnly());
    }

    // -- afterwards

    /** Whether every row is there, and every reference of the seeded tables leads somewhere. */
    public List<String> validate() throws Exception {
        List<String> findings = new ArrayList<>();
        try (Connection c = db.connect()) {
            c.setAutoCommit(false);
            SessionFormat.set(c, files.zone());
            SeedValues values = new SeedValues(c, tables, files, plans, dates);
            for (SeedPlan plan : plans) {
                long missing = missing(c, plan, values);
                if (missing > 0)
                    findings.add(plan.name() + ": " + Format.count(missing, "row") + " of the seeds missing");
                Set<SeedPlan.Binding> references = new LinkedHashSet<>();
                plan.table().columns().values().stream()
                        .filter(column -> column.target() != null)
                        .forEach(column -> references.add(new SeedPlan.Binding(column, column.target())));
                plan.references()
                        .keySet()
                        .forEach(
                                field -> references.add(plan.binding(field, new SeedRow(files.folder(), 1, Map.of()))));
                for (SeedPlan.Binding reference : references) {
                    TableCatalog.Table target = tables.find(reference.target()).orElseThrow();
                    String column = Sql.quoted(reference.column().name());
                    long orphans = Database.one(
                            c,
                            "SELECT count(*) FROM " + plan.table().sql() + " t WHERE t." + column
                                    + " IS NOT NULL AND NOT EXISTS (SELECT FROM "
                                    + target.sql() + " r WHERE r."
                                    + Sql.quoted(target.id().name()) + " = t." + column + ")",
                            Long.class);
                    if (orphans > 0)
                        findings.add(plan.name() + "." + reference.column().name() + ": " + Format.count(orphans, "row")
                                + " without their " + target.name());
                }
            }
        }
        return findings;
    }

    private long missing(Connection c, SeedPlan plan, SeedValues values) throws Exception {
        if (plan.large() != null) return new LargeFile(db.out(), c, plan, values, null).missing();
        if (plan.rows().isEmpty()) return 0;
        return plan.rows().size()
                - upsert(c, plan)
                        .existing(values.ready(plan, plan.rows().values(), plan.key()::contains))
                        .size();
    }
}
