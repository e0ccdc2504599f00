import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import avdaily.backup.BackupFile;
import avdaily.backup.FolderStore;
import avdaily.db.DatabaseUrl;
import com.exceptionfactory.jagged.framework.stream.StandardEncryptingChannelFactory;
import com.exceptionfactory.jagged.x25519.X25519RecipientStanzaWriterFactory;
import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

/** Files that others made, or put where ours lie: dumps, backups, rules and queries do no more than their kind may. */
class HostileFileTest extends ScriptTest {
    private static final String HEAD =
            """
            --
            -- PostgreSQL database dump
            --

            SET client_encoding = 'UTF8';
            SET standard_conforming_strings = on;
            CREATE TABLE public.x (a integer);
            """;
    private static final String KEY = "AGE-SECRET-KEY-1WEKDEP4ZF66AKEHX9EM4PRK5TL3K2RHVLC9MQYX4X3N0JA6SQ29S87PQ75";
    private static final String RECIPIENT = "age1em76rl8d09p7rwna0l6k2wtrr2fl065kl2znc9exvuyne8ez059sj029v9";
    private static final String END = "\n--\n-- PostgreSQL database dump complete\n--\n";

    private final Path folder = TestServer.temporary("hostile");

    private Path file(String name, String text) {
        write(folder.resolve(name), text);
        return folder.resolve(name);
    }

    private static Run restored(DatabaseUrl db, Object... arguments) {
        return command(
                        db,
                        "restore",
                        Stream.concat(Arrays.stream(arguments).map(String::valueOf), Stream.of("--yes"))
                                .toArray(String[]::new))
                .with("DB_RESTORE_CONFIRM", "1")
                .with("DB_RESTORE_ALLOW_PRODUCTION", "1")
                .run();
    }

    /** A production database with 500 rows, which knows what it is. */
    private static DatabaseUrl production() {
        DatabaseUrl db = TestServer.newDatabase();
        MigrationFolder.of("V1__a.sql", "CREATE TABLE a AS SELECT g FROM generate_series(1, 500) g;")
                .command(db, "up", "--yes")
                .with("AVDAILY_ENV", "production")
                .with("DB_DEPLOY_ALLOW_PRODUCTION", "1")
                .run()
                .expect(0);
        return db;
    }

    private static void assertUntouched(DatabaseUrl db, String how) {
        assertEquals("500", value(db, "SELECT count(*) FROM a"), how);
        assertEquals("production", value(db, "SELECT name FROM avdaily_ops.environment"), how);
        assertEquals("null", value(db, "SELECT to_regclass('x')"), how);
    }

    /** Texts of which the reader and the server could see different statements, each with a COMMIT that one hides. */
    @Test
    void noDumpEndsTheTransactionOfARestoreInPlace() {
        DatabaseUrl db = production();
        String hidden = "SELECT 'a\\'; COMMIT; --';\nALTER TABLE public.nosuch ADD COLUMN b int;";
        String off = "SET standard_conforming_strings = off;\n";
        for (String text : List.of(
                off + "SELECT pg_catalog.set_config('standard_conforming_strings', 'on', false);\n" + hidden,
                off + "SET \"standard_conforming_strings\" = on;\n" + hidden,
                off + "RESET standard_conforming_strings;\n" + hidden,
                off + "SET U&\"standard\\005fconforming_strings\" = on;\n" + hidden,
                off + "DO $$ BEGIN PERFORM set_config('standard_conforming' || '_strings', 'on', false); END $$;\n"
                        + hidden)) {
            Run run = restored(db, file("a.sql", HEAD + text + END), "--mode", "in-place");
            boolean byServer = run.code() == 25 && majorVersion(db) >= 19; // which has no other strings any more
            run.expect(byServer ? 25 : 24, "standard_conforming_strings", "nothing was changed");
            assertUntouched(db, text);
        }
    }

    /** A statement is left out by its words, and code has none that tell. */
    @Test
    void noDumpsCodeChangesWhatTheDatabaseKnowsOfItself() {
        DatabaseUrl db = production();
        for (String code : List.of(
                "UPDATE avdaily_ops.environment SET name = 'development'",
                "DELETE FROM avdaily_ops.operation",
                "GRANT UPDATE ON avdaily_ops.environment TO PUBLIC",
                "CREATE TABLE avdaily_ops.deployment (a integer)"))
            for (String head : List.of("", "SET TimeZone = 'Asia/Tokyo'; SET search_path = public;\n")) {
                String block = "DO $$ BEGIN EXECUTE '" + code.replace("'", "''") + "'; END $$;\n";
                restored(db, file("a.sql", HEAD + head + block + END), "--mode", "in-place")
                        .expect(24, "its code changed avdaily_ops", "nothing was changed");
                assertUntouched(db, code);
            }
        restored(
                        db,
                        file("a.sql", HEAD + "SET TimeZone = 'Asia/Tokyo';\nSET DateStyle = 'SQL, DMY';\n" + END),
                        "--mode",
                        "in-place")
                .expect(0);
    }

    @Test
    void aBlockOfRowsIsNoQueryAndNoProgram() {
        DatabaseUrl db = production();
        Path proof = folder.resolve("proof");
        for (String copy : List.of(
                "COPY (SELECT a FROM stdin) TO PROGRAM 'touch " + proof + "';\n",
                "COPY public.x FROM PROGRAM 'touch " + proof + "' WHERE a IN (SELECT 1 FROM stdin);\n")) {
            restored(
                            new DatabaseUrl(
                                    db.hosts(),
                                    db.database(),
                                    TestServer.admin().user(),
                                    TestServer.admin().password(),
                                    TestServer.admin().parameters()),
                            file("a.sql", HEAD + copy + "\\.\n" + END),
                            "--mode",
                            "in-place")
                    .expect(24, "COPY table (columns) FROM stdin");
            assertFalse(Files.exists(proof), copy);
            assertUntouched(db, copy);
        }
    }

    @Test
    void theFilesOperationLogTakesNobodysPlace() {
        DatabaseUrl db = production();
        String theirs =
                """
                CREATE SCHEMA avdaily_ops;
                ALTER SCHEMA avdaily_ops OWNER TO tester;
                CREATE TABLE avdaily_ops.environment (name text NOT NULL, recorded_by text);
                CREATE TABLE "avdaily_ops"."operation" (id bigint);
                COPY avdaily_ops.environment (name, recorded_by) FROM stdin;
                development\tmallory
                \\.
                INSERT INTO avdaily_ops.operation VALUES (1);
                CREATE SEQUENCE avdaily_ops.s;
                SELECT pg_catalog.setval('avdaily_ops.s', 5, true);
                SELECT pg_catalog.setval('"avdaily_ops"."s"', 5, true);
                CREATE INDEX i ON avdaily_ops.environment USING btree (name);
                COMMENT ON TABLE avdaily_ops.environment IS 'theirs';
                GRANT ALL ON TABLE avdaily_ops.environment TO PUBLIC;
                GRANT ALL ON SCHEMA avdaily_ops TO PUBLIC;
                CREATE TABLE public.avdaily_ops (b integer);
                COPY public.x (a) FROM stdin;
                1
                \\.
                """;
        restored(db, file("a.sql", HEAD + theirs + END), "--mode", "in-place")
                .expect(0)
                .says("avdaily_ops: the target keeps its own");
        assertEquals("1", value(db, "SELECT a FROM x"));
        assertEquals("0", value(db, "SELECT count(*) FROM avdaily_ops"), "a table of that name in another schema");
        assertEquals("production", value(db, "SELECT name FROM avdaily_ops.environment"));
        assertEquals(
                "f",
                value(db, "SELECT has_schema_privilege('public', 'avdaily_ops', 'USAGE')")
                        .substring(0, 1));
        assertEquals("null", value(db, "SELECT to_regclass('avdaily_ops.s')"));
    }

    /** A way to make a file smaller, or to close it. */
    private interface Packing {
        OutputStream around(OutputStream file) throws IOException;
    }

    private static OutputStream encrypted(OutputStream file) throws IOException {
        try {
            return Channels.newOutputStream(new StandardEncryptingChannelFactory()
                    .newEncryptingChannel(
                            Channels.newChannel(file),
                            List.of(X25519RecipientStanzaWriterFactory.newRecipientStanzaWriter(RECIPIENT))));
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    private void assertDamaged(DatabaseUrl db, Path bomb, String... why) {
        command(List.of("-Xmx64m"), "restore", bomb.toString(), "--identity", file("key", KEY).toString(), "--yes")
                .with("DATABASE_URL", db.withPassword())
                .with("DB_RESTORE_CONFIRM", "1")
                .with("DB_RESTORE_ALLOW_PRODUCTION", "1")
                .run()
                .expect(24, why);
        assertUntouched(db, bomb.toString());
    }

    /** A file in which 100 MB stand between two texts. */
    private Path bomb(String name, Packing packing, String before, String after) throws IOException {
        Path bomb = folder.resolve(name);
        try (OutputStream out = packing.around(Files.newOutputStream(bomb))) {
            out.write(before.getBytes(StandardCharsets.UTF_8));
            byte[] piece = new byte[1 << 20];
            Arrays.fill(piece, (byte) 'x');
            for (int i = 0; i < 100; i++) out.write(piece);
            out.write(after.getBytes(StandardCharsets.UTF_8));
        }
        return bomb;
    }

    @Test
    void whatIsTooLongForTheMemoryIsDamaged() throws IOException {
        DatabaseUrl db = production();
        Packing zstd = ZstdOutputStreamNoFinalizer::new;
        assertDamaged(db, bomb("text.sql.gz", GZIPOutputStream::new, HEAD + "SELECT '", "';"));
        assertDamaged(db, bomb("dollars.sql.zst", zstd, HEAD + "SELECT $$", "$$;"));
        assertDamaged(db, bomb("name.sql.age", HostileFileTest::encrypted, HEAD + "SELECT \"", "\";"));
        assertDamaged(
                db,
                bomb(
                        "comment.sql.zst.age",
                        file -> zstd.around(encrypted(file)),
                        HEAD + "SELECT 1 /* ",
                        "*/;"));
        assertDamaged(db, bomb("line.sql.gz", GZIPOutputStream::new, HEAD + "-- ", "\n"));
        assertDamaged(db, bomb("command.sql.zst", zstd, HEAD + "\\connect ", "\n"));
    }

    @Test
    @LongForm
    void whatIsTooLongInAnEnvelopeIsDamaged() throws IOException {
        DatabaseUrl db = production();
        String envelope = "age-encryption.org/v1\n-> X25519 ";
        assertDamaged(db, bomb("argument.sql.age", file -> file, envelope, "\n"));
        assertDamaged(db, bomb("stanza.sql.age", file -> file, envelope + "a\n", "\n"));
        assertDamaged(db, bomb("noise.sql.gz", file -> file, "\u001f\u008b", ""));
    }

    /** Each statement is short, and what they name is more than fits. */
    @Test
    void whatNamesTooMuchForTheMemoryIsDamaged() throws IOException {
        DatabaseUrl db = production();
        Path bomb = folder.resolve("names.sql.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(bomb))) {
            out.write(HEAD.getBytes(StandardCharsets.UTF_8));
            for (int i = 0; i < 60_000; i++)
                out.write(("GRANT SELECT ON TABLE public.x TO r" + i + ";\n").getBytes(StandardCharsets.UTF_8));
            out.write(END.getBytes(StandardCharsets.UTF_8));
        }
        assertDamaged(db, bomb, "names more tables, roles and extensions than the memory allows");
    }

    // -- the folder of the backups

    private static Path backup(DatabaseUrl db, Path folder, String environment) {
        Run run = command(db, "backup", "create", "--dir", folder.toString(), "--json")
                .with("AVDAILY_ENV", environment)
                .run()
                .expect(0);
        return Path.of(run.json().get("file").asText());
    }

    private static void rename(Path file, String time) throws IOException {
        for (String suffix : List.of("", ".json", ".sha256"))
            Files.move(Path.of(file + suffix), file.resolveSibling("avdaily_backup_" + time + ".sql.gz" + suffix));
    }

    @Test
    void theLatestIsThisDatabasesOwn() throws IOException {
        DatabaseUrl ours = TestServer.newDatabase();
        execute(ours, "CREATE TABLE ours ()");
        Path file = backup(ours, folder, "staging");
        DatabaseUrl theirs = TestServer.newDatabase();
        execute(theirs, "CREATE TABLE theirs ()");
        backup(theirs, folder, "staging");
        command(ours, "restore", "--latest", "--dir", folder.toString(), "--yes")
                .with("AVDAILY_ENV", "staging")
                .with("DB_RESTORE_CONFIRM", "1")
                .run()
                .expect(0)
                .says("of " + ours.database());
        assertEquals("ours", value(ours, "SELECT to_regclass('ours')"));
        restored(theirs, "--latest", "--dir", folder)
                .expect(2, "no backup of " + theirs.database() + " (development)", theirs.database() + " (staging)");
        for (String command : List.of("verify", "info")) {
            command(ours, "backup", command, "--dir", folder.toString())
                    .run()
                    .expect(0)
                    .says(file.getFileName().toString());
            command("backup", command, "--dir", folder.toString())
                    .run()
                    .expect(2, "several databases", ours.database(), theirs.database());
        }
    }

    @Test
    void aFileFromTheFutureOrOfAnotherUserCountsForNothing() throws Exception {
        DatabaseUrl db = TestServer.newDatabase();
        execute(db, "CREATE TABLE old ()");
        rename(backup(db, folder, "development"), "2099-01-01_00-00-00");
        execute(db, "DROP TABLE old", "CREATE TABLE now ()");
        Path good = backup(db, folder, "development");
        restored(db, "--latest", "--dir", folder)
                .expect(0)
                .says(good.getFileName().toString());
        Run pruned = command(db, "backup", "prune", "--keep-last", "1", "--dir", folder.toString(), "--yes")
                .run()
                .expect(0);
        assertTrue(Files.exists(good), pruned.out());
        assertEquals(2, new FolderStore(folder).files().size(), "what is from the future is for people to look at");
        command(db, "monitor", "--json")
                .with("BACKUP_DIR", folder.toString())
                .run()
                .says(good.getFileName().toString());
        Path other = TestServer.temporary("hostile");
        rename(backup(db, other, "development"), "2026-01-01_00-00-00");
        restored(db, "--latest", "--dir", other).expect(2, "which its name denies");
        if (!"root".equals(System.getProperty("user.name"))) return; // only root gives files away
        Path metadata = Path.of(good + ".json");
        new Command(List.of("chown", "nobody", metadata.toString())).run().expect(0);
        restored(db, "--latest", "--dir", folder).expect(2, "has a .json that belongs to another user");
        new Command(List.of("chown", "root", metadata.toString())).run().expect(0);
        new Command(List.of("chown", "nobody", good.toString())).run().expect(0);
        restored(db, "--latest", "--dir", folder)
                .expect(2, "another user", good.getFileName().toString());
        restored(db, good).expect(0);
    }

    @Test
    void whatIsNoFileIsPassedBy() throws IOException {
        DatabaseUrl db = TestServer.newDatabase();
        execute(db, "CREATE TABLE a ()");
        Path good = backup(db, folder, "development");
        for (String name : List.of(
                "avdaily_backup_2026-01-01_00-00-00.sql.gz",
                "avdaily_backup_2026-01-01_00-00-00.sql.gz.json",
                ".avdaily_backup_2026-01-02_00-00-00.sql.gz.partial"))
            new Command(List.of("mkfifo", folder.resolve(name).toString()))
                    .run()
                    .expect(0);
        Files.createSymbolicLink(folder.resolve("avdaily_backup_2026-01-03_00-00-00.sql"), Path.of("/dev/zero"));
        assertEquals(List.of(FolderStore.file(good)), new FolderStore(folder).files());
        for (List<String> words : List.of(List.of("list"), List.of("verify"), List.of("create")))
            command(db, "backup", words.get(0), "--dir", folder.toString())
                    .run()
                    .expect(0);
        new Command(List.of(
                        "mkfifo",
                        folder.resolve("avdaily_backup_2026-01-04_00-00-00.sql").toString()))
                .run()
                .expect(0);
        Path pipe = folder.resolve("avdaily_backup_2026-01-04_00-00-00.sql");
        for (String word : List.of("verify", "info"))
            command(db, "backup", word, pipe.toString()).run().expect(2, "is a pipe", "and no file");
        command(db, "restore", "/dev/zero", "--yes").run().expect(2, "is a pipe, a socket or a device");
        command(db, "backup", "compare", good.toString(), folder.toString())
                .run()
                .expect(2, "is a folder, and no file");
        Path memory = Path.of("/proc/self/mem");
        if (Files.exists(memory)) restored(db, memory).expect(24, "mem is damaged");
    }

    /** The memory of the first process, which is often kept from root too. */
    @Test
    void whatMayNotBeReadIsNotCalledDamaged() throws IOException {
        Path memory = Path.of("/proc/1/mem");
        try {
            Files.newInputStream(memory).close();
            abort("it may be read here");
        } catch (NoSuchFileException e) {
            abort("the system has no such file");
        } catch (AccessDeniedException e) {
            for (List<String> words : List.of(List.of("backup", "verify"), List.of("restore", "--dry-run"))) {
                Run run = command(TestServer.admin(), words.get(0), words.get(1), memory.toString())
                        .run()
                        .expect(24, "mem cannot be read: permission denied");
                assertFalse(run.err().contains("damaged"), run.err());
            }
        }
    }

    @Test
    void backTakesOnlyWhatARestoreKept() {
        DatabaseUrl db = TestServer.newDatabase();
        execute(db, "CREATE TABLE mine ()");
        execute(
                TestServer.admin(),
                "CREATE DATABASE " + db.database() + "_before_20990101_000000 OWNER " + TestServer.ROLE);
        restored(db, "--back").expect(2, "no record of a restore that kept it");
        MigrationFolder.of("V1__a.sql", "SELECT 1;")
                .run(db, "baseline", "--version", "1", "--yes")
                .expect(0);
        execute(
                db,
                "INSERT INTO avdaily_ops.operation (command, environment, who, host, outcome, details) VALUES "
                        + "('restore', 'development', 'x', 'x', 'done', jsonb_build_object('kept', '"
                        + db.database() + "_before_20990101_000000'))");
        restored(db, "--back").expect(2, "no record of a restore that kept it");
        assertEquals("mine", value(db, "SELECT to_regclass('mine')"));
        restored(db, file("a.sql", HEAD + END), "--mode", "swap").expect(0);
        restored(db, "--back").expect(0);
        assertEquals("mine", value(db, "SELECT to_regclass('mine')"));
        restored(db, "--back").expect(0);
        assertEquals("null", value(db, "SELECT to_regclass('mine')"));
        TestServer.drop(db.withDatabase(db.database() + "_before_20990101_000000"));
    }

    // -- the drill

    /** What runs in a drill is anybody's code; here it tries to run a program, and says nothing of it. */
    @Test
    void aDrillReachesNoProgramAndNoFile() {
        DatabaseUrl db = TestServer.newDatabase();
        Path proof = Path.of("/tmp/" + db.database() + "_proof");
        execute(
                TestServer.admin().withDatabase(db.database()),
                "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO PUBLIC",
                "CREATE SCHEMA tools",
                "CREATE EXTENSION pg_stat_statements SCHEMA tools",
                "CREATE FUNCTION ok(int) RETURNS boolean LANGUAGE sql AS 'SELECT true'",
                "CREATE TABLE t (id int CHECK (public.ok(id)))",
                "INSERT INTO t VALUES (1)",
                """
                CREATE OR REPLACE FUNCTION ok(int) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
                  EXECUTE 'COPY (SELECT pg_read_file(''/etc/hostname'')) TO PROGRAM ''cat > %s''';
                  RETURN true;
                EXCEPTION WHEN OTHERS THEN RETURN true; END $$"""
                        .formatted(proof));
        command("backup", "create", "--dir", folder.toString())
                .with(
                        "DATABASE_URL",
                        TestServer.admin().withDatabase(db.database()).withPassword())
                .run()
                .expect(0);
        String file = path(new FolderStore(folder).files().get(0)).toString();
        command(
                        "backup",
                        "verify",
                        file,
                        "--restore",
                        "--url",
                        TestServer.admin().withPassword())
                .run()
                .expect(0)
                .says("Restored into", "breaks no critical");
        assertFalse(Files.exists(proof), "the backup's code ran a program");
        assertEquals(
                "0", value(TestServer.admin(), "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'avdaily_limited%'"));
        execute(
                TestServer.admin().withDatabase(db.database()),
                "CREATE AGGREGATE mean(numeric)"
                        + " (SFUNC = numeric_avg_accum, STYPE = internal, FINALFUNC = numeric_avg)");
        Path second = folder.resolve("second");
        command("backup", "create", "--dir", second.toString())
                .with(
                        "DATABASE_URL",
                        TestServer.admin().withDatabase(db.database()).withPassword())
                .run()
                .expect(0);
        command("backup", "verify", path(new FolderStore(second).files().get(0)).toString(), "--restore", "--url")
                .and(TestServer.admin().withPassword())
                .run()
                .expect(25, "mean", "a role that is no superuser");
    }

    @Test
    void theLocalServerHasNobodysVariables() {
        if (!TestServer.describe().startsWith("embedded")) return;
        String environment = value(
                TestServer.admin(), "SELECT encode(pg_read_binary_file('/proc/self/environ', 0, 1000000), 'escape')");
        List<String> names = Arrays.stream(environment.split("\\\\000"))
                .map(variable -> variable.replaceFirst("=.*", ""))
                .filter(name -> !name.matches("PATH|HOME|LANG|TZ|PG[A-Z_]*|PWD|OLDPWD|SHLVL|_|"))
                .toList();
        assertEquals(List.of(), names);
    }

    /** Where its role may create no database, a trial is on the local server, and there is no superuser's. */
    @Test
    void aTrialOnTheLocalServerReachesNoProgram() {
        String data = value(TestServer.admin(), "SHOW data_directory");
        if (!TestServer.describe().startsWith("embedded") || !data.endsWith("data-18")) return;
        DatabaseUrl db = TestServer.newDatabase();
        String role = "plain_" + db.database();
        execute(
                TestServer.admin().withDatabase(db.database()),
                "CREATE EXTENSION pg_stat_statements SCHEMA public",
                "CREATE ROLE " + role + " LOGIN PASSWORD 'weak'",
                "GRANT ALL ON SCHEMA public TO " + role);
        DatabaseUrl plain = new DatabaseUrl(db.hosts(), db.database(), role, "weak", db.parameters());
        Path proof = folder.resolve("proof");
        Path home = Path.of(data).getParent().getParent();
        MigrationFolder migrations = MigrationFolder.of(
                "V1__a.sql", "CREATE EXTENSION IF NOT EXISTS pg_stat_statements;\nCREATE TABLE a (id int);\n");
        migrations
                .command(plain, "lint")
                .with("AVDAILY_HOME", home.toString())
                .run()
                .expect(0);
        migrations.write("V2__b.sql", "COPY a FROM PROGRAM 'touch " + proof + "';\n");
        Run run = migrations
                .command(plain, "lint")
                .with("AVDAILY_HOME", home.toString())
                .run();
        assertFalse(Files.exists(proof), run.out() + run.err());
        assertTrue((run.out() + run.err()).contains("permission denied"), run.out() + run.err());
        execute(TestServer.admin().withDatabase(db.database()), "DROP OWNED BY " + role, "DROP ROLE " + role);
    }

    // -- what is written

    /** An option of a dictionary is text that its owner may set to anything, and stands in the definitions as it is. */
    @Test
    void whatARestoreWouldRefuseIsNoBackup() throws IOException {
        for (String option : List.of("\\n\\\\! touch /tmp/gotcha\\n", "\\n\\\\connect other\\n", "; /*")) {
            DatabaseUrl db = TestServer.newDatabase();
            execute(
                    TestServer.admin().withDatabase(db.database()),
                    "CREATE TEXT SEARCH DICTIONARY public.d (TEMPLATE = simple)",
                    "UPDATE pg_ts_dict SET dictinitoption = E'accept = true" + option + "' WHERE dictname = 'd'");
            Path backups = folder.resolve("backups");
            command(db, "backup", "create", "--dir", backups.toString())
                    .run()
                    .expect(24, "could not be restored", "nothing of this backup stays");
            assertEquals(List.of(), new FolderStore(backups).files());
            try (Stream<Path> left = Files.list(backups)) {
                assertEquals(List.of(), left.toList());
            }
        }
    }

    @Test
    void psqlTakesNoCommandFromABackup() throws IOException {
        DatabaseUrl db = TestServer.newDatabase();
        execute(db, "CREATE TABLE a (t text)", "INSERT INTO a VALUES (E'\\r\\nestrict')");
        command(db, "backup", "create", "--dir", folder.toString(), "--compress", "none")
                .run()
                .expect(0);
        List<String> lines =
                Files.readAllLines(path(new FolderStore(folder).files().get(0)));
        String key = lines.get(3).replaceFirst("^\\\\restrict ", "");
        assertTrue(key.matches("[0-9A-Za-z]{63}"), lines.get(3));
        assertEquals(
                List.of("\\unrestrict " + key, "", BackupFile.LAST_LINE),
                lines.subList(lines.size() - 3, lines.size()));
        command(db, "backup", "create", "--dir", folder.toString()).run().expect(0);
        command(
                        db,
                        "backup",
                        "verify",
                        path(new FolderStore(folder).files().get(0)).toString(),
                        "--restore")
                .and("--url", TestServer.admin().withPassword())
                .run()
                .expect(0);
    }

    // -- rules and queries

    @Test
    void rulesAndSmokeQueriesOnlyRead() {
        DatabaseUrl db = production();
        String leave = "SELECT g FROM a) q; COMMIT; BEGIN READ WRITE; CREATE TABLE gotcha (); SELECT 0 FROM (SELECT 1";
        String rule =
                """
                rules:
                  - id: BUS-99
                    category: business
                    severity: critical
                    means: Nothing is wrong.
                    cure: Nothing.
                    tables: [a]
                    %s
                """;
        for (List<String> body : List.of(
                List.of("query: \"" + leave + "\"", "something else than one query"),
                List.of("query: SELECT g FROM a\n    skip_if: COMMIT", "something else than one query"),
                List.of("query: SELECT g FROM a\n    skip_if: DROP TABLE a", "something else than one query"),
                List.of("query: WITH gone AS (DELETE FROM a RETURNING 1) SELECT * FROM gone", "top level"),
                List.of(
                        "query: SELECT g FROM a WHERE set_config('transaction_read_only', 'off', false) IS NULL",
                        "read-write mode"))) {
            Run run = command(db, "integrity", "check", "--only", "BUS-99")
                    .and(
                            "--rules",
                            file("rules.yaml", rule.formatted(body.get(0))).toString())
                    .run()
                    .expect(25)
                    .says(body.get(1));
            assertEquals("null", value(db, "SELECT to_regclass('gotcha')"), run.out());
            assertEquals("500", value(db, "SELECT count(*) FROM a"), run.out());
        }
    }
}
