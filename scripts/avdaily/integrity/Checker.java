package avdaily.integrity;

import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.db.Database;
import avdaily.db.Failures;
import avdaily.db.Snapshot;
import avdaily.sql.Sql;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import me.tongfei.progressbar.ProgressBar;

/**
 * Checks rules on one snapshot of the database, over several connections. Rules about the rows of one table share one scan of
 * it, and rules that start with the same query one run of that. Findings are counted first; their keys are fetched only where there are some.
 */
public final class Checker {
    private static final int MOST_KEYS = 20;
    private static final int MOST_JOBS = 8;
    private static final String TIMED_OUT = "57014";
    /** data_corrupted and index_corrupted */
    private static final Set<String> DAMAGE = Set.of("XX001", "XX002");
    /** Enough for the hash tables of millions of keys; the server's default makes them spill. */
    private static final int WORK_MEGABYTES = 64;

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
         * In the full check each costly rule has a connection of its own. In the quick one a single scan of the biggest table
         * takes longer than all else together: there the server's parallel workers share the scan, and a second connection
         * does the rest meanwhile.
         */
        int connections() {
            return quick ? Math.min(jobs, 2) : jobs;
        }

        /** The server's processes that may help with one query. */
        int helpers() {
            return quick ? jobs - 1 : 0;
        }

        public static int defaultJobs() {
            return Math.min(Runtime.getRuntime().availableProcessors(), MOST_JOBS);
        }
    }

    private final Database db;
    private final Snapshot snapshot;
    private final Options options;
    private final DerivedRules catalog;
    private final Map<String, RuleResult> outcomes = new ConcurrentHashMap<>();

    private Checker(Database db, Snapshot snapshot, DerivedRules catalog, Options options) {
        this.db = db;
        this.snapshot = snapshot;
        this.catalog = catalog;
        this.options = options;
    }

    /** Checks the database; what goes wrong with a rule is its outcome, not an exception. */
    public static CheckReport check(Database db, List<Rule> rules, Options options) throws SQLException {
        Instant start = Instant.now();
        try (Snapshot snapshot = Snapshot.take(db, leader -> {})) {
            Database.run(snapshot.leader(), "SET LOCAL search_path TO DEFAULT");
            DerivedRules catalog = DerivedRules.read(snapshot.leader());
            List<Rule> all = new ArrayList<>(rules);
            all.addAll(catalog.rules(rules));
            List<Rule> chosen = choose(all, options);
            Checker checker = new Checker(db, snapshot, catalog, options);
            checker.run(chosen);
            List<RuleResult> outcomes =
                    chosen.stream().map(rule -> checker.outcomes.get(rule.id())).toList();
            return new CheckReport(
                    options.quick,
                    start,
                    Duration.between(start, Instant.now()),
                    outcomes,
                    options.accepted.stale(all, outcomes));
        }
    }

    /** As {@link #check}, with the shipped rules and those of AVDAILY_RULES: a line for each that is broken this gravely, or could not be checked. */
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
            String reason = reasonToSkip(rule);
            if (reason != null) put(RuleResult.skipped(rule, reason));
            else if (options.quick && catalog.proves(rule.enforcedBy())) put(RuleResult.enforced(rule));
            else open.add(rule);
        }
        Queue<List<Rule>> jobs = new ConcurrentLinkedQueue<>(jobs(open));
        int workers = Math.min(options.connections(), jobs.size());
        if (workers == 0) return;
        ExecutorService threads = Executors.newFixedThreadPool(workers);
        try (ProgressBar progress = db.out().progress("Checking", open.size(), " rules", 1)) {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < workers; i++) running.add(threads.submit(() -> work(jobs, progress)));
            for (Future<?> worker : running) worker.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure(Failure.Kind.INTERRUPTED, "interrupted", "run it again.", e);
        } catch (java.util.concurrent.ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } finally {
            threads.shutdownNow();
        }
        open.forEach(rule -> outcomes.putIfAbsent(rule.id(), RuleResult.unreached(rule)));
    }

    private void put(RuleResult outcome) {
        outcomes.put(outcome.rule().id(), outcome);
    }

    private String reasonToSkip(Rule rule) throws SQLException {
        if (rule.off() != null) return rule.off();
        List<String> missing = catalog.missing(rule.wanted());
        return missing.isEmpty() ? null : "there is no " + String.join(", ", missing);
    }

    /**
     * What one connection does at a time: the row rules of a table together, and those that share a query; every other rule
     * by itself. The biggest first, so that all are busy to the end.
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
        return rule.isRowRule()
                ? catalog.table(rule.table()).orElseThrow().sql()
                : rule.shared() != null ? rule.shared().with() : rule.id();
    }

    private long bytes(Rule rule) {
        return rule.wanted().stream()
                .map(name -> catalog.table(name).or(() -> catalog.table(name.replaceFirst("\\.[^.]*$", ""))))
                .flatMap(java.util.Optional::stream)
                .mapToLong(DerivedRules.Table::bytes)
                .sum();
    }

    // -- a worker

    /** A connection of the snapshot, replaced where it breaks. */
    private final class Worker implements AutoCloseable {
        private Connection c;

        Connection connection() throws SQLException {
            if (c != null) return c;
            try {
                c = snapshot.join();
            } catch (SQLException e) {
                throw new Failure(
                        Failure.Kind.ERROR,
                        "the snapshot is gone, for the connection that kept it broke: " + Failures.message(e),
                        "run it again.",
                        e);
            }
            settle();
            return c;
        }

        private void settle() throws SQLException {
            Database.run(
                    c,
                    "SET LOCAL search_path TO DEFAULT; SET LOCAL statement_timeout = " + options.timeout.toMillis()
                            + "; SET LOCAL work_mem = '" + WORK_MEGABYTES + "MB'"
                            + "; SET LOCAL max_parallel_workers_per_gather = " + options.helpers());
        }

        /** After an error: the same snapshot in a new transaction, over a new connection where the old one is gone. */
        void recover() {
            if (c == null) return;
            try {
                snapshot.rejoin(c);
                settle();
            } catch (SQLException | Failure e) {
                close();
            }
        }

        @Override
        public void close() {
            try {
                if (c != null) c.close();
            } catch (SQLException e) {
                db.out().detail("A connection could not be closed: " + Failures.message(e));
            }
            c = null;
        }
    }

    private void work(Queue<List<Rule>> jobs, ProgressBar progress) {
        try (Worker worker = new Worker()) {
            for (List<Rule> job = jobs.poll(); job != null; job = jobs.poll()) {
                check(worker, job);
                progress.stepBy(job.size());
            }
        }
    }

    private void check(Worker worker, List<Rule> job) {
        Instant start = Instant.now();
        try {
            if (job.get(0).isRowRule()) scan(worker.connection(), job, start);
            else if (job.size() > 1) together(worker.connection(), job, start);
            else query(worker.connection(), job.get(0), start);
        } catch (SQLException | Failure e) {
            worker.recover();
            if (job.size() > 1)
                job.forEach(rule -> check(worker, List.of(rule))); // one of them spoils it for the others
            else put(RuleResult.error(job.get(0), reason(e, start), e, Duration.between(start, Instant.now())));
        }
    }

    /** The server uses one code for a statement that ran out of time and for one that somebody cancelled. */
    private String reason(Exception e, Instant start) {
        return e instanceof SQLException sql && TIMED_OUT.equals(sql.getSQLState()) && isOver(start)
                ? "it ran past its " + Format.duration(options.timeout) + " (--timeout)"
                : e instanceof SQLException sql ? words(sql) : e.getMessage();
    }

    private boolean isOver(Instant start) {
        return Duration.between(start, Instant.now()).compareTo(options.timeout) >= 0;
    }

    /** The server's message without what it may say of the data: the detail, and the value that a data exception (22...) quotes. */
    static String words(SQLException e) {
        var server = e instanceof org.postgresql.util.PSQLException p ? p.getServerErrorMessage() : null;
        if (server == null) return Failures.message(e);
        String text = String.valueOf(server.getMessage()).replaceAll("\\s*\\R\\s*", " ");
        return (e.getSQLState().startsWith("22") ? text.replaceAll("[\"'].*[\"']", "\"...\"") : text) + " (SQLSTATE "
                + e.getSQLState() + ")";
    }

    /** One pass over the table for all of the rules; the quick check believes indexes, and leaves out what they show to be right. */
    private void scan(Connection c, List<Rule> all, Instant start) throws SQLException {
        DerivedRules.Table table = catalog.table(all.get(0).table()).orElseThrow();
        List<Rule> rules = new ArrayList<>();
        for (Rule rule : all)
            if (options.quick && indexesShowNoOther(c, table, rule.values()))
                put(RuleResult.counted(rule, 0, 0, List.of(), Duration.between(start, Instant.now())));
            else rules.add(rule);
        if (rules.isEmpty()) return;
        String counts = rules.stream()
                .map(rule -> "count(*) FILTER (WHERE (" + rule.where() + "\n))")
                .collect(Collectors.joining(",\n"));
        List<Long> found = row(c, "SELECT " + counts + " FROM " + table.sql() + " t");
        Duration took = Duration.between(start, Instant.now());
        for (int i = 0; i < rules.size(); i++) {
            Rule rule = rules.get(i);
            List<String> key =
                    !rule.key().isEmpty() ? rule.key() : table.key().isEmpty() ? List.of("ctid") : table.key();
            put(outcome(c, rule, found.get(i), rule.offending(key, catalog), key, took));
        }
    }

    /** Goes from each value in an index to the next greater one, as far as they are among those that may be there. */
    private static boolean indexesShowNoOther(Connection c, DerivedRules.Table table, Map<String, List<String>> values)
            throws SQLException {
        if (values.isEmpty() || !table.sorted().containsAll(values.keySet())) return false;
        for (Map.Entry<String, List<String>> entry : values.entrySet()) {
            String column = "t." + Sql.quoted(entry.getKey());
            String among = " IN ("
                    + entry.getValue().stream().map(Sql::literal).collect(Collectors.joining(", ")) + ")";
            String other = "WITH RECURSIVE found (v) AS ((SELECT " + column + " FROM " + table.sql() + " t WHERE "
                    + column + " IS NOT NULL ORDER BY 1 LIMIT 1)"
                    + " UNION ALL SELECT (SELECT " + column + " FROM " + table.sql() + " t WHERE " + column
                    + " > v ORDER BY 1 LIMIT 1) FROM found WHERE v" + among
                    + ") SELECT count(*) FROM found WHERE NOT v" + among;
            if (row(c, other).get(0) > 0) return false;
        }
        return true;
    }

    /** One run of the query that all of the rules start with. */
    private void together(Connection c, List<Rule> rules, Instant start) throws SQLException {
        String counts = rules.stream()
                .map(rule -> "(SELECT count(*) FROM (" + rule.shared().rest() + "\n) q)")
                .collect(Collectors.joining(",\n"));
        List<Long> found = row(c, rules.get(0).shared().with() + "SELECT " + counts);
        Duration took = Duration.between(start, Instant.now());
        for (int i = 0; i < rules.size(); i++) {
            Rule rule = rules.get(i);
            put(outcome(c, rule, found.get(i), rule.query(), found.get(i) == 0 ? List.of() : key(c, rule), took));
        }
    }

    private void query(Connection c, Rule rule, Instant start) throws SQLException {
        if (rule.skipIf() != null) {
            String reason = text(c, rule.skipIf());
            if (reason != null) {
                put(RuleResult.skipped(rule, reason));
                return;
            }
        }
        if (rule.probe() != null) {
            put(probe(c, rule, start));
            return;
        }
        long count = row(c, "SELECT count(*) FROM (" + rule.query() + "\n) q").get(0);
        List<String> key = count == 0 ? List.of() : key(c, rule);
        put(outcome(c, rule, count, rule.query(), key, Duration.between(start, Instant.now())));
    }

    /** The columns that name a finding. */
    static List<String> key(Connection c, Rule rule) throws SQLException {
        if (!rule.key().isEmpty()) return rule.key();
        try (Statement statement = c.createStatement()) {
            statement.setEscapeProcessing(false);
            ResultSet none = statement.executeQuery("SELECT * FROM (" + rule.query() + "\n) q LIMIT 0");
            List<String> columns = new ArrayList<>();
            for (int i = 1; i <= none.getMetaData().getColumnCount(); i++)
                columns.add(none.getMetaData().getColumnName(i));
            if (rule.fix() != null)
                columns.removeAll(java.util.Arrays.asList(
                        rule.fix().statement(), rule.fix().undo()));
            return columns;
        }
    }

    /** How a finding is called: the values of its key. */
    static String name(List<String> key) {
        return "concat_ws(', ', "
                + key.stream()
                        .map(column -> "coalesce(q." + Sql.quoted(column) + "::text, 'null')")
                        .collect(Collectors.joining(", "))
                + ")";
    }

    /** A condition: the finding {@code q} has none of these names. */
    static String isNone(List<String> key, List<String> names) {
        return name(key) + " <> ALL ("
                + names.stream().map(Checker::literal).collect(Collectors.joining(", ", "ARRAY[", "]::text[]")) + ")";
    }

    private RuleResult outcome(Connection c, Rule rule, long count, String offending, List<String> key, Duration took)
            throws SQLException {
        if (count == 0) return RuleResult.counted(rule, 0, 0, List.of(), took);
        String from = " FROM (" + offending + "\n) q";
        List<String> known = options.accepted.keys(rule.id());
        List<String> there = known.isEmpty()
                ? List.of()
                : texts(c, "SELECT " + name(key) + from + " WHERE NOT " + isNone(key, known));
        options.accepted.seen(rule.id(), there);
        if (there.size() >= count) return RuleResult.counted(rule, 0, there.size(), List.of(), took);
        List<String> keys = texts(
                c, "SELECT " + name(key) + from + " WHERE " + isNone(key, known) + " ORDER BY 1 LIMIT " + MOST_KEYS);
        return RuleResult.counted(rule, count - there.size(), there.size(), keys, took);
    }

    /**
     * Runs a statement for each row of the query: where the server reports damage, that is a finding. Other errors are none: an
     * index may be dropped meanwhile.
     */
    private RuleResult probe(Connection c, Rule rule, Instant start) throws SQLException {
        List<String> damaged = new ArrayList<>();
        for (Map<String, String> row : rows(c, rule.query())) {
            if (isOver(start)) throw new SQLException("it takes too long", TIMED_OUT);
            Savepoint before = c.setSavepoint();
            try {
                Database.run(c, new RuleFiles.Values(row).into(rule.probe()));
                c.releaseSavepoint(before);
            } catch (SQLException e) {
                if (!DAMAGE.contains(String.valueOf(e.getSQLState()))) throw e;
                c.rollback(before);
                damaged.add(row.values().iterator().next() + ": " + words(e));
            }
        }
        List<String> accepted = damaged.stream()
                .filter(options.accepted.keys(rule.id())::contains)
                .toList();
        options.accepted.seen(rule.id(), accepted);
        damaged.removeAll(accepted);
        return RuleResult.counted(
                rule,
                damaged.size(),
                accepted.size(),
                damaged.stream().limit(MOST_KEYS).toList(),
                Duration.between(start, Instant.now()));
    }

    // -- SQL as it stands in the rules: question marks and braces in it are the server's

    static List<Long> row(Connection c, String sql) throws SQLException {
        try (Statement statement = c.createStatement()) {
            statement.setEscapeProcessing(false);
            ResultSet row = statement.executeQuery(sql);
            row.next();
            List<Long> numbers = new ArrayList<>();
            for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) numbers.add(row.getLong(i));
            return numbers;
        }
    }

    static List<String> texts(Connection c, String sql) throws SQLException {
        return rows(c, sql).stream().map(row -> row.values().iterator().next()).toList();
    }

    private static String text(Connection c, String sql) throws SQLException {
        List<String> all = texts(c, sql);
        return all.isEmpty() ? null : all.get(0);
    }

    static List<Map<String, String>> rows(Connection c, String sql) throws SQLException {
        try (Statement statement = c.createStatement()) {
            statement.setEscapeProcessing(false);
            ResultSet row = statement.executeQuery(sql);
            List<Map<String, String>> all = new ArrayList<>();
            while (row.next()) {
                Map<String, String> values = new LinkedHashMap<>();
                for (int i = 1; i <= row.getMetaData().getColumnCount(); i++)
                    values.put(row.getMetaData().getColumnName(i), row.getString(i));
                all.add(values);
            }
            return all;
        }
    }

    /** Runs a statement and returns how many rows it changed. */
    static int change(Connection c, String sql) throws SQLException {
        try (Statement statement = c.createStatement()) {
            statement.setEscapeProcessing(false);
            return statement.executeUpdate(sql);
        }
    }

    static String literal(String text) {
        return "E'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }
}
