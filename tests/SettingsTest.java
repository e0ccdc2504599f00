import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.base.Failure;
import avdaily.base.Settings;
import avdaily.db.DatabaseUrl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Which variable of which file decides, and that nothing is decided by half of one. */
class SettingsTest extends ScriptTest {
    private static Path project(String... namesAndTexts) {
        Path folder = TestServer.temporary("project");
        write(folder.resolve("avdaily.yaml"), "name: avdaily\n");
        for (int i = 0; i < namesAndTexts.length; i += 2) write(folder.resolve(namesAndTexts[i]), namesAndTexts[i + 1]);
        return folder;
    }

    private static Optional<String> read(String file, String name, Map<String, String> process) {
        return new Settings(process, project(".env", file)).get(name);
    }

    private static DatabaseUrl address(Map<String, String> variables) {
        Settings settings = new Settings(variables, TestServer.temporary("empty"));
        return DatabaseUrl.named(null, settings).orElseThrow().parse(settings);
    }

    @Test
    void anEmptyAddressIsAMissingSecretAndNotTheLocalServer() {
        for (String empty : List.of("", "  "))
            for (List<String> words : List.of(
                    List.of("backup"),
                    List.of("integrity", "check"),
                    List.of("migrate", "up", "--yes"),
                    List.of("monitor"),
                    List.of("deploy", "development", "--yes"),
                    List.of("db", "start")))
                command(words.get(0), words.subList(1, words.size()).toArray(String[]::new))
                        .with("DATABASE_URL", empty)
                        .run()
                        .expect(2, "DATABASE_URL is empty", "unset it");
        command("migrate", "status")
                .in(project(".env", "DATABASE_URL=\n"))
                .run()
                .expect(2, "DATABASE_URL is empty");
        command("migrate", "status", "--url", "").run().expect(2, "--url", "it is empty");
    }

    /** Programs lie there that are run, and a key: who may write to the project's folder may not name the place. */
    @Test
    void noFileOfTheFolderSaysWhereTheUsersOwnProgramsAre() {
        Path home = TestServer.temporary("home");
        Map<String, String> process = Map.of("HOME", home.toString());
        Path planted = project(".env", "AVDAILY_HOME=planted\n");
        Failure refusal = assertThrows(Failure.class, new Settings(process, planted)::ownFolder);
        assertTrue(refusal.getMessage().contains("AVDAILY_HOME stands in a file"), refusal.getMessage());
        Map<String, String> named = Map.of("AVDAILY_HOME", home.resolve("mine").toString());
        assertEquals(home.resolve("mine"), new Settings(named, planted).ownFolder());
        assertEquals(home.resolve(".avdaily"), new Settings(process, project(".env", "A=1\n")).ownFolder());
    }

    /** Java calls the home of a user without one "?", which a stranger's working copy may have. */
    @Test
    void noFolderOfTheWorkingDirectoryIsAHome() {
        Settings homeless = new Settings(Map.of("HOME", "?"), project("?/.pgpass", "*:*:*:*:x\n"));
        assertTrue(homeless.home().isAbsolute(), homeless.home()::toString);
        Failure refusal = assertThrows(Failure.class, homeless::ownFolder);
        assertTrue(refusal.getMessage().contains("has no home"), refusal.getMessage());
    }

    @Test
    void aHalfReadFileIsRefusedByLineAndWithoutItsValue() {
        for (String half : List.of(
                "A=1\nNAME=\"s3cret\nDATABASE_URL=postgresql://u:s3cret@h/x\n",
                "A=1\nNAME=\"s3cret\nDATABASE_URL=\"postgresql://u:s3cret@h/x\"\n",
                "A=1\nNAME='s3cret\n",
                "A=1\nNAME=\"s3cret@${A\"\n",
                "A=1\nNAME=s3cret@${A?no}\n",
                "A=1\nNAME s3cret\n")) {
            Run run = command("backup").in(project(".env", half)).run().expect(2, ".env", "line 2", "NAME");
            assertFalse(run.err().contains("s3cret@"), run.err());
        }
        command("backup")
                .in(project(".env", "DATABASE_URL=postgresql://u:${NOT_THERE}@h/x\n"))
                .run()
                .expect(2, "${NOT_THERE} is not set", "DATABASE_URL");
    }

    /** Where secrets are mounted as files, one that is missing is a link to nothing. */
    @Test
    void aFileThatIsALinkToNothingIsNoMissingFile() throws IOException {
        Path folder = project("a", "");
        Files.createSymbolicLink(folder.resolve(".env"), folder.resolve("gone"));
        command("backup").in(folder).run().expect(2, ".env", "there is no such file");
        command("backup", "--env-file", ".").in(folder).run().expect(2, "it is a folder");
    }

    /** A backup in the wrong place, or a database that counts as development, is worse than none. */
    @Test
    void aVariableThatSaysWhereOrWhatIsNotEmpty() {
        for (String name : List.of(
                "BACKUP_DIR",
                "AVDAILY_ENV",
                "AVDAILY_CONFIG",
                "AVDAILY_MIGRATIONS",
                "AVDAILY_SEEDS",
                "AVDAILY_RULES")) {
            Settings settings = new Settings(Map.of(name, " "), TestServer.temporary("work"));
            Failure failure = assertThrows(Failure.class, () -> settings.get(name), name);
            assertTrue(failure.getMessage().contains(name + " is empty, as set by the process"), failure.getMessage());
            assertEquals(
                    Optional.of("x"),
                    new Settings(Map.of(name, "x"), TestServer.temporary("work")).get(name));
        }
        command(TestServer.newDatabase(), "backup").with("BACKUP_DIR", "").run().expect(2, "BACKUP_DIR is empty");
        command("backup").with("PGHOST", "").with("PGUSER", "").run().expect(2, "PGHOST is empty", "unset it");
    }

    @Test
    void aFileIsReadAsShellsAndOtherToolsWriteIt() {
        String file =
                """
                \uFEFFexport A=one
                # B=no
                C = 'it ${A} is' # as it stands
                D="x\\"y ${A}-${MISSING:-none}"
                E=${HERE}/a#b # but this is a comment
                F="two
                lines"
                G=\\${A}
                H="a\\\\nb"
                """;
        Map<String, String> process = Map.of("HERE", "/here", "B", "real");
        Map.of(
                        "A",
                        "one",
                        "B",
                        "real",
                        "C",
                        "it ${A} is",
                        "D",
                        "x\"y one-none",
                        "E",
                        "/here/a#b",
                        "F",
                        "two\nlines",
                        "G",
                        "${A}",
                        "H",
                        "a\\nb")
                .forEach((name, value) -> assertEquals(Optional.of(value), read(file, name, process), name));
        assertEquals(Optional.of("b"), read("A=a\r\nB=b\r\n", "B", Map.of()));
    }

    @Test
    void variablesOfAFileThatReferToEachOtherAreRefused() {
        Failure circle = assertThrows(Failure.class, () -> read("A=x${B}\nB=${C:-y}\nC=${A}\n", "A", Map.of()));
        assertTrue(circle.getMessage().contains("${A} refers to itself"), circle.getMessage());
        assertEquals(Optional.of("xz"), read("A=x${B}\nB=${A}\n", "A", Map.of("B", "z")));
        assertEquals(Optional.of("x"), read("A=x${A:-}\n", "A", Map.of()));
    }

    @Test
    void theProjectsFileIsFoundFromItsSubfolders() {
        DatabaseUrl db = TestServer.newDatabase();
        Path folder = project(
                ".env",
                "DATABASE_URL=" + db.withPassword() + "\nAVDAILY_MIGRATIONS=db\n",
                "db/V1__a.sql",
                "CREATE TABLE a (id int);\n");
        write(folder.resolve("src/deep/file"), "");
        command("migrate", "up", "--yes")
                .in(folder.resolve("src/deep"))
                .run()
                .expect(0)
                .says("at version 1");
        command("db", "url", "--explain")
                .in(folder.resolve("src"))
                .run()
                .expect(0)
                .says(db.database());
        assertTrue(command("db", "url", "--explain")
                .in(folder.resolve("src"))
                .run()
                .err()
                .contains("DATABASE_URL, set by " + folder.resolve(".env")));
        Path other = TestServer.temporary("other");
        write(other.resolve(".env"), "DATABASE_URL=" + db.withPassword() + "\n");
        write(other.resolve("inner/file"), "");
        command("migrate", "status", "--env", "production")
                .in(other.resolve("inner"))
                .run()
                .expect(21, "DATABASE_URL");
    }

    @Test
    void theEnvironmentsOwnFileGoesOverTheCommonOne() {
        DatabaseUrl common = TestServer.newDatabase();
        DatabaseUrl staging = TestServer.newDatabase();
        Path folder = project(
                ".env",
                "DATABASE_URL=" + common.withPassword() + "\n",
                ".env.staging",
                "DATABASE_URL=" + staging.withPassword() + "\n",
                "other.env",
                "AVDAILY_ENV=demo\nDATABASE_URL=" + staging.withPassword() + "\n");
        command("db", "url").in(folder).run().expect(0).says(common.database());
        command("db", "url", "--env", "staging").in(folder).run().expect(0).says(staging.database());
        command("db", "url")
                .with("NODE_ENV", "staging")
                .in(folder)
                .run()
                .expect(0)
                .says(staging.database());
        command("deploy", "staging", "--dry-run").in(folder).run().expect(0).says(staging.database());
        command("db", "--env-file", "other.env", "url", "--json")
                .in(folder)
                .run()
                .expect(0)
                .says("demo");
        command("db", "url", "--env-file", "none.env").in(folder).run().expect(2, "none.env", "--env-file");
    }

    @Test
    void aSecretMayLieInAFile() {
        DatabaseUrl db = TestServer.newDatabase();
        Path folder = project("secret", "\uFEFF" + db.withPassword() + "\r\n", "empty", "\uFEFF\n");
        command("db", "url")
                .with("DATABASE_URL_FILE", "secret")
                .in(folder)
                .run()
                .expect(0)
                .says(db.database());
        command("db", "url").with("DATABASE_URL_FILE", "empty").in(folder).run().expect(2, "DATABASE_URL is empty");
        command("db", "url").with("DATABASE_URL_FILE", "none").in(folder).run().expect(2, "DATABASE_URL_FILE", "none");
        command(db, "db", "url")
                .with("DATABASE_URL_FILE", "secret")
                .in(folder)
                .run()
                .expect(2, "both set");
    }

    @Test
    void libpqsVariablesNameADatabaseAsForPsql() {
        DatabaseUrl db = TestServer.newDatabase();
        DatabaseUrl.Host host = db.hosts().get(0);
        command("db", "url")
                .with("PGHOST", host.name())
                .with("PGPORT", String.valueOf(host.port()))
                .with("PGDATABASE", db.database())
                .with("PGUSER", db.user())
                .with("PGPASSWORD", TestServer.PASSWORD)
                .run()
                .expect(0)
                .says(db.withoutPassword());
        assertEquals(
                "localhost:5432/shop", address(Map.of("PGDATABASE", "shop")).toString());
        assertEquals(
                "h:7/u",
                address(Map.of("PGHOST", "h", "PGPORT", "7", "PGUSER", "u")).toString());
        Path folder = project(
                "services",
                "[shopping]\nhost=x\n # h\n[shop]\r\n\thost=h\nport=8\nport=9\ndbname=d\nuser=u\n"
                        + "application_name=a\nsslmode=require\n[shop]\nuser=v\n");
        String services = folder.resolve("services").toString();
        DatabaseUrl shop = address(Map.of("PGSERVICE", "shop", "PGSERVICEFILE", services, "PGDATABASE", "other"));
        assertEquals("postgresql://u@h:8/d?sslmode=require", shop.withoutPassword());
        Failure failure =
                assertThrows(Failure.class, () -> address(Map.of("PGSERVICE", "none", "PGSERVICEFILE", services)));
        assertTrue(failure.getMessage().contains("no service 'none' in " + services), failure.getMessage());
    }

    /** Who is to correct it has to know where it stands: not in an address that is right. */
    @Test
    void whoSaysWhatIsWrongIsNamed() {
        Path folder = project("services", "[shop]\nsslmode=odd\n");
        String services = folder.resolve("services").toString();
        says("PGPORT, set by ", () -> address(Map.of("PGPORT", "abc")));
        says("PGSSLMODE, set by ", () -> address(Map.of("PGHOST", "h", "PGSSLMODE", "odd")));
        says("connection service", () -> address(Map.of("PGSERVICE", "shop", "PGSERVICEFILE", services)));
        says("database URL", () -> parse("?port=abc"));
        assertEquals(
                7, parse("?port=7", Map.of("PGPORT", "abc")).hosts().get(0).port(), "what does not count is not read");
        DatabaseUrl db = TestServer.newDatabase();
        command("migrate", "status", "--url", db.withoutPassword() + "?sslmode=require")
                .run()
                .expect(20, "does not support SSL", "correct host, port and sslmode");
        DatabaseUrl none = db.withDatabase("none");
        command("migrate", "status", "--url", none.withPassword())
                .run()
                .expect(20, "no database 'none'", "(--url on the command line)");
        command(none, "migrate", "status").run().expect(20, "no database 'none'", "(DATABASE_URL, set by ");
        command("migrate", "status")
                .with("PGHOST", db.hosts().get(0).name())
                .with("PGPORT", String.valueOf(db.hosts().get(0).port()))
                .with("PGDATABASE", "none")
                .with("PGUSER", db.user())
                .with("PGPASSWORD", TestServer.PASSWORD)
                .run()
                .expect(20, "no database 'none'", "PGDATABASE, set by ");
    }

    private static void says(String source, Executable address) {
        Failure failure = assertThrows(Failure.class, address);
        assertTrue(failure.getMessage().startsWith(source) || failure.getMessage().startsWith("the " + source));
    }

    @Test
    void whatOtherToolsWriteIsUnderstoodOrNamed() {
        assertEquals(
                "postgresql://u@h:5432/x?sslmode=require",
                parse("?schema=public&pgbouncer=true&connection_limit=1&sslmode=no-verify")
                        .withoutPassword());
        assertEquals("verify-full", parse("?ssl=true").parameters().get("sslmode"));
        assertEquals(
                "require", parse("?sslaccept=accept_invalid_certs").parameters().get("sslmode"));
        assertEquals("disable", parse("?sslmode=disable&ssl=true").parameters().get("sslmode"));
        for (String name : List.of("colour", "schema", "sslaccept")) {
            Failure failure = assertThrows(Failure.class, () -> parse("?" + name + "=odd"));
            assertTrue(failure.getMessage().contains(name), failure.getMessage());
        }
    }

    private static DatabaseUrl parse(String parameters) {
        return parse(parameters, Map.of());
    }

    private static DatabaseUrl parse(String parameters, Map<String, String> variables) {
        return DatabaseUrl.parse("postgresql://u@h/x" + parameters, new Settings(variables, Path.of("")));
    }

    @Test
    void whatFindsNothingToWorkOnSaysSo() {
        DatabaseUrl db = TestServer.newDatabase();
        Path folder = TestServer.temporary("backups");
        for (List<String> words : List.of(
                List.of("backup"),
                List.of("backup", "create"),
                List.of("backup", "verify"),
                List.of("integrity", "check"),
                List.of("integrity", "quick"),
                List.of("integrity", "report"))) {
            String[] rest = words.subList(1, words.size()).toArray(String[]::new);
            Run run = command(db, words.get(0), rest)
                    .with("BACKUP_DIR", folder.toString())
                    .run()
                    .expect(0);
            assertTrue(run.err().contains("Note: ") && run.err().contains("avdaily-db url --explain"), run.err());
            command(db, words.get(0), rest)
                    .and("--strict")
                    .with("BACKUP_DIR", folder.toString())
                    .run()
                    .expect(22, "no table");
        }
        execute(db, "CREATE TABLE a (id int PRIMARY KEY)");
        command(db, "backup", "--strict")
                .with("BACKUP_DIR", folder.toString())
                .run()
                .expect(0);
        run(db, "integrity", "check", "--strict").expect(22, "none of the project's rules was checked");
    }

    @Test
    void commandsArePrintedAsTheyCanBePasted() {
        DatabaseUrl db = TestServer.newDatabase();
        for (String call : List.of("./jbang avdaily-*", "./jbang avdaily-*@org", "avdaily-*")) {
            String status = call.replace("*", "migrate");
            Run run = command(db, "migrate", "up")
                    .with("AVDAILY_COMMAND", call)
                    .run()
                    .expect(21, ": " + status + " up --yes");
            assertTrue(run.err().startsWith("avdaily-migrate: "), run.err());
            String next = command(db, "migrate", "up", "--json")
                    .with("AVDAILY_COMMAND", call)
                    .run()
                    .json()
                    .get("next")
                    .asText();
            assertTrue(next.contains(": " + status + " up --json --yes"), next);
        }
    }

    /** The launcher says that the files are a clone's; then those that are not packed count too. */
    @Test
    void newFilesOfACloneWorkAtOnce() {
        DatabaseUrl db = TestServer.newDatabase();
        Path clone = TestServer.temporary("clone");
        copy(PROJECT.resolve("migrations"), clone.resolve("migrations"));
        copy(PROJECT.resolve("seeds"), clone.resolve("seeds"));
        inClone(db, clone, "migrate", "new", "add thing").expect(0);
        write(
                clone.resolve("migrations/V10__add_thing.sql"),
                "CREATE TABLE thing (id int PRIMARY KEY, name text UNIQUE);\n");
        write(clone.resolve("migrations/U10__add_thing.sql"), "DROP TABLE thing;\n");
        write(clone.resolve("seeds/development/thing.yaml"), "- {id: 1, name: one}\n");
        inClone(db, clone, "migrate", "status", "--check").expect(22, "pending");
        inClone(db, clone, "deploy", "development", "--seed", "--yes").expect(0);
        assertEquals("1 one", value(db, "SELECT concat(id, ' ', name) FROM thing"));
        run(db, "migrate", "status").expect(0);
    }

    private static Run inClone(DatabaseUrl db, Path clone, String script, String... words) {
        return command(db, script, words)
                .with("AVDAILY_CLONE", clone.toString())
                .in(clone)
                .run();
    }
}
