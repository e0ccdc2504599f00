import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.backup.BackupFile;
import avdaily.backup.FolderStore;
import avdaily.backup.Globals;
import avdaily.backup.GlobalsReader;
import avdaily.db.Database;
import avdaily.db.DatabaseUrl;
import avdaily.db.Environment;
import avdaily.db.LocalServer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What belongs to a server and to no database, from one server to another one. */
class GlobalsTest extends ScriptTest {
    private static final String[] ROLES = {
        "CREATE ROLE globe_owner CREATEDB NOINHERIT CONNECTION LIMIT 7 VALID UNTIL '2041-02-03 04:05:06+01'",
        "CREATE ROLE globe_login LOGIN PASSWORD 'let me in'",
        "CREATE ROLE \"globe \"\"quoted\"\" 'é'\"",
        "CREATE ROLE globe_boss SUPERUSER REPLICATION VALID UNTIL '0044-03-15 00:00+00 BC'",
        "COMMENT ON ROLE globe_owner IS 'it''s the owner \\ of all'",
        "GRANT globe_owner TO globe_login WITH ADMIN OPTION",
        "GRANT pg_monitor TO globe_login",
        "ALTER ROLE globe_login SET search_path = \"$user\", 'a b', public",
        "ALTER ROLE globe_login SET app.tenant = 'x''y'",
        "ALTER ROLE globe_owner SET log_statement = 'all'",
        "SET allow_in_place_tablespaces = on",
        "CREATE TABLESPACE globe_space OWNER globe_owner LOCATION '' WITH (random_page_cost = 1.5)",
        "GRANT CREATE ON TABLESPACE globe_space TO globe_login",
    };

    private static final String FORGET =
            """
            SET client_min_messages = error;
            DROP DATABASE IF EXISTS %s;
            DROP TABLESPACE IF EXISTS globe_space;
            DROP ROLE IF EXISTS globe_login, globe_owner, globe_boss, "globe ""quoted"" 'é'", globe_new""";

    /** Roles, memberships, settings and tablespaces, in the server's own words. */
    private static final String ALL_OF_IT =
            """
            SELECT string_agg(line::text, E'\n' ORDER BY line::text) FROM (
              SELECT to_jsonb(r) - 'oid' || jsonb_build_object('note', shobj_description(oid, 'pg_authid'))
              FROM pg_roles r WHERE rolname LIKE 'globe%%'
              UNION ALL
              SELECT jsonb_build_array(roleid::regrole, member::regrole, admin_option) FROM pg_auth_members
              WHERE member::regrole::text LIKE '%%globe%%'
              UNION ALL
              SELECT jsonb_build_array(spcname, spcowner::regrole, spcoptions, spcacl) FROM pg_tablespace
              WHERE spcname LIKE 'globe%%'
              UNION ALL
              SELECT jsonb_build_array(datdba::regrole, datconnlimit, datacl, shobj_description(oid, 'pg_database'))
              FROM pg_database WHERE datname = '%1$s'
              UNION ALL
              SELECT jsonb_build_array(setrole, setconfig) FROM (
                SELECT setrole::regrole, setconfig FROM pg_db_role_setting s JOIN pg_database d ON d.oid = setdatabase
                WHERE datname = '%1$s') s) t (line)""";

    private static final String HASH = "SELECT rolpassword FROM pg_authid WHERE rolname = 'globe_login'";
    private static final String KEY = "AGE-SECRET-KEY-1WEKDEP4ZF66AKEHX9EM4PRK5TL3K2RHVLC9MQYX4X3N0JA6SQ29S87PQ75";
    private static final String RECIPIENT = "age1em76rl8d09p7rwna0l6k2wtrr2fl065kl2znc9exvuyne8ez059sj029v9";
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Servers of its own: other tests make and drop roles of theirs at any time. */
    private static final List<LocalServer> SERVERS = new ArrayList<>();

    private static DatabaseUrl origin;
    private static DatabaseUrl other;
    private final Path folder = TestServer.temporary("globals");

    @BeforeAll
    static void start() throws IOException {
        origin = newServer("origin");
        other = newServer("other-server");
        execute(other, "ALTER SYSTEM SET allow_in_place_tablespaces = on");
        execute(other, "SELECT pg_reload_conf()");
    }

    private static DatabaseUrl newServer(String name) throws IOException {
        LocalServer server = new LocalServer(
                TestServer.temporary(name),
                Optional.ofNullable(System.getenv("TEST_PG")).orElse(LocalServer.VERSION),
                TestServer.INVOCATION);
        SERVERS.add(server);
        DatabaseUrl superuser = server.start(Environment.TESTING).withDatabase("postgres");
        execute(superuser, "ALTER SYSTEM SET fsync = off");
        execute(superuser, "SELECT pg_reload_conf()");
        return superuser;
    }

    @AfterAll
    static void stop() {
        SERVERS.forEach(LocalServer::stop);
    }

    /** The superuser's address of a database with roles and all. */
    private static DatabaseUrl shop(DatabaseUrl at) {
        forget(origin, at.database());
        execute(origin, ROLES);
        execute(
                origin,
                "CREATE DATABASE " + at.database() + " OWNER globe_owner CONNECTION LIMIT 9",
                "COMMENT ON DATABASE " + at.database() + " IS 'the shop'",
                "REVOKE CONNECT ON DATABASE " + at.database() + " FROM PUBLIC",
                "GRANT CONNECT ON DATABASE " + at.database() + " TO globe_login WITH GRANT OPTION",
                "ALTER DATABASE " + at.database() + " SET timezone = 'Africa/Lagos'",
                "ALTER ROLE globe_login IN DATABASE " + at.database() + " SET work_mem = '9MB'");
        execute(
                at,
                "CREATE TABLE t (id int PRIMARY KEY, name text) TABLESPACE globe_space",
                "ALTER TABLE t OWNER TO globe_owner",
                "GRANT SELECT ON t TO globe_login, \"globe \"\"quoted\"\" 'é'\"",
                "INSERT INTO t SELECT i, 'n' || i FROM generate_series(1, 20) i");
        return at;
    }

    private static void forget(DatabaseUrl admin, String database) {
        execute(admin, FORGET.formatted(database).split(";"));
    }

    private Path backup(DatabaseUrl db, String... arguments) {
        command(db, "backup", "create", "--dir", folder.toString())
                .and(arguments)
                .run()
                .expect(0);
        return path(new FolderStore(folder).files().get(0));
    }

    private static Run restored(DatabaseUrl db, Path file, String... arguments) {
        return command(db, "restore", file.toString(), "--yes")
                .and(arguments)
                .with("DB_RESTORE_CONFIRM", "1")
                .run();
    }

    @Test
    void anEmptyServerGetsAllOfItInOneCommand() throws IOException {
        DatabaseUrl source = shop(origin.withDatabase("globe_shop"));
        String all = value(origin, ALL_OF_IT.formatted("globe_shop"));
        try {
            Path file = backup(source, "--globals");
            assertFalse(Files.readString(Path.of(file + ".json")).contains("SCRAM"), "nobody asked for passwords");
            restored(other, file, "--globals", "--create")
                    .expect(21, "CREATE ROLE \"globe_boss\" SUPERUSER REPLICATION", "pg_monitor", "--trust-globals");
            assertEquals("0", value(other, "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'globe%'"));
            for (String words : List.of("--globals", "--trust-globals", "--globals --create --into globe_two"))
                needsItsVariables(file, words.split(" "));
            restored(other, file, "--trust-globals", "--create", "--dry-run")
                    .expect(0)
                    .says("globals: CREATE ROLE \"globe_login\" LOGIN;", "Dry run");
            assertEquals("0", value(other, "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'globe%'"));
            restored(other, file, "--trust-globals", "--create")
                    .expect(0)
                    .says("GRANT \"globe_owner\" TO \"globe_login\" WITH ADMIN", "CREATE TABLESPACE \"globe_space\"");
            assertEquals(all, value(other, ALL_OF_IT.formatted("globe_shop")));
            DatabaseUrl copy = other.withDatabase("globe_shop");
            assertEquals(schema(source) + TableContent.of(source), schema(copy) + TableContent.of(copy));
            assertEquals("globe_space", value(copy, "SELECT tablespace FROM pg_tables WHERE tablename = 't'"));
            restored(other, file, "--globals", "--create").expect(21, "there is a database globe_shop", "--create");
            restored(other, file, "--globals", "--create", "--into", "globe_two")
                    .expect(0)
                    .says("globals: ALTER DATABASE \"globe_two\" CONNECTION LIMIT 9;");
            execute(other, "DROP DATABASE globe_two");
        } finally {
            forget(origin, "globe_shop");
            forget(other, "globe_shop");
        }
    }

    /** Roles are made behind the same gate as tables, also where the database is not there yet. */
    private static void needsItsVariables(Path file, String... words) {
        Command command = command(other, "restore", file.toString())
                .and(words)
                .with("AVDAILY_ENV", "production")
                .with("DB_RESTORE_CONFIRM", "1");
        boolean isTrusting = List.of(words).contains("--trust-globals");
        command.and("--yes").run().expect(21, isTrusting ? "DB_RESTORE_ALLOW_PRODUCTION=1 " : "--trust-globals");
        if (isTrusting)
            command(other, "restore", file.toString(), "--yes").and(words).run().expect(21, "DB_RESTORE_CONFIRM=1 ");
        assertEquals("0", value(other, "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'globe%'"));
        assertEquals("0", value(other, "SELECT count(*) FROM pg_database WHERE datname LIKE 'globe%'"));
    }

    /** In whatever moment it is killed, there are all roles or none, and the database or none; the next run goes on. */
    @Test
    @LongForm
    void killedItLeavesAllRolesOrNone() throws Exception {
        DatabaseUrl source = shop(origin.withDatabase("globe_killed"));
        String all = value(origin, ALL_OF_IT.formatted("globe_killed"));
        String roles = "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'globe%'";
        try {
            Path file = backup(source, "--globals");
            IntFunction<Command> restore = run -> command(
                            other, "restore", file.toString(), "--trust-globals", "--create", "--yes")
                    .with("DB_RESTORE_CONFIRM", "1");
            Kills.of(restore, run -> {
                Await.noSession(other, "application_name = 'avdaily-restore'");
                String made = value(other, roles);
                assertTrue(Set.of("0", "4").contains(made), "kill " + run + ": " + made);
                boolean isThere = !value(other, "SELECT count(*) FROM pg_database WHERE datname = 'globe_killed'")
                        .equals("0");
                if (!isThere) restore.apply(0).run().expect(0);
                assertEquals(all, value(other, ALL_OF_IT.formatted("globe_killed")), "kill " + run);
                DatabaseUrl copy = other.withDatabase("globe_killed");
                assertEquals(schema(source) + TableContent.of(source), schema(copy) + TableContent.of(copy));
                assertEquals(
                        "0",
                        value(other, "SELECT count(*) FROM pg_database WHERE datname LIKE 'avdaily\\_restore%'"));
                forget(other, "globe_killed");
            });
        } finally {
            forget(origin, "globe_killed");
            forget(other, "globe_killed");
        }
    }

    @Test
    void passwordsOnlyIfAskedAndOnlyEncrypted() throws IOException {
        DatabaseUrl source = shop(origin.withDatabase("globe_secret"));
        Path key = Files.writeString(folder.resolve("key.txt"), KEY);
        try {
            run(source, "backup", "create", "--dir", folder.toString(), "--role-passwords")
                    .expect(2, "--role-passwords", "--globals");
            run(source, "backup", "create", "--dir", folder.toString(), "--globals", "--role-passwords")
                    .expect(21, "encrypted only", "--encrypt-to");
            assertEquals(0, new FolderStore(folder).files().size());
            run(
                            TestServer.newDatabase(),
                            "backup",
                            "create",
                            "--globals",
                            "--role-passwords",
                            "--encrypt-to",
                            RECIPIENT)
                    .expect(21, "superusers");
            Path file = backup(source, "--globals", "--role-passwords", "--encrypt-to", RECIPIENT);
            String hash = value(origin, HASH);
            assertTrue(hash.startsWith("SCRAM"), hash);
            for (BackupFile written : new FolderStore(folder).files())
                for (Path path : List.of(path(written), metadataPath(written)))
                    assertFalse(
                            Files.readString(path, StandardCharsets.ISO_8859_1).contains("SCRAM"), path.toString());
            for (String form : List.of("--verbose", "--json")) {
                Run info = run(source, "backup", "info", file.toString(), "--identity", key.toString(), form)
                        .expect(0);
                Run look = restored(
                                other,
                                file,
                                "--trust-globals",
                                "--create",
                                "--dry-run",
                                "--identity",
                                key.toString(),
                                form)
                        .expect(0);
                assertTrue(look.out().contains("PASSWORD '***'"), look.out());
                for (Run run : List.of(info, look)) assertFalse((run.out() + run.err()).contains("SCRAM"), run.out());
            }
            restored(other, file, "--trust-globals", "--create", "--identity", key.toString())
                    .expect(0);
            assertEquals(hash, value(other, HASH));
        } finally {
            forget(origin, "globe_secret");
            forget(other, "globe_secret");
        }
    }

    @Test
    void whatIsThereStaysUnlessTheBackupIsTrusted() {
        DatabaseUrl source = shop(origin.withDatabase("globe_there"));
        try {
            execute(
                    origin,
                    "DROP OWNED BY globe_boss",
                    "DROP ROLE globe_boss",
                    "REVOKE pg_monitor FROM globe_login");
            execute(origin, "ALTER ROLE globe_owner RESET log_statement");
            Path file = backup(source, "--globals");
            execute(
                    other,
                    "CREATE ROLE globe_owner LOGIN CONNECTION LIMIT 3",
                    "COMMENT ON ROLE globe_owner IS 'mine'",
                    "ALTER ROLE globe_owner SET work_mem = '5MB'");
            String login = "SELECT rolcanlogin || ' ' || rolconnlimit FROM pg_roles WHERE rolname = 'globe_owner'";
            String member = "SELECT count(*) FROM pg_auth_members WHERE member = to_regrole('globe_login')";
            restored(other, file, "--globals", "--create").expect(21, "GRANT \"globe_owner\" TO \"globe_login\"");
            assertEquals("null", value(other, "SELECT to_regrole('globe_login')"));
            execute(other, "CREATE ROLE globe_login", "GRANT globe_owner TO globe_login WITH ADMIN OPTION");
            restored(other, file, "--globals", "--create")
                    .expect(0)
                    .says("Left out: ALTER ROLE \"globe_owner\" NOINHERIT CREATEDB NOLOGIN CONNECTION LIMIT 7");
            assertEquals("true 3", value(other, login));
            assertEquals("1", value(other, member));
            assertEquals("mine", value(other, "SELECT shobj_description('globe_owner'::regrole, 'pg_authid')"));
            execute(other, "DROP DATABASE globe_there");
            restored(other, file, "--trust-globals", "--create").expect(0);
            assertEquals("false 7", value(other, login));
            assertEquals(
                    "it's the owner \\ of all",
                    value(other, "SELECT shobj_description('globe_owner'::regrole, 'pg_authid')"));
        } finally {
            forget(origin, "globe_there");
            forget(other, "globe_there");
        }
    }

    /** The metadata beside a backup are anybody's: for power one is asked. */
    @Test
    void hostileMetadataGetNoPower() throws IOException {
        Path file = backup(TestServer.newDatabase(), "--globals");
        for (ObjectNode power : List.of(
                with("roles", role("globe_new").put("superuser", true)),
                with("roles", role("globe_new").put("createRole", true)),
                with("roles", role("globe_new").put("replication", true)),
                with("roles", role("globe_new").put("bypassRowSecurity", true)),
                with("roles", role("globe_new").put("login", true).put("password", "md5" + "0".repeat(32))),
                with("memberships", object("role", "pg_execute_server_program", "member", "x")),
                with("memberships", object("role", "postgres", "member", "x")),
                with("settings", ofDatabase("Session_Preload_Libraries", "/tmp/e.so")),
                with("settings", ofDatabase("plpgsql.check_asserts", "off")),
                with("parameters", grant(object("role", "x", "privilege", "SET"))))) {
            write(file, power);
            restoredEvil(file).expect(21, "--trust-globals");
        }
        for (ObjectNode damage : List.of(
                with("roles", object()),
                with("settings", object("name", "work_mem").put("ofDatabase", true)),
                with("tablespaces", object("name", "t")),
                with("memberships", object("role", "x")),
                with("parameters", grant(object("privilege", "SET ON PARAMETER x TO y; --"))))) {
            write(file, damage);
            restoredEvil(file).expect(24);
        }
    }

    @Test
    void whatStaysOfAFailedRestoreIsSaid() throws IOException {
        DatabaseUrl source = TestServer.newDatabase();
        execute(
                source,
                "CREATE TABLE t (id int CHECK (current_database() = '" + source.database() + "'))",
                "INSERT INTO t VALUES (1)");
        Path file = backup(source, "--globals");
        write(file, with("roles", role("globe_new")));
        restored(other, file, "--globals", "--create", "--into", "globe_evil", "--no-owner")
                .expect(25, "violates check constraint", "the databases were not changed", "globe_new", "stays");
        assertEquals("globe_new", value(other, "SELECT to_regrole('globe_new')"));
        execute(other, "DROP ROLE globe_new");
        Path metadata = Path.of(file + ".json");
        ObjectNode elsewhere = (ObjectNode) JSON.readTree(metadata.toFile());
        ((ObjectNode) elsewhere.get("locale")).put("encoding", "NONE_SUCH");
        Files.writeString(metadata, elsewhere.toString());
        restored(other, file, "--globals", "--create", "--into", "globe_evil", "--no-owner")
                .expect(1, "NONE_SUCH", "globe_new", "stays");
        execute(other, "DROP ROLE globe_new");
    }

    /** Before anything is written, with the way on, which leads there. */
    @Test
    void aLocaleThatTheServerLacksIsNamedBeforehand() throws IOException {
        DatabaseUrl source = TestServer.newDatabase();
        execute(source, "CREATE TABLE t AS SELECT 7 AS n");
        Path file = backup(source, "--globals");
        Path metadata = Path.of(file + ".json");
        ObjectNode elsewhere = (ObjectNode) JSON.readTree(metadata.toFile());
        ((ObjectNode) elsewhere.get("locale")).put("collate", "xx_XX").put("ctype", "C");
        Files.writeString(metadata, elsewhere.toString());
        write(file, with("roles", role("globe_new")));
        for (String last : List.of("--dry-run", "--quiet"))
            restored(other, file, "--globals", "--create", "--into", "globe_evil", "--no-owner", last)
                    .expect(21, "the locale xx_XX", "locale -a", "template0 LOCALE 'C'", "without --create");
        assertEquals("null", value(other, "SELECT to_regrole('globe_new')"));
        execute(other, "CREATE DATABASE globe_evil TEMPLATE template0 LOCALE 'C'");
        restored(other, file, "--globals", "--into", "globe_evil", "--no-owner").expect(0);
        assertEquals("7", value(other.withDatabase("globe_evil"), "SELECT n FROM t"));
        forget(other, "globe_evil");
    }

    /** They are those of one snapshot, names included. */
    @Test
    void whatIsDroppedMeanwhileIsToldWhole() throws SQLException {
        forget(origin, "globe_gone");
        execute(origin, "CREATE ROLE globe_owner", "CREATE ROLE globe_login IN ROLE globe_owner");
        execute(origin, "ALTER ROLE globe_login SET work_mem = '5MB'");
        execute(origin, "GRANT CREATE ON DATABASE postgres TO globe_login");
        try (Connection c = TestServer.connect(origin)) {
            c.setAutoCommit(false);
            c.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            Globals before = GlobalsReader.read(c, "postgres", Globals.Passwords.READ);
            execute(origin, "DROP OWNED BY globe_login", "DROP ROLE globe_login, globe_owner");
            assertEquals(before, GlobalsReader.read(c, "postgres", Globals.Passwords.READ));
        }
    }

    /** Where it lies no snapshot tells. */
    @Test
    void aTablespaceThatIsDroppedMeanwhileIsLeftOut() throws SQLException {
        forget(origin, "globe_gone");
        execute(origin, "SET allow_in_place_tablespaces = on", "CREATE TABLESPACE globe_space LOCATION ''");
        try (Connection c = TestServer.connect(origin)) {
            c.setAutoCommit(false);
            c.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            Database.one(c, "SELECT count(*) FROM pg_tablespace", Long.class);
            execute(origin, "DROP TABLESPACE globe_space");
            Globals read = GlobalsReader.read(c, "postgres", Globals.Passwords.LEFT_OUT);
            assertEquals(Optional.empty(), read.tablespace("globe_space"));
        }
    }

    /** A killed restore may have left one; it is in no backup, and nothing that a backup tells names it. */
    @Test
    void rolesOfTheToolkitAreToldNowhere() throws SQLException {
        forget(origin, "globe_gone");
        String limited = "avdaily_limited_1_2";
        execute(
                origin,
                "CREATE ROLE " + limited,
                "CREATE ROLE globe_login IN ROLE " + limited,
                "GRANT CREATE ON DATABASE postgres TO " + limited);
        try (Connection c = TestServer.connect(origin)) {
            boolean hasParameters = c.getMetaData().getDatabaseMajorVersion() >= 15;
            if (hasParameters) Database.run(c, "GRANT SET ON PARAMETER log_statement TO " + limited);
            Globals read = GlobalsReader.read(c, "postgres", Globals.Passwords.LEFT_OUT);
            assertFalse(read.toString().contains(limited), read.toString());
        }
        execute(origin, "DROP OWNED BY " + limited, "DROP ROLE globe_login, " + limited);
    }

    /** What they say is taken as values. */
    @Test
    void hostileMetadataAreNoStatements() throws IOException {
        Path file = backup(TestServer.newDatabase(), "--globals");
        String evil = "e' \\' \"; CREATE ROLE globe_new SUPERUSER; --";
        ObjectNode texts = with("roles", role(evil).put("comment", evil));
        texts.withArray("roles").add(role("globe_owner").put("validUntil", "infinity"));
        texts.withArray("settings")
                .add(ofDatabase(evil, evil))
                .add(object("role", evil, "name", "search_path", "value", evil))
                .add(object("name", "work_mem", "value", "1GB"));
        texts.set("database", object("owner", evil, "comment", evil).put("connectionLimit", -1));
        write(file, texts);
        restoredEvil(file).expect(0).says("Left out: ALTER ROLE ALL SET \"work_mem\" TO '1GB'");
        assertEquals(
                evil, value(other, "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'globe_evil'"));
        assertEquals("null", value(other, "SELECT to_regrole('globe_new')"));
        execute(other, "DROP DATABASE globe_evil", "DROP ROLE globe_owner, \"" + evil.replace("\"", "\"\"") + "\"");
    }

    private static Run restoredEvil(Path file) {
        return restored(other, file, "--globals", "--create", "--into", "globe_evil");
    }

    /** An object of these names and texts, in turn. */
    private static ObjectNode object(String... words) {
        ObjectNode object = JSON.createObjectNode();
        for (int i = 0; i < words.length; i += 2) object.put(words[i], words[i + 1]);
        return object;
    }

    private static ObjectNode ofDatabase(String setting, String value) {
        return object("name", setting, "value", value).put("ofDatabase", true);
    }

    private static ObjectNode grant(ObjectNode grant) {
        return object("name", "log_statement")
                .set("grants", JSON.createArrayNode().add(grant));
    }

    private static ObjectNode role(String name) {
        return JSON.createObjectNode().put("name", name).put("inherit", true).put("connectionLimit", -1);
    }

    private static ObjectNode with(String key, JsonNode one) {
        return JSON.createObjectNode().set(key, JSON.createArrayNode().add(one));
    }

    /** Puts other globals into the metadata of a backup, as whoever can write its folder does. */
    private static void write(Path file, ObjectNode globals) throws IOException {
        Path metadata = Path.of(file + ".json");
        ObjectNode all = (ObjectNode) JSON.readTree(metadata.toFile());
        Files.writeString(metadata, all.set("globals", globals).toString());
        Files.deleteIfExists(Path.of(file + ".sha256"));
    }
}
