import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.db.DatabaseUrl;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

/** Backups in a bucket behind a network with faults, and in a process that is killed or has little memory. */
class ObjectStorageFaultsTest extends BucketTest {
    /** Of ten kilobytes each. */
    private static final int WIDE_ROWS = 1_000_000;

    /** The uploads that nobody sweeps today. */
    private List<String> orphans = List.of();
    /** What was verified. */
    private final Set<String> whole = new HashSet<>();

    /** A fault that passes is not noticed; one that stays leaves nothing that is taken for a backup. */
    @Test
    void aFaultThatStaysLeavesNoBackup() throws Exception {
        try (FaultyNetwork network = new FaultyNetwork(server.port)) {
            failsFrom(network, small(), "partNumber=", FaultyNetwork.Fault.ERROR);
            failsFrom(network, small(), ".json ", FaultyNetwork.Fault.ANSWER_LOST);
        }
    }

    /** Nobody knows an upload whose beginning was not answered. It may be another machine's, unless it stays empty. */
    @Test
    void anUploadThatStaysEmptyIsSwept() throws Exception {
        DatabaseUrl db = small();
        try (FaultyNetwork network = new FaultyNetwork(server.port)) {
            boolean[] isLost = new boolean[1];
            network.fail((number, head) -> {
                boolean isFirst = !isLost[0] && head.startsWith("POST ") && head.contains("?uploads");
                isLost[0] |= isFirst;
                return isFirst ? FaultyNetwork.Fault.ANSWER_LOST : null;
            });
            Command backup = at(network.endpoint(), command(db, "backup"));
            backup.run().expect(0);
            backup.run().expect(0);
            assertEquals(1, server.unfinished(bucket).size());
            String early = Instant.now().minus(Duration.ofHours(2)).toString().substring(0, 16);
            network.edit = (head, answer) -> answer.replaceAll("<Initiated>.{16}", "<Initiated>" + early);
            backup.run().expect(0);
            assertEquals(List.of(), server.unfinished(bucket));
        }
    }

    /** The run was killed when its backup was whole, and each first answer about an object loses its last lines. */
    @Test
    void aWholeBackupIsNotSweptForAnAnswerThatBreaksOff() throws Exception {
        DatabaseUrl db = small();
        backup(db).run().expect(0);
        String metadata = server.keys(bucket).stream()
                .filter(key -> key.endsWith(".json"))
                .findFirst()
                .orElseThrow();
        String name = metadata.replaceFirst("shop/(.*)\\.json", "$1");
        String run = server.head(bucket, metadata).firstValue("x-amz-meta-avdaily-run").orElseThrow();
        write(home.resolve("uploads").resolve(run), place + "\n" + name + "\n");
        Set<String> cut = new HashSet<>();
        try (FaultyNetwork network = new FaultyNetwork(server.port)) {
            network.edit = (head, answer) -> head.startsWith("HEAD ") && cut.add(head.lines().findFirst().orElse(""))
                    ? answer.replaceAll("(?i)x-amz-meta[^\r]*\r\n", "")
                    : answer;
            at(network.endpoint(), command(db, "backup")).run().expect(0);
        }
        assertEquals(6, server.keys(bucket).size(), server.keys(bucket).toString());
        assertListedAreWhole(db, "swept");
    }

    /** A server that does not list uploads, or does not let delete them, is no reason to be without a backup. */
    @Test
    void whatCannotBeSweptIsNamedAndStays() throws Exception {
        DatabaseUrl db = small();
        Path ended = home.resolve("uploads").resolve(UUID.randomUUID().toString());
        String name = "avdaily_backup_2026-01-02_03-04-05.sql.gz";
        write(ended, place + "\n" + name + "\n");
        server.put(bucket, "shop/" + name, new byte[] {1}, "avdaily-run", ended.getFileName().toString());
        try (FaultyNetwork network = new FaultyNetwork(server.port)) {
            Command backup = at(network.endpoint(), command(db, "backup"));
            network.fail((number, head) ->
                    head.startsWith("GET ") && head.contains("uploads") ? FaultyNetwork.Fault.DENIED : null);
            backup.run().expect(0).notes("What killed backups left in " + place + " stays", "403", "next one");
            network.fail((number, head) -> head.startsWith("DELETE ") ? FaultyNetwork.Fault.DENIED : null);
            backup.run().expect(0).notes("What killed backups left in " + place + " stays", "403", "next one");
            assertTrue(server.keys(bucket).contains("shop/" + name));
            network.fail((number, head) -> null);
            Run last = backup.run().expect(0);
            assertTrue(!last.err().contains("stays"), last.err());
        }
        List<String> keys = server.keys(bucket);
        assertEquals(9, keys.size(), keys.toString());
        assertTrue(!keys.contains("shop/" + name) && !Files.exists(ended), keys.toString());
        assertEquals(List.of(), server.unfinished(bucket));
    }

    /** The server made the object, and answers that something went wrong, or nothing; so it does to the next tries. */
    @Test
    void anObjectOfThisRunIsWholeWhateverTheAnswerWas() throws Exception {
        DatabaseUrl db = small();
        try (FaultyNetwork network = new FaultyNetwork(server.port)) {
            for (String request : List.of("POST .*[?]uploadId=.*", "PUT .*[.]sha256 .*", "PUT .*[.]json .*"))
                for (String instead : List.of(FaultyNetwork.Fault.ERROR.answer, "")) {
                    network.edit = (head, answer) ->
                            head.lines().findFirst().orElse("").matches(request) ? instead : answer;
                    Run run = at(network.endpoint(), command(db, "backup")).run().expect(0);
                    assertWholeOrNothing(db, run, request + " " + instead);
                }
        }
    }

    /** Of an answer about an object nothing follows if it breaks off, not that the object is another run's. */
    @Test
    void aHeadThatIsCutIsNoAnswer() throws Exception {
        DatabaseUrl db = small();
        try (FaultyNetwork network = new FaultyNetwork(server.port)) {
            network.edit = (head, answer) ->
                    head.startsWith("HEAD ") ? answer.substring(0, answer.indexOf("\r\n") + 2) : answer;
            Run run = at(network.endpoint(), command(db, "backup")).run().expect(20, "its answer breaks off");
            assertWholeOrNothing(db, run, "a cut head");
        }
    }

    /** The tag of an object tells whether it is still the same one. */
    @Test
    void theTagOfAnObjectIsWholeOrAskedForAgain() throws Exception {
        DatabaseUrl db = small();
        String place = "s3://" + bucket + "/" + made(db);
        for (int letters : List.of(0, 5)) {
            AtomicBoolean isCut = new AtomicBoolean();
            try (FaultyNetwork network = new FaultyNetwork(server.port)) {
                network.edit = (head, answer) -> {
                    if (!head.startsWith("HEAD ") || isCut.getAndSet(true)) return answer;
                    String tag = "ETag: \"0123456789\"".substring(0, 6 + letters);
                    String length = answer.replaceFirst("(?s).*(Content-Length: \\d+\r\n).*", "$1");
                    return "HTTP/1.1 200 OK\r\n" + length + (letters == 0 ? "" : tag);
                };
                at(network.endpoint(), command(db, "backup", "verify", place)).run().expect(0);
            }
            assertTrue(isCut.get());
        }
    }

    /** A list without its end would be an empty one, and the mark of the upload would go. */
    @Test
    void anUploadIsSweptThoughItsListBreaksOff() throws Exception {
        DatabaseUrl db = small();
        try (FaultyNetwork network = new FaultyNetwork(server.port)) {
            network.fail((number, head) ->
                    head.startsWith("PUT ") || head.startsWith("DELETE ") ? FaultyNetwork.Fault.DENIED : null);
            at(network.endpoint(), command(db, "backup")).run().expect(1);
            assertEquals(1, server.unfinished(bucket).size());
            network.fail((number, head) -> null);
            AtomicBoolean isCut = new AtomicBoolean();
            network.edit = (head, answer) ->
                    head.contains("?uploads&") && !isCut.getAndSet(true) ? answer.substring(0, 20) : answer;
            at(network.endpoint(), command(db, "backup")).run().expect(0);
        }
        assertEquals(List.of(), server.unfinished(bucket));
    }

    /** Where the first answer of a kind breaks off in its head, in the middle of a field. */
    @Test
    void anAnswerThatBreaksOffIsAskedForAgain() throws Exception {
        DatabaseUrl db = small();
        backup(db).run().expect(0);
        try (FaultyNetwork network = new FaultyNetwork(server.port)) {
            // an upload whose beginning was not answered stays for an hour, as below
            for (String kind : List.of(
                    "GET .*list-type=2", "GET .*[?]uploads", "POST .*[?]uploads", "PUT .*partNumber=", "HEAD ")) {
                AtomicBoolean isCut = new AtomicBoolean();
                network.edit = (head, answer) -> {
                    boolean isMeant = head.lines().findFirst().orElse("").matches(kind + ".*");
                    int tag = answer.indexOf("ETag: ");
                    int place = tag < 0 || head.startsWith("HEAD ") ? answer.indexOf("\r\n") + 2 : tag + 12;
                    return isMeant && !isCut.getAndSet(true) ? answer.substring(0, place) : answer;
                };
                Run run = at(network.endpoint(), command(db, "backup")).run().expect(0);
                assertTrue(isCut.get(), kind);
                orphans = server.unfinished(bucket);
                assertWholeOrNothing(db, run, kind);
            }
            AtomicBoolean isCut = new AtomicBoolean();
            network.edit = (head, answer) -> isCut.getAndSet(true) ? answer : answer.substring(0, 20);
            JsonNode backups = at(network.endpoint(), command(db, "backup", "list", "--json"))
                    .run()
                    .expect(0)
                    .json()
                    .get("backups");
            assertEquals(11, backups.size(), backups.toString());
        }
    }

    @Test
    @LongForm
    void everyRequestMayFail() throws Exception {
        DatabaseUrl db = small();
        try (FaultyNetwork network = new FaultyNetwork(server.port)) {
            at(network.endpoint(), command(db, "backup")).run().expect(0);
            int all = network.requests().size();
            for (FaultyNetwork.Fault fault : FaultyNetwork.Fault.values())
                for (int n = 1; n <= all; n++) {
                    int from = n;
                    network.fail((number, head) -> number == from ? fault : null);
                    Run once = at(network.endpoint(), command(db, "backup")).run();
                    // an upload whose beginning was not answered stays for an hour: it may be another machine's
                    if (fault == FaultyNetwork.Fault.ANSWER_LOST || fault == FaultyNetwork.Fault.ANSWER_CUT)
                        orphans = server.unfinished(bucket);
                    if (fault == FaultyNetwork.Fault.DENIED) assertWholeOrNothing(db, once, fault + " " + n);
                    else
                        assertEquals(
                                0, once.code(), () -> fault + " " + from + " of " + network.requests() + once.err());
                    network.fail((number, head) -> number >= from ? fault : null);
                    assertWholeOrNothing(
                            db, at(network.endpoint(), command(db, "backup")).run(), fault + " " + n);
                }
        }
    }

    /** In whatever moment a backup is killed, nothing but a whole one is taken for one, and the next run clears up. */
    @Test
    @LongForm
    void aKilledBackupIsNone() throws Exception {
        DatabaseUrl db = much();
        Kills.of(
                run -> backup(db, "create", "--compress", "none"),
                run -> assertListedAreWhole(db, "kill " + run));
        backup(db).run().expect(0);
        List<String> keys = server.keys(bucket);
        assertEquals(
                3 * keys.stream().filter(key -> key.endsWith(".json")).count(), keys.size(), keys.toString());
        assertEquals(List.of(), server.unfinished(bucket));
    }

    /** In whatever moment a restore is killed, the database is the old one or the new one. */
    @Test
    @LongForm
    void aKilledRestoreLeavesTheOldOrTheNew() throws Exception {
        DatabaseUrl db = much();
        backup(db).run().expect(0);
        String whole = sum(db);
        IntFunction<Command> restore = run -> {
            execute(db, "DROP TABLE IF EXISTS much, note, old", "CREATE TABLE old AS SELECT 7 AS n");
            return restore(db, "--latest", "--mode", run % 2 == 0 ? "swap" : "in-place");
        };
        Kills.of(restore, run -> {
            if (value(db, "SELECT to_regclass('old')").equals("old"))
                assertEquals("7null", value(db, "SELECT n || coalesce(to_regclass('note')::text, 'null') FROM old"));
            else assertEquals(whole + "2", sum(db) + value(db, "SELECT count(*) FROM note"), "kill " + run);
        });
        restore.apply(0).run().expect(0);
        assertEquals(whole, sum(db));
        assertEquals(
                "0",
                value(
                        TestServer.admin(),
                        "SELECT count(*) FROM pg_database d WHERE datname LIKE 'avdaily\\_%' AND datdba = '"
                                + db.user() + "'::regrole"));
    }

    /** What is larger than the memory goes there and back through a small heap. */
    @Test
    @LongForm
    void tenGigabytesGoThroughASmallHeap() throws Exception {
        DatabaseUrl db = TestServer.newDatabase();
        execute(
                db,
                "CREATE TABLE wide (id int PRIMARY KEY, t text NOT NULL)",
                "INSERT INTO wide SELECT g, repeat(md5(g::text), 320) FROM generate_series(1, " + WIDE_ROWS + ") g");
        String sum = "SELECT count(*) || ' ' || sum(length(t)) || ' ' || sum(hashtext(t)) FROM wide";
        DatabaseUrl other = TestServer.newDatabase();
        Path out = home.resolve("out");
        for (Command command : List.of(
                command(List.of("-Xmx256m"), "backup"),
                command(List.of("-Xmx256m"), "restore", "--latest", "--into", other.database(), "--yes"))) {
            Process process = at(server.endpoint(), command)
                    .with("DATABASE_URL", db.withPassword())
                    .with("DB_RESTORE_CONFIRM", "1")
                    .start(out, out);
            int code = process.waitFor();
            assertEquals(0, code, Files.readString(out));
        }
        assertEquals(value(db, sum), value(other, sum));
    }

    private void failsFrom(FaultyNetwork network, DatabaseUrl db, String request, FaultyNetwork.Fault fault)
            throws Exception {
        boolean[] isReached = new boolean[1];
        network.fail((number, head) -> {
            isReached[0] |= head.lines().findFirst().orElseThrow().contains(request);
            return isReached[0] ? fault : null;
        });
        Run run = at(network.endpoint(), command(db, "backup")).run();
        assertTrue(run.code() != 0, run.out());
        assertWholeOrNothing(db, run, request + " " + fault);
    }

    private void assertListedAreWhole(DatabaseUrl db, String what) {
        for (JsonNode listed :
                backup(db, "list", "--json").run().expect(0).json().get("backups")) {
            if (listed.has("database") && whole.add(listed.get("file").asText()))
                backup(db, "verify", listed.get("file").asText()).run().expect(0);
            assertTrue(!listed.has("damaged"), what + ": " + listed);
        }
    }

    /** What is listed with metadata is whole; the next run leaves three objects a backup and no upload. */
    private void assertWholeOrNothing(DatabaseUrl db, Run run, String what) throws Exception {
        assertListedAreWhole(db, what);
        Run next = backup(db).run();
        assertEquals(0, next.code(), () -> what + ", then: " + next.err());
        List<String> keys = server.keys(bucket).stream()
                .filter(key -> key.startsWith("shop/"))
                .toList();
        assertEquals(0, keys.size() % 3, what + ": " + run.err() + keys);
        List<String> left = server.unfinished(bucket);
        assertTrue(orphans.containsAll(left), () -> what + ": " + left + " and not " + orphans);
        for (String key : keys)
            if (key.endsWith(".json"))
                assertTrue(new String(server.get(bucket, key), StandardCharsets.UTF_8).contains("sha256"), what);
    }
}
