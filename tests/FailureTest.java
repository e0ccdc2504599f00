import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.base.Failure;
import avdaily.base.Invocation;
import avdaily.base.Out;
import avdaily.base.Reason;
import avdaily.base.Settings;
import avdaily.db.Database;
import avdaily.db.DatabaseChoice;
import avdaily.db.DatabaseUrl;
import avdaily.db.Failures;
import avdaily.db.OperationLog;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;

/** What a failure says to programs: its exit code, its JSON document, and the place of its cause for a CI system. */
class FailureTest extends ShopTest {
    private final Path folder = TestServer.temporary("repository");

    private Path put(String name, String text) {
        write(folder.resolve(name), text);
        return folder.resolve(name);
    }

    private static void says(Run run, int exitCode, String code, String file, int line) {
        JsonNode json = run.expect(exitCode).json();
        assertEquals(exitCode, json.get("exitCode").asInt(), run.out());
        assertEquals(code, json.get("code").asText(), run.out());
        assertTrue(json.get("file").asText().endsWith(file), run.out());
        assertEquals(line, json.get("line").asInt(), run.out());
        assertFalse(json.get("next").asText().isEmpty());
    }

    private Command migrate(DatabaseUrl db, String... words) {
        return command(db, "migrate", words)
                .in(folder)
                .with("AVDAILY_MIGRATIONS", folder.resolve("migrations").toString());
    }

    /** What is no exception, as a lack of memory, leaves no row of a run that is under way for ever. */
    @Test
    void anErrorOfJavaIsLogged() throws Exception {
        DatabaseUrl url = TestServer.newDatabase();
        Settings settings = new Settings(Map.of("DATABASE_URL", url.withPassword()), folder);
        Out out = Out.to(OutputStream.nullOutputStream(), OutputStream.nullOutputStream(), List.of());
        try (Database db = Database.open(
                new Invocation("avdaily-restore", List.of(), false, out, settings),
                new DatabaseChoice(null, null, settings.project().file()))) {
            for (Executable work : List.<Executable>of(
                    () -> OperationLog.record(db, "one", details -> {
                        details.put("so", "far");
                        throw new OutOfMemoryError("no room");
                    }),
                    () -> OperationLog.within(db, "two", operation -> {
                        throw new OutOfMemoryError("no room");
                    }))) assertThrows(OutOfMemoryError.class, work);
        }
        assertEquals(
                "one failed far no room, two failed - no room",
                value(
                        url,
                        """
                        SELECT string_agg(concat_ws(' ', command, outcome, coalesce(details ->> 'so', '-'),
                          substring(details ->> 'error' FROM 'no room')), ', ' ORDER BY id)
                        FROM avdaily_ops.operation"""));
    }

    /** A deployment that ends so is taken back, as after any failure. */
    @Test
    void anErrorOfJavaTakesADeploymentBack() {
        DatabaseUrl db = TestServer.newDatabase();
        put("migrations/V1__a.sql", "CREATE TABLE a (id int); DO $$ BEGIN RAISE NOTICE 'made'; END $$;");
        put("migrations/U1__a.sql", "DROP TABLE a;");
        List<String> words = List.of("development", "--yes");
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        OutputStream full = new OutputStream() {
            private boolean isFull;

            @Override
            public void write(int b) {
                said.write(b);
                if (isFull || !said.toString(StandardCharsets.UTF_8).endsWith("made")) return;
                isFull = true;
                throw new OutOfMemoryError("no room");
            }
        };
        Map<String, String> variables = Map.of(
                "DATABASE_URL",
                db.withPassword(),
                "AVDAILY_MIGRATIONS",
                "migrations",
                "BACKUP_DIR",
                folder.resolve("backups").toString());
        int code = Script.run(
                script("deploy"),
                Out.to(OutputStream.nullOutputStream(), full, words),
                new Settings(variables, folder),
                words.toArray(String[]::new));
        String text = said.toString(StandardCharsets.UTF_8);
        assertEquals(1, code, text);
        assertTrue(text.contains("no room; the deployment was taken back"), text);
        assertEquals("failed", value(db, "SELECT outcome FROM avdaily_ops.operation WHERE command = 'deploy'"), text);
        assertEquals("null", value(db, "SELECT to_regclass('a')"), text);
    }

    @Test
    void sqlThatTheServerRefusesIsOfItsOwnKindWithFileAndLine() {
        DatabaseUrl db = TestServer.newDatabase();
        put("migrations/V1__a.sql", "CREATE TABLE a (id int PRIMARY KEY);");
        migrate(db, "up", "--yes").run().expect(0);
        put("migrations/V2__b.sql", "CREATE TABLE b ();\n\nINSERT INTO a\nVALUES ('x');");
        says(migrate(db, "up", "--yes", "--json").run(), 25, "sql", "migrations/V2__b.sql", 4);
        says(migrate(db, "up", "--dry-run", "--json").run(), 25, "sql", "migrations/V2__b.sql", 4);
        says(migrate(db, "lint", "--json").run(), 25, "sql", "migrations/V2__b.sql", 4);
        says(migrate(db, "verify-undo", "--json").run(), 25, "sql", "migrations/V2__b.sql", 4);
        says(
                command(db, "deploy", "development", "--yes", "--json")
                        .in(folder)
                        .with("AVDAILY_MIGRATIONS", "migrations")
                        .run(),
                25,
                "sql",
                "migrations/V2__b.sql",
                4);
        put("migrations/V2__b.sql", "CREATE INDEX CONCURRENTLY i ON a (id);\nREINDEX INDEX CONCURRENTLY none;");
        says(migrate(db, "up", "--yes", "--no-backup", "--json").run(), 25, "sql", "migrations/V2__b.sql", 2);
        execute(db, "DROP INDEX i", "DELETE FROM flyway_schema_history WHERE NOT success");
        put("migrations/V2__b.sql", "CREATE TABLE b (a int REFERENCES a DEFERRABLE INITIALLY DEFERRED);");
        put("migrations/U2__b.sql", "DROP TABLE b;\nDROP TABLE c;");
        migrate(db, "up", "--yes").run().expect(0);
        says(migrate(db, "rollback", "--yes", "--json").run(), 25, "sql", "migrations/U2__b.sql", 2);
        put("migrations/afterMigrate__c.sql", "SELECT 1;\n SELECT 1 / 0;");
        put("migrations/V3__c.sql", "SELECT 3;");
        says(migrate(db, "up", "--yes", "--json").run(), 25, "sql", "migrations/afterMigrate__c.sql", 2);
        put("migrations/V4__d.sql", "SELECT 3;\nCOMMIT;");
        says(migrate(db, "up", "--yes", "--json").run(), 2, "usage", "migrations/V4__d.sql", 2);
    }

    @Test
    void theServersOwnTroubleIsNoFaultOfTheSql() {
        DatabaseUrl db = TestServer.newDatabase();
        put("migrations/V1__a.sql", "DO $$ BEGIN RAISE 'no room' USING ERRCODE = 'disk_full'; END $$;");
        says(migrate(db, "up", "--yes", "--json").run(), 1, "error", "migrations/V1__a.sql", 1);
    }

    @Test
    void ciSystemsAreShownTheLine() throws IOException {
        DatabaseUrl db = TestServer.newDatabase();
        put("migrations/V1__a.sql", "SELECT 1;\nSELECT 100, 'a,b:c' FROM nowhere;");
        Path summary = folder.resolve("summary.md");
        Run github = migrate(db, "up", "--yes", "--json")
                .with("GITHUB_STEP_SUMMARY", summary.toString())
                .with("GITHUB_ACTIONS", "true")
                .with("GITHUB_WORKSPACE", folder.toString())
                .run()
                .expect(25)
                .notes("::error file=migrations/V1__a.sql,line=2,title=avdaily-migrate::V1__a.sql line 2: relation "
                        + "\"nowhere\" does not exist; nothing of V1 a stays. Go on: correct line 2 of V1__a.sql");
        assertEquals(25, github.json().get("exitCode").asInt());
        migrate(db, "validate", "--json").with("GITHUB_STEP_SUMMARY", summary.toString()).run();
        command(db, "integrity", "quick").with("GITHUB_STEP_SUMMARY", summary.toString()).in(folder).run();
        String page = Files.readString(summary);
        assertTrue(page.startsWith("**avdaily-migrate up** ended with 25: V1__a.sql line 2: relation"), page);
        assertTrue(page.contains("\n\n**avdaily-integrity quick** "), page);
        assertFalse(page.contains("validate"), page);
        migrate(db, "up", "--yes")
                .with("GITLAB_CI", "true")
                .with("CI_PROJECT_DIR", folder.getParent().toString())
                .run()
                .expect(25)
                .notes(folder.getFileName() + "/migrations/V1__a.sql:2: error: avdaily-migrate: V1__a.sql line 2: ");
        assertFalse(migrate(db, "up", "--yes").run().expect(25).err().contains("error:"), "nobody reads it here");
        command(db, "deploy", "development", "--yes")
                .in(folder)
                .with("AVDAILY_MIGRATIONS", "migrations")
                .with("GITHUB_ACTIONS", "true")
                .run()
                .expect(25)
                .notes("::error file=migrations/V1__a.sql,line=2,title=avdaily-deploy::");
    }

    @Test
    void seedsAndRulesSayTheirLineToo() {
        DatabaseUrl db = shop(
                "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                        + " IF new.name = 'evil' THEN RAISE 'not this one'; END IF; RETURN new; END $$",
                "CREATE TABLE thing (id int PRIMARY KEY, name text UNIQUE NOT NULL, n int)",
                "CREATE TRIGGER no BEFORE INSERT ON thing FOR EACH ROW EXECUTE FUNCTION no()");
        put("seeds/seeds.yaml", "tables: {thing: {key: name}}\n");
        put("seeds/development/thing.yaml", "- {id: 1, name: good}\n- {id: 2, name: evil}\n");
        Command seed = command(db, "seed", "--json").in(folder).with("AVDAILY_SEEDS", "seeds");
        says(seed.run(), 25, "sql", "seeds/development/thing.yaml", 2);
        assertEquals("0", value(db, "SELECT count(*) FROM thing"));
        put("seeds/development/thing.yaml", "- {id: 1, name: good}\n- {id: 2, name: bad, n: x}\n");
        says(seed.run(), 2, "usage", "seeds/development/thing.yaml", 2);
        put("seeds/development/thing.yaml", "- {id: 1, name: good}\n- {id: 2,\n");
        assertTrue(seed.run().expect(2).json().get("line").asInt() >= 2);
        String failing = file(
                "rules.yaml",
                "rules:\n\n- {id: BAD-1, category: business, severity: info, means: It fails., table: person,"
                        + " where: nix}\n");
        Command check = command(db, "integrity", "check", "--only", "BAD-1", "--rules", failing);
        check.with("GITHUB_ACTIONS", "true")
                .run()
                .expect(25)
                .notes("rules.yaml,line=3,title=avdaily-integrity::1 rule");
        put("rules.yaml", "rules:\n- {id: BAD-1, categories: business}\n");
        says(
                command(db, "integrity", "check", "--json", "--rules", "rules.yaml")
                        .in(folder)
                        .run(),
                2,
                "usage",
                "rules.yaml",
                2);
        put("avdaily.yaml", "name: shop\n\nmonitor: {what: 1}\n");
        says(command(db, "monitor", "--json").in(folder).run(), 2, "usage", "avdaily.yaml", 3);
    }

    @Test
    void whatIsMissingInACommandIsSaidOnce() {
        Run run = command("migrate", "generate").run().expect(2);
        assertTrue(run.err().startsWith("avdaily-migrate: Missing required argument"), run.err());
    }

    /** As a user without rights meets it, and wrapped as libraries wrap it. */
    @Test
    void whatTheSystemRefusesIsSaidInWords() {
        Failure denied = Failures.explain(
                new IllegalStateException(new UncheckedIOException(new AccessDeniedException("/etc/shadow"))));
        assertEquals(Failure.Kind.USAGE, denied.kind);
        assertEquals("/etc/shadow cannot be used: permission denied", denied.getMessage());
        Failure large = Failures.explain(
                new PSQLException("Ran out of memory retrieving query results.", PSQLState.OUT_OF_MEMORY));
        assertTrue(large.getMessage().startsWith("a row does not fit into memory ("), large.getMessage());
        assertTrue(large.next.contains("-Xmx"), large.next);
        Failure full = Failures.explain(new IOException("No space left on device"));
        assertEquals(Failure.Kind.ERROR, full.kind);
        assertTrue(full.next.startsWith("make room"), full.next);
        assertEquals("it is not UTF-8", Reason.of(new MalformedInputException(1)));
        assertEquals("Permission denied", Reason.of(new FileNotFoundException("a (b).txt (Permission denied)")));
        assertEquals("the system gives no reason", Reason.of(new IOException()));
    }

    /** What the server lacks, or found in disorder, is no error of the toolkit's. */
    @Test
    void whatTheServerRefusesIsSaidInWords() {
        for (String[] stateAndWay : new String[][] {
            {"53100", "make room"},
            {"53400", "it is the server's"},
            {"58030", "it is the server's"},
            {"XX001", "it is the server's"},
            {"40P01", "nothing of the statement's transaction stays"}
        }) {
            Failure failure = Failures.explain(new SQLException("no", stateAndWay[0]));
            assertEquals(Failure.Kind.ERROR, failure.kind);
            assertTrue(failure.next.startsWith(stateAndWay[1]), failure.next);
        }
    }

    @Test
    void aDumpSaysItsLine() {
        DatabaseUrl db = TestServer.newDatabase();
        put(
                "dump.sql",
                "CREATE TABLE public.a (id int);\nCREATE TABLE public.b (id nothing);\n"
                        + "-- PostgreSQL database dump complete\n");
        Run run = command(db, "restore", "dump.sql", "--yes", "--json")
                .in(folder)
                .with("DB_RESTORE_CONFIRM", "1")
                .run();
        says(run, 25, "sql", "dump.sql", 2);
    }
}
