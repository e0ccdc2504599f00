import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import avdaily.db.DatabaseUrl;
import avdaily.db.Environment;
import avdaily.db.LocalServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
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
                    "CREATE TABLE t AS SELECT i AS id, repeat('x', 500) AS v FROM generate_series(1, 100000) i",
                    "ALTER TABLE t ADD PRIMARY KEY (id)",
                    "CREATE UNLOGGED TABLE \"no'where\" (id int PRIMARY KEY,"
                            + " t_id int CONSTRAINT nowhere_fk REFERENCES t)");
            DatabaseUrl second = follow(primary, standby, homes).withDatabase(first.database());
            DatabaseUrl changed = primary.start().withDatabase(first.database());
            String isThere = "SELECT pg_is_in_recovery() AND count(*) = 100000 FROM t";
            Await.until(() -> value(second, isThere).equals("t"), "the rows");
            AtomicBoolean isOver = new AtomicBoolean();
            CompletableFuture<Void> changes = CompletableFuture.runAsync(() -> {
                for (int i = 0; !isOver.get(); i++)
                    execute(changed, "ALTER TABLE t ADD c" + i + " int", "ALTER TABLE t DROP c" + i, "VACUUM t");
            });
            run(second, "backup", "create", "--dir", homes.resolve("backups").toString())
                    .expect(23, "5 times", "max_standby_streaming_delay = -1");
            assertFalse(Files.exists(homes.resolve("backups")));
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
        } finally {
            standby.stop();
            primary.stop();
        }
    }
}
