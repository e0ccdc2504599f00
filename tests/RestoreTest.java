import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.backup.BackupFile;
import avdaily.backup.FolderStore;
import avdaily.base.Failure;
import avdaily.base.Sha256;
import avdaily.db.Database;
import avdaily.db.DatabaseUrl;
import avdaily.db.Environment;
import avdaily.db.Lock;
import avdaily.restore.DumpReader;
import avdaily.sql.Sql;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/**
 * A restore is all or nothing, refuses what is damaged before it touches the database, and keeps what is the database's
 * own.
 */
class RestoreTest extends ScriptTest {
    /**
     * What pg_dump writes, in small: header, psql commands, a database of its own, and a setting that old servers do
     * not know.
     */
    private static final String DUMP =
            """
            --
            -- PostgreSQL database dump
            --

            \\restrict Key1

            SET statement_timeout = 0;
            SET setting_of_a_newer_server = 0;
            SET client_encoding = 'UTF8';
            SET standard_conforming_strings = on;
            SELECT pg_catalog.set_config('search_path', '', false);

            DROP DATABASE IF EXISTS "the source";
            CREATE DATABASE "the source" WITH TEMPLATE = template0 ENCODING = 'UTF8';

            \\unrestrict Key1
            \\connect -reuse-previous=on "dbname='the source'"
            \\restrict Key1

            ALTER DATABASE "the source" SET work_mem TO '1MB';
            DROP TABLE public.gone;
            CREATE TABLE public.t (
                id integer NOT NULL,
                "a;b" text DEFAULT 'x;''y'::text
            );
            CREATE FUNCTION public.f(x integer) RETURNS text
                LANGUAGE sql
                BEGIN ATOMIC
             SELECT CASE WHEN (x > 1) THEN 'a;'::text ELSE 'b'::text END AS "case";
            END;
            CREATE FUNCTION public.g() RETURNS integer LANGUAGE plpgsql AS $_$ begin return 1; /* ' */ end $_$;
            COPY public.t (id, "a;b") FROM stdin;
            1\t\\\\.
            2\tline\\nbreak; -- '
            3\t\\N
            \\.


            ALTER TABLE ONLY public.t
                ADD CONSTRAINT t_pkey PRIMARY KEY (id);
            CREATE INDEX t_i ON public.t USING btree ("a;b");
            COMMENT ON INDEX public.t_i IS 'i';
            --
            -- PostgreSQL database dump complete
            --

            \\unrestrict Key1
            """;

    private final Path folder = TestServer.temporary("restore");

    private Path file(String name, String text) {
        write(folder.resolve(name), text);
        return folder.resolve(name);
    }

    private static Command restore(DatabaseUrl db, Object... arguments) {
        return command(
                        db,
                        "restore",
                        Arrays.stream(arguments).map(String::valueOf).toArray(String[]::new))
                .with("DB_RESTORE_CONFIRM", "1");
    }

    private static Run restored(DatabaseUrl db, Object... arguments) {
        List<Object> all = new ArrayList<>(List.of(arguments));
        all.add("--yes");
        return restore(db, all.toArray()).run();
    }

    /** A database with a table {@code old}, which a restore must replace or leave. */
    private static DatabaseUrl old() {
        DatabaseUrl db = TestServer.newDatabase();
        execute(db, "CREATE TABLE old AS SELECT 7 AS n");
        return db;
    }

    private static void assertOld(DatabaseUrl db) {
        assertEquals("7", value(db, "SELECT n FROM old"));
        assertEquals("null", value(db, "SELECT to_regnamespace('avdaily_ops')"), "the database was written to");
    }

    private static void assertDump(DatabaseUrl db) {
        assertEquals(
                "1 \\. | 2 line\nbreak; -- ' | 3 -",
                value(db, "SELECT string_agg(id || ' ' || coalesce(\"a;b\", '-'), ' | ' ORDER BY id) FROM t"));
        assertEquals("a;", value(db, "SELECT f(2)"));
        assertEquals("i", value(db, "SELECT obj_description('t_i'::regclass)"));
        assertEquals("null", value(db, "SELECT to_regclass('old')"));
        assertEquals(
                "restore done",
                value(db, "SELECT string_agg(command || ' ' || outcome, ',') FROM avdaily_ops.operation"));
    }

    private static String content(DatabaseUrl db) {
        return schema(db) + TableContent.of(db);
    }

    private static String kept(DatabaseUrl db) {
        return value(db, "SELECT datname FROM pg_database WHERE datname LIKE '" + db.database() + "\\_before\\_%'");
    }

    @Test
    void whatPgDumpWritesIsUnderstood() {
        DatabaseUrl swapped = old();
        restored(swapped, file("a.sql", DUMP), "--mode", "swap").expect(0).says("setting_of_a_newer_server", "kept as");
        assertDump(swapped);
        assertOldKept(swapped);
        DatabaseUrl inPlace = old();
        restored(inPlace, file("a.sql", DUMP), "--mode", "in-place").expect(0);
        assertDump(inPlace);
        DatabaseUrl created = inPlace.withDatabase(inPlace.database() + "_new");
        restored(inPlace, file("a.sql", DUMP), "--into", created.database()).expect(0);
        assertDump(created);
    }

    private static void assertOldKept(DatabaseUrl db) {
        assertEquals("7", value(db.withDatabase(kept(db)), "SELECT n FROM old"));
    }

    @Test
    void ourBackupsComeBackTheSame() {
        DatabaseUrl source = migrated();
        run(source, "seed", "development").expect(0);
        for (String kind : List.of("gzip", "zstd", "none")) {
            Path backups = folder.resolve(kind);
            run(source, "backup", "create", "--dir", backups.toString(), "--compress", kind)
                    .expect(0);
            Path newest = path(new FolderStore(backups).files().get(0));
            DatabaseUrl swapped = old();
            restored(swapped, newest, "--mode", "swap").expect(0);
            assertEquals(content(source), content(swapped), kind);
            DatabaseUrl inPlace = old();
            restored(inPlace, newest, "--mode", "in-place").expect(0);
            assertEquals(content(source), content(inPlace), kind);
        }
    }

    /** 200 places in each kind of file; where our checksum does not cover it, gzip's does. */
    @Test
    void aChangedByteOrACutIsRefused() throws Exception {
        DatabaseUrl source = migrated();
        run(source, "seed", "development").expect(0);
        Random random = new Random(7);
        List<Path> files = new ArrayList<>();
        for (String kind : List.of("gzip", "zstd", "none")) {
            run(source, "backup", "create", "--dir", folder.toString(), "--compress", kind)
                    .expect(0);
            files.add(path(new FolderStore(folder).files().get(0)));
        }
        Path foreign = folder.resolve("foreign.sql.gz");
        try (GZIPOutputStream out = new GZIPOutputStream(Files.newOutputStream(foreign))) {
            out.write(DUMP.repeat(1).getBytes(StandardCharsets.UTF_8));
        }
        files.add(foreign);
        for (Path path : files) {
            byte[] whole = Files.readAllBytes(path);
            BackupFile file = FolderStore.file(path);
            DumpReader.check(file, null, TestServer.INVOCATION.out());
            int first = path == foreign ? 10 : 0; // gzip's own header says when and where it was written: no content
            for (int i = 0; i < 200; i++) {
                byte[] altered = whole.clone();
                int at = first + random.nextInt(whole.length - first);
                altered[at] ^= (byte) (1 + random.nextInt(255));
                assertDamaged(file, altered, "byte " + at);
                int length = random.nextInt(whole.length);
                assertDamaged(file, Arrays.copyOf(whole, length), "cut at " + length);
            }
            Files.write(path, whole);
        }
        DatabaseUrl db = old();
        byte[] cut = Arrays.copyOf(Files.readAllBytes(files.get(0)), 5000);
        Files.write(files.get(0), cut);
        restored(db, files.get(0)).expect(24, "damaged");
        restored(db, file("plain.sql", DUMP.substring(0, DUMP.indexOf("\\N")))).expect(24, "cut off");
        restored(db, file("empty.sql", "")).expect(24);
        restored(db, file("noise.sql", "hello, world")).expect(24);
        assertOld(db);
    }

    private static void assertDamaged(BackupFile file, byte[] bytes, String how) throws IOException {
        Files.write(path(file), bytes);
        Failure failure = assertThrows(
                Failure.class,
                () -> DumpReader.check(file, null, TestServer.INVOCATION.out()),
                () -> file + ": " + how);
        assertEquals(Failure.Kind.DAMAGED, failure.kind, () -> file + ": " + how + ": " + failure.getMessage());
    }

    /**
     * If file and metadata have their checksums, the rows are not read beforehand. What is amiss in them shows before
     * the swap.
     */
    @Test
    void metadataThatLieAreFoundOutBeforeTheSwap() throws Exception {
        DatabaseUrl source = TestServer.newDatabase();
        execute(
                source,
                "CREATE TABLE t AS SELECT g AS n FROM generate_series(1, 1000) g",
                "CREATE TABLE u AS SELECT g AS n FROM generate_series(1, 1000) g");
        UnaryOperator<String> moreRows = text -> text.replace("\"rows\" : 1000", "\"rows\" : 1001");
        UnaryOperator<String> otherTables = text -> text.replace("\"name\" : \"t\"", "\"name\" : \"\"")
                .replace("\"name\" : \"u\"", "\"name\" : \"t\"")
                .replace("\"name\" : \"\"", "\"name\" : \"u\"");
        for (UnaryOperator<String> lie : List.of(moreRows, otherTables)) {
            Path backups = TestServer.temporary("lie");
            run(source, "backup", "create", "--dir", backups.toString()).expect(0);
            BackupFile file = new FolderStore(backups).files().get(0);
            String honest = Files.readString(metadataPath(file));
            write(metadataPath(file), lie.apply(honest));
            DatabaseUrl db = old();
            restored(db, path(file), "--mode", "swap").expect(24, "json", "altered");
            assertOld(db);
            write(
                    checksumPath(file),
                    Sha256.of(path(file)) + "  " + file + "\n" + Sha256.of(metadataPath(file)) + "  "
                            + metadataPath(file).getFileName() + "\n");
            restored(db, path(file), "--mode", "swap").expect(24);
            assertEquals("7", value(db, "SELECT n FROM old"));
            assertEquals("null", kept(db));
            Files.delete(checksumPath(file));
            DatabaseUrl untouched = old();
            restored(untouched, path(file), "--mode", "swap").expect(24, "damaged");
            assertOld(untouched);
            write(metadataPath(file), honest);
            restored(untouched, path(file), "--mode", "swap").expect(0);
            assertEquals("1000", value(untouched, "SELECT count(*) FROM t"));
        }
    }

    /** The numbers of rows may be right and the rows others: their sums tell, before a swap and in a drill. */
    @Test
    void rowsAreProvenByTheirSums() throws Exception {
        DatabaseUrl source = TestServer.newDatabase();
        execute(source, "CREATE TABLE t AS SELECT g AS n FROM generate_series(1, 1000) g");
        Path backups = TestServer.temporary("proof");
        run(source, "backup", "create", "--dir", backups.toString()).expect(0);
        BackupFile file = new FolderStore(backups).files().get(0);
        DatabaseUrl db = old();
        restored(db, path(file), "--mode", "in-place", "--prove").expect(21, "--mode swap");
        assertOld(db);
        restored(old(), path(file), "--mode", "swap", "--prove").expect(0).says("rows are those of the backup");
        String drill = path(file).toString();
        run(source, "backup", "verify", drill, "--restore").expect(0).says("the rows of every table as they were");
        lieAboutSums(file);
        restored(db, path(file), "--mode", "swap", "--prove").expect(1, "public.t");
        assertEquals("7", value(db, "SELECT n FROM old"));
        assertEquals("null", kept(db));
        run(source, "backup", "verify", drill, "--restore").expect(1, "public.t");
        Files.delete(checksumPath(file));
        restored(db, path(file), "--mode", "swap", "--prove").expect(21, "sums");
        run(source, "backup", "verify", drill, "--restore").expect(0).says("as many rows in every table as the file");
    }

    private static void lieAboutSums(BackupFile file) throws IOException {
        Path metadata = metadataPath(file);
        write(metadata, Files.readString(metadata).replaceAll("\"xxh3\" : \"[0-9a-f]{4}", "\"xxh3\" : \"0bad"));
        write(
                checksumPath(file),
                Sha256.of(path(file)) + "  " + file + "\n" + Sha256.of(metadata) + "  " + metadata.getFileName()
                        + "\n");
    }

    /** Elsewhere they may have another text, and another sum. */
    @Test
    void rowsWithMoneyAreSaidToBeCounted() throws Exception {
        DatabaseUrl source = TestServer.newDatabase();
        execute(source, "CREATE TABLE prices AS SELECT 7::money AS price");
        Path backups = TestServer.temporary("money");
        run(source, "backup", "create", "--dir", backups.toString()).expect(0);
        BackupFile file = new FolderStore(backups).files().get(0);
        lieAboutSums(file);
        run(source, "backup", "verify", path(file).toString(), "--restore")
                .expect(0)
                .notes("counted alone: public.prices")
                .says("as many rows in every table as the file");
        restored(old(), path(file), "--mode", "swap", "--prove")
                .expect(0)
                .notes("counted alone: public.prices")
                .says("row counts are right");
    }

    /** In the database that takes the old one's place, and in one that is made from what the backup knows. */
    @Test
    void theLocaleIsKept() throws Exception {
        DatabaseUrl admin = TestServer.admin();
        int version = majorVersion(admin);
        List<String> locales = new ArrayList<>();
        if (version >= 15
                && value(admin, "SELECT count(*) > 0 FROM pg_collation WHERE collprovider = 'i'")
                        .equals("t")) locales.add("LOCALE_PROVIDER icu ICU_LOCALE 'de-u-kn-true'");
        if (version >= 17) locales.add("LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'");
        Assumptions.assumeFalse(locales.isEmpty(), "this server knows no locale but the system's");
        for (String locale : locales) {
            String name = TestServer.newDatabase().database();
            DatabaseUrl db = TestServer.newDatabase().withDatabase(name);
            execute(
                    admin,
                    "DROP DATABASE " + name,
                    "CREATE DATABASE " + name + " OWNER " + TestServer.ROLE
                            + " TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C' " + locale);
            execute(db, "CREATE TABLE t (a text PRIMARY KEY)", "INSERT INTO t VALUES ('a10'), ('a9'), ('B')");
            Path backups = TestServer.temporary("locale");
            run(db, "backup", "create", "--dir", backups.toString()).expect(0);
            String sorted = value(db, "SELECT string_agg(a, ' ' ORDER BY a) FROM t");
            for (String into : List.of(name, name + "_new")) {
                restored(db, "--latest", "--dir", backups, "--into", into, "--mode", "swap")
                        .expect(0);
                assertEquals(locale(name), locale(into));
                assertEquals(sorted, value(db.withDatabase(into), "SELECT string_agg(a, ' ' ORDER BY a) FROM t"));
            }
            assertEquals(locale(kept(db)), locale(name));
        }
    }

    /** A dump of a locale that the server lacks is refused where it makes the database, and nowhere else. */
    @Test
    void aLocaleThatTheServerLacksIsNamed() throws Exception {
        DatabaseUrl db = old();
        for (String locale : List.of("LOCALE = 'xx_XX'", "LC_COLLATE = 'C' LC_CTYPE = 'xx_XX'")) {
            Path dump = file("xx.sql", DUMP.replace("ENCODING = 'UTF8'", "ENCODING = 'UTF8' " + locale));
            restored(db, dump, "--into", db.database() + "_xx", "--dry-run")
                    .expect(21, "the locale xx_XX", "TEMPLATE template0");
            restored(db, dump, "--mode", "swap").expect(0);
        }
        int version = majorVersion(db);
        String other = version < 15
                ? "LOCALE_PROVIDER = icu LOCALE = 'C' ICU_LOCALE = 'de'"
                : version < 17
                        ? "LOCALE_PROVIDER = builtin LOCALE = 'C' BUILTIN_LOCALE = 'C.UTF-8'"
                        : "LOCALE_PROVIDER = builtin LOCALE = 'C' BUILTIN_LOCALE = 'D'";
        Path dump = file("xx.sql", DUMP.replace("ENCODING = 'UTF8'", "ENCODING = 'UTF8' " + other));
        restored(db, dump, "--into", db.database() + "_xx").expect(21, "lacks", "the locale");
    }

    private static String locale(String database) {
        return value(
                TestServer.admin(),
                """
                SELECT (to_jsonb(d)
                        - '{oid,datname,datfrozenxid,datminmxid,datdba,datacl,dattablespace}'::text[])::text
                FROM pg_database d WHERE datname = '%s'"""
                        .formatted(database));
    }

    @Test
    void aWrongKeyIsRefused() throws Exception {
        DatabaseUrl source = old();
        String right = "AGE-SECRET-KEY-1UTVW8J2NAJ2FFVCC7JLQU5GYL8ZQQALT4WZZ7LVFX4TTL0L4DS8SYDG0PT";
        String recipient = "age1c9efhpknpyyjkql3scxfqcp0ldphccjadf3twxdywu4x4gs2hqpsgfrgkr";
        run(source, "backup", "create", "--dir", folder.toString(), "--encrypt-to", recipient)
                .expect(0);
        Path newest = path(new FolderStore(folder).files().get(0));
        DatabaseUrl db = old();
        restored(db, newest).expect(2, "--identity");
        Path wrong = file("wrong.txt", "AGE-SECRET-KEY-1AF45YV0W0CHKZY2CS38KYK6STNAXC60WAPVUT37L8LZP7A0DDJXSXTCF4W\n");
        restored(db, newest, "--identity", wrong).expect(24, "opens it");
        assertOld(db);
        execute(db, "INSERT INTO old VALUES (8)");
        restored(db, newest, "--identity", file("right.txt", right + "\n")).expect(0);
        assertEquals("7", value(db, "SELECT string_agg(n::text, ',') FROM old"));
    }

    @Test
    void theGateStands() {
        DatabaseUrl db = old();
        Path dump = file("a.sql", DUMP);
        command(db, "restore", dump.toString(), "--yes").run().expect(21, "DB_RESTORE_CONFIRM");
        restore(db, dump).run().expect(21, "--yes");
        restored(db, dump, "--env", "production").expect(21, "DB_RESTORE_ALLOW_PRODUCTION");
        DatabaseUrl production = old();
        restore(production, dump, "--env", "production", "--mode", "swap", "--yes")
                .with("DB_RESTORE_ALLOW_PRODUCTION", "1")
                .run()
                .expect(0)
                .says("Go back: DB_RESTORE_CONFIRM=1 DB_RESTORE_ALLOW_PRODUCTION=1 ", "--back");
        restored(db, dump, "--dry-run", "--mode", "swap").expect(0).says("swap", "nothing was written");
        assertOld(db);
        command(db, "restore").run().expect(2);
        restored(db, folder.resolve("nosuch")).expect(2, "nosuch");
        restored(db, "--latest", "--dir", folder).expect(2, "no backup");
    }

    @Test
    void whatADumpDoesNotHoldIsRefusedWithItsLine() {
        DatabaseUrl db = old();
        for (String alien : List.of(
                "\\! id",
                "\\i other.sql",
                "\\copy t from 'x'",
                "CREATE ROLE x;",
                "ALTER SYSTEM SET work_mem = '1GB';",
                "DROP USER x;",
                "DROP OWNED BY x;",
                "REASSIGN OWNED BY x TO y;",
                "GRANT CREATE ON TABLESPACE pg_default TO PUBLIC;",
                "REVOKE SET ON PARAMETER work_mem FROM PUBLIC;",
                "COMMENT ON ROLE x IS 'mine';",
                "COMMENT ON TABLESPACE pg_default IS 'mine';",
                "SECURITY LABEL FOR p ON ROLE x IS 'mine';",
                "LOAD 'plpgsql';",
                "ROLLBACK;",
                "COPY public.t FROM '/etc/passwd';",
                "\\connect other"))
            restored(
                            db,
                            file(
                                    "a.sql",
                                    DUMP.replace(
                                            "DROP TABLE public.gone;",
                                            "\\unrestrict Key1\n" + alien + "\n\\restrict Key1")))
                    .expect(24, alien.equals("\\connect other") ? "several databases" : "line ");
        restored(db, file("a.sql", DUMP.replace("DROP TABLE public.gone;", "\\! id")))
                .expect(24, "line ");
        assertOld(db);
    }

    @Test
    void whatTheServerLacksIsNamed() {
        DatabaseUrl db = old();
        String owned = DUMP.replace(
                "COPY public.t",
                """
                ALTER TABLE public.t OWNER TO "no such";
                GRANT SELECT ON TABLE public.t TO nobody_here;
                COPY public.t""");
        restored(db, file("a.sql", owned)).expect(21, "no such", "nobody_here", "--no-owner");
        restored(
                        db,
                        file(
                                "b.sql",
                                DUMP.replace(
                                        "CREATE TABLE",
                                        "CREATE EXTENSION IF NOT EXISTS no_such_extension;\nCREATE TABLE")))
                .expect(21, "no_such_extension");
        Path spaced = file(
                "c.sql",
                DUMP.replace(
                        "COPY public.t",
                        """
                        CREATE TABLE public.u (tablespace int, id int PRIMARY KEY USING INDEX TABLESPACE "In dex")
                        TABLESPACE no_such_space;
                        CREATE MATERIALIZED VIEW public.mv TABLESPACE third AS
                        SELECT t.tablespace x, tablespace AS y FROM public.u t WITH NO DATA;
                        SET default_tablespace = fourth;
                        SET default_tablespace = '';
                        COPY public.t"""));
        for (String dry : List.of("--dry-run", "--no-owner"))
            restored(db, spaced, dry)
                    .expect(21, "tablespaces In dex, fourth, no_such_space, third", "CREATE TABLESPACE");
        assertOld(db);
        restored(db, file("a.sql", owned), "--no-owner").expect(0).says("owners", "nobody_here");
        assertDump(db);
    }

    @Test
    void aStatementThatFailsLeavesTheOldDatabase() {
        for (String mode : List.of("swap", "in-place")) {
            DatabaseUrl db = old();
            restored(db, file("a.sql", DUMP.replace("2\tline", "1\tline")), "--mode", mode)
                    .expect(25, "line ", "t_pkey");
            assertEquals("7", value(db, "SELECT n FROM old"));
            assertEquals("failed", value(db, "SELECT outcome FROM avdaily_ops.operation"));
            assertEquals("null", kept(db));
        }
    }

    @Test
    @SuppressWarnings("try") // it is held, no more
    void anotherRestoreOfTheDatabaseIsTwentyThree() throws Exception {
        DatabaseUrl db = old();
        try (Lock lock = Lock.take(
                Database.at(db.withDatabase("postgres"), Environment.TESTING, TestServer.INVOCATION),
                "restore " + db.database(),
                1)) {
            restored(db, file("a.sql", DUMP)).expect(23, "restore " + db.database());
        }
        assertOld(db);
    }

    @Test
    void aSwapCarriesWhatIsTheDatabasesOwn() throws Exception {
        DatabaseUrl db = TestServer.newDatabase();
        String name = Sql.quoted(db.database());
        execute(
                db,
                "ALTER DATABASE " + name + " SET search_path TO \"$user\", public, 'odd, name'",
                "ALTER DATABASE " + name + " CONNECTION LIMIT 17",
                "COMMENT ON DATABASE " + name + " IS 'it''s ours'",
                "REVOKE ALL ON DATABASE " + name + " FROM PUBLIC",
                "GRANT TEMPORARY ON DATABASE " + name + " TO pg_monitor WITH GRANT OPTION");
        run(db, "migrate", "up", "--yes", "--env", "testing").expect(0);
        String own =
                """
                SELECT concat_ws(' ', pg_get_userbyid(datdba), pg_encoding_to_char(encoding), datcollate, datctype,
                                 datconnlimit, datacl, shobj_description(d.oid, 'pg_database'), s.setconfig,
                                 (SELECT string_agg(command || outcome, ',' ORDER BY id)
                                  FROM avdaily_ops.operation WHERE command <> 'restore'),
                                 (SELECT name FROM avdaily_ops.environment))
                FROM pg_database d LEFT JOIN pg_db_role_setting s ON setdatabase = d.oid
                WHERE datname = current_database()""";
        String before = value(db, own);
        try (Connection other = TestServer.connect(db)) {
            restored(db, file("a.sql", DUMP), "--mode", "swap").expect(0);
            assertEquals(before, value(db, own));
            assertThrows(SQLException.class, () -> Database.one(other, "SELECT 1", Integer.class));
        }
        DatabaseUrl published = old();
        execute(published, "CREATE PUBLICATION p");
        restored(published, file("a.sql", DUMP), "--mode", "swap").expect(21, "publication p", "in-place");
    }

    @Test
    void theNameOfWhoRestoresMayNeedQuotes() throws Exception {
        DatabaseUrl db = TestServer.newDatabase();
        execute(TestServer.admin(), "CREATE ROLE \"Re \"\"Store\"\"\" LOGIN CREATEDB PASSWORD 'weak'");
        DatabaseUrl odd =
                new DatabaseUrl(db.hosts(), db.database() + "_ödd", "Re \"Store\"", "weak", db.parameters());
        restored(odd, file("a.sql", DUMP)).expect(0);
        restored(odd, file("a.sql", DUMP)).expect(0).says("kept as");
        restored(odd, "--back").expect(0).says("Went back");
    }

    @Test
    void backIsACommandAndLosesNothing() throws Exception {
        DatabaseUrl db = old();
        restore(db, "--back", "--yes").run().expect(2, "no database is kept");
        restored(db, file("a.sql", DUMP), "--mode", "swap").expect(0).says("--back");
        String first = kept(db);
        restore(db, "--back", "--dry-run").run().expect(0).says(first, "DROP DATABASE", "nothing was changed");
        restore(db, "--back").run().expect(21, "--yes");
        command(db, "restore", "--back", "--yes").run().expect(21, "DB_RESTORE_CONFIRM");
        assertDump(db);
        try (Connection other = TestServer.connect(db)) {
            restore(db, "--back", "--yes").run().expect(0).says(first);
            assertThrows(SQLException.class, () -> Database.one(other, "SELECT 1", Integer.class));
        }
        assertEquals("7", value(db, "SELECT n FROM old"));
        assertEquals(
                "restore done, restore back done",
                value(
                        db,
                        "SELECT string_agg(command || ' ' || outcome, ', ' ORDER BY id) FROM avdaily_ops.operation"));
        restore(db, "--back", "--yes").run().expect(0);
        assertEquals("3", value(db, "SELECT count(*) FROM t"));
        assertEquals(first.length(), kept(db).length());
    }

    @Test
    void whatIsKeptLastSortsLastAlsoWhenTheClockWasPutBack() {
        DatabaseUrl db = old();
        String future = db.database() + "_before_20990101_000000";
        execute(TestServer.admin(), "CREATE DATABASE " + future + " OWNER " + TestServer.ROLE);
        restored(db, file("a.sql", DUMP), "--mode", "swap").expect(0).says(db.database() + "_before_20990101_000001");
        restore(db, "--back", "--yes").run().expect(0).says(db.database() + "_before_20990101_000002");
        assertEquals("7", value(db, "SELECT n FROM old"));
    }

    @Test
    void afterARestoreThePlannerKnowsTheTables() {
        for (String mode : List.of("swap", "in-place")) {
            DatabaseUrl db = old();
            restored(db, file("a.sql", DUMP), "--mode", mode).expect(0);
            assertEquals("3", value(db, "SELECT reltuples FROM pg_class WHERE relname = 't'"), mode);
            assertEquals("2", value(db, "SELECT count(*) FROM pg_stats WHERE tablename = 't'"), mode);
        }
    }

    @Test
    void aRoleThatMayNotCreateDatabasesRestoresInPlace() {
        DatabaseUrl db = old();
        DatabaseUrl admin = TestServer.admin();
        execute(admin, "DROP ROLE IF EXISTS small", "CREATE ROLE small LOGIN PASSWORD 'small'");
        execute(
                admin.withDatabase(db.database()),
                "ALTER TABLE old OWNER TO small",
                "ALTER SCHEMA public OWNER TO small",
                "ALTER DATABASE " + db.database() + " OWNER TO small");
        DatabaseUrl small = new DatabaseUrl(db.hosts(), db.database(), "small", "small", db.parameters());
        restored(small, file("a.sql", DUMP)).expect(0).says("in-place", "may not create databases");
        assertDump(small);
        restored(small, file("a.sql", DUMP), "--mode", "swap").expect(21, "no swap");
    }

    /** In whatever moment it is killed, the database is the old one or the new one, and the next restore cleans up. */
    @Test
    void killedItLeavesTheOldOrTheNew() throws Exception {
        StringBuilder rows = new StringBuilder();
        for (int i = 10; i < 200_000; i++)
            rows.append(i).append("\tvalue ").append(i * 7919L).append('\n');
        Path dump = file("big.sql", DUMP.replace("3\t\\N\n", "3\t\\N\n" + rows));
        Random random = new Random(3);
        for (String mode : List.of("swap", "in-place")) {
            DatabaseUrl db = old();
            for (int i = 0; i < (LongForm.IS_ASKED_FOR ? 5 : 2); i++) {
                Process process =
                        restore(db, dump, "--mode", mode, "--yes").start(folder.resolve("out"), folder.resolve("err"));
                Await.sessionOrEnd(process, db, "application_name = 'avdaily-restore'");
                Thread.sleep(random.nextInt(2500)); // any moment of its work will do
                process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
                String state = value(
                        db,
                        """
                        SELECT coalesce(to_regclass('old')::text,
                          'new ' || (SELECT count(*) FROM pg_class WHERE relname IN ('t_pkey', 't_i')))""");
                assertTrue(List.of("old", "new 2").contains(state), state);
                if (state.equals("old")) assertEquals("7", value(db, "SELECT n FROM old"));
                else assertEquals("199993", value(db, "SELECT count(*) FROM t"));
            }
            restored(db, dump, "--mode", mode).expect(0);
            assertEquals("199993", value(db, "SELECT count(*) FROM t"));
        }
    }
}
