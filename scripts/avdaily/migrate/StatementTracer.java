package avdaily.migrate;

import avdaily.base.Failure;
import avdaily.base.Json;
import avdaily.base.ResourceFolder;
import avdaily.db.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.flywaydb.core.internal.sqlscript.SqlStatement;

/** Runs migrations one statement at a time and watches what each does to the tables that were there before: locks, rewrites, scans, definitions. */
public final class StatementTracer {
    /** A comment that accepts what a rule says of the statement that it stands before or in. */
    private static final Pattern IGNORE = Pattern.compile("--\\s*lint:ignore\\s+(\\S+)[ \\t]*(.*)");
    /** A line of the file lint.ignore, for migrations that are applied and must not be edited: V8 rule reason. */
    private static final Pattern IGNORE_LINE = Pattern.compile("([VR]\\S*)\\s+(\\S+)\\s+(\\S.*)");

    /** @param rows in the table now, or null where there is no table or they are not known */
    public record Finding(
            String file,
            int line,
            String rule,
            String severity,
            String table,
            Long rows,
            String subject,
            String cure,
            String ignored) {
        public boolean isDangerous() {
            return severity.equals(LintRule.DANGEROUS) && ignored == null;
        }

        Map<String, Object> json() {
            return Json.object(
                    "file",
                    file,
                    "line",
                    line,
                    "rule",
                    rule,
                    "severity",
                    severity,
                    "table",
                    table,
                    "rows",
                    rows,
                    "subject",
                    subject,
                    "why",
                    LintRule.all().get(rule).why(),
                    "instead",
                    cure,
                    "ignored",
                    ignored);
        }
    }

    /** What one statement did to tables that were there before. */
    public record Trace(
            String file,
            int line,
            String statement,
            Duration took,
            Map<String, String> locks,
            List<String> rewritten,
            List<Finding> findings) {
        public Map<String, Object> json() {
            return Json.object(
                    "file",
                    file,
                    "line",
                    line,
                    "statement",
                    statement,
                    "ms",
                    took == null ? null : took.toMillis(),
                    "locks",
                    locks,
                    "rewritten",
                    rewritten,
                    "findings",
                    findings.stream().map(Finding::json).toList());
        }
    }

    private final Map<String, Long> rows;
    private final long big;
    private final List<Trace> traces = new ArrayList<>();
    /** The tables that a statement of the file went through whole already. */
    private final Set<Long> passed = new HashSet<>();
    /** What was there before the first statement. */
    private CatalogSnapshot start;

    /** @param rows how many each table of the target has; one that is not there has none */
    public StatementTracer(Map<String, Long> rows, long big) {
        this.rows = rows;
        this.big = big;
    }

    /** How many rows each table has, counted only where the server has not done so and only as far as it matters. */
    public static Map<String, Long> rows(Connection c, long big) throws SQLException {
        Map<String, Long> rows = new HashMap<>();
        Map<String, String> uncounted = new HashMap<>();
        Database.list(
                c,
                """
                SELECT reltuples::bigint, format('%I.%I', nspname, relname), relkind FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
                WHERE relkind IN ('r', 'p') AND relpersistence <> 't' AND nspname NOT LIKE 'pg\\_%' AND nspname NOT IN ('information_schema', 'avdaily_ops')""",
                row -> {
                    String name = row.getString(2).replaceFirst("^public\\.", "");
                    if (row.getLong(1) > 0 && row.getString(3).equals("r")) rows.put(name, row.getLong(1));
                    else uncounted.put(name, row.getString(2));
                    return null;
                });
        for (Map.Entry<String, String> table : uncounted.entrySet()) {
            try {
                rows.put(
                        table.getKey(),
                        Database.one(
                                c,
                                "SELECT count(*) FROM (SELECT FROM " + table.getValue() + " LIMIT " + (big + 1) + ") t",
                                Long.class));
            } catch (SQLException e) {
                rows.put(table.getKey(), null); // may not be read: it counts as big
            }
        }
        return rows;
    }

    public List<Trace> traces() {
        return traces;
    }

    /** Forgets an attempt that did not get its locks. */
    void begin() {
        traces.clear();
        start = null;
    }

    /** Runs files that are one transaction, in which locks add up; it is left open. */
    void transaction(Connection c, List<MigrationScript> files) throws SQLException {
        c.setAutoCommit(false);
        for (MigrationScript file : files) run(c, file);
    }

    /** Runs a file whose statements are each a transaction of their own. */
    void byItself(Connection c, MigrationScript file) throws SQLException {
        c.setAutoCommit(true);
        run(c, file);
    }

    private void run(Connection c, MigrationScript file) throws SQLException {
        String name = ResourceFolder.show(file.file());
        Ignored ignored = new Ignored(file);
        if (start == null) start = CatalogSnapshot.of(c);
        CatalogSnapshot first = CatalogSnapshot.of(c);
        CatalogSnapshot before = first;
        SqlStatement last = null;
        for (SqlStatement statement : file.statements()) {
            long begin = System.nanoTime();
            try {
                MigrationScript.execute(c, statement);
            } catch (SQLException e) {
                throw MigrationScript.broken(
                        file.name(),
                        statement.getLineNumber(),
                        statement.getSql(),
                        e,
                        "nothing was changed, it was only tried",
                        "run lint again.");
            }
            Duration took = Duration.ofNanos(System.nanoTime() - begin);
            CatalogSnapshot after = CatalogSnapshot.of(c);
            List<StatementChecks.Broken> broken =
                    new ArrayList<>(StatementChecks.of(start, before, after, statement.getSql()));
            broken.addAll(secondPasses(before, after, statement));
            Map<String, String> locks = new HashMap<>();
            after.newLocks(before, start).forEach((table, mode) -> locks.put(table.name(), mode));
            CatalogSnapshot was = before;
            List<String> rewritten = start.tables.values().stream()
                    .filter(t -> after.rewrote(t.oid(), was))
                    .map(CatalogSnapshot.Table::name)
                    .toList();
            traces.add(new Trace(
                    name,
                    statement.getLineNumber(),
                    MigrationScript.brief(statement),
                    took,
                    locks,
                    rewritten,
                    findings(name, statement, broken, was, after, ignored)));
            before = after;
            last = statement;
        }
        if (last == null) return;
        traces.add(new Trace(
                name,
                last.getLineNumber(),
                "",
                null,
                Map.of(),
                List.of(),
                findings(name, last, StatementChecks.unindexed(first, before), first, before, ignored)));
        unfounded(name, ignored);
        passed.clear();
    }

    /** What can be said of a file without running it, because it cannot run here, or not at all. */
    boolean mixesTransactionModes(MigrationScript file) {
        List<SqlStatement> statements = file.statements();
        SqlStatement alone = statements.stream()
                .filter(s -> !s.canExecuteInTransaction())
                .findFirst()
                .orElse(null);
        if (alone == null || statements.stream().noneMatch(SqlStatement::canExecuteInTransaction)) return false;
        Ignored ignored = new Ignored(file);
        List<StatementChecks.Broken> broken = List.of(new StatementChecks.Broken(
                "no-transaction-among-others",
                null,
                MigrationScript.brief(alone),
                "put it into a migration of its own"));
        traces.add(new Trace(
                ResourceFolder.show(file.file()),
                alone.getLineNumber(),
                MigrationScript.brief(alone),
                null,
                Map.of(),
                List.of(),
                findings(ResourceFolder.show(file.file()), alone, broken, null, null, ignored)));
        return true;
    }

    void untraced(MigrationScript file) {
        for (SqlStatement s : file.statements())
            traces.add(new Trace(
                    ResourceFolder.show(file.file()),
                    s.getLineNumber(),
                    "not traced, it cannot run in a transaction: " + MigrationScript.brief(s),
                    null,
                    Map.of(),
                    List.of(),
                    List.of()));
    }

    private List<StatementChecks.Broken> secondPasses(
            CatalogSnapshot before, CatalogSnapshot after, SqlStatement statement) {
        if (!statement.getSql().strip().toLowerCase().startsWith("alter")) return List.of();
        List<StatementChecks.Broken> broken = new ArrayList<>();
        for (CatalogSnapshot.Table t : start.tables.values())
            if ((after.rewrote(t.oid(), before) || after.scanned(t.oid(), before)) && !passed.add(t.oid()))
                broken.add(new StatementChecks.Broken(
                        "several-passes",
                        t.oid(),
                        t.name(),
                        "ALTER TABLE " + t.name() + " <all the actions, separated by commas>;"));
        return broken;
    }

    private List<Finding> findings(
            String file,
            SqlStatement statement,
            List<StatementChecks.Broken> broken,
            CatalogSnapshot before,
            CatalogSnapshot after,
            Ignored ignored) {
        int end = statement.getLineNumber()
                + (int) statement.getSql().chars().filter(c -> c == '\n').count();
        List<Finding> findings = new ArrayList<>();
        for (StatementChecks.Broken b : broken) {
            LintRule rule = LintRule.all().get(b.rule());
            String table = b.table() == null
                    ? null
                    : (before.tables.containsKey(b.table()) ? before : after)
                            .tables
                            .get(b.table())
                            .name();
            Long count = table == null || !start.tables.containsKey(b.table())
                    ? null
                    : rows.getOrDefault(start.tables.get(b.table()).name(), 0L);
            boolean small = rule.onBigTables() && count != null && count < big;
            findings.add(new Finding(
                    file,
                    statement.getLineNumber(),
                    rule.id(),
                    small ? LintRule.INFO : rule.severity(),
                    table,
                    count,
                    b.subject(),
                    b.cure(),
                    ignored.reason(rule.id(), end)));
        }
        ignored.passed(end);
        return findings;
    }

    /** A comment without reason is a finding by itself; one that names no rule is a mistake. */
    private void unfounded(String file, Ignored ignored) {
        ignored.withoutReason.forEach((line, rule) -> traces.add(new Trace(
                file,
                line,
                "",
                null,
                Map.of(),
                List.of(),
                List.of(new Finding(
                        file,
                        line,
                        "ignored-without-reason",
                        LintRule.DANGEROUS,
                        null,
                        null,
                        rule,
                        "-- lint:ignore " + rule + " <why it is right here>",
                        null)))));
    }

    /** What a file, and lint.ignore beside it, accept with a reason. */
    private static final class Ignored {
        private record Comment(int line, String rule, String reason) {}

        private final List<Comment> comments = new ArrayList<>();
        private final Map<String, String> wholeFile = new HashMap<>();
        final Map<Integer, String> withoutReason = new HashMap<>();
        private int from;

        Ignored(MigrationScript script) {
            List<String> lines = script.text().lines().toList();
            for (int i = 0; i < lines.size(); i++) {
                Matcher m = IGNORE.matcher(lines.get(i));
                if (!m.find()) continue;
                mustBeRule(m.group(1), ResourceFolder.show(script.file()) + " line " + (i + 1));
                if (m.group(2).isBlank()) withoutReason.put(i + 1, m.group(1));
                else comments.add(new Comment(i + 1, m.group(1), m.group(2).strip()));
            }
            Path beside = script.file().resolveSibling("lint.ignore");
            if (!Files.exists(beside)) return;
            for (String line : lines(beside)) {
                if (line.isBlank() || line.startsWith("#")) continue;
                Matcher m = IGNORE_LINE.matcher(line);
                if (!m.matches())
                    throw Failure.usage(
                            ResourceFolder.show(beside) + " cannot be read: '" + line + "'",
                            "write a line as in: V8 index-not-concurrent the reason why it is right.");
                mustBeRule(m.group(2), ResourceFolder.show(beside));
                if (script.name().startsWith(m.group(1) + "__"))
                    wholeFile.put(m.group(2), m.group(3).strip());
            }
        }

        private static void mustBeRule(String rule, String where) {
            if (!LintRule.all().containsKey(rule))
                throw Failure.usage(
                        where + " ignores a rule that there is not: " + rule,
                        "'avdaily-migrate lint --rules' lists them.");
        }

        private static List<String> lines(Path file) {
            try {
                return Files.readAllLines(file);
            } catch (IOException e) {
                throw Failure.usage(
                        ResourceFolder.show(file) + " cannot be read: " + e.getMessage(), "make it readable for you.");
            }
        }

        /** Why the rule is accepted for the statement that ends on that line, or null. */
        String reason(String rule, int end) {
            return comments.stream()
                    .filter(c -> c.rule.equals(rule) && c.line > from && c.line <= end)
                    .map(Comment::reason)
                    .findFirst()
                    .orElse(wholeFile.get(rule));
        }

        void passed(int end) {
            from = Math.max(from, end);
        }
    }

    public List<Finding> findings() {
        return traces.stream().flatMap(trace -> trace.findings.stream()).collect(Collectors.toList());
    }
}
