import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.backup.FolderStore;
import avdaily.db.DatabaseUrl;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntFunction;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Backups in a bucket, with a server that checks signatures and conditions. */
class ObjectStorageTest extends ScriptTest {
    /** Of ten kilobytes each. */
    private static final int WIDE_ROWS = 1_000_000;

    private final String bucket = "b" + UUID.randomUUID();
    private final String place = "s3://" + bucket + "/shop";
    private final Path home = TestServer.temporary("home");
    private S3Server server;
    /** The uploads that nobody sweeps today. */
    private List<String> orphans = List.of();
    /** What was verified. */
    private final Set<String> whole = new HashSet<>();

    @BeforeEach
    void start() throws Exception {
        server = S3Server.running();
        server.create(bucket);
    }

    private String key(String secret) {
        Path file = home.resolve(secret);
        write(file, secret + "\n");
        return file.toString();
    }

    private Command at(String endpoint, Command command) {
        return command.with("AWS_ENDPOINT_URL_S3", endpoint)
                .with("AWS_ACCESS_KEY_ID", S3Server.ID)
                .with("AWS_SECRET_ACCESS_KEY_FILE", key(S3Server.KEY))
                .with("AWS_EC2_METADATA_DISABLED", "true")
                .with("AVDAILY_HOME", home.toString())
                .with("BACKUP_DIR", place);
    }

    private Command backup(DatabaseUrl db, String... words) {
        return at(server.endpoint(), command(db, "backup", words));
    }

    private static DatabaseUrl small() {
        DatabaseUrl db = TestServer.newDatabase();
        execute(db, "CREATE TABLE note (id int PRIMARY KEY, t text); INSERT INTO note VALUES (1, 'one'), (2, 'two')");
        return db;
    }

    /** Enough for three pieces. */
    private static DatabaseUrl much() {
        DatabaseUrl db = small();
        execute(
                db,
                "CREATE TABLE much (id int PRIMARY KEY, t text NOT NULL);"
                        + "INSERT INTO much SELECT g, repeat(md5(g::text), 9) FROM generate_series(1, 60000) g");
        return db;
    }

    @Test
    void aBackupGoesThereInPiecesAndComesBack() throws Exception {
        DatabaseUrl db = much();
        Path folder = TestServer.temporary("copies");
        try (FaultyNetwork network = new FaultyNetwork(server.port)) {
            JsonNode made = at(
                            network.endpoint(),
                            command(db, "backup", "create", "--to", place, "--also", folder.toString(), "--json")
                                    .and("--compress", "none"))
                    .run()
                    .expect(0)
                    .json();
            assertTrue(made.get("file").asText().startsWith(place + "/avdaily_backup_"), made.toString());
            List<String> sent = network.requests();
            assertEquals(
                    3,
                    sent.stream().filter(line -> line.contains("partNumber=")).count(),
                    sent.toString());
            assertTrue(
                    sent.stream()
                            .filter(line -> line.startsWith("PUT "))
                            .reduce("", (earlier, last) -> last)
                            .contains(".json "),
                    "the mark comes last: " + sent);
        }
        Path copy = path(new FolderStore(folder).files().get(0));
        String key = server.keys(bucket).get(0);
        assertArrayEquals(Files.readAllBytes(copy), server.get(bucket, key));
        assertEquals(3, server.keys(bucket).size());
        assertEquals(List.of(), server.unfinished(bucket));

        backup(db, "list").run().expect(0).says(key.substring(5), "60,002");
        backup(db, "info").run().expect(0).says("s3://" + bucket + "/" + key, "public.much");
        backup(db, "verify").run().expect(0).says("2 tables, 60,002 rows", "its checksum is right");
        command(db, "backup", "verify", copy.toString()).run().expect(0).says("its checksum is right");
        backup(db, "compare", "s3://" + bucket + "/" + key, db.withPassword())
                .run()
                .expect(0);
        JsonNode checks =
                at(server.endpoint(), command(db, "monitor", "--json")).run().json();
        assertTrue(checks.toString().contains(key.substring(5) + " is "), checks.toString());

        DatabaseUrl other = TestServer.newDatabase();
        restore(db, "--latest", "--into", other.database()).run().expect(0);
        assertEquals(sum(db), sum(other));
        execute(db, "DELETE FROM much WHERE id % 3 = 0");
        restore(db, "s3://" + bucket + "/" + key, "--table", "much", "--as", "much_again")
                .run()
                .expect(0);
        assertEquals("60000", value(db, "SELECT count(*) FROM much_again"));
    }

    private Command restore(DatabaseUrl db, String... words) {
        return at(server.endpoint(), command(db, "restore", words).and("--yes")).with("DB_RESTORE_CONFIRM", "1");
    }

    private static String sum(DatabaseUrl db) {
        return value(db, "SELECT md5(string_agg(m::text, '|' ORDER BY id)) FROM much m");
    }

    @Test
    void pruneLeavesWhatIsLockedAndDeletesTheRest() throws Exception {
        DatabaseUrl db = small();
        backup(db).run().expect(0);
        backup(db).run().expect(0);
        try (FaultyNetwork network = new FaultyNetwork(server.port)) {
            network.header = "x-amz-object-lock-mode: COMPLIANCE\r\n"
                    + "x-amz-object-lock-retain-until-date: 2099-01-01T00:00:00Z\r\n";
            at(network.endpoint(), command(db, "backup", "prune", "--keep-last", "1", "--yes"))
                    .run()
                    .expect(0)
                    .says("retained until 2099-01-01", "0 backups deleted");
        }
        assertEquals(6, server.keys(bucket).size());
        backup(db, "prune", "--keep-last", "1", "--yes").run().expect(0).says("1 backup deleted");
        assertEquals(3, server.keys(bucket).size());
    }

    @Test
    void whatAServerDoesInItsOwnWayIsSeen() throws Exception {
        DatabaseUrl db = small();
        backup(db).run().expect(0);
        backup(db).run().expect(0);
        try (FaultyNetwork network = new FaultyNetwork(server.port)) {
            Command prune = at(network.endpoint(), command(db, "backup", "prune", "--keep-last", "1", "--yes"));
            network.fail((number, head) -> head.startsWith("DELETE ") ? FaultyNetwork.Fault.DENIED : null);
            prune.run().expect(0).says("0 backups deleted").notes("is retained");
            network.fail((number, head) -> null);
            network.edit = (head, answer) ->
                    answer.replace("<IsTruncated>false</IsTruncated>", "<IsTruncated>true</IsTruncated >");
            prune.run().expect(1, "lists a part of what is in it");
            assertEquals(6, server.keys(bucket).size());

            String key = server.keys(bucket).stream()
                    .filter(name -> name.endsWith(".gz"))
                    .findFirst()
                    .orElseThrow();
            String whole = new String(server.get(bucket, key), StandardCharsets.ISO_8859_1);
            String head = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " + whole.length() + "\r\n";
            network.edit = (asked, answer) ->
                    asked.startsWith("GET ") && asked.contains(key + " ") ? head + "\r\n" + whole : answer;
            at(network.endpoint(), command(db, "restore", "s3://" + bucket + "/" + key, "--table", "note"))
                    .and("--as", "again", "--yes")
                    .with("DB_RESTORE_CONFIRM", "1")
                    .run()
                    .expect(0);
            assertEquals("2", value(db, "SELECT count(*) FROM again"));
            network.edit = (asked, answer) -> asked.startsWith("GET ") && asked.contains(key + " ")
                    ? head.replace("200 OK", "206 Partial Content") + "Content-Range: bytes 1-9/10\r\n\r\n" + whole
                    : answer;
            at(network.endpoint(), command(db, "backup", "verify", "s3://" + bucket + "/" + key))
                    .run()
                    .expect(20, "bytes 1-9/10");
        }
    }

    @Test
    void whatIsThereIsTrustedAsMuchAsInAFolder() throws Exception {
        DatabaseUrl db = small();
        String key = made(db);
        String name = "s3://" + bucket + "/" + key;
        byte[] whole = server.get(bucket, key);
        byte[] altered = whole.clone();
        altered[whole.length / 2] ^= 1;
        server.put(bucket, key, altered);
        backup(db, "verify", name).run().expect(24, "does not match its checksum");
        restore(db, name).run().expect(24);
        server.put(bucket, key, Arrays.copyOf(whole, 100));
        backup(db, "list").run().expect(0).says("damaged");
        server.put(bucket, key, whole);
        byte[] metadata = server.get(bucket, key + ".json");
        server.put(bucket, key + ".json", new byte[5 << 20]);
        Path out = home.resolve("small");
        int code = at(server.endpoint(), command(List.of("-Xmx64m"), "backup", "verify", name))
                .with("DATABASE_URL", db.withPassword())
                .start(out, out)
                .waitFor();
        assertEquals("24 true", code + " " + Files.readString(out).contains("more than any can have"));
        server.delete(bucket, key + ".json");
        backup(db, "info").run().expect(2, "has no metadata");
        server.put(bucket, key + ".json", metadata);
        backup(small(), "info").run().expect(2, "there is no backup of", "but of " + db.database());
        server.put(bucket, key.replaceFirst("20\\d\\d", "2199"), whole);
        server.put(bucket, key.replaceFirst("20\\d\\d", "2199") + ".json", metadata);
        backup(db, "info").run().expect(0).says(name).notes("is from the future");
    }

    /** As in a folder: several databases may have one place, and a clock may have been wrong. */
    @Test
    void eachDatabaseHasItsOwnBackupsThere() throws Exception {
        DatabaseUrl one = small();
        DatabaseUrl two = small();
        String old = made(one);
        execute(one, "UPDATE note SET t = 'newest'");
        String newest = made(one);
        execute(two, "UPDATE note SET t = 'the other'");
        String other = made(two);
        String future = newest.replaceFirst("_20\\d\\d-", "_2199-");
        for (String beside : List.of("", ".sha256", ".json"))
            server.put(bucket, future + beside, server.get(bucket, newest + beside));
        for (String key : List.of(old, newest, other, future))
            backup(one, "list").run().expect(0).says(key.substring(5));
        String text = "SELECT string_agg(DISTINCT t, ' ') FROM note";
        execute(one, "TRUNCATE note");
        restore(one, "--latest").run().expect(0).notes("is from the future");
        assertEquals("newest", value(one, text));
        restore(small(), "--latest").run().expect(2, "there is no backup of", one.database(), two.database());
        JsonNode checks =
                at(server.endpoint(), command(one, "monitor", "--json")).run().json();
        assertTrue(checks.toString().contains(newest.substring(5) + " is "), checks.toString());
        backup(one, "prune", "--keep-last", "1", "--yes").run().expect(0).says("1 backup deleted");
        List<String> left = server.keys(bucket).stream()
                .filter(key -> key.endsWith(".json"))
                .toList();
        assertEquals(Set.of(newest + ".json", other + ".json", future + ".json"), Set.copyOf(left));
        restore(two, "--latest").run().expect(0);
        assertEquals("the other", value(two, text));
    }

    /** The key of a new backup. */
    private String made(DatabaseUrl db) {
        String file = backup(db, "create", "--json").run().expect(0).json().get("file").asText();
        return file.substring(("s3://" + bucket + "/").length());
    }

    @Test
    void whoeverPutsAFileIntoTheFolderGetsNoBackup() {
        Path folder = TestServer.temporary("work");
        write(folder.resolve(".env"), "BACKUP_DIR=s3://" + bucket + "/theirs\n");
        command(small(), "backup").in(folder).run().expect(2, "which does not say which database this is");
        write(folder.resolve(".env"), "AWS_ENDPOINT_URL_S3=" + server.endpoint() + "\n");
        command(small(), "backup", "create", "--to", place)
                .in(folder)
                .run()
                .expect(2, "which does not say where the backups lie");
    }

    @Test
    void whatIsWrongIsSaid() {
        DatabaseUrl db = small();
        for (String odd : List.of("s3://", "s3:", "s3:/" + bucket, "S3://" + bucket, "gs://" + bucket, "file:///tmp"))
            backup(db, "list", "--dir", odd).run().expect(2, "names no bucket");
        backup(db, "list", "--dir", "s3://none-of-this-name/x").run().expect(2, "no such bucket");
        backup(db, "verify", place + "/none").run().expect(2, "there is no backup file " + place + "/none");
        backup(db).with("AWS_SECRET_ACCESS_KEY_FILE", key("another")).run().expect(1, "403");
        for (String none : List.of("http://127.0.0.1:9000/a b", "http://", "http://my host", "ftp://x"))
            at(none, command(db, "backup", "list")).run().expect(2, "AWS_ENDPOINT_URL is " + none);
        at("http://127.0.0.1:1", command(db, "backup", "list")).run().expect(20, "cannot be reached");
        backup(db, "list").run().expect(0).says("There is no backup in " + place);
    }

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
