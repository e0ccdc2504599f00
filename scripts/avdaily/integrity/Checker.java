package avdaily.integrity;

import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.base.WorkQueue;
import avdaily.db.Database;
import avdaily.db.ForeignCode;
import avdaily.db.SessionStart;
import avdaily.db.Snapshot;
import avdaily.db.Standby;
import avdaily.sql.SqlState;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import me.tongfei.progressbar.ProgressBar;

/**
 * Checks rules on one snapshot of the database, over several connections:
 *
 * <ol>
 *   <li>adds the rules that the database itself gives, and chooses those that were asked for;
 *   <li>puts aside what is off, lacks its tables, or is proven by a constraint;
 *   <li>groups the others by the scan or the query that they share, the biggest first;
 *   <li>lets each connection take one group after another.
 * </ol>
 */
public final class Checker {
    private static final int MOST_JOBS = 8;

    /**
     * What is to be checked, and how.
     *
     * @param quick only the rules of the quick check, and none that a valid constraint proves
     * @param only ids of the rules to check; none for all
     * @param categories to check; none for all
     * @param jobs processors of the server that may be busy with it at the same time
     * @param timeout for one rule
     */
    public record Options(
            boolean quick,
            Collection<String> only,
            Collection<Rule.Category> categories,
            int jobs,
            Duration timeout,
            AcceptedFindings accepted) {
        /** Everything about the data; how the database is built and kept is another matter. */
        public static Options forData() {
            return new Options(
                    false,
                    Set.of(),
                    Set.of(Rule.Category.ORPHANS, Rule.Category.BUSINESS, Rule.Category.CONSISTENCY),
                    defaultJobs(),
                    Duration.ofMinutes(10),
                    AcceptedFindings.NONE);
        }

        public static Options forQuick(Collection<Rule.Category> categories, AcceptedFindings accepted) {
            return new Options(true, Set.of(), categories, defaultJobs(), Duration.ofMinutes(1), accepted);
        }

        /**
         * In the full check each costly rule has a connection of its own. In the quick one a single scan of the biggest
         * table takes longer than all else together: there the server's parallel workers share the scan, and a second
         * connection does the rest meanwhile.
         */
        int connections() {
            return quick ? Math.min(jobs, 2) : jobs;
        }

        /** The server's processes that may help with one query. */
        int helpers() {
            return quick ? jobs - 1 : 0;
        }

        /** Whether a rule that was started then has had its time. */
        boolean isOver(Instant start) {
            return Duration.between(start, Instant.now()).compareTo(timeout) >= 0;
        }

        public static int defaultJobs() {
            return Math.min(Runtime.getRuntime().availableProcessors(), MOST_JOBS);
        }
    }

    private final Database db;
    private final Snapshot snapshot;
    private final Options options;
    private final DerivedRules catalog;
    /** What keeps the project's rules from being checked: a stranger's code on the search path. */
    private final List<String> obstacles;

    private final RuleQueries queries;
    private final Map<String, RuleResult> outcomes = new ConcurrentHashMap<>();

    private Checker(Database db, Snapshot snapshot, DerivedRules catalog, List<String> obstacles, Options options) {
        this.db = db;
        this.obstacles = obstacles;
        this.snapshot = snapshot;
        this.catalog = catalog;
        this.options = options;
        this.queries = new RuleQueries(options, catalog);
    }

    /** Checks the database; what goes wrong with a rule is its outcome, not an exception. */
    public static CheckReport check(Database db, List<Rule> rules, Options options) throws SQLException {
        return Standby.reading(db, () -> checkOnce(db, rules, options));
    }

    /** A primary has deadlocks with the same code: there they are what came of one rule. */
    private static void mustNotBeEnded(Database db, Exception e) throws SQLException {
        if (e == null || !Standby.hasEnded(db, e)) return;
        if (e instanceof SQLException sql) throw sql;
        if (e instanceof Failure failure) throw failure;
    }

    private static CheckReport checkOnce(Database db, List<Rule> rules, Options options) throws SQLException {
        Instant start = Instant.now();
        try (Snapshot snapshot = Snapshot.take(db, leader -> {})) {
            List<String> obstacles = ForeignCode.onProjectPath(snapshot.leader());
            if (obstacles.isEmpty()) SessionStart.enterProjectPath(snapshot.leader());
            DerivedRules catalog = DerivedRules.read(snapshot.leader());
            List<Rule> all = new ArrayList<>(rules);
            all.addAll(catalog.rules(rules));
            List<Rule> chosen = choose(all, options);
            Checker checker = new Checker(db, snapshot, catalog, obstacles, options);
            checker.run(chosen);
            List<RuleResult> outcomes =
                    chosen.stream().map(rule -> checker.outcomes.get(rule.id())).toList();
            for (RuleResult outcome : outcomes) mustNotBeEnded(db, outcome.error());
            return new CheckReport(
                    options.quick,
                    start,
                    Duration.between(start, Instant.now()),
                    outcomes,
                    options.accepted.stale(all, outcomes));
        }
    }

    /**
     * As {@link #check}, with the shipped rules and those of AVDAILY_RULES: a line for each that is broken this
     * gravely, or could not be checked.
     */
    public static List<String> complaints(Database db, Options options, Rule.Severity least) throws SQLException {
        return check(db, RuleFiles.read(db.settings(), null), options).complaints(least);
    }

    /** Of all rules, the ones that were asked for. */
    private static List<Rule> choose(List<Rule> all, Options options) {
        Set<String> unknown = new LinkedHashSet<>(options.only);
        all.forEach(rule -> unknown.remove(rule.id()));
        if (!unknown.isEmpty())
            throw Failure.usage(
                    "there is no rule " + String.join(", ", unknown), "'avdaily-integrity rules' lists what there is.");
        return all.stream()
                .filter(rule -> options.only.isEmpty() || options.only.contains(rule.id()))
                .filter(rule -> options.categories.isEmpty() || options.categories.contains(rule.category()))
                .filter(rule -> !options.quick || rule.quick() || options.only.contains(rule.id()))
                .sorted(Comparator.comparing(Rule::category))
                .toList();
    }

    private void run(List<Rule> rules) throws SQLException {
        List<Rule> open = new ArrayList<>();
        for (Rule rule : rules) {
            List<String> foreign = catalog.missing(rule.about());
            List<String> missing = catalog.missing(rule.wanted());
            List<String> empty = catalog.emptyHere(rule.wanted());
            String reason = reasonToSkip(rule);
            if (!foreign.isEmpty())
                put(RuleResult.elsewhere(rule, "they are about a database that has " + list(foreign)));
            else if (reason != null) put(RuleResult.skipped(rule, reason));
            else if (!missing.isEmpty()) put(RuleResult.elsewhere(rule, "there is no " + list(missing)));
            else if (!empty.isEmpty())
                put(RuleResult.skipped(rule, "unlogged, and without rows on a standby: " + list(empty)));
            else if (options.quick && catalog.proves(rule.enforcedBy())) put(RuleResult.enforced(rule));
            else open.add(rule);
        }
        WorkQueue<List<Rule>> jobs = new WorkQueue<>(jobs(open));
        try (ProgressBar progress = db.out().progress("Checking", open.size(), " rules", 1)) {
            jobs.run(options.connections(), () -> work(jobs, progress));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure(Failure.Kind.INTERRUPTED, "interrupted", "run it again.", e);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
        open.forEach(rule -> outcomes.putIfAbsent(rule.id(), RuleResult.unreached(rule)));
    }

    private void put(RuleResult outcome) {
        outcomes.put(outcome.rule().id(), outcome);
    }

    /** The catalogs are safe to read; what a stranger put into a table or on the path could run as our role. */
    private String reasonToSkip(Rule rule) throws SQLException {
        if (rule.off() != null) return rule.off();
        if (!rule.isOfTheServer()) {
            List<String> strange = obstacles.isEmpty() ? catalog.strange(rule) : obstacles;
            if (!strange.isEmpty()) return couldRun(strange);
        }
        return null;
    }

    private String couldRun(List<String> strange) {
        return "it could run a stranger's code as " + db.url().user() + ": " + String.join("; ", strange);
    }

    private static String list(List<String> names) {
        return String.join(", ", names);
    }

    /**
     * What one connection does at a time: the row rules of a table together, and those that share a query; every other
     * rule by itself. The biggest first, so that all are busy to the end.
     */
    private List<List<Rule>> jobs(List<Rule> rules) {
        Map<String, List<Rule>> jobs = new LinkedHashMap<>();
        for (Rule rule : rules)
            jobs.computeIfAbsent(shares(rule), none -> new ArrayList<>()).add(rule);
        return jobs.values().stream()
                .sorted(Comparator.comparingLong((List<Rule> job) -> -bytes(job.get(0))))
                .toList();
    }

    /** The same for rules that are checked together. */
    private String shares(Rule rule) {
        if (rule.isRowRule())
            return catalog.table(rule.query().table()).orElseThrow().sql();
        return rule.query().shared() != null ? rule.query().shared().with() : rule.id();
    }

    private long bytes(Rule rule) {
        return rule.wanted().stream()
                .flatMap(name -> catalog.tableOf(name).stream())
                .mapToLong(DerivedRules.Table::bytes)
                .sum();
    }

    private void work(WorkQueue<List<Rule>> jobs, ProgressBar progress) {
        try (SnapshotConnection connection = new SnapshotConnection(snapshot, options, obstacles.isEmpty(), db.out())) {
            for (List<Rule> job = jobs.next(); job != null; job = jobs.next()) {
                check(connection, job);
                progress.stepBy(job.size());
            }
        }
    }

    /** The rules of which nothing runs a stranger's code; the others are skipped. */
    private List<Rule> harmless(Connection c, List<Rule> job) throws SQLException {
        if (!catalog.hasStrangers()) return job;
        List<Rule> harmless = new ArrayList<>();
        for (Rule rule : job) {
            Savepoint before = c.setSavepoint();
            List<String> strange = rule.isOfTheServer() ? List.of() : strange(c, rule);
            if (strange.isEmpty()) {
                harmless.add(rule);
                c.releaseSavepoint(before);
            } else {
                put(RuleResult.skipped(rule, couldRun(strange)));
                c.rollback(before); // its locks are none of the next one's
            }
        }
        return harmless;
    }

    private List<String> strange(Connection c, Rule rule) throws SQLException {
        List<String> first =
                rule.query().skipIf() == null ? List.of() : ForeignCode.inQuery(c, rule.query().skipIf());
        return first.isEmpty() ? ForeignCode.inQuery(c, text(rule)) : first;
    }

    private String text(Rule rule) {
        return rule.isRowRule()
                ? "SELECT FROM " + catalog.table(rule.query().table()).orElseThrow().sql() + " t WHERE "
                        + rule.query().where() + "\n"
                : rule.query().select();
    }

    private void check(SnapshotConnection connection, List<Rule> job) {
        Instant start = Instant.now();
        try {
            List<RuleResult> results = queries.check(connection.get(), harmless(connection.get(), job), start);
            connection.verify();
            results.forEach(this::put);
        } catch (SQLException | Failure e) {
            connection.recover();
            if (job.size() > 1)
                job.forEach(rule -> check(connection, List.of(rule))); // one of them spoils it for the others
            else put(RuleResult.error(job.get(0), reason(e, start), e, Duration.between(start, Instant.now())));
        }
    }

    /** The server uses one code for a statement that ran out of time and for one that somebody cancelled. */
    private String reason(Exception e, Instant start) {
        boolean isCanceled = e instanceof SQLException sql && SqlState.of(sql).equals(SqlState.QUERY_CANCELED);
        return isCanceled && options.isOver(start)
                ? "it ran past its " + Format.duration(options.timeout) + " (--timeout)"
                : RuleSql.reason(e);
    }
}
