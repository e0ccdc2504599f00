package avdaily.seed;

import avdaily.base.Format;
import avdaily.db.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Seeds in one transaction:
 *
 * <ol>
 *   <li>deletes all rows, if the options say so
 *   <li>deletes absent rows that nothing refers to, so that a new row can have their place
 *   <li>table by table, skips what is as it was, and inserts and updates the rest
 *   <li>deletes the other absent rows: the seeds may have changed what referred to them
 *   <li>remembers what the tables are now
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
    private final List<Completion> completions = new ArrayList<>();
    private final Map<String, Long> updatedLater = new HashMap<>();
    /** Whether the deferrable keys are checked when all rows are there. */
    private boolean isDeferred;

    /**
     * What is to be done for a table when the rows are there to which its own refer.
     *
     * @param fresh the rows that lack the columns that wait
     * @param known the rows that were there before
     */
    private record Completion(
            SeedPlan plan, Upsert upsert, List<SeedRow> fresh, List<SeedRow> known, Set<String> waiting) {}

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
        if (refersAhead()) deferKeys();
        for (SeedPlan plan : task.plans())
            counts.add(isAsBefore(plan, contents.get(plan.name())) ? skipped(plan) : fill(plan));
        for (Completion open : completions) complete(open);
        if (isDeferred) Database.run(c, "SET CONSTRAINTS ALL IMMEDIATE");
        removeAbsent(IfReferredTo.REFUSE);
        counts.replaceAll(count -> new Seeder.Count(
                count.table(),
                count.inserted(),
                count.updated() + updatedLater.getOrDefault(count.table(), 0L),
                count.unchanged() - updatedLater.getOrDefault(count.table(), 0L),
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
                    "TRUNCATE "
                            + task.tablesOf(names).stream()
                                    .map(TableCatalog.Table::sql)
                                    .collect(Collectors.joining(", "))
                            + " RESTART IDENTITY");
        history.forget(names);
    }

    private boolean isAsBefore(SeedPlan plan, String content) throws SQLException {
        Optional<SeedHistory.Entry> entry =
                options.force() || removed.containsKey(plan.name()) ? Optional.empty() : history.find(plan.name());
        return entry.isPresent()
                && entry.get().content().equals(content)
                && entry.get().state() != null
                && history.state(plan, targets(plan), entry.get().rows())
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
            String state = history.state(plan, targets(plan), rows).orElse(null);
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
        SeedPlan.Generations generations = plan.generations();
        Filled sum = new Filled(0, 0);
        for (Map<String, SeedRow> generation : generations.sorted())
            sum = sum.and(fill(plan, upsert, generation, there, plan.postponed(), sum));
        if (!generations.circle().isEmpty()) {
            SeedRow any = generations.circle().values().iterator().next();
            Set<String> waiting = new HashSet<>(plan.postponed());
            waiting.addAll(plan.ownReferences(any));
            defer(plan);
            sum = sum.and(fill(plan, upsert, generations.circle(), there, waiting, sum));
        }
        return new Seeder.Count(plan.name(), sum.inserted, sum.updated, there.size() - sum.updated, 0, false);
    }

    private record Filled(long inserted, long updated) {
        Filled and(Filled more) {
            return new Filled(inserted + more.inserted, updated + more.updated);
        }
    }

    /** Deferrable keys of a circle within a table may be false until all of its rows are there. */
    private void defer(SeedPlan plan) throws SQLException {
        if (isDeferred) return;
        boolean may = task
                .tables()
                .foreignKeys(plan.name(), plan.table().columns().keySet())
                .stream()
                .anyMatch(key -> key.target().equals(plan.name()) && key.isDeferrable());
        if (may) deferKeys();
    }

    /** Whether a row leads to one of a table that is filled after its own, in a column that does not wait for that. */
    private boolean refersAhead() {
        for (int i = 0; i < task.plans().size(); i++) {
            SeedPlan plan = task.plans().get(i);
            Set<String> columns = SeedOrder.bindings(plan)
                    .map(binding -> binding.column().name())
                    .filter(column -> !plan.postponed().contains(column))
                    .collect(Collectors.toSet());
            Set<String> later = task.plans().subList(i + 1, task.plans().size()).stream()
                    .map(SeedPlan::name)
                    .collect(Collectors.toSet());
            if (task.tables().foreignKeys(plan.name(), columns).stream().anyMatch(key -> later.contains(key.target())))
                return true;
        }
        return false;
    }

    private void deferKeys() throws SQLException {
        Database.run(c, "SET CONSTRAINTS ALL DEFERRED");
        isDeferred = true;
    }

    /** @param waiting the columns that the new rows get when all are there to which they refer */
    private Filled fill(
            SeedPlan plan,
            Upsert upsert,
            Map<String, SeedRow> rows,
            Set<SeedRow> there,
            Set<String> waiting,
            Filled before)
            throws SQLException {
        List<SeedRow> known = rows.values().stream().filter(there::contains).toList();
        List<SeedRow> fresh =
                rows.values().stream().filter(row -> !there.contains(row)).toList();
        List<Upsert.Row> inserts = values.ready(plan, fresh, field -> !isIn(plan, field, waiting));
        List<Upsert.Row> updates = waiting.isEmpty() ? values.ready(plan, known, field -> true) : List.of();
        if (options.dryRun()) show(plan, upsert, inserts, before.inserted, updates, before.updated);
        new TradedValues(c, plan, upsert).letGo(inserts, updates);
        long inserted = upsert.insert(inserts, sequences());
        long updated = upsert.update(updates);
        if (inserted < inserts.size())
            task.db()
                    .out()
                    .note("Note: " + Format.count(inserts.size() - inserted, "row") + " of " + plan.name()
                            + " did not come in: a trigger or a rule of the table swallows them.");
        if (!fresh.isEmpty() && !SeedValues.hasUuid(plan)) values.matchExisting(plan.with(rows), upsert);
        if (waiting.isEmpty()) tellChanges(plan, upsert, inserts, updates);
        Completion open = new Completion(plan, upsert, fresh, known, waiting);
        if (!waiting.isEmpty() && plan.postponed().isEmpty()) complete(open);
        else if (!waiting.isEmpty()) completions.add(open);
        return new Filled(inserted, updated);
    }

    private Sequences sequences() {
        return options.dryRun() ? Sequences.FOR_A_TRIAL : Sequences.FOR_GOOD;
    }

    private static boolean isIn(SeedPlan plan, String field, Set<String> columns) {
        SeedPlan.Binding binding = plan.bindingOrNull(field);
        return binding != null && columns.contains(binding.column().name());
    }

    /** Fills what had to wait: in the new rows nothing else, in the others whatever differs. */
    private void complete(Completion open) throws SQLException {
        SeedPlan plan = open.plan;
        List<Upsert.Row> fresh =
                values.ready(plan, open.fresh, field -> plan.key().contains(field) || isIn(plan, field, open.waiting));
        List<Upsert.Row> known = values.ready(plan, open.known, field -> true);
        if (options.dryRun()) show(plan, open.upsert, List.of(), 0, known, 0);
        new Upsert(c, plan.table(), open.upsert.key(), Set.of()).update(fresh);
        long updated = open.upsert.update(known);
        updatedLater.merge(plan.name(), updated, Long::sum);
        history.touched(plan.name());
        tellChanges(plan, open.upsert, fresh, known);
    }

    /** A trigger that makes something else of a row would have it updated again each time. */
    private void tellChanges(SeedPlan plan, Upsert upsert, List<Upsert.Row> fresh, List<Upsert.Row> known)
            throws SQLException {
        if (!plan.table().hasTriggers()) return;
        Set<String> columns = new TreeSet<>();
        for (List<Upsert.Row> rows : List.of(fresh, known))
            upsert.differences(rows, SeedChange.MOST).values().forEach(row -> columns.addAll(row.keySet()));
        if (!columns.isEmpty())
            task.db()
                    .out()
                    .note("Note: the rows of " + plan.name() + " are not as the files say, in "
                            + String.join(", ", columns) + ": a trigger or a rule of the table changes them.");
    }

    private List<TableCatalog.Table> targets(SeedPlan plan) {
        return task.tablesOf(SeedOrder.targets(plan));
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

    /** Deletes the rows that the files call absent, in the order of references: what refers to a table comes first. */
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
