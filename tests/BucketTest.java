import avdaily.db.DatabaseUrl;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;

/** What tests of backups in a bucket share: a server that checks signatures and conditions, and two databases. */
abstract class BucketTest extends ScriptTest {
    final String bucket = "b" + UUID.randomUUID();
    final String place = "s3://" + bucket + "/shop";
    final Path home = TestServer.temporary("home");
    S3Server server;

    @BeforeEach
    void start() throws Exception {
        server = S3Server.running();
        server.create(bucket);
    }

    String key(String secret) {
        Path file = home.resolve(secret);
        write(file, secret + "\n");
        return file.toString();
    }

    /** A command whose bucket is behind this address. */
    Command at(String endpoint, Command command) {
        return command.with("AWS_ENDPOINT_URL_S3", endpoint)
                .with("AWS_ACCESS_KEY_ID", S3Server.ID)
                .with("AWS_SECRET_ACCESS_KEY_FILE", key(S3Server.KEY))
                .with("AWS_EC2_METADATA_DISABLED", "true")
                .with("AVDAILY_HOME", home.toString())
                .with("BACKUP_DIR", place);
    }

    Command backup(DatabaseUrl db, String... words) {
        return at(server.endpoint(), command(db, "backup", words));
    }

    /** Two rows. */
    static DatabaseUrl small() {
        DatabaseUrl db = TestServer.newDatabase();
        execute(db, "CREATE TABLE note (id int PRIMARY KEY, t text); INSERT INTO note VALUES (1, 'one'), (2, 'two')");
        return db;
    }

    /** Enough for three pieces. */
    static DatabaseUrl much() {
        DatabaseUrl db = small();
        execute(
                db,
                "CREATE TABLE much (id int PRIMARY KEY, t text NOT NULL);"
                        + "INSERT INTO much SELECT g, repeat(md5(g::text), 9) FROM generate_series(1, 60000) g");
        return db;
    }

    Command restore(DatabaseUrl db, String... words) {
        return at(server.endpoint(), command(db, "restore", words).and("--yes")).with("DB_RESTORE_CONFIRM", "1");
    }

    /** The key of a new backup. */
    String made(DatabaseUrl db) {
        String file = backup(db, "create", "--json").run().expect(0).json().get("file").asText();
        return file.substring(("s3://" + bucket + "/").length());
    }

    /** Of the rows of a database with {@link #much}. */
    static String sum(DatabaseUrl db) {
        return value(db, "SELECT md5(string_agg(m::text, '|' ORDER BY id)) FROM much m");
    }
}
