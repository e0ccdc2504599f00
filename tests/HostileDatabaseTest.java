import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import avdaily.db.Database;
import avdaily.db.DatabaseUrl;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A database cannot run its code as us: traps everywhere, each command as a superuser, and no trap fires. */
class HostileDatabaseTest extends ScriptTest {
    private static final String BELIEVED = "avdaily_ops is not to be believed";
    private static final String STRANGER = "could run a stranger's code as ";

    /** Operators and casts are beyond the schema reader: a pg_dump of the server's version helps, if there is one. */
    private static final Set<Integer> DEFINED = Set.of(0, 24);

    private static Command command(HostileDatabase hostile, Path folder, String script, String... arguments) {
        return command(hostile.asSuperuser(), script, arguments)
                .with("BACKUP_DIR", folder.resolve("backups").toString());
    }

    /** Runs a command as a superuser; it must end so, and have stepped on no trap. */
    private static Run tread(HostileDatabase hostile, Path folder, Set<Integer> codes, String script, String... words) {
        Run run = command(hostile, folder, script, words).run();
        String what = script + " " + String.join(" ", words) + "\n" + run.out() + run.err();
        assertEquals(Set.of(), hostile.fired(), what);
        assertTrue(codes.contains(run.code()), run.code() + " from " + what);
        return run;
    }

    /** The traps work: whoever is careless steps on them. */
    @Test
    void theTrapsFire() {
        HostileDatabase hostile = HostileDatabase.ofItsOwner().withForgedOps();
        for (String careless : List.of(
                "SELECT to_regclass('m.big')",
                "SELECT count(*) FROM pg_class",
                "SELECT format('%I', 'a'::text)",
                "SELECT 'a'::text = 'b'::text",
                "SELECT pg_catalog.count(*) FROM m.big",
                "SELECT id::text FROM m.child",
                "SELECT m.owned.id FROM m.owned WHERE d OPERATOR(pg_catalog.<>) ''",
                "SELECT pg_catalog.count(*) FROM m.v",
                "SELECT pg_catalog.max(name) FROM avdaily_ops.environment",
                "INSERT INTO m.owned (id) VALUES (9)",
                "UPDATE avdaily_ops.operation SET host = ''",
                "TRUNCATE m.big",
                "SET search_path = public; SELECT 'a'::name = 'b'::varchar",
                "SET search_path = public; SELECT format('%I.%I'::text, 'a'::name, 'b'::name)")) {
            Set<String> before = hostile.fired();
            try {
                execute(hostile.asSuperuser(), careless);
            } catch (AssertionError e) {
                // a trap may break what it sits in
            }
            Set<String> now = new TreeSet<>(hostile.fired());
            assertTrue(
                    now.removeAll(before) | !now.isEmpty() || careless.startsWith("UPDATE"),
                    () -> "nothing fired at " + careless);
        }
        Set<String> fired = hostile.fired();
        for (String kind : List.of(
                "evil_to_regclass",
                "evil_view_pg_class",
                "evil_operator",
                "public_format",
                "public_operator",
                "cast",
                "index_expression",
                "index_predicate",
                "view",
                "environment",
                "trigger_on_owned",
                "domain",
                "default",
                "generated_column"))
            assertTrue(fired.stream().anyMatch(name -> name.startsWith(kind)), () -> kind + " is not in " + fired);
    }

    @Test
    void noCommandStepsOnTheTrapsOfAnOwner() {
        HostileDatabase hostile = HostileDatabase.ofItsOwner();
        Path folder = TestServer.temporary("hostile");
        Run url = tread(hostile, folder, Set.of(0), "db", "url");
        assertTrue(url.err().contains("tenant owns"), url.err());
        assertEquals(1, url.err().split("GRANT pg_read_all_data TO reader", -1).length - 1, url.err());
        tread(hostile, folder, DEFINED, "backup", "create");
        tread(hostile, folder, Set.of(0), "migrate", "lint");
        tread(hostile, folder, Set.of(0), "migrate", "history");
        tread(hostile, folder, Set.of(0), "deploy", "history");
        tread(hostile, folder, Set.of(0, 21), "migrate", "status");
        tread(hostile, folder, Set.of(0, 21, 22), "migrate", "validate");
        Run quick = tread(hostile, folder, Set.of(0, 22), "integrity", "quick");
        assertTrue((quick.out() + quick.err()).contains("PRF-03"), quick.out());
        tread(hostile, folder, Set.of(0, 22), "integrity", "check");
        tread(
                hostile,
                folder,
                Set.of(0, 22),
                "integrity",
                "report",
                "--out",
                folder.resolve("r.html").toString());
        tread(hostile, folder, Set.of(0, 22), "monitor");
        for (List<String> words : List.of(
                List.of("migrate", "up", "--yes"),
                List.of("migrate", "up", "--dry-run"),
                List.of("migrate", "lint", "--on-target"),
                List.of("integrity", "fix", "--yes"),
                List.of("integrity", "fix", "--dry-run"),
                List.of("seed", "development", "--yes"),
                List.of("seed", "development", "--dry-run"),
                List.of("seed", "generate", "--users", "10", "--yes"),
                List.of("seed", "export", "--out", folder.resolve("export").toString()),
                List.of("deploy", "development", "--seed", "--yes"),
                List.of("deploy", "development", "--dry-run")))
            tread(
                    hostile,
                    folder,
                    Set.of(0, 1, 2, 21, 22),
                    words.get(0),
                    words.subList(1, words.size()).toArray(String[]::new));
        hostile.dropWhatNoBackupHolds();
        Set<String> before = hostile.fired();
        command(hostile, folder, "backup", "create").run().expect(0);
        command(hostile, folder, "backup", "verify").run().expect(0);
        command(hostile, folder, "db", "reset", "--yes")
                .with("DB_RESET_CONFIRM", "1")
                .run()
                .expect(0);
        assertEquals(before, hostile.fired());
    }

    @Test
    void aForgedLogIsRefusedByName() {
        HostileDatabase hostile = HostileDatabase.ofItsOwner().withForgedOps();
        Path folder = TestServer.temporary("hostile");
        for (List<String> words : List.of(
                List.of("db", "url"),
                List.of("backup", "create"),
                List.of("monitor"),
                List.of("integrity", "quick"),
                List.of("migrate", "status"),
                List.of("migrate", "up", "--yes"),
                List.of("deploy", "history"),
                List.of("deploy", "development", "--yes"),
                List.of("seed", "development", "--yes")))
            tread(
                            hostile,
                            folder,
                            Set.of(21),
                            words.get(0),
                            words.subList(1, words.size()).toArray(String[]::new))
                    .expect(21, BELIEVED, "environment is a view", "AVDAILY_TRUSTED_ROLES");
    }

    /** Where the database is ours, and a guest may create in the schema public. */
    @Test
    void noCommandStepsOnTheTrapsOfAGuest() {
        HostileDatabase hostile = HostileDatabase.ofItsGuest();
        Path folder = TestServer.temporary("hostile");
        tread(hostile, folder, Set.of(0), "db", "url");
        tread(hostile, folder, DEFINED, "backup", "create");
        tread(hostile, folder, Set.of(0), "migrate", "status");
        tread(hostile, folder, Set.of(0, 22), "migrate", "validate");
        tread(hostile, folder, Set.of(0), "migrate", "lint");
        tread(hostile, folder, Set.of(0), "deploy", "history");
        Run check = tread(hostile, folder, Set.of(0, 22), "integrity", "check", "--json");
        assertTrue(check.out().contains(STRANGER), check.out());
        tread(hostile, folder, Set.of(0, 22), "monitor");
        for (List<String> words : List.of(
                List.of("migrate", "up", "--dry-run"),
                List.of("migrate", "rollback", "--yes"),
                List.of("integrity", "fix", "--dry-run"),
                List.of("seed", "development", "--yes"),
                List.of("seed", "development", "--dry-run"),
                List.of("seed", "export", "--out", folder.resolve("export").toString()),
                List.of("deploy", "development", "--seed", "--yes")))
            tread(
                    hostile,
                    folder,
                    Set.of(0, 21, 22),
                    words.get(0),
                    words.subList(1, words.size()).toArray(String[]::new));
        tread(hostile, folder, Set.of(21), "seed", "development", "--yes")
                .expect(21, STRANGER, "guest", "REVOKE CREATE");
    }

    /** What is trusted by name is trusted. */
    @Test
    void whoIsTrustedIsNoStranger() {
        DatabaseUrl db = migrated();
        DatabaseUrl admin = TestServer.admin().withDatabase(db.database());
        run(admin, "seed", "development", "--yes").expect(21, BELIEVED, TestServer.ROLE);
        command(admin, "seed", "development", "--yes")
                .with("AVDAILY_TRUSTED_ROLES", TestServer.ROLE)
                .run()
                .expect(0);
    }

    /** While a backup waits for locks, sequences and tables become views. */
    @Test
    void aBackupRunsNoViewThatTookAnothersPlace() {
        HostileDatabase hostile = HostileDatabase.ofItsGuest();
        hostile.dropWhatNoBackupHolds();
        DatabaseUrl guest = hostile.asGuest();
        execute(hostile.asSuperuser(), "CREATE SCHEMA g AUTHORIZATION guest");
        Set<String> before = hostile.fired();
        for (List<String> swap : List.of(
                List.of(
                        "CREATE SEQUENCE g.s",
                        "DROP SEQUENCE g.s; CREATE VIEW g.s AS "
                                + "SELECT 1::bigint AS last_value, trap.yes('sequence') AS is_called",
                        "DROP VIEW g.s"),
                List.of(
                        "CREATE TABLE g.t (a int)",
                        "DROP TABLE g.t; CREATE VIEW g.t AS SELECT 1 AS a WHERE trap.yes('table')",
                        "DROP VIEW g.t"))) {
            execute(guest, swap.get(0));
            Run run = backupDuring(hostile, swap.get(1));
            assertEquals(before, hostile.fired(), run.out() + run.err());
            if (run.code() != 0) run.expect(23, "run it again");
            execute(guest, swap.get(2));
        }
    }

    /** A backup that begins while the guest's transaction holds its locks, and goes on when it has committed. */
    private static Run backupDuring(HostileDatabase hostile, String transaction) {
        Path folder = TestServer.temporary("hostile");
        try (Connection c = TestServer.connect(hostile.asGuest())) {
            c.setAutoCommit(false);
            Database.run(c, transaction);
            CompletableFuture<Run> backup = CompletableFuture.supplyAsync(
                    () -> command(hostile, folder, "backup", "create").run());
            Await.session(hostile.asSuperuser(), "wait_event_type = 'Lock'");
            c.commit();
            return backup.join();
        } catch (SQLException e) {
            return fail(e);
        }
    }
}
