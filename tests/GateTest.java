import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.db.DatabaseUrl;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The gate before everything that writes: no command gets round it, and no file in the folder opens it. */
@Execution(ExecutionMode.CONCURRENT)
class GateTest extends ScriptTest {
    private static final String DEPLOY = "DB_DEPLOY_ALLOW_PRODUCTION";
    private static final Set<String> RESTORE = Set.of("DB_RESTORE_CONFIRM", "DB_RESTORE_ALLOW_PRODUCTION");
    private static final List<String> ALL = List.of(
            DEPLOY,
            "DB_RESTORE_CONFIRM",
            "DB_RESTORE_ALLOW_PRODUCTION",
            "DB_FIX_ALLOW_PRODUCTION",
            "DB_PRUNE_ALLOW_PRODUCTION",
            "DB_RESET_CONFIRM");

    /** Brings a new database to where the deed has something to do. */
    private interface Setup {
        void on(Place place) throws Exception;
    }

    /**
     * A command that writes.
     *
     * @param confirm what it needs everywhere
     * @param production what it needs besides in production with nobody at a terminal; null if it is never done there
     */
    private record Deed(Set<String> confirm, Set<String> production, Setup setup, String... words) {
        boolean isForbidden() {
            return production == null;
        }

        /** It fills empty tables only. */
        boolean isGeneration() {
            return List.of(words).contains("generate");
        }

        Set<String> permission(String environment) {
            return environment.equals("production") && !isForbidden() ? production : confirm;
        }
    }

    private static Deed deed(Setup setup, String... words) {
        return new Deed(Set.of(), Set.of(DEPLOY), setup, words);
    }

    private static Deed deed(Set<String> production, Setup setup, String... words) {
        return new Deed(
                production.contains("DB_RESTORE_CONFIRM") ? Set.of("DB_RESTORE_CONFIRM") : Set.of(),
                production,
                setup,
                words);
    }

    private static Deed never(Setup setup, String... words) {
        return new Deed(Set.of(), null, setup, words);
    }

    /** All commands that write. */
    private static final List<Deed> DEEDS = List.of(
            deed(place -> {}, "migrate", "up"),
            deed(Place::migrated, "migrate", "rollback"),
            deed(Place::changed, "migrate", "repair"),
            deed(
                    place -> execute(place.db, "CREATE TABLE a (id int PRIMARY KEY)"),
                    "migrate",
                    "baseline",
                    "--version",
                    "1"),
            deed(Set.of("DB_FIX_ALLOW_PRODUCTION"), Place::broken, "integrity", "fix", "--rules", "rules.yaml"),
            deed(Set.of("DB_FIX_ALLOW_PRODUCTION"), Place::fixed, "integrity", "fix", "--undo", "RUN"),
            deed(Set.of("DB_PRUNE_ALLOW_PRODUCTION"), Place::backedUpTwice, "backup", "prune", "--keep-last", "1"),
            never(Place::migrated, "seed", "--clean", "--seeds", "seeds"),
            never(Place::migrated, "seed", "generate", "--users", "10", "--recipe", "recipe.yaml"),
            deed(RESTORE, Place::backedUpTwice, "restore", "--latest"),
            deed(RESTORE, Place::backedUpTwice, "restore", "--latest", "--table", "b", "--as", "b_restored"),
            deed(RESTORE, Place::backedUpWithGlobals, "restore", "--latest", "--globals"),
            deed(RESTORE, Place::restored, "restore", "--back"),
            deed(place -> {}, "deploy"),
            deed(Place::deployed, "deploy", "rollback"),
            deed(
                    Set.of("DB_RESTORE_CONFIRM", "DB_RESTORE_ALLOW_PRODUCTION", DEPLOY),
                    Place::deployed,
                    "deploy",
                    "rollback",
                    "--restore"),
            new Deed(
                    Set.of("DB_RESET_CONFIRM"),
                    Set.of("DB_RESET_CONFIRM", "DB_RESET_ALLOW_PRODUCTION"),
                    Place::migrated,
                    "db",
                    "reset"));

    /** A database of an environment, and a folder with all that the deeds read. */
    private static final class Place {
        final String environment;
        final DatabaseUrl db = TestServer.newDatabase();
        final Path folder = TestServer.temporary("gate");

        Place(String environment) {
            this.environment = environment;
            write(folder.resolve("migrations/V1__a.sql"), "CREATE TABLE a (id int PRIMARY KEY);");
            write(folder.resolve("migrations/U1__a.sql"), "DROP TABLE a;");
            write(folder.resolve("seeds/" + environment + "/a.yaml"), "- {id: 1}\n");
            write(folder.resolve("recipe.yaml"), "tables:\n  a: {rows: 10, columns: {id: {sequence: 1}}}\n");
            write(
                    folder.resolve("rules.yaml"),
                    "rules:\n- {id: BAD-1, category: business, severity: critical, means: All are good., table: a,"
                            + " where: id < 0, fix: {kind: quarantine}}\n");
        }

        Command command(String... words) {
            return ScriptTest.command(
                            db,
                            words[0],
                            List.of(words).subList(1, words.length).toArray(String[]::new))
                    .in(folder)
                    .with("AVDAILY_MIGRATIONS", "migrations")
                    .with("AVDAILY_ENV", environment);
        }

        Run permitted(String... words) {
            Command command = command(words).and("--yes");
            ALL.forEach(variable -> command.with(variable, "1"));
            return command.run();
        }

        /** Two deployments; only the second one made a backup. */
        void deployed() {
            permitted("deploy", environment).expect(0);
            second();
            permitted("deploy", environment).expect(0);
        }

        void migrated() {
            second();
            permitted("migrate", "up").expect(0);
        }

        /** The second migration found something that a backup keeps. */
        void backedUp() {
            permitted("migrate", "up").expect(0);
            migrated();
        }

        private void second() {
            write(folder.resolve("migrations/V2__b.sql"), "CREATE TABLE b (id int);");
            write(folder.resolve("migrations/U2__b.sql"), "DROP TABLE b;");
        }

        void changed() {
            migrated();
            write(folder.resolve("migrations/V2__b.sql"), "CREATE TABLE b (id int); -- another text");
        }

        void broken() {
            permitted("migrate", "up").expect(0);
            execute(db, "INSERT INTO a VALUES (-1), (1)");
        }

        void fixed() {
            broken();
            permitted("integrity", "fix", "--rules", "rules.yaml").expect(0);
        }

        /** The number of the newest fix. */
        String fix() {
            return value(db, "SELECT max(id) FROM avdaily_ops.operation WHERE command = 'integrity fix'");
        }

        void backedUpTwice() {
            backedUp();
            permitted("backup").expect(0);
        }

        void backedUpWithGlobals() {
            permitted("migrate", "up").expect(0);
            permitted("backup", "create", "--globals").expect(0);
        }

        void restored() {
            backedUp();
            permitted("restore", "--latest").expect(0);
        }

        /** Everything that a deed may change. */
        String state() throws Exception {
            try (Stream<Path> files = Files.walk(folder)) {
                return rows(db) + schema(db) + files.sorted().toList();
            }
        }
    }

    /** Commands that change no database and no backup, or have no gate for another reason. */
    private static final Set<String> OTHERS = Set.of(
            "backup compare, backup create, backup info, backup list, backup verify",
            "db doctor, db init, db start, db status, db stop, db url",
            "deploy approve, deploy history, deploy plan",
            "integrity check, integrity quick, integrity report, integrity rules",
            "migrate generate, migrate history, migrate lint, migrate new, migrate status, migrate validate",
            "migrate verify-undo, monitor, seed export, seed recipe, studio");

    /** A command that comes later is in the table, or somebody says here why it need not be. */
    @Test
    void everyCommandIsInTheTableOrChangesNothing() {
        Set<String> missing = new TreeSet<>(CommandHelp.all().keySet());
        missing.removeIf(command -> CommandHelp.all().keySet().stream()
                .anyMatch(other -> other.startsWith(command + " ") && !isDeed(command)));
        missing.removeIf(GateTest::isDeed);
        OTHERS.forEach(list -> missing.removeAll(List.of(list.split(", "))));
        assertEquals(Set.of(), missing);
    }

    /** In production they need no variable, and so leave everything as it was. */
    @Test
    void whatHasNoGateChangesNothing() throws Exception {
        Place place = new Place("production");
        place.backedUp();
        Path outside = TestServer.temporary("gate").resolve("own");
        String before = place.state();
        for (List<String> words : List.of(
                List.of("db", "doctor", "--try"),
                List.of("db", "init", "--from-database", outside.toString()),
                List.of("migrate", "lint", "--on-target"),
                List.of("restore", "--latest", "--dry-run"))) {
            Run run = place.command(words.toArray(String[]::new)).run();
            assertTrue(run.code() == 0 || run.code() == 22, words + " " + run.code() + run.out() + run.err());
            assertEquals(before, place.state(), words::toString);
        }
    }

    private static boolean isDeed(String command) {
        return DEEDS.stream()
                .map(deed -> String.join(" ", deed.words) + " ")
                .anyMatch(words -> words.startsWith(command + " "));
    }

    private static Command command(Place place, Deed deed, Set<String> variables) {
        List<String> words = new ArrayList<>(List.of(deed.words));
        words.replaceAll(word -> word.equals("RUN") ? place.fix() : word);
        if (words.get(0).equals("deploy")) words.add(place.environment);
        Command command = place.command(words.toArray(String[]::new));
        if (words.contains("--globals")) { // the file has roles that other tests have dropped since
            DatabaseUrl superuser = TestServer.admin().withDatabase(place.db.database());
            command.with("DATABASE_URL", superuser.withPassword()).with("AVDAILY_TRUSTED_ROLES", place.db.user());
        }
        variables.forEach(variable -> command.with(variable, "1"));
        return command;
    }

    @Test
    void inProductionNothingIsDoneUnattendedWithoutItsVariable() throws Exception {
        for (Deed deed : DEEDS) {
            Place place = new Place("production");
            if (!deed.isForbidden() || deed.isGeneration()) deed.setup.on(place);
            String before = place.state();
            Run run = command(place, deed, Set.of()).and("--yes").run().expect(21, "production");
            for (String variable : deed.permission("production"))
                assertTrue(run.err().contains(variable + "=1 "), variable + " is not in:\n" + run.err());
            for (String variable : deed.permission("production")) {
                List<String> others = new ArrayList<>(deed.permission("production"));
                others.remove(variable);
                command(place, deed, Set.copyOf(others)).and("--yes").run().expect(21, variable);
            }
            assertEquals(before, place.state(), String.join(" ", deed.words));
            if (deed.isForbidden()) {
                command(place, deed, Set.copyOf(ALL)).and("--yes").run().expect(21, "production");
                assertEquals(before, place.state(), String.join(" ", deed.words));
            } else {
                command(place, deed, deed.permission("production")).run().expect(21, "--yes");
                command(place, deed, deed.permission("production"))
                        .and("--yes")
                        .run()
                        .expect(0);
            }
        }
    }

    @Test
    @LongForm
    void inStagingNobodyHasToSetMoreThanBefore() throws Exception {
        for (Deed deed : DEEDS) {
            if (deed.isGeneration()) continue;
            Place place = new Place("staging");
            deed.setup.on(place);
            String before = place.state();
            command(place, deed, deed.confirm).run().expect(21, "--yes");
            for (String variable : deed.confirm)
                command(place, deed, Set.of()).and("--yes").run().expect(21, variable + "=1");
            assertEquals(before, place.state(), String.join(" ", deed.words));
            command(place, deed, deed.confirm).and("--yes").run().expect(0);
        }
    }

    @Test
    void atATerminalAPersonIsAsked() throws Exception {
        everyDeedAsks("production");
    }

    @Test
    @LongForm
    void inStagingAPersonIsAskedToo() throws Exception {
        everyDeedAsks("staging");
    }

    private static void everyDeedAsks(String environment) throws Exception {
        try (SharedTerminal terminal = new SharedTerminal()) {
            for (Deed deed : DEEDS) if (!deed.isGeneration()) isAsked(terminal, deed, environment);
        }
    }

    private static void isAsked(SharedTerminal terminal, Deed deed, String environment) throws Exception {
        Place place = new Place(environment);
        boolean isForbidden = deed.isForbidden() && environment.equals("production");
        if (!isForbidden) deed.setup.on(place);
        String before = place.state();
        Set<String> variables = deed.confirm.isEmpty() ? Set.of() : deed.permission(environment);
        terminal.start(command(place, deed, variables));
        if (!isForbidden) terminal.answer(environment.equals("production") ? "to go on:" : "\\[y/N]", "no\n");
        assertEquals(21, terminal.exitCode(), terminal::screen);
        assertTrue(terminal.screen().contains(isForbidden ? "Go on:" : "not confirmed"), terminal::screen);
        assertEquals(before, place.state(), String.join(" ", deed.words));
    }

    @Test
    void aRollbackInProductionKeepsWhatItTakesAway() throws Exception {
        Place place = new Place("production");
        place.backedUp();
        execute(place.db, "INSERT INTO b VALUES (7)");
        String before = place.state();
        Command command = place.command("migrate", "rollback", "--no-archive", "--yes");
        ALL.forEach(variable -> command.with(variable, "1"));
        command.run().expect(21, "never done in production", "leave --no-archive out");
        assertEquals(before, place.state());
        long backups = backups(place);
        place.permitted("migrate", "rollback").expect(0);
        assertEquals(backups + 1, backups(place));
        assertEquals("1", value(place.db, "SELECT count(*) FROM avdaily_ops.undone"));
    }

    private static long backups(Place place) throws Exception {
        try (Stream<Path> files = Files.list(place.folder.resolve("backups"))) {
            return files.filter(file -> file.toString().endsWith(".gz")).count();
        }
    }

    @Test
    void whereApprovalsAreDemandedOnlyAPlanChangesTheSchema() throws Exception {
        Place place = new Place("staging");
        place.deployed();
        write(place.folder.resolve("migrations/V3__c.sql"), "CREATE TABLE c (id int);");
        write(place.folder.resolve("avdaily.yaml"), "defaults: {approvals: 1}\n");
        String before = rows(place.db) + schema(place.db);
        for (String words : List.of("migrate up", "migrate rollback", "deploy staging", "deploy rollback", "db reset"))
            place.permitted(words.split(" ")).expect(21, "plan", "1 approval");
        write(place.folder.resolve("migrations/V2__b.sql"), "CREATE TABLE b (id int); -- another text");
        place.permitted("migrate", "repair").expect(21, "plan", "1 approval");
        write(
                place.folder.resolve("rules.yaml"),
                """
                rules:
                - {id: BAD-2, category: business, severity: warning, means: The index is there., key: [i],
                   query: "SELECT 'i' AS i, 'CREATE INDEX i ON a (id)' AS fix WHERE to_regclass('i') IS NULL",
                   fix: {kind: ddl, statement: fix}}
                """);
        place.permitted("integrity", "fix", "--rules", "rules.yaml", "--only", "BAD-2")
                .expect(21, "plan", "1 approval", "--only");
        assertEquals(before, rows(place.db) + schema(place.db));
        Place demo = new Place("demo");
        write(demo.folder.resolve("avdaily.yaml"), "defaults: {approvals: 1}\nenvironments: {demo: {approvals: 0}}\n");
        demo.permitted("migrate", "up").expect(0);
    }

    // -- what opens it, and what does not

    @Test
    void aFileInTheFolderAllowsNothing() throws Exception {
        Place place = new Place("production");
        place.backedUp();
        String before = place.state();
        write(
                place.folder.resolve(".env"),
                "DB_RESET_CONFIRM=1\n DB_RESET_ALLOW_PRODUCTION = yes \nDB_DEPLOY_ALLOW_PRODUCTION=\"1\"\n"
                        + "DB_DEPLOY_OUTSIDE_WINDOW='true'\nDB_RESTORE_CONFIRM=1\nDB_RESTORE_ALLOW_PRODUCTION=1\n");
        place.command("db", "reset", "--yes").run().expect(21, "DB_RESET_CONFIRM", "in .env it does not count");
        place.command("migrate", "rollback", "--yes").run().expect(21, DEPLOY, "in .env it does not count");
        place.command("restore", "--latest", "--yes").run().expect(21, "DB_RESTORE_CONFIRM");
        Files.delete(place.folder.resolve(".env"));
        assertEquals(before, place.state());
    }

    @Test
    void blanksAroundAVariableDoNotCount() {
        Place place = new Place("staging");
        place.migrated();
        for (String value : List.of("0", "no", "off", " ", "10", "1 1"))
            place.command("db", "reset", "--yes")
                    .with("DB_RESET_CONFIRM", value)
                    .run()
                    .expect(21, "DB_RESET_CONFIRM");
        place.command("db", "reset", "--yes")
                .with("DB_RESET_CONFIRM", " 1\r\n")
                .run()
                .expect(0);
        DatabaseUrl db = TestServer.newDatabase();
        command(db, "db", "reset", "--yes")
                .with("DB_RESET_CONFIRM", "1")
                .with("NODE_ENV", " production ")
                .run()
                .expect(21, "DB_RESET_ALLOW_PRODUCTION");
        write(place.folder.resolve(".env"), "NODE_ENV=\"production \"\n");
        command(db, "db", "reset", "--yes")
                .in(place.folder)
                .with("DB_RESET_CONFIRM", "1")
                .run()
                .expect(21, "DB_RESET_ALLOW_PRODUCTION");
    }

    @Test
    void aNameGivesProductionAwayAndTheRefusalSaysWhichPartOfIt() {
        for (Map.Entry<String, String> each :
                Map.of("storeprod", "prod", "livedb", "live", "prddb", "prd").entrySet()) {
            DatabaseUrl db = named(each.getKey());
            command(db, "db", "reset", "--yes")
                    .with("DB_RESET_CONFIRM", "1")
                    .run()
                    .expect(21, "DB_RESET_ALLOW_PRODUCTION", "'" + each.getValue() + "' in '", "says production");
        }
        command(named("preprod"), "db", "reset", "--yes")
                .with("DB_RESET_CONFIRM", "1")
                .run()
                .expect(0);
    }

    private static DatabaseUrl named(String word) {
        DatabaseUrl db = TestServer.newDatabase();
        String name = db.database() + "_" + word;
        execute(TestServer.admin(), "ALTER DATABASE " + db.database() + " RENAME TO " + name);
        return db.withDatabase(name);
    }

    @Test
    void theProjectSaysWhatItsDatabasesAreCalled() {
        DatabaseUrl db = named("shop_main");
        Path folder = TestServer.temporary("names");
        write(folder.resolve("avdaily.yaml"), "name: avdaily\nenvironments: {production: {names: [x, '*_Shop_*']}}\n");
        command(db, "db", "reset", "--yes")
                .in(folder)
                .with("DB_RESET_CONFIRM", "1")
                .run()
                .expect(21, "DB_RESET_ALLOW_PRODUCTION", "'*_Shop_*' fits '" + db.database() + "'");
        write(folder.resolve("avdaily.yaml"), "name: avdaily\nenvironments: {production: {names: [shop]}}\n");
        Run run = command(db, "migrate", "status", "--json").in(folder).run().expect(0);
        assertFalse(run.out().contains("production"), run.out());
        write(folder.resolve("avdaily.yaml"), "name: avdaily\ndefaults: {names: [shop]}\n");
        command(db, "migrate", "status").in(folder).run().expect(2, "avdaily.yaml line 2", "environment");
    }
}
