package avdaily.seed;

import avdaily.db.Database;
import avdaily.sql.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Seeds in one transaction:
 *
 * <ol>
 *   <li>deletes all rows, if the options say so
 *   <li>deletes absent rows that nothing refers to, so that a new row can have their place
 *   <li>table by table, skips what is as it was, and inserts and updates the rest
 *   <li>deletes the other absent rows: the seeds may have changed what referred to them
 *   <li>remembers what the task.tables() are now
 * </ol>
 */
final class SeedTransaction {
    private final Connection c;
    private final SeedTask task;
    private final RelativeDates dates;
    private final Seeder.Options options;
    private final SeedHistory history;
    private final SeedValues values;
    private final List<Seeder.Count> counts = new ArrayList<>();
    private final List<SeedChange> changes = new ArrayList<>();
    private final Map<String, Long> removed = new HashMap<>();

    /** What becomes of an absent row to which other rows refer. */
    private enum IfReferredTo {
        KEEP,
        REFUSE
    }

    SeedTransaction(Connection c, SeedTask task, RelativeDates dates, Seeder.Options options) throws SQLException {
        SessionFormat.set(c, task.files().zone());
        this.c = c;
        this.task = task;
        this.dates = dates;
        this.options = options;
        this.history = new SeedHistory(c, task.environment());
        this.values = new SeedValues(c, task.tables(), task.files(), task.plans(), dates);
    }

    List<Seeder.Count> counts() {
        return counts;
    }

    /** Of a dry run, what it would change. */
    List<SeedChange> changes() {
        return changes;
    }

    SeedTransaction run() throws Exception {
        if (options.clean()) clean();
        Map<String, String> contents = new HashMap<>();
        for (SeedPlan plan : task.plans())
            contents.put(plan.name(), SeedHistory.content(plan, task.files(), dates.today()));
        removeAbsent(IfReferredTo.KEEP);
        for (SeedPlan plan : task.plans())
            counts.add(isAsBefore(plan, contents.get(plan.name())) ? skipped(plan) : fill(plan));
        removeAbsent(IfReferredTo.REFUSE);
        counts.replaceAll(count -> new Seeder.Count(
                count.table(),
                count.inserted(),
                count.updated(),
                count.unchanged(),
                removed.getOrDefault(count.table(), 0L),
                count.skipped()));
        if (!options.dryRun()) remember(contents);
        return this;
    }

    private void clean() throws SQLException {
        Set<String> names = task.tablesToClean();
        if (!names.isEmpty())
            Database.update(
                    c,
                    "TRUNCATE " + names.stream().map(Sql::quoted).collect(Collectors.joining(", "))
                            + " RESTART IDENTITY");
        history.forget(names);
    }

    private boolean isAsBefore(SeedPlan plan, String content) throws SQLException {
        Optional<SeedHistory.Entry> entry =
                options.force() || removed.containsKey(plan.name()) ? Optional.empty() : history.find(plan.name());
        return entry.isPresent()
                && entry.get().content().equals(content)
                && entry.get().state() != null
                && history.state(plan, SeedPlans.targets(plan), entry.get().rows())
                        .filter(entry.get().state()::equals)
                        .isPresent();
    }

    private Seeder.Count skipped(SeedPlan plan) throws SQLException {
        return new Seeder.Count(
                plan.name(), 0, 0, history.find(plan.name()).orElseThrow().rows(), 0, true);
    }

    private void remember(Map<String, String> contents) throws SQLException {
        history.prepare();
        for (Seeder.Count count : counts) {
            if (count.skipped() && !count.changed()) continue;
            SeedPlan plan = SeedPlans.find(task.plans(), count.table());
            long rows = count.inserted() + count.updated() + count.unchanged();
            String state = history.state(plan, SeedPlans.targets(plan), rows).orElse(null);
            history.write(
                    count.table(), new SeedHistory.Entry(contents.get(count.table()), state, rows, dates.today()));
        }
    }

    private Seeder.Count fill(SeedPlan plan) throws Exception {
        Seeder.Count count = plan.large() != null
                ? new LargeFile(task.db().out(), c, plan, values, options.dryRun() ? changes : null).load()
                : fillFromMemory(plan);
        if (count.changed()) history.touched(plan.name());
        return count;
    }

    private Seeder.Count fillFromMemory(SeedPlan plan) throws SQLException {
        if (plan.rows().isEmpty()) return new Seeder.Count(plan.name(), 0, 0, 0, 0, false);
        Upsert upsert = Upsert.of(c, plan);
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
            if (options.dryRun()) show(plan, upsert, fresh, inserted, known, updated);
            inserted += upsert.insert(fresh);
            updated += upsert.update(known);
            if (!fresh.isEmpty() && !SeedValues.hasUuid(plan)) values.matchExisting(plan.with(generation), upsert);
        }
        return new Seeder.Count(plan.name(), inserted, updated, there.size() - updated, 0, false);
    }

    /** Adds what differs to the changes, up to the most of a table and kind; so many are there already. */
    private void show(
            SeedPlan plan, Upsert upsert, List<Upsert.Row> fresh, long inserted, List<Upsert.Row> known, long updated)
            throws SQLException {
        fresh.stream()
                .limit(Math.max(0, SeedChange.MOST - inserted))
                .forEach(row -> changes.add(SeedChange.of(plan, SeedChange.Kind.INSERT, row, Map.of())));
        upsert.differences(known, (int) Math.max(0, SeedChange.MOST - updated))
                .forEach((place, columns) ->
                        changes.add(SeedChange.of(plan, SeedChange.Kind.UPDATE, known.get(place), columns)));
    }

    /**
     * Deletes the rows that the task.files() call absent, in the order of references: what refers to a table comes
     * first.
     */
    private void removeAbsent(IfReferredTo then) throws SQLException {
        List<SeedPlan> backwards = new ArrayList<>(task.plans());
        Collections.reverse(backwards);
        SeedValues asTheyAre = new SeedValues(c, task.tables(), task.files(), List.of(), dates);
        for (SeedPlan plan : backwards) {
            if (plan.absent().isEmpty()) continue;
            List<Upsert.Row> rows = asTheyAre.resolvable(plan, plan.absent().values());
            Upsert upsert = Upsert.of(c, plan);
            Set<Integer> there = upsert.existing(rows).keySet();
            Set<Integer> stay = upsert.remove(rows, task.tables().referrers(plan.name()));
            for (int place : there) {
                if (!stay.contains(place)) {
                    removed.merge(plan.name(), 1L, Long::sum);
                    history.touched(plan.name());
                    if (removed.get(plan.name()) <= SeedChange.MOST)
                        changes.add(SeedChange.of(plan, SeedChange.Kind.REMOVE, rows.get(place), Map.of()));
                } else if (then == IfReferredTo.REFUSE) {
                    throw rows.get(place)
                            .source()
                            .mistake(
                                    null,
                                    "the row is to be absent, and other rows refer to it",
                                    "call these absent too (look in "
                                            + task.tables().referrers(plan.name()).stream()
                                                    .map(r -> r.replaceFirst(" .*", ""))
                                                    .distinct()
                                                    .collect(Collectors.joining(", "))
                                            + ").");
                }
            }
        }
    }
}
