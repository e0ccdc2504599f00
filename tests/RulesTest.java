import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.base.Failure;
import avdaily.db.Database;
import avdaily.db.DatabaseUrl;
import avdaily.db.Environment;
import avdaily.db.OperationLog;
import avdaily.integrity.AcceptedFindings;
import avdaily.integrity.CheckReport;
import avdaily.integrity.Checker;
import avdaily.integrity.Defects;
import avdaily.integrity.Fixer;
import avdaily.integrity.Rule;
import avdaily.integrity.RuleFiles;
import avdaily.integrity.RuleResult;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Each of AV-Daily's rules: what breaks it is found, and nothing else; what is fixed is gone; what is undone is back.
 */
class RulesTest extends ScriptTest {
    private static final List<String> ENVIRONMENTS = List.of("development", "testing", "staging", "demo");
    private static final Set<Rule.Category> OF_DATA =
            Set.of(Rule.Category.ORPHANS, Rule.Category.BUSINESS, Rule.Category.CONSISTENCY);
    private static final int TIMES = 2;
    private static final int RUNS = 5;

    private static final Defects DEFECTS = Defects.read();
    /** The rules with every setting set, so that all of them are on. */
    private static List<Rule> rules;
    /** A seeded database of each environment, to be copied. */
    private static final Map<String, DatabaseUrl> TEMPLATES = new LinkedHashMap<>();

    @BeforeAll
    static void seedOnce() {
        rules = RuleFiles.read(TestServer.SETTINGS, everythingOn());
        for (String environment : ENVIRONMENTS) {
            DatabaseUrl db = TestServer.newDatabase();
            run(db, "deploy", environment, "--seed", "--yes").expect(0);
            TEMPLATES.put(environment, db);
        }
    }

    private static Path everythingOn() {
        Path file = TestServer.temporary("rules").resolve("settings.yaml");
        Map<String, String> settings = new TreeMap<>();
        DEFECTS.rules().forEach(rule -> settings.putAll(DEFECTS.settings(rule)));
        write(
                file,
                "settings:\n"
                        + settings.entrySet().stream()
                                .map(setting -> "  " + setting.getKey() + ": '"
                                        + setting.getValue()
                                                .strip()
                                                .replaceAll("\\s+", " ")
                                                .replace("'", "''") + "'\n")
                                .collect(Collectors.joining()));
        return file;
    }

    private static CheckReport check(Database db, boolean quick) throws SQLException {
        return Checker.check(
                db,
                rules,
                new Checker.Options(
                        quick,
                        Set.of(),
                        OF_DATA,
                        Checker.Options.defaultJobs(),
                        Duration.ofMinutes(1),
                        AcceptedFindings.NONE));
    }

    private static Map<String, String> verdicts(CheckReport checkup) {
        return checkup.outcomes().stream()
                .collect(Collectors.toMap(outcome -> outcome.rule().id(), RulesTest::verdict));
    }

    private static String verdict(RuleResult outcome) {
        return outcome.kind() + " " + outcome.keys() + " " + outcome.reason();
    }

    /** The rules, but for this one, whose verdicts are not the same. */
    private static Set<String> difference(Map<String, String> before, Map<String, String> after, String but) {
        return before.keySet().stream()
                .filter(rule -> !rule.equals(but) && !before.get(rule).equals(after.get(rule)))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static RuleResult outcome(CheckReport checkup, String rule) {
        return checkup.outcomes().stream()
                .filter(outcome -> outcome.rule().id().equals(rule))
                .findFirst()
                .orElseThrow();
    }

    private static List<String> keys(CheckReport checkup, String rule) {
        return outcome(checkup, rule).keys().stream().sorted().toList();
    }

    /** The content of every table, byte for byte. */
    private static Map<String, String> content(Connection c) throws SQLException {
        Map<String, String> content = new TreeMap<>();
        for (String table : Database.list(
                c,
                "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND relnamespace = "
                        + "'public'::regnamespace",
                row -> row.getString(1)))
            content.put(
                    table,
                    Database.one(
                            c,
                            "SELECT count(*) || ' ' || md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) "
                                    + "FROM "
                                    + table + " t",
                            String.class));
        return content;
    }

    @Test
    void everyRuleHasItsDefectAndEveryDefectItsRule() {
        Set<String> ids = RuleFiles.read(TestServer.SETTINGS, null).stream()
                .filter(rule -> rule.from().toString().contains("integrity.yaml"))
                .map(Rule::id)
                .collect(Collectors.toCollection(TreeSet::new));
        assertTrue(ids.size() > 100, ids.toString());
        assertEquals(ids, new TreeSet<>(DEFECTS.rules()));
    }

    @Test
    void everySeededEnvironmentPasses() throws Exception {
        for (String environment : ENVIRONMENTS)
            try (Database db =
                    Database.at(TEMPLATES.get(environment), Environment.parse(environment), TestServer.INVOCATION)) {
                assertEquals(List.of(), notPassed(check(db, false)), environment);
            }
        DatabaseUrl minimal = migrated();
        run(minimal, "seed", "development", "--minimal").expect(0);
        try (Database db = Database.at(minimal, Environment.DEVELOPMENT, TestServer.INVOCATION)) {
            assertEquals(
                    List.of(),
                    check(db, false).findings(Rule.Severity.WARNING).stream()
                            .map(outcome -> outcome.rule().id())
                            .toList());
        }
    }

    private static List<String> notPassed(CheckReport checkup) {
        return checkup.outcomes().stream()
                .filter(outcome -> !outcome.is(RuleResult.Kind.PASS))
                .map(outcome ->
                        outcome.rule().id() + " " + outcome.kind() + " " + outcome.keys() + " " + outcome.reason())
                .toList();
    }

    /**
     * Rule after rule in one database: each time, what was found before stays as it was, and what was planted is found
     * besides. In short, that is done for rules that can be fixed.
     */
    @Test
    void whatIsPlantedIsFoundAndFixedAndUndone() throws Exception {
        try (Database db = Database.at(copyOf("development"), Environment.DEVELOPMENT, TestServer.INVOCATION)) {
            CheckReport sound = check(db, false);
            Map<String, String> before = verdicts(sound);
            Map<String, List<String>> planted = new TreeMap<>();
            for (String rule : DEFECTS.rules()) {
                if (!LongForm.IS_ASKED_FOR && !outcome(sound, rule).rule().isFixable()) continue;
                if (DEFECTS.loosen(db.projectConnection(), rule))
                    before = verdicts(check(db, false)); // a missing constraint is a finding of its own
                planted.put(rule, plant(db, rule));
                CheckReport found = check(db, false);
                assertEquals(planted.get(rule), keys(found, rule), rule);
                Map<String, String> after = verdicts(found);
                assertEquals(DEFECTS.also(rule), difference(before, after, rule), rule + " and no other rule");
                Rule fixed = outcome(found, rule).rule();
                if (fixed.isFixable()) proveFix(db, fixed, before);
                before = after;
            }
            CheckReport quick = check(db, true);
            for (RuleResult outcome : quick.outcomes())
                if (outcome.rule().quick() && planted.containsKey(outcome.rule().id()))
                    assertEquals(before.get(outcome.rule().id()), verdict(outcome), "quick check");
        }
    }

    private static void proveFix(Database db, Rule rule, Map<String, String> before) throws Exception {
        Map<String, String> broken = content(db.projectConnection());
        OperationLog run = OperationLog.begin(db, "integrity fix");
        List<Fixer.FixResult> done =
                new Fixer(db, 1000, AcceptedFindings.NONE).fix(List.of(rule), Optional.empty(), run);
        assertEquals("null", String.valueOf(done.get(0).error()), rule.id() + " fixed");
        assertEquals(
                Set.of(),
                difference(before, verdicts(check(db, false)), null),
                rule.id() + " is gone when it is fixed");
        Fixer.undo(db, run.id());
        assertEquals(broken, content(db.projectConnection()), rule.id() + " undone");
    }

    @Test
    void everythingPlantedAtOnceIsFoundInEveryEnvironment() throws Exception {
        List<String> environments = LongForm.IS_ASKED_FOR ? ENVIRONMENTS : List.of("testing");
        for (String environment : environments)
            try (Database db =
                    Database.at(copyOf(environment), Environment.parse(environment), TestServer.INVOCATION)) {
                Map<String, List<String>> planted = new TreeMap<>();
                for (String rule : DEFECTS.rules()) planted.put(rule, plant(db, rule));
                CheckReport found = check(db, false);
                planted.forEach((rule, keys) -> assertTrue(
                        keys(found, rule).containsAll(keys),
                        () -> rule + " in " + environment + ": " + keys + " are not in " + keys(found, rule)));
            }
    }

    private static DatabaseUrl copyOf(String environment) {
        return TestServer.newDatabase(TEMPLATES.get(environment).database());
    }

    private static List<String> plant(Database db, String rule) throws Exception {
        return db.inProjectTransaction(c -> DEFECTS.plant(c, rule, Math.min(TIMES, DEFECTS.most(rule))));
    }

    @Test
    void whatCannotBeBrokenIsSaid() throws Exception {
        DatabaseUrl copy = TestServer.newDatabase(TEMPLATES.get("testing").database());
        try (Database db = Database.at(copy, Environment.TESTING, TestServer.INVOCATION)) {
            assertEquals(
                    Failure.Kind.USAGE,
                    assertThrows(Failure.class, () -> DEFECTS.plant(db.projectConnection(), "BIZ-43", 2)).kind);
            execute(copy, "DELETE FROM user_roles");
            assertEquals(
                    Failure.Kind.REFUSED,
                    assertThrows(Failure.class, () -> DEFECTS.plant(db.projectConnection(), "BIZ-43", 1)).kind);
        }
    }

    @Test
    void moneyThatMovesIsNoFinding() throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        AtomicInteger moves = new AtomicInteger();
        try (Database db = Database.at(copyOf("staging"), Environment.STAGING, TestServer.INVOCATION)) {
            List<String> users = Database.list(
                    db.projectConnection(),
                    "SELECT user_id::text FROM wallets WHERE balance >= 1000 ORDER BY id",
                    row -> row.getString(1));
            ExecutorService writers = Executors.newFixedThreadPool(3);
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < 3; i++)
                running.add(writers.submit(() -> {
                    while (!stop.get()) {
                        int n = moves.incrementAndGet();
                        db.inProjectTransaction(c -> move(
                                c,
                                users.get(n % users.size()),
                                users.get((n + 1 + n / users.size() % (users.size() - 1)) % users.size()),
                                n));
                    }
                    return null;
                }));
            try {
                for (int i = 0; i < RUNS; i++) {
                    int before = moves.get();
                    assertEquals(List.of(), notPassed(check(db, false)), "run " + i);
                    assertTrue(moves.get() > before, "somebody must write meanwhile");
                }
            } finally {
                stop.set(true);
                for (Future<?> writer : running) writer.get();
                writers.shutdown();
            }
        }
    }

    /** One naira from a wallet to another, with everything that follows from it. */
    private static Void move(Connection c, String from, String to, int n) throws SQLException {
        Database.run(c, "SELECT FROM wallets WHERE user_id IN ('" + from + "', '" + to + "') ORDER BY id FOR UPDATE");
        Database.run(
                c,
                """
                INSERT INTO transactions (user_id, amount, currency, type, status, reference, created_at,
                    completed_at, payment_source)
                SELECT user_id::uuid, 1, 'NGN', type, 'completed', 'TXN-MOVE-' || reference, at, at, 'wallet'
                FROM (VALUES ('%1$s', 'withdrawal', '%3$d0'), ('%2$s', 'deposit', '%3$d1')) v (user_id,
                    type, reference), (SELECT clock_timestamp() AT TIME ZONE 'Africa/Lagos' AS at) now;
                UPDATE wallets SET balance = balance - 1 WHERE user_id = '%1$s';
                UPDATE wallets SET balance = balance + 1 WHERE user_id = '%2$s';
                UPDATE user_analytics SET total_withdrawn = total_withdrawn + 1 WHERE user_id = '%1$s'"""
                        .formatted(from, to, n));
        return null;
    }
}
