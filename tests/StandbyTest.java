import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.db.DatabaseUrl;
import avdaily.db.Environment;
import avdaily.db.LocalServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A standby that is read while its primary changes tables and vacuums; it waits for no reader. */
class StandbyTest extends ScriptTest {
    private static LocalServer server(Path home) {
        String version = Optional.ofNullable(System.getenv("TEST_PG")).orElse(LocalServer.VERSION);
        return new LocalServer(home, version, TestServer.INVOCATION);
    }

    /** Its copy follows it from then on. */
    private static DatabaseUrl follow(LocalServer primary, LocalServer standby, Path homes) throws Exception {
        primary.stop();
        String[] copy = {"cp", "-a", homes.resolve("primary").toString(), homes.resolve("standby").toString()};
        assertEquals(0, new ProcessBuilder(copy).inheritIO().start().waitFor());
        DatabaseUrl url = primary.start();
        Files.createFile(standby.data().resolve("standby.signal"));
        Files.writeString(
                standby.data().resolve("postgresql.auto.conf"),
                "primary_conninfo = 'host=127.0.0.1 port=" + url.hosts().get(0).port() + " user=" + url.user()
                        + " password=" + url.password() + "'\nmax_standby_streaming_delay = 0\n",
                StandardOpenOption.APPEND);
        return standby.start();
    }

    @Test
    @LongForm
    void whatThePrimaryEndsIsReadAgain() throws Exception {
        Path homes = TestServer.temporary("standby");
        LocalServer primary = server(homes.resolve("primary"));
        LocalServer standby = server(homes.resolve("standby"));
        try {
            DatabaseUrl first = primary.start(Environment.DEVELOPMENT);
            execute(
                    first,
                    "ALTER SYSTEM SET fsync = off",
                    "ALTER SYSTEM SET wal_init_zero = off",
                    "ALTER SYSTEM SET archive_mode = on",
                    "ALTER SYSTEM SET archive_command = '/bin/true'",
                    "CREATE TABLE t AS SELECT i AS id, repeat('x', 500) AS v FROM generate_series(1, 100000) i",
                    "ALTER TABLE t ADD PRIMARY KEY (id)",
                    "CREATE UNLOGGED TABLE \"no'where\" (id int PRIMARY KEY,"
                            + " t_id int CONSTRAINT nowhere_fk REFERENCES t)");
            DatabaseUrl second = follow(primary, standby, homes).withDatabase(first.database());
            DatabaseUrl changed = primary.start().withDatabase(first.database());
            String isThere = "SELECT pg_is_in_recovery() AND count(*) = 100000 FROM t";
            Await.until(() -> value(second, isThere).equals("t"), "the rows");
            AtomicBoolean isOver = new AtomicBoolean();
            AtomicInteger number = new AtomicInteger();
            CompletableFuture<Void> changes = CompletableFuture.runAsync(() -> {
                for (int i = 0; !isOver.get(); i = number.incrementAndGet())
                    execute(changed, "ALTER TABLE t ADD c" + i + " int", "ALTER TABLE t DROP c" + i, "VACUUM t");
            });
            Await.until(() -> number.get() > 3, "changes");
            run(second, "backup", "create", "--dir", homes.resolve("backups").toString())
                    .expect(23, "5 times", "max_standby_streaming_delay = -1");
            String[] left = homes.resolve("backups").toFile().list(); // null if nothing was made
            assertTrue(left == null || left.length == 0, () -> List.of(left).toString());
            isOver.set(true);
            changes.join();
            Run made = run(second, "backup", "create", "--dir", homes.resolve("backups").toString(), "--json")
                    .expect(0);
            run(second, "backup", "info", "--json", made.json().get("file").asText())
                    .expect(0)
                    .says("replayedLsn", "public.no'where");
            run(second, "integrity", "check", "--only", "FK-nowhere_fk")
                    .expect(0)
                    .says("unlogged, and without rows on a standby");
            aCheckIsRepeated(changed, second);
            batchesWait(changed, second);
        } finally {
            standby.stop();
            primary.stop();
        }
    }

    /** It is ended once for a lock, and once with its session. */
    private static void aCheckIsRepeated(DatabaseUrl primary, DatabaseUrl standby) throws Exception {
        Path folder = TestServer.temporary("rules");
        write(
                folder.resolve("rules.yaml"),
                """
                rules:
                - id: A-1
                  category: consistency
                  severity: critical
                  means: it takes a while
                  tables: [t]
                  query: SELECT t.id::text FROM (SELECT 1 AS x FROM pg_sleep(4)) s, t WHERE t.id = s.x AND t.id > 5
                """);
        for (String end : List.of("lock", "session")) {
            Path err = TestServer.temporary(end).resolve("err");
            Process check = command(standby, "integrity", "check", "--only", "A-1")
                    .and("--rules", folder.resolve("rules.yaml").toString())
                    .start(err.resolveSibling("out"), err);
            String sleeps = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
            Await.until(() -> !check.isAlive() || value(standby, sleeps).equals("1"), "the rule");
            if (end.equals("lock")) execute(primary, "ALTER TABLE t ADD twice int", "ALTER TABLE t DROP twice");
            else execute(standby, sleeps.replace("count(*)", "pg_terminate_backend(pid)"));
            endsWell(check, err);
            assertTrue(read(err).contains("Again, with a new snapshot"), end);
        }
    }

    private static void endsWell(Process process, Path err) {
        try {
            Await.until(() -> !process.isAlive(), "the end of\n" + read(err));
            assertEquals(0, process.exitValue(), () -> read(err.resolveSibling("out")) + read(err));
        } finally {
            process.destroyForcibly();
        }
    }

    /** For a standby that lies behind, for the archiver, and for a vacuum that cannot wait. */
    private static void batchesWait(DatabaseUrl primary, DatabaseUrl standby) {
        MigrationFolder folder = MigrationFolder.of("V1__c.sql", "ALTER TABLE t ADD c int;");
        folder.run(primary, "baseline", "--version", "0", "--yes").expect(0);
        folder.run(primary, "up", "--yes", "--no-backup").expect(0);
        execute(standby, "SELECT pg_wal_replay_pause()");
        batchesWait(primary, folder, 2, "a standby lies", () -> execute(standby, "SELECT pg_wal_replay_resume()"));
        archive(primary, "/bin/false");
        for (int i = 0; i < 66; i++)
            execute(primary, "CREATE TABLE few ()", "DROP TABLE few", "SELECT pg_switch_wal()");
        batchesWait(primary, folder, 3, "wait to be archived", () -> archive(primary, "/bin/true"));
        execute(
                primary,
                "ALTER SYSTEM SET autovacuum_naptime = 1",
                "ALTER SYSTEM SET autovacuum_vacuum_cost_delay = 100",
                "SELECT pg_reload_conf()",
                "ALTER TABLE t SET (autovacuum_enabled = off, autovacuum_freeze_max_age = 100000)",
                "SET synchronous_commit = off",
                "DO 'BEGIN FOR i IN 1..110000 LOOP PERFORM txid_current(); COMMIT; END LOOP; END'");
        String vacuum = " FROM pg_stat_activity WHERE query LIKE 'autovacuum: %public.t (to prevent%'";
        Await.until(() -> !value(primary, "SELECT count(*)" + vacuum).equals("0"), "the vacuum");
        batchesWait(
                primary,
                folder,
                4,
                "autovacuum freezes the table",
                () -> execute(
                        primary,
                        "ALTER SYSTEM SET autovacuum_vacuum_cost_delay = 0",
                        "SELECT pg_reload_conf()",
                        "SELECT pg_terminate_backend(pid)" + vacuum));
    }

    private static void archive(DatabaseUrl primary, String command) {
        execute(primary, "ALTER SYSTEM SET archive_command = '" + command + "'", "SELECT pg_reload_conf()");
    }

    private static void batchesWait(
            DatabaseUrl primary, MigrationFolder folder, int version, String reason, Runnable end) {
        folder.write(
                "V" + version + "__fill.sql",
                """
                -- batch: table=t key=id size=5000 pause=0%% lag=1s
                UPDATE t SET c = %1$d WHERE id > ${from} AND id <= ${to};
                -- batch: done when
                SELECT NOT EXISTS (SELECT FROM t WHERE c IS DISTINCT FROM %1$d);
                """
                        .formatted(version));
        Path err = TestServer.temporary("log").resolve("err");
        Process up = folder.command(primary, "up", "--yes", "--no-backup").start(err.resolveSibling("out"), err);
        Await.until(() -> !up.isAlive() || read(err).contains(reason), reason);
        end.run();
        endsWell(up, err);
        assertTrue(read(err).contains("V" + version + " fill pauses: "), () -> read(err));
        assertTrue(read(err).contains(reason), () -> read(err));
    }
}
