import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.backup.FolderStore;
import avdaily.db.DatabaseUrl;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Backups in a bucket. */
class ObjectStorageTest extends BucketTest {
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
}
